// What a scenario puts in, and the published figures beside its results, as the
// groups /inputs and /published of a result file.
#pragma once

#include "models/scenario.hpp"
#include "sim/core/tally.hpp"
#include "sim/io/netcdf_file.hpp"

namespace stardsim {

/// Dimension: input, in the order of inputs_of. No group without inputs.
void add_inputs(NetcdfFile&, const Scenario&);

/// Dimension: figure, in the order of Scenario::published. No group without
/// figures. Requires a tally of this scenario.
void add_published(NetcdfFile&, const Scenario&, const Tally&);

}  // namespace stardsim

// Reads the figures that others published, beside which the results are put.
#pragma once

#include "models/scenario.hpp"
#include "sim/io/value_reader.hpp"

#include <optional>
#include <vector>

namespace stardsim {

/// `[published]`, in the order of the file; none if it is absent. What the
/// figures refer to must have been read: pathways, steps, horizon, economics.
std::vector<Published> read_published(const std::optional<Value>&,
                                      const Scenario&, const ValueReader&);

}  // namespace stardsim

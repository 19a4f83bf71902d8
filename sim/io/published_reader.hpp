// Reads the figures that others published, beside which the results are put.
#pragma once

#include "models/scenario.hpp"
#include "sim/io/value_reader.hpp"

#include <optional>
#include <string>
#include <vector>

namespace stardsim {

/// `[published]`, in the order of the file; none if it is absent. What the
/// figures refer to must have been read: pathways, steps, horizon, economics.
/// Their tables may have these other keys, which are left to the caller.
std::vector<Published> read_published(
    const std::optional<Value>&, const Scenario&, const ValueReader&,
    const std::vector<std::string>& other_keys = {});

}  // namespace stardsim

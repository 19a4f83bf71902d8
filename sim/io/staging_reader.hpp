// Reads which covariates the staging methods see.
#pragma once

#include "models/scenario.hpp"
#include "sim/io/section.hpp"

#include <optional>

namespace stardsim {

/// `[staging]`; nothing if it is absent.
std::optional<Staging> read_staging(const std::optional<Value>&, const Cohort&,
                                    Problems&);

}  // namespace stardsim

// Keys of a scenario that name a covariate.
#pragma once

#include "models/cohort.hpp"
#include "sim/io/section.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace stardsim {

/// The covariate of numbers that the key names. Any other is a problem, and
/// nothing; so is an absent key, without a problem.
std::optional<std::size_t> find_number(Section&, const std::string& key,
                                       const Cohort&, Problems&);

/// Likewise a covariate that is 0 or 1 in every patient.
std::optional<std::size_t> find_yes_or_no(Section&, const std::string& key,
                                          const Cohort&, Problems&);

}  // namespace stardsim

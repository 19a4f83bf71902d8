// What several arms have in common is said once.
#pragma once

#include "models/scenario.hpp"

#include <functional>
#include <string>
#include <vector>

namespace stardsim {

/// What is to be said of each arm that a pathway uses, each thing once as a
/// paragraph, with the arms of which it is true unless it is true of all;
/// empty if there is nothing to say.
std::string by_arms(const Scenario&,
                    const std::function<std::vector<std::string>(const Arm&)>&);

}  // namespace stardsim

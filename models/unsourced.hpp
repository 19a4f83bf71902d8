// Which numbers of a scenario do not say where they come from.
#pragma once

#include "models/scenario.hpp"

#include <string>
#include <vector>

namespace stardsim {

/// Key paths of the numbers without a source, each once, steps in the order of
/// the file. A time distribution's source serves for all its parameters.
std::vector<std::string> unsourced(const Scenario&);

}  // namespace stardsim

// Which numbers of a scenario do not say where they come from.
#pragma once

#include "models/scenario.hpp"

#include <string>
#include <vector>

namespace stardsim {

/// Key paths of the inputs (models/inputs.hpp) and of the published figures
/// without a source, each once and in that order.
std::vector<std::string> unsourced(const Scenario&);

}  // namespace stardsim

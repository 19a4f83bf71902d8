// Which numbers of a scenario do not say where they come from.
#pragma once

#include "models/scenario.hpp"

#include <string>
#include <vector>

namespace stardsim {

/// Key paths of the numbers without a source, each once: the cohort's, the
/// treatments', then steps in the order of the file, economics and mortality.
/// The source of a time distribution, a survival or a covariate serves for all
/// its parameters. What no arm uses of a treatment's economics is left out.
std::vector<std::string> unsourced(const Scenario&);

}  // namespace stardsim

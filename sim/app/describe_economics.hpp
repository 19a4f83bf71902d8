// What a scenario values and counts, in words.
#pragma once

#include "models/scenario.hpp"

#include <string>

namespace stardsim {

/// Costs, utilities, harms of treatments, deaths, and who counts as resistant
/// where that matters; empty where the scenario has none of them.
std::string economics_text(const Scenario&);

}  // namespace stardsim

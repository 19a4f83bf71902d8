// What follows an acute step, in words.
#pragma once

#include "models/scenario.hpp"

#include <string>

namespace stardsim {

/// "33.5 % by week 52.18, at a constant hazard".
std::string words_for(const Survival&);

/// Follow-up of the arms, gaps, life after the last step, staging; empty where
/// the scenario has none of them.
std::string later_text(const Scenario&);

}  // namespace stardsim

// A scenario in words.
#pragma once

#include "models/scenario.hpp"

#include <string>

namespace stardsim {

/// What the scenario does: its assumptions, each pathway as a diagram of steps
/// and arms, its sources, and its numbers without one.
std::string description(const Scenario&);

}  // namespace stardsim

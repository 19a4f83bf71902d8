// A scenario in words.
#pragma once

#include "models/intercepts.hpp"
#include "models/scenario.hpp"

#include <string>

namespace stardsim {

/// What the scenario does: its assumptions, who its patients are, each pathway
/// as a diagram of steps and arms, what follows, what it costs, its sources,
/// and its numbers without one. With a report, how well the intercepts were
/// solved.
std::string description(const Scenario&, const InterceptReport* = nullptr);

}  // namespace stardsim

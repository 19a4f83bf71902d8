// The command that simulates and saves.
#pragma once

#include "sim/app/options.hpp"
#include "sim/core/ranks.hpp"

#include <string>

namespace stardsim {

/// Called by all ranks; the first writes and prints. `typed` is the command
/// line. Throws BadUsage, BadScenario, BadCheckpoint, BadResult, CannotRead,
/// CannotWrite, Interrupted.
void run(const Options&, const std::string& typed, Ranks&);

}  // namespace stardsim

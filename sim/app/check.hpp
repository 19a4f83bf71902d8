// The command `check`: what a reviewer can run.
#pragma once

#include "sim/app/options.hpp"

namespace stardsim {

/// Checks the scenarios, or those embedded in the program, and prints a table
/// of what was found. Throws std::runtime_error if a check failed.
void check(const Options&);

}  // namespace stardsim

// The commands of the program, wired from the layers below.
#pragma once

#include "sim/core/ranks.hpp"

namespace stardsim {

/// Exit codes: 0 done, 2 bad input, 3 cannot read or write, 4 interrupted,
/// 1 a fault of the program.
int run_program(int argc, const char* const* argv);

/// The same by several processes that do one run together; rank 0 alone speaks.
int run_program(int argc, const char* const* argv, Ranks&);

}  // namespace stardsim

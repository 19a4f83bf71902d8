// The commands of the program, wired from the layers below.
#pragma once

namespace stardsim {

/// Exit codes: 0 done, 2 bad input, 3 cannot read or write, 4 interrupted,
/// 1 a fault of the program.
int run_program(int argc, const char* const* argv);

}  // namespace stardsim

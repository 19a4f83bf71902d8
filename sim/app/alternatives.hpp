// The command `alternatives`.
#pragma once

#include "sim/app/options.hpp"

#include <string>

namespace stardsim {

/// Runs a scenario and its [alternatives], prints the decision under each, and
/// writes the file that the options ask for. `typed` is the command line.
/// Throws as the commands do.
void alternatives(const Options&, const std::string& typed);

}  // namespace stardsim

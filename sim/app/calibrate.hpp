// The command `calibrate`.
#pragma once

#include "sim/app/options.hpp"

namespace stardsim {

/// Prints the fit and, with -o, writes the calibrated scenario and its draws.
/// Throws as run.
void calibrate(const Options&);

}  // namespace stardsim

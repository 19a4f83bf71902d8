// The command `report`: results as one page to look at.
#pragma once

#include "sim/app/options.hpp"

namespace stardsim {

/// Writes the page; prints where. Throws as the commands do: BadUsage,
/// BadResult, CannotRead, CannotWrite.
void report(const Options&);

}  // namespace stardsim

// Comparing tallies exactly.
#pragma once

#include "sim/core/tally.hpp"

#include <string>

namespace stardsim::test {

/// "" if the two are equal, else the first count in which they differ.
std::string difference(const Tally&, const Tally&);

}  // namespace stardsim::test

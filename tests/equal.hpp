// Comparing tallies exactly.
#pragma once

#include <string>

#include "sim/core/tally.hpp"

namespace stardsim::test {

/// "" if the two are equal, else the first count in which they differ.
std::string difference(const Tally&, const Tally&);

}  // namespace stardsim::test

// What is counted of the life of one patient: the plainest bookkeeping there
// is.
#pragma once

#include "sim/core/life.hpp"

#include <cstddef>

namespace stardsim {

/// Adds a life to the counts of its pathway, as observed (course 1) or as if
/// all continued (course 0). Whether there was a remission in it.
bool count_life(const Engine&, std::size_t pathway, std::size_t course,
                const Life&, PathwayTally&);

}  // namespace stardsim

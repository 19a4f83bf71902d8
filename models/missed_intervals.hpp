// Which stated intervals the distributions that are drawn do not have.
#pragma once

#include "models/scenario.hpp"

#include <string>
#include <vector>

namespace stardsim {

struct MissedInterval {
  std::string key;
  double value, low, high;       ///< as stated
  double drawn_low, drawn_high;  ///< 2.5 % and 97.5 % of the distribution
};

/// Of the numbers with a 95 % interval that are drawn by it, those whose drawn
/// interval misses an end of the stated one by more than a quarter of the
/// stated width: a value far from the middle of its interval. In the order of
/// parameters_of(). Numbers that are held, of a covariance, or drawn elsewhere
/// are none of them, nor is one that has no distribution.
std::vector<MissedInterval> missed_intervals(const Scenario&);

}  // namespace stardsim

// Distribution functions of times in double precision, logarithms taken once:
// what tables of many points are made by, where the last digits do not matter.
#pragma once

#include "models/survival.hpp"
#include "models/time_distribution.hpp"

#include <functional>

namespace stardsim {

/// By week >= 0; within 1e-13 of cumulative(), whatever the mathematical
/// library. Empty for a form that is as quick as it is.
using QuickCumulative = std::function<double(double week)>;

QuickCumulative quick_cumulative(const Survival&);
/// Not rescaled to a step.
QuickCumulative quick_cumulative(const TimeDistribution&);

}  // namespace stardsim

// The draws of a probabilistic run in the cost-effectiveness plane.
#pragma once

#include "sim/analysis/decision_draws.hpp"

#include <cstddef>
#include <vector>

namespace stardsim {

/// Differences of one strategy from the reference in cost and effect, by draw,
/// freed of the luck of patients: mapped linearly about their mean, so that
/// their covariance is that of the draws less that of luck. Where luck is
/// common they are as drawn.
struct PlaneCloud {
  std::vector<double> cost, effect;  ///< of some draws, evenly chosen
  double mean_cost, mean_effect;     ///< of all draws
  /// Of all draws, corrected; 0 with fewer than two.
  double cost_sd, effect_sd, covariance;
};

/// By strategy, with at most so many draws of each; that of the reference is at
/// 0. Requires at least one draw.
std::vector<PlaneCloud> plane_clouds(const DecisionDraws&, std::size_t most);

}  // namespace stardsim

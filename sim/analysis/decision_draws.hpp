// What decision analysis under uncertainty needs of a probabilistic run: means
// of costs and effects by draw and strategy, the parameters they came from, and
// how much of their variance is luck.
#pragma once

#include <Eigen/Dense>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace stardsim {

/// Of one perspective.
struct DecisionDraws {
  std::vector<std::string> strategies;
  std::size_t reference = 0;
  std::uint64_t patients = 0;  ///< of each draw
  Eigen::MatrixXd cost;        ///< [draw][strategy], means over patients
  Eigen::MatrixXd effect;      ///< likewise, QALYs
  /// First-order noise: the covariance matrix of those means within a draw
  /// (per-patient covariance / patients), on average over draws; in the order
  /// cost 0, ..., cost S-1, effect 0, ..., effect S-1. All zero where luck is
  /// common to all draws: then it cannot be told.
  Eigen::MatrixXd noise;
  std::vector<std::string> keys;
  Eigen::MatrixXd parameters;  ///< [draw][parameter]
};

}  // namespace stardsim

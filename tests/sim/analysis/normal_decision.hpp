// Decisions whose net benefits are normal, so that what is told of their
// uncertainty is known in closed form, or by a quadrature of one dimension.
#pragma once

#include "sim/analysis/decision_draws.hpp"

#include <Eigen/Dense>

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace stardsim::test {

inline double normal_density(double x) {
  return std::exp(-x * x / 2) / std::sqrt(2 * 3.14159265358979323846);
}

inline double normal_probability(double x) {
  return std::erfc(-x / std::sqrt(2.0)) / 2;
}

/// E max(0, X) - max(0, m) of X normal with mean m and standard deviation sd:
/// the EVPI of two strategies (Raiffa & Schlaifer 1961, Applied statistical
/// decision theory, section 5.4).
inline double value_of_two(double m, double sd) {
  if (!(sd > 0)) return 0;
  const double distance = std::abs(m) / sd;
  return sd * normal_density(distance) -
         std::abs(m) * normal_probability(-distance);
}

/// E max(0, X, Y) of independent normal X and Y: the integral over t > 0 of
/// the probability that the highest is above t.
inline double mean_of_highest(double mx, double sdx, double my, double sdy) {
  const double to = std::max({mx + 10 * sdx, my + 10 * sdy, 1e-300});
  constexpr int steps = 20'000;  // midpoints; the error is far below 1e-6
  double sum = 0;
  for (int i = 0; i < steps; ++i) {
    const double t = to * (i + 0.5) / steps;
    sum += 1 - normal_probability((t - mx) / sdx) *
                   normal_probability((t - my) / sdy);
  }
  return sum * to / steps;
}

/// Costs and effects are linear in independent standard normal parameters.
struct NormalDecision {
  Eigen::VectorXd mean;  ///< of costs, then of effects
  Eigen::MatrixXd load;  ///< [cost or effect][parameter]
  Eigen::MatrixXd luck;  ///< covariance of one patient's costs and effects
  std::uint64_t patients = 100;

  Eigen::Index strategies() const { return mean.size() / 2; }
  DecisionDraws draws(Eigen::Index count, std::uint64_t seed) const;
};

}  // namespace stardsim::test

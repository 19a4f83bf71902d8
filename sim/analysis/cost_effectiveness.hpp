// Cost-effectiveness of strategies: increments, ICERs with Fieller sets, net
// benefit, dominance and the efficiency frontier. Errors are Monte Carlo errors
// alone, as in comparison.hpp.
#pragma once

#include "sim/analysis/comparison.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace stardsim {

/// The 95 % Fieller set of a ratio (Fieller 1954, J R Stat Soc B 16:175).
struct FiellerSet {
  enum class Form {
    interval,  ///< low to high
    two_rays,  ///< up to low, and from high on
    everything
  };
  Form form;
  double low, high;
};
/// Of numerator / denominator, of which standard errors and covariance are
/// given: the ratios r for which numerator - r * denominator is within 1.96
/// standard errors of zero. An end may be infinite. Everything, with NaN for
/// its ends as always then, if the denominator and its error are both 0.
FiellerSet fieller_set(double numerator, double numerator_se,
                       double denominator, double denominator_se,
                       double covariance);

/// One strategy against another, in one perspective.
struct Increment {
  std::size_t strategy, from;
  Difference cost, effect;
  double covariance;  ///< of the two
  /// Cost per QALY gained. None where the effect difference is within 1.96
  /// standard errors of zero.
  std::optional<double> icer;
  /// By the means, but only where the effect difference is clear. A strategy
  /// that is better and no dearer dominates: then an ICER misleads.
  enum class Quadrant {
    unclear,
    dominates,
    is_dominated,
    dearer_and_better,
    cheaper_and_worse
  } quadrant;
  /// With every ICER, then an interval, and without one, where it says how
  /// little is known; none where the effects are exactly the same.
  std::optional<FiellerSet> set;
};
/// Requires QALYs and the perspective, as the rest below: else they throw
/// std::invalid_argument.
Increment increment(const Comparison&, std::size_t strategy, std::size_t from,
                    std::size_t perspective);

/// Threshold * QALYs - cost, and its difference from the reference, of which
/// the patients in whom it differs are not counted.
struct NetBenefit {
  double threshold;
  Estimate benefit;
  Difference difference;
};
/// By threshold.
std::vector<NetBenefit> net_benefits(const Comparison&, std::size_t strategy,
                                     std::size_t perspective,
                                     const std::vector<double>& thresholds);

/// Where a strategy stands to the efficiency frontier.
struct FrontierPoint {
  std::size_t strategy;
  enum class Status {
    on_frontier,
    dominated,            ///< another is no dearer and no worse, and differs
    extendedly_dominated  ///< a mixture of two others dominates it
  } status;
  /// Against the neighbour below on the frontier; none for the first, and off
  /// it.
  std::optional<Increment> from_neighbour;
  /// Off the frontier: an undominated strategy that dominates it, the nearest
  /// in cost; or the two neighbours on the frontier whose mixture does.
  std::vector<std::size_t> dominated_by;
};
/// All strategies, in ascending order of cost, by the means alone: where two
/// are not clearly apart their increment says so. Equal ones share a status, as
/// neighbours.
std::vector<FrontierPoint> frontier(const Comparison&, std::size_t perspective);

}  // namespace stardsim

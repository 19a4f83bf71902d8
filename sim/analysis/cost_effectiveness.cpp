#include "sim/analysis/cost_effectiveness.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

namespace stardsim {
namespace {

constexpr double not_defined = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

struct Decision {
  std::size_t cost, effect;  // in Comparison::measures()
};

Decision decision_of(const Comparison& comparison, std::size_t perspective) {
  const DecisionMeasures& all = comparison.decision();
  if (all.effect == no_measure)
    throw std::invalid_argument("the runs have no QALYs in common");
  if (perspective >= all.costs.size())
    throw std::invalid_argument("the runs have no such perspective in common");
  return {all.costs[perspective], all.effect};
}

// Of threshold * effect - cost.
struct Benefit {
  double mean, se;
};

Benefit benefit(const Comparison& comparison, const Decision& decision,
                double threshold, std::size_t strategy,
                std::optional<std::size_t> less) {
  const Contrast cost{decision.cost, strategy, less};
  const Contrast effect{decision.effect, strategy, less};
  const double variance =
      threshold * threshold * comparison.covariance(effect, effect) -
      2 * threshold * comparison.covariance(cost, effect) +
      comparison.covariance(cost, cost);
  // Rounding can leave a variance below 0.
  return {threshold * comparison.mean(effect) - comparison.mean(cost),
          std::sqrt(variance < 0 ? 0 : variance)};
}

Increment::Quadrant quadrant_of(double cost, double effect) {
  if (effect > 0)
    return cost > 0 ? Increment::Quadrant::dearer_and_better
                    : Increment::Quadrant::dominates;
  return cost < 0 ? Increment::Quadrant::cheaper_and_worse
                  : Increment::Quadrant::is_dominated;
}

// A strategy in the plane of costs and effects.
struct Point {
  std::size_t strategy;
  double cost, effect;
};

bool is_same(const Point& a, const Point& b) {
  return a.cost == b.cost && a.effect == b.effect;
}

bool dominates(const Point& a, const Point& b) {
  return a.cost <= b.cost && a.effect >= b.effect && !is_same(a, b);
}

// Whether the second lies above the line between its neighbours: going on to
// the third costs less per effect than getting there.
bool is_above_line(const Point& first, const Point& second,
                   const Point& third) {
  return (second.cost - first.cost) * (third.effect - second.effect) >
         (third.cost - second.cost) * (second.effect - first.effect);
}

// Of points in ascending order of cost, of which none dominates another: those
// on the frontier, equal ones once.
std::vector<Point> lower_hull(const std::vector<Point>& points) {
  std::vector<Point> hull;
  for (const Point& point : points) {
    if (!hull.empty() && is_same(hull.back(), point)) continue;
    while (hull.size() > 1 &&
           is_above_line(hull[hull.size() - 2], hull.back(), point))
      hull.pop_back();
    hull.push_back(point);
  }
  return hull;
}

}  // namespace

FiellerSet fieller_set(double numerator, double numerator_se,
                       double denominator, double denominator_se,
                       double covariance) {
  // The r with a r^2 - 2 b r + c <= 0.
  const double z2 = errors_of_95 * errors_of_95;
  const double a =
      denominator * denominator - z2 * denominator_se * denominator_se;
  const double b = numerator * denominator - z2 * covariance;
  const double c = numerator * numerator - z2 * numerator_se * numerator_se;
  const FiellerSet everything{FiellerSet::Form::everything, not_defined,
                              not_defined};
  if (a == 0) {
    if (b == 0) return everything;
    const double end = c / (2 * b);
    return b > 0 ? FiellerSet{FiellerSet::Form::interval, end, infinity}
                 : FiellerSet{FiellerSet::Form::interval, -infinity, end};
  }
  const double discriminant = b * b - a * c;
  if (a < 0 && discriminant <= 0) return everything;
  // A clear denominator always has an interval, which may be a point.
  const double apart = std::sqrt(std::max(discriminant, 0.0));
  // The root that does not cancel, and the other from their product.
  const double sum = b < 0 ? b - apart : b + apart;
  const double one = sum / a, other = sum == 0 ? 0 : c / sum;
  return {a > 0 ? FiellerSet::Form::interval : FiellerSet::Form::two_rays,
          std::min(one, other), std::max(one, other)};
}

Increment increment(const Comparison& comparison, std::size_t strategy,
                    std::size_t from, std::size_t perspective) {
  const Decision decision = decision_of(comparison, perspective);
  Increment result;
  result.strategy = strategy;
  result.from = from;
  result.cost = comparison.difference(strategy, from, decision.cost);
  result.effect = comparison.difference(strategy, from, decision.effect);
  result.covariance = comparison.covariance({decision.cost, strategy, from},
                                            {decision.effect, strategy, from});
  const double cost = result.cost.mean, effect = result.effect.mean;
  const bool is_clear =
      effect != 0 && std::abs(effect) >= errors_of_95 * result.effect.se;
  result.quadrant = Increment::Quadrant::unclear;
  if (is_clear) {
    result.icer = cost / effect;
    result.quadrant = quadrant_of(cost, effect);
  }
  if (is_clear || result.effect.se > 0)
    result.set = fieller_set(cost, result.cost.se, effect, result.effect.se,
                             result.covariance);
  return result;
}

std::vector<NetBenefit> net_benefits(const Comparison& comparison,
                                     std::size_t strategy,
                                     std::size_t perspective,
                                     const std::vector<double>& thresholds) {
  const Decision decision = decision_of(comparison, perspective);
  const std::size_t from = comparison.reference();
  const std::size_t run = comparison.strategies()[strategy].run;
  const double n = static_cast<double>(comparison.runs()[run].patients);
  std::vector<NetBenefit> benefits;
  for (const double threshold : thresholds) {
    const Benefit own = benefit(comparison, decision, threshold, strategy, {});
    const Benefit other = benefit(comparison, decision, threshold, from, {});
    const Benefit both =
        benefit(comparison, decision, threshold, strategy, from);
    NetBenefit result;
    result.threshold = threshold;
    result.benefit = {own.mean, own.se * std::sqrt(n), own.se};
    const double unpaired_se = std::hypot(own.se, other.se);
    const double ratio = both.se / unpaired_se;
    result.difference = {
        both.mean,   both.se,
        unpaired_se, unpaired_se > 0 ? 1 - ratio * ratio : not_defined,
        {},          comparison.is_paired(strategy, from)};
    benefits.push_back(result);
  }
  return benefits;
}

std::vector<FrontierPoint> frontier(const Comparison& comparison,
                                    std::size_t perspective) {
  const Decision decision = decision_of(comparison, perspective);
  std::vector<Point> points;
  for (std::size_t s = 0; s < comparison.strategies().size(); ++s)
    points.push_back({s, comparison.mean({decision.cost, s, {}}),
                      comparison.mean({decision.effect, s, {}})});
  std::stable_sort(
      points.begin(), points.end(), [](const Point& a, const Point& b) {
        return a.cost != b.cost ? a.cost < b.cost : a.effect > b.effect;
      });
  // Ever better as they come, so that the last one dominates if any does.
  std::vector<Point> undominated;
  std::vector<std::optional<std::size_t>> dominator;
  for (const Point& point : points) {
    dominator.emplace_back();
    if (!undominated.empty() && dominates(undominated.back(), point))
      dominator.back() = undominated.back().strategy;
    else
      undominated.push_back(point);
  }
  const std::vector<Point> hull = lower_hull(undominated);

  std::vector<FrontierPoint> all;
  std::optional<std::size_t> below;  // the neighbour
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Point& point = points[i];
    FrontierPoint made{
        point.strategy, FrontierPoint::Status::on_frontier, {}, {}};
    if (dominator[i]) {
      made.status = FrontierPoint::Status::dominated;
      made.dominated_by = {*dominator[i]};
    } else if (std::any_of(hull.begin(), hull.end(), [&](const Point& other) {
                 return is_same(point, other);
               })) {
      if (below)
        made.from_neighbour =
            increment(comparison, point.strategy, *below, perspective);
      below = point.strategy;
    } else {
      made.status = FrontierPoint::Status::extendedly_dominated;
      const auto above = std::find_if(
          hull.begin(), hull.end(),
          [&](const Point& other) { return other.cost > point.cost; });
      made.dominated_by = {(above - 1)->strategy, above->strategy};
    }
    all.push_back(std::move(made));
  }
  return all;
}

}  // namespace stardsim

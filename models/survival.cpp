#include "models/survival.hpp"

#include <cmath>

namespace stardsim {
namespace {

// P(T <= week) of each form; week >= 0.
struct CumulativeAt {
  long double week;

  long double operator()(const ByProbability& survival) const {
    const long double probability = survival.probability.value;
    if (probability >= 1) return week >= survival.by ? 1 : 0;
    return -std::expm1(week / survival.by * std::log1p(-probability));
  }
  long double operator()(const WeibullSurvival& survival) const {
    return -std::expm1(
        -std::pow(week / survival.scale.value,
                  static_cast<long double>(survival.shape.value)));
  }
  // The cumulative hazard is a broken line through the stated points.
  long double operator()(const Piecewise& survival) const {
    long double from_week = 0, from = 0, hazard = 0;
    for (std::size_t i = 0; i < survival.weeks.size(); ++i) {
      const long double to = -std::log1p(
          -static_cast<long double>(survival.probabilities[i].value));
      hazard = (to - from) / (survival.weeks[i] - from_week);
      if (week <= survival.weeks[i]) break;
      from_week = survival.weeks[i];
      from = to;
    }
    return -std::expm1(-(from + hazard * (week - from_week)));
  }
  long double operator()(const After& survival) const {
    return week >= survival.weeks.value ? 1 : 0;
  }
};

}  // namespace

long double cumulative(const Survival& survival, long double week) {
  if (week < 0) return 0;
  const long double seen = survival.weekly ? std::floor(week) : week;
  return std::visit(CumulativeAt{seen}, survival.form);
}

}  // namespace stardsim

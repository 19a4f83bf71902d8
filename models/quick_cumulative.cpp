#include "models/quick_cumulative.hpp"

#include <cmath>
#include <cstddef>
#include <utility>
#include <variant>
#include <vector>

namespace stardsim {
namespace {

QuickCumulative weibull(double shape, double scale) {
  return
      [=](double week) { return -std::expm1(-std::pow(week / scale, shape)); };
}

QuickCumulative exponential(double hazard) {
  return [=](double week) { return -std::expm1(-hazard * week); };
}

struct OfSurvival {
  QuickCumulative operator()(const ByProbability& survival) const {
    const double probability = survival.probability.value;
    if (probability >= 1) return {};
    return exponential(-std::log1p(-probability) / survival.by);
  }
  QuickCumulative operator()(const WeibullSurvival& survival) const {
    return weibull(survival.shape.value, survival.scale.value);
  }
  QuickCumulative operator()(const Piecewise& survival) const {
    // From each week on: the cumulative hazard there, and the hazard.
    struct Piece {
      double until, from_week, from, hazard;
    };
    std::vector<Piece> pieces;
    double from_week = 0, from = 0;
    for (std::size_t i = 0; i < survival.weeks.size(); ++i) {
      const double to = -std::log1p(-survival.probabilities[i].value);
      pieces.push_back({survival.weeks[i], from_week, from,
                        (to - from) / (survival.weeks[i] - from_week)});
      from_week = survival.weeks[i];
      from = to;
    }
    if (pieces.empty()) return {};
    return [pieces = std::move(pieces)](double week) {
      std::size_t i = 0;
      while (i + 1 < pieces.size() && week > pieces[i].until) ++i;
      const Piece& piece = pieces[i];
      return -std::expm1(
          -(piece.from + piece.hazard * (week - piece.from_week)));
    };
  }
  QuickCumulative operator()(const After&) const { return {}; }
};

struct OfTime {
  QuickCumulative operator()(const WeibullTime& time) const {
    return weibull(time.shape.value, time.scale.value);
  }
  QuickCumulative operator()(const ExponentialTime& time) const {
    return exponential(1 / time.mean.value);
  }
  template <class Form>
  QuickCumulative operator()(const Form&) const {
    return {};
  }
};

}  // namespace

QuickCumulative quick_cumulative(const Survival& survival) {
  QuickCumulative whole = std::visit(OfSurvival{}, survival.form);
  if (!whole || !survival.weekly) return whole;
  return [whole = std::move(whole)](double week) {
    return whole(std::floor(week));
  };
}

QuickCumulative quick_cumulative(const TimeDistribution& time) {
  return std::visit(OfTime{}, time.form);
}

}  // namespace stardsim

#include "models/time_distribution.hpp"

#include <boost/math/special_functions/gamma.hpp>

#include <cmath>
#include <stdexcept>

namespace stardsim {
namespace {

// P(T <= week) of each continuous form; week > 0.
struct CumulativeAt {
  long double week;

  long double operator()(const GammaTime& time) const {
    return boost::math::gamma_p<long double>(time.shape.value,
                                             week / time.scale.value);
  }
  long double operator()(const WeibullTime& time) const {
    return -std::expm1(-std::pow(week / time.scale.value,
                                 static_cast<long double>(time.shape.value)));
  }
  long double operator()(const LogNormalTime& time) const {
    const long double z = std::log(week / time.median.value) / time.sigma.value;
    return std::erfc(-z / std::sqrt(2.0L)) / 2;
  }
  long double operator()(const ExponentialTime& time) const {
    return -std::expm1(-week / time.mean.value);
  }
  long double operator()(const FixedTime& time) const {
    return week >= time.week.value ? 1 : 0;
  }
  long double operator()(const DiscreteTime& time) const {
    long double below = 0, all = 0;
    for (std::size_t i = 0; i < time.weeks.size(); ++i) {
      all += time.weights[i];
      if (time.weeks[i] <= week) below += time.weights[i];
    }
    return below / all;
  }
  long double operator()(const AtEndOfStep&) const {
    throw std::logic_error("the end of a step has no distribution function");
  }
};

}  // namespace

long double cumulative(const TimeDistribution& time, long double week) {
  if (week <= 0) return 0;
  return std::visit(CumulativeAt{week}, time.form);
}

}  // namespace stardsim

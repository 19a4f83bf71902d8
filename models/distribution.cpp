#include "models/distribution.hpp"

#include "models/number_text.hpp"

#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/gamma.hpp>
#include <boost/math/distributions/normal.hpp>

#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <stdexcept>

namespace stardsim {
namespace {

constexpr double errors_of_95 = 1.96;  // on either side

/// Double precision throughout, and no exception where a tail underflows.
using Policy = boost::math::policies::policy<
    boost::math::policies::promote_double<false>,
    boost::math::policies::overflow_error<boost::math::policies::ignore_error>,
    boost::math::policies::underflow_error<
        boost::math::policies::ignore_error>>;

[[noreturn]] void refuse(const std::string& why) {
  throw std::invalid_argument(why);
}

double positive_spread(double sd) {
  if (!(sd > 0))
    refuse("a standard deviation of " + in_short(sd) +
           "; one above 0 is needed, or fixed = \"because ...\"");
  return sd;
}

void require_positive(double value, const char* name) {
  if (!(value > 0))
    refuse("a value of " + in_short(value) + " has no " + name +
           " distribution; one above 0 is needed, or distribution = "
           "\"normal\", or fixed = \"because ...\"");
}

// ---- by mean and standard deviation ----

BetaDistribution beta_of(double mean, double sd) {
  if (!(mean > 0 && mean < 1))
    refuse("a value of " + in_short(mean) +
           " has no beta distribution with this spread; give { events, of }, "
           "{ uniform = [low, high] } or fixed = \"because ...\"");
  const double size = mean * (1 - mean) / (sd * sd) - 1;
  if (!(size > 0))
    refuse("a standard deviation of " + in_short(sd) +
           " is too large for a beta distribution of mean " + in_short(mean) +
           ", which has less than " + in_short(std::sqrt(mean * (1 - mean))));
  return {mean * size, (1 - mean) * size};
}

GammaDistribution gamma_of(double mean, double sd) {
  require_positive(mean, "gamma");
  return {(mean / sd) * (mean / sd), sd * sd / mean};
}

LogNormalDistribution log_normal_of_mean(double mean, double sd) {
  require_positive(mean, "log-normal");
  const double relative = 1 + (sd / mean) * (sd / mean);
  return {mean / std::sqrt(relative), std::sqrt(std::log(relative))};
}

// Its variance is median^2 x (x - 1) with x = exp(sigma^2).
LogNormalDistribution log_normal_of_median(double median, double sd) {
  require_positive(median, "log-normal");
  const double relative = sd / median;
  const double x = (1 + std::sqrt(1 + 4 * relative * relative)) / 2;
  return {median, std::sqrt(std::log(x))};
}

// ---- by certainty ----

Shape shape_of(const Evidence& evidence) {
  if (evidence.shape != Shape::by_kind) return evidence.shape;
  switch (evidence.kind) {
    case ValueKind::probability:
      return Shape::beta;
    case ValueKind::utility: {
      const auto* interval = std::get_if<Interval>(&evidence.certainty);
      const bool within = evidence.value > 0 && evidence.value < 1 &&
                          !(interval && interval->low < 0);
      return within ? Shape::beta : Shape::normal;
    }
    case ValueKind::share:
    case ValueKind::positive:
      return Shape::gamma;
    case ValueKind::ratio:
    case ValueKind::amount:
      return Shape::log_normal;
    case ValueKind::number:
    case ValueKind::correlation:
      return Shape::normal;
  }
  throw std::logic_error("no such kind of value");
}

Distribution of_spread(const Evidence& evidence, double sd) {
  positive_spread(sd);
  switch (shape_of(evidence)) {
    case Shape::beta:
      return beta_of(evidence.value, sd);
    case Shape::gamma:
      return gamma_of(evidence.value, sd);
    case Shape::log_normal:
      return evidence.kind == ValueKind::ratio
                 ? log_normal_of_median(evidence.value, sd)
                 : log_normal_of_mean(evidence.value, sd);
    case Shape::normal:
    case Shape::by_kind:
      break;
  }
  return NormalDistribution{evidence.value, sd};
}

Distribution beta_or_point(double value, double a, double b) {
  if (a > 0 && b > 0) return BetaDistribution{a, b};
  return PointDistribution{value};
}

struct DistributionOf {
  const Evidence& evidence;

  Distribution operator()(const Exact&) const {
    return PointDistribution{evidence.value};
  }
  Distribution operator()(const Count& count) const {
    return beta_or_point(evidence.value, count.events, count.of - count.events);
  }
  Distribution operator()(const Sample& sample) const {
    return beta_or_point(evidence.value, evidence.value * sample.of,
                         (1 - evidence.value) * sample.of);
  }
  Distribution operator()(const Interval& interval) const {
    const auto& [low, high] = interval;
    if (!(low < high))
      refuse("an interval from " + in_short(low) + " to " + in_short(high) +
             "; low must be below high, or fixed = \"because ...\"");
    if (!(low <= evidence.value && evidence.value <= high))
      refuse("the value " + in_short(evidence.value) +
             " lies outside its interval, " + in_short(low) + " to " +
             in_short(high));
    const bool is_of_logs = evidence.kind == ValueKind::ratio &&
                            shape_of(evidence) == Shape::log_normal;
    if (!is_of_logs)
      return of_spread(evidence, (high - low) / (2 * errors_of_95));
    if (!(low > 0))
      refuse("a ratio with an interval from " + in_short(low) +
             " has no log-normal distribution; low must be above 0");
    require_positive(evidence.value, "log-normal");
    return LogNormalDistribution{evidence.value,
                                 std::log(high / low) / (2 * errors_of_95)};
  }
  Distribution operator()(const Spread& spread) const {
    return of_spread(evidence, spread.sd);
  }
  Distribution operator()(const Beta& beta) const {
    if (!(beta.a > 0 && beta.b > 0))
      refuse("beta(" + in_short(beta.a) + ", " + in_short(beta.b) +
             "); both must be above 0");
    return BetaDistribution{beta.a, beta.b};
  }
  Distribution operator()(const Uniform& uniform) const {
    if (!(uniform.low < uniform.high))
      refuse("uniform from " + in_short(uniform.low) + " to " +
             in_short(uniform.high) + "; the first must be below the second");
    return UniformDistribution{uniform.low, uniform.high};
  }
};

// ---- what a distribution is ----

using BoostBeta = boost::math::beta_distribution<double, Policy>;
using BoostGamma = boost::math::gamma_distribution<double, Policy>;
using BoostNormal = boost::math::normal_distribution<double, Policy>;

/// P(standard normal < z).
double below(double z) { return std::erfc(-z / std::sqrt(2.0)) / 2; }

double logistic(double x) {
  return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x));
}

struct AtScore {
  double z;
  template <class Law>
  double of(const Law& law) const {
    return z < 0
               ? boost::math::quantile(law, below(z))
               : boost::math::quantile(boost::math::complement(law, below(-z)));
  }
  double operator()(const PointDistribution& law) const { return law.value; }
  double operator()(const BetaDistribution& law) const {
    return of(BoostBeta(law.a, law.b));
  }
  double operator()(const GammaDistribution& law) const {
    return of(BoostGamma(law.shape, law.scale));
  }
  double operator()(const LogNormalDistribution& law) const {
    return law.median * std::exp(law.sigma * z);
  }
  double operator()(const LogitNormalDistribution& law) const {
    return logistic(std::log(law.median / (1 - law.median)) + law.sigma * z);
  }
  double operator()(const NormalDistribution& law) const {
    return law.mean + law.sd * z;
  }
  double operator()(const UniformDistribution& law) const {
    return law.low + below(z) * (law.high - law.low);
  }
};

struct Quantile {
  double p;
  double operator()(const PointDistribution& law) const { return law.value; }
  double operator()(const BetaDistribution& law) const {
    return boost::math::quantile(BoostBeta(law.a, law.b), p);
  }
  double operator()(const GammaDistribution& law) const {
    return boost::math::quantile(BoostGamma(law.shape, law.scale), p);
  }
  double operator()(const LogNormalDistribution& law) const {
    return AtScore{boost::math::quantile(BoostNormal(), p)}(law);
  }
  double operator()(const LogitNormalDistribution& law) const {
    return AtScore{boost::math::quantile(BoostNormal(), p)}(law);
  }
  double operator()(const NormalDistribution& law) const {
    return AtScore{boost::math::quantile(BoostNormal(), p)}(law);
  }
  double operator()(const UniformDistribution& law) const {
    return law.low + p * (law.high - law.low);
  }
};

/// The mean of a power of a logit-normal number, which has no closed form, by
/// the trapezoidal rule over its score: the integrand and all its derivatives
/// vanish at both ends.
double moment(const LogitNormalDistribution& law, int power) {
  constexpr double end = 9, step = 1.0 / 64;
  const double density = 1 / std::sqrt(2 * std::acos(-1.0));
  double sum = 0;
  for (double z = -end; z <= end; z += step)
    sum += std::pow(AtScore{z}(law), power) * std::exp(-z * z / 2);
  return sum * density * step;
}

struct Mean {
  double operator()(const PointDistribution& law) const { return law.value; }
  double operator()(const BetaDistribution& law) const {
    return law.a / (law.a + law.b);
  }
  double operator()(const GammaDistribution& law) const {
    return law.shape * law.scale;
  }
  double operator()(const LogNormalDistribution& law) const {
    return law.median * std::exp(law.sigma * law.sigma / 2);
  }
  double operator()(const LogitNormalDistribution& law) const {
    return moment(law, 1);
  }
  double operator()(const NormalDistribution& law) const { return law.mean; }
  double operator()(const UniformDistribution& law) const {
    return (law.low + law.high) / 2;
  }
};

struct StandardDeviation {
  double operator()(const PointDistribution&) const { return 0; }
  double operator()(const BetaDistribution& law) const {
    const double size = law.a + law.b;
    return std::sqrt(law.a * law.b / (size + 1)) / size;
  }
  double operator()(const GammaDistribution& law) const {
    return std::sqrt(law.shape) * law.scale;
  }
  double operator()(const LogNormalDistribution& law) const {
    const double variance = law.sigma * law.sigma;
    return Mean{}(law)*std::sqrt(std::expm1(variance));
  }
  double operator()(const LogitNormalDistribution& law) const {
    const double first = moment(law, 1);
    return std::sqrt(moment(law, 2) - first * first);
  }
  double operator()(const NormalDistribution& law) const { return law.sd; }
  double operator()(const UniformDistribution& law) const {
    return (law.high - law.low) / std::sqrt(12.0);
  }
};

struct InWords {
  std::string operator()(const PointDistribution&) const { return "fixed"; }
  std::string operator()(const BetaDistribution& law) const {
    return "beta(" + in_short(law.a) + ", " + in_short(law.b) + ")";
  }
  std::string operator()(const GammaDistribution& law) const {
    return "gamma(shape " + in_short(law.shape) + ", scale " +
           in_short(law.scale) + ")";
  }
  std::string operator()(const LogNormalDistribution& law) const {
    return "log-normal(median " + in_short(law.median) + ", sigma " +
           in_short(law.sigma) + ")";
  }
  std::string operator()(const LogitNormalDistribution& law) const {
    return "logit-normal(median " + in_short(law.median) + ", sigma " +
           in_short(law.sigma) + ")";
  }
  std::string operator()(const NormalDistribution& law) const {
    return "normal(mean " + in_short(law.mean) + ", sd " + in_short(law.sd) +
           ")";
  }
  std::string operator()(const UniformDistribution& law) const {
    return "uniform(" + in_short(law.low) + ", " + in_short(law.high) + ")";
  }
};

}  // namespace

Distribution distribution_of(const Evidence& evidence) {
  return std::visit(DistributionOf{evidence}, evidence.certainty);
}

double quantile(const Distribution& distribution, double p) {
  return std::visit(Quantile{p}, distribution);
}

double at_score(const Distribution& distribution, double z) {
  return std::visit(AtScore{z}, distribution);
}

double mean(const Distribution& distribution) {
  return std::visit(Mean{}, distribution);
}

double standard_deviation(const Distribution& distribution) {
  return std::visit(StandardDeviation{}, distribution);
}

std::string in_words(const Distribution& distribution) {
  return std::visit(InWords{}, distribution);
}

}  // namespace stardsim

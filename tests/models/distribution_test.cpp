#include "models/distribution.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <stdexcept>
#include <vector>

using namespace stardsim;

namespace {

Evidence evidence(ValueKind kind, double value,
                  decltype(Evidence::certainty) certainty,
                  Shape shape = Shape::by_kind) {
  Evidence evidence;
  evidence.value = value;
  evidence.certainty = certainty;
  evidence.kind = kind;
  evidence.shape = shape;
  return evidence;
}

// Mean and standard deviation from the quantiles alone: the trapezoidal rule
// over the normal score, from -9 to 9.
struct Moments {
  double mean = 0, sd = 0;
};
Moments moments_by_quantiles(const Distribution& law) {
  constexpr double end = 9, step = 1.0 / 64;
  double mass = 0, first = 0, second = 0;
  for (double z = -end; z <= end; z += step) {
    const double weight = std::exp(-z * z / 2);
    const double x = at_score(law, z);
    mass += weight;
    first += weight * x;
    second += weight * x * x;
  }
  const double mean = first / mass;
  return {mean, std::sqrt(second / mass - mean * mean)};
}

}  // namespace

TEST_CASE("Each form of evidence has the distribution of its kind") {
  struct Case {
    Evidence evidence;
    const char* in_words;
  };
  using K = ValueKind;
  const std::vector<Case> cases = {
      {evidence(K::probability, 0.3, Exact{}), "fixed"},
      {evidence(K::probability, 0.25, Count{25, 100}), "beta(25, 75)"},
      {evidence(K::probability, 0.25, Sample{80}), "beta(20, 60)"},
      {evidence(K::probability, 0.25, Beta{2, 6}), "beta(2, 6)"},
      {evidence(K::probability, 0.2, Uniform{0.1, 0.3}), "uniform(0.1, 0.3)"},
      // m (1 - m) / sd^2 - 1 = 0.25 / 0.0025 - 1 = 99
      {evidence(K::probability, 0.5, Spread{0.05}), "beta(49.5, 49.5)"},
      {evidence(K::utility, 0.5, Spread{0.05}), "beta(49.5, 49.5)"},
      {evidence(K::utility, -0.1, Spread{0.05}), "normal(mean -0.1, sd 0.05)"},
      {evidence(K::utility, 0.1, Interval{-0.096, 0.296}),
       "normal(mean 0.1, sd 0.1)"},
      {evidence(K::number, 3, Interval{1.04, 4.96}), "normal(mean 3, sd 1)"},
      {evidence(K::positive, 4, Spread{2}), "gamma(shape 4, scale 1)"},
      {evidence(K::share, 4, Spread{2}), "gamma(shape 4, scale 1)"},
      {evidence(K::correlation, 0.3, Spread{0.1}), "normal(mean 0.3, sd 0.1)"},
      {evidence(K::amount, 4, Spread{2}, Shape::gamma),
       "gamma(shape 4, scale 1)"},
      {evidence(K::amount, 4, Spread{2}, Shape::normal),
       "normal(mean 4, sd 2)"},
      {evidence(K::probability, 0, Count{0, 30}), "fixed"},
      {evidence(K::probability, 1, Count{30, 30}), "fixed"},
  };
  for (const auto& [what, words] : cases) {
    CAPTURE(words);
    CHECK(in_words(distribution_of(what)) == words);
  }
}

TEST_CASE("A ratio has its value as median and its interval on the log scale") {
  const Distribution law = distribution_of(
      evidence(ValueKind::ratio, 1.5, Interval{1.5 / 1.3, 1.5 * 1.3}));
  CHECK(quantile(law, 0.5) == Approx(1.5));
  CHECK(at_score(law, 1.96) == Approx(1.5 * 1.3));
  CHECK(at_score(law, -1.96) == Approx(1.5 / 1.3));
}

TEST_CASE("Distributions have the mean and spread that were stated") {
  using K = ValueKind;
  const double mean_of_ratio = 1.3 * std::exp(0.5 * 0.2 * 0.2);
  const std::vector<Evidence> cases = {
      evidence(K::probability, 0.3, Spread{0.1}),
      evidence(K::probability, 0.02, Interval{0.01, 0.03}),
      evidence(K::utility, 0.8, Interval{0.7, 0.9}),
      evidence(K::amount, 1000, Spread{400}),
      evidence(K::amount, 1000, Interval{600, 1500}),
      evidence(K::positive, 6.7, Spread{3.8}),
      evidence(K::number, -3, Spread{2}),
      evidence(K::ratio, 1.3, Spread{0.5}, Shape::gamma),
  };
  for (const Evidence& one : cases) {
    const auto* interval = std::get_if<Interval>(&one.certainty);
    const double sd = interval ? (interval->high - interval->low) / 3.92
                               : std::get<Spread>(one.certainty).sd;
    const Distribution law = distribution_of(one);
    CAPTURE(in_words(law));
    CHECK(mean(law) == Approx(one.value).epsilon(1e-12));
    CHECK(standard_deviation(law) == Approx(sd).epsilon(1e-12));
    const Moments by_quantiles = moments_by_quantiles(law);
    CHECK(by_quantiles.mean == Approx(one.value).epsilon(1e-7));
    CHECK(by_quantiles.sd == Approx(sd).epsilon(1e-6));
  }
  // The standard deviation of a ratio is that of the ratio, too.
  const Distribution ratio =
      distribution_of(evidence(K::ratio, 1.3, Spread{0.5}));
  CHECK(quantile(ratio, 0.5) == Approx(1.3));
  CHECK(moments_by_quantiles(ratio).sd == Approx(0.5).epsilon(1e-6));
  CHECK(mean(LogNormalDistribution{1.3, 0.2}) == Approx(mean_of_ratio));
}

TEST_CASE("A logit-normal number has the moments of its quantiles") {
  for (const double median : {0.05, 0.5, 0.8})
    for (const double sigma : {0.1, 1.0}) {
      const Distribution law = LogitNormalDistribution{median, sigma};
      CHECK(quantile(law, 0.5) == Approx(median));
      const Moments by_quantiles = moments_by_quantiles(law);
      CHECK(mean(law) == Approx(by_quantiles.mean).epsilon(1e-9));
      CHECK(standard_deviation(law) == Approx(by_quantiles.sd).epsilon(1e-7));
    }
  // By symmetry.
  CHECK(mean(LogitNormalDistribution{0.5, 1.5}) == Approx(0.5));
}

TEST_CASE("Quantiles rise, and are those of the normal score") {
  const std::vector<Distribution> laws = {
      BetaDistribution{0.5, 20},     GammaDistribution{0.7, 3},
      LogNormalDistribution{2, 0.8}, LogitNormalDistribution{0.3, 1},
      NormalDistribution{-1, 2},     UniformDistribution{-1, 4}};
  for (const Distribution& law : laws) {
    CAPTURE(in_words(law));
    double before = quantile(law, 1e-9);
    for (double p = 0.001; p < 1; p += 0.001) {
      const double now = quantile(law, p);
      REQUIRE(now > before);
      before = now;
    }
    // Phi(1) and Phi(-2).
    CHECK(at_score(law, 1) ==
          Approx(quantile(law, 0.841344746068543)).epsilon(1e-9));
    CHECK(at_score(law, -2) ==
          Approx(quantile(law, 0.0227501319481792)).epsilon(1e-9));
  }
}

TEST_CASE("Impossible distributions say why they are") {
  using K = ValueKind;
  struct Case {
    Evidence evidence;
    const char* why;
  };
  const std::vector<Case> cases = {
      {evidence(K::probability, 0.5, Spread{0.5}),
       "a standard deviation of 0.5 is too large for a beta distribution of "
       "mean 0.5, which has less than 0.5"},
      {evidence(K::probability, 0, Interval{0, 0.1}),
       "a value of 0 has no beta distribution with this spread"},
      {evidence(K::amount, 0, Spread{10}),
       "a value of 0 has no log-normal distribution"},
      {evidence(K::positive, 0, Spread{10}),
       "a value of 0 has no gamma distribution"},
      {evidence(K::ratio, 1, Interval{0, 2}),
       "a ratio with an interval from 0 has no log-normal"},
      {evidence(K::number, 1, Interval{2, 0}), "an interval from 2 to 0"},
      {evidence(K::number, 1, Interval{1, 1}), "an interval from 1 to 1"},
      {evidence(K::number, 5, Interval{0, 2}), "lies outside its interval"},
      {evidence(K::number, 1, Spread{0}), "a standard deviation of 0"},
      {evidence(K::number, 1, Spread{-1}), "a standard deviation of -1"},
      {evidence(K::probability, 0, Beta{0, 3}), "beta(0, 3)"},
      {evidence(K::number, 1, Uniform{2, 1}), "uniform from 2 to 1"},
  };
  for (const auto& [what, why] : cases)
    CHECK_THROWS_WITH(distribution_of(what), Catch::Contains(why));
}

// Sampled values against what was stated, by closed forms. The bounds are those
// of all comparisons of a test together (Bonferroni), at one false alarm in a
// million runs with other seeds; the seeds are fixed.
#include "sim/analysis/parameter_draws.hpp"

#include "sim/analysis/normal_correlation.hpp"
#include "tests/scenarios.hpp"

#include <boost/math/distributions/normal.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

using namespace stardsim;

namespace {

constexpr std::uint32_t draw_count = 100'000;
constexpr std::uint64_t seed = 20'240'607;

/// How many standard errors each of so many comparisons may be off.
double bound(std::size_t comparisons) {
  constexpr double false_alarm = 1e-6;
  return boost::math::quantile(boost::math::complement(
      boost::math::normal(),
      false_alarm / 2 / static_cast<double>(comparisons)));
}

Evidence evidence(const std::string& key, ValueKind kind, double value,
                  decltype(Evidence::certainty) certainty,
                  Shape shape = Shape::by_kind) {
  Evidence evidence;
  evidence.key = key;
  evidence.value = value;
  evidence.certainty = certainty;
  evidence.kind = kind;
  evidence.shape = shape;
  return evidence;
}

/// A scenario of these numbers, each in a step of its own, where nothing binds
/// them: `adequate_weeks` of a treatment takes any.
Scenario scenario_of(const std::vector<Evidence>& numbers) {
  Scenario scenario = test::one_step(0.3, 12);
  for (const Evidence& one : numbers) {
    Treatment treatment;
    treatment.adequate_weeks = one;
    scenario.treatments.push_back(treatment);
  }
  return scenario;
}

struct Samples {
  std::vector<std::vector<double>> of;  ///< [parameter][draw]

  explicit Samples(const ParameterDraws& draws)
      : of(draws.drawn().size(), std::vector<double>(draw_count)) {
    for (std::uint32_t draw = 1; draw <= draw_count; ++draw) {
      const auto values = draws.values(seed, draw);
      for (std::size_t i = 0; i < values.size(); ++i)
        of[i][draw - 1] = values[i];
    }
  }

  double mean(std::size_t i) const {
    double sum = 0;
    for (const double x : of[i]) sum += x;
    return sum / draw_count;
  }
  /// The central moment of this power.
  double moment(std::size_t i, int power) const {
    const double centre = mean(i);
    double sum = 0;
    for (const double x : of[i]) sum += std::pow(x - centre, power);
    return sum / draw_count;
  }
  double sd(std::size_t i) const { return std::sqrt(moment(i, 2)); }
  /// Of the standard deviation, by the delta method from the kurtosis.
  double error_of_sd(std::size_t i) const {
    const double variance = moment(i, 2);
    return std::sqrt((moment(i, 4) - variance * variance) / draw_count) /
           (2 * std::sqrt(variance));
  }
  struct Estimate {
    double value, error;
  };
  /// The covariance, with the standard error of a mean of products.
  Estimate covariance(std::size_t i, std::size_t j) const {
    const double first = mean(i), second = mean(j);
    double sum = 0, squares = 0;
    for (std::size_t d = 0; d < draw_count; ++d) {
      const double product = (of[i][d] - first) * (of[j][d] - second);
      sum += product;
      squares += product * product;
    }
    const double value = sum / draw_count;
    return {value,
            std::sqrt((squares / draw_count - value * value) / draw_count)};
  }
  /// Pearson's, with its standard error by the delta method: that of the mean
  /// of its influence, uv - r (u^2 + v^2) / 2 for standardised u and v.
  Estimate correlation(std::size_t i, std::size_t j) const {
    const double r = covariance(i, j).value / (sd(i) * sd(j));
    double squares = 0;
    for (std::size_t d = 0; d < draw_count; ++d) {
      const double u = (of[i][d] - mean_of_[i]) / sd_of_[i];
      const double v = (of[j][d] - mean_of_[j]) / sd_of_[j];
      const double influence = u * v - r * (u * u + v * v) / 2;
      squares += influence * influence;
    }
    return {r, std::sqrt(squares / draw_count / draw_count)};
  }
  void standardise() {
    for (std::size_t i = 0; i < of.size(); ++i) {
      mean_of_.push_back(mean(i));
      sd_of_.push_back(sd(i));
    }
  }

 private:
  std::vector<double> mean_of_, sd_of_;
};

Uncertainty correlated(const std::vector<std::string>& keys,
                       const std::vector<double>& matrix) {
  Uncertainty uncertainty;
  uncertainty.draws = 1;
  uncertainty.held.push_back({"*", "not of this test"});
  CorrelatedParameters group;
  group.name = "group";
  group.keys = keys;
  group.matrix = matrix;
  uncertainty.correlated.push_back(group);
  return uncertainty;
}

}  // namespace

TEST_CASE("Each form of evidence is sampled with its mean and spread") {
  using K = ValueKind;
  struct Stated {
    Evidence evidence;
    double mean, sd;
  };
  const auto beta_sd = [](double a, double b) {
    return std::sqrt(a * b / (a + b + 1)) / (a + b);
  };
  const double sigma = std::log(1.6 / 1.1) / 3.92;
  const std::vector<Stated> stated = {
      {evidence("count", K::probability, 0.3, Count{30, 100}), 0.3,
       beta_sd(30, 70)},
      {evidence("sample", K::probability, 0.368, Sample{3671}), 0.368,
       beta_sd(0.368 * 3671, 0.632 * 3671)},
      {evidence("beta", K::probability, 0.25, Beta{2, 6}), 0.25, beta_sd(2, 6)},
      {evidence("uniform", K::number, 3, Uniform{1, 5}), 3,
       4 / std::sqrt(12.0)},
      {evidence("interval of a probability", K::probability, 0.48,
                Interval{0.44, 0.52}),
       0.48, 0.08 / 3.92},
      {evidence("interval of a utility", K::utility, 0.85,
                Interval{0.75, 0.93}),
       0.85, 0.18 / 3.92},
      {evidence("interval of a ratio", K::ratio, 1.3, Interval{1.1, 1.6}),
       1.3 * std::exp(sigma * sigma / 2),
       1.3 * std::exp(sigma * sigma / 2) *
           std::sqrt(std::exp(sigma * sigma) - 1)},
      {evidence("interval of an amount", K::amount, 900, Interval{600, 1300}),
       900, 700 / 3.92},
      {evidence("interval of a number", K::number, -2, Interval{-4, 1}), -2,
       5 / 3.92},
      {evidence("interval of weeks", K::positive, 9, Interval{6, 13}), 9,
       7 / 3.92},
      {evidence("sd of a probability", K::probability, 0.1, Spread{0.03}), 0.1,
       0.03},
      {evidence("sd of a negative utility", K::utility, -0.1, Spread{0.05}),
       -0.1, 0.05},
      {evidence("sd of an amount", K::amount, 500, Spread{150}), 500, 150},
      {evidence("sd of weeks", K::positive, 6.7, Spread{3.8}), 6.7, 3.8},
      {evidence("sd of a share", K::share, 2, Spread{0.5}), 2, 0.5},
      {evidence("sd of a correlation", K::correlation, 0.3, Spread{0.1}), 0.3,
       0.1},
      {evidence("an amount by gamma", K::amount, 500, Spread{150},
                Shape::gamma),
       500, 150},
      {evidence("an amount by normal", K::amount, 500, Spread{100},
                Shape::normal),
       500, 100},
      {evidence("a ratio by normal", K::ratio, 2, Interval{1.5, 2.6},
                Shape::normal),
       2, 1.1 / 3.92},
      {evidence("a number by beta", K::number, 0.4, Spread{0.1}, Shape::beta),
       0.4, 0.1},
      {evidence("weeks by log-normal", K::positive, 6, Spread{1},
                Shape::log_normal),
       6, 1},
  };
  std::vector<Evidence> numbers;
  for (const Stated& one : stated) numbers.push_back(one.evidence);
  const ParameterDraws draws(scenario_of(numbers));
  REQUIRE(draws.drawn().size() == stated.size());
  const Samples samples(draws);
  const double limit = bound(2 * stated.size());
  for (std::size_t i = 0; i < stated.size(); ++i) {
    CAPTURE(stated[i].evidence.key, draws.drawn()[i].in_words);
    const double error = stated[i].sd / std::sqrt(double{draw_count});
    CHECK(std::abs(samples.mean(i) - stated[i].mean) < limit * error);
    CHECK(std::abs(samples.sd(i) - stated[i].sd) <
          limit * samples.error_of_sd(i));
  }
}

TEST_CASE("Shares of one sample are Dirichlet") {
  Scenario scenario = test::one_step(0.3, 12);
  Step& step = scenario.steps[0];
  const std::vector<double> counts = {239, 238, 250};
  step.arms.resize(3, step.arms[0]);
  for (std::size_t i = 0; i < 3; ++i)
    step.arms[i].share = evidence("share" + std::to_string(i), ValueKind::share,
                                  counts[i] / 727, Count{counts[i], 727});
  const ParameterDraws draws(scenario);
  REQUIRE(draws.drawn().size() == 3);
  const Samples samples(draws);
  const double limit = bound(9);
  const double whole = 727, scale = whole * whole * (whole + 1);
  for (std::size_t i = 0; i < 3; ++i) {
    const double variance = counts[i] * (whole - counts[i]) / scale;
    CHECK(std::abs(samples.mean(i) - counts[i] / whole) <
          limit * std::sqrt(variance / draw_count));
    for (std::size_t j = 0; j <= i; ++j) {
      const double expected =
          i == j ? variance : -counts[i] * counts[j] / scale;
      const auto [found, error] = samples.covariance(i, j);
      CHECK(std::abs(found - expected) < limit * error);
    }
  }
  const auto values = draws.values(seed, 17);
  CHECK(values[0] + values[1] + values[2] == Approx(1).epsilon(1e-12));
}

TEST_CASE("Outcomes of one arm of one sample are Dirichlet with the rest") {
  Scenario scenario = test::one_step(0.3, 12);
  Arm& arm = scenario.steps[0].arms[0];
  arm.remission =
      evidence("remission", ValueKind::probability, 0.25, Sample{80});
  arm.intolerance =
      evidence("intolerance", ValueKind::probability, 0.5, Count{40, 80});
  const ParameterDraws draws(scenario);
  const Samples samples(draws);
  const double limit = bound(5), scale = 80.0 * 80 * 81;
  const std::vector<double> counts = {20, 40};
  for (std::size_t i = 0; i < 2; ++i) {
    const double variance = counts[i] * (80 - counts[i]) / scale;
    CHECK(std::abs(samples.mean(i) - counts[i] / 80) <
          limit * std::sqrt(variance / draw_count));
    CHECK(std::abs(samples.sd(i) - std::sqrt(variance)) <
          limit * samples.error_of_sd(i));
  }
  const auto [found, error] = samples.covariance(0, 1);
  CHECK(std::abs(found + 20 * 40 / scale) < limit * error);
  for (std::size_t d = 0; d < draw_count; ++d)
    REQUIRE(samples.of[0][d] + samples.of[1][d] < 1);
}

TEST_CASE("Correlated numbers have the correlation that was stated") {
  using K = ValueKind;
  const std::vector<Evidence> numbers = {
      evidence("a", K::probability, 0.3, Count{12, 40}),
      evidence("b", K::ratio, 1.4, Interval{0.9, 2.2}),
      evidence("c", K::amount, 500, Spread{200}),
      evidence("d", K::number, 1, Uniform{0, 2})};
  const std::vector<double> matrix = {1,    0.6, -0.4, 0.3,   //
                                      0.6,  1,   0.1,  0.2,   //
                                      -0.4, 0.1, 1,    -0.5,  //
                                      0.3,  0.2, -0.5, 1};
  Scenario scenario = scenario_of(numbers);
  const ParameterDraws alone(scenario);
  scenario.uncertainty = correlated({"a", "b", "c", "d"}, matrix);
  const ParameterDraws draws(scenario);
  REQUIRE(draws.drawn().size() == 4);
  Samples samples(draws);
  samples.standardise();
  const double limit = bound(6 + 8);
  for (std::size_t i = 0; i < 4; ++i) {
    const Distribution& law = alone.drawn()[i].distribution;
    CHECK(std::abs(samples.mean(i) - mean(law)) <
          limit * standard_deviation(law) / std::sqrt(double{draw_count}));
    CHECK(std::abs(samples.sd(i) - standard_deviation(law)) <
          limit * samples.error_of_sd(i));
    for (std::size_t j = 0; j < i; ++j) {
      CAPTURE(i, j);
      const auto [found, error] = samples.correlation(i, j);
      CHECK(std::abs(found - matrix[4 * i + j]) < limit * error);
    }
  }
}

TEST_CASE("The correlation of normal scores follows the closed forms") {
  const Distribution normal = NormalDistribution{3, 2};
  const Distribution uniform = UniformDistribution{0, 1};
  const double s = 0.5, t = 0.9;
  const Distribution first = LogNormalDistribution{2, s};
  const Distribution second = LogNormalDistribution{7, t};
  for (const double r : {-0.5, -0.2, 0.0, 0.3, 0.7, 0.95}) {
    CAPTURE(r);
    CHECK(normal_correlation(HermiteSeries(normal), HermiteSeries(normal), r) ==
          Approx(r).margin(1e-9));
    // Pearson 1907: r = 6 / pi asin(rho / 2).
    CHECK(
        normal_correlation(HermiteSeries(uniform), HermiteSeries(uniform), r) ==
        Approx(2 * std::sin(std::acos(-1.0) * r / 6)).margin(1e-8));
    // Of logarithms: exp(rho s t) - 1 over both variances' roots.
    const double product = std::sqrt(std::expm1(s * s) * std::expm1(t * t)) * r;
    CHECK(normal_correlation(HermiteSeries(first), HermiteSeries(second), r) ==
          Approx(std::log1p(product) / (s * t)).margin(1e-8));
  }
}

TEST_CASE("A covariance holds on its scale, with the values as medians") {
  using Scale = CorrelatedParameters::Scale;
  for (const Scale scale : {Scale::itself, Scale::log, Scale::logit}) {
    Scenario scenario =
        scenario_of({evidence("a", ValueKind::probability, 0.3, Exact{}),
                     evidence("b", ValueKind::probability, 0.6, Exact{})});
    scenario.uncertainty = correlated({"a", "b"}, {4e-4, 3e-4, 3e-4, 9e-4});
    scenario.uncertainty->correlated[0].is_covariance = true;
    scenario.uncertainty->correlated[0].scale = scale;
    const ParameterDraws draws(scenario);
    Samples samples(draws);
    const auto scaled = [&](double x) {
      return scale == Scale::log     ? std::log(x)
             : scale == Scale::logit ? std::log(x / (1 - x))
                                     : x;
    };
    for (auto& column : samples.of)
      for (double& x : column) x = scaled(x);
    samples.standardise();
    const double limit = bound(3 * 5);
    const double root = std::sqrt(double{draw_count});
    CHECK(std::abs(samples.mean(0) - scaled(0.3)) < limit * 0.02 / root);
    CHECK(std::abs(samples.mean(1) - scaled(0.6)) < limit * 0.03 / root);
    CHECK(std::abs(samples.sd(0) - 0.02) < limit * samples.error_of_sd(0));
    CHECK(std::abs(samples.sd(1) - 0.03) < limit * samples.error_of_sd(1));
    const auto [found, error] = samples.correlation(0, 1);
    CHECK(std::abs(found - 0.5) < limit * error);
  }
}

TEST_CASE("External draws come row by row, and end") {
  Scenario scenario =
      scenario_of({evidence("a", ValueKind::number, 1, Exact{})});
  scenario.uncertainty.emplace();
  scenario.uncertainty->draws = 2;
  scenario.uncertainty->held.push_back({"*", "not of this test"});
  scenario.uncertainty->external.push_back(
      {"posterior", "p.csv", {"a"}, {"p"}, {{5, 7}}});
  const ParameterDraws draws(scenario);
  REQUIRE(draws.drawn().size() == 1);
  CHECK(draws.drawn()[0].in_words == "column p of p.csv");
  CHECK(draws.values(1, 0) == std::vector<double>{1});
  CHECK(draws.values(1, 1) == std::vector<double>{5});
  CHECK(draws.values(9, 2) == std::vector<double>{7});
  CHECK_THROWS_WITH(draws.values(1, 3),
                    "uncertainty.external.posterior: 2 rows; draw 3 has none");
}

TEST_CASE("The draw of a number does not depend on the other numbers") {
  const Evidence a = evidence("a", ValueKind::probability, 0.3, Count{3, 10});
  const Evidence b = evidence("b", ValueKind::amount, 3, Spread{1});
  const ParameterDraws alone(scenario_of({a})), both(scenario_of({b, a}));
  for (std::uint32_t draw = 1; draw < 100; ++draw)
    CHECK(alone.values(7, draw)[0] == both.values(7, draw)[1]);
  CHECK(alone.values(7, 1) != alone.values(8, 1));
  CHECK(alone.values(7, 1) != alone.values(7, 2));
}

// If all continue, 1 less the product of those without remission. The draws of
// its steps are independent, so that the moments of the product are products.
TEST_CASE(
    "STAR*D's cumulative remission has the mean and spread of its rates") {
  const ParameterDraws draws(test::from_file("configs/stard.toml"));
  struct Rate {
    double p, of;
  };
  const std::vector<Rate> rates = {
      {0.368, 3671}, {0.306, 1439}, {0.137, 390}, {0.130, 123}};
  double product = 1, second = 1, by_delta = 0;
  for (const auto& [p, of] : rates) {
    const double variance = p * (1 - p) / (of + 1);
    product *= 1 - p;
    second *= (1 - p) * (1 - p) + variance;
    by_delta += p / (1 - p) / of;
  }
  const double sd = std::sqrt(second - product * product);
  CHECK(sd == Approx(product * std::sqrt(by_delta)).epsilon(0.01));

  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < draws.drawn().size(); ++i) {
    const std::string& key = draws.drawn()[i].parameter.evidence.key;
    if (matches("steps.*.remission", key)) places.push_back(i);
  }
  REQUIRE(places.size() == 4);
  std::vector<double> cumulative;
  double sum = 0, squares = 0;
  for (std::uint32_t draw = 1; draw <= draw_count; ++draw) {
    const auto values = draws.values(seed, draw);
    double without = 1;
    for (const std::size_t i : places) without *= 1 - values[i];
    cumulative.push_back(1 - without);
    sum += without;
    squares += without * without;
  }
  const double found = sum / draw_count;
  const double limit = bound(2);
  CHECK(std::abs(found - product) < limit * sd / std::sqrt(draw_count));
  // Nearly normal: the error of a standard deviation is sd / sqrt(2 n).
  CHECK(std::abs(std::sqrt(squares / draw_count - found * found) - sd) <
        1.2 * limit * sd / std::sqrt(2.0 * draw_count));
  std::sort(cumulative.begin(), cumulative.end());
  // 64.2 to 70.1 %, to the last digit and three errors of such a quantile,
  // sqrt(0.025 0.975 / n) / density, the density phi(1.96) / sd.
  const double slack =
      0.0005 + 3 * std::sqrt(0.025 * 0.975 / draw_count) * sd / 0.0584;
  CHECK(std::abs(cumulative[draw_count / 40] - 0.642) < slack);
  CHECK(std::abs(cumulative[draw_count - draw_count / 40] - 0.701) < slack);
}

TEST_CASE("Draw 0 is the scenario as stated") {
  const Scenario scenario = test::from_file("configs/ect_timing.toml");
  const ParameterDraws draws(scenario);
  const Scenario same = draws.scenario(draws.values(1, 0));
  const auto expected = parameters_of(scenario), found = parameters_of(same);
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i)
    CHECK(found[i].evidence == expected[i].evidence);
  CHECK_FALSE(draws.had_to_be_cut(draws.values(1, 0)));
}

TEST_CASE("Outcomes drawn apart are cut to what the first ones leave") {
  Scenario scenario = test::one_step(0.3, 12);
  Arm& arm = scenario.steps[0].arms[0];
  arm.remission = evidence("r", ValueKind::probability, 0.5, Uniform{0.1, 0.9});
  arm.partial_response =
      evidence("p", ValueKind::probability, 0.3, Uniform{0.1, 0.5});
  arm.intolerance = evidence("i", ValueKind::probability, 0.1, Exact{});
  const ParameterDraws draws(scenario);
  CHECK_FALSE(draws.had_to_be_cut({0.5, 0.4}));
  CHECK(draws.had_to_be_cut({0.8, 0.4}));
  const Arm cut = draws.scenario({0.8, 0.4}).steps[0].arms[0];
  CHECK(cut.remission.value == 0.8);
  CHECK(cut.partial_response->value == Approx(0.1));
  CHECK(cut.intolerance->value == 0.1);
}

TEST_CASE("A Dirichlet without a rest is not cut for its rounding") {
  Scenario scenario = test::one_step(0.3, 12);
  Arm& arm = scenario.steps[0].arms[0];
  arm.remission = evidence("r", ValueKind::probability, 0.5, Count{50, 100});
  arm.intolerance = evidence("i", ValueKind::probability, 0.5, Count{50, 100});
  const ParameterDraws draws(scenario);
  for (std::uint32_t d = 1; d <= 1000; ++d)
    REQUIRE_FALSE(draws.had_to_be_cut(draws.values(1, d)));
}

TEST_CASE("Probabilities by week never fall, wherever one of them is held") {
  Scenario scenario = test::one_step(0.3, 12);
  Piecewise relapse{{10, 20, 30},
                    {evidence("a", ValueKind::probability, 0.3, Beta{30, 70}),
                     evidence("b", ValueKind::probability, 0.35, Exact{}),
                     evidence("c", ValueKind::probability, 0.4, Beta{40, 60})}};
  scenario.horizon = 100;
  scenario.steps[0].arms[0].follow_up_remitted.relapse =
      Survival{relapse, false, "", "", "s"};
  const ParameterDraws draws(scenario);
  REQUIRE(draws.drawn().size() == 2);
  CHECK_FALSE(draws.had_to_be_cut({0.3, 0.4}));
  const std::vector<double> wild{0.5, 0.2};
  CHECK(draws.had_to_be_cut(wild));
  const Scenario cut = draws.scenario(wild);
  const auto& form = std::get<Piecewise>(
      cut.steps[0].arms[0].follow_up_remitted.relapse->form);
  for (const Evidence& probability : form.probabilities)
    CHECK(probability.value == 0.35);
}

TEST_CASE("What cannot be drawn is refused in one line that says where") {
  using K = ValueKind;
  const auto problem = [](const Scenario& scenario) {
    try {
      const ParameterDraws draws(scenario);
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
    return std::string("none");
  };
  CHECK_THAT(
      problem(scenario_of({evidence("a", K::probability, 0.5, Spread{0.6})})),
      Catch::StartsWith("a: a standard deviation of 0.6 is too large"));
  CHECK_THAT(problem(scenario_of(
                 {evidence("a", K::utility, 0.9, Spread{0.2}, Shape::normal)})),
             Catch::StartsWith(
                 "a: normal(mean 0.9, sd 0.2) leaves what is possible there"));
  Scenario undecided = scenario_of({evidence("a", K::number, 2, Exact{})});
  undecided.uncertainty.emplace();
  CHECK_THAT(problem(undecided),
             Catch::StartsWith(
                 "a: has neither a distribution nor a reason to be held"));
  // Two exponential-like numbers cannot oppose each other fully.
  Scenario opposed = scenario_of({evidence("a", K::amount, 1, Spread{1}),
                                  evidence("b", K::amount, 1, Spread{1})});
  opposed.uncertainty = correlated({"a", "b"}, {1, -0.9, -0.9, 1});
  CHECK_THAT(problem(opposed),
             Catch::StartsWith("uncertainty.correlated.group: the correlation "
                               "of a and b: -0.9 is not possible with these "
                               "distributions, -0.5 to 1 is"));
}

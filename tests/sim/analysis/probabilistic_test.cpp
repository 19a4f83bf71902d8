#include "sim/analysis/probabilistic.hpp"

#include "models/variant_law.hpp"
#include "sim/analysis/parameter_draws.hpp"
#include "sim/core/draws.hpp"
#include "tests/scenarios.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <optional>
#include <random>
#include <string>
#include <vector>

using namespace stardsim;
using namespace stardsim::test;

namespace {

/// Whether draws have numbers of their own, or differ by luck alone.
enum class Numbers { drawn, as_stated };

struct Made {
  Scenario scenario;
  ProbabilisticRun run;
  RowsInMemory rows;
  ProbabilisticSummary summary;
};

Made probabilistic(Scenario scenario, std::uint32_t draws,
                   std::uint64_t patients, Numbers numbers = Numbers::drawn,
                   bool common_luck = false) {
  const ParameterDraws parameters(scenario);
  std::vector<std::string> keys;
  for (const DrawnParameter& one : parameters.drawn())
    keys.push_back(one.parameter.evidence.key);
  ProbabilisticRun run(scenario, draws, patients, common_luck, keys);
  RowsInMemory rows(run.layout.size, draws);
  const VariantLaws laws(scenario);
  const auto values_of = [&](std::uint32_t draw) {
    return parameters.values(scenario.cohort.seed,
                             numbers == Numbers::drawn ? draw : 0);
  };
  DrawOptions options;
  options.count = draws;
  options.patients = patients;
  options.seed = scenario.cohort.seed;
  options.common_luck = common_luck;
  simulate_draws(
      options,
      [&](std::uint32_t draw) {
        return laws.compile(parameters.scenario(values_of(draw)),
                            Intercepts::solved);
      },
      [&](std::uint32_t draw, const Tally& tally) {
        rows.write(draw, run.row(values_of(draw), false, scenario, tally));
      });
  RunOptions base;
  base.patients = std::max<std::uint64_t>(patients, 200'000);
  base.luck.seed = options.seed;
  std::optional<Expectation> exact;
  try {
    exact = expect(laws.base());
  } catch (const std::domain_error&) {
  }
  const auto stated = stated_outcomes(scenario, simulate(laws.base(), base),
                                      exact ? &*exact : nullptr);
  auto summary = summarise(run, rows, stated);
  return {std::move(scenario), std::move(run), std::move(rows),
          std::move(summary)};
}

}  // namespace

TEST_CASE("Quantiles are those of definition 7 of Hyndman and Fan",
          "[uncertainty]") {
  // Of 0, 1, ..., 1000 the quantile at p is 1000 p.
  std::vector<double> values;
  for (int i = 1000; i >= 0; --i) values.push_back(i);
  const CredibleSpread spread = spread_of(values, 0);
  CHECK(spread.mean == Approx(500));
  CHECK(spread.low_naive == Approx(25));
  CHECK(spread.high_naive == Approx(975));
  CHECK(spread.low == Approx(25));
  // The variance of a discrete uniform distribution, with n - 1.
  CHECK(spread.sd_naive == Approx(std::sqrt(1001.0 * 1002 / 12)));
  CHECK(spread.mean_se == Approx(spread.sd_naive / std::sqrt(1001.0)));
  // One binomial standard error of the probability, as distance.
  CHECK(spread.low_se ==
        Approx(1000 * std::sqrt(0.025 * 0.975 / 1001)).epsilon(1e-6));
  CHECK(spread.luck_share == 0);
}

TEST_CASE("What is luck is taken off the spread, and the mean stays",
          "[uncertainty]") {
  // Normal parameters with sd 3 and luck with sd 4: draws have sd 5.
  std::mt19937_64 random(20);
  std::normal_distribution<double> parameter(10, 3), luck(0, 4);
  std::vector<double> values;
  constexpr int draws = 20'000;
  for (int d = 0; d < draws; ++d)
    values.push_back(parameter(random) + luck(random));
  const CredibleSpread spread = spread_of(values, 16);
  // Var(draws) has the standard error 25 sqrt(2 / n).
  const double error = 25 * std::sqrt(2.0 / draws);
  CHECK(std::abs(spread.sd_naive * spread.sd_naive - 25) < 3 * error);
  CHECK(std::abs(spread.sd * spread.sd - 9) < 3 * error);
  CHECK(spread.luck_share == Approx(16.0 / 25).margin(3 * error / 25));
  CHECK(std::abs(spread.low - (10 - 1.959964 * 3)) < 4 * spread.low_se);
  CHECK(std::abs(spread.high - (10 + 1.959964 * 3)) < 4 * spread.high_se);
  CHECK(spread.low_naive < spread.low);
  CHECK(spread.high < spread.high_naive);
}

TEST_CASE("Where luck makes all of the spread no interval is told",
          "[uncertainty]") {
  const CredibleSpread spread = spread_of({1, 2, 3}, 5);
  CHECK(spread.mean == 2);
  CHECK(spread.luck_share == 1);
  CHECK(spread.low_naive < 2);
  for (const double corrected :
       {spread.sd, spread.low, spread.high, spread.low_se, spread.high_se})
    CHECK(std::isnan(corrected));
  // Nor where what is left is less than its standard error, that of the
  // variance: of 201 draws a tenth.
  std::vector<double> values;
  for (int d = -100; d <= 100; ++d) values.push_back(d);
  const double variance = 201.0 * 202 / 12;  // 2 (1 + 4 + ... + 100^2) / 200
  CHECK(std::isnan(spread_of(values, 0.91 * variance).low));
  CHECK(spread_of(values, 0.89 * variance).sd ==
        Approx(std::sqrt(0.11 * variance)));
  CHECK(std::isnan(spread_of({1}, 0).sd));
  CHECK(spread_of({1}, 0).mean == 1);
}

TEST_CASE("The error of a corrected interval is how it varies over repeats",
          "[uncertainty]") {
  // Parameters with sd 3, luck with sd 6: four fifths of the variance.
  std::mt19937_64 random(7);
  std::normal_distribution<double> parameter(0, 3), luck(0, 6);
  constexpr int repeats = 400, draws = 1000;
  double sum = 0, squares = 0, stated = 0;
  for (int r = 0; r < repeats; ++r) {
    std::vector<double> values;
    for (int d = 0; d < draws; ++d)
      values.push_back(parameter(random) + luck(random));
    const CredibleSpread spread = spread_of(std::move(values), 36);
    sum += spread.low;
    squares += spread.low * spread.low;
    stated += spread.low_se / repeats;
  }
  const double mean = sum / repeats;
  const double sd =
      std::sqrt((squares / repeats - mean * mean) * repeats / (repeats - 1.0));
  // A standard deviation of so many repeats has an error of 1 / sqrt(2 n) of
  // itself; that the error is stated to first order, and that the two parts of
  // it go together, is allowed a fifth.
  CHECK(std::abs(stated / sd - 1) < 0.2 + 3 / std::sqrt(2.0 * repeats));
}

TEST_CASE("STAR*D: 67.1 % in remission, 95 % interval 64.2 to 70.1 %",
          "[uncertainty][stard]") {
  const Made made =
      probabilistic(from_file("configs/stard.toml"), 2000, 10'000);
  const UncertainOutcome& ever = made.summary.outcomes[0];
  // Delta method: sqrt(sum (dC / dp)^2 p (1 - p) / n).
  const double p[] = {0.368, 0.306, 0.137, 0.130};
  const double of[] = {3671, 1439, 390, 123};
  double none = 1, variance = 0;
  for (const double one : p) none *= 1 - one;
  for (int s = 0; s < 4; ++s)
    variance +=
        none * none / (1 - p[s]) / (1 - p[s]) * p[s] * (1 - p[s]) / of[s];
  const double sd = std::sqrt(variance);
  CHECK(sd == Approx(0.01504).margin(5e-6));
  // Linear in each of four independent numbers: no gap.
  CHECK(ever.stated == Approx(1 - none).margin(1e-6));
  CHECK(std::abs(ever.gap) < 3 * ever.gap_se);
  CHECK(ever.gap_se < 0.0005);
  // The error of a variance from n draws, which luck adds to.
  const double total = ever.spread.sd_naive * ever.spread.sd_naive;
  CHECK(std::abs(ever.spread.sd * ever.spread.sd - variance) <
        3 * total * std::sqrt(2.0 / 2000));
  // The published interval is of three figures.
  CHECK(std::abs(ever.spread.mean - 0.671) < 0.0005 + 3 * ever.gap_se);
  CHECK(std::abs(ever.spread.low - 0.642) < 0.0005 + 3 * ever.spread.low_se);
  CHECK(std::abs(ever.spread.high - 0.701) < 0.0005 + 3 * ever.spread.high_se);
  // Bands of curves are the same figures, week by week.
  const CredibleBand& band = made.summary.bands[0];
  CHECK(band.mean.back() == Approx(ever.spread.mean));
  CHECK(band.low.back() == Approx(ever.spread.low).margin(1e-5));
  for (std::size_t w = 1; w < band.mean.size(); ++w) {
    CHECK(band.low[w] >= band.low[w - 1] - 1e-3);
    CHECK(band.low_naive[w] <= band.low[w]);
    CHECK(band.high[w] <= band.high_naive[w]);
  }
}

TEST_CASE("Numbers as stated, with common luck, give every draw the same means",
          "[uncertainty]") {
  const Made made = probabilistic(from_file("configs/stard_follow_up.toml"), 5,
                                  2000, Numbers::as_stated, true);
  for (const UncertainOutcome& one : made.summary.outcomes) {
    CHECK(one.spread.sd_naive < 1e-12);
    CHECK(std::isnan(one.spread.luck_share));
  }
  const auto means_of = [&](std::uint32_t draw) {
    return values_of_rows<double>(made.rows, draw, 1, made.run.layout.mean,
                                  made.run.figures());
  };
  for (std::uint32_t draw = 2; draw <= 5; ++draw)
    CHECK(means_of(draw) == means_of(1));
}

TEST_CASE("The covariance within draws is that of luck alone",
          "[uncertainty][slow]") {
  constexpr std::uint32_t draws = 400;
  const Made made = probabilistic(from_file("configs/bench/psa.toml"), draws,
                                  1000, Numbers::as_stated);
  const DecisionDraws decision = decision_draws(made.run, made.rows, 0);
  Eigen::MatrixXd all(draws, decision.cost.cols() + decision.effect.cols());
  all << decision.cost, decision.effect;
  const Eigen::MatrixXd centred = all.rowwise() - all.colwise().mean();
  const Eigen::MatrixXd between = centred.transpose() * centred / (draws - 1.0);
  for (Eigen::Index i = 0; i < between.rows(); ++i)
    for (Eigen::Index j = 0; j < between.cols(); ++j) {
      // Of a covariance of normal numbers.
      const double error =
          std::sqrt((decision.noise(i, i) * decision.noise(j, j) +
                     decision.noise(i, j) * decision.noise(i, j)) /
                    (draws - 1));
      CHECK(std::abs(between(i, j) - decision.noise(i, j)) < 4.5 * error);
    }
  // All of the spread is luck, but for the error of a variance.
  const CredibleSpread& spread = made.summary.outcomes[0].spread;
  CHECK(spread.luck_share > 1 - 3 * std::sqrt(2.0 / draws));
}

TEST_CASE("Under frailty the mean of draws has a gap that is told",
          "[uncertainty]") {
  const Made made =
      probabilistic(from_file("configs/stard_frailty.toml"), 60, 2000);
  for (std::size_t p = 0; p < made.run.pathways.size(); ++p) {
    const UncertainOutcome& ever =
        made.summary.outcomes[p * made.run.measures.size()];
    CHECK(ever.gap_se > 0);
    WARN(made.run.pathways[p] << ": gap " << 100 * ever.gap << " ("
                              << 100 * ever.gap_se << ") percentage points");
  }
}

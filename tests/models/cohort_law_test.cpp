#include "models/cohort_law.hpp"

#include "models/smooth_tables.hpp"
#include "sim/core/words.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

using namespace stardsim;

namespace {

Evidence number(double value) {
  Evidence evidence;
  evidence.value = value;
  return evidence;
}

template <class Form>
Covariate with(Form form, std::optional<double> low = {},
               std::optional<double> high = {}) {
  Covariate covariate;
  covariate.form = form;
  covariate.low = low;
  covariate.high = high;
  return covariate;
}

Cohort of(std::vector<Covariate> covariates) {
  Cohort cohort;
  cohort.covariates = std::move(covariates);
  return cohort;
}

CovariateLaw law_of(const Covariate& covariate) {
  return compile(of({covariate})).covariates[0];
}

double phi(double z) { return std::erfc(-z / std::sqrt(2.0)) / 2; }

constexpr float infinite = std::numeric_limits<float>::infinity();

// The patients 0, 1, ... with their independent normal scores.
std::vector<std::vector<float>> patients_of(const CohortLaw& law, int count) {
  std::vector<std::vector<float>> patients;
  for (std::uint64_t patient = 0; patient < static_cast<std::uint64_t>(count);
       ++patient) {
    std::vector<float> scores;
    for (std::uint32_t c = 0; c < law.covariates.size(); ++c)
      scores.push_back(
          normal_score(word({2006, 0}, patient, Purpose::covariate, c)));
    patients.push_back(law.values(scores, 0));
  }
  return patients;
}

struct Moments {
  double mean = 0, sd = 0;
};

Moments moments(const std::vector<std::vector<float>>& patients,
                std::size_t c) {
  Moments found;
  const auto n = static_cast<double>(patients.size());
  for (const auto& patient : patients) found.mean += patient[c] / n;
  for (const auto& patient : patients)
    found.sd += (patient[c] - found.mean) * (patient[c] - found.mean) / n;
  found.sd = std::sqrt(found.sd);
  return found;
}

double correlation(const std::vector<std::vector<float>>& patients,
                   std::size_t a, std::size_t b) {
  const Moments of_a = moments(patients, a), of_b = moments(patients, b);
  double sum = 0;
  for (const auto& patient : patients)
    sum += (patient[a] - of_a.mean) * (patient[b] - of_b.mean);
  return sum / static_cast<double>(patients.size()) / of_a.sd / of_b.sd;
}

}  // namespace

TEST_CASE("An untruncated normal covariate is linear in its score",
          "[models]") {
  const auto law = law_of(with(NormalCovariate{number(40.8), number(13)}));
  for (const float z : {-7.9F, -6.3F, -2.0F, -0.123F, 0.0F, 1.7F, 6.34F})
    CHECK(law.value(z) == Approx(40.8 + 13.0 * z).margin(1e-5));
  // Whole multiples of 1/256 are entries of the table: there it is exact.
  CHECK(law.value(3.5F) == static_cast<float>(40.8L + 13.0L * 3.5L));
  CHECK(law.value(100) == law.value(8));
  CHECK(law.value(-100) == law.value(-8));
}

TEST_CASE("A log-normal covariate is exp of a line", "[models]") {
  const auto law = law_of(with(LogNormalCovariate{number(8), number(1.2)}));
  CHECK(law.value(0) == 8);
  // The chord of an interval of 1/256 lies at most (1.2/256)^2/8 above.
  for (const float z : {-6.2F, -1.013F, 0.501F, 2.3F, 6.2F})
    CHECK(law.value(z) == Approx(8 * std::exp(1.2 * z)).epsilon(4e-6));
}

TEST_CASE("Beta covariates have the closed forms of a or b equal to 1",
          "[models]") {
  const auto uniform = law_of(with(BetaCovariate{number(1), number(1)}));
  const auto square = law_of(with(BetaCovariate{number(2), number(1)}));
  const auto cube = law_of(with(BetaCovariate{number(1), number(3)}));
  for (const float z : {-5.0F, -1.3F, 0.0F, 0.77F, 2.9F}) {
    CHECK(uniform.value(z) == Approx(phi(z)).margin(1e-6));
    CHECK(square.value(z) == Approx(std::sqrt(phi(z))).margin(1e-6));
    CHECK(cube.value(z) == Approx(1 - std::cbrt(phi(-z))).margin(1e-6));
  }
}

TEST_CASE("Truncation rescales the distribution function", "[models]") {
  // Age in STAR*D: 18 to 75 years.
  const auto age =
      law_of(with(NormalCovariate{number(40.8), number(13)}, 18., 75.));
  const double below = phi((18 - 40.8) / 13), above = phi((75 - 40.8) / 13);
  for (const float z : {-4.0F, -1.0F, 0.0F, 0.6F, 2.5F, 4.0F})
    CHECK((phi((age.value(z) - 40.8) / 13) - below) / (above - below) ==
          Approx(phi(z)).margin(1e-6));
  CHECK(age.value(-8) >= 18);
  CHECK(age.value(8) <= 75);
  CHECK(age.value(-8) == Approx(18).margin(1e-4));
  CHECK(age.value(8) == Approx(75).margin(1e-4));

  const auto months =
      law_of(with(LogNormalCovariate{number(8), number(1.2)}, 2.));
  const double cut_off = phi(std::log(2 / 8.0) / 1.2);
  for (const float z : {-3.0F, 0.0F, 1.5F})
    CHECK((phi(std::log(months.value(z) / 8) / 1.2) - cut_off) /
              (1 - cut_off) ==
          Approx(phi(z)).margin(2e-6));
  CHECK(months.value(-8) >= 2);

  const auto part = law_of(with(BetaCovariate{number(1), number(1)}, 0.2, 0.6));
  CHECK(part.value(0) == Approx(0.4).margin(1e-7));
  CHECK(part.value(1) == Approx(0.2 + 0.4 * phi(1)).margin(1e-6));
}

TEST_CASE("A bound of 0 or less leaves a log-normal covariate whole",
          "[models]") {
  const auto whole = law_of(with(LogNormalCovariate{number(8), number(1.2)}));
  const auto bounded =
      law_of(with(LogNormalCovariate{number(8), number(1.2)}, 0., 1e9));
  for (const float z : {-6.0F, 0.3F, 6.0F})
    CHECK(bounded.value(z) == Approx(whole.value(z)).epsilon(1e-6));
}

TEST_CASE("Truncation deep in a tail keeps its digits", "[models]") {
  // Beyond 10 standard deviations lies 7.6e-24.
  const auto upper = law_of(with(NormalCovariate{number(0), number(1)}, 10.));
  const double tail = std::erfc(10 / std::sqrt(2.0));
  for (const float z : {-3.0F, 0.0F, 2.0F})
    CHECK(std::erfc(upper.value(z) / std::sqrt(2.0)) / tail ==
          Approx(phi(-z)).epsilon(2e-5));
  const auto lower =
      law_of(with(NormalCovariate{number(0), number(1)}, {}, -10.));
  for (const float z : {-3.0F, 0.0F, 2.0F})
    CHECK(lower.value(z) == -upper.value(-z));
}

TEST_CASE("Bounds without any probability between them are refused",
          "[models]") {
  CHECK_THROWS_AS(law_of(with(NormalCovariate{number(0), number(1)}, 3., 2.)),
                  std::invalid_argument);
  CHECK_THROWS_AS(
      law_of(with(NormalCovariate{number(0), number(1)}, 200., 201.)),
      std::invalid_argument);
}

TEST_CASE("No spread means everybody alike", "[models]") {
  CHECK(law_of(with(NormalCovariate{number(5), number(0)})).value(2) == 5);
  CHECK(law_of(with(NormalCovariate{number(5), number(0)}, 0., 9.)).value(-2) ==
        5);
}

TEST_CASE("Continuous covariates never decrease with the score", "[models]") {
  for (const auto& law :
       {law_of(with(NormalCovariate{number(40.8), number(13)}, 18., 75.)),
        law_of(with(LogNormalCovariate{number(8), number(1.2)})),
        law_of(with(BetaCovariate{number(0.5), number(0.3)})),
        law_of(with(BetaCovariate{number(30), number(2)}, 0.5))}) {
    bool increases = true;
    for (std::size_t i = 0; i + 1 < law.values.size(); ++i)
      increases = increases && law.values[i] <= law.values[i + 1];
    CHECK(increases);
    CHECK(law.values.size() == CovariateLaw::intervals + 2);
  }
}

TEST_CASE("Bands are uniform within each, with their shares", "[models]") {
  const std::vector<double> edges = {18, 25, 35, 65}, shares = {2, 5, 3};
  BandsCovariate form{edges, {number(2), number(5), number(3)}};
  const auto law = law_of(with(form));
  // P(X <= x) = Phi(z) at x = the value at z.
  const auto below = [&](double x) {
    double sum = 0;
    for (std::size_t i = 0; i < shares.size(); ++i)
      sum += shares[i] / 10 *
             std::clamp((x - edges[i]) / (edges[i + 1] - edges[i]), 0.0, 1.0);
    return sum;
  };
  for (const float z : {-5.0F, -2.1F, -0.1F, 0.3F, 2.9F})
    CHECK(below(law.value(z)) == Approx(phi(z)).margin(2e-6).epsilon(1e-4));
  // The chord across an edge, Phi(z) = 0.2 and 0.7, is off by at most a quarter
  // of its interval: phi(z) / 256 / 4 < 4e-4.
  for (const float z : {-0.8416F, 0.5244F})
    CHECK(below(law.value(z)) == Approx(phi(z)).margin(4e-4));
  CHECK(law.value(-8) == 18);
  CHECK(law.value(8) == 65);
}

TEST_CASE("A Bernoulli covariate is 1 for high scores", "[models]") {
  const auto law = law_of(with(BernoulliCovariate{number(0.025)}));
  CHECK(law.cuts.at(0) == Approx(1.959964).margin(1e-6));
  CHECK(law.value(1.9599F) == 0);
  CHECK(law.value(law.cuts[0]) == 1);
  CHECK(law_of(with(BernoulliCovariate{number(0)})).value(8) == 0);
  CHECK(law_of(with(BernoulliCovariate{number(1)})).value(-8) == 1);
}

TEST_CASE("Levels take their shares of the score in order", "[models]") {
  const auto law = law_of(with(CategoricalCovariate{
      {"a", "b", "c"}, {number(1), number(2), number(1)}}));
  // Quartiles of the normal law.
  CHECK(law.cuts.at(0) == Approx(-0.6744898).margin(1e-7));
  CHECK(law.cuts.at(1) == Approx(0.6744898).margin(1e-7));
  CHECK(law.values == std::vector<float>{0, 1, 2});
  CHECK(law.value(-1) == 0);
  CHECK(law.value(0) == 1);
  CHECK(law.value(1) == 2);
}

TEST_CASE("A level without a share is never taken", "[models]") {
  const auto law = law_of(with(CategoricalCovariate{
      {"a", "b", "c", "d", "e"},
      {number(0), number(0.1), number(0), number(0.2), number(0)}}));
  CHECK(law.cuts.front() == -infinite);
  CHECK(law.cuts.back() == infinite);
  for (float z = -8; z <= 8; z += 0.25F)
    CHECK((law.value(z) == 1 || law.value(z) == 3));
}

TEST_CASE("Empirical values come with their weights, or alike", "[models]") {
  const auto weighted = law_of(with(EmpiricalCovariate{{2.5, 7}, {3, 1}}));
  CHECK(weighted.cuts.at(0) == Approx(0.6744898).margin(1e-7));
  CHECK(weighted.value(0) == 2.5F);
  CHECK(weighted.value(1) == 7);
  const auto alike = law_of(with(EmpiricalCovariate{{1, 2}, {}}));
  CHECK(alike.cuts.at(0) == Approx(0).margin(1e-15));
}

TEST_CASE("Rows of the table are drawn by weight, or taken in turn",
          "[models]") {
  Cohort cohort = of({with(TableCovariate{{10, 20, 30, 40}, {}})});
  cohort.rows = 4;
  const CohortLaw turns = compile(cohort);
  CHECK(turns.row_cuts.empty());
  CHECK(turns.row_of(0, 77) == 0);
  CHECK(turns.row_of((std::uint64_t{1} << 39) + 7, 77) == 3);
  CHECK(turns.values({0}, 2) == std::vector<float>{30});

  cohort.row_weights = {1, 0, 3, 0};
  const CohortLaw drawn = compile(cohort);
  CHECK(drawn.row_cuts ==
        std::vector<Cut>{0x40000000, 0x40000000, certain, certain});
  CHECK(drawn.row_of(5, 0) == 0);
  CHECK(drawn.row_of(5, 0x3FFFFFFF) == 0);
  CHECK(drawn.row_of(5, 0x40000000) == 2);
  CHECK(drawn.row_of(5, 0xFFFFFFFF) == 2);
}

TEST_CASE("The factor of the correlations gives them back", "[models]") {
  Cohort cohort =
      of({with(NormalCovariate{number(0), number(1)}),
          with(TableCovariate{{5}, {}}), with(BernoulliCovariate{number(0.5)}),
          with(Propensity{number(1)})});
  cohort.rows = 1;
  CHECK(compile(cohort).factor.empty());
  cohort.correlations = {{2, 0, number(0.6)}, {0, 3, number(-0.3)}};
  const auto factor = compile(cohort).factor;
  const double expected[4][4] = {
      {1, 0, 0.6, -0.3}, {0, 1, 0, 0}, {0.6, 0, 1, 0}, {-0.3, 0, 0, 1}};
  for (std::size_t i = 0; i < 4; ++i) {
    REQUIRE(factor[i].size() == i + 1);
    for (std::size_t j = 0; j <= i; ++j) {
      double product = 0;
      for (std::size_t k = 0; k <= j; ++k)
        product += double{factor[i][k]} * factor[j][k];
      CHECK(product == Approx(expected[i][j]).margin(2e-7));
    }
  }
  CHECK(factor[1] == std::vector<float>{0, 1});
  cohort.correlations.push_back({2, 3, number(-0.99)});
  CHECK_THROWS_AS(compile(cohort), std::invalid_argument);
}

TEST_CASE("A positive correlation makes the older more often anxious",
          "[models]") {
  Cohort cohort = of({with(NormalCovariate{number(40), number(13)}),
                      with(BernoulliCovariate{number(0.45)})});
  cohort.correlations = {{0, 1, number(0.5)}};
  const auto patients = patients_of(compile(cohort), 20'000);
  CHECK(correlation(patients, 0, 1) > 0.3);
}

TEST_CASE("A large cohort has the means, spreads, shares and correlations",
          "[models]") {
  constexpr int n = 200'000;
  Cohort cohort = of(
      {with(NormalCovariate{number(40.8), number(13)}),
       with(LogNormalCovariate{number(8), number(0.5)}),
       with(BernoulliCovariate{number(0.45)}),
       with(CategoricalCovariate{{"a", "b", "c"},
                                 {number(0.2), number(0.7), number(0.1)}}),
       with(Propensity{number(1)}), with(BetaCovariate{number(2), number(3)})});
  cohort.correlations = {
      {0, 1, number(0.4)}, {0, 4, number(-0.3)}, {1, 2, number(0.2)}};
  const auto patients = patients_of(compile(cohort), n);
  const double root = std::sqrt(static_cast<double>(n));

  // Standard errors: of a mean sd / root n; of a normal sd, sd / root 2n; of a
  // share root(p (1 - p) / n); of a correlation (1 - r^2) / root n.
  const Moments age = moments(patients, 0);
  CHECK(std::abs(age.mean - 40.8) < 4 * 13 / root);
  CHECK(std::abs(age.sd - 13) < 4 * 13 / root / std::sqrt(2.0));
  const Moments months = moments(patients, 1);
  const double variance = 64 * std::exp(0.25) * std::expm1(0.25);
  CHECK(std::abs(months.mean - 8 * std::exp(0.125)) <
        4 * std::sqrt(variance) / root);
  CHECK(std::abs(moments(patients, 2).mean - 0.45) <
        4 * std::sqrt(0.45 * 0.55) / root);
  const double shares[] = {0.2, 0.7, 0.1};
  for (int level = 0; level < 3; ++level) {
    double share = 0;
    for (const auto& patient : patients)
      share += patient[3] == static_cast<float>(level) ? 1.0 / n : 0;
    CHECK(std::abs(share - shares[level]) <
          4 * std::sqrt(shares[level] * (1 - shares[level])) / root);
  }
  const Moments propensity = moments(patients, 4);
  CHECK(std::abs(propensity.mean) < 4 / root);
  CHECK(std::abs(propensity.sd - 1) < 4 / root / std::sqrt(2.0));
  // Beta(2, 3): mean 0.4, variance 0.04.
  CHECK(std::abs(moments(patients, 5).mean - 0.4) < 4 * 0.2 / root);

  CHECK(std::abs(correlation(patients, 0, 4) + 0.3) < 4 * 0.91 / root);
  CHECK(std::abs(correlation(patients, 0, 5)) < 4 / root);
  CHECK(std::abs(correlation(patients, 3, 4)) < 4 / root);
  // Of the logarithms the correlation is that of the scores.
  auto logs = patients;
  for (auto& patient : logs) patient[1] = std::log(patient[1]);
  CHECK(std::abs(correlation(logs, 0, 1) - 0.4) < 4 * 0.84 / root);
  CHECK(std::abs(moments(logs, 1).sd - 0.5) < 4 * 0.5 / root / std::sqrt(2.0));
  // A score and a Bernoulli covariate with P: r * density(cut) / sd.
  const double density =
      std::exp(-0.125661 * 0.125661 / 2) / std::sqrt(2 * 3.141592653589793);
  CHECK(std::abs(correlation(logs, 1, 2) -
                 0.2 * density / std::sqrt(0.45 * 0.55)) < 4 / root);
}

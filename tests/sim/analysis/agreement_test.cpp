#include "sim/analysis/agreement.hpp"

#include "sim/core/simulate.hpp"
#include "tests/scenarios.hpp"

#include <catch2/catch.hpp>

#include <cmath>

using namespace stardsim;
using namespace stardsim::test;

TEST_CASE("z takes its standard error from the exact probability",
          "[analysis]") {
  // 10,000 trials at 0.36: standard error 48.
  CHECK(z_score(3648, 10'000, 0.36) == Approx(1));
  CHECK(z_score(3504, 10'000, 0.36) == Approx(-2));
}

TEST_CASE("Where the probability is 0 or 1 only one count agrees",
          "[analysis]") {
  CHECK(z_score(0, 1000, 0) == 0);
  CHECK(std::isinf(z_score(1, 1000, 0)));
  CHECK(z_score(1000, 1000, 1) == 0);
  CHECK(std::isinf(z_score(999, 1000, 1)));
}

TEST_CASE("Rare events are judged by the exact binomial test", "[analysis]") {
  // 5 or more of 1,000 at 0.001: P = 0.003636..., z of its double, 2.68.
  const double z = z_score(5, 1000, 0.001);
  const double tail = 0.5 * std::erfc(z / std::sqrt(2.0));
  double below = 0, term = std::pow(0.999, 1000);
  for (int k = 0; k < 5; ++k) {
    below += term;
    term *= (1000.0 - k) / (k + 1) * 0.001 / 0.999;
  }
  CHECK(tail == Approx(1 - below).epsilon(1e-9));
  CHECK(z_score(995, 1000, 0.999) == Approx(-z));
  CHECK(std::abs(z_score(1, 1000, 0.001)) < 0.7);
}

TEST_CASE("A mean time is judged by the exact standard deviation",
          "[analysis]") {
  Flow<double> expected;
  expected.remission = 0.5;
  expected.remission_ticks = 0.5 * 100;             // mean 100
  expected.remission_ticks_squared = 0.5 * 10'900;  // variance 900
  Flow<std::uint64_t> counted;
  counted.remission = 900;  // standard error 1
  counted.remission_ticks = 900 * 102;
  CHECK(mean_weeks_z(counted, expected) == Approx(2));
  counted.remission = 24;
  CHECK(std::isnan(mean_weeks_z(counted, expected)));
}

TEST_CASE("A probability that is wrong by 0.002 is found out", "[analysis]") {
  RunOptions run;
  run.patients = 10'000'000;
  run.luck.seed = 8;
  const Tally tally = simulate(compile(one_step(0.302, 8)), run);
  const auto right = compare(tally, expect(compile(one_step(0.302, 8))));
  CHECK(std::abs(worst(right).z) < 4.5);
  const auto wrong = compare(tally, expect(compile(one_step(0.300, 8))));
  CHECK(std::abs(worst(wrong).z) > 10);
}

TEST_CASE("A time law that is wrong by 3 % is found out", "[analysis]") {
  Scenario right = one_step(0.4, 14), wrong = right;
  right.steps[0].arms[0].remission_time = gamma(3, 2.554);
  wrong.steps[0].arms[0].remission_time = gamma(3, 2.554 * 1.03);
  RunOptions run;
  run.patients = 1'000'000;
  const Tally tally = simulate(compile(right), run);
  CHECK(std::abs(worst(compare(tally, expect(compile(right)))).z) < 4.5);
  CHECK(std::abs(worst(compare(tally, expect(compile(wrong)))).z) > 10);
}

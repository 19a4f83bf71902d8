// The twelve-month follow-up of STAR*D (Rush et al. 2006) by simulation:
// 1,000,000 patients, the file's seed, bounds of 4 standard errors.
#include "sim/core/simulate.hpp"
#include "tests/scenarios.hpp"

#include <catch2/catch.hpp>

#include <cmath>

using namespace stardsim;
using namespace stardsim::test;

namespace {

constexpr double year = 52.18;  // weeks
constexpr std::size_t whole_year = 52;

// By step; in remission when entering follow-up, and not.
constexpr double published[2][4] = {{.335, .474, .429, .500},
                                    {.586, .677, .761, .833}};

PathwayTally run(const Scenario& scenario) {
  RunOptions options;
  options.patients = 1'000'000;
  options.luck.seed = scenario.cohort.seed;
  return simulate(compile(scenario), options).pathways[0];
}

PathwayTally run() { return run(from_file("configs/stard_follow_up.toml")); }

struct Estimate {
  double value, standard_error;
};

double count(std::uint64_t number) { return static_cast<double>(number); }

// Free of relapse for a year if nobody dropped out: Kaplan-Meier with the
// hazards of relapse and of drop-out constant within a week, Greenwood's
// standard error. The weeks are 52; their mean hazard is taken to the year.
Estimate relapse_in_a_year(const FollowUpFlow<std::uint64_t>& flow) {
  double at_risk = count(flow.entered), log_free = 0, variance = 0;
  for (std::size_t w = 0; w <= whole_year; ++w) {
    const double relapsed = count(flow.relapse_by_week[w]);
    const double gone = relapsed + count(flow.censored_by_week[w]);
    REQUIRE(gone < at_risk);
    if (relapsed > 0) {
      log_free += relapsed / gone * std::log1p(-gone / at_risk);
      variance += relapsed / (at_risk * (at_risk - relapsed));
    }
    at_risk -= gone;
  }
  const double stretch = year / whole_year;
  const double free = std::exp(log_free * stretch);
  return {1 - free, free * stretch * std::sqrt(variance)};
}

// Neither relapsed nor dropped out for a year.
Estimate still_in_remission(const FollowUpFlow<std::uint64_t>& flow) {
  double left = count(flow.entered);
  for (std::size_t w = 0; w <= whole_year; ++w)
    left -= count(flow.relapse_by_week[w]) + count(flow.censored_by_week[w]);
  const double share = left / count(flow.entered);
  return {std::pow(share, year / whole_year),
          std::sqrt(share * (1 - share) / count(flow.entered))};
}

double standard_error(double share, double of) {
  return std::sqrt(share * (1 - share) / of);
}

constexpr std::size_t observed = 1;  // of CourseTable: the second course

}  // namespace

TEST_CASE(
    "Rush 2006: next step, follow-up and entry into it after each step are in "
    "the published counts",
    "[validation]") {
  const PathwayTally tally = run();
  const double not_remitted[] = {2325, 1000, 337, 107};
  const double next[] = {1439, 390, 123, 0};
  const double follow_up[] = {390, 239, 67, 34};
  const double entry[] = {1085.0 / 1346, 383.0 / 439, 35.0 / 53, 15.0 / 16};
  for (std::size_t s = 0; s < 4; ++s) {
    INFO("step " << s + 1);
    const auto flow = tally.course[observed].step(s);
    const double failed = count(flow.entered - flow.remission);
    const auto check = [&](double events, double share, double of) {
      CHECK(std::abs(events / of - share) <= 4 * standard_error(share, of));
    };
    check(count(flow.follow_up), follow_up[s] / not_remitted[s], failed);
    check(count(tally.later.follow_up[s][0][1].entered),
          follow_up[s] / not_remitted[s], failed);
    check(count(tally.later.follow_up[s][0][0].entered), entry[s],
          count(flow.remission));
    if (s == 3) continue;
    // The file has the shares of the next step to three digits.
    const double entered = count(tally.course[observed].step(s + 1).entered);
    const double share = next[s] / not_remitted[s];
    CHECK(std::abs(entered / failed - share) <
          5e-4 + 4 * standard_error(share, failed));
  }
}

TEST_CASE(
    "Rush 2006: twelve-month relapse by step and state at entry, by "
    "Kaplan-Meier under heavy drop-out",
    "[validation]") {
  const PathwayTally tally = run();
  for (std::size_t state = 0; state < 2; ++state)
    for (std::size_t s = 0; s < 4; ++s) {
      INFO("step " << s + 1 << (state == 0 ? ", remitted" : ", not remitted"));
      const Estimate found =
          relapse_in_a_year(tally.later.follow_up[s][0][state]);
      CHECK(found.standard_error < 0.04);
      CHECK(std::abs(found.value - published[state][s]) <
            4 * found.standard_error);
    }
}

TEST_CASE(
    "Rush 2006: twelve-month relapse by step and state at entry, counted "
    "where nobody drops out",
    "[validation]") {
  Scenario scenario = from_file("configs/stard_follow_up.toml");
  for (Step& step : scenario.steps)
    for (Arm& arm : step.arms) {
      REQUIRE(arm.follow_up_remitted.drop_out);
      REQUIRE(arm.follow_up_not_remitted.drop_out);
      arm.follow_up_remitted.drop_out.reset();
      arm.follow_up_not_remitted.drop_out.reset();
    }
  const PathwayTally tally = run(scenario);
  for (std::size_t state = 0; state < 2; ++state)
    for (std::size_t s = 0; s < 4; ++s) {
      INFO("step " << s + 1 << (state == 0 ? ", remitted" : ", not remitted"));
      const auto& flow = tally.later.follow_up[s][0][state];
      CHECK(flow.dropped_out == 0);
      double relapsed = 0;
      for (std::size_t w = 0; w <= whole_year; ++w)
        relapsed += count(flow.relapse_by_week[w]);
      const double expected =
          1 - std::pow(1 - published[state][s], whole_year / year);
      CHECK(std::abs(relapsed / count(flow.entered) - expected) <
            4 * standard_error(expected, count(flow.entered)));
    }
}

TEST_CASE(
    "Pigott 2011: 108 of 1,518 who entered follow-up in remission neither "
    "relapsed nor dropped out in twelve months",
    "[validation]") {
  const PathwayTally tally = run();
  const double entrants[] = {1085, 383, 35, 15};
  double still = 0, variance = 0;
  for (std::size_t s = 0; s < 4; ++s) {
    const Estimate found = still_in_remission(tally.later.follow_up[s][0][0]);
    still += entrants[s] * found.value;
    variance += std::pow(entrants[s] * found.standard_error, 2);
  }
  // The file's drop-out has four digits: 0.8864 for 0.88637.
  CHECK(std::abs(still - 108) < 0.05 + 4 * std::sqrt(variance));
  CHECK(std::sqrt(variance) < 1);
  CHECK(still / 1518 == Approx(0.071).margin(0.0025));
}

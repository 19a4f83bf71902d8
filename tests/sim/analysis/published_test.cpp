#include "sim/analysis/published.hpp"

#include "models/measure.hpp"
#include "sim/core/simulate.hpp"
#include "sim/io/scenario_reader.hpp"
#include "tests/program.hpp"
#include "tests/scenarios.hpp"
#include "tests/sim/analysis/made_up_run.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <string>
#include <vector>

using namespace stardsim;
using namespace stardsim::test;

namespace {

using Column = std::vector<double>;

const std::string two_pathways = R"([scenario]
title = "Two pathways"
reference = "a"
horizon = 104
estimand = "observed"
[pathways]
a = ["first", "second"]
b = ["second"]
[steps.first]
weeks = 8
[steps.first.arms]
x = { remission = 0.3, intolerance = 0.1 }
y = { remission = 0.4, intolerance = 0.1 }
[steps.first.follow_up.remitted]
relapse = { probability = 0.3, by = 52 }
[steps.second]
weeks = 8
remission = 0.2
[economics]
currency = "USD"
price_year = 2021
discount = { costs = 0.03, effects = 0.03 }
[economics.perspectives]
payer = ["drug"]
[costs.drug]
rates = [{ value = 100, per = "year" }]
[utilities]
remission = 0.9
no_response = 0.5
[published]
)";

Scenario scenario_with(const std::string& published) {
  const Folder folder;
  return read_scenario(folder.write("a.toml", two_pathways + published))
      .scenario;
}

Flow<std::uint64_t> flow(std::uint64_t entered, std::uint64_t remission,
                         std::uint64_t first_remission,
                         std::uint64_t intolerance) {
  Flow<std::uint64_t> made;
  made.entered = entered;
  made.remission = remission;
  made.first_remission = first_remission;
  made.intolerance = intolerance;
  return made;
}

// 100 patients, counted by hand on pathway a as observed.
Tally hand_made_tally(const Scenario& scenario) {
  Tally tally(compile(scenario));
  tally.patients = 100;
  PathwayTally& a = tally.pathways[0];
  a.course[1].arms[0] = {flow(60, 20, 20, 6), flow(40, 20, 20, 4)};
  a.course[1].arms[1] = {flow(30, 6, 5, 0)};
  a.course[0].arms[1] = {flow(50, 30, 30, 0)};
  a.course[1].remission_by_week[3] = 10;
  a.course[1].remission_by_week[8] = 35;
  // Of 10 and 10 two and four relapse in week 1; then one of 9 is lost at the
  // end of week 2.
  auto& x = a.later.follow_up[0][0][0];
  auto& y = a.later.follow_up[0][1][0];
  x.entered = y.entered = 10;
  x.relapse_by_week[1] = 2;
  y.relapse_by_week[1] = 4;
  x.censored_by_week[2] = 1;
  y.relapse_by_week[3] = 3;
  return tally;
}

BesidePublished beside(const std::string& figure) {
  const Scenario scenario = scenario_with("f = { " + figure + " }\n");
  const auto rows = beside_published(scenario, hand_made_tally(scenario));
  REQUIRE(rows.size() == 1);
  return rows[0];
}

double binomial_se(double p, double n) { return std::sqrt(p * (1 - p) / n); }

void check_fraction(const std::string& what, double p, double n) {
  INFO(what);
  const BesidePublished row = beside(what + ", figure = 0.4");
  CHECK(row.simulated == Approx(p));
  CHECK(row.simulated_se == Approx(binomial_se(p, n)));
  CHECK(row.unit == "1");
}

Scenario with_outcomes() {
  return scenario_with(R"(
weeks = { quantity = "outcome", measure = "weeks_in_remission", figure = 30 }
gain = { quantity = "difference", pathway = "b", measure = "qalys_discounted", figure = 0.1 }
cost = { quantity = "icer", pathway = "b", figure = 20_000 }
share = { quantity = "share_of_life", measure = "weeks_in_remission", figure = 0.3 }
)");
}

// What patients had, by pathway and measure, in quanta; drawn.
struct Drawn {
  std::vector<std::vector<std::int64_t>> rows;
  Outcomes outcomes;
};

Drawn drawn_outcomes(const Scenario& scenario, std::size_t patients) {
  const auto measures = measures_of(scenario);
  const std::size_t qalys = find_measure(measures, "qalys_discounted"),
                    cost = find_measure(measures, "total_payer_discounted"),
                    weeks = find_measure(measures, "weeks_in_remission"),
                    years = find_measure(measures, "life_years");
  Drawn drawn{
      std::vector<std::vector<std::int64_t>>(2 * measures.size()),
      Outcomes(2, measures.size(), decision_measures(scenario, measures))};
  UniformNumbers uniform(7);
  const auto put = [&](std::size_t p, std::size_t m, double value) {
    drawn.rows[p * measures.size() + m].push_back(
        std::llround(value / measures[m].quantum));
  };
  for (std::size_t i = 0; i < patients; ++i) {
    const double own = standard_normal(uniform);
    for (std::size_t p = 0; p < 2; ++p) {
      const double better = static_cast<double>(p);
      const double here = own + 0.3 * standard_normal(uniform);
      put(p, qalys, 3 + 0.5 * better + here);
      put(p, cost, 40'000 + 9000 * better - 4000 * here);
      put(p, years, 4 + 0.2 * standard_normal(uniform));
      put(p, weeks, 60 + 10 * here + 8 * standard_normal(uniform));
    }
  }
  std::vector<const std::int64_t*> rows;
  for (const auto& row : drawn.rows)
    rows.push_back(row.empty() ? nullptr : row.data());
  for (std::size_t first = 0; first < patients; first += 1024) {
    std::vector<const std::int64_t*> piece;
    for (const std::int64_t* row : rows)
      piece.push_back(row ? row + first : nullptr);
    drawn.outcomes.add(first, std::min<std::size_t>(1024, patients - first),
                       piece);
  }
  return drawn;
}

Column column(const Scenario& scenario, const Drawn& drawn, std::size_t p,
              const std::string& name) {
  const auto measures = measures_of(scenario);
  const std::size_t m = find_measure(measures, name);
  Column values;
  for (const std::int64_t x : drawn.rows[p * measures.size() + m])
    values.push_back(static_cast<double>(x) * measures[m].quantum);
  return values;
}

}  // namespace

TEST_CASE("fractions of a step, an arm and the cohort are as counted",
          "[analysis]") {
  check_fraction(R"(quantity = "entered", step = "second")", 0.3, 100);
  check_fraction(R"(quantity = "entered", step = "first", arm = "y")", 0.4,
                 100);
  check_fraction(R"(quantity = "remission", step = "first")", 0.4, 100);
  check_fraction(R"(quantity = "remission", step = "first", arm = "x")",
                 20 / 60.0, 60);
  check_fraction(
      R"(quantity = "remission", step = "second", estimand = "if_all_continue")",
      0.6, 50);
  check_fraction(R"(quantity = "intolerance", step = "first")", 0.1, 100);
  check_fraction(R"(quantity = "intolerance", step = "first", arm = "y")", 0.1,
                 40);
  check_fraction(R"(quantity = "cumulative_remission", step = "second")", 0.45,
                 100);
  check_fraction(R"(quantity = "cumulative_remission", week = 7)", 0.1, 100);
  check_fraction(R"(quantity = "cumulative_remission", week = 104)", 0.45, 100);
}

TEST_CASE("relapse is that of the life table, of all arms or of one",
          "[analysis]") {
  const std::string relapse =
      R"(quantity = "relapse", figure = 0.5, step = "first")";
  // 6 of 20, then nothing, then 3 of 13.
  const BesidePublished all = beside(relapse + ", week = 3");
  const double free = 14 / 20.0 * 10 / 13;
  CHECK(all.simulated == Approx(1 - free));
  // Greenwood's formula.
  CHECK(all.simulated_se ==
        Approx(free * std::sqrt(6 / (20.0 * 14) + 3 / (13.0 * 10))));
  CHECK(beside(relapse + R"(, arm = "y", week = 1)").simulated == Approx(0.4));
  CHECK(beside(R"(quantity = "relapse", figure = 0.5, week = 1)").simulated ==
        Approx(0.3));
}

TEST_CASE("each form of a published figure has its interval and its error",
          "[analysis]") {
  const auto of = [](const std::string& figure) {
    return beside(R"(quantity = "remission", step = "first", figure = )" +
                  figure);
  };
  const BesidePublished exact = of("0.4");
  CHECK(exact.published == 0.4);
  CHECK(exact.published_se == 0);
  CHECK(std::isnan(exact.published_low));
  CHECK(std::isnan(exact.published_high));
  CHECK(of("{ events = 30, of = 120 }").published_se ==
        Approx(binomial_se(0.25, 120)));
  CHECK(of("{ value = 0.25, of = 120 }").published_se ==
        Approx(binomial_se(0.25, 120)));
  const BesidePublished interval =
      of("{ value = 0.3, low = 0.2, high = 0.396 }");
  CHECK(interval.published_se == Approx(0.05));
  CHECK(interval.published_low == 0.2);
  CHECK(interval.published_high == 0.396);
  const BesidePublished spread = of("{ value = 0.3, sd = 0.1 }");
  CHECK(spread.published_se == 0.1);
  CHECK(spread.published_low == Approx(0.3 - 0.196));
  // Clopper-Pearson: none of 20 leaves up to 1 - 0.025^(1/20).
  CHECK(of("{ events = 0, of = 20 }").published_se ==
        Approx((1 - std::pow(0.025, 1 / 20.0)) / 1.96));
  CHECK(of("{ beta = [3, 1] }").published_se ==
        Approx(std::sqrt(3.0 / (16 * 5))));  // a b / ((a + b)^2 (a + b + 1))
}

TEST_CASE("z counts the errors of both beyond the rounding, with its sign",
          "[analysis]") {
  // Simulated: 0.4 of 100.
  const auto of = [](const std::string& figure) {
    return beside(R"(quantity = "remission", step = "first", figure = )" +
                  figure);
  };
  const double own = binomial_se(0.4, 100);
  const BesidePublished far = of("{ value = 0.6, of = 50 }, rounding = 0.05");
  CHECK(far.z == Approx(-0.15 / std::hypot(own, binomial_se(0.6, 50))));
  CHECK_FALSE(of("{ value = 0.6, of = 500 }, rounding = 0.05").agrees);
  CHECK(of("0.3").z == Approx(0.1 / own));
  CHECK_FALSE(of("0.3").agrees);
  CHECK(of("0.31").agrees);  // 1.84 errors
  CHECK(of("0.36, rounding = 0.05").z == 0);
  CHECK(of("0.36, rounding = 0.05").agrees);
  // The run holds an input itself: its error is that of the run alone.
  CHECK(of("{ value = 0.6, of = 50 }, rounding = 0.05, input = true").z ==
        Approx(-0.15 / own));
}

TEST_CASE("none of 100 is judged with half a patient more on either side",
          "[analysis]") {
  const Scenario scenario = scenario_with(
      R"(f = { quantity = "remission", step = "first", figure = 0.1 })");
  Tally tally = hand_made_tally(scenario);
  tally.pathways[0].course[1].arms[0] = {flow(60, 0, 0, 0), flow(40, 0, 0, 0)};
  const BesidePublished row = beside_published(scenario, tally)[0];
  const double near = 0.5 / 101;
  CHECK(row.simulated_se == 0);
  CHECK(row.z == Approx(-0.1 / std::sqrt(near * (1 - near) / 100)));
  CHECK_FALSE(row.agrees);
}

TEST_CASE("a step that nobody entered agrees with nothing", "[analysis]") {
  const Scenario scenario = scenario_with(
      R"(f = { quantity = "remission", step = "second", figure = 0.2 })");
  Tally tally = hand_made_tally(scenario);
  tally.pathways[0].course[1].arms[1] = {flow(0, 0, 0, 0)};
  const BesidePublished row = beside_published(scenario, tally)[0];
  CHECK(std::isnan(row.simulated));
  CHECK(std::isnan(row.z));
  CHECK_FALSE(row.agrees);
}

TEST_CASE(
    "outcomes, differences, ICERs and shares of life have the errors of their "
    "patients' linearised values",
    "[analysis]") {
  const Scenario scenario = with_outcomes();
  const Drawn drawn = drawn_outcomes(scenario, 2560);
  Tally tally(compile(scenario));
  tally.patients = 2560;
  tally.outcomes = drawn.outcomes;
  const auto rows = beside_published(scenario, tally);
  const auto of = [&](std::size_t p, const std::string& name) {
    return column(scenario, drawn, p, name);
  };

  const Column weeks = of(0, "weeks_in_remission");
  CHECK(rows[0].simulated == Approx(mean_of(weeks)));
  CHECK(rows[0].simulated_se == Approx(se_of(weeks)));
  CHECK(rows[0].unit == "weeks");

  const Column gain =
      less(of(1, "qalys_discounted"), of(0, "qalys_discounted"));
  CHECK(rows[1].simulated == Approx(mean_of(gain)));
  CHECK(rows[1].simulated_se == Approx(se_of(gain)));
  CHECK(rows[1].unit == "years");

  const Column cost =
      less(of(1, "total_payer_discounted"), of(0, "total_payer_discounted"));
  const double icer = mean_of(cost) / mean_of(gain);
  CHECK(rows[2].simulated == Approx(icer));
  CHECK(rows[2].simulated_se ==
        Approx(se_of(benefit(icer, gain, cost)) / mean_of(gain)));
  CHECK(rows[2].unit == "USD 2021 per QALY");

  const Column years = of(0, "life_years");
  const double ratio = mean_of(weeks) / mean_of(years);
  const double weeks_per_year = scenario.time.weeks_per_year;
  CHECK(rows[3].simulated == Approx(ratio / weeks_per_year));
  // From 256 batches, 255 degrees of freedom: an error of 4.4 %; four of them.
  CHECK(rows[3].simulated_se == Approx(se_of(benefit(ratio, years, weeks)) /
                                       mean_of(years) / weeks_per_year)
                                    .epsilon(4 / std::sqrt(2 * 255.0)));
}

TEST_CASE("an ICER whose difference in effect is unclear agrees with nothing",
          "[analysis]") {
  const Scenario scenario = with_outcomes();
  Drawn drawn = drawn_outcomes(scenario, 2560);
  Tally tally(compile(scenario));
  tally.patients = 2560;
  tally.outcomes = drawn.outcomes;
  const std::size_t measures = tally.outcomes.measures,
                    effect = tally.outcomes.effect;
  tally.outcomes.sum[measures + effect] = tally.outcomes.sum[effect];
  const BesidePublished row = beside_published(scenario, tally)[2];
  CHECK(std::isnan(row.simulated));
  CHECK_FALSE(row.agrees);
}

TEST_CASE(
    "what the scenarios here were made from, they reproduce (4 standard errors "
    "of 20,000 patients)",
    "[analysis]") {
  for (const std::string name :
       {"stard", "stard_hrsd", "stard_arms", "stard_frailty", "stard_follow_up",
        "anxious", "ect_by_line", "ect_by_line_frailty", "switch_or_augment",
        "trd_third_line", "rtms_after_one_failure"}) {
    const Scenario scenario = from_file("configs/" + name + ".toml");
    RunOptions run;
    run.patients = 20'000;
    run.luck.seed = 11;
    const auto rows =
        beside_published(scenario, simulate(compile(scenario), run));
    REQUIRE(!rows.empty());
    std::size_t inputs = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (!scenario.published[i].is_input) continue;
      ++inputs;
      INFO(name << ": " << scenario.published[i].label << ": "
                << rows[i].simulated << " (" << rows[i].simulated_se << ") for "
                << rows[i].published);
      CHECK(std::fabs(rows[i].z) < 4);
    }
    INFO(name);
    CHECK(inputs > 0);
  }
}

// What only the plain course knows, against closed forms.
#include "sim/core/life.hpp"
#include "sim/core/simulate.hpp"
#include "tests/scenarios.hpp"

#include <catch2/catch.hpp>

#include <cmath>

using namespace stardsim;
using namespace stardsim::test;

namespace {

constexpr std::uint64_t patients = 200'000;

Tally run(const Scenario& scenario) {
  RunOptions options;
  options.patients = patients;
  options.luck.seed = 20211;
  return simulate(compile(scenario), options);
}

// Within 4 standard errors of a share of so many.
void check_share(std::uint64_t count, std::uint64_t of, double expected) {
  const auto n = static_cast<double>(of);
  const double se = std::sqrt(expected * (1 - expected) / n);
  INFO("expected " << expected << ", standard error " << se);
  CHECK(std::abs(static_cast<double>(count) / n - expected) <= 4 * se);
}

double hazard(double probability) { return -std::log(1 - probability); }

// Eight weeks, in which remission and partial response compete.
Scenario competing(double remission, double partial) {
  Scenario scenario = one_step(remission, 8);
  Arm& arm = scenario.steps[0].arms[0];
  arm.competing = true;
  arm.partial_response = number(partial);
  return scenario;
}

Scenario untreated(double remission, double relapse, std::uint32_t weeks) {
  Scenario scenario;
  scenario.title = "Nobody is treated";
  scenario.pathways = {{"none", "none", {}}};
  scenario.horizon = weeks;
  scenario.untreated.remission = by_week(remission, weeks);
  if (relapse > 0) scenario.untreated.relapse = by_week(relapse, weeks);
  return scenario;
}

Mortality constant_mortality(double hazard_a_year) {
  LifeTable table;
  table.male = table.female = {1 - std::exp(-hazard_a_year)};
  Mortality mortality;
  mortality.background = table;
  mortality.age = 0;
  return mortality;
}

Covariate age_of(double years) {
  Covariate age;
  age.name = "age";
  age.form = EmpiricalCovariate{{years}, {}};
  return age;
}

}  // namespace

TEST_CASE("Remission and partial response compete with constant hazards",
          "[core]") {
  // Line 1 with an SSRI of the IVI-MDD model: 0.3760 and 0.1583.
  const Scenario scenario = competing(0.416, 0.416 * 0.487);
  const auto flow = run(scenario).pathways[0].course[1].step(0);
  const double r = hazard(0.416), p = hazard(0.416 * 0.487);
  const double any = 1 - std::exp(-(r + p));
  CHECK(any * r / (r + p) == Approx(0.3760).margin(5e-5));
  CHECK(any * p / (r + p) == Approx(0.1583).margin(5e-5));
  check_share(flow.remission, patients, any * r / (r + p));
  check_share(flow.partial_response, patients, any * p / (r + p));
  CHECK(flow.no_response == patients - flow.remission - flow.partial_response);
  // The mean time of an exponential one cut at 8 weeks; its standard deviation
  // is below that of a uniform one there.
  const double rate = (r + p) / 8;
  const double mean = 1 / rate - 8 * std::exp(-8 * rate) / any;
  const double n = static_cast<double>(flow.remission);
  CHECK(static_cast<double>(flow.remission_ticks) / n / ticks_per_week ==
        Approx(mean).margin(4 * 8 / std::sqrt(12) / std::sqrt(n)));
}

TEST_CASE("What is certain leaves no room for what competes with it",
          "[core]") {
  const auto flow = run(competing(1, 0.5)).pathways[0].course[1].step(0);
  CHECK(flow.remission == patients);
  const auto never_any = run(competing(0, 0)).pathways[0].course[1].step(0);
  CHECK(never_any.no_response == patients);
}

TEST_CASE("Ratios by line count at some lines only if the class repeats",
          "[core]") {
  Scenario scenario = one_step(0.5, 8);
  scenario.line_dependence = LineDependence::ratios;
  scenario.line_ratios = {number(1), number(0.8), number(0.4)};
  scenario.line_ratio_if_class_repeats = {2};
  scenario.classes = {"A", "B"};
  scenario.treatments = {{"a", "a", "A", "", {}, ""},
                         {"b", "b", "B", "", {}, ""}};
  Arm& first = scenario.steps[0].arms[0];
  first.treatment = 0;
  first.first_line_remission = number(0.5);
  Step other = scenario.steps[0];
  other.name = "other";
  other.arms[0].treatment = 1;
  scenario.steps.push_back(other);
  scenario.pathways = {{"same", "same", {0, 0, 0}}, {"new", "new", {0, 1, 1}}};
  scenario.horizon = 24;
  const Tally tally = run(scenario);
  const auto check = [&](std::size_t p, std::size_t s, double rate) {
    INFO("pathway " << p << ", step " << s);
    const auto flow = tally.pathways[p].course[1].step(s);
    check_share(flow.remission, flow.entered, rate);
  };
  check(0, 0, 0.5);
  check(0, 1, 0.4);  // the class repeats
  check(0, 2, 0.2);
  check(1, 1, 0.5);  // a new one
  check(1, 2, 0.2);  // from line 3 on always
}

TEST_CASE("A ratio of remission is capped, and partial response after it",
          "[core]") {
  Scenario scenario = competing(0.6, 0.9);
  scenario.steps[0].arms[0].remission_ratio = number(1.25);
  // 0.75, and 0.25 of the stated 0.9: their hazards stand as ln 4 to ln 4/3.
  const auto flow = run(scenario).pathways[0].course[1].step(0);
  const double r = hazard(0.75), p = hazard(0.25);
  check_share(flow.remission, patients, (1 - std::exp(-(r + p))) * r / (r + p));
  scenario.steps[0].arms[0].remission_ratio = number(3);
  CHECK(run(scenario).pathways[0].course[1].step(0).remission == patients);
}

TEST_CASE("Partial responders have a further phase", "[core]") {
  Scenario scenario = competing(0, 0.4);
  scenario.horizon = 16;
  scenario.steps[0].arms[0].extension =
      Extension{number(8), number(0.38), by_week(0.2, 8)};
  const auto flow = run(scenario).pathways[0].course[1].step(0);
  const double r = hazard(0.38), l = hazard(0.2);
  check_share(flow.remission, patients,
              0.4 * (1 - std::exp(-(r + l))) * r / (r + l));
  CHECK(flow.partial_response + flow.remission == patients - flow.no_response);
  check_share(flow.no_response, patients, 0.6);
}

TEST_CASE("Follow-up may start at the end of the step", "[core]") {
  Scenario scenario = one_step(1, 8);
  Arm& arm = scenario.steps[0].arms[0];
  arm.remission_time.form = FixedTime{number(2)};
  arm.follow_up_remitted.relapse = by_week(0.5, 10);
  arm.follow_up_remitted.next_step = number(0);
  scenario.horizon = 18;
  const auto remitted = [&](std::uint32_t week) {
    return run(scenario)
        .pathways[0]
        .later.occupancy[static_cast<std::size_t>(State::remitted)][week];
  };
  check_share(remitted(12), patients, 0.5);  // ten weeks after remission
  arm.follow_up_from_end_of_step = true;
  CHECK(remitted(8) == patients);
  check_share(remitted(18), patients, 0.5);
}

TEST_CASE("Without treatment remission comes and goes", "[core]") {
  // Two states: in remission at t with a / (a + b) (1 - exp(-(a + b) t)).
  const Scenario scenario = untreated(0.4, 0.7, 100);
  const double a = hazard(0.4) / 100, b = hazard(0.7) / 100;
  const Tally tally = run(scenario);
  const auto& occupancy =
      tally.pathways[0]
          .later.occupancy[static_cast<std::size_t>(State::untreated_remitted)];
  for (const std::uint32_t week : {10u, 50u, 100u})
    check_share(occupancy[week], patients,
                a / (a + b) * (1 - std::exp(-(a + b) * week)));
  std::uint64_t ever = 0;
  for (const auto first : tally.pathways[0].course[1].remission_by_week)
    ever += first;
  check_share(ever, patients, 0.4);
}

TEST_CASE("In a gap remission competes with the return", "[core]") {
  // Everybody has a gap after 8 weeks; it ends with a return to the second
  // step, which cures, or with a remission that lasts.
  Scenario scenario = one_step(0, 8);
  scenario.steps.push_back(scenario.steps[0]);
  scenario.steps[1].name = "cure";
  scenario.steps[1].arms[0].remission = number(1);
  scenario.steps[1].arms[0].remission_time.form = FixedTime{number(1)};
  scenario.pathways[0].steps = {0, 1};
  Arm& arm = scenario.steps[0].arms[0];
  arm.gap_if_not_remitted = number(1);
  arm.continue_if_not_remitted = number(0);
  scenario.untreated.gap_return = by_week(0.9, 1);  // not this one:
  arm.gap_return_after_failure = by_week(0.5, 10);
  scenario.untreated.remission = by_week(0.3, 10);
  scenario.untreated.remits_in_gaps = true;
  scenario.horizon = 208;
  const Tally tally = run(scenario);
  const double g = hazard(0.5), r = hazard(0.3);
  // By the horizon nearly all have left the gap: exp(-20 (g + r)) is 5e-10.
  check_share(tally.pathways[0].course[1].step(1).entered, patients,
              g / (g + r));
  check_share(tally.pathways[0].later.spontaneous_remission, patients,
              r / (g + r));
  // Without relapse it lasts; with it, the next step follows at once.
  scenario.untreated.relapse = by_week(0.999, 1);
  const Tally relapsing = run(scenario);
  check_share(relapsing.pathways[0].course[1].step(1).entered, patients, 1);
}

TEST_CASE("Death competes with everything at every moment", "[core]") {
  Scenario scenario = clinical();
  const std::size_t age = scenario.cohort.covariates.size();
  scenario.cohort.covariates.push_back(age_of(40));
  scenario.cohort.covariates.back().name = "age_at_entry";
  scenario.mortality = constant_mortality(0.2);
  scenario.mortality->age = age;
  const Tally tally = run(scenario);
  const double weeks_per_year = 365.25 / 7;
  for (const PathwayTally& pathway : tally.pathways) {
    const auto& dead =
        pathway.later.occupancy[static_cast<std::size_t>(State::dead)];
    for (const std::uint32_t week : {1u, 20u, 130u})
      check_share(dead[week], patients,
                  1 - std::exp(-0.2 * week / weeks_per_year));
    // Everybody is somewhere.
    for (std::size_t w = 0; w <= scenario.horizon; ++w) {
      std::uint64_t sum = 0;
      for (const auto& state : pathway.later.occupancy) sum += state[w];
      REQUIRE(sum == patients);
    }
  }
  scenario.mortality = constant_mortality(0);
  scenario.mortality->age = age;
  const Tally nobody = run(scenario);
  CHECK(nobody.pathways[0]
            .later.occupancy[static_cast<std::size_t>(State::dead)]
            .back() == 0);
}

TEST_CASE("Who dies without a remission loses none", "[core]") {
  Scenario scenario = one_step(0.3, 8);
  scenario.horizon = 52;
  scenario.cohort.covariates = {age_of(40)};
  scenario.mortality = constant_mortality(1);
  const Tally tally = run(scenario);
  const PathwayTally& pathway = tally.pathways[0];
  const auto sum = [](const auto& counts) {
    std::uint64_t all = 0;
    for (const auto count : counts) all += count;
    return all;
  };
  const std::uint64_t remitted = sum(pathway.course[1].remission_by_week),
                      lost = sum(pathway.later.first_remission_lost_by_week);
  // Those in remission die of nothing else, after 8 weeks or so.
  CHECK(remitted - lost == sum(pathway.by_batch[2]));
  check_share(remitted - lost, patients, 0.3 * std::exp(-52 / (365.25 / 7)));
}

TEST_CASE("A hazard at sessions kills in the acute phase only", "[core]") {
  Scenario scenario = one_step(0, 4);
  scenario.horizon = 52;
  Arm& arm = scenario.steps[0].arms[0];
  arm.sessions_per_week = number(3);
  arm.economics.death_per_session = number(0.001);
  scenario.cohort.covariates = {age_of(40)};
  scenario.mortality = constant_mortality(0);
  const Tally tally = run(scenario);
  const auto& dead =
      tally.pathways[0].later.occupancy[static_cast<std::size_t>(State::dead)];
  const double expected = 1 - std::pow(0.999, 12);
  check_share(dead[4], patients, expected);
  CHECK(dead[52] == dead[4]);
}

TEST_CASE("Who has become resistant stays so", "[core]") {
  // Those in a gap are: for 10 weeks between two steps of 8 weeks, and until
  // the horizon.
  Scenario scenario = one_step(0, 8);
  scenario.steps.push_back(scenario.steps[0]);
  scenario.steps[1].name = "second";
  scenario.pathways[0].steps = {0, 1};
  Arm& arm = scenario.steps[0].arms[0];
  arm.gap_if_not_remitted = number(1);
  arm.continue_if_not_remitted = number(0);
  Survival ten;
  ten.form = After{number(10)};
  scenario.untreated.gap_return = ten;
  scenario.horizon = 52;
  scenario.resistance.any_of = {{0, {Phase::gap}, 0}};
  const Engine engine(compile(scenario));
  const Life life = live(engine, {}, 0, 0, false);
  REQUIRE(life.stretches.size() == 4);
  for (const Stretch& stretch : life.stretches)
    CHECK(stretch.resistant == (stretch.from >= 8 * ticks_per_week));
  // Not by a gap that takes no time.
  scenario.untreated.gap_return->form = After{number(0)};
  const Engine at_once(compile(scenario));
  for (const Stretch& stretch : live(at_once, {}, 0, 0, false).stretches)
    CHECK(!stretch.resistant);
}

TEST_CASE("A course may end between two weeks", "[core]") {
  Scenario scenario = untreated(0.5, 0, 10);
  scenario.horizon_weeks = 9.5;
  scenario.horizon = 10;
  const Tally tally = run(scenario);
  const auto& remitted =
      tally.pathways[0]
          .later.occupancy[static_cast<std::size_t>(State::untreated_remitted)];
  check_share(remitted[10], patients, 1 - std::pow(0.5, 0.95));
}

TEST_CASE("The plain course is the same for any number of threads", "[core]") {
  const Law law = compile(competing(0.4, 0.3));
  RunOptions options;
  options.patients = 100'000;
  options.threads = 1;
  const Tally one = simulate(law, options);
  options.threads = 2;
  RunFacts facts;
  const Tally two = simulate(law, options, &facts);
  CHECK(facts.instruction_set == "plain");
  CHECK(one.pathways[0].course[1].step(0).remission_ticks ==
        two.pathways[0].course[1].step(0).remission_ticks);
  CHECK(one.pathways[0].course[1].step(0).remission ==
        two.pathways[0].course[1].step(0).remission);
}

// What is accrued in vectors is what the plain course accounts for, patient by
// patient.
#include "sim/core/engine.hpp"
#include "sim/core/plain.hpp"
#include "sim/core/simulate.hpp"
#include "tests/equal.hpp"
#include "tests/scenarios.hpp"

#include <catch2/catch.hpp>

#include <utility>
#include <vector>

using namespace stardsim;
using namespace stardsim::test;

namespace {

Cost weekly_cost(std::size_t kind, double amount, std::vector<Health> health,
                 std::vector<Phase> phase) {
  Cost cost{};
  cost.kind = kind;
  cost.when.health = std::move(health);
  cost.when.phase = std::move(phase);
  cost.amount = number(amount);
  cost.per = Per::week;
  return cost;
}

// By the week, by a rounder of numbers than any real scenario has.
Economics even_economics() {
  Economics economics;
  economics.currency = "XXX";
  economics.price_year = 2000;
  economics.weekly = true;
  economics.discount.costs = economics.discount.effects = number(0.035);
  CostKind care;
  care.name = "care";
  care.rates = {weekly_cost(0, 12, {Health::remission}, {Phase::follow_up}),
                weekly_cost(0, 20, {}, {Phase::untreated, Phase::out_of_care})};
  economics.kinds = {care};
  Perspective all;
  all.name = "all";
  all.kinds.push_back(0);
  economics.perspectives = {all};
  economics.utilities =
      Utilities{{number(0.55), number(0.55), number(0.84)}, {}};
  return economics;
}

void count_evenly(Scenario& scenario) {
  scenario.time = {52, 13};
  scenario.economics = even_economics();
  for (Step& step : scenario.steps)
    for (Arm& arm : step.arms)
      arm.economics.costs = {weekly_cost(0, 30, {}, {Phase::acute})};
}

// Amounts that have no common measure, more of them in one arm, a cost of those
// out of care alone, two kinds; resistance by line or one failed trial.
void count_awkwardly(Scenario& scenario) {
  Economics& economics = *scenario.economics;
  economics.weekly = false;
  CostKind other;
  other.name = "other";
  economics.kinds[0].rates = {
      weekly_cost(0, 12.3456, {Health::remission}, {Phase::follow_up}),
      weekly_cost(0, 14.9, {}, {Phase::out_of_care})};
  economics.kinds.push_back(other);
  economics.perspectives[0].kinds = {0, 1};
  TreatmentEconomics& second = scenario.steps[1].arms[0].economics;
  second.costs.push_back(
      weekly_cost(1, 1.7, {}, {Phase::acute, Phase::follow_up}));
  scenario.steps[0].arms[0].economics.utility_decrement = number(0.05);
  scenario.resistance.any_of = {{2, {}, 1}, {3, {}, 0}};
}

// Job B without its economics, and with what else the course in vectors knows.
std::vector<Scenario> courses() {
  Scenario job_b = from_file("configs/bench/job_b.toml");
  job_b.economics.reset();
  for (Step& step : job_b.steps)
    for (Arm& arm : step.arms) arm.economics = {};
  Scenario drops_out = job_b;
  drops_out.title += ", dropping out, not by week";
  for (Step& step : drops_out.steps) {
    Arm& arm = step.arms[0];
    arm.remission_time = gamma(2, 3);
    arm.follow_up_remitted.relapse = by_week(0.6, 40);
    arm.follow_up_remitted.drop_out = by_week(0.3, 50);
  }
  Scenario shorter = drops_out;
  shorter.title += ", over before the last step can end";
  shorter.horizon = 60;
  shorter.horizon_weeks = 60;
  Scenario two_arms = shorter;
  two_arms.title += ", two arms";
  for (Step& step : two_arms.steps) {
    Arm other = step.arms[0];
    other.name = "other";
    other.remission = number(0.2);
    other.follow_up_remitted.relapse.reset();
    other.share = number(0.4);
    step.arms[0].share = number(0.6);
    step.arms.push_back(other);
  }
  Scenario for_good = two_arms;
  for_good.title += ", remission for good";
  for (Step& step : for_good.steps)
    for (Arm& arm : step.arms) arm.follow_up_remitted = {};
  Scenario nobody_leaves = job_b;
  nobody_leaves.title += ", nobody leaves";
  for (Step& step : nobody_leaves.steps)
    step.arms[0].continue_if_not_remitted.reset();
  return {job_b, drops_out, shorter, two_arms, for_good, nobody_leaves};
}

void check_against_plain_course(const Scenario& scenario) {
  const Law law = compile(scenario);
  const Engine engine(law);
  REQUIRE(engine.facts[0].in_vectors);
  REQUIRE(engine.accruals.has_value() == scenario.economics.has_value());
  RunOptions run;
  run.luck = {20061101, 3};
  run.patients = 5000;
  run.first_patient = 777;
  Tally plain(law);
  run_plainly(engine, run.luck, run.first_patient, run.patients, plain);
  for (const std::string& set : instruction_sets()) {
    INFO(scenario.title << ", " << set);
    run.instruction_set = set;
    const Tally tally = simulate(law, run);
    CHECK(difference(tally, plain) == "");
    CHECK(tally.outcomes == plain.outcomes);
  }
}

}  // namespace

TEST_CASE("Where all is told in vectors it is what the plain course tells",
          "[core]") {
  for (const Scenario& scenario : courses())
    check_against_plain_course(scenario);
}

TEST_CASE("What accrues in vectors is what the plain course accounts for",
          "[core]") {
  for (Scenario scenario : courses()) {
    count_evenly(scenario);
    check_against_plain_course(scenario);
    scenario.economics->weekly = false;
    check_against_plain_course(scenario);
  }
}

TEST_CASE("Amounts without a common measure accrue as exactly", "[core]") {
  for (Scenario scenario : courses()) {
    count_evenly(scenario);
    count_awkwardly(scenario);
    check_against_plain_course(scenario);
    scenario.economics->weekly = true;
    scenario.economics->discount.form = DiscountForm::none;
    check_against_plain_course(scenario);
  }
}

TEST_CASE("Outcomes of two pathways accrued in vectors go together as plainly",
          "[core]") {
  Scenario scenario = courses()[1];
  count_evenly(scenario);
  Pathway other = scenario.pathways[0];
  other.name = "other";
  std::swap(other.steps[0], other.steps[1]);
  scenario.pathways.push_back(other);
  check_against_plain_course(scenario);
}

TEST_CASE("What is paid at the start of an attempt takes the plain course",
          "[core]") {
  Scenario scenario = courses()[0];
  count_evenly(scenario);
  Cost cost = weekly_cost(0, 100, {}, {});
  cost.per = Per::start;
  scenario.steps[0].arms[0].economics.costs.push_back(cost);
  const Law law = compile(scenario);
  CHECK_FALSE(Engine(law).accruals.has_value());
  RunFacts facts;
  RunOptions run;
  run.patients = 1000;
  simulate(law, run, &facts);
  CHECK(facts.instruction_set == "plain");
}

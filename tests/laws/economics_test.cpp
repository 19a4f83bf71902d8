// What must hold of costs and effects whatever the numbers.
#include "models/law.hpp"
#include "sim/core/simulate.hpp"
#include "tests/scenarios.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace stardsim;
using namespace stardsim::test;

namespace {

constexpr std::uint64_t patients = 20'000;

struct Run {
  Law law;
  Tally tally;

  std::size_t measure(const std::string& name) const {
    const std::size_t m = find_measure(law.accrual->measures, name);
    REQUIRE(m != no_measure);
    return m;
  }
  SignedWide sum(std::size_t pathway, const std::string& name) const {
    return tally.outcomes
        .sum[pathway * law.accrual->measures.size() + measure(name)];
  }
};

Run run(const Scenario& scenario) {
  Run made{compile(scenario), {}};
  RunOptions options;
  options.patients = patients;
  options.luck.seed = 4;
  made.tally = simulate(made.law, options);
  return made;
}

Cost cost(std::size_t kind, double amount, Per per, When when = {}) {
  Cost made;
  made.kind = kind;
  made.amount = number(amount);
  made.per = per;
  made.when = std::move(when);
  return made;
}

// Patients who differ, die, relapse, pause and come back, with costs of all
// sorts.
Scenario valued() {
  Scenario scenario = clinical();
  scenario.title = "Valued";
  const std::size_t age = scenario.cohort.covariates.size();
  Covariate years;
  years.name = "years";
  years.form = EmpiricalCovariate{{30.25, 52.5, 64.75}, {}};
  scenario.cohort.covariates.push_back(years);
  Mortality mortality;
  LifeTable table;
  table.male = table.female = {0.03, 0.04};
  mortality.background = table;
  mortality.age = age;
  mortality.ratio_by_health[0] = number(2);
  scenario.mortality = mortality;

  Economics economics;
  economics.currency = "USD";
  economics.price_year = 2021;
  economics.kinds = {
      {"care",
       "Care",
       {cost(0, 8000, Per::year, {{Health::no_response}, {}, {}}),
        cost(0, 5000, Per::year, {{Health::remission}, {}, {}})},
       {{0, CostlyEvent::relapse, number(300)}}},
      {"drug", "Drugs", {}, {}}};
  economics.perspectives = {{"all", "all", {0, 1}}, {"drugs", "drugs", {1}}};
  economics.thresholds = {50'000};
  economics.utilities = Utilities{{number(0.5), number(0.7), number(0.85)}, {}};
  for (Step& step : scenario.steps)
    for (Arm& arm : step.arms)
      arm.economics.costs = {
          cost(1, 20, Per::week, {{}, {Phase::acute, Phase::follow_up}, {}}),
          cost(1, 100, Per::start)};
  scenario.economics = economics;
  return scenario;
}

void set_utilities(Scenario& scenario, double utility) {
  for (Evidence& each : scenario.economics->utilities->by_health)
    each = number(utility);
}

std::vector<std::string> money() {
  return {"cost_care", "cost_care_discounted", "cost_drug",
          "cost_drug_discounted"};
}

}  // namespace

TEST_CASE("With all utilities 1 QALYs are life-years, exactly", "[laws]") {
  Scenario scenario = valued();
  set_utilities(scenario, 1);
  for (const bool weekly : {false, true}) {
    scenario.economics->weekly = weekly;
    const Run one = run(scenario);
    for (std::size_t p = 0; p < 2; ++p) {
      CHECK(one.sum(p, "qalys") > 0);
      CHECK(one.sum(p, "qalys") == one.sum(p, "life_years"));
      CHECK(one.sum(p, "qalys_discounted") ==
            one.sum(p, "life_years_discounted"));
    }
  }
}

TEST_CASE("Without discount discounted measures are not kept", "[laws]") {
  Scenario scenario = valued();
  scenario.economics->discount.form = DiscountForm::none;
  const Law law = compile(scenario);
  CHECK(find_measure(law.accrual->measures, "qalys") != no_measure);
  CHECK(find_measure(law.accrual->measures, "qalys_discounted") == no_measure);
  CHECK(law.accrual->decision.effect ==
        find_measure(law.accrual->measures, "qalys"));
}

TEST_CASE("With all costs 0 nothing is paid", "[laws]") {
  Scenario scenario = valued();
  for (CostKind& kind : scenario.economics->kinds) {
    for (Cost& rate : kind.rates) rate.amount = number(0);
    for (EventCost& event : kind.events) event.amount = number(0);
  }
  for (Step& step : scenario.steps)
    for (Arm& arm : step.arms)
      for (Cost& each : arm.economics.costs) each.amount = number(0);
  const Run one = run(scenario);
  for (const std::string& name : money()) {
    INFO(name);
    CHECK(one.sum(0, name) == 0);
    CHECK(one.sum(1, name) == 0);
  }
}

TEST_CASE("Equal pathways differ in nobody", "[laws]") {
  Scenario scenario = valued();
  scenario.pathways[1].steps = scenario.pathways[0].steps;
  const Run one = run(scenario);
  const Outcomes& outcomes = one.tally.outcomes;
  for (std::size_t m = 0; m < outcomes.measures; ++m) {
    INFO(one.law.accrual->measures[m].name);
    CHECK(outcomes.sum[m] == outcomes.sum[outcomes.measures + m]);
    CHECK(outcomes.differing[m * outcomes.pairs() + Outcomes::pair(0, 1)] == 0);
    // All second moments are one.
    const auto* products = &outcomes.product[m * outcomes.pairs()];
    CHECK(products[Outcomes::pair(0, 0)] == products[Outcomes::pair(0, 1)]);
    CHECK(products[Outcomes::pair(0, 0)] == products[Outcomes::pair(1, 1)]);
  }
}

TEST_CASE("A higher discount lowers every discounted value", "[laws]") {
  Scenario scenario = valued();
  for (const auto form : {DiscountForm::continuous, DiscountForm::by_year}) {
    INFO(name_of(form));
    scenario.economics->discount.form = form;
    std::vector<std::string> names = money();
    names.insert(names.end(), {"qalys_discounted", "life_years_discounted"});
    std::vector<SignedWide> before;
    for (const double rate : {0.0, 0.015, 0.03, 0.05}) {
      scenario.economics->discount.costs = number(rate);
      scenario.economics->discount.effects = number(rate);
      const Run one = run(scenario);
      for (std::size_t i = 0; i < names.size(); ++i) {
        INFO(names[i] << " at " << rate);
        const SignedWide now = one.sum(1, names[i]);
        const bool is_discounted =
            names[i].find("_discounted") != std::string::npos;
        if (rate == 0) {
          before.push_back(now);
          if (is_discounted)
            CHECK(now == one.sum(1, names[i].substr(0, names[i].size() - 11)));
        } else if (is_discounted) {
          CHECK(now < before[i]);
        } else {
          CHECK(now == before[i]);
        }
        before[i] = now;
      }
    }
  }
}

TEST_CASE("A discount of effects leaves costs alone", "[laws]") {
  Scenario scenario = valued();
  scenario.economics->discount.costs = number(0);
  scenario.economics->discount.effects = number(0.05);
  const Run one = run(scenario);
  CHECK(one.sum(0, "cost_care_discounted") == one.sum(0, "cost_care"));
  CHECK(one.sum(0, "qalys_discounted") < one.sum(0, "qalys"));
}

TEST_CASE("Nothing accrues in no time", "[laws]") {
  Scenario scenario = valued();
  scenario.horizon = 0;
  for (Step& step : scenario.steps)
    for (Arm& arm : step.arms) arm.economics.costs.pop_back();  // at the start
  const Run one = run(scenario);
  for (const std::string name : {"cost_care", "cost_drug", "life_years",
                                 "qalys", "weeks_on_treatment"}) {
    INFO(name);
    CHECK(one.sum(0, name) == 0);
  }
}

TEST_CASE("Where everybody dies at once nothing accrues after", "[laws]") {
  Scenario scenario = valued();
  std::get<LifeTable>(scenario.mortality->background).male = {1};
  std::get<LifeTable>(scenario.mortality->background).female = {1};
  // On top of what a table can say.
  for (auto& ratio : scenario.mortality->ratio_by_health) ratio = number(1e6);
  const Run one = run(scenario);
  CHECK(one.sum(0, "died") == patients);
  CHECK(one.tally.pathways[0]
            .later.occupancy[static_cast<std::size_t>(State::dead)][1] ==
        patients);
  // A tick is 1.9e-5 years; a quantum 2^-20 of one.
  const double years = static_cast<double>(one.sum(0, "life_years")) / 0x1p20;
  CHECK(years / patients < 4e-5);
  const double care = static_cast<double>(one.sum(0, "cost_care")) / 256;
  CHECK(care / patients < 1);
}

TEST_CASE("Perspectives are the sums of their kinds", "[laws]") {
  const Run one = run(valued());
  std::vector<std::size_t> totals;
  for (std::size_t m = 0; m < one.law.accrual->measures.size(); ++m)
    if (one.law.accrual->measures[m].what == Measure::What::perspective_cost)
      totals.push_back(m);
  REQUIRE(totals.size() == 4);  // two of them, undiscounted and discounted
  for (const std::size_t m : totals) {
    const Measure& total = one.law.accrual->measures[m];
    INFO(total.name);
    const std::string end = total.discounted ? "_discounted" : "";
    const SignedWide drug = one.sum(0, "cost_drug" + end);
    const SignedWide care =
        total.index == 0 ? one.sum(0, "cost_care" + end) : SignedWide{0};
    CHECK(one.tally.outcomes.sum[m] == drug + care);
  }
}

TEST_CASE("Outcomes do not depend on threads or on how a cohort is cut",
          "[laws]") {
  const Law law = compile(valued());
  RunOptions options;
  options.patients = 70'000;
  options.threads = 1;
  const Outcomes whole = simulate(law, options).outcomes;
  options.threads = 2;
  const bool same_on_two = simulate(law, options).outcomes == whole;
  CHECK(same_on_two);
  options.patients = 33'333;
  Outcomes pieces = simulate(law, options).outcomes;
  options.first_patient = 33'333;
  options.patients = 70'000 - 33'333;
  pieces += simulate(law, options).outcomes;
  const bool same_in_pieces = pieces == whole;
  CHECK(same_in_pieces);
}

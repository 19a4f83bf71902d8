// Costs and QALYs of courses whose expectation has a closed form, accruing
// continuously and by week.
#include "models/law.hpp"
#include "sim/core/simulate.hpp"
#include "tests/scenarios.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <functional>

using namespace stardsim;
using namespace stardsim::test;

namespace {

constexpr double weeks_per_year = 365.25 / 7;
constexpr std::uint32_t horizon = 260;

// Nobody is treated: remission comes and goes with constant hazards, and death
// at one hazard in every state. Hazards a week.
struct TwoStates {
  double to_remission, to_relapse, death;

  double in_remission(double week) const {
    const double sum = to_remission + to_relapse;
    return std::exp(-death * week) * to_remission / sum *
           (1 - std::exp(-sum * week));
  }
  double alive(double week) const { return std::exp(-death * week); }
};

Survival constant(double hazard_a_week) {
  return by_week(1 - std::exp(-hazard_a_week), 1);
}

Scenario scenario_of(const TwoStates& states, DiscountForm form, bool weekly) {
  Scenario scenario;
  scenario.title = "Two states";
  scenario.pathways = {{"none", "none", {}}};
  scenario.horizon = horizon;
  scenario.untreated.remission = constant(states.to_remission);
  scenario.untreated.relapse = constant(states.to_relapse);
  Covariate age;
  age.name = "age";
  age.form = EmpiricalCovariate{{40.5}, {}};
  scenario.cohort.covariates = {age};
  Mortality mortality;
  LifeTable table;
  table.male = table.female = {1 - std::exp(-states.death * weeks_per_year)};
  mortality.background = table;
  mortality.age = 0;
  scenario.mortality = mortality;

  Economics economics;
  economics.currency = "USD";
  economics.price_year = 2021;
  economics.weekly = weekly;
  economics.discount = {form, number(0.04), number(0.02)};
  Cost care;
  care.amount = number(150);
  care.per = Per::week;
  care.when.health = {Health::no_response};
  economics.kinds = {{"care", "Care", {care}, {}}};
  economics.perspectives = {{"all", "all", {0}}};
  economics.utilities =
      Utilities{{number(0.55), number(0.55), number(0.85)}, {}};
  scenario.economics = economics;
  return scenario;
}

double discount(DiscountForm form, double rate, double week) {
  const double years = week / weeks_per_year;
  return form == DiscountForm::none
             ? 1
             : std::pow(1 + rate, form == DiscountForm::by_year
                                      ? -std::floor(years)
                                      : -years);
}

// Of a value a week: the midpoint rule on steps of 1/256 week, or what holds at
// the start of each week.
double accrued(bool weekly, const std::function<double(double)>& value) {
  const double step = weekly ? 1 : 1.0 / 256;
  const double within = weekly ? 0 : step / 2;
  double sum = 0;
  for (double week = 0; week < horizon; week += step)
    sum += value(week + within) * step;
  return sum;
}

void check_mean(const Outcomes& outcomes, const std::vector<Measure>& measures,
                const std::string& name, double n, double expected) {
  const std::size_t m = find_measure(measures, name);
  REQUIRE(m != no_measure);
  const double quantum = measures[m].quantum;
  const double mean = static_cast<double>(outcomes.sum[m]) / n * quantum;
  const double square =
      static_cast<double>(outcomes.product[m]) / n * quantum * quantum;
  const double se = std::sqrt((square - mean * mean) / n);
  INFO(name << ": " << mean << " against " << expected << ", standard error "
            << se);
  CHECK(std::abs(mean - expected) < 4 * se);
  // The check can tell a difference of half a percent.
  CHECK(se < 0.00125 * expected);
}

}  // namespace

TEST_CASE("Costs, QALYs and life-years have their expectations",
          "[validation]") {
  const TwoStates states{0.01, 0.02, 0.001};
  for (const bool weekly : {false, true})
    for (const DiscountForm form :
         {DiscountForm::none, DiscountForm::continuous,
          DiscountForm::by_year}) {
      INFO((weekly ? "weekly" : "continuous")
           << ", discount " << name_of(form));
      const Law law = compile(scenario_of(states, form, weekly));
      RunOptions run;
      run.patients = 400'000;
      run.luck.seed = 260;
      const Tally tally = simulate(law, run);
      const double n = static_cast<double>(run.patients);
      const auto check = [&](const std::string& name, double yearly_rate,
                             double of_remission, double of_others) {
        const std::string full =
            form == DiscountForm::none ? name : name + "_discounted";
        check_mean(tally.outcomes, law.accrual->measures, full, n,
                   accrued(weekly, [&](double week) {
                     const double remitted = states.in_remission(week);
                     return discount(form, yearly_rate, week) *
                            (of_remission * remitted +
                             of_others * (states.alive(week) - remitted));
                   }));
      };
      check("cost_care", 0.04, 0, 150);
      check("qalys", 0.02, 0.85 / weeks_per_year, 0.55 / weeks_per_year);
      check("life_years", 0.02, 1 / weeks_per_year, 1 / weeks_per_year);
    }
}

#include "sim/core/account.hpp"

#include "tests/scenarios.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <map>

using namespace stardsim;
using namespace stardsim::test;

namespace {

constexpr Ticks week = ticks_per_week;
constexpr double yearly = 0.03;

Cost cost(std::size_t kind, double amount, Per per, When when = {}) {
  return {kind, std::move(when), number(amount), per, false};
}

// Two steps; drug costs by arm, care by health, events; years of 52 weeks.
Scenario priced(DiscountForm form) {
  Scenario scenario = one_step(0.3, 8);
  scenario.steps.push_back(scenario.steps[0]);
  scenario.pathways[0].steps = {0, 1};
  scenario.horizon = 104;
  scenario.horizon_weeks = 104;
  scenario.time.weeks_per_year = 52;
  scenario.time.lasting_remission_weeks = 13;
  Economics economics{};
  economics.currency = "USD";
  economics.price_year = 2021;
  economics.discount = {form, number(yearly), number(yearly)};
  economics.kinds = {{"drug", "", {}, {}}, {"care", "", {}, {}}};
  economics.kinds[1].rates = {
      cost(1, 520, Per::year, {{Health::no_response}, {}, {}}),
      cost(1, 4, Per::week, {{Health::remission}, {}, {}})};
  economics.kinds[1].events = {{1, CostlyEvent::relapse, number(40)},
                               {1, CostlyEvent::failure, number(7)}};
  economics.perspectives = {{"all", "", {0, 1}}};
  economics.utilities = Utilities{{number(0.5), number(0.7), number(0.85)}, {}};
  scenario.economics = economics;
  scenario.steps[0].arms[0].economics.costs = {
      cost(0, 5, Per::week, {{}, {Phase::acute, Phase::follow_up}, {}})};
  Arm& second = scenario.steps[1].arms[0];
  second.sessions_per_week = number(3);
  second.economics.costs = {cost(0, 100, Per::session),
                            cost(0, 250, Per::start)};
  second.economics.utility_decrement = number(0.1);
  return scenario;
}

// The pathway's arms, as far as account() looks at them.
PathwayLaw pathway() {
  PathwayLaw steps(2);
  for (std::size_t s = 0; s < 2; ++s) {
    steps[s].arms.resize(1);
    steps[s].arms[0].origin = s;
  }
  return steps;
}

Event event(Ticks tick, Happening what, std::uint32_t position = 0) {
  return {tick, what, position, position, 0};
}

// Remits after 8 weeks of the first step, relapses in week 60, fails the
// second, stays untreated.
Life relapsing() {
  Life life;
  life.events = {event(0, Happening::entry),
                 event(0, Happening::start),
                 event(8 * week, Happening::remission),
                 event(8 * week, Happening::follow_up),
                 event(60 * week, Happening::relapse),
                 event(60 * week, Happening::start, 1),
                 event(68 * week, Happening::no_response, 1),
                 event(68 * week, Happening::exhausted, 1),
                 event(104 * week, Happening::horizon, 1)};
  life.stretches = {
      {0, 8 * week, Health::no_response, Phase::acute, false, 0},
      {8 * week, 60 * week, Health::remission, Phase::follow_up, false, 0},
      {60 * week, 68 * week, Health::no_response, Phase::acute, false, 1},
      {68 * week, 104 * week, Health::no_response, Phase::untreated, true,
       nothing}};
  return life;
}

class Account {
 public:
  Account(const Scenario& scenario, const Life& life, bool remits = false)
      : law_(compile_accrual(scenario)), values_(law_.measures.size(), -77) {
    account(law_, pathway(), life, remits, values_.data());
  }
  double operator()(const char* name) const {
    const std::size_t m = find_measure(law_.measures, name);
    REQUIRE(m != no_measure);
    return static_cast<double>(values_[m]) * law_.measures[m].quantum;
  }
  std::int64_t quanta(const char* name) const {
    return values_.at(find_measure(law_.measures, name));
  }
  const AccrualLaw& law() const { return law_; }

 private:
  AccrualLaw law_;
  std::vector<std::int64_t> values_;
};

constexpr double cent = 0x1p-8, moment = 0x1.01p-20;  // one quantum

}  // namespace

TEST_CASE("What befell a patient is counted", "[core]") {
  const Account patient(priced(DiscountForm::none), relapsing(), true);
  CHECK(patient("remission_if_all_continue") == 1);
  CHECK(patient("remission") == 1);
  CHECK(patient("sustained_remission") == 0);
  CHECK(patient("partial_response") == 0);
  CHECK(patient("response") == 1);
  CHECK(patient("lasting_remission") == 1);
  CHECK(patient("resistant") == 1);
  CHECK(patient("adverse_event") == 0);
  CHECK(patient("died") == 0);
  CHECK(patient("lines") == 2);
  CHECK(patient("remissions") == 1);
  CHECK(patient("lasting_remissions") == 1);
  CHECK(patient("relapses") == 1);
  CHECK(patient("failures") == 1);
  CHECK(patient("weeks_on_treatment") == 68);
  CHECK(patient("weeks_in_no_response") == 52);
  CHECK(patient("weeks_in_partial_response") == 0);
  CHECK(patient("weeks_in_remission") == 52);
  CHECK(patient("weeks_in_lasting_remission") == 39);
  CHECK(patient("weeks_resistant") == 36);
}

TEST_CASE("Costs and QALYs of a patient by hand", "[core]") {
  const Account patient(priced(DiscountForm::none), relapsing());
  // 60 weeks of a drug, 8 of three sessions a week, one start.
  CHECK(patient("cost_drug") == 60 * 5 + 8 * 300 + 250);
  CHECK(patient("cost_care") == 52 * 10 + 52 * 4 + 40 + 7);
  CHECK(patient("total_all") == 2950 + 775);
  CHECK(patient("life_years") == 2);
  CHECK(patient("qalys") ==
        Approx((52 * 0.5 + 52 * 0.85 - 8 * 0.1) / 52).margin(moment));
}

TEST_CASE("Discounted by year, the second year counts for less", "[core]") {
  const Account patient(priced(DiscountForm::by_year), relapsing());
  CHECK(patient("cost_drug") == 2950);
  CHECK(patient("cost_drug_discounted") ==
        Approx(260 + (8 * 5 + 2400 + 250) / 1.03).margin(cent));
  CHECK(patient("cost_care_discounted") ==
        Approx(8 * 10 + 44 * 4 + (8 * 4 + 8 * 10 + 36 * 10 + 40 + 7) / 1.03)
            .margin(cent));
  CHECK(patient("life_years_discounted") ==
        Approx(1 + 1 / 1.03).margin(moment));
  CHECK(patient("qalys_discounted") ==
        Approx((8 * 0.5 + 44 * 0.85 + (8 * 0.85 + 8 * 0.4 + 36 * 0.5) / 1.03) /
               52)
            .margin(moment));
}

TEST_CASE("Discounted continuously, every moment has its factor", "[core]") {
  const Account patient(priced(DiscountForm::continuous), relapsing());
  const auto factor = [](double t) { return std::pow(1 + yearly, -t / 52); };
  const auto time = [&](double from, double to) {  // weeks
    return (factor(from) - factor(to)) * 52 / std::log1p(yearly);
  };
  CHECK(patient("cost_drug_discounted") ==
        Approx(5 * time(0, 60) + 300 * time(60, 68) + 250 * factor(60))
            .margin(2 * cent));
  CHECK(patient("cost_care_discounted") ==
        Approx(10 * time(0, 8) + 4 * time(8, 60) + 40 * factor(60) +
               10 * time(60, 104) + 7 * factor(68))
            .margin(cent));
  CHECK(patient("qalys_discounted") ==
        Approx((0.5 * time(0, 8) + 0.85 * time(8, 60) + 0.4 * time(60, 68) +
                0.5 * time(68, 104)) /
               52)
            .margin(3 * moment));
}

TEST_CASE("Weekly, a state holds for the weeks that start in it", "[core]") {
  Scenario scenario = priced(DiscountForm::continuous);
  scenario.economics->weekly = true;
  Life life = relapsing();
  // Remission comes within week 8 (the ninth), relapse within week 59.
  life.stretches[0].to = life.stretches[1].from = 8 * week + 300;
  life.stretches[1].to = life.stretches[2].from = 59 * week + 1;
  const Account patient(scenario, life);
  const auto time = [&](int from, int to) {
    double sum = 0;
    for (int w = from; w < to; ++w) sum += std::pow(1 + yearly, -w / 52.0);
    return sum;
  };
  CHECK(patient("qalys") ==
        Approx((9 * 0.5 + 51 * 0.85 + 8 * 0.4 + 36 * 0.5) / 52).margin(moment));
  CHECK(patient("qalys_discounted") ==
        Approx((0.5 * time(0, 9) + 0.85 * time(9, 60) + 0.4 * time(60, 68) +
                0.5 * time(68, 104)) /
               52)
            .margin(2 * moment));
  // Time in a state is what it was.
  CHECK(patient("weeks_in_remission") == 51 - 299.0 / 1024);
}

TEST_CASE("In full health a QALY is a life-year exactly", "[core]") {
  for (const auto form :
       {DiscountForm::none, DiscountForm::continuous, DiscountForm::by_year})
    for (const double weeks_per_year : {52.0, 365.25 / 7})
      for (const bool weekly : {false, true}) {
        Scenario scenario = priced(form);
        scenario.time.weeks_per_year = weeks_per_year;
        scenario.economics->weekly = weekly;
        scenario.economics->utilities =
            Utilities{{number(1), number(1), number(1)}, {}};
        scenario.steps[1].arms[0].economics.utility_decrement.reset();
        Life life = relapsing();
        life.stretches[2].to = life.stretches[3].from = 70'123;
        const Account patient(scenario, life);
        CHECK(patient.quanta("qalys") == patient.quanta("life_years"));
        if (form != DiscountForm::none) {
          CHECK(patient.quanta("qalys_discounted") ==
                patient.quanta("life_years_discounted"));
          CHECK(patient.quanta("qalys_discounted") < patient.quanta("qalys"));
        }
      }
}

TEST_CASE("Costs of 0 sum to 0", "[core]") {
  Scenario scenario = priced(DiscountForm::continuous);
  for (CostKind& kind : scenario.economics->kinds) {
    for (Cost& one : kind.rates) one.amount = number(0);
    for (EventCost& one : kind.events) one.amount = number(0);
  }
  for (Step& step : scenario.steps)
    for (Cost& one : step.arms[0].economics.costs) one.amount = number(0);
  const Account patient(scenario, relapsing());
  for (const auto* name :
       {"cost_drug", "cost_drug_discounted", "cost_care", "total_all",
        "cost_care_discounted", "total_all_discounted"})
    CHECK(patient.quanta(name) == 0);
}

TEST_CASE("Without time nothing accrues", "[core]") {
  Scenario scenario = priced(DiscountForm::continuous);
  scenario.horizon = 0;
  scenario.horizon_weeks = 0;
  Life life;
  life.events = {event(0, Happening::entry), event(0, Happening::horizon)};
  const Account patient(scenario, life);
  for (const Measure& one : patient.law().measures)
    CHECK(patient.quanta(one.name.c_str()) == 0);
}

TEST_CASE("After death nothing accrues", "[core]") {
  Life life = relapsing();
  life.events.resize(4);
  life.events.push_back(event(34 * week, Happening::death));
  life.stretches.resize(2);
  life.stretches[1].to = 34 * week;
  life.cause_of_death = CauseOfDeath::suicide;
  Scenario scenario = priced(DiscountForm::by_year);
  scenario.economics->kinds[1].events.push_back(
      {1, CostlyEvent::death, number(1000)});
  const Account patient(scenario, life);
  CHECK(patient("died") == 1);
  CHECK(patient("suicide") == 1);
  CHECK(patient("procedure_death") == 0);
  CHECK(patient("sustained_remission") == 0);
  CHECK(patient("life_years") == Approx(34 / 52.0).margin(moment));
  CHECK(patient("cost_care") == 8 * 10 + 26 * 4 + 1000);
  CHECK(patient("weeks_in_remission") == 26);
}

TEST_CASE("A first remission is sustained until it is lost", "[core]") {
  const Scenario scenario = priced(DiscountForm::none);
  Life life = relapsing();
  life.events.resize(4);
  life.events.push_back(event(104 * week, Happening::horizon));
  CHECK(Account(scenario, life)("sustained_remission") == 1);
  life.events.back().what = Happening::drop_out;
  CHECK(Account(scenario, life)("sustained_remission") == 0);
  life.events.back().what = Happening::left_care;
  CHECK(Account(scenario, life)("sustained_remission") == 0);
  // Another remission does not bring the first one back.
  life.events.back() = event(60 * week, Happening::relapse);
  life.events.push_back(event(60 * week, Happening::start, 1));
  life.events.push_back(event(66 * week, Happening::remission, 1));
  const Account again(scenario, life);
  CHECK(again("sustained_remission") == 0);
  CHECK(again("remissions") == 2);
  // A spontaneous one counts too.
  Life untreated;
  untreated.events = {event(0, Happening::entry),
                      event(0, Happening::exhausted),
                      event(9 * week, Happening::spontaneous_remission)};
  CHECK(Account(scenario, untreated)("sustained_remission") == 1);
  untreated.events.push_back(event(20 * week, Happening::spontaneous_relapse));
  const Account relapsed(scenario, untreated);
  CHECK(relapsed("sustained_remission") == 0);
  CHECK(relapsed("relapses") == 1);
  CHECK(relapsed("cost_care") == 40);
}

TEST_CASE("A remission lasts over the stretches it is made of", "[core]") {
  const Scenario scenario = priced(DiscountForm::none);
  Life life;
  const auto add = [&](double to, Health health, Phase phase, bool resistant) {
    const Ticks from = life.stretches.empty() ? 0 : life.stretches.back().to;
    life.stretches.push_back(
        {from, to_ticks(to), health, phase, resistant, nothing});
  };
  add(4, Health::no_response, Phase::acute, false);
  add(8, Health::remission, Phase::follow_up, false);
  add(8, Health::no_response, Phase::gap, false);      // no time at all
  add(17, Health::remission, Phase::untreated, true);  // 13 weeks in all
  add(20, Health::partial_response, Phase::extension, true);
  add(33 - 1.0 / 1024, Health::remission, Phase::follow_up, true);  // too short
  add(34, Health::no_response, Phase::gap, true);
  add(34, Health::no_response, Phase::waiting, true);
  add(64, Health::remission, Phase::out_of_care, false);
  const Account patient(scenario, life);
  CHECK(patient("lasting_remission") == 1);
  CHECK(patient("lasting_remissions") == 2);
  CHECK(patient("weeks_in_lasting_remission") == 30 - 13);
  CHECK(patient("weeks_in_remission") == 13 + 13 + 30 - 1.0 / 1024);
  CHECK(patient("partial_response") == 1);
  CHECK(patient("weeks_in_partial_response") == 3);
  CHECK(patient("weeks_on_treatment") == 4 + 4 + 3 + 13 - 1.0 / 1024);
  CHECK(patient("weeks_resistant") == 34 - 8);
}

TEST_CASE("Attempts that end without remission are failures", "[core]") {
  const Scenario scenario = priced(DiscountForm::none);
  Life life;
  life.events = {event(0, Happening::entry), event(0, Happening::start)};
  for (const auto what : {Happening::no_response, Happening::intolerance,
                          Happening::partial_response}) {
    life.events.push_back(event(8 * week, what));
    life.events.push_back(event(8 * week, Happening::start, 1));
  }
  life.events.push_back(event(10 * week, Happening::extension, 1));
  life.events.push_back(event(12 * week, Happening::partial_response_lost, 1));
  const Account patient(scenario, life);
  CHECK(patient("lines") == 4);
  CHECK(patient("failures") == 3);
  CHECK(patient("relapses") == 1);
  CHECK(patient("partial_response") == 1);
  CHECK(patient("response") == 1);
  CHECK(patient("cost_care") == 3 * 7 + 40);
}

TEST_CASE("Adverse events cost money and health when they come", "[core]") {
  Scenario scenario = priced(DiscountForm::by_year);
  AdverseEvent mild{}, serious{};
  mild.name = "mild";
  mild.costs = {cost(1, 10, Per::start)};
  serious.name = "serious";
  serious.qaly_loss = number(0.125);
  serious.costs = {cost(1, 1000, Per::start), cost(0, 3, Per::start)};
  scenario.economics->adverse_events = {mild, serious};
  Life life = relapsing();
  life.events.insert(life.events.begin() + 6,
                     event(60 * week, Happening::adverse_event, 1));
  life.events.insert(life.events.begin() + 2,
                     event(0, Happening::adverse_event));
  life.adverse_events = {0, 1};
  const Account with(scenario, life),
      without(priced(DiscountForm::by_year), relapsing());
  CHECK(with("adverse_event") == 1);
  CHECK(with("cost_care") - without("cost_care") == 1010);
  CHECK(with("cost_care_discounted") - without("cost_care_discounted") ==
        Approx(10 + 1000 / 1.03).margin(cent));
  CHECK(with("cost_drug") - without("cost_drug") == 3);
  CHECK(with("qalys") - without("qalys") == Approx(-0.125).margin(moment));
  CHECK(with("qalys_discounted") - without("qalys_discounted") ==
        Approx(-0.125 / 1.03).margin(2 * moment));
}

TEST_CASE("Lost earnings follow age and sex over a birthday", "[core]") {
  Scenario scenario = priced(DiscountForm::none);
  Earnings earnings{};
  earnings.from_age = {18, 25};
  earnings.male = {number(5200), number(10'400)};
  earnings.female = {number(2600), number(7800)};
  scenario.economics->earnings = earnings;
  scenario.mortality = Mortality{};
  scenario.mortality->age = 0;
  scenario.mortality->female = 1;
  Cost absence = cost(1, 0.25, Per::year, {{Health::remission}, {}, {}});
  absence.of_earnings = true;
  scenario.economics->kinds[1].rates = {absence};
  scenario.economics->kinds[1].events.clear();
  Life life = relapsing();
  // 25 after a quarter of a year, 13 weeks: 5 weeks after remission.
  life.covariates = {24.75f, 0};
  CHECK(Account(scenario, life)("cost_care") == 0.25 * (5 * 100 + 47 * 200));
  life.covariates = {24.75f, 1};
  CHECK(Account(scenario, life)("cost_care") == 0.25 * (5 * 50 + 47 * 150));
  life.covariates = {24, 1};  // 25 after 52 weeks
  CHECK(Account(scenario, life)("cost_care") == 0.25 * (44 * 50 + 8 * 150));
  life.covariates = {16.75f, 0};  // earns from week 65 on
  CHECK(Account(scenario, life)("cost_care") == 0);
  life.covariates = {130, 0};
  CHECK(Account(scenario, life)("cost_care") == 0.25 * 52 * 200);

  // A share that a treatment alone takes.
  absence.when = {{}, {Phase::acute}, {}};
  scenario.economics->kinds[1].rates.clear();
  absence.kind = 1;
  scenario.steps[1].arms[0].economics.costs.push_back(absence);
  life.covariates = {24.75f, 0};
  CHECK(Account(scenario, life)("cost_care") == 0.25 * 8 * 200);
}

TEST_CASE("Savings are negative to the cent", "[core]") {
  Scenario scenario = priced(DiscountForm::none);
  for (Cost& one : scenario.economics->kinds[1].rates)
    one.amount.value = -one.amount.value;
  for (EventCost& one : scenario.economics->kinds[1].events)
    one.amount.value = -one.amount.value;
  CHECK(Account(scenario, relapsing())("cost_care") == -775);
}

TEST_CASE("The higher the discount, the lower the values", "[core]") {
  for (const auto form : {DiscountForm::continuous, DiscountForm::by_year}) {
    std::map<std::string, std::int64_t> last;
    for (const double rate : {0.0, 0.015, 0.03, 0.05, 1.0}) {
      Scenario scenario = priced(form);
      scenario.economics->discount.costs = number(rate);
      scenario.economics->discount.effects = number(rate);
      const Account patient(scenario, relapsing());
      for (const std::string name :
           {"life_years", "qalys", "cost_drug", "cost_care", "total_all"}) {
        const auto now = patient.quanta((name + "_discounted").c_str());
        if (rate == 0)
          CHECK(now == patient.quanta(name.c_str()));
        else
          CHECK(now < last[name]);
        last[name] = now;
      }
    }
  }
}

TEST_CASE("Costs and effects are discounted apart", "[core]") {
  Scenario scenario = priced(DiscountForm::by_year);
  scenario.economics->discount.costs = number(0);
  const Account patient(scenario, relapsing());
  CHECK(patient("total_all_discounted") == patient("total_all"));
  CHECK(patient("life_years_discounted") ==
        Approx(1 + 1 / 1.03).margin(moment));
}

TEST_CASE("An outcome is rounded to the nearest quantum", "[core]") {
  Scenario scenario = priced(DiscountForm::none);
  scenario.economics->kinds[1].events.clear();
  for (const auto& [amount, quanta] : std::map<double, std::int64_t>{
           {0.0013, 0}, {0.0026, 1}, {-0.0026, -1}}) {
    // 0.33, 0.67 and -0.67 quanta of 1/256 in a week.
    scenario.economics->kinds[1].rates = {cost(1, amount, Per::week)};
    Life life;
    life.stretches = {
        {0, week, Health::no_response, Phase::untreated, false, nothing}};
    CHECK(Account(scenario, life).quanta("cost_care") == quanta);
  }
}

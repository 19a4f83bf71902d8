#include "models/accrual.hpp"

#include "tests/scenarios.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <numeric>

using namespace stardsim;
using namespace stardsim::test;

namespace {

constexpr double julian_weeks = 365.25 / 7;
constexpr Ticks five_years = 261 * ticks_per_week;

double weeks(std::uint32_t time) { return time * 0x1p-16; }
double number_of(std::uint32_t factor) { return factor * 0x1p-30; }

// The integral of (1 + rate)^-(t / weeks_per_year) from 0 to `week`.
double annuity(double rate, double weeks_per_year, double week) {
  return (1 - std::pow(1 + rate, -week / weeks_per_year)) * weeks_per_year /
         std::log(1 + rate);
}

// A scenario of one arm in each of two steps, with nothing that costs.
Scenario plain() {
  Scenario scenario = one_step(0.3, 10);
  scenario.steps.push_back(scenario.steps[0]);
  scenario.pathways[0].steps = {0, 1};
  scenario.horizon = 260;
  scenario.horizon_weeks = 260;
  scenario.time.weeks_per_year = 52;
  Economics economics{};
  economics.currency = "USD";
  economics.price_year = 2021;
  economics.discount.form = DiscountForm::by_year;
  economics.kinds = {{"drug", "", {}, {}}, {"care", "", {}, {}}};
  economics.perspectives = {{"payer", "", {0}}, {"society", "", {0, 1}}};
  economics.utilities = Utilities{{number(0.5), number(0.75), number(1)}, {}};
  scenario.economics = economics;
  return scenario;
}

Cost cost(std::size_t kind, double amount, Per per, When when = {}) {
  return {kind, std::move(when), number(amount), per, false};
}

const AccruingMeasure& measure(const AccrualLaw& law, const char* name) {
  const std::size_t wanted = find_measure(law.measures, name);
  for (const AccruingMeasure& one : law.accruing)
    if (one.measure == wanted) return one;
  FAIL(name << " does not accrue");
  throw std::logic_error("unreachable");
}

double rate(const AccruingMeasure& measure, Health health, Phase phase,
            bool resistant = false, std::size_t arm = no_measure) {
  const std::size_t cell = accrual_cell(health, phase, resistant);
  std::int64_t sum = measure.rate[cell];
  if (arm != no_measure && !measure.by_arm.empty())
    sum += measure.by_arm[arm][cell];
  return std::ldexp(static_cast<double>(sum), -measure.rate_bits);
}

double amount(const AccruingMeasure& measure, std::int64_t at_once) {
  return std::ldexp(static_cast<double>(at_once), -measure.rate_bits - 16);
}

}  // namespace

TEST_CASE("Time without discount is time", "[models]") {
  for (const double rate : {0.0, 0.03}) {
    const DiscountedTime time(DiscountForm::none, rate, julian_weeks, false,
                              five_years);
    for (const Ticks tick : {Ticks{0}, Ticks{1}, Ticks{1023}, Ticks{1024},
                             Ticks{54321}, five_years}) {
      CHECK(time(tick) == 64 * tick);
      CHECK(number_of(time.factor(tick)) == 1);
    }
    CHECK(time.by_week().size() >= 262);
  }
  const DiscountedTime time(DiscountForm::by_year, 0, julian_weeks, false,
                            five_years);
  CHECK(time(five_years) == 64 * five_years);
}

TEST_CASE("Continuous discounting is the integral of its factor", "[models]") {
  for (const double yearly : {0.015, 0.03, 0.1}) {
    const DiscountedTime time(DiscountForm::continuous, yearly, julian_weeks,
                              false, five_years);
    for (Ticks week = 0; week <= 261; ++week)
      CHECK(std::abs(weeks(time(week * 1024)) -
                     annuity(yearly, julian_weeks, week)) < 0x1.01p-17);
    // Between week ends a chord lies below its arc, by f'/8 at most.
    const double below = std::log1p(yearly) / (8 * julian_weeks);
    for (Ticks tick = 0; tick <= five_years; tick += 111) {
      const double off =
          annuity(yearly, julian_weeks, to_weeks(tick)) - weeks(time(tick));
      CHECK(off > -0x1p-15);
      CHECK(off < below + 0x1p-15);
      CHECK(std::abs(number_of(time.factor(tick)) -
                     std::pow(1 + yearly, -to_weeks(tick) / julian_weeks)) <
            0x1p-29);
    }
  }
}

TEST_CASE("At 3 % five years of continuous payment are worth 4.6481",
          "[models]") {
  // (1 - 1.03^-5) / ln 1.03 years.
  const DiscountedTime time(DiscountForm::continuous, 0.03, 52, false,
                            260 * 1024);
  CHECK(weeks(time(260 * 1024)) / 52 == Approx(4.648064).epsilon(1e-6));
}

TEST_CASE("Discounting by year sums the factors of the years", "[models]") {
  // An annuity-due of five payments at 3 %: 4.717098.
  const DiscountedTime time(DiscountForm::by_year, 0.03, 52, false, 260 * 1024);
  CHECK(weeks(time(260 * 1024)) / 52 == Approx(4.717098).epsilon(1e-6));
  CHECK(number_of(time.factor(0)) == 1);
  CHECK(number_of(time.factor(52 * 1024 - 1)) == 1);
  CHECK(number_of(time.factor(52 * 1024)) == Approx(1 / 1.03).epsilon(1e-9));
  CHECK(number_of(time.factor(260 * 1024)) ==
        Approx(std::pow(1.03, -5)).epsilon(1e-9));
  // Years of whole weeks: a line within each.
  CHECK(time.by_week().size() >= 261);
}

TEST_CASE("Discounting by year changes at the tick of the year's end",
          "[models]") {
  const DiscountedTime time(DiscountForm::by_year, 0.03, julian_weeks, false,
                            five_years);
  CHECK(time.by_week().empty());
  const Ticks year = 53431;  // 365.25 / 7 * 1024 = 53430.86
  CHECK(number_of(time.factor(year - 1)) == 1);
  CHECK(number_of(time.factor(year)) == Approx(1 / 1.03).epsilon(1e-9));
  CHECK(time(year) == 64 * year);
  for (const Ticks later : {1u, 100u, 500u, 1024u, 50000u})
    CHECK(std::abs(weeks(time(year + later)) -
                   (to_weeks(year) + to_weeks(later) / 1.03)) < 0x1.1p-17);
  // By the sum over the years, each from tick to tick.
  double sum = 0;
  for (int k = 0; k < 5; ++k) {
    const Ticks from = to_ticks(k * julian_weeks),
                to = to_ticks((k + 1) * julian_weeks);
    for (const Ticks within : {from, (from + to) / 2, to})
      CHECK(std::abs(weeks(time(within)) -
                     (sum + to_weeks(within - from) * std::pow(1.03, -k))) <
            0x1p-15);
    sum += to_weeks(to - from) * std::pow(1.03, -k);
  }
}

TEST_CASE("After 28 years of 365.25 days a year ends with a week", "[models]") {
  const DiscountedTime time(DiscountForm::by_year, 0.03, julian_weeks, false,
                            30 * 53 * 1024);
  const Ticks end = 1461 * 1024;
  CHECK(number_of(time.factor(end - 1)) ==
        Approx(std::pow(1.03, -27)).epsilon(1e-8));
  CHECK(number_of(time.factor(end)) ==
        Approx(std::pow(1.03, -28)).epsilon(1e-8));
}

TEST_CASE("Weekly, what holds at a week's start holds all week", "[models]") {
  const double d = std::pow(1.035, -1.0 / 52);
  const DiscountedTime time(DiscountForm::continuous, 0.035, 52, true,
                            104 * 1024);
  for (Ticks week = 0; week <= 104; ++week) {
    // The geometric series of weeks paid at their start.
    CHECK(std::abs(weeks(time(week * 1024)) -
                   (1 - std::pow(d, week)) / (1 - d)) < 0x1.1p-17);
    CHECK(time.by_week()[week] == time(week * 1024));
    if (week == 104) break;
    CHECK(time(week * 1024 + 1) == time((week + 1) * 1024));
    CHECK(time(week * 1024 + 1023) == time((week + 1) * 1024));
    CHECK(number_of(time.factor(week * 1024 + 1023)) ==
          Approx(std::pow(d, week)).epsilon(1e-8));
  }
}

TEST_CASE("Weekly by year, a week has the factor of the year it starts in",
          "[models]") {
  const DiscountedTime time(DiscountForm::by_year, 0.03, julian_weeks, true,
                            five_years);
  // Year 1 starts within week 52, year 2 within week 104 (104.36).
  CHECK(weeks(time(53 * 1024)) == 53);
  CHECK(weeks(time(105 * 1024)) == Approx(53 + 52 / 1.03).margin(0x1p-15));
  CHECK(number_of(time.factor(53 * 1024 - 1)) == 1);
  CHECK(number_of(time.factor(53 * 1024)) == Approx(1 / 1.03).epsilon(1e-9));
}

TEST_CASE("Discounted time never runs backwards", "[models]") {
  for (const auto form :
       {DiscountForm::none, DiscountForm::continuous, DiscountForm::by_year})
    for (const double weeks_per_year : {52.0, julian_weeks, 53.9})
      for (const double yearly : {0.03, 1.0}) {
        const DiscountedTime time(form, yearly, weeks_per_year, false,
                                  five_years);
        std::uint32_t last = 0;
        bool rises = true;
        for (Ticks tick = 1; tick <= five_years; ++tick) {
          const std::uint32_t now = time(tick);
          rises = rises && now >= last && now <= last + 65;
          last = now;
        }
        CHECK(rises);
      }
}

TEST_CASE("Where time is straight within weeks, its week ends give all of it",
          "[models]") {
  for (const auto form : {DiscountForm::continuous, DiscountForm::by_year}) {
    const DiscountedTime time(form, 0.03, 52, false, five_years);
    const auto& table = time.by_week();
    REQUIRE(!table.empty());
    for (Ticks tick = 0; tick <= five_years; tick += 77) {
      const Ticks w = tick / 1024, within = tick % 1024;
      CHECK(time(tick) ==
            table[w] + (((table[w + 1] - table[w]) * within + 512) >> 10));
    }
  }
}

TEST_CASE("A horizon of nothing has no time", "[models]") {
  const DiscountedTime time(DiscountForm::continuous, 0.03, 52, false, 0);
  CHECK(time(0) == 0);
  CHECK(number_of(time.factor(0)) == 1);
}

TEST_CASE("Costs accrue by week, year and session, and are paid at a start",
          "[models]") {
  Scenario scenario = plain();
  scenario.economics->kinds[1].rates = {
      cost(1, 5200, Per::year, {{Health::no_response}, {}, {}}),
      cost(1, 3, Per::week, {{}, {Phase::gap, Phase::untreated}, {}})};
  Arm& first = scenario.steps[0].arms[0];
  first.economics.costs = {
      cost(0, 7, Per::week, {{}, {Phase::acute, Phase::follow_up}, {}})};
  Arm& second = scenario.steps[1].arms[0];
  second.sessions_per_week = number(3);
  second.economics.costs = {cost(0, 100, Per::session),
                            cost(0, 250, Per::start)};
  const AccrualLaw law = compile_accrual(scenario);

  const AccruingMeasure& care = measure(law, "cost_care");
  CHECK(rate(care, Health::no_response, Phase::acute) == 100);
  CHECK(rate(care, Health::no_response, Phase::gap) == 103);
  CHECK(rate(care, Health::remission, Phase::untreated, true) == 3);
  CHECK(rate(care, Health::remission, Phase::follow_up) == 0);
  CHECK(care.by_arm.empty());
  CHECK(care.at_start.empty());

  const AccruingMeasure& drug = measure(law, "cost_drug");
  const Health any = Health::partial_response;
  CHECK(rate(drug, any, Phase::acute) == 0);
  CHECK(rate(drug, any, Phase::acute, false, 0) == 7);
  CHECK(rate(drug, any, Phase::follow_up, true, 0) == 7);
  CHECK(rate(drug, any, Phase::extension, false, 0) == 0);
  CHECK(rate(drug, any, Phase::acute, false, 1) == 300);
  CHECK(rate(drug, any, Phase::follow_up, false, 1) == 0);
  REQUIRE(drug.at_start.size() == 2);
  CHECK(amount(drug, drug.at_start[0]) == 0);
  CHECK(amount(drug, drug.at_start[1]) == 250);

  // Perspectives are the sums of their kinds, as these were rounded.
  const auto total = [&](const std::string& name) {
    for (const CostTotal& each : law.totals)
      if (law.measures[each.measure].name == name) return each.kinds;
    FAIL(name << " is not added up");
    return std::vector<std::size_t>{};
  };
  const auto index = [&](const std::string& name) {
    return find_measure(law.measures, name);
  };
  CHECK(total("total_payer_discounted") ==
        std::vector{index("cost_drug_discounted")});
  CHECK(total("total_society_discounted") ==
        std::vector{index("cost_drug_discounted"),
                    index("cost_care_discounted")});
  CHECK(total("total_society") ==
        std::vector{index("cost_drug"), index("cost_care")});
  CHECK(law.is_simple);
}

TEST_CASE("Full health is a life-year exactly", "[models]") {
  for (const double weeks_per_year : {52.0, julian_weeks}) {
    Scenario scenario = plain();
    scenario.time.weeks_per_year = weeks_per_year;
    scenario.economics->utilities->resistant = {number(0.25), number(0.5),
                                                number(1)};
    const AccrualLaw law = compile_accrual(scenario);
    const AccruingMeasure &years = measure(law, "life_years"),
                          &qalys = measure(law, "qalys");
    CHECK(years.rate_bits == qalys.rate_bits);
    CHECK(years.result_bits == qalys.result_bits);
    for (const bool resistant : {false, true}) {
      const auto full =
          accrual_cell(Health::remission, Phase::acute, resistant);
      CHECK(qalys.rate[full] == years.rate[full]);
    }
    CHECK(rate(years, Health::no_response, Phase::gap) ==
          Approx(1 / weeks_per_year).epsilon(1e-9));
    CHECK(rate(qalys, Health::no_response, Phase::gap) ==
          Approx(0.5 / weeks_per_year).epsilon(1e-8));
    CHECK(rate(qalys, Health::no_response, Phase::gap, true) ==
          Approx(0.25 / weeks_per_year).epsilon(1e-8));
    CHECK_FALSE(law.is_simple);
  }
}

TEST_CASE("A treatment takes from utility while it is given", "[models]") {
  Scenario scenario = plain();
  scenario.steps[1].arms[0].economics.utility_decrement = number(0.1);
  const AccrualLaw law = compile_accrual(scenario);
  const AccruingMeasure& qalys = measure(law, "qalys");
  const Health health = Health::no_response;
  CHECK(52 * rate(qalys, health, Phase::acute, false, 1) ==
        Approx(0.4).epsilon(1e-8));
  CHECK(52 * rate(qalys, health, Phase::follow_up, false, 1) ==
        Approx(0.5).epsilon(1e-8));
  CHECK(52 * rate(qalys, health, Phase::acute, false, 0) ==
        Approx(0.5).epsilon(1e-8));
}

TEST_CASE("Events and adverse events are paid at once", "[models]") {
  Scenario scenario = plain();
  scenario.economics->kinds[1].events = {{1, CostlyEvent::relapse, number(40)},
                                         {1, CostlyEvent::death, number(500)}};
  AdverseEvent serious{};
  serious.name = "serious";
  serious.qaly_loss = number(0.129);
  serious.costs = {cost(1, 60, Per::start)};
  scenario.economics->adverse_events = {serious};
  const AccrualLaw law = compile_accrual(scenario);
  const AccruingMeasure& care = measure(law, "cost_care_discounted");
  REQUIRE(care.at_event.size() == 4);
  CHECK(amount(care, care.at_event[0]) == 40);
  CHECK(amount(care, care.at_event[1]) == 0);
  CHECK(amount(care, care.at_event[3]) == 500);
  REQUIRE(care.at_adverse_event.size() == 1);
  CHECK(amount(care, care.at_adverse_event[0]) == 60);
  const AccruingMeasure& qalys = measure(law, "qalys");
  CHECK(amount(qalys, qalys.at_adverse_event.at(0)) ==
        Approx(-0.129).epsilon(1e-12));
  CHECK(measure(law, "cost_drug").at_event.empty());
  CHECK(measure(law, "life_years").at_adverse_event.empty());
}

TEST_CASE("Earnings are those of the age band and the sex", "[models]") {
  Scenario scenario = plain();
  Earnings earnings{};
  earnings.from_age = {18, 25};
  earnings.male = {number(5200), number(10400)};
  earnings.female = {number(2600), number(7800)};
  earnings.age_covariate = 0;
  earnings.female_covariate = 1;
  scenario.economics->earnings = earnings;
  CHECK(compile_accrual(scenario).earnings[0].empty());

  Cost absence = cost(1, 0.25, Per::year, {{Health::no_response}, {}, {}});
  absence.of_earnings = true;
  scenario.economics->kinds[1].rates = {absence};
  AccrualLaw law = compile_accrual(scenario);
  CHECK(law.age == 0);
  CHECK(law.female == 1);
  const auto weekly = [&](std::size_t female, std::size_t age) {
    return static_cast<double>(law.earnings[female].at(age)) * 0x1p-20;
  };
  CHECK(weekly(0, 17) == 0);
  CHECK(weekly(0, 18) == 100);
  CHECK(weekly(1, 24) == 50);
  CHECK(weekly(1, 25) == 150);
  CHECK(weekly(0, 100) == 200);
  const AccruingMeasure& care = measure(law, "cost_care");
  const auto sick =
      accrual_cell(Health::no_response, Phase::out_of_care, false);
  CHECK(static_cast<double>(care.earnings_share[sick]) * 0x1p-24 == 0.25);
  CHECK(std::ldexp(static_cast<double>(care.scaled_earnings(
                       care.earnings_share[sick], law.earnings[1][30])),
                   -care.rate_bits) == 37.5);
  CHECK_FALSE(law.is_simple);

  // Without a covariate of sex: the mean, of equal numbers.
  scenario.economics->earnings->female_covariate.reset();
  law = compile_accrual(scenario);
  CHECK(law.female == no_measure);
  CHECK(weekly(0, 20) == 75);
  CHECK(weekly(1, 20) == 75);

  scenario.economics->earnings->age_covariate.reset();
  CHECK_THROWS_AS(compile_accrual(scenario), std::invalid_argument);
}

TEST_CASE("A patient's sums have room in 64 bits", "[models]") {
  for (const double scale : {1e-6, 1.0, 1e3, 1e6}) {
    Scenario scenario = plain();
    scenario.horizon = 8191;
    scenario.economics->kinds[0].rates = {cost(0, 900 * scale, Per::week)};
    scenario.economics->kinds[1].rates = {cost(1, -77 * scale, Per::week)};
    scenario.steps[0].arms[0].economics.costs = {
        cost(0, 333 * scale, Per::week, {{}, {Phase::acute}, {}}),
        cost(1, 17'532 * scale, Per::start)};
    const AccrualLaw law = compile_accrual(scenario);
    for (const AccruingMeasure& one : law.accruing) {
      CHECK(one.result_bits > 0);
      for (std::size_t c = 0; c < one.rate.size(); ++c) {
        std::int64_t most = std::abs(one.rate[c]);
        if (!one.by_arm.empty()) most += std::abs(one.by_arm[0][c]);
        CHECK(most < std::int64_t{1} << 31);
      }
      if (!one.at_start.empty())
        CHECK(std::abs(one.at_start[0]) <= std::int64_t{1} << 53);
    }
    for (const DiscountedTime& time : law.time)
      CHECK(time(8191 * 1024) < 1u << 29);
    // And enough digits: nine of the largest rate.
    const AccruingMeasure& drug = measure(law, "cost_drug");
    CHECK(rate(drug, Health::remission, Phase::acute, false, 0) ==
          Approx(1233 * scale).epsilon(1e-7));
  }
  Scenario scenario = plain();
  scenario.economics->kinds[0].rates = {cost(0, 3e9, Per::week)};
  CHECK_THROWS_AS(compile_accrual(scenario), std::invalid_argument);
}

TEST_CASE("What needs to know more of a patient is not simple", "[models]") {
  const auto is_simple = [](auto&& change) {
    Scenario scenario = plain();
    change(scenario);
    return compile_accrual(scenario).is_simple;
  };
  CHECK(is_simple([](Scenario&) {}));
  CHECK_FALSE(is_simple([](Scenario& scenario) {
    scenario.steps[0].arms[0].partial_response = number(0.1);
  }));
  CHECK_FALSE(is_simple([](Scenario& scenario) {
    scenario.economics->kinds[0].events = {
        {0, CostlyEvent::failure, number(1)}};
  }));
  CHECK_FALSE(is_simple([](Scenario& scenario) {
    scenario.economics->kinds[0].rates = {
        cost(0, 1, Per::week, {{}, {}, true})};
  }));
  CHECK_FALSE(is_simple([](Scenario& scenario) {
    scenario.steps[0].arms[0].economics.costs = {
        cost(0, 1, Per::week, {{}, {}, false})};
  }));
  CHECK_FALSE(is_simple([](Scenario& scenario) {
    scenario.time.weeks_per_year = julian_weeks;  // years end within weeks
  }));
  CHECK(is_simple([](Scenario& scenario) {
    scenario.time.weeks_per_year = julian_weeks;
    scenario.economics->weekly = true;
  }));
  CHECK_FALSE(is_simple([](Scenario& scenario) {
    scenario.economics->adverse_events.resize(1);
    scenario.steps[0].arms[0].economics.adverse_events = {number(0.1)};
  }));
}

TEST_CASE("Whatever changes what accrues changes the words", "[models]") {
  const Scenario scenario = plain();
  const auto words = words_of(compile_accrual(scenario));
  CHECK(words == words_of(compile_accrual(plain())));
  const auto changed = [&](auto&& change) {
    Scenario other = scenario;
    change(other);
    return words_of(compile_accrual(other)) != words;
  };
  CHECK(changed([](Scenario& other) {
    other.economics->discount.effects = number(0.031);
  }));
  CHECK(changed([](Scenario& other) { other.economics->weekly = true; }));
  CHECK(changed([](Scenario& other) {
    other.economics->utilities->by_health[1] = number(0.751);
  }));
  CHECK(changed([](Scenario& other) {
    other.economics->kinds[0].events = {{0, CostlyEvent::death, number(1)}};
  }));
  CHECK(changed([](Scenario& other) {
    other.steps[1].arms[0].economics.costs = {cost(0, 1, Per::start)};
  }));
  CHECK(changed(
      [](Scenario& other) { other.time.lasting_remission_weeks = 12; }));
}

#include "sim/io/economics_reader.hpp"

#include "sim/io/scenario_reader.hpp"
#include "tests/program.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace stardsim;

namespace {

using Lines = std::vector<std::string>;
using Indices = std::vector<std::size_t>;

const std::string steps = R"([scenario]
title = "Costs"
reference = "usual"
horizon = 104
[pathways]
usual = ["first"]
[steps.first]
weeks = 8
remission = 0.4
)";

const std::string header = R"([economics]
currency = "USD"
price_year = 2021
discount = "none"
)";

Scenario read(const std::string& text) {
  const test::Folder folder;
  return read_scenario(folder.write("a.toml", text)).scenario;
}

Economics economics_of(const std::string& text) {
  return read(steps + text).economics.value();
}

// Without the name of the file.
Lines problems_of(const std::string& text) {
  const test::Folder folder;
  const std::string file = folder.write("a.toml", text).string();
  try {
    read_scenario(file);
  } catch (const BadScenario& error) {
    Lines lines = error.lines();
    for (std::string& line : lines) line = line.substr(file.size() + 1);
    return lines;
  }
  return {};
}

// Of what follows the steps and the header, whose first line is line 14.
Lines problems_after_header(const std::string& text) {
  return problems_of(steps + header + text);
}

}  // namespace

// ---- [economics] ----

TEST_CASE("a scenario without economics has none", "[io]") {
  CHECK(!read(steps).economics.has_value());
}

TEST_CASE("currency, year, discount and thresholds are read", "[io]") {
  const Economics economics = economics_of(R"([economics]
currency = "GBP"
price_year = 2013
price_source = "CPI"
accrual = "weekly"
thresholds = [20_000, 30_000.5]
[economics.discount]
costs = { value = 0.035, source = "NICE" }
effects = 0.015
form = "by_year"
)");
  CHECK(economics.currency == "GBP");
  CHECK(economics.price_year == 2013);
  CHECK(economics.price_source == "CPI");
  CHECK(economics.weekly);
  CHECK(economics.thresholds == std::vector<double>{20000, 30000.5});
  CHECK(economics.discount.form == DiscountForm::by_year);
  CHECK(economics.discount.costs.value == 0.035);
  CHECK(economics.discount.costs.source == "NICE");
  CHECK(economics.discount.effects.value == 0.015);
  CHECK(economics.discount.effects.key == "economics.discount.effects");
  CHECK(!economics.utilities.has_value());
}

TEST_CASE("the defaults of the economics are those of the format", "[io]") {
  const Economics economics = economics_of(
      "[economics]\ncurrency = \"USD\"\nprice_year = 2021\ndiscount = {}\n");
  CHECK(!economics.weekly);
  CHECK(economics.discount.form == DiscountForm::continuous);
  CHECK(economics.discount.costs.value == 0.03);
  CHECK(economics.discount.effects.value == 0.03);
  CHECK(economics.thresholds == std::vector<double>{50000, 100000, 150000});
  CHECK(economics.kinds.empty());
  CHECK(economics.perspectives.empty());
}

TEST_CASE("rates that a form without discount ignores are refused", "[io]") {
  const auto problems = [](const std::string& discount) {
    return problems_of(steps +
                       "[economics]\ncurrency = \"USD\"\nprice_year = 2021\n" +
                       "discount = { " + discount + " }\n");
  };
  const Lines refused{
      "13:12: economics.discount: has rates, and a form that uses none; write "
      "discount = \"none\", or the form \"continuous\" or \"by_year\""};
  CHECK(problems("costs = 0.03, form = \"none\"") == refused);
  CHECK(problems("effects = 0.015, form = \"none\"") == refused);
  CHECK(problems("form = \"none\"") == Lines{});
  CHECK(problems("costs = 0, effects = 0, form = \"none\"") == Lines{});
  CHECK(problems("costs = 0.03, form = \"by_year\"") == Lines{});
}

TEST_CASE("without a discount nothing is discounted", "[io]") {
  CHECK(economics_of(header).discount.form == DiscountForm::none);
}

TEST_CASE("currency, price year and discount must be stated", "[io]") {
  CHECK(problems_of(steps + "[economics]\n") ==
        Lines{"10:1: economics.currency: missing; the currency, such as "
              "\"USD\", is needed",
              "10:1: economics.price_year: missing; the year of all prices is "
              "needed",
              "10:1: economics.discount: missing; how costs and effects are "
              "discounted, such as { costs = 0.03, effects = 0.03 } or "
              "\"none\", is needed"});
}

TEST_CASE("economics that cannot be are refused, all at once", "[io]") {
  CHECK(problems_of(steps + R"([economics]
currency = "usd"
price_year = 1800
discount = "no"
accrual = "daily"
thresholds = [50_000, 20_000]
perspektive = "x"
)") == Lines{"11:12: economics.currency: \"usd\" is not a currency (three "
             "capital letters, such as USD)",
             "12:14: economics.price_year: 1800 is not a year (1900 to 2100)",
             "13:12: economics.discount: is a string; \"none\" or { costs = "
             "0.03, effects = 0.03 } is allowed",
             "14:11: economics.accrual: \"daily\" is not one of continuous, "
             "weekly",
             "15:14: economics.thresholds: 50000 before 20000; thresholds must "
             "ascend",
             "16:1: economics: unknown key \"perspektive\"; did you mean "
             "\"perspective\"?"});
}

TEST_CASE("costs, utilities and adverse events need economics", "[io]") {
  const std::string needs =
      "needs [economics] with its currency and price_year, such as currency = "
      "\"USD\", price_year = 2021";
  CHECK(problems_of(steps + R"(costs = { drug = { value = 1, per = "week" } }
utility_decrement = 0.1
adverse_events = { serious = 0.1 }
[costs.drug]
[utilities]
remission = 0.9
[adverse_events.serious]
[treatments.one]
costs = { drug = { value = 1, per = "week" } }
)") == Lines{"10:9: steps.first.costs: " + needs,
             "11:21: steps.first.utility_decrement: " + needs,
             "12:18: steps.first.adverse_events: " + needs,
             "13:1: costs: " + needs, "14:1: utilities: " + needs,
             "16:1: adverse_events: " + needs,
             "18:9: treatments.one.costs: " + needs});
}

// ---- kinds and perspectives ----

TEST_CASE("kinds of costs are read with their rates and events", "[io]") {
  const Economics economics = economics_of(header + R"([costs.drug]
label = "Drugs"
[costs.care]
rates = [
  { value = 5673, per = "year", health = "remission", resistant = false, source = "Simon 2000" },
  { value = 100, low = 80, high = 120, per = "week", phase = ["gap", "untreated"] },
]
events = { value = 911, event = "death" }
)");
  REQUIRE(economics.kinds.size() == 2);
  CHECK(economics.kinds[0].name == "drug");
  CHECK(economics.kinds[0].label == "Drugs");
  CHECK(economics.kinds[0].rates.empty());
  const CostKind& care = economics.kinds[1];
  CHECK(care.label == "care");
  REQUIRE(care.rates.size() == 2);
  CHECK(care.rates[0].kind == 1);
  CHECK(care.rates[0].amount.value == 5673);
  CHECK(care.rates[0].amount.source == "Simon 2000");
  CHECK(care.rates[0].amount.key == "costs.care.rates.1");
  CHECK(care.rates[0].per == Per::year);
  CHECK(care.rates[0].when == When{{Health::remission}, {}, false});
  CHECK(care.rates[1].per == Per::week);
  CHECK(care.rates[1].when == When{{}, {Phase::gap, Phase::untreated}, {}});
  CHECK(std::get<Interval>(care.rates[1].amount.certainty).high == 120);
  REQUIRE(care.events.size() == 1);
  CHECK(care.events[0].event == CostlyEvent::death);
  CHECK(care.events[0].amount.value == 911);
  CHECK(care.events[0].amount.key == "costs.care.events");
  REQUIRE(economics.perspectives.size() == 1);
  CHECK(economics.perspectives[0].name == "all");
  CHECK(economics.perspectives[0].kinds == Indices{0, 1});
}

TEST_CASE("perspectives hold kinds of costs", "[io]") {
  const Economics economics = economics_of(header + R"(perspective = "society"
[economics.perspectives]
payer = ["care"]
society = { label = "Societal", kinds = ["drug", "care"] }
[costs.drug]
[costs.care]
)");
  CHECK(economics.perspective == 1);
  REQUIRE(economics.perspectives.size() == 2);
  CHECK(economics.perspectives[0].label == "payer");
  CHECK(economics.perspectives[0].kinds == Indices{1});
  CHECK(economics.perspectives[1].label == "Societal");
  CHECK(economics.perspectives[1].kinds == Indices{0, 1});
}

TEST_CASE("perspectives on unknown kinds are refused", "[io]") {
  CHECK(problems_after_header(R"(perspective = "payr"
[economics.perspectives]
payer = ["drugs", "drug", "drug"]
none = []
[costs.drug]
)") == Lines{"14:15: economics.perspective: \"payr\" is not a perspective of "
             "this scenario; did you mean \"payer\"?",
             "16:10: economics.perspectives.payer: \"drugs\" is not a kind of "
             "[costs]; did you mean \"drug\"?",
             "16:27: economics.perspectives.payer: \"drug\" stands twice",
             "17:8: economics.perspectives.none: 0 entries; 1 to 16 are "
             "allowed"});
}

TEST_CASE("rates that cannot be are refused", "[io]") {
  CHECK(problems_after_header(R"([costs.care]
rates = [
  500,
  { value = 500 },
  { value = 500, per = "session" },
  { value = 500, per = "year", phase = "acut", health = "well" },
  { value = 500, per = "year", phas = "acute" },
]
events = { value = 500, event = "relaps" }
)") == Lines{"16:3: costs.care.rates.1: is a whole number; a table such as { "
             "value = 500, per = \"year\", source = \"...\" } is allowed",
             "17:3: costs.care.rates.2.per: missing; one of week, year is "
             "needed",
             "18:24: costs.care.rates.3.per: \"session\" is not one of week, "
             "year",
             "19:40: costs.care.rates.4.phase: \"acut\" is not a phase; did "
             "you mean \"acute\"?",
             "19:57: costs.care.rates.4.health: \"well\" is not a state of "
             "health; known are no_response, partial_response, remission",
             "20:32: costs.care.rates.5: unknown key \"phas\"; did you mean "
             "\"phase\"?",
             "22:33: costs.care.events.event: \"relaps\" is not one of "
             "relapse, remission, failure, death"});
}

// ---- money ----

TEST_CASE("a negative cost needs allow_negative", "[io]") {
  const std::string saving =
      "[costs.care]\nrates = { value = -5, per = \"year\" }\n";
  CHECK(problems_after_header(saving) ==
        Lines{"15:19: costs.care.rates.value: -5 is not an amount (0 to 1e9; "
              "below 0 "
              "needs allow_negative = true in [economics])"});
  CHECK(economics_of(header + "allow_negative = true\n" + saving)
            .kinds[0]
            .rates[0]
            .amount.value == -5);
}

TEST_CASE("an amount in another currency or year is refused", "[io]") {
  const auto refused = [](const std::string& keys) {
    return problems_after_header(
        "[costs.care]\nrates = { value = 5, per = "
        "\"year\", " +
        keys + " }\n");
  };
  CHECK(refused("price_year = 2013") ==
        Lines{"15:9: costs.care.rates: is in USD 2013; the scenario counts "
              "USD 2021: convert it"});
  CHECK(refused("currency = \"GBP\"") ==
        Lines{"15:9: costs.care.rates: is in GBP 2021; the scenario counts "
              "USD 2021: convert it"});
  CHECK(refused("currency = \"EUR\", price_year = 2020") ==
        Lines{"15:9: costs.care.rates: is in EUR 2020; the scenario counts "
              "USD 2021: convert it"});
  CHECK(refused("currency = \"USD\", price_year = 2021") == Lines{});
}

TEST_CASE("amounts of events, treatments and earnings are checked alike",
          "[io]") {
  const std::string other = "currency = \"GBP\"";
  CHECK(problems_of(steps + R"([steps.first.costs]
drug = { value = 5, per = "start", currency = "GBP" }
)" + header + R"([costs.drug]
events = { value = 5, event = "death", currency = "GBP" }
[adverse_events.serious.costs]
drug = { value = 5, per = "start", currency = "GBP" }
)") == Lines{"11:8: steps.first.costs.drug: is in GBP 2021; the scenario "
             "counts USD 2021: convert it",
             "17:10: costs.drug.events: is in GBP 2021; the scenario counts "
             "USD 2021: convert it",
             "19:8: adverse_events.serious.costs.drug: is in GBP 2021; the "
             "scenario counts USD 2021: convert it"});
}

// ---- utilities and adverse events ----

TEST_CASE("utilities are read by health and resistance", "[io]") {
  const auto utilities = economics_of(header + R"([utilities]
no_response = 0.58
partial_response = 0.72
remission = { value = 0.85, sd = 0.01, source = "Sapin 2004" }
resistant = { no_response = -0.1, partial_response = 0.54, remission = 0.82 }
)")
                             .utilities.value();
  CHECK(utilities.by_health[0].value == 0.58);
  CHECK(utilities.by_health[1].value == 0.72);
  CHECK(utilities.by_health[2].value == 0.85);
  CHECK(utilities.by_health[2].source == "Sapin 2004");
  CHECK(utilities.resistant.value()[0].value == -0.1);
  CHECK(utilities.resistant.value()[2].key == "utilities.resistant.remission");
}

TEST_CASE("a utility of partial response is needed where it can occur",
          "[io]") {
  const std::string two =
      "[utilities]\nno_response = 0.6\nremission = 0.8\nsource = \"of both\"\n";
  const auto utilities = economics_of(header + two).utilities.value();
  CHECK(utilities.by_health[1].value == 0.6);
  CHECK(utilities.by_health[1].source == "of both");
  CHECK(problems_of(steps + "partial_response = 0.2\n" + header + two) ==
        Lines{"15:1: utilities.partial_response: missing; a utility (-1 to 1; "
              "1 is full health) is needed"});
  CHECK(problems_after_header("[utilities]\nno_response = 0.6\n") ==
        Lines{"14:1: utilities.remission: missing; a utility (-1 to 1; 1 is "
              "full health) is needed"});
}

TEST_CASE("a utility above 1 is refused", "[io]") {
  CHECK(problems_after_header(
            "[utilities]\nno_response = 0.6\nremission = 1.2\n") ==
        Lines{"16:13: utilities.remission: 1.2 is not a utility (-1 to 1; 1 is "
              "full health)"});
}

TEST_CASE("adverse events lose QALYs at once or over some weeks", "[io]") {
  const std::string utilities =
      "[utilities]\nno_response = 0.6\nremission = 0.8\n";
  const auto events = economics_of(header + utilities + R"([costs.drug]
[adverse_events.serious]
label = "Serious"
qaly_loss = { value = 0.129, source = "Sullivan 2004" }
costs = { drug = { value = 100, per = "start" } }
[adverse_events.mild]
utility_decrement = { value = 0.1, sd = 0.02 }
weeks = 13
[time]
weeks_per_year = 52
)")
                          .adverse_events;
  REQUIRE(events.size() == 2);
  CHECK(events[0].label == "Serious");
  CHECK(events[0].qaly_loss.value == 0.129);
  REQUIRE(events[0].costs.size() == 1);
  CHECK(events[0].costs[0].amount.value == 100);
  CHECK(events[0].costs[0].per == Per::start);
  CHECK(events[1].qaly_loss.value == Approx(0.025));  // 0.1 for a quarter
  CHECK(std::get<Spread>(events[1].qaly_loss.certainty).sd == Approx(0.005));

  CHECK(problems_after_header(R"([adverse_events.a]
utility_decrement = 0.1
[adverse_events.b]
qaly_loss = 0.1
weeks = 2
)") == Lines{"14:1: adverse_events.a.weeks: missing; how long it lasts is "
             "needed",
             "15:21: adverse_events.a.utility_decrement: is a loss of QALYs, "
             "and there is no [utilities]",
             "16:1: adverse_events.b.utility_decrement: missing; a utility "
             "decrement (0 to 1) is needed",
             "17:13: adverse_events.b.qaly_loss: is a loss of QALYs, and there "
             "is no [utilities]",
             "17:13: adverse_events.b.qaly_loss: stands beside "
             "utility_decrement or weeks; either is allowed"});
}

// ---- earnings ----

TEST_CASE("earnings are read by age and sex", "[io]") {
  const std::string cohort = R"([cohort.covariates]
age = { distribution = "normal", mean = 41, sd = 13 }
[mortality]
gompertz = { male_alpha = 1e-5, male_beta = 0.1, female_alpha = 1e-5, female_beta = 0.1 }
age = "age"
female_share = 0.6
)";
  const std::string earnings = R"([economics.earnings]
from_age = [18, 25]
male = [21170.17, { value = 45804.54, source = "own" }]
female = [16190.89, 33713.51]
source = "BLS"
[costs.work]
rates = { share_of_earnings = { value = 0.07, source = "Jain" }, health = "partial_response" }
)";
  const Economics economics = economics_of(header + earnings + cohort);
  const Earnings& read = economics.earnings.value();
  CHECK(read.from_age == std::vector<double>{18, 25});
  CHECK(read.male[0].value == 21170.17);
  CHECK(read.male[0].source == "BLS");
  CHECK(read.male[1].source == "own");
  CHECK(read.female[1].key == "economics.earnings.female.2");
  const Cost& work = economics.kinds[0].rates[0];
  CHECK(work.of_earnings);
  CHECK(work.amount.value == 0.07);
  CHECK(work.when.health == std::vector<Health>{Health::partial_response});

  CHECK(!read.age_covariate.has_value());
  CHECK(!read.female_covariate.has_value());

  CHECK(problems_after_header(earnings) ==
        Lines{"14:1: economics.earnings.age_covariate: missing; without "
              "[mortality] the "
              "covariate that is the age at entry is needed",
              "14:1: economics.earnings.female_covariate: missing; without "
              "[mortality] "
              "the covariate that is 1 in women is needed"});
  CHECK(problems_after_header(
            "[costs.work]\nrates = [{ share_of_earnings = 0.1 }, { "
            "share_of_earnings = 0.1, value = 5 }]\n") ==
        Lines{"10:1: economics.earnings: missing; since "
              "costs.work.rates.1.share_of_earnings is a share of them, what "
              "patients earn by age and sex is needed",
              "15:39: costs.work.rates.2: states both value and "
              "share_of_earnings; one of them is allowed"});
}

TEST_CASE("earnings may name their own covariates", "[io]") {
  const std::string cohort = R"([cohort.covariates]
race = { distribution = "categorical", levels = { white = 7, black = 2 } }
female = { distribution = "bernoulli", probability = 0.6 }
age = { distribution = "normal", mean = 41, sd = 13 }
)";
  const auto earnings = [](const std::string& age, const std::string& female) {
    return "[economics.earnings]\nfrom_age = [18]\nmale = [2]\nfemale = "
           "[1]\nage_covariate = \"" +
           age + "\"\nfemale_covariate = \"" + female + "\"\n";
  };
  const Earnings read =
      economics_of(header + earnings("age", "female") + cohort)
          .earnings.value();
  CHECK(read.age_covariate == std::size_t{2});
  CHECK(read.female_covariate == std::size_t{1});
  CHECK(problems_after_header(earnings("race", "age") + cohort) ==
        Lines{"18:17: economics.earnings.age_covariate: \"race\" has levels; a "
              "covariate of numbers is needed",
              "19:20: economics.earnings.female_covariate: a covariate that is "
              "0 or 1 is needed"});
}

TEST_CASE("earnings need an amount for each ascending age", "[io]") {
  CHECK(problems_of(steps + R"([cohort.covariates]
age = { distribution = "normal", mean = 41, sd = 13 }
[mortality]
gompertz = { male_alpha = 1e-5, male_beta = 0.1, female_alpha = 1e-5, female_beta = 0.1 }
age = "age"
female_share = 0.6
)" + header + R"([economics.earnings]
from_age = [25, 18]
male = [1, 2, 3]
female = [1, -2]
)") == Lines{"21:12: economics.earnings.from_age: 25 before 18; ages must "
             "ascend",
             "22:8: economics.earnings.male: 3 amounts for 2 ages; each age "
             "needs one",
             "23:14: economics.earnings.female.2: -2 is not an amount (0 to "
             "1e9; below 0 needs allow_negative = true in [economics])"});
}

// ---- [resistance] ----

TEST_CASE("resistance is two adequate trials failed unless stated", "[io]") {
  const auto usual = read(steps).resistance.any_of;
  REQUIRE(usual.size() == 1);
  CHECK(usual[0].adequate_failed_trials == 2);
  CHECK(usual[0].line == 0);

  const auto stated = read(steps + R"([resistance]
any_of = [{ line = 3 }, { line = 2, phase = ["gap", "untreated"] }, { phase = "untreated" }]
)")
                          .resistance.any_of;
  REQUIRE(stated.size() == 3);
  CHECK(stated[0].line == 3);
  CHECK(stated[0].phase.empty());
  CHECK(stated[1].line == 2);
  CHECK(stated[1].phase == std::vector<Phase>{Phase::gap, Phase::untreated});
  CHECK(stated[2].line == 0);
  CHECK(stated[2].adequate_failed_trials == 0);
}

TEST_CASE("rules of resistance that say nothing are refused", "[io]") {
  CHECK(
      problems_of(steps + "[resistance]\nany_of = [{}, { lines = 2 }, { line "
                          "= 0 }, { phase = [] }]\n") ==
      Lines{
          "11:11: resistance.any_of: empty; line, phase or "
          "adequate_failed_trials is needed",
          "11:17: resistance.any_of: unknown key \"lines\"; did you mean "
          "\"line\"?",
          "11:39: resistance.any_of.line: 0 is not the number of a line (1 to "
          "64)",
          "11:54: resistance.any_of.phase: 0 entries; 1 to 7 are allowed"});
  CHECK(problems_of(steps + "[resistance]\n") ==
        Lines{"10:1: resistance.any_of: missing; an array of rules such as { "
              "adequate_failed_trials = 2 } is needed"});
}

// ---- variations ----

TEST_CASE("kinds, costs of treatments and utilities merge by name", "[io]") {
  const test::Folder folder;
  folder.write("base.toml", steps + header + R"([utilities]
no_response = 0.6
remission = 0.8
[costs.drug]
label = "Drugs"
rates = { value = 5, per = "week" }
[costs.care]
[treatments.one.costs]
drug = { value = 5, per = "week", source = "old" }
care = { value = 7, per = "year" }
[steps.first.adverse_events]
mild = 0.2
[adverse_events.mild]
[adverse_events.serious]
)");
  const auto scenario =
      read_scenario(folder.write("a.toml", R"(extends = "base.toml"
[economics]
price_year = 2022
[utilities]
remission = 0.9
[costs.drug]
rates = { value = 6, per = "year" }
[treatments.one.costs]
drug = { value = 6, per = "start" }
[steps.first]
treatment = "one"
[steps.first.adverse_events]
serious = 0.1
)"))
          .scenario;
  const Economics& economics = scenario.economics.value();
  CHECK(economics.price_year == 2022);
  CHECK(economics.utilities->by_health[0].value == 0.6);
  CHECK(economics.utilities->by_health[2].value == 0.9);
  CHECK(economics.kinds[0].label == "Drugs");
  CHECK(economics.kinds[0].rates[0].amount.value == 6);
  const TreatmentEconomics& arm = scenario.steps[0].arms[0].economics;
  REQUIRE(arm.costs.size() == 2);
  CHECK(arm.costs[0].per == Per::start);
  CHECK(arm.costs[0].amount.source.empty());
  CHECK(arm.costs[1].amount.value == 7);
  CHECK(arm.adverse_events[0].value().value == 0.2);
  CHECK(arm.adverse_events[1].value().value == 0.1);
}

#include "models/measure.hpp"

#include "tests/scenarios.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace stardsim;
using namespace stardsim::test;

namespace {

using What = Measure::What;

Scenario priced() {
  Scenario scenario = one_step(0.3, 10);
  Economics economics{};
  economics.currency = "GBP";
  economics.price_year = 2019;
  economics.kinds = {{"drug", "", {}, {}}, {"care", "Health care", {}, {}}};
  economics.perspectives = {{"payer", "", {0}}, {"all", "Everybody", {0, 1}}};
  economics.utilities = Utilities{};
  scenario.economics = economics;
  return scenario;
}

std::vector<std::string> names(const std::vector<Measure>& measures) {
  std::vector<std::string> all;
  for (const Measure& one : measures) all.push_back(one.name);
  return all;
}

}  // namespace

TEST_CASE("Without economics remission is measured", "[models]") {
  const Scenario scenario = one_step(0.3, 10);
  const auto measures = measures_of(scenario);
  CHECK(names(measures) == std::vector<std::string>{"remission_if_all_continue",
                                                    "remission",
                                                    "sustained_remission"});
  const DecisionMeasures decision = decision_measures(scenario, measures);
  CHECK(decision.effect == no_measure);
  CHECK(decision.costs.empty());
}

TEST_CASE("With economics all is measured, in one order", "[models]") {
  CHECK(names(measures_of(priced())) ==
        std::vector<std::string>{"remission_if_all_continue",
                                 "remission",
                                 "sustained_remission",
                                 "partial_response",
                                 "response",
                                 "lasting_remission",
                                 "resistant",
                                 "adverse_event",
                                 "died",
                                 "suicide",
                                 "procedure_death",
                                 "lines",
                                 "remissions",
                                 "lasting_remissions",
                                 "relapses",
                                 "failures",
                                 "weeks_on_treatment",
                                 "weeks_in_no_response",
                                 "weeks_in_partial_response",
                                 "weeks_in_remission",
                                 "weeks_in_lasting_remission",
                                 "weeks_resistant",
                                 "life_years",
                                 "life_years_discounted",
                                 "qalys",
                                 "qalys_discounted",
                                 "cost_drug",
                                 "cost_drug_discounted",
                                 "cost_care",
                                 "cost_care_discounted",
                                 "total_payer",
                                 "total_payer_discounted",
                                 "total_all",
                                 "total_all_discounted"});
}

TEST_CASE("Measures carry their units, quanta and directions", "[models]") {
  const auto measures = measures_of(priced());
  const auto at = [&](const char* name) {
    return measures.at(find_measure(measures, name));
  };
  CHECK(at("lines").unit == "1");
  CHECK(at("lines").quantum == 1);
  CHECK(at("weeks_in_remission").unit == "weeks");
  CHECK(at("weeks_in_remission").quantum == 1.0 / 1024);
  CHECK(at("qalys_discounted").unit == "years");
  CHECK(at("qalys_discounted").quantum == 0x1p-20);
  CHECK(at("cost_care").unit == "GBP 2019");
  CHECK(at("cost_care").quantum == 0x1p-8);
  CHECK(at("cost_care").long_name == "Cost: Health care");
  CHECK(at("total_payer_discounted").long_name ==
        "Total cost: payer, discounted");
  CHECK(at("qalys").better == 1);
  CHECK(at("cost_care").better == -1);
  CHECK(at("lines").better == 0);
  CHECK(find_measure(measures, "cost_other") == no_measure);
  CHECK(find_measure(measures, What::cost, 1, true) ==
        find_measure(measures, "cost_care_discounted"));
  CHECK(find_measure(measures, What::cost, 2) == no_measure);
  const auto all = names(measures);
  CHECK(std::set<std::string>(all.begin(), all.end()).size() == all.size());
}

TEST_CASE("Decisions are made on what is discounted, where it is", "[models]") {
  Scenario scenario = priced();
  auto measures = measures_of(scenario);
  auto decision = decision_measures(scenario, measures);
  CHECK(measures[decision.effect].name == "qalys_discounted");
  REQUIRE(decision.costs.size() == 2);
  CHECK(measures[decision.costs[0]].name == "total_payer_discounted");
  CHECK(measures[decision.costs[1]].name == "total_all_discounted");

  scenario.economics->discount.form = DiscountForm::none;
  measures = measures_of(scenario);
  CHECK(find_measure(measures, "qalys_discounted") == no_measure);
  decision = decision_measures(scenario, measures);
  CHECK(measures[decision.effect].name == "qalys");
  CHECK(measures[decision.costs[1]].name == "total_all");

  scenario.economics->utilities.reset();
  measures = measures_of(scenario);
  CHECK(find_measure(measures, "qalys") == no_measure);
  CHECK(decision_measures(scenario, measures).effect == no_measure);
}

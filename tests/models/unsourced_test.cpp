#include "models/unsourced.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <string>
#include <vector>

using namespace stardsim;

namespace {

Evidence at(const std::string& key, const std::string& source = "") {
  Evidence evidence;
  evidence.key = key;
  evidence.source = source;
  return evidence;
}

Survival by(const std::string& key, Evidence probability,
            const std::string& source = "") {
  Survival survival;
  survival.form = ByProbability{std::move(probability), 52};
  survival.key = key;
  survival.source = source;
  return survival;
}

using Keys = std::vector<std::string>;

}  // namespace

TEST_CASE("what a covariate, correlation or ratio by line lacks is listed",
          "[models]") {
  Scenario scenario;
  Covariate age, sex, table;
  age.form = NormalCovariate{at("age.mean"), at("age.sd", "Rush 2006")};
  sex.form = BernoulliCovariate{at("sex.probability")};
  sex.source = "of all its parameters";
  table.form = TableCovariate{};
  table.key = "table";
  scenario.cohort.covariates = {age, sex, table};
  scenario.cohort.correlations = {{0, 1, at("correlation")}};
  scenario.line_ratios = {at("ratio.1"), at("ratio.2", "Rush 2006")};
  CHECK(unsourced(scenario) ==
        Keys{"age.mean", "table", "correlation", "ratio.1"});
}

TEST_CASE("the source of a survival serves for its parameters", "[models]") {
  Scenario scenario;
  scenario.untreated.remission = by("a", at("a.probability"), "Rush 2006");
  scenario.untreated.relapse = by("b", at("b.probability", "Rush 2006"));
  scenario.untreated.gap_return = by("c", at("c.probability"));
  CHECK(unsourced(scenario) == Keys{"c"});
}

TEST_CASE("what several arms share is listed once", "[models]") {
  Scenario scenario;
  Arm arm;
  arm.effects.relapse = {{0, std::nullopt, at("effect"), 1}};
  arm.follow_up_remitted.relapse = by("relapse", at(""));
  arm.access = at("access");
  Step step;
  step.arms = {arm, arm};
  scenario.steps = {step};
  CHECK(unsourced(scenario) == Keys{"access", "relapse", "effect"});
}

TEST_CASE("costs, utilities and deaths are looked through", "[models]") {
  Scenario scenario;
  Arm arm;
  arm.partial_response = at("partial", "s");
  arm.remission_ratio = at("ratio");
  arm.extension = Extension{at("weeks", "s"), at("extension"),
                            by("extension.relapse", at(""))};
  arm.gap_return_after_failure = by("return", at(""));
  arm.economics.costs = {{0, {}, at("drug"), Per::week, false},
                         {0, {}, at("care", "s"), Per::week, false}};
  arm.economics.utility_decrement = at("decrement");
  arm.economics.death_per_session = at("session");
  arm.economics.adverse_events = {{}, at("serious")};
  Step step;
  step.arms = {arm};
  scenario.steps = {step};

  Economics economics;
  economics.discount.costs = at("discount");
  economics.kinds = {{"drug", "", {{0, {}, at("rate"), Per::year, false}}, {}},
                     {"care", "", {}, {{1, CostlyEvent::death, at("event")}}}};
  economics.utilities =
      Utilities{{at("u.1"), at("u.2", "s"), at("u.3", "s")},
                std::array{at("r.1", "s"), at("r.2"), at("r.3", "s")}};
  economics.adverse_events = {{"serious", "", at("loss"), {}}};
  economics.earnings =
      Earnings{{18}, {at("male", "s")}, {at("female")}, {}, {}};
  scenario.economics = economics;

  Mortality mortality;
  mortality.background = Gompertz{at("alpha"), at("beta", "s"), {}, {}};
  mortality.female_share = at("share");
  mortality.ratio_by_health[0] = at("hazard");
  mortality.resistant_ratio = {{0, at("band")}};
  mortality.suicide[2] = at("suicide", "s");
  scenario.mortality = mortality;

  CHECK(unsourced(scenario) == Keys{"ratio", "extension", "extension.relapse",
                                    "return", "drug", "decrement", "session",
                                    "serious", "discount", "rate", "event",
                                    "female", "u.1", "r.2", "loss", "alpha",
                                    "share", "hazard", "band"});
}

TEST_CASE("bands of a covariate carry sources of their own", "[models]") {
  Scenario scenario;
  Covariate age;
  age.form = BandsCovariate{{18, 25, 35}, {at("age.1", "s"), at("age.2")}};
  scenario.cohort.covariates = {age};
  CHECK(unsourced(scenario) == Keys{"age.2"});
}

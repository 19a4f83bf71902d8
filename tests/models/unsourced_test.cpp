#include "models/unsourced.hpp"

#include <catch2/catch.hpp>

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

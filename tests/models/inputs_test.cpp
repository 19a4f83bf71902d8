#include "models/inputs.hpp"

#include "models/unsourced.hpp"
#include "tests/scenarios.hpp"

#include <boost/math/special_functions/beta.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cmath>
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

template <class Certainty>
Evidence sure(double value, Certainty certainty) {
  Evidence evidence;
  evidence.value = value;
  evidence.certainty = certainty;
  return evidence;
}

Survival by(const std::string& key, const std::string& source = "") {
  Survival survival;
  survival.form = ByProbability{at(key + ".probability"), 52};
  survival.key = key;
  survival.source = source;
  return survival;
}

using Keys = std::vector<std::string>;

Keys keys_of(const Scenario& scenario) {
  Keys keys;
  for (const Input& input : inputs_of(scenario)) keys.push_back(input.key);
  return keys;
}

Keys sources_of(const Scenario& scenario) {
  Keys sources;
  for (const Input& input : inputs_of(scenario))
    sources.push_back(input.source);
  return sources;
}

Scenario with_step(const Arm& arm, std::size_t arms = 1) {
  Scenario scenario;
  Step step;
  step.arms.assign(arms, arm);
  scenario.steps = {step};
  return scenario;
}

}  // namespace

TEST_CASE("intervals, errors and words of a number follow from its certainty",
          "[models]") {
  const auto check = [](const Evidence& evidence, const std::string& form,
                        const std::string& words, double se) {
    INFO(words);
    CHECK(form_of(evidence) == form);
    CHECK(stated(evidence) == words);
    CHECK(standard_error(evidence) == Approx(se));
  };
  check(sure(0.3, Exact{}), "exact", "", 0);
  check(sure(0.25, Count{439, 1756}), "count", "439 of 1,756",
        std::sqrt(0.25 * 0.75 / 1756));
  check(sure(0.306, Sample{1439}), "sample", "0.306 of 1,439",
        std::sqrt(0.306 * 0.694 / 1439));
  check(sure(0.48, Interval{0.44, 0.52}), "interval", "0.44 to 0.52",
        0.08 / 3.92);
  check(sure(6.7, Spread{3.8}), "sd", "sd 3.8", 3.8);
  check(sure(0.75, Beta{3, 1}), "beta", "beta 3, 1", std::sqrt(3.0 / 80));
  check(sure(54'000, Interval{-1200.5, 1234567}), "interval",
        "-1,200.5 to 1,234,567", 1235767.5 / 3.92);
}

TEST_CASE("the interval of a count holds 95 % of its beta distribution",
          "[models]") {
  const auto check = [](const Evidence& evidence, double a, double b) {
    const Bounds bounds = bounds_of_95(evidence);
    CHECK(boost::math::ibeta(a, b, bounds.low) == Approx(0.025));
    CHECK(boost::math::ibetac(a, b, bounds.high) == Approx(0.025));
  };
  check(sure(0.3, Count{30, 100}), 30, 70);
  check(sure(0.306, Sample{1439}), 0.306 * 1439, 0.694 * 1439);
  check(sure(281 / 585.0, Beta{281, 304}), 281, 304);
  // With none of n the exact upper bound solves (1 - p)^n = 0.025.
  const Bounds none = bounds_of_95(sure(0, Count{0, 20}));
  CHECK(none.low == 0);
  CHECK(std::pow(1 - none.high, 20) == Approx(0.025));
  const Bounds all = bounds_of_95(sure(1, Count{20, 20}));
  CHECK(all.high == 1);
  CHECK(std::pow(all.low, 20) == Approx(0.025));
  CHECK(std::isnan(bounds_of_95(sure(0.3, Exact{})).low));
  CHECK(bounds_of_95(sure(0.48, Interval{0.44, 0.52})).high == 0.52);
  CHECK(bounds_of_95(sure(6.7, Spread{1})).low == Approx(6.7 - 1.96));
}

TEST_CASE("the cohort comes first, and a list is one input", "[models]") {
  Scenario scenario;
  Covariate age, sex, table;
  age.form = NormalCovariate{at("age.mean"), at("age.sd", "own")};
  age.source = "shared";
  age.note = "noted";
  sex.form = BandsCovariate{{18, 25, 35}, {at("sex.1"), at("sex.2")}};
  table.form = EmpiricalCovariate{{1, 7 / 3.0}, {1, 1}};
  table.key = "table";
  table.source = "of the table";
  scenario.cohort.covariates = {age, sex, table};
  scenario.cohort.correlations = {{0, 1, at("correlation")}};
  scenario.line_ratios = {at("ratio.1"), at("ratio.2")};
  CHECK(keys_of(scenario) == Keys{"age.mean", "age.sd", "sex.1", "sex.2",
                                  "table", "correlation", "ratio.1",
                                  "ratio.2"});
  const auto inputs = inputs_of(scenario);
  CHECK(inputs[0].source == "shared");
  CHECK(inputs[0].note == "noted");
  CHECK(inputs[1].source == "own");
  CHECK(inputs[4].form == "list");
  CHECK(std::isnan(inputs[4].value));
  CHECK(inputs[4].stated == "1, 2.333, weighted");
  CHECK(inputs[4].source == "of the table");
}

TEST_CASE("each parameter of a time or survival has their source", "[models]") {
  Arm arm;
  arm.remission_time.form = GammaTime{at("gamma.shape"), at("gamma.scale")};
  arm.remission_time.source = "g";
  arm.remission_time.key = "gamma";
  arm.intolerance_time.form = DiscreteTime{{2, 4}, {1, 3}};
  arm.intolerance_time.key = "visits";
  arm.gap_return_after_failure = by("return", "r");
  Scenario scenario = with_step(arm);
  scenario.untreated.remission = by("spontaneous");
  Survival piecewise;
  piecewise.form = Piecewise{{26, 52}, {at("p.1", "one"), at("p.2")}};
  piecewise.key = "p";
  piecewise.source = "both";
  scenario.untreated.relapse = piecewise;
  CHECK(keys_of(scenario) == Keys{"gamma.shape", "gamma.scale", "visits",
                                  "return.probability",
                                  "spontaneous.probability", "p.1", "p.2"});
  CHECK(sources_of(scenario) == Keys{"g", "g", "", "r", "", "one", "both"});
  CHECK(inputs_of(scenario)[2].stated == "2, 4, weighted");
  CHECK(unsourced(scenario) == Keys{"visits", "spontaneous.probability"});
}

TEST_CASE("each input has its unit, and a probability its week", "[models]") {
  Arm arm;
  arm.remission_time.form = GammaTime{at("shape"), at("scale")};
  arm.sessions_per_week = at("sessions");
  arm.follow_up_remitted.relapse = by("relapse");
  arm.economics.costs = {{0, {}, at("drug"), Per::session, false},
                         {0, {}, at("leave"), Per::year, true}};
  Scenario scenario = with_step(arm);
  Covariate age;
  age.form = LogNormalCovariate{at("median"), at("sigma")};
  age.unit = "years";
  scenario.cohort.covariates = {age};
  scenario.economics.emplace();
  scenario.economics->currency = "GBP";
  scenario.economics->price_year = 2013;
  scenario.economics->discount.costs = at("discount");
  Keys found;
  for (const Input& input : inputs_of(scenario)) {
    found.push_back(input.key + ": " + input.unit);
    CHECK(input.note ==
          (input.key == "relapse.probability" ? "by week 52" : ""));
  }
  CHECK(found == Keys{"median: years", "sigma: 1", "shape: 1", "scale: weeks",
                      "sessions: 1/week", "relapse.probability: 1",
                      "drug: GBP 2013 per session",
                      "leave: of earnings per year", "discount: 1/year"});
}

TEST_CASE("what several arms share is listed once", "[models]") {
  Arm arm;
  arm.effects.relapse = {{0, std::nullopt, at("effect"), 1}};
  arm.follow_up_remitted.relapse = by("relapse");
  arm.access = at("access");
  CHECK(keys_of(with_step(arm, 2)) ==
        Keys{"access", "relapse.probability", "effect"});
}

TEST_CASE("costs, utilities and deaths are looked through", "[models]") {
  Arm arm;
  arm.partial_response = at("partial");
  arm.remission_ratio = at("ratio");
  arm.extension =
      Extension{at("weeks"), at("extension"), by("extension.relapse")};
  arm.gap_return_after_failure = by("return");
  arm.economics.costs = {{0, {}, at("drug"), Per::week, false},
                         {0, {}, at("care"), Per::week, false}};
  arm.economics.utility_decrement = at("decrement");
  arm.economics.death_per_session = at("session");
  arm.economics.adverse_events = {{}, at("serious")};
  Scenario scenario = with_step(arm);
  Economics economics;
  economics.discount.costs = at("discount");
  economics.kinds = {{"drug", "", {{0, {}, at("rate"), Per::year, false}}, {}},
                     {"care", "", {}, {{1, CostlyEvent::death, at("event")}}}};
  economics.utilities = Utilities{{at("u.1"), at("u.2"), at("u.3")},
                                  std::array{at("r.1"), at("r.2"), at("r.3")}};
  economics.adverse_events = {{"serious", "", at("loss"), {}}};
  economics.earnings = Earnings{{18}, {at("male")}, {at("female")}, {}, {}};
  scenario.economics = economics;
  Mortality mortality;
  mortality.background =
      Gompertz{at("alpha"), at("beta"), at("alpha.f"), at("beta.f")};
  mortality.female_share = at("share");
  mortality.ratio_by_health[0] = at("hazard");
  mortality.resistant_ratio = {{0, at("band")}};
  mortality.suicide[2] = at("suicide");
  mortality.suicide_resistant = std::array{at("s.1"), at("s.2"), at("s.3")};
  scenario.mortality = mortality;
  const Keys all{"partial",
                 "ratio",
                 "weeks",
                 "extension",
                 "extension.relapse.probability",
                 "return.probability",
                 "drug",
                 "care",
                 "decrement",
                 "session",
                 "serious",
                 "discount",
                 "rate",
                 "event",
                 "male",
                 "female",
                 "u.1",
                 "u.2",
                 "u.3",
                 "r.1",
                 "r.2",
                 "r.3",
                 "loss",
                 "alpha",
                 "beta",
                 "alpha.f",
                 "beta.f",
                 "share",
                 "hazard",
                 "band",
                 "suicide",
                 "s.1",
                 "s.2",
                 "s.3"};
  CHECK(keys_of(scenario) == all);
  CHECK(unsourced(scenario) == all);
}

TEST_CASE("what has a source is not among the unsourced", "[models]") {
  Arm arm;
  arm.remission = at("remission", "Rush 2006");
  arm.access = at("access");
  Scenario scenario = with_step(arm);
  Published figure;
  figure.figure = at("published.figure");
  scenario.published = {figure};
  CHECK(keys_of(scenario) == Keys{"access", "remission"});
  CHECK(unsourced(scenario) == Keys{"access", "published.figure"});
}

TEST_CASE("every number of a scenario file with a source is an input once",
          "[models]") {
  // 7 numbers a step, but at the last there is no next one.
  const auto inputs = inputs_of(test::from_file("configs/stard.toml"));
  CHECK(inputs.size() == 7 * 4 - 1);
  CHECK(inputs[1].key == "steps.step1.remission");
  CHECK(inputs[3].key == "steps.step1.remission_time.shape");
  for (const Input& input : inputs) {
    INFO(input.key);
    CHECK(!input.source.empty());
  }
}

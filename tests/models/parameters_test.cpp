#include "models/parameters.hpp"

#include "models/inputs.hpp"
#include "tests/scenarios.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

using namespace stardsim;

namespace {

Evidence keyed(const std::string& key, double value, ValueKind kind) {
  Evidence evidence;
  evidence.value = value;
  evidence.key = key;
  evidence.kind = kind;
  return evidence;
}

Scenario with_keys() {
  Scenario scenario = test::one_step(0.3, 12);
  Arm& arm = scenario.steps[0].arms[0];
  arm.remission = keyed("s.remission", 0.3, ValueKind::probability);
  arm.partial_response =
      keyed("s.partial_response", 0.2, ValueKind::probability);
  arm.gap_if_not_remitted = keyed("s.gap", 0.1, ValueKind::probability);
  arm.continue_if_not_remitted =
      keyed("s.continue", 0.5, ValueKind::probability);
  arm.remission_ratio = keyed("s.ratio", 1.2, ValueKind::ratio);
  scenario.steps[0].arms.push_back(arm);  // shared keys
  return scenario;
}

}  // namespace

TEST_CASE(
    "Parameters are the numbers of the inputs, once each, without lists") {
  for (const char* file :
       {"configs/stard_follow_up.toml", "configs/ivi_mdd.toml"}) {
    const Scenario scenario = test::from_file(file);
    std::vector<std::string> expected, found;
    for (const Input& input : inputs_of(scenario))
      if (input.form != "list") expected.push_back(input.key);
    for (const Parameter& parameter : parameters_of(scenario))
      found.push_back(parameter.evidence.key);
    CHECK(found == expected);
    CHECK_FALSE(found.empty());
  }
}

TEST_CASE("A setting reaches a number wherever it stands") {
  const Scenario changed = with(with_keys(), {{"s.remission", 0.45}});
  for (const Arm& arm : changed.steps[0].arms)
    CHECK(arm.remission.value == 0.45);
  CHECK(changed.steps[0].arms[0].partial_response->value == 0.2);
}

TEST_CASE("With the values that it has, or with none, a scenario is the same") {
  const Scenario scenario = test::from_file("configs/ivi_mdd.toml");
  std::vector<Setting> same;
  for (const Parameter& parameter : parameters_of(scenario))
    same.push_back({parameter.evidence.key, parameter.evidence.value});
  const auto values_of = [](const Scenario& one) {
    std::vector<Evidence> all;
    for (const Parameter& parameter : parameters_of(one))
      all.push_back(parameter.evidence);
    return all;
  };
  CHECK(values_of(with(scenario, {})) == values_of(scenario));
  CHECK(values_of(with(scenario, same)) == values_of(scenario));
}

TEST_CASE("The spread of the propensity is its effect on remission as well") {
  const Scenario scenario = test::from_file("configs/stard_frailty.toml");
  const Scenario changed = with(scenario, {{"propensity.spread", 0.7}});
  std::size_t seen = 0;
  for (const Step& step : changed.steps)
    for (const Arm& arm : step.arms)
      for (const Effect& effect : arm.effects.remission)
        if (effect.ratio.key == "propensity.spread") {
          CHECK(effect.ratio.value == Approx(std::exp(0.7)).epsilon(1e-15));
          ++seen;
        }
  CHECK(seen > 0);
}

TEST_CASE("What may not stand there is refused in one line") {
  const auto refused = [](const std::vector<Setting>& settings) {
    try {
      with(with_keys(), settings);
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
    return std::string("not refused");
  };
  CHECK(refused({{"s.remision", 0.3}}) ==
        "s.remision: no number of the scenario stands there; did you mean "
        "\"s.remission\"?");
  CHECK(refused({{"s.remission", 1.3}}) ==
        "s.remission: 1.3 is not a probability (0 to 1)");
  CHECK(refused({{"s.remission", std::nan("")}}) ==
        "s.remission: nan is not a probability (0 to 1)");
  CHECK(refused({{"s.ratio", 0}}) == "s.ratio: 0 is not a ratio (above 0)");
  CHECK(refused({{"s.remission", 0.9}}) ==
        "s.remission: remission 0.9 + partial_response 0.2 sum to 1.1; outcome "
        "probabilities may sum to at most 1");
  CHECK(refused({{"s.gap", 0.75}}) ==
        "s.gap: continue_if_not_remitted 0.5 + gap_if_not_remitted 0.75 sum to "
        "1.25; what follows may sum to at most 1");
}

TEST_CASE("A star stands for any text") {
  CHECK(matches("*", "steps.a.remission"));
  CHECK(matches("steps.*.remission", "steps.a.arms.b.remission"));
  CHECK(matches("steps.a.*", "steps.a.weeks"));
  CHECK(matches("*.weeks", "steps.a.weeks"));
  CHECK(matches("a*b*a", "abba"));
  CHECK_FALSE(matches("a*a", "a"));
  CHECK_FALSE(matches("steps.*.remission", "steps.a.remission_ratio"));
  CHECK_FALSE(matches("steps.a.weeks", "steps.a.weeks2"));
}

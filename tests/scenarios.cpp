#include "tests/scenarios.hpp"

#include "sim/io/scenario_reader.hpp"
#include "tests/program.hpp"

namespace stardsim::test {
namespace {

TimeDistribution time(decltype(TimeDistribution::form) form) {
  TimeDistribution made;
  made.form = std::move(form);
  return made;
}

Arm arm(const std::string& name, double remission) {
  Arm made;
  made.name = made.label = name;
  made.remission = number(remission);
  return made;
}

Step step(const std::string& name, double weeks, std::vector<Arm> arms) {
  Step made;
  made.name = made.label = name;
  made.weeks = number(weeks);
  made.arms = std::move(arms);
  return made;
}

}  // namespace

Evidence number(double value) {
  Evidence evidence;
  evidence.value = value;
  return evidence;
}

TimeDistribution gamma(double shape, double scale) {
  return time(GammaTime{number(shape), number(scale)});
}

Scenario one_step(double remission, double weeks) {
  Scenario scenario;
  scenario.title = "One step";
  scenario.steps = {step("only", weeks, {arm("only", remission)})};
  scenario.pathways = {{"path", "path", {0}}};
  scenario.horizon = static_cast<std::uint32_t>(weeks);
  return scenario;
}

Scenario rich() {
  Arm first = arm("first", 0.3);
  first.remission_time = gamma(3, 2.5);
  first.intolerance = number(0.2);
  first.intolerance_time = time(ExponentialTime{number(3)});
  first.partial_response = number(0.1);
  first.continue_if_not_remitted = number(0.6);
  first.continue_if_intolerant = number(0.8);

  Arm left = arm("left", 0.25);
  left.share = number(3);
  left.remission_time =
      time(DiscreteTime{{2, 4, 6, 9, 12, 14}, {1, 2, 3, 3, 2, 1}});
  left.intolerance = number(0.3);
  left.intolerance_time = time(WeibullTime{number(1.5), number(4)});
  left.continue_if_not_remitted = number(0.5);
  Arm middle = arm("middle", 0);
  middle.intolerance = number(1);
  middle.intolerance_time = time(FixedTime{number(2.5)});
  Arm right = arm("right", 0.4);
  right.remission_time = time(LogNormalTime{number(5), number(0.6)});
  right.partial_response = number(0.6);
  right.continue_if_partial_response = number(0);

  Arm short_one = arm("short", 0.1);
  Arm sure = arm("sure", 1);

  Scenario scenario;
  scenario.title = "Everything";
  scenario.steps = {step("first", 14, {first}),
                    step("choice", 14, {left, middle, right}),
                    step("short", 1.5, {short_one}), step("sure", 4, {sure})};
  scenario.pathways = {{"plain", "plain", {0, 1, 3}},
                       {"long", "long", {0, 1, 2, 2, 0, 2, 2, 1, 2}}};
  scenario.horizon = 80;
  return scenario;
}

Scenario from_file(const std::string& relative) {
  return read_scenario(source_file(relative)).scenario;
}

}  // namespace stardsim::test

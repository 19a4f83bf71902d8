#include "tests/scenarios.hpp"

#include "sim/io/scenario_reader.hpp"
#include "tests/program.hpp"

#include <cmath>

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

Survival by_week(double probability, double week) {
  Survival survival;
  survival.form = ByProbability{number(probability), week};
  return survival;
}

Scenario clinical() {
  Scenario scenario = rich();
  scenario.title = "The whole course";
  scenario.horizon = 130;
  scenario.classes = {"A", "B"};
  Treatment one{"one", "one", "A", "", number(6), ""};
  Treatment two{"two", "two", "B", "", number(4), ""};
  scenario.treatments = {one, two};

  Covariate age;
  age.name = "age";
  age.form = NormalCovariate{number(40), number(12)};
  age.low = 18;
  age.high = 75;
  age.centre = 40;
  Covariate sex;
  sex.name = "sex";
  sex.form = BernoulliCovariate{number(0.6)};
  Covariate site;
  site.name = "site";
  site.form = CategoricalCovariate{{"x", "y", "z"},
                                   {number(0.2), number(0.5), number(0.3)}};
  Covariate propensity;
  propensity.name = "propensity";
  propensity.form = Propensity{number(1.2)};
  Covariate prior;
  prior.name = "prior_failed_trials";
  prior.form = EmpiricalCovariate{{0, 1, 2}, {3, 2, 1}};
  scenario.cohort.covariates = {age, sex, site, propensity, prior};
  scenario.cohort.correlations = {{0, 1, number(0.3)}, {1, 3, number(-0.2)}};

  Effects effects;
  effects.remission = {{0, {}, number(0.8), 10},
                       {2, 1, number(1.5)},
                       {3, {}, number(std::exp(1.2))}};
  effects.intolerance = {{1, {}, number(1.4)}};
  effects.attrition = {{0, {}, number(0.9), 10}};
  effects.adherence = {{1, {}, number(0.7)}};
  effects.relapse = {{2, 2, number(1.6)}};

  const auto condition = [](Condition::Fact fact, double low, double high) {
    Condition made{fact, 0, low, high, {}};
    return made;
  };
  constexpr double most = 1e9;
  for (Step& step : scenario.steps)
    for (Arm& arm : step.arms) {
      arm.effects = effects;
      arm.treatment = 0;
      arm.follow_up_remitted.relapse = by_week(0.4, 30);
      arm.follow_up_remitted.drop_out = by_week(0.2, 52);
      arm.follow_up_remitted.early_weeks = number(4);
      arm.follow_up_remitted.early_hazard_ratio = number(0.6);
      arm.follow_up_remitted.next_step = number(0.5);
      arm.follow_up_remitted.same_step = number(0.2);
      arm.follow_up_remitted.gap = number(0.2);
      arm.follow_up_not_remitted.relapse = by_week(0.7, 20);
      arm.follow_up_not_remitted.relapse->weekly = true;
    }
  Arm& first = scenario.steps[0].arms[0];
  first.adherence = number(0.7);
  first.non_adherence_odds_ratio = number(0.4);
  first.dose_adequacy = number(0.8);
  first.low_dose_odds_ratio = number(0.5);
  first.continue_if_not_remitted = number(0.5);
  first.follow_up_if_not_remitted = number(0.2);
  first.gap_if_not_remitted = number(0.15);
  first.follow_up_if_remitted = number(0.85);
  first.follow_up_remitted.stop = by_week(0.5, 20);
  first.follow_up_remitted.stopped_hazard_ratio = number(2.06);

  auto& choice = scenario.steps[1].arms;
  choice[0].strategy = "augment";
  choice[0].eligible = {{{Condition::Fact::last_outcome, 0, 0, 0, {1, 2}}},
                        {condition(Condition::Fact::failed_trials, 4, most)}};
  choice[0].acceptance = number(0.7);
  choice[1].treatment = 1;
  scenario.classes[1] = "TCA";
  scenario.treatments[1].treatment_class = "TCA";
  choice[1].access = number(0.6);
  choice[2].eligible = {{condition(Condition::Fact::covariate, 30, most)}};
  choice[2].no_response_time = gamma(4, 2);
  scenario.steps[1].wait = by_week(0.8, 3);

  auto& short_one = scenario.steps[2];
  short_one.wait = Survival{};
  short_one.wait->form = After{number(1.25)};
  auto& sure = scenario.steps[3].arms[0];
  sure.strategy = "ect";
  sure.remission = number(0.5);
  sure.eligible = {
      {condition(Condition::Fact::adequate_failed_trials, 2, most)}};

  scenario.untreated.remission = by_week(0.2, 20);
  scenario.untreated.relapse = by_week(0.5, 20);
  scenario.untreated.gap_return = by_week(0.5, 15);
  scenario.staging = Staging{};
  scenario.staging->severity = 0;  // any number will do
  Subgroup older{
      "older", "older", {condition(Condition::Fact::covariate, 50, most)}};
  Subgroup at_y{"y", "y", {{Condition::Fact::covariate, 2, 0, 0, {1}}}};
  scenario.subgroups = {older, at_y};
  return scenario;
}

const std::string one_step_or_two = R"([scenario]
title = "One step or two"
reference = "b"
[cohort]
patients = 100_000
seed = 7
[pathways]
a = ["a1"]
b = ["b1", "b2"]
[steps.a1]
weeks = 10
remission = { value = 0.3, low = 0.2, high = 0.6 }
[steps.b1]
weeks = 5
remission = 0.2
[steps.b2]
weeks = 5
remission = { events = 25, of = 100 }
)";

RunOptions cohort(std::uint64_t patients, std::uint64_t first) {
  RunOptions run;
  run.patients = patients;
  run.first_patient = first;
  run.luck.seed = 7;
  run.threads = 2;
  return run;
}

Scenario from_file(const std::string& relative) {
  return read_scenario(source_file(relative)).scenario;
}

}  // namespace stardsim::test

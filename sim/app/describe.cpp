#include "sim/app/describe.hpp"

#include "models/law.hpp"
#include "models/unsourced.hpp"
#include "sim/app/tables.hpp"

#include <fmt/format.h>

namespace stardsim {
namespace {

std::string per_cent(double probability) {
  return fmt::format("{:.4g} %", 100 * probability);
}

double mean_weeks(const TimeLaw& law) {
  double sum = 0, below = 0;
  for (std::size_t i = 0; i < law.cut.size(); ++i) {
    const double up_to = probability_below(law.cut[i]);
    sum += (up_to - below) * law.tick[i];
    below = up_to;
  }
  return to_weeks(sum);
}

std::string when(const TimeDistribution& time, const Step& step) {
  if (std::holds_alternative<AtEndOfStep>(time.form))
    return "at the end of the step";
  return fmt::format(
      "after {:.2g} weeks on average",
      mean_weeks(compile(time, to_ticks(step.weeks.value), Rounding::nearest)));
}

std::string given_as(const Scenario& scenario, const Arm& arm) {
  std::string text;
  if (arm.treatment) {
    const Treatment& treatment = scenario.treatments[*arm.treatment];
    text = treatment.treatment_class;
  }
  if (!arm.strategy.empty()) text += (text.empty() ? "" : ", ") + arm.strategy;
  return text.empty() ? text : " (" + text + ")";
}

std::string outcomes(const Arm& arm, const Step& step) {
  std::string text = fmt::format("{} remit, {}", per_cent(arm.remission.value),
                                 when(arm.remission_time, step));
  double rest = 1 - arm.remission.value;
  if (arm.partial_response) {
    text += fmt::format("; {} respond in part",
                        per_cent(arm.partial_response->value));
    rest -= arm.partial_response->value;
  }
  if (arm.intolerance) {
    text += fmt::format("; {} do not tolerate it and stop {}",
                        per_cent(arm.intolerance->value),
                        when(arm.intolerance_time, step));
    rest -= arm.intolerance->value;
  }
  if (rest > 1e-9) text += fmt::format("; {} do not respond", per_cent(rest));
  return text;
}

std::string going_on(const Arm& arm) {
  const auto& general = arm.continue_if_not_remitted;
  std::string text =
      fmt::format("not in remission: {} enter the next step",
                  general ? per_cent(general->value) : std::string("all"));
  if (arm.continue_if_partial_response)
    text += fmt::format("; of the partial responders {}",
                        per_cent(arm.continue_if_partial_response->value));
  if (arm.continue_if_intolerant)
    text += fmt::format("; of the intolerant {}",
                        per_cent(arm.continue_if_intolerant->value));
  return text;
}

std::string arm_text(const Scenario& scenario, const Step& step, const Arm& arm,
                     double shares, bool last) {
  std::string text =
      fmt::format("  |  * {}{}", arm.label, given_as(scenario, arm));
  if (step.arms.size() > 1)
    text += fmt::format(", given to {}", per_cent(arm.share.value / shares));
  text += "\n  |      " + outcomes(arm, step);
  if (!last) text += "\n  |      " + going_on(arm);
  return text + "\n";
}

std::string step_text(const Scenario& scenario, const Step& step,
                      std::size_t number, bool last) {
  double shares = 0;
  for (const Arm& arm : step.arms) shares += arm.share.value;
  std::string text = fmt::format("  {}  {}, {:g} weeks\n", number, step.label,
                                 step.weeks.value);
  for (const Arm& arm : step.arms)
    text += arm_text(scenario, step, arm, shares, last);
  return text + "  v\n";
}

std::string pathway_text(const Scenario& scenario, std::size_t p) {
  const Pathway& pathway = scenario.pathways[p];
  std::string text = fmt::format("\nPathway {}{}\n", pathway.name,
                                 p == scenario.reference ? " (reference)" : "");
  for (std::size_t s = 0; s < pathway.steps.size(); ++s)
    text += step_text(scenario, scenario.steps[pathway.steps[s]], s + 1,
                      s + 1 == pathway.steps.size());
  return text + "  steps exhausted: not in remission, and no step is left\n";
}

std::string provenance_text(const Scenario& scenario) {
  std::string text = "\nSources\n";
  for (const Source& source : scenario.sources)
    text += fmt::format("  {}: {}\n", source.key, source.text);
  const auto keys = unsourced(scenario);
  text += fmt::format("\nNumbers without a source: {}\n",
                      keys.empty() ? "none" : std::to_string(keys.size()));
  for (const std::string& key : keys) text += "  " + key + "\n";
  return text;
}

}  // namespace

std::string description(const Scenario& scenario) {
  std::string text = scenario.title + "\n";
  if (!scenario.description.empty()) text += scenario.description + "\n";
  text += fmt::format(
      "\n{} patients, seed {}, curves over {} weeks.\n"
      "Two questions, on the same patients ({} is reported first):\n"
      "  if_all_continue: in remission, if nobody left between steps\n"
      "  observed: in remission before leaving care, among all who entered\n"
      "Line dependence, as_observed: the rates written on an arm hold at "
      "whatever line\nit is used.\n",
      grouped(scenario.cohort.patients), scenario.cohort.seed, scenario.horizon,
      name_of(scenario.estimand));
  for (std::size_t p = 0; p < scenario.pathways.size(); ++p)
    text += pathway_text(scenario, p);
  return text + provenance_text(scenario);
}

}  // namespace stardsim

#include "sim/app/describe.hpp"

#include "models/law.hpp"
#include "models/unsourced.hpp"
#include "sim/app/describe_cohort.hpp"
#include "sim/app/describe_economics.hpp"
#include "sim/app/describe_later.hpp"
#include "sim/app/tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <variant>
#include <vector>

namespace stardsim {
namespace {

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

/// In whom the rate of remission holds, where that is not everybody here.
std::string among(const Scenario& scenario, const Arm& arm) {
  switch (scenario.line_dependence) {
    case LineDependence::as_observed:
      return "";
    case LineDependence::same:
      return " at every line";
    case LineDependence::ratios:
      return " as a first treatment";
    case LineDependence::frailty:
      return arm.anchor
                 ? fmt::format(
                       " of those who stand at line {} of the "
                       "reference pathway",
                       *arm.anchor)
                 : " of those who stand at this step of the reference pathway";
  }
  return "";
}

double stated_remission(const Scenario& scenario, const Arm& arm) {
  const bool first_line = scenario.line_dependence == LineDependence::same ||
                          scenario.line_dependence == LineDependence::ratios;
  return first_line && arm.first_line_remission
             ? arm.first_line_remission->value
             : arm.remission.value;
}

/// Each as if there were no other.
std::string competing_outcomes(const Scenario& scenario, const Arm& arm) {
  std::string text = fmt::format(
      "competing at constant hazards: {}{} would remit by the end of the step",
      per_cent(stated_remission(scenario, arm)), among(scenario, arm));
  if (arm.partial_response)
    text += fmt::format(", {} respond in part",
                        per_cent(arm.partial_response->value));
  return text + ", each if there were no other";
}

std::string outcomes(const Scenario& scenario, const Arm& arm,
                     const Step& step) {
  if (arm.competing) return competing_outcomes(scenario, arm);
  const double remission = stated_remission(scenario, arm);
  std::string text =
      fmt::format("{}{} remit, {}", per_cent(remission), among(scenario, arm),
                  when(arm.remission_time, step));
  double rest = 1 - remission;
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
  if (!std::holds_alternative<AtEndOfStep>(arm.no_response_time.form))
    text += "; those without remission end the step " +
            when(arm.no_response_time, step);
  return text;
}

std::string elsewhere(const Arm& arm) {
  std::string text;
  if (arm.follow_up_if_not_remitted)
    text += fmt::format(", {} follow-up without remission",
                        per_cent(arm.follow_up_if_not_remitted->value));
  if (arm.gap_if_not_remitted)
    text += fmt::format(", {} a gap", per_cent(arm.gap_if_not_remitted->value));
  return text;
}

/// Who enters the next step, if nothing is said of it.
std::string by_default(const Arm& arm) {
  double elsewhere = 0;
  if (arm.follow_up_if_not_remitted)
    elsewhere += arm.follow_up_if_not_remitted->value;
  if (arm.gap_if_not_remitted) elsewhere += arm.gap_if_not_remitted->value;
  return elsewhere > 0 ? per_cent(1 - elsewhere) : "all";
}

/// After the last step the next one is none.
std::string going_on(const Arm& arm, bool last) {
  const auto& general = arm.continue_if_not_remitted;
  std::string text =
      fmt::format("not in remission: {} {}{}",
                  general ? per_cent(general->value) : by_default(arm),
                  last ? "untreated" : "enter the next step", elsewhere(arm));
  if (arm.continue_if_partial_response)
    text += fmt::format("; of the partial responders {}",
                        per_cent(arm.continue_if_partial_response->value));
  if (arm.continue_if_intolerant)
    text += fmt::format("; of the intolerant {}",
                        per_cent(arm.continue_if_intolerant->value));
  return text;
}

/// Who gets the arm, and whether it is taken as it should be.
std::vector<std::string> conditions(const Scenario& scenario, const Arm& arm) {
  std::vector<std::string> lines;
  if (!arm.eligible.empty())
    lines.push_back("eligible: " + words_for(scenario, arm.eligible));
  if (arm.access)
    lines.push_back("to be had by " + per_cent(arm.access->value));
  if (arm.acceptance)
    lines.push_back("accepted, when offered, by " +
                    per_cent(arm.acceptance->value));
  if (arm.adherence)
    lines.push_back(
        "taken as prescribed by " + per_cent(arm.adherence->value) +
        (arm.non_adherence_odds_ratio
             ? fmt::format("; if not, the odds of remission times {:.4g}",
                           arm.non_adherence_odds_ratio->value)
             : std::string()));
  if (arm.dose_adequacy)
    lines.push_back(
        "an adequate dose is reached by " + per_cent(arm.dose_adequacy->value) +
        (arm.low_dose_odds_ratio
             ? fmt::format("; if not, the odds of remission times {:.4g}",
                           arm.low_dose_odds_ratio->value)
             : std::string()));
  if (arm.remission_ratio)
    lines.push_back(fmt::format("probability of remission times {:.4g}",
                                arm.remission_ratio->value));
  if (arm.sessions_per_week)
    lines.push_back(fmt::format("{:.4g} session{} a week",
                                arm.sessions_per_week->value,
                                arm.sessions_per_week->value == 1 ? "" : "s"));
  return lines;
}

std::string extension_text(const Extension& extension) {
  return fmt::format(
      "partial responders go on for {:.4g} weeks: {} remit{}",
      extension.weeks.value, per_cent(extension.remission.value),
      extension.relapse ? "; relapse, " + words_for(*extension.relapse) : "");
}

std::string arm_text(const Scenario& scenario, const Step& step, const Arm& arm,
                     double shares, bool last) {
  std::string text =
      fmt::format("  |  * {}{}", arm.label, given_as(scenario, arm));
  if (step.arms.size() > 1 && step.choice == Choice::by_share)
    text += fmt::format(", given to {}", per_cent(arm.share.value / shares));
  for (const std::string& line : conditions(scenario, arm))
    text += "\n  |      " + line;
  text += "\n  |      " + outcomes(scenario, arm, step);
  if (arm.extension) text += "\n  |      " + extension_text(*arm.extension);
  if (!last || !elsewhere(arm).empty())
    text += "\n  |      " + going_on(arm, last);
  return text + "\n";
}

std::string choice_text(const Step& step) {
  if (step.arms.size() == 1) return "";
  if (step.choice == Choice::first_eligible)
    return "  |  given: the first of these that the patient may have and "
           "accepts\n";
  const auto may_fail = [](const Arm& arm) {
    return !arm.eligible.empty() || arm.access || arm.acceptance;
  };
  return std::any_of(step.arms.begin(), step.arms.end(), may_fail)
             ? "  |  shares are among those for which a patient is eligible\n"
             : "";
}

std::string step_text(const Scenario& scenario, const Step& step,
                      std::size_t number, bool last) {
  double shares = 0;
  for (const Arm& arm : step.arms) shares += arm.share.value;
  std::string text = fmt::format("  {}  {}, {:g} weeks\n", number, step.label,
                                 step.weeks.value);
  if (step.wait) text += "  |  wait before it: " + words_for(*step.wait) + "\n";
  text += choice_text(step);
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
  if (pathway.steps.empty())
    return text + "  no treatment: untreated from the start\n";
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

std::string ratios_text(const Scenario& scenario) {
  std::string text;
  for (std::size_t i = 0; i < scenario.line_ratios.size(); ++i)
    text += fmt::format("{}{:.4g} at line {}", i > 0 ? ", " : "",
                        scenario.line_ratios[i].value, i + 1);
  if (!text.empty()) text += " and later";
  for (const std::uint32_t line : scenario.line_ratio_if_class_repeats)
    text += fmt::format(
        ", but at line {} only after an attempt with the same class", line);
  return text;
}

/// What is assumed of the loss of effect from line to line, and what follows
/// for a pathway that gives a treatment at another line.
std::string assumption(const Scenario& scenario) {
  switch (scenario.line_dependence) {
    case LineDependence::as_observed:
      return "the rates written on an arm hold at whatever line it is used. "
             "Moving a treatment earlier changes its place, not its effect.";
    case LineDependence::same:
      return "every arm has its first-line rate at every line. What trials "
             "lose "
             "from line to line is taken as no property of the line.";
    case LineDependence::ratios:
      return "every arm has its first-line rate times a ratio by line: " +
             ratios_text(scenario) +
             ". Whoever comes later is treated with less effect, whatever was "
             "given before.";
    case LineDependence::frailty:
      return "the loss from line to line is read as selection: who remits "
             "easily does so early, so that the resistant remain. An intercept "
             "for each arm is solved so that its rate holds on average in "
             "those "
             "in whom it was measured; the lines of the reference pathway then "
             "come out as published. A pathway that gives a treatment earlier "
             "meets less resistant patients, and sees it work more often.";
  }
  return "";
}

bool has_effects(const Scenario& scenario) {
  return !effects_text(scenario).empty();
}

std::string intercepts_text(const Scenario& scenario,
                            const InterceptReport* report) {
  if (!has_effects(scenario)) return "";
  if (!scenario.solve_intercepts)
    return "\nIntercepts as given: a rate is that of the patient whose "
           "covariates are all at their\ncentre. On average over patients it "
           "differs: `stardsim run` prints what comes out.\n";
  std::string text =
      "\nIntercepts solved: each rate holds on average in those in whom it was "
      "measured.\n";
  if (report)
    text += fmt::format(
        "{} solved over a fixed population of {}: off by at most {:.1g}, the "
        "population\nitself by about {:.1g}.\n",
        report->solved, grouped(report->population), report->residual,
        report->sampling_error);
  return text;
}

}  // namespace

std::string description(const Scenario& scenario,
                        const InterceptReport* report) {
  std::string text = scenario.title + "\n";
  if (!scenario.description.empty()) text += scenario.description + "\n";
  text += fmt::format(
      "\n{} patients, seed {}, curves over {} weeks.\n"
      "Three questions, on the same patients ({} is reported first):\n"
      "  if_all_continue: in remission, if nobody left between steps\n"
      "  observed: in remission before leaving care, among all who entered\n"
      "  sustained: in the first remission since it began\n",
      grouped(scenario.cohort.patients), scenario.cohort.seed, scenario.horizon,
      name_of(scenario.estimand));
  if (scenario.horizon_weeks > 0 && scenario.horizon_weeks != scenario.horizon)
    text += fmt::format("The course ends after {:.6g} weeks.\n",
                        scenario.horizon_weeks);
  text += paragraph(fmt::format("Line dependence, {}: {}",
                                name_of(scenario.line_dependence),
                                assumption(scenario)))
              .substr(2);
  text += cohort_text(scenario) + effects_text(scenario) +
          intercepts_text(scenario, report);
  for (std::size_t p = 0; p < scenario.pathways.size(); ++p)
    text += pathway_text(scenario, p);
  return text + later_text(scenario) + economics_text(scenario) +
         subgroups_text(scenario) + provenance_text(scenario);
}

}  // namespace stardsim

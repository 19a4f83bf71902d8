#include "sim/app/report_cheers.hpp"

#include "sim/app/outcome_sheets.hpp"
#include "sim/app/report_words.hpp"
#include "sim/app/runner.hpp"
#include "sim/io/outcome_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace stardsim {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words)
    text += (text.empty() ? "" : "; ") + word;
  return text;
}

std::string or_not(const std::string& text) {
  return text.empty() ? not_reported : text;
}

std::string comparators(const ReportedRun& run) {
  std::vector<std::string> labels;
  for (std::size_t p = 0; p < run.pathways.size(); ++p)
    labels.push_back(run.pathways[p].label +
                     (p == run.reference ? " (reference)" : ""));
  return joined(labels);
}

std::string discounting(const RunOutcomes& run) {
  const auto& [form, costs, effects] = run.discounting;
  if (form.empty()) return not_reported;
  if (costs == 0 && effects == 0) return "Nothing is discounted.";
  return fmt::format("Costs {:g} %, effects {:g} % a year, {}.", 100 * costs,
                     100 * effects, form);
}

/// Of the scenario in words, if the file has it.
std::string in_words(const ReportedRun& run, const std::string& what) {
  return run.in_words.empty()
             ? not_reported
             : what + " See \"The scenario in words\" under Pathways.";
}

std::string inputs(const ReportedRun& run, const std::string& what) {
  return run.tells_inputs ? what + " See Inputs." : not_reported;
}

/// "Utilities with their sources." only if all inputs have one.
std::string sourced_inputs(const ReportedRun& run, const std::string& what) {
  const auto unsourced =
      std::count_if(run.inputs.begin(), run.inputs.end(),
                    [](const auto& one) { return one.source.empty(); });
  return inputs(run, unsourced == 0
                         ? what + " with their sources."
                         : fmt::format("{}; of all input values, {} of {} "
                                       "without a source.",
                                       what, unsourced, run.inputs.size()));
}

std::string analysis_sections(const ReportInput& input) {
  const bool has_swings = !input.sensitivities.empty();
  return input.alternatives.empty() ? "Sensitivity"
         : has_swings               ? "Sensitivity and Alternatives"
                                    : "Alternatives";
}

std::string uncertainty_of_inputs(const ReportInput&, std::size_t run);

/// Of the pathways of this run.
std::string uncertainty(const ReportInput& input, std::size_t r) {
  const auto& strategies = input.comparison.strategies();
  std::optional<std::size_t> first;
  bool is_paired = false;
  for (std::size_t s = 0; s < strategies.size(); ++s) {
    if (strategies[s].run != r) continue;
    if (first) is_paired = input.comparison.is_paired(s, *first);
    if (first && !is_paired) break;
    if (!first) first = s;
  }
  return std::string("Monte Carlo errors") +
         (is_paired ? ", paired between pathways" : "") + ". " +
         uncertainty_of_inputs(input, r);
}

/// Which analyses there are; "" if none.
std::string analyses(const ReportInput& input, std::size_t r) {
  const auto is_of_run = [&](const ReportedAnalysis& of) {
    return input.run_of(of).value_or(0) == r;
  };
  std::vector<std::string> words;
  for (const ReportedSensitivity& one : input.sensitivities)
    if (is_of_run(one))
      words.push_back(fmt::format("one-way{} sensitivity analysis of {}",
                                  one.two_way ? " and two-way" : "",
                                  counted(one.swings.size(), "number")));
  for (const ReportedAlternatives& one : input.alternatives)
    if (is_of_run(one))
      words.push_back(counted(one.names.size() - 1, "structural alternative"));
  return joined(words);
}

std::string uncertainty_of_inputs(const ReportInput& input, std::size_t r) {
  const ReportedRun& run = input.runs[r];
  const std::string more = analyses(input, r);
  if (!run.uncertainty && more.empty())
    return "Uncertainty of the inputs: not reported.";
  std::string text = "Uncertainty of the inputs: ";
  if (run.uncertainty) {
    const ReportedDraws& draws = run.uncertainty->draws;
    text += fmt::format(
        "probabilistic analysis, {} of {}{}, {} held with reasons; see "
        "Uncertainty",
        counted(draws.draws, "draw"),
        counted(draws.parameters.size(), "number"),
        draws.luck == "common" ? "" : ", corrected for the luck of patients",
        draws.fixed.size());
  }
  if (!more.empty())
    text += (run.uncertainty ? "; " : "") + more + ": see " +
            analysis_sections(input);
  return text + ".";
}

std::string effect_of_uncertainty(const ReportInput& input, std::size_t r) {
  const ReportedRun& run = input.runs[r];
  const bool has_analyses = !analyses(input, r).empty();
  std::string text = "Standard errors of the simulation with every result. ";
  if (run.uncertainty)
    text += std::string("Credible intervals") +
            (run.uncertainty->decisions.empty()
                 ? ""
                 : ", acceptability, expected loss and value of information") +
            ": see Uncertainty. ";
  if (has_analyses)
    text +=
        "Single numbers and structure: see " + analysis_sections(input) + ". ";
  return text + (run.uncertainty || has_analyses
                     ? "Effect of discount rate and horizon: not reported "
                       "unless varied there."
                     : "Effect of the uncertainty of inputs, of discount rate "
                       "and horizon: not reported.");
}

std::string results(bool has_costs, bool has_utilities) {
  if (has_costs && has_utilities)
    return "See The answer in short, Differences and Economics.";
  if (has_costs)
    return "See The answer in short, Remission and Differences. The scenario "
           "lacks utilities: no cost-effectiveness.";
  if (has_utilities)
    return "See The answer in short, Remission and Differences. The scenario "
           "lacks costs: no cost-effectiveness.";
  return "See The answer in short and Remission.";
}

std::string measures(const RunOutcomes& run) {
  const bool has_qalys = run.decision.effect != no_measure;
  return std::string("Remission by three estimands") +
         (has_qalys ? "; QALYs and life-years" : "") + ". See Remission" +
         (run.currency.empty() ? "." : " and Differences.");
}

std::string assumptions(const ReportedRun& run) {
  std::string text = fmt::format("Line dependence: {}. Mortality: {}.",
                                 run.line_dependence, run.mortality);
  if (!run.accrual.empty())
    text += fmt::format(" Costs and effects accrue {}.",
                        run.accrual == "weekly" ? "by week" : "continuously");
  return text;
}

}  // namespace

Sheet cheers_sheet(const ReportInput& input, std::size_t r) {
  const ReportedRun& run = input.runs[r];
  const RunOutcomes& outcomes = run.outcomes;
  const bool has_costs = !outcomes.decision.costs.empty();
  const std::string money = money_of(outcomes);
  const std::pair<const char*, std::string> items[] = {
      {"Title", or_not(run.title)},
      {"Abstract: structured summary",
       "See The answer in short, which is no structured abstract."},
      {"Background and objectives", or_not(run.description)},
      {"Analysis plan", not_reported},
      {"Study population",
       in_words(run, counted(outcomes.patients, "simulated patient") + ".")},
      {"Setting and location", not_reported},
      {"Comparators", comparators(run)},
      {"Perspective", outcomes.perspective_kinds.empty()
                          ? or_not(joined(outcomes.perspectives))
                          : outcomes.perspective_kinds},
      {"Time horizon", horizon_text(run.horizon_weeks)},
      {"Discount rate", discounting(outcomes)},
      {"Selection of outcomes", measures(outcomes)},
      {"Measurement of outcomes", sourced_inputs(run, "Rates and times")},
      {"Valuation of outcomes", outcomes.decision.effect == no_measure
                                    ? not_reported
                                    : sourced_inputs(run, "Utilities")},
      {"Measurement and valuation of resources and costs",
       has_costs ? sourced_inputs(run, "Prices and amounts") : not_reported},
      {"Currency, price date and conversion",
       has_costs ? fmt::format("{} (currency and price year); conversion: {}.",
                               money, not_reported)
                 : not_reported},
      {"Rationale and description of the model",
       in_words(run,
                "A Monte Carlo simulation of single patients; why this "
                "kind of model: not reported.")},
      {"Analytics and assumptions", assumptions(run)},
      {"Heterogeneity",
       run.subgroups.empty() ? not_reported : "Subgroups: see Remission."},
      {"Distributional effects", not_reported},
      {"Characterising uncertainty", uncertainty(input, r)},
      {"Engagement with patients and others", not_reported},
      {"Study parameters",
       inputs(run, "All values, with intervals where they are stated.")},
      {"Main results",
       results(has_costs, outcomes.decision.effect != no_measure)},
      {"Effect of uncertainty", effect_of_uncertainty(input, r)},
      {"Effect of engagement with patients and others", not_reported},
      {"Findings, limitations, generalisability, current knowledge",
       not_reported},
      {"Source of funding", not_reported},
      {"Conflicts of interest", not_reported}};
  Sheet sheet{
      "CHEERS 2022" + (input.runs.size() > 1 ? ", " + input.names[r] : ""),
      {"Item", "Topic", "What this report says"},
      {},
      3,
      "Items of Husereau et al. 2022, BMJ 376:e067975, in words of our "
      "own. \"Not reported\" says nothing of whether it was done."};
  int number = 0;
  for (const auto& [topic, text] : items)
    sheet.rows.push_back({std::to_string(++number), topic, text});
  return sheet;
}

}  // namespace stardsim

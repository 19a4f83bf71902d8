#include "sim/app/describe_cohort.hpp"

#include "sim/app/describe_arms.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <sstream>
#include <type_traits>

namespace stardsim {
namespace {

constexpr std::size_t line_width = 79;

const std::string& label_of(const Covariate& covariate) {
  return covariate.label.empty() ? covariate.name : covariate.label;
}

std::string with_unit(double value, const Covariate& covariate) {
  return fmt::format("{:.4g}", value) +
         (covariate.unit.empty() ? "" : " " + covariate.unit);
}

std::string list_of(const std::vector<std::string>& words,
                    const std::string& last = "or") {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " " + last + " " : ", ";
    text += words[i];
  }
  return text;
}

std::string shares(const CategoricalCovariate& levels) {
  double sum = 0;
  for (const Evidence& share : levels.shares) sum += share.value;
  std::vector<std::string> words;
  for (std::size_t i = 0; i < levels.levels.size(); ++i)
    words.push_back(levels.levels[i] + " " +
                    per_cent(levels.shares[i].value / sum));
  return list_of(words, "and");
}

std::string bands(const BandsCovariate& form) {
  double sum = 0;
  for (const Evidence& share : form.shares) sum += share.value;
  std::vector<std::string> words;
  for (std::size_t i = 0; i < form.shares.size(); ++i)
    words.push_back(fmt::format("{} from {:.4g} to {:.4g}",
                                per_cent(form.shares[i].value / sum),
                                form.edges[i], form.edges[i + 1]));
  return list_of(words, "and") + ", uniform within each";
}

std::string distribution(const Covariate& covariate) {
  return std::visit(
      [&](const auto& form) -> std::string {
        using Form = std::decay_t<decltype(form)>;
        if constexpr (std::is_same_v<Form, NormalCovariate>)
          return "normal, mean " + with_unit(form.mean.value, covariate) +
                 fmt::format(", standard deviation {:.4g}", form.sd.value);
        else if constexpr (std::is_same_v<Form, LogNormalCovariate>)
          return "log-normal, median " +
                 with_unit(form.median.value, covariate) +
                 fmt::format(", standard deviation of its logarithm {:.4g}",
                             form.sigma.value);
        else if constexpr (std::is_same_v<Form, BetaCovariate>)
          return fmt::format("Beta({:.4g}, {:.4g})", form.a.value,
                             form.b.value);
        else if constexpr (std::is_same_v<Form, BernoulliCovariate>)
          return "true of " + per_cent(form.probability.value);
        else if constexpr (std::is_same_v<Form, CategoricalCovariate>)
          return shares(form);
        else if constexpr (std::is_same_v<Form, EmpiricalCovariate>)
          return fmt::format("one of {} values from {:.4g} to {:.4g}",
                             form.values.size(), form.values.front(),
                             form.values.back());
        else if constexpr (std::is_same_v<Form, BandsCovariate>)
          return bands(form);
        else if constexpr (std::is_same_v<Form, TableCovariate>)
          return fmt::format("from a table of {} patients", form.column.size());
        else
          return fmt::format(
              "latent, standard normal; the log odds of remission rise by "
              "{:.4g} with each standard deviation",
              form.spread.value);
      },
      covariate.form);
}

std::string truncation(const Covariate& covariate) {
  if (covariate.low && covariate.high)
    return fmt::format(", kept within {:.4g} to {:.4g}", *covariate.low,
                       *covariate.high);
  if (covariate.low) return fmt::format(", at least {:.4g}", *covariate.low);
  return covariate.high ? fmt::format(", at most {:.4g}", *covariate.high) : "";
}

std::string correlations(const Scenario& scenario) {
  std::vector<std::string> words;
  for (const Correlation& pair : scenario.cohort.correlations)
    words.push_back(fmt::format(
        "{} with {} {:.4g}", label_of(scenario.cohort.covariates[pair.first]),
        label_of(scenario.cohort.covariates[pair.second]), pair.value.value));
  return words.empty() ? ""
                       : paragraph("correlations of the normal scores: " +
                                   list_of(words, "and"));
}

std::string ratio_text(const Scenario& scenario, const Effect& effect) {
  const Covariate& covariate = scenario.cohort.covariates[effect.covariate];
  std::string text = label_of(covariate);
  if (effect.level)
    text += " " + covariate.levels()[*effect.level];
  else if (std::holds_alternative<Propensity>(covariate.form))
    text += ", per standard deviation";
  else if (!std::holds_alternative<BernoulliCovariate>(covariate.form))
    text += ", per " + with_unit(effect.per, covariate) +
            fmt::format(" above {:.4g}", covariate.centre);
  return text + fmt::format(": {:.4g}", effect.ratio.value);
}

std::string range(const Condition& condition, const std::string& what) {
  const bool low = condition.low > -std::numeric_limits<double>::infinity();
  const bool high = condition.high < std::numeric_limits<double>::infinity();
  if (low && high && condition.low == condition.high)
    return fmt::format("{} {:.4g}", what, condition.low);
  if (low && high)
    return fmt::format("{} {:.4g} to {:.4g}", what, condition.low,
                       condition.high);
  return fmt::format("{} {} {:.4g}", what, high ? "at most" : "at least",
                     high ? condition.high : condition.low);
}

std::string yes_or_no(const Condition& condition, const std::string& what) {
  return condition.low > 0 ? what : "not " + what;
}

const char* words_for(LastOutcome outcome) {
  switch (outcome) {
    case LastOutcome::none:
      return "no attempt yet";
    case LastOutcome::no_response:
      return "no response";
    case LastOutcome::partial_response:
      return "partial response";
    case LastOutcome::intolerance:
      return "intolerance";
  }
  return "";
}

template <class NameOf>
std::string any_of(const Condition& condition, NameOf name_of) {
  std::vector<std::string> words;
  for (const std::size_t value : condition.any_of)
    words.push_back(name_of(value));
  return list_of(words);
}

std::string on_covariate(const Scenario& scenario, const Condition& condition) {
  const Covariate& covariate = scenario.cohort.covariates[condition.covariate];
  if (!condition.any_of.empty())
    return label_of(covariate) + " " +
           any_of(condition,
                  [&](std::size_t level) { return covariate.levels()[level]; });
  if (std::holds_alternative<BernoulliCovariate>(covariate.form))
    return yes_or_no(condition, label_of(covariate));
  return range(condition, label_of(covariate));
}

std::string words_for(const Scenario& scenario, const Condition& condition) {
  switch (condition.fact) {
    case Condition::Fact::failed_trials:
      return range(condition, "failed trials");
    case Condition::Fact::adequate_failed_trials:
      return range(condition, "adequate failed trials");
    case Condition::Fact::line:
      return range(condition, "line");
    case Condition::Fact::last_outcome:
      return "last outcome " + any_of(condition, [](std::size_t outcome) {
               return words_for(static_cast<LastOutcome>(outcome));
             });
    case Condition::Fact::relapsed:
      return yes_or_no(condition, "relapsed before");
    case Condition::Fact::failed_class:
      return "an adequate trial failed of " +
             any_of(condition, [&](std::size_t number) {
               return scenario.classes[number];
             });
    case Condition::Fact::covariate:
      return on_covariate(scenario, condition);
  }
  return "";
}

std::string all_of(const Scenario& scenario,
                   const std::vector<Condition>& conditions) {
  std::vector<std::string> words;
  words.reserve(conditions.size());
  for (const Condition& condition : conditions)
    words.push_back(words_for(scenario, condition));
  return list_of(words, "and");
}

}  // namespace

std::string per_cent(double probability) {
  return fmt::format("{:.4g} %", 100 * probability);
}

std::string paragraph(const std::string& text, const std::string& indent) {
  const std::string first = indent + "  ", later = indent + "    ";
  std::istringstream words(text);
  std::string lines, line = first, word;
  while (words >> word) {
    const bool starts = line == first || line == later;
    if (!starts && line.size() + 1 + word.size() > line_width) {
      lines += line + "\n";
      line = later + word;
    } else {
      line += (starts ? "" : " ") + word;
    }
  }
  return lines + line + "\n";
}

std::string cohort_text(const Scenario& scenario) {
  if (scenario.cohort.covariates.empty()) return "";
  std::string text = "\nPatients\n";
  for (const Covariate& covariate : scenario.cohort.covariates)
    text += paragraph(label_of(covariate) + ": " + distribution(covariate) +
                      truncation(covariate));
  if (scenario.cohort.rows > 0)
    text += paragraph(
        scenario.cohort.row_weights.empty()
            ? "patient i is row i of the table, beginning again at its end"
            : "a patient is a row of the table drawn by its weight");
  return text + correlations(scenario);
}

std::string effects_text(const Scenario& scenario) {
  struct Outcome {
    const char* title;
    std::vector<Effect> Effects::*effects;
  };
  const Outcome outcomes[] = {
      {"Odds ratios of remission", &Effects::remission},
      {"Odds ratios of partial response", &Effects::partial_response},
      {"Odds ratios of intolerance", &Effects::intolerance},
      {"Odds ratios of leaving care, if not remitted", &Effects::attrition},
      {"Odds ratios of taking the treatment as prescribed",
       &Effects::adherence},
      {"Hazard ratios of relapse", &Effects::relapse}};
  std::string text;
  for (const Outcome& outcome : outcomes) {
    const std::string lines = by_arms(scenario, [&](const Arm& arm) {
      std::vector<std::string> ratios;
      for (const Effect& effect : arm.effects.*outcome.effects)
        ratios.push_back(ratio_text(scenario, effect));
      return ratios;
    });
    if (!lines.empty())
      text += "\n" + std::string(outcome.title) + "\n" + lines;
  }
  return text;
}

std::string words_for(const Scenario& scenario,
                      const Eligibility& eligibility) {
  std::string text;
  for (const auto& conditions : eligibility)
    text += (text.empty() ? "" : "; or ") + all_of(scenario, conditions);
  return text;
}

std::string subgroups_text(const Scenario& scenario) {
  if (scenario.subgroups.empty()) return "";
  std::string text = "\nSubgroups, by what patients are at entry\n";
  for (const Subgroup& subgroup : scenario.subgroups)
    text +=
        paragraph((subgroup.label.empty() ? subgroup.name : subgroup.label) +
                  ": " + all_of(scenario, subgroup.all_of));
  return text;
}

}  // namespace stardsim

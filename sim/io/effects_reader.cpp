#include "sim/io/effects_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace stardsim {
namespace {

constexpr std::size_t most_entries = 1000;

constexpr Quantity units{"a number of units (0.000001 to 1,000,000)", 1e-6,
                         1e6};

const std::vector<std::pair<std::string, std::vector<Effect> Effects::*>>&
outcomes() {
  static const std::vector<
      std::pair<std::string, std::vector<Effect> Effects::*>>
      all = {{"remission", &Effects::remission},
             {"partial_response", &Effects::partial_response},
             {"intolerance", &Effects::intolerance},
             {"attrition", &Effects::attrition},
             {"adherence", &Effects::adherence},
             {"relapse", &Effects::relapse}};
  return all;
}

void put(Effect effect, std::vector<Effect>& effects) {
  const auto same =
      std::find_if(effects.begin(), effects.end(), [&](const Effect& one) {
        return one.covariate == effect.covariate && one.level == effect.level;
      });
  if (same == effects.end())
    effects.push_back(std::move(effect));
  else
    *same = std::move(effect);
}

bool looks_like_levels(const Value& value) {
  const auto* table = std::get_if<Table>(&value.node.value);
  if (!table) return false;
  return std::none_of(table->entries.begin(), table->entries.end(),
                      [](const Entry& entry) {
                        return entry.key == "value" || entry.key == "events" ||
                               entry.key == "beta" || entry.key == "uniform" ||
                               entry.key == "per";
                      });
}

}  // namespace

EffectsReader::EffectsReader(const Cohort& cohort, const ValueReader& values)
    : cohort_(cohort), values_(values), problems_(values.problems()) {
  for (const Covariate& covariate : cohort.covariates)
    names_.push_back(covariate.name);
}

void EffectsReader::read(const std::optional<Value>& value,
                         Effects& effects) const {
  const Table* table = value ? as_table(*value, problems_) : nullptr;
  if (!table) return;
  Section section(*table, *value, problems_);
  for (const auto& [name, list] : outcomes())
    if (const auto outcome = section.find(name))
      read_outcome(*outcome, name == "remission", effects.*list);
  section.finish();
}

void EffectsReader::read_outcome(const Value& outcome, bool is_remission,
                                 std::vector<Effect>& effects) const {
  for (const NamedValue& entry :
       named_values(outcome, most_entries, problems_)) {
    const auto covariate =
        index_of_name(entry.name, entry.value,
                      "a covariate of [cohort.covariates]", names_, problems_);
    if (!covariate) continue;
    const Covariate& of = cohort_.covariates[*covariate];
    if (is_remission && std::holds_alternative<Propensity>(of.form))
      add_problem(problems_, entry.value,
                  "the propensity's effect on remission is its spread, in "
                  "[propensity]");
    else if (!of.levels().empty())
      read_levels(*covariate, entry.value, effects);
    else if (looks_like_levels(entry.value))
      add_problem(problems_, entry.value,
                  fmt::format("{} has no levels; a ratio such as 1.2 or "
                              "{{ value = 1.2, source = \"...\" }} is allowed",
                              in_quotes(of.name)));
    else
      put(on_numbers(*covariate, entry.value), effects);
  }
}

void EffectsReader::read_levels(std::size_t covariate, const Value& value,
                                std::vector<Effect>& effects) const {
  const std::vector<std::string>& levels =
      cohort_.covariates[covariate].levels();
  if (!std::holds_alternative<Table>(value.node.value))
    return add_wrong_type(
        problems_, value,
        fmt::format("a table with a ratio for each level but one, such as "
                    "{{ {} = 1.2 }},",
                    levels.back()));
  for (const NamedValue& entry : named_values(value, most_entries, problems_)) {
    const auto level = index_of_name(
        entry.name, entry.value,
        "a level of " + in_quotes(cohort_.covariates[covariate].name), levels,
        problems_);
    if (level)
      put({covariate, *level, values_.evidence(entry.value, ratio), 1},
          effects);
  }
}

Effect EffectsReader::on_numbers(std::size_t covariate,
                                 const Value& value) const {
  const auto& form = cohort_.covariates[covariate].form;
  const bool has_units = !std::holds_alternative<BernoulliCovariate>(form) &&
                         !std::holds_alternative<Propensity>(form);
  const std::vector<std::string> other_keys =
      has_units ? std::vector<std::string>{"per"} : std::vector<std::string>{};
  Effect effect{covariate, std::nullopt,
                values_.evidence(value, ratio, other_keys), 1};
  const auto* table = std::get_if<Table>(&value.node.value);
  if (!table || !has_units) return effect;
  if (const auto per = Section(*table, value, problems_).find("per")) {
    effect.per = values_.number(*per, units);
    if (std::isnan(effect.per)) effect.per = 1;
  }
  return effect;
}

void add_propensity(const Cohort& cohort, Effects& effects) {
  for (std::size_t i = 0; i < cohort.covariates.size(); ++i) {
    const auto* propensity =
        std::get_if<Propensity>(&cohort.covariates[i].form);
    if (!propensity) continue;
    Evidence per_sd = propensity->spread;
    per_sd.value = std::exp(per_sd.value);
    per_sd.certainty = Exact{};
    effects.remission.push_back({i, std::nullopt, std::move(per_sd), 1});
  }
}

}  // namespace stardsim

#include "sim/io/eligibility_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace stardsim {
namespace {

constexpr std::size_t most_alternatives = 64;
constexpr std::size_t most_subgroups = 32;
constexpr double unlimited = std::numeric_limits<double>::infinity();

constexpr Quantity count_of_trials{"a number of trials (0 to 63)", 0, 63};
constexpr Quantity number_of_line{"the number of a line (1 to 64)", 1, 64};
constexpr Quantity any_value{"a number between -1e9 and 1e9", -1e9, 1e9};

const std::vector<std::string>& outcome_names() {
  static const std::vector<std::string> names = {
      "none", "no_response", "partial_response", "intolerance"};
  return names;
}

Condition condition(Condition::Fact fact) {
  return {fact, 0, -unlimited, unlimited, {}};
}

bool is_zero_or_one(double value) { return value == 0 || value == 1; }

void require_yes_or_no(const Value& value, bool& yes, Problems& problems) {
  yes = as_boolean(value, problems).value_or(true);
}

}  // namespace

bool is_yes_or_no(const Covariate& covariate) {
  if (std::holds_alternative<BernoulliCovariate>(covariate.form)) return true;
  const auto all = [](const std::vector<double>& values) {
    return std::all_of(values.begin(), values.end(), is_zero_or_one);
  };
  if (const auto* table = std::get_if<TableCovariate>(&covariate.form))
    return table->levels.empty() && all(table->column);
  if (const auto* sample = std::get_if<EmpiricalCovariate>(&covariate.form))
    return all(sample->values);
  return false;
}

const std::vector<std::string>& condition_names() {
  static const std::vector<std::string> names = {
      "failed_trials", "adequate_failed_trials",
      "line",          "last_outcome",
      "relapsed",      "failed_class"};
  return names;
}

EligibilityReader::EligibilityReader(const Cohort& cohort,
                                     const std::vector<std::string>& classes,
                                     const ValueReader& values)
    : cohort_(cohort),
      classes_(classes),
      values_(values),
      problems_(values.problems()) {
  for (const Covariate& covariate : cohort.covariates)
    if (!std::holds_alternative<Propensity>(covariate.form))
      names_.push_back(covariate.name);
}

Eligibility EligibilityReader::eligibility(const Value& value) const {
  Eligibility eligibility;
  for (const Value& one : one_or_more(value, most_alternatives, problems_))
    eligibility.push_back(all_of(one));
  return eligibility;
}

std::vector<Condition> EligibilityReader::all_of(const Value& value) const {
  using Fact = Condition::Fact;
  const Table* table = as_table(
      value, problems_, "a table of conditions such as { failed_trials = 2 }");
  if (!table) return {};
  Section section(*table, value, problems_);
  std::vector<Condition> all;
  const auto read_number = [&](const char* key, Fact fact,
                               const Quantity& quantity) {
    const auto found = section.find(key);
    if (!found) return;
    all.push_back(condition(fact));
    read_range(*found, quantity, all.back());
  };
  const auto read_names = [&](const char* key, Fact fact, const char* kind,
                              const std::vector<std::string>& names) {
    const auto found = section.find(key);
    if (!found) return;
    all.push_back(condition(fact));
    all.back().any_of = any_of(*found, kind, names);
  };
  read_number("failed_trials", Fact::failed_trials, count_of_trials);
  read_number("adequate_failed_trials", Fact::adequate_failed_trials,
              count_of_trials);
  read_number("line", Fact::line, number_of_line);
  read_names("last_outcome", Fact::last_outcome, "an outcome of an attempt",
             outcome_names());
  if (const auto relapsed = section.find("relapsed")) {
    all.push_back(condition(Fact::relapsed));
    bool yes = true;
    require_yes_or_no(*relapsed, yes, problems_);
    all.back().low = all.back().high = yes ? 1 : 0;
  }
  read_names("failed_class", Fact::failed_class,
             "a class of a treatment of this scenario", classes_);
  read_covariates(*table, section, all);
  section.finish();
  return all;
}

std::vector<Subgroup> EligibilityReader::subgroups(
    const std::optional<Value>& value) const {
  std::vector<Subgroup> subgroups;
  for (const NamedValue& entry : named_values(value, most_subgroups, problems_))
    subgroups.push_back(subgroup(entry.name, entry.value));
  return subgroups;
}

Subgroup EligibilityReader::subgroup(const std::string& name,
                                     const Value& value) const {
  Subgroup subgroup{name, name, {}};
  const Table* table = as_table(
      value, problems_, "a table of conditions such as { anxious = true }");
  if (!table) return subgroup;
  Section section(*table, value, problems_);
  subgroup.label = section.text("label", name);
  const std::size_t problems_before = problems_.count();
  read_covariates(*table, section, subgroup.all_of);
  section.finish();
  if (subgroup.all_of.empty() && problems_.count() == problems_before)
    section.add("no condition; at least one on a covariate is needed");
  return subgroup;
}

void EligibilityReader::read_covariates(const Table& table, Section& section,
                                        std::vector<Condition>& all) const {
  for (std::size_t i = 0; i < cohort_.covariates.size(); ++i) {
    const Covariate& covariate = cohort_.covariates[i];
    if (std::holds_alternative<Propensity>(covariate.form)) {
      if (table.find(covariate.name))
        add_problem(problems_, *section.find(covariate.name),
                    "nobody can see a patient's propensity");
      continue;
    }
    if (const auto value = section.find(covariate.name))
      all.push_back(on_covariate(i, *value));
  }
}

Condition EligibilityReader::on_covariate(std::size_t index,
                                          const Value& value) const {
  const Covariate& covariate = cohort_.covariates[index];
  Condition made = condition(Condition::Fact::covariate);
  made.covariate = index;
  const bool is_boolean = std::holds_alternative<bool>(value.node.value);
  const bool is_flag =
      std::holds_alternative<BernoulliCovariate>(covariate.form);
  if (!covariate.levels().empty()) {
    made.any_of = any_of(value, "a level of " + in_quotes(covariate.name),
                         covariate.levels());
  } else if (is_flag || (is_boolean && is_yes_or_no(covariate))) {
    bool yes = true;
    require_yes_or_no(value, yes, problems_);
    made.low = made.high = yes ? 1 : 0;
  } else {
    read_range(value, any_value, made);
  }
  return made;
}

// `2` (at least) or `{ low = 2, high = 4 }`.
void EligibilityReader::read_range(const Value& value, const Quantity& quantity,
                                   Condition& made) const {
  const auto* table = std::get_if<Table>(&value.node.value);
  if (!table) {
    made.low = values_.number(value, quantity);
    return;
  }
  Section section(*table, value, problems_);
  const auto low = section.find("low"), high = section.find("high");
  if (low) made.low = values_.number(*low, quantity);
  if (high) made.high = values_.number(*high, quantity);
  section.finish();
  if (!low && !high)
    section.add("low or high, or both, are needed");
  else if (made.low > made.high)
    section.add(fmt::format("low, {}, is above high, {}", made.low, made.high));
}

std::vector<std::size_t> EligibilityReader::any_of(
    const Value& value, const std::string& kind,
    const std::vector<std::string>& names) const {
  std::vector<std::size_t> indices;
  for (const Value& item : one_or_more(value, 64, problems_)) {
    const auto* name = std::get_if<std::string>(&item.node.value);
    if (!name) {
      add_wrong_type(problems_, item, "a text or an array of texts");
      continue;
    }
    const auto index = index_of_name(*name, item, kind, names, problems_);
    if (index &&
        std::find(indices.begin(), indices.end(), *index) == indices.end())
      indices.push_back(*index);
  }
  std::sort(indices.begin(), indices.end());
  return indices;
}

}  // namespace stardsim

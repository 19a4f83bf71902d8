#include "sim/io/cohort_reader.hpp"

#include "models/scenario.hpp"
#include "sim/io/eligibility_reader.hpp"
#include "sim/io/patient_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace stardsim {
namespace {

constexpr std::size_t most_covariates = 32;

constexpr WholeRange patients_range{
    "a number of patients (a whole number from 1 to 2^40, e.g. 100000 or 1e6)",
    1, max_patients};
constexpr WholeRange seed_range{"a seed (a whole number from 0 to 2^63-1)", 0,
                                (std::uint64_t{1} << 63) - 1};

constexpr Quantity correlation =
    of_kind(ValueKind::correlation, {"a correlation (-1 to 1)", -1, 1});
constexpr Quantity log_odds_spread = of_kind(
    ValueKind::positive, {"a standard deviation of log odds (0 to 10)", 0, 10});

double weighted_mean(const std::vector<double>& values,
                     const std::vector<double>& weights) {
  double sum = 0, total = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double share = weights.empty() ? 1 : weights[i];
    sum += share * values[i];
    total += share;
  }
  return sum / total;
}

// Whether it is a whole number from 0 to 63 in every patient.
bool is_count(const Covariate& covariate) {
  const auto all = [](const std::vector<double>& values) {
    return std::all_of(values.begin(), values.end(), [](double value) {
      return value >= 0 && value <= 63 && value == std::floor(value);
    });
  };
  if (const auto* table = std::get_if<TableCovariate>(&covariate.form))
    return table->levels.empty() && all(table->column);
  if (const auto* sample = std::get_if<EmpiricalCovariate>(&covariate.form))
    return all(sample->values);
  return std::holds_alternative<BernoulliCovariate>(covariate.form);
}

}  // namespace

Cohort CohortReader::read(const std::optional<Value>& value,
                          const std::optional<Value>& propensity) {
  cohort_ = {};
  names_.clear();
  written_.clear();
  files_.clear();
  const std::size_t problems_before = problems_.count();
  const Table nothing;
  const Table* table = value ? as_table(*value, problems_) : &nothing;
  if (!table) table = &nothing;
  Section section(*table, value ? value->node.where : Position{}, "cohort",
                  problems_);
  cohort_.patients = section.whole_number("patients", patients_range)
                         .value_or(cohort_.patients);
  cohort_.seed =
      section.whole_number("seed", seed_range).value_or(cohort_.seed);
  read_covariates(section.find("covariates"));
  read_propensity(propensity);
  const auto correlations = section.find("correlations");
  read_correlations(correlations);
  read_table(section.find("table"));
  section.finish();
  if (problems_.count() == problems_before) check_known_names();
  if (correlations && problems_.count() == problems_before &&
      !is_positive_definite(cohort_))
    add_problem(problems_, *correlations,
                "contradict one another: their matrix is not positive "
                "definite");
  return std::move(cohort_);
}

void CohortReader::read_covariates(const std::optional<Value>& value) {
  for (const NamedValue& entry :
       named_values(value, most_covariates, problems_)) {
    cohort_.covariates.push_back(covariate(entry.name, entry.value));
    names_.push_back(entry.name);
  }
}

// ---- the table ----

void CohortReader::read_table(const std::optional<Value>& value) {
  const bool needed =
      std::any_of(written_.begin(), written_.end(),
                  [](const Written& one) { return !one.column.empty(); });
  if (!value) {
    for (std::size_t i = 0; i < written_.size(); ++i)
      if (!written_[i].column.empty())
        problems_.add(written_[i].where, cohort_.covariates[i].key,
                      "is from a table, and there is no [cohort.table]");
    return;
  }
  const Table* table = as_table(*value, problems_);
  if (!table) return;
  Section section(*table, *value, problems_);
  const std::size_t problems_before = problems_.count();
  const auto file = section.require("file", "the name of a .csv or .h5 file");
  if (file) as_text(*file, problems_);
  const std::string group = section.text("group", "/");
  const std::string weight_column = section.text("weight");
  const std::string identifier = section.text("id");
  const auto use = section.choice("use", {"draw", "each"});
  section.finish();
  const bool each = use == std::size_t{1};
  if (each && section.find("weight"))
    add_problem(problems_, *section.find("weight"),
                "with use = \"each\" rows are not drawn, and have no weights");
  if (!needed) section.add("no covariate has distribution = \"table\"");
  if (problems_.count() > problems_before) return;
  take_columns(*file, path_of(*file), group, weight_column, identifier);
  if (!each && cohort_.row_weights.empty())
    cohort_.row_weights.assign(cohort_.rows, 1.0);
}

// From the folder of the file in which its name stands.
std::filesystem::path CohortReader::path_of(const Value& file) const {
  const std::filesystem::path scenario =
      problems_.files().at(file.node.where.file);
  return scenario.parent_path() / std::get<std::string>(file.node.value);
}

void CohortReader::take_columns(const Value& file,
                                const std::filesystem::path& path,
                                const std::string& group,
                                const std::string& weight_column,
                                const std::string& identifier) {
  using Kind = TableColumn::Kind;
  std::vector<TableColumn> asked;
  std::vector<std::size_t> covariates;
  for (std::size_t i = 0; i < written_.size(); ++i) {
    if (written_[i].column.empty()) continue;
    const std::vector<std::string>& levels =
        std::get<TableCovariate>(cohort_.covariates[i].form).levels;
    asked.push_back({written_[i].column,
                     levels.empty() ? Kind::numbers : Kind::levels, levels});
    covariates.push_back(i);
  }
  const std::size_t weights = asked.size();
  if (!weight_column.empty())
    asked.push_back({weight_column, Kind::weights, {}});
  if (!identifier.empty()) asked.push_back({identifier, Kind::identifiers, {}});
  PatientTable table;
  try {
    table = read_patient_table(path, group, asked);
  } catch (const BadTable& bad) {
    for (const std::string& line : bad.lines())
      add_problem(problems_, file, path.string() + ": " + line);
    return;
  }
  files_.push_back(
      {path, std::get<std::string>(file.node.value), table.sha256});
  cohort_.rows = table.rows;
  if (!weight_column.empty())
    cohort_.row_weights = std::move(table.columns[weights]);
  double sum = cohort_.row_weights.empty() ? 1 : 0;
  for (const double one : cohort_.row_weights) sum += one;
  if (sum <= 0) {
    add_problem(problems_, file,
                fmt::format("{}: the weights in column {} sum to 0",
                            path.string(), in_quotes(weight_column)));
    return;
  }
  for (std::size_t i = 0; i < covariates.size(); ++i) {
    Covariate& covariate = cohort_.covariates[covariates[i]];
    auto& form = std::get<TableCovariate>(covariate.form);
    form.column = std::move(table.columns[i]);
    if (form.levels.empty() && !written_[covariates[i]].has_centre)
      covariate.centre = weighted_mean(form.column, cohort_.row_weights);
  }
}

// What the course of a patient knows by its name.
void CohortReader::check_known_names() const {
  for (std::size_t i = 0; i < cohort_.covariates.size(); ++i) {
    const Covariate& covariate = cohort_.covariates[i];
    if (covariate.name == "misdiagnosed" && !is_yes_or_no(covariate))
      problems_.add(written_[i].where, covariate.key,
                    "says who is misdiagnosed, and must be 0 or 1");
    if (covariate.name == "prior_failed_trials" && !is_count(covariate))
      problems_.add(written_[i].where, covariate.key,
                    "counts adequate failed trials before entry, and must be a "
                    "whole number from 0 to 63");
  }
}

// ---- the propensity ----

void CohortReader::read_propensity(const std::optional<Value>& value) {
  const Table* table = value ? as_table(*value, problems_) : nullptr;
  if (!table) return;
  Section section(*table, *value, problems_);
  Covariate covariate;
  covariate.name = "propensity";
  covariate.label = "Propensity to remit";
  covariate.key = value->path;
  covariate.source = values_.source(section);
  covariate.note = section.text("note");
  Evidence spread = values_.require(section, "spread", log_odds_spread);
  section.finish();
  if (spread.source.empty()) spread.source = covariate.source;
  if (spread.source.empty() && !std::isnan(spread.value))
    section.add("its spread needs a source: all that follows rests on it");
  covariate.form = Propensity{std::move(spread)};
  if (cohort_.covariates.size() >= most_covariates)
    section.add(
        fmt::format("at most {} covariates are allowed, this one "
                    "among them",
                    most_covariates));
  written_.emplace_back();
  names_.push_back(covariate.name);
  cohort_.covariates.push_back(std::move(covariate));
}

// ---- correlations ----

void CohortReader::read_correlations(const std::optional<Value>& value) {
  for (const NamedValue& entry :
       named_values(value, most_covariates, problems_)) {
    const auto first = correlated(entry.name, entry.value);
    for (const NamedValue& other :
         named_values(entry.value, most_covariates, problems_))
      if (first) read_correlation(*first, other);
  }
}

std::optional<std::size_t> CohortReader::correlated(const std::string& name,
                                                    const Value& place) {
  const auto index = index_of_name(
      name, place, "a covariate of [cohort.covariates]", names_, problems_);
  if (index && !written_[*index].column.empty()) {
    add_problem(problems_, place,
                in_quotes(name) +
                    " is from the table, whose columns are correlated already");
    return std::nullopt;
  }
  return index;
}

void CohortReader::read_correlation(std::size_t first,
                                    const NamedValue& entry) {
  const auto second = correlated(entry.name, entry.value);
  if (!second) return;
  if (first == *second)
    return add_problem(problems_, entry.value,
                       "a covariate is not correlated with itself");
  for (const Correlation& known : cohort_.correlations)
    if ((known.first == first && known.second == *second) ||
        (known.first == *second && known.second == first))
      return add_problem(
          problems_, entry.value,
          fmt::format("the correlation of {} and {} is stated twice",
                      in_quotes(names_[first]), in_quotes(names_[*second])));
  cohort_.correlations.push_back(
      {first, *second, values_.evidence(entry.value, correlation)});
}

}  // namespace stardsim

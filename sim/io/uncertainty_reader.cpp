#include "sim/io/uncertainty_reader.hpp"

#include "models/parameters.hpp"
#include "models/positive_definite.hpp"
#include "sim/analysis/normal_correlation.hpp"
#include "sim/analysis/parameter_draws.hpp"
#include "sim/analysis/probabilistic.hpp"
#include "sim/io/patient_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <unordered_set>

namespace stardsim {
namespace {

constexpr std::size_t most_groups = 200;
constexpr std::size_t most_together = 100;
constexpr std::size_t most_patterns = 1000;

constexpr WholeRange draws_range{
    "a number of draws (a whole number from 1 to 1,000,000)", 1, max_draws};
constexpr std::uint32_t usual_draws = 1000;
constexpr WholeRange draw_patients_range{
    draw_patients_allowed, fewest_draw_patients, most_draw_patients};
constexpr Quantity matrix_entry{"a number between -1e12 and 1e12", -1e12, 1e12};

std::string counted(std::size_t count, const char* what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

class UncertaintyReader {
 public:
  UncertaintyReader(const ValueReader& values, const Scenario& scenario,
                    std::vector<DataFile>& files)
      : values_(values), problems_(values.problems()), files_(files) {
    for (Parameter& parameter : parameters_of(scenario)) {
      keys_.push_back(parameter.evidence.key);
      evidence_.emplace(keys_.back(), std::move(parameter.evidence));
    }
  }

  Uncertainty read(const Table& table, const Value& value) {
    Section section(table, value, problems_);
    Uncertainty uncertainty;
    const auto draws = section.whole_number("draws", draws_range);
    uncertainty.draws = static_cast<std::uint32_t>(draws.value_or(usual_draws));
    uncertainty.patients = section.whole_number("patients", draw_patients_range)
                               .value_or(uncertainty.patients);
    if (section.choice("luck", {"independent", "common"}) == std::size_t{1})
      uncertainty.luck = DrawLuck::common;
    read_held(section.find("fixed"), uncertainty);
    for (const NamedValue& entry :
         named_values(section.find("correlated"), most_groups, problems_))
      if (auto group = correlated(entry))
        uncertainty.correlated.push_back(std::move(*group));
    for (const NamedValue& entry :
         named_values(section.find("external"), most_groups, problems_))
      if (auto group = external(entry, draws.value_or(1)))
        uncertainty.external.push_back(std::move(*group));
    for (const NamedValue& entry :
         named_values(section.find("groups"), most_groups, problems_))
      if (auto group = parameter_group(entry))
        uncertainty.groups.push_back(std::move(*group));
    section.finish();
    return uncertainty;
  }

  /// Where the number or the group of this key stands.
  Position place_of(const std::string& key) const {
    const auto group = groups_.find(key);
    return group == groups_.end() ? values_.place_of(key) : group->second;
  }

  /// Each number that cannot be drawn is a problem; of the groups only what is
  /// drawn is left.
  void check_draws(Scenario& scenario) {
    if (problems_.count() > 0) return;
    std::unordered_set<std::string> told;
    for (const auto& [key, what] : draw_problems(scenario)) {
      const auto* group = covariance_that_needs_scale(scenario, key, what);
      if (!group)
        problems_.add(place_of(key), key, what);
      else if (told.insert(group->name).second)
        problems_.add(
            covariances_.at(group->name),
            join_key("uncertainty.correlated", group->name) + ".covariance",
            without_advice(what) + ", for " + key +
                "; give scale = \"logit\" (probability) or \"log\" (ratio, "
                "amount, positive)");
    }
    if (problems_.count() > 0) return;
    std::unordered_set<std::string> drawn;
    const ParameterDraws draws(scenario);
    for (const DrawnParameter& one : draws.drawn())
      drawn.insert(one.parameter.evidence.key);
    for (ParameterGroup& group : scenario.uncertainty->groups) {
      std::erase_if(group.keys, [&](const std::string& key) {
        return drawn.count(key) == 0;
      });
      const std::string key = join_key("uncertainty.groups", group.name);
      if (group.keys.empty())
        problems_.add(place_of(key), key, "none of its parameters is drawn");
    }
  }

 private:
  // ---- the scale of a covariance ----

  // What ParameterDraws advises where a distribution leaves its range; in a
  // covariance the scale is what can be chosen.
  static constexpr std::string_view advice = "; name another distribution";

  static std::string without_advice(const std::string& what) {
    return what.substr(0, what.size() - advice.size());
  }

  const CorrelatedParameters* covariance_that_needs_scale(
      const Scenario& scenario, const std::string& key,
      const std::string& what) const {
    if (what.size() < advice.size() ||
        what.compare(what.size() - advice.size(), advice.size(), advice) != 0)
      return nullptr;
    const auto found = evidence_.find(key);
    if (found == evidence_.end()) return nullptr;
    const ValueKind kind = found->second.kind;
    if (kind == ValueKind::number || kind == ValueKind::correlation)
      return nullptr;
    for (const CorrelatedParameters& group : scenario.uncertainty->correlated)
      if (group.is_covariance && std::find(group.keys.begin(), group.keys.end(),
                                           key) != group.keys.end())
        return &group;
    return nullptr;
  }

  // ---- keys ----

  bool is_known(const std::string& key, const Value& place) const {
    if (evidence_.count(key) > 0) return true;
    add_problem(problems_, place,
                in_quotes(key) + " is no number of this scenario" +
                    suggestion(key, keys_));
    return false;
  }

  // The keys that a pattern matches; none is a problem.
  std::vector<std::string> matching(const std::string& pattern,
                                    const Value& place) const {
    if (pattern.find('*') == std::string::npos)
      return is_known(pattern, place) ? std::vector{pattern}
                                      : std::vector<std::string>{};
    std::vector<std::string> found;
    for (const std::string& key : keys_)
      if (matches(pattern, key)) found.push_back(key);
    if (found.empty())
      add_problem(problems_, place,
                  in_quotes(pattern) + " matches no number of this scenario");
    return found;
  }

  // What the key `parameters` lists, each once; nothing if one is unusable.
  std::optional<std::vector<std::string>> parameters(Section& section,
                                                     bool with_patterns) const {
    const auto value = section.require("parameters", "an array of keys");
    const Array* array = value ? as_array(*value, problems_) : nullptr;
    if (!array) return std::nullopt;
    const std::size_t problems_before = problems_.count();
    std::vector<std::string> all;
    for (const Node& item : array->items) {
      const Value one{item, value->path};
      const std::string text = as_text(one, problems_);
      if (text.empty()) continue;
      std::vector<std::string> keys;
      if (with_patterns)
        keys = matching(text, one);
      else if (is_known(text, one))
        keys = {text};
      for (const std::string& key : keys) {
        if (std::find(all.begin(), all.end(), key) == all.end())
          all.push_back(key);
        else if (!with_patterns)
          add_problem(problems_, one, in_quotes(key) + " stands there twice");
      }
    }
    if (problems_.count() > problems_before) return std::nullopt;
    return all;
  }

  void read_held(const std::optional<Value>& value,
                 Uncertainty& uncertainty) const {
    for (const NamedValue& entry :
         named_values(value, most_patterns, problems_)) {
      const std::string reason = as_text(entry.value, problems_);
      if (reason.empty() &&
          std::holds_alternative<std::string>(entry.value.node.value))
        add_problem(problems_, entry.value,
                    "says why it is held: \"KEY\" = \"because ...\"");
      matching(entry.name, entry.value);
      uncertainty.held.push_back({entry.name, reason});
    }
  }

  std::optional<ParameterGroup> parameter_group(const NamedValue& entry) {
    const Table* table = as_table(entry.value, problems_);
    if (!table) return std::nullopt;
    Section section(*table, entry.value, problems_);
    groups_[entry.value.path] = entry.value.node.where;
    ParameterGroup group{entry.name, section.text("label", entry.name), {}};
    if (auto keys = parameters(section, true)) group.keys = std::move(*keys);
    section.finish();
    return group;
  }

  // ---- [uncertainty.correlated.NAME] ----

  std::optional<CorrelatedParameters> correlated(const NamedValue& entry) {
    const Table* table = as_table(entry.value, problems_);
    if (!table) return std::nullopt;
    Section section(*table, entry.value, problems_);
    groups_["uncertainty.correlated." + entry.name] = entry.value.node.where;
    const std::size_t problems_before = problems_.count();
    CorrelatedParameters group;
    group.name = entry.name;
    if (auto keys = parameters(section, false)) group.keys = std::move(*keys);
    const auto correlation = section.find("correlation");
    const auto covariance = section.find("covariance");
    group.is_covariance = covariance && !correlation;
    if (covariance) covariances_[entry.name] = covariance->node.where;
    if (!covariance && !correlation)
      section.add(
          "has no matrix; give the `correlation` of the numbers, or their "
          "`covariance`");
    if (covariance && correlation)
      section.add(
          "has both a `correlation` and a `covariance`; one of them is "
          "allowed");
    const auto scale =
        section.choice("scale", {"itself", "log", "logit"}).value_or(0);
    group.scale = static_cast<CorrelatedParameters::Scale>(scale);
    if (section.find("scale") && correlation && !covariance)
      add_problem(problems_, *section.find("scale"),
                  "is for a covariance; a correlation is that of the numbers "
                  "themselves");
    section.finish();
    if (problems_.count() > problems_before) return std::nullopt;
    if (group.keys.size() < 2 || group.keys.size() > most_together) {
      section.add(fmt::format("{} parameters; 2 to {} are allowed",
                              group.keys.size(), most_together));
      return std::nullopt;
    }
    const Value& matrix = correlation ? *correlation : *covariance;
    group.matrix = read_matrix(matrix, group.keys.size());
    if (problems_.count() > problems_before) return std::nullopt;
    check_matrix(matrix, group);
    if (problems_.count() > problems_before) return std::nullopt;
    return group;
  }

  std::vector<double> read_matrix(const Value& value, std::size_t size) const {
    std::vector<double> matrix;
    const Array* rows = as_array(value, problems_);
    if (!rows) return matrix;
    if (rows->items.size() != size) {
      add_problem(problems_, value,
                  fmt::format("has {} for {} parameters; it must be square, "
                              "with one row for each",
                              counted(rows->items.size(), "row"), size));
      return matrix;
    }
    for (std::size_t i = 0; i < rows->items.size(); ++i) {
      const Value row{rows->items[i], value.path};
      const Array* cells = as_array(row, problems_);
      if (!cells) return matrix;
      if (cells->items.size() != size) {
        add_problem(
            problems_, row,
            fmt::format("row {} has {} for {} parameters; the matrix "
                        "must be square",
                        i + 1, counted(cells->items.size(), "number"), size));
        return matrix;
      }
      for (const Node& cell : cells->items)
        matrix.push_back(values_.number(Value{cell, value.path}, matrix_entry));
    }
    return matrix;
  }

  void check_matrix(const Value& value,
                    const CorrelatedParameters& group) const {
    const std::size_t size = group.keys.size();
    const auto entry = [&](std::size_t i, std::size_t j) {
      return group.matrix[i * size + j];
    };
    constexpr double rounding = 1e-9;
    for (std::size_t i = 0; i < size; ++i) {
      const double own = entry(i, i);
      if (!group.is_covariance && std::abs(own - 1) > rounding)
        return add_problem(problems_, value,
                           fmt::format("has {} in its diagonal, for {}; a "
                                       "correlation matrix has 1",
                                       own, group.keys[i]));
      if (!(own > 0))
        return add_problem(problems_, value,
                           fmt::format("has {} in its diagonal, for {}; a "
                                       "variance is above 0",
                                       own, group.keys[i]));
    }
    for (std::size_t i = 0; i < size; ++i)
      for (std::size_t j = 0; j < i; ++j) {
        const double size_of_both = std::sqrt(entry(i, i) * entry(j, j));
        if (std::abs(entry(i, j) - entry(j, i)) > rounding * size_of_both)
          return add_problem(
              problems_, value,
              fmt::format("is not symmetric: {} in row {}, column {}, and {} "
                          "in row {}, column {}",
                          entry(j, i), j + 1, i + 1, entry(i, j), i + 1,
                          j + 1));
      }
    if (!is_positive_definite(group.matrix, size))
      add_problem(problems_, value,
                  "is not positive definite: its correlations contradict one "
                  "another");
  }

  // ---- [uncertainty.external.NAME] ----

  std::optional<ExternalDraws> external(const NamedValue& entry,
                                        std::uint64_t draws) {
    const Table* table = as_table(entry.value, problems_);
    if (!table) return std::nullopt;
    Section section(*table, entry.value, problems_);
    groups_["uncertainty.external." + entry.name] = entry.value.node.where;
    const std::size_t problems_before = problems_.count();
    const auto is_bad = [&] { return problems_.count() > problems_before; };
    ExternalDraws group;
    group.name = entry.name;
    const auto file = section.require("file", "the name of a .csv or .h5 file");
    if (file) group.file = as_text(*file, problems_);
    const std::string folder = section.text("group", "/");
    const auto columns = section.require(
        "columns", "a table such as { \"steps.s1.remission\" = \"p1\" }");
    std::vector<TableColumn> asked;
    for (const NamedValue& column :
         named_values(columns, most_table_columns, problems_)) {
      is_known(column.name, column.value);
      group.keys.push_back(column.name);
      group.column_names.push_back(as_text(column.value, problems_));
      asked.push_back(
          {group.column_names.back(), TableColumn::Kind::draws, {}});
    }
    if (columns && asked.empty() && !is_bad())
      add_problem(problems_, *columns, "names no column");
    section.finish();
    if (is_bad()) return std::nullopt;
    read_columns(*file, folder, asked, draws, group);
    if (is_bad()) return std::nullopt;
    return group;
  }

  void read_columns(const Value& file, const std::string& folder,
                    const std::vector<TableColumn>& asked, std::uint64_t draws,
                    ExternalDraws& group) const {
    const std::filesystem::path scenario =
        problems_.files().at(file.node.where.file);
    const std::filesystem::path path = scenario.parent_path() / group.file;
    PatientTable table;
    try {
      table = read_patient_table(path, folder, asked);
    } catch (const BadTable& bad) {
      for (const std::string& line : bad.lines())
        add_problem(problems_, file, path.string() + ": " + line);
      return;
    }
    files_.push_back({path, group.file, table.sha256});
    if (table.rows < draws)
      return add_problem(
          problems_, file,
          fmt::format("{}: {}; each of {} draws needs one", path.string(),
                      counted(table.rows, "row"), draws));
    for (std::size_t i = 0; i < asked.size(); ++i) {
      const Range range = range_of(evidence_.at(group.keys[i]));
      const std::vector<double>& column = table.columns[i];
      const auto is_bad = [&](double number) {
        return !(number >= range.lowest && number <= range.highest);
      };
      const auto bad = std::find_if(column.begin(), column.end(), is_bad);
      if (bad == column.end()) continue;
      const auto more = std::count_if(bad + 1, column.end(), is_bad);
      add_problem(problems_, file,
                  fmt::format("{}: column {}, row {}: {} is not {}, for {}{}",
                              path.string(), in_quotes(asked[i].name),
                              bad - column.begin() + 1, *bad, range.allowed,
                              group.keys[i],
                              more_rows(static_cast<std::size_t>(more))));
    }
    group.columns = std::move(table.columns);
  }

  const ValueReader& values_;
  Problems& problems_;
  std::vector<DataFile>& files_;
  std::vector<std::string> keys_;
  std::unordered_map<std::string, Evidence> evidence_;
  std::unordered_map<std::string, Position> groups_;
  std::unordered_map<std::string, Position> covariances_;  // by group
};

}  // namespace

void read_uncertainty(const std::optional<Value>& value,
                      const ValueReader& values, Scenario& scenario,
                      std::vector<DataFile>& files) {
  const Table* table = value ? as_table(*value, values.problems()) : nullptr;
  if (!table) return;
  UncertaintyReader reader(values, scenario, files);
  scenario.uncertainty = reader.read(*table, *value);
  reader.check_draws(scenario);
}

}  // namespace stardsim

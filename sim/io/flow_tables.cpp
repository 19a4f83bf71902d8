#include "sim/io/flow_tables.hpp"

#include "models/units.hpp"
#include "sim/analysis/rates.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace stardsim {
namespace {

using Names = std::vector<std::string>;

/// The cohort's passage through a step or an arm, under one estimand.
struct Cell {
  Estimand estimand;
  Flow<std::uint64_t> flow;    ///< as the estimand counts it
  std::uint64_t patients;      ///< in the cohort
  std::uint64_t step_entered;  ///< who entered the step, by any of its arms
  std::uint64_t remitted;      ///< in this step or before
  bool has_partial_response, has_intolerance;
  std::optional<double> sessions_per_week;  ///< of an arm
};

/// Row-major over a table's dimensions; nothing where there is no such step or
/// arm.
using Cells = std::vector<std::optional<Cell>>;

/// Nothing where the scenario leaves the outcome out.
using Count = std::optional<std::uint64_t>;

Count entered(const Cell& cell) { return cell.flow.entered; }
Count remission(const Cell& cell) { return cell.flow.remission; }
Count no_response(const Cell& cell) { return cell.flow.no_response; }
Count unfinished(const Cell& cell) { return cell.flow.unfinished; }
Count left_care(const Cell& cell) { return cell.flow.left_care; }
Count follow_up(const Cell& cell) { return cell.flow.follow_up; }
Count gap(const Cell& cell) { return cell.flow.gap; }
Count remitted(const Cell& cell) { return cell.remitted; }
Count patients(const Cell& cell) { return cell.patients; }
Count step_entered(const Cell& cell) { return cell.step_entered; }

Count partial_response(const Cell& cell) {
  if (!cell.has_partial_response) return std::nullopt;
  return cell.flow.partial_response;
}

Count intolerance(const Cell& cell) {
  if (!cell.has_intolerance) return std::nullopt;
  return cell.flow.intolerance;
}

/// Where nobody relapses before, every remission is a first one.
Count first_remission(const Cell& cell) {
  return cell.estimand == Estimand::if_all_continue ? cell.flow.remission
                                                    : cell.flow.first_remission;
}

struct CountColumn {
  const char* name;
  const char* long_name;
  Count (*count)(const Cell&);
};

struct RateColumn {
  const char* name;
  const char* long_name;
  Count (*events)(const Cell&);
  Count (*of)(const Cell&);
};

constexpr CountColumn count_columns[] = {
    {"entered", "patients who entered", entered},
    {"remission", "patients who remitted", remission},
    {"partial_response", "patients with a partial response", partial_response},
    {"intolerance", "patients who did not tolerate the treatment", intolerance},
    {"no_response", "patients without any of the other outcomes", no_response},
    {"left_care", "patients who left care instead of entering the next step",
     left_care},
    {"unfinished", "patients whom the horizon found in the step", unfinished},
    {"follow_up", "patients not in remission who went into follow-up",
     follow_up},
    {"gap", "patients not in remission who went off treatment for a time", gap},
    {"first_remission", "patients who remitted for the first time",
     first_remission},
};

constexpr RateColumn common_rates[] = {
    {"remission_rate", "fraction of those who entered that remitted", remission,
     entered},
    {"partial_response_rate",
     "fraction of those who entered that had a partial response",
     partial_response, entered},
    {"intolerance_rate",
     "fraction of those who entered that did not tolerate the treatment",
     intolerance, entered},
    {"left_care_rate",
     "fraction of those who entered that left care instead of entering the "
     "next step",
     left_care, entered},
    {"entered_fraction", "patients who entered as a fraction of the cohort",
     entered, patients},
};

constexpr RateColumn cumulative_column = {
    "cumulative_remission",
    "fraction of the cohort ever in remission by the end of the step", remitted,
    patients};

constexpr RateColumn share_column = {
    "share_of_step", "fraction of those who entered the step given this arm",
    entered, step_entered};

struct TextOfStep {
  const char* name;
  const char* long_name;
  std::string (*text)(const Step&);
};

struct TextOfArm {
  const char* name;
  const char* long_name;
  std::string (*text)(const Scenario&, const Arm&);
};

constexpr TextOfStep step_texts[] = {
    {"step_name", "name of the step",
     [](const Step& step) { return step.name; }},
    {"step_label", "label of the step",
     [](const Step& step) { return step.label; }},
};

std::string treatment_of(const Scenario& scenario, const Arm& arm) {
  return arm.treatment ? scenario.treatments[*arm.treatment].name : "";
}

constexpr TextOfArm arm_texts[] = {
    {"arm_name", "name of the arm",
     [](const Scenario&, const Arm& arm) { return arm.name; }},
    {"arm_label", "label of the arm",
     [](const Scenario&, const Arm& arm) { return arm.label; }},
    {"treatment", "name of the treatment given on the arm", treatment_of},
    {"strategy", "how the treatment follows on the last one",
     [](const Scenario&, const Arm& arm) { return arm.strategy; }},
};

Cell step_cell(const Step& step, const PathwayTally& pathway,
               std::uint64_t patients, Estimand estimand, std::size_t s) {
  Cell cell{};
  cell.estimand = estimand;
  cell.flow = seen_by(estimand, pathway.course[course_of(estimand)].step(s));
  cell.patients = patients;
  cell.step_entered = cell.flow.entered;
  cell.remitted = remitted_by_step(pathway, estimand)[s];
  cell.has_partial_response = every_arm_states(step, &Arm::partial_response);
  cell.has_intolerance = every_arm_states(step, &Arm::intolerance);
  return cell;
}

Cell arm_cell(const Arm& arm, Cell cell, const Flow<std::uint64_t>& flow) {
  cell.flow = seen_by(cell.estimand, flow);
  cell.has_partial_response = arm.partial_response.has_value();
  cell.has_intolerance = arm.intolerance.has_value();
  if (arm.sessions_per_week)
    cell.sessions_per_week = arm.sessions_per_week->value;
  return cell;
}

/// Over pathway, estimand, step.
Cells step_cells(const Scenario& scenario, const Tally& tally) {
  Cells cells;
  for (std::size_t p = 0; p < scenario.pathways.size(); ++p)
    for (const Estimand estimand : estimands)
      for (std::size_t s = 0; s < most_steps(scenario); ++s) {
        const Step* step = step_at(scenario, p, s);
        cells.emplace_back();
        if (step)
          cells.back() =
              step_cell(*step, tally.pathways[p], tally.patients, estimand, s);
      }
  return cells;
}

/// Over pathway, estimand, step, arm.
Cells arm_cells(const Scenario& scenario, const Tally& tally) {
  const Cells steps = step_cells(scenario, tally);
  auto of_step = steps.begin();
  Cells cells;
  for (std::size_t p = 0; p < scenario.pathways.size(); ++p)
    for (const Estimand estimand : estimands) {
      const auto& course = tally.pathways[p].course[course_of(estimand)];
      for (std::size_t s = 0; s < most_steps(scenario); ++s, ++of_step)
        for (std::size_t a = 0; a < arms_of_widest_step(scenario); ++a) {
          const Arm* arm = arm_at(scenario, p, s, a);
          cells.emplace_back();
          if (arm) {
            cells.back() = arm_cell(*arm, **of_step, course.arms[s][a]);
          }
        }
    }
  return cells;
}

/// A table under construction: its variables so far and what they share.
struct Table {
  Names dimensions;
  Cells cells;
  std::vector<Variable> variables{};
};

void add(Table& table, const CountColumn& column) {
  std::vector<std::int64_t> counts;
  for (const auto& cell : table.cells) {
    const Count count = cell ? column.count(*cell) : std::nullopt;
    counts.push_back(count ? static_cast<std::int64_t>(*count) : missing_count);
  }
  table.variables.push_back(
      {column.name, table.dimensions, counts, column.long_name, "1"});
}

Rate rate_in(const RateColumn& column, const Cell& cell) {
  const Count events = column.events(cell), of = column.of(cell);
  if (!events || !of) return {missing_number, missing_number};
  return rate(*events, *of);
}

void add(Table& table, const RateColumn& column) {
  std::vector<double> values, errors;
  for (const auto& cell : table.cells) {
    const Rate rate =
        cell ? rate_in(column, *cell) : Rate{missing_number, missing_number};
    values.push_back(rate.value);
    errors.push_back(rate.se);
  }
  const std::string name = column.name, error_name = name + "_se";
  table.variables.push_back(
      with_attribute({name, table.dimensions, values, column.long_name, "1"},
                     {"ancillary_variables", error_name}));
  table.variables.push_back(
      {error_name, table.dimensions, errors, "standard error of " + name, "1"});
}

/// Missing under `sustained`: the sums are those of all the remitted.
MeanTime time_to_remission(const std::optional<Cell>& cell) {
  if (!cell || cell->estimand == Estimand::sustained)
    return {missing_number, missing_number, missing_number};
  return mean_weeks(cell->flow);
}

void add_means(Table& table, const char* name, const char* long_name,
               const char* units, double (*mean)(const Cell&)) {
  std::vector<double> means;
  for (const auto& cell : table.cells)
    means.push_back(cell ? mean(*cell) : missing_number);
  table.variables.push_back({name, table.dimensions, means, long_name, units});
}

double weeks_in_treatment(const Cell& cell) {
  return mean_weeks_in_treatment(cell.flow);
}

double sessions(const Cell& cell) {
  if (!cell.sessions_per_week) return missing_number;
  return *cell.sessions_per_week * weeks_in_treatment(cell);
}

void add_times(Table& table) {
  std::vector<double> means, errors, deviations;
  for (const auto& cell : table.cells) {
    const MeanTime time = time_to_remission(cell);
    means.push_back(time.weeks);
    errors.push_back(time.se);
    deviations.push_back(time.sd);
  }
  const std::string name = "mean_weeks_to_remission", error_name = name + "_se",
                    deviation_name = "sd_weeks_to_remission";
  table.variables.push_back(with_attribute(
      {name, table.dimensions, means,
       "mean time from the start of the step to remission, of the remitted",
       "weeks"},
      {"ancillary_variables", error_name + " " + deviation_name}));
  table.variables.push_back({error_name, table.dimensions, errors,
                             "standard error of " + name, "weeks"});
  table.variables.push_back(
      {deviation_name, table.dimensions, deviations,
       "standard deviation between patients of the time from the start of the "
       "step to remission, of the remitted",
       "weeks"});
  add_means(table, "mean_weeks_in_treatment",
            "mean time spent in the step, of all who entered", "weeks",
            weeks_in_treatment);
}

void add_columns(Table& table, const std::vector<RateColumn>& own_rates) {
  for (const CountColumn& column : count_columns) add(table, column);
  for (const RateColumn& column : common_rates) add(table, column);
  for (const RateColumn& column : own_rates) add(table, column);
  add_times(table);
}

Variable text_variable(const Scenario& scenario, const TextOfStep& column) {
  Names texts;
  for (std::size_t p = 0; p < scenario.pathways.size(); ++p)
    for (std::size_t s = 0; s < most_steps(scenario); ++s) {
      const Step* step = step_at(scenario, p, s);
      texts.push_back(step ? column.text(*step) : "");
    }
  return {column.name, {"pathway", "step"}, texts, column.long_name, ""};
}

Variable text_variable(const Scenario& scenario, const TextOfArm& column) {
  Names texts;
  for (std::size_t p = 0; p < scenario.pathways.size(); ++p)
    for (std::size_t s = 0; s < most_steps(scenario); ++s)
      for (std::size_t a = 0; a < arms_of_widest_step(scenario); ++a) {
        const Arm* arm = arm_at(scenario, p, s, a);
        texts.push_back(arm ? column.text(scenario, *arm) : "");
      }
  return {column.name, {"pathway", "step", "arm"}, texts, column.long_name, ""};
}

Variable weeks_of_steps(const Scenario& scenario) {
  std::vector<double> weeks;
  for (std::size_t p = 0; p < scenario.pathways.size(); ++p)
    for (std::size_t s = 0; s < most_steps(scenario); ++s) {
      const Step* step = step_at(scenario, p, s);
      weeks.push_back(step ? step->weeks.value : missing_number);
    }
  return {
      "step_weeks", {"pathway", "step"}, weeks, "length of the step", "weeks"};
}

Variable tick_variable(const std::string& name, const std::string& long_name,
                       const std::string& units, const Cells& cells,
                       std::uint64_t (*part)(const Flow<std::uint64_t>&)) {
  std::vector<std::uint64_t> sums;
  for (const auto& cell : cells) sums.push_back(cell ? part(cell->flow) : 0);
  return with_attribute(
      {name, {"pathway", "estimand", "step", "arm"}, sums, long_name, units},
      {"ticks_per_week", std::int32_t{ticks_per_week}});
}

}  // namespace

const Step* step_at(const Scenario& scenario, std::size_t p, std::size_t s) {
  const auto& steps = scenario.pathways[p].steps;
  return s < steps.size() ? &scenario.steps[steps[s]] : nullptr;
}

const Arm* arm_at(const Scenario& scenario, std::size_t p, std::size_t s,
                  std::size_t a) {
  const Step* step = step_at(scenario, p, s);
  return step && a < step->arms.size() ? &step->arms[a] : nullptr;
}

std::size_t most_steps(const Scenario& scenario) {
  std::size_t most = 0;
  for (const Pathway& pathway : scenario.pathways) {
    most = std::max(most, pathway.steps.size());
  }
  return most;
}

std::size_t arms_of_widest_step(const Scenario& scenario) {
  std::size_t most = 0;
  for (const Pathway& pathway : scenario.pathways)
    for (const std::size_t step : pathway.steps) {
      most = std::max(most, scenario.steps[step].arms.size());
    }
  return most;
}

std::vector<Variable> step_variables(const Scenario& scenario,
                                     const Tally& tally) {
  Table table{{"pathway", "estimand", "step"}, step_cells(scenario, tally)};
  for (const TextOfStep& column : step_texts) {
    table.variables.push_back(text_variable(scenario, column));
  }
  table.variables.push_back(weeks_of_steps(scenario));
  add_columns(table, {cumulative_column});
  return std::move(table.variables);
}

std::vector<Variable> arm_variables(const Scenario& scenario,
                                    const Tally& tally) {
  Table table{{"pathway", "estimand", "step", "arm"},
              arm_cells(scenario, tally)};
  for (const TextOfArm& column : arm_texts) {
    table.variables.push_back(text_variable(scenario, column));
  }
  add_columns(table, {share_column});
  add_means(table, "mean_sessions",
            "mean number of sessions, of all who entered", "1", sessions);
  return std::move(table.variables);
}

std::vector<Variable> tick_variables(const Scenario& scenario,
                                     const Tally& tally) {
  using Sums = Flow<std::uint64_t>;
  const Cells cells = arm_cells(scenario, tally);
  const std::string squared =
      "sum over the remitted of the squared ticks from the start of the step "
      "to remission: ";
  // Not as one list: see with_attribute().
  std::vector<Variable> variables;
  const auto add = [&](const std::string& name, const std::string& long_name,
                       const std::string& units,
                       std::uint64_t (*part)(const Sums&)) {
    variables.push_back(tick_variable(name, long_name, units, cells, part));
  };
  add("remission_ticks",
      "sum over the remitted of the ticks from the start of the step to "
      "remission",
      "ticks", [](const Sums& sums) { return sums.remission_ticks; });
  add("treatment_ticks",
      "sum over all who entered of the ticks spent in the step", "ticks",
      [](const Sums& sums) { return sums.treatment_ticks; });
  add("remission_ticks_squared_high", squared + "high 64 bits", "2^64 ticks^2",
      [](const Sums& sums) {
        return static_cast<std::uint64_t>(sums.remission_ticks_squared >> 64);
      });
  add("remission_ticks_squared_low", squared + "low 64 bits", "ticks^2",
      [](const Sums& sums) {
        return static_cast<std::uint64_t>(sums.remission_ticks_squared);
      });
  return variables;
}

}  // namespace stardsim

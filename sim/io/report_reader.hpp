// Reads back what a report shows of a result file (results/README.md), beyond
// the outcomes that comparisons are made of (result_reader.hpp).
#pragma once

#include "sim/io/result_reader.hpp"
#include "sim/io/uncertainty_report_reader.hpp"

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace stardsim {

/// A fraction or a mean and its Monte Carlo standard error; NaN where the file
/// has none.
struct Reported {
  double value, se;
};

inline constexpr std::size_t report_estimands = 3;

/// Of those who entered a step or an arm under one estimand. Counts are -1
/// where the scenario leaves the outcome out.
struct Flows {
  std::int64_t entered, remission, partial_response, intolerance, no_response,
      left_care, unfinished, follow_up, gap;
  Reported entered_fraction;  ///< of the cohort
  Reported remission_rate, partial_response_rate, intolerance_rate,
      left_care_rate;               ///< of the entered
  Reported weeks_to_remission;      ///< of the remitted
  double weeks_in_treatment;        ///< mean of the entered
  Reported cumulative_remission{};  ///< of the cohort; of steps alone
  Reported share_of_step{};         ///< of arms alone
};
using FlowsByEstimand = std::array<Flows, report_estimands>;

struct ReportedArm {
  std::string name, label;
  std::string treatment, strategy;  ///< "" where the scenario gives none
  FlowsByEstimand flows;
};

/// Of those who entered follow-up after one step in one state.
struct ReportedFollowUp {
  std::int64_t entered, relapsed, dropped_out;
  /// By week since entering follow-up: no relapse, if nobody dropped out.
  std::vector<Reported> relapse_free;
};

struct ReportedStep {
  std::string name, label;
  double weeks;
  FlowsByEstimand flows;
  std::vector<ReportedArm> arms;
  /// By status; empty where the scenario has no follow-up.
  std::vector<ReportedFollowUp> follow_up;
};

struct ReportedPathway {
  std::string name, label;
  std::array<std::vector<Reported>, report_estimands> curves;  ///< by week
  std::vector<std::vector<double>> occupancy;  ///< by state, week
  std::vector<ReportedStep> steps;
};

struct ReportedSubgroup {
  std::string name, label;
  std::int64_t patients;
  /// [pathway]: ever in remission at the horizon, of the members.
  std::vector<std::array<Reported, report_estimands>> remission;
};

/// A number of the scenario and what is known of it.
struct ReportedInput {
  std::string key;
  double value, low, high;  ///< of 95 %; NaN where nothing is known
  std::string unit;         ///< "1", "weeks"; "" where the file says none
  std::string form, stated, source, note;  ///< source "": none is given
};

/// A published figure beside the one simulated.
struct ReportedPublished {
  std::string name, label, quantity, pathway, estimand;
  std::int64_t step, arm, week;  ///< positions from 1; -1: none is meant
  std::string measure, unit;
  double published, low, high, rounding, simulated, simulated_se, z;
  bool agrees, is_input;
  std::string source, note;
};

/// A result, whole.
struct ReportedRun {
  std::filesystem::path file;
  RunOutcomes outcomes;
  std::string title, description, in_words;  ///< "": the file says none
  std::string scenario_file, scenario, reported_first, line_dependence,
      mortality, data_files;
  std::string scenario_sha256, law_sha256;
  std::string program_version, commit, compiler, command_line, instruction_set,
      start_time;
  std::uint64_t threads = 1;
  double horizon_weeks = 0;
  std::string accrual;  ///< "" without economics
  std::size_t reference = 0;
  std::vector<std::string> estimands, states, statuses;  ///< names
  std::vector<ReportedPathway> pathways;
  std::vector<ReportedSubgroup> subgroups;
  std::vector<ReportedInput> inputs;
  bool tells_inputs = false;  ///< the file has the group at all
  std::vector<ReportedPublished> published;
  std::optional<ReportedUncertainty> uncertainty;  ///< of a probabilistic run

  std::size_t weeks() const { return pathways.front().curves[0].size(); }
};

/// Throws CannotRead (problems.hpp) or BadResult.
ReportedRun read_for_report(const std::filesystem::path&);

}  // namespace stardsim

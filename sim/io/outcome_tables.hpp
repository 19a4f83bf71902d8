// The groups of a result file that tell outcomes of patients: /outcomes,
// /differences, /covariance, /cost_effectiveness, and the integers behind them.
#pragma once

#include "sim/analysis/comparison.hpp"
#include "sim/analysis/cost_effectiveness.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace stardsim {

class NetcdfFile;
class NetcdfGroup;

/// What files call the kinds of measures, in the order of Measure::What.
const std::vector<std::string>& measure_kinds();

/// What programs read of the verdicts of a comparison.
const char* name_of(FiellerSet::Form);
const char* name_of(Increment::Quadrant);
const char* name_of(FrontierPoint::Status);

/// "USD 2021"; "" without economics.
std::string money_of(const RunOutcomes&);

/// The perspectives in which cost-effectiveness can be told: none where a run
/// has no QALYs.
std::size_t decision_perspectives(const Comparison&);

/// Adds all of these groups but the integers. Thresholds are those of the first
/// run.
void add_comparison(NetcdfFile&, const Comparison&);

/// Attributes of the root: currency, price year, what decisions are made on,
/// and who the patients are.
void add_outcome_attributes(NetcdfFile&, const RunOutcomes&);

/// All that read_outcomes() (result_reader.hpp) needs beside the attributes.
/// Requires outcomes with sums of products, so those of a scenario with
/// economics, and scales `pathway` and `batch` in the group and adds `measure`,
/// `other_pathway` and, with economics, `perspective`.
void add_outcome_sums(NetcdfGroup&, const RunOutcomes&);

/// How a comparison came about.
struct ComparisonProvenance {
  std::vector<std::string> files;  ///< by run, as given
  std::string program_version, commit, command_line, start_time;
};

/// A file of its own, of the groups of add_comparison() and of the runs.
std::vector<std::byte> comparison_image(const Comparison&,
                                        const ComparisonProvenance&);

}  // namespace stardsim

// Comparisons in words and numbers: tables for people, and one for programs.
#pragma once

#include "sim/analysis/comparison.hpp"
#include "sim/analysis/cost_effectiveness.hpp"
#include "sim/app/sheet.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace stardsim {

/// In the perspective: cost-effectiveness, frontier, and net benefit over the
/// thresholds; none where nothing can be weighed.
std::vector<Sheet> decision_sheets(const Comparison&, std::size_t perspective,
                                   const std::vector<double>& thresholds);

/// short_sheets(), and what pairing removed from the variance of every
/// difference; or, with `all` or where little is measured, every outcome, its
/// spread between patients, and its differences from the reference.
std::vector<Sheet> outcome_sheets(const Comparison&, bool all);

/// Both, and the curves that are given between them.
std::vector<Sheet> comparison_sheets(const Comparison&, std::size_t perspective,
                                     const std::vector<double>& thresholds,
                                     bool all,
                                     const std::vector<Sheet>& curves = {});

/// The outcomes that matter most, and their differences from the reference.
std::vector<Sheet> short_sheets(const Comparison&);

/// In few lines, one a strategy: costs and QALYs with their differences from
/// the reference, in the perspective reported first, and what else matters most
/// but remission.
std::vector<Sheet> summary_sheets(const Comparison&);

/// Whether its mean is a share of patients.
bool is_share(const Measure&);

/// All measures: effect and costs of decisions first, then what else a reader
/// asks for first, then the others.
std::vector<std::size_t> by_interest(const Comparison&);

/// Whether the ratio says what a QALY costs: its effect difference is clear,
/// and neither strategy dominates.
bool icer_is_told(const Increment&);

/// "10,000 to 20,000", "up to 5, and from 9 on", "any number".
std::string set_text(const FiellerSet&);

/// Whether the first has less net benefit than the other beyond the error of
/// the difference.
bool is_clearly_below(const Increment&, double threshold);

/// How strategies are paired with the reference or, in words, why they are not;
/// "" for those of one run. Ends with a line's end.
std::string pairing_note(const Comparison&);

/// Runs that differ from the reference's in more than pathways, by horizon or
/// discounting, a line each; "" if none does. Ends with a line's end.
std::string settings_note(const Comparison&);

/// What the errors are of.
extern const char* const error_note;

/// All of comparison_sheets(), in all perspectives, as one tidy table in CSV
/// (results/README.md).
std::string comparison_csv(const Comparison&,
                           const std::vector<double>& thresholds);

}  // namespace stardsim

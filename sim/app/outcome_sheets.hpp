// Comparisons in words and numbers: tables for people, and one for programs.
#pragma once

#include "sim/analysis/comparison.hpp"
#include "sim/analysis/cost_effectiveness.hpp"
#include "sim/app/sheet.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace stardsim {

/// First the answer, in the perspective if there is one: cost-effectiveness,
/// frontier, and net benefit over the thresholds. Then short_sheets(), and what
/// pairing removed from the variance of every difference; or, with `all` or
/// where little is measured, every outcome, its spread between patients, and
/// its differences from the reference.
std::vector<Sheet> comparison_sheets(const Comparison&, std::size_t perspective,
                                     const std::vector<double>& thresholds,
                                     bool all);

/// The outcomes that matter most, and their differences from the reference.
std::vector<Sheet> short_sheets(const Comparison&);

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

// The uncertainty of a scenario's numbers in a report: in words, as tables, and
// as numbers of charts.
#pragma once

#include "sim/app/report_data.hpp"
#include "sim/app/sheet.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace stardsim {

/// "67.1 % (95 % credible interval 64.2 to 70.1)", of a share of the run and
/// its spread over draws; NaN gives "-".
std::string share_with_interval(double share, const ReportedSpread&);
/// "3.5 percentage points (95 % credible interval 1.0 to 6.0)".
std::string points_with_interval(double share, const ReportedSpread&);

/// How an outcome, or its difference from the reference, varies over draws;
/// none where the run has no draws, or they do not have the measure.
const ReportedSpread* spread_of_outcome(const ReportedRun&, std::size_t pathway,
                                        const std::string& measure);
const ReportedSpread* spread_of_difference(const ReportedRun&,
                                           std::size_t pathway,
                                           const std::string& measure);

// Sentences of a run that has draws.

/// How many draws of what, and what the figures are of.
std::vector<std::string> draws_texts(const ReportedRun&);
/// What is best over the draws, how sure that is, and what it is worth to know
/// more, in the perspective reported first; "" without economics.
std::string decision_text(const ReportInput&, std::size_t run);
/// How many patients a draw is worth; "" where it is not known.
std::string design_text(const ReportedRun&);
/// One sentence for all runs whose draws are of few patients or too few.
std::vector<std::string> draws_cautions(const ReportedRun&);

// Tables of a run that has draws.

Sheet drawn_sheet(const ReportedRun&);
Sheet held_sheet(const ReportedRun&);
/// Credible intervals, and of the differences from the reference, of one
/// measure.
Sheet interval_sheet(const ReportedRun&, const std::string& measure);
/// The measures of the draws that the run has too, the most asked for first.
std::vector<std::string> measures_of_draws(const ReportInput&, std::size_t run);

// Analyses of their own.

/// What it is of, in a sentence or two.
std::string sensitivity_text(const ReportInput&, const ReportedSensitivity&);
std::string alternatives_text(const ReportInput&, const ReportedAlternatives&);
/// What is decided under each.
Sheet alternatives_sheet(const ReportInput&, const ReportedAlternatives&);

// For the page's data; null where the run has nothing of it.

nlohmann::ordered_json uncertainty_data(const ReportInput&, std::size_t run);
nlohmann::ordered_json sensitivity_data(const ReportInput&,
                                        const ReportedSensitivity&);
nlohmann::ordered_json alternatives_data(const ReportInput&,
                                         const ReportedAlternatives&);

}  // namespace stardsim

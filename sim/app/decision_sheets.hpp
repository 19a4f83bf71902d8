// How sure decisions are under the uncertainty of the scenario's numbers, as
// tables for people.
#pragma once

#include "sim/analysis/decision_uncertainty.hpp"
#include "sim/app/sheet.hpp"

#include <string>
#include <vector>

namespace stardsim {

/// Of each perspective: a sheet for each stated threshold (expected net
/// benefit, probability of being best, expected loss by strategy, EVPI), the
/// parameters that are worth most to know, and advice on patients per draw.
/// `all`: every parameter, else those whose EVPPI is told to be above 0, at
/// most ten.
std::vector<Sheet> decision_sheets(const std::vector<PerspectiveDecision>&,
                                   bool all = false);

/// All of it at all thresholds of the grid, as one tidy table in CSV
/// (results/README.md).
std::string decision_csv(const std::vector<PerspectiveDecision>&);

}  // namespace stardsim

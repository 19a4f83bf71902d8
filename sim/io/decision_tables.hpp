// How sure decisions are, as groups of a result file: /uncertainty/decision,
// /uncertainty/evppi and /uncertainty/design.
#pragma once

#include "sim/analysis/decision_uncertainty.hpp"

#include <vector>

namespace stardsim {

class NetcdfFile;
class ResultFile;

/// The perspectives have strategies, thresholds and parameters in common, as
/// decision_uncertainty() makes them of one run. No groups of none, and none
/// that would be empty. Nothing that depends on the clock is written. Requires
/// a group "uncertainty" in the file.
void write_decision(NetcdfFile&, const std::vector<PerspectiveDecision>&);

/// As written, but for what is not in the file: DrawDesign::best_patients and
/// draws_in_same_time are not numbers. Empty without the groups. Throws as
/// ResultFile does.
std::vector<PerspectiveDecision> read_decision(const ResultFile&);

}  // namespace stardsim

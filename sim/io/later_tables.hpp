// What follows the acute steps, who the patients were and how resistant they
// became, as the variables of the groups /follow_up, /subgroups and /staging of
// a result file.
#pragma once

#include "models/scenario.hpp"
#include "sim/core/tally.hpp"
#include "sim/io/netcdf_file.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace stardsim {

/// How patients enter follow-up, in the order of LaterCourse::follow_up.
std::vector<std::string> follow_up_statuses();

/// Curves by arm are left out where they would have more numbers than this
/// each, which is 40 MB.
inline constexpr std::size_t most_curve_cells = 5'000'000;

/// All require that the tally comes from the scenario. Dimensions: pathway,
/// step, arm, status, week since entering follow-up.
std::vector<Variable> follow_up_variables(
    const Scenario&, const Tally&, std::size_t most_cells = most_curve_cells);

/// Dimensions: pathway, subgroup, estimand, week.
std::vector<Variable> subgroup_variables(const Scenario&, const Tally&);

/// The most levels of a method of staging.
std::size_t most_levels();

/// Dimensions: pathway, step, method, level, week. Requires that the scenario
/// has staging.
std::vector<Variable> staging_variables(const Scenario&, const Tally&);

}  // namespace stardsim

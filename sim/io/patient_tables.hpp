// The histories of single patients, as the group /patients of a result file.
#pragma once

#include "models/scenario.hpp"
#include "sim/core/engine.hpp"
#include "sim/core/life.hpp"
#include "sim/io/netcdf_file.hpp"
#include "sim/io/trace.hpp"

namespace stardsim {

/// Whether a stored event names a step, and an arm of it: entry and what
/// follows the last step name none, and no arm has been chosen for those who
/// wait or are passed on.
bool names_step(Happening);
bool names_arm(Happening);

/// Adds the groups /patients (a row for each event: by patient, pathway and
/// time) and /patients/covariates (a row for each patient): the observed
/// course. Requires an engine of the scenario.
void add_patients(NetcdfFile&, const Scenario&, const Engine&, const Trace&);

}  // namespace stardsim

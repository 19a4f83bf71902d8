// What one life comes to: every measure of a patient from what befell him,
// told plainly. A test holds the sums of the vector form equal to it.
#pragma once

#include "models/accrual.hpp"
#include "sim/core/life.hpp"

#include <cstdint>

namespace stardsim {

/// Writes AccrualLaw::measures of one patient to `values`, each in its quanta.
///
/// `observed` is his life on the observed course of this pathway, with its
/// stretches; only its covariates, events, adverse events, stretches and cause
/// of death are read. Weeks in a state are counted to the tick; what accrues
/// follows DiscountedTime. A lasting remission is a run of stretches in
/// remission, one after another, of at least AccrualLaw::lasting_remission;
/// stretches of no length do not count. A patient is alive to the end of his
/// last stretch.
void account(const AccrualLaw&, const PathwayLaw&, const Life& observed,
             bool remitted_if_all_continue, std::int64_t* values);

}  // namespace stardsim

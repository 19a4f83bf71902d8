// The intercepts of log odds, solved so that rates hold on average in those in
// whom they were measured.
//
// A Chance with a score is, for one patient, the cut of the log odds intercept
// + score. Its intercept is solved so that the mean of that probability over
// its anchor is Chance::probability; that of AfterLaw::stay belongs, like its
// score, to leaving: the patient's leaving cut is the cut of intercept + score,
// on average 1 - probability. What acts is meant: remission over the mixture of
// adherence and dose; partial response and intolerance as far as those before
// them leave room. A rate that leaves no choice (0, 1, all the room there is)
// loses its score and becomes impossible or certain.
//
// The anchor of an arm's chances (of attrition: those of them who ended so):
// - ArmLaw::anchor == 0: those given the arm at this place of this pathway, on
//   the observed course, who came there directly: never in remission, and with
//   the next step at once after each earlier one. Follow-up, gaps and relapse
//   lead nobody into an anchor.
// - anchor == l: those given any arm at place l - 1 of the reference pathway,
//   in the same sense, whether or not this is one of them; where it is, those
//   given it.
// - Where there is nobody: the whole cohort.
//
// The population is fixed: 2^17 quasi-random members, weighted by the expected
// probability of still being there; it knows nothing of patients, seed or draw,
// and gives the same intercepts on every machine. Only where a step is
// selective does a member carry one history, drawn in proportion to the weights
// of the ways in which attempts fail and go on.
#pragma once

#include "models/law.hpp"

#include <cstddef>

namespace stardsim {

/// Sets the intercept of every Chance that depends on the patient. Requires a
/// law that is complete but for them. With Law::solves_intercepts false, each
/// is the log odds of the stated rate: that of a patient whose score is 0.
///
/// Choice in selective steps is approximated: a member is given one of the arms
/// he is eligible for with the probability that he would accept any of them,
/// arms in proportion to weight x access x acceptance (with first_eligible, one
/// after the other); access at one step is independent of access at another.
///
/// Throws std::invalid_argument for an anchor beyond the reference pathway.
InterceptReport solve_intercepts(Law&);

/// As solve_intercepts(), on the first 2^13 members: for differences between
/// laws that have much in common, of which most of the error falls out.
InterceptReport solve_intercepts_roughly(Law&);

}  // namespace stardsim

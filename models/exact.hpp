// The exact twin: what the engine's counts are in expectation, computed
// without a random number from the same compiled law.
//
// Patients alike differ by luck only, so that a pathway is a Markov renewal
// process on the ticks: for every place in the pathway and every history that a
// later step asks for, the distribution of the moment at which patients stand
// there is carried on by convolution with the times of what may happen next.
// Relapse with the same step again is summed round by round. On a grid of one
// tick the times are the engine's own, and sums are in double precision (errors
// below 1e-11).
#pragma once

#include "models/course_table.hpp"
#include "models/law.hpp"

#include <array>
#include <vector>

namespace stardsim {

/// As PathwayTally, for one patient in expectation.
struct PathwayExpectation {
  /// Estimand::if_all_continue and Estimand::observed; probabilities and
  /// expectations for one patient.
  std::array<CourseTable<double>, course_count> course;
  LaterCourse<double> later;
};

/// As Tally, for one patient in expectation.
struct Expectation {
  std::vector<PathwayExpectation> pathways;  ///< in the order of the scenario
  /// The grid of times it was computed on; a power of two.
  Ticks grid_ticks = 1;
  /// Whether the grid holds every time of the law, so that there is no error of
  /// the grid. If not, a time between two points was shared out to both, which
  /// keeps means. Where only times within steps are between points, this moves
  /// probabilities by less than 5e-6 in the tests; else by up to 2e-5.
  bool grid_is_exact = true;
};

/// Requires a compiled law. The grid is the coarsest exact one; but where the
/// horizon is beyond 260 weeks and anything may come at any time (relapse, a
/// wait, ...), the finest of at most 2^16 points, if that is coarser.
/// Throws std::domain_error, naming the first reason, where patients are not
/// alike or the answer cannot be had.
Expectation expect(const Law&);

/// The same on a grid of so many ticks: a power of two, at most 1024.
Expectation expect(const Law&, Ticks grid);

/// Throws what expect() would throw for patients who are not alike.
void require_patients_alike(const Law&);

}  // namespace stardsim

// The exact twin: what the engine's counts are in expectation, computed
// without a random number from the same compiled law.
//
// Patients are exchangeable here (no latent heterogeneity), so that a pathway
// is a Markov renewal process on the ticks: the distribution of the tick at
// which a step begins is carried from step to step by convolution with the
// time spent in the step. The ticks are the engine's own, so there is no grid
// error; sums and convolutions are in double precision (errors below 1e-12).
#pragma once

#include "models/course_table.hpp"
#include "models/law.hpp"

#include <array>
#include <vector>

namespace stardsim {

struct PathwayExpectation {
  /// By Estimand; probabilities and expectations for one patient.
  std::array<CourseTable<double>, estimand_count> course;
};

struct Expectation {
  std::vector<PathwayExpectation> pathways;  ///< in the order of the scenario
};

Expectation expect(const Law&);

}  // namespace stardsim

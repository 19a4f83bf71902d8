// From counts of patients to rates, mean times and curves, each with its Monte
// Carlo standard error: the error of simulating a finite cohort, not the
// uncertainty of the scenario's numbers.
#pragma once

#include "models/course_table.hpp"

#include <cstdint>
#include <vector>

namespace stardsim {

/// A fraction and its standard error sqrt(p (1 - p) / n). The error is 0 when
/// none or all of the n had the event, which says only that n was too small to
/// see the other; both are NaN when n is 0.
struct Rate {
  double value, se;
};

/// Requires events <= of.
Rate rate(std::uint64_t events, std::uint64_t of);

/// A mean over patients, in weeks, with the standard deviation between them
/// and the standard error sd / sqrt(n). The mean is NaN without patients, the
/// others with fewer than two.
struct MeanTime {
  double weeks, sd, se;
};

/// From the start of the step to remission, among the remitted. The variance
/// is exact, in integers, up to its last division, as long as the step is
/// shorter than 2^14 weeks.
MeanTime mean_weeks(const Flow<std::uint64_t>&);

/// [w]: the fraction of `patients` first in remission in weeks 0 to w.
std::vector<Rate> cumulative_remission(const CourseTable<std::uint64_t>&,
                                       std::uint64_t patients);

/// [s]: how many have remitted by the end of the pathway's step s.
std::vector<std::uint64_t> remitted_by_step(const CourseTable<std::uint64_t>&);

}  // namespace stardsim

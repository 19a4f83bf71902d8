// From counts of patients to rates, mean times and curves, each with its Monte
// Carlo standard error: the error of simulating a finite cohort, not the
// uncertainty of the scenario's numbers.
#pragma once

#include "models/course_table.hpp"
#include "models/scenario.hpp"
#include "sim/core/tally.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace stardsim {

/// A fraction and its standard error sqrt(p (1 - p) / n). The error is 0 when
/// none or all of the n had the event, which says only that n was too small to
/// see the other; both are NaN when n is 0.
struct Rate {
  double value, se;
};

/// More events than patients are events that a patient may have had again: the
/// value is their number per patient, the error NaN.
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

/// Among all who entered; NaN if nobody did.
double mean_weeks_in_treatment(const Flow<std::uint64_t>&);

/// The simulated course that answers the question: `sustained` is read from
/// the observed one.
inline std::size_t course_of(Estimand estimand) {
  return estimand == Estimand::if_all_continue ? 0 : 1;
}

/// The flow as a question counts it: under `sustained`, `remission` is the
/// first remissions here that have lasted to the horizon. The times of
/// remission remain those of all the remitted.
template <class Number>
Flow<Number> seen_by(Estimand estimand, Flow<Number> flow) {
  if (estimand == Estimand::sustained) flow.remission = flow.sustained;
  return flow;
}

/// What a flow adds to those ever in remission by the end of its step, or,
/// under `sustained`, to those of them whose first remission lasts to the
/// horizon. Where nobody relapses before he remits, every remission is a first
/// one.
template <class Number>
Number first_remissions(Estimand estimand, const Flow<Number>& flow) {
  switch (estimand) {
    case Estimand::if_all_continue:
      return flow.remission;
    case Estimand::observed:
      return flow.first_remission;
    case Estimand::sustained:
      return flow.sustained;
  }
  return {};
}

/// [w]: patients in remission at the end of week w in the sense of the
/// question; `lost` is first_remission_lost_by_week, or empty if none was.
template <class Number>
std::vector<Number> remitted_by_week(
    Estimand estimand,
    const std::array<std::vector<Number>, course_count>& first,
    const std::vector<Number>& lost) {
  std::vector<Number> remitted;
  Number now{};
  for (std::size_t w = 0; w < first[course_of(estimand)].size(); ++w) {
    now += first[course_of(estimand)][w];
    if (estimand == Estimand::sustained && !lost.empty()) now -= lost[w];
    remitted.push_back(now);
  }
  return remitted;
}

template <class Number>
std::vector<Number> remitted_by_week(
    Estimand estimand,
    const std::array<CourseTable<Number>, course_count>& courses,
    const LaterCourse<Number>& later) {
  return remitted_by_week<Number>(
      estimand, {courses[0].remission_by_week, courses[1].remission_by_week},
      later.first_remission_lost_by_week);
}

/// [w]: the fraction of the cohort, or of the subgroup, in remission at the end
/// of week w in the sense of the question; never falls but under `sustained`.
std::vector<Rate> cumulative_remission(const PathwayTally&, Estimand,
                                       std::uint64_t patients);
std::vector<Rate> cumulative_remission(const SubgroupTally&, Estimand);

/// [s]: of how many the first remission came by the end of the pathway's step s
/// (and, under `sustained`, lasts to the horizon).
std::vector<std::uint64_t> remitted_by_step(const PathwayTally&, Estimand);

/// The arms of a step of the pathway together, for one state at entry
/// (0: in remission, 1: not).
template <class Number>
FollowUpFlow<Number> follow_up_of_step(const LaterCourse<Number>& later,
                                       std::size_t step, std::size_t status) {
  const auto& arms = later.follow_up[step];
  FollowUpFlow<Number> sum = arms[0][status];
  for (std::size_t a = 1; a < arms.size(); ++a) sum += arms[a][status];
  return sum;
}

/// [w]: the probability of no relapse by the end of week w since entering
/// follow-up, if nobody dropped out (life table, Cutler & Ederer 1958, but
/// that who is lost in a week counts for the part of it that he was seen), with
/// Greenwood's standard error, which is 0 where all relapsed. Without losses it
/// is the product limit. NaN from the week on at whose start nobody is seen any
/// more. Expected numbers give the limit of the estimate; their error has no
/// meaning.
std::vector<Rate> relapse_free(const FollowUpFlow<std::uint64_t>&);
std::vector<Rate> relapse_free(const FollowUpFlow<double>&);

}  // namespace stardsim

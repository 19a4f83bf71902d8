// What became of the cohort on one pathway under one estimand: counts of
// patients from the engine, probabilities from the exact twin, in one shape.
#pragma once

#include "models/units.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace stardsim {

__extension__ typedef unsigned __int128 Wide;  ///< for sums of squares

template <class Number>
struct SquareOf;
template <>
struct SquareOf<std::uint64_t> {
  using type = Wide;
};
template <>
struct SquareOf<double> {
  using type = double;
};

/// Those who entered an arm of a step, split by how it ended for them:
/// entered = remission + partial_response + intolerance + no_response +
/// unfinished.
template <class Number>
struct Flow {
  Number entered{}, remission{}, partial_response{}, intolerance{},
      no_response{};
  Number unfinished{};  ///< the horizon came first
  /// Not in remission and leaving care at the end of the step. None at the
  /// last step of a pathway, where the steps are exhausted, unless the arm says
  /// who goes to follow-up or into a gap: then the rest leaves as elsewhere.
  Number left_care{};
  Number follow_up{}, gap{};  ///< not in remission and going there
  /// First remissions of their lives here, and those of them that have lasted
  /// to the horizon (observed course only).
  Number first_remission{}, sustained{};
  /// Sum over the remitted of the ticks from the start of the step to
  /// remission, and of its square.
  Number remission_ticks{};
  typename SquareOf<Number>::type remission_ticks_squared{};
  /// Sum over all who entered of the ticks they spent in the step.
  Number treatment_ticks{};

  Flow& operator+=(const Flow& other) {
    entered += other.entered;
    remission += other.remission;
    partial_response += other.partial_response;
    intolerance += other.intolerance;
    no_response += other.no_response;
    unfinished += other.unfinished;
    left_care += other.left_care;
    follow_up += other.follow_up;
    gap += other.gap;
    first_remission += other.first_remission;
    sustained += other.sustained;
    remission_ticks += other.remission_ticks;
    remission_ticks_squared += other.remission_ticks_squared;
    treatment_ticks += other.treatment_ticks;
    return *this;
  }
  bool operator==(const Flow&) const = default;
};

/// The courses that are simulated: Estimand::if_all_continue and
/// Estimand::observed; the third estimand is read from the second course.
inline constexpr std::size_t course_count = 2;

template <class Number>
struct CourseTable {
  /// [w]: first remissions that fall in week w; 0 to the horizon.
  std::vector<Number> remission_by_week;
  /// [step of the pathway][arm of the step].
  std::vector<std::vector<Flow<Number>>> arms;

  /// The arms of one step together.
  Flow<Number> step(std::size_t s) const {
    Flow<Number> sum;
    for (const auto& arm : arms[s]) sum += arm;
    return sum;
  }
  bool operator==(const CourseTable&) const = default;
};

/// Where a patient is.
enum class State {
  in_treatment,        ///< in an acute step
  waiting,             ///< for a step to start
  remitted,            ///< in remission, in follow-up
  not_remitted,        ///< in follow-up without remission
  gap,                 ///< off treatment, may come back
  untreated,           ///< steps exhausted
  untreated_remitted,  ///< in spontaneous remission
  out_of_care,
  dead
};
inline constexpr std::size_t state_count = 9;

/// Those who entered follow-up from one arm in one state.
template <class Number>
struct FollowUpFlow {
  Number entered{}, relapsed{}, dropped_out{};  ///< the rest: to the horizon
  /// By week since entering follow-up, 0 to the horizon: relapses; those seen
  /// no longer, as they dropped out or the horizon came. Empty where neither
  /// relapse nor dropping out can happen.
  std::vector<Number> relapse_by_week, censored_by_week;
  /// Sum over the latter of the ticks from then to the end of their week.
  std::vector<Number> unseen_ticks_by_week;

  /// One patient is seen no longer, so many ticks after entering.
  void censor(Ticks after) {
    const std::uint32_t week = week_of(after);
    ++censored_by_week[week];
    unseen_ticks_by_week[week] += week * ticks_per_week - after;
  }

  FollowUpFlow& operator+=(const FollowUpFlow& other) {
    entered += other.entered;
    relapsed += other.relapsed;
    dropped_out += other.dropped_out;
    const std::size_t weeks = other.relapse_by_week.size();
    if (relapse_by_week.size() < weeks) {
      relapse_by_week.resize(weeks);
      censored_by_week.resize(weeks);
      unseen_ticks_by_week.resize(weeks);
    }
    for (std::size_t w = 0; w < weeks; ++w) {
      relapse_by_week[w] += other.relapse_by_week[w];
      censored_by_week[w] += other.censored_by_week[w];
      unseen_ticks_by_week[w] += other.unseen_ticks_by_week[w];
    }
    return *this;
  }
  bool operator==(const FollowUpFlow&) const = default;
};

/// What follows the acute steps, on the observed course.
template <class Number>
struct LaterCourse {
  /// [w]: first remissions lost in week w, by relapse or leaving care.
  std::vector<Number> first_remission_lost_by_week;
  /// [state][w]: in that state at the end of week w.
  std::array<std::vector<Number>, state_count> occupancy;
  /// [step of the pathway][arm of the step][0: entered in remission, 1: not].
  std::vector<std::vector<std::array<FollowUpFlow<Number>, 2>>> follow_up;
  /// Spontaneous remissions after the last step.
  Number spontaneous_remission{};
  bool operator==(const LaterCourse&) const = default;
};

const char* name_of(State);

}  // namespace stardsim

// What became of the cohort on one pathway under one estimand: counts of
// patients from the engine, probabilities from the exact twin, in one shape.
#pragma once

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
/// entered = remission + partial_response + intolerance + no_response.
template <class Number>
struct Flow {
  Number entered{}, remission{}, partial_response{}, intolerance{},
      no_response{};
  /// Not in remission and not entering a next step that there was. None at the
  /// last step of a pathway: there the steps are exhausted.
  Number left_care{};
  /// Sum over the remitted of the ticks from the start of the step to
  /// remission, and of its square.
  Number remission_ticks{};
  typename SquareOf<Number>::type remission_ticks_squared{};

  Flow& operator+=(const Flow& other) {
    entered += other.entered;
    remission += other.remission;
    partial_response += other.partial_response;
    intolerance += other.intolerance;
    no_response += other.no_response;
    left_care += other.left_care;
    remission_ticks += other.remission_ticks;
    remission_ticks_squared += other.remission_ticks_squared;
    return *this;
  }
};

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
};

}  // namespace stardsim

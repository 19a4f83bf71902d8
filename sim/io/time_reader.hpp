// Reads how long something takes: the times of outcomes within a step, and the
// times until events that may never come.
#pragma once

#include "models/survival.hpp"
#include "models/time_distribution.hpp"
#include "sim/io/value_reader.hpp"

#include <optional>

namespace stardsim {

/// What the times of a step's outcomes depend on.
struct TimeFrame {
  double weeks;  ///< length of the step; NaN: unknown
  /// Of the arm, for times that are stated in sessions.
  std::optional<double> sessions_per_week;
};

/// Nothing if it cannot be used. The distribution must have some probability
/// within the step.
std::optional<TimeDistribution> read_time(const Value&, const TimeFrame&,
                                          const ValueReader&);

/// Whether it is stated in sessions, of which an arm may have its own number a
/// week.
bool is_in_sessions(const Value&);

/// Nothing if it cannot be used.
std::optional<Survival> read_survival(const Value&, const ValueReader&);

/// As read_survival, from a table that may have other keys; the caller finishes
/// the section.
std::optional<Survival> read_survival_keys(Section&, const ValueReader&);

/// The survival of a key of the section, if it is there and can be used.
std::optional<Survival> find_survival(Section&, const std::string& key,
                                      const ValueReader&);

}  // namespace stardsim

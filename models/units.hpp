// Time as the engine counts it.
#pragma once

#include <cmath>
#include <cstdint>

namespace stardsim {

/// A moment or a length, in ticks since the patient's entry. One tick is
/// 1/1024 week (9.8 minutes), the quantum to which every time is rounded once.
/// An event is recorded at the end of the tick in which it happens, so that
/// "by the end of week w" is exact for every whole week.
using Ticks = std::uint32_t;

inline constexpr Ticks ticks_per_week = 1024;

/// Weeks as ticks, rounded to the nearest. Requires 0 <= weeks < 2^21.
inline Ticks to_ticks(double weeks) {
  return static_cast<Ticks>(std::llround(weeks * ticks_per_week));
}

inline double to_weeks(double ticks) { return ticks / ticks_per_week; }

/// The week (1, 2, ...) in which the tick ends; 0 for the moment of entry.
inline std::uint32_t week_of(Ticks tick) {
  return (tick + ticks_per_week - 1) / ticks_per_week;
}

}  // namespace stardsim

// Time as the engine counts it.
#pragma once

#include <cmath>
#include <cstdint>

namespace stardsim {

/// A moment, in ticks since the patient's entry, or a length. One tick is
/// 1/1024 week (9.8 minutes), the quantum to which every time is rounded once
/// (law.hpp says how).
using Ticks = std::uint32_t;

inline constexpr int log2_ticks_per_week = 10;
inline constexpr Ticks ticks_per_week = 1 << log2_ticks_per_week;

/// A time beyond every horizon.
inline constexpr Ticks never = Ticks{1} << 23;

/// Weeks as ticks, rounded to the nearest. Requires 0 <= weeks < 2^21.
inline Ticks to_ticks(double weeks) {
  return static_cast<Ticks>(std::llround(weeks * ticks_per_week));
}

/// Rounded up; a time that is whole but for the rounding of its decimal
/// fraction is left whole.
inline Ticks to_ticks_up(double weeks) {
  return static_cast<Ticks>(std::ceil(weeks * ticks_per_week - 1e-6));
}

inline double to_weeks(double ticks) { return ticks / ticks_per_week; }

/// The week (1, 2, ...) in which the tick ends; 0 for the moment of entry.
inline std::uint32_t week_of(Ticks tick) {
  return (tick + ticks_per_week - 1) / ticks_per_week;
}

}  // namespace stardsim

// Years of age, and birthdays.
#pragma once

#include "models/units.hpp"

#include <cmath>
#include <cstddef>

namespace stardsim {

/// Ages told apart: 0 to 119 at the last birthday; who is older counts as 119.
inline constexpr std::size_t ages = 120;

/// The tick, counted from entry, with which the year of this age begins: 0 if
/// it began before, at most `never`.
inline Ticks birthday(double age_at_entry, double ticks_per_year,
                      std::size_t age) {
  const double ticks =
      (static_cast<double>(age) - age_at_entry) * ticks_per_year;
  if (ticks <= 0) return 0;
  return ticks < never ? static_cast<Ticks>(std::ceil(ticks)) : never;
}

}  // namespace stardsim

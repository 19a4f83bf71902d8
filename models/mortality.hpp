// When patients die: hazards by age, sex, health and resistance, compiled.
#pragma once

#include "models/scenario.hpp"
#include "models/units.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace stardsim {

/// Hazards per tick, constant between birthdays.
struct MortalityLaw {
  std::size_t age;     ///< covariate: years at entry
  std::size_t female;  ///< covariate 0/1; -1 if there is none
  double ticks_per_year;
  /// Background by [female][age at last birthday]; with no sex both are the
  /// mixture by share. The last age holds for all later ones.
  std::array<std::vector<double>, 2> background;
  std::array<double, health_count> ratio_by_health;
  std::vector<double> resistant_ratio;  ///< by age at last birthday
  /// [resistant][health].
  std::array<std::array<double, health_count>, 2> suicide;
};

/// From a life table -ln(1 - q), at most 50 a year; of a Gompertz law the mean
/// over each year of age up to 119. Rounded to 2^-60 a tick, so that every
/// machine gets the same. With neither a covariate nor a share, half are women.
/// Requires scenario.mortality.
MortalityLaw compile_mortality(const Scenario&);

/// All tables as whole numbers, for hashing; equal ones give equal results.
std::vector<std::uint64_t> words_of(const MortalityLaw&);

}  // namespace stardsim

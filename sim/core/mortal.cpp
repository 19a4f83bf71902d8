#include "sim/core/mortal.hpp"

#include "models/age.hpp"
#include "models/logarithm.hpp"
#include "models/planted.hpp"

#include <algorithm>

namespace stardsim {

Mortal::Mortal(const MortalityLaw& law, const std::vector<float>& covariates,
               std::uint32_t word)
    : law_(law),
      background_(
          law.background[law.female != nothing && covariates[law.female] != 0]),
      age_at_entry_(std::max(0.0, static_cast<double>(covariates[law.age]))),
      left_(cumulative_hazard_at(word)) {
  set_age(static_cast<std::size_t>(age_at_entry_));
}

void Mortal::set_age(std::size_t age) {
  age_ = age;
  birthday_ = birthday(age_at_entry_, law_.ticks_per_year, age + 1);
}

bool Mortal::dies(Ticks from, Ticks to, Health health, bool resistant,
                  double procedure) {
  const auto h = static_cast<std::size_t>(health);
  while (from < to) {
    const double suicide = law_.suicide[resistant][h];
    double background =
        at_line(background_, static_cast<std::uint32_t>(age_)) *
        UNLESS_PLANTED(death_ratio_ignored, law_.ratio_by_health[h], 1.0);
    if (resistant && !law_.resistant_ratio.empty())
      background *=
          at_line(law_.resistant_ratio, static_cast<std::uint32_t>(age_));
    const double hazard = background + suicide + procedure;
    const Ticks until = std::min(to, birthday_);
    const double over = hazard * static_cast<double>(until - from);
    if (over >= left_ && hazard > 0) {
      const auto after = static_cast<Ticks>(left_ / hazard);
      tick_ = std::min(from + after + 1, until);
      suicide_ = suicide;
      procedure_ = procedure;
      hazard_ = hazard;
      return true;
    }
    left_ -= over;
    from = until;
    if (from == birthday_) set_age(age_ + 1);
  }
  return false;
}

CauseOfDeath Mortal::cause(std::uint32_t word) const {
  const double at = static_cast<double>(word) * 0x1p-32 * hazard_;
  if (at < suicide_) return CauseOfDeath::suicide;
  return at < suicide_ + procedure_ ? CauseOfDeath::procedure
                                    : CauseOfDeath::background;
}

}  // namespace stardsim

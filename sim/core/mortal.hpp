// When a patient dies. Each is given, once, the cumulative hazard at which he
// dies; hazards add up while he lives, and that moment comes sooner or later.
#pragma once

#include "models/mortality.hpp"
#include "sim/core/life.hpp"

#include <cstdint>
#include <vector>

namespace stardsim {

class Mortal {
 public:
  Mortal(const MortalityLaw&, const std::vector<float>& covariates,
         std::uint32_t word);

  /// Whether he dies in a time spent so; `procedure` is a further hazard per
  /// tick. Times are asked for one after another, from 0 on.
  bool dies(Ticks from, Ticks to, Health, bool resistant, double procedure);

  /// Of one who has died.
  Ticks tick() const { return tick_; }
  CauseOfDeath cause(std::uint32_t word) const;

 private:
  void set_age(std::size_t);

  const MortalityLaw& law_;
  const std::vector<double>& background_;
  double age_at_entry_;
  std::size_t age_ = 0;  ///< at last birthday
  Ticks birthday_ = 0;   ///< the next one
  double left_;          ///< of the cumulative hazard
  Ticks tick_ = never;
  double suicide_ = 0, procedure_ = 0, hazard_ = 0;  ///< at death
};

}  // namespace stardsim

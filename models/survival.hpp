// How long it takes until an event that may never come: relapse, drop-out,
// return from a gap, the start after a wait.
#pragma once

#include "models/evidence.hpp"

#include <string>
#include <variant>
#include <vector>

namespace stardsim {

/// A constant hazard, stated by the probability of the event by some week:
/// F(t) = 1 - (1 - probability)^(t/by).
struct ByProbability {
  Evidence probability;  ///< [0, 1]; 1: at that week
  double by = 52;        ///< weeks, > 0
  bool operator==(const ByProbability&) const = default;
};

/// F(t) = 1 - exp(-(t/scale)^shape), scale in weeks; both > 0.
struct WeibullSurvival {
  Evidence shape, scale;
  bool operator==(const WeibullSurvival&) const = default;
};

/// Constant hazards between ascending weeks, stated by the probability of the
/// event by each; the last hazard goes on.
struct Piecewise {
  std::vector<double> weeks;            ///< ascending strictly, > 0
  std::vector<Evidence> probabilities;  ///< one for each; never fall, below 1
  bool operator==(const Piecewise&) const = default;
};

/// Always after the same time.
struct After {
  Evidence weeks;  ///< 0 or more
  bool operator==(const After&) const = default;
};

/// Counted from the entry into the state that the event ends.
struct Survival {
  std::variant<ByProbability, WeibullSurvival, Piecewise, After> form;
  /// Seen at the end of whole weeks only, as in a discrete-time model.
  bool weekly = false;
  std::string source, note, key;
  bool operator==(const Survival&) const = default;
};

/// P(T <= week); 0 before week 0. Computed in extended precision.
long double cumulative(const Survival&, long double week);

}  // namespace stardsim

// How long after the start of a step an outcome comes.
//
// Every distribution is cut to (0, weeks of the step] and rescaled: the
// outcome's probability is stated apart, so its time is conditional on it.
#pragma once

#include "models/evidence.hpp"

#include <string>
#include <variant>
#include <vector>

namespace stardsim {

/// Always the same week.
struct FixedTime {
  Evidence week;
  bool operator==(const FixedTime&) const = default;
};

/// Seen at one of these visit weeks, with these weights (any positive scale).
/// The weeks ascend.
struct DiscreteTime {
  std::vector<double> weeks, weights;
  bool operator==(const DiscreteTime&) const = default;
};

/// Density t^(shape-1) exp(-t/scale) / (Gamma(shape) scale^shape); mean
/// shape * scale weeks.
struct GammaTime {
  Evidence shape, scale;
  bool operator==(const GammaTime&) const = default;
};

/// F(t) = 1 - exp(-(t/scale)^shape), scale in weeks.
struct WeibullTime {
  Evidence shape, scale;
  bool operator==(const WeibullTime&) const = default;
};

/// log t is normal with mean log(median), standard deviation sigma; median in
/// weeks.
struct LogNormalTime {
  Evidence median, sigma;
  bool operator==(const LogNormalTime&) const = default;
};

/// F(t) = 1 - exp(-t/mean), mean in weeks.
struct ExponentialTime {
  Evidence mean;
  bool operator==(const ExponentialTime&) const = default;
};

/// At the end of the step: what a scenario means that states no time.
struct AtEndOfStep {
  bool operator==(const AtEndOfStep&) const = default;
};

/// When something happens within a step, from its start.
struct TimeDistribution {
  std::variant<AtEndOfStep, FixedTime, DiscreteTime, GammaTime, WeibullTime,
               LogNormalTime, ExponentialTime>
      form;
  std::string source;
  std::string note;
  std::string key;  ///< where it stands in the file
  bool operator==(const TimeDistribution&) const = default;
};

/// P(T <= week) before cutting to the step. Not for AtEndOfStep, whose time
/// depends on the step. Computed in extended precision, so that rounding to
/// 2^-32 hides nearly all differences between mathematical libraries.
long double cumulative(const TimeDistribution&, long double week);

}  // namespace stardsim

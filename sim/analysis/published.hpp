// Results of a run beside the figures that others published.
#pragma once

#include "models/published.hpp"
#include "sim/core/tally.hpp"

#include <string>
#include <vector>

namespace stardsim {

/// A figure of the run beside the published one. The error of the run is a
/// Monte Carlo error: of fractions and life tables as in rates.hpp, of outcomes
/// and differences as in comparison.hpp (paired), of a share of life and of an
/// ICER by the delta method. NaN, and z without it, where patients may be
/// counted twice. An ICER is NaN, and does not agree, where the difference in
/// QALYs is not clear.
struct BesidePublished {
  double simulated, simulated_se;
  double published, published_se;  ///< se: 0 where the publication has none
  double published_low, published_high;  ///< 95 %; NaN where it has none
  /// What the difference (simulated less published) is more than the published
  /// rounding, in standard errors of both, or in that of the run alone for an
  /// input that the scenario holds itself (a rate of remission, intolerance or
  /// relapse, not what follows from several numbers); 0 if it is less, infinite
  /// where there is no error, NaN where it cannot be told. A share of 0 or 1 is
  /// judged with half a patient more on either side.
  double z;
  /// abs(z) is at most 1.96; not where it cannot be told.
  bool agrees;
  std::string unit;  ///< "1", "weeks", "years", "USD 2021", "USD 2021 per QALY"
};

/// One for each of Scenario::published, in that order. Requires a tally of this
/// scenario.
std::vector<BesidePublished> beside_published(const Scenario&, const Tally&);

}  // namespace stardsim

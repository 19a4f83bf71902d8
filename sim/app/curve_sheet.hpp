// Curves of remission on a screen: a line each, small but to scale.
#pragma once

#include "models/exact.hpp"
#include "models/scenario.hpp"
#include "sim/analysis/rates.hpp"
#include "sim/app/console.hpp"
#include "sim/app/sheet.hpp"
#include "sim/core/tally.hpp"

#include <cstddef>
#include <limits>
#include <string>
#include <vector>

namespace stardsim {

/// The values in so many characters at most, from the first to the last: from
/// 0 at the foot of a character to `top` > 0. In blocks of eighths, or without
/// UTF-8 in the signs _ . : - = + * # from the lowest to the highest. NaN is a
/// blank.
std::string sparkline(const std::vector<double>& values, double top,
                      std::size_t width, bool utf8);

/// "if all continue", "observed", "sustained".
const char* words_for(Estimand);

/// Remission of the cohort on one pathway, under one estimand.
struct RemissionCurve {
  std::string pathway;
  Estimand estimand;
  std::vector<Rate> by_week;  ///< of weeks 0, 1, ...; not empty
  /// At the last week; NaN where there is no exact twin.
  double exact = std::numeric_limits<double>::quiet_NaN();
  double z = exact;
};

/// Of every pathway, the estimand that is reported first in front. The
/// expectation may be null.
std::vector<RemissionCurve> remission_curves(const Scenario&, const Tally&,
                                             const Expectation*);

/// A row a curve, all on one scale: the sparkline, and the curve's ends with
/// their standard errors. An estimand whose curves are those of another on
/// every pathway is left to the note. `last_week` is the week of the last
/// value, in words. Requires a curve.
Sheet curve_sheet(const std::vector<RemissionCurve>&,
                  const std::string& last_week, const Screen&);

/// Names with their labels, a line each, where any differ; else "". Ends with a
/// line's end.
std::string legend(const std::vector<std::string>& names,
                   const std::vector<std::string>& labels);

}  // namespace stardsim

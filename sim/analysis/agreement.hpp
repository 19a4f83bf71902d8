// Holding the counts of a run against the exact twin.
#pragma once

#include "models/exact.hpp"
#include "models/law.hpp"
#include "models/scenario.hpp"
#include "sim/core/tally.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace stardsim {

/// How far a count of events lies from what is expected, in standard errors.
/// The standard error is taken from the exact probability. Where fewer than 25
/// events, or fewer than 25 non-events, are expected, z has the two-sided
/// p-value of the exact binomial test. Where the probability is 0 or 1, z is 0
/// for the only possible count and infinite for any other.
double z_score(std::uint64_t events, std::uint64_t of, double probability);

/// The same for the mean time to remission: the standard error is the exact
/// standard deviation over sqrt(n). NaN where fewer than 25 remitted, whose
/// mean is not near enough to normal to be judged so.
double mean_weeks_z(const Flow<std::uint64_t>& counted,
                    const Flow<double>& expected);

/// One figure of a run beside its expectation.
struct Agreement {
  std::size_t pathway = 0;
  Estimand estimand = Estimand::if_all_continue;
  std::string figure;  ///< "week 14", "step 2: intolerance", ...
  double simulated = 0, expected = 0, z = 0;
};

/// After a relapse the same step may be given again, so that a patient may
/// enter it more than once.
bool may_be_repeated(const StepLaw&);

/// Every week of the curves, and every count and mean time of the steps and of
/// the arms, for all estimands; on the observed course also follow-up, if
/// anything happens in it, and where patients are at the horizon. The two must
/// come from the same law. If that law is given, what happens in a step that
/// may be repeated is judged given how many entered, since patients then count
/// more than once; without it such a step is judged too strictly.
std::vector<Agreement> compare(const Tally&, const Expectation&,
                               const Law* = nullptr);

/// The one with the largest abs(z). Requires that there is one.
const Agreement& worst(const std::vector<Agreement>&);

}  // namespace stardsim

// Selection alone: how far the fall of remission from step to step is what must
// be seen if nothing changes but who is left. Every patient has one propensity,
// every step the same intercept: P(remission) = logistic(intercept + spread z),
// z standard normal, and those who did not remit go on. Leaving care is taken
// as independent of z, so that only not remitting selects.
#pragma once

#include <cstddef>
#include <vector>

namespace stardsim {

/// What was observed at one step, in order of the steps.
struct StepCount {
  double remitted, entered;  ///< 0 <= remitted <= entered, entered > 0
};

/// The model and how it fits.
struct SelectionFit {
  double intercept = 0;  ///< log odds of a patient with z = 0
  double spread = 0;     ///< standard deviation of log odds between patients
  std::vector<double> rates;  ///< P(remission | comes to the step)
  double cumulative = 0;      ///< P(remission by the last step)
  /// Misfit of the binomial counts: 2 sum O log(O/E), and sum (O - E)^2 / E,
  /// over remitted and not remitted; chi-squared with these degrees of freedom
  /// if the model holds.
  double deviance = 0, chi_square = 0;
  std::size_t degrees_of_freedom = 0;
  /// P(a chi-squared variable is larger); NaN without degrees of freedom.
  double deviance_p = 0, chi_square_p = 0;
};

/// The rates of the first so many steps under these parameters.
std::vector<double> selection_rates(double intercept, double spread,
                                    std::size_t steps);

/// By maximum likelihood, the spread within [0, 10]. Throws
/// std::invalid_argument for fewer than two steps, for counts that are none,
/// and where nobody or everybody remitted.
SelectionFit fit_selection(const std::vector<StepCount>&);

/// P(remission) that a treatment would have at a line (from 1), if its rate was
/// `rate` in the entrants of `anchor` and its own log odds differ from the
/// steps' by a constant: the intercept is solved at the anchor. Requires rate
/// in (0, 1), lines of at least 1.
double rate_at_line(const SelectionFit&, double rate, std::size_t anchor,
                    std::size_t line);

}  // namespace stardsim

#include "models/missed_intervals.hpp"

#include "models/distribution.hpp"
#include "models/parameters.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace stardsim {
namespace {

constexpr double most_of_width = 0.25;

bool has(const std::vector<std::string>& keys, const std::string& key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

// Whether the interval has no say in how the number is drawn.
bool is_not_used(const Uncertainty& uncertainty, const std::string& key) {
  for (const HeldParameters& held : uncertainty.held)
    if (held.pattern == key) return true;
  for (const ExternalDraws& external : uncertainty.external)
    if (has(external.keys, key)) return true;
  for (const CorrelatedParameters& group : uncertainty.correlated)
    if (group.is_covariance && has(group.keys, key)) return true;
  return false;
}

}  // namespace

std::vector<MissedInterval> missed_intervals(const Scenario& scenario) {
  std::vector<MissedInterval> missed;
  for (const Parameter& parameter : parameters_of(scenario)) {
    const Evidence& evidence = parameter.evidence;
    const auto* stated = std::get_if<Interval>(&evidence.certainty);
    if (!stated || !evidence.fixed.empty()) continue;
    if (scenario.uncertainty &&
        is_not_used(*scenario.uncertainty, evidence.key))
      continue;
    try {
      const Distribution drawn = distribution_of(evidence);
      const double low = quantile(drawn, 0.025), high = quantile(drawn, 0.975);
      const double furthest =
          std::max(std::abs(low - stated->low), std::abs(high - stated->high));
      if (furthest > most_of_width * (stated->high - stated->low))
        missed.push_back({evidence.key, evidence.value, stated->low,
                          stated->high, low, high});
    } catch (const std::invalid_argument&) {
      // Told where it is drawn.
    }
  }
  return missed;
}

}  // namespace stardsim

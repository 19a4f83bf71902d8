#include "sim/analysis/agreement.hpp"

#include "sim/analysis/rates.hpp"

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/normal.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace stardsim {
namespace {

constexpr double fewest_for_normal = 25;

// The z whose two-sided p-value is that of the exact binomial test (twice the
// smaller tail).
double binomial_z(double events, double of, double probability) {
  const boost::math::binomial law(of, probability);
  const double lower = boost::math::cdf(law, events);
  const double upper =
      events > 0 ? boost::math::cdf(boost::math::complement(law, events - 1))
                 : 1.0;
  const double tail = std::min({lower, upper, 0.5});
  if (tail == 0) return std::numeric_limits<double>::infinity();
  const double z = -boost::math::quantile(boost::math::normal(), tail);
  return lower < upper ? -z : z;
}

// Collects the comparisons of one pathway and estimand.
class Comparer {
 public:
  Comparer(std::size_t pathway, Estimand estimand, std::uint64_t patients,
           std::vector<Comparison>& into)
      : pathway_(pathway),
        estimand_(estimand),
        patients_(patients),
        into_(into) {}

  void fraction(const std::string& figure, std::uint64_t events,
                double probability) {
    // Sums of products can stray beyond 1 by a rounding error.
    const double p = std::clamp(probability, 0.0, 1.0);
    add(figure, static_cast<double>(events) / static_cast<double>(patients_), p,
        z_score(events, patients_, p));
  }

  void flow(const std::string& name, const Flow<std::uint64_t>& counted,
            const Flow<double>& expected) {
    fraction(name + ": entered", counted.entered, expected.entered);
    fraction(name + ": remission", counted.remission, expected.remission);
    fraction(name + ": partial response", counted.partial_response,
             expected.partial_response);
    fraction(name + ": intolerance", counted.intolerance, expected.intolerance);
    fraction(name + ": no response", counted.no_response, expected.no_response);
    fraction(name + ": left care", counted.left_care, expected.left_care);
    const double z = mean_weeks_z(counted, expected);
    if (!std::isnan(z))
      add(name + ": weeks to remission", mean_weeks(counted).weeks,
          to_weeks(expected.remission_ticks / expected.remission), z);
  }

 private:
  void add(const std::string& figure, double simulated, double expected,
           double z) {
    into_.push_back({pathway_, estimand_, figure, simulated, expected, z});
  }

  std::size_t pathway_;
  Estimand estimand_;
  std::uint64_t patients_;
  std::vector<Comparison>& into_;
};

void compare_curves(const CourseTable<std::uint64_t>& counted,
                    const CourseTable<double>& expected, Comparer& comparer) {
  std::uint64_t events = 0;
  double probability = 0;
  for (std::size_t w = 0; w < counted.remission_by_week.size(); ++w) {
    events += counted.remission_by_week[w];
    probability += expected.remission_by_week[w];
    comparer.fraction("week " + std::to_string(w), events, probability);
  }
}

void compare_steps(const CourseTable<std::uint64_t>& counted,
                   const CourseTable<double>& expected, Comparer& comparer) {
  for (std::size_t s = 0; s < counted.arms.size(); ++s) {
    const std::string step = "step " + std::to_string(s + 1);
    comparer.flow(step, counted.step(s), expected.step(s));
    if (counted.arms[s].size() == 1) continue;
    for (std::size_t a = 0; a < counted.arms[s].size(); ++a)
      comparer.flow(step + ", arm " + std::to_string(a + 1), counted.arms[s][a],
                    expected.arms[s][a]);
  }
}

}  // namespace

double z_score(std::uint64_t events, std::uint64_t of, double probability) {
  if (probability == 0 || probability == 1) {
    const std::uint64_t only = probability == 0 ? 0 : of;
    return events == only ? 0 : std::numeric_limits<double>::infinity();
  }
  const double n = static_cast<double>(of), x = static_cast<double>(events);
  const double expected = n * probability;
  const double others = n * (1 - probability);
  if (std::min(expected, others) < fewest_for_normal)
    return binomial_z(x, n, probability);
  return (x - expected) / std::sqrt(expected * (1 - probability));
}

double mean_weeks_z(const Flow<std::uint64_t>& counted,
                    const Flow<double>& expected) {
  const double n = static_cast<double>(counted.remission);
  if (n < fewest_for_normal || expected.remission == 0)
    return std::numeric_limits<double>::quiet_NaN();
  const double exact = expected.remission_ticks / expected.remission;
  const double variance =
      expected.remission_ticks_squared / expected.remission - exact * exact;
  const double apart = static_cast<double>(counted.remission_ticks) / n - exact;
  // A fixed time has no variance but for rounding, and then no error.
  if (variance < 1e-13 * exact * exact)
    return std::abs(apart) < 1e-9 * exact
               ? 0
               : std::numeric_limits<double>::infinity();
  return apart / std::sqrt(variance / n);
}

std::vector<Comparison> compare(const Tally& tally,
                                const Expectation& expectation) {
  std::vector<Comparison> comparisons;
  for (std::size_t p = 0; p < tally.pathways.size(); ++p)
    for (std::size_t e = 0; e < estimand_count; ++e) {
      const auto& counted = tally.pathways[p].course[e];
      const auto& expected = expectation.pathways[p].course[e];
      Comparer comparer(p, static_cast<Estimand>(e), tally.patients,
                        comparisons);
      compare_curves(counted, expected, comparer);
      compare_steps(counted, expected, comparer);
    }
  return comparisons;
}

const Comparison& worst(const std::vector<Comparison>& comparisons) {
  return *std::max_element(comparisons.begin(), comparisons.end(),
                           [](const Comparison& a, const Comparison& b) {
                             return std::abs(a.z) < std::abs(b.z);
                           });
}

}  // namespace stardsim

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

// Those among whom events are counted. Where a patient may be counted more than
// once, outcomes are still independent given the number that entered, whose own
// distribution is not known here.
struct Among {
  std::uint64_t counted;
  double expected;
};

// The engine does not count who enters follow-up where nothing can happen.
template <class Number>
bool nothing_happens(const FollowUpFlow<Number>& flow) {
  return flow.relapsed == 0 && flow.dropped_out == 0;
}

// Collects the comparisons of one pathway and estimand.
class Comparer {
 public:
  Comparer(std::size_t pathway, Estimand estimand, std::uint64_t patients,
           std::vector<Agreement>& into)
      : pathway_(pathway),
        estimand_(estimand),
        cohort_{patients, 1},
        into_(into) {}

  void fraction(const std::string& figure, std::uint64_t events,
                double expected, Among among) {
    if (among.counted == 0 || among.expected <= 0) return;
    // Sums of products can stray beyond 1 by a rounding error.
    const double p = std::clamp(expected / among.expected, 0.0, 1.0);
    add(figure,
        static_cast<double>(events) / static_cast<double>(among.counted), p,
        z_score(events, among.counted, p));
  }

  void fraction(const std::string& figure, std::uint64_t events,
                double expected) {
    fraction(figure, events, expected, cohort_);
  }

  void flow(const std::string& name, const Flow<std::uint64_t>& counted,
            const Flow<double>& expected, bool repeated) {
    const Among among =
        repeated ? Among{counted.entered, expected.entered} : cohort_;
    if (!repeated)
      fraction(name + ": entered", counted.entered, expected.entered);
    for (const auto& [what, count, expectation] : outcomes)
      fraction(name + ": " + what, counted.*count, expected.*expectation,
               among);
    if (estimand_ == Estimand::sustained) return;
    const double z = mean_weeks_z(counted, expected);
    if (!std::isnan(z))
      add(name + ": weeks to remission", mean_weeks(counted).weeks,
          to_weeks(expected.remission_ticks / expected.remission), z);
  }

  void follow_up(const std::string& name,
                 const FollowUpFlow<std::uint64_t>& counted,
                 const FollowUpFlow<double>& expected, bool repeated) {
    if (nothing_happens(counted) && nothing_happens(expected)) return;
    const Among among =
        repeated ? Among{counted.entered, expected.entered} : cohort_;
    if (!repeated)
      fraction(name + ": entered", counted.entered, expected.entered);
    fraction(name + ": relapsed", counted.relapsed, expected.relapsed, among);
    fraction(name + ": dropped out", counted.dropped_out, expected.dropped_out,
             among);
  }

 private:
  struct Outcome {
    const char* name;
    std::uint64_t Flow<std::uint64_t>::*count;
    double Flow<double>::*expectation;
  };
  static constexpr Outcome outcomes[] = {
      {"remission", &Flow<std::uint64_t>::remission, &Flow<double>::remission},
      {"partial response", &Flow<std::uint64_t>::partial_response,
       &Flow<double>::partial_response},
      {"intolerance", &Flow<std::uint64_t>::intolerance,
       &Flow<double>::intolerance},
      {"no response", &Flow<std::uint64_t>::no_response,
       &Flow<double>::no_response},
      {"unfinished", &Flow<std::uint64_t>::unfinished,
       &Flow<double>::unfinished},
      {"left care", &Flow<std::uint64_t>::left_care, &Flow<double>::left_care},
      {"follow-up", &Flow<std::uint64_t>::follow_up, &Flow<double>::follow_up},
      {"gap", &Flow<std::uint64_t>::gap, &Flow<double>::gap}};

  void add(const std::string& figure, double simulated, double expected,
           double z) {
    into_.push_back({pathway_, estimand_, figure, simulated, expected, z});
  }

  std::size_t pathway_;
  Estimand estimand_;
  Among cohort_;
  std::vector<Agreement>& into_;
};

// A pathway as both know it; the law, if given, says which steps may be
// entered again.
struct Sides {
  const PathwayTally& counted;
  const PathwayExpectation& expected;
  const PathwayLaw* law;

  bool is_repeated(std::size_t s) const {
    return law && may_be_repeated((*law)[s]);
  }
};

void compare_curves(const Sides& sides, Estimand estimand, Comparer& comparer) {
  const auto counted =
      remitted_by_week(estimand, sides.counted.course, sides.counted.later);
  const auto expected =
      remitted_by_week(estimand, sides.expected.course, sides.expected.later);
  for (std::size_t w = 0; w < counted.size(); ++w)
    comparer.fraction("week " + std::to_string(w), counted[w], expected[w]);
}

std::string step_name(std::size_t s) { return "step " + std::to_string(s + 1); }

std::string arm_name(std::size_t s, std::size_t a) {
  return step_name(s) + ", arm " + std::to_string(a + 1);
}

void compare_steps(const Sides& sides, Estimand estimand, Comparer& comparer) {
  const auto& counted = sides.counted.course[course_of(estimand)];
  const auto& expected = sides.expected.course[course_of(estimand)];
  for (std::size_t s = 0; s < counted.arms.size(); ++s) {
    const bool repeated =
        estimand != Estimand::if_all_continue && sides.is_repeated(s);
    comparer.flow(step_name(s), seen_by(estimand, counted.step(s)),
                  seen_by(estimand, expected.step(s)), repeated);
    if (counted.arms[s].size() == 1) continue;
    for (std::size_t a = 0; a < counted.arms[s].size(); ++a)
      comparer.flow(arm_name(s, a), seen_by(estimand, counted.arms[s][a]),
                    seen_by(estimand, expected.arms[s][a]), repeated);
  }
}

void compare_follow_up(const Sides& sides, Comparer& comparer) {
  const char* const statuses[] = {", remitted", ", not remitted"};
  const auto& counted = sides.counted.later;
  const auto& expected = sides.expected.later;
  if (counted.follow_up.empty() || expected.follow_up.empty()) return;
  for (std::size_t s = 0; s < counted.follow_up.size(); ++s)
    for (std::size_t status = 0; status < 2; ++status) {
      comparer.follow_up("follow-up of " + step_name(s) + statuses[status],
                         follow_up_of_step(counted, s, status),
                         follow_up_of_step(expected, s, status),
                         sides.is_repeated(s));
      if (counted.follow_up[s].size() == 1) continue;
      for (std::size_t a = 0; a < counted.follow_up[s].size(); ++a)
        comparer.follow_up("follow-up of " + arm_name(s, a) + statuses[status],
                           counted.follow_up[s][a][status],
                           expected.follow_up[s][a][status],
                           sides.is_repeated(s));
    }
}

void compare_occupancy(const Sides& sides, Comparer& comparer) {
  for (std::size_t state = 0; state < state_count; ++state) {
    const auto& counted = sides.counted.later.occupancy[state];
    const auto& expected = sides.expected.later.occupancy[state];
    if (counted.empty() || expected.empty()) continue;
    comparer.fraction(
        std::string("horizon: ") + name_of(static_cast<State>(state)),
        counted.back(), expected.back());
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

bool may_be_repeated(const StepLaw& step) {
  const auto repeats = [](const FollowUpLaw& follow_up) {
    return follow_up.relapse != nothing &&
           follow_up.same_step > follow_up.next_step;
  };
  return std::any_of(step.arms.begin(), step.arms.end(),
                     [&](const ArmLaw& arm) {
                       return repeats(arm.follow_up_remitted) ||
                              repeats(arm.follow_up_not_remitted);
                     });
}

std::vector<Agreement> compare(const Tally& tally,
                               const Expectation& expectation, const Law* law) {
  std::vector<Agreement> comparisons;
  for (std::size_t p = 0; p < tally.pathways.size(); ++p) {
    const Sides sides{tally.pathways[p], expectation.pathways[p],
                      law ? &law->pathways[p] : nullptr};
    for (std::size_t e = 0; e < estimand_count; ++e) {
      const auto estimand = static_cast<Estimand>(e);
      Comparer comparer(p, estimand, tally.patients, comparisons);
      compare_curves(sides, estimand, comparer);
      compare_steps(sides, estimand, comparer);
      if (estimand != Estimand::observed) continue;
      compare_follow_up(sides, comparer);
      compare_occupancy(sides, comparer);
    }
  }
  return comparisons;
}

const Agreement& worst(const std::vector<Agreement>& comparisons) {
  return *std::max_element(comparisons.begin(), comparisons.end(),
                           [](const Agreement& a, const Agreement& b) {
                             return std::abs(a.z) < std::abs(b.z);
                           });
}

}  // namespace stardsim

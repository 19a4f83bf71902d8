#include "sim/analysis/rates.hpp"

#include "models/units.hpp"

#include <cmath>
#include <cstddef>
#include <limits>

namespace stardsim {
namespace {

constexpr double not_defined = std::numeric_limits<double>::quiet_NaN();

/// The sample variance of n whole numbers, n >= 2. The unsigned difference is
/// right even where its terms wrap around.
double variance(std::uint64_t n, std::uint64_t sum, Wide sum_of_squares) {
  const Wide scaled = Wide{n} * sum_of_squares - Wide{sum} * sum;
  return static_cast<double>(scaled) / static_cast<double>(Wide{n} * (n - 1));
}

std::vector<Rate> rates(const std::vector<std::uint64_t>& events,
                        std::uint64_t of) {
  std::vector<Rate> all;
  all.reserve(events.size());
  for (const std::uint64_t count : events) all.push_back(rate(count, of));
  return all;
}

/// What rounding leaves of expected numbers is nobody.
bool is_nobody(std::uint64_t number) { return number == 0; }
bool is_nobody(double number) { return number < 1e-12; }

template <class Number>
std::vector<Rate> life_table(const FollowUpFlow<Number>& flow) {
  std::vector<Rate> curve;
  Number at_risk = flow.entered;
  double free = 1, sum = 0;  // of Greenwood's formula
  for (std::size_t w = 0; w < flow.relapse_by_week.size(); ++w) {
    const Number relapses = flow.relapse_by_week[w];
    const Number lost = flow.censored_by_week[w];
    if (is_nobody(at_risk) && free > 0) free = not_defined;
    if (!is_nobody(at_risk)) {
      const double exposed =
          static_cast<double>(at_risk) -
          to_weeks(static_cast<double>(flow.unseen_ticks_by_week[w]));
      const double events = static_cast<double>(relapses);
      const bool all = is_nobody(at_risk - relapses);
      free = all ? 0 : free * (1 - events / exposed);
      if (!all) sum += events / (exposed * (exposed - events));
    }
    curve.push_back({free, free * std::sqrt(sum)});
    at_risk -= relapses + lost;
  }
  return curve;
}

}  // namespace

Rate rate(std::uint64_t events, std::uint64_t of) {
  if (of == 0) return {not_defined, not_defined};
  const double n = static_cast<double>(of);
  const double p = static_cast<double>(events) / n;
  return {p, events > of ? not_defined : std::sqrt(p * (1 - p) / n)};
}

MeanTime mean_weeks(const Flow<std::uint64_t>& flow) {
  MeanTime time{not_defined, not_defined, not_defined};
  if (flow.remission == 0) return time;
  const double n = static_cast<double>(flow.remission);
  time.weeks = to_weeks(static_cast<double>(flow.remission_ticks) / n);
  if (flow.remission == 1) return time;
  time.sd = to_weeks(std::sqrt(variance(flow.remission, flow.remission_ticks,
                                        flow.remission_ticks_squared)));
  time.se = time.sd / std::sqrt(n);
  return time;
}

double mean_weeks_in_treatment(const Flow<std::uint64_t>& flow) {
  if (flow.entered == 0) return not_defined;
  return to_weeks(static_cast<double>(flow.treatment_ticks) /
                  static_cast<double>(flow.entered));
}

std::vector<Rate> cumulative_remission(const PathwayTally& pathway,
                                       Estimand estimand,
                                       std::uint64_t patients) {
  return rates(remitted_by_week(estimand, pathway.course, pathway.later),
               patients);
}

std::vector<Rate> cumulative_remission(const SubgroupTally& subgroup,
                                       Estimand estimand) {
  return rates(remitted_by_week(estimand, subgroup.remission_by_week,
                                subgroup.first_remission_lost_by_week),
               subgroup.patients);
}

std::vector<std::uint64_t> remitted_by_step(const PathwayTally& pathway,
                                            Estimand estimand) {
  const auto& course = pathway.course[course_of(estimand)];
  std::vector<std::uint64_t> remitted;
  std::uint64_t so_far = 0;
  for (std::size_t s = 0; s < course.arms.size(); ++s) {
    so_far += first_remissions(estimand, course.step(s));
    remitted.push_back(so_far);
  }
  return remitted;
}

std::vector<Rate> relapse_free(const FollowUpFlow<std::uint64_t>& flow) {
  return life_table(flow);
}

std::vector<Rate> relapse_free(const FollowUpFlow<double>& flow) {
  return life_table(flow);
}

}  // namespace stardsim

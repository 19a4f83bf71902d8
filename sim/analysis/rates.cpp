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

}  // namespace

Rate rate(std::uint64_t events, std::uint64_t of) {
  if (of == 0) return {not_defined, not_defined};
  const double n = static_cast<double>(of);
  const double p = static_cast<double>(events) / n;
  return {p, std::sqrt(p * (1 - p) / n)};
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

std::vector<Rate> cumulative_remission(const CourseTable<std::uint64_t>& course,
                                       std::uint64_t patients) {
  std::vector<Rate> curve;
  curve.reserve(course.remission_by_week.size());
  std::uint64_t remitted = 0;
  for (const std::uint64_t first : course.remission_by_week) {
    remitted += first;
    curve.push_back(rate(remitted, patients));
  }
  return curve;
}

std::vector<std::uint64_t> remitted_by_step(
    const CourseTable<std::uint64_t>& course) {
  std::vector<std::uint64_t> remitted;
  std::uint64_t so_far = 0;
  for (std::size_t s = 0; s < course.arms.size(); ++s) {
    so_far += course.step(s).remission;
    remitted.push_back(so_far);
  }
  return remitted;
}

}  // namespace stardsim

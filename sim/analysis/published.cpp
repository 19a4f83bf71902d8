#include "sim/analysis/published.hpp"

#include "models/inputs.hpp"
#include "models/measure.hpp"
#include "sim/analysis/cost_effectiveness.hpp"
#include "sim/analysis/in_use.hpp"
#include "sim/analysis/rates.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace stardsim {
namespace {

using What = Published::What;

constexpr double not_known = std::numeric_limits<double>::quiet_NaN();

/// A figure of the run, with its Monte Carlo error.
struct Simulated {
  double value, se;
  std::string unit;
  double least_se = 0;  ///< with which it is judged at least
};

/// By the delta method, of numerator / denominator, which must be clearly other
/// than 0.
double se_of_ratio(double ratio, double denominator, double numerator_se,
                   double denominator_se, double covariance) {
  const double variance = numerator_se * numerator_se +
                          ratio * ratio * denominator_se * denominator_se -
                          2 * ratio * covariance;
  return std::sqrt(std::max(variance, 0.0)) / std::fabs(denominator);
}

/// With which none, or all, of so many are judged: an error of 0 would be
/// certainty. As if half a patient more had the event and half a patient more
/// had not.
double least_error(std::uint64_t of) {
  const double n = static_cast<double>(of), near = 0.5 / (n + 1);
  return std::sqrt(near * (1 - near) / n);
}

Simulated fraction(std::uint64_t events, std::uint64_t of) {
  const Rate counted = rate(events, of);
  return {counted.value, counted.se, "1",
          events == 0 || events == of ? least_error(of) : 0};
}

/// The run's figures; comparisons of outcomes are made when first needed.
class Run {
 public:
  Run(const Scenario& scenario, const Tally& tally)
      : scenario_(scenario), tally_(tally) {}

  Simulated figure(const Published& published) {
    switch (published.what) {
      case What::entered:
        return entered(published);
      case What::remission:
        return of_entered(published, &Flow<std::uint64_t>::remission);
      case What::intolerance:
        return of_entered(published, &Flow<std::uint64_t>::intolerance);
      case What::cumulative_remission:
        return cumulative(published);
      case What::relapse:
        return relapse(published);
      case What::outcome:
        return outcome(published);
      case What::share_of_life:
        return share_of_life(published);
      case What::difference:
        return difference(published);
      case What::icer:
        return icer(published);
    }
    return {not_known, not_known, ""};
  }

 private:
  const PathwayTally& pathway(const Published& published) const {
    return tally_.pathways.at(published.pathway);
  }
  static Estimand estimand(const Published& published) {
    return static_cast<Estimand>(published.estimand);
  }

  Flow<std::uint64_t> flow(const Published& published) const {
    const auto& course =
        pathway(published).course[course_of(estimand(published))];
    return seen_by(estimand(published),
                   published.arm
                       ? course.arms.at(*published.step).at(*published.arm)
                       : course.step(*published.step));
  }

  // Where a patient may enter twice, the error of their number is not known.
  bool may_enter_twice(const Published& published) const {
    const std::size_t step =
        scenario_.pathways.at(published.pathway).steps.at(*published.step);
    return estimand(published) != Estimand::if_all_continue &&
           may_be_repeated(scenario_.steps.at(step));
  }

  Simulated entered(const Published& published) const {
    Simulated figure = fraction(flow(published).entered, tally_.patients);
    if (may_enter_twice(published)) figure.se = not_known;
    return figure;
  }

  Simulated of_entered(const Published& published,
                       std::uint64_t Flow<std::uint64_t>::*outcome) const {
    const Flow<std::uint64_t> counted = flow(published);
    return fraction(counted.*outcome, counted.entered);
  }

  Simulated cumulative(const Published& published) const {
    const PathwayTally& counted = pathway(published);
    if (published.step)
      return fraction(
          remitted_by_step(counted, estimand(published)).at(*published.step),
          tally_.patients);
    return fraction(
        remitted_by_week(estimand(published), counted.course, counted.later)
            .at(published.week.value()),
        tally_.patients);
  }

  Simulated relapse(const Published& published) const {
    FollowUpFlow<std::uint64_t> flow;
    const auto& steps = pathway(published).later.follow_up;
    for (std::size_t s = 0; s < steps.size(); ++s) {
      if (published.step && *published.step != s) continue;
      for (std::size_t a = 0; a < steps[s].size(); ++a)
        if (!published.arm || *published.arm == a) flow += steps[s][a][0];
    }
    if (flow.relapse_by_week.empty()) return {not_known, not_known, "1"};
    const Rate free = relapse_free(flow).at(published.week.value());
    return {1 - free.value, free.se, "1",
            free.value == 0 || free.value == 1 ? least_error(flow.entered) : 0};
  }

  const Comparison& comparison() {
    // Neither seed nor hashes matter within one run.
    if (!comparison_)
      comparison_.emplace(
          std::vector{run_outcomes(scenario_, tally_, scenario_.cohort.seed,
                                   scenario_.title, "")},
          scenario_.reference);
    return *comparison_;
  }

  std::size_t measure(const Published& published) {
    return find_measure(comparison().measures(), published.measure);
  }

  Simulated outcome(const Published& published) {
    const std::size_t m = measure(published);
    const Estimate estimate = comparison().outcome(published.pathway, m);
    return {estimate.mean, estimate.se, comparison().measures().at(m).unit};
  }

  Simulated share_of_life(const Published& published) {
    const Comparison& all = comparison();
    const std::size_t p = published.pathway, weeks = measure(published),
                      years = find_measure(all.measures(),
                                           Measure::What::life_years);
    const double ratio =
        all.outcome(p, weeks).mean / all.outcome(p, years).mean;
    const double se = se_of_ratio(
        ratio, all.outcome(p, years).mean, all.outcome(p, weeks).se,
        all.outcome(p, years).se, all.covariance(p, weeks, p, years));
    const double per_year = scenario_.time.weeks_per_year;
    return {ratio / per_year, se / per_year, "1"};
  }

  Simulated difference(const Published& published) {
    const std::size_t m = measure(published);
    const Difference found =
        comparison().difference(published.pathway, scenario_.reference, m);
    return {found.mean, found.se, comparison().measures().at(m).unit};
  }

  Simulated icer(const Published& published) {
    const Comparison& all = comparison();
    const Increment found = increment(all, published.pathway,
                                      scenario_.reference, all.perspective());
    const std::string unit =
        all.measures().at(all.decision().costs.at(all.perspective())).unit +
        " per QALY";
    if (!found.icer) return {not_known, not_known, unit};
    return {*found.icer,
            se_of_ratio(*found.icer, found.effect.mean, found.cost.se,
                        found.effect.se, found.covariance),
            unit};
  }

  const Scenario& scenario_;
  const Tally& tally_;
  std::optional<Comparison> comparison_;
};

double z_of(double simulated, double published, double rounding, double se) {
  constexpr double slack = 1e-12;  // of decimal fractions in binary
  const double difference = simulated - published;
  const double excess = std::fabs(difference) - rounding;
  if (std::isnan(excess)) return not_known;
  if (excess <= slack * std::fabs(published)) return 0;
  return std::copysign(excess / se, difference);
}

/// Whether the scenario holds the figure itself, as the rate of a step; what
/// follows from several of its numbers is rounded by each of them.
bool is_held(const Published& published) {
  return published.is_input && (published.what == What::remission ||
                                published.what == What::intolerance ||
                                published.what == What::relapse);
}

BesidePublished beside(const Published& published, const Simulated& simulated) {
  const Bounds bounds = bounds_of_95(published.figure);
  BesidePublished row{};
  row.simulated = simulated.value;
  row.simulated_se = simulated.se;
  row.unit = simulated.unit;
  row.published = published.figure.value;
  row.published_se = standard_error(published.figure);
  row.published_low = bounds.low;
  row.published_high = bounds.high;
  const double own =
      std::isnan(simulated.se) ? 0 : std::max(simulated.se, simulated.least_se);
  row.z = z_of(row.simulated, row.published, published.rounding,
               std::hypot(own, is_held(published) ? 0 : row.published_se));
  return row;
}

}  // namespace

std::vector<BesidePublished> beside_published(const Scenario& scenario,
                                              const Tally& tally) {
  Run run(scenario, tally);
  std::vector<BesidePublished> rows;
  for (const Published& published : scenario.published) {
    rows.push_back(beside(published, run.figure(published)));
    if (tally.patients < 2) rows.back().z = not_known;  // no error is known
    rows.back().agrees = std::fabs(rows.back().z) <= errors_of_95;
  }
  return rows;
}

}  // namespace stardsim

#include "sim/analysis/probabilistic.hpp"

#include "sim/analysis/rates.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace stardsim {
namespace {

constexpr double not_known = std::numeric_limits<double>::quiet_NaN();
constexpr double tail = 0.025;

double square(double x) { return x * x; }

/// Sorted ones; between two of them on a straight line.
double quantile_of(const std::vector<double>& sorted, double probability) {
  const double at = probability * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] +
         (sorted[above] - sorted[below]) * (at - static_cast<double>(below));
}

double error_of_quantile(const std::vector<double>& sorted,
                         double probability) {
  const double error = std::sqrt(probability * (1 - probability) /
                                 static_cast<double>(sorted.size()));
  const double low = std::max(probability - error, 0.0),
               high = std::min(probability + error, 1.0);
  return (quantile_of(sorted, high) - quantile_of(sorted, low)) / 2;
}

Comparison comparison_of(const Scenario& scenario, const Tally& tally) {
  return Comparison({run_outcomes(scenario, tally, 0, "", "")},
                    scenario.reference);
}

}  // namespace

// ---- what is kept ----

ProbabilisticRun::ProbabilisticRun(const Scenario& scenario,
                                   std::uint32_t the_draws,
                                   std::uint64_t the_patients,
                                   bool has_common_luck,
                                   std::vector<std::string> the_keys)
    : draws(the_draws),
      patients(the_patients),
      common_luck(has_common_luck),
      reference(scenario.reference),
      measures(measures_of(scenario)),
      decision(decision_measures(scenario, measures)),
      weeks(std::size_t{scenario.horizon} + 1),
      keys(std::move(the_keys)) {
  for (const Pathway& pathway : scenario.pathways)
    pathways.push_back(pathway.name);
  if (scenario.economics && decision.effect != no_measure) {
    for (const Perspective& one : scenario.economics->perspectives)
      perspectives.push_back(one.name);
    perspective = scenario.economics->perspective;
  } else {
    decision.costs.clear();
  }
  const std::size_t figures = draws * pathways.size() * measures.size();
  mean.resize(figures);
  se.resize(figures);
  difference_se.resize(figures);
  decision_covariance.resize(draws * perspectives.size() * quantities() *
                             quantities());
  remitted.resize(draws * pathways.size() * estimand_count * weeks);
  parameters.resize(draws * keys.size());
  was_cut.resize(draws);
}

double bytes_of_draws(const Scenario& scenario, std::size_t keys,
                      std::uint32_t draws) {
  const ProbabilisticRun one(scenario, 1, 1, false,
                             std::vector<std::string>(keys));
  return static_cast<double>(draws) *
         static_cast<double>(sizeof(double) *
                                 (one.mean.size() + one.se.size() +
                                  one.difference_se.size() +
                                  one.decision_covariance.size() + keys) +
                             sizeof(std::uint32_t) * one.remitted.size());
}

std::uint32_t ProbabilisticRun::cut_draws() const {
  return static_cast<std::uint32_t>(
      std::count(was_cut.begin(), was_cut.end(), std::uint8_t{1}));
}

void ProbabilisticRun::set_parameters(std::uint32_t draw,
                                      const std::vector<double>& values,
                                      bool had_to_be_cut) {
  std::copy(values.begin(), values.end(),
            parameters.begin() +
                static_cast<std::ptrdiff_t>((draw - 1) * keys.size()));
  was_cut[draw - 1] = had_to_be_cut ? 1 : 0;
}

void ProbabilisticRun::take(std::uint32_t draw, const Scenario& scenario,
                            const Tally& tally) {
  const Comparison comparison = comparison_of(scenario, tally);
  for (std::size_t p = 0; p < pathways.size(); ++p)
    for (std::size_t m = 0; m < measures.size(); ++m) {
      const Estimate estimate = comparison.outcome(p, m);
      const std::size_t at = place(draw, p, m);
      mean[at] = estimate.mean;
      se[at] = estimate.se;
      difference_se[at] =
          p == reference ? 0 : comparison.difference(p, reference, m).se;
    }
  const std::size_t count = pathways.size(), all = quantities();
  for (std::size_t v = 0; v < perspectives.size(); ++v) {
    double* covariance =
        &decision_covariance[((draw - 1) * perspectives.size() + v) * all *
                             all];
    const auto measure = [&](std::size_t q) {
      return q < count ? decision.costs[v] : decision.effect;
    };
    for (std::size_t q = 0; q < all; ++q)
      for (std::size_t r = 0; r <= q; ++r)
        covariance[q * all + r] = covariance[r * all + q] =
            comparison.covariance(q % count, measure(q), r % count, measure(r));
  }
  for (std::size_t p = 0; p < pathways.size(); ++p)
    for (std::size_t e = 0; e < estimand_count; ++e) {
      const PathwayTally& counted = tally.pathways[p];
      const auto by_week = remitted_by_week<std::uint64_t>(
          static_cast<Estimand>(e), counted.course, counted.later);
      std::uint32_t* to = &remitted[curve_place(draw, p, e)];
      for (std::size_t w = 0; w < weeks; ++w)
        to[w] = static_cast<std::uint32_t>(by_week[w]);
    }
}

// ---- what it comes to ----

CredibleSpread spread_of(std::vector<double> values, double within) {
  const auto count = static_cast<double>(values.size());
  const double mean =
      std::accumulate(values.begin(), values.end(), 0.0) / count;
  CredibleSpread spread{mean,      not_known, not_known, not_known,
                        not_known, not_known, not_known, not_known,
                        not_known, not_known, not_known};
  if (values.size() < 2) return spread;
  double squares = 0;
  for (const double value : values) squares += square(value - mean);
  const double total = squares / (count - 1);
  spread.sd_naive = std::sqrt(total);
  spread.mean_se = std::sqrt(total / count);
  std::sort(values.begin(), values.end());
  spread.low_naive = quantile_of(values, tail);
  spread.high_naive = quantile_of(values, 1 - tail);
  spread.luck_share = total > 0 ? std::min(within / total, 1.0) : 0;
  const double of_parameters = total - within;
  // Of a variance, as of normal values.
  const double total_se = total * std::sqrt(2 / (count - 1));
  if (within > 0 && of_parameters < total_se) return spread;
  const double scale = total > 0 ? std::sqrt(of_parameters / total) : 1;
  // Of the scale, by that of the variance.
  const double scale_se =
      within > 0 ? within * total_se / (2 * scale * total * total) : 0;
  spread.sd = std::sqrt(of_parameters);
  const auto end = [&](double naive, double naive_se, double& at,
                       double& error) {
    at = mean + scale * (naive - mean);
    error = std::hypot(scale * naive_se, scale_se * (naive - mean));
  };
  end(spread.low_naive, error_of_quantile(values, tail), spread.low,
      spread.low_se);
  end(spread.high_naive, error_of_quantile(values, 1 - tail), spread.high,
      spread.high_se);
  return spread;
}

StatedOutcomes stated_outcomes(const Scenario& scenario, const Tally& tally,
                               const Expectation* exact) {
  const Comparison comparison = comparison_of(scenario, tally);
  StatedOutcomes stated;
  for (std::size_t p = 0; p < scenario.pathways.size(); ++p)
    for (std::size_t m = 0; m < comparison.measures().size(); ++m) {
      const Estimate estimate = comparison.outcome(p, m);
      const Difference difference =
          comparison.difference(p, scenario.reference, m);
      stated.mean.push_back(estimate.mean);
      stated.se.push_back(estimate.se);
      stated.difference.push_back(p == scenario.reference ? 0
                                                          : difference.mean);
      stated.difference_se.push_back(p == scenario.reference ? 0
                                                             : difference.se);
    }
  if (!exact) return stated;
  // In the order of the estimands, the first measures of all.
  const std::size_t measures = comparison.measures().size();
  const auto at_horizon = [&](std::size_t p, std::size_t e) {
    const PathwayExpectation& pathway = exact->pathways[p];
    return remitted_by_week(static_cast<Estimand>(e), pathway.course,
                            pathway.later)
        .back();
  };
  for (std::size_t p = 0; p < scenario.pathways.size(); ++p)
    for (std::size_t e = 0; e < estimand_count; ++e) {
      const std::size_t at = p * measures + e;
      stated.mean[at] = at_horizon(p, e);
      stated.difference[at] =
          stated.mean[at] - at_horizon(scenario.reference, e);
      stated.se[at] = stated.difference_se[at] = 0;
    }
  return stated;
}

namespace {

UncertainOutcome uncertain(CredibleSpread spread, double stated,
                           double stated_se) {
  return {spread, stated, spread.mean - stated,
          std::sqrt(square(spread.mean_se) + square(stated_se))};
}

// Of values[draw - 1] and their standard errors within a draw.
class OverDraws {
 public:
  explicit OverDraws(const ProbabilisticRun& run) : run_(run) {}

  template <class Value, class Variance>
  CredibleSpread spread(const Value& value, const Variance& variance) const {
    std::vector<double> values;
    values.reserve(run_.draws);
    double within = 0;
    for (std::uint32_t draw = 1; draw <= run_.draws; ++draw) {
      values.push_back(value(draw));
      const double one = run_.common_luck ? 0 : variance(draw);
      if (!std::isnan(one)) within += one;
    }
    CredibleSpread made = spread_of(std::move(values), within / run_.draws);
    if (run_.common_luck) made.luck_share = not_known;
    return made;
  }

 private:
  const ProbabilisticRun& run_;
};

CredibleBand band_of(const ProbabilisticRun& run, std::size_t pathway,
                     std::size_t estimand) {
  const OverDraws draws(run);
  const auto patients = static_cast<double>(run.patients);
  CredibleBand band;
  for (std::size_t w = 0; w < run.weeks; ++w) {
    const auto share = [&](std::uint32_t draw) {
      return run.remitted[run.curve_place(draw, pathway, estimand) + w] /
             patients;
    };
    const CredibleSpread spread = draws.spread(share, [&](std::uint32_t draw) {
      return share(draw) * (1 - share(draw)) / std::max(patients - 1, 1.0);
    });
    // A band has no gaps: where it cannot be told it is as wide as it might be.
    const double widest = std::pow(2 / (run.draws - 1.0), 0.25);
    const auto end = [&](double told, double naive) {
      return std::isnan(told) ? spread.mean + widest * (naive - spread.mean)
                              : told;
    };
    band.mean.push_back(spread.mean);
    band.low.push_back(end(spread.low, spread.low_naive));
    band.high.push_back(end(spread.high, spread.high_naive));
    band.low_naive.push_back(spread.low_naive);
    band.high_naive.push_back(spread.high_naive);
  }
  return band;
}

}  // namespace

ProbabilisticSummary summarise(const ProbabilisticRun& run,
                               const StatedOutcomes& stated) {
  const OverDraws draws(run);
  ProbabilisticSummary summary;
  for (std::size_t p = 0; p < run.pathways.size(); ++p)
    for (std::size_t m = 0; m < run.measures.size(); ++m) {
      const auto mean_of = [&](std::uint32_t draw) {
        return run.mean[run.place(draw, p, m)];
      };
      const std::size_t at = p * run.measures.size() + m;
      summary.outcomes.push_back(
          uncertain(draws.spread(mean_of,
                                 [&](std::uint32_t draw) {
                                   return square(run.se[run.place(draw, p, m)]);
                                 }),
                    stated.mean[at], stated.se[at]));
      summary.differences.push_back(uncertain(
          draws.spread(
              [&](std::uint32_t draw) {
                return mean_of(draw) -
                       run.mean[run.place(draw, run.reference, m)];
              },
              [&](std::uint32_t draw) {
                return square(run.difference_se[run.place(draw, p, m)]);
              }),
          stated.difference[at], stated.difference_se[at]));
    }
  for (std::size_t p = 0; p < run.pathways.size(); ++p)
    for (std::size_t e = 0; e < estimand_count; ++e)
      summary.bands.push_back(band_of(run, p, e));
  for (std::size_t k = 0; k < run.keys.size(); ++k) {
    std::vector<double> values;
    for (std::uint32_t draw = 1; draw <= run.draws; ++draw)
      values.push_back(run.parameters[(draw - 1) * run.keys.size() + k]);
    summary.parameters.push_back(spread_of(std::move(values), 0));
  }
  return summary;
}

DecisionDraws decision_draws(const ProbabilisticRun& run,
                             std::size_t perspective) {
  const auto draws = static_cast<Eigen::Index>(run.draws);
  const auto strategies = static_cast<Eigen::Index>(run.pathways.size());
  const auto all = static_cast<Eigen::Index>(run.quantities());
  const auto keys = static_cast<Eigen::Index>(run.keys.size());
  DecisionDraws made;
  made.strategies = run.pathways;
  made.reference = run.reference;
  made.patients = run.patients;
  made.keys = run.keys;
  made.cost.resize(draws, strategies);
  made.effect.resize(draws, strategies);
  made.noise = Eigen::MatrixXd::Zero(all, all);
  made.parameters.resize(draws, keys);
  using RowMajor =
      Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  for (Eigen::Index d = 0; d < draws; ++d) {
    const auto draw = static_cast<std::uint32_t>(d + 1);
    for (Eigen::Index p = 0; p < strategies; ++p) {
      const auto pathway = static_cast<std::size_t>(p);
      made.cost(d, p) =
          run.mean[run.place(draw, pathway, run.decision.costs[perspective])];
      made.effect(d, p) =
          run.mean[run.place(draw, pathway, run.decision.effect)];
    }
    const std::size_t at =
        static_cast<std::size_t>(d) * run.perspectives.size() + perspective;
    if (!run.common_luck)
      made.noise += Eigen::Map<const RowMajor>(
          &run.decision_covariance[at * run.quantities() * run.quantities()],
          all, all);
    for (Eigen::Index k = 0; k < keys; ++k)
      made.parameters(d, k) =
          run.parameters[static_cast<std::size_t>(d * keys + k)];
  }
  made.noise /= static_cast<double>(run.draws);
  return made;
}

}  // namespace stardsim

#include "sim/analysis/probabilistic.hpp"

#include "sim/analysis/rates.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
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

// ---- the parts of a row ----

RowLayout layout_of(const ProbabilisticRun& run) {
  RowLayout layout;
  const auto place = [&layout](std::size_t values, std::size_t of_size) {
    const std::size_t at = layout.size;
    layout.size += values * of_size;
    return at;
  };
  layout.mean = place(run.figures(), sizeof(double));
  layout.se = place(run.figures(), sizeof(double));
  layout.difference_se = place(run.figures(), sizeof(double));
  layout.decision_covariance = place(run.covariances(), sizeof(double));
  layout.parameters = place(run.keys.size(), sizeof(double));
  layout.remitted = place(run.curve_weeks(), sizeof(std::uint32_t));
  layout.was_cut = place(1, sizeof(std::uint32_t));
  return layout;
}

/// [pathway][measure].
struct Means {
  std::vector<double> mean, se, difference_se;
};

Means means_of(const ProbabilisticRun& run, const Comparison& comparison) {
  Means means;
  for (std::size_t p = 0; p < run.pathways.size(); ++p)
    for (std::size_t m = 0; m < run.measures.size(); ++m) {
      const Estimate estimate = comparison.outcome(p, m);
      means.mean.push_back(estimate.mean);
      means.se.push_back(estimate.se);
      means.difference_se.push_back(
          p == run.reference ? 0
                             : comparison.difference(p, run.reference, m).se);
    }
  return means;
}

std::vector<double> covariances_of(const ProbabilisticRun& run,
                                   const Comparison& comparison) {
  const std::size_t count = run.pathways.size(), all = run.quantities();
  std::vector<double> covariances(run.covariances());
  for (std::size_t v = 0; v < run.perspectives.size(); ++v) {
    double* covariance = &covariances[v * all * all];
    const auto measure = [&](std::size_t q) {
      return q < count ? run.decision.costs[v] : run.decision.effect;
    };
    for (std::size_t q = 0; q < all; ++q)
      for (std::size_t r = 0; r <= q; ++r)
        covariance[q * all + r] = covariance[r * all + q] =
            comparison.covariance(q % count, measure(q), r % count, measure(r));
  }
  return covariances;
}

std::vector<std::uint32_t> remitted_of(const ProbabilisticRun& run,
                                       const Tally& tally) {
  std::vector<std::uint32_t> remitted;
  remitted.reserve(run.curve_weeks());
  for (const PathwayTally& counted : tally.pathways)
    for (std::size_t e = 0; e < estimand_count; ++e) {
      const auto by_week = remitted_by_week<std::uint64_t>(
          static_cast<Estimand>(e), counted.course, counted.later);
      for (std::size_t w = 0; w < run.weeks; ++w)
        remitted.push_back(static_cast<std::uint32_t>(by_week[w]));
    }
  return remitted;
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
  layout = layout_of(*this);
}

std::vector<std::byte> ProbabilisticRun::row(
    const std::vector<double>& parameter_values, bool had_to_be_cut,
    const Scenario& scenario, const Tally& tally) const {
  std::vector<std::byte> made(layout.size);
  const auto put = [&made](std::size_t at, const auto& values) {
    if (!values.empty())
      std::memcpy(&made[at], values.data(), values.size() * sizeof(values[0]));
  };
  const Comparison comparison = comparison_of(scenario, tally);
  const Means means = means_of(*this, comparison);
  put(layout.mean, means.mean);
  put(layout.se, means.se);
  put(layout.difference_se, means.difference_se);
  put(layout.decision_covariance, covariances_of(*this, comparison));
  put(layout.parameters, parameter_values);
  put(layout.remitted, remitted_of(*this, tally));
  put(layout.was_cut, std::vector<std::uint32_t>{had_to_be_cut});
  return made;
}

double bytes_to_decide(const ProbabilisticRun& run) {
  if (run.perspectives.empty() || run.pathways.size() < 2) return 0;
  // Costs, effects and parameters, once more as they are regressed, and the
  // functions of a smoother (smoother.hpp).
  constexpr std::size_t most_functions = 100;
  const std::size_t of_draw = 2 * (run.quantities() + run.keys.size()) +
                              2 * std::max(most_functions, run.keys.size() + 1);
  return static_cast<double>(run.draws) *
         static_cast<double>(of_draw * sizeof(double));
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

// One column of a block of values of all draws: [draw - 1].
template <class Value>
class Block {
 public:
  Block(const ProbabilisticRun& run, const DrawRows& rows, std::size_t part,
        std::size_t first, std::size_t count)
      : count_(count),
        values_(values_of_rows<Value>(rows, 1, run.draws,
                                      part + first * sizeof(Value), count)) {}

  double at(std::size_t draw, std::size_t column) const {
    return values_[draw * count_ + column];
  }

 private:
  std::size_t count_;
  std::vector<Value> values_;
};

/// Calls `deed(first, count)` for columns 0 to `columns` - 1, so many at a time
/// as may be read at once, of `bytes` bytes in a row each.
template <class Deed>
void in_blocks(const ProbabilisticRun& run, std::size_t columns,
               std::size_t bytes, const Deed& deed) {
  const std::size_t most =
      std::max<std::size_t>(most_read_at_once / (run.draws * bytes), 1);
  for (std::size_t first = 0; first < columns; first += most)
    deed(first, std::min(most, columns - first));
}

/// `value` and `variance`, by luck, of a draw counted from 0.
template <class Value, class Variance>
CredibleSpread spread_over(const ProbabilisticRun& run, const Value& value,
                           const Variance& variance) {
  std::vector<double> values;
  values.reserve(run.draws);
  double within = 0;
  for (std::size_t draw = 0; draw < run.draws; ++draw) {
    values.push_back(value(draw));
    const double one = run.common_luck ? 0 : variance(draw);
    if (!std::isnan(one)) within += one;
  }
  CredibleSpread made = spread_of(std::move(values), within / run.draws);
  if (run.common_luck) made.luck_share = not_known;
  return made;
}

void add_outcomes(ProbabilisticSummary& summary, const ProbabilisticRun& run,
                  const DrawRows& rows, const StatedOutcomes& stated,
                  std::size_t pathway) {
  const std::size_t measures = run.measures.size();
  constexpr std::size_t parts = 4;
  in_blocks(
      run, measures, parts * sizeof(double),
      [&](std::size_t first, std::size_t count) {
        const auto read = [&](std::size_t part, std::size_t of) {
          return Block<double>(run, rows, part, of * measures + first, count);
        };
        const RowLayout& at = run.layout;
        const auto mean = read(at.mean, pathway), se = read(at.se, pathway),
                   difference_se = read(at.difference_se, pathway),
                   reference = read(at.mean, run.reference);
        for (std::size_t c = 0; c < count; ++c) {
          const std::size_t i = pathway * measures + first + c;
          summary.outcomes.push_back(uncertain(
              spread_over(
                  run, [&](std::size_t draw) { return mean.at(draw, c); },
                  [&](std::size_t draw) { return square(se.at(draw, c)); }),
              stated.mean[i], stated.se[i]));
          summary.differences.push_back(
              uncertain(spread_over(
                            run,
                            [&](std::size_t draw) {
                              return mean.at(draw, c) - reference.at(draw, c);
                            },
                            [&](std::size_t draw) {
                              return square(difference_se.at(draw, c));
                            }),
                        stated.difference[i], stated.difference_se[i]));
        }
      });
}

// `remitted(draw)`: patients in remission by the end of the week.
template <class Remitted>
void add_week(CredibleBand& band, const ProbabilisticRun& run,
              const Remitted& remitted) {
  const auto patients = static_cast<double>(run.patients);
  const auto share = [&](std::size_t draw) {
    return remitted(draw) / patients;
  };
  const CredibleSpread spread = spread_over(run, share, [&](std::size_t draw) {
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

std::vector<CredibleBand> bands_of(const ProbabilisticRun& run,
                                   const DrawRows& rows) {
  std::vector<CredibleBand> bands(run.pathways.size() * estimand_count);
  in_blocks(run, run.curve_weeks(), sizeof(std::uint32_t),
            [&](std::size_t first, std::size_t count) {
              const Block<std::uint32_t> counts(run, rows, run.layout.remitted,
                                                first, count);
              for (std::size_t c = 0; c < count; ++c)
                add_week(bands[(first + c) / run.weeks], run,
                         [&](std::size_t draw) { return counts.at(draw, c); });
            });
  return bands;
}

std::vector<CredibleSpread> parameters_of(const ProbabilisticRun& run,
                                          const DrawRows& rows) {
  std::vector<CredibleSpread> spreads;
  in_blocks(run, run.keys.size(), sizeof(double),
            [&](std::size_t first, std::size_t count) {
              const Block<double> block(run, rows, run.layout.parameters, first,
                                        count);
              for (std::size_t c = 0; c < count; ++c) {
                std::vector<double> values;
                for (std::size_t draw = 0; draw < run.draws; ++draw)
                  values.push_back(block.at(draw, c));
                spreads.push_back(spread_of(std::move(values), 0));
              }
            });
  return spreads;
}

}  // namespace

ProbabilisticSummary summarise(const ProbabilisticRun& run,
                               const DrawRows& rows,
                               const StatedOutcomes& stated) {
  ProbabilisticSummary summary;
  for (std::size_t p = 0; p < run.pathways.size(); ++p)
    add_outcomes(summary, run, rows, stated, p);
  summary.bands = bands_of(run, rows);
  summary.parameters = parameters_of(run, rows);
  for (std::uint32_t draw = 1; draw <= run.draws; ++draw)
    summary.cut_draws +=
        values_of_rows<std::uint32_t>(rows, draw, 1, run.layout.was_cut, 1)[0];
  return summary;
}

DecisionDraws decision_draws(const ProbabilisticRun& run, const DrawRows& rows,
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
  const std::size_t covariances = run.quantities() * run.quantities();
  for (Eigen::Index d = 0; d < draws; ++d) {
    const auto read = [&](std::size_t part, std::size_t count) {
      return values_of_rows<double>(rows, static_cast<std::uint32_t>(d + 1), 1,
                                    part, count);
    };
    const auto mean = read(run.layout.mean, run.figures());
    for (Eigen::Index p = 0; p < strategies; ++p) {
      const double* of =
          &mean[static_cast<std::size_t>(p) * run.measures.size()];
      made.cost(d, p) = of[run.decision.costs[perspective]];
      made.effect(d, p) = of[run.decision.effect];
    }
    const auto covariance = read(run.layout.decision_covariance +
                                     perspective * covariances * sizeof(double),
                                 covariances);
    if (!run.common_luck)
      made.noise += Eigen::Map<const RowMajor>(covariance.data(), all, all);
    made.parameters.row(d) = Eigen::Map<const Eigen::RowVectorXd>(
        read(run.layout.parameters, run.keys.size()).data(), keys);
  }
  made.noise /= static_cast<double>(run.draws);
  return made;
}

}  // namespace stardsim

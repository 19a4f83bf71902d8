// What is kept of a probabilistic sensitivity analysis, draw by draw, and what
// it comes to: means, spreads and 95 % credible intervals of outcomes and
// curves under the uncertainty of the scenario's numbers.
//
// A draw is a finite cohort, so that draws differ by luck as well as by their
// parameters: Var(draws) = parameter variance + mean variance within a draw.
// What is called corrected is freed of luck: the parameter variance is the
// difference (0 where that is negative), and draws are drawn towards their mean
// by sqrt(parameter variance / Var(draws)) before quantiles are read off
// (O'Hagan, Stevenson & Madan 2007, Health Econ 16:1009-23). Naive figures are
// read off the draws as they are. Where luck is common to all draws, how much
// of their variance it moves cannot be told: both are then the same.
//
// Quantiles are those of Hyndman & Fan 1996 (Am Stat 50:361-5), definition 7.
#pragma once

#include "models/exact.hpp"
#include "models/scenario.hpp"
#include "sim/analysis/comparison.hpp"
#include "sim/analysis/decision_draws.hpp"
#include "sim/analysis/draw_rows.hpp"
#include "sim/core/tally.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace stardsim {

/// Patients of a draw are counted in 32 bits.
inline constexpr std::uint64_t most_draw_patients = 4'000'000'000;

/// Where the parts of a draw's row are, in bytes from its begin.
struct RowLayout {
  /// double [pathway][measure]: means over patients, their standard errors
  /// within the draw, and those of the difference from the reference pathway.
  std::size_t mean = 0, se = 0, difference_se = 0;
  /// double [perspective][quantity][quantity]: of the means of costs, by
  /// pathway, then of QALYs, by pathway, within the draw.
  std::size_t decision_covariance = 0;
  std::size_t parameters = 0;  ///< double [key]
  /// std::uint32_t [pathway][estimand][week]: patients in remission.
  std::size_t remitted = 0;
  std::size_t was_cut = 0;  ///< std::uint32_t, 0 or 1: ParameterDraws
  std::size_t size = 0;     ///< of the whole row
};

/// Draws 1 to N of a scenario: what a row of them holds. The rows themselves
/// are kept elsewhere (draw_rows.hpp).
struct ProbabilisticRun {
  std::uint32_t draws = 0;
  std::uint64_t patients = 0;  ///< of each
  bool common_luck = false;
  std::vector<std::string> pathways;
  std::size_t reference = 0;
  std::vector<Measure> measures;
  DecisionMeasures decision;  ///< in measures; no costs without QALYs
  std::vector<std::string> perspectives;
  std::size_t perspective = 0;
  std::size_t weeks = 0;  ///< of curves: the horizon and 1
  std::vector<std::string> keys;
  RowLayout layout;

  std::size_t quantities() const { return 2 * pathways.size(); }
  std::size_t figures() const { return pathways.size() * measures.size(); }
  std::size_t covariances() const {
    return perspectives.size() * quantities() * quantities();
  }
  std::size_t curve_weeks() const {
    return pathways.size() * estimand_count * weeks;
  }

  ProbabilisticRun() = default;
  /// Requires draws >= 1 and 1 to most_draw_patients patients.
  ProbabilisticRun(const Scenario&, std::uint32_t draws, std::uint64_t patients,
                   bool common_luck, std::vector<std::string> keys);

  /// What is kept of a draw with these values of `keys`. May be called by
  /// several threads at once; equal input gives equal bytes.
  std::vector<std::byte> row(const std::vector<double>& parameter_values,
                             bool had_to_be_cut, const Scenario&,
                             const Tally&) const;
};

/// Of so many bytes at a time, or of one column if that is more, are the rows
/// of all draws read.
inline constexpr std::size_t most_read_at_once = 64 << 20;

/// What decision_draws() and the regressions on it keep in memory at once, in
/// bytes; 0 where there is nothing to decide.
double bytes_to_decide(const ProbabilisticRun&);

/// How a figure varies over draws.
struct CredibleSpread {
  double mean;
  double sd, low, high;  ///< corrected; low and high are of 95 %
  double sd_naive, low_naive, high_naive;
  double mean_se;  ///< of finite numbers of draws and patients
  /// Standard errors of low and high for the finite number of draws: of the
  /// quantiles half the distance of the order statistics one binomial standard
  /// error to either side, scaled as the draws; and of the scale itself, with
  /// the variance of draws known to a factor of sqrt(2 / (draws - 1)).
  double low_se, high_se;
  double luck_share;  ///< of the variance between draws; 0 to 1, NaN: unknown
};

/// `values` in any order; `within`: the mean variance of one of them by luck.
/// With fewer than two values all but the mean are NaN. What is corrected is
/// NaN where luck makes all the spread or so nearly that the rest is less than
/// its standard error: it cannot be told.
CredibleSpread spread_of(std::vector<double> values, double within);

/// What the scenario's own numbers give, to compare the mean of draws with.
struct StatedOutcomes {
  /// [pathway][measure], with Monte Carlo standard errors; 0: exact.
  std::vector<double> mean, se, difference, difference_se;
};

/// Of the run; exact where the twin tells it (remission by the horizon).
StatedOutcomes stated_outcomes(const Scenario&, const Tally&,
                               const Expectation* exact);

/// An outcome of one pathway, or its difference from the reference.
struct UncertainOutcome {
  CredibleSpread spread;
  double stated;
  /// Mean of draws - stated, and its standard error: the gap of Jensen's
  /// inequality, which a mean over uncertain numbers has wherever the outcome
  /// is not linear in them.
  double gap, gap_se;
};

/// 95 % bands of one curve, by week.
struct CredibleBand {
  std::vector<double> mean, low, high, low_naive, high_naive;
};

struct ProbabilisticSummary {
  std::vector<UncertainOutcome> outcomes, differences;  ///< [pathway][measure]
  std::vector<CredibleBand> bands;                      ///< [pathway][estimand]
  std::vector<CredibleSpread> parameters;               ///< by key
  std::uint32_t cut_draws = 0;
};

/// Requires the rows of all draws, as the next.
ProbabilisticSummary summarise(const ProbabilisticRun&, const DrawRows&,
                               const StatedOutcomes&);

/// Of one perspective. Requires that the run has it.
DecisionDraws decision_draws(const ProbabilisticRun&, const DrawRows&,
                             std::size_t perspective);

}  // namespace stardsim

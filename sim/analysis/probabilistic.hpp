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
#include "sim/core/tally.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace stardsim {

/// Patients of a draw are counted in 32 bits.
inline constexpr std::uint64_t most_draw_patients = 4'000'000'000;

/// Draws 1 to N of a scenario, as they were counted.
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

  /// [draw - 1][pathway][measure]: means over patients, their standard errors
  /// within the draw, and those of the difference from the reference pathway.
  std::vector<double> mean, se, difference_se;
  /// [draw - 1][perspective][quantity][quantity]: of the means of costs, by
  /// pathway, then of QALYs, by pathway, within the draw.
  std::vector<double> decision_covariance;
  /// [draw - 1][pathway][estimand][week]: patients in remission.
  std::vector<std::uint32_t> remitted;
  std::vector<double> parameters;     ///< [draw - 1][key]
  std::vector<std::uint8_t> was_cut;  ///< [draw - 1]: ParameterDraws
  std::uint32_t cut_draws() const;

  std::size_t quantities() const { return 2 * pathways.size(); }
  std::size_t place(std::uint32_t draw, std::size_t pathway,
                    std::size_t measure) const {
    return ((draw - 1) * pathways.size() + pathway) * measures.size() + measure;
  }
  std::size_t curve_place(std::uint32_t draw, std::size_t pathway,
                          std::size_t estimand) const {
    return (((draw - 1) * pathways.size() + pathway) * estimand_count +
            estimand) *
           weeks;
  }

  ProbabilisticRun() = default;
  /// Room for draws of this scenario. Requires draws >= 1 and 1 to
  /// most_draw_patients patients.
  ProbabilisticRun(const Scenario&, std::uint32_t draws, std::uint64_t patients,
                   bool common_luck, std::vector<std::string> keys);

  /// Each draw once; different draws may be set by several threads at once.
  void set_parameters(std::uint32_t draw, const std::vector<double>& values,
                      bool had_to_be_cut);
  void take(std::uint32_t draw, const Scenario&, const Tally&);
};

/// What a ProbabilisticRun keeps, in bytes.
double bytes_of_draws(const Scenario&, std::size_t keys, std::uint32_t draws);

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
};

ProbabilisticSummary summarise(const ProbabilisticRun&, const StatedOutcomes&);

/// Of one perspective. Requires that the run has it.
DecisionDraws decision_draws(const ProbabilisticRun&, std::size_t perspective);

}  // namespace stardsim

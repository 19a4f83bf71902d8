// Pathways compared: outcomes and paired differences. Errors are Monte Carlo
// errors: of simulating a finite cohort, not the uncertainty of the scenario's
// numbers.
#pragma once

#include "models/measure.hpp"
#include "sim/core/outcomes.hpp"
#include "sim/core/tally.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace stardsim {

/// A difference is clear, and an interval is one of 95 %, at so many standard
/// errors.
inline constexpr double errors_of_95 = 1.96;

/// A mean over patients, the standard deviation between them, and the standard
/// error of the mean; NaN without patients, the latter two with fewer than two.
struct Estimate {
  double mean, sd, se;
};

/// Of one pathway less another.
struct Difference {
  double mean, se;
  double unpaired_se;  ///< as if the two had been simulated apart
  /// 1 - se^2 / unpaired_se^2: the part of the variance that pairing removed;
  /// NaN if there is none.
  double variance_removed;
  /// Patients in whom the two differ; none where that was not counted.
  std::optional<std::uint64_t> differing;
  bool paired = true;
};

/// One pathway, of this run or of another.
struct Strategy {
  std::string name;     ///< of the pathway; with several runs, RUN/PATHWAY
  std::size_t run;      ///< index of the run
  std::size_t pathway;  ///< in that run
};

/// What was counted in one run, of scenario or of a result file.
struct RunOutcomes {
  std::string name;
  std::vector<std::string> pathways;
  std::size_t reference;
  std::vector<Measure> measures;
  DecisionMeasures decision;
  std::vector<std::string> perspectives;  ///< names, by DecisionMeasures::costs
  std::size_t perspective = 0;
  /// "payer: drug, care; society: ...": what each counts; "": not known.
  std::string perspective_kinds;
  std::vector<double> thresholds;
  std::uint64_t patients, seed;
  std::string cohort_sha256;  ///< equal: the same patients
  std::string currency;       ///< "" without economics
  std::uint32_t price_year = 0;
  std::uint32_t horizon = 0;  ///< weeks; 0: not known
  struct Discounting {
    std::string form;  ///< "": not known
    double costs = 0, effects = 0;
    bool operator==(const Discounting&) const = default;
  } discounting;
  Outcomes outcomes;
};

/// Of what a run counted. Without economics the outcomes are the first three
/// measures, by batch alone.
RunOutcomes run_outcomes(const Scenario&, const Tally&, std::uint64_t seed,
                         std::string name, std::string cohort_sha256);

/// The mean of a measure on one strategy or, with `less`, its difference from
/// that on another.
struct Contrast {
  std::size_t measure, strategy;
  std::optional<std::size_t> less;
};

/// Means, variances and covariances of strategies of one run or several. They
/// are exact where the run kept the sums of products (each measure with itself,
/// costs of perspectives with the effect; a 0/1 measure of one strategy needs
/// none), else from the sums of 256 batches, with 255 degrees of freedom.
class Comparison {
 public:
  /// The reference is a strategy by its index. Patients are paired within a run
  /// by their cross-products, and between runs by the sums of the 256 batches
  /// where seed, patients and cohort are the same; the patients of a run are
  /// taken to be the first ones of the cohort. Throws std::invalid_argument in
  /// one line for different currencies or price years, or measures that cannot
  /// be compared.
  Comparison(std::vector<RunOutcomes>, std::size_t reference);

  const std::vector<Strategy>& strategies() const { return strategies_; }
  std::size_t reference() const { return reference_; }
  /// Those that all runs have, in the order of the first.
  const std::vector<Measure>& measures() const { return measures_; }
  const std::vector<RunOutcomes>& runs() const { return runs_; }
  /// In measures(). What not all runs have is left out.
  const DecisionMeasures& decision() const { return decision_; }
  /// Names, by DecisionMeasures::costs, and the one reported first.
  const std::vector<std::string>& perspectives() const { return perspectives_; }
  std::size_t perspective() const { return perspective_; }

  Estimate outcome(std::size_t strategy, std::size_t measure) const;
  Difference difference(std::size_t strategy, std::size_t from,
                        std::size_t measure) const;
  double mean(const Contrast&) const;
  /// NaN with fewer than two patients, or where the runs kept too little; 0
  /// between runs that are not paired.
  double covariance(const Contrast&, const Contrast&) const;
  /// Of the means of two measures of two strategies.
  double covariance(std::size_t strategy, std::size_t measure,
                    std::size_t other_strategy,
                    std::size_t other_measure) const;
  /// Whether the two were simulated on the same patients with the same luck,
  /// and that can still be used.
  bool is_paired(std::size_t strategy, std::size_t other) const;

  /// The sum over batches of the absolute differences of their sums, in quanta:
  /// of a 0/1 measure, no more than the patients in whom the two differ. None
  /// where they are not paired by batches.
  std::optional<std::uint64_t> differing_by_batch(std::size_t strategy,
                                                  std::size_t from,
                                                  std::size_t measure) const;
  /// Of the batch sums about their mean; NaN without them, or if all are alike.
  double batch_skewness(const Contrast&) const;

 private:
  /// Where a mean is found, and whether it is added or taken away.
  struct Place {
    std::size_t run, pathway, measure;
    bool is_less;
  };
  using Places = std::vector<Place>;

  Places places(const Contrast&) const;
  bool are_paired(const Place&, const Place&) const;
  SignedWide sum(const Place&) const;
  std::optional<SignedWide> product_sum(const Place&, const Place&) const;
  /// By batch: its sum less what it would be if all were alike. None where they
  /// are not paired by batches.
  std::optional<std::vector<long double>> batch_deviations(const Places&) const;
  std::optional<double> exact_covariance(const Places&, const Places&) const;
  std::optional<double> batch_covariance(const Places&, const Places&) const;

  std::vector<RunOutcomes> runs_;
  std::vector<Strategy> strategies_;
  std::size_t reference_;
  std::vector<Measure> measures_;
  DecisionMeasures decision_;
  std::vector<std::string> perspectives_;
  std::size_t perspective_ = 0;
  /// [run][measure]: its place among those of the run.
  std::vector<std::vector<std::size_t>> measure_in_run_;
};

}  // namespace stardsim

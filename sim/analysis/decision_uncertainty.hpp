// How sure a decision is under the uncertainty of the scenario's numbers, and
// what it is worth to know them better: acceptability curves and frontier,
// expected loss, expected value of perfect information, of all numbers (EVPI)
// and of some (EVPPI), and how many patients a draw is worth.
//
// The net benefit of strategy s at threshold w, in draw d, is
// w * effect - cost, as mean over the draw's patients: what its parameters make
// of it, and luck. Luck spreads draws as uncertainty does, so that figures read
// off the draws take it for uncertainty: probabilities go towards equal ones,
// losses and values of information up. Here draws are first mapped linearly
// about their mean, so that their covariance is the total one less that of luck
// (first-order noise), which DecisionDraws::noise tells. Means do not change.
// That is exact where net benefits are normal, whatever the number of patients
// (O'Hagan, Stevenson & Madan 2007, Health Econ 16:1009-1023;
// Goldhaber-Fiebert, Jalal & Alarid-Escudero 2025, Med Decis Making 45;
// PMC12185039); else the shape that remains is that of uncertainty and luck
// together. Naive figures, as read off the draws, stand beside.
//
// Standard errors are of a finite number of draws (and patients) alone, by
// jackknife over groups of draws. One bias remains: the highest of several
// estimated means is too high on average, so values of information are too low
// where strategies are about equal on average, by at most 0.4 standard errors
// of the mean difference in net benefit (two strategies).
#pragma once

#include "models/uncertainty.hpp"
#include "sim/analysis/decision_draws.hpp"

#include <Eigen/Dense>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace stardsim {

/// In money per patient; 0 or more. Not a number where the draws cannot tell.
struct InformationValue {
  double value;  ///< corrected
  double se;     ///< of value
  double naive;  ///< not corrected
};

/// One strategy at one threshold.
struct StrategyStanding {
  double net_benefit;  ///< expected; money per patient
  double net_benefit_se;
  /// That it has the highest net benefit; equal ones share. They sum to 1.
  double probability_best, probability_best_se, probability_best_naive;
  /// What is lost on average by choosing it, not the best of each draw
  /// (Alarid-Escudero et al. 2019, Value Health 22:611-618). That of the best
  /// is the EVPI.
  double expected_loss, expected_loss_naive;
  /// Has the highest expected net benefit, and so is what a decision maker
  /// takes: the acceptability frontier is its probability_best (Fenwick,
  /// Claxton & Sculpher 2001, Health Econ 10:779-787), which need not be the
  /// highest one.
  bool on_frontier;
};

struct DecisionAtThreshold {
  double threshold;  ///< money per QALY
  std::vector<StrategyStanding> strategies;
  InformationValue evpi;
};

/// The expected value of perfect information about some of the parameters.
struct PartialInformation {
  std::string name, label;           ///< both the key for a single parameter
  std::size_t parameters;            ///< of those named, how many are drawn
  bool is_group;                     ///< named by the scenario
  std::vector<InformationValue> at;  ///< by threshold
};

/// Processor time; 0 where it is not known.
struct DrawCost {
  double seconds_per_draw = 0;  ///< whatever its patients: making its law
  double seconds_per_patient = 0;
};

/// Of the difference in net benefit between the best strategy and the next, by
/// expected net benefit: where its variance over draws comes from, and what
/// that asks of the numbers of draws and patients.
struct DrawDesign {
  double threshold;
  std::size_t best, next;
  double parameter_variance;      ///< that of the expected difference; money^2
  double patient_variance;        ///< of one patient, within a draw; money^2
  double luck_share;              ///< of the variance between draws; 0 to 1
  double patients_for_5_percent;  ///< of each draw: luck_share is then 0.05
  /// For a given time the mean difference is surest with so many of each draw:
  /// sqrt(patient variance * time of a draw / (parameter variance * time of a
  /// patient)) (O'Hagan, Stevenson & Madan 2007). At least 1; infinite without
  /// parameter variance, not a number where times are not known.
  double best_patients;
  double draws_in_same_time;  ///< with best_patients
};

/// All that is told of one perspective.
struct PerspectiveDecision {
  std::string perspective, money;  ///< "payer", "USD 2021"
  std::vector<std::string> strategies;
  std::size_t reference;
  std::uint64_t draws, patients;  ///< patients of each draw
  /// False where luck is common to all draws, or no variance in them is luck:
  /// then corrected and naive figures are the same.
  bool is_corrected;
  std::vector<DecisionAtThreshold> at;  ///< by threshold_grid()
  std::vector<double> stated;           ///< thresholds of what follows
  /// Named groups, then every parameter.
  std::vector<PartialInformation> information;
  /// None of a single strategy, or where luck is common.
  std::vector<DrawDesign> design;
};

/// 101 from 0 to twice the largest, evenly, and these themselves; ascending,
/// each once. Thresholds are 0 or more, one at least above 0; else empty.
std::vector<double> threshold_grid(const std::vector<double>& stated);

std::vector<DecisionAtThreshold> decisions_at(
    const DecisionDraws&, const std::vector<double>& thresholds);

/// EVPPI by regression of net benefits on the parameters (Strong, Oakley &
/// Brennan 2014, Med Decis Making 34:311-326): splines of each, pairwise
/// products for groups, smoothed by generalised cross-validation. What the
/// fitted values owe to the noise they were fitted to is taken off their
/// covariance as luck is, else the more parameters a group has the more it
/// would seem to be worth. Where luck is common that is corrected too. Keys
/// of groups that are not drawn are passed over: EVPPI 0 if none is.
std::vector<PartialInformation> partial_information(
    const DecisionDraws&, const std::vector<ParameterGroup>&,
    const std::vector<double>& thresholds);

std::vector<DrawDesign> draw_designs(const DecisionDraws&,
                                     const std::vector<double>& thresholds,
                                     const DrawCost&);

/// All of these.
PerspectiveDecision decision_uncertainty(
    const DecisionDraws&, const std::string& perspective,
    const std::string& money, const std::vector<double>& stated_thresholds,
    const std::vector<ParameterGroup>&, const DrawCost&);

/// The matrix A, such that x -> mean + A (x - mean) makes of draws with
/// covariance `total` draws with covariance total - noise: the square root of
/// (total - noise) total^-1, which follows every change of the reference.
/// Directions in which noise exceeds the total, by the chance of a finite
/// number of draws, get none; what they lack is taken from the others, so that
/// the sum of variances in units of the noise is kept.
Eigen::MatrixXd noise_removal(const Eigen::MatrixXd& total,
                              const Eigen::MatrixXd& noise);

}  // namespace stardsim

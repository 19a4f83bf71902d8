// Calibration: which values of free parameters give the figures that others
// published.
//
// Likelihood: targets are taken as independent of each other. A count, a sample
// of a rate and a beta are binomial; all others are normal with their standard
// error. What the rounding of the figure leaves open (uniform) and the Monte
// Carlo error of the simulated counterpart are added to the variance; that of a
// binomial by its deviance times own / (own + added). Since all values are
// simulated with the same luck, the posterior is a function without noise; what
// that luck has of error is in the variance.
//
// Posterior: incremental mixture importance sampling (Raftery & Bao 2010,
// Biometrics 66:1162-73), on the normal scores of the priors' distribution
// functions, where the prior is standard normal. Its first sample is the prior,
// which stays in the mixture; its first component stands at the mode. The
// components are t with 5 degrees of freedom, not normal, for their tails.
#pragma once

#include "models/distribution.hpp"
#include "models/parameters.hpp"
#include "models/published.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace stardsim {

/// A number of the scenario that is to be found.
struct FreeParameter {
  Parameter parameter;
  Distribution prior;
};

/// A figure that is to be met or, held out, only to be looked at.
struct Target {
  Published figure;  ///< with some uncertainty, if it is to be met
  bool held_out = false;
};

/// The simulated counterpart of a target, with its Monte Carlo error (NaN: not
/// known). A value that is not finite has likelihood 0.
struct SimulatedTarget {
  double value, se;
};

/// Given rows of values, in the order of the free parameters: for each row the
/// counterparts of all targets in their order, with the same luck. Nothing for
/// a row that may not stand in the scenario: its likelihood is 0.
using SimulateTargets = std::function<std::vector<std::vector<SimulatedTarget>>(
    const std::vector<std::vector<double>>& rows)>;

/// Of one target, up to a constant of the target.
double log_likelihood(const Target&, const SimulatedTarget&);

struct CalibrationOptions {
  std::size_t draws = 1000;  ///< of the posterior, with replacement
  std::uint64_t seed = 1;    ///< of the search; not of patients
  std::size_t starts = 3;    ///< of the optimiser: the best of the prior sample
  std::size_t steps = 0;     ///< of each at most; 0: 50 (parameters + 1)
  std::size_t first = 0;     ///< prior sample; 0: 200 a parameter, at least 500
  std::size_t each = 0;  ///< of a component; 0: 100 a parameter, at least 200
  std::size_t rounds = 25;  ///< components at most
  bool at_mode = false;     ///< TargetFit::fitted there, not at the means
  /// Called from time to time with the rows simulated so far.
  std::function<void(std::uint64_t)> progress;
};

/// One free parameter in the posterior.
struct PosteriorParameter {
  double mode;  ///< of all together: the highest posterior density
  double mean, sd;
  double low, high;  ///< 2.5 and 97.5 % quantiles
  /// Standard deviation / that of the prior (in the sample): near 1 if the
  /// targets say nothing of it.
  double sd_ratio;
  /// Where its mean lies in the prior's distribution function: near 0 or 1 if
  /// the targets pull beyond the prior.
  double place_in_prior;
};

/// One target at the posterior.
struct TargetFit {
  double fitted, fitted_se;  ///< with its Monte Carlo error
  double low, high;          ///< 95 % of the posterior
  /// What fitted - target is more than the published rounding, in standard
  /// errors of target and simulation; of a target held out in those of target,
  /// simulation and posterior. 0 if it is less.
  double z;
  /// Fitted lies in the target's 95 % interval and its rounding or, where a
  /// target held out has none, the target in that of the posterior.
  bool inside;
};

struct Calibration {
  std::vector<PosteriorParameter> parameters;
  std::vector<TargetFit> targets;
  std::vector<std::vector<double>> correlation;  ///< parameter, parameter
  std::vector<std::vector<double>> draws;        ///< [draw][parameter]
  /// Of the importance sample: 1 / sum of squared weights.
  double effective_sample = 0;
  std::size_t starts_agree = 0;  ///< that came to the best mode, of the starts
  std::size_t starts = 0;
  std::size_t rows = 0;  ///< simulated in all
  /// Of the targets, log likelihood at the mode less that at the means: large
  /// where the posterior bends, so that its mean is no good fit.
  double lost_by_means = 0;
};

/// Throws std::invalid_argument if there is no free parameter, no target to be
/// met, or if none of the prior sample can be simulated; and what the function
/// throws. The same for every machine load and number of threads.
Calibration calibrate(const std::vector<FreeParameter>&,
                      const std::vector<Target>&, const SimulateTargets&,
                      const CalibrationOptions& = {});

}  // namespace stardsim

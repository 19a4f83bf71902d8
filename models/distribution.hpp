// The distribution that stands for the uncertainty of a number.
#pragma once

#include "models/evidence.hpp"

#include <string>
#include <variant>

namespace stardsim {

struct BetaDistribution {
  double a, b;
};
struct GammaDistribution {
  double shape, scale;
};
/// log x is normal with mean log(median), standard deviation sigma.
struct LogNormalDistribution {
  double median, sigma;
};
/// log (x / (1 - x)) is normal with mean logit(median), standard deviation
/// sigma.
struct LogitNormalDistribution {
  double median, sigma;
};
struct NormalDistribution {
  double mean, sd;
};
struct UniformDistribution {
  double low, high;
};
struct PointDistribution {
  double value;
};

using Distribution =
    std::variant<PointDistribution, BetaDistribution, GammaDistribution,
                 LogNormalDistribution, LogitNormalDistribution,
                 NormalDistribution, UniformDistribution>;

/// Of a number by its kind, shape and certainty; a point where nothing is known
/// of it, and for a count or sample that none or all had.
///
/// Counts, samples and beta: Beta(events, of - events). An interval has the
/// value as its mean and a standard deviation of its width / 3.92 (a ratio: the
/// value as its median, and log(high / low) / 3.92 on the log scale). Beta,
/// gamma and log-normal (of an amount) have this mean and standard deviation.
///
/// Throws std::invalid_argument, in words that complete "KEY: ...", where there
/// is no such distribution: a standard deviation that is too large for a
/// probability of this mean, a value of 0 for a log-normal or gamma, ...
Distribution distribution_of(const Evidence&);

/// P in (0, 1); increasing.
double quantile(const Distribution&, double p);
/// The value whose normal score is z: quantile(Phi(z)), in both tails without
/// loss.
double at_score(const Distribution&, double z);
double mean(const Distribution&);
double standard_deviation(const Distribution&);
/// "beta(159, 85)", "log-normal(median 1.3, sigma 0.2)", "fixed".
std::string in_words(const Distribution&);

}  // namespace stardsim

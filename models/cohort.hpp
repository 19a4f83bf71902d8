// Who the patients are: covariates, their distributions and correlations, as a
// scenario states them.
#pragma once

#include "models/evidence.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace stardsim {

/// Mean and standard deviation before truncation; sd > 0.
struct NormalCovariate {
  Evidence mean, sd;
};

/// log x is normal with mean log(median), standard deviation sigma; both > 0.
struct LogNormalCovariate {
  Evidence median, sigma;
};

/// Beta(a, b) on (0, 1); a, b > 0.
struct BetaCovariate {
  Evidence a, b;
};

/// 1 with this probability, else 0.
struct BernoulliCovariate {
  Evidence probability;
};

/// The value is the number of the level, from 0.
struct CategoricalCovariate {
  std::vector<std::string> levels;
  std::vector<Evidence> shares;  ///< any positive sum
};

/// One of these values, ascending, with these weights.
struct EmpiricalCovariate {
  std::vector<double> values, weights;
};

/// Uniform within each of these bands.
struct BandsCovariate {
  std::vector<double> edges;     ///< ascending strictly; one more than shares
  std::vector<Evidence> shares;  ///< any positive sum
};

/// A column of the cohort's table. With levels, the values are their numbers.
struct TableCovariate {
  std::vector<double> column;
  std::vector<std::string> levels;
};

/// The latent propensity to remit: standard normal. Its effect on remission is
/// the spread, on the scale of log odds: a frailty (Vaupel, Manton & Stallard
/// 1979, Demography 16:439). No condition can ask for it.
struct Propensity {
  Evidence spread;  ///< standard deviation of log odds, 0 to 10
};

/// What a patient is at entry, and stays.
struct Covariate {
  std::string name, label, unit;
  std::variant<NormalCovariate, LogNormalCovariate, BetaCovariate,
               BernoulliCovariate, CategoricalCovariate, EmpiricalCovariate,
               BandsCovariate, TableCovariate, Propensity>
      form;
  std::optional<double> low, high;  ///< truncation; continuous forms only
  /// Where an effect is nothing. The mean (median of a log-normal one) unless
  /// stated; 0 for a Bernoulli covariate; not used for levels.
  double centre = 0;
  std::string source, note, key;

  /// Empty unless its values are the numbers of levels.
  const std::vector<std::string>& levels() const;
  /// Has few values: Bernoulli, empirical, or with levels.
  bool is_discrete() const;
};

/// Between the normal scores of two covariates (a Gaussian copula).
struct Correlation {
  std::size_t first, second;  ///< indices in Cohort::covariates
  Evidence value;             ///< -1 to 1
};

/// Who is simulated.
struct Cohort {
  std::uint64_t patients = 1'000'000;  ///< 1 to max_patients
  std::uint64_t seed = 1;
  std::vector<Covariate> covariates;  ///< at most 32
  std::vector<Correlation> correlations;
  /// Of the rows of the table, if covariates come from one: a patient is a row
  /// drawn with these weights; or, with none, patient i is row i mod rows.
  std::vector<double> row_weights;
  std::size_t rows = 0;  ///< 0: no table
};

/// Whether the correlations can be had: their matrix is positive definite.
bool is_positive_definite(const Cohort&);

}  // namespace stardsim

// The cohort as tables: how the engine and the solver of intercepts make a
// patient from random words. Covariates with any distributions and correlated
// normal scores, a Gaussian copula: Cario & Nelson 1997 (NORTA). Floating-point
// operations are single and in a stated order, so that every machine and
// instruction set gets equal bits.
#pragma once

#include "models/cohort.hpp"
#include "models/cut.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace stardsim {

/// A covariate as a function of its normal score z.
struct CovariateLaw {
  enum class Kind {
    continuous,  ///< interpolated between `values`
    discrete,    ///< values[number of `cuts` <= z]
    propensity,  ///< z itself
    table        ///< values[row]
  };
  Kind kind;
  /// Continuous: at z = lowest_score + i / intervals_per_score, the last one
  /// twice. Table: by row.
  std::vector<float> values;
  /// Of z, ascending; infinite beside what is impossible.
  std::vector<float> cuts;

  /// A score beyond these is taken as the nearer one.
  static constexpr float lowest_score = -8, highest_score = 8;
  static constexpr float intervals_per_score = 256;  ///< a power of 2: exact
  static constexpr std::size_t intervals = 4096;

  /// Its value at normal score z; not for Kind::table. If continuous: at
  /// position p = (z - lowest_score) * intervals_per_score, whose whole part is
  /// i: values[i] + (values[i + 1] - values[i]) * (p - i).
  float value(float z) const;
};

/// Cohort, compiled: from random words to a patient's covariates.
struct CohortLaw {
  std::vector<CovariateLaw> covariates;
  /// The lower Cholesky factor by rows, of all covariates; row i has i + 1
  /// numbers; those from the table are correlated with none. Empty where
  /// nothing is correlated.
  std::vector<std::vector<float>> factor;
  std::vector<Cut> row_cuts;  ///< of the row word; empty: row i mod rows
  std::size_t rows = 0;

  /// The normal scores of this patient from independent ones (one for each
  /// covariate, whatever its kind): of covariate i the sum over j = 0, 1, ... i
  /// of factor[i][j] * independent[j], without the terms whose factor is 0.
  /// Each product is rounded, then added to the sum so far.
  std::vector<float> correlated(const std::vector<float>& independent) const;

  /// The values of the patient with these independent normal scores and this
  /// row.
  std::vector<float> values(const std::vector<float>& independent,
                            std::size_t row) const;

  /// The row of the table for this patient; the word is that of the row.
  /// Requires rows > 0.
  std::size_t row_of(std::uint64_t patient, std::uint32_t word) const;
};

/// Throws std::invalid_argument where the correlations cannot be had, or
/// truncation leaves nothing of a distribution.
CohortLaw compile(const Cohort&);

}  // namespace stardsim

// Numbers of any margins that are correlated as stated: through correlated
// normal scores ("normal to anything", NORTA: Cario & Nelson 1997, Modeling and
// generating random vectors with arbitrary marginal distributions and
// correlation matrix, Northwestern University; a Gaussian copula).
#pragma once

#include "models/distribution.hpp"

#include <cstddef>
#include <vector>

namespace stardsim {

/// A number as a series in its normal score z: the sum over k of
/// coefficient[k] He_k(z) / sqrt(k!), with He_k the Hermite polynomials of
/// probability. The coefficients by Gauss-Hermite quadrature.
class HermiteSeries {
 public:
  explicit HermiteSeries(const Distribution&);

  /// Pearson's correlation of two numbers whose normal scores have the
  /// correlation `of_scores`: the sum over k > 0 of a_k b_k of_scores^k, over
  /// the standard deviations (Mehler's formula). Rises with `of_scores`.
  static double correlation(const HermiteSeries& a, const HermiteSeries& b,
                            double of_scores);

 private:
  std::vector<double> coefficients_;  ///< from k = 1 on
  double sd_ = 0;
};

/// The correlation of the normal scores with which the numbers have this one.
/// Throws std::invalid_argument, in words that complete "the correlation of A
/// and B: ...", if there is none.
double normal_correlation(const HermiteSeries&, const HermiteSeries&,
                          double correlation);

}  // namespace stardsim

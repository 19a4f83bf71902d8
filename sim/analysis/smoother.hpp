// Smooth functions of several numbers, fitted to many responses at once by
// penalised least squares.
#pragma once

#include <Eigen/Dense>

#include <cstddef>

namespace stardsim {

/// A basis in which the fit to any response y is
/// sum over functions f of shrinkage(f) * (basis column f)' y * column f,
/// shrinkage being 1 / (1 + smoothing * roughness). (The form of Demmler &
/// Reinsch 1975, Numer Math 24:375-382.)
struct Smoother {
  /// [case][function]; orthonormal. The first is constant, all others sum to 0.
  Eigen::MatrixXd basis;
  /// Of each function: 0 of the constant and the linear ones.
  Eigen::VectorXd roughness;
};

/// Of one number: natural cubic splines with 8 knots, whose roughness is the
/// integral of their squared second derivative (Green & Silverman 1994,
/// Nonparametric regression and generalized linear models, section 2.1). Of
/// several: the sum of such splines with 5 knots for each, and products of
/// pairs, each as far as half the room goes, those of the numbers that count
/// most in a linear fit first; roughness is the sum of all squared second
/// derivatives. Numbers that do not vary, or follow linearly from others, add
/// nothing. `numbers` is [case][number], `responses` [case][response]. Room is
/// for cases / 5 functions, and 100 at most, but for linear ones always.
/// Requires more cases than numbers + 1.
Smoother make_smoother(const Eigen::MatrixXd& numbers,
                       const Eigen::MatrixXd& responses);

/// Of every function.
Eigen::VectorXd shrinkage(const Smoother&, double smoothing);

/// That with the least sum over responses of log generalised cross-validation
/// scores (Craven & Wahba 1979, Numer Math 31:377-403), in which a function
/// counts 1.4-fold, against overfit (Kim & Gu 2004, J R Stat Soc B 66:337-356).
double smoothing_by_cross_validation(const Smoother&,
                                     const Eigen::MatrixXd& responses);

}  // namespace stardsim

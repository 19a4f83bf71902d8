#include "sim/analysis/smoother.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

namespace stardsim {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr Index knots_of_one = 8, knots_of_several = 5;
constexpr double most_functions = 100, cases_per_function = 5;
/// Beyond the outer knots, a part of the cases at each end, splines are linear.
constexpr double outside_knots = 0.04;

/// Functions and the penalty on their coefficients.
struct Basis {
  MatrixXd columns, penalty;
};

Index count(const Basis& basis) { return basis.columns.cols(); }

void append(Basis& basis, const Basis& more) {
  const Index old = count(basis), added = count(more);
  const Index rows = more.columns.rows();
  MatrixXd columns(rows, old + added);
  if (old > 0) columns.leftCols(old) = basis.columns;
  columns.rightCols(added) = more.columns;
  MatrixXd penalty = MatrixXd::Zero(old + added, old + added);
  if (old > 0) penalty.topLeftCorner(old, old) = basis.penalty;
  penalty.bottomRightCorner(added, added) = more.penalty;
  basis = {std::move(columns), std::move(penalty)};
}

/// With mean 0 and mean square 1; those that do not vary are left out.
MatrixXd standardised(const MatrixXd& numbers) {
  MatrixXd result(numbers.rows(), numbers.cols());
  Index kept = 0;
  for (Index j = 0; j < numbers.cols(); ++j) {
    const VectorXd centred = numbers.col(j).array() - numbers.col(j).mean();
    const double size =
        std::sqrt(centred.squaredNorm() / static_cast<double>(numbers.rows()));
    constexpr double rounding = 1e-12;
    if (size > rounding * numbers.col(j).cwiseAbs().maxCoeff())
      result.col(kept++) = centred / size;
  }
  return result.leftCols(kept);
}

/// Distinct ones, evenly by rank.
std::vector<double> knots_of(const VectorXd& x, Index wanted) {
  std::vector<double> sorted(x.data(), x.data() + x.size());
  std::sort(sorted.begin(), sorted.end());
  std::vector<double> knots;
  for (Index k = 0; k < wanted; ++k) {
    const double part = outside_knots + (1 - 2 * outside_knots) *
                                            static_cast<double>(k) /
                                            static_cast<double>(wanted - 1);
    const double knot = sorted[static_cast<std::size_t>(
        part * static_cast<double>(sorted.size() - 1))];
    if (knots.empty() || knot > knots.back() + 1e-9) knots.push_back(knot);
  }
  return knots;
}

/// The natural cubic spline through values at knots, as a linear map of them:
/// Green & Silverman 1994, equations 2.3 to 2.5.
class NaturalSpline {
 public:
  /// Requires 3 knots, ascending.
  explicit NaturalSpline(const std::vector<double>& knots) : knots_(knots) {
    const auto n = static_cast<Index>(knots.size());
    MatrixXd q = MatrixXd::Zero(n, n - 2), r = MatrixXd::Zero(n - 2, n - 2);
    for (Index j = 0; j < n - 2; ++j) {
      q(j, j) = 1 / width(j);
      q(j + 1, j) = -1 / width(j) - 1 / width(j + 1);
      q(j + 2, j) = 1 / width(j + 1);
      r(j, j) = (width(j) + width(j + 1)) / 3;
      if (j + 1 < n - 2) r(j, j + 1) = r(j + 1, j) = width(j + 1) / 6;
    }
    const MatrixXd inner = r.llt().solve(q.transpose());
    second_ = MatrixXd::Zero(n, n);
    second_.middleRows(1, n - 2) = inner;
    penalty_ = q * inner;
  }

  /// Second derivatives at the knots are second() * values.
  const MatrixXd& penalty() const { return penalty_; }

  /// Its values at x as coefficients of those at the knots.
  Eigen::RowVectorXd at(double x) const {
    const auto n = static_cast<Index>(knots_.size());
    if (x < knots_.front())
      return row(0) + (x - knots_.front()) * slope_at_end(0, 0);
    if (x > knots_.back())
      return row(n - 1) + (x - knots_.back()) * slope_at_end(n - 2, n - 1);
    const auto above =
        std::upper_bound(knots_.begin() + 1, knots_.end() - 1, x);
    const Index i = above - knots_.begin() - 1;
    const double left = x - knot(i), right = knot(i + 1) - x, h = width(i);
    return (left * row(i + 1) + right * row(i)) / h -
           left * right / 6 *
               ((1 + left / h) * second_.row(i + 1) +
                (1 + right / h) * second_.row(i));
  }

 private:
  double knot(Index i) const { return knots_[static_cast<std::size_t>(i)]; }
  double width(Index i) const { return knot(i + 1) - knot(i); }
  Eigen::RowVectorXd row(Index i) const {
    return Eigen::RowVectorXd::Unit(second_.rows(), i);
  }
  /// Of the outer interval i, at its end that is knot `end`, where the second
  /// derivative is 0.
  Eigen::RowVectorXd slope_at_end(Index i, Index end) const {
    const Index inner = end == i ? i + 1 : i;
    const double sign = end == i ? -1 : 1;
    return (row(i + 1) - row(i)) / width(i) +
           sign * width(i) / 6 * second_.row(inner);
  }

  std::vector<double> knots_;
  MatrixXd second_, penalty_;
};

Basis line(const VectorXd& x) { return {x, MatrixXd::Zero(1, 1)}; }

/// A straight line where there are too few different numbers for a curve.
Basis spline(const VectorXd& x, Index wanted_knots) {
  const auto knots = knots_of(x, wanted_knots);
  if (knots.size() < 3) return line(x);
  const NaturalSpline through(knots);
  Basis basis{MatrixXd(x.size(), static_cast<Index>(knots.size())),
              through.penalty()};
  for (Index i = 0; i < x.size(); ++i) basis.columns.row(i) = through.at(x(i));
  return basis;
}

/// Second derivatives of c * x * y are c and c, against splines' integral over
/// a range of about 4 standard deviations.
Basis product(const VectorXd& x, const VectorXd& y) {
  constexpr double range = 4;
  return {x.cwiseProduct(y), MatrixXd::Constant(1, 1, 2 * range)};
}

/// The columns, those first that count most in a linear fit.
MatrixXd by_weight(const MatrixXd& x, const MatrixXd& responses) {
  MatrixXd scaled = responses.rowwise() - responses.colwise().mean();
  for (Index r = 0; r < scaled.cols(); ++r)
    if (const double norm = scaled.col(r).norm(); norm > 0)
      scaled.col(r) /= norm;
  const MatrixXd fit =
      x.colPivHouseholderQr().solve(scaled);  // [number][response]
  std::vector<Index> order(static_cast<std::size_t>(x.cols()));
  std::iota(order.begin(), order.end(), Index{0});
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) {
    return fit.row(a).squaredNorm() > fit.row(b).squaredNorm();
  });
  MatrixXd sorted(x.rows(), x.cols());
  for (Index j = 0; j < x.cols(); ++j)
    sorted.col(j) = x.col(order[static_cast<std::size_t>(j)]);
  return sorted;
}

Basis of_several(const MatrixXd& x) {
  const double cases = static_cast<double>(x.rows());
  const auto room =
      static_cast<Index>(std::min(most_functions, cases / cases_per_function));
  const Index numbers = x.cols(), curved = knots_of_several - 2;
  // Curves take half of what lines leave, products the rest.
  const Index splines =
      std::clamp((room - numbers) / (2 * curved), Index{0}, numbers);
  Basis basis;
  for (Index j = 0; j < numbers; ++j)
    append(basis,
           j < splines ? spline(x.col(j), knots_of_several) : line(x.col(j)));
  // Pairs in the order of the sum of their ranks.
  Index left = room - numbers - splines * curved;
  for (Index sum = 1; sum < 2 * numbers - 2 && left > 0; ++sum)
    for (Index i = std::max(Index{0}, sum - numbers + 1);
         2 * i < sum && left > 0; ++i, --left)
      append(basis, product(x.col(i), x.col(sum - i)));
  return basis;
}

/// Any basis in the form of Demmler and Reinsch, with the constant added.
Smoother orthonormal(Basis basis) {
  const Index cases = basis.columns.rows();
  basis.columns.rowwise() -= basis.columns.colwise().mean().eval();
  const Eigen::SelfAdjointEigenSolver<MatrixXd> spread(
      basis.columns.transpose() * basis.columns);
  const VectorXd& size = spread.eigenvalues();
  constexpr double rounding = 1e-10;
  Index kept = 0;
  while (kept < size.size() &&
         size(size.size() - 1 - kept) > rounding * size(size.size() - 1))
    ++kept;
  const MatrixXd to_orthonormal =
      spread.eigenvectors().rightCols(kept) *
      size.tail(kept).cwiseSqrt().cwiseInverse().asDiagonal();
  const Eigen::SelfAdjointEigenSolver<MatrixXd> rough(
      to_orthonormal.transpose() * basis.penalty * to_orthonormal);
  Smoother smoother;
  smoother.basis.resize(cases, kept + 1);
  smoother.basis.col(0).setConstant(1 / std::sqrt(static_cast<double>(cases)));
  smoother.basis.rightCols(kept) =
      basis.columns * (to_orthonormal * rough.eigenvectors());
  smoother.roughness = VectorXd::Zero(kept + 1);
  const double most = kept > 0 ? rough.eigenvalues().maxCoeff() : 0;
  for (Index f = 0; f < kept; ++f)
    if (rough.eigenvalues()(f) > rounding * most)
      smoother.roughness(f + 1) = rough.eigenvalues()(f);
  return smoother;
}

}  // namespace

Smoother make_smoother(const MatrixXd& numbers, const MatrixXd& responses) {
  const MatrixXd x = standardised(numbers);
  if (x.cols() == 0)
    return {MatrixXd::Constant(numbers.rows(), 1,
                               1 / std::sqrt(double(numbers.rows()))),
            VectorXd::Zero(1)};
  if (x.cols() == 1) return orthonormal(spline(x.col(0), knots_of_one));
  return orthonormal(of_several(by_weight(x, responses)));
}

VectorXd shrinkage(const Smoother& smoother, double smoothing) {
  return (1 + smoothing * smoother.roughness.array()).inverse();
}

double smoothing_by_cross_validation(const Smoother& smoother,
                                     const MatrixXd& responses) {
  constexpr double cost_of_function = 1.4;
  const auto cases = static_cast<double>(responses.rows());
  const double roughest = smoother.roughness.maxCoeff();
  if (roughest <= 0) return 0;
  double smoothest = roughest;
  for (const double one : smoother.roughness)
    if (one > 0) smoothest = std::min(smoothest, one);
  const MatrixXd squares =
      (smoother.basis.transpose() * responses).array().square();
  const VectorXd all = responses.colwise().squaredNorm();
  double least = std::numeric_limits<double>::infinity();
  // From no function shrunk to all but the linear ones gone.
  constexpr int steps = 60;
  const double from = std::log(1e-3 / roughest), to = std::log(1e4 / smoothest);
  double best = std::exp(to);
  for (int step = 0; step <= steps; ++step) {
    const double smoothing = std::exp(from + (to - from) * step / steps);
    const Eigen::ArrayXd kept = shrinkage(smoother, smoothing);
    const double free = 1 - cost_of_function * kept.sum() / cases;
    if (free <= 0) continue;
    const VectorXd explained =
        squares.transpose() * (2 * kept - kept.square()).matrix();
    double score = 0;
    for (Index r = 0; r < all.size(); ++r) {
      const double varied = all(r) - squares(0, r);
      if (varied <= 1e-20 * all(r)) continue;
      // What is fitted but for rounding is not fitted better.
      const double rest = std::max(all(r) - explained(r), 1e-12 * varied);
      score += std::log(rest) - 2 * std::log(free);
    }
    if (score < least) {
      least = score;
      best = smoothing;
    }
  }
  return best;
}

}  // namespace stardsim

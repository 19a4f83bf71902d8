#include "sim/analysis/smoother.hpp"

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/normal_distribution.hpp>
#include <boost/random/uniform_01.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>

using namespace stardsim;
using Eigen::ArrayXd;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

MatrixXd normal(Index rows, Index columns, std::uint64_t seed) {
  boost::random::mt19937_64 engine(seed);
  boost::random::normal_distribution<double> draw;
  MatrixXd made(rows, columns);
  for (Index i = 0; i < rows; ++i)
    for (Index j = 0; j < columns; ++j) made(i, j) = draw(engine);
  return made;
}

MatrixXd fitted(const Smoother& smoother, const MatrixXd& responses,
                double smoothing) {
  return smoother.basis * (shrinkage(smoother, smoothing).asDiagonal() *
                           (smoother.basis.transpose() * responses));
}

/// From 0 to 1, ascending.
VectorXd evenly(Index count) { return VectorXd::LinSpaced(count, 0, 1); }

}  // namespace

TEST_CASE("a smoother's basis is orthonormal, and begins with the constant",
          "[uncertainty]") {
  const MatrixXd numbers = normal(300, GENERATE(1, 2, 6, 40), 1);
  const MatrixXd responses = normal(300, 3, 2);
  const Smoother smoother = make_smoother(numbers, responses);
  const Index functions = smoother.basis.cols();
  CHECK((smoother.basis.transpose() * smoother.basis).isIdentity(1e-8));
  CHECK(smoother.basis.col(0).isApproxToConstant(1 / std::sqrt(300.0)));
  CHECK(smoother.roughness.size() == functions);
  CHECK(smoother.roughness.minCoeff() == 0);
  // 300 / 5 functions, and the constant.
  CHECK(functions <= 61);
  CHECK(functions > numbers.cols());
}

TEST_CASE("straight lines are fitted exactly, whatever the smoothing",
          "[uncertainty]") {
  const MatrixXd numbers = normal(200, GENERATE(1, 3, 50), 3);
  const VectorXd line =
      (numbers * VectorXd::LinSpaced(numbers.cols(), 1, 2)).array() + 7;
  const Smoother smoother = make_smoother(numbers, line);
  for (const double smoothing : {0.0, 1.0, 1e12})
    CHECK((fitted(smoother, line, smoothing) - line).norm() <
          1e-8 * line.norm());
}

TEST_CASE("the more smoothing, the nearer a line, and nothing more",
          "[uncertainty]") {
  const VectorXd x = evenly(400);
  const VectorXd y = (6 * x.array()).sin();
  const Smoother smoother = make_smoother(x, y);
  CHECK(shrinkage(smoother, 0).isOnes());
  // Least squares by the textbook's formula.
  const ArrayXd from_mean = x.array() - x.mean();
  const double slope = (from_mean * y.array()).sum() / from_mean.square().sum();
  CHECK(
      (fitted(smoother, y, 1e15).col(0).array() - y.mean() - slope * from_mean)
          .matrix()
          .norm() < 1e-6);
  // Without, 8 knots follow half a wave and more closely.
  CHECK((fitted(smoother, y, 0) - y).cwiseAbs().maxCoeff() < 0.05);
}

TEST_CASE(
    "the roughness of a function is the integral of its squared second "
    "derivative",
    "[uncertainty]") {
  // Second differences on a fine grid, of numbers of standard deviation 1.
  const Index count = 20'001;
  VectorXd x = evenly(count);
  x.array() -= x.mean();
  x /= std::sqrt(x.squaredNorm() / static_cast<double>(count));
  const double step = x(1) - x(0);
  const Smoother smoother = make_smoother(x, x);
  REQUIRE(smoother.roughness.size() == 8);
  for (Index f = 0; f < 8; ++f) {
    const ArrayXd values = smoother.basis.col(f).array();
    const ArrayXd second =
        (values.tail(count - 2) - 2 * values.segment(1, count - 2) +
         values.head(count - 2)) /
        (step * step);
    CHECK(second.square().sum() * step ==
          Approx(smoother.roughness(f)).epsilon(0.01).margin(1e-6));
  }
}

TEST_CASE("cross-validation smooths noise away and keeps a curve",
          "[uncertainty]") {
  const VectorXd x = evenly(500);
  const VectorXd noise = normal(500, 1, 4);
  const VectorXd curve = 2 * (6 * x.array()).sin();
  const Smoother smoother = make_smoother(x, noise);
  const auto functions = [&](const VectorXd& y) {
    return shrinkage(smoother, smoothing_by_cross_validation(smoother, y))
        .sum();
  };
  // 2 are the line. Of noise it is all there is, more often than not.
  int lines = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed)
    lines += functions(normal(500, 1, 100 + seed)) < 2.5;
  CHECK(lines > 50);
  const VectorXd both = curve + noise;
  CHECK(functions(both) > 4);
  // The mean squared error of 8 free functions would be 8 / 500; the bias of
  // a few knots and of shrinking come to it.
  const double smoothing = smoothing_by_cross_validation(smoother, both);
  CHECK((fitted(smoother, both, smoothing) - curve).squaredNorm() / 500 <
        2 * 8 / 500.0);
}

TEST_CASE("numbers that do not vary, or two values alone, are no trouble",
          "[uncertainty]") {
  const VectorXd y = normal(100, 1, 5);
  const Smoother constant = make_smoother(MatrixXd::Ones(100, 2), y);
  CHECK(constant.basis.cols() == 1);
  CHECK((fitted(constant, y, 1).array() - y.mean()).abs().maxCoeff() < 1e-12);
  VectorXd two = VectorXd::Zero(100);
  two.head(30).setOnes();
  const Smoother line = make_smoother(two, y);
  CHECK(line.basis.cols() == 2);
  CHECK(smoothing_by_cross_validation(line, y) == 0);
  // Means of the two parts.
  CHECK(fitted(line, y, 0)(0) == Approx(y.head(30).mean()));
  CHECK(fitted(line, y, 0)(99) == Approx(y.tail(70).mean()));
}

TEST_CASE("products are for the numbers that count", "[uncertainty]") {
  // There is room for few of the 190 pairs of 20 numbers.
  MatrixXd numbers = normal(400, 20, 6);
  VectorXd y = 5 * numbers.col(13) + 4 * numbers.col(17) +
               3 * numbers.col(13).cwiseProduct(numbers.col(17)) +
               0.1 * numbers.rowwise().sum();
  const Smoother smoother = make_smoother(numbers, y);
  const VectorXd left = y - fitted(smoother, y, 0).col(0);
  CHECK(left.norm() < 0.05 * (y.array() - y.mean()).matrix().norm());
}

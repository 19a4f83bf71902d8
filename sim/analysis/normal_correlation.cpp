#include "sim/analysis/normal_correlation.hpp"

#include "models/number_text.hpp"

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace stardsim {
namespace {

constexpr int node_count = 96;
constexpr int term_count = 48;

struct Nodes {
  std::vector<double> score, weight;  ///< weights sum to 1
};

/// h_0(z), ..., h_last(z) with h_k = He_k / sqrt(k!), by their recursion.
std::vector<double> hermite(double z, int last) {
  std::vector<double> h = {1, z};
  for (int k = 2; k <= last; ++k) {
    const auto at = static_cast<std::size_t>(k);
    h.push_back((z * h[at - 1] - std::sqrt(k - 1.0) * h[at - 2]) /
                std::sqrt(k));
  }
  return h;
}

/// For the standard normal density: the zeros of h_n as eigenvalues (Golub &
/// Welsch 1969, Mathematics of Computation 23:221); the weights, of which the
/// outer ones are too small for eigenvectors, as 1 / (n h_{n-1}^2).
Nodes gauss_hermite() {
  Eigen::VectorXd diagonal = Eigen::VectorXd::Zero(node_count);
  Eigen::VectorXd beside(node_count - 1);
  for (int k = 1; k < node_count; ++k) beside(k - 1) = std::sqrt(k);
  Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver;
  solver.computeFromTridiagonal(diagonal, beside, Eigen::EigenvaluesOnly);
  Nodes nodes;
  for (int i = 0; i < node_count; ++i) {
    const double z = solver.eigenvalues()(i);
    const double last = hermite(z, node_count - 1).back();
    nodes.score.push_back(z);
    nodes.weight.push_back(1 / (node_count * last * last));
  }
  return nodes;
}

}  // namespace

HermiteSeries::HermiteSeries(const Distribution& distribution)
    : coefficients_(term_count, 0.0), sd_(standard_deviation(distribution)) {
  static const Nodes nodes = gauss_hermite();
  for (std::size_t i = 0; i < nodes.score.size(); ++i) {
    const double z = nodes.score[i];
    const double weighted = nodes.weight[i] * at_score(distribution, z);
    const std::vector<double> h = hermite(z, term_count);
    for (std::size_t k = 1; k < h.size(); ++k)
      coefficients_[k - 1] += weighted * h[k];
  }
}

double HermiteSeries::correlation(const HermiteSeries& a,
                                  const HermiteSeries& b, double of_scores) {
  double sum = 0;
  for (std::size_t k = a.coefficients_.size(); k-- > 0;)
    sum = (sum + a.coefficients_[k] * b.coefficients_[k]) * of_scores;
  return sum / (a.sd_ * b.sd_);
}

double normal_correlation(const HermiteSeries& a, const HermiteSeries& b,
                          double correlation) {
  double low = -1, high = 1;
  const double least = HermiteSeries::correlation(a, b, low);
  const double most = HermiteSeries::correlation(a, b, high);
  // What the series leaves out is less than this.
  constexpr double accuracy = 1e-9;
  constexpr int figures = 3;
  if (correlation < least - accuracy || correlation > most + accuracy)
    throw std::invalid_argument(in_short(correlation, figures) +
                                " is not possible with these distributions, " +
                                in_short(least, figures) + " to " +
                                in_short(most, figures) + " is");
  constexpr int halvings = 60;
  for (int i = 0; i < halvings; ++i) {
    const double middle = (low + high) / 2;
    (HermiteSeries::correlation(a, b, middle) < correlation ? low : high) =
        middle;
  }
  return (low + high) / 2;
}

}  // namespace stardsim

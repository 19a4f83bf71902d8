#include "sim/analysis/plane_cloud.hpp"

#include "sim/analysis/decision_uncertainty.hpp"

#include <algorithm>
#include <cmath>

namespace stardsim {
namespace {

using Eigen::Index, Eigen::Matrix2d, Eigen::MatrixXd;

/// That of the difference of two strategies in cost and effect.
Matrix2d noise_of(const DecisionDraws& draws, Index one, Index other) {
  const Index strategies = draws.cost.cols();
  MatrixXd difference = MatrixXd::Zero(2, 2 * strategies);
  for (Index quantity = 0; quantity < 2; ++quantity) {
    difference(quantity, quantity * strategies + one) += 1;
    difference(quantity, quantity * strategies + other) -= 1;
  }
  return difference * draws.noise * difference.transpose();
}

PlaneCloud cloud_of(const DecisionDraws& draws, Index strategy,
                    std::size_t most) {
  const auto reference = static_cast<Index>(draws.reference);
  MatrixXd points(draws.cost.rows(), 2);
  points.col(0) = draws.cost.col(strategy) - draws.cost.col(reference);
  points.col(1) = draws.effect.col(strategy) - draws.effect.col(reference);
  const Eigen::RowVector2d mean = points.colwise().mean();
  const MatrixXd apart = points.rowwise() - mean;
  MatrixXd removal = Matrix2d::Identity();
  Matrix2d left = Matrix2d::Zero();
  if (points.rows() > 1 && !apart.isZero(0)) {
    const Matrix2d total =
        apart.transpose() * apart / static_cast<double>(points.rows() - 1);
    removal = noise_removal(total, noise_of(draws, strategy, reference));
    left = removal * total * removal.transpose();
  }
  const MatrixXd corrected = (apart * removal.transpose()).rowwise() + mean;
  PlaneCloud cloud{{},
                   {},
                   mean(0),
                   mean(1),
                   std::sqrt(std::max(left(0, 0), 0.0)),
                   std::sqrt(std::max(left(1, 1), 0.0)),
                   left(0, 1)};
  const auto size = static_cast<std::size_t>(points.rows());
  const std::size_t shown = std::min(size, most);
  for (std::size_t i = 0; i < shown; ++i) {
    const auto row = static_cast<Index>(i * size / shown);
    cloud.cost.push_back(corrected(row, 0));
    cloud.effect.push_back(corrected(row, 1));
  }
  return cloud;
}

}  // namespace

std::vector<PlaneCloud> plane_clouds(const DecisionDraws& draws,
                                     std::size_t most) {
  std::vector<PlaneCloud> clouds;
  for (Index s = 0; s < draws.cost.cols(); ++s)
    clouds.push_back(cloud_of(draws, s, most));
  return clouds;
}

}  // namespace stardsim

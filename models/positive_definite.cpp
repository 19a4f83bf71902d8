#include "models/positive_definite.hpp"

#include <Eigen/Cholesky>

#include <cmath>

namespace stardsim {

bool is_positive_definite(const std::vector<double>& matrix, std::size_t size) {
  const auto order = static_cast<Eigen::Index>(size);
  Eigen::MatrixXd correlations(order, order);
  for (std::size_t i = 0; i < size; ++i)
    for (std::size_t j = 0; j < size; ++j)
      correlations(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) =
          matrix[i * size + j] /
          std::sqrt(matrix[i * size + i] * matrix[j * size + j]);
  return correlations.llt().info() == Eigen::Success;
}

}  // namespace stardsim

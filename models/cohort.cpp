#include "models/cohort.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>

namespace stardsim {

const std::vector<std::string>& Covariate::levels() const {
  static const std::vector<std::string> none;
  if (const auto* own = std::get_if<CategoricalCovariate>(&form))
    return own->levels;
  if (const auto* own = std::get_if<TableCovariate>(&form)) return own->levels;
  return none;
}

bool Covariate::is_discrete() const {
  return std::holds_alternative<BernoulliCovariate>(form) ||
         std::holds_alternative<EmpiricalCovariate>(form) || !levels().empty();
}

bool is_positive_definite(const Cohort& cohort) {
  // Covariates from the table stand in it as uncorrelated ones.
  const auto size = static_cast<Eigen::Index>(cohort.covariates.size());
  Eigen::MatrixXd matrix = Eigen::MatrixXd::Identity(size, size);
  for (const Correlation& each : cohort.correlations) {
    const auto i = static_cast<Eigen::Index>(each.first);
    const auto j = static_cast<Eigen::Index>(each.second);
    matrix(i, j) = matrix(j, i) = each.value.value;
  }
  return size == 0 || matrix.llt().info() == Eigen::Success;
}

}  // namespace stardsim

#include "models/cohort.hpp"

#include "models/positive_definite.hpp"

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
  const std::size_t size = cohort.covariates.size();
  std::vector<double> matrix(size * size);
  for (std::size_t i = 0; i < size; ++i) matrix[i * size + i] = 1;
  for (const Correlation& each : cohort.correlations)
    matrix[each.first * size + each.second] =
        matrix[each.second * size + each.first] = each.value.value;
  return size == 0 || is_positive_definite(matrix, size);
}

}  // namespace stardsim

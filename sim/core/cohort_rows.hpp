// The patients of a tile as they enter: their covariates, and what these come
// to in each score of the law.
#pragma once

#include "models/cohort_law.hpp"
#include "sim/core/tile.hpp"

#include <array>
#include <cstddef>
#include <vector>

namespace stardsim {

struct CohortRows {
  std::vector<RealRow> covariates;  ///< as Cohort::covariates
  std::vector<RealRow> scores;      ///< as Law::scores
  alignas(64) Row table_row{};      ///< of the cohort's table, if it has one
  alignas(64) std::array<Row, 4> words{};  ///< random words on their way

  CohortRows(const CohortLaw& law, std::size_t score_count)
      : covariates(law.covariates.size()), scores(score_count) {}
};

}  // namespace stardsim

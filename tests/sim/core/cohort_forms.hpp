// The vector forms of the cohort and of the smooth tables, apart from the
// course, one for each instruction set that this machine has.
#pragma once

#include "models/law.hpp"
#include "sim/core/cohort_rows.hpp"
#include "sim/core/engine.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace stardsim::test {

struct CohortForm {
  std::string instruction_set;
  void (*enter)(const CohortLaw&, const std::vector<Score>&, const Workspace&,
                CohortRows&);
  // Each of whole vectors: the lists' size is a multiple of 16.
  void (*normal_scores)(const std::vector<std::uint32_t>& words,
                        std::vector<float>& scores);
  void (*cuts)(const std::vector<float>& log_odds, std::vector<Cut>& cuts);
  void (*words)(const std::vector<std::uint32_t>& words,
                const std::vector<float>& log_hazards,
                std::vector<std::uint32_t>& found);
  void (*high_products)(const std::vector<std::uint32_t>& a,
                        const std::vector<std::uint32_t>& b,
                        std::vector<std::uint32_t>& products);
};

/// The last is the one with one lane.
std::vector<CohortForm> cohort_forms();

}  // namespace stardsim::test

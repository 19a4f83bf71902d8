// Reads back what comparisons need of a result file (results.hpp).
#pragma once

#include "sim/analysis/comparison.hpp"

#include <cstddef>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace stardsim {

/// The file is no result of this program, or damaged; the message is one line
/// that says what is wrong, and what to do.
class BadResult : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Named like the file, without folders and ending. Of a scenario without
/// economics the outcomes are the first three measures, by batch alone. Where
/// the file does not say who its patients are, or its random words were laid
/// out in another way, the cohort is one that no other run has.
/// Throws CannotRead (problems.hpp) or BadResult.
RunOutcomes read_outcomes(const std::filesystem::path&);

/// Remission by week, as /curves has it; all is empty where that is not there.
struct CurvesRead {
  std::vector<std::string> pathways, labels, estimands;
  std::size_t weeks = 0;         ///< values of a curve, from week 0 on
  std::vector<double> mean, se;  ///< [pathway][estimand][week]
  double horizon_weeks = 0;      ///< at which the course ends; 0: not known
  std::string reported_first;    ///< an estimand
};
/// Throws as read_outcomes().
CurvesRead read_curves(const std::filesystem::path&);

}  // namespace stardsim

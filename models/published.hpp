// Figures that others published, beside which a scenario puts its results.
#pragma once

#include "models/evidence.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace stardsim {

/// One figure, and what of this scenario's results it is held against.
struct Published {
  enum class What {
    entered,               ///< fraction of the cohort who entered a step (arm)
    remission,             ///< of those who entered a step, or one of its arms
    intolerance,           ///< likewise
    cumulative_remission,  ///< of the cohort, by the end of a step or of a week
    relapse,  ///< by a week since entering follow-up in remission, life table
    outcome,  ///< mean of a measure (models/measure.hpp)
    share_of_life,  ///< weeks of a measure, of all weeks lived: ratio of means
    difference,     ///< of a measure, from the reference pathway
    icer            ///< cost of a QALY over the reference, first perspective
  };
  std::string name;   ///< of its table in the scenario
  std::string label;  ///< for people; the name where none is given
  What what = What::cumulative_remission;
  std::size_t pathway = 0;          ///< index in Scenario::pathways
  std::size_t estimand = 0;         ///< an Estimand
  std::optional<std::size_t> step;  ///< position in the pathway, from 0
  std::optional<std::size_t> arm;   ///< position in the step, from 0
  std::optional<std::uint32_t> week;
  std::string measure;  ///< its name; "" where none is meant
  Evidence figure;      ///< in the unit of the result
  /// Half a unit of the last digit printed: what the publication leaves open;
  /// 0 where it is not stated.
  double rounding = 0;
  /// The scenario was made from this figure: that the two agree shows that the
  /// program does as it was told, and no more.
  bool is_input = false;
};

const char* name_of(Published::What);

}  // namespace stardsim

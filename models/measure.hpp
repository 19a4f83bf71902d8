// What is measured of every patient on every pathway.
#pragma once

#include "models/scenario.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace stardsim {

/// One outcome of a patient on the observed course, to the horizon. It is
/// rounded once, to a multiple of `quantum`; all sums are of whole numbers of
/// quanta.
struct Measure {
  enum class What {
    // 0 or 1
    remission_if_all_continue,  ///< ever in remission, on that course
    remission,                  ///< ever in remission
    sustained_remission,        ///< still in the first one at the horizon
    partial_response,           ///< ever in partial response
    response,                   ///< ever in either
    lasting_remission,          ///< ever in remission for so long (TimeRules)
    resistant,                  ///< ever
    adverse_event,              ///< ever
    died,
    suicide,          ///< died of it
    procedure_death,  ///< died of a treatment
    // numbers
    lines,       ///< treatments started
    remissions,  ///< all of them, spontaneous ones too
    lasting_remissions,
    relapses,  ///< remission or partial response lost
    failures,  ///< attempts ended without remission
    // weeks
    weeks_on_treatment,
    weeks_in_no_response,
    weeks_in_partial_response,
    weeks_in_remission,
    weeks_in_lasting_remission,  ///< beyond so long in one remission
    weeks_resistant,
    // years
    life_years,
    qalys,
    // currency
    cost,             ///< of the kind `index`
    perspective_cost  ///< of the kinds of the perspective `index`
  };
  What what;
  std::size_t index = 0;
  bool discounted = false;
  std::string name;  ///< "qalys_discounted", "cost_drug"
  std::string long_name;
  std::string unit;  ///< "1", "weeks", "years", "USD 2021"
  double quantum = 1;
  /// Larger values are better (1), worse (-1), or neither (0).
  int better = 0;
};

/// All that this scenario has, in a fixed order: those above, costs by kind and
/// perspective, each undiscounted and then discounted where discounting is
/// meant. Without Economics: the first three.
std::vector<Measure> measures_of(const Scenario&);

inline constexpr std::size_t no_measure = static_cast<std::size_t>(-1);
/// Its place among them, or no_measure.
std::size_t find_measure(const std::vector<Measure>&, Measure::What,
                         std::size_t index = 0, bool discounted = false);
std::size_t find_measure(const std::vector<Measure>&, const std::string& name);

/// What decisions are made on: discounted where the scenario discounts.
struct DecisionMeasures {
  std::size_t effect = no_measure;  ///< QALYs
  std::vector<std::size_t> costs;   ///< by perspective
};
DecisionMeasures decision_measures(const Scenario&,
                                   const std::vector<Measure>&);

}  // namespace stardsim

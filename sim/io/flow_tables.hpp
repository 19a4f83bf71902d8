// What became of those who entered each step and each arm, as the variables of
// the groups /steps, /arms and /accumulators of a result file.
#pragma once

#include "models/scenario.hpp"
#include "sim/core/tally.hpp"
#include "sim/io/netcdf_file.hpp"

#include <cstddef>
#include <vector>

namespace stardsim {

/// In the order of their dimension.
inline constexpr Estimand estimands[estimand_count] = {
    Estimand::if_all_continue, Estimand::observed, Estimand::sustained};

/// The step at a position of a pathway, the arm at a position of that step;
/// null where there are not so many.
const Step* step_at(const Scenario&, std::size_t pathway, std::size_t step);
const Arm* arm_at(const Scenario&, std::size_t pathway, std::size_t step,
                  std::size_t arm);

/// The most steps in a pathway.
std::size_t most_steps(const Scenario&);

/// The most arms in a step that a pathway uses.
std::size_t arms_of_widest_step(const Scenario&);

/// All require that the tally comes from the scenario. Dimensions: pathway,
/// estimand and step, positions in a pathway up to `most_steps`; where a
/// pathway has fewer, text is empty and numbers are missing.
std::vector<Variable> step_variables(const Scenario&, const Tally&);

/// The same, and arm: positions in a step up to those of the widest.
std::vector<Variable> arm_variables(const Scenario&, const Tally&);

/// The sums from which the times of /arms follow; 0 where there is no arm.
std::vector<Variable> tick_variables(const Scenario&, const Tally&);

}  // namespace stardsim

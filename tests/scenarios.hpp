// Small scenarios for tests, and numbers without a source.
#pragma once

#include "models/scenario.hpp"
#include "sim/core/simulate.hpp"

#include <cstdint>
#include <string>

namespace stardsim::test {

Evidence number(double value);

TimeDistribution gamma(double shape, double scale);

/// One pathway of one step with one arm.
Scenario one_step(double remission, double weeks);

/// Two pathways over four steps with everything the acute course knows:
/// several arms, partial response, early exits, every form of time, attrition
/// by outcome; the second pathway has nine steps, so that words come from
/// several blocks. Made up.
Scenario rich();

/// A constant hazard, by the probability of the event by some week.
Survival by_week(double probability, double week);

/// The pathways of `rich` with everything the whole course knows: patients who
/// differ, eligibility, access, refusal, waits, adherence, follow-up, relapse,
/// gaps, spontaneous remission, subgroups. Made up.
Scenario clinical();

/// One step against two, with an interval and a count: A remits 0.3 (0.2 to
/// 0.6), B 1 - 0.8 * 0.75 = 0.4.
extern const std::string one_step_or_two;

/// These patients of a cohort of one seed, on two threads.
RunOptions cohort(std::uint64_t patients, std::uint64_t first = 0);

/// A scenario of the source tree, e.g. "configs/stard.toml".
Scenario from_file(const std::string& relative);

}  // namespace stardsim::test

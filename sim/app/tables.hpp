// The tables on the screen.
#pragma once

#include "models/exact.hpp"
#include "models/scenario.hpp"
#include "sim/core/tally.hpp"

#include <cstdint>
#include <string>

namespace stardsim {

/// For each pathway and course, what became of those who entered each step and
/// arm: simulated with standard error, exact, and z, the distance of the two in
/// standard errors; then, if the scenario has them, follow-up, where patients
/// are at the horizon, subgroups and staging. Without an expectation the
/// simulated figures alone.
std::string run_tables(const Scenario&, const Tally&, const Expectation*);

/// The exact figures alone.
std::string exact_tables(const Scenario&, const Expectation&);

/// Exact cumulative remission by week, a column for each pathway and estimand;
/// `sustained` only where remission may be lost.
std::string exact_weeks(const Scenario&, const Expectation&);

/// 1234567 as "1,234,567".
std::string grouped(std::uint64_t);

}  // namespace stardsim

// The tables on the screen.
#pragma once

#include "models/exact.hpp"
#include "models/scenario.hpp"
#include "sim/core/tally.hpp"

#include <cstdint>
#include <string>

namespace stardsim {

/// For each pathway and estimand, what became of those who entered each step
/// and arm: simulated with standard error, exact, and z, the distance of the
/// two in standard errors.
std::string run_tables(const Scenario&, const Tally&, const Expectation&);

/// The exact figures alone.
std::string exact_tables(const Scenario&, const Expectation&);

/// Exact cumulative remission by week, a column for each pathway and estimand.
std::string exact_weeks(const Scenario&, const Expectation&);

/// 1234567 as "1,234,567".
std::string grouped(std::uint64_t);

}  // namespace stardsim

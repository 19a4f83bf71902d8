// The tables on the screen.
#pragma once

#include "models/exact.hpp"
#include "models/scenario.hpp"
#include "sim/app/console.hpp"
#include "sim/core/tally.hpp"

#include <cstdint>
#include <string>

namespace stardsim {

/// For each pathway and course, what became of those who entered each step and
/// arm: simulated with standard error, exact, and z, the distance of the two in
/// standard errors; then, if the scenario has them, follow-up, where patients
/// are at the horizon, subgroups and staging. Without an expectation the
/// simulated figures alone. As many columns abreast as the screen has room for.
std::string run_tables(const Scenario&, const Tally&, const Expectation*,
                       const Screen& = {});

/// What their errors are of, in a line.
extern const char* const error_meaning;

/// The exact figures alone.
std::string exact_tables(const Scenario&, const Expectation&,
                         const Screen& = {});

/// Exact cumulative remission by week, a column for each pathway and estimand;
/// `sustained` only where remission may be lost.
std::string exact_weeks(const Scenario&, const Expectation&);

/// The week, perhaps not a whole one, at which the course ends: "104.357".
std::string horizon_text(const Scenario&);

/// 1234567 as "1,234,567".
std::string grouped(std::uint64_t);

}  // namespace stardsim

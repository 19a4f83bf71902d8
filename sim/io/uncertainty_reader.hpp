// Reads what a scenario says of the uncertainty of its numbers as a whole.
#pragma once

#include "models/scenario.hpp"
#include "sim/io/cohort_reader.hpp"
#include "sim/io/value_reader.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace stardsim {

/// Patients of a draw, of a scenario and of --draw-patients: luck cannot be
/// told from one of them; the most is most_draw_patients.
inline constexpr std::uint64_t fewest_draw_patients = 2;
inline constexpr const char* draw_patients_allowed =
    "a number of patients of each draw (a whole number from 2 to "
    "4,000,000,000, e.g. 10_000)";

/// Reads `[uncertainty]` into the scenario, all of whose numbers `values` has
/// read; its files of draws are added to `files`. If nothing else is wrong with
/// the scenario, each number that can neither be drawn nor is held is a
/// problem, where it stands.
void read_uncertainty(const std::optional<Value>&, const ValueReader& values,
                      Scenario&, std::vector<DataFile>& files);

}  // namespace stardsim

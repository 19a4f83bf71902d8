// The command `sensitivity`.
#pragma once

#include "sim/app/options.hpp"
#include "sim/app/runner.hpp"
#include "sim/io/results.hpp"

#include <cstdint>
#include <string>

namespace stardsim {

/// Of so many patients at most a scenario is run for each value, unless the
/// options say otherwise; fewer where only the plain course will do.
inline constexpr std::uint64_t most_sensitivity_patients = 1'000'000,
                               most_plain_patients = 100'000;

/// Prints the analysis and writes the file that the options ask for. `typed` is
/// the command line. Throws as the commands do.
void sensitivity(const Options&, const std::string& typed);

/// Of an analysis of the scenario, whose law is given.
Provenance analysis_provenance(const ScenarioFile&, const Law&, const RunFacts&,
                               const std::string& typed,
                               const std::string& start);

/// Throws BadUsage or CannotWrite if the file that the options ask for cannot
/// be written; `ending` makes of the scenario's name a better one.
void check_output(const Options&, const ScenarioFile&,
                  const std::string& ending);

}  // namespace stardsim

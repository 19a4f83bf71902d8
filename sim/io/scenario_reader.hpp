// Reads a scenario file: TOML text in, a checked Scenario out. The format is
// described in configs/README.md.
#pragma once

#include "models/scenario.hpp"
#include "sim/io/alternatives_reader.hpp"
#include "sim/io/cohort_reader.hpp"
#include "sim/io/problems.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace stardsim {

/// A scenario and the text it was made from.
struct ScenarioFile {
  std::filesystem::path path;
  Scenario scenario;
  /// The file's text; where it extends others, all of them, the base first,
  /// each headed by a comment line with its name: that of the file without
  /// folders, that of a base as `extends` has it.
  std::string text;
  /// All of them, the base first, then the data files and what alternatives
  /// were read from.
  std::vector<std::filesystem::path> files;
  /// What its cohort is drawn from, and its life table.
  std::vector<DataFile> data_files;
  std::vector<Alternative> alternatives;  ///< in the order of the file
};

/// Throws BadScenario or CannotRead. Labels that the file does not give are
/// filled in: an arm's with that of its treatment, any other with the name.
ScenarioFile read_scenario(const std::filesystem::path&);

/// Whether the table at this key path of a scenario merges with that of the
/// base (extends.hpp).
bool scenario_merges(const std::vector<std::string>& key_path);

/// A count as people write it: `100000`, `100_000`, `1e6`; throws
/// std::invalid_argument saying what is allowed when it is not a whole number
/// from 1 to 2^40.
std::uint64_t parse_patients(const std::string&);

/// Likewise a whole number from 0 to 2^63 - 1.
std::uint64_t parse_seed(const std::string&);

}  // namespace stardsim

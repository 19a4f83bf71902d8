// Reads a scenario file: TOML text in, a checked Scenario out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "models/scenario.hpp"

namespace stardsim {

/// A scenario and the text it was made from.
struct ScenarioFile {
  std::filesystem::path path;
  Scenario scenario;
  /// The file's text; where it extends others, all of them, the base first,
  /// each headed by a comment line with its name.
  std::string text;
};

/// The scenario cannot be used. One line per problem, in the order of the
/// file: `file:line:column: key.path: what is wrong and what is allowed`.
class BadScenario : public std::runtime_error {
 public:
  explicit BadScenario(std::vector<std::string> problems);
  const std::vector<std::string>& lines() const { return lines_; }

 private:
  std::vector<std::string> lines_;
};

/// The file cannot be read at all (missing, a folder, no permission).
class CannotRead : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Throws BadScenario or CannotRead.
ScenarioFile read_scenario(const std::filesystem::path&);

/// A count as people write it: `100000`, `100_000`, `1e6`; throws
/// std::invalid_argument saying what is allowed when it is not a whole number
/// from 1 to 2^40.
std::uint64_t parse_patients(const std::string&);

}  // namespace stardsim

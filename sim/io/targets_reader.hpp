// Reads a targets file: which numbers of a scenario are to be found, and which
// published figures they are to meet. The format is described in
// configs/README.md, "Calibration".
#pragma once

#include "models/scenario.hpp"
#include "sim/analysis/calibration.hpp"
#include "sim/io/problems.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace stardsim {

struct TargetsFile {
  std::vector<FreeParameter> parameters;  ///< in the order of the file
  std::vector<Target> targets;
  std::vector<std::string> warnings;  ///< one line each
  /// The file and what it extends, as Document::files.
  std::vector<std::filesystem::path> files;
};

/// Of a scenario that has been read. Throws BadScenario or CannotRead.
TargetsFile read_targets(const std::filesystem::path&, const Scenario&);

}  // namespace stardsim

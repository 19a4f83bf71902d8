// What the commands tell, for programs: one JSON document each
// (results/README.md, JSON). Numbers in full, null for what is missing.
#pragma once

#include "models/exact.hpp"
#include "models/scenario.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace stardsim {

/// A run with what its result file (results.hpp) does not say.
struct RunDocument {
  std::vector<std::byte> image;  ///< the file
  struct Until {
    std::string goal;
    bool is_reached;
    double value;
  };
  std::optional<Until> until;
  std::string saved;  ///< the file's name; "" if it was not
  std::vector<std::string> unsourced;
};
std::string run_json(const std::vector<RunDocument>&);

/// Any file of the program, but for what only another run can use.
std::string image_json(const std::vector<std::byte>& image);

/// A file of comparison_image() (outcome_tables.hpp).
std::string comparison_json(const std::vector<std::byte>& image);

struct ExactDocument {
  std::string scenario_file;
  const Scenario* scenario;
  Expectation expectation;
  std::string law_sha256;
  double time_distance;  ///< of the compiled distributions from the stated ones
};
std::string exact_json(const std::vector<ExactDocument>&);

struct ValidDocument {
  std::string scenario_file;
  const Scenario* scenario;
  std::vector<std::string> unused_steps, unsourced;
};
std::string validate_json(const std::vector<ValidDocument>&);

}  // namespace stardsim

// What an unfinished run has done, in a file beside its output from which it
// can be gone on with.
#pragma once

#include "sim/core/bytes.hpp"
#include "sim/core/spans.hpp"

#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace stardsim {

/// What makes a run what it is, by name: "seed" and "2006". Runs in which all
/// of it is equal give equal results.
using Identity = std::vector<std::pair<std::string, std::string>>;

/// In what they differ: "seed: 1 there, 2 here; ...", or "".
std::string difference_of(const Identity& there, const Identity& here);

void write(BytesOut&, const Identity&);
/// Throws BadBytes for what is no Identity.
Identity identity_in(BytesIn&);

struct Checkpoint {
  Identity identity;
  std::string start_time;  ///< of the first beginning; ISO 8601, UTC
  Bytes tally;             ///< bytes_of() it
  Spans patients_left;     ///< of those below patients_goal
  std::uint64_t patients_goal = 0;
  Spans draws_left;  ///< of the uncertainty draws

  bool operator==(const Checkpoint&) const = default;
};

/// A file is no checkpoint, or a damaged one; the message says which.
class BadCheckpoint : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// FILE.checkpoint, FILE.rows.
std::filesystem::path checkpoint_of(const std::filesystem::path& output);
std::filesystem::path rows_of(const std::filesystem::path& output);

/// In a temporary file that takes the place of the last one. Throws
/// CannotWrite.
void write_checkpoint(const std::filesystem::path&, const Checkpoint&);

/// Throws BadCheckpoint, and CannotRead.
Checkpoint read_checkpoint(const std::filesystem::path&);

}  // namespace stardsim

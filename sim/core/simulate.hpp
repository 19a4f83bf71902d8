// Running a cohort.
#pragma once

#include "models/law.hpp"
#include "sim/core/parallel.hpp"
#include "sim/core/tally.hpp"
#include "sim/core/words.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace stardsim {

/// Whom to simulate, and how.
struct RunOptions {
  std::uint64_t first_patient = 0;
  std::uint64_t patients = 1'000'000;  ///< first + patients <= 2^40
  Luck luck;
  int threads = 0;  ///< 0: as many as the machine has cores
  /// Of instruction_sets(); "": the fastest. Without effect where the law needs
  /// the plain course.
  std::string instruction_set;
  /// Called from time to time, by one thread, with the patients done so far.
  std::function<void(std::uint64_t)> progress;
  /// Asked before every block; true ends the run with Interrupted.
  std::function<bool()> stop;
};

/// Throws std::invalid_argument for patients or draws that cannot be numbered.
void require_possible(const RunOptions&);

/// What the run was really done with.
struct RunFacts {
  int threads = 1;
  std::string instruction_set;  ///< "plain": the plain course
};

/// Names for RunOptions::instruction_set that this machine can run, the
/// fastest first; the last is "one-lane".
std::vector<std::string> instruction_sets();

/// The tally is the same, to the last bit, for every number of threads and
/// every instruction set. Throws std::invalid_argument for options out of
/// range, Interrupted, and CannotStartThreads.
Tally simulate(const Law&, const RunOptions&, RunFacts* facts = nullptr);

}  // namespace stardsim

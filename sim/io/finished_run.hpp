// What a finished result tells of its run, so that it can be taken further.
#pragma once

#include "sim/analysis/draw_rows.hpp"
#include "sim/analysis/probabilistic.hpp"
#include "sim/core/bytes.hpp"
#include "sim/io/checkpoint.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace stardsim {

struct FinishedRun {
  /// "scenario", "compiled tables", "version" and "seed", in full.
  Identity identity;
  std::uint64_t patients = 0;
  Bytes tally;              ///< bytes_of() it
  std::uint32_t draws = 0;  ///< 0: none
  std::uint64_t draw_patients = 0;
  bool has_histories = false;
};

/// Throws CannotRead or BadResult.
FinishedRun read_finished(const std::filesystem::path&);

/// The rows of all its draws, which are the first ones of those of the run.
/// Throws CannotRead or BadResult.
void read_draw_rows(const std::filesystem::path&, const ProbabilisticRun&,
                    std::uint32_t draws, DrawRows& to);

}  // namespace stardsim

// Whose history a result file keeps.
#pragma once

#include "sim/core/words.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

namespace stardsim {

/// What is stored of so many takes 0.1 GB or more for each pathway
/// (results/README.md).
inline constexpr std::uint64_t most_traced_patients = 10'000'000;

/// Whose histories are kept.
struct Trace {
  std::uint64_t patients = 0;             ///< the first so many of the cohort
  std::optional<std::size_t> subgroup{};  ///< of them its members alone
  Luck luck{};
  /// Called from time to time with the patients done so far.
  std::function<void(std::uint64_t)> progress{};
  /// Asked from time to time; true ends the work with Interrupted.
  std::function<bool()> stop{};
};

}  // namespace stardsim

// What the engine counts. Only integers, so that neither the order in which
// patients are added nor the number of threads can be seen in a result.
#pragma once

#include "models/course_table.hpp"
#include "models/law.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace stardsim {

/// Patients are dealt to this many fixed batches (patient mod 256), whose sums
/// let pathways be compared, paired, without running them again.
inline constexpr std::size_t batch_count = 256;

struct PathwayTally {
  /// By Estimand.
  std::array<CourseTable<std::uint64_t>, estimand_count> course;
  /// By Estimand: patients ever in remission, by batch.
  std::array<std::array<std::uint64_t, batch_count>, estimand_count>
      remission_by_batch{};
};

struct Tally {
  std::uint64_t patients = 0;
  std::vector<PathwayTally> pathways;  ///< in the order of the scenario

  Tally() = default;
  explicit Tally(const Law&);  ///< nobody counted yet
  /// Requires that both come from the same law.
  Tally& operator+=(const Tally&);
};

}  // namespace stardsim

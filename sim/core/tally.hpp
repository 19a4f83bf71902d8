// What the engine counts. Only integers, so that neither the order in which
// patients are added nor the number of threads can be seen in a result.
#pragma once

#include "models/course_table.hpp"
#include "models/law.hpp"
#include "models/staging.hpp"
#include "sim/core/bytes.hpp"
#include "sim/core/outcomes.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace stardsim {

/// Ever in remission by both courses, and still in the first one at the
/// horizon.
enum class BatchSum { if_all_continue, observed, sustained };
inline constexpr std::size_t batch_sum_count = 3;

/// The members of a subgroup on one pathway.
struct SubgroupTally {
  std::uint64_t patients = 0;
  /// [course][w]: first remissions that fall in week w.
  std::array<std::vector<std::uint64_t>, course_count> remission_by_week;
  std::vector<std::uint64_t> first_remission_lost_by_week;
  bool operator==(const SubgroupTally&) const = default;
};

/// How patients stood when they entered an attempt (observed course).
struct StageTally {
  /// [method][level]: who entered the step at this level, and who of them
  /// remitted in it.
  std::array<std::vector<std::uint64_t>, staging_method_count> entered,
      remission;
  /// Entered with two failed trials or more: of any kind, and those of them
  /// with two adequate ones and the right diagnosis. The difference is
  /// pseudo-resistance.
  std::uint64_t apparently_resistant = 0, truly_resistant = 0;
  bool operator==(const StageTally&) const = default;
};

/// The patients of a run on one pathway.
struct PathwayTally {
  /// By course: if_all_continue, observed.
  std::array<CourseTable<std::uint64_t>, course_count> course;
  LaterCourse<std::uint64_t> later;
  /// By BatchSum: patients, by batch.
  std::array<std::array<std::uint64_t, batch_count>, batch_sum_count>
      by_batch{};
  std::vector<SubgroupTally> subgroups;  ///< in the order of the scenario
  std::vector<StageTally> stages;        ///< by step; empty without staging
  /// [method][level][w]: patients in care at this level at the end of week w.
  std::array<std::vector<std::vector<std::uint64_t>>, staging_method_count>
      stage_by_week;
  bool operator==(const PathwayTally&) const = default;
};

/// The patients of a run on all pathways.
struct Tally {
  std::uint64_t patients = 0;
  std::vector<PathwayTally> pathways;  ///< in the order of the scenario
  Outcomes outcomes;  ///< of the measures of Law::accrual, if there is one

  Tally() = default;
  explicit Tally(const Law&);  ///< nobody counted yet
  /// Requires that both come from the same law.
  Tally& operator+=(const Tally&);
  /// Takes away what has been added, or will be.
  Tally& operator-=(const Tally&);
  bool operator==(const Tally&) const = default;
};

/// All numbers of a tally, and the tally of this law that they make. Throws
/// BadBytes for those of another law.
Bytes bytes_of(const Tally&);
Tally tally_of(const Law&, std::span<const std::byte>);

}  // namespace stardsim

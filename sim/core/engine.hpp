// What the course of a tile of patients works with: the law prepared for
// searching, and the room in cache in which a tile is simulated.
#pragma once

#include "models/law.hpp"
#include "sim/core/tally.hpp"
#include "sim/core/words.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace stardsim {

/// Patients simulated together, small enough to stay in cache.
inline constexpr std::size_t tile_size = 2048;
/// A vector may be written up to this many words past the end of a list.
inline constexpr std::size_t overrun = 64;
/// Patients handed to a thread at a time.
inline constexpr std::size_t block_size = 32 * tile_size;

// Whole vectors of a tile meet whole vectors of batches; words come by fours.
static_assert(tile_size % batch_count == 0);
static_assert(max_steps % words_per_block == 0);

/// A TimeLaw laid out for finding the index, the number of cuts <= word.
struct TimeSearch {
  /// Up to 16 times are searched in these alone.
  alignas(64) std::array<Cut, 16> few_cuts;
  alignas(64) std::array<Ticks, 16> few_ticks;
  bool few;
  /// More are searched between guide[h] and guide[h + 1], h being the word's
  /// highest bits: seldom more than a few steps.
  static constexpr int guide_bits = 12;
  std::vector<std::uint32_t> guide;
  std::vector<Cut> cut;
  std::vector<Ticks> tick;

  explicit TimeSearch(const TimeLaw&);
};

/// The law made ready. Holds no reference to the law it was made from.
struct Engine {
  Law law;
  std::vector<TimeSearch> times;     ///< as law.times
  std::vector<bool> anybody_leaves;  ///< by pathway
  std::uint32_t visits = 0;          ///< steps of the longest pathway
  bool draws_arm = false, draws_attrition = false;

  /// Throws std::invalid_argument for a pathway of more than max_steps.
  explicit Engine(Law);

  /// Whether the intolerant of this arm leave the step before its end.
  bool exits_early(const StepLaw& step, const ArmLaw& arm) const {
    return arm.can_be_intolerant() &&
           law.times[arm.intolerance_time].tick.front() < step.length;
  }
};

/// One word for each patient of a tile.
using Row = std::array<std::uint32_t, tile_size + overrun>;

/// Patients that one outcome befell in this step.
struct Roster {
  alignas(64) Row slot{};   ///< place in the tile
  alignas(64) Row state{};  ///< at the step's start
  std::size_t size = 0;
};

/// First remissions of a pathway, four copies in turn, so that one count need
/// not wait for the last. Cell 2 * week for those in care until then, the next
/// one for those who had left.
using RemissionCells = std::array<std::vector<std::uint32_t>, 4>;

/// By estimand and batch.
using RemissionByBatch =
    std::array<std::array<std::uint32_t, batch_count>, estimand_count>;

/// A patient's state on the way: the ticks since entry at which the present
/// step began, and two flags. One who has left care is simulated all the same;
/// only `observed` no longer counts him.
inline constexpr std::uint32_t remitted_flag = 0x80000000;
inline constexpr std::uint32_t left_care_flag = 0x40000000;
inline constexpr std::uint32_t clock_bits = left_care_flag - 1;

/// What one thread works in. Made anew for every tile but for the counters,
/// which are emptied into the tally after every block.
struct alignas(64) Workspace {
  alignas(64) std::array<std::uint32_t, 10> key[2];  ///< by round of Philox
  Luck luck;
  std::uint64_t first = 0;  ///< patient in slot 0; a multiple of tile_size
  std::size_t begin = 0, end = 0;  ///< slots in use

  alignas(64) std::array<Row, max_steps> arm, outcome, attrition;
  alignas(64) Row state{};
  alignas(64) Row time{};  ///< of a roster: its words, then its ticks
  alignas(64) Roster remitted, intolerant;

  std::vector<RemissionCells> remission_cells;       ///< by pathway
  std::vector<RemissionByBatch> remission_by_batch;  ///< by pathway

  Workspace(const Engine&, Luck);
  /// Adds the counters to the tally and empties them.
  void flush(Tally&);
};

/// The course compiled for one instruction set: simulates the patients
/// first .. first + count - 1 (within one block) on every pathway.
struct CourseForm {
  std::string instruction_set;
  void (*run)(const Engine&, std::uint64_t first, std::size_t count, Workspace&,
              Tally&);
};

/// The forms this machine can run, the fastest first; the last is always
/// "one-lane", the reference that every machine can run.
std::vector<CourseForm> course_forms();

}  // namespace stardsim

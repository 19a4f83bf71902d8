// What the course of a tile of patients works with: the law prepared for
// searching, and the room in cache in which a tile is simulated.
#pragma once

#include "models/law.hpp"
#include "sim/core/accruals.hpp"
#include "sim/core/cohort_rows.hpp"
#include "sim/core/tally.hpp"
#include "sim/core/tile.hpp"
#include "sim/core/words.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace stardsim {

/// Patients handed to a thread at a time.
inline constexpr std::size_t block_size = 32 * tile_size;
/// A patient makes no more attempts than this; he is then untreated.
inline constexpr std::uint32_t max_visits = 256;

// Whole vectors of a tile meet whole vectors of batches.
static_assert(tile_size % batch_count == 0);

/// A TimeLaw laid out for finding the index, the number of cuts <= word; the
/// tick behind the last cut is `never`.
struct TimeSearch {
  /// Up to 16 times are searched in these alone.
  alignas(64) std::array<Cut, 16> few_cuts;
  alignas(64) std::array<Ticks, 16> few_ticks;
  bool few;
  /// More are searched between guide[h] and guide[h + 1], h being the word's
  /// highest bits: seldom more than a few steps, and one at most where
  /// `one_probe`.
  int guide_shift;
  bool one_probe;
  std::vector<std::uint32_t> guide;
  std::vector<Cut> cut;
  std::vector<Ticks> tick;
  /// Before the last tick, tick[i] is tick_step * (i + 1); 0 if not so.
  Ticks tick_step;

  explicit TimeSearch(const TimeLaw&);

  /// The time of one word.
  Ticks at(std::uint32_t word) const;
  /// P(T <= tick), as a cut.
  Cut by(Ticks) const;
};

/// What can happen on a pathway at all.
struct PathwayFacts {
  bool parts = false;        ///< can_part
  bool comes_back = false;   ///< remission is not the end of the course
  bool may_outlast = false;  ///< the horizon may come within a step
  bool is_plain = true;      ///< nobody asks what became of a single patient
  /// What follows an attempt is told in vectors (follow_up-inl.hpp): those not
  /// in remission go on at the step's end or leave care for good, and a relapse
  /// leads to the next step.
  bool in_vectors = false;
};

/// The law made ready. Holds no reference to the law it was made from.
struct Engine {
  Law law;
  Ticks horizon = 0;
  std::vector<TimeSearch> times, survivals;  ///< as in the law
  std::vector<PathwayFacts> facts;           ///< by pathway
  std::optional<AccrualPlan> accruals;       ///< for the course in vectors
  /// Of those of the law, the first ones, which are simulated; the others are
  /// variants of them (variants.cpp).
  std::size_t pathways = 0;

  /// Throws std::invalid_argument for a pathway of more than max_steps.
  explicit Engine(Law);
  /// Only the first `pathways` of the law are simulated.
  Engine(Law, std::size_t pathways);

  /// Whether those who end so leave the step before its end.
  bool exits_early(const StepLaw& step, std::size_t time) const {
    return law.times[time].tick.front() < step.length;
  }
};

/// The words of one purpose, by visit; drawn by fours when first asked for.
struct WordRows {
  std::vector<std::array<Row, words_per_block>> fours;
  std::uint32_t drawn = 0;  ///< of the present tile: visits below have words
};

/// Patients that one outcome befell in this attempt.
struct Roster {
  alignas(64) Row slot{};   ///< place in the tile
  alignas(64) Row state{};  ///< of the remitted: at the step's start
  std::size_t size = 0;

  void add(std::uint32_t the_slot) { slot[size++] = the_slot; }
};

/// Words to be gone through one by one: two for each patient at most.
struct List {
  alignas(64) std::array<std::uint32_t, 2 * tile_size + overrun> word{};
  std::size_t size = 0;
};

/// What is counted by week, cell kind * (horizon + 1) + week, four copies in
/// turn, so that one count need not wait for the last.
enum CellKind : std::uint32_t {
  remission_of_both,          ///< first remission, of both courses
  remission_observed,         ///< first one, of the observed course alone
  remission_if_all_continue,  ///< first one, of the other course alone
  remission_again,
  first_remission_lost,
  first_remission_ended,  ///< lost, and State::remitted left, at once
  late,                   ///< after the horizon: not counted
  first_state_cell,       ///< entered, left for each State from here on
  cell_kinds = first_state_cell + 2 * state_count
};
using Cells = std::array<std::vector<std::uint32_t>, 4>;

/// By BatchSum and batch.
using SumsByBatch =
    std::array<std::array<std::uint32_t, batch_count>, batch_sum_count>;

/// A patient's state on the way: the ticks since entry at which the present
/// step begins, the position of that step in the pathway, and three flags.
inline constexpr std::uint32_t finished_flag = 0x80000000;  ///< course ended
/// Counts for the observed course alone: the one if all continue has ended, or
/// goes another way.
inline constexpr std::uint32_t parted_flag = 0x40000000;
inline constexpr std::uint32_t remitted_flag = 0x20000000;  ///< at least once
// Where all is told in vectors (PathwayFacts::in_vectors) the two flags say:
// neither: both courses; parted alone: the one if all continue goes on after
// the patient has left care; both: in the first remission; remitted alone: it
// has been lost.
inline constexpr int position_shift = 23;
inline constexpr std::uint32_t position_bits = 63u << position_shift;
inline constexpr std::uint32_t clock_bits = (1u << position_shift) - 1;
static_assert(never == clock_bits + 1);

/// A patient at the point where the course if all continue goes another way
/// than the observed one.
struct Fork {
  std::uint32_t slot;
  Ticks clock;
  std::uint32_t position, trials, classes;
};

struct Watch;
struct Workspace;

/// The whole course of one tile on one pathway: first as observed, then, from
/// the forks on, as if everybody continued.
struct Walk {
  const Engine& engine;
  std::size_t pathway;  ///< in the engine's law
  std::size_t row;      ///< of the pathways simulated, the one it stands for
  std::size_t counter;  ///< in Workspace::cells, by_batch and growth
  const PathwayLaw& steps;
  const PathwayFacts& facts;
  bool everybody_continues;
  Workspace& work;
  PathwayTally& tally;
  std::array<std::uint32_t*, 4> cells;  ///< the copies of this pathway's Cells
  std::size_t weeks;                    ///< cells of a kind: horizon + 1
};

/// What one thread works in. Made anew for every tile but for the counters,
/// which are emptied into the tally after every block.
struct alignas(64) Workspace {
  alignas(64) std::array<std::uint32_t, 10> key[2];  ///< by round of Philox
  Luck luck;
  std::uint64_t first = 0;  ///< patient in slot 0; a multiple of tile_size
  std::size_t begin = 0, end = 0;  ///< slots in use
  /// Slot i holds the patient first + member[i]: one after the other, unless
  /// they are scattered; then `first` is a multiple of 2^32.
  bool scattered = false;
  alignas(64) Row member;
  Watch* watch = nullptr;  ///< what is watched for on the way (watch.hpp)

  WordRows arm, outcome, attrition, adherence, dose;
  CohortRows cohort;

  alignas(64) Row state{};
  /// Of a roster: its words, then its ticks; of the remitted, then their cells.
  alignas(64) Row time{};
  /// Of the remitted: the tick of remission since entry. In follow-up: the
  /// ticks until dropping out.
  alignas(64) Row other_time{};
  alignas(64) Row chosen{};  ///< arm of a selective step
  alignas(64) Row begun{};   ///< state at the start of the attempt
  alignas(64) Row ended{};   ///< LastOutcome of it, or ended_remitted
  alignas(64) Row trials{}, classes{};  ///< history
  /// Start of the first failed trial; `never` without one.
  alignas(64) Row resistant_since{};
  alignas(64) Row forked{};
  alignas(64) Row first_remission[course_count];  ///< tick; 0: none
  alignas(64) Row lost{};  ///< tick of the first remission's loss; 0: none
  alignas(64) Roster remitted, intolerant, unresponsive, given;
  alignas(64) Roster missed;  ///< remitted, but after the horizon
  /// Those whose follow-up ended, and their state from then on.
  alignas(64) Roster moved;
  alignas(64) Roster left, to_follow_up, to_gap, exhausted, following;
  /// What is to be counted: numbers of cells; weeks since entering follow-up.
  alignas(64) List cells_met, relapse_weeks, censored_weeks, unseen_ticks;

  std::array<bool, max_steps + 1> standing{}, coming{};  ///< by position
  std::vector<std::vector<Fork>> forks;                  ///< by visit

  Accounts accounts;

  std::vector<Cells> cells;           ///< by Walk::counter
  std::vector<SumsByBatch> by_batch;  ///< by Walk::counter

  /// With staging: the level of each patient, by method; and, by Walk::counter,
  /// method and level, by how many the patients there grow in a week.
  std::array<std::array<std::uint8_t, tile_size>, staging_method_count> level;
  using Growth = std::vector<std::vector<std::int64_t>>;
  std::vector<std::array<Growth, staging_method_count>> growth;

  /// With so many sets of counters for each pathway simulated.
  Workspace(const Engine&, Luck, std::size_t counter_sets = 1);
  /// Adds the counters to the tally and empties them.
  void flush(const Engine&, std::uint64_t patients, Tally&);
  /// Those of one pathway of the law.
  void flush(const Engine&, std::size_t pathway, std::size_t counter,
             std::uint64_t patients, PathwayTally&);

  std::uint64_t patient_in(std::size_t slot) const {
    return first + member[slot];
  }
};

/// Where a walk is counted. Walk::row is that of `pathways` in the tally.
struct WalkPlace {
  std::size_t pathway, row, counter;
};

inline constexpr std::uint32_t ended_remitted = 4;

/// The course compiled for one instruction set: simulates the patients
/// first .. first + count - 1 (within one block) on every pathway.
struct CourseForm {
  std::string instruction_set;
  void (*run)(const Engine&, std::uint64_t first, std::size_t count, Workspace&,
              Tally&);
  /// Walks the patients of work.member, in the slots below work.end, through
  /// some pathways, and adds their outcomes, those on other pathways being as
  /// they were left in `work`. `anew`: they are other patients than at the last
  /// call.
  void (*walk)(const Engine&, const std::vector<WalkPlace>&, bool anew,
               Workspace&, Tally&) = nullptr;
};

/// The forms this machine can run, the fastest first; the last is always
/// "one-lane", the reference that every machine can run.
std::vector<CourseForm> course_forms();

}  // namespace stardsim

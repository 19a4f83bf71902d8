// What happens to single patients, one at a time: the bookkeeping of the
// course, after the vectors have drawn and timed.
#pragma once

#include "sim/core/engine.hpp"

#include <cstdint>

namespace stardsim {

/// One arm of one step, for those of the tile who come to it.
struct Attempt {
  const Walk& walk;
  const StepLaw& step;
  const ArmLaw& arm;
  std::uint32_t visit, position;
  std::size_t arm_index;
  bool is_last;  ///< of the pathway
  Flow<std::uint64_t>& if_all_continue;
  Flow<std::uint64_t>& observed;
};

/// Whether the two courses are counted apart, since they can differ.
inline bool counts_apart(const Walk& walk) {
  return !walk.everybody_continues &&
         (walk.facts.parts || walk.facts.comes_back);
}

inline Ticks clock_of(std::uint32_t state) { return state & clock_bits; }

/// The cells of a kind, from week 0 on.
inline std::uint32_t cell_of(const Walk& walk, std::uint32_t kind) {
  return kind * static_cast<std::uint32_t>(walk.weeks);
}
inline std::uint32_t entered_cell(const Walk& walk, State state) {
  return cell_of(walk,
                 first_state_cell + 2 * static_cast<std::uint32_t>(state));
}
inline std::uint32_t left_cell(const Walk& walk, State state) {
  return cell_of(walk,
                 first_state_cell + 2 * static_cast<std::uint32_t>(state) + 1);
}

/// Counts one event in each of these cells.
inline void count_cells(const Walk& walk, const std::uint32_t* cells,
                        std::size_t size) {
  for (std::size_t i = 0; i < size; ++i)
    ++walk.cells[i % walk.cells.size()][cells[i]];
}

/// Counts one event of this kind in the week in which the tick ends.
inline void count(const Walk& walk, std::uint32_t kind, Ticks tick,
                  std::uint32_t slot, std::uint32_t patients = 1) {
  walk.cells[slot % walk.cells.size()][kind * walk.weeks + week_of(tick)] +=
      patients;
}

/// A state other than in_treatment is entered or left.
inline void enter_state(const Walk& walk, State state, Ticks tick,
                        std::uint32_t slot, std::uint32_t patients = 1) {
  count(walk, first_state_cell + 2 * static_cast<std::uint32_t>(state), tick,
        slot, patients);
}
inline void leave_state(const Walk& walk, State state, Ticks tick,
                        std::uint32_t slot) {
  count(walk, first_state_cell + 2 * static_cast<std::uint32_t>(state) + 1,
        tick, slot);
}

/// Puts the patient before the step at this position; behind the last one,
/// among those whose steps are exhausted. Nobody starts at the horizon.
void send(const Walk&, std::uint32_t slot, Ticks tick, std::uint32_t position);

/// Whom the step may be given, and which of its arms: work.chosen. Those who
/// can be given none pass on to the next step.
void offer(const Walk&, std::uint32_t visit, std::uint32_t position,
           const Row& words);

/// Patients come without a history, but for their trials before entry.
void forget_history(const Walk&);
/// With staging: the levels at which patients come.
void enter_levels(const Walk&);
/// No words have been drawn for this tile.
void forget_words(Workspace&);

/// In the second walk: those whose courses parted before this visit.
void take_up_forks(const Walk&, std::uint32_t visit);
/// Nobody makes more than max_visits attempts.
void give_up(const Walk&);

/// Those of the roster leave the step at the times in work.time, not at its
/// end.
void correct_exits(const Attempt&, const Roster&);
/// When those of work.remitted remitted, with the ticks in work.other_time.
void keep_remissions(const Attempt&);

// Where all is told in vectors:

/// Those of work.missed stay as they were, not in remission.
void miss_remissions(Workspace&);
/// Those of work.moved take their state.
void move_on(Workspace&);
/// Counts what the lists of follow-up tell, and empties them.
void count_follow_up(const Attempt&);
/// Counts the cells met, and empties the list.
void count_cells_met(const Walk&);

/// Those of the roster of accounts are in remission to the horizon.
void stay_in_remission(const Attempt&);
/// Adds those of work.missed to the roster of accounts.
void add_missed(const Attempt&);
/// Adds the measures of the tile's patients to the tally.
void add_outcomes(Workspace&, Tally&);

/// With staging, before `remember`: at which levels those who were given this
/// attempt entered it.
void stage_at_entry(const Attempt&);

/// The trials of those who have had this attempt.
void remember(const Attempt&);

/// Those who do not go on to the next step at once part from the course if all
/// continue, and leave care, or enter follow-up or a gap.
void part(const Attempt&);

/// Those in remission enter follow-up or leave care; the former are enrolled
/// in work.following.
void enter_follow_up_remitted(const Attempt&);

/// Turns the words in work.time, of work.following, into those at which the
/// relapse law is read, where hazards differ between patients or change.
void change_hazards(const Attempt&, const FollowUpLaw&);

/// Those of work.following, with the times of relapse in work.time and of
/// dropping out in work.other_time: what comes first, and what follows it.
void end_follow_up(const Attempt&, const FollowUpLaw&, bool remitted);

/// Those of work.to_gap, with the times of return in work.time.
void end_gap(const Attempt&);

/// Those of work.exhausted: untreated from now on, perhaps with a spontaneous
/// remission.
void leave_untreated(const Walk&);

/// One of them, from his last step on.
void live_untreated(const Walk&, std::uint32_t slot);
/// A remission after the last step, without treatment.
void remit_spontaneously(const Walk&, std::uint32_t slot, Ticks);

/// Those of work.following, before the step, with the wait in work.time.
void wait(const Walk&, std::uint32_t position);

/// The patients of the tile in each subgroup, and what became of them.
void count_subgroups(const Walk&);

}  // namespace stardsim

// Relapse and dropping out. Included once for each instruction set (no ordinary
// include guard).
#if defined(STARDSIM_FOLLOW_UP_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef STARDSIM_FOLLOW_UP_INL
#undef STARDSIM_FOLLOW_UP_INL
#else
#define STARDSIM_FOLLOW_UP_INL
#endif

#include "models/planted.hpp"
#include "sim/core/accrue-inl.hpp"
#include "sim/core/engine.hpp"
#include "sim/core/offer.hpp"
#include "sim/core/record.hpp"
#include "sim/core/rosters-inl.hpp"
#include "sim/core/time_search-inl.hpp"
#include "sim/core/words-inl.hpp"

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace stardsim {
namespace HWY_NAMESPACE {

/// The times of the roster work.following for an event of this law, into row;
/// `never` without a law.
template <class L>
void time_following(const Attempt& attempt, std::size_t survival,
                    Purpose purpose, Row& row) {
  Workspace& work = attempt.walk.work;
  if (survival == nothing) {
    for (std::size_t i = 0; i < work.following.size; ++i) row[i] = never;
    return;
  }
  time_roster<L>(attempt.walk.engine.survivals[survival], work.following,
                 purpose, attempt.visit, work, row);
}

/// The times of relapse of the roster work.following, into work.time.
template <class L>
void time_relapse(const Attempt& attempt, const FollowUpLaw& law) {
  Workspace& work = attempt.walk.work;
  if (!changes_hazard(law))
    return time_following<L>(attempt, law.relapse, Purpose::relapse, work.time);
  draw_for<L>(work.following, Purpose::relapse, attempt.visit, work, work.time);
  change_hazards(attempt, law);
  find_times<L>(attempt.walk.engine.survivals[law.relapse], work.following.size,
                work.time);
}

/// Relapse or dropping out of those of work.following.
template <class L>
void follow_up(const Attempt& attempt, const FollowUpLaw& law, bool remitted) {
  Workspace& work = attempt.walk.work;
  if (work.following.size == 0) return;
  if (!law.is_watched()) return end_follow_up(attempt, law, remitted);
  time_relapse<L>(attempt, law);
  time_following<L>(attempt, law.drop_out, Purpose::drop_out, work.other_time);
  end_follow_up(attempt, law, remitted);
}

/// Those of work.following, with the times of relapse in work.time and of
/// dropping out in work.other_time: what comes first, and what follows it.
/// Where all is told in vectors.
template <class L>
void end_follow_up_in_vectors(const Attempt& attempt) {
  const Walk& walk = attempt.walk;
  Workspace& work = walk.work;
  const FollowUpLaw& law = attempt.arm.follow_up_remitted;
  const Roster& roster = work.following;
  const bool drops_out = law.drop_out != nothing;
  const auto horizon = L::all(walk.engine.horizon);
  const auto cell_first = L::all(cell_of(walk, first_remission_ended)),
             cell_again = L::all(left_cell(walk, State::remitted)),
             cell_out = L::all(entered_cell(walk, State::out_of_care)),
             cell_untreated = L::all(entered_cell(walk, State::untreated));
  const std::uint32_t next = (attempt.position + 1) << position_shift;
  const auto sent = L::all(remitted_flag |
                           (attempt.is_last ? finished_flag : next)),
             stopped = L::all(remitted_flag | finished_flag);
  const bool accrues = walk.engine.accruals.has_value();
  const auto relapse_one = L::all(1u << tallied::relapse);
  const AttemptAccounting<L> accounting(attempt);
  Accounts& accounts = work.accounts;
  Growing<L> cells(work.cells_met), relapse_weeks(work.relapse_weeks),
      censored_weeks(work.censored_weeks), unseen_ticks(work.unseen_ticks);
  std::size_t sustained = 0, moved = 0;
  for (std::size_t i = 0; i < roster.size; i += L::width) {
    const auto present = L::first(roster.size - i);
    const auto state = L::load(&roster.state[i]);
    const auto entry = L::bit_and(state, L::all(clock_bits));
    const auto again = L::any_bit(state, L::all(remitted_flag));
    const auto time = L::load(&work.time[i]);
    auto until = UNLESS_PLANTED(
        relapse_clock, time,
        L::subtract(time,
                    L::smaller(time, L::select(again, entry, L::all(0)))));
    auto back = present;
    if (drops_out) {
      const auto drop_out = L::load(&work.other_time[i]);
      back = L::but_not(back, L::below(drop_out, until));
      until = L::smaller(until, drop_out);
    }
    const auto at = L::add(entry, until);
    const auto ended = L::but_not(present, L::below(horizon, at));
    back = L::both(back, ended);
    sustained += L::count(L::but_not(L::but_not(present, ended), again));

    const auto seen = L::select(ended, until, L::subtract(horizon, entry));
    const auto week = week_at<L>(seen);
    const auto censored = L::but_not(present, back);
    relapse_weeks.note(back, week);
    censored_weeks.note(censored, week);
    unseen_ticks.note(
        censored,
        L::subtract(L::template shift_left<log2_ticks_per_week>(week), seen));

    const auto end_week = week_at<L>(at);
    cells.note(ended,
               L::add(L::select(again, cell_again, cell_first), end_week));
    // Nobody starts a step at the horizon.
    auto after = L::select(L::below(at, horizon), sent,
                           L::bit_or(sent, L::all(finished_flag)));
    if (attempt.is_last) cells.note(back, L::add(cell_untreated, end_week));
    if (drops_out) {
      const auto out = L::but_not(ended, back);
      cells.note(out, L::add(cell_out, end_week));
      if (accrues) accounting.leave(out, L::load(&roster.slot[i]), at);
      after = L::select(out, stopped, after);
    }
    if (accrues) {
      L::store(L::select(ended, at, horizon), &accounts.end[i]);
      L::store(L::select(back, relapse_one, L::all(0)), &accounts.change[i]);
    }
    L::append(L::load(&roster.slot[i]), ended, &work.moved.slot[moved]);
    moved += L::append(L::bit_or(at, after), ended, &work.moved.state[moved]);
  }
  work.moved.size = moved;
  attempt.observed.sustained += sustained;
  if (moved > 0 && !attempt.is_last) work.coming[attempt.position + 1] = true;
}

/// What the attempts of those who remitted, or nearly did, come to.
template <class L>
void account_for_remissions(const Attempt& attempt) {
  tally_remissions<L>(attempt);
  add_missed(attempt);
  accrue_remissions<L>(attempt);
  if (attempt.walk.work.accounts.leavers > 0) accrue_out_of_care(attempt.walk);
}

/// Relapse or dropping out of those of work.following, where all is told in
/// vectors.
template <class L>
void follow_up_in_vectors(const Attempt& attempt) {
  Workspace& work = attempt.walk.work;
  const FollowUpLaw& law = attempt.arm.follow_up_remitted;
  const bool accrues = attempt.walk.engine.accruals.has_value();
  if (!law.is_watched()) {
    for (std::size_t i = 0; i < work.following.size; ++i)
      if (!(work.following.state[i] & remitted_flag))
        ++attempt.observed.sustained;
    if (accrues) {
      stay_in_remission(attempt);
      account_for_remissions<L>(attempt);
    }
    return;
  }
  time_relapse<L>(attempt, law);
  if (law.drop_out != nothing)
    time_following<L>(attempt, law.drop_out, Purpose::drop_out,
                      work.other_time);
  end_follow_up_in_vectors<L>(attempt);
  if (accrues) account_for_remissions<L>(attempt);
  move_on(work);
  count_follow_up(attempt);
}

}  // namespace HWY_NAMESPACE
}  // namespace stardsim
HWY_AFTER_NAMESPACE();

#endif

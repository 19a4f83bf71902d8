// The course of a tile of patients along one pathway:
//
//   enter
//   at each visit, for each step at which patients stand:
//     offer, wait   which arm, if any; until the step starts
//     for each arm:
//       choose      who is given this arm
//       respond     remission, partial response, intolerance, or none of them
//       go on       to the next step, to follow-up, into a gap, or out of care
//       exit early  when those not in remission leave the step
//       remit       when the remission comes
//       follow up   relapse, or dropping out, and what comes after
//   deal            the remitted to the batches of the results
//
// All make their n-th attempt at the n-th visit, whatever the step, so that one
// row of words serves them all. Patients are walked through once as observed.
// Where the course if all continue goes another way it forks; it is taken up
// there in a second walk. The text is compiled once for every instruction set
// (no ordinary include guard), with L for the lanes: read with OneLane, every
// vector is one patient. What befalls single patients is told in record.cpp.
#if defined(STARDSIM_COURSE_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef STARDSIM_COURSE_INL
#undef STARDSIM_COURSE_INL
#else
#define STARDSIM_COURSE_INL
#endif

#include "sim/core/cohort-inl.hpp"
#include "sim/core/engine.hpp"
#include "sim/core/record.hpp"
#include "sim/core/response-inl.hpp"
#include "sim/core/time_search-inl.hpp"
#include "sim/core/words-inl.hpp"

#include <hwy/highway.h>

#include <utility>

HWY_BEFORE_NAMESPACE();
namespace stardsim {
namespace HWY_NAMESPACE {

/// The slots from i on that hold a patient.
template <class L>
HWY_INLINE typename L::Some present(const Workspace& work, std::size_t i) {
  const auto slot = L::counting_from(static_cast<std::uint32_t>(i));
  return L::but_not(
      L::below(slot, L::all(static_cast<std::uint32_t>(work.end))),
      L::below(slot, L::all(static_cast<std::uint32_t>(work.begin))));
}

/// Those who stand before the step at this position.
template <class L>
HWY_INLINE typename L::Some standing_at(std::uint32_t position,
                                        typename L::Words state) {
  return L::equal(L::bit_and(state, L::all(finished_flag | position_bits)),
                  L::all(position << position_shift));
}

template <class L>
void enter(const Walk& walk) {
  Workspace& work = walk.work;
  // An empty slot takes no part: it looks as if its course had ended.
  for (std::size_t i = 0; i < tile_size; i += L::width)
    L::store(L::select(present<L>(work, i), L::all(0), L::all(finished_flag)),
             &work.state[i]);
  for (auto& forks : work.forks) forks.clear();
  work.standing.fill(false);
  work.coming.fill(false);
  work.standing[0] = true;
  if (walk.facts.parts) work.forked.fill(0);
  if (!walk.facts.is_plain || walk.facts.comes_back) forget_history(walk);
  if (walk.engine.law.staging) enter_levels(walk);
}

/// The second walk starts with nobody; the forked come in at their visits.
template <class L>
void enter_again(const Walk& walk) {
  Workspace& work = walk.work;
  work.state.fill(finished_flag);
  work.standing.fill(false);
  work.coming.fill(false);
}

/// Appends to the roster those of the patients in slots i, i + 1, ...
template <class L>
HWY_INLINE void enroll(Roster& roster, std::size_t& size, typename L::Some some,
                       std::size_t i) {
  const auto slot = L::counting_from(static_cast<std::uint32_t>(i));
  size += L::append(slot, some, &roster.slot[size]);
}
template <class L>
HWY_INLINE void enroll(Roster& roster, std::size_t& size, typename L::Some some,
                       std::size_t i, typename L::Words state) {
  L::append(state, some, &roster.state[size]);
  enroll<L>(roster, size, some, i);
}

/// The sizes of the rosters of an attempt; kept apart from memory while they
/// grow.
struct Sizes {
  std::size_t remitted = 0, intolerant = 0, unresponsive = 0, given = 0,
              left = 0, to_follow_up = 0, to_gap = 0, exhausted = 0;

  explicit Sizes(const Workspace& work) : exhausted(work.exhausted.size) {}

  void keep(Workspace& work) const {
    work.remitted.size = remitted;
    work.intolerant.size = intolerant;
    work.unresponsive.size = unresponsive;
    work.given.size = given;
    work.left.size = left;
    work.to_follow_up.size = to_follow_up;
    work.to_gap.size = to_gap;
    work.exhausted.size = exhausted;
  }
};

/// Choose, respond, go on: those given this arm have their clock set to the
/// step's end and stand before the next one; who is to be timed, or does
/// something else, is enrolled.
template <class L>
void attempt_treatment(const Attempt& attempt) {
  const Walk& walk = attempt.walk;
  Workspace& work = walk.work;
  const Engine& engine = walk.engine;
  const ArmLaw& arm = attempt.arm;
  const Responding<L> responding(attempt);
  const GoingOn<L> going(attempt);
  const bool chooses = attempt.step.arms.size() > 1;
  const auto chosen_from = L::all(arm.chosen_from),
             chosen_below = L::all(arm.chosen_below);
  const bool timed_intolerance =
      engine.exits_early(attempt.step, arm.intolerance_time);
  const bool timed_no_response =
      engine.exits_early(attempt.step, arm.no_response_time);
  const bool may_outlast = walk.facts.may_outlast;
  const bool is_plain = walk.facts.is_plain;
  const bool apart = counts_apart(walk);
  const bool may_stop =
      !walk.everybody_continues || engine.law.spontaneous_remission != nothing;
  const auto horizon = L::all(engine.horizon);
  const auto onward = L::all(attempt.step.length +
                             (attempt.is_last ? 0 : 1u << position_shift));
  const auto length = L::all(attempt.step.length);
  const std::uint32_t* const arm_words =
      chooses && !attempt.step.selective
          ? words_row<L>(work, work.arm, Purpose::arm, attempt.visit).data()
          : nullptr;
  Sizes sizes(work);
  Counts all(attempt), unparted(attempt);
  auto ticks = L::no_sums(), unparted_ticks = ticks;
  for (std::size_t i = 0; i < tile_size; i += L::width) {
    const auto state = L::load(&work.state[i]);
    auto given = standing_at<L>(attempt.position, state);
    if (!L::any(given)) continue;
    if (attempt.step.selective)
      given = L::both(
          given,
          L::equal(L::load(&work.chosen[i]),
                   L::all(static_cast<std::uint32_t>(attempt.arm_index))));
    else if (chooses)
      given =
          choose<L>(given, L::load(arm_words + i), chosen_from, chosen_below);
    auto response = responding.respond(given, i);
    const auto clock = L::bit_and(state, L::all(clock_bits));
    auto after = L::bit_or(L::add(state, onward),
                           attempt.is_last ? L::all(finished_flag) : L::all(0));
    if (may_outlast) {
      // Who is still in the step at the horizon had no outcome by then.
      const auto end = L::add(clock, length);
      auto late = L::both(given, L::below(horizon, end));
      if (timed_intolerance) late = L::but_not(late, response.intolerant);
      if (timed_no_response) late = L::both(late, response.intolerant);
      late = L::but_not(late, response.remitted);
      response.set_late(late);
      after = L::select(L::below(end, horizon), after,
                        L::bit_or(after, L::all(finished_flag)));
      const auto spent = L::select(
          given, L::smaller(length, L::subtract(horizon, clock)), L::all(0));
      ticks = L::plus(ticks, spent);
      if (apart)
        unparted_ticks = L::plus(
            unparted_ticks, L::select(L::any_bit(state, L::all(parted_flag)),
                                      L::all(0), spent));
    }
    all.add<L>(given, response);
    if (apart)
      unparted.add<L>(L::but_not(given, L::any_bit(state, L::all(parted_flag))),
                      response);
    enroll<L>(work.remitted, sizes.remitted, response.remitted, i, state);
    if (timed_intolerance && responding.can_be_intolerant())
      enroll<L>(work.intolerant, sizes.intolerant, response.intolerant, i);
    const auto failed = response.failed(given);
    if (timed_no_response)
      enroll<L>(work.unresponsive, sizes.unresponsive,
                L::but_not(failed, response.intolerant), i);
    if (!is_plain) {
      enroll<L>(work.given, sizes.given, given, i);
      L::store(L::select(given, state, L::load(&work.begun[i])),
               &work.begun[i]);
      L::store(L::select(given, response.code(), L::load(&work.ended[i])),
               &work.ended[i]);
    }
    // Who is late stands past the horizon: nothing more befalls him.
    if (may_outlast)
      after = L::select(response.late,
                        L::bit_or(L::bit_and(state, L::all(~clock_bits)),
                                  L::all(finished_flag + engine.horizon + 1)),
                        after);
    auto on = failed;
    if (going.anybody_parts()) {
      const auto destination = going.decide(failed, response, i);
      on = destination.next;
      enroll<L>(work.left, sizes.left, destination.out, i);
      if (going.leads_elsewhere()) {
        enroll<L>(work.to_follow_up, sizes.to_follow_up, destination.follow_up,
                  i);
        enroll<L>(work.to_gap, sizes.to_gap, destination.gap, i);
      }
    }
    if (attempt.is_last && may_stop)
      enroll<L>(work.exhausted, sizes.exhausted, on, i);
    after = L::select(response.remitted,
                      L::bit_or(state, L::all(finished_flag | remitted_flag)),
                      after);
    L::store(L::select(given, after, state), &work.state[i]);
  }
  sizes.keep(work);
  if (!attempt.is_last && all.entered > all.remission)
    work.coming[attempt.position + 1] = true;
  if (!may_outlast) {
    all.ticks = all.entered * attempt.step.length;
    unparted.ticks = unparted.entered * attempt.step.length;
  } else {
    all.ticks = L::total(ticks);
    unparted.ticks = L::total(unparted_ticks);
  }
  if (!walk.everybody_continues) all.add_to(attempt.observed);
  (apart ? unparted : all).add_to(attempt.if_all_continue);
}

/// Moves the clock of those who left the step early from its end back to their
/// exit.
template <class L>
void exit_early(const Attempt& attempt, const Roster& roster,
                std::size_t time) {
  if (roster.size == 0) return;
  Workspace& work = attempt.walk.work;
  time_roster<L>(attempt.walk.engine.times[time], roster, Purpose::outcome_time,
                 attempt.visit, work, work.time);
  correct_exits(attempt, roster);
}

/// Times the remissions and puts them on the calendar.
template <class L>
void remit(const Attempt& attempt) {
  const Walk& walk = attempt.walk;
  Workspace& work = walk.work;
  const Roster& roster = work.remitted;
  const std::uint32_t weeks = walk.engine.law.horizon + 1;
  const bool apart = counts_apart(walk);
  const bool may_outlast = walk.facts.may_outlast;
  const bool is_final =
      walk.facts.is_plain && !walk.facts.comes_back && !may_outlast;
  const auto horizon = L::all(walk.engine.horizon);
  const auto length = L::all(attempt.step.length);
  time_roster<L>(walk.engine.times[attempt.arm.remission_time], roster,
                 Purpose::outcome_time, attempt.visit, work, work.time);
  const auto usual_cell =
      L::all(weeks * (walk.everybody_continues ? remission_if_all_continue
                                               : remission_of_both));
  Remissions<L> all, unparted;
  std::size_t unparted_count = 0;
  for (std::size_t i = 0; i < roster.size; i += L::width) {
    const auto present = L::first(roster.size - i);
    const auto state = L::load(&roster.state[i]);
    auto time = L::select(present, L::load(&work.time[i]), L::all(0));
    const auto clock = L::bit_and(state, L::all(clock_bits));
    const auto end = L::add(clock, time);
    if (!is_final) L::store(end, &work.other_time[i]);
    auto cell = usual_cell;
    auto one_course = L::but_not(present, present);
    if (apart) {
      one_course = L::any_bit(state, L::all(parted_flag));
      cell = L::select(one_course, L::all(weeks * remission_observed), cell);
      cell = L::select(L::any_bit(state, L::all(remitted_flag)),
                       L::all(weeks * remission_again), cell);
      unparted_count += L::count(L::but_not(present, one_course));
    }
    if (may_outlast) {
      const auto missed = L::both(present, L::below(horizon, end));
      const auto counted = L::but_not(present, missed);
      const auto room = L::smaller(length, L::subtract(horizon, clock));
      time = L::select(missed, L::all(0), time);
      all.add_room(counted, missed, room);
      if (apart)
        unparted.add_room(L::but_not(counted, one_course),
                          L::but_not(missed, one_course), room);
      cell = L::select(missed, L::all(weeks * late), cell);
    }
    all.add(time);
    if (apart) unparted.add(L::select(one_course, L::all(0), time));
    const auto week = L::template shift_right<log2_ticks_per_week>(
        L::add(L::add(clock, time), L::all(ticks_per_week - 1)));
    L::store(L::add(cell, week), &work.time[i]);
  }
  for (std::size_t i = 0; i < roster.size; ++i)
    ++walk.cells[i % walk.cells.size()][work.time[i]];
  const auto room = [&](const Remissions<L>& some, std::size_t count) {
    return may_outlast ? some.room()
                       : std::uint64_t{count} * attempt.step.length;
  };
  if (!walk.everybody_continues)
    all.add_to(attempt.observed, room(all, roster.size));
  if (apart)
    unparted.add_to(attempt.if_all_continue, room(unparted, unparted_count));
  else
    all.add_to(attempt.if_all_continue, room(all, roster.size));
  if (!is_final) keep_remissions(attempt);
}

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

/// Relapse or dropping out of those of work.following.
template <class L>
void follow_up(const Attempt& attempt, const FollowUpLaw& law, bool remitted) {
  Workspace& work = attempt.walk.work;
  if (work.following.size == 0) return;
  if (!law.is_watched()) return end_follow_up(attempt, law, remitted);
  if (law.relapse == nothing) {
    time_following<L>(attempt, nothing, Purpose::relapse, work.time);
  } else {
    draw_for<L>(work.following, Purpose::relapse, attempt.visit, work,
                work.time);
    change_hazards(attempt, law);
    find_times<L>(attempt.walk.engine.survivals[law.relapse],
                  work.following.size, work.time);
  }
  time_following<L>(attempt, law.drop_out, Purpose::drop_out, work.other_time);
  end_follow_up(attempt, law, remitted);
}

/// What follows the attempt for those who do not simply go on.
template <class L>
void go_their_ways(const Attempt& attempt) {
  const Walk& walk = attempt.walk;
  Workspace& work = walk.work;
  const ArmLaw& arm = attempt.arm;
  part(attempt);
  follow_up<L>(attempt, arm.follow_up_not_remitted, false);
  if (walk.facts.comes_back) {
    enter_follow_up_remitted(attempt);
    follow_up<L>(attempt, arm.follow_up_remitted, true);
  }
  if (work.to_gap.size == 0) return;
  std::swap(work.to_gap, work.following);
  time_following<L>(attempt, walk.engine.law.gap_return, Purpose::gap_return,
                    work.time);
  std::swap(work.to_gap, work.following);
  end_gap(attempt);
}

/// Until the step at this position starts.
template <class L>
void wait_for(const Walk& walk, std::uint32_t visit, std::uint32_t position) {
  Workspace& work = walk.work;
  std::size_t size = 0;
  for (std::size_t i = 0; i < tile_size; i += L::width)
    enroll<L>(work.following, size,
              standing_at<L>(position, L::load(&work.state[i])), i);
  work.following.size = size;
  time_roster<L>(walk.engine.survivals[walk.steps[position].wait],
                 work.following, Purpose::wait, visit, work, work.time);
  wait(walk, position);
}

template <class L>
bool anybody_stands(const Workspace& work, std::uint32_t position) {
  for (std::size_t i = 0; i < tile_size; i += L::width)
    if (L::any(standing_at<L>(position, L::load(&work.state[i])))) return true;
  return false;
}

/// The attempts of those who stand before the step at this position.
template <class L>
void take_step(const Walk& walk, std::uint32_t visit, std::uint32_t position) {
  const StepLaw& step = walk.steps[position];
  if (!anybody_stands<L>(walk.work, position)) return;
  if (step.wait != nothing) wait_for<L>(walk, visit, position);
  for (std::size_t a = 0; a < step.arms.size(); ++a) {
    const ArmLaw& arm = step.arms[a];
    const Attempt attempt{walk,
                          step,
                          arm,
                          visit,
                          position,
                          a,
                          position + 1 == walk.steps.size(),
                          walk.tally.course[0].arms[position][a],
                          walk.tally.course[1].arms[position][a]};
    attempt_treatment<L>(attempt);
    exit_early<L>(attempt, walk.work.intolerant, arm.intolerance_time);
    exit_early<L>(attempt, walk.work.unresponsive, arm.no_response_time);
    remit<L>(attempt);
    if (walk.engine.law.staging && !walk.everybody_continues)
      stage_at_entry(attempt);
    if (!walk.facts.is_plain) remember(attempt);
    if (!walk.everybody_continues) go_their_ways<L>(attempt);
  }
}

/// All visits of one walk.
template <class L>
void visit_all(const Walk& walk) {
  Workspace& work = walk.work;
  const auto steps = static_cast<std::uint32_t>(walk.steps.size());
  for (std::uint32_t visit = 0; visit < max_visits; ++visit) {
    if (walk.everybody_continues) {
      take_up_forks(walk, visit);
      std::swap(work.standing, work.coming);
    }
    bool anybody = false;
    for (std::uint32_t k = 0; k < steps; ++k) {
      if (!work.standing[k]) continue;
      anybody = true;
      if (walk.steps[k].selective)
        offer(walk, visit, k,
              words_row<L>(work, work.arm, Purpose::arm, visit));
    }
    // From the last step to the first: who goes on to the next step makes his
    // attempt there at the next visit.
    for (std::uint32_t k = steps; k-- > 0;)
      if (work.standing[k]) take_step<L>(walk, visit, k);
    leave_untreated(walk);
    work.standing.fill(false);
    if (!walk.everybody_continues) std::swap(work.standing, work.coming);
    if (!anybody && (!walk.everybody_continues || visit >= work.forks.size()))
      return;
  }
  give_up(walk);
}

/// Deals those ever in remission to the fixed batches of patients.
template <class L>
void deal(const Walk& walk, SumsByBatch& sums) {
  Workspace& work = walk.work;
  const auto one = L::all(1), none = L::all(0);
  const auto add = [&](BatchSum sum, std::size_t i,
                       typename L::Some some) HWY_ATTR {
    std::uint32_t* batch =
        &sums[static_cast<std::size_t>(sum)][i % batch_count];
    L::store(L::add(L::load(batch), L::select(some, one, none)), batch);
  };
  for (std::size_t i = 0; i < tile_size; i += L::width) {
    const auto remitted =
        L::both(present<L>(work, i),
                L::any_bit(L::load(&work.state[i]), L::all(remitted_flag)));
    if (walk.everybody_continues) {
      add(BatchSum::if_all_continue, i, remitted);
      continue;
    }
    add(BatchSum::observed, i, remitted);
    add(BatchSum::if_all_continue, i,
        walk.facts.parts
            ? L::but_not(remitted, L::any_bit(L::load(&work.forked[i]), one))
            : remitted);
    add(BatchSum::sustained, i,
        walk.facts.comes_back
            ? L::but_not(remitted,
                         L::any_bit(L::load(&work.lost[i]), L::all(0xFFFFFFFF)))
            : remitted);
  }
}

/// The whole course of the tile on one pathway.
template <class L>
void walk_pathway(const Engine& engine, std::size_t pathway, Workspace& work,
                  PathwayTally& tally) {
  Walk walk{engine,
            pathway,
            engine.law.pathways[pathway],
            engine.facts[pathway],
            false,
            work,
            tally,
            {},
            engine.law.horizon + 1};
  for (std::size_t copy = 0; copy < walk.cells.size(); ++copy)
    walk.cells[copy] = work.cells[pathway][copy].data();
  enter<L>(walk);
  visit_all<L>(walk);
  deal<L>(walk, work.by_batch[pathway]);
  if (walk.facts.parts) {
    walk.everybody_continues = true;
    enter_again<L>(walk);
    visit_all<L>(walk);
    deal<L>(walk, work.by_batch[pathway]);
  }
  if (!engine.law.subgroups.empty()) count_subgroups(walk);
}

/// Patients first .. first + count - 1, tile by tile, on every pathway.
template <class L>
void run(const Engine& engine, std::uint64_t first, std::size_t count,
         Workspace& work, Tally& tally) {
  const std::uint64_t last = first + count;
  for (work.first = first - first % tile_size; work.first < last;
       work.first += tile_size) {
    work.begin = first > work.first ? first - work.first : 0;
    work.end = last - work.first < tile_size ? last - work.first : tile_size;
    forget_words(work);
    if (!engine.law.cohort.covariates.empty()) {
      enter_covariates<L>(engine.law.cohort, work, work.cohort);
      score_rows<L>(engine.law.scores, work.cohort);
    }
    for (std::size_t p = 0; p < engine.law.pathways.size(); ++p)
      walk_pathway<L>(engine, p, work, tally.pathways[p]);
  }
  tally.patients += count;
}

}  // namespace HWY_NAMESPACE
}  // namespace stardsim
HWY_AFTER_NAMESPACE();

#endif

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

#include "models/planted.hpp"
#include "sim/core/accrue-inl.hpp"
#include "sim/core/cohort-inl.hpp"
#include "sim/core/engine.hpp"
#include "sim/core/follow_up-inl.hpp"
#include "sim/core/record.hpp"
#include "sim/core/response-inl.hpp"
#include "sim/core/rosters-inl.hpp"
#include "sim/core/time_search-inl.hpp"
#include "sim/core/watch-inl.hpp"
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
  if (!walk.facts.in_vectors && (!walk.facts.is_plain || walk.facts.comes_back))
    forget_history(walk);
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
  const Courses<L> courses(attempt);
  const bool chooses = attempt.step.arms.size() > 1;
  const auto chosen_from = L::all(arm.chosen_from),
             chosen_below = L::all(arm.chosen_below);
  const bool timed_intolerance =
      engine.exits_early(attempt.step, arm.intolerance_time);
  const bool timed_no_response =
      engine.exits_early(attempt.step, arm.no_response_time);
  const bool may_outlast = walk.facts.may_outlast;
  const bool is_plain = walk.facts.is_plain;
  const bool in_vectors = walk.facts.in_vectors;
  const bool may_stop =
      !walk.everybody_continues || engine.law.spontaneous_remission != nothing;
  const auto horizon = L::all(engine.horizon);
  const auto onward = L::all(attempt.step.length +
                             (attempt.is_last ? 0 : 1u << position_shift));
  const auto at_end = L::all(attempt.is_last ? finished_flag : 0);
  const auto length = L::all(attempt.step.length);
  const auto remitting = L::all(finished_flag | remitted_flag);
  const auto remitting_first =
      L::all(finished_flag | remitted_flag | (in_vectors ? parted_flag : 0));
  const auto cell_out = L::all(entered_cell(walk, State::out_of_care)),
             cell_untreated = L::all(entered_cell(walk, State::untreated));
  const bool accrues = engine.accruals.has_value();
  const AttemptAccounting<L> accounting(attempt);
  const std::uint32_t* const arm_words =
      chooses && !attempt.step.selective
          ? words_row<L>(work, work.arm, Purpose::arm, attempt.visit).data()
          : nullptr;
  Sizes sizes(work);
  Growing<L> cells(work.cells_met);
  Counts walked(attempt), continued(attempt);
  for (std::size_t i = 0; i < tile_size; i += L::width) {
    const auto state = L::load(&work.state[i]);
    auto given = standing_at<L>(attempt.position, state);
    if (!L::any(given)) {
      if (accrues) accounting.pass_over(i);
      continue;
    }
    if (attempt.step.selective)
      given = L::both(
          given,
          L::equal(L::load(&work.chosen[i]),
                   L::all(static_cast<std::uint32_t>(attempt.arm_index))));
    else if (chooses)
      given =
          choose<L>(given, L::load(arm_words + i), chosen_from, chosen_below);
    auto response = responding.respond(given, i);
    const auto of_walked = courses.walked(given, state);
    const auto of_continued = courses.continued(given, state);
    const auto clock = L::bit_and(state, L::all(clock_bits));
    const auto end = L::add(clock, length);
    auto after = L::bit_or(L::add(state, onward), at_end);
    if (may_outlast) {
      // Nobody starts at the horizon.
      after = L::select(L::below(end, horizon), after,
                        L::bit_or(after, L::all(finished_flag)));
      const auto beyond = L::both(given, L::below(horizon, end));
      if (L::any(beyond)) {
        // Who is still in the step at the horizon had no outcome by then.
        auto late = beyond;
        if (timed_intolerance) late = L::but_not(late, response.intolerant);
        if (timed_no_response) late = L::both(late, response.intolerant);
        response.set_late(L::but_not(late, response.remitted));
        const auto ticks =
            L::select(beyond, L::subtract(end, horizon), L::all(0));
        walked.add_late(of_walked, response, ticks);
        if (courses.apart()) continued.add_late(of_continued, response, ticks);
        // Who is late stands past the horizon: nothing more befalls him.
        after = L::select(response.late,
                          L::bit_or(L::bit_and(state, L::all(~clock_bits)),
                                    L::all(finished_flag + engine.horizon + 1)),
                          after);
      }
    }
    walked.add<L>(of_walked, response);
    if (courses.apart()) continued.add<L>(of_continued, response);
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
    if (accrues)
      accounting.add(i, of_walked, failed, response.remitted, clock, end);
    auto on = failed;
    if (going.anybody_parts()) {
      const auto destination = going.decide(failed, response, i);
      on = destination.next;
      if (in_vectors) {
        const auto out = L::both(destination.out, of_walked);
        cells.note(out, L::add(cell_out, week_at<L>(end)));
        // Who has been in remission has come to the end of both courses.
        const auto parting =
            L::but_not(out, L::any_bit(state, L::all(remitted_flag)));
        after =
            L::bit_or(after, L::select(out,
                                       L::select(parting, L::all(parted_flag),
                                                 L::all(finished_flag)),
                                       L::all(0)));
        L::store(L::select(parting, L::all(1), L::load(&work.forked[i])),
                 &work.forked[i]);
        if (accrues)
          accounting.leave(out, L::counting_from(static_cast<std::uint32_t>(i)),
                           end);
        sizes.left += L::count(out);
      } else {
        enroll<L>(work.left, sizes.left, destination.out, i);
      }
      if (going.leads_elsewhere()) {
        enroll<L>(work.to_follow_up, sizes.to_follow_up, destination.follow_up,
                  i);
        enroll<L>(work.to_gap, sizes.to_gap, destination.gap, i);
      }
    }
    if (attempt.is_last && may_stop) {
      if (in_vectors)
        cells.note(L::both(on, of_walked),
                   L::add(cell_untreated, week_at<L>(end)));
      else
        enroll<L>(work.exhausted, sizes.exhausted, on, i);
    }
    const auto remitted_now = L::select(
        L::any_bit(state, L::all(remitted_flag)), remitting, remitting_first);
    after = L::select(response.remitted, L::bit_or(state, remitted_now), after);
    L::store(L::select(given, after, state), &work.state[i]);
  }
  sizes.keep(work);
  if (accrues) accrue_attempt<L>(attempt);
  if (in_vectors) {
    work.left.size = 0;
    attempt.observed.left_care += sizes.left;
  }
  if (!attempt.is_last) work.coming[attempt.position + 1] = true;
  if (!walk.everybody_continues) walked.add_to(attempt.observed);
  (courses.apart() ? continued : walked).add_to(attempt.if_all_continue);
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

/// Times the remissions and puts them on the calendar. Where all is told in
/// vectors, enrolls those who enter follow-up, with the tick at which they do,
/// and remitted_flag if it is not their first remission.
template <class L>
void remit(const Attempt& attempt) {
  const Walk& walk = attempt.walk;
  Workspace& work = walk.work;
  const Roster& roster = work.remitted;
  const Courses<L> courses(attempt);
  const bool in_vectors = walk.facts.in_vectors;
  const bool may_outlast = walk.facts.may_outlast;
  const bool is_final =
      walk.facts.is_plain && !walk.facts.comes_back && !may_outlast;
  const bool keeps_ticks = !is_final && !in_vectors;
  const bool accrues = walk.engine.accruals.has_value();
  const bool follows = in_vectors && (walk.facts.comes_back || accrues);
  Accounts& accounts = work.accounts;
  const auto horizon = L::all(walk.engine.horizon);
  const auto length = L::all(attempt.step.length);
  time_roster<L>(walk.engine.times[attempt.arm.remission_time], roster,
                 Purpose::outcome_time, attempt.visit, work, work.time);
  const auto usual_cell =
      L::all(cell_of(walk, walk.everybody_continues ? remission_if_all_continue
                                                    : remission_of_both));
  const auto cell_walked = L::all(cell_of(walk, remission_observed)),
             cell_continued = L::all(cell_of(walk, remission_if_all_continue)),
             cell_again = L::all(cell_of(walk, remission_again)),
             cell_late = L::all(cell_of(walk, late));
  Remissions<L> walked(attempt.step.length), continued(attempt.step.length);
  std::size_t following = 0, firsts = 0, missed_count = 0;
  for (std::size_t i = 0; i < roster.size; i += L::width) {
    const auto present = L::first(roster.size - i);
    const auto state = L::load(&roster.state[i]);
    auto time = L::select(present, L::load(&work.time[i]), L::all(0));
    const auto clock = L::bit_and(state, L::all(clock_bits));
    const auto end = L::add(clock, time);
    const auto of_walked = courses.walked(present, state);
    const auto of_continued = courses.continued(present, state);
    if (keeps_ticks) L::store(end, &work.other_time[i]);
    auto cell = usual_cell;
    if (courses.apart()) {
      if (in_vectors)
        cell = L::select(of_walked, cell, cell_continued);
      else
        cell = L::select(of_continued, cell, cell_walked);
      cell =
          L::select(L::any_bit(state, L::all(remitted_flag)), cell_again, cell);
    }
    auto follow = of_walked;
    if (may_outlast) {
      const auto last = L::add(clock, length);
      const auto beyond = L::both(present, L::below(horizon, last));
      if (L::any(beyond)) {
        const auto missed = L::both(beyond, L::below(horizon, end));
        const auto ticks =
            L::select(beyond, L::subtract(last, horizon), L::all(0));
        time = L::select(missed, L::all(0), time);
        cell = L::select(missed, cell_late, cell);
        walked.add_late(of_walked, L::both(missed, of_walked), ticks);
        if (courses.apart())
          continued.add_late(of_continued, L::both(missed, of_continued),
                             ticks);
        if (in_vectors) {
          follow = L::but_not(follow, missed);
          L::append(L::load(&roster.slot[i]), missed,
                    &work.missed.slot[missed_count]);
          missed_count +=
              L::append(state, missed, &work.missed.state[missed_count]);
        }
      }
    }
    walked.add(of_walked, L::select(of_walked, time, L::all(0)));
    if (courses.apart())
      continued.add(of_continued, L::select(of_continued, time, L::all(0)));
    if (follows) {
      const auto again = L::bit_and(state, L::all(remitted_flag));
      firsts += L::count(L::both(follow, L::equal(again, L::all(0))));
      L::append(L::load(&roster.slot[i]), follow,
                &work.following.slot[following]);
      if (accrues) {
        L::append(L::load(&roster.slot[i]), follow, &accounts.slot[following]);
        L::append(clock, follow, &accounts.start[following]);
        L::append(end, follow, &accounts.entry[following]);
      }
      following += L::append(L::bit_or(end, again), follow,
                             &work.following.state[following]);
    }
    L::store(L::add(cell, week_at<L>(L::add(clock, time))), &work.time[i]);
  }
  count_cells(walk, work.time.data(), roster.size);
  if (!walk.everybody_continues) walked.add_to(attempt.observed);
  (courses.apart() ? continued : walked).add_to(attempt.if_all_continue);
  if (in_vectors) {
    work.missed.size = missed_count;
    miss_remissions(work);
    work.following.size = accounts.size = following;
    if (follows) attempt.observed.first_remission += firsts;
  } else if (!is_final) {
    keep_remissions(attempt);
  }
}

/// What follows the attempt for those who do not simply go on.
template <class L>
void go_their_ways(const Attempt& attempt) {
  const Walk& walk = attempt.walk;
  Workspace& work = walk.work;
  const ArmLaw& arm = attempt.arm;
  if (walk.facts.in_vectors) {
    if (walk.work.watch) {
      watch_remitted(attempt);
      watch_follow_up<L>(attempt, true);
    }
    follow_up_in_vectors<L>(attempt);
    return count_cells_met(walk);
  }
  part(attempt);
  if (walk.work.watch) watch_follow_up<L>(attempt, false);
  follow_up<L>(attempt, arm.follow_up_not_remitted, false);
  if (walk.work.watch) watch_remitted(attempt);
  if (walk.facts.comes_back) {
    enter_follow_up_remitted(attempt);
    if (walk.work.watch) watch_follow_up<L>(attempt, true);
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
    const Attempt attempt{
        walk,
        step,
        arm,
        visit,
        position,
        a,
        UNLESS_PLANTED(last_step_skipped, position + 1 == walk.steps.size(),
                       position + 2 >= walk.steps.size()),
        walk.tally.course[0].arms[position][a],
        walk.tally.course[1].arms[position][a]};
    if (walk.work.watch) watch_attempt<L>(attempt);
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
  const bool in_vectors = walk.facts.in_vectors;
  const bool scattered = work.scattered;
  const auto add = [&](BatchSum sum, std::size_t i,
                       typename L::Some some) HWY_ATTR {
    auto& batches = sums[static_cast<std::size_t>(sum)];
    if (scattered) {
      const auto slots = L::counting_from(static_cast<std::uint32_t>(i));
      const std::size_t size = L::append(slots, some, work.time.data());
      for (std::size_t j = 0; j < size; ++j)
        ++batches[work.member[work.time[j]] % batch_count];
      return;
    }
    std::uint32_t* batch = &batches[i % batch_count];
    L::store(L::add(L::load(batch), L::select(some, one, none)), batch);
  };
  for (std::size_t i = 0; i < tile_size; i += L::width) {
    const auto state = L::load(&work.state[i]);
    const auto remitted =
        L::both(present<L>(work, i), L::any_bit(state, L::all(remitted_flag)));
    if (in_vectors) {
      const auto observed =
          walk.facts.parts
              ? L::but_not(remitted, L::any_bit(L::load(&work.forked[i]), one))
              : remitted;
      add(BatchSum::if_all_continue, i, remitted);
      add(BatchSum::observed, i, observed);
      add(BatchSum::sustained, i,
          L::both(observed, L::any_bit(state, L::all(parted_flag))));
      continue;
    }
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
void walk_pathway(const Engine& engine, WalkPlace place, Workspace& work,
                  PathwayTally& tally, Outcomes& outcomes) {
  Walk walk{engine,
            place.pathway,
            place.row,
            place.counter,
            engine.law.pathways[place.pathway],
            engine.facts[place.pathway],
            false,
            work,
            tally,
            {},
            engine.law.horizon + 1};
  for (std::size_t copy = 0; copy < walk.cells.size(); ++copy)
    walk.cells[copy] = work.cells[place.counter][copy].data();
  enter<L>(walk);
  if (engine.accruals) open_accounts(work.accounts);
  visit_all<L>(walk);
  deal<L>(walk, work.by_batch[place.counter]);
  if (engine.accruals) settle(walk, outcomes);
  if (walk.facts.parts && !walk.facts.in_vectors) {
    walk.everybody_continues = true;
    enter_again<L>(walk);
    visit_all<L>(walk);
    deal<L>(walk, work.by_batch[place.counter]);
  }
  if (!engine.law.subgroups.empty()) count_subgroups(walk);
}

/// The patients of a tile as they enter, without any words drawn.
template <class L>
void meet(const Engine& engine, Workspace& work) {
  forget_words(work);
  if (engine.law.cohort.covariates.empty()) return;
  enter_covariates<L>(engine.law.cohort, work, work.cohort);
  score_rows<L>(engine.law.scores, work.cohort);
}

/// CourseForm::walk.
template <class L>
void walk_scattered(const Engine& engine, const std::vector<WalkPlace>& places,
                    bool anew, Workspace& work, Tally& tally) {
  if (anew) meet<L>(engine, work);
  for (const WalkPlace& place : places)
    walk_pathway<L>(engine, place, work, tally.pathways[place.row],
                    tally.outcomes);
  if (engine.accruals) add_outcomes(work, tally);
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
    meet<L>(engine, work);
    if (work.watch) begin_watch(work);
    for (std::size_t p = 0; p < engine.pathways; ++p)
      walk_pathway<L>(engine, {p, p, p}, work, tally.pathways[p],
                      tally.outcomes);
    if (engine.accruals) add_outcomes(work, tally);
    if (work.watch) end_watch(work);
  }
  tally.patients += count;
}

}  // namespace HWY_NAMESPACE
}  // namespace stardsim
HWY_AFTER_NAMESPACE();

#endif

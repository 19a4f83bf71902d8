// The course of a tile of patients along one pathway:
//
//   enter
//   for each step, for each of its arms:
//     choose      who is given this arm
//     respond     remission, partial response, intolerance, or none of them
//     leave       care, or go on
//     remit       when the remission comes, on the calendar
//     exit early  when the intolerant stop, and the next step starts
//   deal          the remitted to the batches of the results
//
// A patient who has left care is simulated all the same: under if_all_continue
// he counts, as observed he does not. The text is compiled once for every
// instruction set (no ordinary include guard), with L for the lanes: read with
// OneLane, every vector is one patient.
#if defined(STARDSIM_COURSE_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef STARDSIM_COURSE_INL
#undef STARDSIM_COURSE_INL
#else
#define STARDSIM_COURSE_INL
#endif

#include "sim/core/engine.hpp"
#include "sim/core/time_search-inl.hpp"
#include "sim/core/words-inl.hpp"

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace stardsim {
namespace HWY_NAMESPACE {

/// One arm of one step, for those of the tile who come to it.
struct Attempt {
  const StepLaw& step;
  const ArmLaw& arm;
  std::uint32_t visit;
  bool anybody_leaves;  ///< on this pathway; if not, both flows are the same
  Flow<std::uint64_t>& if_all_continue;
  Flow<std::uint64_t>& observed;
};

template <class L>
struct Response {
  typename L::Some remitted, partial, intolerant;
};

/// Counts of one attempt; kept apart from memory while they grow.
struct Counts {
  std::size_t entered = 0, remission = 0, partial = 0, intolerant = 0, left = 0;

  template <class L>
  HWY_INLINE void add(const ArmLaw& arm, typename L::Some entering,
                      const Response<L>& response) {
    entered += L::count(entering);
    remission += L::count(L::both(entering, response.remitted));
    if (arm.can_respond_partially())
      partial += L::count(L::both(entering, response.partial));
    if (arm.can_be_intolerant())
      intolerant += L::count(L::both(entering, response.intolerant));
  }

  void add_to(Flow<std::uint64_t>& flow) const {
    flow.entered += entered;
    flow.remission += remission;
    flow.partial_response += partial;
    flow.intolerance += intolerant;
    flow.no_response += entered - remission - partial - intolerant;
    flow.left_care += left;
  }
};

/// The slots from i on that hold a patient.
template <class L>
HWY_INLINE typename L::Some present(const Workspace& work, std::size_t i) {
  const auto slot = L::counting_from(static_cast<std::uint32_t>(i));
  return L::but_not(
      L::below(slot, L::all(static_cast<std::uint32_t>(work.end))),
      L::below(slot, L::all(static_cast<std::uint32_t>(work.begin))));
}

template <class L>
void enter(Workspace& work) {
  // An empty slot takes no part: it looks as if it had remitted already.
  for (std::size_t i = 0; i < tile_size; i += L::width)
    L::store(L::select(present<L>(work, i), L::all(0), L::all(remitted_flag)),
             &work.state[i]);
}

template <class L>
HWY_INLINE typename L::Some choose(const ArmLaw& arm, typename L::Some ill,
                                   typename L::Words word) {
  return L::both(L::but_not(ill, L::below(word, L::all(arm.chosen_from))),
                 L::below(word, L::all(arm.chosen_below)));
}

template <class L>
HWY_INLINE Response<L> respond(const ArmLaw& arm, typename L::Some given,
                               typename L::Words word) {
  const auto up_to_partial =
      L::both(given, L::below(word, L::all(arm.partial_response)));
  const auto remitted = L::both(given, L::below(word, L::all(arm.remission)));
  return {remitted, L::but_not(up_to_partial, remitted),
          L::but_not(given, L::below(word, L::all(arm.intolerance)))};
}

template <class L>
HWY_INLINE typename L::Some leave(const ArmLaw& arm, typename L::Some in_care,
                                  const Response<L>& response,
                                  typename L::Words word) {
  auto stay = L::all(arm.continue_no_response);
  stay =
      L::select(response.partial, L::all(arm.continue_partial_response), stay);
  stay = L::select(response.intolerant, L::all(arm.continue_intolerant), stay);
  return L::but_not(L::but_not(in_care, response.remitted),
                    L::below(word, stay));
}

/// Appends to the roster those of the patients in slots i, i + 1, ...; returns
/// the roster's new size.
template <class L>
HWY_INLINE std::size_t enroll(Roster& roster, std::size_t size,
                              typename L::Some some, std::size_t i,
                              typename L::Words state) {
  const auto slot = L::counting_from(static_cast<std::uint32_t>(i));
  L::append(slot, some, &roster.slot[size]);
  return size + L::append(state, some, &roster.state[size]);
}

/// Choose, respond, leave: those given this arm have their clock set to the
/// step's end; the remitted and the intolerant are enrolled to be timed.
template <class L>
void attempt_treatment(const Attempt& attempt, Workspace& work) {
  const ArmLaw arm = attempt.arm;  // a copy: no store can be taken to alter it
  const bool choice = attempt.step.arms.size() > 1;
  const bool anybody_leaves = attempt.anybody_leaves;
  const bool may_leave = arm.can_lose_patients();
  const auto length = L::all(attempt.step.length);
  const std::uint32_t* const arm_words = work.arm[attempt.visit].data();
  const std::uint32_t* const words = work.outcome[attempt.visit].data();
  const std::uint32_t* const leave_words = work.attrition[attempt.visit].data();
  std::size_t remitted = 0, intolerant = 0;
  Counts all, observed;
  for (std::size_t i = 0; i < tile_size; i += L::width) {
    const auto state = L::load(&work.state[i]);
    auto given = L::below(state, L::all(remitted_flag));
    if (choice) given = choose<L>(arm, given, L::load(arm_words + i));
    const auto response = respond<L>(arm, given, L::load(words + i));
    all.add<L>(arm, given, response);
    remitted = enroll<L>(work.remitted, remitted, response.remitted, i, state);
    if (arm.can_be_intolerant())
      intolerant =
          enroll<L>(work.intolerant, intolerant, response.intolerant, i, state);
    auto next =
        L::select(response.remitted, L::bit_or(state, L::all(remitted_flag)),
                  L::add(state, length));
    if (anybody_leaves) {
      const auto in_care =
          L::but_not(given, L::any_bit(state, L::all(left_care_flag)));
      observed.add<L>(arm, in_care, response);
      if (may_leave) {
        const auto leaving =
            leave<L>(arm, in_care, response, L::load(leave_words + i));
        observed.left += L::count(leaving);
        next =
            L::select(leaving, L::bit_or(next, L::all(left_care_flag)), next);
      }
    }
    L::store(L::select(given, next, state), &work.state[i]);
  }
  work.remitted.size = remitted;
  work.intolerant.size = intolerant;
  all.add_to(attempt.if_all_continue);
  (anybody_leaves ? observed : all).add_to(attempt.observed);
}

/// Times the remissions and puts them on the calendar.
template <class L>
void remit(const TimeSearch& search, const Attempt& attempt, Workspace& work,
           RemissionCells& cells) {
  const Roster& roster = work.remitted;
  time_outcomes<L>(search, roster, attempt.visit, work);
  auto sum = L::no_sums(), squares = sum, sum_in_care = sum,
       squares_in_care = sum;
  for (std::size_t i = 0; i < roster.size; i += L::width) {
    const auto state = L::load(&roster.state[i]);
    const auto time =
        L::select(L::first(roster.size - i), L::load(&work.time[i]), L::all(0));
    sum = L::plus(sum, time);
    squares = L::plus_squares(squares, time);
    const auto left = L::any_bit(state, L::all(left_care_flag));
    if (attempt.anybody_leaves) {
      const auto in_care = L::select(left, L::all(0), time);
      sum_in_care = L::plus(sum_in_care, in_care);
      squares_in_care = L::plus_squares(squares_in_care, in_care);
    }
    // The cell: twice the week in which the tick ends, and one if left.
    const auto end = L::add(L::bit_and(state, L::all(clock_bits)), time);
    const auto week = L::template shift_right<log2_ticks_per_week>(
        L::add(end, L::all(ticks_per_week - 1)));
    L::store(L::add(L::add(week, week), L::select(left, L::all(1), L::all(0))),
             &work.time[i]);
  }
  for (std::size_t i = 0; i < roster.size; ++i)
    ++cells[i % cells.size()][work.time[i]];
  if (!attempt.anybody_leaves) {
    sum_in_care = sum;
    squares_in_care = squares;
  }
  attempt.if_all_continue.remission_ticks += L::total(sum);
  attempt.if_all_continue.remission_ticks_squared += L::total(squares);
  attempt.observed.remission_ticks += L::total(sum_in_care);
  attempt.observed.remission_ticks_squared += L::total(squares_in_care);
}

/// Moves the clock of the intolerant from the end of the step back to their
/// exit.
template <class L>
void exit_early(const TimeSearch& search, const Attempt& attempt,
                Workspace& work) {
  const Roster& roster = work.intolerant;
  time_outcomes<L>(search, roster, attempt.visit, work);
  for (std::size_t i = 0; i < roster.size; ++i)
    work.state[roster.slot[i]] += work.time[i] - attempt.step.length;
}

/// Deals those ever in remission to the fixed batches of patients.
template <class L>
void deal(const Workspace& work, RemissionByBatch& by_batch) {
  const auto one = L::all(1), none = L::all(0);
  for (std::size_t i = 0; i < tile_size; i += L::width) {
    const auto state = L::load(&work.state[i]);
    const auto remitted =
        L::both(present<L>(work, i), L::any_bit(state, L::all(remitted_flag)));
    const auto in_care =
        L::but_not(remitted, L::any_bit(state, L::all(left_care_flag)));
    std::uint32_t* all = &by_batch[0][i % batch_count];
    std::uint32_t* observed = &by_batch[1][i % batch_count];
    L::store(L::add(L::load(all), L::select(remitted, one, none)), all);
    L::store(L::add(L::load(observed), L::select(in_care, one, none)),
             observed);
  }
}

/// The whole course of the tile on one pathway.
template <class L>
void walk(const Engine& engine, std::size_t pathway, Workspace& work,
          PathwayTally& tally) {
  enter<L>(work);
  const PathwayLaw& steps = engine.law.pathways[pathway];
  for (std::uint32_t visit = 0; visit < steps.size(); ++visit)
    for (std::size_t a = 0; a < steps[visit].arms.size(); ++a) {
      const Attempt attempt{steps[visit],
                            steps[visit].arms[a],
                            visit,
                            engine.anybody_leaves[pathway],
                            tally.course[0].arms[visit][a],
                            tally.course[1].arms[visit][a]};
      attempt_treatment<L>(attempt, work);
      remit<L>(engine.times[attempt.arm.remission_time], attempt, work,
               work.remission_cells[pathway]);
      if (engine.exits_early(attempt.step, attempt.arm))
        exit_early<L>(engine.times[attempt.arm.intolerance_time], attempt,
                      work);
    }
  deal<L>(work, work.remission_by_batch[pathway]);
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
    draw<L>(engine, work);
    for (std::size_t p = 0; p < engine.law.pathways.size(); ++p)
      walk<L>(engine, p, work, tally.pathways[p]);
  }
  tally.patients += count;
}

}  // namespace HWY_NAMESPACE
}  // namespace stardsim
HWY_AFTER_NAMESPACE();

#endif

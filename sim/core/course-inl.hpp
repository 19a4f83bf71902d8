// The course of a batch of patients. The text is compiled once for every
// instruction set (no ordinary include guard), with L for the lanes: OneLane
// reads it as the course of a single patient.
#if defined(STARDSIM_COURSE_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef STARDSIM_COURSE_INL
#undef STARDSIM_COURSE_INL
#else
#define STARDSIM_COURSE_INL
#endif

#include "sim/core/engine.hpp"
#include "sim/core/lanes.hpp"

#include <hwy/highway.h>

#include <algorithm>

HWY_BEFORE_NAMESPACE();
namespace stardsim {
namespace HWY_NAMESPACE {

// ------------------------------------------------------------ random words

/// Vectors worked on at once, to keep the multipliers busy.
inline constexpr std::size_t in_flight = 4;

template <class L>
using Block = typename L::Words[words_per_block][in_flight];

/// Philox4x32-10 for the patients in these slots. All but the first word of
/// the counter are common to them, so that of each of the first two rounds one
/// half is done once for all.
template <class L, class SlotsAt>
HWY_INLINE void philox(const Workspace& work, Purpose purpose,
                       std::uint32_t visit, SlotsAt slots_at, Block<L>& block) {
  constexpr std::uint32_t factor0 = 0xD2511F53, factor1 = 0xCD9E8D57;
  const auto& key = work.key;
  auto& [c0, c1, c2, c3] = block;
  const Counter base = counter_of(work.luck, work.first, purpose, visit);
  typename L::Words high0, low0, high1, low1;

  std::uint32_t high, low;
  OneLane::multiply(base.word[2], factor1, high, low);
  const std::uint32_t second0 = high ^ base.word[1] ^ key[0][0];
  const std::uint32_t second1 = low;
  for (std::size_t j = 0; j < in_flight; ++j) {
    // Slot 0 is a multiple of the batch size: the sum does not carry over.
    const auto first0 = L::add(L::all(base.word[0]), slots_at(j * L::width));
    L::multiply(first0, factor0, high0, low0);
    c2[j] = L::bit_xor(high0, L::all(base.word[3] ^ key[1][0]));
    c3[j] = low0;
  }
  OneLane::multiply(second0, factor0, high, low);
  for (std::size_t j = 0; j < in_flight; ++j) {
    L::multiply(c2[j], factor1, high1, low1);
    c0[j] = L::bit_xor(high1, L::all(second1 ^ key[0][1]));
    c1[j] = low1;
    c2[j] = L::bit_xor(c3[j], L::all(high ^ key[1][1]));
    c3[j] = L::all(low);
  }
  HWY_UNROLL(8)
  for (std::size_t round = 2; round < 10; ++round)
    for (std::size_t j = 0; j < in_flight; ++j) {
      L::multiply(c0[j], factor0, high0, low0);
      L::multiply(c2[j], factor1, high1, low1);
      c0[j] = L::bit_xor3(high1, c1[j], L::all(key[0][round]));
      c1[j] = low1;
      c2[j] = L::bit_xor3(high0, c3[j], L::all(key[1][round]));
      c3[j] = low0;
    }
}

template <class L>
HWY_INLINE typename L::Words as_compared(typename L::Words words) {
  return L::smaller(words, L::all(highest_word));
}

/// The words of the whole batch for four visits from `visit` on.
template <class L>
void draw_four_visits(const Workspace& work, Purpose purpose,
                      std::uint32_t visit, Row* rows) {
  Block<L> words;
  for (std::size_t i = 0; i < batch_size; i += in_flight * L::width) {
    const auto slots_at = [&](std::size_t offset) HWY_ATTR {
      return L::counting_from(static_cast<std::uint32_t>(i + offset));
    };
    philox<L>(work, purpose, visit, slots_at, words);
    for (std::size_t v = 0; v < 4; ++v)
      for (std::size_t j = 0; j < in_flight; ++j)
        L::store(as_compared<L>(words[v][j]), &rows[v][i + j * L::width]);
  }
}

/// The word of each patient of a roster for one visit, into work.time.
template <class L>
void draw_for(const Roster& roster, Purpose purpose, std::uint32_t visit,
              Workspace& work) {
  Block<L> words;
  for (std::size_t i = 0; i < roster.size; i += in_flight * L::width) {
    const auto slots_at = [&](std::size_t offset) HWY_ATTR {
      return L::load(&roster.slot[i + offset]);
    };
    philox<L>(work, purpose, visit, slots_at, words);
    const auto& drawn = words[visit % words_per_block];
    for (std::size_t j = 0; j < in_flight; ++j)
      L::store(as_compared<L>(drawn[j]), &work.time[i + j * L::width]);
  }
}

// ----------------------------------------------------- times of an outcome

/// The time at which each word arrives: the tick after as many as there are
/// cuts at or below it.
template <class L>
HWY_INLINE typename L::Words find_few(const TimeSearch& search,
                                      typename L::Words words) {
  auto index = L::all(0);
  for (std::uint32_t half = 8; half > 0; half /= 2) {
    const auto cut =
        L::look_up_16(search.few_cuts.data(), L::add(index, L::all(half - 1)));
    index = L::select(L::below(words, cut), index, L::add(index, L::all(half)));
  }
  return L::look_up_16(search.few_ticks.data(), index);
}

template <class L>
HWY_INLINE typename L::Words find_many(const TimeSearch& search,
                                       typename L::Words words) {
  const auto high = L::template shift_right<32 - TimeSearch::guide_bits>(words);
  auto from = L::look_up(search.guide.data(), high);
  auto to = L::look_up(search.guide.data() + 1, high);
  // The index is at least `from` and at most `to`. Where the two have met, the
  // cut there lies above the word and nothing changes any more.
  while (L::any(L::below(from, to))) {
    const auto middle = L::template shift_right<1>(L::add(from, to));
    const auto before = L::below(words, L::look_up(search.cut.data(), middle));
    from = L::select(before, from, L::add(middle, L::all(1)));
    to = L::select(before, middle, to);
  }
  return L::look_up(search.tick.data(), from);
}

/// Ticks from the start of the step to the outcome, for each of a roster, into
/// work.time.
template <class L>
void time_outcomes(const TimeSearch& search, const Roster& roster,
                   std::uint32_t visit, Workspace& work) {
  draw_for<L>(roster, Purpose::outcome_time, visit, work);
  for (std::size_t i = 0; i < roster.size; i += L::width) {
    const auto words = L::load(&work.time[i]);
    L::store(
        search.few ? find_few<L>(search, words) : find_many<L>(search, words),
        &work.time[i]);
  }
}

// ------------------------------------------------------- the course itself

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
  for (std::size_t i = 0; i < batch_size; i += L::width)
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
struct Response {
  typename L::Some remitted, partial, intolerant;
};

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
HWY_INLINE typename L::Some leave(const ArmLaw& arm, typename L::Some failed,
                                  const Response<L>& response,
                                  typename L::Words word) {
  auto stay = L::all(arm.continue_no_response);
  stay =
      L::select(response.partial, L::all(arm.continue_partial_response), stay);
  stay = L::select(response.intolerant, L::all(arm.continue_intolerant), stay);
  return L::but_not(failed, L::below(word, stay));
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

/// Counts of one arm in one batch; kept apart from memory while they grow.
struct Counts {
  std::size_t entered = 0, remission = 0, partial = 0, intolerant = 0, left = 0;

  void add_to(Flow<std::uint64_t>& flow) const {
    flow.entered += entered;
    flow.remission += remission;
    flow.partial_response += partial;
    flow.intolerance += intolerant;
    flow.no_response += entered - remission - partial - intolerant;
    flow.left_care += left;
  }
};

/// What one arm of one step is to its patients.
struct Attempt {
  const StepLaw& step;
  const ArmLaw& arm;
  std::uint32_t visit;
  bool anybody_left;  ///< somebody can leave care on this pathway
};

/// Choose, treat, decide: those given this arm go on with the clock at the
/// step's end, or join the roster of the remitted or of the intolerant.
template <class L>
void treat(const Attempt& attempt, Workspace& work, Flow<std::uint64_t>& all,
           Flow<std::uint64_t>& observed) {
  const ArmLaw arm = attempt.arm;  // a copy: no store can be taken to alter it
  const bool choice = attempt.step.arms.size() > 1;
  const bool anybody_left = attempt.anybody_left;
  const bool may_leave = arm.can_lose_patients();
  const auto length = L::all(attempt.step.length);
  const std::uint32_t* const arm_words = work.arm[attempt.visit].data();
  const std::uint32_t* const words = work.outcome[attempt.visit].data();
  const std::uint32_t* const leave_words = work.attrition[attempt.visit].data();
  std::size_t remitted = 0, intolerant = 0;
  Counts counts, in_care_counts;
  for (std::size_t i = 0; i < batch_size; i += L::width) {
    const auto state = L::load(&work.state[i]);
    auto given = L::below(state, L::all(remitted_flag));
    if (choice) given = choose<L>(arm, given, L::load(arm_words + i));
    const auto response = respond<L>(arm, given, L::load(words + i));

    counts.entered += L::count(given);
    remitted = enroll<L>(work.remitted, remitted, response.remitted, i, state);
    if (arm.can_respond_partially())
      counts.partial += L::count(response.partial);
    if (arm.can_be_intolerant())
      intolerant =
          enroll<L>(work.intolerant, intolerant, response.intolerant, i, state);
    auto next =
        L::select(response.remitted, L::bit_or(state, L::all(remitted_flag)),
                  L::add(state, length));
    if (anybody_left) {
      const auto in_care =
          L::but_not(given, L::any_bit(state, L::all(left_care_flag)));
      in_care_counts.entered += L::count(in_care);
      in_care_counts.remission += L::count(L::both(in_care, response.remitted));
      in_care_counts.partial += L::count(L::both(in_care, response.partial));
      in_care_counts.intolerant +=
          L::count(L::both(in_care, response.intolerant));
      if (may_leave) {
        const auto leaving =
            leave<L>(arm, L::but_not(in_care, response.remitted), response,
                     L::load(leave_words + i));
        in_care_counts.left += L::count(leaving);
        next =
            L::select(leaving, L::bit_or(next, L::all(left_care_flag)), next);
      }
    }
    L::store(L::select(given, next, state), &work.state[i]);
  }
  work.remitted.size = counts.remission = remitted;
  work.intolerant.size = counts.intolerant = intolerant;
  counts.add_to(all);
  (anybody_left ? in_care_counts : counts).add_to(observed);
}

/// Times the remissions and puts them on the calendar.
template <class L>
void remit(const TimeSearch& search, const Attempt& attempt, Workspace& work,
           std::array<std::vector<std::uint32_t>, 4>& cells,
           Flow<std::uint64_t>& all, Flow<std::uint64_t>& observed) {
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
    if (attempt.anybody_left) {
      const auto in_care = L::select(left, L::all(0), time);
      sum_in_care = L::plus(sum_in_care, in_care);
      squares_in_care = L::plus_squares(squares_in_care, in_care);
    }
    const auto end = L::add(L::bit_and(state, L::all(clock_bits)), time);
    const auto week =
        L::template shift_right<10>(L::add(end, L::all(ticks_per_week - 1)));
    L::store(L::add(L::add(week, week), L::select(left, L::all(1), L::all(0))),
             &work.time[i]);
  }
  for (std::size_t i = 0; i < roster.size; ++i) ++cells[i % 4][work.time[i]];
  if (!attempt.anybody_left) {
    sum_in_care = sum;
    squares_in_care = squares;
  }
  all.remission_ticks += L::total(sum);
  all.remission_ticks_squared += L::total(squares);
  observed.remission_ticks += L::total(sum_in_care);
  observed.remission_ticks_squared += L::total(squares_in_care);
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
void deal(const Workspace& work,
          std::array<std::array<std::uint32_t, batch_count>, estimand_count>&
              by_batch) {
  for (std::size_t i = 0; i < batch_size; i += L::width) {
    const auto state = L::load(&work.state[i]);
    const auto remitted =
        L::both(present<L>(work, i), L::any_bit(state, L::all(remitted_flag)));
    const auto in_care =
        L::but_not(remitted, L::any_bit(state, L::all(left_care_flag)));
    std::uint32_t* all = &by_batch[0][i % batch_count];
    std::uint32_t* observed = &by_batch[1][i % batch_count];
    const auto one = L::all(1), none = L::all(0);
    L::store(L::add(L::load(all), L::select(remitted, one, none)), all);
    L::store(L::add(L::load(observed), L::select(in_care, one, none)),
             observed);
  }
}

/// One arm of one step, for all of the batch who come to it.
template <class L>
void attempt_arm(const Engine& engine, std::size_t pathway,
                 const Attempt& attempt, Workspace& work,
                 Flow<std::uint64_t>& all, Flow<std::uint64_t>& observed) {
  const ArmLaw& arm = attempt.arm;
  treat<L>(attempt, work, all, observed);
  remit<L>(engine.times[arm.remission_time], attempt, work,
           work.remission_cells[pathway], all, observed);
  if (engine.exits_early(attempt.step, arm))
    exit_early<L>(engine.times[arm.intolerance_time], attempt, work);
}

/// The whole course of the batch on one pathway.
template <class L>
void walk(const Engine& engine, std::size_t pathway, Workspace& work,
          PathwayTally& tally) {
  enter<L>(work);
  const PathwayLaw& steps = engine.law.pathways[pathway];
  for (std::uint32_t visit = 0; visit < steps.size(); ++visit)
    for (std::size_t a = 0; a < steps[visit].arms.size(); ++a)
      attempt_arm<L>(engine, pathway,
                     {steps[visit], steps[visit].arms[a], visit,
                      engine.can_lose_patients[pathway]},
                     work, tally.course[0].arms[visit][a],
                     tally.course[1].arms[visit][a]);
  deal<L>(work, work.remission_by_batch[pathway]);
}

/// The words that the pathways need of this batch; they are common to all.
template <class L>
void draw(const Engine& engine, Workspace& work) {
  for (std::uint32_t v = 0; v < engine.visits; v += words_per_block) {
    draw_four_visits<L>(work, Purpose::outcome, v, &work.outcome[v]);
    if (engine.draws_arm)
      draw_four_visits<L>(work, Purpose::arm, v, &work.arm[v]);
    if (engine.draws_attrition)
      draw_four_visits<L>(work, Purpose::attrition, v, &work.attrition[v]);
  }
}

/// Patients first .. first + count - 1, batch by batch, on every pathway.
template <class L>
void run(const Engine& engine, std::uint64_t first, std::size_t count,
         Workspace& work, Tally& tally) {
  const std::uint64_t last = first + count;
  for (work.first = first - first % batch_size; work.first < last;
       work.first += batch_size) {
    work.begin = first > work.first ? first - work.first : 0;
    work.end = last - work.first < batch_size ? last - work.first : batch_size;
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

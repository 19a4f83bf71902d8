// Watching for those who would go another way (watch.hpp), in vectors. Included
// once for each instruction set (no ordinary include guard).
#if defined(STARDSIM_WATCH_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef STARDSIM_WATCH_INL
#undef STARDSIM_WATCH_INL
#else
#define STARDSIM_WATCH_INL
#endif

#include "sim/core/engine.hpp"
#include "sim/core/follow_up-inl.hpp"
#include "sim/core/record.hpp"
#include "sim/core/response-inl.hpp"
#include "sim/core/watch.hpp"

#include <hwy/highway.h>

#include <algorithm>
#include <vector>

HWY_BEFORE_NAMESPACE();
namespace stardsim {
namespace HWY_NAMESPACE {

template <class L>
HWY_INLINE typename L::Some unlike(typename L::Some a, typename L::Some b) {
  return L::either(L::but_not(a, b), L::but_not(b, a));
}

/// Who stands before the step at this position.
template <class L>
HWY_INLINE typename L::Some standing_at(std::uint32_t position,
                                        typename L::Words state) {
  return L::equal(L::bit_and(state, L::all(finished_flag | position_bits)),
                  L::all(position << position_shift));
}

/// Who is given the arm of an attempt.
template <class L>
class Given {
 public:
  HWY_INLINE explicit Given(const Attempt& attempt)
      : work_(attempt.walk.work),
        position_(attempt.position),
        arm_(static_cast<std::uint32_t>(attempt.arm_index)),
        selective_(attempt.step.selective),
        chosen_from_(L::all(attempt.arm.chosen_from)),
        chosen_below_(L::all(attempt.arm.chosen_below)) {
    if (attempt.step.arms.size() > 1 && !selective_)
      words_ = words_row<L>(attempt.walk.work, attempt.walk.work.arm,
                            Purpose::arm, attempt.visit)
                   .data();
  }

  HWY_INLINE typename L::Some at(std::size_t i) const {
    const auto given = standing_at<L>(position_, L::load(&work_.state[i]));
    if (selective_)
      return L::both(given, L::equal(L::load(&work_.chosen[i]), L::all(arm_)));
    return words_ ? choose<L>(given, L::load(words_ + i), chosen_from_,
                              chosen_below_)
                  : given;
  }

 private:
  const Workspace& work_;
  std::uint32_t position_, arm_;
  bool selective_;
  typename L::Words chosen_from_, chosen_below_;
  const std::uint32_t* words_ = nullptr;
};

template <class L>
HWY_INLINE void mark(Watch& watch, std::size_t changed, typename L::Some some,
                     std::size_t i) {
  if (!L::any(some)) return;
  const auto slot = L::counting_from(static_cast<std::uint32_t>(i));
  const std::size_t size = L::append(slot, some, watch.found.data());
  for (std::size_t j = 0; j < size; ++j) watch.mark(changed, watch.found[j]);
}

/// One range of words that decide otherwise; of the attrition word only those
/// who have failed.
struct WatchedRange {
  WordRange words;
  std::size_t changed;
  bool of_attrition;
};

inline bool are_alike(const AfterLaw& one, const AfterLaw& other) {
  return one.stay.cut == other.stay.cut &&
         one.next_of_stay == other.next_of_stay &&
         one.follow_up_of_stay == other.follow_up_of_stay;
}

/// All outcomes of failure lead the same ways, for all patients.
inline bool leads_alike(const ArmLaw& arm) {
  return !arm.after_no_response.stay.differs() &&
         !arm.after_partial_response.stay.differs() &&
         !arm.after_intolerance.stay.differs() &&
         are_alike(arm.after_no_response, arm.after_partial_response) &&
         are_alike(arm.after_no_response, arm.after_intolerance);
}

inline bool responds_alike(const ArmLaw& arm, std::uint32_t visit) {
  return !arm.remission_at(visit).differs() &&
         !arm.partial_response.differs() && !arm.intolerance.differs();
}

/// Adds the ranges of a watcher; false where it takes more to tell.
inline bool add_ranges(const Attempt& attempt, const Watch::Watcher& watcher,
                       std::vector<WatchedRange>& ranges) {
  const ArmLaw &arm = attempt.arm, &other = *watcher.arm;
  const std::uint32_t visit = attempt.visit;
  const bool decides =
      watcher.change.after && !attempt.walk.everybody_continues;
  if (!responds_alike(arm, visit) || !responds_alike(other, visit) ||
      (decides && !(leads_alike(arm) && leads_alike(other))))
    return false;
  const auto add = [&](const WordRanges& more, bool of_attrition) {
    for (std::size_t i = 0; i < more.count; ++i)
      ranges.push_back({more.range[i], watcher.changed, of_attrition});
  };
  const auto cuts_of = [&](const ArmLaw& one) {
    return OutcomeCuts{one.remission_at(visit).cut, one.partial_response.cut,
                       one.intolerance.cut};
  };
  if (watcher.change.outcome)
    add(other_outcomes(cuts_of(arm), cuts_of(other)), false);
  if (decides)
    add(other_ways(arm.after_no_response, other.after_no_response), true);
  return true;
}

/// What the ranges, of one purpose, cover together: few disjoint ones.
inline std::vector<WordRange> covered(const std::vector<WatchedRange>& ranges,
                                      bool of_attrition) {
  std::vector<WordRange> sorted, covers;
  for (const WatchedRange& range : ranges)
    if (range.of_attrition == of_attrition) sorted.push_back(range.words);
  std::sort(sorted.begin(), sorted.end(),
            [](WordRange a, WordRange b) { return a.from < b.from; });
  for (const WordRange& one : sorted) {
    if (!covers.empty() &&
        one.from - covers.back().from <= covers.back().size) {
      std::uint32_t& size = covers.back().size;
      size = std::max(size, one.from - covers.back().from + one.size);
    } else {
      covers.push_back(one);
    }
  }
  return covers;
}

/// Marks by ranges: first all in any of them are listed, then each is looked at
/// alone.
template <class L>
void watch_ranges(const Attempt& attempt,
                  const std::vector<WatchedRange>& ranges) {
  Workspace& work = attempt.walk.work;
  Watch& watch = *work.watch;
  const Given<L> given(attempt);
  const auto row = [&](WordRows& rows, Purpose purpose) HWY_ATTR {
    return words_row<L>(work, rows, purpose, attempt.visit).data();
  };
  const auto outcomes = covered(ranges, false), ways = covered(ranges, true);
  const std::uint32_t* const outcome = row(work.outcome, Purpose::outcome);
  const std::uint32_t* const after =
      ways.empty() ? outcome : row(work.attrition, Purpose::attrition);
  const Cut remission_cut = attempt.arm.remission_at(attempt.visit).cut;
  const auto remission = L::all(remission_cut);
  const auto within = [](const std::vector<WordRange>& covers,
                         typename L::Words word,
                         typename L::Some those) HWY_ATTR {
    for (const WordRange& one : covers)
      those = L::either(those, L::below(L::subtract(word, L::all(one.from)),
                                        L::all(one.size)));
    return those;
  };
  std::size_t size = 0;
  for (std::size_t i = 0; i < tile_size; i += L::width) {
    const auto some = given.at(i);
    if (!L::any(some)) continue;
    const auto word = L::load(outcome + i);
    const auto none = L::but_not(some, some);
    auto those = within(outcomes, word, none);
    if (!ways.empty())
      those =
          L::either(those, L::but_not(within(ways, L::load(after + i), none),
                                      L::below(word, remission)));
    size += L::append(L::counting_from(static_cast<std::uint32_t>(i)),
                      L::both(some, those), watch.found.data() + size);
  }
  for (std::size_t j = 0; j < size; ++j) {
    const std::uint32_t slot = watch.found[j];
    const std::uint32_t word = outcome[slot], after_word = after[slot];
    for (const WatchedRange& range : ranges)
      if (range.of_attrition
              ? word >= remission_cut && range.words.holds(after_word)
              : range.words.holds(word))
        watch.mark(range.changed, slot);
  }
}

/// Where those not in remission go; all on, where nobody parts.
template <class L>
HWY_INLINE Destination<L> way_of(const GoingOn<L>& going,
                                 typename L::Some failed,
                                 const Response<L>& response, std::size_t i) {
  const auto none = L::but_not(failed, failed);
  if (!going.anybody_parts()) return {failed, none, none, none};
  const Destination<L> way = going.decide(failed, response, i);
  if (!going.leads_elsewhere()) return {way.next, none, none, way.out};
  return way;
}

/// Asks for each patient what the base and what the variant decides.
template <class L>
void watch_decisions(const Attempt& attempt, const Watch::Watcher& watcher) {
  Workspace& work = attempt.walk.work;
  const Attempt other{attempt.walk,     attempt.step,
                      *watcher.arm,     attempt.visit,
                      attempt.position, attempt.arm_index,
                      attempt.is_last,  attempt.if_all_continue,
                      attempt.observed};
  const Given<L> given(attempt);
  const Responding<L> responding(attempt), others(other);
  const GoingOn<L> going(attempt), going_other(other);
  const bool parts = going.anybody_parts() || going_other.anybody_parts();
  for (std::size_t i = 0; i < tile_size; i += L::width) {
    const auto some = given.at(i);
    if (!L::any(some)) continue;
    const Response<L> one = responding.respond(some, i),
                      two = others.respond(some, i);
    auto differ = L::either(L::either(unlike<L>(one.remitted, two.remitted),
                                      unlike<L>(one.partial, two.partial)),
                            unlike<L>(one.intolerant, two.intolerant));
    if (parts) {
      const auto failed = L::but_not(one.failed(some), differ);
      const Destination<L> way = way_of(going, failed, one, i),
                           other_way = way_of(going_other, failed, two, i);
      differ =
          L::either(L::either(differ, unlike<L>(way.next, other_way.next)),
                    L::either(unlike<L>(way.follow_up, other_way.follow_up),
                              L::either(unlike<L>(way.gap, other_way.gap),
                                        unlike<L>(way.out, other_way.out))));
    }
    mark<L>(*work.watch, watcher.changed, differ, i);
  }
}

/// Marks those in whom an attempt, which is still to be made, ends otherwise or
/// leads elsewhere.
template <class L>
void watch_attempt(const Attempt& attempt) {
  std::vector<WatchedRange> ranges;
  for (const Watch::Watcher& watcher : attempt.walk.work.watch->of(
           attempt.walk.pathway, attempt.position, attempt.arm_index))
    if ((watcher.change.outcome || watcher.change.after) &&
        !add_ranges(attempt, watcher, ranges))
      watch_decisions<L>(attempt, watcher);
  if (!ranges.empty()) watch_ranges<L>(attempt, ranges);
}

/// Marks those of work.following to whom something else befalls there, or at
/// another time. Leaves work.time and work.other_time changed.
template <class L>
void watch_follow_up(const Attempt& attempt, bool remitted) {
  Workspace& work = attempt.walk.work;
  Watch& watch = *work.watch;
  if (work.following.size == 0) return;
  const FollowUpLaw& law = remitted ? attempt.arm.follow_up_remitted
                                    : attempt.arm.follow_up_not_remitted;
  bool timed = false;
  for (const Watch::Watcher& watcher :
       watch.of(attempt.walk.pathway, attempt.position, attempt.arm_index)) {
    if (!watcher.change.follows(remitted ? 0 : 1)) continue;
    if (!timed) {
      time_relapse<L>(attempt, law);
      std::swap(work.time, watch.base_time);
      time_following<L>(attempt, law.drop_out, Purpose::drop_out,
                        watch.base_drop_out);
      timed = true;
    }
    const FollowUpLaw& other = remitted ? watcher.arm->follow_up_remitted
                                        : watcher.arm->follow_up_not_remitted;
    time_relapse<L>(attempt, other);
    time_following<L>(attempt, other.drop_out, Purpose::drop_out,
                      watch.drop_out);
    mark_other_times(attempt, watcher, remitted);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace stardsim
HWY_AFTER_NAMESPACE();

#endif

#include "sim/core/watch.hpp"

#include "models/smooth_tables.hpp"
#include "sim/core/offer.hpp"

#include <algorithm>
#include <bit>

namespace stardsim {

Watch::Watch(const Engine& engine, const std::vector<ChangedPathway>& changes,
             const std::vector<bool>& left_out)
    : pathways(changes),
      watchers(engine.pathways),
      marks(changes.size()),
      is_alone(changes.size(), 1),
      together(engine.accruals.has_value()),
      lists(changes.size() + (together ? left_out.size() : 0)),
      changed(left_out.size()) {
  for (std::size_t p = 0; p < engine.pathways; ++p)
    for (const StepLaw& step : engine.law.pathways[p])
      watchers[p].emplace_back(step.arms.size());
  for (std::size_t c = 0; c < changes.size(); ++c) {
    const ChangedPathway& one = changes[c];
    if (c > 0 && changes[c - 1].variant == one.variant)
      is_alone[c - 1] = is_alone[c] = 0;
    if (left_out[one.variant]) continue;
    for (std::size_t s = 0; s < one.arms.size(); ++s)
      for (std::size_t a = 0; a < one.arms[s].size(); ++a)
        if (one.arms[s][a].any())
          watchers[one.row][s][a].push_back(
              {c, one.arms[s][a],
               &engine.law.pathways[one.pathway][s].arms[a]});
  }
}

WordRanges other_outcomes(const OutcomeCuts& base, const OutcomeCuts& other) {
  const auto partial_of = [](const OutcomeCuts& cuts) {
    return up_to_partial_response(cuts.remission, cuts.partial_response);
  };
  const auto intolerance_of = [&](const OutcomeCuts& cuts) {
    return std::max(partial_of(cuts), from_intolerance(cuts.intolerance));
  };
  WordRanges ranges;
  ranges.add(base.remission, other.remission);
  ranges.add(partial_of(base), partial_of(other));
  ranges.add(intolerance_of(base), intolerance_of(other));
  return ranges;
}

std::uint32_t PatientWords::of(Purpose purpose, std::uint32_t visit) {
  const auto draw = [&] {
    return word_as_compared(luck_, patient_, purpose, visit);
  };
  if (visit >= kept_visits) return draw();
  std::uint32_t& word = words_[static_cast<std::size_t>(purpose)][visit];
  if (word == not_drawn) word = draw();
  return word;
}

WordRanges other_ways(const AfterLaw& base, const AfterLaw& other) {
  WordRanges ranges;
  for (const Cut AfterLaw::*part :
       {&AfterLaw::next_of_stay, &AfterLaw::follow_up_of_stay})
    ranges.add(part_of(base.stay.cut, base.*part),
               part_of(other.stay.cut, other.*part));
  ranges.add(base.stay.cut, other.stay.cut);
  return ranges;
}

WordRanges other_ways(const FollowUpLaw& base, const FollowUpLaw& other) {
  WordRanges ranges;
  for (const Cut FollowUpLaw::*cut :
       {&FollowUpLaw::next_step, &FollowUpLaw::same_step, &FollowUpLaw::gap})
    ranges.add(base.*cut, other.*cut);
  return ranges;
}

namespace {

const FollowUpLaw& follow_up_of(const ArmLaw& arm, bool remitted) {
  return remitted ? arm.follow_up_remitted : arm.follow_up_not_remitted;
}

std::uint32_t word_of(const Workspace& work, std::uint32_t slot,
                      Purpose purpose, std::uint32_t visit) {
  return word_as_compared(work.luck, work.patient_in(slot), purpose, visit);
}

}  // namespace

void watch_remitted(const Attempt& attempt) {
  Workspace& work = attempt.walk.work;
  for (const Watch::Watcher& watcher : work.watch->of(
           attempt.walk.pathway, attempt.position, attempt.arm_index)) {
    if (!watcher.change.enters) continue;
    WordRanges ranges;
    ranges.add(attempt.arm.follow_up_if_remitted,
               watcher.arm->follow_up_if_remitted);
    for (std::size_t i = 0; i < work.remitted.size; ++i) {
      const std::uint32_t slot = work.remitted.slot[i];
      if (ranges.hold(word_of(work, slot, Purpose::follow_up, attempt.visit)))
        work.watch->mark(watcher.changed, slot);
    }
  }
}

void mark_other_times(const Attempt& attempt, const Watch::Watcher& watcher,
                      bool remitted) {
  Workspace& work = attempt.walk.work;
  Watch& watch = *work.watch;
  const std::size_t entry_state = remitted ? 0 : 1;
  const WordRanges ranges = other_ways(follow_up_of(attempt.arm, remitted),
                                       follow_up_of(*watcher.arm, remitted));
  for (std::size_t i = 0; i < work.following.size; ++i) {
    const std::uint32_t slot = work.following.slot[i];
    const Ticks entry =
        clock_of(attempt.walk.facts.in_vectors ? work.following.state[i]
                                               : work.state[slot]);
    const Ticks seen = attempt.walk.engine.horizon - entry;
    const Ticks relapse = watch.base_time[i], drop_out = watch.base_drop_out[i];
    const bool other_time =
        (relapse != work.time[i] || drop_out != watch.drop_out[i]) &&
        std::min({relapse, drop_out, work.time[i], watch.drop_out[i]}) <= seen;
    const bool other_way =
        watcher.change.after_relapse[entry_state] && relapse <= drop_out &&
        relapse <= seen &&
        ranges.hold(word_of(work, slot, Purpose::after_relapse, attempt.visit));
    if (other_time || other_way) watch.mark(watcher.changed, slot);
  }
}

void begin_watch(Workspace& work) {
  work.watch->first = static_cast<std::uint32_t>(work.first);
}

void end_watch(Workspace& work) {
  Watch& watch = *work.watch;
  const auto list = [&](std::uint64_t bits, std::size_t word,
                        std::vector<std::uint32_t>& to) {
    for (; bits != 0; bits &= bits - 1)
      to.push_back(watch.first + static_cast<std::uint32_t>(
                                     64 * word + static_cast<std::size_t>(
                                                     std::countr_zero(bits))));
  };
  const std::size_t all = watch.pathways.size();
  for (std::size_t from = 0, to = 0; from < all; from = to) {
    const std::size_t variant = watch.pathways[from].variant;
    while (to < all && watch.pathways[to].variant == variant) ++to;
    if (watch.is_alone[from]) {
      watch.marks[from].fill(0);
      continue;
    }
    for (std::size_t w = 0; w < tile_size / 64; ++w) {
      std::uint64_t any = 0, several = 0;
      for (std::size_t c = from; c < to; ++c) {
        several |= any & watch.marks[c][w];
        any |= watch.marks[c][w];
      }
      if (any == 0) continue;
      watch.changed[variant] += static_cast<std::uint64_t>(std::popcount(any));
      const std::uint64_t apart = watch.together ? ~several : ~std::uint64_t{0};
      for (std::size_t c = from; c < to; ++c) {
        list(watch.marks[c][w] & apart, w, watch.lists[c]);
        watch.marks[c][w] = 0;
      }
      if (watch.together) list(several, w, watch.lists[all + variant]);
    }
  }
}

namespace {

// One attempt of a life.
class LifeWatch {
 public:
  LifeWatch(const Engine& engine, const std::vector<float>& scores,
            PatientWords& words)
      : engine_(engine), scores_(scores), words_(words) {}

  // The attempt ended so.
  bool differs(const Watch::Watcher& watcher, const ArmLaw& arm,
               std::uint32_t visit, Happening end, bool observed) const {
    const ArmLaw& other = *watcher.arm;
    const ArmChange& change = watcher.change;
    if (change.outcome && has_other_outcome(arm, other, visit)) return true;
    if (!observed || end == Happening::unfinished) return false;
    const bool remitted = end == Happening::remission;
    if (change.after && !remitted && has_other_way(arm, other, visit))
      return true;
    if (change.enters && remitted) {
      WordRanges ranges;
      ranges.add(arm.follow_up_if_remitted, other.follow_up_if_remitted);
      if (ranges.hold(word(Purpose::follow_up, visit))) return true;
    }
    // Who has lost a partial response goes the ways of the remitted.
    const bool as_remitted =
        remitted || end == Happening::partial_response_lost;
    return change.follows(as_remitted ? 0 : 1) &&
           has_other_follow_up(follow_up_of(arm, as_remitted),
                               follow_up_of(other, as_remitted), visit);
  }

 private:
  std::uint32_t word(Purpose purpose, std::uint32_t visit) const {
    return words_.of(purpose, visit);
  }

  float log_odds(const Chance& chance) const {
    return chance.intercept + scores_[chance.score];
  }
  Cut cut_of(const Chance& chance, float shift = 0) const {
    return chance.differs() ? cut_of_log_odds(log_odds(chance) + shift)
                            : chance.cut;
  }

  bool has_other_outcome(const ArmLaw& arm, const ArmLaw& other,
                         std::uint32_t visit) const {
    const std::uint32_t drawn = word(Purpose::outcome, visit);
    const auto differs = [&](const Chance& before, const Chance& after,
                             float shift) {
      return other_outcomes(
                 {cut_of(before, shift), cut_of(arm.partial_response),
                  cut_of(arm.intolerance)},
                 {cut_of(after, shift), cut_of(other.partial_response),
                  cut_of(other.intolerance)})
          .hold(drawn);
    };
    // Whether adherent and dosed or not, and whatever the class before: it may
    // be any of these.
    const float not_adherent = arm.non_adherence_log_odds,
                not_dosed = arm.low_dose_log_odds;
    for (const auto member :
         {&ArmLaw::remission, &ArmLaw::remission_if_new_class}) {
      if ((arm.*member).empty() || (other.*member).empty()) continue;
      const Chance& before = at_line(arm.*member, visit);
      const Chance& after = at_line(other.*member, visit);
      if (differs(before, after, 0) ||
          (not_adherent != 0 && differs(before, after, not_adherent)) ||
          (not_dosed != 0 && differs(before, after, not_dosed)) ||
          (not_adherent != 0 && not_dosed != 0 &&
           differs(before, after, not_adherent + not_dosed)))
        return true;
    }
    return false;
  }

  bool has_other_way(const ArmLaw& arm, const ArmLaw& other,
                     std::uint32_t visit) const {
    const std::uint32_t drawn = word(Purpose::attrition, visit);
    for (const auto after :
         {&ArmLaw::after_no_response, &ArmLaw::after_partial_response,
          &ArmLaw::after_intolerance})
      if (other_ways(staying(arm.*after), staying(other.*after)).hold(drawn))
        return true;
    return false;
  }
  AfterLaw staying(const AfterLaw& law) const {
    AfterLaw mine = law;
    if (law.stay.differs())
      mine.stay.cut = 0 - cut_of_log_odds(log_odds(law.stay));
    return mine;
  }

  // Where hazards change on the way, it may be anybody.
  bool has_other_follow_up(const FollowUpLaw& law, const FollowUpLaw& other,
                           std::uint32_t visit) const {
    const auto differs = [&](std::size_t before, std::size_t after,
                             Purpose purpose) {
      if (before == after) return false;
      const std::uint32_t drawn = word(purpose, visit);
      const Ticks earlier = engine_.survivals[before].at(drawn),
                  later = engine_.survivals[after].at(drawn);
      return earlier != later && std::min(earlier, later) <= engine_.horizon;
    };
    if (law.relapse != other.relapse && changes_hazard(law)) return true;
    return differs(law.relapse, other.relapse, Purpose::relapse) ||
           differs(law.drop_out, other.drop_out, Purpose::drop_out) ||
           other_ways(law, other).hold(word(Purpose::after_relapse, visit));
  }

  const Engine& engine_;
  const std::vector<float>& scores_;
  PatientWords& words_;
};

// What became of the attempt that this event starts.
Happening end_of_attempt(const Life& life, std::size_t start) {
  for (std::size_t e = start + 1; e < life.events.size(); ++e) {
    const Happening what = life.events[e].what;
    if (what != Happening::adverse_event && what != Happening::extension)
      return what;
  }
  return Happening::unfinished;
}

}  // namespace

void watch_life(const Engine& engine, const Watch& watch, std::size_t pathway,
                bool everybody_continues, const Life& life,
                const std::vector<float>& scores, PatientWords& words,
                std::vector<std::size_t>& changed) {
  const LifeWatch attempts(engine, scores, words);
  for (std::size_t e = 0; e < life.events.size(); ++e) {
    const Event& event = life.events[e];
    if (event.what != Happening::start) continue;
    const Happening end = end_of_attempt(life, e);
    const ArmLaw& arm =
        engine.law.pathways[pathway][event.position].arms[event.arm];
    for (const Watch::Watcher& watcher :
         watch.of(pathway, event.position, event.arm)) {
      const auto place =
          std::lower_bound(changed.begin(), changed.end(), watcher.changed);
      const bool known = place != changed.end() && *place == watcher.changed;
      if (!known && attempts.differs(watcher, arm, event.visit, end,
                                     !everybody_continues))
        changed.insert(place, watcher.changed);
    }
  }
}

}  // namespace stardsim

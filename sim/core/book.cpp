#include "sim/core/book.hpp"

#include "sim/core/offer.hpp"

namespace stardsim {
namespace {

class Book {
 public:
  Book(const Engine& engine, std::size_t pathway, std::size_t course,
       PathwayTally& tally)
      : engine_(engine), pathway_(pathway), course_(course), tally_(tally) {}

  void add(const Life& life) {
    for (const Event& event : life.events) add(event, life);
    if (course_ == 1 && engine_.law.staging) add_stages(life);
    fill(engine_.law.horizon + 1);
    if (course_ == 1 && first_remission_ != never && lost_ == never)
      if (from_step_) ++first_arm_->sustained;
    add_to_batches(life.patient);
    add_to_subgroups(life);
  }

  bool has_remitted() const { return first_remission_ != never; }

 private:
  Flow<std::uint64_t>& flow(const Event& event) {
    return tally_.course[course_].arms[event.position][event.arm];
  }
  auto& follow_up(const Event& event) {
    return tally_.later.follow_up[event.position][event.arm][remitted_ ? 0 : 1];
  }

  bool is_watched(const Event& event) const {
    const ArmLaw& arm =
        engine_.law.pathways[pathway_][event.position].arms[event.arm];
    return (remitted_ ? arm.follow_up_remitted : arm.follow_up_not_remitted)
        .is_watched();
  }

  void censor(const Event& event, Ticks since) {
    const std::uint32_t week = week_of(since);
    ++follow_up(event).censored_by_week[week];
    follow_up(event).unseen_ticks_by_week[week] += 1024 * week - since;
  }

  void move_to(State state, Ticks tick) {
    fill(week_of(tick));
    state_ = state;
  }
  void fill(std::uint32_t week) {
    if (course_ != 1) return;
    for (; week_ < week; ++week_)
      ++tally_.later.occupancy[static_cast<std::size_t>(state_)][week_];
  }

  void remit_first(const Event& event) {
    if (first_remission_ != never) return;
    first_remission_ = event.tick;
    ++tally_.course[course_].remission_by_week[week_of(event.tick)];
  }
  void lose_remission(const Event& event) {
    if (first_remission_ == never || remission_ != first_remission_ ||
        lost_ != never)
      return;
    lost_ = event.tick;
    if (course_ == 1)
      ++tally_.later.first_remission_lost_by_week[week_of(event.tick)];
  }

  void end_attempt(const Event& event,
                   std::uint64_t Flow<std::uint64_t>::*how) {
    flow(event).treatment_ticks += event.tick - start_;
    ++(flow(event).*how);
    last_was_remission_ = false;
  }

  void add(const Event& event, const Life& life) {
    using F = Flow<std::uint64_t>;
    const Ticks since = event.tick - entered_;
    switch (event.what) {
      case Happening::entry:
      case Happening::passed_on:
      case Happening::adverse_event:
      case Happening::extension:
        return;
      case Happening::waiting: {
        move_to(State::waiting, event.tick);
        return;
      }
      case Happening::start:
        move_to(State::in_treatment, event.tick);
        start_ = event.tick;
        following_ = relapsed_ = false;
        ++flow(event).entered;
        return;
      case Happening::remission: {
        end_attempt(event, &F::remission);
        const Ticks time = event.tick - start_;
        flow(event).remission_ticks += time;
        flow(event).remission_ticks_squared += Wide{time} * time;
        if (first_remission_ == never && course_ == 1) {
          ++flow(event).first_remission;
          first_arm_ = &flow(event);
          from_step_ = true;
        }
        remission_ = event.tick;
        remit_first(event);
        last_was_remission_ = true;
        move_to(State::remitted, event.tick);
        return;
      }
      case Happening::partial_response:
        return end_attempt(event, &F::partial_response);
      case Happening::intolerance:
        return end_attempt(event, &F::intolerance);
      case Happening::no_response:
        return end_attempt(event, &F::no_response);
      case Happening::partial_response_lost:
        end_attempt(event, &F::partial_response);
        // What comes next comes after a relapse, and is not the step's doing.
        following_ = relapsed_ = true;
        return;
      case Happening::unfinished:
        return end_attempt(event, &F::unfinished);
      case Happening::left_care:
        // After remission or relapse it is not the step's loss.
        if (last_was_remission_ && !relapsed_) lose_remission(event);
        if (!last_was_remission_ && !following_) ++flow(event).left_care;
        move_to(State::out_of_care, event.tick);
        following_ = false;
        return;
      case Happening::follow_up:
        remitted_ = last_was_remission_;
        entered_ = event.tick;
        relapsed_ = false;
        following_ = true;
        if (!remitted_) ++flow(event).follow_up;
        watched_ = is_watched(event);
        if (watched_) ++follow_up(event).entered;
        move_to(remitted_ ? State::remitted : State::not_remitted, event.tick);
        return;
      case Happening::relapse:
        ++follow_up(event).relapsed;
        ++follow_up(event).relapse_by_week[week_of(since)];
        if (remitted_) lose_remission(event);
        relapsed_ = true;
        move_to(State::in_treatment, event.tick);
        return;
      case Happening::drop_out:
        ++follow_up(event).dropped_out;
        censor(event, since);
        if (remitted_) lose_remission(event);
        move_to(State::out_of_care, event.tick);
        following_ = false;
        return;
      case Happening::gap:
        if (!following_) ++flow(event).gap;
        following_ = false;
        move_to(State::gap, event.tick);
        return;
      case Happening::gap_return:
        move_to(State::in_treatment, event.tick);
        return;
      case Happening::exhausted:
        move_to(State::untreated, event.tick);
        following_ = false;
        return;
      case Happening::spontaneous_remission:
        remission_ = event.tick;
        if (course_ == 1) ++tally_.later.spontaneous_remission;
        remit_first(event);
        move_to(State::untreated_remitted, event.tick);
        return;
      case Happening::spontaneous_relapse:
        lose_remission(event);
        move_to(State::untreated, event.tick);
        return;
      case Happening::death:
        lose_remission(event);
        if (before(life).what == Happening::follow_up && watched_)
          censor(event, since);
        move_to(State::dead, event.tick);
        return;
      case Happening::horizon:
        if (before(life).what == Happening::follow_up && watched_)
          censor(event, since);
        return;
    }
  }

  // The last event but one.
  static const Event& before(const Life& life) {
    return life.events[life.events.size() - 2];
  }

  // From one attempt to the next: the level as it is when the attempt starts,
  // as it is found after it has failed, and until the patient leaves care.
  void add_stages(const Life& life) {
    const auto level_at = [&](std::size_t m, const Standing& standing,
                              Ticks now) {
      const History history{standing.trials, standing.classes};
      return level_of(static_cast<StagingMethod>(m),
                      treatment_history(engine_.law,
                                        {history, 0, life.covariates.data(), 1},
                                        standing.resistant_since, now));
    };
    for (std::size_t m = 0; m < staging_method_count; ++m) {
      auto& weeks = tally_.stage_by_week[m];
      std::uint32_t from = 0;
      std::size_t level = level_at(m, life.entry, 0);
      const auto until = [&](Ticks tick) {
        for (; from < week_of(tick); ++from) ++weeks[level][from];
      };
      std::size_t n = 0;
      bool in_care = true;
      for (const Event& event : life.events) {
        if (event.what == Happening::start) {
          until(event.tick);
          level = level_at(m, life.trials[n].at_start, event.tick);
          ++tally_.stages[event.position].entered[m][level];
        }
        if (event.what == Happening::remission)
          ++tally_.stages[event.position].remission[m][level];
        if (event.what == Happening::no_response ||
            event.what == Happening::partial_response ||
            event.what == Happening::partial_response_lost ||
            event.what == Happening::intolerance) {
          until(event.tick);
          level = level_at(m, life.trials[n].at_end, event.tick);
        }
        if (event.what == Happening::remission ||
            event.what == Happening::no_response ||
            event.what == Happening::partial_response ||
            event.what == Happening::partial_response_lost ||
            event.what == Happening::intolerance)
          ++n;
        if (event.what == Happening::left_care ||
            event.what == Happening::drop_out ||
            event.what == Happening::death) {
          until(event.tick);
          in_care = false;
        }
      }
      if (in_care) until(engine_.horizon + 1);
    }
    std::size_t n = 0;
    for (const Event& event : life.events) {
      if (event.what != Happening::start) continue;
      const Standing& standing = life.trials[n++].at_start;
      auto& tally = tally_.stages[event.position];
      const std::uint32_t adequate =
          standing.trials >> history::adequate_shift & history::failed_mask;
      if ((standing.trials & history::failed_mask) < 2) continue;
      ++tally.apparently_resistant;
      if (adequate >= 2) ++tally.truly_resistant;
    }
  }

  void add_to_batches(std::uint64_t patient) {
    const std::size_t batch = patient % batch_count;
    if (first_remission_ == never) return;
    ++tally_.by_batch[course_][batch];
    if (course_ == 1 && lost_ == never) ++tally_.by_batch[2][batch];
  }

  void add_to_subgroups(const Life& life) {
    const auto& subgroups = engine_.law.subgroups;
    const History none;
    for (std::size_t g = 0; g < subgroups.size(); ++g) {
      if (!all_hold(subgroups[g], {none, 0, life.covariates.data(), 1}))
        continue;
      SubgroupTally& subgroup = tally_.subgroups[g];
      if (course_ == 1) ++subgroup.patients;
      if (first_remission_ != never)
        ++subgroup.remission_by_week[course_][week_of(first_remission_)];
      if (course_ == 1 && lost_ != never)
        ++subgroup.first_remission_lost_by_week[week_of(lost_)];
    }
  }

  const Engine& engine_;
  const std::size_t pathway_, course_;
  PathwayTally& tally_;
  State state_ = State::in_treatment;
  std::uint32_t week_ = 0;
  Ticks start_ = 0, entered_ = 0, remission_ = never, first_remission_ = never,
        lost_ = never;
  Flow<std::uint64_t>* first_arm_ = nullptr;
  bool watched_ = false, from_step_ = false, last_was_remission_ = false,
       remitted_ = false, relapsed_ = false, following_ = false;
};

}  // namespace

bool count_life(const Engine& engine, std::size_t pathway, std::size_t course,
                const Life& life, PathwayTally& tally) {
  Book book(engine, pathway, course, tally);
  book.add(life);
  return book.has_remitted();
}

}  // namespace stardsim

#include "sim/core/record.hpp"

#include "models/planted.hpp"
#include "models/smooth_tables.hpp"
#include "sim/core/offer.hpp"

#include <algorithm>

namespace stardsim {
namespace {

constexpr std::uint32_t kept_flags = parted_flag | remitted_flag;

std::uint32_t drawn(const Workspace& work, std::uint32_t slot, Purpose purpose,
                    std::uint32_t visit, std::uint32_t sub_draw = 0) {
  return word_as_compared(work.luck, work.patient_in(slot), purpose, visit,
                          sub_draw);
}

void finish(Workspace& work, std::uint32_t slot) {
  work.state[slot] |= finished_flag;
}

bool is_after_horizon(const Walk& walk, std::uint32_t slot) {
  return clock_of(walk.work.state[slot]) > walk.engine.horizon;
}

// Where the course if all continue will go on, unless it has already ended or
// gone another way.
void fork(const Walk& walk, std::uint32_t slot, std::uint32_t visit,
          std::uint32_t position) {
  Workspace& work = walk.work;
  if (work.state[slot] & parted_flag) return;
  work.state[slot] |= parted_flag;
  work.forked[slot] = 1;
  if (work.forks.size() <= visit) work.forks.resize(visit + 1);
  work.forks[visit].push_back({slot, clock_of(work.state[slot]), position,
                               work.trials[slot], work.classes[slot]});
}

Candidate candidate_of(const Workspace& work, const History& history,
                       std::uint32_t slot, std::uint32_t visit) {
  const auto& rows = work.cohort.covariates;
  return {history, visit, rows.empty() ? nullptr : &rows[0][slot],
          sizeof(RealRow) / sizeof(float)};
}

// ---- staging ----

// Adds the patient to his present levels from this time on, or takes him away.
void move_levels(const Walk& walk, std::uint32_t slot, Ticks tick,
                 std::int64_t patients) {
  const Workspace& work = walk.work;
  for (std::size_t m = 0; m < staging_method_count; ++m)
    walk.work.growth[walk.counter][m][work.level[m][slot]][week_of(tick)] +=
        patients;
}

void find_levels(const Walk& walk, std::uint32_t slot, Ticks now) {
  Workspace& work = walk.work;
  const History history{work.trials[slot], work.classes[slot]};
  const TreatmentHistory staged =
      treatment_history(walk.engine.law, candidate_of(work, history, slot, 0),
                        work.resistant_since[slot], now);
  for (std::size_t m = 0; m < staging_method_count; ++m)
    work.level[m][slot] = static_cast<std::uint8_t>(
        level_of(static_cast<StagingMethod>(m), staged));
}

void renew_levels(const Walk& walk, std::uint32_t slot, Ticks now) {
  move_levels(walk, slot, now, -1);
  find_levels(walk, slot, now);
  move_levels(walk, slot, now, 1);
}

void leave_care(const Walk& walk, std::uint32_t slot, Ticks tick) {
  if (walk.engine.law.staging) move_levels(walk, slot, tick, -1);
  enter_state(walk, State::out_of_care, tick, slot);
  finish(walk.work, slot);
}

bool is_first_remission(const Workspace& work, std::uint32_t slot,
                        Ticks remission) {
  return work.first_remission[1][slot] == remission;
}

void lose_first_remission(const Walk& walk, std::uint32_t slot, Ticks tick) {
  walk.work.lost[slot] = tick;
  count(walk, first_remission_lost, tick, slot);
}

void offer_to(const Walk& walk, std::uint32_t slot, std::uint32_t visit,
              std::uint32_t position, std::uint32_t word) {
  Workspace& work = walk.work;
  const StepLaw& step = walk.steps[position];
  const History history{work.trials[slot], work.classes[slot]};
  const Candidate candidate = candidate_of(work, history, slot, visit);
  const auto choice = [&](bool everybody_continues) {
    return chosen_arm(
        step, candidate, word, everybody_continues,
        [&](const ArmLaw& arm) {
          return drawn(work, slot, Purpose::access, arm.offered) < arm.access;
        },
        [&](const ArmLaw& arm, std::size_t place) {
          return drawn(work, slot, Purpose::acceptance, visit,
                       offer_number(position, place)) < arm.acceptance;
        });
  };
  const std::size_t chosen = choice(walk.everybody_continues);
  const bool can_part = !walk.everybody_continues && walk.facts.parts &&
                        !(work.state[slot] & parted_flag);
  if (can_part && chosen != choice(true)) fork(walk, slot, visit, position);
  if (chosen != nothing) {
    work.chosen[slot] = static_cast<std::uint32_t>(chosen);
  } else if (position + 1 == walk.steps.size()) {
    send(walk, slot, clock_of(work.state[slot]), position + 1);
  } else {
    work.state[slot] += 1u << position_shift;
    work.standing[position + 1] = true;
  }
}

// ---- history ----

bool happens(const Chance& chance, const WordRows& rows, const Workspace& work,
             std::uint32_t slot, std::uint32_t visit) {
  if (!chance.differs() && chance.cut == certain) return true;
  const std::uint32_t word =
      rows.fours[visit / words_per_block][visit % words_per_block][slot];
  const Cut cut = chance.differs()
                      ? cut_of_log_odds(chance.intercept +
                                        work.cohort.scores[chance.score][slot])
                      : chance.cut;
  return word < cut;
}

}  // namespace

void send(const Walk& walk, std::uint32_t slot, Ticks tick,
          std::uint32_t position) {
  Workspace& work = walk.work;
  const std::uint32_t flags = work.state[slot] & kept_flags;
  work.state[slot] = tick | flags | finished_flag;
  if (position == walk.steps.size()) {
    work.exhausted.add(slot);
  } else if (tick < walk.engine.horizon) {
    work.state[slot] = tick | flags | position << position_shift;
    work.coming[position] = true;
  }
}

void offer(const Walk& walk, std::uint32_t visit, std::uint32_t position,
           const Row& words) {
  const Workspace& work = walk.work;
  for (std::size_t slot = work.begin; slot < work.end; ++slot)
    if ((work.state[slot] & (finished_flag | position_bits)) ==
        position << position_shift)
      offer_to(walk, static_cast<std::uint32_t>(slot), visit, position,
               words[slot]);
}

void forget_words(Workspace& work) {
  for (WordRows* rows :
       {&work.arm, &work.outcome, &work.attrition, &work.adherence, &work.dose})
    rows->drawn = UNLESS_PLANTED(state_leak, 0, rows->drawn);
}

void forget_history(const Walk& walk) {
  Workspace& work = walk.work;
  work.trials.fill(0);
  work.classes.fill(0);
  for (Row& row : work.first_remission) row.fill(0);
  work.lost.fill(0);
  work.resistant_since.fill(never);
  const std::size_t prior = walk.engine.law.prior_failed_trials;
  if (prior == nothing) return;
  for (std::size_t slot = 0; slot < tile_size; ++slot)
    work.trials[slot] = entry_trials(work.cohort.covariates[prior][slot]);
}

void enter_levels(const Walk& walk) {
  const Workspace& work = walk.work;
  for (std::size_t slot = work.begin; slot < work.end; ++slot) {
    find_levels(walk, static_cast<std::uint32_t>(slot), 0);
    move_levels(walk, static_cast<std::uint32_t>(slot), 0, 1);
  }
}

void stage_at_entry(const Attempt& attempt) {
  const Walk& walk = attempt.walk;
  Workspace& work = walk.work;
  StageTally& tally = walk.tally.stages[attempt.position];
  for (std::size_t i = 0; i < work.given.size; ++i) {
    const std::uint32_t slot = work.given.slot[i];
    const bool remitted =
        work.ended[slot] == ended_remitted && !is_after_horizon(walk, slot);
    renew_levels(walk, slot, clock_of(work.begun[slot]));
    for (std::size_t m = 0; m < staging_method_count; ++m) {
      ++tally.entered[m][work.level[m][slot]];
      if (remitted) ++tally.remission[m][work.level[m][slot]];
    }
    const History history{work.trials[slot], work.classes[slot]};
    const Candidate candidate =
        candidate_of(work, history, slot, attempt.visit);
    tally.apparently_resistant += is_apparently_resistant(candidate);
    tally.truly_resistant += is_apparently_resistant(candidate) &&
                             is_truly_resistant(walk.engine.law, candidate);
  }
}

void take_up_forks(const Walk& walk, std::uint32_t visit) {
  Workspace& work = walk.work;
  if (visit >= work.forks.size()) return;
  for (const Fork& fork : work.forks[visit]) {
    work.trials[fork.slot] = fork.trials;
    work.classes[fork.slot] = fork.classes;
    send(walk, fork.slot, fork.clock, fork.position);
  }
}

void give_up(const Walk& walk) {
  Workspace& work = walk.work;
  for (std::size_t slot = work.begin; slot < work.end; ++slot)
    if (!(work.state[slot] & finished_flag)) {
      finish(work, static_cast<std::uint32_t>(slot));
      work.exhausted.add(static_cast<std::uint32_t>(slot));
    }
  leave_untreated(walk);
}

void correct_exits(const Attempt& attempt, const Roster& roster) {
  const Walk& walk = attempt.walk;
  Workspace& work = walk.work;
  const Ticks horizon = walk.engine.horizon, length = attempt.step.length;
  const bool is_intolerance = &roster == &work.intolerant;
  for (std::size_t i = 0; i < roster.size; ++i) {
    const std::uint32_t slot = roster.slot[i];
    const Ticks begun = clock_of(work.state[slot]) - length;
    const Ticks end = begun + work.time[i];
    const bool late = end > horizon;
    // As the vectors have counted him, and as it is.
    const Ticks room = std::min(length, horizon - begun);
    const Ticks too_much = room - std::min(work.time[i], room);
    const auto correct = [&](Flow<std::uint64_t>& flow) {
      flow.treatment_ticks -= too_much;
      if (!late) return;
      --(is_intolerance ? flow.intolerance
         : work.ended[slot] ==
                 static_cast<std::uint32_t>(LastOutcome::partial_response)
             ? flow.partial_response
             : flow.no_response);
      ++flow.unfinished;
    };
    const std::uint32_t state = work.state[slot];
    if (!walk.everybody_continues) correct(attempt.observed);
    if (walk.everybody_continues || !(state & parted_flag))
      correct(attempt.if_all_continue);
    const std::uint32_t ended =
        attempt.is_last || end >= horizon ? finished_flag : 0;
    work.state[slot] = (state & ~(clock_bits | finished_flag)) | ended |
                       (late ? horizon + 1 : end);
  }
}

void keep_remissions(const Attempt& attempt) {
  const Walk& walk = attempt.walk;
  Workspace& work = walk.work;
  const Ticks horizon = walk.engine.horizon;
  for (std::size_t i = 0; i < work.remitted.size; ++i) {
    const std::uint32_t slot = work.remitted.slot[i];
    const std::uint32_t state = work.remitted.state[i];
    const Ticks tick = work.other_time[i];
    const std::uint32_t flags = state & kept_flags;
    if (tick > horizon) {
      work.state[slot] = flags | finished_flag | (horizon + 1);
      continue;
    }
    work.state[slot] =
        flags | finished_flag | remitted_flag | parted_flag | tick;
    if (walk.everybody_continues) {
      work.first_remission[0][slot] = tick;
      continue;
    }
    if (state & remitted_flag) continue;
    work.first_remission[1][slot] = tick;
    if (!(state & parted_flag)) work.first_remission[0][slot] = tick;
    if (walk.facts.comes_back) ++attempt.observed.first_remission;
  }
}

void miss_remissions(Workspace& work) {
  for (std::size_t i = 0; i < work.missed.size; ++i)
    work.state[work.missed.slot[i]] =
        (work.missed.state[i] & kept_flags) | finished_flag;
}

void move_on(Workspace& work) {
  for (std::size_t i = 0; i < work.moved.size; ++i)
    work.state[work.moved.slot[i]] = work.moved.state[i];
}

void count_follow_up(const Attempt& attempt) {
  Workspace& work = attempt.walk.work;
  auto& flow = attempt.walk.tally.later
                   .follow_up[attempt.position][attempt.arm_index][0];
  flow.entered += work.following.size;
  flow.relapsed += work.relapse_weeks.size;
  flow.dropped_out += work.moved.size - work.relapse_weeks.size;
  const auto count = [](List& weeks, std::vector<std::uint64_t>& by_week) {
    for (std::size_t i = 0; i < weeks.size; ++i) ++by_week[weeks.word[i]];
  };
  count(work.relapse_weeks, flow.relapse_by_week);
  count(work.censored_weeks, flow.censored_by_week);
  for (std::size_t i = 0; i < work.unseen_ticks.size; ++i)
    flow.unseen_ticks_by_week[work.censored_weeks.word[i]] +=
        work.unseen_ticks.word[i];
  for (List* list :
       {&work.relapse_weeks, &work.censored_weeks, &work.unseen_ticks})
    list->size = 0;
}

void stay_in_remission(const Attempt& attempt) {
  Accounts& accounts = attempt.walk.work.accounts;
  for (std::size_t i = 0; i < accounts.size; ++i) {
    accounts.end[i] = attempt.walk.engine.horizon;
    accounts.change[i] = 0;
  }
}

void add_missed(const Attempt& attempt) {
  const Workspace& work = attempt.walk.work;
  Accounts& accounts = attempt.walk.work.accounts;
  const Ticks horizon = attempt.walk.engine.horizon;
  const auto add = [&](std::uint32_t slot, Ticks start, Ticks end) {
    accounts.slot[accounts.size] = slot;
    accounts.start[accounts.size] = start;
    accounts.entry[accounts.size] = accounts.end[accounts.size] = end;
  };
  for (std::size_t i = 0; i < work.missed.size; ++i) {
    const std::uint32_t state = work.missed.state[i];
    if ((state & kept_flags) == parted_flag) continue;  // out of care
    add(work.missed.slot[i], clock_of(state), horizon);
    ++accounts.size;
  }
  // A vector may read on.
  const std::size_t size = accounts.size;
  for (; accounts.size < size + overrun; ++accounts.size) add(0, 0, 0);
  accounts.size = size;
}

void add_outcomes(Workspace& work, Tally& tally) {
  std::vector<const std::int64_t*> rows = work.accounts.rows;
  for (const std::int64_t*& row : rows)
    if (row != nullptr) row += work.begin;
  if (work.scattered)
    tally.outcomes.add_scattered(work.member.data(), work.end, rows);
  else
    tally.outcomes.add(work.first + work.begin, work.end - work.begin, rows);
}

void count_cells_met(const Walk& walk) {
  List& list = walk.work.cells_met;
  count_cells(walk, list.word.data(), list.size);
  list.size = 0;
}

void wait(const Walk& walk, std::uint32_t position) {
  Workspace& work = walk.work;
  for (std::size_t i = 0; i < work.following.size; ++i) {
    const std::uint32_t slot = work.following.slot[i];
    const Ticks decided = clock_of(work.state[slot]);
    const Ticks start = decided + work.time[i];
    if (start == decided) continue;
    const bool starts = start < walk.engine.horizon;
    const std::uint32_t flags = work.state[slot] & kept_flags;
    work.state[slot] = starts ? start | flags | position << position_shift
                              : decided | flags | finished_flag;
    if (walk.everybody_continues) continue;
    enter_state(walk, State::waiting, decided, slot);
    if (starts) leave_state(walk, State::waiting, start, slot);
  }
}

void remember(const Attempt& attempt) {
  Workspace& work = attempt.walk.work;
  const ArmLaw& arm = attempt.arm;
  for (std::size_t i = 0; i < work.given.size; ++i) {
    const std::uint32_t slot = work.given.slot[i];
    if (is_after_horizon(attempt.walk, slot)) continue;
    const bool remitted = work.ended[slot] == ended_remitted;
    const Ticks spent = clock_of(work.state[slot]) - clock_of(work.begun[slot]);
    const bool adequate =
        spent >= arm.adequate_ticks &&
        happens(arm.adherence, work.adherence, work, slot, attempt.visit) &&
        happens({1, arm.dose_adequacy}, work.dose, work, slot, attempt.visit);
    History history{work.trials[slot], work.classes[slot]};
    remember(arm,
             remitted ? LastOutcome::none
                      : static_cast<LastOutcome>(work.ended[slot]),
             adequate, history);
    work.trials[slot] = history.trials;
    work.classes[slot] = history.classes;
    if (remitted) continue;
    work.resistant_since[slot] =
        std::min(work.resistant_since[slot], clock_of(work.begun[slot]));
    if (attempt.walk.engine.law.staging && !attempt.walk.everybody_continues)
      renew_levels(attempt.walk, slot, clock_of(work.state[slot]));
  }
}

void part(const Attempt& attempt) {
  const Walk& walk = attempt.walk;
  Workspace& work = walk.work;
  work.following.size = 0;
  const auto each = [&](const Roster& roster, const auto& do_it) {
    for (std::size_t i = 0; i < roster.size; ++i) {
      const std::uint32_t slot = roster.slot[i];
      if (is_after_horizon(walk, slot)) continue;
      fork(walk, slot, attempt.visit + 1, attempt.position + 1);
      finish(work, slot);
      do_it(slot, clock_of(work.state[slot]));
    }
  };
  each(work.left, [&](std::uint32_t slot, Ticks tick) {
    ++attempt.observed.left_care;
    leave_care(walk, slot, tick);
  });
  each(work.to_follow_up, [&](std::uint32_t slot, Ticks tick) {
    ++attempt.observed.follow_up;
    enter_state(walk, State::not_remitted, tick, slot);
    work.following.add(slot);
  });
  std::size_t gaps = 0;
  each(work.to_gap, [&](std::uint32_t slot, Ticks) {
    ++attempt.observed.gap;
    work.to_gap.slot[gaps++] = slot;
  });
  work.to_gap.size = gaps;
}

void enter_follow_up_remitted(const Attempt& attempt) {
  const Walk& walk = attempt.walk;
  Workspace& work = walk.work;
  work.following.size = 0;
  for (std::size_t i = 0; i < work.remitted.size; ++i) {
    const std::uint32_t slot = work.remitted.slot[i];
    if (is_after_horizon(walk, slot)) continue;
    if (attempt.arm.follow_up_if_remitted == certain ||
        drawn(work, slot, Purpose::follow_up, attempt.visit) <
            attempt.arm.follow_up_if_remitted) {
      work.following.add(slot);
      continue;
    }
    const Ticks tick = clock_of(work.state[slot]);
    leave_state(walk, State::remitted, tick, slot);
    leave_care(walk, slot, tick);
    if (is_first_remission(work, slot, tick))
      lose_first_remission(walk, slot, tick);
  }
}

void change_hazards(const Attempt& attempt, const FollowUpLaw& law) {
  if (!changes_hazard(law)) return;
  const Engine& engine = attempt.walk.engine;
  Workspace& work = attempt.walk.work;
  for (std::size_t i = 0; i < work.following.size; ++i) {
    const std::uint32_t slot = work.following.slot[i];
    float log_hazard = law.relapse_score == nothing
                           ? 0
                           : work.cohort.scores[law.relapse_score][slot];
    const Ticks since = clock_of(work.state[slot]) - clock_of(work.begun[slot]);
    if (law.early_until > 0 && since <= law.early_until)
      log_hazard += law.early_log_hazard;
    std::uint32_t word = word_with_hazard(work.time[i], log_hazard);
    if (law.stop != nothing) {
      const Ticks stop = engine.survivals[law.stop].at(
          drawn(work, slot, Purpose::treatment_stop, attempt.visit));
      word = word_after_stop(word, engine.survivals[law.relapse].by(stop),
                             law.stopped_log_hazard);
    }
    work.time[i] = std::min(word, highest_word);
  }
}

void end_follow_up(const Attempt& attempt, const FollowUpLaw& law,
                   bool remitted) {
  const Walk& walk = attempt.walk;
  Workspace& work = walk.work;
  const Ticks horizon = walk.engine.horizon;
  const State state = remitted ? State::remitted : State::not_remitted;
  auto& flow =
      walk.tally.later
          .follow_up[attempt.position][attempt.arm_index][remitted ? 0 : 1];
  if (!law.is_watched()) {
    for (std::size_t i = 0; remitted && i < work.following.size; ++i) {
      const std::uint32_t slot = work.following.slot[i];
      if (is_first_remission(work, slot, clock_of(work.state[slot])))
        ++attempt.observed.sustained;
    }
    return;
  }
  flow.entered += work.following.size;
  for (std::size_t i = 0; i < work.following.size; ++i) {
    const std::uint32_t slot = work.following.slot[i];
    const Ticks entry = clock_of(work.state[slot]);
    const bool is_first = remitted && is_first_remission(work, slot, entry);
    const Ticks relapse = UNLESS_PLANTED(
        relapse_clock, work.time[i],
        work.time[i] - (is_first ? 0 : std::min(work.time[i], entry)));
    const Ticks drop_out = work.other_time[i];
    const Ticks until = std::min(relapse, drop_out);
    const Ticks at = entry + until;
    if (at > horizon) {
      flow.censor(horizon - entry);
      if (is_first) ++attempt.observed.sustained;
      continue;
    }
    leave_state(walk, state, at, slot);
    if (is_first) lose_first_remission(walk, slot, at);
    if (drop_out < relapse) {
      ++flow.dropped_out;
      flow.censor(until);
      leave_care(walk, slot, at);
      continue;
    }
    ++flow.relapsed;
    ++flow.relapse_by_week[week_of(until)];
    if (remitted) work.trials[slot] |= history::relapsed;
    const std::uint32_t word =
        law.next_step == certain
            ? 0
            : drawn(work, slot, Purpose::after_relapse, attempt.visit);
    if (word < law.next_step) {
      send(walk, slot, at, attempt.position + 1);
    } else if (word < law.same_step) {
      send(walk, slot, at, attempt.position);
    } else if (word < law.gap) {
      work.state[slot] = (work.state[slot] & ~clock_bits) | at;
      work.to_gap.add(slot);
    } else {
      leave_care(walk, slot, at);
    }
  }
}

void end_gap(const Attempt& attempt) {
  const Walk& walk = attempt.walk;
  Workspace& work = walk.work;
  for (std::size_t i = 0; i < work.to_gap.size; ++i) {
    const std::uint32_t slot = work.to_gap.slot[i];
    const Ticks from = clock_of(work.state[slot]);
    const Ticks back = from + work.time[i];
    enter_state(walk, State::gap, from, slot);
    if (back > walk.engine.horizon) continue;
    leave_state(walk, State::gap, back, slot);
    send(walk, slot, back, attempt.position + 1);
  }
}

void leave_untreated(const Walk& walk) {
  Workspace& work = walk.work;
  const bool observed = !walk.everybody_continues;
  const bool may_remit = walk.engine.law.spontaneous_remission != nothing;
  // Many come at the same time: counted together, one count need not wait for
  // the last.
  Ticks same = 0;
  std::uint32_t patients = 0;
  for (std::size_t i = 0; i < work.exhausted.size; ++i) {
    const std::uint32_t slot = work.exhausted.slot[i];
    if (is_after_horizon(walk, slot)) continue;
    const Ticks clock = clock_of(work.state[slot]);
    if (clock != same) {
      enter_state(walk, State::untreated, same, slot, patients);
      same = clock;
      patients = 0;
    }
    if (observed) ++patients;
    if (may_remit) live_untreated(walk, slot);
  }
  enter_state(walk, State::untreated, same, 0, patients);
  work.exhausted.size = 0;
}

void live_untreated(const Walk& walk, std::uint32_t slot) {
  Workspace& work = walk.work;
  const Engine& engine = walk.engine;
  const Law& law = engine.law;
  Ticks clock = clock_of(work.state[slot]);
  for (std::uint32_t n = 0; n < max_visits; ++n) {
    clock += engine.survivals[law.spontaneous_remission].at(
        drawn(work, slot, Purpose::spontaneous_remission, n));
    if (clock > engine.horizon) return;
    remit_spontaneously(walk, slot, clock);
    if (walk.everybody_continues || law.spontaneous_relapse == nothing) return;
    const Ticks remission = clock;
    clock += engine.survivals[law.spontaneous_relapse].at(
        drawn(work, slot, Purpose::spontaneous_relapse, n));
    if (clock > engine.horizon) return;
    if (is_first_remission(work, slot, remission))
      lose_first_remission(walk, slot, clock);
    leave_state(walk, State::untreated_remitted, clock, slot);
    enter_state(walk, State::untreated, clock, slot);
  }
}

void remit_spontaneously(const Walk& walk, std::uint32_t slot, Ticks tick) {
  Workspace& work = walk.work;
  const bool is_first = !(work.state[slot] & remitted_flag);
  const bool both = !(work.state[slot] & parted_flag);
  work.state[slot] |= remitted_flag;
  if (walk.everybody_continues) {
    if (is_first) count(walk, remission_if_all_continue, tick, slot);
    work.first_remission[0][slot] = tick;
    return;
  }
  ++walk.tally.later.spontaneous_remission;
  // The remission counts as one that entered State::remitted: it leaves again.
  count(walk,
        !is_first ? remission_again
        : both    ? remission_of_both
                  : remission_observed,
        tick, slot);
  leave_state(walk, State::remitted, tick, slot);
  leave_state(walk, State::untreated, tick, slot);
  enter_state(walk, State::untreated_remitted, tick, slot);
  if (!is_first) return;
  work.first_remission[1][slot] = tick;
  if (both) work.first_remission[0][slot] = tick;
  work.state[slot] |= parted_flag;
}

void count_subgroups(const Walk& walk) {
  const Workspace& work = walk.work;
  const auto& subgroups = walk.engine.law.subgroups;
  const History no_history;
  for (std::size_t slot = work.begin; slot < work.end; ++slot)
    for (std::size_t g = 0; g < subgroups.size(); ++g) {
      const auto one = static_cast<std::uint32_t>(slot);
      if (!all_hold(subgroups[g], candidate_of(work, no_history, one, 0)))
        continue;
      SubgroupTally& tally = walk.tally.subgroups[g];
      ++tally.patients;
      for (std::size_t c = 0; c < course_count; ++c)
        if (const Ticks tick = work.first_remission[c][slot])
          ++tally.remission_by_week[c][week_of(tick)];
      if (const Ticks tick = work.lost[slot])
        ++tally.first_remission_lost_by_week[week_of(tick)];
    }
}

}  // namespace stardsim

#include "models/exact_course.hpp"

#include "models/smooth_tables.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>
#include <utility>

namespace stardsim {
namespace {

using Eigen::Index;

constexpr Ticks any_tick = std::numeric_limits<Ticks>::max();

// Too few patients to be followed further.
constexpr double nobody = 1e-16;

// Nobody makes more attempts than this in the engine, nor more spontaneous
// remissions.
constexpr std::size_t most_rounds = 256;

Place next_step(Place place) {
  ++place.step;
  return place;
}

// How well a treatment is given in one attempt.
struct Quality {
  bool adherent, dose_adequate;
  double probability;
};

std::vector<Quality> qualities_of(const ArmLaw& arm) {
  const double adherent = probability_below(arm.adherence.cut);
  const double adequate = probability_below(arm.dose_adequacy);
  std::vector<Quality> qualities;
  for (const bool a : {true, false})
    for (const bool d : {true, false}) {
      const double p =
          (a ? adherent : 1 - adherent) * (d ? adequate : 1 - adequate);
      if (p > 0) qualities.push_back({a, d, p});
    }
  return qualities;
}

double remission_probability(const ArmLaw& arm, std::uint32_t visit,
                             const Quality& quality) {
  const Chance& chance = arm.remission_at(visit);
  if (!chance.differs()) return probability_below(chance.cut);
  float log_odds = chance.intercept;
  if (!quality.adherent) log_odds += arm.non_adherence_log_odds;
  if (!quality.dose_adequate) log_odds += arm.low_dose_log_odds;
  return probability_below(cut_of_log_odds(log_odds));
}

// How the attempt ends, by probability.
struct Outcomes {
  double remission, partial_response, intolerance, no_response;

  Outcomes(const ArmLaw& arm, double remission_there)
      : remission(remission_there),
        partial_response(std::min(probability_below(arm.partial_response.cut),
                                  1 - remission)),
        intolerance(std::min(probability_below(arm.intolerance.cut),
                             1 - remission - partial_response)),
        no_response(1 - remission - partial_response - intolerance) {}
};

bool are_some_early(const FollowUpLaw& law) {
  return law.relapse != nothing && law.early_until != 0 &&
         law.early_log_hazard != 0;
}

}  // namespace

struct ExactCourse::Start {
  ExactCourse& course;
  Place place;
  Group group;
  Cumulated by, cells_left;  // the latter weighted with the cells to the end
  std::map<std::tuple<std::size_t, Ticks, Ticks>, Group> ends;

  Start(ExactCourse& its_course, const Place& its_place, Group its_group)
      : course(its_course), place(its_place), group(std::move(its_group)) {
    Timing all = group.together();
    by = Cumulated(all, course.times_.smooth());
    for (Density* density : {&all.on, &all.between, &all.beyond})
      for (Index i = 0; i < density->at.size(); ++i)
        density->at[i] *=
            static_cast<double>(course.horizon_ - density->first - i);
    cells_left = Cumulated(all, course.times_.smooth());
  }

  // When they end the step, if it takes them this time.
  const Group& end(std::size_t time, Ticks from = 0, Ticks below = any_tick) {
    const auto [at, is_new] = ends.try_emplace({time, from, below});
    if (is_new)
      at->second = course.after(group, course.times_.time(time, from, below));
    return at->second;
  }
};

struct ExactCourse::Attempt {
  Start& start;
  const ArmLaw& arm;
  std::size_t arm_number;
  Quality quality;
  double share;
  Flow<double>& flow;
};

ExactCourse::ExactCourse(TimesOnGrid& times, Convolver& convolver,
                         const PathwayLaw& shape, bool observed)
    : times_(times),
      convolve_(convolver),
      observed_(observed),
      horizon_(times.horizon()) {
  const std::vector<double> weeks(times.law().horizon + 1, 0.0);
  table.remission_by_week = weeks;
  later.first_remission_lost_by_week = weeks;
  later.occupancy.fill(weeks);
  FollowUpFlow<double> none;
  none.relapse_by_week = none.censored_by_week = none.unseen_ticks_by_week =
      weeks;
  for (const StepLaw& step : shape) {
    table.arms.emplace_back(step.arms.size());
    later.follow_up.emplace_back(
        step.arms.size(), std::array<FollowUpFlow<double>, 2>{none, none});
  }
}

void ExactCourse::run(const PathwayLaw& steps, double patients) {
  steps_ = &steps;
  memory_.emplace(steps);
  standing_.assign(steps.size(), {});
  untreated_ = {};
  Group everybody;
  everybody.fresh.on = {0, Eigen::ArrayXd::Constant(1, patients)};
  later.occupancy[static_cast<std::size_t>(State::in_treatment)][0] += patients;
  stand_before(Place{}, State::in_treatment, everybody, 1);
  // Nobody goes back in a pathway: step by step, and at each step in rounds, as
  // patients may come back to it.
  for (std::size_t step = 0; step < steps.size(); ++step) {
    take_up_gaps(step);
    for (std::size_t round = 0; !standing_[step].empty(); ++round) {
      if (round == most_rounds)
        throw std::domain_error(
            "patients come back to the same step more often than the engine "
            "lets them; there is no exact answer");
      for (auto& [place, group] : std::exchange(standing_[step], {}))
        attempt(place, std::move(group));
    }
  }
  take_up_gaps(steps.size());
  stay_untreated();
}

void ExactCourse::finish() {
  for (auto& weeks : later.occupancy)
    for (std::size_t w = 1; w < weeks.size(); ++w) weeks[w] += weeks[w - 1];
}

void ExactCourse::stand_before(const Place& place, State from,
                               const Group& group, double share) {
  if (group.sum() * share < nobody) return;
  if (place.step == steps_->size()) {
    move(from, State::untreated, group, share);
    untreated_.add(group, share);
    return;
  }
  // Nothing starts at the horizon.
  move(from, State::in_treatment, group, share);
  Group starting = group;
  starting.fresh.on.cut_after(horizon_ - 1);
  starting.again.on.cut_after(horizon_ - 1);
  standing_[place.step][place].add(starting, share);
}

void ExactCourse::attempt(const Place& place, Group group) {
  const StepLaw& step = (*steps_)[place.step];
  const std::vector<double> share = shares(step, place, !observed_);
  double given = 0;
  for (const double s : share) given += s;
  if (given < 1 - 1e-15)
    stand_before(next_step(place), State::in_treatment, group, 1 - given);
  if (step.wait != nothing) {
    move(State::in_treatment, State::waiting, group, given);
    group = after(group, times_.survival(step.wait));
    group.fresh.on.cut_after(horizon_ - 1);
    group.again.on.cut_after(horizon_ - 1);
    move(State::waiting, State::in_treatment, group, given);
  }
  if (group.sum() * given == 0) return;
  Start start(*this, place, std::move(group));
  for (std::size_t a = 0; a < share.size(); ++a) {
    if (share[a] == 0) continue;
    for (const Quality& quality : qualities_of(step.arms[a])) {
      Attempt attempt{start,
                      step.arms[a],
                      a,
                      quality,
                      share[a] * quality.probability,
                      table.arms[place.step][a]};
      end(attempt);
    }
  }
  end_follow_ups();
}

void ExactCourse::end(Attempt& attempt) {
  const ArmLaw& arm = attempt.arm;
  const Start& start = attempt.start;
  Flow<double>& flow = attempt.flow;
  const Outcomes outcomes(
      arm, remission_probability(arm, start.place.visit, attempt.quality));
  flow.entered += attempt.share * start.by.total();
  const auto spend = [&](std::size_t time, double probability) {
    const double share = attempt.share * probability;
    for (const auto& [cell, chance, between, beyond] :
         times_.time(time, 0, any_tick).cells) {
      const Index latest = horizon_ - cell;
      const double in_time = start.by.up_to(latest, between, beyond);
      const double p = share * chance;
      flow.unfinished += p * (start.by.total() - in_time);
      flow.treatment_ticks +=
          p * times_.grid() *
          (static_cast<double>(cell) * in_time + start.cells_left.total() -
           start.cells_left.up_to(latest, between, beyond));
    }
  };
  spend(arm.remission_time, outcomes.remission);
  spend(arm.intolerance_time, outcomes.intolerance);
  spend(arm.no_response_time, outcomes.no_response + outcomes.partial_response);
  remit(attempt, outcomes.remission);
  fail(attempt, LastOutcome::no_response, outcomes.no_response);
  fail(attempt, LastOutcome::partial_response, outcomes.partial_response);
  fail(attempt, LastOutcome::intolerance, outcomes.intolerance);
}

void ExactCourse::remit(Attempt& attempt, double probability) {
  const ArmLaw& arm = attempt.arm;
  Start& start = attempt.start;
  Flow<double>& flow = attempt.flow;
  const double share = attempt.share * probability;
  if (share == 0) return;
  for (const auto& [cell, chance, between, beyond] :
       times_.time(arm.remission_time, 0, any_tick).cells) {
    const double p =
        share * chance * start.by.up_to(horizon_ - cell, between, beyond);
    const double ticks = static_cast<double>(cell) * times_.grid();
    flow.remission += p;
    flow.remission_ticks += p * ticks;
    flow.remission_ticks_squared += p * ticks * ticks;
  }
  const FollowUpLaw& law = arm.follow_up_remitted;
  const Place place =
      memory_->after_remission(memory_->after_attempt(start.place));
  const double followed = probability_below(arm.follow_up_if_remitted);
  const auto remitted = [&](const Group& when, bool early) {
    add_by_week(when.fresh, share, table.remission_by_week);
    if (!observed_) return;
    flow.first_remission += share * when.fresh.sum();
    move(State::in_treatment, State::remitted, when, share * followed);
    move(State::in_treatment, State::out_of_care, when, share * (1 - followed));
    add_by_week(when.fresh, share * (1 - followed),
                later.first_remission_lost_by_week);
    const Ending& ending = times_.ending(law, early);
    for (const Cell& cell : cells_of(when.fresh))
      flow.sustained += share * followed * cell.probability *
                        ending.lasting(horizon_ - cell.at, cell);
    follow(attempt, true, early, place, when, share * followed);
  };
  const Ticks late_from = are_some_early(law) ? law.early_until + 1 : 0;
  if (late_from > 0)
    remitted(start.end(arm.remission_time, 0, late_from), true);
  remitted(start.end(arm.remission_time, late_from), false);
}

void ExactCourse::fail(Attempt& attempt, LastOutcome outcome,
                       double probability) {
  const ArmLaw& arm = attempt.arm;
  Start& start = attempt.start;
  Flow<double>& flow = attempt.flow;
  const double share = attempt.share * probability;
  if (share <= 0) return;
  const bool stops_early = outcome == LastOutcome::intolerance;
  const std::size_t time =
      stops_early ? arm.intolerance_time : arm.no_response_time;
  const bool is_partial = outcome == LastOutcome::partial_response;
  const AfterLaw& after_law = stops_early  ? arm.after_intolerance
                              : is_partial ? arm.after_partial_response
                                           : arm.after_no_response;
  double& count = stops_early  ? flow.intolerance
                  : is_partial ? flow.partial_response
                               : flow.no_response;
  const Place place = memory_->after_attempt(start.place);
  // What follows may depend on whether the trial was long enough to be adequate
  // and short enough to be early.
  const FollowUpLaw& follow_up = arm.follow_up_not_remitted;
  const bool was_given_well =
      attempt.quality.adherent && attempt.quality.dose_adequate;
  const Ticks enough = !memory_->asks_for_trials() ? 0
                       : was_given_well            ? arm.adequate_ticks
                                                   : any_tick;
  const Ticks late_from =
      observed_ && are_some_early(follow_up) ? follow_up.early_until + 1 : 0;
  const std::array<Ticks, 4> bounds{0, std::min(enough, late_from),
                                    std::max(enough, late_from), any_tick};
  for (std::size_t i = 0; i + 1 < bounds.size(); ++i) {
    if (bounds[i] == bounds[i + 1]) continue;
    const Group& when = start.end(time, bounds[i], bounds[i + 1]);
    count += share * when.sum();
    const bool adequate = bounds[i] >= enough;
    const bool early = bounds[i] < late_from;
    go_on(attempt, after_law,
          memory_->after_failure(place, arm, outcome, adequate), when, share,
          early);
  }
}

void ExactCourse::go_on(Attempt& attempt, const AfterLaw& law,
                        const Place& place, const Group& when, double share,
                        bool early) {
  const Place next = next_step(place);
  if (!observed_) {
    stand_before(next, State::in_treatment, when, share);
    return;
  }
  const double stay = probability_below(law.stay.cut);
  const double up_to_next = probability_below(law.next_of_stay);
  const double up_to_follow_up =
      std::max(up_to_next, probability_below(law.follow_up_of_stay));
  const double follow_up = share * stay * (up_to_follow_up - up_to_next);
  const double gap = share * stay * (1 - up_to_follow_up);
  const double left = share * (1 - stay);
  const double patients = when.sum();
  attempt.flow.left_care += left * patients;
  attempt.flow.follow_up += follow_up * patients;
  attempt.flow.gap += gap * patients;
  stand_before(next, State::in_treatment, when, share * stay * up_to_next);
  move(State::in_treatment, State::out_of_care, when, left);
  if (follow_up != 0) {
    move(State::in_treatment, State::not_remitted, when, follow_up);
    follow(attempt, false, early, place, when, follow_up);
  }
  if (gap != 0) {
    move(State::in_treatment, State::gap, when, gap);
    gaps_[next].add(when, gap);
  }
}

void ExactCourse::follow(Attempt& attempt, bool remitted, bool early,
                         const Place& place, const Group& when, double share) {
  if (when.sum() * share == 0) return;
  const FollowUpLaw& law = remitted ? attempt.arm.follow_up_remitted
                                    : attempt.arm.follow_up_not_remitted;
  const Ending& ending = times_.ending(law, early);
  const Going going(ending.number, law.next_step, law.same_step, law.gap,
                    remitted, place);
  FollowUps& follow_ups = follow_ups_[going];
  follow_ups.ending = &ending;
  follow_ups.group.add(when, share);

  FollowUpFlow<double>& flow =
      later.follow_up[attempt.start.place.step][attempt.arm_number]
                     [remitted ? 0 : 1];
  const Timing all = when.together();
  const Cumulated by(all, times_.smooth());
  flow.entered += share * by.total();
  const auto end = [&](const Kernel& kernel, double& count,
                       std::vector<double>& weeks) {
    for (const auto& [cell, chance, between, beyond] : kernel.cells) {
      const double p =
          share * chance * by.up_to(horizon_ - cell, between, beyond);
      count += p;
      times_.add_to_week(cell, p, beyond, weeks);
      if (&weeks == &flow.censored_by_week)
        times_.add_unseen(cell, p, flow.unseen_ticks_by_week);
    }
  };
  end(ending.relapse, flow.relapsed, flow.relapse_by_week);
  end(ending.drop_out, flow.dropped_out, flow.censored_by_week);
  for (const Cell& cell : cells_of(all)) {
    // Who entered before the cell has been there longer.
    const double longer =
        cell.between ? std::max(2 * times_.smooth() - cell.beyond, 0.0) : 0.0;
    const Index left = horizon_ - cell.at;
    times_.add_to_week(left,
                       share * cell.probability * ending.lasting(left, cell),
                       longer, flow.censored_by_week);
    times_.add_unseen(left,
                      share * cell.probability * ending.lasting(left, cell),
                      flow.unseen_ticks_by_week);
  }
}

void ExactCourse::end_follow_ups() {
  for (const auto& [going, follow_ups] : follow_ups_) {
    const auto& [number, next_cut, same_cut, gap_cut, remitted, ended] = going;
    const Place place = remitted ? memory_->after_relapse(ended) : ended;
    const Ending& ending = *follow_ups.ending;
    const Group& group = follow_ups.group;
    const State state = remitted ? State::remitted : State::not_remitted;
    Group relapsing;
    if (remitted) {
      relapsing.again = after(group.together(), ending.relapse);
      for (const Kernel* kernel : {&ending.relapse, &ending.drop_out}) {
        const auto lost = by_week(group.fresh, *kernel);
        for (std::size_t w = 0; w < lost.size(); ++w)
          later.first_remission_lost_by_week[w] += lost[w];
      }
    } else {
      relapsing = after(group, ending.relapse);
    }
    move(state, State::out_of_care, by_week(group.together(), ending.drop_out));
    const double next = probability_below(next_cut);
    const double same = std::max(next, probability_below(same_cut));
    const double gap = std::max(same, probability_below(gap_cut));
    stand_before(next_step(place), state, relapsing, next);
    stand_before(place, state, relapsing, same - next);
    if (gap > same) {
      move(state, State::gap, relapsing, gap - same);
      gaps_[next_step(place)].add(relapsing, gap - same);
    }
    move(state, State::out_of_care, relapsing, 1 - gap);
  }
  follow_ups_.clear();
}

void ExactCourse::take_up_gaps(std::size_t step) {
  const std::size_t back = times_.law().gap_return;
  while (!gaps_.empty() && gaps_.begin()->first.step <= step) {
    const auto gap = gaps_.extract(gaps_.begin());
    if (back != nothing)
      stand_before(gap.key(), State::gap,
                   after(gap.mapped(), times_.survival(back)), 1);
  }
}

void ExactCourse::stay_untreated() {
  const Law& law = times_.law();
  if (law.spontaneous_remission == nothing) return;
  const Kernel& remission = times_.survival(law.spontaneous_remission);
  const Kernel none;
  const Kernel& relapse = law.spontaneous_relapse == nothing
                              ? none
                              : times_.survival(law.spontaneous_relapse);
  for (std::size_t round = 0; untreated_.sum() > nobody; ++round) {
    if (round == most_rounds)
      throw std::domain_error(
          "spontaneous remissions come more often than the engine lets them; "
          "there is no exact answer");
    const Group remitting = after(untreated_, remission);
    add_by_week(remitting.fresh, 1, table.remission_by_week);
    if (!observed_) return;
    later.spontaneous_remission += remitting.sum();
    move(State::untreated, State::untreated_remitted, remitting, 1);
    const Group relapsing = after(remitting, relapse);
    move(State::untreated_remitted, State::untreated, relapsing, 1);
    add_by_week(relapsing.fresh, 1, later.first_remission_lost_by_week);
    untreated_ = {};
    untreated_.again = relapsing.together();
  }
}

void ExactCourse::move(State from, State to, const Group& group, double share) {
  if (!observed_ || from == to || share == 0) return;
  auto& left = later.occupancy[static_cast<std::size_t>(from)];
  auto& entered = later.occupancy[static_cast<std::size_t>(to)];
  for (const Timing* timing : {&group.fresh, &group.again}) {
    add_by_week(*timing, -share, left);
    add_by_week(*timing, share, entered);
  }
}

void ExactCourse::move(State from, State to,
                       const std::vector<double>& by_week_moving) {
  auto& left = later.occupancy[static_cast<std::size_t>(from)];
  auto& entered = later.occupancy[static_cast<std::size_t>(to)];
  for (std::size_t w = 0; w < by_week_moving.size(); ++w) {
    left[w] -= by_week_moving[w];
    entered[w] += by_week_moving[w];
  }
}

Timing ExactCourse::after(const Timing& moment, const Kernel& kernel) {
  const Timing& time = kernel.timing;
  const auto sum_of = [&](const Density& a, const Density& b) {
    return convolve_(a, b, horizon_);
  };
  Timing sum;
  sum.on = sum_of(moment.on, time.on);
  sum.between = sum_of(moment.between, time.on);
  sum.between.add(sum_of(moment.on, time.between));
  sum.beyond = sum_of(moment.beyond, time.on);
  sum.beyond.add(sum_of(moment.on, time.beyond));
  // The sum of two times between cells is smooth.
  const Density both = sum_of(moment.between, time.between);
  sum.between.add(both);
  sum.beyond.add(both, times_.smooth());
  // What is lent to the last cell from beyond lies after the horizon.
  Density& beyond = sum.beyond;
  if (!beyond.is_nothing() && beyond.last() == horizon_) {
    sum.between.at[horizon_ - sum.between.first] -=
        beyond.at[horizon_ - beyond.first];
    beyond.cut_after(horizon_ - 1);
  }
  return sum;
}

Group ExactCourse::after(const Group& group, const Kernel& time) {
  return {after(group.fresh, time), after(group.again, time)};
}

void ExactCourse::add_by_week(const Timing& timing, double share,
                              std::vector<double>& weeks) const {
  const Index per_week = times_.cells_per_week();
  for (const Density* density : {&timing.on, &timing.between}) {
    // All cells of a week but its last together, then the last.
    for (Index i = 0; i < density->at.size();) {
      const Index cell = density->first + i;
      const Index left = (per_week - cell % per_week) % per_week;
      const Index count =
          std::min(std::max<Index>(left, 1), density->at.size() - i);
      const double p = share * density->at.segment(i, count).sum();
      if (p != 0) times_.add_to_week(cell, p, 0, weeks);
      i += count;
    }
  }
  const Density& beyond = timing.beyond;
  for (Index i = (per_week - beyond.first % per_week) % per_week;
       i < beyond.at.size(); i += per_week) {
    const auto week = static_cast<std::size_t>((beyond.first + i) / per_week);
    if (week + 1 == weeks.size()) break;
    weeks[week] -= share * beyond.at[i];
    weeks[week + 1] += share * beyond.at[i];
  }
}

std::vector<double> ExactCourse::by_week(const Timing& timing,
                                         const Kernel& time) const {
  const Cumulated by(timing, times_.smooth());
  const std::size_t weeks = times_.law().horizon + 1;
  std::vector<double> sums(weeks, 0.0);
  if (by.total() == 0) return sums;
  for (const auto& [cell, chance, between, beyond] : time.cells)
    for (auto w = static_cast<std::size_t>(cell / times_.cells_per_week());
         w < weeks; ++w)
      sums[w] +=
          chance *
          by.up_to(static_cast<Index>(w) * times_.cells_per_week() - cell,
                   between, beyond);
  for (std::size_t w = weeks - 1; w > 0; --w) sums[w] -= sums[w - 1];
  return sums;
}

}  // namespace stardsim

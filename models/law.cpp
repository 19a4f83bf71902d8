#include "models/law.hpp"

#include "models/intercepts.hpp"
#include "models/smooth_tables.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace stardsim {
namespace {

// The distribution function cut to (0, length] and rescaled, at each tick that
// carries probability.
struct Points {
  std::vector<Ticks> tick;
  std::vector<long double> cumulative;
};

Points discrete_points(const std::vector<double>& weeks,
                       const std::vector<double>& weights, Ticks length,
                       Rounding rounding) {
  Points points;
  long double sum = 0;
  for (std::size_t i = 0; i < weeks.size(); ++i) {
    const Ticks nearest = to_ticks(weeks[i]);
    if (nearest > length || weights[i] == 0) continue;
    const Ticks tick = rounding == Rounding::up
                           ? std::min(to_ticks_up(weeks[i]), length)
                           : nearest;
    sum += weights[i];
    if (!points.tick.empty() && points.tick.back() == tick) {
      points.cumulative.back() = sum;
    } else {
      points.tick.push_back(tick);
      points.cumulative.push_back(sum);
    }
  }
  for (auto& value : points.cumulative) value /= sum;
  return points;
}

Points continuous_points(const TimeDistribution& time, Ticks length,
                         Rounding rounding) {
  const auto at = [&](long double tick) {
    return cumulative(time, tick / ticks_per_week);
  };
  // A tick takes the times up to its own end, or up to its middle.
  const long double beyond = rounding == Rounding::up ? 0 : 0.5L;
  const long double whole = at(length);
  Points points;
  for (Ticks tick = rounding == Rounding::up ? 1 : 0; tick <= length; ++tick) {
    points.tick.push_back(tick);
    points.cumulative.push_back(std::min(at(tick + beyond) / whole, 1.0L));
  }
  return points;
}

Points points_of(const TimeDistribution& time, Ticks length,
                 Rounding rounding) {
  if (std::holds_alternative<AtEndOfStep>(time.form)) return {{length}, {1.0L}};
  if (const auto* fixed = std::get_if<FixedTime>(&time.form))
    return discrete_points({fixed->week.value}, {1}, length, rounding);
  if (const auto* visits = std::get_if<DiscreteTime>(&time.form))
    return discrete_points(visits->weeks, visits->weights, length, rounding);
  return continuous_points(time, length, rounding);
}

// With `ends`, the last point takes all that is left.
TimeLaw law_of(const Points& points, bool ends) {
  TimeLaw law;
  Cut reached = impossible;
  for (std::size_t i = 0; i < points.tick.size(); ++i) {
    const bool last = ends && i + 1 == points.tick.size();
    const Cut cut = last ? certain : to_cut(points.cumulative[i]);
    law.distance = std::max(
        law.distance, static_cast<double>(std::abs(probability_below(cut) -
                                                   points.cumulative[i])));
    if (cut <= reached) continue;
    law.cut.push_back(cut);
    law.tick.push_back(points.tick[i]);
    reached = cut;
  }
  return law;
}

// Log odds and log hazards of the patients, each kept once.
class ScoreTable {
 public:
  ScoreTable(const Cohort& cohort, std::vector<Score>& scores)
      : cohort_(cohort), scores_(scores) {}

  /// Its index among the scores; `nothing` without effects.
  std::size_t index_of(const std::vector<Effect>& effects) {
    return effects.empty() ? nothing : index_of(score_of(effects));
  }

  /// As above, but never `nothing`.
  std::size_t index_of_any(const std::vector<Effect>& effects) {
    return index_of(score_of(effects));
  }

 private:
  std::size_t index_of(const Score& score) {
    const auto found = std::find(scores_.begin(), scores_.end(), score);
    if (found != scores_.end())
      return static_cast<std::size_t>(found - scores_.begin());
    scores_.push_back(score);
    return scores_.size() - 1;
  }

  Score score_of(const std::vector<Effect>& effects) const {
    Score score;
    for (const Effect& effect : effects) {
      const double at = effect.level
                            ? static_cast<double>(*effect.level)
                            : cohort_.covariates[effect.covariate].centre;
      score.terms.push_back(
          {effect.covariate, effect.level.has_value(), static_cast<float>(at),
           static_cast<float>(std::log(effect.ratio.value) / effect.per)});
    }
    return score;
  }

  const Cohort& cohort_;
  std::vector<Score>& scores_;
};

Chance chance(double probability, std::size_t score = nothing) {
  Chance chance{probability, to_cut(probability), score, 0};
  // What is impossible or certain is so for everybody.
  if (probability <= 0 || probability >= 1) chance.score = nothing;
  return chance;
}

long double value_of(const std::optional<Evidence>& evidence,
                     long double otherwise = 0) {
  return evidence ? static_cast<long double>(evidence->value) : otherwise;
}

float log_of(const std::optional<Evidence>& ratio) {
  return ratio ? static_cast<float>(std::log(ratio->value)) : 0;
}

AfterLaw after_law(const Arm& arm, const std::optional<Evidence>& own,
                   std::size_t attrition, bool last_step) {
  AfterLaw law;
  const bool elsewhere =
      arm.follow_up_if_not_remitted || arm.gap_if_not_remitted;
  if (last_step && !elsewhere) return law;
  const long double follow_up = value_of(arm.follow_up_if_not_remitted);
  const long double gap = value_of(arm.gap_if_not_remitted);
  const auto& stated = own ? own : arm.continue_if_not_remitted;
  const long double next =
      value_of(stated, std::max(1 - follow_up - gap, 0.0L));
  const long double stay = std::min(next + follow_up + gap, 1.0L);
  law.stay = chance(static_cast<double>(stay), attrition);
  if (stay <= 0) return law;
  law.next_of_stay = to_cut(next / stay);
  law.follow_up_of_stay = gap > 0 ? to_cut((next + follow_up) / stay) : certain;
  return law;
}

// Cuts for outcomes of patients alike; where the three sum to 1, rounding must
// not leave room for a fourth.
void fill_the_whole(ArmLaw& law) {
  const Chance& remission = law.remission.front();
  if (law.remission.size() > 1 || remission.differs() ||
      law.partial_response.differs() || law.intolerance.differs() ||
      !law.intolerance.is_possible())
    return;
  const double sum = remission.probability + law.partial_response.probability +
                     law.intolerance.probability;
  const Cut taken =
      up_to_partial_response(remission.cut, law.partial_response.cut);
  if (std::abs(1 - sum) < 1e-9 || from_intolerance(law.intolerance.cut) < taken)
    law.intolerance.cut = taken == 0 ? certain : 0 - taken;
}

// Compiles each stated distribution once, and keeps equal ones once.
class TimeTable {
 public:
  explicit TimeTable(std::vector<TimeLaw>& laws) : laws_(laws) {}

  /// Its index among the laws.
  std::size_t index_of(const TimeDistribution& time, Ticks length,
                       Rounding rounding) {
    for (const Entry& entry : entries_)
      if (entry.length == length && entry.rounding == rounding &&
          entry.time == time)
        return entry.law;
    const std::size_t law = add(compile(time, length, rounding));
    entries_.push_back({time, length, rounding, law});
    return law;
  }

 private:
  struct Entry {
    TimeDistribution time;
    Ticks length;
    Rounding rounding;
    std::size_t law;
  };

  std::size_t add(TimeLaw law) {
    for (std::size_t i = 0; i < laws_.size(); ++i)
      if (laws_[i].cut == law.cut && laws_[i].tick == law.tick) return i;
    laws_.push_back(std::move(law));
    return laws_.size() - 1;
  }

  std::vector<TimeLaw>& laws_;
  std::vector<Entry> entries_;
};

void set_choice(const Step& step, std::vector<ArmLaw>& arms) {
  long double all = 0, sum = 0;
  for (const Arm& arm : step.arms) all += arm.share.value;
  for (std::size_t a = 0; a < arms.size(); ++a) {
    arms[a].chosen_from = to_cut(sum / all);
    sum += step.arms[a].share.value;
    arms[a].chosen_below = to_cut(sum / all);
    constexpr double scale = 1 << 24;
    arms[a].weight = static_cast<std::uint32_t>(
        std::ceil(step.arms[a].share.value / static_cast<double>(all) * scale));
  }
}

float as_float(double value) { return static_cast<float>(value); }

std::vector<Test> tests_of(const std::vector<Condition>& conditions) {
  std::vector<Test> tests;
  for (const Condition& condition : conditions) {
    Test test{condition.fact, condition.covariate, as_float(condition.low),
              as_float(condition.high), 0};
    for (const std::size_t value : condition.any_of) test.mask |= 1u << value;
    tests.push_back(test);
  }
  return tests;
}

bool is_about_history(const Test& test) {
  return test.fact != Condition::Fact::covariate &&
         test.fact != Condition::Fact::line;
}

// Compiles the arms of a scenario at their places.
class Compiler {
 public:
  explicit Compiler(const Scenario& scenario)
      : scenario_(scenario),
        horizon_(scenario.horizon * ticks_per_week),
        times_(law_.times),
        scores_(scenario.cohort, law_.scores) {}

  Law law() {
    law_.horizon = scenario_.horizon;
    law_.reference = scenario_.reference;
    law_.solves_intercepts = scenario_.solve_intercepts;
    law_.cohort = compile(scenario_.cohort);
    const Untreated& untreated = scenario_.untreated;
    law_.spontaneous_remission = survival(untreated.remission);
    law_.spontaneous_relapse = survival(untreated.relapse);
    law_.gap_return = survival(untreated.gap_return);
    for (const Pathway& pathway : scenario_.pathways) {
      PathwayLaw steps;
      for (std::size_t s = 0; s < pathway.steps.size(); ++s)
        steps.push_back(step(pathway.steps[s], s + 1 == pathway.steps.size()));
      law_.pathways.push_back(std::move(steps));
    }
    law_.prior_failed_trials = covariate("prior_failed_trials");
    if (scenario_.staging) law_.staging = staging(*scenario_.staging);
    for (const Subgroup& subgroup : scenario_.subgroups)
      law_.subgroups.push_back(tests_of(subgroup.all_of));
    law_.keeps_history = law_.keeps_history || law_.staging;
    law_.misdiagnosed = covariate("misdiagnosed");
    law_.intercepts = solve_intercepts(law_);
    return std::move(law_);
  }

 private:
  std::size_t survival(const std::optional<Survival>& stated) {
    if (!stated) return nothing;
    for (std::size_t i = 0; i < survivals_.size(); ++i)
      if (survivals_[i] == *stated) return i;
    survivals_.push_back(*stated);
    law_.survivals.push_back(compile(*stated, horizon_));
    return survivals_.size() - 1;
  }

  std::size_t covariate(const std::string& name) const {
    const auto& all = scenario_.cohort.covariates;
    for (std::size_t c = 0; c < all.size(); ++c)
      if (all[c].name == name) return c;
    return nothing;
  }

  StagingLaw staging(const Staging& stated) const {
    StagingLaw law;
    law.episode_months = stated.episode_months.value_or(nothing);
    law.severity = stated.severity.value_or(nothing);
    law.psychotic = stated.psychotic.value_or(nothing);
    law.tca_bit = class_bit("TCA");
    law.maoi_bit = class_bit("MAOI");
    return law;
  }

  std::uint32_t class_bit(const std::string& name) const {
    const auto& all = scenario_.classes;
    const auto found = std::find(all.begin(), all.end(), name);
    return found == all.end() ? 0 : 1u << (found - all.begin());
  }

  StepLaw step(std::size_t index, bool last_step) {
    const Step& stated = scenario_.steps[index];
    StepLaw law{};
    law.length = to_ticks(stated.weeks.value);
    law.first_eligible = stated.choice == Choice::first_eligible;
    law.wait = survival(stated.wait);
    for (const Arm& arm : stated.arms)
      law.arms.push_back(arm_law(arm, index, law.length, last_step));
    law.selective = law.first_eligible && law.arms.size() > 1;
    for (const ArmLaw& arm : law.arms)
      law.selective = law.selective || !arm.eligible.empty() ||
                      arm.access < certain || arm.acceptance < certain;
    set_choice(stated, law.arms);
    return law;
  }

  ArmLaw arm_law(const Arm& arm, std::size_t step, Ticks length,
                 bool last_step) {
    ArmLaw law{};
    law.origin = origin_of(arm);
    set_offer(arm, law);
    set_outcomes(arm, law);
    if (scenario_.line_dependence == LineDependence::frailty)
      law.anchor = arm.anchor.value_or(place_in_reference(step));
    const std::size_t attrition = scores_.index_of(arm.effects.attrition);
    law.after_no_response =
        after_law(arm, arm.continue_if_not_remitted, attrition, last_step);
    law.after_partial_response =
        after_law(arm, arm.continue_if_partial_response, attrition, last_step);
    law.after_intolerance =
        after_law(arm, arm.continue_if_intolerant, attrition, last_step);
    law.follow_up_if_remitted = to_cut(value_of(arm.follow_up_if_remitted, 1));
    const std::size_t relapse = scores_.index_of(arm.effects.relapse);
    law.follow_up_remitted = follow_up(arm.follow_up_remitted, relapse);
    law.follow_up_not_remitted = follow_up(arm.follow_up_not_remitted, relapse);
    law.remission_time =
        times_.index_of(arm.remission_time, length, Rounding::up);
    law.intolerance_time =
        times_.index_of(arm.intolerance_time, length, Rounding::nearest);
    law.no_response_time =
        times_.index_of(arm.no_response_time, length, Rounding::nearest);
    return law;
  }

  // Who may be given it, and what is given.
  void set_offer(const Arm& arm, ArmLaw& law) {
    for (const auto& conditions : arm.eligible) {
      law.eligible.push_back(tests_of(conditions));
      for (const Test& test : law.eligible.back())
        law_.keeps_history = law_.keeps_history || is_about_history(test);
    }
    law.access = to_cut(value_of(arm.access, 1));
    law.acceptance = to_cut(value_of(arm.acceptance, 1));
    // Access to a treatment is the same wherever it is offered.
    law.offered = static_cast<std::uint32_t>(
        arm.treatment.value_or(scenario_.treatments.size() + law.origin));
    if (arm.strategy == "augment" || arm.strategy == "combine")
      law.trial_bits |= history::augmentation_one;
    if (arm.strategy == "ect") law.trial_bits |= history::ect_used;
    if (!arm.treatment) return;
    const Treatment& treatment = scenario_.treatments[*arm.treatment];
    law.treatment = *arm.treatment;
    law.adequate_ticks = treatment.adequate_weeks
                             ? to_ticks(treatment.adequate_weeks->value)
                             : 0;
    law.class_bit = class_bit(treatment.treatment_class);
  }

  void set_outcomes(const Arm& arm, ArmLaw& law) {
    const auto& effects = arm.effects;
    law.adherence = chance(static_cast<double>(value_of(arm.adherence, 1)),
                           scores_.index_of(effects.adherence));
    law.dose_adequacy = to_cut(value_of(arm.dose_adequacy, 1));
    law.non_adherence_log_odds = log_of(arm.non_adherence_odds_ratio);
    law.low_dose_log_odds = log_of(arm.low_dose_odds_ratio);
    const bool trials_differ =
        (law.adherence.cut < certain && law.non_adherence_log_odds != 0) ||
        (law.dose_adequacy < certain && law.low_dose_log_odds != 0);
    const std::size_t score = trials_differ
                                  ? scores_.index_of_any(effects.remission)
                                  : scores_.index_of(effects.remission);
    for (const double rate : remission_by_line(arm))
      law.remission.push_back(chance(rate, score));
    // Where remission takes more room from one patient than from another, so
    // that the others get theirs on average, they are solved too.
    const auto other = [&](const std::optional<Evidence>& rate,
                           const std::vector<Effect>& own) {
      return chance(
          static_cast<double>(value_of(rate)),
          score == nothing ? scores_.index_of(own) : scores_.index_of_any(own));
    };
    law.partial_response =
        other(arm.partial_response, effects.partial_response);
    law.intolerance = other(arm.intolerance, effects.intolerance);
    fill_the_whole(law);
  }

  std::size_t origin_of(const Arm& arm) const {
    std::size_t before = 0;
    for (const Step& step : scenario_.steps)
      for (const Arm& other : step.arms) {
        if (&other == &arm) return before;
        ++before;
      }
    return before;
  }

  std::vector<double> remission_by_line(const Arm& arm) const {
    const LineDependence dependence = scenario_.line_dependence;
    if (dependence == LineDependence::as_observed ||
        dependence == LineDependence::frailty)
      return {arm.remission.value};
    const double first = arm.first_line_remission->value;
    if (dependence == LineDependence::same) return {first};
    std::vector<double> rates;
    for (const Evidence& ratio : scenario_.line_ratios)
      rates.push_back(first * ratio.value);
    return rates;
  }

  std::size_t place_in_reference(std::size_t step) const {
    const auto& steps = scenario_.pathways[scenario_.reference].steps;
    const auto found = std::find(steps.begin(), steps.end(), step);
    return found == steps.end()
               ? 0
               : static_cast<std::size_t>(found - steps.begin()) + 1;
  }

  FollowUpLaw follow_up(const FollowUp& stated, std::size_t relapse_score) {
    FollowUpLaw law;
    law.relapse = survival(stated.relapse);
    law.drop_out = survival(stated.drop_out);
    if (law.relapse != nothing) law.relapse_score = relapse_score;
    if (stated.early_weeks) {
      law.early_until = to_ticks(stated.early_weeks->value);
      law.early_log_hazard = log_of(stated.early_hazard_ratio);
    }
    law.stop = survival(stated.stop);
    law.stopped_log_hazard = log_of(stated.stopped_hazard_ratio);
    long double sum = stated.next_step.value;
    law.next_step = to_cut(sum);
    law.same_step = to_cut(sum += stated.same_step.value);
    law.gap = to_cut(std::min(sum + stated.gap.value, 1.0L));
    return law;
  }

  const Scenario& scenario_;
  const Ticks horizon_;
  Law law_;
  TimeTable times_;
  ScoreTable scores_;
  std::vector<Survival> survivals_;
};

template <class Number>
void append(std::vector<std::byte>& bytes, Number number) {
  static_assert(std::is_unsigned_v<Number>);
  for (std::size_t i = 0; i < sizeof number; ++i)
    bytes.push_back(static_cast<std::byte>((number >> (8 * i)) & 0xFF));
}

void append_size(std::vector<std::byte>& bytes, std::size_t size) {
  append(bytes, static_cast<std::uint64_t>(size));
}

void append(std::vector<std::byte>& bytes, float number) {
  append(bytes, std::bit_cast<std::uint32_t>(number));
}

void append(std::vector<std::byte>& bytes, const Chance& chance) {
  append(bytes, chance.cut);
  append_size(bytes, chance.score);
  append(bytes, chance.intercept);
}

void append(std::vector<std::byte>& bytes, const AfterLaw& after) {
  append(bytes, after.stay);
  append(bytes, after.next_of_stay);
  append(bytes, after.follow_up_of_stay);
}

void append(std::vector<std::byte>& bytes, const FollowUpLaw& law) {
  for (const std::size_t index :
       {law.relapse, law.drop_out, law.relapse_score, law.stop})
    append_size(bytes, index);
  for (const Cut cut : {law.early_until, law.next_step, law.same_step, law.gap})
    append(bytes, cut);
  append(bytes, law.early_log_hazard);
  append(bytes, law.stopped_log_hazard);
}

void append(std::vector<std::byte>& bytes, const std::vector<Test>& tests) {
  append_size(bytes, tests.size());
  for (const Test& test : tests) {
    append(bytes, static_cast<std::uint32_t>(test.fact));
    append_size(bytes, test.covariate);
    append(bytes, test.low);
    append(bytes, test.high);
    append(bytes, test.mask);
  }
}

void append(std::vector<std::byte>& bytes, const ArmLaw& arm) {
  for (const std::uint32_t word :
       {arm.weight, arm.chosen_from, arm.chosen_below, arm.access,
        arm.acceptance, arm.offered, arm.dose_adequacy,
        arm.follow_up_if_remitted, arm.adequate_ticks, arm.class_bit,
        arm.trial_bits})
    append(bytes, word);
  append_size(bytes, arm.eligible.size());
  for (const auto& tests : arm.eligible) append(bytes, tests);
  append_size(bytes, arm.remission.size());
  for (const Chance& remission : arm.remission) append(bytes, remission);
  for (const Chance* chance :
       {&arm.partial_response, &arm.intolerance, &arm.adherence})
    append(bytes, *chance);
  append(bytes, arm.non_adherence_log_odds);
  append(bytes, arm.low_dose_log_odds);
  for (const AfterLaw* after :
       {&arm.after_no_response, &arm.after_partial_response,
        &arm.after_intolerance})
    append(bytes, *after);
  append(bytes, arm.follow_up_remitted);
  append(bytes, arm.follow_up_not_remitted);
  for (const std::size_t index :
       {arm.remission_time, arm.intolerance_time, arm.no_response_time})
    append_size(bytes, index);
}

void append(std::vector<std::byte>& bytes, const TimeLaw& time) {
  append_size(bytes, time.cut.size());
  for (const Cut cut : time.cut) append(bytes, cut);
  for (const Ticks tick : time.tick) append(bytes, tick);
}

void append(std::vector<std::byte>& bytes, const std::vector<float>& numbers) {
  append_size(bytes, numbers.size());
  for (const float number : numbers) append(bytes, number);
}

void append(std::vector<std::byte>& bytes, const CohortLaw& cohort) {
  append_size(bytes, cohort.covariates.size());
  for (const CovariateLaw& covariate : cohort.covariates) {
    append(bytes, static_cast<std::uint32_t>(covariate.kind));
    append(bytes, covariate.values);
    append(bytes, covariate.cuts);
  }
  for (const auto& row : cohort.factor) append(bytes, row);
  append_size(bytes, cohort.rows);
  for (const std::uint32_t cut : cohort.row_cuts) append(bytes, cut);
}

void append(std::vector<std::byte>& bytes, const Score& score) {
  append_size(bytes, score.terms.size());
  for (const Score::Term& term : score.terms) {
    append_size(bytes, term.covariate);
    append(bytes, std::uint32_t{term.is_level});
    append(bytes, term.centre_or_level);
    append(bytes, term.coefficient);
  }
}

// Later times are told apart less finely, within 1/2048 of themselves: so the
// law stays small, and the same whatever the horizon.
constexpr Ticks survival_ticks_per_octave = 2048;

}  // namespace

bool can_part(const PathwayLaw& pathway) {
  for (const StepLaw& step : pathway)
    for (const ArmLaw& arm : step.arms)
      if (arm.access < certain || arm.acceptance < certain ||
          !arm.after_no_response.everybody_continues() ||
          !arm.after_partial_response.everybody_continues() ||
          !arm.after_intolerance.everybody_continues())
        return true;
  return false;
}

TimeLaw compile(const TimeDistribution& time, Ticks length, Rounding rounding) {
  const Points points = points_of(time, length, rounding);
  if (points.tick.empty() || !(points.cumulative.back() > 0))
    throw std::invalid_argument(
        "a time distribution has no probability within its step");
  return law_of(points, true);
}

TimeLaw compile(const Survival& time, Ticks horizon) {
  Points points;
  if (const auto* after = std::get_if<After>(&time.form)) {
    const double weeks = std::min(after->weeks.value, to_weeks(horizon) + 1);
    points = {{to_ticks(weeks)}, {1.0L}};
  } else {
    const auto grid = [&](Ticks tick) {
      if (time.weekly) return ticks_per_week;
      return std::clamp(std::bit_floor(tick) / survival_ticks_per_octave,
                        Ticks{1}, ticks_per_week);
    };
    for (Ticks tick = grid(1); tick <= horizon; tick += grid(tick)) {
      points.tick.push_back(tick);
      points.cumulative.push_back(
          cumulative(time, static_cast<long double>(tick) / ticks_per_week));
    }
  }
  return law_of(points, false);
}

Law compile(const Scenario& scenario) { return Compiler(scenario).law(); }

std::vector<std::byte> bytes_of(const Law& law) {
  std::vector<std::byte> bytes;
  append(bytes, law.horizon);
  append(bytes, law.cohort);
  if (!law.cohort.covariates.empty()) {
    const SmoothTables& tables = smooth_tables();
    for (const auto* table : {&tables.score, &tables.log_hazard,
                              &tables.half_cut, &tables.half_word})
      append(bytes, *table);
  }
  for (const Score& score : law.scores) append(bytes, score);
  for (const TimeLaw& time : law.times) append(bytes, time);
  for (const TimeLaw& survival : law.survivals) append(bytes, survival);
  for (const PathwayLaw& pathway : law.pathways) {
    append_size(bytes, pathway.size());
    for (const StepLaw& step : pathway) {
      append(bytes, step.length);
      append(bytes, std::uint32_t{step.first_eligible});
      append_size(bytes, step.wait);
      append_size(bytes, step.arms.size());
      for (const ArmLaw& arm : step.arms) append(bytes, arm);
    }
  }
  for (const std::size_t index :
       {law.spontaneous_remission, law.spontaneous_relapse, law.gap_return,
        law.prior_failed_trials, law.misdiagnosed})
    append_size(bytes, index);
  if (law.staging) {
    for (const std::size_t index :
         {law.staging->episode_months, law.staging->severity,
          law.staging->psychotic})
      append_size(bytes, index);
    append(bytes, law.staging->tca_bit);
    append(bytes, law.staging->maoi_bit);
  }
  for (const auto& subgroup : law.subgroups) append(bytes, subgroup);
  return bytes;
}

}  // namespace stardsim

#include "models/law.hpp"

#include "models/compiled_tables.hpp"
#include "models/intercepts.hpp"
#include "models/planted.hpp"
#include "models/quick_cumulative.hpp"
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
  std::vector<Cut> cut;  ///< of these, where it is known already; or empty
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

// Adds the point of a probability that is known quickly, and precisely where
// its cut could round otherwise.
template <class Precise>
void add_quickly(Ticks tick, double quick, const Precise& precise,
                 Points& points) {
  const double scaled = quick * 4294967296.0;
  constexpr double enough = 1e-2;  // 2e-12 in probability
  const bool is_clear = std::abs(scaled - std::floor(scaled) - 0.5) > enough &&
                        scaled < 4294967290.0;
  points.tick.push_back(tick);
  points.cumulative.push_back(is_clear ? static_cast<long double>(quick)
                                       : precise());
  // No half is near where it is clear.
  // NOLINTNEXTLINE(bugprone-incorrect-roundings)
  points.cut.push_back(is_clear ? static_cast<Cut>(scaled + 0.5)
                                : to_cut(points.cumulative.back()));
}

Points continuous_points(const TimeDistribution& time, Ticks length,
                         Rounding rounding) {
  const auto at = [&](long double tick) {
    return cumulative(time, tick / ticks_per_week);
  };
  // A tick takes the times up to its own end, or up to its middle.
  const long double beyond = rounding == Rounding::up ? 0 : 0.5L;
  const long double whole = at(length);
  const QuickCumulative quick = quick_cumulative(time);
  // Where little of the distribution lies within the step, what is not precise
  // is enlarged.
  const bool is_quick = quick && whole > 0.1L;
  Points points;
  for (Ticks tick = rounding == Rounding::up ? 1 : 0; tick <= length; ++tick) {
    const auto precise = [&] {
      return std::min(at(tick + beyond) / whole, 1.0L);
    };
    if (is_quick) {
      add_quickly(
          tick,
          std::min(quick(static_cast<double>(tick + beyond) / ticks_per_week) /
                       static_cast<double>(whole),
                   1.0),
          precise, points);
      continue;
    }
    points.tick.push_back(tick);
    points.cumulative.push_back(precise());
  }
  return points;
}

Points points_of(const TimeDistribution& time, Ticks length,
                 Rounding rounding) {
  if (std::holds_alternative<AtEndOfStep>(time.form))
    return {{length}, {1.0L}, {}};
  if (const auto* fixed = std::get_if<FixedTime>(&time.form))
    return discrete_points({fixed->week.value}, {1}, length, rounding);
  if (const auto* visits = std::get_if<DiscreteTime>(&time.form))
    return discrete_points(visits->weeks, visits->weights, length, rounding);
  return continuous_points(time, length, rounding);
}

// With `ends`, the last point takes all that is left.
TimeLaw law_of(const Points& points, bool ends) {
  TimeLaw law;
  law.cut.reserve(points.tick.size());
  law.tick.reserve(points.tick.size());
  Cut reached = impossible;
  for (std::size_t i = 0; i < points.tick.size(); ++i) {
    const bool last = ends && i + 1 == points.tick.size();
    const Cut cut = last                 ? certain
                    : points.cut.empty() ? to_cut(points.cumulative[i])
                                         : points.cut[i];
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

// Keeps equal ones once.
class TimeTable {
 public:
  TimeTable(std::vector<TimeLaw>& laws, CompiledTables& tables)
      : laws_(laws), tables_(tables) {}

  /// Its index among the laws.
  std::size_t index_of(const TimeDistribution& time, Ticks length,
                       Rounding rounding) {
    const TimeLaw& law = tables_.time(time, length, rounding);
    for (const Entry& entry : entries_)
      if (entry.law == &law) return entry.index;
    entries_.push_back({&law, add(law)});
    return entries_.back().index;
  }

 private:
  struct Entry {
    const TimeLaw* law;
    std::size_t index;
  };

  std::size_t add(const TimeLaw& law) {
    for (std::size_t i = 0; i < laws_.size(); ++i)
      if (laws_[i].cut == law.cut && laws_[i].tick == law.tick) return i;
    laws_.push_back(law);
    return laws_.size() - 1;
  }

  std::vector<TimeLaw>& laws_;
  CompiledTables& tables_;
  std::vector<Entry> entries_;
};

void set_choice(const Step& step, std::vector<ArmLaw>& arms) {
  const auto share = [](const Arm& arm) {
    return UNLESS_PLANTED(shares_ignored, arm.share.value, 1.0);
  };
  long double all = 0, sum = 0;
  for (const Arm& arm : step.arms) all += share(arm);
  for (std::size_t a = 0; a < arms.size(); ++a) {
    arms[a].chosen_from = to_cut(sum / all);
    sum += share(step.arms[a]);
    arms[a].chosen_below = to_cut(sum / all);
    constexpr double scale = 1 << 24;
    arms[a].weight = static_cast<std::uint32_t>(
        std::ceil(share(step.arms[a]) / static_cast<double>(all) * scale));
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

Ticks horizon_of(const Scenario& scenario) {
  return scenario.horizon_weeks > 0 ? to_ticks(scenario.horizon_weeks)
                                    : scenario.horizon * ticks_per_week;
}

// Compiles the arms of a scenario at their places.
class Compiler {
 public:
  Compiler(const Scenario& scenario, CompiledTables& tables)
      : scenario_(scenario),
        tables_(tables),
        horizon_(horizon_of(scenario)),
        times_(law_.times, tables),
        scores_(scenario.cohort, law_.scores) {}

  Law law() {
    law_.horizon = scenario_.horizon;
    law_.horizon_ticks = horizon_;
    law_.reference = scenario_.reference;
    law_.solves_intercepts = scenario_.solve_intercepts;
    law_.cohort = compile(scenario_.cohort, tables_);
    const Untreated& untreated = scenario_.untreated;
    law_.spontaneous_remission = survival(untreated.remission);
    law_.spontaneous_relapse = survival(untreated.relapse);
    law_.gap_return = survival(untreated.gap_return);
    law_.remits_in_gaps =
        untreated.remits_in_gaps && law_.spontaneous_remission != nothing;
    for (const Resistance::Rule& rule : scenario_.resistance.any_of)
      law_.resistance.any_of.push_back(resistance(rule));
    if (scenario_.mortality) law_.mortality = compile_mortality(scenario_);
    if (scenario_.economics) law_.accrual = compile_accrual(scenario_, tables_);
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
    return std::move(law_);
  }

 private:
  std::size_t survival(const std::optional<Survival>& stated) {
    if (!stated) return nothing;
    for (std::size_t i = 0; i < survivals_.size(); ++i)
      if (survivals_[i] == *stated) return i;
    survivals_.push_back(*stated);
    law_.survivals.push_back(tables_.survival(*stated, horizon_));
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

  static ResistanceLaw::Rule resistance(const Resistance::Rule& stated) {
    std::uint32_t phases = stated.phase.empty() ? ~0u : 0;
    for (const Phase phase : stated.phase)
      phases |= 1u << static_cast<unsigned>(phase);
    return {stated.line, phases, stated.adequate_failed_trials};
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
    if (arm.competing) set_risks(arm, length, law);
    if (arm.extension) set_extension(*arm.extension, law);
    set_hazards(arm, law);
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
    law.follow_up_from_end_of_step = arm.follow_up_from_end_of_step;
    const auto& gap_return = scenario_.untreated.gap_return;
    law.gap_return_after_failure =
        survival(arm.gap_return_after_failure ? arm.gap_return_after_failure
                                              : gap_return);
    law.gap_return_after_relapse =
        survival(arm.gap_return_after_relapse ? arm.gap_return_after_relapse
                                              : gap_return);
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
    for (const double rate : remission_by_line(arm, true))
      law.remission.push_back(chance(rate, score));
    if (!scenario_.line_ratio_if_class_repeats.empty())
      for (const double rate : remission_by_line(arm, false))
        law.remission_if_new_class.push_back(chance(rate));
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

  // Remission and partial response at constant hazards over the step: each as
  // if there were no other, and what is seen of them together.
  void set_risks(const Arm& arm, Ticks length, ArmLaw& law) {
    const long double partial = value_of(arm.partial_response);
    const auto risks = [&](double remission) {
      const long double r = hazard_of(remission),
                        p = hazard_of(std::min(partial, 1.0L - remission));
      const long double either = r + p, any = -std::expm1(-either);
      Risks made{impossible, impossible, 0};
      TimeDistribution time;
      if (either > 0) {
        made.remission = to_cut(any * r / either);
        made.up_to_partial_response = to_cut(any);
        time.form = ExponentialTime{
            {static_cast<double>(to_weeks(length) / either), {}, {}, {}, {}}};
      }
      made.time = times_.index_of(time, length, Rounding::up);
      return made;
    };
    for (const double rate : remission_by_line(arm, true))
      law.risks.push_back(risks(rate));
    if (law.remission_if_new_class.empty()) return;
    for (const double rate : remission_by_line(arm, false))
      law.risks_if_new_class.push_back(risks(rate));
  }

  // Over the step; of what is certain, as near as can be.
  static long double hazard_of(long double probability) {
    return -std::log1p(-std::min(probability, 1 - 0x1p-32L));
  }

  void set_extension(const Extension& stated, ArmLaw& law) {
    ExtensionLaw extension;
    extension.length = to_ticks(stated.weeks.value);
    const auto remission = [&](double ratio) {
      Evidence probability = stated.remission;
      probability.value = std::min(probability.value * ratio, 1 - 0x1p-32);
      Survival time;
      time.form = ByProbability{probability, stated.weeks.value};
      return survival(time);
    };
    for (const double ratio : ratio_by_line(true))
      extension.remission.push_back(remission(ratio));
    if (!law.remission_if_new_class.empty())
      for (const double ratio : ratio_by_line(false))
        extension.remission_if_new_class.push_back(remission(ratio));
    extension.relapse = survival(stated.relapse);
    law.extension = extension;
  }

  // What may befall a patient because he is given the treatment.
  void set_hazards(const Arm& arm, ArmLaw& law) const {
    const TreatmentEconomics& economics = arm.economics;
    for (const auto& probability : economics.adverse_events)
      law.adverse_events.push_back(to_cut(value_of(probability)));
    if (std::all_of(law.adverse_events.begin(), law.adverse_events.end(),
                    [](Cut cut) { return cut == impossible; }))
      law.adverse_events.clear();
    if (economics.death_per_session && arm.sessions_per_week)
      law.death_at_procedure =
          static_cast<double>(hazard_of(value_of(economics.death_per_session)) *
                              value_of(arm.sessions_per_week) / ticks_per_week);
  }

  // With `repeats`, of a class that was that of the attempt before.
  std::vector<double> ratio_by_line(bool repeats) const {
    if (scenario_.line_dependence != LineDependence::ratios) return {1};
    std::vector<double> ratios;
    for (const Evidence& ratio : scenario_.line_ratios)
      ratios.push_back(ratio.value);
    if (!repeats)
      for (const std::uint32_t line : scenario_.line_ratio_if_class_repeats) {
        while (ratios.size() <= line) ratios.push_back(ratios.back());
        ratios[line - 1] = 1;
      }
    return ratios;
  }

  std::vector<double> remission_by_line(const Arm& arm, bool repeats) const {
    const LineDependence dependence = scenario_.line_dependence;
    const bool is_stated_where_used =
        dependence == LineDependence::as_observed ||
        dependence == LineDependence::frailty;
    const double rate = is_stated_where_used ? arm.remission.value
                                             : arm.first_line_remission->value;
    const double own = arm.remission_ratio ? arm.remission_ratio->value : 1;
    std::vector<double> rates;
    for (const double ratio : ratio_by_line(repeats))
      rates.push_back(std::min(rate * ratio * own, 1.0));
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
  CompiledTables& tables_;
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

void append(std::vector<std::byte>& bytes, double number) {
  append(bytes, std::bit_cast<std::uint64_t>(number));
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
       {arm.remission_time, arm.intolerance_time, arm.no_response_time,
        arm.gap_return_after_failure, arm.gap_return_after_relapse})
    append_size(bytes, index);
  for (const Chance& remission : arm.remission_if_new_class)
    append(bytes, remission);
  for (const auto* risks : {&arm.risks, &arm.risks_if_new_class})
    for (const Risks& one : *risks) {
      append(bytes, one.remission);
      append(bytes, one.up_to_partial_response);
      append_size(bytes, one.time);
    }
  if (arm.extension) {
    append(bytes, arm.extension->length);
    for (const auto* remission :
         {&arm.extension->remission, &arm.extension->remission_if_new_class})
      for (const std::size_t index : *remission) append_size(bytes, index);
    append_size(bytes, arm.extension->relapse);
  }
  append(bytes, std::uint32_t{arm.follow_up_from_end_of_step});
  for (const Cut cut : arm.adverse_events) append(bytes, cut);
  append(bytes, arm.death_at_procedure);
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

void append_all(std::vector<std::byte>& bytes,
                const std::vector<std::uint64_t>& words) {
  for (const std::uint64_t word : words) append(bytes, word);
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
        (time.key.empty() ? "a time distribution" : time.key) +
        ": nothing of it lies within the step");
  return law_of(points, true);
}

TimeLaw compile(const Survival& time, Ticks horizon) {
  Points points;
  if (const auto* after = std::get_if<After>(&time.form)) {
    const double weeks = std::min(after->weeks.value, to_weeks(horizon) + 1);
    points = {{to_ticks(weeks)}, {1.0L}, {}};
  } else {
    const auto grid = [&](Ticks tick) {
      if (time.weekly) return ticks_per_week;
      return std::clamp(std::bit_floor(tick) / survival_ticks_per_octave,
                        Ticks{1}, ticks_per_week);
    };
    const QuickCumulative quick = quick_cumulative(time);
    for (Ticks tick = grid(1); tick <= horizon; tick += grid(tick)) {
      const auto precise = [&] {
        return cumulative(time,
                          static_cast<long double>(tick) / ticks_per_week);
      };
      if (quick) {
        add_quickly(tick, quick(to_weeks(tick)), precise, points);
        continue;
      }
      points.tick.push_back(tick);
      points.cumulative.push_back(precise());
    }
  }
  return law_of(points, false);
}

Law compile_without_intercepts(const Scenario& scenario,
                               CompiledTables& tables) {
  return Compiler(scenario, tables).law();
}

Law compile(const Scenario& scenario) {
  CompiledTables tables;
  Law law = compile_without_intercepts(scenario, tables);
  law.intercepts = solve_intercepts(law);
  return law;
}

bool needs_plain_course(const Law& law) {
  return has_further_events(law) || (law.accrual && !law.accrual->is_simple);
}

namespace {

// Another law than that of all gaps.
bool has_own_gap_return(const ArmLaw& arm, const Law& law) {
  for (const std::size_t own :
       {arm.gap_return_after_failure, arm.gap_return_after_relapse})
    if (own != nothing && own != law.gap_return) return true;
  return false;
}

}  // namespace

bool has_further_events(const Law& law) {
  if (law.mortality || law.remits_in_gaps ||
      law.horizon_ticks != law.horizon * ticks_per_week)
    return true;
  for (const PathwayLaw& steps : law.pathways) {
    if (steps.empty()) return true;
    for (const StepLaw& step : steps)
      for (const ArmLaw& arm : step.arms)
        if (arm.extension || !arm.risks.empty() ||
            !arm.remission_if_new_class.empty() ||
            arm.follow_up_from_end_of_step || !arm.adverse_events.empty() ||
            arm.death_at_procedure > 0 || has_own_gap_return(arm, law))
          return true;
  }
  return false;
}

std::vector<std::byte> cohort_bytes_of(const Law& law) {
  std::vector<std::byte> bytes;
  append(bytes, law.cohort);
  return bytes;
}

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
  append(bytes, law.horizon_ticks);
  append(bytes, std::uint32_t{law.remits_in_gaps});
  for (const ResistanceLaw::Rule& rule : law.resistance.any_of)
    for (const std::uint32_t number :
         {rule.line, rule.phases, rule.adequate_failed_trials})
      append(bytes, number);
  if (law.mortality) append_all(bytes, words_of(*law.mortality));
  if (law.accrual) append_all(bytes, words_of(*law.accrual));
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

// The scenario as tables: the law that the engine samples and the exact twin
// sums. Every random word is uniform on 32 bits; the word 2^32-1 is read as
// 2^32-2, so that "below the cut" can be impossible (cut 0) and certain
// (cut 2^32-1) alike. Every mapping from a word to an outcome is monotone.
#pragma once

#include "models/accrual.hpp"
#include "models/cohort_law.hpp"
#include "models/cut.hpp"
#include "models/mortality.hpp"
#include "models/scenario.hpp"
#include "models/units.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace stardsim {

/// To which tick a time is rounded.
enum class Rounding {
  up,      ///< so that "by the end of the week" is exact
  nearest  ///< so that what starts then starts neither early nor late on
           ///< average
};

/// A distribution of times on the ticks of one step. A patient with word w has
/// the time tick[i], i being the number of cuts <= w.
struct TimeLaw {
  std::vector<Cut> cut;     ///< ascending strictly; the last one is `certain`
  std::vector<Ticks> tick;  ///< ascending strictly, at most those of the step
  /// Largest distance of this distribution function from the stated one cut to
  /// the step, where one tick ends and the next begins.
  double distance = 0;
};

/// Throws std::invalid_argument for a distribution without any probability in
/// (0, length].
TimeLaw compile(const TimeDistribution&, Ticks length, Rounding);

inline constexpr std::size_t nothing = static_cast<std::size_t>(-1);

/// The compiled time until an event that may not come before the horizon,
/// rounded up to the tick, or later to 1/2048 of itself and at most a week: as
/// TimeLaw, but the last cut may be below `certain`; from there on the event
/// does not come, and index cut.size() means never.
TimeLaw compile(const Survival&, Ticks horizon);

/// A probability that may depend on the patient.
struct Chance {
  double probability = 0;  ///< on average in those of its anchor
  Cut cut = impossible;    ///< for patients alike
  /// Else the patient's cut is cut_of_log_odds(intercept + score).
  std::size_t score = nothing;  ///< index in Law::scores
  float intercept = 0;

  bool is_possible() const { return probability > 0; }
  bool differs() const { return score != nothing; }
};

/// The outcome word's cut up to which there is remission or partial response.
inline Cut up_to_partial_response(Cut remission, Cut partial_response) {
  return partial_response > certain - remission ? certain
                                                : remission + partial_response;
}

/// The cut from which on there is intolerance, unless the first two reach
/// further.
inline Cut from_intolerance(Cut intolerance) {
  if (intolerance == certain) return 0;
  return intolerance == impossible ? certain : 0 - intolerance;
}

/// A sum over covariates: of coefficient * (value - centre), or of coefficient
/// where the value equals a level. In log odds or log hazard.
struct Score {
  struct Term {
    std::size_t covariate;
    bool is_level;
    float centre_or_level, coefficient;
    bool operator==(const Term&) const = default;
  };
  std::vector<Term> terms;
  bool operator==(const Score&) const = default;
};

/// The history of a patient's trials, in two words.
namespace history {
inline constexpr std::uint32_t failed_one = 1, failed_mask = 63;
inline constexpr int adequate_shift = 6;
inline constexpr std::uint32_t adequate_one = 1 << adequate_shift;
inline constexpr int augmentations_shift = 12;
inline constexpr std::uint32_t augmentation_one = 1 << augmentations_shift;
inline constexpr int last_outcome_shift = 18;  ///< two bits: LastOutcome
inline constexpr std::uint32_t last_outcome_mask = 3u << last_outcome_shift;
inline constexpr std::uint32_t relapsed = 1 << 20;
inline constexpr std::uint32_t ect_used = 1 << 21, ect_failed = 1 << 22;
/// Counts stay at 63.
}  // namespace history

/// A condition on a patient; `mask` holds one bit for each allowed value.
struct Test {
  Condition::Fact fact;
  std::size_t covariate;
  float low, high;
  std::uint32_t mask;  ///< 0: low and high decide
};

/// What may follow a failed attempt, as cuts of the attrition word.
struct AfterLaw {
  /// Not leaving care. Its score and intercept are the log odds of leaving.
  Chance stay{1, certain};
  /// Parts of those who stay, cumulated: next step, follow-up; the rest has a
  /// gap.
  Cut next_of_stay = certain, follow_up_of_stay = certain;

  bool everybody_continues() const {
    return !stay.differs() && stay.cut == certain && next_of_stay == certain;
  }
};

/// FollowUp, compiled.
struct FollowUpLaw {
  std::size_t relapse = nothing, drop_out = nothing;  ///< in Law::survivals
  std::size_t relapse_score = nothing;                ///< in Law::scores
  Ticks early_until = 0;                              ///< 0: nobody is early
  float early_log_hazard = 0;
  std::size_t stop = nothing;
  float stopped_log_hazard = 0;
  /// Of the word after a relapse, cumulated: next step, same step, gap; the
  /// rest leaves care.
  Cut next_step = certain, same_step = certain, gap = certain;

  /// Without either, those who enter stay as they are.
  bool is_watched() const { return relapse != nothing || drop_out != nothing; }
};

/// Remission and partial response as competing constant hazards.
struct Risks {
  Cut remission, up_to_partial_response;  ///< of the outcome word
  std::size_t time;                       ///< of either, in Law::times
};

/// A further phase for partial responders.
struct ExtensionLaw {
  Ticks length;
  /// By line, the last one for all later; in Law::survivals.
  std::vector<std::size_t> remission, remission_if_new_class;
  std::size_t relapse = nothing;  ///< in Law::survivals
};

/// What depends on the line: by visit, the last one for all later.
template <class T>
const T& at_line(const std::vector<T>& by_line, std::uint32_t visit) {
  return by_line[visit < by_line.size() ? visit : by_line.size() - 1];
}

/// One arm at its place in a pathway. The outcome word decides: below
/// `remission`, else below it plus `partial_response`, else in the highest part
/// `intolerance` (as far as the first two leave room), else no response.
struct ArmLaw {
  std::uint32_t weight = 0;       ///< among the arms of a selective step
  Cut chosen_from, chosen_below;  ///< of the arm word, where all are eligible
  std::vector<std::vector<Test>> eligible;
  Cut access = certain, acceptance = certain;
  std::size_t origin = nothing;  ///< the arm's number in the scenario
  /// What is offered: the number of the treatment, or one of the arm's own.
  std::uint32_t offered = 0;  ///< which word of the purpose decides

  std::vector<Chance> remission;  ///< by line, the last one for all later
  /// Where the class is not that of the attempt before; empty: no matter.
  std::vector<Chance> remission_if_new_class;
  /// Instead of the chances above, if outcomes compete; by line.
  std::vector<Risks> risks, risks_if_new_class;
  std::optional<ExtensionLaw> extension;
  Chance partial_response, intolerance;
  Chance adherence{1, certain};
  float non_adherence_log_odds = 0;
  Cut dose_adequacy = certain;
  float low_dose_log_odds = 0;
  /// Under frailty: the line of the reference pathway whose entrants are the
  /// anchor, from 1; 0: those who are given the arm here.
  std::size_t anchor = 0;
  AfterLaw after_no_response, after_partial_response, after_intolerance;
  Cut follow_up_if_remitted = certain;
  FollowUpLaw follow_up_remitted, follow_up_not_remitted;
  bool follow_up_from_end_of_step = false;
  /// In Law::survivals; that of the law where the arm states none.
  std::size_t gap_return_after_failure = nothing,
              gap_return_after_relapse = nothing;
  std::vector<Cut> adverse_events;  ///< at the start, by number; or empty
  double death_at_procedure = 0;    ///< hazard per tick of the acute phase
  /// Indices in Law::times.
  std::size_t remission_time, intolerance_time, no_response_time;

  Ticks adequate_ticks = 0;         ///< of a trial of its treatment
  std::uint32_t class_bit = 0;      ///< of its treatment; 0: none
  std::uint32_t trial_bits = 0;     ///< augmentation_one, ect_used
  std::size_t treatment = nothing;  ///< in Scenario::treatments

  const Chance& remission_at(std::uint32_t visit) const {
    return at_line(remission, visit);
  }
};

/// Step, compiled, at its place in a pathway.
struct StepLaw {
  Ticks length;
  std::vector<ArmLaw> arms;
  /// Not every patient may be given every arm: each is asked.
  bool selective = false;
  bool first_eligible = false;  ///< Choice::first_eligible
  std::size_t wait = nothing;   ///< in Law::survivals
};

/// By position in the pathway.
using PathwayLaw = std::vector<StepLaw>;

/// Whether the observed course can part from the one if all continue, before
/// the first remission.
bool can_part(const PathwayLaw&);

/// How the solving of intercepts went (intercepts.hpp).
struct InterceptReport {
  std::size_t solved = 0;      ///< how many intercepts
  std::size_t population = 0;  ///< size of the fixed population
  /// Largest distance of the mean over the fixed population from its rate,
  /// after rounding to single precision. Large if a rate cannot be had.
  double residual = 0;
  /// Largest estimated standard error of a mean over that population: half the
  /// distance between its two halves, which are independent of one another.
  double sampling_error = 0;
};

/// What staging reads. Covariates are `nothing` where not stated.
struct StagingLaw {
  std::size_t episode_months = nothing, severity = nothing, psychotic = nothing;
  std::uint32_t tca_bit = 0, maoi_bit = 0;  ///< of the history's classes
};

/// Who counts as treatment-resistant; any rule holds.
struct ResistanceLaw {
  struct Rule {
    std::uint32_t line;
    std::uint32_t phases;  ///< a bit for each Phase
    std::uint32_t adequate_failed_trials;
  };
  std::vector<Rule> any_of;
};

/// Scenario, compiled: all that decides what befalls a patient.
struct Law {
  std::uint32_t horizon = 0;  ///< weeks, rounded up
  Ticks horizon_ticks = 0;
  std::size_t reference = 0;  ///< in pathways
  bool solves_intercepts = true;
  CohortLaw cohort;
  std::vector<Score> scores;
  std::vector<TimeLaw> times, survivals;
  std::vector<PathwayLaw> pathways;
  std::size_t spontaneous_remission = nothing, spontaneous_relapse = nothing,
              gap_return = nothing;  ///< in survivals
  bool remits_in_gaps = false;
  ResistanceLaw resistance;
  std::optional<MortalityLaw> mortality;
  std::optional<AccrualLaw> accrual;  ///< with Scenario::economics
  bool keeps_history = false;         ///< somebody asks for the trials so far
  std::size_t prior_failed_trials = nothing;  ///< covariate: at entry
  std::size_t misdiagnosed = nothing;         ///< covariate: 0 or 1
  std::optional<StagingLaw> staging;
  std::vector<std::vector<Test>> subgroups;
  InterceptReport intercepts;
};

/// Requires a scenario as the reader gives it. Throws std::invalid_argument
/// where one of its distributions, correlations or amounts cannot be had.
Law compile(const Scenario&);

/// Whether more can happen than steps, follow-up and gaps: death, extension
/// phases, competing outcomes, remission in gaps, ... Neither the exact twin
/// nor the vector form of the course knows of these.
bool has_further_events(const Law&);

/// Whether only the plain course will do (sim/core/life.hpp): there are further
/// events, or accrual is not simple.
bool needs_plain_course(const Law&);

/// All tables as bytes, little-endian; equal bytes give equal results.
std::vector<std::byte> bytes_of(const Law&);

/// Those that make the patients: equal bytes and seed give the same ones.
std::vector<std::byte> cohort_bytes_of(const Law&);

}  // namespace stardsim

// What a scenario file says, as plain structs. The reader (sim/io) fills them
// and has checked every rule stated here; nothing in here knows of files.
#pragma once

#include "models/cohort.hpp"
#include "models/economics.hpp"
#include "models/evidence.hpp"
#include "models/published.hpp"
#include "models/survival.hpp"
#include "models/time_distribution.hpp"
#include "models/uncertainty.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace stardsim {

/// The question a curve answers; results carry all three.
enum class Estimand {
  if_all_continue,  ///< nobody leaves between steps
  observed,         ///< ever in remission before leaving care
  sustained         ///< in the first remission since it began
};
inline constexpr std::size_t estimand_count = 3;

/// How a treatment's effect depends on the line at which it is given.
enum class LineDependence {
  as_observed,  ///< the rate written on the arm holds wherever it is used
  same,         ///< the arm's first-line rate holds wherever it is used
  ratios,       ///< the first-line rate times a ratio by line
  frailty       ///< the loss from line to line is selection of the resistant
};

inline constexpr std::uint64_t max_patients = std::uint64_t{1} << 40;
inline constexpr std::size_t max_steps = 64;  ///< of one pathway

/// A drug, combination, psychotherapy or procedure.
struct Treatment {
  std::string name, label;
  std::string treatment_class;             ///< "SSRI", "psychotherapy", ...
  std::string adequate_dose;               ///< in words, with its unit
  std::optional<Evidence> adequate_weeks;  ///< shortest adequate trial, weeks
  std::string source;
};

/// An odds ratio or hazard ratio for each `per` units of a covariate above its
/// centre, or for one level of a categorical one.
struct Effect {
  std::size_t covariate;             ///< index in Cohort::covariates
  std::optional<std::size_t> level;  ///< of a categorical covariate
  Evidence ratio;                    ///< > 0
  double per = 1;                    ///< units of the covariate; not 0
};

/// What the patient's covariates change. Odds ratios, but for relapse: hazard
/// ratios, on a law that is that of a patient at the centres. Each list has a
/// covariate (and level) once at most.
struct Effects {
  std::vector<Effect> remission, partial_response, intolerance;
  std::vector<Effect> attrition;  ///< on leaving, given not remitted
  std::vector<Effect> adherence;  ///< on taking the treatment as prescribed
  std::vector<Effect> relapse;
};

/// How the last attempt ended, as eligibility sees it.
enum class LastOutcome { none, no_response, partial_response, intolerance };

/// A condition on a patient who stands before a step.
struct Condition {
  enum class Fact {
    failed_trials,           ///< trials without remission so far
    adequate_failed_trials,  ///< those of them that were adequate
    line,                    ///< the line this step would be, from 1
    last_outcome,            ///< how the last attempt ended: `any_of`
    relapsed,                ///< 1 if a remission has been lost, else 0
    failed_class,            ///< an adequate trial of it failed: `any_of`
    covariate                ///< its value, or level: `any_of`
  };
  Fact fact;
  std::size_t covariate = 0;  ///< of Fact::covariate
  double low, high;           ///< inclusive; where any_of is empty
  /// Numbers of LastOutcome, of Scenario::classes, or of levels.
  std::vector<std::size_t> any_of;
};

/// Any of the lists holds, and all conditions in it. Empty: everybody.
using Eligibility = std::vector<std::vector<Condition>>;

/// What may happen in follow-up, to those who entered it in one state. Relapse
/// and drop-out compete: each is what would come without the other. Hazard
/// ratios > 0.
struct FollowUp {
  std::optional<Survival> relapse, drop_out;  ///< from entering follow-up
  /// The hazard of relapse is multiplied for those in remission within so many
  /// weeks from the start of the step.
  std::optional<Evidence> early_weeks, early_hazard_ratio;
  /// When the treatment is stopped, and the ratio on the hazard from then on.
  std::optional<Survival> stop;
  std::optional<Evidence> stopped_hazard_ratio;
  /// P(what comes next | relapse); the rest leaves care.
  Evidence next_step{1, {}, {}, {}, {}};
  Evidence same_step{0, {}, {}, {}, {}};
  Evidence gap{0, {}, {}, {}, {}};
};

/// A further phase for those in partial response at the end of a step.
struct Extension {
  Evidence weeks;  ///< length, > 0
  /// P(remission by its end), a constant hazard, if nothing else happened.
  Evidence remission;
  std::optional<Survival> relapse;  ///< of partial response; competes with it
};

/// One option within a step. Probabilities are over all who enter the arm;
/// remission, partial response and intolerance exclude one another and sum to
/// at most 1; the rest has no response by the end of the step.
struct Arm {
  std::string name, label;
  std::optional<std::size_t> treatment;  ///< index in Scenario::treatments
  std::string strategy;  ///< "initial", "switch", ...; may be ""
  /// Weight among the step's arms, >= 0; with 0 only those are given it who
  /// refuse another.
  Evidence share{1, {}, {}, {}, {}};

  Eligibility eligible;
  std::optional<Evidence> access;      ///< P(to be had), once for a patient
  std::optional<Evidence> acceptance;  ///< P(accepted), at each offer

  Evidence remission;  ///< where its anchor is
  /// P(remission) as a first treatment; required under `same` and `ratios`.
  std::optional<Evidence> first_line_remission;
  /// Remission and partial response are each stated as if the other could not
  /// happen: they compete with constant hazards over the step, and the times
  /// of remission and partial response follow. No intolerance.
  bool competing = false;
  /// Multiplies the probability of remission after any ratio by line; the
  /// product is at most 1, and partial response at most the rest.
  std::optional<Evidence> remission_ratio;
  std::optional<Extension> extension;
  /// Under `frailty`: the line of the reference pathway in whose entrants the
  /// rates were measured. Absent: the step's own place there.
  std::optional<std::size_t> anchor;
  std::optional<Evidence> partial_response;
  std::optional<Evidence> intolerance;
  TimeDistribution remission_time;
  TimeDistribution intolerance_time;  ///< a patient leaves the step then
  TimeDistribution no_response_time;  ///< the others leave the step then
  std::optional<Evidence> sessions_per_week;  ///< of a procedure

  /// P(taken as prescribed), per attempt; and the odds ratio of remission if
  /// it is not, > 0.
  std::optional<Evidence> adherence, non_adherence_odds_ratio;
  /// P(an adequate dose is reached), per attempt; the odds ratio if not.
  std::optional<Evidence> dose_adequacy, low_dose_odds_ratio;

  /// P(entering the next step), given how this one ended. An absent one of the
  /// latter two is as `continue_if_not_remitted`; that one absent: everybody
  /// who is not sent elsewhere.
  std::optional<Evidence> continue_if_not_remitted;
  std::optional<Evidence> continue_if_partial_response;
  std::optional<Evidence> continue_if_intolerant;
  /// P(follow-up without remission), P(gap), given not remitted. With the one
  /// above they sum to at most 1; the rest leaves care.
  std::optional<Evidence> follow_up_if_not_remitted, gap_if_not_remitted;
  /// P(follow-up | remitted); the rest leaves care. Absent: everybody.
  std::optional<Evidence> follow_up_if_remitted;
  FollowUp follow_up_remitted, follow_up_not_remitted;
  /// Follow-up in remission starts at the end of the step, not at remission.
  bool follow_up_from_end_of_step = false;
  /// From a gap to the next step; absent: Untreated::gap_return.
  std::optional<Survival> gap_return_after_failure, gap_return_after_relapse;

  TreatmentEconomics economics;
  Effects effects;  ///< those of the scenario and its own, already merged
};

/// How an arm is chosen among those for which a patient is eligible.
enum class Choice {
  by_share,       ///< at random; who refuses takes the next one in the file
  first_eligible  ///< the first in the file
};

/// One acute treatment attempt.
struct Step {
  std::string name, label;
  Evidence weeks;         ///< length, > 0
  std::vector<Arm> arms;  ///< in the order of the file; at least one
  Choice choice = Choice::by_share;
  std::optional<Survival> wait;  ///< from the decision to the start
};

/// An order of steps, as a patient would go through it.
struct Pathway {
  std::string name, label;
  std::vector<std::size_t> steps;  ///< indices in Scenario::steps; 0 to 64
};

/// Those off treatment: after the last step, and in gaps. The same for all.
struct Untreated {
  std::optional<Survival> remission;   ///< spontaneous, after the last step
  std::optional<Survival> relapse;     ///< of a spontaneous remission
  std::optional<Survival> gap_return;  ///< from a gap to the next step
  /// Spontaneous remission may come in gaps too; its relapse leads to the next
  /// step.
  bool remits_in_gaps = false;
};

/// How time is counted where years and months are meant.
struct TimeRules {
  double weeks_per_year = 365.25 / 7;
  /// A remission is a lasting one from then on: three months.
  double lasting_remission_weeks = 365.25 / 7 / 4;
};

/// Which covariates the staging methods read. An absent one takes the lowest
/// number of points.
struct Staging {
  std::optional<std::size_t> episode_months;  ///< of the episode at entry
  std::optional<std::size_t> severity;        ///< QIDS-SR16, 0 to 27
  std::optional<std::size_t> psychotic;       ///< 0 or 1
};

/// Patients of whom results are reported apart, by what they are at entry.
struct Subgroup {
  std::string name, label;
  std::vector<Condition> all_of;  ///< of Fact::covariate only
};

/// A source named once in the file and referred to by its key.
struct Source {
  std::string key, text;
};

/// All that a scenario file says.
struct Scenario {
  std::string title;
  std::string description;
  /// Weeks, rounded up to whole ones; no pathway is longer.
  std::uint32_t horizon = 0;
  /// The same, exactly.
  double horizon_weeks = 0;
  Estimand estimand = Estimand::if_all_continue;  ///< reported first
  LineDependence line_dependence = LineDependence::as_observed;
  /// By line, the last one for all later; under `ratios` only. In (0, 1].
  std::vector<Evidence> line_ratios;
  /// Lines, from 1, at which the ratio applies only if the treatment's class is
  /// that of the attempt before.
  std::vector<std::uint32_t> line_ratio_if_class_repeats;
  /// Whether intercepts are solved so that each rate holds on average in those
  /// in whom it was measured. If not, a rate is that of the patient whose
  /// covariates are all at their centre.
  bool solve_intercepts = true;
  std::size_t reference = 0;  ///< index in pathways
  Cohort cohort;
  std::vector<Source> sources;
  std::vector<std::string> classes;  ///< of the treatments; at most 32
  std::vector<Treatment> treatments;
  std::vector<Step> steps;
  std::vector<Pathway> pathways;
  Untreated untreated;
  TimeRules time;
  Resistance resistance;
  std::optional<Economics> economics;
  std::optional<Mortality> mortality;
  std::optional<Staging> staging;
  std::vector<Subgroup> subgroups;   ///< at most 32
  std::vector<Published> published;  ///< at most 1000
  std::optional<Uncertainty> uncertainty;
};

/// Whether every arm of the step states this outcome. Where one does not, how
/// many of the step's entrants had it is unknown, which is not none.
bool every_arm_states(const Step&, std::optional<Evidence> Arm::*outcome);

const char* name_of(Estimand);
const char* name_of(LineDependence);

}  // namespace stardsim

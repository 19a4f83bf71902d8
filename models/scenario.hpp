// What a scenario file says, as plain structs. The reader (sim/io) fills them
// and has checked every rule stated here; nothing in here knows of files.
#pragma once

#include "models/evidence.hpp"
#include "models/time_distribution.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace stardsim {

/// The question a curve answers; results carry both.
enum class Estimand {
  if_all_continue,  ///< nobody leaves between steps
  observed          ///< ever in remission before leaving care
};
inline constexpr std::size_t estimand_count = 2;

/// How a treatment's effect depends on the line at which it is given.
enum class LineDependence {
  as_observed  ///< the rate written on the arm holds wherever it is used
};

inline constexpr std::uint64_t max_patients = std::uint64_t{1} << 40;
inline constexpr std::size_t max_steps = 64;  ///< of one pathway

struct Cohort {
  std::uint64_t patients = 1'000'000;  ///< 1 to max_patients
  std::uint64_t seed = 1;
};

/// A drug, combination, psychotherapy or procedure.
struct Treatment {
  std::string name, label;
  std::string treatment_class;             ///< "SSRI", "psychotherapy", ...
  std::string adequate_dose;               ///< in words, with its unit
  std::optional<Evidence> adequate_weeks;  ///< shortest adequate trial, weeks
  std::string source;
};

/// One option within a step. Probabilities are over all who enter the arm;
/// remission, partial response and intolerance exclude one another and sum to
/// at most 1; the rest has no response by the end of the step.
struct Arm {
  std::string name, label;
  std::optional<std::size_t> treatment;  ///< index in Scenario::treatments
  std::string strategy;               ///< "initial", "switch", ...; may be ""
  Evidence share{1, {}, {}, {}, {}};  ///< weight among the step's arms, >= 0
  Evidence remission;
  std::optional<Evidence> partial_response;
  std::optional<Evidence> intolerance;
  TimeDistribution remission_time;
  TimeDistribution intolerance_time;  ///< a patient leaves the step then

  /// P(entering the next step), given how this one ended. An absent one of the
  /// latter two is as `continue_if_not_remitted`; that one absent: everybody.
  std::optional<Evidence> continue_if_not_remitted;
  std::optional<Evidence> continue_if_partial_response;
  std::optional<Evidence> continue_if_intolerant;
};

/// One acute treatment attempt.
struct Step {
  std::string name, label;
  Evidence weeks;         ///< length, > 0
  std::vector<Arm> arms;  ///< in the order of the file; at least one
};

struct Pathway {
  std::string name, label;
  std::vector<std::size_t> steps;  ///< indices in Scenario::steps; 1 to 64
};

/// A source named once in the file and referred to by its key.
struct Source {
  std::string key, text;
};

struct Scenario {
  std::string title;
  std::string description;
  std::uint32_t horizon = 0;  ///< weeks; no pathway is longer
  Estimand estimand = Estimand::if_all_continue;  ///< reported first
  LineDependence line_dependence = LineDependence::as_observed;
  std::size_t reference = 0;  ///< index in pathways
  Cohort cohort;
  std::vector<Source> sources;
  std::vector<Treatment> treatments;
  std::vector<Step> steps;
  std::vector<Pathway> pathways;
};

/// Whether every arm of the step states this outcome. Where one does not, how
/// many of the step's entrants had it is unknown, which is not none.
bool every_arm_states(const Step&, std::optional<Evidence> Arm::*outcome);

const char* name_of(Estimand);
const char* name_of(LineDependence);

}  // namespace stardsim

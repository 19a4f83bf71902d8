// Single decisions of a patient that the plain course (life.cpp) and the
// bookkeeping of the vector form (record.cpp) share.
#pragma once

#include "models/law.hpp"
#include "models/staging.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace stardsim {

/// The trials so far: namespace history in models/law.hpp.
struct History {
  std::uint32_t trials = 0, classes = 0;
};

/// Trials before entry, taken as adequate.
std::uint32_t entry_trials(const Law&, const std::vector<float>& covariates);
std::uint32_t entry_trials(float prior_failed_trials);

/// Adds an attempt that ended so; LastOutcome::none: in remission.
void remember(const ArmLaw&, LastOutcome, bool adequate, History&);

/// A patient who stands before a step.
struct Candidate {
  const History& history;
  std::uint32_t visit;
  const float* covariates;  ///< of this patient, `stride` apart
  std::size_t stride;

  float covariate(std::size_t index) const {
    return covariates[index * stride];
  }
};

bool all_hold(const std::vector<Test>&, const Candidate&);
bool is_eligible(const ArmLaw&, const Candidate&);

inline constexpr std::size_t most_arms = 64;
using Able = std::array<bool, most_arms>;

/// By share among those able, from one word, or the first; `nothing` if there
/// is none.
std::size_t choose(const StepLaw&, const Able&, std::uint32_t word);

/// The sub-draw of Purpose::acceptance: refusing one offer says nothing of the
/// next, be it in the same step or, at the same visit, in the one after it.
inline std::uint32_t offer_number(std::uint32_t position, std::size_t arm) {
  return position << 6 | static_cast<std::uint32_t>(arm);
}

/// The arm of a selective step that is given to the patient, or `nothing`. One
/// who refuses is offered the next arm in the file. Access and acceptance are
/// asked for only where they decide.
template <class HasAccess, class Accepts>
std::size_t chosen_arm(const StepLaw& step, const Candidate& candidate,
                       std::uint32_t word, bool everybody_continues,
                       HasAccess has_access, Accepts accepts) {
  const std::size_t arms = step.arms.size();
  Able able{};
  for (std::size_t a = 0; a < arms; ++a) {
    const ArmLaw& arm = step.arms[a];
    able[a] = is_eligible(arm, candidate) &&
              (everybody_continues || arm.access == certain || has_access(arm));
  }
  const std::size_t first = choose(step, able, word);
  if (first == nothing || everybody_continues) return first;
  for (std::size_t i = 0; i < arms; ++i) {
    const std::size_t a = (first + i) % arms;
    const ArmLaw& arm = step.arms[a];
    if (able[a] && (arm.acceptance == certain || accepts(arm, a))) return a;
  }
  return nothing;
}

/// What staging reads of a patient at this time; `resistant_since` is the start
/// of the first failed trial, or `never`.
TreatmentHistory treatment_history(const Law&, const Candidate&,
                                   Ticks resistant_since, Ticks now);
/// Two adequate trials have failed, of a depression rightly diagnosed.
bool is_truly_resistant(const Law&, const Candidate&);
/// Two trials have failed, adequate or not.
bool is_apparently_resistant(const Candidate&);

bool changes_hazard(const FollowUpLaw&);

/// The word read in the relapse law of one whose treatment is stopped at a time
/// when the law has come to `by_then`: from there on the hazard is multiplied.
std::uint32_t word_after_stop(std::uint32_t word, Cut by_then,
                              float log_hazard);

}  // namespace stardsim

#include "sim/core/offer.hpp"

#include "models/smooth_tables.hpp"

#include <algorithm>
#include <bit>

namespace stardsim {
namespace {

bool holds(const Test& test, const Candidate& candidate) {
  const auto is_within = [&](float value) {
    return test.low <= value && value <= test.high;
  };
  const auto is_among = [&](std::uint32_t value) {
    return (test.mask >> value & 1) != 0;
  };
  const std::uint32_t trials = candidate.history.trials;
  const auto number = [&](int shift) {
    return static_cast<float>(trials >> shift & history::failed_mask);
  };
  switch (test.fact) {
    case Condition::Fact::failed_trials:
      return is_within(number(0));
    case Condition::Fact::adequate_failed_trials:
      return is_within(number(history::adequate_shift));
    case Condition::Fact::line:
      return is_within(static_cast<float>(candidate.visit + 1));
    case Condition::Fact::last_outcome:
      return is_among(trials >> history::last_outcome_shift & 3);
    case Condition::Fact::relapsed:
      return is_within((trials & history::relapsed) ? 1.0F : 0.0F);
    case Condition::Fact::failed_class:
      return (candidate.history.classes & test.mask) != 0;
    case Condition::Fact::covariate:
      break;
  }
  const float value = candidate.covariate(test.covariate);
  return test.mask == 0 ? is_within(value)
                        : is_among(static_cast<std::uint32_t>(value));
}

std::uint32_t plus_one(std::uint32_t trials, int shift) {
  const std::uint32_t full = history::failed_mask << shift;
  return (trials & full) == full ? trials : trials + (1u << shift);
}

std::uint64_t weight_of(const StepLaw& step, std::size_t arm) {
  return step.first_eligible ? 1 : step.arms[arm].weight;
}

}  // namespace

std::uint32_t entry_trials(float prior_failed_trials) {
  const float trials = std::clamp(prior_failed_trials, 0.0F,
                                  static_cast<float>(history::failed_mask));
  return static_cast<std::uint32_t>(trials) *
         (history::failed_one | history::adequate_one);
}

std::uint32_t entry_trials(const Law& law,
                           const std::vector<float>& covariates) {
  if (law.prior_failed_trials == nothing) return 0;
  return entry_trials(covariates[law.prior_failed_trials]);
}

void remember(const ArmLaw& arm, LastOutcome outcome, bool adequate,
              History& history) {
  std::uint32_t trials = history.trials & ~history::last_outcome_mask;
  if (arm.trial_bits & history::augmentation_one)
    trials = plus_one(trials, history::augmentations_shift);
  trials |= arm.trial_bits & history::ect_used;
  if (outcome != LastOutcome::none) {
    trials = plus_one(trials, 0);
    trials |= static_cast<std::uint32_t>(outcome)
              << history::last_outcome_shift;
    if (adequate) {
      trials = plus_one(trials, history::adequate_shift);
      if (arm.trial_bits & history::ect_used) trials |= history::ect_failed;
      history.classes |= arm.class_bit;
    }
  }
  history.trials = trials;
}

bool all_hold(const std::vector<Test>& tests, const Candidate& candidate) {
  return std::all_of(tests.begin(), tests.end(),
                     [&](const Test& test) { return holds(test, candidate); });
}

bool is_eligible(const ArmLaw& arm, const Candidate& candidate) {
  if (arm.eligible.empty()) return true;
  return std::any_of(
      arm.eligible.begin(), arm.eligible.end(),
      [&](const auto& tests) { return all_hold(tests, candidate); });
}

std::size_t choose(const StepLaw& step, const Able& able, std::uint32_t word) {
  std::uint64_t total = 0;
  for (std::size_t a = 0; a < step.arms.size(); ++a)
    if (able[a]) total += weight_of(step, a);
  const std::uint64_t at =
      step.first_eligible ? 0 : (std::uint64_t{word} * total) >> 32;
  std::uint64_t sum = 0;
  for (std::size_t a = 0; a < step.arms.size(); ++a) {
    if (!able[a]) continue;
    sum += weight_of(step, a);
    if (at < sum) return a;
  }
  return nothing;
}

TreatmentHistory treatment_history(const Law& law, const Candidate& candidate,
                                   Ticks resistant_since, Ticks now) {
  const StagingLaw& staging = *law.staging;
  const auto [trials, classes] = candidate.history;
  const auto number = [trials = trials](int shift) {
    return trials >> shift & history::failed_mask;
  };
  const auto covariate = [&](std::size_t index) {
    return index == nothing ? 0.0
                            : static_cast<double>(candidate.covariate(index));
  };
  constexpr double weeks_per_month = 365.25 / 12 / 7;
  TreatmentHistory history;
  history.failed_trials = number(0);
  history.adequate_failed_trials = number(history::adequate_shift);
  history.augmentations = number(history::augmentations_shift);
  history.adequate_failed_classes =
      static_cast<unsigned>(std::popcount(classes));
  history.tca_failed = (classes & staging.tca_bit) != 0;
  history.maoi_failed = (classes & staging.maoi_bit) != 0;
  history.ect_used = (trials & history::ect_used) != 0;
  history.ect_failed = (trials & history::ect_failed) != 0;
  if (resistant_since < now)
    history.resistant_weeks = to_weeks(now - resistant_since);
  history.episode_months =
      covariate(staging.episode_months) + to_weeks(now) / weeks_per_month;
  history.severity = covariate(staging.severity);
  history.psychotic = covariate(staging.psychotic) != 0;
  return history;
}

bool is_apparently_resistant(const Candidate& candidate) {
  return (candidate.history.trials & history::failed_mask) >= 2;
}

bool is_truly_resistant(const Law& law, const Candidate& candidate) {
  const auto adequate = candidate.history.trials >> history::adequate_shift &
                        history::failed_mask;
  return adequate >= 2 && (law.misdiagnosed == nothing ||
                           candidate.covariate(law.misdiagnosed) == 0);
}

bool changes_hazard(const FollowUpLaw& law) {
  return law.relapse_score != nothing || law.early_until > 0 ||
         law.stop != nothing;
}

std::uint32_t word_after_stop(std::uint32_t word, Cut by_then,
                              float log_hazard) {
  if (word < by_then || by_then == certain) return word;
  const std::uint64_t left = certain - by_then;
  const auto conditional = static_cast<std::uint32_t>(std::min<std::uint64_t>(
      (std::uint64_t{word - by_then} << 32) / left, highest_word));
  const std::uint32_t changed = word_with_hazard(conditional, log_hazard);
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(
      by_then + ((left * changed) >> 32), highest_word));
}

}  // namespace stardsim

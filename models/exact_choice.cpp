#include "models/exact_choice.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace stardsim {
namespace {

constexpr std::uint32_t count_mask = history::failed_mask;

std::uint32_t count(std::uint32_t trials, int shift) {
  return (trials >> shift) & count_mask;
}

std::uint32_t with_count(std::uint32_t trials, int shift, std::uint32_t value) {
  return (trials & ~(count_mask << shift)) | (value << shift);
}

// The lowest count from which on the test has one answer.
std::uint32_t beyond(const Test& test) {
  if (test.mask != 0) return 32;
  double bound = 0;
  for (const float edge : {test.low, test.high})
    if (std::isfinite(edge) && edge > 0 && edge < 1e6F)
      bound = std::max(bound, std::floor(static_cast<double>(edge)));
  return static_cast<std::uint32_t>(bound) + 1;
}

bool is_met(const Test& test, std::uint32_t value) {
  if (test.mask != 0) return value < 32 && ((test.mask >> value) & 1) != 0;
  const auto number = static_cast<float>(value);
  return test.low <= number && number <= test.high;
}

bool is_met(const Test& test, const Place& place) {
  using Fact = Condition::Fact;
  switch (test.fact) {
    case Fact::failed_trials:
      return is_met(test, count(place.trials, 0));
    case Fact::adequate_failed_trials:
      return is_met(test, count(place.trials, history::adequate_shift));
    case Fact::line:
      return is_met(test, place.visit + 1);
    case Fact::last_outcome:
      return is_met(test, (place.trials & history::last_outcome_mask) >>
                              history::last_outcome_shift);
    case Fact::relapsed:
      return is_met(test, (place.trials & history::relapsed) != 0 ? 1u : 0u);
    case Fact::failed_class:
      return (place.classes & test.mask) != 0;
    case Fact::covariate:
      break;
  }
  throw std::domain_error(
      "eligibility asks for a covariate; the exact answer exists only for "
      "patients alike");
}

bool is_eligible(const ArmLaw& arm, const Place& place) {
  const auto holds = [&](const std::vector<Test>& all) {
    return std::all_of(all.begin(), all.end(),
                       [&](const Test& test) { return is_met(test, place); });
  };
  return arm.eligible.empty() ||
         std::any_of(arm.eligible.begin(), arm.eligible.end(), holds);
}

// Adds the probability of each arm, given which ones are open to the patient.
// Each open arm is accepted or not, independently.
void choose(const StepLaw& step, const std::vector<double>& accepted,
            const std::vector<bool>& open, double probability,
            std::vector<double>& share) {
  const std::size_t arms = step.arms.size();
  const auto offer_from = [&](std::size_t first, double left) {
    for (std::size_t i = 0; i < arms; ++i) {
      const std::size_t a = (first + i) % arms;
      if (!open[a]) continue;
      share[a] += left * accepted[a];
      left *= 1 - accepted[a];
    }
  };
  if (step.first_eligible) return offer_from(0, probability);
  double weights = 0;
  for (std::size_t a = 0; a < arms; ++a)
    if (open[a]) weights += step.arms[a].weight;
  for (std::size_t a = 0; a < arms; ++a)
    if (open[a] && step.arms[a].weight != 0)
      offer_from(a, probability * step.arms[a].weight / weights);
}

}  // namespace

Memory::Memory(const PathwayLaw& steps) {
  for (const StepLaw& step : steps)
    for (const ArmLaw& arm : step.arms) {
      visits_ = std::max(visits_,
                         static_cast<std::uint32_t>(arm.remission.size() - 1));
      if (!step.selective) continue;
      for (const auto& all : arm.eligible)
        for (const Test& test : all) ask(test);
    }
}

void Memory::ask(const Test& test) {
  using Fact = Condition::Fact;
  const std::uint32_t limit = std::min(beyond(test), count_mask);
  switch (test.fact) {
    case Fact::failed_trials:
      failed_ = std::max(failed_, limit);
      trials_ |= history::failed_mask;
      break;
    case Fact::adequate_failed_trials:
      adequate_ = std::max(adequate_, limit);
      trials_ |= history::failed_mask << history::adequate_shift;
      break;
    case Fact::line:
      visits_ = std::max(visits_, beyond(test));
      break;
    case Fact::last_outcome:
      trials_ |= history::last_outcome_mask;
      break;
    case Fact::relapsed:
      trials_ |= history::relapsed;
      break;
    case Fact::failed_class:
      classes_ |= test.mask;
      break;
    case Fact::covariate:
      break;
  }
}

Place Memory::after_attempt(Place place) const {
  place.visit = std::min(place.visit + 1, visits_);
  return place;
}

Place Memory::after_failure(Place place, const ArmLaw& arm, LastOutcome outcome,
                            bool adequate) const {
  std::uint32_t& trials = place.trials;
  trials = with_count(trials, 0, std::min(count(trials, 0) + 1, failed_));
  trials = (trials & ~history::last_outcome_mask) |
           static_cast<std::uint32_t>(outcome) << history::last_outcome_shift;
  if (adequate) {
    const int shift = history::adequate_shift;
    trials = with_count(trials, shift,
                        std::min(count(trials, shift) + 1, adequate_));
    place.classes |= arm.class_bit;
  }
  trials &= trials_;
  place.classes &= classes_;
  return place;
}

Place Memory::after_remission(Place place) const {
  place.trials &= ~history::last_outcome_mask;
  return place;
}

Place Memory::after_relapse(Place place) const {
  place.trials |= history::relapsed & trials_;
  return place;
}

std::vector<double> shares(const StepLaw& step, const Place& place,
                           bool everybody_accepts) {
  const std::size_t arms = step.arms.size();
  std::vector<double> share(arms, 0.0);
  if (!step.selective) {
    for (std::size_t a = 0; a < arms; ++a)
      share[a] = probability_below(step.arms[a].chosen_below) -
                 probability_below(step.arms[a].chosen_from);
    return share;
  }
  std::vector<double> accepted(arms, 1.0);
  std::vector<bool> open(arms);
  std::vector<std::size_t> rationed;
  for (std::size_t a = 0; a < arms; ++a) {
    const ArmLaw& arm = step.arms[a];
    open[a] = is_eligible(arm, place) &&
              (everybody_accepts || arm.access != impossible);
    if (everybody_accepts) continue;
    accepted[a] = probability_below(arm.acceptance);
    if (open[a] && arm.access != certain) rationed.push_back(a);
  }
  for (std::size_t set = 0; set < std::size_t{1} << rationed.size(); ++set) {
    double probability = 1;
    for (std::size_t i = 0; i < rationed.size(); ++i) {
      const double had = probability_below(step.arms[rationed[i]].access);
      open[rationed[i]] = ((set >> i) & 1) != 0;
      probability *= open[rationed[i]] ? had : 1 - had;
    }
    choose(step, accepted, open, probability, share);
  }
  return share;
}

}  // namespace stardsim

#include "sim/core/variant_changes.hpp"

#include <algorithm>
#include <utility>

namespace stardsim {
namespace {

bool are_equal(const TimeLaw& one, const TimeLaw& other) {
  return one.cut == other.cut && one.tick == other.tick;
}

bool are_equal(const CohortLaw& one, const CohortLaw& other) {
  const auto same = [](const CovariateLaw& a, const CovariateLaw& b) {
    return a.kind == b.kind && a.values == b.values && a.cuts == b.cuts;
  };
  return one.rows == other.rows && one.row_cuts == other.row_cuts &&
         one.factor == other.factor &&
         std::equal(one.covariates.begin(), one.covariates.end(),
                    other.covariates.begin(), other.covariates.end(), same);
}

bool are_equal(const Chance& one, const Chance& other) {
  return one.cut == other.cut && one.score == other.score &&
         one.intercept == other.intercept;
}

bool are_equal(const std::vector<Chance>& one,
               const std::vector<Chance>& other) {
  return std::equal(
      one.begin(), one.end(), other.begin(), other.end(),
      [](const Chance& a, const Chance& b) { return are_equal(a, b); });
}

bool are_equal(const AfterLaw& one, const AfterLaw& other) {
  return are_equal(one.stay, other.stay) &&
         one.next_of_stay == other.next_of_stay &&
         one.follow_up_of_stay == other.follow_up_of_stay;
}

// Where equal times stand in the law of all, by their number in the variant.
class TimeNumbers {
 public:
  TimeNumbers(const std::vector<TimeLaw>& times, std::vector<TimeLaw>& all)
      : times_(times), all_(all), numbers_(times.size(), nothing) {}

  std::size_t of(std::size_t number) {
    if (number == nothing) return nothing;
    std::size_t& found = numbers_[number];
    if (found != nothing) return found;
    if (number < all_.size() && are_equal(times_[number], all_[number]))
      return found = number;
    for (found = 0; found < all_.size(); ++found)
      if (are_equal(times_[number], all_[found])) return found;
    all_.push_back(times_[number]);
    return found;
  }

 private:
  const std::vector<TimeLaw>& times_;
  std::vector<TimeLaw>& all_;
  std::vector<std::size_t> numbers_;
};

void renumber(FollowUpLaw& law, TimeNumbers& survivals) {
  for (std::size_t FollowUpLaw::*time :
       {&FollowUpLaw::relapse, &FollowUpLaw::drop_out, &FollowUpLaw::stop})
    law.*time = survivals.of(law.*time);
}

void renumber(ArmLaw& arm, TimeNumbers& times, TimeNumbers& survivals) {
  for (std::size_t ArmLaw::*time :
       {&ArmLaw::remission_time, &ArmLaw::intolerance_time,
        &ArmLaw::no_response_time})
    arm.*time = times.of(arm.*time);
  for (std::size_t ArmLaw::*time :
       {&ArmLaw::gap_return_after_failure, &ArmLaw::gap_return_after_relapse})
    arm.*time = survivals.of(arm.*time);
  for (auto* risks : {&arm.risks, &arm.risks_if_new_class})
    for (Risks& one : *risks) one.time = times.of(one.time);
  if (arm.extension) {
    for (auto* remission :
         {&arm.extension->remission, &arm.extension->remission_if_new_class})
      for (std::size_t& one : *remission) one = survivals.of(one);
    arm.extension->relapse = survivals.of(arm.extension->relapse);
  }
  renumber(arm.follow_up_remitted, survivals);
  renumber(arm.follow_up_not_remitted, survivals);
}

void renumber(Law& law, TimeNumbers& times, TimeNumbers& survivals) {
  for (std::size_t Law::*time : {&Law::spontaneous_remission,
                                 &Law::spontaneous_relapse, &Law::gap_return})
    law.*time = survivals.of(law.*time);
  for (PathwayLaw& pathway : law.pathways)
    for (StepLaw& step : pathway) {
      step.wait = survivals.of(step.wait);
      for (ArmLaw& arm : step.arms) renumber(arm, times, survivals);
    }
}

template <class Thing>
bool take_over(Thing ArmLaw::*what, const ArmLaw& base, ArmLaw& arm) {
  if (are_equal(base.*what, arm.*what)) return false;
  arm.*what = base.*what;
  return true;
}

// What may differ is set to that of the base; what did is returned.
ArmChange take_over_changes(const ArmLaw& base, ArmLaw& arm) {
  ArmChange change;
  for (const auto what : {&ArmLaw::remission, &ArmLaw::remission_if_new_class})
    if (!(base.*what).empty() && !(arm.*what).empty())
      change.outcome |= take_over(what, base, arm);
  for (const auto what : {&ArmLaw::partial_response, &ArmLaw::intolerance})
    change.outcome |= take_over(what, base, arm);
  for (const auto what :
       {&ArmLaw::after_no_response, &ArmLaw::after_partial_response,
        &ArmLaw::after_intolerance})
    change.after |= take_over(what, base, arm);
  change.enters = base.follow_up_if_remitted != arm.follow_up_if_remitted;
  arm.follow_up_if_remitted = base.follow_up_if_remitted;
  for (const std::size_t entry : {0, 1}) {
    const auto which = entry == 0 ? &ArmLaw::follow_up_remitted
                                  : &ArmLaw::follow_up_not_remitted;
    const FollowUpLaw& before = base.*which;
    FollowUpLaw& law = arm.*which;
    for (std::size_t FollowUpLaw::*time :
         {&FollowUpLaw::relapse, &FollowUpLaw::drop_out})
      // Without, or with nothing else, there is another tally.
      if (before.*time != law.*time && before.*time != nothing &&
          law.*time != nothing) {
        change.follow_up[entry] = true;
        law.*time = before.*time;
      }
    for (const auto cut :
         {&FollowUpLaw::next_step, &FollowUpLaw::same_step, &FollowUpLaw::gap})
      if (before.*cut != law.*cut) {
        change.after_relapse[entry] = true;
        law.*cut = before.*cut;
      }
  }
  return change;
}

// Without the patients and the times, which are large and are compared
// themselves. The binding names every member: a new one does not go unseen.
Law without_tables(const Law& law) {
  const auto& [horizon, horizon_ticks, reference, solves_intercepts, cohort,
               scores, times, survivals, pathways, spontaneous_remission,
               spontaneous_relapse, gap_return, remits_in_gaps, resistance,
               mortality, accrual, keeps_history, prior_failed_trials,
               misdiagnosed, staging, subgroups, intercepts] = law;
  return {horizon,
          horizon_ticks,
          reference,
          solves_intercepts,
          {},
          scores,
          {},
          {},
          pathways,
          spontaneous_remission,
          spontaneous_relapse,
          gap_return,
          remits_in_gaps,
          resistance,
          mortality,
          accrual,
          keeps_history,
          prior_failed_trials,
          misdiagnosed,
          staging,
          subgroups,
          intercepts};
}

bool have_same_shape(const PathwayLaw& one, const PathwayLaw& other) {
  if (one.size() != other.size()) return false;
  for (std::size_t s = 0; s < one.size(); ++s) {
    if (one[s].arms.size() != other[s].arms.size() ||
        one[s].selective != other[s].selective)
      return false;
    for (std::size_t a = 0; a < one[s].arms.size(); ++a)
      if (one[s].arms[a].origin != other[s].arms[a].origin) return false;
  }
  return true;
}

}  // namespace

LawOfVariants::LawOfVariants(const Law& base)
    : base_(base), base_rest_(rest_of(base)), law_(base) {}

// All but the tables.
std::vector<std::byte> LawOfVariants::rest_of(const Law& law) const {
  return bytes_of(without_tables(law));
}

bool LawOfVariants::add(const Law& variant, std::size_t number) {
  const std::size_t pathways = base_.pathways.size(),
                    times_before = law_.times.size(),
                    survivals_before = law_.survivals.size();
  if (variant.pathways.size() != pathways ||
      variant.keeps_history != base_.keeps_history ||
      variant.mortality.has_value() != base_.mortality.has_value() ||
      variant.accrual.has_value() != base_.accrual.has_value() ||
      variant.staging.has_value() != base_.staging.has_value() ||
      !are_equal(variant.cohort, base_.cohort) ||
      !(variant.scores == base_.scores))
    return false;
  for (std::size_t p = 0; p < pathways; ++p)
    if (!have_same_shape(variant.pathways[p], base_.pathways[p])) return false;

  Law rest = without_tables(variant);
  TimeNumbers times(variant.times, law_.times),
      survivals(variant.survivals, law_.survivals);
  renumber(rest, times, survivals);
  std::vector<PathwayLaw> changed = rest.pathways;
  std::vector<ChangedPathway> changes;
  for (std::size_t p = 0; p < pathways; ++p) {
    ChangedPathway change{number, p, law_.pathways.size() + changes.size(), {}};
    bool any = false;
    for (std::size_t s = 0; s < rest.pathways[p].size(); ++s) {
      change.arms.emplace_back();
      for (std::size_t a = 0; a < rest.pathways[p][s].arms.size(); ++a) {
        change.arms.back().push_back(take_over_changes(
            base_.pathways[p][s].arms[a], rest.pathways[p][s].arms[a]));
        any = any || change.arms.back().back().any();
      }
    }
    if (any) changes.push_back(std::move(change));
  }
  if (law_.times.size() != times_before || bytes_of(rest) != base_rest_) {
    law_.times.resize(times_before);
    law_.survivals.resize(survivals_before);
    return false;
  }
  for (ChangedPathway& change : changes) {
    law_.pathways.push_back(std::move(changed[change.row]));
    changes_.push_back(std::move(change));
  }
  return true;
}

}  // namespace stardsim

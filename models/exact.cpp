#include "models/exact.hpp"

#include "models/exact_course.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace stardsim {
namespace {

// Up to this horizon a grid of one tick is affordable; beyond it, a grid of at
// most so many points, which is still finer than the tables of a Survival.
constexpr std::uint32_t longest_on_ticks = 260;  // weeks
constexpr std::uint64_t most_points = 1 << 16;

[[noreturn]] void refuse(const std::string& reason) {
  throw std::domain_error(reason +
                          "; the exact answer exists only for patients alike");
}

// A chance without covariates may still depend on how the attempt goes.
void require_alike(const Law& law, const Chance& chance,
                   const std::string& what) {
  if (chance.differs() && !law.scores.at(chance.score).terms.empty())
    refuse("patients differ in their chance of " + what);
}

bool asks_for_failures(const Test& test) {
  return test.fact == Condition::Fact::failed_trials ||
         test.fact == Condition::Fact::adequate_failed_trials;
}

void require_alike(const Law& law, const ArmLaw& arm) {
  for (const Chance& chance : arm.remission)
    require_alike(law, chance, "remission");
  require_alike(law, arm.partial_response, "partial response");
  require_alike(law, arm.intolerance, "intolerance");
  require_alike(law, arm.adherence, "adherence");
  for (const AfterLaw* after :
       {&arm.after_no_response, &arm.after_partial_response,
        &arm.after_intolerance})
    require_alike(law, after->stay, "staying in care");
  for (const FollowUpLaw* follow_up :
       {&arm.follow_up_remitted, &arm.follow_up_not_remitted})
    if (follow_up->relapse_score != nothing)
      refuse("patients differ in their hazard of relapse");
  for (const auto& all : arm.eligible)
    for (const Test& test : all) {
      if (test.fact == Condition::Fact::covariate)
        refuse("eligibility asks for a covariate");
      if (asks_for_failures(test) && law.prior_failed_trials != nothing)
        refuse("patients differ in the trials that failed before entry");
    }
}

bool can_come_back(const FollowUpLaw& law) {
  return law.same_step > law.next_step;
}

bool can_be_offered_twice(const StepLaw& step) {
  return std::any_of(step.arms.begin(), step.arms.end(), [](const ArmLaw& arm) {
    return can_come_back(arm.follow_up_remitted) ||
           can_come_back(arm.follow_up_not_remitted);
  });
}

// Access is for life: where it is asked for more than once, patients with and
// without it are followed apart.
struct Access {
  std::size_t offers = 0;
  std::vector<Cut> cuts;  // ascending
};

std::map<std::uint32_t, Access> shared_access(const PathwayLaw& steps) {
  std::map<std::uint32_t, Access> all;
  for (const StepLaw& step : steps)
    for (const ArmLaw& arm : step.arms) {
      if (arm.access == certain || arm.access == impossible) continue;
      Access& access = all[arm.offered];
      access.offers += can_be_offered_twice(step) ? 2 : 1;
      access.cuts.push_back(arm.access);
    }
  for (auto& [visit, access] : all) {
    std::sort(access.cuts.begin(), access.cuts.end());
    access.cuts.erase(std::unique(access.cuts.begin(), access.cuts.end()),
                      access.cuts.end());
  }
  std::erase_if(all, [](const auto& entry) { return entry.second.offers < 2; });
  return all;
}

// Patients who have access to the same treatments.
struct AlikeInAccess {
  PathwayLaw steps;
  double share;
};

constexpr std::size_t most_kinds = 256;

std::vector<AlikeInAccess> by_access(const PathwayLaw& steps) {
  std::vector<AlikeInAccess> kinds{{steps, 1}};
  for (const auto& [visit, access] : shared_access(steps)) {
    if (kinds.size() * (access.cuts.size() + 1) > most_kinds)
      refuse(
          "too many treatments that not everybody has access to are offered "
          "twice");
    std::vector<AlikeInAccess> split;
    for (const AlikeInAccess& kind : kinds)
      for (std::size_t i = 0; i <= access.cuts.size(); ++i) {
        // The patient's word lies below the i-th cut and not below those
        // before.
        const double from = i == 0 ? 0 : probability_below(access.cuts[i - 1]);
        const double to =
            i == access.cuts.size() ? 1 : probability_below(access.cuts[i]);
        split.push_back({kind.steps, kind.share * (to - from)});
        for (StepLaw& step : split.back().steps)
          for (ArmLaw& arm : step.arms)
            if (arm.offered == visit && arm.access != certain &&
                arm.access != impossible)
              arm.access =
                  i < access.cuts.size() && arm.access >= access.cuts[i]
                      ? certain
                      : impossible;
      }
    kinds = std::move(split);
  }
  return kinds;
}

// The coarsest grid that holds every time.
Ticks exact_grid(const Law& law) {
  Ticks bits = ticks_per_week;
  for (const auto* laws : {&law.times, &law.survivals})
    for (const TimeLaw& time : *laws)
      for (const Ticks tick : time.tick) bits |= tick;
  return Ticks{1} << std::countr_zero(bits);
}

Ticks affordable_grid(const Law& law) {
  if (law.horizon <= longest_on_ticks) return 1;
  Ticks grid = 1;
  const std::uint64_t horizon = std::uint64_t{law.horizon}
                                << log2_ticks_per_week;
  while (horizon / grid > most_points && grid < ticks_per_week) grid *= 2;
  return grid;
}

}  // namespace

void require_patients_alike(const Law& law) {
  if (has_further_events(law))
    throw std::domain_error(
        "the exact answer exists only without deaths, extension phases, "
        "competing outcomes, adverse events and other additions to steps, "
        "follow-up and gaps");
  for (const PathwayLaw& steps : law.pathways) {
    for (const StepLaw& step : steps)
      for (const ArmLaw& arm : step.arms) require_alike(law, arm);
    by_access(steps);
  }
}

Expectation expect(const Law& law) {
  const Ticks exact = exact_grid(law);
  // Acute steps end; only what may come at any time fills the whole grid.
  return expect(law, law.survivals.empty()
                         ? exact
                         : std::max(exact, affordable_grid(law)));
}

Expectation expect(const Law& law, Ticks grid) {
  require_patients_alike(law);
  const Ticks law_grid = exact_grid(law);
  TimesOnGrid times(law, grid, law_grid);
  Convolver convolver;
  Expectation expectation;
  expectation.grid_ticks = grid;
  expectation.grid_is_exact = grid <= law_grid;
  for (const PathwayLaw& steps : law.pathways) {
    ExactCourse all(times, convolver, steps, false);
    all.run(steps, 1);
    ExactCourse observed(times, convolver, steps, true);
    for (const AlikeInAccess& kind : by_access(steps))
      observed.run(kind.steps, kind.share);
    observed.finish();
    expectation.pathways.push_back(
        {{std::move(all.table), std::move(observed.table)},
         std::move(observed.later)});
  }
  return expectation;
}

}  // namespace stardsim

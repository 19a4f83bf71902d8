// Incremental re-simulation gives what full runs give, to the last bit.
#include "sim/core/variants.hpp"

#include "tests/equal.hpp"
#include "tests/scenarios.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <utility>
#include <vector>

using namespace stardsim;
using namespace stardsim::test;

namespace {

using Change = std::function<void(Chance&)>;

// To this probability; that of a patient by the same step in log odds.
Change to(double probability) {
  return [=](Chance& chance) {
    if (chance.differs()) {
      const double there = std::clamp(probability, 0.001, 0.999);
      const double here = std::clamp(chance.probability, 0.001, 0.999);
      chance.intercept +=
          static_cast<float>(std::log(there / (1 - there) * (1 - here) / here));
      chance.probability = there;  // neither 0 nor 1 by log odds
    } else {
      chance.cut = to_cut(static_cast<long double>(probability));
      chance.probability = probability;
    }
  };
}

// Higher or lower, a little or much, never, always.
std::vector<Change> changes() {
  std::vector<Change> made{to(0), to(1)};
  for (const double by : {-0.2, -0.003, 0.003, 0.2})
    made.push_back([by](Chance& chance) {
      to(std::clamp(chance.probability + by, 0.0, 1.0))(chance);
    });
  return made;
}

using Chances = std::function<std::vector<Chance*>(ArmLaw&)>;

std::vector<Chances> all_chances() {
  return {[](ArmLaw& arm) {
            std::vector<Chance*> all;
            if (!arm.risks.empty()) return all;  // these decide instead
            for (auto* by_line : {&arm.remission, &arm.remission_if_new_class})
              for (Chance& chance : *by_line) all.push_back(&chance);
            return all;
          },
          [](ArmLaw& arm) {
            return arm.partial_response.is_possible()
                       ? std::vector<Chance*>{&arm.partial_response}
                       : std::vector<Chance*>{};
          },
          [](ArmLaw& arm) {
            return arm.intolerance.is_possible()
                       ? std::vector<Chance*>{&arm.intolerance}
                       : std::vector<Chance*>{};
          },
          [](ArmLaw& arm) {
            std::vector<Chance*> all;
            for (AfterLaw* after :
                 {&arm.after_no_response, &arm.after_partial_response,
                  &arm.after_intolerance})
              if (!after->everybody_continues()) all.push_back(&after->stay);
            return all;
          }};
}

// Wherever the arm stands.
template <class Function>
void for_arm(Law& law, std::size_t origin, const Function& change) {
  for (PathwayLaw& pathway : law.pathways)
    for (StepLaw& step : pathway)
      for (ArmLaw& arm : step.arms)
        if (arm.origin == origin) change(arm);
}

std::vector<std::size_t> origins(const Law& law) {
  std::vector<std::size_t> all;
  for (const PathwayLaw& pathway : law.pathways)
    for (const StepLaw& step : pathway)
      for (const ArmLaw& arm : step.arms)
        if (std::find(all.begin(), all.end(), arm.origin) == all.end())
          all.push_back(arm.origin);
  return all;
}

Law with_changed(Law law, std::size_t origin, const Chances& chances,
                 const Change& change, bool& any) {
  for_arm(law, origin, [&](ArmLaw& arm) {
    for (Chance* chance : chances(arm)) {
      change(*chance);
      any = true;
    }
  });
  return law;
}

// What follows remission: more or fewer enter follow-up, relapse comes earlier
// or later, leads elsewhere.
std::vector<Law> followed_otherwise(const Law& base, std::size_t origin) {
  Law enters = base, earlier = base, elsewhere = base, onward = base;
  for_arm(enters, origin,
          [](ArmLaw& arm) { arm.follow_up_if_remitted = to_cut(0.7L); });
  bool relapses = false, goes = false;
  for_arm(earlier, origin, [&](ArmLaw& arm) {
    for (FollowUpLaw* law :
         {&arm.follow_up_remitted, &arm.follow_up_not_remitted})
      for (std::size_t* time : {&law->relapse, &law->drop_out}) {
        if (*time == nothing) continue;
        TimeLaw other = earlier.survivals[*time];
        if (other.cut.empty()) continue;
        other.cut.pop_back();
        other.tick.erase(other.tick.begin());
        *time = earlier.survivals.size();
        earlier.survivals.push_back(other);
        relapses = true;
      }
  });
  for_arm(elsewhere, origin, [&](ArmLaw& arm) {
    for (AfterLaw* after : {&arm.after_no_response, &arm.after_intolerance}) {
      if (after->next_of_stay == certain) continue;
      after->next_of_stay = after->next_of_stay / 2;
      goes = true;
    }
  });
  for_arm(onward, origin, [&](ArmLaw& arm) {
    FollowUpLaw& law = arm.follow_up_remitted;
    if (law.relapse == nothing || law.next_step == certain) return;
    law.next_step = law.next_step / 2;
    goes = true;
  });
  std::vector<Law> laws{enters};
  if (relapses) laws.push_back(earlier);
  if (goes) laws.insert(laws.end(), {elsewhere, onward});
  return laws;
}

std::vector<Law> variants_of(const Law& base) {
  std::vector<Law> laws;
  for (const std::size_t origin : origins(base)) {
    for (const Chances& chances : all_chances())
      for (const Change& change : changes()) {
        bool any = false;
        Law law = with_changed(base, origin, chances, change, any);
        if (any) laws.push_back(std::move(law));
      }
    for (Law& law : followed_otherwise(base, origin))
      laws.push_back(std::move(law));
  }
  return laws;
}

// At most so many, spread over all.
std::vector<Law> some_of(std::vector<Law> laws, std::size_t most) {
  std::vector<Law> some;
  const std::size_t every = (laws.size() + most - 1) / most;
  for (std::size_t i = 0; i < laws.size(); ++i)
    if (i % every == every / 2) some.push_back(std::move(laws[i]));
  return some;
}

struct Seen {
  std::size_t other = 0, in_full = 0;  ///< variants unlike the base
};

Seen check_equal(const Law& base, const std::vector<Law>& variants,
                 const RunOptions& run) {
  const VariantTallies made = simulate_variants(base, variants, run);
  REQUIRE(made.variants.size() == variants.size());
  REQUIRE(difference(made.base, simulate(base, run)) == "");
  Seen seen;
  for (std::size_t v = 0; v < variants.size(); ++v) {
    INFO("variant " << v);
    const Tally full = simulate(variants[v], run);
    REQUIRE(difference(made.variants[v], full) == "");
    const bool equal_outcomes = made.variants[v].outcomes == full.outcomes;
    REQUIRE(equal_outcomes);
    const bool other = !(full == made.base);
    if (other) REQUIRE(made.simulated_again[v] > 0);
    if (made.in_full[v]) REQUIRE(made.simulated_again[v] == run.patients);
    seen.other += other;
    seen.in_full += made.in_full[v];
  }
  return seen;
}

}  // namespace

TEST_CASE(
    "Variants of step probabilities by incremental re-simulation equal full "
    "runs to the last bit",
    "[laws][variants][slow]") {
  // The upper half of the patients' numbers changes on the way.
  const RunOptions run = cohort(4'500, (std::uint64_t{1} << 32) - 2'100);
  for (const std::string name :
       {"smoke", "stard", "stard_arms", "stard_follow_up", "stard_strata",
        "ect_by_line", "trd_third_line", "ect_timing", "ivi_mdd", "bench/job_b",
        "bench/job_b_course", "bench/job_b_covariates",
        "bench/job_b_propensity", "bench/job_b_staging"}) {
    INFO(name);
    const Law base = compile(from_file("configs/" + name + ".toml"));
    const std::vector<Law> variants = some_of(variants_of(base), 20);
    const Seen seen = check_equal(base, variants, run);
    CHECK(seen.other >= variants.size() / 4);
    CHECK(seen.in_full < variants.size() / 2);
  }
}

TEST_CASE("Variants are equal to full runs whatever else a scenario knows",
          "[laws][variants]") {
  for (const Scenario& scenario : {rich(), clinical()}) {
    const Law base = compile(scenario);
    const Seen seen =
        check_equal(base, some_of(variants_of(base), 50), cohort(5'000, 77));
    CHECK(seen.other > 25);
  }
}

TEST_CASE(
    "Variants are the same for every number of threads and instruction set",
    "[laws][variants][threads][slow]") {
  for (const char* name : {"clinical", "bench/job_b", "ect_timing"}) {
    INFO(name);
    const Law base =
        compile(std::string(name) == "clinical"
                    ? clinical()
                    : from_file("configs/" + std::string(name) + ".toml"));
    const std::vector<Law> variants = some_of(variants_of(base), 8);
    RunOptions run = cohort(67'001, 5);
    const bool is_plain = std::string(name) == "ect_timing";
    if (is_plain) run.patients = 2'001;
    run.threads = 1;
    const VariantTallies reference = simulate_variants(base, variants, run);
    for (const std::string& set : instruction_sets())
      for (const int threads : {1, 3}) {
        if (is_plain && set != instruction_sets().front()) continue;
        INFO(set << ", " << threads << " threads");
        run.threads = threads;
        run.instruction_set = set;
        const VariantTallies made = simulate_variants(base, variants, run);
        const bool equal = made.base == reference.base &&
                           made.variants == reference.variants &&
                           made.simulated_again == reference.simulated_again &&
                           made.in_full == reference.in_full;
        CHECK(equal);
      }
  }
}

TEST_CASE("Only those are simulated again whose word lies between the two cuts",
          "[laws][variants]") {
  const Law base = compile(one_step(0.3, 8)),
            higher = compile(one_step(0.35, 8)),
            lower = compile(one_step(0.29, 8));
  const RunOptions run = cohort(100'000, 11);
  const auto between = [&](double low, double high) {
    std::uint64_t count = 0;
    for (std::uint64_t i = 0; i < run.patients; ++i) {
      const std::uint32_t word = word_as_compared(
          run.luck, run.first_patient + i, Purpose::outcome, 0);
      count += word >= to_cut(low) && word < to_cut(high);
    }
    return count;
  };
  const VariantTallies made =
      simulate_variants(base, {higher, base, lower}, run);
  // Each once under the base and once under the variant.
  CHECK(made.simulated_again ==
        std::vector<std::uint64_t>{2 * between(0.3, 0.35), 0,
                                   2 * between(0.29, 0.3)});
  CHECK(made.in_full == std::vector<bool>{false, false, false});
  CHECK(difference(made.variants[0], simulate(higher, run)) == "");
  CHECK(difference(made.variants[1], made.base) == "");
}

TEST_CASE("What differs in more than probabilities is run in full",
          "[laws][variants]") {
  const Scenario scenario = from_file("configs/bench/job_b.toml");
  const Law base = compile(scenario);
  std::vector<Law> variants(4, base);
  Scenario longer = scenario, dearer = scenario;
  longer.steps[0].weeks.value = 12;
  longer.steps[0].arms[0].remission_time = gamma(3, 2.5);
  dearer.economics->discount.costs.value = 0.05;
  variants[0] = compile(longer);
  variants[1] = compile(dearer);
  // Nobody relapses: then weeks of relapse are not counted.
  variants[2].pathways[0][0].arms[0].follow_up_remitted.relapse = nothing;
  // Some leave for a gap, of which the fast form knows nothing.
  variants[3].pathways[0][0].arms[0].after_no_response.next_of_stay /= 2;
  variants.push_back(compile(rich()));
  const RunOptions run = cohort(3'000);
  const VariantTallies made = simulate_variants(base, variants, run);
  for (std::size_t v = 0; v < variants.size(); ++v) {
    INFO("variant " << v);
    CHECK(made.in_full[v]);
    CHECK(made.simulated_again[v] == run.patients);
    CHECK(difference(made.variants[v], simulate(variants[v], run)) == "");
  }
}

TEST_CASE("A variant that changes almost everybody is run in full",
          "[laws][variants]") {
  const Law base = compile(one_step(0.1, 8)), other = compile(one_step(0.9, 8));
  const VariantTallies made = simulate_variants(base, {other}, cohort(20'000));
  CHECK(made.in_full == std::vector<bool>{true});
  CHECK(difference(made.variants[0], simulate(other, cohort(20'000))) == "");
}

TEST_CASE("Variants can be interrupted and tell of progress",
          "[laws][variants]") {
  const Law base = compile(one_step(0.3, 8)),
            other = compile(one_step(0.35, 8));
  RunOptions run = cohort(300'000);
  run.threads = 1;
  std::uint64_t last = 0;
  run.progress = [&](std::uint64_t done) {
    CHECK(done >= last);
    last = done;
  };
  simulate_variants(base, {other}, run);
  CHECK(last == run.patients);
  run.stop = [] { return true; };
  CHECK_THROWS_AS(simulate_variants(base, {other}, run), Interrupted);
}

TEST_CASE("Options out of range are refused with variants as without",
          "[laws][variants]") {
  const Law base = compile(one_step(0.3, 8));
  CHECK_THROWS_AS(simulate_variants(base, {}, cohort(0)),
                  std::invalid_argument);
  RunOptions run = cohort(10);
  run.instruction_set = "abacus";
  CHECK_THROWS_AS(simulate_variants(base, {}, run), std::invalid_argument);
}

TEST_CASE("Taking away a tally undoes adding it", "[laws][variants]") {
  const Law law = compile(clinical());
  const Tally some = simulate(law, cohort(3'000)),
              others = simulate(law, cohort(2'000, 9'000));
  Tally sum = some;
  sum += others;
  sum -= others;
  CHECK(difference(sum, some) == "");
}

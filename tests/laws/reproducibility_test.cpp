// What the contract on randomness promises, for every scenario.
#include "sim/core/simulate.hpp"
#include "sim/io/results.hpp"
#include "tests/equal.hpp"
#include "tests/scenarios.hpp"

#include <catch2/catch.hpp>

using namespace stardsim;
using namespace stardsim::test;

TEST_CASE(
    "The tally is the same for 1, 2, 3 and 8 threads and for every "
    "instruction set",
    "[laws][threads]") {
  const Law law = compile(rich());
  RunOptions run = cohort(600'001);
  run.threads = 1;
  const Tally reference = simulate(law, run);
  for (const std::string& set : instruction_sets())
    for (const int threads : {1, 2, 3, 8}) {
      INFO(set << ", " << threads << " threads");
      run.threads = threads;
      run.instruction_set = set;
      CHECK(difference(simulate(law, run), reference) == "");
    }
}

TEST_CASE(
    "Every dataset has the same bytes for any threads and instruction "
    "set",
    "[laws][threads]") {
  const Scenario scenario = rich();
  const Law law = compile(scenario);
  RunOptions run = cohort(200'000);
  const auto reference = results_image(scenario, simulate(law, run), {});
  for (const std::string& set : instruction_sets())
    for (const int threads : {1, 3}) {
      INFO(set << ", " << threads << " threads");
      run.threads = threads;
      run.instruction_set = set;
      // Not compared with CHECK, which would print both files.
      const bool equal =
          results_image(scenario, simulate(law, run), {}) == reference;
      CHECK(equal);
    }
}

TEST_CASE("Scenario files give the same bytes on every instruction set",
          "[laws][threads]") {
  for (const char* const file :
       {"bench/job_a", "bench/job_b", "bench/job_b_covariates",
        "bench/job_b_propensity", "bench/job_b_staging", "stard_follow_up",
        "switch_or_augment"}) {
    const Scenario scenario =
        from_file("configs/" + std::string(file) + ".toml");
    const Law law = compile(scenario);
    RunOptions run = cohort(20'000, 777);
    const auto reference = results_image(scenario, simulate(law, run), {});
    for (const std::string& set : instruction_sets()) {
      INFO(file << ", " << set);
      run.instruction_set = set;
      const bool equal =
          results_image(scenario, simulate(law, run), {}) == reference;
      CHECK(equal);
    }
  }
}

TEST_CASE("The first 1,000 patients of 1,000,000 are the cohort of 1,000",
          "[laws]") {
  const Law law = compile(rich());
  Tally parts = simulate(law, cohort(1000));
  parts += simulate(law, cohort(999'000, 1000));
  CHECK(difference(parts, simulate(law, cohort(1'000'000))) == "");
}

TEST_CASE("A cohort cut anywhere adds up to the whole", "[laws]") {
  const Law law = compile(rich());
  const Tally whole = simulate(law, cohort(200'000));
  for (const std::uint64_t cut :
       {1u, 15u, 2047u, 2048u, 2049u, 65'537u, 199'999u}) {
    Tally parts = simulate(law, cohort(cut));
    parts += simulate(law, cohort(200'000 - cut, cut));
    CHECK(difference(parts, whole) == "");
  }
}

TEST_CASE("A pathway is the same alone and beside others", "[laws]") {
  const Scenario both = rich();
  const Tally together = simulate(compile(both), cohort(50'000));
  for (std::size_t p = 0; p < both.pathways.size(); ++p) {
    Scenario alone = both;
    alone.pathways = {both.pathways[p]};
    Tally expected;
    expected.patients = together.patients;
    expected.pathways = {together.pathways[p]};
    CHECK(difference(simulate(compile(alone), cohort(50'000)), expected) == "");
  }
}

TEST_CASE("Nobody is lost: every entrant has one outcome and goes one way",
          "[laws]") {
  const Tally tally = simulate(compile(rich()), cohort(100'000));
  for (const PathwayTally& pathway : tally.pathways)
    for (const auto& course : pathway.course) {
      std::uint64_t expected = tally.patients, remitted = 0, by_week = 0;
      for (std::size_t s = 0; s < course.arms.size(); ++s) {
        const Flow<std::uint64_t> step = course.step(s);
        CHECK(step.entered == expected);
        CHECK(step.entered == step.remission + step.partial_response +
                                  step.intolerance + step.no_response);
        expected = step.entered - step.remission - step.left_care;
        remitted += step.remission;
      }
      for (const std::uint64_t count : course.remission_by_week)
        by_week += count;
      CHECK(by_week == remitted);
    }
}

TEST_CASE("Those observed are a part of those who would continue", "[laws]") {
  const Tally tally = simulate(compile(rich()), cohort(100'000));
  for (const PathwayTally& pathway : tally.pathways) {
    const auto& [all, observed] = pathway.course;
    std::uint64_t ever_all = 0, ever_observed = 0;
    for (std::size_t w = 0; w < all.remission_by_week.size(); ++w) {
      CHECK(observed.remission_by_week[w] <= all.remission_by_week[w]);
      ever_all += all.remission_by_week[w];
      ever_observed += observed.remission_by_week[w];
    }
    CHECK(ever_observed < ever_all);
  }
}

TEST_CASE("A higher probability of remission takes remission from nobody",
          "[laws]") {
  // The word of the outcome is common, so that a patient who remits at 0.30
  // remits at 0.31 as well: one patient at a time.
  const Law low = compile(one_step(0.30, 8)), high = compile(one_step(0.31, 8));
  std::uint64_t gained = 0;
  for (std::uint64_t patient = 0; patient < 2000; ++patient) {
    const auto before =
        simulate(low, cohort(1, patient)).pathways[0].course[0].step(0);
    const auto after =
        simulate(high, cohort(1, patient)).pathways[0].course[0].step(0);
    REQUIRE(before.remission <= after.remission);
    gained += after.remission - before.remission;
  }
  // Expected 20 of 2,000, standard error 4.4.
  CHECK(gained > 2);
  CHECK(gained < 38);
}

TEST_CASE("Another seed and another draw are other luck", "[laws]") {
  const Law law = compile(rich());
  const Tally reference = simulate(law, cohort(10'000));
  RunOptions other = cohort(10'000);
  other.luck.seed = 5;
  CHECK(difference(simulate(law, other), reference) != "");
  other = cohort(10'000);
  other.luck.draw = 1;
  CHECK(difference(simulate(law, other), reference) != "");
}

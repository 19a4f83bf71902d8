// The simulation held against the exact twin, over every scenario here.
#include "sim/analysis/agreement.hpp"
#include "sim/core/simulate.hpp"
#include "tests/program.hpp"
#include "tests/scenarios.hpp"

#include <boost/math/distributions/normal.hpp>
#include <catch2/catch.hpp>

#include <cmath>
#include <filesystem>
#include <map>
#include <set>
#include <stdexcept>

using namespace stardsim;
using namespace stardsim::test;

namespace {

// But the fragments that other files extend, and the targets of calibration.
std::set<std::string> all_configs() {
  std::set<std::string> names;
  const auto root = source_file("configs");
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root))
    if (entry.path().extension() == ".toml" &&
        entry.path().parent_path() != root / "cohorts" &&
        entry.path().parent_path() != root / "calibration")
      names.insert("configs/" +
                   std::filesystem::relative(entry.path(), root).string());
  return names;
}

// Why there is no exact answer; "" if there is one.
std::string why_no_twin(const Law& law) {
  try {
    require_patients_alike(law);
  } catch (const std::domain_error& why) {
    return why.what();
  }
  return "";
}

struct Worst {
  double z;
  std::size_t comparisons;
  std::string where;
};

Worst worst_of(const Scenario& scenario, const Law& law,
               const Expectation& expectation, std::uint64_t patients,
               std::uint64_t seed) {
  RunOptions run;
  run.patients = patients;
  run.luck.seed = seed;
  const auto comparisons = compare(simulate(law, run), expectation, &law);
  const Agreement& found = worst(comparisons);
  return {std::abs(found.z), comparisons.size(),
          scenario.pathways[found.pathway].name + ", " +
              name_of(found.estimand) + ", " + found.figure};
}

// What the largest of so many abs(z), however dependent, exceeds by chance with
// a probability of 1e-4 at most (Bonferroni).
double bound(std::size_t comparisons) {
  const double tail = 0.5e-4 / static_cast<double>(comparisons);
  return -boost::math::quantile(boost::math::normal(), tail);
}

// `clinical` without anything in which patients differ.
Scenario clinical_alike() {
  Scenario scenario = clinical();
  scenario.cohort.covariates.clear();
  scenario.cohort.correlations.clear();
  scenario.subgroups.clear();
  scenario.staging.reset();
  for (Step& step : scenario.steps)
    for (Arm& arm : step.arms) {
      arm.effects = {};
      std::erase_if(arm.eligible, [](const auto& conditions) {
        return conditions.front().fact == Condition::Fact::covariate;
      });
    }
  return scenario;
}

}  // namespace

TEST_CASE("The exact twin answers for the scenarios whose patients are alike",
          "[validation]") {
  std::map<std::string, std::string> reasons;
  for (const std::string& config : all_configs())
    reasons[config] = why_no_twin(compile(from_file(config)));
  for (const char* const name :
       {"stard", "stard_hrsd", "stard_arms", "stard_follow_up", "ect_by_line",
        "switch_or_augment", "smoke", "bench/job_a", "bench/job_b",
        "bench/job_b_course", "bench/job_b_staging", "bench/psa"}) {
    INFO(name);
    REQUIRE(reasons.count("configs/" + std::string(name) + ".toml") == 1);
    CHECK(reasons.at("configs/" + std::string(name) + ".toml") == "");
  }
  for (const char* const name :
       {"anxious", "gad", "stard_strata", "stard_frailty",
        "ect_by_line_frailty", "trd_third_line", "table/patients_from_table",
        "bench/job_b_covariates", "bench/job_b_propensity"}) {
    INFO(name);
    REQUIRE(reasons.count("configs/" + std::string(name) + ".toml") == 1);
    CHECK(reasons.at("configs/" + std::string(name) + ".toml")
              .find("patients alike") != std::string::npos);
  }
  for (const char* const name :
       {"ivi_mdd", "ect_timing", "rtms_after_one_failure",
        "esketamine_third_line"}) {
    INFO(name);
    REQUIRE(reasons.count("configs/" + std::string(name) + ".toml") == 1);
    CHECK(reasons.at("configs/" + std::string(name) + ".toml")
              .find("without deaths") != std::string::npos);
  }
  // A scenario that is added belongs in one of the three lists.
  CHECK(reasons.size() == 25);
}

TEST_CASE(
    "At every week, step, arm and estimand of every scenario, 10 million "
    "patients lie as near to the exact twin as chance lets them",
    "[validation][slow]") {
  for (const std::string& config : all_configs()) {
    const Scenario scenario = from_file(config);
    const Law law = compile(scenario);
    if (!why_no_twin(law).empty()) continue;
    const Worst found =
        worst_of(scenario, law, expect(law), 10'000'000, scenario.cohort.seed);
    INFO(config << ": " << found.where);
    CHECK(found.z < bound(found.comparisons));
  }
}

TEST_CASE(
    "The whole course of patients alike agrees with its twin, with waits, "
    "gaps, follow-up, relapse, the same step again, spontaneous remission",
    "[validation]") {
  Scenario scenario = clinical_alike();
  scenario.pathways.resize(1);
  scenario.horizon = 80;
  const Law law = compile(scenario);
  const Expectation expectation = expect(law);
  CHECK(expectation.grid_is_exact);
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    const Worst found = worst_of(scenario, law, expectation, 1'000'000, seed);
    INFO("seed " << seed << ": " << found.where);
    CHECK(found.comparisons > 200);
    CHECK(found.z < bound(3 * found.comparisons));
  }
}

TEST_CASE(
    "The whole course of patients alike agrees with its twin at 10 million, "
    "for five seeds",
    "[validation][slow]") {
  const Scenario scenario = clinical_alike();
  const Law law = compile(scenario);
  const Expectation expectation = expect(law);
  for (std::uint64_t seed = 11; seed <= 15; ++seed) {
    const Worst found = worst_of(scenario, law, expectation, 10'000'000, seed);
    INFO("seed " << seed << ": " << found.where);
    CHECK(found.z < bound(5 * found.comparisons));
  }
}

TEST_CASE(
    "Over 200 seeds the distance of the later course from the twin is that of "
    "chance",
    "[validation][slow]") {
  // As below, for those in remission at the horizon, in gaps, and in
  // spontaneous remission.
  const Law law = compile(clinical_alike());
  const Expectation expectation = expect(law);
  const State states[] = {State::remitted, State::gap,
                          State::untreated_remitted};
  std::map<State, double> sum, squares;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    RunOptions run;
    run.patients = 50'000;
    run.luck.seed = seed;
    const Tally tally = simulate(law, run);
    for (const State state : states) {
      const auto s = static_cast<std::size_t>(state);
      const double z = z_score(
          tally.pathways[0].later.occupancy[s][law.horizon], run.patients,
          expectation.pathways[0].later.occupancy[s][law.horizon]);
      sum[state] += z;
      squares[state] += z * z;
    }
  }
  for (const State state : states) {
    INFO(name_of(state));
    CHECK(std::abs(sum[state] / 200) < 4 / std::sqrt(200.0));
    CHECK(std::abs(squares[state] / 200 - 1) < 4 * std::sqrt(2.0 / 200));
  }
}

TEST_CASE("A scenario with everything in it agrees with its twin at any size",
          "[validation]") {
  const Scenario scenario = rich();
  const Law law = compile(scenario);
  for (const std::uint64_t patients : {1000u, 100'000u, 1'000'000u}) {
    const Worst found = worst_of(scenario, law, expect(law), patients, 12);
    INFO(patients << " patients: " << found.where);
    CHECK(found.z < 4.5);
  }
}

TEST_CASE("Over 200 seeds the distance from the twin is that of chance",
          "[validation][slow]") {
  // z of one figure is standard normal over seeds: its mean has standard error
  // 1/sqrt(200), the mean of its square sqrt(2/200).
  const Law law = compile(rich());
  const Expectation expectation = expect(law);
  double sum = 0, squares = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    RunOptions run;
    run.patients = 100'000;
    run.luck.seed = seed;
    const Tally tally = simulate(law, run);
    const double z =
        z_score(tally.pathways[0].course[1].step(1).remission, run.patients,
                expectation.pathways[0].course[1].step(1).remission);
    sum += z;
    squares += z * z;
  }
  CHECK(std::abs(sum / 200) < 4 / std::sqrt(200.0));
  CHECK(std::abs(squares / 200 - 1) < 4 * std::sqrt(2.0 / 200));
}

// The simulation held against the exact twin, over every scenario here.
#include "sim/analysis/agreement.hpp"
#include "sim/core/simulate.hpp"
#include "tests/program.hpp"
#include "tests/scenarios.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <set>

using namespace stardsim;
using namespace stardsim::test;

namespace {

std::set<std::string> all_configs() {
  std::set<std::string> names;
  const auto root = source_file("configs");
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root))
    if (entry.path().extension() == ".toml")
      names.insert("configs/" +
                   std::filesystem::relative(entry.path(), root).string());
  return names;
}

double worst_z(const Scenario& scenario, std::uint64_t patients,
               std::uint64_t seed, std::string& where) {
  const Law law = compile(scenario);
  RunOptions run;
  run.patients = patients;
  run.luck.seed = seed;
  const auto comparisons = compare(simulate(law, run), expect(law));
  const Comparison& found = worst(comparisons);
  where = scenario.pathways[found.pathway].name + ", " +
          name_of(found.estimand) + ", " + found.figure;
  return std::abs(found.z);
}

}  // namespace

TEST_CASE(
    "At every week, step, arm and estimand of every scenario, 10 million "
    "patients lie within 4.5 standard errors of the exact twin",
    "[validation][slow]") {
  const auto configs = all_configs();
  REQUIRE(configs.size() >= 5);
  for (const std::string& config : configs) {
    const Scenario scenario = from_file(config);
    std::string where;
    const double z = worst_z(scenario, 10'000'000, scenario.cohort.seed, where);
    INFO(config << ": " << where);
    CHECK(z < 4.5);
  }
}

TEST_CASE("A scenario with everything in it agrees with its twin at any size",
          "[validation]") {
  for (const std::uint64_t patients : {1000u, 100'000u, 1'000'000u}) {
    std::string where;
    const double z = worst_z(rich(), patients, 12, where);
    INFO(patients << " patients: " << where);
    CHECK(z < 4.5);
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

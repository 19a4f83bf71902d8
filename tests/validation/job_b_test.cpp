// Job B (configs/bench/job_b.toml) against the answer of a weekly matrix model
// that was written apart from this program, in Python, for the bench.
#include "models/exact.hpp"
#include "sim/core/simulate.hpp"
#include "tests/scenarios.hpp"

#include <catch2/catch.hpp>

#include <cmath>

using namespace stardsim;
using namespace stardsim::test;

namespace {

constexpr auto observed = static_cast<std::size_t>(Estimand::observed);
constexpr auto remitted = static_cast<std::size_t>(State::remitted);

struct InRemission {
  std::size_t week;
  double share;
};
constexpr InRemission reference[] = {{52, 0.43659}, {104, 0.30869}};
/// Who enter steps 1 to 4 before week 104.
constexpr double entered[] = {1, 0.69532, 0.45184, 0.23823};
constexpr double last_digit = 0.5e-5;

}  // namespace

TEST_CASE(
    "Job B: the exact twin has 43.659 and 30.869 % in remission after one and "
    "two years",
    "[validation]") {
  const Law law = compile(from_file("configs/bench/job_b.toml"));
  REQUIRE(law.horizon == 104);
  const Expectation twin = expect(law);
  CHECK(twin.grid_is_exact);
  const PathwayExpectation& job = twin.pathways.at(0);
  for (const auto& [week, share] : reference)
    CHECK(job.later.occupancy[remitted][week] ==
          Approx(share).margin(last_digit));
  for (std::size_t s = 0; s < 4; ++s)
    CHECK(job.course[observed].step(s).entered ==
          Approx(entered[s]).margin(last_digit));
}

TEST_CASE("Job B: four million simulated patients are as many in remission",
          "[validation]") {
  // Standard errors 0.00025 and 0.00023; 4 of them.
  const Scenario scenario = from_file("configs/bench/job_b.toml");
  RunOptions run;
  run.patients = 4'000'000;
  run.luck.seed = scenario.cohort.seed;
  const Tally tally = simulate(compile(scenario), run);
  for (const auto& [week, share] : reference) {
    const double found =
        static_cast<double>(tally.pathways[0].later.occupancy[remitted][week]) /
        static_cast<double>(run.patients);
    CHECK(std::abs(found - share) <
          4 * std::sqrt(share * (1 - share) / 4e6) + last_digit);
  }
}

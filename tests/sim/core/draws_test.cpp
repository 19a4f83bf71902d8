#include "sim/core/draws.hpp"

#include "models/variant_law.hpp"
#include "tests/equal.hpp"
#include "tests/scenarios.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <mutex>
#include <stdexcept>
#include <string>

using namespace stardsim;
using namespace stardsim::test;

namespace {

std::map<std::uint32_t, Tally> drawn(
    const DrawOptions& options,
    const std::function<Law(std::uint32_t)>& law_of) {
  std::map<std::uint32_t, Tally> tallies;
  std::mutex taking;
  simulate_draws(options, law_of, [&](std::uint32_t draw, const Tally& tally) {
    const std::lock_guard lock(taking);
    REQUIRE(tallies.emplace(draw, tally).second);
  });
  return tallies;
}

Tally simulated(const Law& law, std::uint64_t patients, Luck luck) {
  RunOptions options;
  options.patients = patients;
  options.luck = luck;
  options.threads = 1;
  return simulate(law, options);
}

}  // namespace

TEST_CASE("A draw's tally is that of simulating its law with its luck",
          "[engine]") {
  const std::string name =
      GENERATE("configs/stard.toml", "configs/bench/job_b.toml",
               "configs/ivi_mdd.toml", "configs/stard_strata.toml");
  CAPTURE(name);
  const Law law = compile(from_file(name));
  // Plain courses are slow; others have more than one block.
  const std::uint64_t patients = needs_plain_course(law) ? 300 : 40'000;
  DrawOptions options;
  options.first = 5;
  options.count = 3;
  options.patients = patients;
  options.seed = 77;
  options.threads = 2;
  const auto tallies = drawn(options, [&](std::uint32_t) { return law; });
  REQUIRE(tallies.size() == 3);
  for (const auto& [draw, tally] : tallies)
    CHECK(difference(tally, simulated(law, patients, {77, draw})) == "");
}

TEST_CASE("With common luck a draw without spread is the deterministic run",
          "[engine]") {
  const Scenario scenario = clinical();
  const VariantLaws laws(scenario);
  DrawOptions options;
  options.count = 4;
  options.patients = 2000;
  options.seed = 3;
  options.common_luck = true;
  const Tally deterministic = simulated(compile(scenario), 2000, {3, 0});
  for (const auto& [draw, tally] : drawn(options, [&](std::uint32_t) {
         return laws.compile(scenario, Intercepts::solved);
       }))
    CHECK(difference(tally, deterministic) == "");
}

TEST_CASE("Draw 0 is the deterministic run", "[engine]") {
  const Scenario scenario = rich();
  DrawOptions options;
  options.first = 0;
  options.count = 1;
  options.patients = 5000;
  options.seed = 9;
  const auto tallies =
      drawn(options, [&](std::uint32_t) { return compile(scenario); });
  CHECK(difference(tallies.at(0), simulated(compile(scenario), 5000, {9, 0})) ==
        "");
}

TEST_CASE("Draws are the same for every number of threads",
          "[engine][threads]") {
  const Scenario scenario = from_file("configs/stard_follow_up.toml");
  const VariantLaws laws(scenario);
  const auto law_of = [&](std::uint32_t draw) {
    Scenario variant = scenario;
    variant.steps[0].arms[0].remission.value = 0.2 + 0.02 * draw;
    return laws.compile(variant, Intercepts::solved);
  };
  DrawOptions options;
  options.count = 7;
  options.patients = 3000;
  options.threads = 1;
  const auto one = drawn(options, law_of);
  for (const int threads : {2, 3}) {
    options.threads = threads;
    CHECK(drawn(options, law_of) == one);
  }
}

TEST_CASE("Draws out of range are refused, and draws can be stopped",
          "[engine]") {
  const Law law = compile(one_step(0.3, 10));
  const auto law_of = [&](std::uint32_t) { return law; };
  DrawOptions options;
  options.count = 1;
  options.patients = 0;
  CHECK_THROWS_AS(drawn(options, law_of), std::invalid_argument);
  options.patients = 10;
  options.first = (1u << 24) - 1;
  CHECK(drawn(options, law_of).size() == 1);
  options.count = 2;
  CHECK_THROWS_AS(drawn(options, law_of), std::invalid_argument);
  options.first = 1;
  options.stop = [] { return true; };
  CHECK_THROWS_AS(drawn(options, law_of), Interrupted);
}

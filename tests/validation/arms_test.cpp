// The arms of STAR*D's levels 2 to 4 as simulated: shares, remission and
// intolerance as published, and the pools that papers compare. 1,000,000
// patients, the file's seed, bounds of 4 standard errors.
#include "sim/core/simulate.hpp"
#include "tests/scenarios.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

using namespace stardsim;
using namespace stardsim::test;

namespace {

constexpr std::size_t observed = 1;  // course

PathwayTally run(const std::string& file) {
  const Scenario scenario = from_file(file);
  RunOptions options;
  options.patients = 1'000'000;
  options.luck.seed = scenario.cohort.seed;
  return simulate(compile(scenario), options).pathways[0];
}

// Per cent as printed: N, QIDS-SR16 remission, intolerance (0: unpublished).
// Rush 2006, Trivedi 2006 (NEJM), Thase 2007; Fava 2006, Nierenberg 2006;
// McGrath 2006; in the order of the file.
struct PublishedArm {
  const char* arm;
  double n, remission, intolerance;
};
const std::vector<std::vector<PublishedArm>> levels{
    {{"switch_bupropion", 239, 25.5, 27.2},
     {"switch_sertraline", 238, 26.6, 21.0},
     {"switch_venlafaxine", 250, 25.0, 21.2},
     {"switch_cognitive_therapy", 62, 30.6, 0},
     {"add_bupropion", 279, 39.0, 12.5},
     {"add_buspirone", 286, 32.9, 20.6},
     {"add_cognitive_therapy", 85, 30.8, 0}},
    {{"switch_mirtazapine", 114, 8.0, 33.3},
     {"switch_nortriptyline", 121, 12.4, 34.7},
     {"add_lithium", 69, 13.2, 23.2},
     {"add_t3", 73, 24.7, 9.6}},
    {{"switch_tranylcypromine", 58, 13.8, 41.4},
     {"venlafaxine_mirtazapine", 51, 15.7, 21.6}}};

void check_share(std::uint64_t events, std::uint64_t of, double expected) {
  const auto n = static_cast<double>(of);
  CHECK(std::abs(static_cast<double>(events) / n - expected) <
        4 * std::sqrt(expected * (1 - expected) / n));
}

}  // namespace

TEST_CASE(
    "The arms of levels 2 to 4 are given, remit and are not tolerated as often "
    "as published",
    "[validation]") {
  const Scenario scenario = from_file("configs/stard_arms.toml");
  const PathwayTally tally = run("configs/stard_arms.toml");
  for (std::size_t l = 0; l < levels.size(); ++l) {
    const auto& arms = tally.course[observed].arms[l + 1];
    REQUIRE(arms.size() == levels[l].size());
    const auto whole = tally.course[observed].step(l + 1);
    double n = 0;
    for (const PublishedArm& arm : levels[l]) n += arm.n;
    for (std::size_t a = 0; a < arms.size(); ++a) {
      const PublishedArm& published = levels[l][a];
      INFO(published.arm);
      CHECK(scenario.steps[l + 1].arms[a].name == published.arm);
      check_share(arms[a].entered, whole.entered, published.n / n);
      check_share(arms[a].remission, arms[a].entered,
                  published.remission / 100);
      if (published.intolerance == 0)
        CHECK(arms[a].intolerance == 0);
      else
        check_share(arms[a].intolerance, arms[a].entered,
                    published.intolerance / 100);
    }
  }
}

TEST_CASE(
    "At level 2, 25.7 % of the drug switches and 35.9 % of the drug "
    "augmentations remit, 23.1 and 16.6 % are not tolerated",
    "[validation]") {
  const PathwayTally tally = run("configs/stard_arms.toml");
  const auto& arms = tally.course[observed].arms[1];
  Flow<std::uint64_t> switched, augmented;
  for (const std::size_t a : {0, 1, 2}) switched += arms[a];
  for (const std::size_t a : {4, 5}) augmented += arms[a];
  // Pools of the printed rates, by hand; to one digit they are the titles'.
  check_share(switched.remission, switched.entered, 0.256882);
  check_share(augmented.remission, augmented.entered, 0.359122);
  check_share(switched.intolerance, switched.entered, 0.231070);
  check_share(augmented.intolerance, augmented.entered, 0.166002);
  check_share(switched.entered, tally.course[observed].step(1).entered,
              727.0 / 1439);
  check_share(augmented.entered, tally.course[observed].step(1).entered,
              565.0 / 1439);
}

TEST_CASE(
    "By equipoise strata, level 2 is given as often as published to within "
    "half a point",
    "[validation]") {
  const PathwayTally tally = run("configs/stard_strata.toml");
  const auto& arms = tally.course[observed].arms[1];
  const auto whole =
      static_cast<double>(tally.course[observed].step(1).entered);
  const auto share = [&](std::initializer_list<std::size_t> which) {
    double sum = 0;
    for (const std::size_t a : which)
      sum += static_cast<double>(arms[a].entered);
    return sum / whole;
  };
  CHECK(share({0, 1, 2}) == Approx(727.0 / 1439).margin(0.005));
  CHECK(share({4, 5}) == Approx(565.0 / 1439).margin(0.005));
  CHECK(share({3, 6}) == Approx(147.0 / 1439).margin(0.005));
  CHECK(share({3}) == Approx(62.0 / 1439).margin(0.005));
  CHECK(share({6}) == Approx(85.0 / 1439).margin(0.005));
  // Equal chances among what is accepted: nobody is without an arm.
  std::uint64_t given = 0;
  for (const auto& arm : arms) given += arm.entered;
  CHECK(given == tally.course[observed].step(1).entered);
}

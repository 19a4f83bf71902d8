#include "models/variant_law.hpp"

#include "models/parameters.hpp"
#include "tests/scenarios.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

using namespace stardsim;
using namespace stardsim::test;

namespace {

/// A third of the numbers a little nearer to 0.
Scenario varied(const Scenario& scenario, std::mt19937& random) {
  const double factor =
      1 - 0.1 * static_cast<double>(random() % 1000 + 1) / 1000;
  std::vector<Setting> settings;
  for (const Parameter& parameter : parameters_of(scenario)) {
    const std::string& key = parameter.evidence.key;
    const double value = parameter.evidence.value;
    const auto is_about = [&](const char* word) {
      return key.find(word) != std::string::npos;
    };
    // Lengths move what stands at the ends of steps; of a list no number may
    // fall below the one before.
    if (value == 0 || value == 1 || is_about("weeks") ||
        is_about("probabilities") || is_about("correlation") ||
        is_about("covariates"))
      continue;
    if (random() % 3 == 0) settings.push_back({key, value * factor});
  }
  REQUIRE(!settings.empty());
  return with(scenario, settings);
}

std::vector<Chance> solved_chances(const Law& law) {
  std::vector<Chance> all;
  const auto add = [&](const Chance& chance) { all.push_back(chance); };
  for (const PathwayLaw& pathway : law.pathways)
    for (const StepLaw& step : pathway)
      for (const ArmLaw& arm : step.arms) {
        add(arm.adherence);
        for (const Chance& remission : arm.remission) add(remission);
        add(arm.partial_response);
        add(arm.intolerance);
        add(arm.after_no_response.stay);
        add(arm.after_partial_response.stay);
        add(arm.after_intolerance.stay);
      }
  return all;
}

/// The largest distance of intercepts that patients have in both.
double furthest(const Law& one, const Law& other) {
  const auto these = solved_chances(one), those = solved_chances(other);
  REQUIRE(these.size() == those.size());
  double most = 0;
  for (std::size_t i = 0; i < these.size(); ++i) {
    REQUIRE(these[i].differs() == those[i].differs());
    if (these[i].differs())
      most = std::max<double>(
          most, std::abs(these[i].intercept - those[i].intercept));
  }
  return most;
}

}  // namespace

TEST_CASE("A variant's law has the bytes of compiling it afresh",
          "[models][slow]") {
  const std::string name = GENERATE(
      "configs/smoke.toml", "configs/stard.toml", "configs/stard_arms.toml",
      "configs/stard_follow_up.toml", "configs/trd_third_line.toml",
      "configs/ect_timing.toml", "configs/ivi_mdd.toml",
      "configs/esketamine_third_line.toml", "configs/gad.toml");
  CAPTURE(name);
  const Scenario base = from_file(name);
  const VariantLaws laws(base);
  CHECK(bytes_of(laws.base()) == bytes_of(compile(base)));
  CHECK(bytes_of(laws.compile(base, Intercepts::solved)) ==
        bytes_of(laws.base()));
  if (laws.base().intercepts.solved > 0) return;
  std::mt19937 random(1);
  for (int i = 0; i < 3; ++i) {
    const Scenario variant = varied(base, random);
    CHECK(bytes_of(laws.compile(variant, Intercepts::solved)) ==
          bytes_of(compile(variant)));
    CHECK(bytes_of(laws.compile(variant, Intercepts::held)) ==
          bytes_of(compile(variant)));
  }
}

TEST_CASE("Times drawn anew have the bytes of compiling them afresh",
          "[models]") {
  const Scenario base = clinical();
  Scenario variant = base;
  const VariantLaws laws(base);
  const auto all = [&](const auto& change) {
    for (Step& step : variant.steps)
      for (Arm& arm : step.arms) change(arm);
  };
  all([](Arm& arm) {
    for (FollowUp* follow_up :
         {&arm.follow_up_remitted, &arm.follow_up_not_remitted}) {
      follow_up->relapse = by_week(0.37, 40);
      follow_up->drop_out =
          Survival{WeibullSurvival{number(1.3), number(70)}, false, "", "", ""};
    }
    arm.remission_time = gamma(2.5, 2.1);
  });
  // Its intercepts are those of the small population; all else is compared.
  Law quick = laws.compile(variant, Intercepts::solved);
  Law slow = compile(variant);
  REQUIRE(quick.times.size() == slow.times.size());
  REQUIRE(quick.survivals.size() == slow.survivals.size());
  for (std::size_t i = 0; i < quick.times.size(); ++i) {
    CHECK(quick.times[i].cut == slow.times[i].cut);
    CHECK(quick.times[i].tick == slow.times[i].tick);
  }
  for (std::size_t i = 0; i < quick.survivals.size(); ++i) {
    CHECK(quick.survivals[i].cut == slow.survivals[i].cut);
    CHECK(quick.survivals[i].tick == slow.survivals[i].tick);
  }
}

TEST_CASE(
    "Solved intercepts of a variant are near those of the whole "
    "population",
    "[models]") {
  const std::string name =
      GENERATE("configs/stard_frailty.toml", "configs/anxious.toml");
  CAPTURE(name);
  const Scenario base = from_file(name);
  const VariantLaws laws(base);
  CHECK(bytes_of(laws.compile(base, Intercepts::solved)) ==
        bytes_of(laws.base()));
  CHECK(bytes_of(laws.compile(base, Intercepts::held)) ==
        bytes_of(laws.base()));
  std::mt19937 random(2);
  for (int i = 0; i < 2; ++i) {
    const Scenario variant = varied(base, random);
    const Law whole = compile(variant);
    const double error =
        furthest(laws.compile(variant, Intercepts::solved), whole);
    // A probability moves by at most a quarter of its log odds; the whole
    // population's own error may be 5e-5.
    CHECK(error / 4 < 5e-5);
    // Large enough for that to mean something.
    CHECK(furthest(laws.base(), whole) > 100 * error);
  }
}

TEST_CASE("Held intercepts stay where their own rate did not change",
          "[models]") {
  const Scenario base = from_file("configs/stard_frailty.toml");
  const VariantLaws laws(base);
  const std::string key = "steps.step2.remission";
  const double was = base.steps[1].arms[0].remission.value;
  const Law variant =
      laws.compile(with(base, {{key, was * 0.9}}), Intercepts::held);
  const auto before = solved_chances(laws.base()),
             after = solved_chances(variant);
  std::size_t moved = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i].probability == after[i].probability)
      CHECK(before[i].intercept == after[i].intercept);
    else
      moved += before[i].intercept != after[i].intercept ? 1 : 0;
  }
  CHECK(moved > 0);
}

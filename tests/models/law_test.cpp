#include "models/law.hpp"

#include "tests/scenarios.hpp"

#include <catch2/catch.hpp>

#include <cmath>

using namespace stardsim;
using namespace stardsim::test;

TEST_CASE("Impossible and certain events have cuts of their own", "[models]") {
  CHECK(to_cut(0) == impossible);
  CHECK(to_cut(1) == certain);
  CHECK(probability_below(impossible) == 0);
  CHECK(probability_below(certain) == 1);
  CHECK(highest_word < certain);
  CHECK(to_cut(0.5) == 0x80000000);
  CHECK(probability_below(to_cut(0.368L)) == Approx(0.368).margin(0x1p-32));
}

TEST_CASE("Outcomes that sum to 1 leave no room for another", "[models]") {
  Scenario scenario = one_step(0.3, 10);
  scenario.steps[0].arms[0].partial_response = number(0.3);
  scenario.steps[0].arms[0].intolerance = number(0.4);
  const ArmLaw arm = compile(scenario).pathways[0][0].arms[0];
  const Cut partial =
      up_to_partial_response(arm.remission[0].cut, arm.partial_response.cut);
  CHECK(probability_below(partial) == Approx(0.6).margin(0x1p-31));
  CHECK(from_intolerance(arm.intolerance.cut) == partial);
}

TEST_CASE("Arm shares are weights that cover all words", "[models]") {
  Scenario scenario = one_step(0.3, 10);
  scenario.steps[0].arms.resize(3, scenario.steps[0].arms[0]);
  scenario.steps[0].arms[0].share = number(1);
  scenario.steps[0].arms[1].share = number(0);
  scenario.steps[0].arms[2].share = number(3);
  const auto arms = compile(scenario).pathways[0][0].arms;
  CHECK(arms[0].chosen_from == impossible);
  CHECK(probability_below(arms[0].chosen_below) == 0.25);
  CHECK(arms[1].chosen_from == arms[1].chosen_below);
  CHECK(arms[2].chosen_below == certain);
}

TEST_CASE("Nobody is lost at the last step of a pathway", "[models]") {
  Scenario scenario = one_step(0.3, 10);
  scenario.steps[0].arms[0].continue_if_not_remitted = number(0.5);
  scenario.pathways[0].steps = {0, 0};
  scenario.horizon = 20;
  const auto steps = compile(scenario).pathways[0];
  CHECK(can_part(steps));
  CHECK_FALSE(steps[0].arms[0].after_no_response.everybody_continues());
  CHECK(steps[1].arms[0].after_no_response.everybody_continues());
}

TEST_CASE("A stated continuation holds for its outcome, the general one else",
          "[models]") {
  Scenario scenario = one_step(0.3, 10);
  Arm& arm = scenario.steps[0].arms[0];
  arm.continue_if_not_remitted = number(0.5);
  arm.continue_if_intolerant = number(0.25);
  scenario.pathways[0].steps = {0, 0};
  const ArmLaw law = compile(scenario).pathways[0][0].arms[0];
  CHECK(probability_below(law.after_no_response.stay.cut) == 0.5);
  CHECK(probability_below(law.after_partial_response.stay.cut) == 0.5);
  CHECK(probability_below(law.after_intolerance.stay.cut) == 0.25);
}

TEST_CASE("A discrete time keeps the visits within the step and rescales",
          "[models]") {
  TimeDistribution time;
  time.form = DiscreteTime{{2, 4, 6, 20}, {1, 2, 1, 4}};
  const TimeLaw law = compile(time, to_ticks(14), Rounding::up);
  REQUIRE(law.tick == std::vector<Ticks>{2 * 1024, 4 * 1024, 6 * 1024});
  CHECK(probability_below(law.cut[0]) == 0.25);
  CHECK(probability_below(law.cut[1]) == 0.75);
  CHECK(law.cut[2] == certain);
}

TEST_CASE("A continuous time is exact at every tick to 2^-32", "[models]") {
  const TimeDistribution time = gamma(3, 2.554);
  const TimeLaw law = compile(time, to_ticks(14), Rounding::up);
  CHECK(law.distance <= 1.5 * 0x1p-32);
  CHECK(law.tick.back() == to_ticks(14));
  const long double whole = cumulative(time, 14);
  for (std::size_t i = 0; i < law.tick.size(); i += 997) {
    const long double week =
        static_cast<long double>(law.tick[i]) / ticks_per_week;
    CHECK(std::abs(probability_below(law.cut[i]) -
                   static_cast<double>(cumulative(time, week) / whole)) <
          0x1p-32);
  }
}

TEST_CASE("Times between two ticks are rounded up, or to the nearest",
          "[models]") {
  TimeDistribution time;
  time.form = FixedTime{number(2.0004)};  // 2048.41 ticks
  CHECK(compile(time, to_ticks(14), Rounding::up).tick.front() == 2049);
  CHECK(compile(time, to_ticks(14), Rounding::nearest).tick.front() == 2048);
  time.form = FixedTime{number(0.1 * 3)};  // a hair above 0.3
  CHECK(compile(time, to_ticks(14), Rounding::up).tick.front() == 308);
  time.form = FixedTime{number(4)};
  CHECK(compile(time, to_ticks(14), Rounding::up).tick.front() == 4096);
}

TEST_CASE("An outcome that is not stated cannot happen", "[models]") {
  const ArmLaw arm = compile(one_step(0.9999999995, 10)).pathways[0][0].arms[0];
  CHECK_FALSE(arm.intolerance.is_possible());
  CHECK_FALSE(arm.partial_response.is_possible());
  CHECK(from_intolerance(arm.intolerance.cut) == certain);
}

TEST_CASE("Equal time laws are kept once", "[models]") {
  // Remission, early exit, and the end of the step.
  CHECK(compile(from_file("configs/stard.toml")).times.size() == 3);
}

TEST_CASE("An early exit is rounded to the nearest tick", "[models]") {
  TimeDistribution time;
  time.form = ExponentialTime{number(4)};
  const TimeLaw law = compile(time, to_ticks(14), Rounding::nearest);
  CHECK(law.tick.front() == 0);
  const long double whole = cumulative(time, 14);
  for (std::size_t i = 0; i + 1 < law.tick.size(); i += 997) {
    const long double week = (law.tick[i] + 0.5L) / ticks_per_week;
    CHECK(std::abs(probability_below(law.cut[i]) -
                   static_cast<double>(cumulative(time, week) / whole)) <
          0x1p-32);
  }
}

TEST_CASE("Cuts and ticks of a time ascend", "[models]") {
  for (const double scale : {0.01, 1.0, 1000.0}) {
    const TimeLaw law = compile(gamma(0.5, scale), to_ticks(14), Rounding::up);
    REQUIRE(law.cut.size() == law.tick.size());
    for (std::size_t i = 1; i < law.cut.size(); ++i) {
      REQUIRE(law.cut[i - 1] < law.cut[i]);
      REQUIRE(law.tick[i - 1] < law.tick[i]);
    }
    CHECK(law.cut.back() == certain);
    CHECK(law.tick.front() >= 1);
  }
}

TEST_CASE("A time with nothing inside the step is refused", "[models]") {
  TimeDistribution time;
  time.form = FixedTime{number(20)};
  CHECK_THROWS_AS(compile(time, to_ticks(14), Rounding::up),
                  std::invalid_argument);
}

TEST_CASE("Equal scenarios have equal tables, others do not", "[models]") {
  const auto bytes = bytes_of(compile(one_step(0.3, 10)));
  CHECK(bytes == bytes_of(compile(one_step(0.3, 10))));
  CHECK(bytes != bytes_of(compile(one_step(0.3 + 1e-9, 10))));
}

#include "sim/core/simulate.hpp"

#include "tests/scenarios.hpp"

#include <catch2/catch.hpp>

#include <mutex>

using namespace stardsim;
using namespace stardsim::test;

TEST_CASE("Options out of range are refused", "[core]") {
  const Law law = compile(one_step(0.3, 8));
  RunOptions run;
  run.patients = 0;
  CHECK_THROWS_AS(simulate(law, run), std::invalid_argument);
  run.patients = max_patients + 1;
  CHECK_THROWS_AS(simulate(law, run), std::invalid_argument);
  run.patients = 10;
  run.first_patient = max_patients - 5;
  CHECK_THROWS_AS(simulate(law, run), std::invalid_argument);
  run.first_patient = 0;
  run.instruction_set = "abacus";
  CHECK_THROWS_AS(simulate(law, run), std::invalid_argument);
  run.instruction_set = "";
  run.luck.draw = 1u << 24;
  CHECK_THROWS_AS(simulate(law, run), std::invalid_argument);
}

TEST_CASE("A pathway of more than 64 steps is refused", "[core]") {
  Scenario scenario = one_step(0.3, 1);
  scenario.pathways[0].steps.assign(65, 0);
  scenario.horizon = 65;
  CHECK_THROWS_AS(simulate(compile(scenario), {}), std::invalid_argument);
}

TEST_CASE("A run that is asked to stop says so and gives no tally", "[core]") {
  RunOptions run;
  run.patients = 10'000'000;
  run.threads = 2;
  run.stop = [] { return true; };
  CHECK_THROWS_AS(simulate(compile(one_step(0.3, 8)), run), Interrupted);
}

TEST_CASE("A fault on any thread reaches the caller", "[core]") {
  RunOptions run;
  run.patients = 1'000'000;
  run.threads = 2;
  run.stop = []() -> bool { throw std::runtime_error("planted"); };
  CHECK_THROWS_WITH(simulate(compile(one_step(0.3, 8)), run), "planted");
}

TEST_CASE("Progress grows to all patients at most", "[core][threads]") {
  RunOptions run;
  run.patients = 1'000'000;
  run.threads = 1;
  std::uint64_t last = 0;
  run.progress = [&](std::uint64_t done) {
    CHECK(done > last);
    last = done;
  };
  simulate(compile(one_step(0.3, 8)), run);
  CHECK(last == run.patients);
}

TEST_CASE("No more threads are started than there is work for", "[core]") {
  RunOptions run;
  run.patients = 100;
  run.threads = 8;
  RunFacts facts;
  simulate(compile(one_step(0.3, 8)), run, &facts);
  CHECK(facts.threads == 1);
  CHECK(facts.instruction_set == instruction_sets().front());
}

TEST_CASE("Every machine has the one-lane form", "[core]") {
  CHECK(instruction_sets().back() == "one-lane");
}

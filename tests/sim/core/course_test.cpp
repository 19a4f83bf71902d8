#include "sim/core/book.hpp"
#include "sim/core/life.hpp"
#include "sim/core/simulate.hpp"
#include "tests/equal.hpp"
#include "tests/scenarios.hpp"

#include <catch2/catch.hpp>

#include <sstream>

using namespace stardsim;
using namespace stardsim::test;

namespace {

// The plain form, and its lives counted one by one.
Tally plain_tally(const Law& law, const RunOptions& run) {
  const Engine engine(law);
  Tally tally(law);
  tally.patients = run.patients;
  for (std::uint64_t i = 0; i < run.patients; ++i)
    for (std::size_t p = 0; p < law.pathways.size(); ++p)
      for (std::size_t course = 0; course < course_count; ++course)
        count_life(
            engine, p, course,
            live(engine, run.luck, run.first_patient + i, p, course == 0),
            tally.pathways[p]);
  return tally;
}

}  // namespace

TEST_CASE(
    "The course is what a plain reading of the law gives, patient by "
    "patient",
    "[core]") {
  for (const Scenario& scenario : {rich(), clinical()}) {
    INFO(scenario.title);
    const Law law = compile(scenario);
    RunOptions run;
    run.luck = {20061101, 3};
    run.patients = 5000;
    run.first_patient = 777;
    const Tally plain = plain_tally(law, run);
    for (const std::string& set : instruction_sets()) {
      INFO(set);
      run.instruction_set = set;
      CHECK(difference(simulate(law, run), plain) == "");
    }
  }
}

TEST_CASE("Patients beyond 2^32 have their own luck", "[core]") {
  const Law law = compile(clinical());
  RunOptions run;
  run.patients = 2000;
  run.first_patient = (std::uint64_t{1} << 33) - 1000;
  CHECK(difference(simulate(law, run), plain_tally(law, run)) == "");
  RunOptions low = run;
  low.first_patient = 0;
  CHECK(difference(simulate(law, run), simulate(law, low)) != "");
}

TEST_CASE("The last of 2^40 patients can be simulated", "[core]") {
  const Law law = compile(clinical());
  RunOptions run;
  run.patients = 1;
  run.first_patient = max_patients - 1;
  CHECK(difference(simulate(law, run), plain_tally(law, run)) == "");
}

TEST_CASE("Certain remission reaches everybody, impossible nobody", "[core]") {
  RunOptions run;
  run.patients = 100'000;
  const auto all = simulate(compile(one_step(1, 8)), run);
  CHECK(all.pathways[0].course[0].step(0).remission == 100'000);
  const auto nobody = simulate(compile(one_step(0, 8)), run);
  CHECK(nobody.pathways[0].course[0].step(0).remission == 0);
  CHECK(nobody.pathways[0].course[0].step(0).no_response == 100'000);
}

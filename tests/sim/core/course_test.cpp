#include "sim/core/simulate.hpp"
#include "tests/equal.hpp"
#include "tests/scenarios.hpp"

#include <catch2/catch.hpp>

#include <sstream>

using namespace stardsim;
using namespace stardsim::test;

namespace {

std::uint32_t draw(Luck luck, std::uint64_t patient, Purpose purpose,
                   std::uint32_t visit) {
  return std::min(word(luck, patient, purpose, visit), highest_word);
}

Ticks time_of(const TimeLaw& law, std::uint32_t drawn) {
  std::size_t i = 0;
  while (law.cut[i] <= drawn) ++i;
  return law.tick[i];
}

// One patient on one pathway, as the design tells it, in the plainest words.
void walk(const Law& law, const PathwayLaw& steps, Luck luck,
          std::uint64_t patient, PathwayTally& tally) {
  Ticks clock = 0;
  bool in_care = true;
  for (std::uint32_t visit = 0; visit < steps.size(); ++visit) {
    const auto by = [&](Purpose purpose) {
      return draw(luck, patient, purpose, visit);
    };
    std::size_t a = 0;
    while (by(Purpose::arm) >= steps[visit].arms[a].chosen_below) ++a;
    const ArmLaw& arm = steps[visit].arms[a];
    std::vector<Flow<std::uint64_t>*> flows{&tally.course[0].arms[visit][a]};
    if (in_care) flows.push_back(&tally.course[1].arms[visit][a]);
    for (auto* flow : flows) ++flow->entered;

    const std::uint32_t outcome = by(Purpose::outcome);
    if (outcome < arm.remission) {
      const Ticks time =
          time_of(law.times[arm.remission_time], by(Purpose::outcome_time));
      for (auto* flow : flows) {
        ++flow->remission;
        flow->remission_ticks += time;
        flow->remission_ticks_squared += Wide{time} * time;
      }
      for (std::size_t e = 0; e < flows.size(); ++e) {
        ++tally.course[e].remission_by_week[week_of(clock + time)];
        ++tally.remission_by_batch[e][patient % batch_count];
      }
      return;
    }
    Ticks spent = steps[visit].length;
    Cut stay = arm.continue_no_response;
    if (outcome < arm.partial_response) {
      stay = arm.continue_partial_response;
      for (auto* flow : flows) ++flow->partial_response;
    } else if (outcome >= arm.intolerance) {
      stay = arm.continue_intolerant;
      spent =
          time_of(law.times[arm.intolerance_time], by(Purpose::outcome_time));
      for (auto* flow : flows) ++flow->intolerance;
    } else {
      for (auto* flow : flows) ++flow->no_response;
    }
    if (in_care && by(Purpose::attrition) >= stay) {
      in_care = false;
      ++tally.course[1].arms[visit][a].left_care;
    }
    clock += spent;
  }
}

Tally plain_tally(const Law& law, const RunOptions& run) {
  Tally tally(law);
  tally.patients = run.patients;
  for (std::uint64_t i = 0; i < run.patients; ++i)
    for (std::size_t p = 0; p < law.pathways.size(); ++p)
      walk(law, law.pathways[p], run.luck, run.first_patient + i,
           tally.pathways[p]);
  return tally;
}

}  // namespace

TEST_CASE(
    "The course is what a plain reading of the law gives, patient by "
    "patient",
    "[core]") {
  const Law law = compile(rich());
  RunOptions run;
  run.luck = {20061101, 3};
  run.patients = 3000;
  run.first_patient = 777;
  for (const std::string& set : instruction_sets()) {
    INFO(set);
    run.instruction_set = set;
    CHECK(difference(simulate(law, run), plain_tally(law, run)) == "");
  }
}

TEST_CASE("Patients beyond 2^32 have their own luck", "[core]") {
  const Law law = compile(rich());
  RunOptions run;
  run.patients = 2000;
  run.first_patient = (std::uint64_t{1} << 33) - 1000;
  CHECK(difference(simulate(law, run), plain_tally(law, run)) == "");
  RunOptions low = run;
  low.first_patient = 0;
  CHECK(difference(simulate(law, run), simulate(law, low)) != "");
}

TEST_CASE("The last of 2^40 patients can be simulated", "[core]") {
  const Law law = compile(rich());
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

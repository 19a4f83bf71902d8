// STAR*D read as selection: whatever the spread of the propensity, each step
// remits at its published rate in those who enter it.
#include "sim/core/simulate.hpp"
#include "sim/io/scenario_reader.hpp"
#include "tests/program.hpp"
#include "tests/scenarios.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <string>

using namespace stardsim;
using namespace stardsim::test;

namespace {

constexpr std::size_t all = 0, observed = 1;  // courses
constexpr double published[] = {0.368, 0.306, 0.137, 0.130};

// stard_frailty.toml with another spread.
Scenario with_spread(const Folder& folder, const std::string& spread) {
  const std::string text = "extends = \"" +
                           source_file("configs/stard_frailty.toml").string() +
                           "\"\n[propensity]\nspread = { value = " + spread +
                           ", source = \"a range\" }\n";
  return read_scenario(folder.write("spread_" + spread + ".toml", text))
      .scenario;
}

double standard_error(double rate, double of) {
  return std::sqrt(rate * (1 - rate) / of);
}

}  // namespace

TEST_CASE(
    "Under selection with any spread, STAR*D's steps remit at 36.8, 30.6, 13.7 "
    "and 13.0 %, and 67 % in all if nobody drops out",
    "[validation]") {
  // Solved intercepts hold a rate to this; besides, 4 standard errors.
  constexpr double solved = 5e-5;
  const Folder folder;
  for (const std::string spread : {"0", "0.5", "1.46", "3"}) {
    INFO("spread " << spread);
    const Scenario scenario = with_spread(folder, spread);
    REQUIRE(scenario.line_dependence == LineDependence::frailty);
    RunOptions options;
    options.patients = 1'000'000;
    options.luck.seed = scenario.cohort.seed;
    const PathwayTally tally = simulate(compile(scenario), options).pathways[0];
    for (const std::size_t course : {all, observed})
      for (std::size_t s = 0; s < 4; ++s) {
        INFO("step " << s + 1);
        const auto flow = tally.course[course].step(s);
        const auto entered = static_cast<double>(flow.entered);
        CHECK(std::abs(static_cast<double>(flow.remission) / entered -
                       published[s]) <
              solved + 4 * standard_error(published[s], entered));
      }
    // Leaving care does not depend on the propensity, so that the product of
    // the rates is still the answer to the trial's own question.
    double ever = 0;
    for (const auto count : tally.course[all].remission_by_week)
      ever += static_cast<double>(count);
    CHECK(std::abs(ever / 1e6 - 0.670689) <
          2 * solved + 4 * standard_error(0.670689, 1e6));
  }
}

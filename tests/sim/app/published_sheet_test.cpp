#include "sim/app/published_sheet.hpp"

#include "sim/core/simulate.hpp"
#include "tests/program.hpp"
#include "tests/scenarios.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace stardsim;
using namespace stardsim::test;

namespace {

// One step in which all or nobody remits, so that no figure has an error.
Sheet sheet_of(double remission, const std::vector<Published>& published) {
  Scenario scenario = one_step(remission, 8);
  scenario.published = published;
  RunOptions run;
  run.patients = 100;
  return published_sheet(scenario, simulate(compile(scenario), run));
}

Published remission_of(double value, double rounding) {
  Published figure;
  figure.label = "Remission";
  figure.what = Published::What::remission;
  figure.step = 0;
  figure.figure.value = value;
  figure.rounding = rounding;
  return figure;
}

}  // namespace

TEST_CASE("the sheet has a row for each figure: verdict, input, interval, z",
          "[app]") {
  Published near = remission_of(0.97, 0.05), far = remission_of(0.25, 0.005);
  near.is_input = true;
  far.figure.certainty = Interval{0.15, 0.346};
  const Sheet sheet = sheet_of(1, {near, far});
  REQUIRE(sheet.rows.size() == 2);
  // Standard error of the published figure: 0.196 / 3.92 = 0.05; of all of 100,
  // judged with half a patient more on either side: 0.007.
  CHECK(sheet.rows[0] == std::vector<std::string>{"Remission, %", "agrees",
                                                  "input", "97",
                                                  "100.0000 (0.0000)", "0.0"});
  CHECK(sheet.rows[1] == std::vector<std::string>{"Remission, %", "outside", "",
                                                  "25 (15 to 35)",
                                                  "100.0000 (0.0000)", "14.8"});
  CHECK(sheet.note.find("input:") != std::string::npos);
  CHECK(sheet_of(1, {far}).note.find("input:") == std::string::npos);
}

TEST_CASE("run puts the published figures beside its own, validate counts them",
          "[app]") {
  const std::string file =
      "'" + source_file("configs/stard.toml").string() + "'";
  const Outcome ran = run("stardsim run " + file + " --patients 1000");
  CHECK(ran.out.find("\nBeside the published figures\n") != std::string::npos);
  CHECK(ran.out.find("Ever in remission, as observed, %") != std::string::npos);
  CHECK(run("stardsim validate " + file)
            .out.find(": valid, 1 pathway, 4 steps, 9 published figures\n") !=
        std::string::npos);
  const Outcome without =
      run("stardsim run '" + source_file("configs/smoke.toml").string() +
          "' --patients 1000");
  CHECK(without.out.find("Beside the published") == std::string::npos);
}

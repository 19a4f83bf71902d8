#include "models/missed_intervals.hpp"

#include "sim/io/scenario_reader.hpp"
#include "tests/program.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace stardsim;

namespace {

Scenario with(const std::string& remission, const std::string& more = "") {
  const test::Folder folder;
  return read_scenario(folder.write("s.toml", R"([scenario]
title = "One step"
reference = "usual"
[pathways]
usual = ["a"]
[steps.a]
weeks = 12
remission = )" + remission + "\n" + more))
      .scenario;
}

}  // namespace

TEST_CASE("An interval far from its value is not met by what is drawn") {
  // Beta of mean 0.359 and standard deviation 0.27 / 3.92, which is
  // beta(17.055, 30.451); its quantiles by adding up the density.
  const auto missed = missed_intervals(
      with("{ value = 0.359, low = 0.10, high = 0.37 }", "[uncertainty]\n"));
  REQUIRE(missed.size() == 1);
  CHECK(missed[0].key == "steps.a.remission");
  CHECK(missed[0].low == 0.10);
  CHECK(missed[0].drawn_low == Approx(0.23033).margin(1e-4));
  CHECK(missed[0].drawn_high == Approx(0.49891).margin(1e-4));
}

TEST_CASE(
    "An interval about its value is met, and so is one that is not used") {
  CHECK(
      missed_intervals(with("{ value = 0.3, low = 0.2, high = 0.4 }")).empty());
  CHECK(missed_intervals(with("{ value = 0.3, of = 100 }")).empty());
  const std::string far = "{ value = 0.359, low = 0.10, high = 0.37 }";
  CHECK(missed_intervals(with(far)).size() == 1);
  CHECK(
      missed_intervals(
          with(far, "[uncertainty.fixed]\n\"steps.a.remission\" = \"held\"\n"))
          .empty());
  // A line with * holds only what has no distribution.
  CHECK(missed_intervals(with(far, "[uncertainty.fixed]\n\"*\" = \"held\"\n"))
            .size() == 1);
}

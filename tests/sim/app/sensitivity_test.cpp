// `stardsim sensitivity` as its users meet it.
#include "sim/io/result_file.hpp"
#include "tests/program.hpp"
#include "tests/scenarios.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <string>
#include <vector>

using stardsim::test::config;
using stardsim::test::contains;
using stardsim::test::Folder;
using stardsim::test::one_step_or_two;
using stardsim::test::Outcome;
using stardsim::test::read_text;
using stardsim::test::run;
using stardsim::test::source_file;

namespace {

const std::string few = " --patients 2000 --threads 2";

std::size_t lines_in(const std::string& text) {
  std::size_t lines = 0;
  for (const char c : text) lines += c == '\n';
  return lines;
}

void check_refused(const std::string& arguments, const std::string& line) {
  INFO(arguments);
  const Outcome outcome = run("stardsim sensitivity " + arguments);
  CHECK(outcome.code == 2);
  CHECK(outcome.out.empty());
  CHECK(outcome.err == "stardsim: " + line + "\n");
}

}  // namespace

TEST_CASE("Sensitivity says what is varied, what is held, and by how much",
          "[app][sensitivity]") {
  const Outcome outcome =
      run("stardsim sensitivity " + config("stard.toml") + few);
  REQUIRE(outcome.code == 0);
  CHECK(outcome.err.empty());
  CHECK(contains(outcome.out, "2,000 patients, seed 2006"));
  CHECK(contains(outcome.out, "steps.step1.remission"));
  CHECK(contains(outcome.out, "Ever in remission if everybody continued"));
  CHECK(contains(outcome.out, "Without any effect on that: "));
  CHECK(contains(outcome.out, "Held, since no interval is stated: "));
  // With --all those too.
  const Outcome all =
      run("stardsim sensitivity " + config("stard.toml") + few + " --all");
  CHECK(contains(all.out, "steps.step1.continue_if_not_remitted"));
  CHECK(contains(all.out, "steps.step1.remission_time.shape = 3"));
}

TEST_CASE("Sensitivity is the same for every number of threads",
          "[app][sensitivity]") {
  const std::string command = "stardsim sensitivity " +
                              config("ect_by_line.toml") +
                              " --patients 3000 --parameter "
                              "'steps.*.remission' --format csv --threads ";
  const Outcome one = run(command + "1"), two = run(command + "2");
  REQUIRE(one.code == 0);
  CHECK(one.out == two.out);
  // STAR*D's four steps and ECT; the rates of later drugs have no interval.
  CHECK(lines_in(one.out) == 1 + 5);
}

TEST_CASE("Where no number changes the measure, a line says so",
          "[app][sensitivity]") {
  // Utilities weigh time; they change nobody's course.
  const std::string command =
      "stardsim sensitivity " + config("ect_timing.toml") +
      " --patients 1000 --measure remission --parameter "
      "utilities.remission=0.8:0.9";
  const Outcome few_lines = run(command), all = run(command + " --all");
  REQUIRE(few_lines.code == 0);
  REQUIRE(all.code == 0);
  for (const Outcome& outcome : {few_lines, all}) {
    CHECK(contains(
        outcome.out,
        "\nNo number changes that in these patients: Ever in remission, "));
    CHECK_FALSE(contains(outcome.out, "scale: "));
  }
}

TEST_CASE("A range of one's own varies what has no interval",
          "[app][sensitivity]") {
  const Outcome outcome =
      run("stardsim sensitivity " + config("ect_by_line.toml") + few +
          " --parameter steps.drug5.remission=0.05:0.3 --measure remission "
          "--pathway ect7 --against ect1 --format csv");
  REQUIRE(outcome.code == 0);
  CHECK(contains(outcome.out,
                 "steps.drug5.remission,1,0.12144,0.05,0.3,"
                 "remission,1,ect7,ect1,"));
}

TEST_CASE("Sensitivity saves what it prints", "[app][sensitivity]") {
  const Folder folder;
  const std::string file = (folder / "s.h5").string();
  const Outcome outcome =
      run("stardsim sensitivity " + config("ect_timing.toml") + few +
          " --parameter 'steps.*.remission' --parameter "
          "treatments.ect.costs.ect -o '" +
          file + "'");
  REQUIRE(outcome.code == 0);
  CHECK(contains(outcome.out, "Net benefit"));
  CHECK(contains(outcome.out, "Saved in "));
  stardsim::read_safely(file, [](const stardsim::ResultFile& read) {
    CHECK(read.text_attribute("kind") == "sensitivity");
    CHECK(read.number_attribute("patients") == 2000);
    CHECK(read.text_attribute("/sensitivity", "measure") == "net_benefit");
    CHECK(read.text_attribute("/sensitivity", "against") == "never");
    const auto keys = read.names("/sensitivity/parameter");
    // One drug, ECT at line 1 and later, and the price of a session.
    REQUIRE(keys.size() == 4);
    const auto pathways = read.names("/sensitivity/pathway");
    const auto low =
        read.numbers<double>("/sensitivity/difference_at_low", {keys.size()});
    const auto at_low = read.numbers<double>("/sensitivity/at_low",
                                             {keys.size(), pathways.size()});
    const auto of = [&](const char* attribute) {
      const std::string name = read.text_attribute("/sensitivity", attribute);
      return static_cast<std::size_t>(
          std::find(pathways.begin(), pathways.end(), name) - pathways.begin());
    };
    for (std::size_t i = 0; i < keys.size(); ++i)
      CHECK(low[i] == Approx(at_low[i * pathways.size() + of("pathway")] -
                             at_low[i * pathways.size() + of("against")])
                          .margin(1e-6));
  });
}

TEST_CASE("Sensitivity says where another pathway is chosen",
          "[app][sensitivity]") {
  const Folder folder;
  const auto path = folder.write("a.toml", one_step_or_two);
  const Outcome outcome = run("stardsim sensitivity '" + path.string() + "'");
  REQUIRE(outcome.code == 0);
  CHECK(contains(outcome.out, "chosen: b, ahead of a by "));
  CHECK(contains(outcome.out,
                 "Values at which another pathway than b is chosen"));
  const Outcome table = run("stardsim sensitivity '" + path.string() +
                            "' --parameter steps.a1.remission --format csv"
                            " | cut -d, -f22,23 | tail -1");
  double value = 0, error = 0;
  char comma = 0;
  std::istringstream(table.out) >> value >> comma >> error;
  CHECK(error > 0);
  CHECK(std::fabs(value - 0.4) < 4 * error);
}

TEST_CASE("Two numbers together are a grid", "[app][sensitivity]") {
  const Outcome outcome =
      run("stardsim sensitivity " + config("ect_by_line.toml") +
          " --patients 1000 --two-way --parameter steps.ect.remission "
          "--parameter steps.step1.remission --format csv");
  REQUIRE(outcome.code == 0);
  CHECK(lines_in(outcome.out) == 1 + 11 * 11);
  CHECK(contains(outcome.out,
                 "steps.step1.remission,steps.ect.remission,measure,"));
}

TEST_CASE("What cannot be analysed is refused in one line",
          "[app][sensitivity]") {
  const std::string stard = config("stard.toml");
  check_refused(stard + " --parameter steps.step1.remision",
                "--parameter: \"steps.step1.remision\" is no number of the "
                "scenario that can be varied; did you mean "
                "\"steps.step1.remission\"?");
  check_refused(stard + " --parameter steps.step1.remission_time.shape",
                "--parameter: steps.step1.remission_time.shape has no "
                "interval; give it a range as KEY=LOW:HIGH");
  check_refused(stard + " --parameter steps.step1.remission=0.2:60",
                "--parameter: steps.step1.remission: 60 is not a probability "
                "(0 to 1)");
  check_refused(
      config("ect_timing.toml") +
          " --parameter steps.ect_first.weeks=0.1:6 --patients 1000",
      "--parameter: steps.ect_first.weeks: at 0.1: "
      "steps.ect_first.remission_time: nothing of it lies within the step");
  check_refused(stard + " --measure qalys",
                "--measure: \"qalys\" is none of remission_if_all_continue, "
                "remission, sustained_remission");
  check_refused(stard + " --pathway star",
                "--pathway: \"star\" is none of stard; did you mean "
                "\"stard\"?");
  check_refused(stard + " --two-way --parameter steps.step1.remission",
                "--two-way takes exactly two numbers that vary; --parameter "
                "names 1");
  check_refused(stard + " --two-way",
                "--two-way takes exactly two numbers that vary; --parameter "
                "names none");
  check_refused(stard + " -o out.csv",
                "-o out.csv would be HDF5: name a file .h5, or write --format "
                "csv > out.csv");
  check_refused(stard + " " + config("smoke.toml"),
                "sensitivity takes one scenario at a time");
}

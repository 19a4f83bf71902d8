// [alternatives] in scenario files: what becomes of them, and what is refused.
#include "sim/io/alternatives_reader.hpp"

#include "models/law.hpp"
#include "sim/io/scenario_reader.hpp"
#include "tests/program.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace stardsim;
using stardsim::test::Folder;
using stardsim::test::source_file;

namespace {

const std::string sound = R"([scenario]
title = "Two steps"
reference = "usual"
[cohort]
patients = 1000
seed = 5
[sources]
trial = "A trial"
[pathways]
usual = ["first", "second"]
[steps.first]
weeks = 12
remission = { value = 0.4, source = "trial" }
[steps.second]
weeks = 14
remission = 0.3
[published]
second = { label = "Second", quantity = "remission", step = "second", figure = 0.3 }
)";

ScenarioFile read(const std::string& more, const std::string& other = "") {
  const Folder folder;
  if (!other.empty()) folder.write("other.toml", other);
  return read_scenario(folder.write("a.toml", sound + more));
}

/// The lines of refusal, without the folder.
std::vector<std::string> problems(const std::string& more,
                                  const std::string& other = "") {
  const Folder folder;
  if (!other.empty()) folder.write("other.toml", other);
  const std::string in_front = folder.path().string() + "/";
  try {
    read_scenario(folder.write("a.toml", sound + more));
  } catch (const BadScenario& bad) {
    std::vector<std::string> lines = bad.lines();
    for (std::string& line : lines)
      for (auto at = line.find(in_front); at != std::string::npos;
           at = line.find(in_front))
        line.erase(at, in_front.size());
    return lines;
  }
  return {"no problem found"};
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("An alternative is the scenario with its tables merged onto it",
          "[io][alternatives]") {
  const ScenarioFile file = read(R"(
[alternatives.better]
label = "A better second step"
source = "trial"
[alternatives.better.steps]
second = { remission = 0.5 }
[alternatives.short]
[alternatives.short.pathways]
usual = ["first"]
[alternatives.short.steps]
second = { remove = true }
)");
  REQUIRE(file.alternatives.size() == 2);
  const Alternative &better = file.alternatives[0],
                    &brief = file.alternatives[1];
  CHECK(better.name == "better");
  CHECK(better.label == "A better second step");
  CHECK(better.source == "A trial");
  CHECK(better.scenario.title == "Two steps");
  CHECK(better.scenario.steps[0].arms[0].remission.value == 0.4);
  CHECK(better.scenario.steps[1].arms[0].remission.value == 0.5);
  CHECK(better.scenario.cohort.patients == 1000);
  CHECK(better.scenario.cohort.seed == 5);
  // Its figures may be of what an alternative does not have.
  CHECK(file.scenario.published.size() == 1);
  CHECK(better.scenario.published.empty());
  CHECK(brief.name == "short");
  CHECK(brief.label == "short");
  CHECK(brief.scenario.steps.size() == 1);
  // The scenario itself is as it would be without them.
  const Folder folder;
  const Scenario alone =
      read_scenario(folder.write("alone.toml", sound)).scenario;
  CHECK(bytes_of(compile(file.scenario)) == bytes_of(compile(alone)));
}

TEST_CASE("An alternative removes what its file got from another",
          "[io][alternatives]") {
  const Folder folder;
  folder.write("base.toml", sound);
  const auto path = folder.write("a.toml", R"(extends = "base.toml"
[published]
second = { remove = true }
[alternatives.short.pathways]
usual = ["first"]
[alternatives.short.steps]
second = { remove = true }
)");
  const ScenarioFile file = read_scenario(path);
  CHECK(file.scenario.steps.size() == 2);
  REQUIRE(file.alternatives.size() == 1);
  CHECK(file.alternatives.front().scenario.steps.size() == 1);
}

TEST_CASE("An alternative may be another file, on the same patients",
          "[io][alternatives]") {
  const std::string other = R"([scenario]
title = "Other"
reference = "one"
[cohort]
patients = 77
seed = 1
[pathways]
one = ["only"]
[steps.only]
weeks = 3
remission = 0.9
[alternatives.its_own]
file = "missing.toml"
)";
  const ScenarioFile file = read(R"(
[alternatives.other]
file = "other.toml"
)",
                                 other);
  REQUIRE(file.alternatives.size() == 1);
  const Alternative& one = file.alternatives.front();
  CHECK(one.file == "other.toml");
  CHECK(one.scenario.title == "Other");
  CHECK(one.scenario.cohort.patients == 1000);
  CHECK(one.scenario.cohort.seed == 5);
  // A run must not be saved in its place.
  const auto is_other = [](const std::filesystem::path& path) {
    return path.filename() == "other.toml";
  };
  CHECK(std::count_if(file.files.begin(), file.files.end(), is_other) == 1);
}

TEST_CASE("What a file extends keeps its alternatives to itself",
          "[io][alternatives]") {
  const Folder folder;
  folder.write("base.toml", sound + R"(
[alternatives.one.steps]
second = { remission = 0.5 }
)");
  const auto path = folder.write("a.toml", R"(extends = "base.toml"
[steps]
second = { remission = 0.1 }
)");
  CHECK(read_scenario(path).alternatives.empty());
}

TEST_CASE("All problems of all alternatives are told, each with its name",
          "[io][alternatives]") {
  CHECK(problems(R"([alternatives.a.steps]
second = { remission = 1.5 }
[alternatives.b.steps]
third = { remove = true }
[alternatives.c.scenarioo]
horizon = 30
)") == Lines{"a.toml:20:24: alternatives.a.steps.second.remission: 1.5 is not "
             "a probability (0 to 1)",
             "a.toml:22:11: alternatives.b.steps.third: nothing of this name "
             "to remove in what this file extends; the names there are first, "
             "second",
             "a.toml:23:17: alternatives.c: unknown key \"scenarioo\"; did you "
             "mean \"scenario\"?"});
}

TEST_CASE("Alternatives that are none are refused", "[io][alternatives]") {
  CHECK(problems("[alternatives.a]\nlabel = \"Nothing\"\n") ==
        Lines{"a.toml:19:1: alternatives.a: changes nothing; tables of the "
              "scenario are needed, or file = \"other.toml\""});
  CHECK(problems("[alternatives.base.steps]\nsecond = { remission = 0.1 }\n") ==
        Lines{"a.toml:19:1: alternatives.base: is the name of the scenario "
              "itself; another one is allowed"});
  CHECK(problems("[alternatives.a.cohort]\npatients = 10\nseed = 2\n") ==
        Lines{"a.toml:20:1: alternatives.a.cohort.patients: an alternative has "
              "the patients and the seed of the scenario, so that the same "
              "patients are compared",
              "a.toml:21:1: alternatives.a.cohort.seed: an alternative has the "
              "patients and the seed of the scenario, so that the same "
              "patients are compared"});
  CHECK(problems("[alternatives.a]\nfile = \"missing.toml\"\n") ==
        Lines{"a.toml:20:8: alternatives.a.file: cannot read missing.toml: No "
              "such file or directory"});
  CHECK(problems("[alternatives.a]\nfile = \"other.toml\"\n"
                 "[alternatives.a.steps]\nsecond = { remission = 0.1 }\n",
                 sound) ==
        Lines{"a.toml:21:17: alternatives.a.steps: stands beside file; the "
              "other scenario is taken as it is"});
  CHECK(problems("[alternatives.a]\nfile = \"other.toml\"\n",
                 "[scenario]\ntitle = 3\n")
            .front() ==
        "a.toml:20:8: alternatives.a.file: other.toml:1:1: steps: missing; at "
        "least one step is needed");
  CHECK(problems("[alternatives.a.published]\nx = { remove = true }\n") ==
        Lines{"a.toml:19:17: alternatives.a.published: is of the scenario as a "
              "whole, not of an alternative"});
  CHECK(problems("[alternatives]\na = 3\n").front() ==
        "a.toml:20:5: alternatives.a: is a whole number; a table is allowed");
}

TEST_CASE("The scenarios that come with the program have sound alternatives",
          "[io][alternatives]") {
  const auto names_in = [](const std::string& file) {
    std::vector<std::string> names;
    for (const Alternative& one :
         read_scenario(source_file("configs/" + file)).alternatives)
      names.push_back(one.name);
    return names;
  };
  CHECK(names_in("stard.toml") == Lines{"pigott", "counts"});
  CHECK(names_in("ect_by_line.toml") ==
        Lines{"selection", "selection_weak", "selection_strong"});
  CHECK(names_in("ect_timing.toml") ==
        Lines{"relapse_constant", "relapse_early", "ect_once", "elektd",
              "severity", "ten_years", "undiscounted"});
}

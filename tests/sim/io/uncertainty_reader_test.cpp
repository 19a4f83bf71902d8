#include "sim/io/uncertainty_reader.hpp"

#include "sim/analysis/parameter_draws.hpp"
#include "sim/io/scenario_reader.hpp"
#include "tests/program.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace stardsim;

namespace {

using Lines = std::vector<std::string>;

const std::string sound = R"([scenario]
title = "Two steps"
reference = "usual"
[pathways]
usual = ["a", "b"]
[steps.a]
weeks = 12
remission = { value = 0.4, of = 100 }
[steps.b]
weeks = 12
remission = { value = 0.3, low = 0.2, high = 0.4 }
continue_if_not_remitted = 0.9
[uncertainty]
draws = 3
patients = 500
luck = "common"
)";  // 16 lines

const std::string held = R"([uncertainty.fixed]
"*.continue_if_*" = "not known"
)";

Scenario read(const std::string& text, const std::string& csv = "") {
  const test::Folder folder;
  if (!csv.empty()) folder.write("draws.csv", csv);
  return read_scenario(folder.write("s.toml", text)).scenario;
}

/// Without the name of the scenario's file and of its folder.
Lines problems_of(const std::string& text, const std::string& csv = "") {
  const test::Folder folder;
  if (!csv.empty()) folder.write("draws.csv", csv);
  try {
    read_scenario(folder.write("s.toml", text));
  } catch (const BadScenario& error) {
    Lines lines = error.lines();
    const std::string place = folder.path().string() + "/";
    for (std::string& line : lines) {
      for (std::size_t at; (at = line.find(place)) != std::string::npos;)
        line.erase(at, place.size());
      line.erase(0, std::string("s.toml:").size());
    }
    return lines;
  }
  return {"none"};
}

std::string with(const std::string& old, const std::string& now) {
  std::string text = sound + held;
  const std::size_t at = text.find(old);
  REQUIRE(at != std::string::npos);
  return text.replace(at, old.size(), now);
}

}  // namespace

TEST_CASE("What is said of uncertainty is read") {
  const Scenario scenario = read(sound + held + R"(
[uncertainty.correlated.trial]
parameters = ["steps.a.remission", "steps.b.remission"]
correlation = [[1, 0.5], [0.5, 1]]
[uncertainty.groups.rates]
label = "Remission"
parameters = ["steps.*.remission", "steps.a.*"]
)");
  const Uncertainty& uncertainty = *scenario.uncertainty;
  CHECK(uncertainty.draws == 3);
  CHECK(uncertainty.patients == 500);
  CHECK(uncertainty.luck == DrawLuck::common);
  REQUIRE(uncertainty.correlated.size() == 1);
  CHECK(uncertainty.correlated[0].matrix ==
        std::vector<double>{1, 0.5, 0.5, 1});
  REQUIRE(uncertainty.groups.size() == 1);
  CHECK(uncertainty.groups[0].label == "Remission");
  CHECK(uncertainty.groups[0].keys ==
        Lines{"steps.a.remission", "steps.b.remission"});
  const ParameterDraws draws(scenario);
  CHECK(draws.drawn().size() == 2);
  // Two lengths by definition, and the pattern.
  REQUIRE(draws.fixed().size() == 3);
  CHECK(draws.fixed()[0].reason == "a length that is set, not measured");
  CHECK(draws.fixed()[2].reason == "not known");
}

TEST_CASE("Without the section nothing has to be said") {
  const Scenario scenario = read(sound.substr(0, sound.find("[uncertainty]")));
  CHECK_FALSE(scenario.uncertainty);
  const ParameterDraws draws(scenario);
  CHECK(draws.drawn().size() == 2);
  CHECK(draws.fixed().back().reason == "no distribution is stated");
}

TEST_CASE("New forms of evidence values are read") {
  const Scenario scenario =
      read(with("{ value = 0.4, of = 100 }", "{ uniform = [0.2, 0.5] }"));
  CHECK(scenario.steps[0].arms[0].remission.value == Approx(0.35));
  const Scenario shaped =
      read(with("high = 0.4 }", R"(high = 0.4, distribution = "normal" })"));
  CHECK(shaped.steps[1].arms[0].remission.shape == Shape::normal);
  const Scenario fixed = read(
      with("of = 100 }", R"(of = 100, fixed = "because of the protocol" })"));
  CHECK(ParameterDraws(fixed).drawn().size() == 1);
}

TEST_CASE("Each number needs a distribution or a reason, and is named if not") {
  const Lines lines = problems_of(sound);
  REQUIRE(lines.size() == 1);
  CHECK_THAT(lines[0],
             Catch::StartsWith("12:28: steps.b.continue_if_not_remitted: has "
                               "neither a distribution nor a reason"));
  CHECK_THAT(lines[0], Catch::Contains("\"*\" = "));
}

TEST_CASE("External draws are read from a table") {
  const std::string external = R"(
[uncertainty.external.posterior]
file = "draws.csv"
columns = { "steps.a.remission" = "p", "steps.b.remission" = "q" }
)";
  const std::string csv = "p,q\n0.1,0.2\n0.3,0.4\n0.5,0.6\n";
  const Scenario scenario = read(sound + held + external, csv);
  const ParameterDraws draws(scenario);
  CHECK(draws.values(1, 2) == std::vector<double>{0.3, 0.4});
  CHECK(problems_of(sound + held + external, "p,q\n0.1,0.2\n") ==
        Lines{"21:8: uncertainty.external.posterior.file: draws.csv: 1 row; "
              "each of 3 draws needs one"});
  CHECK(problems_of(sound + held + external,
                    "p,q\n0.1,0.2\n0.3,0.4\n0.5,1.6\n") ==
        Lines{"21:8: uncertainty.external.posterior.file: draws.csv: column "
              "\"q\", row 3: 1.6 is not a probability (0 to 1), for "
              "steps.b.remission"});
  CHECK(problems_of(sound + held + external, "p\n0.1\n0.3\n0.5\n") ==
        Lines{"21:8: uncertainty.external.posterior.file: draws.csv: has no "
              "column \"q\"; it has p"});
}

TEST_CASE("Of a column of draws one line tells what is bad") {
  const std::string external = R"(
[uncertainty.external.posterior]
file = "draws.csv"
columns = { "steps.a.remission" = "p", "steps.b.remission" = "q" }
)";
  CHECK(problems_of(sound + held + external,
                    "p,q\n0.1,NA\nNA,0.4\n0.5,\n0.6,NA\n") ==
        Lines{"21:8: uncertainty.external.posterior.file: draws.csv: line 3, "
              "column \"p\": \"NA\" is not a number",
              "21:8: uncertainty.external.posterior.file: draws.csv: line 2, "
              "column \"q\": \"NA\" is not a number; and 2 more rows of this "
              "column are bad"});
  CHECK(problems_of(sound + held + external,
                    "p,q\n0.1,0.2\n0.3,1.4\n0.5,1.6\n") ==
        Lines{"21:8: uncertainty.external.posterior.file: draws.csv: column "
              "\"q\", row 2: 1.4 is not a probability (0 to 1), for "
              "steps.b.remission; and 1 more row of this column is bad"});
}

TEST_CASE("Without draws stated 1000 are made, and any file of draws is read") {
  const std::string external = R"(
[uncertainty.external.posterior]
file = "draws.csv"
columns = { "steps.a.remission" = "p" }
)";
  const Scenario scenario =
      read(with("draws = 3\n", "") + external, "p\n0.1\n");
  CHECK(scenario.uncertainty->draws == 1000);
  CHECK(scenario.uncertainty->external.at(0).columns.at(0) ==
        std::vector<double>{0.1});
}

TEST_CASE("Impossible distributions get one clear line each") {
  struct Case {
    const char* value;
    const char* line;
  };
  const std::vector<Case> cases = {
      {"{ value = 0.4, sd = 0 }",
       "8:33: steps.a.remission.sd: 0 is not a standard deviation (above 0); "
       "of a number that is known exactly say { value, fixed = \"because "
       "...\" }"},
      {"{ value = 0.4, sd = -1 }",
       "8:33: steps.a.remission.sd: -1 is not a standard deviation (above 0); "
       "of a number that is known exactly say { value, fixed = \"because "
       "...\" }"},
      {"{ value = 0.4, low = 0.5, high = 0.3 }",
       "8:13: steps.a.remission: low, 0.5, is above high, 0.3"},
      {"{ value = 0.4, low = 0.4, high = 0.4 }",
       "8:13: steps.a.remission: low and high are both 0.4; of a number that "
       "is known exactly say { value, fixed = \"because ...\" }"},
      {"{ value = 0.6, low = 0.3, high = 0.5 }",
       "8:13: steps.a.remission: the value 0.6 lies outside its interval, 0.3 "
       "to 0.5"},
      {"{ beta = [0, 3] }",
       "8:23: steps.a.remission.beta: 0 is not a positive number"},
      {"{ value = 0.4, sd = 0.6 }",
       "8:13: steps.a.remission: a standard deviation of 0.6 is too large for "
       "a beta distribution of mean 0.4, which has less than 0.4899"},
      {"{ uniform = [0.5, 0.3] }",
       "8:25: steps.a.remission.uniform: low, 0.5, is not below high, 0.3"},
      {"{ value = 0.4, fixed = true }",
       "8:36: steps.a.remission.fixed: says why the number has no "
       "distribution: fixed = \"because ...\""},
      {"{ value = 0.4, fixed = \"\" }",
       "8:36: steps.a.remission.fixed: says why the number has no "
       "distribution: fixed = \"because ...\""},
      {"{ value = 0.4, of = 9, distribution = \"beta\" }",
       "8:51: steps.a.remission.distribution: stands beside { value, sd } or { "
       "value, low, high } only"},
  };
  for (const auto& [value, line] : cases)
    CHECK(problems_of(with("{ value = 0.4, of = 100 }", value)) == Lines{line});
}

TEST_CASE("Impossible sections get one clear line each") {
  struct Case {
    const char* text;
    const char* line;
  };
  const std::string group =
      "[uncertainty.correlated.g]\nparameters = "
      "[\"steps.a.remission\", \"steps.b.remission\"]\n";
  const std::vector<Case> matrices = {
      {"correlation = [[1, 0.5]]",
       "21:15: uncertainty.correlated.g.correlation: has 1 row for 2 "
       "parameters; it must be square, with one row for each"},
      {"correlation = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]",
       "21:15: uncertainty.correlated.g.correlation: has 3 rows for 2 "
       "parameters; it must be square, with one row for each"},
      {"correlation = [[1, 0, 0], [0, 1, 0]]",
       "21:16: uncertainty.correlated.g.correlation: row 1 has 3 numbers for 2 "
       "parameters; the matrix must be square"},
      {"",
       "19:1: uncertainty.correlated.g: has no matrix; give the `correlation` "
       "of the numbers, or their `covariance`"},
      {"covariance = [[1, 0], [0, 1]]\ncorrelation = [[1, 0], [0, 1]]",
       "19:1: uncertainty.correlated.g: has both a `correlation` and a "
       "`covariance`; one of them is allowed"},
      {"covariance = [[0.04, 0], [0, 0.04]]",
       "21:14: uncertainty.correlated.g.covariance: normal(mean 0.4, sd 0.2) "
       "leaves what is possible there more than once in 2,000 draws: it must "
       "be a probability (0 to 1), for steps.a.remission; give scale = "
       "\"logit\" "
       "(probability) or \"log\" (ratio, amount, positive)"},
      {"correlation = [[1, 0.5], [0.4, 1]]",
       "21:15: uncertainty.correlated.g.correlation: is not symmetric: 0.5 in "
       "row 1, column 2, and 0.4 in row 2, column 1"},
      {"correlation = [[1, 1.5], [1.5, 1]]",
       "21:15: uncertainty.correlated.g.correlation: is not positive definite: "
       "its correlations contradict one another"},
      {"correlation = [[2, 0.5], [0.5, 1]]",
       "21:15: uncertainty.correlated.g.correlation: has 2 in its diagonal, "
       "for steps.a.remission; a correlation matrix has 1"},
      {"covariance = [[0, 0], [0, 1]]",
       "21:14: uncertainty.correlated.g.covariance: has 0 in its diagonal, for "
       "steps.a.remission; a variance is above 0"},
  };
  for (const auto& [matrix, line] : matrices) {
    CAPTURE(matrix);
    CHECK(problems_of(sound + held + group + matrix + "\n") == Lines{line});
  }
  const std::vector<Case> sections = {
      {"[uncertainty.groups.x]\nparameters = [\"steps.*.remision\"]\n",
       "20:15: uncertainty.groups.x.parameters: \"steps.*.remision\" matches "
       "no number of this scenario"},
      {"[uncertainty.groups.x]\nparameters = [\"steps.a.remision\"]\n",
       "20:15: uncertainty.groups.x.parameters: \"steps.a.remision\" is no "
       "number of this scenario; did you mean \"steps.a.remission\"?"},
      {"[uncertainty.groups.x]\nparameters = [\"steps.a.weeks\"]\n",
       "19:1: uncertainty.groups.x: none of its parameters is drawn"},
  };
  for (const auto& [text, line] : sections) {
    CAPTURE(text);
    CHECK(problems_of(sound + held + text) == Lines{line});
  }
  CHECK(problems_of(with("draws = 3", "draws = 0")) ==
        Lines{"14:9: uncertainty.draws: 0 is not a number of draws (a whole "
              "number from 1 to 1,000,000)"});
  CHECK(problems_of(with("draws = 3", "draws = 1_000_001")) ==
        Lines{"14:9: uncertainty.draws: 1000001 is not a number of draws (a "
              "whole number from 1 to 1,000,000)"});
  CHECK(problems_of(with("patients = 500", "patients = 0")) ==
        Lines{"15:12: uncertainty.patients: 0 is not a number of patients of "
              "each draw (a whole number from 2 to 4,000,000,000, e.g. "
              "10_000)"});
  CHECK(problems_of(with("patients = 500", "patients = 1")) ==
        Lines{"15:12: uncertainty.patients: 1 is not a number of patients of "
              "each draw (a whole number from 2 to 4,000,000,000, e.g. "
              "10_000)"});
  CHECK(problems_of(with("\"common\"", "\"bad\"")) ==
        Lines{"16:8: uncertainty.luck: \"bad\" is not one of independent, "
              "common"});
}

TEST_CASE("A file that extends another one merges its uncertainty") {
  const test::Folder folder;
  folder.write("base.toml", sound + held);
  const auto scenario = read_scenario(folder.write("own.toml", R"(
extends = "base.toml"
[uncertainty]
draws = 7
[uncertainty.fixed]
"steps.b.remission" = "held here"
)"))
                            .scenario;
  CHECK(scenario.uncertainty->draws == 7);
  CHECK(scenario.uncertainty->patients == 500);
  CHECK(scenario.uncertainty->held.size() == 2);
  const ParameterDraws draws(scenario);
  REQUIRE(draws.drawn().size() == 1);
  CHECK(draws.drawn()[0].parameter.evidence.key == "steps.a.remission");
}

TEST_CASE("The scenarios of the project say of each number how sure it is") {
  for (const char* name :
       {"stard", "stard_arms", "stard_follow_up", "ect_by_line",
        "ect_by_line_frailty", "ect_timing", "trd_third_line", "stard_frailty",
        "switch_or_augment", "anxious", "stard_strata"}) {
    CAPTURE(name);
    const auto file = read_scenario(
        test::source_file(std::string("configs/") + name + ".toml"));
    REQUIRE(file.scenario.uncertainty);
    CHECK_FALSE(ParameterDraws(file.scenario).drawn().empty());
  }
}

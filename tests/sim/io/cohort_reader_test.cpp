#include "sim/io/cohort_reader.hpp"

#include "sim/io/scenario_reader.hpp"
#include "sim/io/sha256.hpp"
#include "tests/program.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <string>
#include <vector>

using namespace stardsim;

namespace {

namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

const std::string rest = R"(
[scenario]
title = "A cohort"
reference = "only"
[pathways]
only = ["first"]
[steps.first]
weeks = 14
remission = 0.4
)";

Cohort read(const std::string& text) {
  const test::Folder folder;
  return read_scenario(folder.write("a.toml", text + rest)).scenario.cohort;
}

Covariate read_covariate(const std::string& table) {
  return read("[cohort.covariates]\nx = " + table).covariates.at(0);
}

// Without the name of the file.
Lines problems_of(const std::string& text) {
  const test::Folder folder;
  const std::string file = folder.write("a.toml", text + rest).string();
  try {
    read_scenario(file);
  } catch (const BadScenario& error) {
    Lines lines = error.lines();
    for (std::string& line : lines) line = line.substr(file.size() + 1);
    return lines;
  }
  return {};
}

Lines problems_of_covariate(const std::string& table) {
  return problems_of("[cohort.covariates]\nx = " + table);
}

}  // namespace

TEST_CASE("a normal covariate is read, and its centre is its mean", "[io]") {
  const Covariate x = read_covariate(
      "{ distribution = \"normal\", mean = { value = 40.8, sd = 0.2, source = "
      "\"Rush 2006\" }, sd = 13, low = 18, high = 75, unit = \"years\", label "
      "= "
      "\"Age\", note = \"at entry\" }");
  const auto& form = std::get<NormalCovariate>(x.form);
  CHECK(form.mean.value == 40.8);
  CHECK(form.mean.key == "cohort.covariates.x.mean");
  CHECK(form.mean.source == "Rush 2006");
  CHECK(form.sd.value == 13);
  CHECK(x.low == 18.0);
  CHECK(x.high == 75.0);
  CHECK(x.centre == 40.8);
  CHECK(x.unit == "years");
  CHECK(x.label == "Age");
  CHECK(x.note == "at entry");
  CHECK(x.key == "cohort.covariates.x");
}

TEST_CASE("the centre of other covariates is that of their documentation",
          "[io]") {
  CHECK(read_covariate(
            "{ distribution = \"log_normal\", median = 12, sigma = 1 }")
            .centre == 12);
  CHECK(read_covariate("{ distribution = \"beta\", a = 2, b = 6 }").centre ==
        0.25);
  CHECK(read_covariate("{ distribution = \"bernoulli\", probability = 0.53 }")
            .centre == 0);
  // (1 x 0 + 2 x 3) / 3
  CHECK(read_covariate("{ distribution = \"empirical\", values = [3, 0], "
                       "weights = [2, 1] }")
            .centre == 2);
  CHECK(read_covariate("{ distribution = \"bernoulli\", probability = 0.5, "
                       "centre = 0.5 }")
            .centre == 0.5);
}

TEST_CASE("levels keep their order and their shares", "[io]") {
  const Covariate x = read_covariate(
      "{ distribution = \"categorical\", levels = { white = 0.758, black = "
      "{ events = 646, of = 3671 }, other = 0.066 } }");
  const auto& form = std::get<CategoricalCovariate>(x.form);
  CHECK(form.levels == Lines{"white", "black", "other"});
  CHECK(form.shares.at(1).value == 646.0 / 3671);
  CHECK(form.shares[1].key == "cohort.covariates.x.levels.black");
}

TEST_CASE("the values of a sample are sorted, equal ones joined", "[io]") {
  const Covariate x =
      read_covariate("{ distribution = \"empirical\", values = [2, 0, 1, 2] }");
  const auto& form = std::get<EmpiricalCovariate>(x.form);
  CHECK(form.values == std::vector<double>{0, 1, 2});
  CHECK(form.weights == std::vector<double>{1, 1, 2});
}

TEST_CASE("bands have edges and shares, and their mean as centre", "[io]") {
  const Covariate x = read_covariate(
      "{ distribution = \"bands\", edges = [18, 25, 35], shares = [1, { events "
      "= 3, of = 4, source = \"s\" }] }");
  const auto& form = std::get<BandsCovariate>(x.form);
  CHECK(form.edges == std::vector<double>{18, 25, 35});
  CHECK(form.shares.at(1).value == 0.75);
  CHECK(form.shares[1].key == "cohort.covariates.x.shares.2");
  // (21.5 x 1 + 30 x 0.75) / 1.75
  CHECK(x.centre == Approx(44.0 / 1.75));
  CHECK(!x.is_discrete());
}

TEST_CASE("bands that do not ascend or lack a share are refused", "[io]") {
  CHECK(problems_of_covariate(
            "{ distribution = \"bands\", edges = [18, 35, 25], shares = [1, 1] "
            "}") ==
        Lines{"2:39: cohort.covariates.x.edges: 35 before 25; edges must "
              "ascend"});
  CHECK(
      problems_of_covariate(
          "{ distribution = \"bands\", edges = [18, 35], shares = [1, 1] }") ==
      Lines{"2:58: cohort.covariates.x.shares: 2 shares for 2 edges; one "
            "fewer than edges is needed"});
  CHECK(problems_of_covariate("{ distribution = \"bands\", edges = [18, 35], "
                              "shares = [0], low = 20 }") ==
        Lines{"2:59: cohort.covariates.x.shares.1: 0 is not a positive number",
              "2:63: cohort.covariates.x: unknown key \"low\"; allowed are "
              "label, unit, source, note, distribution, edges, shares, "
              "centre"});
}

TEST_CASE("the propensity is the last covariate, and an effect on remission",
          "[io]") {
  const test::Folder folder;
  const Scenario scenario = read_scenario(folder.write("a.toml", R"([propensity]
spread = { value = 1.1, source = "assumed" }
[cohort.covariates]
age = { distribution = "normal", mean = 41, sd = 13 }
[effects.remission]
age = { value = 0.9, per = 10 }
)" + rest))
                                .scenario;
  REQUIRE(scenario.cohort.covariates.size() == 2);
  const auto& form = std::get<Propensity>(scenario.cohort.covariates[1].form);
  CHECK(form.spread.value == 1.1);
  const std::vector<Effect>& effects =
      scenario.steps.at(0).arms.at(0).effects.remission;
  REQUIRE(effects.size() == 2);
  CHECK(effects[0].covariate == 0);
  CHECK(effects[0].per == 10);
  CHECK(effects[1].covariate == 1);
  CHECK(effects[1].ratio.value == std::exp(1.1));
  CHECK(effects[1].ratio.key == "propensity.spread");
  CHECK(effects[1].ratio.source == "assumed");
}

TEST_CASE("correlations name two covariates, the propensity among them",
          "[io]") {
  const Cohort cohort = read(R"([propensity]
spread = 1.1
source = "assumed"
[cohort.covariates]
a = { distribution = "normal", mean = 0, sd = 1 }
b = { distribution = "bernoulli", probability = 0.5 }
[cohort.correlations]
b = { a = 0.2, propensity = { value = -0.3, source = "assumed" } }
)");
  REQUIRE(cohort.correlations.size() == 2);
  CHECK(cohort.correlations[0].first == 1);
  CHECK(cohort.correlations[0].second == 0);
  CHECK(cohort.correlations[0].value.value == 0.2);
  CHECK(cohort.correlations[1].second == 2);
}

// ---- tables ----

namespace {

const std::string table = R"([cohort.covariates]
age = { distribution = "table", column = "Age" }
sex = { distribution = "table", levels = ["m", "f"] }
[cohort.table]
file = "patients.csv"
)";

const std::string patients = "id,Age,sex,w\n2,30,f,1\n10,60,m,3\n";

ScenarioFile read_with(const test::Folder& folder, const std::string& keys,
                       const std::string& csv = patients) {
  folder.write("patients.csv", csv);
  return read_scenario(folder.write("a.toml", table + keys + rest));
}

std::vector<double> column_of(const ScenarioFile& file, std::size_t i) {
  return std::get<TableCovariate>(file.scenario.cohort.covariates.at(i).form)
      .column;
}

}  // namespace

TEST_CASE("a cohort is drawn from the rows of a table", "[io]") {
  const test::Folder folder;
  const ScenarioFile file = read_with(folder, "");
  const Cohort& cohort = file.scenario.cohort;
  CHECK(cohort.rows == 2);
  CHECK(cohort.row_weights == std::vector<double>{1, 1});
  CHECK(column_of(file, 0) == std::vector<double>{30, 60});
  CHECK(column_of(file, 1) == std::vector<double>{1, 0});
  CHECK(cohort.covariates[0].centre == 45);
  CHECK(cohort.covariates[1].centre == 0);
}

TEST_CASE("rows may have weights, which centres respect", "[io]") {
  const test::Folder folder;
  const ScenarioFile file = read_with(folder, "weight = \"w\"\n");
  CHECK(file.scenario.cohort.row_weights == std::vector<double>{1, 3});
  CHECK(file.scenario.cohort.covariates[0].centre == 52.5);
}

TEST_CASE("with use = \"each\" rows have no weights", "[io]") {
  const test::Folder folder;
  CHECK(read_with(folder, "use = \"each\"\n")
            .scenario.cohort.row_weights.empty());
}

TEST_CASE(
    "a table is found beside the file that names it, and is one of the "
    "scenario's files",
    "[io]") {
  const test::Folder folder;
  fs::create_directory(folder / "cohorts");
  folder.write("cohorts/patients.csv", patients);
  folder.write("cohorts/c.toml", table);
  const ScenarioFile file = read_scenario(
      folder.write("a.toml", "extends = [\"cohorts/c.toml\"]\n" + rest));
  CHECK(file.files == std::vector<fs::path>{folder / "cohorts/c.toml",
                                            folder / "a.toml",
                                            folder / "cohorts/patients.csv"});
  REQUIRE(file.data_files.size() == 1);
  CHECK(file.data_files[0].name == "patients.csv");
  CHECK(file.data_files[0].sha256 == sha256(patients));
}

TEST_CASE("what is wrong with a table is said with its line and column",
          "[io]") {
  const test::Folder folder;
  try {
    read_with(folder, "", "Age,sex\n3x,f\n,m\n30,n\n30\n");
    FAIL("no problem found");
  } catch (const BadScenario& error) {
    const std::string where =
        (folder / "a.toml").string() +
        ":5:8: cohort.table.file: " + (folder / "patients.csv").string() +
        ": line ";
    CHECK(error.lines() ==
          Lines{where + "2, column \"Age\": \"3x\" is not a number; a column "
                        "of texts needs levels = [...]",
                where + "3, column \"Age\": the cell is empty",
                where + "4, column \"sex\": \"n\" is none of the levels m, f",
                where + "5: 1 cells; the header has 2"});
  }
}

// ---- what is refused ----

TEST_CASE("parameters out of range are refused", "[io]") {
  CHECK(problems_of_covariate(
            "{ distribution = \"normal\", mean = 41, sd = 0 }") ==
        Lines{"2:48: cohort.covariates.x.sd: 0 is not a standard deviation "
              "(1e-9 to 1e9)"});
  CHECK(problems_of_covariate("{ distribution = \"bernoulli\", probability = "
                              "53 }") ==
        Lines{"2:49: cohort.covariates.x.probability: 53 is not a probability "
              "(0 to 1)"});
  CHECK(problems_of_covariate("{ distribution = \"beta\", a = 2 }") ==
        Lines{"2:5: cohort.covariates.x.b: missing; a shape parameter (0.001 "
              "to 1000) is needed"});
}

TEST_CASE("bounds that leave nothing are refused", "[io]") {
  CHECK(problems_of_covariate(
            "{ distribution = \"normal\", mean = 41, sd = 13, low = 180 }") ==
        Lines{"2:5: cohort.covariates.x: nearly nothing of this distribution "
              "lies within low and high"});
  CHECK(problems_of_covariate("{ distribution = \"bernoulli\", probability = "
                              "0.5, low = 0 }") ==
        Lines{"2:54: cohort.covariates.x: unknown key \"low\"; allowed are "
              "label, unit, source, note, distribution, probability, centre"});
}

TEST_CASE("levels without a share or fewer than two are refused", "[io]") {
  CHECK(problems_of_covariate(
            "{ distribution = \"categorical\", levels = { a = 1 } }") ==
        Lines{"2:46: cohort.covariates.x.levels: at least two levels are "
              "needed"});
  CHECK(problems_of_covariate(
            "{ distribution = \"categorical\", levels = { a = 0, b = 0 } }") ==
        Lines{"2:46: cohort.covariates.x.levels: the shares of the levels sum "
              "to 0; one above 0 is needed"});
}

TEST_CASE("names that mean something else are refused for covariates", "[io]") {
  CHECK(problems_of("[cohort.covariates]\nline = { distribution = "
                    "\"bernoulli\", probability = 0.5 }\npropensity = "
                    "{ distribution = \"normal\", mean = 0, sd = 1 }\n") ==
        Lines{"2:8: cohort.covariates.line: this name means something else in "
              "conditions; choose another",
              "3:14: cohort.covariates.propensity: its spread is stated in "
              "[propensity]"});
}

TEST_CASE("the names that the course knows must have what it expects", "[io]") {
  CHECK(problems_of(R"([cohort.covariates]
misdiagnosed = { distribution = "empirical", values = [0, 2] }
prior_failed_trials = { distribution = "normal", mean = 1, sd = 1 }
)") == Lines{"2:16: cohort.covariates.misdiagnosed: says who is misdiagnosed, "
             "and must be 0 or 1",
             "3:23: cohort.covariates.prior_failed_trials: counts adequate "
             "failed trials before entry, and must be a whole number from 0 to "
             "63"});
}

TEST_CASE("correlations that cannot be are refused", "[io]") {
  const std::string three = R"([cohort.covariates]
a = { distribution = "normal", mean = 0, sd = 1 }
b = { distribution = "normal", mean = 0, sd = 1 }
c = { distribution = "normal", mean = 0, sd = 1 }
[cohort.correlations]
)";
  CHECK(problems_of(three + "a = { b = 0.9, c = 0.9 }\nb = { c = -0.9 }\n") ==
        Lines{"5:1: cohort.correlations: contradict one another: their matrix "
              "is not positive definite"});
  CHECK(problems_of(three + "a = { b = 0.2, a = 1, d = 0 }\nb = { a = 0.2, c = "
                            "1.1 }\n") ==
        Lines{"6:20: cohort.correlations.a.a: a covariate is not correlated "
              "with itself",
              "6:27: cohort.correlations.a.d: \"d\" is not a covariate of "
              "[cohort.covariates]; known are a, b, c",
              "7:11: cohort.correlations.b.a: the correlation of \"b\" and "
              "\"a\" is stated twice",
              "7:20: cohort.correlations.b.c: 1.1 is not a correlation (-1 to "
              "1)"});
}

TEST_CASE("more than 32 covariates are refused, the propensity among them",
          "[io]") {
  std::string text =
      "[propensity]\nspread = 1\nsource = \"assumed\"\n"
      "[cohort.covariates]\n";
  for (int i = 0; i < 32; ++i)
    text += "x" + std::to_string(i) +
            " = { distribution = \"bernoulli\", probability = 0.5 }\n";
  CHECK(problems_of(text) == Lines{"1:1: propensity: at most 32 covariates are "
                                   "allowed, this one among them"});
}

TEST_CASE("a spread without a source is refused", "[io]") {
  CHECK(problems_of("[propensity]\nspread = 1.1\n") ==
        Lines{"1:1: propensity: its spread needs a source: all that follows "
              "rests on it"});
}

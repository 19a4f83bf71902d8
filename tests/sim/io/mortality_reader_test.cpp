#include "sim/io/mortality_reader.hpp"

#include "sim/io/patient_table.hpp"
#include "sim/io/scenario_reader.hpp"
#include "sim/io/sha256.hpp"
#include "tests/program.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace stardsim;

namespace {

using Lines = std::vector<std::string>;

const std::string rest = R"(
[scenario]
title = "Deaths"
reference = "only"
[pathways]
only = ["first"]
[steps.first]
weeks = 14
remission = 0.4
[cohort.covariates]
age = { distribution = "normal", mean = 41, sd = 13 }
female = { distribution = "bernoulli", probability = 0.6 }
race = { distribution = "categorical", levels = { white = 7, black = 2 } }
)";

const std::string table = R"(# made up
age,male,female
0,0.005,0.004
1,0.0004,0.0003
2,1,1
)";

const std::string gompertz =
    "gompertz = { male_alpha = 3.7e-5, male_beta = 0.0925, female_alpha = "
    "1.44e-5, female_beta = 0.1 }\n";
const std::string who = "age = \"age\"\nfemale = \"female\"\n";

ScenarioFile read(const test::Folder& folder, const std::string& keys) {
  folder.write("life.csv", table);
  return read_scenario(folder.write("a.toml", "[mortality]\n" + keys + rest));
}

Mortality mortality_of(const std::string& keys) {
  const test::Folder folder;
  return read(folder, keys).scenario.mortality.value();
}

// Without the name of the file.
Lines problems_of(const std::string& keys) {
  const test::Folder folder;
  const std::string file = (folder / "a.toml").string();
  try {
    read(folder, keys);
  } catch (const BadScenario& error) {
    Lines lines = error.lines();
    for (std::string& line : lines) line = line.substr(file.size() + 1);
    return lines;
  }
  return {};
}

// What is wrong with a life table, without the folder.
Lines problems_of_table(const std::string& text) {
  const test::Folder folder;
  const auto file = folder.write("life.csv", text);
  try {
    read_life_table(file);
  } catch (const BadTable& error) {
    Lines lines = error.lines();
    for (std::string& line : lines)
      line = line.substr(file.string().size() - std::string("life.csv").size());
    return lines;
  }
  return {};
}

}  // namespace

// ---- life tables ----

TEST_CASE("a life table is read, comments, other columns and order aside",
          "[io]") {
  const test::Folder folder;
  const std::string text =
      "# a, \"comment\nfemale,note, age,male\n0.004,x,0,0.005\r\n\n# more\n"
      "0.0003,y,1, 0.0004\n";
  const LifeTableFile read = read_life_table(folder.write("life.csv", text));
  CHECK(read.table.male == std::vector<double>{0.005, 0.0004});
  CHECK(read.table.female == std::vector<double>{0.004, 0.0003});
  CHECK(read.sha256 == sha256(text));
}

namespace {

// Of a newborn, deaths of a year taken to be in its middle but for the first,
// whose infants die early.
double life_expectancy(const std::vector<double>& dying) {
  double alive = 1, years = 0;
  for (std::size_t age = 0; age < dying.size(); ++age) {
    const double lived_in_year_of_death = age == 0 ? 0.1 : 0.5;
    years += alive * (1 - dying[age] * (1 - lived_in_year_of_death));
    alive *= 1 - dying[age];
  }
  return years;
}

}  // namespace

// Published: 74.2 years in males and 79.9 in females (Arias & Xu 2022, United
// States Life Tables 2020, NVSR 71:1). Our table ends at 100, theirs goes on
// for those who are left: about 0.02 and 0.05 years.
TEST_CASE("the US life table of 2020 has the published life expectancy",
          "[io]") {
  const LifeTable us =
      read_life_table(test::source_file("configs/life_tables/us_2020.csv"))
          .table;
  REQUIRE(us.male.size() == 101);
  REQUIRE(us.female.size() == 101);
  CHECK(life_expectancy(us.male) == Approx(74.2).margin(0.1));
  CHECK(life_expectancy(us.female) == Approx(79.9).margin(0.1));
}

TEST_CASE("a life table with holes is refused with the line of the table",
          "[io]") {
  CHECK(problems_of_table("age,male,female\n0,0.1,0.1\n1,0.1,0.1\n3,0.1,0.1\n"
                          "7,0.1,0.1\n") ==
        Lines{"life.csv:4: age 2 is missing; every age from 0 on is needed",
              "life.csv:5: ages 4 to 6 are missing; every age from 0 on is "
              "needed"});
  CHECK(problems_of_table("age,male,female\n1,0.1,0.1\n") ==
        Lines{"life.csv:2: age 0 is missing; every age from 0 on is needed"});
  CHECK(problems_of_table("# x\nage,male,female\n0,0.1,0.1\n0,0.1,0.1\n") ==
        Lines{"life.csv:4: age 0 stands twice"});
  CHECK(problems_of_table("age,male,female\n0,0.1,0.1\n1,0.1,0.1\n0,.1,.1\n") ==
        Lines{"life.csv:4: age 0 comes after age 1; ages must ascend"});
}

TEST_CASE("a life table of more rows than any table has is refused", "[io]") {
  std::string text = "age,male,female\n";
  for (std::size_t i = 0; i <= most_table_rows; ++i) text += "0,0,0\n";
  CHECK(problems_of_table(text) == Lines{"life.csv: more than 1000000 rows"});
}

TEST_CASE("a life table without a column or with bad cells is refused",
          "[io]") {
  CHECK(problems_of_table("age,men,females\n0,0.1,0.1\n") ==
        Lines{"life.csv:1: has no column \"male\"; it has age, men, females",
              "life.csv:1: has no column \"female\"; did you mean "
              "\"females\"?"});
  CHECK(
      problems_of_table("age,male,female\n0,1.5,-0.1\n1,x,\n2,0.1\n1.5,0,0") ==
      Lines{"life.csv:2: column \"male\": \"1.5\" is not a probability (0 to "
            "1)",
            "life.csv:2: column \"female\": \"-0.1\" is not a probability (0 "
            "to 1)",
            "life.csv:3: column \"male\": \"x\" is not a probability (0 to 1)",
            "life.csv:3: column \"female\": \"\" is not a probability (0 to "
            "1)",
            "life.csv:4: 2 cells; the header has 3",
            "life.csv:5: \"1.5\" is not an age (whole years, 0 to 150)"});
  CHECK(problems_of_table("") ==
        Lines{"life.csv: is empty; a header is needed"});
  CHECK(problems_of_table("age,male,female\n") ==
        Lines{"life.csv: has no rows"});
  CHECK(problems_of_table("age,male,female\n\xff,0,0\n") ==
        Lines{"life.csv: line 2: not text in UTF-8"});
}

TEST_CASE("a table that is missing is refused where it is named", "[io]") {
  const test::Folder folder;
  const auto file = folder.write(
      "a.toml", "[mortality]\nlife_table = \"none.csv\"\n" + who + rest);
  try {
    read_scenario(file);
    FAIL("read");
  } catch (const BadScenario& error) {
    CHECK(error.lines() ==
          Lines{file.string() + ":2:14: mortality.life_table: " +
                (folder / "none.csv").string() +
                ": No such file or directory"});
  }
}

TEST_CASE("a hole in the scenario's life table is one clear line", "[io]") {
  const test::Folder folder;
  folder.write("holes.csv", "age,male,female\n0,0.1,0.1\n2,0.1,0.1\n");
  const auto file = folder.write(
      "a.toml", "[mortality]\nlife_table = \"holes.csv\"\n" + who + rest);
  try {
    read_scenario(file);
    FAIL("read");
  } catch (const BadScenario& error) {
    CHECK(error.lines() ==
          Lines{file.string() + ":2:14: mortality.life_table: " +
                (folder / "holes.csv").string() +
                ":3: age 1 is missing; every age from 0 on is needed"});
  }
}

// ---- [mortality] ----

TEST_CASE("mortality by life table is read, and counts among the files",
          "[io]") {
  const test::Folder folder;
  const ScenarioFile file = read(
      folder,
      "life_table = \"life.csv\"\n" + who +
          R"(hazard_ratio = { partial_response = { value = 1.41, source = "own" }, no_response = 2.13, source = "Oude Voshaar 2021" }
resistant_hazard_ratio = [{ from_age = 0, value = 2.03, source = "Reutfors 2018" }, { from_age = 30, value = 1.49 }]
suicide = { no_response = 0.0004, remission = 0.0001 }
suicide_resistant = { no_response = 0.0047 }
)");
  const Mortality& mortality = file.scenario.mortality.value();
  CHECK(std::get<LifeTable>(mortality.background).male ==
        std::vector<double>{0.005, 0.0004, 1});
  CHECK(mortality.age == 0);
  CHECK(mortality.female == std::size_t{1});
  CHECK(!mortality.female_share.has_value());
  CHECK(mortality.ratio_by_health[0].value().source == "Oude Voshaar 2021");
  CHECK(mortality.ratio_by_health[1].value().value == 1.41);
  CHECK(mortality.ratio_by_health[1].value().source == "own");
  CHECK(!mortality.ratio_by_health[2].has_value());
  REQUIRE(mortality.resistant_ratio.size() == 2);
  CHECK(mortality.resistant_ratio[0].ratio.value == 2.03);
  CHECK(mortality.resistant_ratio[1].from_age == 30);
  CHECK(mortality.resistant_ratio[1].ratio.key ==
        "mortality.resistant_hazard_ratio.2");
  CHECK(mortality.suicide[0].value().value == 0.0004);
  CHECK(!mortality.suicide[1].has_value());
  const auto& resistant = mortality.suicide_resistant.value();
  CHECK(resistant[0].value == 0.0047);
  CHECK(resistant[1].value == 0);
  CHECK(resistant[2].value == 0.0001);
  REQUIRE(file.data_files.size() == 1);
  CHECK(file.data_files[0].name == "life.csv");
  CHECK(file.data_files[0].sha256 == sha256(table));
  CHECK(file.files.back() == folder / "life.csv");
}

TEST_CASE("Gompertz mortality is read, with the share of women", "[io]") {
  const Mortality mortality =
      mortality_of(gompertz + "age = \"age\"\nfemale_share = 0.6\n");
  const auto& law = std::get<Gompertz>(mortality.background);
  CHECK(law.male_alpha.value == 3.7e-5);
  CHECK(law.male_beta.value == 0.0925);
  CHECK(law.female_alpha.value == 1.44e-5);
  CHECK(law.female_beta.value == 0.1);
  CHECK(mortality.female_share.value().value == 0.6);
  CHECK(!mortality.female.has_value());
  CHECK(mortality.resistant_ratio.empty());
  CHECK(!mortality.suicide_resistant.has_value());
}

TEST_CASE("mortality needs age, sex and a background", "[io]") {
  CHECK(problems_of("") ==
        Lines{"1:1: mortality.life_table: missing; the name of a .csv file, or "
              "else gompertz, is needed",
              "1:1: mortality.age: missing; the covariate that is the age at "
              "entry is needed",
              "1:1: mortality.female: missing; the covariate that is 1 in "
              "women, or else female_share, is needed"});
}

TEST_CASE("age is a covariate of numbers, and sex is 0 or 1", "[io]") {
  CHECK(problems_of(gompertz + "age = \"race\"\nfemale = \"age\"\n") ==
        Lines{"3:7: mortality.age: \"race\" has levels; a covariate of numbers "
              "is needed",
              "4:10: mortality.female: a covariate that is 0 or 1 is needed"});
  CHECK(problems_of(gompertz + "age = \"aeg\"\nfemale_share = 1.5\n") ==
        Lines{"3:7: mortality.age: \"aeg\" is not a covariate of "
              "[cohort.covariates]; did you mean \"age\"?",
              "4:16: mortality.female_share: 1.5 is not a probability (0 to "
              "1)"});
  CHECK(problems_of(gompertz + "age = \"propensity\"\nfemale_share = 0.5\n"
                               "[propensity]\nspread = 1\nsource = \"x\"\n") ==
        Lines{"3:7: mortality.age: \"propensity\" is seen by nobody; a "
              "covariate of numbers is needed"});
}

TEST_CASE("mortality that cannot be is refused", "[io]") {
  CHECK(problems_of("life_table = \"life.csv\"\n" + gompertz + who +
                    R"(female_share = 0.5
hazard_ratio = { remision = 1, no_response = 0 }
resistant_hazard_ratio = [{ from_age = 30, value = 1 }, { from_age = 20, value = 1 }, { value = 2 }]
suicide = { remission = -1 }
)") == Lines{"3:12: mortality.gompertz: stands beside life_table; one of them "
             "is allowed",
             "6:16: mortality.female_share: stands beside female; one of them "
             "is allowed",
             "7:18: mortality.hazard_ratio: unknown key \"remision\"; did you "
             "mean \"remission\"?",
             "7:46: mortality.hazard_ratio.no_response: 0 is not a ratio "
             "(0.000001 to 1,000,000)",
             "8:26: mortality.resistant_hazard_ratio: 30 before 20; ages must "
             "ascend",
             "8:87: mortality.resistant_hazard_ratio.3.from_age: missing; the "
             "lowest age it holds for is needed",
             "9:25: mortality.suicide.remission: -1 is not a number of deaths "
             "per person-year (0 to 10)"});
}

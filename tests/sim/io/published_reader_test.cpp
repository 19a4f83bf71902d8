#include "sim/io/published_reader.hpp"

#include "sim/io/scenario_reader.hpp"
#include "tests/program.hpp"
#include "tests/scenarios.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace stardsim;
using namespace stardsim::test;

namespace {

using Lines = std::vector<std::string>;

const std::string header = R"([scenario]
title = "Figures"
reference = "usual"
horizon = 104
estimand = "observed"
[pathways]
usual = ["first", "second", "first"]
other = ["second"]
[sources]
rush2006 = "Rush et al. 2006"
[steps.first]
weeks = 8
remission = 0.4
[steps.second]
weeks = 8
[steps.second.arms]
x = { remission = 0.3, intolerance = 0.1 }
y = { remission = 0.3 }
[steps.second.follow_up.remitted]
relapse = { probability = 0.3, by = 52 }
)";
const std::string economics = R"([economics]
currency = "USD"
price_year = 2021
discount = { costs = 0.03, effects = 0.03 }
[economics.perspectives]
payer = ["drug"]
[costs.drug]
rates = [{ value = 100, per = "year" }]
[utilities]
remission = 0.9
no_response = 0.5
)";

Scenario read(const std::string& text) {
  const Folder folder;
  return read_scenario(folder.write("a.toml", header + text)).scenario;
}

Published figure(const std::string& keys) {
  const auto all =
      read("[published]\nf = { figure = 0.4, " + keys + " }\n").published;
  REQUIRE(all.size() == 1);
  return all[0];
}

Lines problems_of(const std::string& text) {
  const Folder folder;
  const std::string file = folder.write("a.toml", text).string();
  try {
    read_scenario(file);
  } catch (const BadScenario& error) {
    Lines lines = error.lines();
    for (std::string& line : lines) line = line.substr(file.size() + 1);
    return lines;
  }
  return {};
}

// What is said of `f = { figure = 0.4, ... }`, without line and column.
Lines refused(const std::string& keys, const std::string& more = "") {
  Lines lines = problems_of(
      header + more + "[published]\nf = { figure = 0.4, " + keys + " }\n");
  for (std::string& line : lines) line = line.substr(line.find(' ') + 1);
  return lines;
}

}  // namespace

TEST_CASE("a scenario without published figures has none", "[io]") {
  CHECK(read("").published.empty());
  CHECK(read("[published]\n").published.empty());
}

TEST_CASE("a published figure is read with all that it says", "[io]") {
  const auto all = read(R"([published]
b = { quantity = "cumulative_remission", week = 104, estimand = "sustained", pathway = "other", figure = { value = 0.67, of = 100, source = "rush2006", note = "why" }, rounding = 0.005, input = true, label = "Two years" }
a = { quantity = "remission", step = "second", arm = "y", figure = 0.3 }
)")
                       .published;
  REQUIRE(all.size() == 2);  // in the order of the file
  const Published& b = all[0];
  CHECK(b.name == "b");
  CHECK(b.label == "Two years");
  CHECK(b.what == Published::What::cumulative_remission);
  CHECK(b.pathway == 1);
  CHECK(b.estimand == static_cast<std::size_t>(Estimand::sustained));
  CHECK(b.week == 104u);
  CHECK_FALSE(b.step);
  CHECK(b.figure.value == 0.67);
  CHECK(b.figure.certainty == decltype(b.figure.certainty)(Sample{100}));
  CHECK(b.figure.source == "Rush et al. 2006");
  CHECK(b.figure.note == "why");
  CHECK(b.figure.key == "published.b.figure");
  CHECK(b.rounding == 0.005);
  CHECK(b.is_input);
  const Published& a = all[1];
  CHECK(a.label == "a");
  CHECK(a.pathway == 0);
  CHECK(a.estimand == static_cast<std::size_t>(Estimand::observed));
  CHECK(a.step == std::size_t{1});
  CHECK(a.arm == std::size_t{1});
  CHECK(a.rounding == 0);
  CHECK_FALSE(a.is_input);
}

TEST_CASE("each quantity is known by its name", "[io]") {
  using What = Published::What;
  CHECK(figure(R"(quantity = "entered", step = "second")").what ==
        What::entered);
  CHECK(
      figure(R"(quantity = "intolerance", step = "second", arm = "x")").what ==
      What::intolerance);
  const Published relapse = figure(R"(quantity = "relapse", week = 52)");
  CHECK(relapse.what == What::relapse);
  CHECK_FALSE(relapse.step);
  const auto all = read(economics + R"([published]
o = { quantity = "outcome", measure = "qalys_discounted", figure = 2 }
d = { quantity = "difference", measure = "total_payer", pathway = "other", figure = -12 }
i = { quantity = "icer", pathway = "other", figure = 54_000 }
s = { quantity = "share_of_life", measure = "weeks_in_remission", figure = 0.5 }
)")
                       .published;
  CHECK(all.at(0).what == What::outcome);
  CHECK(all.at(0).measure == "qalys_discounted");
  CHECK(all.at(1).what == What::difference);
  CHECK(all.at(1).figure.value == -12);
  CHECK(all.at(2).what == What::icer);
  CHECK(all.at(3).what == What::share_of_life);
}

TEST_CASE("a step that comes twice is told by its position", "[io]") {
  CHECK(
      figure(R"(quantity = "remission", step = "first", position = 3)").step ==
      std::size_t{2});
  CHECK(refused(R"(quantity = "remission", step = "first")") ==
        Lines{"published.f.step: \"first\" comes more than once in the pathway "
              "\"usual\"; position, one of 1, 3, is needed"});
  CHECK(refused(R"(quantity = "remission", step = "first", position = 2)") ==
        Lines{"published.f.position: 2 is not where \"first\" stands in the "
              "pathway \"usual\": 1, 3"});
  CHECK(refused(R"(quantity = "relapse", week = 52, position = 2)") ==
        Lines{"published.f.position: needs step, the name of the step there"});
}

TEST_CASE("an unknown quantity, pathway, step, arm, measure or key is refused",
          "[io]") {
  CHECK(refused(R"(quantity = "remision", step = "second")") ==
        Lines{"published.f.quantity: \"remision\" is not a quantity; did you "
              "mean \"remission\"?"});
  CHECK(refused(R"(quantity = "survival")") ==
        Lines{"published.f.quantity: \"survival\" is not a quantity; known are "
              "entered, remission, intolerance, cumulative_remission, relapse, "
              "outcome, share_of_life, difference, icer"});
  CHECK(refused(R"(step = "second")") ==
        Lines{"published.f.quantity: missing; one of entered, remission, "
              "intolerance, cumulative_remission, relapse, outcome, "
              "share_of_life, difference, icer is needed"});
  CHECK(refused(R"(quantity = "remission", pathway = "othr", step = "x")") ==
        Lines{"published.f.pathway: \"othr\" is not a pathway of this "
              "scenario; did you mean \"other\"?"});
  CHECK(
      refused(R"(quantity = "remission", pathway = "other", step = "first")") ==
      Lines{"published.f.step: \"first\" is not a step of the pathway "
            "\"other\"; known are second"});
  CHECK(refused(R"(quantity = "remission", step = "second", arm = "z")") ==
        Lines{"published.f.arm: \"z\" is not an arm of the step \"second\"; "
              "known are x, y"});
  CHECK(refused(R"(quantity = "outcome", measure = "qaly_discounted")",
                economics) ==
        Lines{"published.f.measure: \"qaly_discounted\" is not a measure of "
              "this scenario; did you mean \"qalys_discounted\"?"});
  CHECK(refused(R"(quantity = "remission", step = "second", wek = 3)") ==
        Lines{"published.f: unknown key \"wek\"; did you mean \"week\"?"});
  CHECK(refused(R"(quantity = "entered", step = "second", estimand = "all")")
            .size() == 1);
}

TEST_CASE("what a quantity needs must be there, and nothing else", "[io]") {
  CHECK(refused(R"(quantity = "remission")") ==
        Lines{"published.f.step: missing; the name of a step is needed"});
  CHECK(refused(R"(quantity = "cumulative_remission")") ==
        Lines{"published.f: step or week is needed: by the end of which"});
  CHECK(
      refused(
          R"(quantity = "cumulative_remission", step = "second", week = 9)") ==
      Lines{"published.f.week: stands beside step; one of them is allowed"});
  CHECK(refused(R"(quantity = "relapse", step = "second")") ==
        Lines{"published.f.week: missing; the week since entering follow-up is "
              "needed"});
  CHECK(refused(R"(quantity = "relapse", arm = "x", week = 52)") ==
        Lines{"published.f.arm: needs step, whose arm it is"});
  CHECK(refused(R"(quantity = "outcome")", economics) ==
        Lines{"published.f.measure: missing; the name of an outcome measure is "
              "needed"});
  CHECK(refused(R"(quantity = "remission", step = "second", week = 9)") ==
        Lines{"published.f.week: has no meaning with quantity = "
              "\"remission\""});
  CHECK(
      refused(
          R"(quantity = "outcome", measure = "remission", estimand = "observed")",
          economics) ==
      Lines{"published.f.estimand: has no meaning with quantity = "
            "\"outcome\""});
}

TEST_CASE("a comparison needs another pathway, an ICER costs and utilities",
          "[io]") {
  CHECK(refused(R"(quantity = "difference", measure = "lines")", economics) ==
        Lines{"published.f.pathway: missing; a pathway other than the "
              "reference, \"usual\", is needed"});
  CHECK(refused(R"(quantity = "icer", pathway = "usual")", economics) ==
        Lines{"published.f.pathway: \"usual\" is the reference; another "
              "pathway, compared with it, is needed"});
  CHECK(refused(R"(quantity = "icer", pathway = "other")") ==
        Lines{"published.f: quantity = \"icer\" needs costs and utilities; "
              "this scenario lacks one of them or both"});
  CHECK(
      refused(R"(quantity = "share_of_life", measure = "qalys")", economics) ==
      Lines{"published.f.measure: \"qalys\" is not in weeks, which are "
            "needed for a share of life"});
}

TEST_CASE("weeks, figures and roundings out of range are refused", "[io]") {
  CHECK(refused(R"(quantity = "cumulative_remission", week = 105)") ==
        Lines{"published.f.week: 105 lies beyond the horizon, 104 weeks"});
  CHECK(
      refused(R"(quantity = "remission", step = "second", rounding = 0.5)") ==
      Lines{"published.f.rounding: 0.5 is not half a unit of the last printed "
            "digit of a fraction (0 to 0.05)"});
  CHECK(
      refused(R"(quantity = "outcome", measure = "lines", rounding = -0.1)",
              economics) ==
      Lines{"published.f.rounding: -0.1 is not half a unit of the last printed "
            "digit (0 or more)"});
  const std::string start = R"([published]
f = { quantity = "remission", step = "second")";  // line 22
  CHECK(problems_of(header + start + ", figure = 40 }\n") ==
        Lines{"22:57: published.f.figure: 40 is not a probability (0 to 1)"});
  CHECK(problems_of(header + start + " }\n") ==
        Lines{"22:5: published.f.figure: missing; a probability (0 to 1) is "
              "needed"});
}

TEST_CASE("what cannot happen has no figure to be held against", "[io]") {
  CHECK(refused(R"(quantity = "intolerance", step = "second")") ==
        Lines{"published.f: intolerance is not stated there by the scenario"});
  CHECK(
      refused(
          R"(quantity = "relapse", step = "first", position = 1, week = 9)") ==
      Lines{"published.f: nobody relapses there: no "
            "follow_up.remitted.relapse"});
}

TEST_CASE("a variant inherits published figures, replaces and removes them",
          "[io]") {
  const Folder folder;
  folder.write("base.toml", header + R"([published]
one = { quantity = "remission", step = "second", figure = 0.3 }
two = { quantity = "entered", step = "second", figure = { value = 0.5, source = "rush2006" } }
)");
  const Scenario scenario =
      read_scenario(folder.write("own.toml", R"(extends = "base.toml"
[published]
one = { remove = true }
two = { figure = 0.6 }
three = { quantity = "remission", step = "second", figure = 0.3 }
)"))
          .scenario;
  REQUIRE(scenario.published.size() == 2);
  CHECK(scenario.published[0].name == "two");
  CHECK(scenario.published[0].what == Published::What::entered);
  CHECK(scenario.published[0].figure.value == 0.6);
  CHECK(scenario.published[0].figure.source.empty());  // replaced whole
  CHECK(scenario.published[1].name == "three");
}

TEST_CASE("every published figure of the scenarios here has a source", "[io]") {
  std::size_t figures = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(source_file("configs"))) {
    if (entry.path().extension() != ".toml") continue;
    INFO(entry.path().filename());
    for (const Published& one :
         read_scenario(entry.path()).scenario.published) {
      ++figures;
      INFO(one.name);
      CHECK(!one.figure.source.empty());
      CHECK(one.label != one.name);
    }
  }
  CHECK(figures > 63);
}

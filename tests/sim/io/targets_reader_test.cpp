#include "sim/io/targets_reader.hpp"

#include "sim/io/scenario_reader.hpp"
#include "tests/program.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace stardsim;
using namespace stardsim::test;

namespace {

using Lines = std::vector<std::string>;

const std::string scenario_text = R"([scenario]
title = "Targets"
reference = "usual"
horizon = 104
[pathways]
usual = ["first", "second"]
[sources]
rush2006 = "Rush et al. 2006"
[steps.first]
weeks = 8
remission = { value = 0.4, of = 100 }
continue_if_not_remitted = 0.5
[steps.second]
weeks = 8
remission = 0.3
[steps.second.follow_up.remitted]
relapse = { probability = 0.3, by = 52 }
)";
const std::string one_target =
    "[targets]\nf = { quantity = \"remission\", step = \"first\", figure = { "
    "events = 30, of = 80, source = \"rush2006\" } }\n";
const std::string one_parameter =
    "[parameters]\n\"steps.second.remission\" = { low = 0.1, high = 0.5 }\n";

TargetsFile read(const std::string& text) {
  const Folder folder;
  const Scenario scenario =
      read_scenario(folder.write("a.toml", scenario_text)).scenario;
  return read_targets(folder.write("t.toml", text), scenario);
}

/// Without the folder.
Lines problems(const std::string& text) {
  const Folder folder;
  const Scenario scenario =
      read_scenario(folder.write("a.toml", scenario_text)).scenario;
  const auto path = folder.write("t.toml", text);
  try {
    read_targets(path, scenario);
  } catch (const BadScenario& bad) {
    Lines lines = bad.lines();
    const std::string where = folder.path().string() + "/";
    for (std::string& line : lines)
      if (line.rfind(where, 0) == 0) line.erase(0, where.size());
    return lines;
  }
  return {};
}

}  // namespace

TEST_CASE("a targets file names free parameters and figures to meet",
          "[calibration]") {
  const TargetsFile file = read(
      "[sources]\nown = \"Own study\"\n"
      "[parameters]\n"
      "\"steps.second.remission\" = { low = 0.1, high = 0.5 }\n"
      "\"steps.first.remission\" = \"evidence\"\n"
      "\"steps.second.follow_up.remitted.relapse.probability\" = { beta = [2, "
      "8], source = \"own\" }\n"
      "[targets.first]\n"
      "quantity = \"remission\"\nstep = \"first\"\n"
      "figure = { events = 30, of = 80, source = \"rush2006\" }\n"
      "[targets.all]\n"
      "label = \"Ever\"\nquantity = \"cumulative_remission\"\n"
      "estimand = \"observed\"\nweek = 16\n"
      "figure = { value = 0.5, low = 0.4, high = 0.6, source = \"own\" }\n"
      "rounding = 0.005\nheld_out = true\n"
      "[targets.relapse]\n"
      "quantity = \"relapse\"\nstep = \"second\"\nweek = 52\n"
      "figure = { value = 0.25, sd = 0.03 }\n"
      "[targets.entered]\n"
      "quantity = \"entered\"\nstep = \"second\"\n"
      "figure = { value = 0.3, of = 50 }\n");
  REQUIRE(file.parameters.size() == 3);
  CHECK(file.parameters[0].parameter.evidence.key == "steps.second.remission");
  const auto& flat = std::get<UniformDistribution>(file.parameters[0].prior);
  CHECK(flat.low == 0.1);
  CHECK(flat.high == 0.5);
  const auto& own = std::get<BetaDistribution>(file.parameters[1].prior);
  CHECK(own.a == Approx(40));
  CHECK(own.b == Approx(60));
  const auto& stated = std::get<BetaDistribution>(file.parameters[2].prior);
  CHECK(stated.a == Approx(2));
  CHECK(stated.b == Approx(8));

  REQUIRE(file.targets.size() == 4);
  const Target& first = file.targets[0];
  CHECK(first.figure.name == "first");
  CHECK(first.figure.what == Published::What::remission);
  CHECK(first.figure.figure.value == 0.375);
  CHECK(first.figure.figure.source == "Rush et al. 2006");
  CHECK(!first.held_out);
  const Target& all = file.targets[1];
  CHECK(all.held_out);
  CHECK(all.figure.label == "Ever");
  CHECK(all.figure.figure.source == "Own study");
  CHECK(all.figure.rounding == 0.005);
  CHECK(file.warnings.empty());
}

TEST_CASE("a parameter that is not in the scenario gets the nearest one",
          "[calibration]") {
  CHECK(problems("[parameters]\n\"steps.second.remision\" = { low = 0.1, high "
                 "= 0.5 }\n" +
                 one_target) ==
        Lines{"t.toml:2:27: parameters.\"steps.second.remision\": "
              "\"steps.second.remision\" is the key of no number of the "
              "scenario; did you mean \"steps.second.remission\"?"});
}

TEST_CASE("impossible priors are told", "[calibration]") {
  const auto prior = [](const std::string& text) {
    const Lines lines =
        problems("[parameters]\n\"steps.second.remission\" = " + text + "\n" +
                 one_target);
    REQUIRE(lines.size() == 1);
    const std::string start =
        "t.toml:2:28: parameters.\"steps.second.remission\": ";
    REQUIRE(lines[0].substr(0, start.size()) == start);
    return lines[0].substr(start.size());
  };
  const std::string allowed =
      "a prior is needed: { low, high } (uniform), \"evidence\" (its own "
      "distribution in the scenario), or an evidence value with its "
      "uncertainty";
  CHECK(prior("\"evidence\"") == "has no uncertainty there; " + allowed);
  CHECK(prior("\"flat\"") == "\"flat\" is no prior; " + allowed);
  CHECK(prior("{ value = 0.3 }") == "has no uncertainty there; " + allowed);
  CHECK(prior("{ low = 0.5, high = 0.5 }") ==
        "low, 0.5, is not below high, 0.5");
  CHECK(prior("{ low = 0.6, high = 0.5 }") ==
        "low, 0.6, is not below high, 0.5");
  CHECK(prior("0.3") ==
        "is a number; { low, high }, \"evidence\" or an evidence value is "
        "allowed");
  CHECK(prior("{ events = 0, of = 20 }") ==
        "none or all of a sample had the event, which has no distribution; "
        "give { low, high }");
  CHECK(prior("{ value = 0.3, sd = 0.9 }").find("is too large for a beta") !=
        std::string::npos);
}

TEST_CASE("a prior stays within what may stand there", "[calibration]") {
  CHECK(problems("[parameters]\n\"steps.second.remission\" = { low = 0.5, high "
                 "= 1.5 }\n" +
                 one_target) ==
        Lines{"t.toml:2:48: parameters.\"steps.second.remission\".high: 1.5 is "
              "not a probability (0 to 1)"});
}

TEST_CASE("a target to be met needs its uncertainty", "[calibration]") {
  const std::string target =
      "[targets]\nf = { quantity = \"remission\", step = \"first\", figure = "
      "0.4";
  CHECK(problems(one_parameter + target + " }\n") ==
        Lines{"t.toml:4:56: targets.f.figure: has no uncertainty, without "
              "which it would outweigh all other targets; give { value, of }, "
              "{ events, of }, { value, low, high } or { value, sd }"});
  // Held out, it is only looked at.
  CHECK(problems(one_parameter + one_target +
                 "g = { quantity = \"remission\", step = \"first\", figure = "
                 "0.4, held_out = true }\n")
            .empty());
}

TEST_CASE("something must be free, and some target must be met",
          "[calibration]") {
  CHECK(problems(one_target) ==
        Lines{"t.toml:1:1: parameters: missing; which numbers of the scenario "
              "are free, with a prior is needed"});
  CHECK(problems(one_parameter) ==
        Lines{"t.toml:1:1: targets: missing; at least one published figure is "
              "needed"});
  CHECK(problems(one_parameter + "[targets]\n") ==
        Lines{"t.toml:3:1: targets: empty; at least one published figure is "
              "needed"});
  CHECK(problems(one_parameter +
                 "[targets]\nf = { quantity = \"remission\", step = \"first\", "
                 "figure = { value = 0.4, of = 9 }, held_out = true }\n") ==
        Lines{"t.toml:3:1: targets: all are held out; at least one to be met "
              "is needed"});
}

TEST_CASE("mistakes in targets are told as those in [published]",
          "[calibration]") {
  CHECK(problems(one_parameter +
                 "[targets]\nf = { quantity = \"remission\", step = \"frist\", "
                 "figure = { value = 0.4, of = 9 }, helt_out = true }\n") ==
        Lines{"t.toml:4:38: targets.f.step: \"frist\" is not a step of the "
              "pathway \"usual\"; did you mean \"first\"?",
              "t.toml:4:81: targets.f: unknown key \"helt_out\"; did you mean "
              "\"held_out\"?"});
}

TEST_CASE("more parameters than targets is a warning, not an error",
          "[calibration]") {
  const TargetsFile file = read(
      "[parameters]\n\"steps.second.remission\" = { low = 0.1, high = 0.5 "
      "}\n\"steps.first.remission\" = \"evidence\"\n" +
      one_target);
  CHECK(file.warnings ==
        Lines{"2 free parameters for 1 targets: what the targets leave open, "
              "the priors decide"});
}

// `stardsim alternatives` as its users meet it.
#include "sim/analysis/alternatives.hpp"

#include "models/law.hpp"
#include "sim/core/simulate.hpp"
#include "sim/io/result_file.hpp"
#include "sim/io/scenario_reader.hpp"
#include "tests/program.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

using namespace stardsim;
using stardsim::test::config;
using stardsim::test::contains;
using stardsim::test::Folder;
using stardsim::test::Outcome;
using stardsim::test::run;
using stardsim::test::source_file;

namespace {

// ECT at 64 % costs more than it is worth at 20,000 and less at 50,000; in the
// variant it remits nobody more than the drug.
const std::string decision = R"([scenario]
title = "A drug or ECT"
reference = "drug"
horizon = 60
[cohort]
patients = 20_000
seed = 4
[pathways]
drug = ["drug"]
ect = ["ect"]
[treatments.ect]
class = "ECT"
costs = { ect = { value = 5000, per = "start" } }
[steps.drug]
weeks = 8
remission = 0.3
[steps.ect]
weeks = 8
treatment = "ect"
remission = 0.64
[economics]
currency = "USD"
price_year = 2020
discount = "none"
thresholds = [20_000, 50_000, 100_000]
[economics.perspectives]
payer = ["ect"]
[costs.ect]
[utilities]
remission = 0.9
no_response = 0.4
[alternatives.no_effect.steps]
ect = { remission = 0.3 }
)";

}  // namespace

TEST_CASE("Staying with the base's choice loses what the alternative says",
          "[app][alternatives]") {
  const Folder folder;
  const ScenarioFile file = read_scenario(folder.write("a.toml", decision));
  RunOptions options;
  options.patients = 20'000;
  const Tally base = simulate(compile(file.scenario), options);
  const Scenario& variant = file.alternatives.front().scenario;
  const Tally other = simulate(compile(variant), options);
  const std::vector<VariantRun> runs{{"base", "", &file.scenario, &base},
                                     {"no_effect", "", &variant, &other}};
  const FigureOfVariants low = look_at(runs, "net_benefit", {}, 20'000.0);
  const FigureOfVariants high = look_at(runs, "net_benefit", {}, 50'000.0);
  // 0.34 * 0.5 of a QALY a year more for some 52 weeks are 0.17 QALYs.
  REQUIRE(low.choices[0].has_value());
  CHECK(low.choices[0]->best == 0);
  CHECK(high.choices[0]->best == 1);
  REQUIRE(high.choices[1]->loss.has_value());
  CHECK(high.choices[1]->best == 0);
  CHECK(high.choices[1]->is_other);
  // Equal effects on the same luck: all that is lost is the price.
  CHECK(high.choices[1]->loss->mean == Approx(5000).epsilon(1e-12));
  CHECK(high.choices[1]->loss->se == Approx(0).margin(1e-6));
  CHECK_FALSE(low.choices[1]->is_other);
  CHECK(low.choices[1]->loss->mean == 0);
}

TEST_CASE("Alternatives mark another decision in words",
          "[app][alternatives]") {
  const Folder folder;
  const auto path = folder.write("a.toml", decision);
  const std::string file = (folder / "a.h5").string();
  const Outcome outcome =
      run("stardsim alternatives '" + path.string() + "' -o '" + file + "'");
  REQUIRE(outcome.code == 0);
  CHECK(outcome.err.empty());
  CHECK(contains(outcome.out, "another decision"));
  CHECK(contains(outcome.out, "20,000 patients, seed 4"));
  read_safely(file, [](const ResultFile& read) {
    CHECK(read.text_attribute("kind") == "alternatives");
    CHECK(read.names("/alternatives/alternative") ==
          std::vector<std::string>{"base", "no_effect"});
    const auto thresholds = read.list("/alternatives/threshold");
    REQUIRE(thresholds == std::vector<double>{20'000, 50'000, 100'000});
    CHECK(
        read.texts("/alternatives/best", {2, 1, 3}) ==
        std::vector<std::string>{"drug", "ect", "ect", "drug", "drug", "drug"});
    const auto loss = read.numbers<double>("/alternatives/loss", {2, 1, 3});
    CHECK(loss[3] == 0);
    CHECK(loss[4] == Approx(5000));
  });
}

TEST_CASE("A lead that luck may have made is told from a clear one",
          "[app][alternatives]") {
  const Folder folder;
  const ScenarioFile file = read_scenario(folder.write("a.toml", decision));
  RunOptions options;
  options.patients = 20'000;
  const Tally base = simulate(compile(file.scenario), options);
  const std::vector<VariantRun> runs{{"base", "", &file.scenario, &base}};
  const FigureOfVariants qalys = look_at(runs, "qalys");
  const auto& means = qalys.readings[0]->means();
  // Where the 5000 of ECT are just what its QALYs are worth, neither is ahead.
  const double even = 5000 / (means[1] - means[0]);
  const Decided at_even =
      look_at(runs, "net_benefit", {}, even).choices[0].value();
  CHECK(at_even.lead.mean == Approx(0).margin(1e-6));
  CHECK(at_even.lead.se > 1);
  CHECK(at_even.is_within_error());
  const Decided beyond =
      look_at(runs, "net_benefit", {}, 2 * even).choices[0].value();
  CHECK(beyond.lead.mean == Approx(5000));
  CHECK_FALSE(beyond.is_within_error());
  const Outcome outcome =
      run("stardsim alternatives '" + (folder / "a.toml").string() +
          "' --thresholds " + std::to_string(even));
  REQUIRE(outcome.code == 0);
  CHECK(contains(outcome.out, " ~"));
  CHECK(contains(outcome.out, "within the error of luck: by less than 1.96"));
}

TEST_CASE("A misspelt step of an alternative is suggested",
          "[app][alternatives]") {
  const Folder folder;
  std::string text = decision;
  const std::string step = "ect = { remission = 0.3 }";
  text.replace(text.find(step), step.size(), "drugs = { remission = 0.3 }");
  const Outcome outcome = run("stardsim alternatives '" +
                              folder.write("a.toml", text).string() + "'");
  CHECK(outcome.code == 2);
  CHECK(contains(outcome.err,
                 "alternatives.no_effect.steps.drugs: the scenario has no step "
                 "\"drugs\"; did you mean \"drug\"?"));
}

TEST_CASE("What an alternative does not discount is said to be undiscounted",
          "[app][alternatives]") {
  const std::string of =
      "stardsim alternatives " + config("ect_timing.toml") + " --patients 1000";
  const Outcome text = run(of);
  REQUIRE(text.code == 0);
  CHECK(contains(text.out, "Not discounted under: undiscounted"));
  const Outcome csv = run(of + " --format csv");
  REQUIRE(csv.code == 0);
  CHECK_FALSE(contains(csv.out, "undiscounted,measure,,,qalys_discounted,"));
  CHECK(contains(csv.out, "undiscounted,measure,,,qalys,"));
}

TEST_CASE("Alternatives of one pathway tell their measures",
          "[app][alternatives]") {
  const Outcome outcome = run("stardsim alternatives " + config("stard.toml") +
                              " --patients 5000 --format csv");
  REQUIRE(outcome.code == 0);
  CHECK(contains(outcome.out, "\npigott,measure,"));
  CHECK(contains(outcome.out, "\ncounts,measure,"));
  const Outcome text =
      run("stardsim alternatives " + config("stard.toml") + " --patients 5000");
  CHECK(contains(text.out, "stard_hrsd"));
  CHECK_FALSE(contains(text.out, "Decision"));
}

TEST_CASE("Where a line of ECT is chosen by remission, so it says",
          "[app][alternatives][slow]") {
  const Outcome outcome = run("stardsim alternatives " +
                              config("ect_by_line.toml") + " --patients 20000");
  REQUIRE(outcome.code == 0);
  CHECK(contains(outcome.out, "Decision: Ever in remission"));
  CHECK(contains(outcome.out, "same decision"));
  CHECK(contains(outcome.out, "patients with other covariates"));
}

TEST_CASE("Alternatives of ECT's timing come to what its head says",
          "[app][alternatives][slow]") {
  // Differences of ect3 from never, as the head of the file has them, at
  // 4,000,000 patients. QALYs are told to 0.001 there: half of that, and four
  // standard errors here, are allowed.
  const std::map<std::string, double> head{{"base", 0.089},
                                           {"ect_once", 0.063},
                                           {"severity", 0.055},
                                           {"elektd", 0.012}};
  const Folder folder;
  const std::string file = (folder / "a.h5").string();
  REQUIRE(run("stardsim alternatives " + config("ect_timing.toml") +
              " --patients 20000 -o '" + file + "'")
              .code == 0);
  read_safely(file, [&](const ResultFile& read) {
    const auto names = read.names("/alternatives/alternative"),
               pathways = read.names("/alternatives/pathway"),
               measures = read.names("/alternatives/measure");
    const auto place = [](const std::vector<std::string>& all,
                          const std::string& name) {
      return static_cast<std::size_t>(std::find(all.begin(), all.end(), name) -
                                      all.begin());
    };
    const ResultFile::Shape shape{names.size(), pathways.size(),
                                  measures.size()};
    const auto mean =
        read.numbers<double>("/alternatives/difference_mean", shape);
    const auto se = read.numbers<double>("/alternatives/difference_se", shape);
    for (const auto& [name, figure] : head) {
      const std::size_t at =
          (place(names, name) * pathways.size() + place(pathways, "ect3")) *
              measures.size() +
          place(measures, "qalys_discounted");
      INFO(name << ": " << mean[at] << " (" << se[at] << ")");
      CHECK(std::fabs(mean[at] - figure) < 0.0005 + 4 * se[at]);
    }
  });
}

TEST_CASE("A scenario without alternatives says how to name one",
          "[app][alternatives]") {
  const std::string smoke = source_file("configs/smoke.toml").string();
  const Outcome outcome = run("stardsim alternatives '" + smoke + "'");
  CHECK(outcome.code == 2);
  CHECK(outcome.out.empty());
  CHECK(outcome.err ==
        "stardsim: " + smoke +
            ": has no [alternatives]; name a variant as "
            "[alternatives.NAME.SECTION] or [alternatives.NAME] with file = "
            "\"other.toml\" (configs/README.md)\n");
}

#include "sim/app/story.hpp"

#include "tests/program.hpp"
#include "tests/scenarios.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <regex>
#include <set>

using namespace stardsim;
using namespace stardsim::test;

namespace {

std::string told(const Scenario& scenario, std::uint64_t patient,
                 std::size_t pathway = 0, bool everybody_continues = false) {
  const Engine engine(compile(scenario));
  return story(scenario, engine,
               live(engine, {7, 0}, patient, pathway, everybody_continues),
               pathway, everybody_continues);
}

std::string cut_short(std::uint32_t word) {
  return fmt::format("{:.4f}", std::floor(word / 429496.7296) / 10000);
}

const std::string smoke =
    "'" + source_file("configs/smoke.toml").string() + "'";

}  // namespace

TEST_CASE("A horizon within a week is told as it is", "[app]") {
  Scenario scenario = one_step(0.3, 10);
  scenario.horizon = 105;
  scenario.horizon_weeks = 2 * 365.25 / 7;
  CHECK(contains(told(scenario, 0), "at the horizon, week 104.357.\n"));
}

TEST_CASE("The story of a patient on one step is his outcome word", "[app]") {
  const Scenario scenario = one_step(0.3, 10);
  std::size_t remitted = 0;
  for (std::uint64_t patient = 0; patient < 20; ++patient) {
    const std::uint32_t word =
        stardsim::word({7, 0}, patient, Purpose::outcome, 0);
    const std::string text = told(scenario, patient);
    INFO(text);
    CHECK(contains(text, "   0.00  enters\n"));
    CHECK(contains(text, "   0.00  line 1 starts: only, in step 1\n"));
    CHECK(contains(
        text, "outcome " + cut_short(word) + ": remission below 0.3000\n"));
    const bool in_remission = word < 0.3 * 4294967296.0;
    remitted += in_remission;
    CHECK(contains(text, in_remission ? "  10.00  remission with only\n"
                                      : "  10.00  no response to only\n"));
    CHECK(contains(
        text, in_remission ? "Summary: first remission in week 10.00; 0 "
                             "relapses; 1 line started; in follow-up, in "
                             "remission at the horizon, week 10.\n"
                           : "Summary: no remission; 0 relapses; 1 line "
                             "started; untreated at the horizon, week 10.\n"));
  }
  CHECK(remitted > 0);
  CHECK(remitted < 20);
}

namespace {

// With what only decision models have.
Scenario with_further_events() {
  Scenario scenario = clinical();
  const std::size_t age = scenario.cohort.covariates.size();
  Covariate years;
  years.name = "years";
  years.form = EmpiricalCovariate{{40.5}, {}};
  scenario.cohort.covariates.push_back(years);
  Mortality mortality;
  mortality.background = LifeTable{{0.2}, {0.2}};
  mortality.age = age;
  mortality.suicide.fill(number(0.1));
  scenario.mortality = mortality;
  scenario.untreated.remits_in_gaps = true;
  for (Step& step : scenario.steps)
    for (Arm& arm : step.arms) {
      arm.economics.adverse_events = {number(0.1)};
      if (arm.partial_response)
        arm.extension = Extension{number(6), number(0.3), by_week(0.4, 6)};
    }
  return scenario;
}

}  // namespace

TEST_CASE("Every event and every draw of a life has its line", "[app]") {
  std::set<Happening> happenings;
  std::set<Purpose> purposes;
  for (const Scenario& scenario : {clinical(), with_further_events()}) {
    const Engine engine(compile(scenario));
    for (std::uint64_t n = 0; n < 3000; ++n) {
      const std::uint64_t patient = n / 2;
      const bool everybody_continues = n % 2 == 1;
      const Life life = live(engine, {7, 0}, patient, 1, everybody_continues);
      const std::string text =
          story(scenario, engine, life, 1, everybody_continues);
      const std::string course = text.substr(text.find("   week\n") + 8);
      std::size_t at_entry = 0;
      for (const Event& event : life.events) happenings.insert(event.what);
      for (const Draw& draw : life.draws) {
        purposes.insert(draw.purpose);
        at_entry += draw.purpose == Purpose::covariate ||
                    draw.purpose == Purpose::propensity;
        if (!contains(text, " " + cut_short(draw.word).substr(0, 6)))
          FAIL(text << "\nwithout " << cut_short(draw.word));
      }
      const auto lines = static_cast<std::size_t>(
          std::count(course.begin(), course.end(), '\n'));
      // Also an empty line and the summary.
      if (lines != life.events.size() + life.draws.size() - at_entry + 2)
        FAIL(text);
    }
  }
  CHECK(happenings.size() == static_cast<std::size_t>(Happening::horizon) + 1);
  CHECK(purposes.size() == 26);  // all but that of a table and that of tests
}

TEST_CASE("A story says what a word was compared with", "[app]") {
  Scenario scenario = one_step(0.3, 10);
  scenario.steps.push_back(scenario.steps[0]);
  scenario.pathways[0].steps = {0, 1};
  scenario.horizon = 40;
  Arm& arm = scenario.steps[0].arms[0];
  arm.remission = number(0.1);
  arm.partial_response = number(0.2);
  arm.intolerance = number(0.15);
  arm.continue_if_not_remitted = number(0.5);
  arm.follow_up_if_not_remitted = number(0.2);
  arm.gap_if_not_remitted = number(0.1);
  scenario.untreated.gap_return = by_week(0.5, 15);
  std::string text;
  for (std::uint64_t patient = 0; patient < 50; ++patient)
    text += told(scenario, patient);
  CHECK(contains(text,
                 ": remission below 0.1000, partial response below 0.3000, "
                 "intolerance from 0.8500\n"));
  CHECK(contains(text,
                 ": next step below 0.5000, follow-up below 0.7000, gap below "
                 "0.8000, out of care from 0.8000\n"));
  CHECK(contains(text, "return to care 0."));
}

TEST_CASE("A word near a cut gets the decimals that tell them apart", "[app]") {
  const std::regex figures(
      "outcome (0\\.[0-9]+): remission below (0\\.[0-9]+)");
  std::size_t longest = 0;
  for (std::uint64_t patient = 0; patient < 10; ++patient)
    for (const bool remits : {false, true}) {
      Scenario scenario = one_step(0.3, 10);
      const std::uint32_t word =
          word_as_compared({7, 0}, patient, Purpose::outcome, 0);
      // The word itself as the cut, or the next one: not quite, or only just.
      scenario.steps[0].arms[0].remission =
          number((word + (remits ? 1.0 : 0.0)) / 4294967296.0);
      const std::string text = told(scenario, patient);
      INFO(text);
      CHECK(contains(text, "remission with only") == remits);
      std::smatch found;
      REQUIRE(std::regex_search(text, found, figures));
      CHECK((found[1].str() < found[2].str()) == remits);
      longest = std::max<std::size_t>(longest, found[1].length());
    }
  CHECK(longest > 6);
}

TEST_CASE("replay tells who the patient is and what became of him", "[app]") {
  const std::string command =
      "stardsim replay '" +
      source_file("configs/trd_third_line.toml").string() + "' --patient ";
  const Outcome one = run(command + "42 --pathway ect");
  CHECK(one.code == 0);
  CHECK(one.err == "");
  CHECK(contains(one.out, ": patient 42, seed "));
  CHECK(contains(one.out, "Pathway ECT (Heijnen), observed\n"));
  CHECK(contains(one.out, " years "));
  CHECK(contains(one.out, "Race and ethnicity"));
  CHECK(contains(one.out,
                 "line 1 starts: Citalopram (SSRI, initial), in step 1 "));
  CHECK(contains(one.out, "remission below 0.3680, intolerance from 0.8370"));
  CHECK(contains(one.out, "\nSummary: "));
  CHECK(run(command + "42 --pathway ect").out == one.out);
  CHECK(run(command + "43 --pathway ect").out != one.out);
  CHECK(run(command + "42 --pathway ect --seed 1").out != one.out);
  CHECK(contains(run(command + "42").out, "(reference), observed\n"));
  CHECK(contains(run(command + "42 --if-all-continue").out,
                 "(reference), if all continue\n"));
}

TEST_CASE("Any patient can be replayed, the last of 2^40 too", "[app]") {
  const Outcome last =
      run("stardsim replay " + smoke + " --patient 1099511627775");
  CHECK(last.code == 0);
  CHECK(contains(last.out, "patient 1,099,511,627,775, seed 42"));
  CHECK(run("stardsim replay " + smoke + " --patient 0").code == 0);
  CHECK(run("stardsim replay " + smoke + " --patient 1e3").out ==
        run("stardsim replay " + smoke + " --patient 1_000").out);
}

TEST_CASE("replay refuses in one line what it cannot tell", "[app]") {
  const std::string replay = "stardsim replay " + smoke;
  const std::pair<std::string, std::string> commands[] = {
      {replay, "--patient is required"},
      {replay + " --patient -1", "a whole number from 0 to 2^40-1"},
      {replay + " --patient 1.5", "a whole number from 0 to 2^40-1"},
      {replay + " --patient 1099511627776", "a whole number from 0 to 2^40-1"},
      {replay + " --patient 1 --seed x", "--seed: "},
      {replay + " --patient 1 --pathway shor", "did you mean \"short\"?"},
      {replay + " --patient 1 --pathway zzz", "which has short, long\n"}};
  for (const auto& [command, reason] : commands) {
    INFO(command);
    const Outcome refused = run(command);
    CHECK(refused.code == 2);
    CHECK(refused.out == "");
    CHECK(std::count(refused.err.begin(), refused.err.end(), '\n') == 1);
    CHECK(contains(refused.err, reason));
  }
  CHECK(run("stardsim replay /nowhere.toml --patient 1").code == 3);
  CHECK(contains(run("stardsim replay --help").out,
                 "Example: stardsim replay configs/"));
}

TEST_CASE("Wrong traces are refused before anything is simulated", "[app]") {
  const Folder folder;
  const std::string output = " -o '" + (folder / "x.h5").string() + "'";
  const std::string trd = "stardsim run '" +
                          source_file("configs/trd_third_line.toml").string() +
                          "' --patients 1e12";
  const std::pair<std::string, std::string> commands[] = {
      {trd + " --trace 10", "name the file with -o"},
      {trd + output + " --trace 0", "from 1 to 10,000,000"},
      {trd + output + " --trace 10000001", "from 1 to 10,000,000"},
      {trd + output + " --trace some", "from 1 to 10,000,000"},
      {trd + output + " --trace-if chronic", "--trace N"},
      {trd + output + " --trace 10 --trace-if cronic",
       "did you mean \"chronic\"?"},
      {"stardsim run " + smoke + output + " --trace 10 --trace-if chronic",
       "no [subgroups]"}};
  for (const auto& [command, reason] : commands) {
    INFO(command);
    const Outcome refused = run(command);
    CHECK(refused.code == 2);
    CHECK(refused.out == "");
    CHECK(std::count(refused.err.begin(), refused.err.end(), '\n') == 1);
    CHECK(contains(refused.err, reason));
    CHECK_FALSE(std::filesystem::exists(folder / "x.h5"));
  }
}

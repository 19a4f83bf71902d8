#include "sim/app/tables.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <string>
#include <vector>

using namespace stardsim;

namespace {

using Weeks = std::vector<std::uint64_t>;

Evidence plain(double value) {
  Evidence evidence;
  evidence.value = value;
  return evidence;
}

Scenario one_step_with_relapse() {
  Arm arm;
  arm.name = arm.label = "drug";
  Survival relapse;
  relapse.form = ByProbability{plain(0.5), 2};
  arm.follow_up_remitted.relapse = relapse;
  Step step;
  step.name = step.label = "First";
  step.weeks = plain(1);
  step.arms = {arm};
  Scenario scenario;
  scenario.title = "Relapse";
  scenario.horizon = 2;
  scenario.steps = {step};
  scenario.pathways = {{"only", "Only", {0}}};
  return scenario;
}

/// The same in all that the tables need, as counts or as probabilities.
template <class Number, class Pathway>
void fill(Pathway& pathway, Number one) {
  const auto part = [&](double share) {
    return static_cast<Number>(share * static_cast<double>(one));
  };
  for (auto& course : pathway.course) {
    course.remission_by_week = {0, part(0.5), 0};
    Flow<Number> flow;
    flow.entered = one;
    flow.remission = flow.first_remission = flow.no_response = part(0.5);
    flow.sustained = part(0.25);
    course.arms = {{flow}};
  }
  auto& later = pathway.later;
  later.first_remission_lost_by_week = {0, 0, part(0.25)};
  later.occupancy.fill(std::vector<Number>(3));
  later.occupancy[static_cast<std::size_t>(State::remitted)][2] = part(0.25);
  later.occupancy[static_cast<std::size_t>(State::untreated)][2] = part(0.75);
  FollowUpFlow<Number> remitted, nobody;
  remitted.entered = part(0.5);
  remitted.relapsed = remitted.dropped_out = part(0.125);
  remitted.relapse_by_week = {0, part(0.125), 0};
  remitted.censored_by_week = {0, part(0.375), 0};
  remitted.unseen_ticks_by_week = std::vector<Number>(3);
  nobody.relapse_by_week = nobody.censored_by_week =
      nobody.unseen_ticks_by_week = std::vector<Number>(3);
  later.follow_up = {{{remitted, nobody}}};
}

Tally simulated() {
  Tally tally;
  tally.patients = 8000;
  tally.pathways.resize(1);
  fill(tally.pathways[0], std::uint64_t{8000});
  return tally;
}

Expectation expected() {
  Expectation expectation;
  expectation.pathways.resize(1);
  fill(expectation.pathways[0], 1.0);
  return expectation;
}

bool contains(const std::string& text, const std::string& part) {
  INFO(text);
  return text.find(part) != std::string::npos;
}

/// The line that begins with the label, its columns set apart by one space.
std::string line(const std::string& text, const std::string& label) {
  const auto from = text.find("\n" + label);
  if (from == std::string::npos) return "no line " + label;
  std::string words;
  for (const char c :
       text.substr(from + 1, text.find('\n', from + 1) - from - 1))
    if (c != ' ' || (!words.empty() && words.back() != ' ')) words += c;
  return words;
}

}  // namespace

TEST_CASE("A scenario with follow-up gets tables of relapse and of the horizon",
          "[app]") {
  Tally tally = simulated();
  // All who entered are seen in week 1, when a quarter relapses; nobody later.
  tally.pathways[0].later.follow_up[0][0][0].censored_by_week = {0, 0, 3000};
  Expectation expectation = expected();
  expectation.pathways[0].later.follow_up[0][0][0].censored_by_week = {0, 0,
                                                                       0.375};
  const std::string text =
      run_tables(one_step_with_relapse(), tally, &expectation);
  CHECK(contains(text, "relapse by week 1, %"));
  // sqrt(0.25 * 0.75 / 4000) = 0.685 %, sqrt(0.5 * 0.5 / 8000) = 0.559 %
  CHECK(line(text, "1 in remission") ==
        "1 in remission 50.000 0.559 50.000 0.0 25.000 0.685 25.000 0.0 25.000 "
        "0.685 25.000 0.0");
  CHECK(line(text, "sustained: still in the first one") ==
        "sustained: still in the first one 25.000 0.484 25.000 0.0");
  CHECK(line(text, "ever in remission, observed") ==
        "ever in remission, observed 50.000 0.559 50.000 0.0");
  CHECK(line(text, "untreated, steps exhausted") ==
        "untreated, steps exhausted 75.000 0.484 75.000 0.0");
  CHECK_FALSE(contains(text, "gap"));
  CHECK_FALSE(contains(text, "1 not in remission"));
}

TEST_CASE("Relapse is told by a week at which somebody is still seen",
          "[app]") {
  const std::string text =
      run_tables(one_step_with_relapse(), simulated(), nullptr);
  CHECK(contains(text, "relapse by week 1, %"));  // all are lost in week 1
  CHECK(line(text, "1 in remission") ==
        "1 in remission 50.000 0.559 25.000 0.685 25.000 0.685");
}

TEST_CASE("Where patients go instead of the next step is told if anybody does",
          "[app]") {
  Tally tally = simulated();
  auto& flow = tally.pathways[0].course[1].arms[0][0];
  flow.follow_up = 400;
  CHECK(contains(run_tables(one_step_with_relapse(), tally, nullptr),
                 "to follow-up, % of entered"));
  flow.gap = 80;
  const std::string text = run_tables(one_step_with_relapse(), tally, nullptr);
  CHECK(contains(text, "5.000   0.244"));
  CHECK(contains(text, "1.000   0.111"));
}

TEST_CASE("Without a twin the simulated figures stand alone", "[app]") {
  const std::string text =
      run_tables(one_step_with_relapse(), simulated(), nullptr);
  CHECK(contains(text, "s.e."));
  CHECK_FALSE(contains(text, "exact"));
  CHECK(line(text, "sustained: still in the first one") ==
        "sustained: still in the first one 25.000 0.484");
}

TEST_CASE("Exact figures stand alone in exact tables", "[app]") {
  const std::string text = exact_tables(one_step_with_relapse(), expected());
  CHECK_FALSE(contains(text, "s.e."));
  CHECK(line(text, "sustained: still in the first one") ==
        "sustained: still in the first one 25.0000");
  const std::string weeks = exact_weeks(one_step_with_relapse(), expected());
  CHECK(line(weeks, "   2") == "2 0.500000 0.500000 0.250000");
}

TEST_CASE("A scenario of acute steps alone gets no tables of what follows",
          "[app]") {
  Scenario scenario = one_step_with_relapse();
  scenario.steps[0].arms[0].follow_up_remitted.relapse.reset();
  const Expectation expectation = expected();
  const std::string text = run_tables(scenario, simulated(), &expectation);
  CHECK_FALSE(contains(text, "follow-up"));
  CHECK_FALSE(contains(text, "at week 2"));
}

TEST_CASE("Subgroups and resistance are told where the scenario asks for them",
          "[app]") {
  Scenario scenario = one_step_with_relapse();
  scenario.subgroups = {{"anxious", "Anxious", {}}};
  scenario.staging.emplace();
  Tally tally = simulated();
  SubgroupTally anxious;
  anxious.patients = 2000;
  anxious.remission_by_week = {Weeks{0, 800, 0}, Weeks{0, 600, 0}};
  anxious.first_remission_lost_by_week = {0, 0, 200};
  tally.pathways[0].subgroups = {anxious};
  StageTally stage;
  stage.entered[0] = {6000, 2000};
  stage.remission[0] = {3600, 400};
  stage.apparently_resistant = 4000;
  stage.truly_resistant = 1000;
  tally.pathways[0].stages = {stage};
  const std::string text = run_tables(scenario, tally, nullptr);
  CHECK(line(text, "Anxious") ==
        "Anxious (2,000) 40.000 1.095 30.000 1.025 20.000 0.894");
  const std::string staging = text.substr(text.find("resistance at entry"));
  CHECK(line(staging, "1 First") ==
        "1 First 25.000 0.484 20.000 0.894 60.000 0.632");
  // sqrt(0.5 * 0.5 / 8000) and sqrt(0.75 * 0.25 / 4000)
  CHECK(line(staging.substr(staging.find("pseudo-resistant, %")), "1 First") ==
        "1 First 50.000 0.559 75.000 0.685");
}

TEST_CASE("No line of a table is longer than the others of it", "[app]") {
  const Expectation expectation = expected();
  const std::string text =
      run_tables(one_step_with_relapse(), simulated(), &expectation);
  CHECK(line(text, "1 First").size() > 0);
  std::size_t width = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    width = std::max(width, end - at);
    at = end + 1;
  }
  CHECK(width <= 34 + 3 * 30);
}

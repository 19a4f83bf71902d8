#include "sim/analysis/agreement.hpp"

#include "sim/core/simulate.hpp"
#include "tests/scenarios.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <string>
#include <vector>

using namespace stardsim;
using namespace stardsim::test;

TEST_CASE("z takes its standard error from the exact probability",
          "[analysis]") {
  // 10,000 trials at 0.36: standard error 48.
  CHECK(z_score(3648, 10'000, 0.36) == Approx(1));
  CHECK(z_score(3504, 10'000, 0.36) == Approx(-2));
}

TEST_CASE("Where the probability is 0 or 1 only one count agrees",
          "[analysis]") {
  CHECK(z_score(0, 1000, 0) == 0);
  CHECK(std::isinf(z_score(1, 1000, 0)));
  CHECK(z_score(1000, 1000, 1) == 0);
  CHECK(std::isinf(z_score(999, 1000, 1)));
}

TEST_CASE("Rare events are judged by the exact binomial test", "[analysis]") {
  // 5 or more of 1,000 at 0.001: P = 0.003636..., z of its double, 2.68.
  const double z = z_score(5, 1000, 0.001);
  const double tail = 0.5 * std::erfc(z / std::sqrt(2.0));
  double below = 0, term = std::pow(0.999, 1000);
  for (int k = 0; k < 5; ++k) {
    below += term;
    term *= (1000.0 - k) / (k + 1) * 0.001 / 0.999;
  }
  CHECK(tail == Approx(1 - below).epsilon(1e-9));
  CHECK(z_score(995, 1000, 0.999) == Approx(-z));
  CHECK(std::abs(z_score(1, 1000, 0.001)) < 0.7);
}

TEST_CASE("A mean time is judged by the exact standard deviation",
          "[analysis]") {
  Flow<double> expected;
  expected.remission = 0.5;
  expected.remission_ticks = 0.5 * 100;             // mean 100
  expected.remission_ticks_squared = 0.5 * 10'900;  // variance 900
  Flow<std::uint64_t> counted;
  counted.remission = 900;  // standard error 1
  counted.remission_ticks = 900 * 102;
  CHECK(mean_weeks_z(counted, expected) == Approx(2));
  counted.remission = 24;
  CHECK(std::isnan(mean_weeks_z(counted, expected)));
}

TEST_CASE("A probability that is wrong by 0.002 is found out", "[analysis]") {
  RunOptions run;
  run.patients = 10'000'000;
  run.luck.seed = 8;
  const Tally tally = simulate(compile(one_step(0.302, 8)), run);
  const auto right = compare(tally, expect(compile(one_step(0.302, 8))));
  CHECK(std::abs(worst(right).z) < 4.5);
  const auto wrong = compare(tally, expect(compile(one_step(0.300, 8))));
  CHECK(std::abs(worst(wrong).z) > 10);
}

TEST_CASE("A time law that is wrong by 3 % is found out", "[analysis]") {
  Scenario right = one_step(0.4, 14), wrong = right;
  right.steps[0].arms[0].remission_time = gamma(3, 2.554);
  wrong.steps[0].arms[0].remission_time = gamma(3, 2.554 * 1.03);
  RunOptions run;
  run.patients = 1'000'000;
  const Tally tally = simulate(compile(right), run);
  CHECK(std::abs(worst(compare(tally, expect(compile(right)))).z) < 4.5);
  CHECK(std::abs(worst(compare(tally, expect(compile(wrong)))).z) > 10);
}

namespace {

/// One pathway of one step with one arm over two weeks, in every part a number
/// that a test may change. Expected: all enter; half remit in week 1 and are
/// followed up, 0.3 relapse and 0.1 drop out in week 2.
Expectation hand_made_expectation() {
  PathwayExpectation pathway;
  for (auto& course : pathway.course) {
    course.remission_by_week = {0, 0.5, 0};
    Flow<double> flow;
    flow.entered = 1;
    flow.remission = flow.first_remission = flow.no_response = 0.5;
    flow.sustained = 0.1;
    course.arms = {{flow}};
  }
  pathway.later.first_remission_lost_by_week = {0, 0, 0.4};
  pathway.later.occupancy.fill({0, 0, 0});
  pathway.later.occupancy[static_cast<std::size_t>(State::remitted)] = {0, 0.5,
                                                                        0.1};
  const FollowUpFlow<double> remitted{0.5,         0.3,         0.1,
                                      {0, 0.3, 0}, {0, 0.1, 0}, {0, 0, 0}};
  const FollowUpFlow<double> none{0, 0, 0, {0, 0, 0}, {0, 0, 0}, {0, 0, 0}};
  pathway.later.follow_up = {{{remitted, none}}};
  return {{pathway}};
}

/// What is expected of 1,000 patients, to the patient.
Tally hand_made_tally() {
  Tally tally;
  tally.patients = 1000;
  tally.pathways.resize(1);
  PathwayTally& pathway = tally.pathways[0];
  for (auto& course : pathway.course) {
    course.remission_by_week = {0, 500, 0};
    Flow<std::uint64_t> flow;
    flow.entered = 1000;
    flow.remission = flow.first_remission = flow.no_response = 500;
    flow.sustained = 100;
    course.arms = {{flow}};
  }
  pathway.later.first_remission_lost_by_week = {0, 0, 400};
  pathway.later.occupancy.fill({0, 0, 0});
  pathway.later.occupancy[static_cast<std::size_t>(State::remitted)] = {0, 500,
                                                                        100};
  const FollowUpFlow<std::uint64_t> remitted{
      500, 300, 100, {0, 300, 0}, {0, 100, 0}, {0, 0, 0}};
  const FollowUpFlow<std::uint64_t> none{0,         0,         0,
                                         {0, 0, 0}, {0, 0, 0}, {0, 0, 0}};
  pathway.later.follow_up = {{{remitted, none}}};
  return tally;
}

const Agreement& find(const std::vector<Agreement>& comparisons,
                      Estimand estimand, const std::string& figure) {
  for (const Agreement& comparison : comparisons)
    if (comparison.estimand == estimand && comparison.figure == figure)
      return comparison;
  FAIL("no comparison of " << figure);
  return comparisons.front();
}

}  // namespace

TEST_CASE("What is as expected is at no distance from it", "[analysis]") {
  const auto comparisons = compare(hand_made_tally(), hand_made_expectation());
  CHECK(std::abs(worst(comparisons).z) < 1e-9);
}

TEST_CASE("Each count of the later course is held against its expectation",
          "[analysis]") {
  Tally tally = hand_made_tally();
  PathwayTally& pathway = tally.pathways[0];
  pathway.course[1].arms[0][0].sustained += 19;         // se 9.487
  pathway.course[1].arms[0][0].gap = 1;                 // impossible
  pathway.later.first_remission_lost_by_week[2] -= 19;  // se 9.487
  pathway.later.occupancy[2][2] -= 19;                  // se 9.487
  pathway.later.follow_up[0][0][0].relapsed += 29;      // se 14.49
  pathway.later.follow_up[0][0][0].dropped_out -= 19;   // se 9.487
  const auto found = compare(tally, hand_made_expectation());
  const double two = 19 / std::sqrt(1000 * 0.1 * 0.9);
  const auto z = [&](Estimand estimand, const char* figure) {
    return find(found, estimand, figure).z;
  };
  CHECK(z(Estimand::sustained, "step 1: remission") == Approx(two));
  CHECK(z(Estimand::sustained, "week 2") == Approx(two));
  CHECK(z(Estimand::observed, "horizon: remitted") == Approx(-two));
  CHECK(z(Estimand::observed, "follow-up of step 1, remitted: relapsed") ==
        Approx(29 / std::sqrt(1000 * 0.3 * 0.7)));
  CHECK(z(Estimand::observed, "follow-up of step 1, remitted: dropped out") ==
        Approx(-two));
  CHECK(std::isinf(z(Estimand::observed, "step 1: gap")));
  CHECK(z(Estimand::observed, "step 1: remission") == Approx(0).margin(1e-9));
}

TEST_CASE("A step that may be repeated is judged given who entered",
          "[analysis]") {
  Law law;
  ArmLaw arm{};
  arm.follow_up_remitted.relapse = 0;
  arm.follow_up_remitted.next_step = 0;
  law.pathways = {{StepLaw{ticks_per_week, {arm}}}};
  CHECK(may_be_repeated(law.pathways[0][0]));
  Expectation expectation = hand_made_expectation();
  expectation.pathways[0].course[1].arms[0][0].entered = 1.25;
  expectation.pathways[0].course[1].arms[0][0].remission = 0.625;
  Tally tally = hand_made_tally();
  tally.pathways[0].course[1].arms[0][0].entered = 1240;
  tally.pathways[0].course[1].arms[0][0].remission = 640;
  const auto found = compare(tally, expectation, &law);
  CHECK(find(found, Estimand::observed, "step 1: remission").z ==
        Approx(20 / std::sqrt(1240 * 0.25)));
  law.pathways[0][0].arms[0].follow_up_remitted.next_step = certain;
  CHECK_FALSE(may_be_repeated(law.pathways[0][0]));
}

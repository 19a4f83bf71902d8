#include "models/exact.hpp"

#include "tests/scenarios.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <numeric>

using namespace stardsim;
using namespace stardsim::test;

namespace {

double total(const CourseTable<double>& course) {
  return std::accumulate(course.remission_by_week.begin(),
                         course.remission_by_week.end(), 0.0);
}

double by_week(const CourseTable<double>& course, std::size_t week) {
  return std::accumulate(
      course.remission_by_week.begin(),
      course.remission_by_week.begin() + static_cast<long>(week) + 1, 0.0);
}

}  // namespace

TEST_CASE("One step is its remission spread over its time law", "[models]") {
  Scenario scenario = one_step(0.4, 14);
  scenario.steps[0].arms[0].remission_time = gamma(3, 2.554);
  const auto course = expect(compile(scenario)).pathways[0].course[0];
  const auto erlang = [](double week) {
    const double x = week / 2.554;
    return 1 - std::exp(-x) * (1 + x + x * x / 2);
  };
  for (std::size_t week = 0; week <= 14; ++week)
    CHECK(by_week(course, week) ==
          Approx(0.4 * erlang(static_cast<double>(week)) / erlang(14))
              .margin(1e-9));
}

TEST_CASE("The product rule gives the total if all continue", "[models]") {
  const auto course =
      expect(compile(from_file("configs/stard.toml"))).pathways[0].course[0];
  CHECK(total(course) ==
        Approx(1 - (1 - .368) * (1 - .306) * (1 - .137) * (1 - .130))
            .margin(1e-9));
}

TEST_CASE("The intolerant start the next step when they stop", "[models]") {
  // Half stop at week 2, the others go on to week 8; then all remit, 3 weeks
  // into the second step: at week 5 or at week 11.
  Scenario scenario = one_step(0, 8);
  Arm& first = scenario.steps[0].arms[0];
  first.intolerance = number(0.5);
  first.intolerance_time.form = FixedTime{number(2)};
  scenario.steps.push_back(scenario.steps[0]);
  Arm& second = scenario.steps[1].arms[0];
  second.remission = number(1);
  second.intolerance.reset();
  second.remission_time.form = FixedTime{number(3)};
  scenario.pathways[0].steps = {0, 1};
  scenario.horizon = 16;
  const auto course = expect(compile(scenario)).pathways[0].course[0];
  CHECK(course.remission_by_week[5] == 0.5);
  CHECK(course.remission_by_week[11] == 0.5);
  CHECK(total(course) == 1);
}

TEST_CASE("Attrition acts on those not in remission, by how they failed",
          "[models]") {
  Scenario scenario = one_step(0.2, 8);
  Arm& arm = scenario.steps[0].arms[0];
  arm.intolerance = number(0.25);
  arm.partial_response = number(0.125);
  arm.continue_if_not_remitted = number(0.5);
  arm.continue_if_intolerant = number(0.25);
  arm.continue_if_partial_response = number(1);
  scenario.pathways[0].steps = {0, 0};
  scenario.horizon = 16;
  const auto [all, observed] = expect(compile(scenario)).pathways[0].course;
  CHECK(all.step(1).entered == Approx(0.8).margin(1e-9));
  CHECK(all.step(0).left_care == 0);
  // No response 0.425, partial 0.125, intolerant 0.25.
  CHECK(observed.step(1).entered ==
        Approx(0.425 * 0.5 + 0.125 + 0.25 * 0.25).margin(1e-9));
  CHECK(observed.step(0).left_care ==
        Approx(0.425 * 0.5 + 0.25 * 0.75).margin(1e-9));
  CHECK(observed.step(1).left_care == 0);
}

TEST_CASE("Three early exits in a row have Erlang's law", "[models]") {
  // Everybody stops early, exponentially, three times, then remits at the next
  // tick: by the end of tick m if the exits are over by tick m - 1, that is,
  // three exponential times by m - 1/2 but for what rounding to the nearest
  // tick leaves: 3/24 of a squared tick times the slope of the density, below
  // 0.05 a squared week: 6e-9. The steps' end, at 40 weeks, leaves out exp(-20)
  // = 2e-9 of each exit; cuts are rounded to 2^-32.
  Scenario scenario = one_step(0, 40);
  Arm& arm = scenario.steps[0].arms[0];
  arm.intolerance = number(1);
  arm.intolerance_time.form = ExponentialTime{number(2)};
  scenario.steps.push_back(one_step(1, 1).steps[0]);
  scenario.steps[1].arms[0].remission_time.form =
      FixedTime{number(1.0 / ticks_per_week)};
  scenario.pathways[0].steps = {0, 0, 0, 1};
  scenario.horizon = 121;
  const auto course = expect(compile(scenario)).pathways[0].course[0];
  CHECK(total(course) == Approx(1).margin(1e-12));
  for (std::size_t week = 1; week < 40; ++week) {
    const double x = (static_cast<double>(week) - 0.5 / ticks_per_week) / 2;
    const double erlang = 1 - std::exp(-x) * (1 + x + x * x / 2);
    CHECK(by_week(course, week) == Approx(erlang).margin(1.5e-8));
  }
}

TEST_CASE("Step totals, arm totals and the curve agree", "[models]") {
  for (const auto& pathway : expect(compile(rich())).pathways)
    for (const auto& course : pathway.course) {
      double remitted = 0, expected = 1;
      for (std::size_t s = 0; s < course.arms.size(); ++s) {
        const Flow<double> step = course.step(s);
        CHECK(step.entered == Approx(expected).margin(1e-12));
        CHECK(step.entered == Approx(step.remission + step.partial_response +
                                     step.intolerance + step.no_response)
                                  .margin(1e-12));
        expected = step.entered - step.remission - step.left_care;
        remitted += step.remission;
      }
      CHECK(total(course) == Approx(remitted).margin(1e-12));
    }
}

TEST_CASE("The mean time to remission is the law's", "[models]") {
  Scenario scenario = one_step(0.5, 14);
  scenario.steps[0].arms[0].remission_time.form =
      DiscreteTime{{2, 4, 12}, {1, 2, 1}};
  const auto flow = expect(compile(scenario)).pathways[0].course[0].step(0);
  CHECK(to_weeks(flow.remission_ticks / flow.remission) == Approx(5.5));
  CHECK(flow.remission_ticks_squared / flow.remission / 1024 / 1024 ==
        Approx((4 + 2 * 16 + 144) / 4.0));
}

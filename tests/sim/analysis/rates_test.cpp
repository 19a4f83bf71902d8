#include "sim/analysis/rates.hpp"

#include "models/units.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>

using namespace stardsim;

namespace {

/// Remission times in weeks of the 21 patients given 6-mercaptopurine in the
/// trial of Freireich et al. 1963, the example of nearly every text on the
/// product limit (Cox & Oakes 1984, table 1.1; Kalbfleisch & Prentice).
FollowUpFlow<std::uint64_t> mercaptopurine() {
  FollowUpFlow<std::uint64_t> flow;
  flow.relapse_by_week.resize(37);
  flow.censored_by_week.resize(37);
  for (const std::size_t week : {6, 6, 6, 7, 10, 13, 16, 22, 23})
    ++flow.relapse_by_week[week];
  for (const std::size_t week : {6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35})
    ++flow.censored_by_week[week];
  flow.entered = 21;
  flow.relapsed = 9;
  flow.dropped_out = 12;
  return flow;
}

}  // namespace

TEST_CASE("A rate comes with its binomial standard error", "[analysis]") {
  CHECK(rate(1, 4).value == 0.25);
  CHECK(rate(1, 4).se == Approx(std::sqrt(0.25 * 0.75 / 4)));
  CHECK(rate(4, 4).se == 0);
  CHECK(rate(0, 4).se == 0);
  CHECK(std::isnan(rate(0, 0).value));
  CHECK(std::isnan(rate(0, 0).se));
}

TEST_CASE("The spread of times needs two patients, their mean one",
          "[analysis]") {
  Flow<std::uint64_t> flow{};
  CHECK(std::isnan(mean_weeks(flow).weeks));
  flow.remission = 1;
  flow.remission_ticks = 3 * ticks_per_week;
  CHECK(mean_weeks(flow).weeks == 3);
  CHECK(std::isnan(mean_weeks(flow).se));
}

TEST_CASE("The variance of times survives the largest cohort", "[analysis]") {
  const std::uint64_t half = std::uint64_t{1} << 39, long_ago = 10'000'000;
  Flow<std::uint64_t> flow{};
  flow.remission = 2 * half;
  flow.remission_ticks = half * (2 * long_ago + 2);
  flow.remission_ticks_squared =
      Wide{half} * (long_ago * long_ago + (long_ago + 2) * (long_ago + 2));
  CHECK(mean_weeks(flow).sd == Approx(to_weeks(1)).epsilon(1e-11));
}

TEST_CASE("Events that patients may have again have a mean and no error",
          "[analysis]") {
  CHECK(rate(6, 4).value == 1.5);
  CHECK(std::isnan(rate(6, 4).se));
}

TEST_CASE("The relapse-free curve is the published product limit",
          "[analysis]") {
  const auto curve = relapse_free(mercaptopurine());
  // Cox & Oakes 1984, section 4.2, and every package's manual.
  const struct {
    std::size_t week;
    double free, se;
  } published[] = {{5, 1, 0},
                   {6, 0.8571, 0.0764},
                   {7, 0.8067, 0.0869},
                   {10, 0.7529, 0.0963},
                   {13, 0.6902, 0.1068},
                   {16, 0.6275, 0.1141},
                   {22, 0.5378, 0.1282},
                   {23, 0.4482, 0.1346},
                   {35, 0.4482, 0.1346}};
  for (const auto& [week, free, se] : published) {
    INFO("week " << week);
    CHECK(curve[week].value == Approx(free).margin(5e-5));
    CHECK(curve[week].se == Approx(se).margin(5e-5));
  }
  CHECK(std::isnan(curve[36].value));  // nobody is seen any more
}

TEST_CASE("Where all relapsed nobody is free of relapse ever after",
          "[analysis]") {
  FollowUpFlow<std::uint64_t> flow;
  flow.entered = 3;
  flow.relapse_by_week = {0, 3, 0};
  flow.censored_by_week = {0, 0, 0};
  const auto curve = relapse_free(flow);
  CHECK(curve[0].value == 1);
  for (const std::size_t week : {1, 2}) {
    CHECK(curve[week].value == 0);
    CHECK(curve[week].se == 0);
  }
}

TEST_CASE("Expected numbers give the limit of the curve", "[analysis]") {
  // A hazard of 0.1 a week, nobody lost: free of relapse 0.9^w.
  FollowUpFlow<double> flow;
  flow.entered = 0.4;
  for (int week = 0; week <= 30; ++week) {
    flow.relapse_by_week.push_back(
        week == 0 ? 0 : 0.4 * std::pow(0.9, week - 1) * 0.1);
    flow.censored_by_week.push_back(0);
  }
  const auto curve = relapse_free(flow);
  for (int week = 0; week <= 30; ++week)
    CHECK(curve[static_cast<std::size_t>(week)].value ==
          Approx(std::pow(0.9, week)).epsilon(1e-12));
}

TEST_CASE("The sustained curve falls when first remissions are lost",
          "[analysis]") {
  PathwayTally pathway;
  pathway.course[0].remission_by_week = {0, 40, 30, 0};
  pathway.course[1].remission_by_week = {0, 40, 10, 0};
  pathway.later.first_remission_lost_by_week = {0, 0, 5, 20};
  const auto at = [&](Estimand estimand, std::size_t week) {
    return cumulative_remission(pathway, estimand, 100)[week];
  };
  CHECK(at(Estimand::if_all_continue, 3).value == 0.7);
  CHECK(at(Estimand::observed, 3).value == 0.5);
  CHECK(at(Estimand::sustained, 1).value == 0.4);
  CHECK(at(Estimand::sustained, 2).value == 0.45);
  CHECK(at(Estimand::sustained, 3).value == 0.25);
  CHECK(at(Estimand::sustained, 3).se == Approx(std::sqrt(0.25 * 0.75 / 100)));
}

TEST_CASE("Later remissions of a patient do not add to those ever in remission",
          "[analysis]") {
  PathwayTally pathway;
  Flow<std::uint64_t> first, second;
  first.remission = first.first_remission = 40;
  first.sustained = 25;
  second.remission = 20;
  second.first_remission = 12;
  second.sustained = 11;
  pathway.course[1].arms = {{first}, {second}};
  CHECK(remitted_by_step(pathway, Estimand::observed) ==
        std::vector<std::uint64_t>{40, 52});
  CHECK(remitted_by_step(pathway, Estimand::sustained) ==
        std::vector<std::uint64_t>{25, 36});
}

TEST_CASE("Weeks in treatment are those of all who entered", "[analysis]") {
  Flow<std::uint64_t> flow;
  CHECK(std::isnan(mean_weeks_in_treatment(flow)));
  flow.entered = 4;
  flow.treatment_ticks = 10 * ticks_per_week;
  CHECK(mean_weeks_in_treatment(flow) == 2.5);
}

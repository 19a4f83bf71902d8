#include "sim/analysis/rates.hpp"

#include "models/units.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>

using namespace stardsim;

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

TEST_CASE("Who is lost in a week counts for the part he was seen",
          "[analysis]") {
  FollowUpFlow<std::uint64_t> flow;
  flow.entered = 100;
  flow.relapse_by_week = {0, 10, 6, 0};
  flow.censored_by_week = {0, 20, 20, 44};
  flow.unseen_ticks_by_week = {0, 20 * 512, 20 * 512, 44 * 512};
  const auto curve = relapse_free(flow);
  // 100 less half of 20 at risk; then 70 less half of 20; then 44.
  CHECK(curve[1].value == Approx(1 - 10 / 90.0));
  CHECK(curve[1].se == Approx((1 - 10 / 90.0) * std::sqrt(10 / (90.0 * 80))));
  CHECK(curve[2].value == Approx((1 - 10 / 90.0) * (1 - 6 / 60.0)));
  CHECK(curve[2].se ==
        Approx(curve[2].value * std::sqrt(10 / (90.0 * 80) + 6 / (60.0 * 54))));
  CHECK(curve[3].value == curve[2].value);
}

TEST_CASE("Heavy dropping out hardly bends the relapse-free curve",
          "[analysis]") {
  // Constant hazards a week: 0.0078 of relapse, 0.042 of dropping out. Who ends
  // in a week ends by relapse in the proportion of the hazards.
  const double relapse = 0.0078, drop_out = 0.042, both = relapse + drop_out;
  FollowUpFlow<double> flow;
  flow.entered = 1;
  for (int week = 0; week <= 52; ++week) {
    const double gone =
        week == 0 ? 0 : std::exp(-both * (week - 1)) - std::exp(-both * week);
    flow.relapse_by_week.push_back(gone * relapse / both);
    flow.censored_by_week.push_back(gone * drop_out / both);
    flow.unseen_ticks_by_week.push_back(gone * drop_out / both *
                                        (ticks_per_week / 2.0));
  }
  // With losses in the middle of each week on average, its hazard of relapse
  // comes out too low by a part of about both^2 / 12.
  CHECK(
      relapse_free(flow)[52].value ==
      Approx(std::exp(-relapse * 52)).margin(52 * relapse * both * both / 12));
}

TEST_CASE("Where all relapsed nobody is free of relapse ever after",
          "[analysis]") {
  FollowUpFlow<std::uint64_t> flow;
  flow.entered = 3;
  flow.relapse_by_week = {0, 3, 0};
  flow.censored_by_week = flow.unseen_ticks_by_week = {0, 0, 0};
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
    flow.unseen_ticks_by_week.push_back(0);
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

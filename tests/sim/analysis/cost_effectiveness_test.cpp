#include "sim/analysis/cost_effectiveness.hpp"

#include "tests/sim/analysis/made_up_run.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

using namespace stardsim;
using namespace stardsim::test;
using Form = FiellerSet::Form;
using Quadrant = Increment::Quadrant;
using Status = FrontierPoint::Status;

namespace {

struct Ratio {
  double numerator, numerator_se, denominator, denominator_se, covariance;

  /// How many standard errors numerator - r * denominator is from zero.
  double t(double r) const {
    const double variance = numerator_se * numerator_se - 2 * r * covariance +
                            r * r * denominator_se * denominator_se;
    return std::abs(numerator - r * denominator) / std::sqrt(variance);
  }
  FiellerSet set() const {
    return fieller_set(numerator, numerator_se, denominator, denominator_se,
                       covariance);
  }
};

bool holds(const FiellerSet& set, double r) {
  switch (set.form) {
    case Form::interval:
      return set.low <= r && r <= set.high;
    case Form::two_rays:
      return r <= set.low || r >= set.high;
    case Form::everything:
      break;
  }
  return true;
}

/// In the set are those ratios whose t is at most 1.96, and no others.
void check_against_inversion(const Ratio& ratio) {
  const FiellerSet set = ratio.set();
  for (int k = -4000; k <= 4000; ++k) {
    // From -infinity to infinity, dense where anything happens.
    const double r = std::tan(k / 4001.0 * 1.5707963) * 10'000;
    INFO("ratio " << r << ", t " << ratio.t(r));
    if (std::abs(ratio.t(r) - 1.96) > 1e-9)
      REQUIRE(holds(set, r) == (ratio.t(r) < 1.96));
  }
  if (set.form == Form::everything) return;
  CHECK(ratio.t(set.low) == Approx(1.96).epsilon(1e-9));
  CHECK(ratio.t(set.high) == Approx(1.96).epsilon(1e-9));
}

/// A cost and an effect, the same for all patients.
struct Point {
  double cost, effect;
};

RunOutcomes run_at(const std::vector<Point>& points) {
  Patients patients;
  for (const Point& point : points) {
    const auto all = [](double value, double quantum) {
      return std::vector<std::int64_t>(
          256, static_cast<std::int64_t>(std::lround(value / quantum)));
    };
    patients.push_back({all(0, 1), all(point.effect, made_up_qaly_quantum),
                        all(point.cost, made_up_cost_quantum)});
  }
  return made_up_run("run", patients);
}

std::vector<FrontierPoint> frontier_of(const std::vector<Point>& points) {
  return frontier(Comparison({run_at(points)}, 0), 0);
}

std::vector<std::size_t> order(const std::vector<FrontierPoint>& points) {
  std::vector<std::size_t> strategies;
  for (const FrontierPoint& point : points)
    strategies.push_back(point.strategy);
  return strategies;
}

std::vector<Status> statuses(const std::vector<FrontierPoint>& points) {
  std::vector<Status> all;
  for (const FrontierPoint& point : points) all.push_back(point.status);
  return all;
}

/// Pathways with these means exactly and these standard deviations between
/// 1,024 patients, uncorrelated.
struct Arm {
  double cost, cost_sd, effect, effect_sd;
};
RunOutcomes run_with_spread(const std::vector<Arm>& arms, double qaly_quantum,
                            double cost_quantum) {
  Patients patients;
  std::size_t column = 0;
  const auto spread = [&](double mean, double sd, double quantum) {
    const std::int64_t at =
        static_cast<std::int64_t>(std::lround(mean / quantum));
    const std::int64_t apart =
        static_cast<std::int64_t>(std::lround(sd / quantum));
    std::vector<std::int64_t> x;
    for (std::size_t i = 0; i < 1024; ++i)
      x.push_back(at + (i >> column & 1 ? apart : -apart));
    ++column;
    return x;
  };
  for (const Arm& arm : arms)
    patients.push_back({std::vector<std::int64_t>(1024),
                        spread(arm.effect, arm.effect_sd, qaly_quantum),
                        spread(arm.cost, arm.cost_sd, cost_quantum)});
  RunOutcomes run = made_up_run("run", patients);
  run.measures[made_up_qalys].quantum = qaly_quantum;
  run.measures[made_up_cost].quantum = cost_quantum;
  return run;
}

}  // namespace

TEST_CASE("A Fieller set with a clear denominator is an interval",
          "[cost_effectiveness]") {
  for (const double covariance : {-200.0, 0.0, 200.0})
    for (const double numerator : {-9000.0, 0.0, 5000.0})
      for (const double denominator : {-0.2, 0.15}) {
        const Ratio ratio{numerator, 3000, denominator, 0.07, covariance};
        CHECK(ratio.set().form == Form::interval);
        CHECK(holds(ratio.set(), numerator / denominator));
        check_against_inversion(ratio);
      }
}

TEST_CASE("A Fieller set with an unclear denominator is two rays",
          "[cost_effectiveness]") {
  for (const double covariance : {-100.0, 0.0, 100.0})
    for (const double denominator : {-0.05, 0.0, 0.03}) {
      const Ratio ratio{9000, 3000, denominator, 0.07, covariance};
      CHECK(ratio.set().form == Form::two_rays);
      check_against_inversion(ratio);
    }
}

TEST_CASE("A Fieller set with both unclear can be everything",
          "[cost_effectiveness]") {
  for (const double covariance : {-100.0, 0.0, 100.0}) {
    const Ratio ratio{2000, 3000, 0.05, 0.07, covariance};
    CHECK(ratio.set().form == Form::everything);
    check_against_inversion(ratio);
  }
}

TEST_CASE("The Fieller set of two known numbers is their ratio",
          "[cost_effectiveness]") {
  const FiellerSet set = fieller_set(3, 0, 4, 0, 0);
  CHECK(set.form == Form::interval);
  CHECK(set.low == Approx(0.75));
  CHECK(set.high == Approx(0.75));
}

TEST_CASE("A denominator at 1.96 standard errors leaves one end open",
          "[cost_effectiveness]") {
  // (10 - 196 r)^2 <= 1.96^2 (1 + 100^2 r^2): 96.1584 <= 3920 r.
  const FiellerSet set = fieller_set(10, 1, 196, 100, 0);
  CHECK(set.form == Form::interval);
  CHECK(set.low == Approx(96.1584 / 3920));
  CHECK(set.high == std::numeric_limits<double>::infinity());
}

TEST_CASE("A Fieller set covers the ratio 19 times in 20",
          "[cost_effectiveness]") {
  // Standard error of the coverage of 20,000: 0.0015.
  UniformNumbers uniform(1);
  int covered = 0;
  for (int repeat = 0; repeat < 20'000; ++repeat) {
    const double shared = standard_normal(uniform);
    const double effect = 0.1 + 0.05 * shared;
    const double cost = 2000 + 600 * shared + 800 * standard_normal(uniform);
    if (holds(fieller_set(cost, 1000, effect, 0.05, 30), 20'000)) ++covered;
  }
  CHECK(covered / 20'000.0 == Approx(0.95).margin(4 * 0.0015));
}

TEST_CASE("An increment has the errors of the patients' own differences",
          "[cost_effectiveness]") {
  const Patients patients = made_up_patients(2, 4000, 1);
  const RunOutcomes run = made_up_run("run", patients);
  const Increment found = increment(Comparison({run}, 0), 1, 0, 0);
  const auto effect = less(values(run, patients, 1, made_up_qalys),
                           values(run, patients, 0, made_up_qalys));
  const auto cost = less(values(run, patients, 1, made_up_cost),
                         values(run, patients, 0, made_up_cost));
  CHECK(found.covariance == Approx(covariance_of(cost, effect)).epsilon(1e-9));
  REQUIRE(found.icer);
  CHECK(*found.icer == Approx(mean_of(cost) / mean_of(effect)).epsilon(1e-10));
  CHECK(found.quadrant == Quadrant::dearer_and_better);
  REQUIRE(found.set);
  const Ratio ratio{mean_of(cost), se_of(cost), mean_of(effect), se_of(effect),
                    covariance_of(cost, effect)};
  CHECK(ratio.t(found.set->low) == Approx(1.96).epsilon(1e-6));
  CHECK(ratio.t(found.set->high) == Approx(1.96).epsilon(1e-6));
}

TEST_CASE("Costs and effects fall into quadrants", "[cost_effectiveness]") {
  const Comparison comparison({run_at({{100, 1},
                                       {50, 2},
                                       {100, 2},
                                       {150, 0.5},
                                       {50, 0.5},
                                       {150, 2},
                                       {150, 1},
                                       {100, 0.5}})},
                              0);
  const auto quadrant = [&](std::size_t strategy) {
    return increment(comparison, strategy, 0, 0).quadrant;
  };
  CHECK(quadrant(1) == Quadrant::dominates);
  CHECK(quadrant(2) == Quadrant::dominates);
  CHECK(quadrant(3) == Quadrant::is_dominated);
  CHECK(quadrant(4) == Quadrant::cheaper_and_worse);
  CHECK(quadrant(5) == Quadrant::dearer_and_better);
  CHECK(quadrant(6) == Quadrant::unclear);
  CHECK(quadrant(7) == Quadrant::is_dominated);
  CHECK(*increment(comparison, 5, 0, 0).icer == 50);
}

TEST_CASE("Equal arms have no ICER and no set", "[cost_effectiveness]") {
  Patients patients = made_up_patients(1, 1000, 2);
  patients.push_back(patients[0]);
  const Comparison comparison({made_up_run("run", patients)}, 0);
  const Increment found = increment(comparison, 1, 0, 0);
  CHECK_FALSE(found.icer);
  CHECK_FALSE(found.set);
  CHECK(found.covariance == 0);
  CHECK(found.quadrant == Quadrant::unclear);
  for (const NetBenefit& benefit :
       net_benefits(comparison, 1, 0, {0, 33'333.3})) {
    CHECK(benefit.difference.mean == 0);
    CHECK(benefit.difference.se == 0);
    CHECK(benefit.difference.variance_removed == 1);
  }
}

TEST_CASE("Net benefit has the error of the patients' own net benefits",
          "[cost_effectiveness]") {
  const Patients patients = made_up_patients(3, 4000, 3);
  const RunOutcomes run = made_up_run("run", patients);
  const Comparison comparison({run}, 1);
  const std::vector<double> thresholds{0, 20'000, 50'000, 150'000};
  const auto found = net_benefits(comparison, 2, 0, thresholds);
  REQUIRE(found.size() == 4);
  for (std::size_t k = 0; k < 4; ++k) {
    const auto of_pathway = [&](std::size_t p) {
      return benefit(thresholds[k], values(run, patients, p, made_up_qalys),
                     values(run, patients, p, made_up_cost));
    };
    const auto own = of_pathway(2), reference = of_pathway(1);
    const auto difference = less(own, reference);
    CHECK(found[k].threshold == thresholds[k]);
    CHECK(found[k].benefit.mean == Approx(mean_of(own)).epsilon(1e-10));
    CHECK(found[k].benefit.se == Approx(se_of(own)).epsilon(1e-9));
    CHECK(found[k].benefit.sd ==
          Approx(se_of(own) * std::sqrt(4000)).epsilon(1e-9));
    CHECK(found[k].difference.mean ==
          Approx(mean_of(difference)).epsilon(1e-9));
    CHECK(found[k].difference.se == Approx(se_of(difference)).epsilon(1e-9));
    CHECK(found[k].difference.unpaired_se ==
          Approx(std::hypot(se_of(own), se_of(reference))).epsilon(1e-9));
    CHECK_FALSE(found[k].difference.differing);
    CHECK(found[k].difference.paired);
  }
}

TEST_CASE("A strategy that is dearer and no better is dominated",
          "[cost_effectiveness]") {
  // The dearest costs 25 more for a quarter less.
  const auto points = frontier_of({{0, 0}, {125, 0.75}, {100, 1}});
  CHECK(order(points) == std::vector<std::size_t>{0, 2, 1});
  CHECK(statuses(points) == std::vector{Status::on_frontier,
                                        Status::on_frontier,
                                        Status::dominated});
  CHECK_FALSE(points[0].from_neighbour);
  REQUIRE(points[1].from_neighbour);
  CHECK(points[1].from_neighbour->from == 0);
  CHECK(*points[1].from_neighbour->icer == 100);
  CHECK_FALSE(points[2].from_neighbour);
  CHECK(points[2].dominated_by == std::vector<std::size_t>{2});
}

TEST_CASE("A mixture of its neighbours can dominate a strategy",
          "[cost_effectiveness]") {
  // From a to b 10 each, to c 20, to d 10/3: c falls, then from b to d
  // 15 / 2 = 7.5 < 10, so that b falls too, and from a to d it is 25 / 3.
  const auto points = frontier_of({{0, 0}, {10, 1}, {20, 1.5}, {25, 3}});
  CHECK(statuses(points) ==
        std::vector{Status::on_frontier, Status::extendedly_dominated,
                    Status::extendedly_dominated, Status::on_frontier});
  CHECK(points[1].dominated_by == std::vector<std::size_t>{0, 3});
  CHECK(points[2].dominated_by == std::vector<std::size_t>{0, 3});
  REQUIRE(points[3].from_neighbour);
  CHECK(points[3].from_neighbour->from == 0);
  CHECK(*points[3].from_neighbour->icer == Approx(25.0 / 3));
}

TEST_CASE("What is dominated does not bend the frontier",
          "[cost_effectiveness]") {
  // c (60; 1) is dominated by b (50; 2); without it b, at 25, stands between a
  // and d, at 75.
  const auto points = frontier_of({{0, 0}, {50, 2}, {60, 1}, {200, 4}});
  CHECK(statuses(points) == std::vector{Status::on_frontier,
                                        Status::on_frontier, Status::dominated,
                                        Status::on_frontier});
  CHECK(points[3].from_neighbour->from == 1);
  CHECK(*points[3].from_neighbour->icer == 75);
}

TEST_CASE("A dominated strategy is told one that is not dominated itself",
          "[cost_effectiveness]") {
  // d (200; 2.5) and e (210; 1) against c (150; 3); f (120; 1) against b.
  const auto points =
      frontier_of({{0, 0}, {100, 2}, {150, 3}, {200, 2.5}, {210, 1}, {120, 1}});
  CHECK(order(points) == std::vector<std::size_t>{0, 1, 5, 2, 3, 4});
  CHECK(points[2].dominated_by == std::vector<std::size_t>{1});
  CHECK(points[4].dominated_by == std::vector<std::size_t>{2});
  CHECK(points[5].dominated_by == std::vector<std::size_t>{2});
}

TEST_CASE("Ties in cost or effect are decided by the other",
          "[cost_effectiveness]") {
  // b is as dear as a and better; d as good as c and dearer.
  const auto points = frontier_of({{10, 1}, {10, 2}, {30, 3}, {40, 3}});
  CHECK(order(points) == std::vector<std::size_t>{1, 0, 2, 3});
  CHECK(statuses(points) == std::vector{Status::on_frontier, Status::dominated,
                                        Status::on_frontier,
                                        Status::dominated});
  CHECK(points[1].dominated_by == std::vector<std::size_t>{1});
  CHECK(points[3].dominated_by == std::vector<std::size_t>{2});
}

TEST_CASE("Equal strategies stand on the frontier together",
          "[cost_effectiveness]") {
  const auto points = frontier_of({{10, 1}, {30, 2}, {30, 2}, {60, 3}});
  for (const FrontierPoint& point : points)
    CHECK(point.status == Status::on_frontier);
  REQUIRE(points[2].from_neighbour);
  CHECK(points[2].from_neighbour->from == 1);
  CHECK(points[2].from_neighbour->quadrant == Quadrant::unclear);
  CHECK_FALSE(points[2].from_neighbour->icer);
  CHECK(*points[3].from_neighbour->icer == 30);
}

TEST_CASE("A strategy on the line between its neighbours stays on the frontier",
          "[cost_effectiveness]") {
  for (const FrontierPoint& point : frontier_of({{0, 0}, {10, 1}, {20, 2}}))
    CHECK(point.status == Status::on_frontier);
}

TEST_CASE("One strategy is the frontier", "[cost_effectiveness]") {
  const auto points = frontier_of({{10, 1}});
  REQUIRE(points.size() == 1);
  CHECK(points[0].status == Status::on_frontier);
  CHECK_FALSE(points[0].from_neighbour);
}

// Innovation and Value Initiative, IVI-MDD v7.0, results of 2023-08-17: direct
// costs and QALYs of 1,000 patients on P2, P3 and P5, an ICER of 28,139 of P5
// against P2 and one of 27.1 million of P3 against P5.
TEST_CASE("The published frontier of IVI-MDD has one ICER that is clear",
          "[cost_effectiveness]") {
  const RunOutcomes run = run_with_spread({{49'884, 13'864, 2.7777, 0.774},
                                           {78'149, 29'500, 2.9066, 0.769},
                                           {53'486, 15'100, 2.9057, 0.769}},
                                          0.0001, 1);
  const auto points = frontier(Comparison({run}, 0), 0);
  CHECK(order(points) == std::vector<std::size_t>{0, 2, 1});
  for (const FrontierPoint& point : points)
    CHECK(point.status == Status::on_frontier);

  const Increment p5 = points[1].from_neighbour.value();
  REQUIRE(p5.icer);
  CHECK(*p5.icer == Approx(28'139).margin(15));  // of rounded QALYs
  CHECK(p5.quadrant == Quadrant::dearer_and_better);
  CHECK(p5.set->form == Form::interval);
  CHECK(p5.effect.se ==
        Approx(std::hypot(0.774, 0.769) / std::sqrt(1023)).epsilon(1e-6));

  // 24,663 for 0.0009 QALYs with a standard error of 0.034.
  const Increment p3 = points[2].from_neighbour.value();
  CHECK(p3.from == 2);
  CHECK(p3.cost.mean / p3.effect.mean == Approx(27.4e6).epsilon(0.01));
  CHECK_FALSE(p3.icer);
  CHECK(p3.quadrant == Quadrant::unclear);
  REQUIRE(p3.set);
  CHECK(p3.set->form == Form::two_rays);
  CHECK(p3.set->low < 0);
  CHECK(p3.set->high > 0);
}

TEST_CASE("Without QALYs there is no cost-effectiveness",
          "[cost_effectiveness]") {
  RunOutcomes run = run_at({{0, 0}, {1, 1}});
  CHECK_THROWS_AS(increment(Comparison({run}, 0), 1, 0, 1),
                  std::invalid_argument);
  run.decision.effect = no_measure;
  CHECK_THROWS_AS(frontier(Comparison({run}, 0), 0), std::invalid_argument);
}

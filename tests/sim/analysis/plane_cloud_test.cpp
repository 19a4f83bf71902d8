#include "sim/analysis/plane_cloud.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <random>

using namespace stardsim;
using Eigen::MatrixXd;

namespace {

constexpr int strategies = 2, draws = 400;

/// Two strategies, the first of which is the reference: draws of parameters
/// with luck of a known covariance on top.
DecisionDraws made_up(double luck) {
  std::mt19937 engine(7);
  std::normal_distribution<double> normal;
  DecisionDraws made;
  made.strategies = {"old", "new"};
  made.reference = 0;
  made.patients = 100;
  made.cost.resize(draws, strategies);
  made.effect.resize(draws, strategies);
  for (int d = 0; d < draws; ++d) {
    const double one = normal(engine), other = normal(engine);
    for (int s = 0; s < strategies; ++s) {
      made.cost(d, s) = 1000 * s + 300 * s * one + luck * normal(engine);
      made.effect(d, s) = 0.2 * s + s * (0.05 * one + 0.08 * other) +
                          luck / 1000 * normal(engine);
    }
  }
  made.noise = MatrixXd::Zero(2 * strategies, 2 * strategies);
  for (int s = 0; s < strategies; ++s) {
    made.noise(s, s) = luck * luck;
    made.noise(strategies + s, strategies + s) = luck * luck / 1e6;
  }
  return made;
}

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

double covariance_of(const std::vector<double>& one,
                     const std::vector<double>& other) {
  double sum = 0;
  for (std::size_t i = 0; i < one.size(); ++i)
    sum += (one[i] - mean_of(one)) * (other[i] - mean_of(other));
  return sum / (static_cast<double>(one.size()) - 1);
}

}  // namespace

TEST_CASE("Points of the plane have the covariance of draws less that of luck",
          "[analysis][plane_cloud]") {
  const DecisionDraws made = made_up(50);
  const auto clouds = plane_clouds(made, draws);
  REQUIRE(clouds.size() == strategies);
  const PlaneCloud& cloud = clouds[1];
  REQUIRE(cloud.cost.size() == draws);
  std::vector<double> cost, effect;
  for (int d = 0; d < draws; ++d) {
    cost.push_back(made.cost(d, 1) - made.cost(d, 0));
    effect.push_back(made.effect(d, 1) - made.effect(d, 0));
  }
  // The luck of two strategies, independent.
  const double of_cost = covariance_of(cost, cost) - 2 * 50 * 50,
               of_effect = covariance_of(effect, effect) - 2 * 50 * 50 / 1e6,
               of_both = covariance_of(cost, effect);
  CHECK(covariance_of(cloud.cost, cloud.cost) == Approx(of_cost));
  CHECK(covariance_of(cloud.effect, cloud.effect) == Approx(of_effect));
  CHECK(covariance_of(cloud.cost, cloud.effect) == Approx(of_both));
  CHECK(cloud.cost_sd == Approx(std::sqrt(of_cost)));
  CHECK(cloud.effect_sd == Approx(std::sqrt(of_effect)));
  CHECK(cloud.covariance == Approx(of_both));
  CHECK(cloud.mean_cost == Approx(mean_of(cost)));
  CHECK(mean_of(cloud.cost) == Approx(mean_of(cost)));
  CHECK(mean_of(cloud.effect) == Approx(mean_of(effect)));
}

TEST_CASE("Without luck the points are the draws", "[analysis][plane_cloud]") {
  const DecisionDraws made = made_up(0);
  const PlaneCloud cloud = plane_clouds(made, draws)[1];
  for (int d = 0; d < draws; ++d)
    CHECK(cloud.cost[static_cast<std::size_t>(d)] ==
          Approx(made.cost(d, 1) - made.cost(d, 0)));
}

TEST_CASE("The reference stands at 0, and a cloud has as many points as asked",
          "[analysis][plane_cloud]") {
  const auto clouds = plane_clouds(made_up(50), 30);
  for (const PlaneCloud& cloud : clouds) {
    CHECK(cloud.cost.size() == 30);
    CHECK(cloud.effect.size() == 30);
  }
  for (const double cost : clouds[0].cost) CHECK(cost == 0);
  CHECK(clouds[0].cost_sd == 0);
}

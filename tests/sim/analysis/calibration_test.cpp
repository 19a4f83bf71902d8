#include "sim/analysis/calibration.hpp"

#include <Eigen/Dense>
#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

using namespace stardsim;

namespace {

using Rows = std::vector<std::vector<double>>;

FreeParameter parameter(const std::string& key, Distribution prior) {
  FreeParameter free;
  free.parameter.evidence.key = key;
  free.prior = prior;
  return free;
}

Target target(
    double value,
    std::variant<Exact, Count, Sample, Interval, Spread, Beta, Uniform>
        certainty) {
  Target target;
  target.figure.figure.value = value;
  target.figure.figure.certainty = certainty;
  return target;
}

/// y = a theta for each target, without Monte Carlo error unless given.
SimulateTargets linear(const Eigen::MatrixXd& a, double se = 0) {
  return [a, se](const Rows& rows) {
    std::vector<std::vector<SimulatedTarget>> all;
    for (const auto& row : rows) {
      const Eigen::VectorXd y =
          a * Eigen::Map<const Eigen::VectorXd>(
                  row.data(), static_cast<Eigen::Index>(row.size()));
      all.emplace_back();
      for (const double one : y) all.back().push_back({one, se});
    }
    return all;
  };
}

/// Three targets, linear in two parameters with normal priors.
struct LinearNormal {
  Eigen::MatrixXd a{{1, 0.5}, {-1, 2}, {0.3, 0.1}};
  Eigen::Vector2d prior_mean{1, -2}, prior_sd{2, 1};
  Eigen::Vector3d y{3, -1, 0.5}, sd{0.5, 0.7, 0.1};

  std::vector<FreeParameter> parameters() const {
    return {parameter("a", NormalDistribution{prior_mean[0], prior_sd[0]}),
            parameter("b", NormalDistribution{prior_mean[1], prior_sd[1]})};
  }
  std::vector<Target> targets() const {
    return {target(y[0], Spread{sd[0]}), target(y[1], Spread{sd[1]}),
            target(y[2], Spread{sd[2]})};
  }
  /// Closed form, with this variance added to each target's.
  struct Posterior {
    Eigen::Vector2d mean;
    Eigen::Matrix2d covariance;
  };
  Posterior posterior(double added = 0, bool without_last = false) const {
    Eigen::Vector3d weight = (sd.array().square() + added).inverse();
    if (without_last) weight[2] = 0;
    const Eigen::Matrix2d prior =
        prior_sd.array().square().inverse().matrix().asDiagonal();
    const Eigen::Matrix2d covariance =
        (prior + a.transpose() * weight.asDiagonal() * a).inverse();
    return {covariance *
                (prior * prior_mean + a.transpose() * weight.asDiagonal() * y),
            covariance};
  }
};

/// Of an estimate of the mean by so many independent draws, four standard
/// errors; of the standard deviation of normal draws likewise.
void require_posterior(const Calibration& found,
                       const LinearNormal::Posterior& exact) {
  constexpr double errors = 4;
  const double size = found.effective_sample;
  for (Eigen::Index i = 0; i < 2; ++i) {
    const PosteriorParameter& one =
        found.parameters[static_cast<std::size_t>(i)];
    const double sd = std::sqrt(exact.covariance(i, i));
    CHECK(std::fabs(one.mean - exact.mean[i]) < errors * sd / std::sqrt(size));
    CHECK(std::fabs(one.sd - sd) < errors * sd / std::sqrt(2 * size));
    // The quantile's standard error: sqrt(p (1 - p) / n) / density.
    const double quantile_error =
        std::sqrt(0.025 * 0.975 / size) / (0.0584507 / sd);
    CHECK(std::fabs(one.low - (exact.mean[i] - 1.959964 * sd)) <
          errors * quantile_error);
    CHECK(std::fabs(one.high - (exact.mean[i] + 1.959964 * sd)) <
          errors * quantile_error);
  }
  const double correlation =
      exact.covariance(0, 1) /
      std::sqrt(exact.covariance(0, 0) * exact.covariance(1, 1));
  CHECK(std::fabs(found.correlation[0][1] - correlation) <
        errors * (1 - correlation * correlation) / std::sqrt(size));
}

}  // namespace

TEST_CASE("a linear normal problem has its posterior of closed form",
          "[calibration]") {
  const LinearNormal problem;
  const auto exact = problem.posterior();
  const Calibration found =
      calibrate(problem.parameters(), problem.targets(), linear(problem.a));
  CHECK(found.effective_sample > 500);
  require_posterior(found, exact);
  // Mode and mean are the same; the optimiser is stopped within 1e-4 of a
  // score, here of a standard deviation of the prior.
  for (const std::size_t i : {0u, 1u})
    CHECK(found.parameters[i].mode ==
          Approx(exact.mean[static_cast<Eigen::Index>(i)]).margin(0.002));
  CHECK(found.starts_agree == found.starts);
}

TEST_CASE("the Monte Carlo error of the simulation widens the posterior",
          "[calibration]") {
  const LinearNormal problem;
  const double se = 0.3;
  require_posterior(
      calibrate(problem.parameters(), problem.targets(), linear(problem.a, se)),
      problem.posterior(se * se));
}

TEST_CASE("draws of the posterior have its mean and covariance",
          "[calibration]") {
  const LinearNormal problem;
  const auto exact = problem.posterior();
  CalibrationOptions options;
  options.draws = 4000;
  const Calibration found = calibrate(problem.parameters(), problem.targets(),
                                      linear(problem.a), options);
  REQUIRE(found.draws.size() == options.draws);
  // Draws from a sample of this effective size: two errors, one on the other.
  const double size =
      1 / (1 / found.effective_sample + 1 / static_cast<double>(options.draws));
  Eigen::MatrixXd draws(static_cast<Eigen::Index>(options.draws), 2);
  for (std::size_t d = 0; d < options.draws; ++d)
    for (std::size_t i = 0; i < 2; ++i)
      draws(static_cast<Eigen::Index>(d), static_cast<Eigen::Index>(i)) =
          found.draws[d][i];
  const Eigen::RowVector2d mean = draws.colwise().mean();
  const Eigen::MatrixXd apart = draws.rowwise() - mean;
  const Eigen::Matrix2d covariance =
      apart.transpose() * apart / static_cast<double>(options.draws - 1);
  for (Eigen::Index i = 0; i < 2; ++i) {
    CHECK(std::fabs(mean[i] - exact.mean[i]) <
          4 * std::sqrt(exact.covariance(i, i) / size));
    for (Eigen::Index j = 0; j < 2; ++j) {
      const double variance = exact.covariance(i, i) * exact.covariance(j, j) +
                              exact.covariance(i, j) * exact.covariance(i, j);
      CHECK(std::fabs(covariance(i, j) - exact.covariance(i, j)) <
            4 * std::sqrt(variance / size));
    }
  }
}

TEST_CASE("a target held out is reported and not fitted", "[calibration]") {
  const LinearNormal problem;
  auto targets = problem.targets();
  targets[2].held_out = true;
  const Calibration found =
      calibrate(problem.parameters(), targets, linear(problem.a));
  const auto exact = problem.posterior(0, true);
  require_posterior(found, exact);
  // Its own z has the spread of the posterior in it.
  const Eigen::Vector2d row = problem.a.row(2);
  const double predicted = row.dot(exact.mean);
  const double variance =
      row.dot(exact.covariance * row) + problem.sd[2] * problem.sd[2];
  CHECK(found.targets[2].fitted == Approx(predicted).margin(0.05));
  CHECK(found.targets[2].z ==
        Approx((predicted - problem.y[2]) / std::sqrt(variance)).epsilon(0.1));
  // Another figure there changes nothing else.
  targets[2].figure.figure.value = 100;
  const Calibration other =
      calibrate(problem.parameters(), targets, linear(problem.a));
  CHECK(other.draws == found.draws);
  CHECK(!other.targets[2].inside);
}

TEST_CASE("a rate with a beta prior has the posterior that is conjugate",
          "[calibration]") {
  // Beta(2, 3) and 30 of 100: Beta(32, 73).
  const auto prior = parameter("rate", BetaDistribution{2, 3});
  const auto itself = linear(Eigen::MatrixXd::Identity(1, 1));
  const double a = 32, b = 73, size = a + b;
  const double mean = a / size,
               sd = std::sqrt(a * b / (size * size * (size + 1)));
  const std::vector<Target> same_information = {target(0.3, Count{30, 100}),
                                                target(0.3, Sample{100}),
                                                target(0.3, Beta{30, 70})};
  for (const Target& one : same_information) {
    const Calibration found = calibrate({prior}, {one}, itself);
    const PosteriorParameter& rate = found.parameters[0];
    CHECK(std::fabs(rate.mean - mean) <
          4 * sd / std::sqrt(found.effective_sample));
    // Four moments of a beta near the normal: the normal's error and a fifth.
    CHECK(std::fabs(rate.sd - sd) <
          1.2 * 4 * sd / std::sqrt(2 * found.effective_sample));
    CHECK(rate.mode == Approx((a - 1) / (size - 2)).margin(1e-3));
  }
}

TEST_CASE("nobody of a sample is a figure like others", "[calibration]") {
  // Uniform prior, 0 of 20: Beta(1, 21), whose mode is 0.
  const Calibration found = calibrate(
      {parameter("rate", UniformDistribution{0, 1})}, {target(0, Count{0, 20})},
      linear(Eigen::MatrixXd::Identity(1, 1)));
  const double mean = 1.0 / 22, sd = std::sqrt(21.0 / (22 * 22 * 23));
  CHECK(std::fabs(found.parameters[0].mean - mean) <
        4 * sd / std::sqrt(found.effective_sample));
  CHECK(found.parameters[0].mode < 0.005);
}

TEST_CASE("the optimiser finds a known optimum that is no parabola",
          "[calibration]") {
  // Rosenbrock's valley as a likelihood: targets (1 - x) and 10 (y - x^2), both
  // 0 with sd 1, and flat priors: the mode is (1, 1).
  const auto valley = [](const Rows& rows) {
    std::vector<std::vector<SimulatedTarget>> all;
    for (const auto& row : rows)
      all.push_back({{1 - row[0], 0}, {10 * (row[1] - row[0] * row[0]), 0}});
    return all;
  };
  const Calibration found =
      calibrate({parameter("x", UniformDistribution{-2, 3}),
                 parameter("y", UniformDistribution{-2, 6})},
                {target(0, Spread{1}), target(0, Spread{1})}, valley);
  CHECK(found.parameters[0].mode == Approx(1).margin(0.02));
  CHECK(found.parameters[1].mode == Approx(1).margin(0.04));
  // x is normal(1, 1) cut to (-2, 3), or nearly, since y leaves all but
  // x^2 > 6 room. Phi(-3) and Phi(2) cut; y cuts at sqrt(6) = 2.449.
  const double cut = 2.449490 - 1,
               density = std::exp(-cut * cut / 2) / 2.506628;
  const double below = 0.926446;  // Phi(1.449490)
  CHECK(found.parameters[0].mean ==
        Approx(1 - (density - 0.0044318) / (below - 0.0013499)).margin(0.15));
}

TEST_CASE("a parameter that no target touches keeps its prior",
          "[calibration]") {
  Eigen::MatrixXd a(1, 2);
  a << 1, 0;
  const Calibration found =
      calibrate({parameter("seen", NormalDistribution{0, 1}),
                 parameter("unseen", GammaDistribution{4, 0.5})},
                {target(0.7, Spread{0.1})}, linear(a));
  CHECK(found.parameters[0].sd_ratio == Approx(0.1).epsilon(0.1));
  CHECK(found.parameters[1].sd_ratio == Approx(1).margin(0.15));
  CHECK(std::fabs(found.parameters[1].mean - 2) <
        4 / std::sqrt(found.effective_sample));
  CHECK(found.parameters[1].place_in_prior == Approx(0.5).margin(0.1));
}

TEST_CASE("what may not stand in the scenario has no posterior",
          "[calibration]") {
  const auto forbidden = [](const Rows& rows) {
    std::vector<std::vector<SimulatedTarget>> all;
    for (const auto& row : rows) {
      all.emplace_back();
      if (row[0] + row[1] <= 1) all.back().push_back({row[0], 0});
    }
    return all;
  };
  const Calibration found =
      calibrate({parameter("a", UniformDistribution{0, 1}),
                 parameter("b", UniformDistribution{0, 1})},
                {target(0.5, Spread{1000})}, forbidden);
  for (const auto& draw : found.draws) CHECK(draw[0] + draw[1] <= 1);
  // The flat triangle: its mean is 1/3.
  CHECK(found.parameters[0].mean == Approx(1.0 / 3).margin(0.04));
  const auto never = [](const Rows& rows) {
    return std::vector<std::vector<SimulatedTarget>>(rows.size());
  };
  CHECK_THROWS_AS(calibrate({parameter("a", UniformDistribution{0, 1})},
                            {target(0.5, Spread{1})}, never),
                  std::invalid_argument);
}

TEST_CASE("a calibration can be repeated, and its seed is its own",
          "[calibration]") {
  const LinearNormal problem;
  CalibrationOptions options;
  options.seed = 7;
  const auto once = calibrate(problem.parameters(), problem.targets(),
                              linear(problem.a), options);
  const auto again = calibrate(problem.parameters(), problem.targets(),
                               linear(problem.a), options);
  CHECK(once.draws == again.draws);
  CHECK(once.parameters[0].mean == again.parameters[0].mean);
  options.seed = 8;
  CHECK(calibrate(problem.parameters(), problem.targets(), linear(problem.a),
                  options)
            .draws != once.draws);
}

TEST_CASE("without a free parameter or a target to meet nothing is calibrated",
          "[calibration]") {
  const LinearNormal problem;
  CHECK_THROWS_AS(calibrate({}, problem.targets(), linear(problem.a)),
                  std::invalid_argument);
  auto targets = problem.targets();
  for (Target& one : targets) one.held_out = true;
  CHECK_THROWS_AS(calibrate(problem.parameters(), targets, linear(problem.a)),
                  std::invalid_argument);
}

TEST_CASE("the likelihood of a target is that of its kind", "[calibration]") {
  // Normal: differences of the log density.
  const Target normal = target(2, Spread{0.5});
  CHECK(log_likelihood(normal, {2, 0}) - log_likelihood(normal, {3, 0}) ==
        Approx(2));
  // With simulation error 1.2 the variance is 0.25 + 1.44 = 1.69.
  CHECK(log_likelihood(normal, {2, 1.2}) - log_likelihood(normal, {3.3, 1.2}) ==
        Approx(0.5));
  // Binomial, 3 of 10: ratio of p^3 (1 - p)^7.
  const Target count = target(0.3, Count{3, 10});
  CHECK(log_likelihood(count, {0.4, 0}) - log_likelihood(count, {0.2, 0}) ==
        Approx(3 * std::log(2.0) + 7 * std::log(0.75)));
  // Rounding to 0.1 leaves 0.05: variance 0.05^2 / 3.
  Target rounded = normal;
  rounded.figure.rounding = 0.05;
  const double variance = 0.25 + 0.0025 / 3;
  CHECK(log_likelihood(rounded, {2, 0}) - log_likelihood(rounded, {3, 0}) ==
        Approx(0.5 / variance));
  const double none = std::numeric_limits<double>::quiet_NaN();
  CHECK(log_likelihood(normal, {none, 0}) ==
        -std::numeric_limits<double>::infinity());
  CHECK(log_likelihood(normal, {2, none}) == log_likelihood(normal, {2, 0}));
}

// What selection alone says of STAR*D: the fall of remission from step to step
// with one intercept and a normal propensity, its misfit, and what it would
// make of ECT given first.
#include "sim/analysis/selection.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <random>
#include <stdexcept>
#include <vector>

using namespace stardsim;

namespace {

// Remitted by QIDS-SR16 of those who entered each step (Rush 2006).
const std::vector<StepCount> counted{
    {1346, 3671}, {439, 1439}, {53, 390}, {16, 123}};

// The published rates of those entrants: 36.8, 30.6, 13.7 and 13.0 %.
const std::vector<StepCount> published{{0.368 * 3671, 3671},
                                       {0.306 * 1439, 1439},
                                       {0.137 * 390, 390},
                                       {0.130 * 123, 123}};

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

// Log likelihood by Simpson's rule, apart from the code under test.
double log_likelihood(const std::vector<StepCount>& counts, double intercept,
                      double spread) {
  constexpr int intervals = 2000;
  constexpr double end = 8, width = 2 * end / intervals;
  double sum = 0;
  for (std::size_t s = 0; s < counts.size(); ++s) {
    double remitted = 0, all = 0;
    for (int k = 0; k <= intervals; ++k) {
      const double z = -end + k * width;
      const double p = logistic(intercept + spread * z);
      const double weight = (k == 0 || k == intervals ? 1 : 2 + 2 * (k % 2)) *
                            std::exp(-z * z / 2) *
                            std::pow(1 - p, static_cast<double>(s));
      remitted += weight * p;
      all += weight;
    }
    const double rate = remitted / all;
    sum += counts[s].remitted * std::log(rate) +
           (counts[s].entered - counts[s].remitted) * std::log(1 - rate);
  }
  return sum;
}

}  // namespace

TEST_CASE("Selection alone makes of STAR*D 37.3, 27.0, 21.3 and 17.8 %",
          "[validation]") {
  const SelectionFit fit = fit_selection(published);
  CHECK(fit.spread == Approx(1.46).margin(0.005));
  REQUIRE(fit.rates.size() == 4);
  const std::vector<double> rates{0.373, 0.270, 0.213, 0.178};
  for (std::size_t s = 0; s < 4; ++s)
    CHECK(fit.rates[s] == Approx(rates[s]).margin(0.0005));
  CHECK(fit.cumulative == Approx(0.704).margin(0.0005));
  // Counts instead of rates change the third digit.
  const SelectionFit of_counts = fit_selection(counted);
  CHECK(of_counts.spread == Approx(fit.spread).margin(0.005));
  CHECK(of_counts.cumulative == Approx(0.7023).margin(0.0005));
}

TEST_CASE("Selection alone does not fit STAR*D", "[validation]") {
  const SelectionFit fit = fit_selection(published);
  CHECK(fit.degrees_of_freedom == 2);
  // By hand from the rates printed above: sum of (O - E)^2 / (E (1 - E/n)),
  // step by step 0.36, 9.67, 13.55, 1.95; nearly all from steps 2 and 3.
  double by_hand = 0;
  for (std::size_t s = 0; s < 4; ++s) {
    const double n = published[s].entered, p = fit.rates[s];
    const double apart = published[s].remitted - n * p;
    by_hand += apart * apart / (n * p * (1 - p));
  }
  CHECK(fit.chi_square == Approx(by_hand).epsilon(1e-10));
  CHECK(fit.chi_square == Approx(25.5).margin(0.5));
  CHECK(fit.deviance == Approx(26.9).margin(0.5));
  // With two degrees of freedom P(X > x) is exp(-x/2).
  CHECK(fit.deviance_p == Approx(std::exp(-fit.deviance / 2)));
  CHECK(fit.chi_square_p == Approx(std::exp(-fit.chi_square / 2)));
  CHECK(fit.deviance_p < 1e-5);
  WARN("Selection alone: spread "
       << fit.spread << ", intercept " << fit.intercept << ", rates "
       << fit.rates[0] << ", " << fit.rates[1] << ", " << fit.rates[2] << ", "
       << fit.rates[3] << ", cumulative " << fit.cumulative << "; deviance "
       << fit.deviance << ", chi-squared " << fit.chi_square << " on "
       << fit.degrees_of_freedom << " degrees of freedom (p " << fit.deviance_p
       << "); ECT of 0.48 at line 3 would have "
       << rate_at_line(fit, 0.48, 3, 1) << " at line 1, beside 0.649 observed");
}

TEST_CASE("ECT of 48 % after two failures would remit 64 % without any",
          "[validation]") {
  // Heijnen 2010: 48.0 % (281/585) after failed medication, 64.9 % (242/373)
  // without. Standard error of the latter: sqrt(0.649 * 0.351 / 373).
  const SelectionFit fit = fit_selection(published);
  const double first = rate_at_line(fit, 0.48, 3, 1);
  CHECK(first == Approx(0.639).margin(0.001));
  const double error = std::sqrt(0.649 * 0.351 / 373);
  CHECK(std::abs(first - 242.0 / 373) < 2 * error);
  CHECK(rate_at_line(fit, 0.48, 3, 3) == Approx(0.48).margin(1e-9));
  CHECK(rate_at_line(fit, 0.48, 3, 2) > 0.48);
  CHECK(rate_at_line(fit, 0.48, 3, 4) < 0.48);
}

TEST_CASE("The fit is where the likelihood is highest", "[validation]") {
  for (const auto& counts : {counted, published}) {
    const SelectionFit fit = fit_selection(counts);
    const double best = log_likelihood(counts, fit.intercept, fit.spread);
    for (const double by : {-0.01, 0.01}) {
      CHECK(best > log_likelihood(counts, fit.intercept + by, fit.spread));
      CHECK(best > log_likelihood(counts, fit.intercept, fit.spread + by));
      CHECK(best >
            log_likelihood(counts, fit.intercept + by / 2, fit.spread + by));
      CHECK(best >
            log_likelihood(counts, fit.intercept - by / 2, fit.spread + by));
    }
  }
}

TEST_CASE("A model that holds is found again", "[validation]") {
  for (const double spread : {0.5, 1.46, 3.0}) {
    std::vector<StepCount> exact;
    for (const double rate : selection_rates(-0.7, spread, 4))
      exact.push_back({1e6 * rate, 1e6});
    const SelectionFit fit = fit_selection(exact);
    CHECK(fit.spread == Approx(spread).margin(1e-3));
    CHECK(fit.intercept == Approx(-0.7).margin(1e-3));
    CHECK(fit.deviance < 1e-3);
  }
}

TEST_CASE("Rates by selection are those of simulated patients",
          "[validation]") {
  // 200,000 patients, seed 5; standard errors up to 0.0014 at the first step
  // and 0.0025 at the fourth; 4 of them.
  std::mt19937_64 random(5);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  std::vector<double> remitted(4), entered(4);
  for (int patient = 0; patient < 200'000; ++patient) {
    const double p = logistic(-0.724 + 1.46 * normal(random));
    for (std::size_t s = 0; s < 4; ++s) {
      ++entered[s];
      if (uniform(random) < p) {
        ++remitted[s];
        break;
      }
    }
  }
  const auto rates = selection_rates(-0.724, 1.46, 4);
  for (std::size_t s = 0; s < 4; ++s) {
    const double error = std::sqrt(rates[s] * (1 - rates[s]) / entered[s]);
    CHECK(std::abs(remitted[s] / entered[s] - rates[s]) < 4 * error);
  }
}

TEST_CASE("Rates that rise leave no room for selection", "[validation]") {
  const SelectionFit fit = fit_selection({{30, 100}, {30, 70}});
  CHECK(fit.spread < 1e-3);
  // One rate for both, pooled.
  CHECK(fit.rates[0] == Approx(60.0 / 170).margin(1e-4));
  CHECK(fit.degrees_of_freedom == 0);
  CHECK(std::isnan(fit.deviance_p));
}

TEST_CASE("Counts that say nothing of selection are refused", "[validation]") {
  CHECK_THROWS_AS(fit_selection({{1, 2}}), std::invalid_argument);
  CHECK_THROWS_AS(fit_selection({{0, 10}, {0, 10}}), std::invalid_argument);
  CHECK_THROWS_AS(fit_selection({{5, 5}, {3, 3}}), std::invalid_argument);
  CHECK_THROWS_AS(fit_selection({{6, 5}, {1, 3}}), std::invalid_argument);
  CHECK_THROWS_AS(fit_selection({{1, 0}, {1, 3}}), std::invalid_argument);
}

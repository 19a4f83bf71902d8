#include "sim/analysis/selection.hpp"

#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/tools/minima.hpp>
#include <boost/math/tools/roots.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

namespace stardsim {
namespace {

// The trapezoidal rule on the normal score: for functions as smooth as these
// its error is far below 1e-12.
constexpr double step = 0.05, furthest = 9;

struct Node {
  double z, weight;
};

std::vector<Node> normal_nodes() {
  std::vector<Node> nodes;
  double all = 0;
  const int most = static_cast<int>(furthest / step);
  for (int k = -most; k <= most; ++k) {
    const double z = k * step;
    nodes.push_back({z, std::exp(-z * z / 2)});
    all += nodes.back().weight;
  }
  for (Node& node : nodes) node.weight /= all;
  return nodes;
}

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

double mean_rate(const std::vector<Node>& nodes, double intercept,
                 double spread) {
  double remitted = 0, all = 0;
  for (const Node& node : nodes) {
    remitted += node.weight * logistic(intercept + spread * node.z);
    all += node.weight;
  }
  return remitted / all;
}

void lose_the_remitted(std::vector<Node>& nodes, double intercept,
                       double spread) {
  for (Node& node : nodes)
    node.weight *= logistic(-intercept - spread * node.z);
}

std::vector<Node> entrants(double intercept, double spread, std::size_t line) {
  std::vector<Node> nodes = normal_nodes();
  for (std::size_t l = 1; l < line; ++l)
    lose_the_remitted(nodes, intercept, spread);
  return nodes;
}

// O log E, without the terms that nobody is in.
double log_likelihood(const std::vector<StepCount>& counts,
                      const std::vector<double>& rates) {
  const auto term = [](double observed, double probability) {
    return observed > 0 ? observed * std::log(probability) : 0;
  };
  double sum = 0;
  for (std::size_t s = 0; s < counts.size(); ++s)
    sum += term(counts[s].remitted, rates[s]) +
           term(counts[s].entered - counts[s].remitted, 1 - rates[s]);
  return sum;
}

void check(const std::vector<StepCount>& counts) {
  double remitted = 0, entered = 0;
  for (const StepCount& count : counts) {
    if (!(count.entered > 0) || !(count.remitted >= 0) ||
        !(count.remitted <= count.entered))
      throw std::invalid_argument("remitted of entered is not a count");
    remitted += count.remitted;
    entered += count.entered;
  }
  if (counts.size() < 2)
    throw std::invalid_argument("selection shows in two steps at the least");
  if (remitted == 0 || remitted == entered)
    throw std::invalid_argument(
        "selection cannot be fitted where all or none remitted");
}

// The best intercept for a spread, and minus the log likelihood there.
std::pair<double, double> best_intercept(const std::vector<StepCount>& counts,
                                         double spread) {
  // Half the digits: a minimum is no sharper.
  constexpr int bits = std::numeric_limits<double>::digits / 2;
  const double limit = 15 + 4 * spread;
  return boost::math::tools::brent_find_minima(
      [&](double intercept) {
        return -log_likelihood(
            counts, selection_rates(intercept, spread, counts.size()));
      },
      -limit, limit, bits);
}

void judge(const std::vector<StepCount>& counts, SelectionFit& fit) {
  const auto add = [&fit](double observed, double expected) {
    const double apart = observed - expected;
    fit.chi_square += apart * apart / expected;
    if (observed > 0)
      fit.deviance += 2 * observed * std::log(observed / expected);
  };
  for (std::size_t s = 0; s < counts.size(); ++s) {
    const double n = counts[s].entered, x = counts[s].remitted;
    add(x, n * fit.rates[s]);
    add(n - x, n * (1 - fit.rates[s]));
  }
  fit.degrees_of_freedom = counts.size() - 2;
  fit.deviance_p = fit.chi_square_p = std::numeric_limits<double>::quiet_NaN();
  if (fit.degrees_of_freedom == 0) return;
  const boost::math::chi_squared law(
      static_cast<double>(fit.degrees_of_freedom));
  const auto beyond = [&law](double x) {
    return boost::math::cdf(boost::math::complement(law, std::max(x, 0.0)));
  };
  fit.deviance_p = beyond(fit.deviance);
  fit.chi_square_p = beyond(fit.chi_square);
}

}  // namespace

std::vector<double> selection_rates(double intercept, double spread,
                                    std::size_t steps) {
  std::vector<Node> nodes = normal_nodes();
  std::vector<double> rates;
  for (std::size_t s = 0; s < steps; ++s) {
    rates.push_back(mean_rate(nodes, intercept, spread));
    lose_the_remitted(nodes, intercept, spread);
  }
  return rates;
}

SelectionFit fit_selection(const std::vector<StepCount>& counts) {
  check(counts);
  constexpr double largest_spread = 10;
  constexpr int bits = std::numeric_limits<double>::digits / 2;
  SelectionFit fit;
  fit.spread =
      boost::math::tools::brent_find_minima(
          [&](double spread) { return best_intercept(counts, spread).second; },
          0.0, largest_spread, bits)
          .first;
  fit.intercept = best_intercept(counts, fit.spread).first;
  fit.rates = selection_rates(fit.intercept, fit.spread, counts.size());
  double left = 1;
  for (const double rate : fit.rates) left *= 1 - rate;
  fit.cumulative = 1 - left;
  judge(counts, fit);
  return fit;
}

double rate_at_line(const SelectionFit& fit, double rate, std::size_t anchor,
                    std::size_t line) {
  const std::vector<Node> measured =
      entrants(fit.intercept, fit.spread, anchor);
  const double limit = 40 + 10 * fit.spread;
  const auto close = [](double a, double b) { return b - a < 1e-12; };
  boost::uintmax_t evaluations = 200;
  const auto bracket = boost::math::tools::toms748_solve(
      [&](double own) { return mean_rate(measured, own, fit.spread) - rate; },
      -limit, limit, close, evaluations);
  return mean_rate(entrants(fit.intercept, fit.spread, line),
                   (bracket.first + bracket.second) / 2, fit.spread);
}

}  // namespace stardsim

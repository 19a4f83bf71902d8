#include "sim/analysis/calibration.hpp"

#include "models/inputs.hpp"
#include "sim/core/words.hpp"

#include <Eigen/Dense>
#include <boost/math/constants/constants.hpp>
#include <boost/math/distributions/normal.hpp>
#include <nlopt.hpp>

#include <algorithm>
#include <cmath>
#include <exception>
#include <limits>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <variant>

namespace stardsim {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr double log_two_pi = 1.8378770664093454;
// Beyond, the prior is taken as nothing: it has 2e-9 there.
constexpr double furthest_score = 6;
constexpr double furthest_of_mode = 5;

const boost::math::normal standard_normal;

double square(double x) { return x * x; }

double log_sum(double a, double b) {
  const double most = std::max(a, b);
  if (most == -infinite) return most;
  return most + std::log1p(std::exp(std::min(a, b) - most));
}

// ---- likelihood ----

/// How many of how many, where the figure is that of a sample.
struct Binomial {
  double events, of;
};

std::optional<Binomial> binomial_of(const Evidence& figure) {
  if (const auto* count = std::get_if<Count>(&figure.certainty))
    return Binomial{count->events, count->of};
  if (const auto* sample = std::get_if<Sample>(&figure.certainty))
    return Binomial{figure.value * sample->of, sample->of};
  if (const auto* beta = std::get_if<Beta>(&figure.certainty))
    return Binomial{beta->a, beta->a + beta->b};
  return std::nullopt;
}

/// Twice the log of how much less likely the events are than at their own rate.
double deviance(const Binomial& seen, double probability) {
  const double others = seen.of - seen.events;
  const double of_events =
      seen.events > 0
          ? seen.events * std::log(seen.events / (seen.of * probability))
          : 0;
  const double of_others =
      others > 0 ? others * std::log(others / (seen.of * (1 - probability)))
                 : 0;
  return 2 * (of_events + of_others);
}

double added_variance(const Target& target, const SimulatedTarget& simulated) {
  const double luck = std::isnan(simulated.se) ? 0 : simulated.se;
  return square(luck) + square(target.figure.rounding) / 3;
}

double own_variance(const Target& target) {
  const auto seen = binomial_of(target.figure.figure);
  if (!seen) return square(standard_error(target.figure.figure));
  // Where none or all had the event, as if half a patient more had and half a
  // patient more had not.
  const double rate = (seen->events + 0.5) / (seen->of + 1);
  return rate * (1 - rate) / seen->of;
}

// ---- the priors, on normal scores ----

double value_at(const Distribution& prior, double score) {
  return quantile(prior, boost::math::cdf(standard_normal, score));
}

/// Of the value itself, not of its score.
double log_density(const Distribution& prior, double score) {
  constexpr double step = 1e-3;
  const double slope =
      (value_at(prior, score + step) - value_at(prior, score - step)) /
      (2 * step);
  return -0.5 * (square(score) + log_two_pi) - std::log(slope);
}

double log_prior(const VectorXd& scores) {
  return -0.5 * (scores.squaredNorm() +
                 static_cast<double>(scores.size()) * log_two_pi);
}

/// One component of the mixture: t with 5 degrees of freedom.
class Component {
 public:
  static constexpr int degrees = 5;

  Component(VectorXd centre, const MatrixXd& scale)
      : centre_(std::move(centre)), lower_(scale.llt().matrixL()) {
    const double d = static_cast<double>(centre_.size()), nu = degrees;
    log_height_ = std::lgamma((nu + d) / 2) - std::lgamma(nu / 2) -
                  d / 2 * std::log(nu * boost::math::constants::pi<double>()) -
                  lower_.diagonal().array().log().sum();
  }

  double log_density(const VectorXd& at) const {
    const double distance =
        lower_.triangularView<Eigen::Lower>().solve(at - centre_).squaredNorm();
    const double d = static_cast<double>(centre_.size()), nu = degrees;
    return log_height_ - (nu + d) / 2 * std::log1p(distance / nu);
  }

  /// Of standard normal numbers: one for each dimension, then `degrees`.
  VectorXd point(const VectorXd& normals) const {
    const double chi_square = normals.tail(degrees).squaredNorm();
    return centre_ + lower_ * normals.head(centre_.size()) /
                         std::sqrt(chi_square / degrees);
  }

 private:
  VectorXd centre_;
  MatrixXd lower_;
  double log_height_ = 0;
};

/// A point of the sample and what was simulated there.
struct Point {
  VectorXd scores;
  std::vector<double> values;
  std::vector<SimulatedTarget> simulated;
  double log_likelihood = -infinite;
  double log_mixture = -infinite;  ///< of the sum over components, each times
                                   ///< its number of points
};

double quantile_of(const std::vector<std::pair<double, double>>& sorted,
                   double p) {
  double sum = 0;
  for (const auto& [value, weight] : sorted) {
    sum += weight;
    if (sum >= p) return value;
  }
  return sorted.back().first;
}

class Calibrator {
 public:
  Calibrator(const std::vector<FreeParameter>& parameters,
             const std::vector<Target>& targets,
             const SimulateTargets& simulate, const CalibrationOptions& options)
      : parameters_(parameters),
        targets_(targets),
        simulate_(simulate),
        options_(options),
        size_(parameters.size()) {}

  Calibration calibrate() {
    sample_prior();
    const VectorXd mode = find_mode();
    add_component({mode, covariance_at(mode)});
    weigh();
    for (std::size_t r = 1; r < options_.rounds && !is_enough(); ++r) {
      add_component(around_heaviest());
      weigh();
    }
    summarise(mode);
    return std::move(result_);
  }

 private:
  std::size_t first() const {
    constexpr std::size_t least = 500, of_parameter = 200;
    return options_.first ? options_.first
                          : std::max(least, of_parameter * size_);
  }
  std::size_t each() const {
    constexpr std::size_t least = 200, of_parameter = 100;
    return options_.each ? options_.each
                         : std::max(least, of_parameter * size_);
  }

  // ---- points ----

  /// Standard normal numbers; another stream for every point ever drawn.
  VectorXd normals(std::size_t count) {
    WordEngine words({options_.seed, 0}, streams_++, Purpose::parameter);
    VectorXd numbers(static_cast<Eigen::Index>(count));
    for (double& number : numbers)
      number = boost::math::quantile(standard_normal, uniform(words));
    return numbers;
  }
  /// In (0, 1), of 53 bits.
  static double uniform(WordEngine& words) {
    const std::uint64_t high = words(), low = words();
    constexpr int shift = 11;
    return (static_cast<double>((high << 32 | low) >> shift) + 0.5) * 0x1p-53;
  }

  std::vector<double> values_at(const VectorXd& scores) const {
    std::vector<double> values;
    for (std::size_t i = 0; i < size_; ++i)
      values.push_back(value_at(parameters_[i].prior, scores[index(i)]));
    return values;
  }
  static Eigen::Index index(std::size_t i) {
    return static_cast<Eigen::Index>(i);
  }
  static bool is_within(const VectorXd& scores) {
    return scores.array().abs().maxCoeff() <= furthest_score;
  }

  double log_likelihood_of(
      const std::vector<SimulatedTarget>& simulated) const {
    if (simulated.empty()) return -infinite;
    double sum = 0;
    for (std::size_t t = 0; t < targets_.size(); ++t)
      if (!targets_[t].held_out)
        sum += log_likelihood(targets_[t], simulated[t]);
    return sum;
  }

  std::vector<Point> simulated_at(const std::vector<VectorXd>& all) {
    std::vector<Point> points;
    std::vector<std::vector<double>> rows;
    for (const VectorXd& scores : all) {
      points.emplace_back().scores = scores;
      if (!is_within(scores)) continue;
      points.back().values = values_at(scores);
      rows.push_back(points.back().values);
    }
    auto found = simulate_(rows);
    std::size_t row = 0;
    for (Point& point : points) {
      if (point.values.empty()) continue;
      point.simulated = std::move(found.at(row++));
      point.log_likelihood = log_likelihood_of(point.simulated);
    }
    result_.rows += rows.size();
    if (options_.progress) options_.progress(result_.rows);
    return points;
  }

  // ---- the mode ----

  void sample_prior() {
    std::vector<VectorXd> all;
    for (std::size_t i = 0; i < first(); ++i) all.push_back(normals(size_));
    points_ = simulated_at(all);
    for (Point& point : points_)
      point.log_mixture =
          std::log(static_cast<double>(first())) + log_prior(point.scores);
  }

  double log_posterior(const Point& point) const {
    double sum = point.log_likelihood;
    for (std::size_t i = 0; i < size_; ++i)
      sum += log_density(parameters_[i].prior, point.scores[index(i)]);
    return sum;
  }

  /// What the optimiser climbs. Points that cannot be are as bad as bad ones:
  /// it needs numbers.
  struct Hill {
    Calibrator& self;
    double floor;
    std::exception_ptr failure;
  };
  static double height(const std::vector<double>& x, std::vector<double>&,
                       void* data) {
    Hill& hill = *static_cast<Hill*>(data);
    try {
      const VectorXd scores =
          Eigen::Map<const VectorXd>(x.data(), index(x.size()));
      const double found =
          hill.self.log_posterior(hill.self.simulated_at({scores}).front());
      return std::isnan(found) ? hill.floor : std::max(found, hill.floor);
    } catch (...) {
      hill.failure = std::current_exception();
      throw nlopt::forced_stop();
    }
  }

  VectorXd find_mode() {
    std::vector<std::size_t> order(points_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::vector<double> heights;
    for (const Point& point : points_)
      heights.push_back(
          point.log_likelihood == -infinite ? -infinite : log_posterior(point));
    std::stable_sort(order.begin(), order.end(),
                     [&](auto a, auto b) { return heights[a] > heights[b]; });
    if (heights[order.front()] == -infinite)
      throw std::invalid_argument(
          "none of the values drawn from the priors is possible in the "
          "scenario");
    VectorXd best;
    std::vector<double> reached;
    const std::size_t starts = std::min(options_.starts, points_.size());
    for (std::size_t s = 0; s < starts; ++s) {
      if (heights[order[s]] == -infinite) break;
      auto [scores, found] =
          climb(points_[order[s]].scores, heights[order.front()]);
      if (reached.empty() ||
          found > *std::max_element(reached.begin(), reached.end()))
        best = scores;
      reached.push_back(found);
    }
    constexpr double alike = 0.5;  // of the log density
    const double highest = *std::max_element(reached.begin(), reached.end());
    result_.starts = reached.size();
    result_.starts_agree = static_cast<std::size_t>(
        std::count_if(reached.begin(), reached.end(),
                      [&](double one) { return one > highest - alike; }));
    return best;
  }

  std::pair<VectorXd, double> climb(const VectorXd& from, double best) {
    constexpr double first_step = 0.25, fine = 1e-4, far_below = 1e4;
    constexpr std::size_t steps_of_parameter = 50;
    // BOBYQA needs two dimensions.
    nlopt::opt optimiser(size_ == 1 ? nlopt::LN_SBPLX : nlopt::LN_BOBYQA,
                         static_cast<unsigned>(size_));
    Hill hill{*this, best - far_below, {}};
    optimiser.set_max_objective(height, &hill);
    optimiser.set_lower_bounds(-furthest_of_mode);
    optimiser.set_upper_bounds(furthest_of_mode);
    optimiser.set_initial_step(first_step);
    optimiser.set_xtol_abs(fine);
    optimiser.set_maxeval(static_cast<int>(
        options_.steps ? options_.steps : steps_of_parameter * (size_ + 1)));
    std::vector<double> x(from.data(), from.data() + from.size());
    for (double& one : x)
      one = std::clamp(one, -furthest_of_mode, furthest_of_mode);
    double reached = best - far_below;
    try {
      optimiser.optimize(x, reached);
    } catch (const nlopt::roundoff_limited&) {  // as near as it can
      reached = optimiser.last_optimum_value();
    } catch (const nlopt::forced_stop&) {
      std::rethrow_exception(hill.failure);
    }
    return {Eigen::Map<VectorXd>(x.data(), index(x.size())), reached};
  }

  /// Inverse of the information that prior and targets have at these scores,
  /// by the slopes of the targets (Gauss-Newton).
  MatrixXd covariance_at(const VectorXd& scores) {
    constexpr double step = 0.1;
    std::vector<VectorXd> all{scores};
    for (std::size_t i = 0; i < size_; ++i)
      for (const double sign : {-1.0, 1.0}) {
        all.push_back(scores);
        all.back()[index(i)] += sign * step;
      }
    const std::vector<Point> points = simulated_at(all);
    MatrixXd information = MatrixXd::Identity(index(size_), index(size_));
    for (std::size_t t = 0; t < targets_.size(); ++t) {
      if (targets_[t].held_out || points.front().simulated.empty()) continue;
      VectorXd slope = VectorXd::Zero(index(size_));
      for (std::size_t i = 0; i < size_; ++i) {
        const Point &below = points[1 + 2 * i], &above = points[2 + 2 * i];
        if (below.simulated.empty() || above.simulated.empty()) continue;
        const double found =
            (above.simulated[t].value - below.simulated[t].value) / (2 * step);
        if (std::isfinite(found)) slope[index(i)] = found;
      }
      const double variance =
          own_variance(targets_[t]) +
          added_variance(targets_[t], points.front().simulated[t]);
      information += slope * slope.transpose() / variance;
    }
    return information.inverse();
  }

  // ---- importance sampling ----

  void add_component(const Component& component) {
    std::vector<VectorXd> all;
    for (std::size_t i = 0; i < each(); ++i)
      all.push_back(component.point(normals(size_ + Component::degrees)));
    std::vector<Point> more = simulated_at(all);
    const double log_each = std::log(static_cast<double>(each()));
    components_.push_back(component);
    for (Point& point : more) {
      point.log_mixture =
          std::log(static_cast<double>(first())) + log_prior(point.scores);
      for (std::size_t c = 0; c + 1 < components_.size(); ++c)
        point.log_mixture =
            log_sum(point.log_mixture,
                    log_each + components_[c].log_density(point.scores));
    }
    std::move(more.begin(), more.end(), std::back_inserter(points_));
    for (Point& point : points_)
      point.log_mixture = log_sum(
          point.log_mixture, log_each + component.log_density(point.scores));
  }

  void weigh() {
    weights_.clear();
    double most = -infinite;
    for (const Point& point : points_) {
      weights_.push_back(point.log_likelihood + log_prior(point.scores) -
                         point.log_mixture);
      most = std::max(most, weights_.back());
    }
    double sum = 0;
    for (double& weight : weights_) sum += weight = std::exp(weight - most);
    for (double& weight : weights_) weight /= sum;
  }

  /// Raftery & Bao: until of so many draws with replacement a share of 1 - 1/e
  /// is expected to be different, as it were if all weights were equal.
  bool is_enough() const {
    constexpr std::size_t least = 500;
    const auto draws = static_cast<double>(std::max(options_.draws, least));
    double different = 0;
    for (const double weight : weights_)
      different -= std::expm1(draws * std::log1p(-std::min(weight, 1 - 1e-15)));
    return different >= draws * -std::expm1(-1.0);
  }

  /// Around the heaviest point: the covariance of its nearest neighbours, in
  /// the distances of the prior, which are those of the scores.
  Component around_heaviest() const {
    const auto heaviest = static_cast<std::size_t>(
        std::max_element(weights_.begin(), weights_.end()) - weights_.begin());
    const VectorXd& centre = points_[heaviest].scores;
    std::vector<std::pair<double, std::size_t>> order;
    for (std::size_t i = 0; i < points_.size(); ++i)
      order.emplace_back((points_[i].scores - centre).squaredNorm(), i);
    const std::size_t near = std::min(each(), order.size());
    std::partial_sort(order.begin(), order.begin() + index(near), order.end());
    MatrixXd covariance = MatrixXd::Zero(index(size_), index(size_));
    double sum = 0;
    const double even = 1 / static_cast<double>(points_.size());
    for (std::size_t k = 0; k < near; ++k) {
      const std::size_t i = order[k].second;
      const double weight = (weights_[i] + even) / 2;
      const VectorXd apart = points_[i].scores - centre;
      covariance += weight * apart * apart.transpose();
      sum += weight;
    }
    constexpr double narrowest = 1e-8;  // as a variance of scores
    return {centre,
            covariance / sum +
                narrowest * MatrixXd::Identity(index(size_), index(size_))};
  }

  // ---- what came of it ----

  /// Weighted values of one thing over the sample, ascending.
  template <class Of>
  std::vector<std::pair<double, double>> weighted(Of of) const {
    std::vector<std::pair<double, double>> sorted;
    for (std::size_t i = 0; i < points_.size(); ++i)
      if (weights_[i] > 0) sorted.emplace_back(of(points_[i]), weights_[i]);
    std::sort(sorted.begin(), sorted.end());
    return sorted;
  }
  template <class Of>
  double mean(Of of) const {
    double sum = 0;
    for (std::size_t i = 0; i < points_.size(); ++i)
      if (weights_[i] > 0) sum += weights_[i] * of(points_[i]);
    return sum;
  }

  void summarise(const VectorXd& mode) {
    constexpr double tail = 0.025;
    double squares = 0;
    for (const double weight : weights_) squares += square(weight);
    result_.effective_sample = 1 / squares;
    const std::vector<double> at_mode = values_at(mode);
    for (std::size_t i = 0; i < size_; ++i) {
      const auto value = [i](const Point& point) { return point.values[i]; };
      const double centre = mean(value);
      const double sd = std::sqrt(mean(
          [&](const Point& point) { return square(value(point) - centre); }));
      const auto sorted = weighted(value);
      result_.parameters.push_back(
          {at_mode[i], centre, sd, quantile_of(sorted, tail),
           quantile_of(sorted, 1 - tail), sd / prior_sd(i), place_in_prior(i)});
    }
    correlate();
    resample();
    look_at_targets();
  }

  double prior_sd(std::size_t i) const {
    double sum = 0, squares = 0;
    for (std::size_t k = 0; k < first(); ++k)
      if (!points_[k].values.empty()) sum += points_[k].values[i];
    const double centre = sum / static_cast<double>(first());
    for (std::size_t k = 0; k < first(); ++k)
      if (!points_[k].values.empty())
        squares += square(points_[k].values[i] - centre);
    return std::sqrt(squares / static_cast<double>(first() - 1));
  }
  double place_in_prior(std::size_t i) const {
    return mean([&](const Point& point) {
      return boost::math::cdf(standard_normal, point.scores[index(i)]);
    });
  }

  void correlate() {
    for (std::size_t i = 0; i < size_; ++i) {
      result_.correlation.emplace_back();
      for (std::size_t j = 0; j < size_; ++j) {
        const PosteriorParameter &a = result_.parameters[i],
                                 &b = result_.parameters[j];
        const double product = mean([&](const Point& point) {
          return (point.values[i] - a.mean) * (point.values[j] - b.mean);
        });
        result_.correlation.back().push_back(i == j ? 1
                                                    : product / (a.sd * b.sd));
      }
    }
  }

  void resample() {
    std::vector<double> sums;
    double sum = 0;
    for (const double weight : weights_) sums.push_back(sum += weight);
    WordEngine words({options_.seed, 0}, streams_++, Purpose::parameter);
    for (std::size_t d = 0; d < options_.draws; ++d) {
      const auto at =
          std::upper_bound(sums.begin(), sums.end(), uniform(words) * sum);
      const auto i =
          static_cast<std::size_t>(std::min(at, sums.end() - 1) - sums.begin());
      result_.draws.push_back(points_[i].values);
    }
  }

  void look_at_targets() {
    constexpr double tail = 0.025;
    std::vector<double> means, mode;
    for (const PosteriorParameter& one : result_.parameters) {
      means.push_back(one.mean);
      mode.push_back(one.mode);
    }
    const auto found = simulate_({means, mode});
    result_.rows += found.size();
    result_.lost_by_means =
        log_likelihood_of(found[1]) - log_likelihood_of(found[0]);
    const auto& shown = found[options_.at_mode ? 1 : 0];
    for (std::size_t t = 0; t < targets_.size(); ++t) {
      const auto value = [t](const Point& point) {
        return point.simulated[t].value;
      };
      const double centre = mean(value);
      const double spread = std::sqrt(mean(
          [&](const Point& point) { return square(value(point) - centre); }));
      const auto sorted = weighted(value);
      TargetFit fit{infinite,
                    infinite,
                    quantile_of(sorted, tail),
                    quantile_of(sorted, 1 - tail),
                    infinite,
                    false};
      // The means together may be impossible where each alone is possible.
      if (!shown.empty()) {
        fit.fitted = shown[t].value;
        fit.fitted_se = shown[t].se;
        judge(targets_[t], spread, fit);
      }
      result_.targets.push_back(fit);
    }
  }

  static void judge(const Target& target, double spread, TargetFit& fit) {
    const Published& figure = target.figure;
    const double luck = std::isnan(fit.fitted_se) ? 0 : fit.fitted_se;
    const double variance = own_variance(target) + square(luck) +
                            (target.held_out ? square(spread) : 0);
    const double apart = fit.fitted - figure.figure.value;
    const double excess = std::max(std::fabs(apart) - figure.rounding, 0.0);
    fit.z = excess > 0 ? std::copysign(excess / std::sqrt(variance), apart) : 0;
    Bounds bounds = bounds_of_95(figure.figure);
    const bool is_stated = !std::isnan(bounds.low);
    const double inner = is_stated ? fit.fitted : figure.figure.value;
    if (!is_stated) bounds = {fit.low, fit.high};
    fit.inside = inner >= bounds.low - figure.rounding &&
                 inner <= bounds.high + figure.rounding;
  }

  const std::vector<FreeParameter>& parameters_;
  const std::vector<Target>& targets_;
  const SimulateTargets& simulate_;
  const CalibrationOptions& options_;
  const std::size_t size_;
  std::uint64_t streams_ = 0;
  std::vector<Point> points_;  ///< the prior sample first
  std::vector<Component> components_;
  std::vector<double> weights_;
  Calibration result_;
};

}  // namespace

double log_likelihood(const Target& target, const SimulatedTarget& simulated) {
  if (!std::isfinite(simulated.value)) return -infinite;
  const double own = own_variance(target);
  const double variance = own + added_variance(target, simulated);
  const Evidence& figure = target.figure.figure;
  double distance = square(simulated.value - figure.value) / variance;
  if (const auto seen = binomial_of(figure)) {
    constexpr double least = 1e-9;  // none simulated is rare, not impossible
    distance = deviance(*seen, std::clamp(simulated.value, least, 1 - least)) *
               own / variance;
  }
  return -0.5 * (distance + std::log(variance));
}

Calibration calibrate(const std::vector<FreeParameter>& parameters,
                      const std::vector<Target>& targets,
                      const SimulateTargets& simulate,
                      const CalibrationOptions& options) {
  if (parameters.empty()) throw std::invalid_argument("no parameter is free");
  if (std::all_of(targets.begin(), targets.end(),
                  [](const Target& one) { return one.held_out; }))
    throw std::invalid_argument("no target is left to be met");
  return Calibrator(parameters, targets, simulate, options).calibrate();
}

}  // namespace stardsim

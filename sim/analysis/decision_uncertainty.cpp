#include "sim/analysis/decision_uncertainty.hpp"

#include "sim/analysis/smoother.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace stardsim {
namespace {

using Eigen::ArrayXd;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

/// Below so many draws there is no standard error, and no regression.
constexpr Index fewest_draws = 20;
constexpr Index jackknife_groups = 20;

struct Range {
  Index first, count;
};

/// That of a jackknife: consecutive draws, which are as independent as any.
Range group_of(Index group, Index draws) {
  const Index first = group * draws / jackknife_groups;
  return {first, (group + 1) * draws / jackknife_groups - first};
}

/// Of an estimate with each group of draws left out (Efron & Tibshirani 1993,
/// An introduction to the bootstrap, chapter 11).
double jackknife_error(const ArrayXd& without_group) {
  const auto groups = static_cast<double>(without_group.size());
  return std::sqrt((groups - 1) / groups *
                   (without_group - without_group.mean()).square().sum());
}

/// A sample's size, sums and sums of products, from which some can be taken.
struct Moments {
  double size = 0;
  VectorXd sum;
  MatrixXd product;

  static Moments of(const MatrixXd& x) {
    return {static_cast<double>(x.rows()), x.colwise().sum().transpose(),
            x.transpose() * x};
  }
  Moments without(const Moments& part) const {
    return {size - part.size, sum - part.sum, product - part.product};
  }
  VectorXd mean() const { return sum / size; }
  MatrixXd covariance() const {
    return (product - sum * sum.transpose() / size) / (size - 1);
  }
};

/// Costs and effects of all strategies but the reference, less its own: in the
/// columns cost, cost, ..., effect, effect, ...
class Increments {
 public:
  explicit Increments(const DecisionDraws& draws)
      : strategies_(draws.cost.cols()),
        reference_(static_cast<Index>(draws.reference)) {
    const Index all = strategies_;
    MatrixXd from_reference = MatrixXd::Zero(2 * others(), 2 * all);
    for (Index i = 0; i < others(); ++i)
      for (const Index part : {Index{0}, Index{1}}) {
        const Index row = part * others() + i;
        from_reference(row, part * all + strategy(i)) = 1;
        from_reference(row, part * all + reference_) = -1;
      }
    MatrixXd both(draws.cost.rows(), 2 * all);
    both << draws.cost, draws.effect;
    table_ = both * from_reference.transpose();
    noise_ = from_reference * draws.noise * from_reference.transpose();
  }

  Index others() const { return strategies_ - 1; }
  Index strategy(Index other) const {
    return other < reference_ ? other : other + 1;
  }
  const MatrixXd& table() const { return table_; }  ///< [draw][column]
  const MatrixXd& noise() const { return noise_; }

  /// Net benefits are table() * weights(threshold).
  MatrixXd weights(double threshold) const {
    MatrixXd weights(2 * others(), others());
    weights << -MatrixXd::Identity(others(), others()),
        threshold * MatrixXd::Identity(others(), others());
    return weights;
  }

 private:
  Index strategies_, reference_;
  MatrixXd table_, noise_;
};

/// Of net benefits less the reference's, by draw, whose own is 0: how often
/// each is best, and what the best of each draw comes to on average.
struct Best {
  double benefit = 0;
  ArrayXd probability;  ///< of the others, then of the reference
};

/// What is closer than this is equal.
double rounding_of(const MatrixXd& benefits) {
  constexpr double rounding = 1e-10;
  return benefits.size() == 0 ? 0 : rounding * benefits.cwiseAbs().maxCoeff();
}

ArrayXd best_of_each(const MatrixXd& benefits) {
  ArrayXd best = ArrayXd::Zero(benefits.rows());
  for (Index s = 0; s < benefits.cols(); ++s)
    best = best.max(benefits.col(s).array());
  return best;
}

Best best_in(const MatrixXd& benefits, double rounding) {
  const ArrayXd highest = best_of_each(benefits), level = highest - rounding;
  ArrayXd sharing = (level <= 0).cast<double>();
  for (Index s = 0; s < benefits.cols(); ++s)
    sharing += (benefits.col(s).array() >= level).cast<double>();
  const ArrayXd share = sharing.inverse();
  Best best{highest.mean(), ArrayXd(benefits.cols() + 1)};
  for (Index s = 0; s < benefits.cols(); ++s)
    best.probability(s) =
        (benefits.col(s).array() >= level).select(share, 0).mean();
  best.probability(benefits.cols()) = (level <= 0).select(share, 0).mean();
  return best;
}

/// Without luck. `moments` are those of `benefits`, perhaps of some rows only.
MatrixXd corrected(const MatrixXd& benefits, const Moments& moments,
                   const MatrixXd& noise) {
  const MatrixXd map = noise_removal(moments.covariance(), noise);
  const VectorXd shift = moments.mean() - map * moments.mean();
  return (benefits * map.transpose()).rowwise() + shift.transpose();
}

/// Without those of the range.
MatrixXd rows_without(const MatrixXd& x, const Range& range) {
  MatrixXd rest(x.rows() - range.count, x.cols());
  rest.topRows(range.first) = x.topRows(range.first);
  rest.bottomRows(rest.rows() - range.first) =
      x.bottomRows(rest.rows() - range.first);
  return rest;
}

/// The mean of the best less the best mean.
double information_value(double mean_of_best, const VectorXd& mean) {
  const double best = mean.size() == 0 ? 0 : std::max(0.0, mean.maxCoeff());
  return std::max(0.0, mean_of_best - best);
}

/// All strategies at one threshold, all but the reference less the reference.
class AtThreshold {
 public:
  AtThreshold(const DecisionDraws& draws, const Increments& increments,
              double threshold)
      : draws_(draws),
        increments_(increments),
        threshold_(threshold),
        benefits_(increments.table() * increments.weights(threshold)),
        noise_(increments.weights(threshold).transpose() * increments.noise() *
               increments.weights(threshold)),
        moments_(Moments::of(benefits_)),
        rounding_(rounding_of(benefits_)) {}

  DecisionAtThreshold told() const {
    const Index all = increments_.others() + 1;
    const bool varies = draws_.cost.rows() > 1;
    const Best naive = best_in(benefits_, rounding_);
    const Best best =
        varies ? best_in(corrected(benefits_, moments_, noise_), rounding_)
               : naive;
    DecisionAtThreshold told{threshold_, {}, {unknown, unknown, unknown}};
    told.strategies.resize(static_cast<std::size_t>(all));
    if (varies)
      told.evpi = {information_value(best.benefit, moments_.mean()), unknown,
                   information_value(naive.benefit, moments_.mean())};
    for (Index s = 0; s < all; ++s)
      standing(told, s) = stand(s, best, naive, varies);
    if (draws_.cost.rows() >= fewest_draws) add_errors(told);
    return told;
  }

 private:
  /// In the order of Best::probability.
  StrategyStanding& standing(DecisionAtThreshold& told, Index s) const {
    return told
        .strategies[s < increments_.others()
                        ? static_cast<std::size_t>(increments_.strategy(s))
                        : draws_.reference];
  }

  double mean_of(Index s) const {
    return s < increments_.others() ? moments_.mean()(s) : 0;
  }

  StrategyStanding stand(Index s, const Best& best, const Best& naive,
                         bool varies) const {
    const Index column = s < increments_.others()
                             ? increments_.strategy(s)
                             : static_cast<Index>(draws_.reference);
    const ArrayXd benefit =
        (threshold_ * draws_.effect.col(column) - draws_.cost.col(column))
            .array();
    const auto size = static_cast<double>(benefit.size());
    StrategyStanding of{};
    of.net_benefit = benefit.mean();
    of.net_benefit_se =
        varies ? std::sqrt((benefit - benefit.mean()).square().sum() /
                           (size - 1) / size)
               : unknown;
    of.probability_best = varies ? best.probability(s) : unknown;
    of.probability_best_naive = varies ? naive.probability(s) : unknown;
    of.probability_best_se = unknown;
    of.expected_loss =
        varies ? std::max(0.0, best.benefit - mean_of(s)) : unknown;
    of.expected_loss_naive =
        varies ? std::max(0.0, naive.benefit - mean_of(s)) : unknown;
    of.on_frontier = mean_of(s) >= highest_mean() - rounding_;
    return of;
  }

  double highest_mean() const {
    return increments_.others() == 0
               ? 0
               : std::max(0.0, moments_.mean().maxCoeff());
  }

  void add_errors(DecisionAtThreshold& told) const {
    const Index all = increments_.others() + 1;
    ArrayXd evpi(jackknife_groups);
    Eigen::ArrayXXd probability(jackknife_groups, all);
    for (Index g = 0; g < jackknife_groups; ++g) {
      const Range left_out = group_of(g, benefits_.rows());
      const Moments rest = moments_.without(
          Moments::of(benefits_.middleRows(left_out.first, left_out.count)));
      const Best best =
          best_in(corrected(rows_without(benefits_, left_out), rest, noise_),
                  rounding_);
      evpi(g) = information_value(best.benefit, rest.mean());
      probability.row(g) = best.probability.transpose();
    }
    told.evpi.se = jackknife_error(evpi);
    for (Index s = 0; s < all; ++s)
      standing(told, s).probability_best_se =
          jackknife_error(probability.col(s));
  }

  const DecisionDraws& draws_;
  const Increments& increments_;
  double threshold_;
  MatrixXd benefits_, noise_;
  Moments moments_;
  double rounding_;
};

/// Net benefits fitted to some parameters, at any threshold.
class PartialFit {
 public:
  PartialFit(const Increments& increments, const MatrixXd& parameters)
      : increments_(increments),
        smoother_(make_smoother(parameters, increments.table())) {
    smoothing_ = smoothing_by_cross_validation(smoother_, increments.table());
    const ArrayXd kept = shrinkage(smoother_, smoothing_);
    const auto draws = static_cast<double>(increments.table().rows());
    const double sum = kept.sum(), squares = kept.square().sum();
    rest_freedom_ = draws - 2 * sum + squares;
    fit_noise_ = (squares - 1) / (draws - 1);
    products_ = MatrixXd::Identity(kept.size(), kept.size());
    with_responses_ = smoother_.basis.transpose() * increments.table();
    all_ = fit(products_, with_responses_);
    for (Index g = 0; g < jackknife_groups; ++g) {
      const Range range = group_of(g, increments.table().rows());
      const auto basis = smoother_.basis.middleRows(range.first, range.count);
      without_group_.push_back(fit(
          products_ - basis.transpose() * basis,
          with_responses_ - basis.transpose() * increments.table().middleRows(
                                                    range.first, range.count)));
    }
  }

  /// `all` and `of_group` are moments of the increments' table.
  InformationValue value_at(double threshold, const Moments& all,
                            const std::vector<Moments>& of_group) const {
    const MatrixXd weights = increments_.weights(threshold);
    InformationValue value{};
    value.value = value_of(all_, weights, all, nullptr, true);
    value.naive = value_of(all_, weights, all, nullptr, false);
    ArrayXd without(jackknife_groups);
    for (Index g = 0; g < jackknife_groups; ++g) {
      const auto at = static_cast<std::size_t>(g);
      const Range left_out = group_of(g, increments_.table().rows());
      without(g) = value_of(without_group_[at], weights,
                            all.without(of_group[at]), &left_out, true);
    }
    value.se = jackknife_error(without);
    return value;
  }

 private:
  /// From some or all of the draws.
  struct Fit {
    MatrixXd products;        ///< of the functions of the basis
    MatrixXd with_responses;  ///< of them with the responses
    MatrixXd coefficients;    ///< [function][response]
  };

  Fit fit(const MatrixXd& products, const MatrixXd& with_responses) const {
    MatrixXd penalised = products;
    penalised.diagonal() += smoothing_ * smoother_.roughness;
    return {products, with_responses, penalised.ldlt().solve(with_responses)};
  }

  double value_of(const Fit& fit, const MatrixXd& weights,
                  const Moments& increments, const Range* left_out,
                  bool is_corrected) const {
    // Columns are strategies now.
    const MatrixXd coefficients = fit.coefficients * weights;
    const VectorXd mean = weights.transpose() * increments.mean();
    MatrixXd map = MatrixXd::Identity(mean.size(), mean.size());
    if (is_corrected) {
      const MatrixXd total =
          (coefficients.transpose() * fit.products * coefficients -
           increments.size * mean * mean.transpose()) /
          (increments.size - 1);
      const MatrixXd cross =
          coefficients.transpose() * fit.with_responses * weights;
      const MatrixXd rest =
          weights.transpose() * increments.product * weights - cross -
          cross.transpose() +
          coefficients.transpose() * fit.products * coefficients;
      map = noise_removal(total, fit_noise_ / rest_freedom_ * rest);
    }
    const VectorXd shift = mean - map * mean;
    const MatrixXd mapped = coefficients * map.transpose();
    MatrixXd fitted = smoother_.basis * mapped;
    fitted.rowwise() += shift.transpose();
    const ArrayXd best = best_of_each(fitted);
    const double sum =
        best.sum() -
        (left_out ? best.segment(left_out->first, left_out->count).sum() : 0);
    return information_value(sum / increments.size, mean);
  }

  const Increments& increments_;
  Smoother smoother_;
  double smoothing_ = 0;
  double rest_freedom_ = 0;
  double fit_noise_ = 0;  ///< variance of the fit owed to that of the rest, 1
  MatrixXd products_, with_responses_;
  Fit all_;
  std::vector<Fit> without_group_;
};

void require_draws(const DecisionDraws& draws) {
  const Index count = draws.cost.rows(), all = draws.cost.cols();
  const bool fits =
      count > 0 && all > 0 && draws.effect.rows() == count &&
      draws.effect.cols() == all && draws.noise.rows() == 2 * all &&
      draws.noise.cols() == 2 * all &&
      draws.strategies.size() == static_cast<std::size_t>(all) &&
      draws.reference < draws.strategies.size() &&
      draws.parameters.cols() == static_cast<Index>(draws.keys.size()) &&
      (draws.keys.empty() || draws.parameters.rows() == count);
  if (!fits)
    throw std::invalid_argument(
        "draws, strategies and parameters of a decision do not fit together");
}

/// Of those of the keys that are drawn.
std::vector<Index> columns_of(const DecisionDraws& draws,
                              const std::vector<std::string>& keys) {
  std::vector<Index> columns;
  for (std::size_t k = 0; k < draws.keys.size(); ++k)
    if (std::count(keys.begin(), keys.end(), draws.keys[k]) > 0)
      columns.push_back(static_cast<Index>(k));
  return columns;
}

MatrixXd parameters_at(const DecisionDraws& draws,
                       const std::vector<Index>& columns) {
  MatrixXd chosen(draws.parameters.rows(), static_cast<Index>(columns.size()));
  for (std::size_t c = 0; c < columns.size(); ++c)
    chosen.col(static_cast<Index>(c)) = draws.parameters.col(columns[c]);
  return chosen;
}

/// Too few draws tell nothing of many parameters.
bool can_be_fitted(Index draws, std::size_t parameters) {
  return draws >= fewest_draws &&
         draws >= 2 * (static_cast<Index>(parameters) + 1);
}

double positive(double x) { return std::max(x, 0.0); }

}  // namespace

std::vector<double> threshold_grid(const std::vector<double>& stated) {
  constexpr int intervals = 100;
  const auto largest = std::max_element(stated.begin(), stated.end());
  if (largest == stated.end() || !(*largest > 0)) return {};
  std::vector<double> grid = stated;
  for (int i = 0; i <= intervals; ++i)
    grid.push_back(2 * *largest * i / intervals);
  std::sort(grid.begin(), grid.end());
  // A stated one stands for that of the grid which differs by rounding alone.
  const auto is_same = [&](double a, double b) {
    return b - a <= 1e-12 * *largest;
  };
  std::vector<double> once;
  for (const double one : grid) {
    if (once.empty() || !is_same(once.back(), one)) once.push_back(one);
    if (std::count(stated.begin(), stated.end(), one) > 0) once.back() = one;
  }
  return once;
}

MatrixXd noise_removal(const MatrixXd& total, const MatrixXd& noise) {
  constexpr double rounding = 1e-11;
  const Index size = total.rows();
  if (size == 0) return total;
  VectorXd scale = total.diagonal().cwiseMax(0).cwiseSqrt();
  for (double& one : scale)
    if (!(one > 0)) one = 1;
  const auto inverse = scale.cwiseInverse();
  const Eigen::SelfAdjointEigenSolver<MatrixXd> whole(
      inverse.asDiagonal() * total * inverse.asDiagonal());
  Index kept = 0;
  while (kept < size && whole.eigenvalues()(size - 1 - kept) > rounding) ++kept;
  // In directions where draws do not vary there is nothing to map.
  if (kept == 0) return MatrixXd::Zero(size, size);
  const MatrixXd axes = whole.eigenvectors().rightCols(kept);
  const VectorXd sd = whole.eigenvalues().tail(kept).cwiseSqrt();
  const MatrixXd to_white =
      inverse.asDiagonal() * axes * sd.cwiseInverse().asDiagonal();
  const MatrixXd from_white = scale.asDiagonal() * axes * sd.asDiagonal();
  const Eigen::SelfAdjointEigenSolver<MatrixXd> part(to_white.transpose() *
                                                     noise * to_white);
  // Signal to noise by direction, and its sum where noise is seen.
  const ArrayXd share = part.eigenvalues().array();
  ArrayXd signal = share.max(rounding).inverse() - 1;
  std::vector<double> seen;
  for (Index i = 0; i < kept; ++i)
    if (share(i) > rounding) seen.push_back(signal(i));
  std::sort(seen.rbegin(), seen.rend());
  double taken = 0;
  if (!seen.empty() && seen.back() < 0) {
    double sum = 0, all = 0;
    for (const double one : seen) all += one;
    taken = seen.front();
    for (std::size_t n = 0; n < seen.size(); ++n) {
      sum += seen[n];
      const double even = (sum - positive(all)) / static_cast<double>(n + 1);
      if (even > seen[n]) break;
      taken = even;
    }
  }
  const ArrayXd left =
      (share > rounding)
          .select((signal - taken).max(0) * share, ArrayXd::Ones(kept));
  return from_white * part.eigenvectors() * left.sqrt().matrix().asDiagonal() *
         part.eigenvectors().transpose() * to_white.transpose();
}

std::vector<DecisionAtThreshold> decisions_at(
    const DecisionDraws& draws, const std::vector<double>& thresholds) {
  require_draws(draws);
  const Increments increments(draws);
  std::vector<DecisionAtThreshold> decisions;
  decisions.reserve(thresholds.size());
  for (const double threshold : thresholds)
    decisions.push_back(AtThreshold(draws, increments, threshold).told());
  return decisions;
}

std::vector<PartialInformation> partial_information(
    const DecisionDraws& draws, const std::vector<ParameterGroup>& groups,
    const std::vector<double>& thresholds) {
  require_draws(draws);
  const Increments increments(draws);
  const MatrixXd& table = increments.table();
  const Moments all = Moments::of(table);
  std::vector<Moments> of_group;
  for (Index g = 0; g < jackknife_groups; ++g) {
    const Range range = group_of(g, table.rows());
    of_group.push_back(Moments::of(table.middleRows(range.first, range.count)));
  }
  std::vector<PartialInformation> told;
  const auto tell = [&](const std::string& name, const std::string& label,
                        const std::vector<Index>& columns, bool is_group) {
    PartialInformation information{
        name, label, columns.size(), is_group,
        std::vector<InformationValue>(thresholds.size(),
                                      {unknown, unknown, unknown})};
    if (columns.empty() || increments.others() == 0) {
      std::fill(information.at.begin(), information.at.end(),
                InformationValue{0, 0, 0});
    } else if (can_be_fitted(table.rows(), columns.size())) {
      const PartialFit fit(increments, parameters_at(draws, columns));
      for (std::size_t t = 0; t < thresholds.size(); ++t)
        information.at[t] = fit.value_at(thresholds[t], all, of_group);
    }
    told.push_back(std::move(information));
  };
  for (const ParameterGroup& group : groups)
    tell(group.name, group.label.empty() ? group.name : group.label,
         columns_of(draws, group.keys), true);
  for (std::size_t k = 0; k < draws.keys.size(); ++k)
    tell(draws.keys[k], draws.keys[k], {static_cast<Index>(k)}, false);
  return told;
}

std::vector<DrawDesign> draw_designs(const DecisionDraws& draws,
                                     const std::vector<double>& thresholds,
                                     const DrawCost& cost) {
  require_draws(draws);
  const Index all = draws.cost.cols();
  std::vector<DrawDesign> designs;
  if (all < 2 || draws.cost.rows() < 2 || draws.noise.isZero(0)) return designs;
  const auto patients = static_cast<double>(draws.patients);
  const auto count = static_cast<double>(draws.cost.rows());
  for (const double threshold : thresholds) {
    const VectorXd mean =
        (threshold * draws.effect - draws.cost).colwise().mean().transpose();
    DrawDesign design{};
    design.threshold = threshold;
    Index best = 0;
    mean.maxCoeff(&best);
    Index next = best == 0 ? 1 : 0;
    for (Index s = 0; s < all; ++s)
      if (s != best && mean(s) > mean(next)) next = s;
    design.best = static_cast<std::size_t>(best);
    design.next = static_cast<std::size_t>(next);
    VectorXd weights = VectorXd::Zero(2 * all);
    weights(best) = -1;
    weights(next) = 1;
    weights(all + best) = threshold;
    weights(all + next) = -threshold;
    const ArrayXd difference =
        draws.cost * weights.head(all) + draws.effect * weights.tail(all);
    const double total =
        (difference - difference.mean()).square().sum() / (count - 1);
    const double noise = positive(weights.dot(draws.noise * weights));
    design.parameter_variance = positive(total - noise);
    design.patient_variance = noise * patients;
    design.luck_share = total > 0 ? std::min(noise / total, 1.0) : unknown;
    const double ratio = design.patient_variance / design.parameter_variance;
    design.patients_for_5_percent = noise > 0 ? ratio * 0.95 / 0.05 : 1;
    design.best_patients = design.draws_in_same_time = unknown;
    if (cost.seconds_per_draw > 0 && cost.seconds_per_patient > 0 &&
        total > 0) {
      const auto seconds = [&](double n) {
        return cost.seconds_per_draw + n * cost.seconds_per_patient;
      };
      design.best_patients =
          noise > 0 ? std::max(1.0, std::sqrt(ratio * cost.seconds_per_draw /
                                              cost.seconds_per_patient))
                    : 1;
      design.draws_in_same_time =
          count * seconds(patients) / seconds(design.best_patients);
    }
    designs.push_back(design);
  }
  return designs;
}

PerspectiveDecision decision_uncertainty(
    const DecisionDraws& draws, const std::string& perspective,
    const std::string& money, const std::vector<double>& stated_thresholds,
    const std::vector<ParameterGroup>& groups, const DrawCost& cost) {
  require_draws(draws);
  return {perspective,
          money,
          draws.strategies,
          draws.reference,
          static_cast<std::uint64_t>(draws.cost.rows()),
          draws.patients,
          !draws.noise.isZero(0),
          decisions_at(draws, threshold_grid(stated_thresholds)),
          stated_thresholds,
          partial_information(draws, groups, stated_thresholds),
          draw_designs(draws, stated_thresholds, cost)};
}

}  // namespace stardsim

#include "models/cohort_law.hpp"

#include "models/compiled_tables.hpp"
#include "models/interpolation.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/erf.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

namespace stardsim {
namespace {

using Kind = CovariateLaw::Kind;

constexpr long double infinite = std::numeric_limits<long double>::infinity();

// Phi(z), precise in the lower tail; the upper one is Phi(-z).
long double lower_tail(long double z) {
  return std::erfc(-z / std::sqrt(2.0L)) / 2;
}

// Phi^-1, precise where the probability is small.
long double score_at(long double probability) {
  if (probability <= 0) return -infinite;
  if (probability >= 1) return infinite;
  return -std::sqrt(2.0L) * boost::math::erfc_inv(2 * probability);
}

// A continuous distribution: what lies below and above x, and the x below or
// above which so much lies. Each end is asked for apart, so that no tail is
// lost by subtracting from 1.
struct StandardNormal {
  long double below(long double x) const { return lower_tail(x); }
  long double above(long double x) const { return lower_tail(-x); }
  long double from_below(long double p) const { return score_at(p); }
  long double from_above(long double p) const { return -score_at(p); }
};

struct StandardBeta {
  long double a, b;

  long double below(long double x) const {
    return x <= 0 ? 0 : x >= 1 ? 1 : boost::math::ibeta(a, b, x);
  }
  long double above(long double x) const {
    return x <= 0 ? 1 : x >= 1 ? 0 : boost::math::ibetac(a, b, x);
  }
  long double from_below(long double p) const {
    return boost::math::ibeta_inv(a, b, p);
  }
  long double from_above(long double p) const {
    return boost::math::ibetac_inv(a, b, p);
  }
};

// The quantile at Phi(z) of a distribution restricted to [low, high].
template <class Distribution>
class Truncated {
 public:
  Truncated(Distribution distribution, long double low, long double high)
      : distribution_(distribution), low_(low), high_(high) {
    // The smaller of two tails is the precise one.
    if (!(below_high_ - below_low_ > 0) && !(above_low_ - above_high_ > 0))
      throw std::invalid_argument(
          "a covariate has no probability between its bounds");
  }

  long double at(long double z) const {
    const long double x = reads_from_below(z) ? from_below(z) : from_above(z);
    return std::clamp(x, low_, high_);
  }

 private:
  bool reads_from_below(long double z) const {
    if (below_low_ > 0.5L) return false;
    if (above_high_ > 0.5L) return true;
    return z <= 0;
  }
  long double from_below(long double z) const {
    return distribution_.from_below(below_low_ +
                                    (below_high_ - below_low_) * lower_tail(z));
  }
  long double from_above(long double z) const {
    return distribution_.from_above(above_high_ + (above_low_ - above_high_) *
                                                      lower_tail(-z));
  }

  Distribution distribution_;
  long double low_, high_;
  long double below_low_ = distribution_.below(low_),
              below_high_ = distribution_.below(high_),
              above_low_ = distribution_.above(low_),
              above_high_ = distribution_.above(high_);
};

// The quantile at Phi(z) of what is uniform within bands.
class Bands {
 public:
  explicit Bands(const BandsCovariate& form) : edges_(form.edges) {
    for (const Evidence& share : form.shares) {
      shares_.push_back(share.value);
      all_ += share.value;
    }
  }

  // Counted from the nearer end, where probabilities are precise.
  long double at(long double z) const {
    const std::size_t count = shares_.size();
    const bool from_below = z <= 0;
    long double left = all_ * lower_tail(from_below ? z : -z);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t band = from_below ? i : count - 1 - i;
      const long double share = shares_[band];
      if (left >= share && i + 1 < count) {
        left -= share;
        continue;
      }
      const long double part = share > 0 ? std::min(left / share, 1.0L) : 0.0L;
      const long double low = edges_[band], high = edges_[band + 1];
      return from_below ? low + (high - low) * part
                        : high - (high - low) * part;
    }
    throw std::invalid_argument("a covariate has no bands");
  }

 private:
  std::vector<double> edges_;
  std::vector<long double> shares_;
  long double all_ = 0;
};

template <class AtScore>
CovariateLaw continuous(const AtScore& at) {
  CovariateLaw law{Kind::continuous, {}, {}};
  for (std::size_t i = 0; i <= CovariateLaw::intervals; ++i)
    law.values.push_back(static_cast<float>(
        at(CovariateLaw::lowest_score +
           static_cast<long double>(i) / CovariateLaw::intervals_per_score)));
  law.values.push_back(law.values.back());
  return law;
}

// Of location + spread * score, restricted to scores between these, and then
// made a value.
template <class ToValue>
CovariateLaw from_score(long double location, long double spread,
                        long double low, long double high, ToValue to_value) {
  const bool restricted = low > -infinite || high < infinite;
  if (spread == 0 || !restricted)
    return continuous(
        [&](long double z) { return to_value(location + spread * z); });
  const Truncated score(StandardNormal{}, (low - location) / spread,
                        (high - location) / spread);
  return continuous([&](long double z) {
    return std::clamp(to_value(location + spread * score.at(z)), to_value(low),
                      to_value(high));
  });
}

// Values in order, with weights of any positive sum.
CovariateLaw discrete(const std::vector<double>& values,
                      const std::vector<double>& weights) {
  CovariateLaw law{Kind::discrete, {}, {}};
  long double all = 0;
  for (const double weight : weights) all += weight;
  long double below = 0, above = all;
  for (std::size_t i = 0; i < values.size(); ++i) {
    law.values.push_back(static_cast<float>(values[i]));
    if (i + 1 == values.size()) break;
    below += weights[i];
    above -= weights[i];
    law.cuts.push_back(static_cast<float>(
        below < above ? score_at(below / all) : -score_at(above / all)));
  }
  // What cannot be reached is so by its weight, not by the rounding of sums.
  for (std::size_t i = law.cuts.size(); i > 0 && weights[i] == 0; --i)
    law.cuts[i - 1] = std::numeric_limits<float>::infinity();
  return law;
}

std::vector<double> counting(std::size_t size) {
  std::vector<double> numbers;
  for (std::size_t i = 0; i < size; ++i)
    numbers.push_back(static_cast<double>(i));
  return numbers;
}

struct LawOf {
  const Covariate& covariate;

  CovariateLaw operator()(const NormalCovariate& form) const {
    return from_score(form.mean.value, form.sd.value, low(), high(),
                      [](long double x) { return x; });
  }
  CovariateLaw operator()(const LogNormalCovariate& form) const {
    return from_score(std::log(static_cast<long double>(form.median.value)),
                      form.sigma.value, log_of(low()), log_of(high()),
                      [](long double x) { return std::exp(x); });
  }
  CovariateLaw operator()(const BetaCovariate& form) const {
    const Truncated beta(StandardBeta{form.a.value, form.b.value},
                         std::max(low(), 0.0L), std::min(high(), 1.0L));
    return continuous([&](long double z) { return beta.at(z); });
  }
  CovariateLaw operator()(const BernoulliCovariate& form) const {
    const double probability = form.probability.value;
    return discrete({0, 1}, {1 - probability, probability});
  }
  CovariateLaw operator()(const CategoricalCovariate& form) const {
    std::vector<double> shares;
    for (const Evidence& share : form.shares) shares.push_back(share.value);
    return discrete(counting(shares.size()), shares);
  }
  CovariateLaw operator()(const EmpiricalCovariate& form) const {
    return discrete(form.values,
                    form.weights.empty()
                        ? std::vector<double>(form.values.size(), 1)
                        : form.weights);
  }
  CovariateLaw operator()(const BandsCovariate& form) const {
    const Bands bands(form);
    return continuous([&](long double z) { return bands.at(z); });
  }
  CovariateLaw operator()(const TableCovariate& form) const {
    CovariateLaw law{Kind::table, {}, {}};
    for (const double value : form.column)
      law.values.push_back(static_cast<float>(value));
    return law;
  }
  CovariateLaw operator()(const Propensity&) const {
    return {Kind::propensity, {}, {}};
  }

 private:
  long double low() const { return covariate.low.value_or(-infinite); }
  long double high() const { return covariate.high.value_or(infinite); }
  static long double log_of(long double bound) {
    return bound <= 0 ? -infinite : std::log(bound);
  }
};

std::vector<std::vector<float>> factor_of(const Cohort& cohort) {
  if (cohort.correlations.empty()) return {};
  if (!is_positive_definite(cohort))
    throw std::invalid_argument("the correlations are not positive definite");
  using Matrix = Eigen::Matrix<long double, Eigen::Dynamic, Eigen::Dynamic>;
  const auto size = static_cast<Eigen::Index>(cohort.covariates.size());
  Matrix matrix = Matrix::Identity(size, size);
  for (const Correlation& each : cohort.correlations) {
    const auto i = static_cast<Eigen::Index>(each.first);
    const auto j = static_cast<Eigen::Index>(each.second);
    matrix(i, j) = matrix(j, i) = each.value.value;
  }
  const Matrix lower = matrix.llt().matrixL();
  std::vector<std::vector<float>> factor;
  for (Eigen::Index i = 0; i < size; ++i) {
    factor.emplace_back();
    for (Eigen::Index j = 0; j <= i; ++j)
      factor.back().push_back(static_cast<float>(lower(i, j)));
  }
  return factor;
}

std::vector<Cut> cuts_of(const std::vector<double>& weights) {
  long double all = 0, sum = 0;
  for (const double weight : weights) all += weight;
  std::vector<Cut> cuts;
  for (const double weight : weights) {
    sum += weight;
    cuts.push_back(to_cut(sum / all));
  }
  return cuts;
}

}  // namespace

float CovariateLaw::value(float z) const {
  if (kind == Kind::propensity) return z;
  if (kind == Kind::discrete)
    return values[static_cast<std::size_t>(
        std::upper_bound(cuts.begin(), cuts.end(), z) - cuts.begin())];
  const float inside = std::max(std::min(z, highest_score), lowest_score);
  return interpolate(values.data(),
                     (inside - lowest_score) * intervals_per_score);
}

std::vector<float> CohortLaw::correlated(
    const std::vector<float>& independent) const {
  if (factor.empty()) return independent;
  std::vector<float> scores;
  for (const std::vector<float>& row : factor) {
    float sum = 0;
    for (std::size_t j = 0; j < row.size(); ++j)
      if (row[j] != 0) sum += row[j] * independent[j];
    scores.push_back(sum);
  }
  return scores;
}

std::vector<float> CohortLaw::values(const std::vector<float>& independent,
                                     std::size_t row) const {
  const std::vector<float> scores = correlated(independent);
  std::vector<float> all;
  for (std::size_t c = 0; c < covariates.size(); ++c)
    all.push_back(covariates[c].kind == Kind::table
                      ? covariates[c].values[row]
                      : covariates[c].value(scores[c]));
  return all;
}

std::size_t CohortLaw::row_of(std::uint64_t patient, std::uint32_t word) const {
  if (row_cuts.empty()) return static_cast<std::size_t>(patient % rows);
  return static_cast<std::size_t>(
      std::upper_bound(row_cuts.begin(), row_cuts.end(),
                       std::min(word, highest_word)) -
      row_cuts.begin());
}

CovariateLaw compile(const Covariate& covariate) {
  return std::visit(LawOf{covariate}, covariate.form);
}

CohortLaw compile(const Cohort& cohort) {
  CompiledTables tables;
  return compile(cohort, tables);
}

CohortLaw compile(const Cohort& cohort, CompiledTables& tables) {
  CohortLaw law;
  for (const Covariate& covariate : cohort.covariates)
    law.covariates.push_back(tables.covariate(covariate));
  law.factor = factor_of(cohort);
  law.row_cuts = cuts_of(cohort.row_weights);
  law.rows = cohort.rows;
  return law;
}

}  // namespace stardsim

#include "sim/analysis/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

namespace stardsim {
namespace {

constexpr double not_defined = std::numeric_limits<double>::quiet_NaN();

// Modulo 2^128, which is right wherever the end result fits: what comes between
// may overflow.
Wide wrapped(SignedWide x) { return static_cast<Wide>(x); }

SignedWide nearest_mean(SignedWide sum, std::uint64_t n) {
  const SignedWide count = n;
  const SignedWide towards_zero = sum / count, rest = sum % count;
  if (2 * rest > count) return towards_zero + 1;
  return 2 * rest < -count ? towards_zero - 1 : towards_zero;
}

// The sum of (x - mean x)(y - mean y), of the sums of whole numbers x, y and
// their products. Moving both by whole numbers to means within 1/2 is exact;
// what is then taken away for the means is small, so that no digits are lost.
long double sum_of_deviations(std::uint64_t n, SignedWide products,
                              SignedWide x, SignedWide y) {
  const SignedWide a = nearest_mean(x, n), b = nearest_mean(y, n);
  const Wide moved = wrapped(products) - wrapped(a) * wrapped(y) -
                     wrapped(b) * wrapped(x) + wrapped(a) * wrapped(b) * n;
  const SignedWide rest_x = x - a * static_cast<SignedWide>(n);
  const SignedWide rest_y = y - b * static_cast<SignedWide>(n);
  return static_cast<long double>(static_cast<SignedWide>(moved)) -
         static_cast<long double>(rest_x) * static_cast<long double>(rest_y) /
             static_cast<long double>(n);
}

bool is_0_or_1(const Measure& measure) {
  return measure.what <= Measure::What::procedure_death;
}

// A variance that rounding left below 0.
double root(double variance) { return std::sqrt(variance < 0 ? 0 : variance); }

std::uint64_t patients_in_batch(std::uint64_t patients, std::size_t batch) {
  return patients / batch_count + (batch < patients % batch_count ? 1 : 0);
}

[[noreturn]] void refuse(const std::string& why) {
  throw std::invalid_argument(why);
}

void check_sizes(const RunOutcomes& run) {
  const Outcomes& o = run.outcomes;
  const auto fits = [](std::size_t size, std::size_t expected) {
    return size == 0 || size == expected;
  };
  if (o.pathways != run.pathways.size() || o.measures != run.measures.size() ||
      o.sum.size() != o.pathways * o.measures ||
      !fits(o.product.size(), o.measures * o.pairs()) ||
      !fits(o.differing.size(), o.measures * o.pairs()) ||
      !fits(o.cost_effect.size(), o.costs.size() * o.pathways * o.pathways) ||
      !fits(o.by_batch.size(), o.pathways * o.measures * batch_count) ||
      run.perspectives.size() != run.decision.costs.size())
    refuse(run.name + ": its sums are not those of its pathways and measures");
}

void check_money(const RunOutcomes& first, const RunOutcomes& other) {
  if (first.currency.empty() || other.currency.empty()) return;
  if (first.currency == other.currency && first.price_year == other.price_year)
    return;
  const auto money = [](const RunOutcomes& run) {
    return run.name + " counts " + run.currency + " " +
           std::to_string(run.price_year);
  };
  refuse(money(first) + ", " + money(other) + ": convert one to the other");
}

// Where the first run's measure is among those of another, or no_measure.
std::size_t same_measure(const Measure& measure, const RunOutcomes& first,
                         const RunOutcomes& other) {
  const auto found =
      std::find_if(other.measures.begin(), other.measures.end(),
                   [&](const Measure& m) { return m.name == measure.name; });
  if (found == other.measures.end()) return no_measure;
  if (found->unit != measure.unit || found->what != measure.what ||
      found->discounted != measure.discounted)
    refuse(measure.name + " is not the same in " + first.name + " (" +
           measure.unit + ") and " + other.name + " (" + found->unit + ")");
  return static_cast<std::size_t>(found - other.measures.begin());
}

// One of two runs decides on what is discounted, the other does not.
void check_decision(const RunOutcomes& first, std::size_t of_first,
                    const RunOutcomes& other, std::size_t of_other) {
  if (of_first == no_measure || of_other == no_measure) return;
  const std::string& a = first.measures[of_first].name;
  const std::string& b = other.measures[of_other].name;
  if (a != b)
    refuse(first.name + " decides on " + a + ", " + other.name + " on " + b +
           ": discount both or neither");
}

std::size_t cost_of_perspective(const RunOutcomes& run,
                                const std::string& name) {
  const auto found =
      std::find(run.perspectives.begin(), run.perspectives.end(), name);
  if (found == run.perspectives.end()) return no_measure;
  return run.decision
      .costs[static_cast<std::size_t>(found - run.perspectives.begin())];
}

}  // namespace

namespace {

std::string kinds_of(const Economics& economics) {
  std::string text;
  for (const Perspective& perspective : economics.perspectives) {
    text += (text.empty() ? "" : "; ") + perspective.name + ":";
    const char* between = " ";
    for (const std::size_t kind : perspective.kinds) {
      text += between + economics.kinds[kind].name;
      between = ", ";
    }
  }
  return text;
}

}  // namespace

RunOutcomes run_outcomes(const Scenario& scenario, const Tally& tally,
                         std::uint64_t seed, std::string name,
                         std::string cohort_sha256) {
  RunOutcomes run;
  run.name = std::move(name);
  for (const Pathway& pathway : scenario.pathways)
    run.pathways.push_back(pathway.name);
  run.reference = scenario.reference;
  run.measures = measures_of(scenario);
  run.decision = decision_measures(scenario, run.measures);
  run.patients = tally.patients;
  run.seed = seed;
  run.cohort_sha256 = std::move(cohort_sha256);
  run.horizon = scenario.horizon;
  if (scenario.economics) {
    const Economics& economics = *scenario.economics;
    for (const Perspective& perspective : economics.perspectives)
      run.perspectives.push_back(perspective.name);
    run.perspective_kinds = kinds_of(economics);
    run.perspective = economics.perspective;
    run.thresholds = economics.thresholds;
    run.currency = economics.currency;
    run.price_year = economics.price_year;
    const Discount& discount = economics.discount;
    const bool discounts = discount.form != DiscountForm::none;
    run.discounting = {name_of(discount.form),
                       discounts ? discount.costs.value : 0.0,
                       discounts ? discount.effects.value : 0.0};
    run.outcomes = tally.outcomes;
    return run;
  }
  // The first measures are counted by batch whatever else is.
  Outcomes& outcomes = run.outcomes;
  outcomes.pathways = tally.pathways.size();
  outcomes.measures = batch_sum_count;
  for (const PathwayTally& pathway : tally.pathways)
    for (const auto& batches : pathway.by_batch) {
      SignedWide sum = 0;
      for (const std::uint64_t patients : batches) {
        sum += patients;
        outcomes.by_batch.push_back(static_cast<std::int64_t>(patients));
      }
      outcomes.sum.push_back(sum);
    }
  return run;
}

Comparison::Comparison(std::vector<RunOutcomes> runs, std::size_t reference)
    : runs_(std::move(runs)), reference_(reference) {
  if (runs_.empty()) refuse("there is nothing to compare");
  for (std::size_t r = 0; r < runs_.size(); ++r) {
    check_sizes(runs_[r]);
    for (std::size_t p = 0; p < runs_[r].pathways.size(); ++p)
      strategies_.push_back({runs_.size() == 1
                                 ? runs_[r].pathways[p]
                                 : runs_[r].name + "/" + runs_[r].pathways[p],
                             r, p});
  }
  if (reference_ >= strategies_.size())
    refuse("the reference is none of the strategies");

  const RunOutcomes& first = runs_.front();
  for (const RunOutcomes& run : runs_) {
    check_money(first, run);
    check_decision(first, first.decision.effect, run, run.decision.effect);
    for (std::size_t c = 0; c < first.perspectives.size(); ++c)
      check_decision(first, first.decision.costs[c], run,
                     cost_of_perspective(run, first.perspectives[c]));
  }

  measure_in_run_.resize(runs_.size());
  std::vector<std::size_t> kept(first.measures.size(), no_measure);
  for (std::size_t m = 0; m < first.measures.size(); ++m) {
    std::vector<std::size_t> place;
    for (const RunOutcomes& run : runs_)
      place.push_back(same_measure(first.measures[m], first, run));
    if (std::count(place.begin(), place.end(), no_measure) > 0) continue;
    kept[m] = measures_.size();
    measures_.push_back(first.measures[m]);
    for (std::size_t r = 0; r < runs_.size(); ++r)
      measure_in_run_[r].push_back(place[r]);
  }
  if (measures_.empty())
    refuse("the runs from " + first.name + " on have no measure in common");

  if (first.decision.effect != no_measure)
    decision_.effect = kept[first.decision.effect];
  for (std::size_t c = 0; c < first.perspectives.size(); ++c) {
    const bool all_have_it =
        std::all_of(runs_.begin(), runs_.end(), [&](const RunOutcomes& run) {
          return cost_of_perspective(run, first.perspectives[c]) != no_measure;
        });
    if (!all_have_it) continue;
    if (c == first.perspective) perspective_ = perspectives_.size();
    perspectives_.push_back(first.perspectives[c]);
    decision_.costs.push_back(kept[first.decision.costs[c]]);
  }
}

Comparison::Places Comparison::places(const Contrast& contrast) const {
  const auto place = [&](std::size_t strategy, bool is_less) {
    const Strategy& s = strategies_[strategy];
    return Place{s.run, s.pathway, measure_in_run_[s.run][contrast.measure],
                 is_less};
  };
  Places places{place(contrast.strategy, false)};
  if (contrast.less) places.push_back(place(*contrast.less, true));
  return places;
}

bool Comparison::are_paired(const Place& a, const Place& b) const {
  const RunOutcomes &one = runs_[a.run], &other = runs_[b.run];
  if (one.outcomes.by_batch.empty() || other.outcomes.by_batch.empty())
    return false;
  return a.run == b.run ||
         (one.seed == other.seed && one.patients == other.patients &&
          one.cohort_sha256 == other.cohort_sha256 &&
          !one.cohort_sha256.empty());
}

bool Comparison::is_paired(std::size_t strategy, std::size_t other) const {
  const Strategy &a = strategies_[strategy], &b = strategies_[other];
  if (a.run == b.run && !runs_[a.run].outcomes.product.empty()) return true;
  return are_paired({a.run, a.pathway, 0, false}, {b.run, b.pathway, 0, false});
}

SignedWide Comparison::sum(const Place& at) const {
  const Outcomes& outcomes = runs_[at.run].outcomes;
  return outcomes.sum[at.pathway * outcomes.measures + at.measure];
}

std::optional<SignedWide> Comparison::product_sum(const Place& a,
                                                  const Place& b) const {
  const RunOutcomes& run = runs_[a.run];
  const Outcomes& o = run.outcomes;
  if (a.run != b.run) return {};
  if (a.measure == b.measure) {
    if (!o.product.empty())
      return o.product[a.measure * o.pairs() +
                       Outcomes::pair(a.pathway, b.pathway)];
    if (a.pathway == b.pathway && is_0_or_1(run.measures[a.measure]))
      return sum(a);
    return {};
  }
  if (o.cost_effect.empty()) return {};
  const auto kept = [&](const Place& cost,
                        const Place& effect) -> std::optional<SignedWide> {
    const auto c = std::find(o.costs.begin(), o.costs.end(), cost.measure);
    if (c == o.costs.end() || o.effect != effect.measure) return {};
    const auto index = static_cast<std::size_t>(c - o.costs.begin());
    return o.cost_effect[(index * o.pathways + cost.pathway) * o.pathways +
                         effect.pathway];
  };
  const auto one_way = kept(a, b);
  return one_way ? one_way : kept(b, a);
}

std::optional<double> Comparison::exact_covariance(const Places& x,
                                                   const Places& y) const {
  Wide products = 0;
  for (const Place& a : x)
    for (const Place& b : y) {
      const auto product = product_sum(a, b);
      if (!product) return {};
      products +=
          a.is_less == b.is_less ? wrapped(*product) : -wrapped(*product);
    }
  const auto sum_of = [&](const Places& all) {
    SignedWide total = 0;
    for (const Place& at : all) total += at.is_less ? -sum(at) : sum(at);
    return total;
  };
  const RunOutcomes& run = runs_[x[0].run];
  const double quanta =
      run.measures[x[0].measure].quantum * run.measures[y[0].measure].quantum;
  const double n = static_cast<double>(run.patients);
  return static_cast<double>(
             sum_of_deviations(run.patients, static_cast<SignedWide>(products),
                               sum_of(x), sum_of(y))) /
         n / (n - 1) * quanta;
}

std::optional<std::vector<long double>> Comparison::batch_deviations(
    const Places& all) const {
  for (const Place& at : all)
    if (!are_paired(all[0], at)) return {};
  const std::uint64_t n = runs_[all[0].run].patients;
  std::vector<long double> deviations;
  for (std::size_t b = 0; b < batch_count; ++b) {
    const SignedWide of_batch = patients_in_batch(n, b);
    long double total = 0;
    for (const Place& at : all) {
      const RunOutcomes& run = runs_[at.run];
      const std::size_t row = at.pathway * run.outcomes.measures + at.measure;
      const SignedWide apart = run.outcomes.by_batch[row * batch_count + b] *
                                   static_cast<SignedWide>(n) -
                               of_batch * run.outcomes.sum[row];
      const long double value =
          static_cast<long double>(apart) * run.measures[at.measure].quantum;
      total += at.is_less ? -value : value;
    }
    deviations.push_back(total / static_cast<long double>(n));
  }
  return deviations;
}

std::optional<double> Comparison::batch_covariance(const Places& x,
                                                   const Places& y) const {
  const auto of_x = batch_deviations(x), of_y = batch_deviations(y);
  if (!of_x || !of_y || !are_paired(x[0], y[0])) return {};
  long double products = 0;
  for (std::size_t b = 0; b < batch_count; ++b)
    products += (*of_x)[b] * (*of_y)[b];
  const std::uint64_t n = runs_[x[0].run].patients;
  const auto batches =
      static_cast<double>(std::min<std::uint64_t>(n, batch_count));
  return static_cast<double>(products / n / n) * batches / (batches - 1);
}

double Comparison::mean(const Contrast& contrast) const {
  const Places all = places(contrast);
  const auto count = [&](const Place& at) { return runs_[at.run].patients; };
  const auto quantum = [&](const Place& at) {
    return runs_[at.run].measures[at.measure].quantum;
  };
  const auto mean_of = [&](SignedWide total, const Place& at) {
    return count(at) == 0
               ? not_defined
               : static_cast<double>(static_cast<long double>(total) /
                                     static_cast<long double>(count(at))) *
                     quantum(at);
  };
  if (all.size() == 1) return mean_of(sum(all[0]), all[0]);
  if (count(all[0]) == count(all[1]) && quantum(all[0]) == quantum(all[1]))
    return mean_of(sum(all[0]) - sum(all[1]), all[0]);
  return mean_of(sum(all[0]), all[0]) - mean_of(sum(all[1]), all[1]);
}

double Comparison::covariance(const Contrast& one,
                              const Contrast& other) const {
  const Places x = places(one), y = places(other);
  for (const Places* all : {&x, &y})
    for (const Place& at : *all)
      if (runs_[at.run].patients < 2) return not_defined;
  if (const auto exact = exact_covariance(x, y)) return *exact;
  if (const auto batches = batch_covariance(x, y)) return *batches;
  double total = 0;
  for (const Place& a : x)
    for (const Place& b : y) {
      if (a.run != b.run && !are_paired(a, b)) continue;
      const auto exact = exact_covariance({a}, {b});
      const auto value = exact ? exact : batch_covariance({a}, {b});
      total += value.value_or(not_defined);
    }
  return total;
}

double Comparison::covariance(std::size_t strategy, std::size_t measure,
                              std::size_t other_strategy,
                              std::size_t other_measure) const {
  return covariance({measure, strategy, {}},
                    {other_measure, other_strategy, {}});
}

Estimate Comparison::outcome(std::size_t strategy, std::size_t measure) const {
  const Contrast contrast{measure, strategy, {}};
  const double n =
      static_cast<double>(runs_[strategies_[strategy].run].patients);
  const double se = root(covariance(contrast, contrast));
  return {mean(contrast), se * std::sqrt(n), se};
}

Difference Comparison::difference(std::size_t strategy, std::size_t from,
                                  std::size_t measure) const {
  const Contrast contrast{measure, strategy, from};
  Difference difference;
  difference.mean = mean(contrast);
  difference.se = root(covariance(contrast, contrast));
  difference.unpaired_se =
      std::hypot(outcome(strategy, measure).se, outcome(from, measure).se);
  const double ratio = difference.se / difference.unpaired_se;
  difference.variance_removed =
      difference.unpaired_se > 0 ? 1 - ratio * ratio : not_defined;
  const Strategy &a = strategies_[strategy], &b = strategies_[from];
  const Outcomes& outcomes = runs_[a.run].outcomes;
  if (a.run == b.run && !outcomes.differing.empty())
    difference.differing =
        outcomes.differing[measure_in_run_[a.run][measure] * outcomes.pairs() +
                           Outcomes::pair(a.pathway, b.pathway)];
  difference.paired = is_paired(strategy, from);
  return difference;
}

std::optional<std::uint64_t> Comparison::differing_by_batch(
    std::size_t strategy, std::size_t from, std::size_t measure) const {
  const Places all = places({measure, strategy, from});
  if (!are_paired(all[0], all[1])) return {};
  const auto batch = [&](const Place& at, std::size_t b) {
    const Outcomes& outcomes = runs_[at.run].outcomes;
    return outcomes
        .by_batch[(at.pathway * outcomes.measures + at.measure) * batch_count +
                  b];
  };
  std::uint64_t total = 0;
  for (std::size_t b = 0; b < batch_count; ++b)
    total += static_cast<std::uint64_t>(
        std::abs(batch(all[0], b) - batch(all[1], b)));
  return total;
}

double Comparison::batch_skewness(const Contrast& contrast) const {
  const auto deviations = batch_deviations(places(contrast));
  if (!deviations) return not_defined;
  long double squares = 0, cubes = 0;
  for (const long double deviation : *deviations) {
    squares += deviation * deviation;
    cubes += deviation * deviation * deviation;
  }
  const long double variance = squares / batch_count;
  return static_cast<double>(cubes / batch_count /
                             (variance * std::sqrt(variance)));
}

}  // namespace stardsim

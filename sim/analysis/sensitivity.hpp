// One-way and two-way sensitivity analysis: what becomes of a result, and of
// the decision that follows from it, when one number of the scenario is
// another. All runs have the same patients and the same luck, so that what
// differs comes of the number alone.
#pragma once

#include "models/measure.hpp"
#include "models/parameters.hpp"
#include "models/scenario.hpp"
#include "sim/core/tally.hpp"

#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace stardsim {

/// What is looked at in every run: a measure, or net benefit, which is
/// threshold * QALYs - cost.
struct Figure {
  std::string name;  ///< of the measure, or "net_benefit"
  std::string long_name, unit;
  int better = 1;         ///< 1: more is better, -1: less is, 0: neither
  bool is_share = false;  ///< its mean is a share of patients
  std::size_t measure = no_measure;  ///< in measures_of(); none: net benefit
  // of net benefit
  std::size_t effect = no_measure, cost = no_measure;
  double threshold = 0;
  std::string perspective;
};

/// By its name. Without one: net benefit where there are costs, QALYs and a
/// threshold, else cumulative remission under the estimand reported first.
/// `perspective` and `threshold` are of net benefit; without them the
/// perspective reported first, and the first threshold. Throws
/// std::invalid_argument in one line, which begins with "--measure: " and the
/// like.
Figure figure_of(const Scenario&, const std::optional<std::string>& name = {},
                 const std::optional<std::string>& perspective = {},
                 const std::optional<double>& threshold = {});

/// A mean over patients, or a difference of such, with its Monte Carlo error.
struct Mean {
  double mean, se;
};

/// The figure on each pathway of one run.
class Reading {
 public:
  Reading() = default;
  Reading(const Figure&, const Scenario&, const Tally&);

  const std::vector<double>& means() const { return means_; }
  Mean mean(std::size_t pathway) const;

  /// A pathway of a reading, to be added or taken away.
  struct Term {
    const Reading* reading;
    std::size_t pathway;
    double weight;
  };
  /// The sum of terms of runs on the same patients. The error of one mean, and
  /// of the difference of two of one run, is that of Comparison; any other from
  /// 256 batches, with 255 degrees of freedom. NaN with fewer than two
  /// patients.
  static Mean sum(const std::vector<Term>&);

 private:
  std::vector<double> means_;
  /// [pathway][other]: the standard error of the difference, and on the
  /// diagonal of the mean.
  std::vector<double> errors_;
  /// [pathway][batch]: the sum over its patients, less as many times the mean;
  /// over all patients.
  std::vector<std::array<double, batch_count>> deviations_;
  bool has_error_ = false;
};

/// Two pathways, the first less the second; or the value on one of them.
struct Contrasted {
  std::size_t pathway;
  std::optional<std::size_t> against;
};

/// A number and from where to where it is varied.
struct ParameterRange {
  Parameter parameter;
  double low, high;
  bool is_own = false;  ///< asked for; else the 95 % interval of the evidence
  /// The end that was stated is not possible with the other numbers as they
  /// are, such as probabilities of one arm that sum to more than 1: it is the
  /// last possible value instead.
  bool low_is_cut = false, high_is_cut = false;
};

/// A key, or a pattern in which * stands for any part, and perhaps a range.
struct Asked {
  std::string pattern;
  std::optional<std::pair<double, double>> range;
};

struct Ranges {
  std::vector<ParameterRange> varied;  ///< in the order of the scenario
  std::vector<Parameter> held;         ///< asked for, but with no interval
};

/// Of all parameters, or of those asked for. The 95 % interval of a number is
/// as stated, and of the others the 2.5 and 97.5 % quantiles of their
/// distribution (models/distribution.hpp). Throws std::invalid_argument in one
/// line for what is asked for and is not there, with the nearest key, and for a
/// range that is impossible.
Ranges ranges_of(const Scenario&, const std::vector<Asked>& = {});

/// "KEY", "steps.*.remission", "KEY=0.2:0.6". Throws std::invalid_argument.
Asked parse_asked(const std::string&);

/// The pathway that is chosen: that with the best mean, among equal ones the
/// reference, and then the first; the reference where neither more nor less of
/// the figure is better.
std::size_t best_pathway(const Figure&, const std::vector<double>& means,
                         std::size_t reference);

/// Readings of variants of one scenario on the same patients with the same
/// luck, in their order.
using ReadVariants =
    std::function<std::vector<Reading>(const std::vector<Scenario>&)>;

/// The value of a number at which the decision becomes another.
struct Switch {
  double value;
  /// Monte Carlo error: that of the difference of the two pathways there, over
  /// the slope of that difference.
  double se;
  std::size_t from, to;  ///< best pathways: towards the base, and beyond
};

/// One number at its ends, all else as stated.
struct Swing {
  ParameterRange range;
  Reading at_low, at_high;
  Mean low, high;                ///< the difference there
  Mean low_change, high_change;  ///< from that at the base: paired
  std::size_t best_at_low, best_at_high;
  /// Between the base and that end, where the best pathway at that end is
  /// another than at the base.
  std::optional<Switch> below, above;

  double width() const;  ///< from the least of low, base, high to the largest
};

struct OneWay {
  Contrasted of;
  Reading base;
  Mean base_difference;
  std::size_t best;           ///< at the base
  std::vector<Swing> swings;  ///< the widest first
};

/// The pathway with the best mean other than the reference, against the
/// reference; with one pathway its value itself. What is given stays.
Contrasted contrasted(const Figure&, const std::vector<double>& means,
                      std::size_t reference,
                      std::optional<std::size_t> pathway = {},
                      std::optional<std::size_t> against = {});

/// Every number at its ends. The contrast is that of contrasted().
OneWay one_way(const Scenario&, const Figure&,
               const std::vector<ParameterRange>&, const ReadVariants&,
               std::optional<std::size_t> pathway = {},
               std::optional<std::size_t> against = {});

/// Looks for the values at which the decision changes, by bisection, all of
/// them at once. A change and back again between base and end is not seen.
void find_switches(const Scenario&, const Figure&, OneWay&,
                   const ReadVariants&);

inline constexpr std::size_t grid_points = 11;

/// Two numbers at once, on a grid of equal distances.
struct TwoWay {
  ParameterRange first, second;
  std::vector<double> first_values, second_values;
  Contrasted of;
  Mean base_difference;
  std::size_t best;
  /// [first][second]; none where the two together are impossible.
  struct Cell {
    Mean difference;
    std::size_t best;
  };
  std::vector<std::optional<Cell>> cells;
};

TwoWay two_way(const Scenario&, const Figure&, const ParameterRange& first,
               const ParameterRange& second, const ReadVariants&,
               std::optional<std::size_t> pathway = {},
               std::optional<std::size_t> against = {});

}  // namespace stardsim

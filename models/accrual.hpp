// How costs and effects accrue over a patient's stretches of time: the compiled
// economics. All in whole numbers, so that the order of sums does not matter:
// over a stretch from one tick to another a measure grows by its rate there
// times the (discounted) time between, and at the end is rounded once to its
// quantum.
#pragma once

#include "models/measure.hpp"
#include "models/units.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace stardsim {

/// Time since entry, weighted by the discount factor, in 2^-16 weeks: straight
/// lines, so that a tick more never counts less. Continuous discounting is
/// exact at week ends and takes its mean within a week, which is off by at most
/// log(1 + rate) / (8 * weeks_per_year) weeks between them (7e-5 at 3 %);
/// discounting by year changes exactly at year ends, rounded to the tick.
/// Other errors are below 2^-15 weeks.
class DiscountedTime {
 public:
  static constexpr int fraction_bits = 16, factor_bits = 30;

  /// Up to `horizon`, rounded up to whole weeks. Weekly: a moment counts as the
  /// end of its week, so that what holds at a week's start holds all week, and
  /// a week has the factor of its start. Requires yearly_rate >= 0.
  DiscountedTime(DiscountForm, double yearly_rate, double weeks_per_year,
                 bool weekly, Ticks horizon);

  /// Requires tick <= horizon.
  std::uint32_t operator()(Ticks tick) const {
    const std::uint32_t week = tick >> log2_ticks_per_week,
                        within = tick % ticks_per_week;
    if (weekly_) return by_week_[week + (within > 0 ? 1 : 0)];
    if (!by_week_.empty()) {
      const std::uint32_t from = by_week_[week];
      return from +
             (((by_week_[week + 1] - from) * within + (ticks_per_week >> 1)) >>
              log2_ticks_per_week);
    }
    const Week& line = weeks_[week];
    const std::uint64_t before = within < line.kink ? within : line.kink;
    return static_cast<std::uint32_t>((line.at + line.factor * before +
                                       line.later_factor * (within - before) +
                                       (std::uint64_t{1} << 23)) >>
                                      24);
  }

  /// The discount factor of what is paid at once, in 2^-30: of the moment
  /// itself; weekly, of its week's start. Requires tick <= horizon.
  std::uint32_t factor(Ticks tick) const {
    const Week& line = weeks_[tick >> log2_ticks_per_week];
    const std::uint32_t within = tick % ticks_per_week;
    const std::uint64_t factor =
        within < line.kink ? line.factor : line.later_factor;
    if (within_.empty()) return static_cast<std::uint32_t>(factor);
    return static_cast<std::uint32_t>(
        (factor * within_[within] + (std::uint64_t{1} << 29)) >> 30);
  }

  /// Where it is a straight line within each week: its values at week ends,
  /// from 0 on, to the week after the horizon; empty where it is not. Within a
  /// week it is then T[w] + (((T[w + 1] - T[w]) * ticks + 512) >> 10); weekly,
  /// T[w + 1] from the first tick on.
  const std::vector<std::uint32_t>& by_week() const { return by_week_; }

  /// All it is made of, for hashing.
  std::vector<std::uint64_t> words() const;

 private:
  // From the start of a week, and from so many ticks on within it.
  struct Week {
    std::uint64_t at;  // discounted time in 2^-40 weeks; by year only
    std::uint64_t factor, later_factor;
    std::uint32_t kink = ticks_per_week;
  };

  void set_by_year(long double yearly_rate, long double ticks_per_year,
                   std::size_t weeks);

  std::vector<Week> weeks_;
  std::vector<std::uint32_t> by_week_;
  std::vector<std::uint32_t> within_;  // factor by tick of a week, continuous
  bool weekly_;
};

/// By accrual_cell.
using RateTable = std::array<std::int64_t, 2 * health_count * phase_count>;

/// Rates of one measure that accrues, all multiples of 2^-rate_bits a week. All
/// that can hold at once sums to less than 2^31, and discounted time stays
/// below 2^29, so that a sum of rate * time is below 2^60. What is paid at once
/// in one attempt and what follows it is at most 2^53 in all; so a sum over 512
/// attempts still has room in 64 bits.
struct AccruingMeasure {
  std::size_t measure;  ///< in measures_of()
  bool is_effect;       ///< else a cost: which time is meant
  bool discounted;
  int rate_bits;
  /// The measure is the sum / 2^result_bits, rounded, in quanta.
  int result_bits;
  RateTable rate{};  ///< what no treatment adds
  /// What the arm of an attempt adds, for those who are still on it or in its
  /// follow-up, by ArmLaw::origin; empty if nothing does.
  std::vector<RateTable> by_arm;
  /// Shares of earnings in 2^-24, likewise; empty if none. A rate of earnings
  /// is scaled_earnings() of the sum.
  std::vector<std::int64_t> earnings_share;
  std::vector<RateTable> earnings_share_by_arm;
  /// Paid at once, in 2^-(rate_bits + 16), before discount: at the start of an
  /// attempt, by origin; by CostlyEvent; by adverse event. Empty where nothing
  /// is.
  std::vector<std::int64_t> at_start, at_event, at_adverse_event;

  /// The rate of a share (2^-24) of weekly earnings (2^-20).
  std::int64_t scaled_earnings(std::int64_t share, std::int64_t earnings) const;
};

/// A perspective: its kinds as they were rounded, added.
struct CostTotal {
  std::size_t measure;
  std::vector<std::size_t> kinds;  ///< measures
};

/// Economics, compiled: what every measure gains, and when.
struct AccrualLaw {
  std::vector<Measure> measures;
  DecisionMeasures decision;
  std::vector<AccruingMeasure> accruing;  ///< costs by kind, life-years, QALYs
  std::vector<CostTotal> totals;
  /// Of costs, of effects, and without discount.
  std::vector<DiscountedTime> time;  ///< 3
  Ticks lasting_remission = 0;
  /// Earnings a week in 2^-20 of the currency, by [female][age at last
  /// birthday], the last for all later; empty if no cost is a share of them.
  std::array<std::vector<std::int64_t>, 2> earnings;
  /// For earnings: covariates of years at entry and of sex, 0/1 (-1 if there is
  /// none: `earnings` are then alike).
  std::size_t age = 0, female = static_cast<std::size_t>(-1);
  double ticks_per_year = 0;

  /// Every patient's outcomes can be had from when he is in which State, by
  /// position and arm, and when attempts start: neither earnings, nor adverse
  /// events, events with a cost, partial response nor resistance count, and
  /// time is straight within weeks. (Measures of resistance are always kept.)
  bool is_simple = false;
};

constexpr std::size_t accrual_cell(Health health, Phase phase, bool resistant) {
  return static_cast<std::size_t>(health) +
         health_count * (static_cast<std::size_t>(phase) +
                         phase_count * (resistant ? 1 : 0));
}

/// Throws std::invalid_argument for earnings without a covariate of age, and
/// for amounts that are too large to be counted: 2^31 a week, or 2^37 in one
/// attempt.
/// Requires scenario.economics, and a horizon below 8192 weeks.
AccrualLaw compile_accrual(const Scenario&);

/// All tables as whole numbers, for hashing; equal ones give equal results.
std::vector<std::uint64_t> words_of(const AccrualLaw&);

}  // namespace stardsim

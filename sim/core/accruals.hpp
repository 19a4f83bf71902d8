// The accrual of costs and effects made ready for the course in vectors
// (accrue-inl.hpp). The untreated accrue what everybody does from entry to the
// horizon; accumulators hold what is more or less while a patient is in an
// attempt, in remission, or out of care.
#pragma once

#include "models/law.hpp"
#include "sim/core/tile.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace stardsim {

struct PathwayFacts;

/// How time counts.
struct TimeScale {
  enum class Form {
    ticks,         ///< each as much
    whole_weeks,   ///< weeks, a part of one as a whole
    by_week,       ///< by week, a part of one as a whole
    between_weeks  ///< by week, a straight line within each
  };
  Form form;
  std::vector<std::uint32_t> table;  ///< at week ends, from 0 on

  std::uint32_t at(Ticks) const;
  bool operator==(const TimeScale&) const = default;
};

/// One sum for each patient: of multiples of time on a scale.
struct Accumulator {
  std::size_t scale;
  /// Multiples: in an attempt and in the remission it led to, by
  /// ArmLaw::origin; out of care.
  std::vector<std::int64_t> acute, remitted;
  std::int64_t out_of_care = 0;
  /// The sum has room in 32 bits, with its sign.
  bool is_narrow = true;
  std::size_t row = 0;  ///< among the narrow ones, or the wide ones
  bool operator==(const Accumulator&) const = default;
};

/// A measure that is (constant + unit * accumulator) / 2^bits, rounded.
struct Total {
  std::size_t measure;
  std::size_t accumulator;  ///< `nothing`: the same for everybody
  std::int64_t constant, unit;
  int bits;
};

/// Numbers of things that befell a patient, as parts of one word.
namespace tallied {
inline constexpr int bits = 5;
inline constexpr std::uint32_t mask = (1 << bits) - 1;
inline constexpr int line = 0, failure = 5, remission = 10, relapse = 15,
                     lasting_remission = 20, adequate_failure = 25;
/// Steps of a pathway, so that there is room.
inline constexpr std::size_t most = 31;
}  // namespace tallied

struct AccrualPlan {
  std::vector<TimeScale> scales;
  std::vector<Accumulator> accumulators;
  std::size_t narrow_rows = 0, wide_rows = 0;
  std::vector<Total> totals;
  std::size_t on_treatment, in_remission;  ///< accumulators of ticks
  Ticks lasting_remission;
  bool leavers_differ = false;    ///< from the untreated, in what accrues
  std::vector<bool> is_adequate;  ///< whether a failed trial is; by origin
};

/// None without accrual, and where it takes the plain course: where not all
/// pathways are told in vectors, where something is paid at the start of an
/// attempt, where it takes more than a failed step's length to be adequate, or
/// where resistance is a matter of phases.
std::optional<AccrualPlan> accruals_of(const Law&,
                                       const std::vector<PathwayFacts>&);

/// What the accrual of a tile works with.
struct WideRow {
  alignas(64) std::array<std::int64_t, tile_size + overrun> number{};
};
struct NarrowRow {
  alignas(64) Row word{};
};
struct Accounts {
  alignas(64) Row tallied{};          ///< see above
  alignas(64) Row resistant_since{};  ///< `never`: not
  alignas(64) Row lasting{};          ///< ticks beyond lasting ones
  std::vector<WideRow> wide;          ///< accumulators
  std::vector<NarrowRow> narrow;
  /// By slot: the end of an attempt without remission, at most the horizon;
  /// else 0.
  alignas(64) Row until{};
  /// By scale: the time up to which a patient's attempts are accounted for.
  std::vector<NarrowRow> now;
  /// Of the roster of those who remitted or nearly did: start of the attempt,
  /// remission, its end, each at most the horizon.
  alignas(64) Row slot{}, start{}, entry{}, end{};
  std::size_t size = 0;
  alignas(64) Row spent{}, spent_remitted{}, change{};
  alignas(64) Row leaver{}, left{};  ///< who left care, and when
  std::size_t leavers = 0;
  WideRow at_hand;
  std::vector<WideRow> outcome;  ///< [pathway][measure]
  /// The same, where they begin; null where the measure is 0 for all.
  std::vector<const std::int64_t*> rows;

  Accounts() = default;
  Accounts(const Law&, const AccrualPlan&, std::size_t pathways);
};

}  // namespace stardsim

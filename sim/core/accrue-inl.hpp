// What costs and effects come to, where all is told in vectors: while the
// course goes on, differences from the untreated are added to accumulators; at
// its end they are rounded once to the measures. Included once for each
// instruction set (no ordinary include guard).
#if defined(STARDSIM_ACCRUE_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef STARDSIM_ACCRUE_INL
#undef STARDSIM_ACCRUE_INL
#else
#define STARDSIM_ACCRUE_INL
#endif

#include "sim/core/engine.hpp"
#include "sim/core/record.hpp"
#include "sim/core/rosters-inl.hpp"

#include <hwy/highway.h>

#include <algorithm>

HWY_BEFORE_NAMESPACE();
namespace stardsim {
namespace HWY_NAMESPACE {

/// A trial that failed, among the numbers tallied.
inline std::uint32_t tallied_failure(const AccrualPlan& accruals,
                                     std::size_t origin) {
  return 1u << tallied::failure |
         (accruals.is_adequate[origin] ? 1u << tallied::adequate_failure : 0u);
}

/// Since when patients count as resistant: from the start of an attempt or the
/// end of a failed one.
template <class L>
class Resistance {
 public:
  HWY_INLINE explicit Resistance(const Attempt& attempt)
      : rules_(attempt.walk.engine.law.resistance.any_of),
        lines_(attempt.visit + 1) {}

  /// With what has been tallied before and after the attempt.
  HWY_INLINE void find(typename L::Some given, typename L::Some failed,
                       typename L::Words tallied_before,
                       typename L::Words tallied_after, typename L::Words start,
                       typename L::Words end, std::uint32_t* since) const {
    const auto adequate = [](typename L::Words words) HWY_ATTR {
      return L::template shift_right<tallied::adequate_failure>(words);
    };
    for (const ResistanceLaw::Rule& rule : rules_) {
      if (lines_ < rule.line) continue;
      const auto enough = L::all(rule.adequate_failed_trials);
      const auto later =
          L::but_not(failed, L::below(adequate(tallied_after), enough));
      auto from = L::select(later, end, L::all(never));
      if (lines_ == rule.line || rule.adequate_failed_trials == 0)
        from = L::select(
            L::but_not(given, L::below(adequate(tallied_before), enough)),
            start, from);
      L::store(L::smaller(L::load(since), from), since);
    }
  }

 private:
  const std::vector<ResistanceLaw::Rule>& rules_;
  std::uint32_t lines_;
};

/// Tallies an attempt, and notes until when those without remission are in it.
/// Does nothing of use without accrual.
template <class L>
class AttemptAccounting {
 public:
  HWY_INLINE explicit AttemptAccounting(const Attempt& attempt)
      : accounts_(attempt.walk.work.accounts),
        resistance_(attempt),
        horizon_(L::all(attempt.walk.engine.horizon)) {
    const auto& accruals = attempt.walk.engine.accruals;
    if (!accruals) return;
    failed_one_ = tallied_failure(*accruals, attempt.arm.origin);
    leavers_differ_ = accruals->leavers_differ;
  }

  /// Nobody in these slots makes the attempt.
  HWY_INLINE void pass_over(std::size_t i) const {
    L::store(L::all(0), &accounts_.until[i]);
  }

  HWY_INLINE void add(std::size_t i, typename L::Some given,
                      typename L::Some failed, typename L::Some remitted,
                      typename L::Words start, typename L::Words end) const {
    L::store(L::select(L::but_not(given, remitted), L::smaller(end, horizon_),
                       L::all(0)),
             &accounts_.until[i]);
    const auto failed_here = L::both(given, failed);
    const auto before = L::load(&accounts_.tallied[i]);
    const auto line = L::select(given, L::all(1u << tallied::line), L::all(0));
    const auto failure = L::select(failed_here, L::all(failed_one_), L::all(0));
    const auto after = L::add(before, L::add(line, failure));
    L::store(after, &accounts_.tallied[i]);
    resistance_.find(given, failed_here, before, after, start, end,
                     &accounts_.resistant_since[i]);
  }

  HWY_INLINE void leave(typename L::Some some, typename L::Words slot,
                        typename L::Words tick) const {
    if (!leavers_differ_) return;
    L::append(slot, some, &accounts_.leaver[accounts_.leavers]);
    accounts_.leavers +=
        L::append(tick, some, &accounts_.left[accounts_.leavers]);
  }

 private:
  Accounts& accounts_;
  Resistance<L> resistance_;
  typename L::Words horizon_;
  std::uint32_t failed_one_ = 0;
  bool leavers_differ_ = false;
};

/// Applies a function to `time_on`, a function from ticks to time on the scale.
template <class L, class Function>
HWY_INLINE void with_time_on(const TimeScale& scale, const Function& function) {
  using Words = typename L::Words;
  const std::uint32_t* const table = scale.table.data();
  switch (scale.form) {
    case TimeScale::Form::ticks:
      return function([](Words ticks) HWY_ATTR { return ticks; });
    case TimeScale::Form::whole_weeks:
      return function([](Words ticks) HWY_ATTR { return week_at<L>(ticks); });
    case TimeScale::Form::by_week:
      return function([&](Words ticks) HWY_ATTR {
        return L::look_up(table, week_at<L>(ticks));
      });
    case TimeScale::Form::between_weeks:
      return function([&](Words ticks) HWY_ATTR {
        const auto week = L::template shift_right<log2_ticks_per_week>(ticks);
        const auto from = L::look_up(table, week),
                   to = L::look_up(table + 1, week);
        const auto within = L::bit_and(ticks, L::all(ticks_per_week - 1));
        const auto part = L::add(L::low_product(L::subtract(to, from), within),
                                 L::all(ticks_per_week / 2));
        return L::add(from, L::template shift_right<log2_ticks_per_week>(part));
      });
  }
}

inline bool any_of_scale(const AccrualPlan& accruals, std::size_t scale,
                         std::size_t origin) {
  for (const Accumulator& one : accruals.accumulators)
    if (one.scale == scale && (one.acute[origin] | one.remitted[origin]) != 0)
      return true;
  return false;
}

/// The time of those in the attempt to work.accounts.until.
template <class L>
void accrue_attempt(const Attempt& attempt) {
  const AccrualPlan& accruals = *attempt.walk.engine.accruals;
  Accounts& accounts = attempt.walk.work.accounts;
  const std::size_t origin = attempt.arm.origin;
  for (std::size_t s = 0; s < accruals.scales.size(); ++s) {
    if (!any_of_scale(accruals, s, origin)) continue;
    Row& now = accounts.now[s].word;
    // The first attempts all start at entry.
    const bool first = attempt.visit == 0;
    const auto first_end = L::all(accruals.scales[s].at(
        std::min(attempt.step.length, attempt.walk.engine.horizon)));
    with_time_on<L>(accruals.scales[s], [&](auto time_on) HWY_ATTR {
      for (std::size_t i = 0; i < tile_size; i += L::width) {
        const auto until = L::load(&accounts.until[i]);
        const auto idle = L::equal(until, L::all(0));
        const auto before = L::load(&now[i]);
        const auto after =
            L::select(idle, before, first ? first_end : time_on(until));
        L::store(after, &now[i]);
        L::store(L::subtract(after, before), &accounts.spent[i]);
      }
    });
    for (const Accumulator& one : accruals.accumulators) {
      const std::int64_t multiple = one.acute[origin];
      if (one.scale != s || multiple == 0) continue;
      if (one.is_narrow) {
        Row& sums = accounts.narrow[one.row].word;
        const auto by = L::all(static_cast<std::uint32_t>(multiple));
        for (std::size_t i = 0; i < tile_size; i += L::width)
          L::store(L::add(L::load(&sums[i]),
                          L::low_product(L::load(&accounts.spent[i]), by)),
                   &sums[i]);
      } else {
        auto& sums = accounts.wide[one.row].number;
        for (std::size_t i = 0; i < tile_size; ++i)
          sums[i] += multiple * accounts.spent[i];
      }
    }
  }
}

/// The attempts and remissions of the roster.
template <class L>
void accrue_remissions(const Attempt& attempt) {
  const AccrualPlan& accruals = *attempt.walk.engine.accruals;
  Accounts& accounts = attempt.walk.work.accounts;
  const std::size_t origin = attempt.arm.origin, size = accounts.size;
  const Row& slot = accounts.slot;
  for (std::size_t s = 0; s < accruals.scales.size(); ++s) {
    if (!any_of_scale(accruals, s, origin)) continue;
    with_time_on<L>(accruals.scales[s], [&](auto time_on) HWY_ATTR {
      for (std::size_t i = 0; i < size; i += L::width) {
        const auto remission = time_on(L::load(&accounts.entry[i]));
        L::store(L::subtract(remission, time_on(L::load(&accounts.start[i]))),
                 &accounts.spent[i]);
        const auto end = time_on(L::load(&accounts.end[i]));
        L::store(end, &accounts.change[i]);
        L::store(L::subtract(end, remission), &accounts.spent_remitted[i]);
      }
    });
    // From there on the next attempt counts.
    Row& now = accounts.now[s].word;
    for (std::size_t i = 0; i < size && !attempt.is_last; ++i)
      now[slot[i]] = accounts.change[i];
    for (const Accumulator& one : accruals.accumulators) {
      const std::int64_t acute = one.acute[origin],
                         remitted = one.remitted[origin];
      if (one.scale != s || (acute | remitted) == 0) continue;
      if (one.is_narrow) {
        const auto by_acute = L::all(static_cast<std::uint32_t>(acute)),
                   by_remitted = L::all(static_cast<std::uint32_t>(remitted));
        for (std::size_t i = 0; i < size; i += L::width)
          L::store(L::add(L::low_product(L::load(&accounts.spent[i]), by_acute),
                          L::low_product(L::load(&accounts.spent_remitted[i]),
                                         by_remitted)),
                   &accounts.change[i]);
        Row& sums = accounts.narrow[one.row].word;
        for (std::size_t i = 0; i < size; ++i)
          sums[slot[i]] += accounts.change[i];
      } else {
        auto& sums = accounts.wide[one.row].number;
        for (std::size_t i = 0; i < size; ++i)
          sums[slot[i]] +=
              acute * accounts.spent[i] + remitted * accounts.spent_remitted[i];
      }
    }
  }
}

/// Who of the roster was in remission, and for how long; with those of
/// work.accounts.change who have relapsed.
template <class L>
void tally_remissions(const Attempt& attempt) {
  Accounts& accounts = attempt.walk.work.accounts;
  const Ticks lasting = attempt.walk.engine.accruals->lasting_remission;
  const auto least = L::all(lasting > 0 ? lasting : 1);
  const auto one = L::all(1u << tallied::remission),
             lasting_one = L::all(1u << tallied::lasting_remission);
  for (std::size_t i = 0; i < accounts.size; i += L::width) {
    const auto time =
        L::subtract(L::load(&accounts.end[i]), L::load(&accounts.entry[i]));
    const auto is_short = L::below(time, least);
    const auto further = L::select(is_short, L::all(0), lasting_one);
    L::store(L::add(L::load(&accounts.change[i]), L::add(one, further)),
             &accounts.change[i]);
    L::store(L::select(is_short, L::all(0), L::subtract(time, L::all(lasting))),
             &accounts.spent[i]);
  }
  for (std::size_t i = 0; i < accounts.size; ++i) {
    const std::uint32_t slot = accounts.slot[i];
    accounts.tallied[slot] += accounts.change[i];
    accounts.lasting[slot] += accounts.spent[i];
  }
}

inline void open_accounts(Accounts& accounts) {
  accounts.tallied.fill(0);
  accounts.lasting.fill(0);
  accounts.resistant_since.fill(never);
  accounts.until.fill(0);
  for (auto& row : accounts.now) row.word.fill(0);
  for (auto& row : accounts.narrow) row.word.fill(0);
  for (WideRow& row : accounts.wide) row.number.fill(0);
}

/// Those who have left care, from then on.
inline void accrue_out_of_care(const Walk& walk) {
  const AccrualPlan& accruals = *walk.engine.accruals;
  Accounts& accounts = walk.work.accounts;
  for (const Accumulator& one : accruals.accumulators) {
    if (one.out_of_care == 0) continue;
    const TimeScale& scale = accruals.scales[one.scale];
    const std::uint32_t end = scale.at(walk.engine.horizon);
    for (std::size_t i = 0; i < accounts.leavers; ++i) {
      const std::uint32_t slot = accounts.leaver[i];
      const std::int64_t more =
          one.out_of_care * (end - scale.at(accounts.left[i]));
      if (one.is_narrow)
        accounts.narrow[one.row].word[slot] += static_cast<std::uint32_t>(more);
      else
        accounts.wide[one.row].number[slot] += more;
    }
  }
  accounts.leavers = 0;
}

/// The measures of each patient of the tile on the pathway walked. With one
/// pathway most are added to the sums at once, while they are in cache.
inline void settle(const Walk& walk, Outcomes& sums_of_all) {
  using What = Measure::What;
  const Workspace& work = walk.work;
  const AccrualPlan& accruals = *walk.engine.accruals;
  Accounts& accounts = walk.work.accounts;
  const std::vector<Measure>& measures = walk.engine.law.accrual->measures;
  const std::size_t first = walk.row * measures.size();
  const auto fill = [&](std::int64_t* to, auto number_of) HWY_ATTR {
    for (std::size_t i = 0; i < tile_size; ++i) to[i] = number_of(i);
  };
  const auto keep = [&](std::size_t measure, auto number_of) HWY_ATTR {
    std::int64_t* const to = accounts.outcome[first + measure].number.data();
    fill(to, number_of);
    accounts.rows[first + measure] = to;
  };
  const bool at_once = walk.engine.pathways == 1 && !work.scattered;
  const auto write = [&](std::size_t measure, auto number_of) HWY_ATTR {
    if (!at_once) return keep(measure, number_of);
    std::int64_t* const to = accounts.at_hand.number.data();
    fill(to, number_of);
    sums_of_all.add_alone(work.first + work.begin, work.end - work.begin,
                          measure, to + work.begin);
  };
  const std::uint32_t* const state = work.state.data();
  const std::uint32_t* const forked = work.forked.data();
  const std::uint32_t* const tallied_words = accounts.tallied.data();
  const std::uint32_t* const since = accounts.resistant_since.data();
  const std::uint32_t* const remitted =
      accounts.narrow[accruals.accumulators[accruals.in_remission].row]
          .word.data();
  const std::uint32_t* const treated =
      accounts.narrow[accruals.accumulators[accruals.on_treatment].row]
          .word.data();
  const std::uint32_t* const lasting = accounts.lasting.data();
  const std::uint32_t horizon = walk.engine.horizon;
  const std::uint32_t parts = walk.facts.parts ? 1 : 0;
  const bool can_resist = !walk.engine.law.resistance.any_of.empty();
  const auto tallied_of = [&](std::size_t measure, int shift) HWY_ATTR {
    write(measure, [&](std::size_t i) HWY_ATTR {
      return std::int64_t{tallied_words[i] >> shift & tallied::mask};
    });
  };
  std::size_t ever_remitted = nothing;
  for (std::size_t m = 0; m < measures.size(); ++m) switch (measures[m].what) {
      case What::remission_if_all_continue:
        write(m, [&](std::size_t i) HWY_ATTR {
          return std::int64_t{state[i] / remitted_flag & 1};
        });
        break;
      case What::remission:
        keep(m, [&](std::size_t i) HWY_ATTR {
          return std::int64_t{state[i] / remitted_flag & 1 &
                              ~(forked[i] & parts)};
        });
        ever_remitted = m;
        break;
      case What::sustained_remission:
        write(m, [&](std::size_t i) HWY_ATTR {
          return std::int64_t{state[i] / remitted_flag &
                              state[i] / parted_flag & 1 &
                              ~(forked[i] & parts)};
        });
        break;
      case What::response:
        accounts.rows[first + m] = accounts.rows[first + ever_remitted];
        break;
      case What::lasting_remission:
        write(m, [&](std::size_t i) HWY_ATTR {
          return std::int64_t{(tallied_words[i] >> tallied::lasting_remission &
                               tallied::mask) != 0};
        });
        break;
      case What::resistant:
        if (can_resist)
          write(m, [&](std::size_t i)
                       HWY_ATTR { return std::int64_t{since[i] < horizon}; });
        break;
      case What::lines:
        tallied_of(m, tallied::line);
        break;
      case What::remissions:
        tallied_of(m, tallied::remission);
        break;
      case What::lasting_remissions:
        tallied_of(m, tallied::lasting_remission);
        break;
      case What::relapses:
        tallied_of(m, tallied::relapse);
        break;
      case What::failures:
        tallied_of(m, tallied::failure);
        break;
      case What::weeks_on_treatment:
        write(m,
              [&](std::size_t i) HWY_ATTR { return std::int64_t{treated[i]}; });
        break;
      case What::weeks_in_no_response:
        write(m, [&](std::size_t i)
                     HWY_ATTR { return std::int64_t{horizon - remitted[i]}; });
        break;
      case What::weeks_in_remission:
        write(m, [&](std::size_t i)
                     HWY_ATTR { return std::int64_t{remitted[i]}; });
        break;
      case What::weeks_in_lasting_remission:
        write(m,
              [&](std::size_t i) HWY_ATTR { return std::int64_t{lasting[i]}; });
        break;
      case What::weeks_resistant:
        if (can_resist)
          write(m, [&](std::size_t i) HWY_ATTR {
            return std::int64_t{horizon -
                                (since[i] < horizon ? since[i] : horizon)};
          });
        break;
      default:  // accrues, or cannot happen here
        break;
    }
  for (std::size_t t = 0; t < accruals.totals.size(); ++t) {
    const Total& total = accruals.totals[t];
    if (total.accumulator == nothing) continue;
    const auto same = [&](const Total& other) {
      return other.accumulator == total.accumulator &&
             other.constant == total.constant && other.unit == total.unit &&
             other.bits == total.bits;
    };
    std::size_t before = 0;
    while (!same(accruals.totals[before])) ++before;
    if (before < t) {
      accounts.rows[first + total.measure] =
          accounts.rows[first + accruals.totals[before].measure];
      continue;
    }
    const Accumulator& one = accruals.accumulators[total.accumulator];
    const auto number = [=](std::int64_t sum) HWY_ATTR {
      return (total.constant + total.unit * sum) >> total.bits;
    };
    if (one.is_narrow) {
      const std::uint32_t* const sums = accounts.narrow[one.row].word.data();
      keep(total.measure, [&](std::size_t i) HWY_ATTR {
        return number(static_cast<std::int32_t>(sums[i]));
      });
    } else {
      const std::int64_t* const sums = accounts.wide[one.row].number.data();
      keep(total.measure,
           [&](std::size_t i) HWY_ATTR { return number(sums[i]); });
    }
  }
  for (const CostTotal& total : walk.engine.law.accrual->totals) {
    if (total.kinds.size() == 1) {
      accounts.rows[first + total.measure] =
          accounts.rows[first + total.kinds[0]];
      continue;
    }
    std::int64_t* const sum =
        accounts.outcome[first + total.measure].number.data();
    std::fill_n(sum, tile_size, 0);
    for (const std::size_t kind : total.kinds)
      if (const std::int64_t* const cost = accounts.rows[first + kind])
        for (std::size_t i = 0; i < tile_size; ++i) sum[i] += cost[i];
    accounts.rows[first + total.measure] = sum;
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace stardsim
HWY_AFTER_NAMESPACE();

#endif

#include "sim/core/account.hpp"

#include "models/age.hpp"
#include "models/planted.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

namespace stardsim {
namespace {

using What = Measure::What;

// ---- counts and weeks ----

struct Story {
  std::int64_t lines = 0, remissions = 0, relapses = 0, failures = 0;
  bool partial_response = false, sustained_remission = false;

  explicit Story(const Life& life) {
    for (const Event& event : life.events) add(event.what);
    for (const Stretch& stretch : life.stretches)
      if (stretch.health == Health::partial_response &&
          stretch.to > stretch.from)
        partial_response = true;
  }

 private:
  void add(Happening what) {
    switch (what) {
      case Happening::start:
        ++lines;
        return;
      case Happening::remission:
      case Happening::spontaneous_remission:
        sustained_remission = remissions == 0;
        ++remissions;
        return;
      case Happening::relapse:
      case Happening::partial_response_lost:
      case Happening::spontaneous_relapse:
        ++relapses;
        sustained_remission = false;
        return;
      case Happening::partial_response:
        partial_response = true;
        ++failures;
        return;
      case Happening::intolerance:
      case Happening::no_response:
        ++failures;
        return;
      case Happening::left_care:
      case Happening::drop_out:
      case Happening::death:
        sustained_remission = false;
        return;
      default:
        return;
    }
  }
};

struct Times {
  std::array<std::int64_t, health_count> in_health{};  // ticks
  std::int64_t on_treatment = 0, resistant = 0, in_lasting_remission = 0;
  std::int64_t lasting_remissions = 0;

  Times(const std::vector<Stretch>& stretches, Ticks lasting) {
    Ticks run = 0;
    const auto end_run = [&] {
      if (run > 0 && run >= lasting) {
        ++lasting_remissions;
        in_lasting_remission += run - lasting;
      }
      run = 0;
    };
    for (const Stretch& stretch : stretches) {
      const Ticks time = stretch.to - stretch.from;
      if (time == 0) continue;
      in_health[static_cast<std::size_t>(stretch.health)] += time;
      if (is_on_treatment(stretch.phase)) on_treatment += time;
      if (stretch.resistant) resistant += time;
      if (stretch.health == Health::remission)
        run += time;
      else
        end_run();
    }
    end_run();
  }
};

std::int64_t counted(What what, const Story& story, const Times& times,
                     const Life& life, bool remitted_if_all_continue) {
  const auto weeks_in = [&](Health health) {
    return times.in_health[static_cast<std::size_t>(health)];
  };
  switch (what) {
    case What::remission_if_all_continue:
      return remitted_if_all_continue;
    case What::remission:
      return story.remissions > 0;
    case What::sustained_remission:
      return story.sustained_remission;
    case What::partial_response:
      return story.partial_response;
    case What::response:
      return story.partial_response || story.remissions > 0;
    case What::lasting_remission:
      return times.lasting_remissions > 0;
    case What::resistant:
      return times.resistant > 0;
    case What::adverse_event:
      return !life.adverse_events.empty();
    case What::died:
      return life.cause_of_death != CauseOfDeath::none;
    case What::suicide:
      return life.cause_of_death == CauseOfDeath::suicide;
    case What::procedure_death:
      return life.cause_of_death == CauseOfDeath::procedure;
    case What::lines:
      return story.lines;
    case What::remissions:
      return story.remissions;
    case What::lasting_remissions:
      return times.lasting_remissions;
    case What::relapses:
      return story.relapses;
    case What::failures:
      return story.failures;
    case What::weeks_on_treatment:
      return times.on_treatment;
    case What::weeks_in_no_response:
      return weeks_in(Health::no_response);
    case What::weeks_in_partial_response:
      return weeks_in(Health::partial_response);
    case What::weeks_in_remission:
      return weeks_in(Health::remission);
    case What::weeks_in_lasting_remission:
      return times.in_lasting_remission;
    case What::weeks_resistant:
      return times.resistant;
    case What::life_years:
    case What::qalys:
    case What::cost:
    case What::perspective_cost:
      return 0;  // these accrue
  }
  return 0;
}

// ---- what accrues ----

// Age at last birthday, and the tick at which the next year of age begins.
struct Age {
  std::size_t years;
  Ticks until;
};

Age age_at(double at_entry, double ticks_per_year, Ticks tick) {
  const auto next = [&](std::size_t years) {
    return birthday(at_entry, ticks_per_year, years + 1);
  };
  auto years = static_cast<std::size_t>(std::max(at_entry, 0.0));
  while (next(years) <= tick) ++years;
  return {years, next(years)};
}

class Accruals {
 public:
  Accruals(const AccrualLaw& law, const PathwayLaw& pathway, const Life& life)
      : law_(law), sums_(law.accruing.size(), 0) {
    for (const Stretch& stretch : life.stretches) add(stretch);
    if (!law.earnings[0].empty()) add_earnings(life);
    std::size_t adverse_events = 0;
    for (const Event& event : life.events) {
      if (event.what == Happening::start)
        add_start(event.tick, pathway[event.position].arms[event.arm].origin);
      else if (event.what == Happening::adverse_event)
        add_adverse_event(event.tick, life.adverse_events[adverse_events++]);
      else if (const auto costly = costly_event(event.what))
        add_event(event.tick, *costly);
    }
  }

  // Rounded once, each.
  void write(std::int64_t* values) const {
    for (std::size_t i = 0; i < sums_.size(); ++i) {
      const AccruingMeasure& measure = law_.accruing[i];
      const int bits = measure.result_bits;
      values[measure.measure] =
          (sums_[i] + (std::int64_t{1} << (bits - 1))) >> bits;
    }
    for (const CostTotal& total : law_.totals) {
      std::int64_t sum = 0;
      for (const std::size_t kind : total.kinds) sum += values[kind];
      values[total.measure] = sum;
    }
  }

 private:
  using Time = std::array<std::int64_t, 3>;  // by AccrualLaw::time

  Time time_between(Ticks from, Ticks to) const {
    Time time;
    for (std::size_t t = 0; t < time.size(); ++t)
      time[t] = std::int64_t{law_.time[t](to)} - law_.time[t](from);
    return time;
  }

  static std::size_t cell_of(const Stretch& stretch) {
    return accrual_cell(stretch.health, stretch.phase, stretch.resistant);
  }

  void add(const Stretch& stretch) {
    const Time time = time_between(stretch.from, stretch.to);
    const std::size_t cell =
        cell_of(UNLESS_PLANTED(previous_state, stretch,
                               stretch.from == 0 ? stretch : *(&stretch - 1)));
    for (std::size_t i = 0; i < sums_.size(); ++i) {
      const AccruingMeasure& measure = law_.accruing[i];
      std::int64_t rate = measure.rate[cell];
      if (stretch.origin != nothing && !measure.by_arm.empty())
        rate += measure.by_arm[stretch.origin][cell];
      sums_[i] += rate * time[which_time(measure)];
    }
  }

  // From birthday to birthday.
  void add_earnings(const Life& life) {
    const bool female =
        law_.female != nothing && life.covariates[law_.female] != 0;
    const auto& earnings = law_.earnings[female ? 1 : 0];
    const auto at_entry = static_cast<double>(life.covariates[law_.age]);
    Age age = age_at(at_entry, law_.ticks_per_year, 0);
    for (const Stretch& stretch : life.stretches)
      for (Ticks from = stretch.from; from < stretch.to;) {
        if (age.until <= from)
          age = age_at(at_entry, law_.ticks_per_year, from);
        const Ticks to = std::min(age.until, stretch.to);
        add_earnings(stretch, time_between(from, to),
                     earnings[std::min(age.years, earnings.size() - 1)]);
        from = to;
      }
  }

  void add_earnings(const Stretch& stretch, const Time& time,
                    std::int64_t earnings) {
    const std::size_t cell = cell_of(stretch);
    for (std::size_t i = 0; i < sums_.size(); ++i) {
      const AccruingMeasure& measure = law_.accruing[i];
      std::int64_t share = 0;
      if (!measure.earnings_share.empty())
        share += measure.earnings_share[cell];
      if (stretch.origin != nothing && !measure.earnings_share_by_arm.empty())
        share += measure.earnings_share_by_arm[stretch.origin][cell];
      if (share != 0)
        sums_[i] += measure.scaled_earnings(share, earnings) *
                    time[which_time(measure)];
    }
  }

  static std::size_t which_time(const AccruingMeasure& measure) {
    return !measure.discounted ? 2 : measure.is_effect ? 1 : 0;
  }

  static std::optional<CostlyEvent> costly_event(Happening what) {
    switch (what) {
      case Happening::relapse:
      case Happening::partial_response_lost:
      case Happening::spontaneous_relapse:
        return CostlyEvent::relapse;
      case Happening::remission:
      case Happening::spontaneous_remission:
        return CostlyEvent::remission;
      case Happening::partial_response:
      case Happening::intolerance:
      case Happening::no_response:
        return CostlyEvent::failure;
      case Happening::death:
        return CostlyEvent::death;
      default:
        return {};
    }
  }

  void add_start(Ticks tick, std::size_t origin) {
    add_once(tick, &AccruingMeasure::at_start, origin);
  }
  void add_event(Ticks tick, CostlyEvent event) {
    add_once(tick, &AccruingMeasure::at_event, static_cast<std::size_t>(event));
  }
  void add_adverse_event(Ticks tick, std::size_t number) {
    add_once(tick, &AccruingMeasure::at_adverse_event, number);
  }

  void add_once(Ticks tick, std::vector<std::int64_t> AccruingMeasure::*amounts,
                std::size_t which) {
    constexpr int bits = DiscountedTime::factor_bits;
    for (std::size_t i = 0; i < sums_.size(); ++i) {
      const AccruingMeasure& measure = law_.accruing[i];
      if ((measure.*amounts).empty()) continue;
      const std::int64_t amount = (measure.*amounts)[which];
      if (amount == 0) continue;
      const std::uint32_t factor = law_.time[which_time(measure)].factor(tick);
      const SignedWide exact = SignedWide{amount} * factor;
      sums_[i] += static_cast<std::int64_t>(
          (exact + (std::int64_t{1} << (bits - 1))) >> bits);
    }
  }

  const AccrualLaw& law_;
  std::vector<std::int64_t> sums_;  // in 2^-(rate_bits + 16)
};

}  // namespace

void account(const AccrualLaw& law, const PathwayLaw& pathway,
             const Life& observed, bool remitted_if_all_continue,
             std::int64_t* values) {
  const Story story(observed);
  const Times times(observed.stretches, law.lasting_remission);
  for (std::size_t m = 0; m < law.measures.size(); ++m)
    values[m] = counted(law.measures[m].what, story, times, observed,
                        remitted_if_all_continue);
  Accruals(law, pathway, observed).write(values);
}

}  // namespace stardsim

#include "sim/core/accruals.hpp"

#include "models/planted.hpp"
#include "sim/core/engine.hpp"

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <utility>

namespace stardsim {
namespace {

constexpr std::array<Phase, 4> phases_met = {
    Phase::acute, Phase::follow_up, Phase::untreated, Phase::out_of_care};

template <class Function>
void for_each_arm(const Law& law, const Function& look_at) {
  for (const PathwayLaw& pathway : law.pathways)
    for (const StepLaw& step : pathway)
      for (const ArmLaw& arm : step.arms) look_at(step, arm);
}

bool is_sure(const ArmLaw& arm) {
  return !arm.adherence.differs() && arm.adherence.cut == certain &&
         arm.dose_adequacy == certain;
}

bool can_accrue(const Law& law, const std::vector<PathwayFacts>& facts) {
  if (!law.accrual || !law.accrual->is_simple || needs_plain_course(law) ||
      law.prior_failed_trials != nothing)
    return false;
  for (std::size_t p = 0; p < law.pathways.size(); ++p)
    if (!facts[p].in_vectors || law.pathways[p].size() > tallied::most)
      return false;
  for (const AccruingMeasure& measure : law.accrual->accruing)
    if (!measure.at_start.empty()) return false;
  for (const ResistanceLaw::Rule& rule : law.resistance.any_of)
    for (const Phase phase : phases_met)
      if (!(rule.phases >> static_cast<unsigned>(phase) & 1)) return false;
  bool sure = true;
  for_each_arm(law, [&](const StepLaw&, const ArmLaw& arm) {
    sure = sure && is_sure(arm);
  });
  return sure;
}

bool is_in_whole_weeks(const Law& law) {
  const auto whole = [](const TimeLaw& time) {
    return std::all_of(time.tick.begin(), time.tick.end(),
                       [](Ticks tick) { return tick % ticks_per_week == 0; });
  };
  bool steps = true;
  for_each_arm(law, [&](const StepLaw& step, const ArmLaw& arm) {
    steps = steps && step.length % ticks_per_week == 0 &&
            whole(law.times[arm.remission_time]);
  });
  return steps &&
         std::all_of(law.survivals.begin(), law.survivals.end(), whole);
}

class Maker {
 public:
  explicit Maker(const Law& law)
      : law_(law), in_whole_weeks_(is_in_whole_weeks(law)) {
    for_each_arm(law, [&](const StepLaw&, const ArmLaw& arm) {
      origins_ = std::max(origins_, arm.origin + 1);
    });
  }

  AccrualPlan make() {
    const AccrualLaw& accrual = *law_.accrual;
    const std::size_t ticks = scale_number({TimeScale::Form::ticks, {}});
    const std::vector<std::int64_t> none(origins_, 0), all(origins_, 1);
    made_.on_treatment = accumulator_number({ticks, all, all});
    made_.in_remission = accumulator_number({ticks, none, all});
    made_.lasting_remission = accrual.lasting_remission;
    for (const AccruingMeasure& measure : accrual.accruing) add(measure);
    for (Accumulator& one : made_.accumulators) {
      made_.leavers_differ = made_.leavers_differ || one.out_of_care != 0;
      one.row = one.is_narrow ? made_.narrow_rows++ : made_.wide_rows++;
    }
    made_.is_adequate.resize(origins_);
    for_each_arm(law_, [&](const StepLaw& step, const ArmLaw& arm) {
      made_.is_adequate.at(arm.origin) = step.length >= arm.adequate_ticks;
    });
    return std::move(made_);
  }

 private:
  // A scale, and by how much its unit is more than that of DiscountedTime.
  struct Scaled {
    TimeScale scale;
    int shift;
  };
  Scaled scale_of(const AccruingMeasure& measure) const {
    using Form = TimeScale::Form;
    const AccrualLaw& accrual = *law_.accrual;
    const DiscountedTime& time = accrual.time[!measure.discounted ? 2
                                              : measure.is_effect ? 1
                                                                  : 0];
    const std::vector<std::uint32_t>& table = time.by_week();
    bool is_even = true;
    for (std::size_t w = 0; w < table.size(); ++w)
      is_even = is_even && table[w] == w << DiscountedTime::fraction_bits;
    // Weekly, a moment counts as the end of its week.
    const bool weekly = time(1) == table[1];
    constexpr int fine = DiscountedTime::fraction_bits - log2_ticks_per_week;
    if (is_even && (in_whole_weeks_ || !weekly))
      return {{Form::ticks, {}}, fine};
    if (is_even)
      return {{Form::whole_weeks, {}}, DiscountedTime::fraction_bits};
    return {{in_whole_weeks_ || weekly ? Form::by_week : Form::between_weeks,
             table},
            0};
  }

  std::size_t scale_number(TimeScale scale) {
    return number_of(std::move(scale), made_.scales);
  }
  std::size_t accumulator_number(Accumulator one) {
    return number_of(std::move(one), made_.accumulators);
  }
  template <class Thing>
  static std::size_t number_of(Thing thing, std::vector<Thing>& things) {
    const auto found = std::find(things.begin(), things.end(), thing);
    const auto number = static_cast<std::size_t>(found - things.begin());
    if (found == things.end()) things.push_back(std::move(thing));
    return number;
  }

  static std::int64_t rate_in(const AccruingMeasure& measure, Health health,
                              Phase phase, std::size_t origin) {
    const std::size_t cell = accrual_cell(health, phase, false);
    return measure.rate[cell] + (origin == nothing || measure.by_arm.empty()
                                     ? 0
                                     : measure.by_arm[origin][cell]);
  }

  void add(const AccruingMeasure& measure) {
    const Scaled scaled = scale_of(measure);
    const std::int64_t usual =
        rate_in(measure, Health::no_response, Phase::untreated, nothing);
    Accumulator one{scale_number(scaled.scale),
                    std::vector<std::int64_t>(origins_, 0),
                    std::vector<std::int64_t>(origins_, 0)};
    one.out_of_care =
        rate_in(measure, Health::no_response, Phase::out_of_care, nothing) -
        usual;
    std::int64_t divisor = one.out_of_care, most = std::abs(one.out_of_care);
    for_each_arm(law_, [&](const StepLaw&, const ArmLaw& arm) {
      const std::size_t o = arm.origin;
      const std::int64_t acute = one.acute.at(o) =
          rate_in(measure, Health::no_response, Phase::acute, o) - usual;
      const std::int64_t remitted = one.remitted.at(o) =
          rate_in(measure,
                  UNLESS_PLANTED(previous_state, Health::remission,
                                 Health::no_response),
                  Phase::follow_up, o) -
          usual;
      for (const std::int64_t rate : {acute, remitted}) {
        divisor = std::gcd(divisor, rate);
        most = std::max(most, std::abs(rate));
      }
    });
    const TimeScale& scale = made_.scales[one.scale];
    const std::int64_t end = scale.at(law_.horizon_ticks);
    const std::int64_t constant =
        usual * (end << scaled.shift) +
        (std::int64_t{1} << (measure.result_bits - 1));
    if (divisor == 0) {
      made_.totals.push_back(
          {measure.measure, nothing, constant, 0, measure.result_bits});
      return;
    }
    for (auto* rates : {&one.acute, &one.remitted})
      for (std::int64_t& rate : *rates) rate /= divisor;
    one.out_of_care /= divisor;
    one.is_narrow = most / divisor < (std::int64_t{1} << 31) / (end + 1);
    made_.totals.push_back({measure.measure, accumulator_number(one), constant,
                            divisor << scaled.shift, measure.result_bits});
  }

  const Law& law_;
  const bool in_whole_weeks_;
  std::size_t origins_ = 0;
  AccrualPlan made_{};
};

}  // namespace

std::uint32_t TimeScale::at(Ticks tick) const {
  const std::uint32_t week = tick >> log2_ticks_per_week,
                      within = tick % ticks_per_week;
  switch (form) {
    case Form::ticks:
      return tick;
    case Form::whole_weeks:
      return week_of(tick);
    case Form::by_week:
      return table[week_of(tick)];
    case Form::between_weeks:
      return table[week] +
             (((table[week + 1] - table[week]) * within + ticks_per_week / 2) >>
              log2_ticks_per_week);
  }
  return 0;
}

std::optional<AccrualPlan> accruals_of(const Law& law,
                                       const std::vector<PathwayFacts>& facts) {
  if (!can_accrue(law, facts)) return {};
  return Maker(law).make();
}

Accounts::Accounts(const Law& law, const AccrualPlan& accruals,
                   std::size_t pathways)
    : wide(accruals.wide_rows),
      narrow(accruals.narrow_rows),
      now(accruals.scales.size()),
      outcome(pathways * law.accrual->measures.size()),
      rows(outcome.size()) {
  for (std::size_t p = 0; p < pathways; ++p)
    for (const Total& total : accruals.totals) {
      if (total.accumulator != nothing) continue;
      const std::size_t row = p * law.accrual->measures.size() + total.measure;
      outcome[row].number.fill(total.constant >> total.bits);
      rows[row] = outcome[row].number.data();
    }
}

}  // namespace stardsim

#include "models/accrual.hpp"

#include "models/age.hpp"
#include "models/compiled_tables.hpp"
#include "models/planted.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <utility>

namespace stardsim {
namespace {

__extension__ typedef __int128 SignedWide;

constexpr int share_bits = 24, earnings_bits = 20;

std::uint64_t scaled(long double value, int bits) {
  return static_cast<std::uint64_t>(std::llround(std::ldexp(value, bits)));
}

}  // namespace

// ---- discounted time ----

// Logarithms and powers are in extended precision and rounded to far fewer
// digits, so that their last ones do not matter.
DiscountedTime::DiscountedTime(DiscountForm form, double yearly_rate,
                               double weeks_per_year, bool weekly,
                               Ticks horizon)
    : weekly_(weekly) {
  const std::size_t weeks = week_of(horizon) + 1;
  const bool discounts = form != DiscountForm::none && yearly_rate > 0;
  const long double hazard =
      discounts
          ? UNLESS_PLANTED(rate_as_hazard,
                           std::log1p(static_cast<long double>(yearly_rate)),
                           static_cast<long double>(yearly_rate)) /
                weeks_per_year
          : 0.0L;  // per week
  if (discounts && form == DiscountForm::by_year) {
    set_by_year(yearly_rate,
                static_cast<long double>(weeks_per_year) * ticks_per_week,
                weeks);
    if (weekly)
      for (Week& week : weeks_) {
        week.kink = ticks_per_week;
        week.later_factor = week.factor;
      }
  } else {
    for (std::size_t w = 0; w <= weeks; ++w) {
      const std::uint64_t factor =
          scaled(std::exp(-hazard * static_cast<long double>(w)), factor_bits);
      weeks_.push_back({0, factor, factor});
    }
    if (discounts && !weekly)
      for (Ticks tick = 0; tick < ticks_per_week; ++tick)
        within_.push_back(static_cast<std::uint32_t>(
            scaled(std::exp(-hazard * tick / ticks_per_week), factor_bits)));
  }
  const bool straight =
      weekly || std::all_of(weeks_.begin(), weeks_.end(), [](const Week& week) {
        return week.kink == ticks_per_week;
      });
  if (!straight) return;
  constexpr int bits = factor_bits - fraction_bits;
  std::uint64_t sum = 0;  // 2^-30 weeks
  for (std::size_t w = 0; w <= weeks; ++w) {
    std::uint64_t at = sum;
    if (discounts && form == DiscountForm::continuous && !weekly)
      at = scaled(-std::expm1(-hazard * static_cast<long double>(w)) / hazard,
                  factor_bits);
    by_week_.push_back(
        static_cast<std::uint32_t>((at + (1u << (bits - 1))) >> bits));
    sum += weeks_[w].factor;
  }
}

void DiscountedTime::set_by_year(long double yearly_rate,
                                 long double ticks_per_year,
                                 std::size_t weeks) {
  const auto start_of = [&](std::uint32_t year) {
    return static_cast<std::uint64_t>(std::llround(year * ticks_per_year));
  };
  const auto factor_of = [&](std::uint32_t year) {
    return scaled(
        std::exp(-UNLESS_PLANTED(rate_as_hazard, std::log1p(yearly_rate),
                                 yearly_rate) *
                 year),
        factor_bits);
  };
  std::uint32_t year = 0;
  std::uint64_t at = 0;
  for (std::size_t w = 0; w <= weeks; ++w) {
    const std::uint64_t start = std::uint64_t{w} * ticks_per_week;
    if (start_of(year + 1) <= start) ++year;
    Week week{at, factor_of(year), factor_of(year)};
    const std::uint64_t next = start_of(year + 1);
    if (next < start + ticks_per_week) {
      week.kink = static_cast<std::uint32_t>(next - start);
      week.later_factor = factor_of(year + 1);
    }
    at += week.factor * week.kink +
          week.later_factor * (ticks_per_week - week.kink);
    weeks_.push_back(week);
  }
}

std::vector<std::uint64_t> DiscountedTime::words() const {
  std::vector<std::uint64_t> words{weekly_};
  for (const Week& week : weeks_)
    words.insert(words.end(),
                 {week.at, week.factor, week.later_factor, week.kink});
  words.insert(words.end(), by_week_.begin(), by_week_.end());
  words.insert(words.end(), within_.begin(), within_.end());
  return words;
}

// ---- rates ----

std::int64_t AccruingMeasure::scaled_earnings(std::int64_t share,
                                              std::int64_t earnings) const {
  const int shift = share_bits + earnings_bits - rate_bits;
  return static_cast<std::int64_t>(
      (SignedWide{share} * earnings + (std::int64_t{1} << (shift - 1))) >>
      shift);
}

namespace {

using What = Measure::What;
constexpr std::size_t cells = 2 * health_count * phase_count;

using Rates = std::array<long double, cells>;

// What one cost kind, or the effects, are made of: per week, shares, amounts.
struct Ledger {
  Rates rate{}, share{};
  std::vector<Rates> by_arm, share_by_arm;
  std::vector<long double> at_start, at_event, at_adverse_event;

  Ledger(std::size_t arms, std::size_t adverse_events)
      : by_arm(arms),
        share_by_arm(arms),
        at_start(arms),
        at_event(4),
        at_adverse_event(adverse_events) {}
};

template <class T>
bool holds(const std::vector<T>& any_of, T value) {
  return any_of.empty() ||
         std::find(any_of.begin(), any_of.end(), value) != any_of.end();
}

void add(Rates& rates, const When& when, long double amount) {
  for (std::size_t h = 0; h < health_count; ++h)
    for (std::size_t p = 0; p < phase_count; ++p)
      for (const bool resistant : {false, true}) {
        const auto health = static_cast<Health>(h);
        const auto phase = static_cast<Phase>(p);
        if (holds(when.health, health) && holds(when.phase, phase) &&
            when.resistant.value_or(resistant) == resistant)
          rates[accrual_cell(health, phase, resistant)] += amount;
      }
}

long double highest(const Rates& rates) {
  long double most = 0;
  for (const long double rate : rates) most = std::max(most, std::abs(rate));
  return most;
}

long double highest(const std::vector<Rates>& by_arm) {
  long double most = 0;
  for (const Rates& rates : by_arm) most = std::max(most, highest(rates));
  return most;
}

std::int64_t rounded(long double value, int bits) {
  return std::llround(std::ldexp(value, bits));
}

RateTable rounded(const Rates& rates, int bits) {
  RateTable table{};
  for (std::size_t c = 0; c < cells; ++c) table[c] = rounded(rates[c], bits);
  return table;
}

bool is_nothing(std::int64_t number) { return number == 0; }
bool is_nothing(const RateTable& table) {
  return std::all_of(table.begin(), table.end(),
                     [](std::int64_t rate) { return rate == 0; });
}

template <class Range>
void clear_if_nothing(Range& range) {
  if (std::all_of(range.begin(), range.end(),
                  [](const auto& one) { return is_nothing(one); }))
    range.clear();
}

class Compiler {
 public:
  Compiler(const Scenario& scenario, CompiledTables& tables)
      : scenario_(scenario),
        tables_(tables),
        economics_(*scenario.economics),
        weeks_per_year_(scenario.time.weeks_per_year) {
    for (const Step& step : scenario.steps)
      for (const Arm& arm : step.arms) arms_.push_back(&arm);
  }

  AccrualLaw law() {
    law_.measures = measures_of(scenario_);
    law_.decision = decision_measures(scenario_, law_.measures);
    law_.lasting_remission = to_ticks(scenario_.time.lasting_remission_weeks);
    law_.ticks_per_year =
        scenario_.time.weeks_per_year * static_cast<double>(ticks_per_week);
    set_time();
    if (economics_.earnings && pays_by_earnings()) set_earnings();
    add_effects();
    add_costs();
    law_.is_simple = is_simple();
    return std::move(law_);
  }

 private:
  void set_time() {
    const Discount& discount = economics_.discount;
    const auto add = [&](DiscountForm form, double rate) {
      law_.time.push_back(tables_.discounted_time(
          form, rate, scenario_.time.weeks_per_year, economics_.weekly,
          scenario_.horizon * ticks_per_week));
    };
    add(discount.form, discount.costs.value);
    add(discount.form, discount.effects.value);
    add(DiscountForm::none, 0);
  }

  // ---- earnings ----

  bool pays_by_earnings() const {
    bool any = false;
    for_each_cost([&](const Cost& cost) { any = any || cost.of_earnings; });
    return any;
  }

  template <class Function>
  void for_each_cost(const Function& look_at) const {
    for (const CostKind& kind : economics_.kinds)
      for (const Cost& cost : kind.rates) look_at(cost);
    for (const Arm* arm : arms_)
      for (const Cost& cost : arm->economics.costs) look_at(cost);
  }

  void set_earnings() {
    const Earnings& earnings = *economics_.earnings;
    const auto& mortality = scenario_.mortality;
    if (!earnings.age_covariate && !mortality)
      throw std::invalid_argument("earnings need a covariate of age");
    law_.age =
        earnings.age_covariate ? *earnings.age_covariate : mortality->age;
    std::optional<std::size_t> female = earnings.female_covariate;
    if (!female && mortality) female = mortality->female;
    if (female) law_.female = *female;
    const double share = mortality && mortality->female_share
                             ? mortality->female_share->value
                             : 0.5;
    for (std::size_t age = 0; age < ages; ++age) {
      long double men = 0, women = 0;
      for (std::size_t i = 0; i < earnings.from_age.size(); ++i) {
        if (static_cast<double>(age) < earnings.from_age[i]) break;
        men = earnings.male[i].value / weeks_per_year_;
        women = earnings.female[i].value / weeks_per_year_;
      }
      if (!female) men = women = share * women + (1 - share) * men;
      law_.earnings[0].push_back(rounded(men, earnings_bits));
      law_.earnings[1].push_back(rounded(women, earnings_bits));
      highest_earnings_ =
          std::max({highest_earnings_, std::abs(men), std::abs(women)});
    }
  }

  // ---- effects ----

  void add_effects() {
    Ledger years(arms_.size(), 0);
    years.rate.fill(1 / weeks_per_year_);
    Ledger qalys(arms_.size(), economics_.adverse_events.size());
    if (economics_.utilities) {
      const Utilities& utilities = *economics_.utilities;
      for (const bool resistant : {false, true})
        for (std::size_t h = 0; h < health_count; ++h) {
          const auto& by_health = resistant && utilities.resistant
                                      ? *utilities.resistant
                                      : utilities.by_health;
          add(qalys.rate, {{static_cast<Health>(h)}, {}, resistant},
              by_health[h].value / weeks_per_year_);
        }
      for (std::size_t a = 0; a < arms_.size(); ++a) {
        const TreatmentEconomics& own = arms_[a]->economics;
        if (own.utility_decrement)
          add(qalys.by_arm[a], own.decrement_when,
              -own.utility_decrement->value / weeks_per_year_);
      }
      for (std::size_t e = 0; e < economics_.adverse_events.size(); ++e)
        qalys.at_adverse_event[e] = -static_cast<long double>(
            economics_.adverse_events[e].qaly_loss.value);
    }
    // The same unit for both, so that full health is a life-year exactly.
    const int bits = std::min(bits_for({&years}), bits_for({&qalys}));
    add(What::life_years, 0, compiled(years, bits));
    if (economics_.utilities) add(What::qalys, 0, compiled(qalys, bits));
  }

  // ---- costs ----

  void add_costs() {
    std::vector<Ledger> kinds;
    for (std::size_t k = 0; k < economics_.kinds.size(); ++k)
      kinds.push_back(ledger_of(k));
    for (std::size_t k = 0; k < kinds.size(); ++k)
      add(What::cost, k, compiled(kinds[k], bits_for({&kinds[k]})));
    for (const bool discounted : {false, true})
      for (std::size_t p = 0; p < economics_.perspectives.size(); ++p)
        add_total(p, discounted);
  }

  void add_total(std::size_t perspective, bool discounted) {
    const auto& measures = law_.measures;
    CostTotal total;
    total.measure =
        find_measure(measures, What::perspective_cost, perspective, discounted);
    if (total.measure == no_measure) return;
    for (const std::size_t k : economics_.perspectives[perspective].kinds)
      total.kinds.push_back(find_measure(measures, What::cost, k, discounted));
    law_.totals.push_back(std::move(total));
  }

  std::size_t n_adverse() const { return economics_.adverse_events.size(); }

  Ledger ledger_of(std::size_t k) const {
    Ledger ledger(arms_.size(), n_adverse());
    for (const Cost& cost : economics_.kinds[k].rates)
      add(cost.of_earnings ? ledger.share : ledger.rate, cost.when,
          per_week(cost, nullptr));
    for (const EventCost& cost : economics_.kinds[k].events)
      ledger.at_event[static_cast<std::size_t>(cost.event)] +=
          cost.amount.value;
    for (std::size_t a = 0; a < arms_.size(); ++a)
      for (const Cost& cost : arms_[a]->economics.costs) {
        if (cost.kind != k) continue;
        if (cost.per == Per::start) {
          ledger.at_start[a] += cost.amount.value;
          continue;
        }
        When when = cost.when;
        if (cost.per == Per::session && when.phase.empty())
          when.phase = {Phase::acute};
        add(cost.of_earnings ? ledger.share_by_arm[a] : ledger.by_arm[a], when,
            per_week(cost, arms_[a]));
      }
    for (std::size_t e = 0; e < n_adverse(); ++e)
      for (const Cost& cost : economics_.adverse_events[e].costs)
        if (cost.kind == k) ledger.at_adverse_event[e] += cost.amount.value;
    return ledger;
  }

  long double per_week(const Cost& cost, const Arm* arm) const {
    const long double amount = cost.amount.value;
    if (cost.of_earnings) return amount;  // a share has no time
    if (cost.per == Per::year) return amount / weeks_per_year_;
    if (cost.per == Per::session)
      return arm && arm->sessions_per_week
                 ? amount * arm->sessions_per_week->value
                 : 0;
    return amount;
  }

  // ---- whole numbers ----

  // The finest unit in which the sum of these stays within its bounds.
  int bits_for(const std::vector<const Ledger*>& ledgers) const {
    long double rate = 0, at_once = 0;
    for (const Ledger* ledger : ledgers) {
      rate += highest(ledger->rate) + highest(ledger->by_arm) +
              highest_earnings_ *
                  (highest(ledger->share) + highest(ledger->share_by_arm));
      long double start = 0;
      for (const long double amount : ledger->at_start)
        start = std::max(start, std::abs(amount));
      at_once += start;
      for (const auto* amounts : {&ledger->at_event, &ledger->at_adverse_event})
        for (const long double amount : *amounts) at_once += std::abs(amount);
    }
    // Of rates a little less than 2^31, for their rounding.
    for (int bits = 40; bits >= 0; --bits)
      if (std::ldexp(rate, bits) < 0x1.FFFp30L &&
          std::ldexp(at_once, bits + DiscountedTime::fraction_bits) <= 0x1p53L)
        return bits;
    throw std::invalid_argument("an amount is too large to be counted");
  }

  AccruingMeasure compiled(const Ledger& ledger, int bits) const {
    AccruingMeasure measure{};
    measure.rate_bits = bits;
    measure.rate = rounded(ledger.rate, bits);
    for (const Rates& rates : ledger.by_arm)
      measure.by_arm.push_back(rounded(rates, bits));
    for (const long double share : ledger.share)
      measure.earnings_share.push_back(rounded(share, share_bits));
    for (const Rates& shares : ledger.share_by_arm)
      measure.earnings_share_by_arm.push_back(rounded(shares, share_bits));
    const int fine = bits + DiscountedTime::fraction_bits;
    for (const long double amount : ledger.at_start)
      measure.at_start.push_back(rounded(amount, fine));
    for (const long double amount : ledger.at_event)
      measure.at_event.push_back(rounded(amount, fine));
    for (const long double amount : ledger.at_adverse_event)
      measure.at_adverse_event.push_back(rounded(amount, fine));
    return measure;
  }

  // Undiscounted, and discounted if that is measured.
  void add(What what, std::size_t index, AccruingMeasure measure) {
    measure.is_effect = what == What::life_years || what == What::qalys;
    clear_if_nothing(measure.by_arm);
    clear_if_nothing(measure.earnings_share);
    clear_if_nothing(measure.earnings_share_by_arm);
    clear_if_nothing(measure.at_start);
    clear_if_nothing(measure.at_event);
    clear_if_nothing(measure.at_adverse_event);
    for (const bool discounted : {false, true}) {
      measure.measure = find_measure(law_.measures, what, index, discounted);
      if (measure.measure == no_measure) continue;
      measure.discounted = discounted;
      const double quantum = law_.measures[measure.measure].quantum;
      measure.result_bits = measure.rate_bits + DiscountedTime::fraction_bits +
                            std::ilogb(quantum);
      law_.accruing.push_back(measure);
    }
  }

  // ---- how much must be known of a patient ----

  bool is_simple() const {
    for (const AccruingMeasure& measure : law_.accruing)
      if (!measure.at_event.empty() || !measure.earnings_share.empty() ||
          !measure.earnings_share_by_arm.empty())
        return false;
    for (const DiscountedTime& time : law_.time)
      if (time.by_week().empty()) return false;
    for (const Arm* arm : arms_) {
      if (arm->partial_response || arm->extension ||
          arm->economics.decrement_when.resistant)
        return false;
      for (const auto& adverse_event : arm->economics.adverse_events)
        if (adverse_event) return false;
    }
    if (economics_.utilities && economics_.utilities->resistant) return false;
    bool resistance = false;
    for_each_cost([&](const Cost& cost) {
      resistance = resistance || cost.when.resistant;
    });
    return !resistance;
  }

  // The overloads of the file, beside those of the class.
  static void add(Rates& rates, const When& when, long double amount) {
    stardsim::add(rates, when, amount);
  }

  const Scenario& scenario_;
  CompiledTables& tables_;
  const Economics& economics_;
  const long double weeks_per_year_;
  std::vector<const Arm*> arms_;  // in the order of ArmLaw::origin
  long double highest_earnings_ = 0;
  AccrualLaw law_;
};

}  // namespace

AccrualLaw compile_accrual(const Scenario& scenario) {
  CompiledTables tables;
  return compile_accrual(scenario, tables);
}

AccrualLaw compile_accrual(const Scenario& scenario, CompiledTables& tables) {
  return Compiler(scenario, tables).law();
}

std::vector<std::uint64_t> words_of(const AccrualLaw& law) {
  std::vector<std::uint64_t> words;
  const auto add = [&](const auto& numbers) {
    words.push_back(numbers.size());
    for (const auto number : numbers)
      words.push_back(static_cast<std::uint64_t>(number));
  };
  for (const AccruingMeasure& measure : law.accruing) {
    add(std::array<std::size_t, 5>{
        measure.measure, measure.is_effect, measure.discounted,
        static_cast<std::size_t>(measure.rate_bits),
        static_cast<std::size_t>(measure.result_bits)});
    add(measure.rate);
    for (const auto* tables : {&measure.by_arm, &measure.earnings_share_by_arm})
      for (const RateTable& table : *tables) add(table);
    for (const auto* amounts : {&measure.earnings_share, &measure.at_start,
                                &measure.at_event, &measure.at_adverse_event})
      add(*amounts);
  }
  for (const CostTotal& total : law.totals) {
    add(std::array<std::size_t, 1>{total.measure});
    add(total.kinds);
  }
  for (const DiscountedTime& time : law.time) add(time.words());
  for (const auto& earnings : law.earnings) add(earnings);
  add(std::array<std::uint64_t, 4>{
      law.lasting_remission, law.age, law.female,
      std::bit_cast<std::uint64_t>(law.ticks_per_year)});
  return words;
}

}  // namespace stardsim

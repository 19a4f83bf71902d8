// What a scenario values and counts: costs, utilities, discounting, mortality
// and what is measured of a patient, as it states them.
#pragma once

#include "models/evidence.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace stardsim {

/// How a patient is.
enum class Health { no_response, partial_response, remission };
inline constexpr std::size_t health_count = 3;

/// What becomes of him. On treatment in the first three.
enum class Phase {
  acute,      ///< in a step
  extension,  ///< of a step, for partial responders
  follow_up,  ///< in remission or not; and in remission until the step's end
  waiting,    ///< for a step to start
  gap,
  untreated,  ///< steps exhausted
  out_of_care
};
inline constexpr std::size_t phase_count = 7;

constexpr bool is_on_treatment(Phase phase) {
  return phase <= Phase::follow_up;
}

/// When something accrues: all that is given must hold.
struct When {
  std::vector<Health> health;  ///< one of them; empty: any
  std::vector<Phase> phase;    ///< likewise
  std::optional<bool> resistant;
  bool operator==(const When&) const = default;
};

/// What an amount is counted per.
enum class Per {
  week,
  year,     ///< of Economics::weeks_per_year
  session,  ///< of a procedure, in its acute phase, evenly spread
  start     ///< of an attempt, once
};

/// A cost that accrues, or is paid at the start of an attempt.
struct Cost {
  std::size_t kind;  ///< index in Economics::kinds
  When when;         ///< not for Per::start
  Evidence amount;   ///< in Economics::currency
  Per per = Per::year;
  /// The amount is a share of the patient's earnings (Earnings) instead.
  bool of_earnings = false;
};

/// What costs or decrements come with a treatment: those of the treatment, the
/// step and the arm, already merged.
struct TreatmentEconomics {
  std::vector<Cost> costs;
  std::optional<Evidence>
      utility_decrement;  ///< 0 to 1, while `decrement_when`
  When decrement_when{{}, {Phase::acute}, {}};
  /// P(death at a session), 0 to 1; needs sessions_per_week and Mortality,
  /// without which nobody dies.
  std::optional<Evidence> death_per_session;
  /// P at the start of an attempt, by Economics::adverse_events; 0 if absent.
  std::vector<std::optional<Evidence>> adverse_events;
};

/// Something that befalls a patient at one moment.
enum class CostlyEvent { relapse, remission, failure, death };

/// What one such event costs, of one kind of costs.
struct EventCost {
  std::size_t kind;
  CostlyEvent event;
  Evidence amount;
};

/// What a treatment may do beside its effect.
struct AdverseEvent {
  std::string name, label;
  Evidence qaly_loss{0, {}, {}, {}, {}};  ///< once, years of full health
  std::vector<Cost> costs;                ///< Per::start only
};

/// Utilities by health: 1 is full health, 0 death; at most 1.
struct Utilities {
  std::array<Evidence, health_count> by_health;
  /// Of the treatment-resistant; absent: as the others.
  std::optional<std::array<Evidence, health_count>> resistant;
};

/// Who counts as treatment-resistant from a moment on. Any of them holds.
struct Resistance {
  struct Rule {
    std::uint32_t line = 0;  ///< as many treatments have been started, or more
    std::vector<Phase> phase;                  ///< one of them; empty: any
    std::uint32_t adequate_failed_trials = 0;  ///< at least; needs the history
  };
  /// Two adequate trials have failed: the definition of the FDA and the EMA.
  std::vector<Rule> any_of{{0, {}, 2}};
};

/// Earnings per year by age at last birthday and sex.
struct Earnings {
  std::vector<double> from_age;  ///< ascending; before the first: none
  std::vector<Evidence> male, female;
  /// Covariates of age at entry and of sex, 0/1; absent: those of Mortality.
  std::optional<std::size_t> age_covariate, female_covariate;
};

/// How what comes later counts for less.
enum class DiscountForm {
  none,
  continuous,  ///< (1 + rate)^-years
  by_year      ///< (1 + rate)^-whole years since entry
};

/// Rates per year, of costs and of effects.
struct Discount {
  DiscountForm form = DiscountForm::continuous;
  Evidence costs{0.03, {}, {}, {}, {}}, effects{0.03, {}, {}, {}, {}};
};

/// Several kinds of costs counted together.
struct Perspective {
  std::string name, label;
  std::vector<std::size_t> kinds;
};

/// Costs of one kind: drugs, procedures, lost earnings, ...
struct CostKind {
  std::string name, label;
  std::vector<Cost> rates;  ///< those of no treatment
  std::vector<EventCost> events;
};

/// What health and care are worth, and cost.
struct Economics {
  std::string currency;      ///< "USD"
  std::uint32_t price_year;  ///< of all amounts
  bool weekly = false;  ///< what holds at the start of a week holds all week
  Discount discount;
  std::vector<CostKind> kinds;            ///< 0 to 16
  std::vector<Perspective> perspectives;  ///< at least one if there are kinds
  std::size_t perspective = 0;            ///< reported first
  std::vector<double> thresholds;  ///< currency per QALY, ascending, >= 0
  std::optional<Utilities> utilities;
  std::vector<AdverseEvent> adverse_events;  ///< at most 16
  std::optional<Earnings> earnings;
  std::string price_source;  ///< how amounts were converted
};

/// Probability of dying within a year by age at last birthday, from age 0 on;
/// the last one holds for all later ages.
struct LifeTable {
  std::vector<double> male, female;  ///< of one length
};

/// Hazard of death alpha * exp(beta * age) per year.
struct Gompertz {
  Evidence male_alpha, male_beta, female_alpha, female_beta;
};

/// Of what patients die, and how often.
struct Mortality {
  std::variant<LifeTable, Gompertz> background;
  std::size_t age;                       ///< covariate: years at entry
  std::optional<std::size_t> female;     ///< covariate 0/1; absent: by share
  std::optional<Evidence> female_share;  ///< where there is no such covariate
  /// Hazard ratios on the background; 1 where absent.
  std::array<std::optional<Evidence>, health_count> ratio_by_health;
  struct AgeBand {
    double from_age;
    Evidence ratio;
  };
  std::vector<AgeBand> resistant_ratio;  ///< ascending; before the first: 1
  /// Deaths per person-year by suicide, beside the background; by health, and
  /// of the resistant.
  std::array<std::optional<Evidence>, health_count> suicide;
  std::optional<std::array<Evidence, health_count>> suicide_resistant;
};

const char* name_of(Health);
const char* name_of(Phase);
const char* name_of(DiscountForm);
const char* name_of(CostlyEvent);

}  // namespace stardsim

// The one way through all numbers of a scenario, in the order in which a
// scenario is read. Included by inputs.cpp and parameters.cpp alone.
#pragma once

#include "models/scenario.hpp"

#include <array>
#include <optional>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

namespace stardsim {

/// What a distribution says of all its numbers; null where it has no say.
struct Cover {
  const std::string* source = nullptr;
  const std::string* note = nullptr;
  std::optional<double> by_week{};  ///< the probability is meant by that week
};

/// Goes through a Scenario, or a const one. `visitor.number(evidence, unit,
/// cover)` is called for every Evidence, and `visitor.list(key, form, unit,
/// cover)` for forms whose numbers are none. What several arms share comes more
/// than once; defaults come too, without a key.
template <class AnyScenario, class Visitor>
class NumberWalk {
  template <class Thing>
  using Ref =
      std::conditional_t<std::is_const_v<AnyScenario>, const Thing&, Thing&>;

 public:
  explicit NumberWalk(Visitor& visitor) : visitor_(visitor) {}

  void look_at(Ref<Scenario> scenario) {
    if (scenario.economics)
      money_ = scenario.economics->currency + " " +
               std::to_string(scenario.economics->price_year);
    each(scenario.cohort.covariates);
    for (auto& correlation : scenario.cohort.correlations)
      look_at(correlation.value);
    each(scenario.line_ratios);
    for (auto& treatment : scenario.treatments)
      maybe(treatment.adequate_weeks, weeks);
    for (auto& step : scenario.steps) {
      look_at(step.weeks, weeks);
      maybe(step.wait);
      each(step.arms);
    }
    maybe(scenario.untreated.remission);
    maybe(scenario.untreated.relapse);
    maybe(scenario.untreated.gap_return);
    maybe(scenario.economics);
    maybe(scenario.mortality);
  }

 private:
  inline static const std::string one = "1", weeks = "weeks",
                                  per_year = "1/year", per_week = "1/week",
                                  years = "years", log_odds = "log odds";

  // ---- numbers ----

  void look_at(Ref<Evidence> evidence, const std::string& unit = one,
               const Cover& cover = {}) {
    visitor_.number(evidence, unit, cover);
  }
  template <class Optional, class... More>
  void maybe(Optional& thing, const More&... more) {
    if (thing) look_at(*thing, more...);
  }
  template <class Things, class... More>
  void each(Things& things, const More&... more) {
    for (auto& thing : things) look_at(thing, more...);
  }
  template <class Things, class... More>
  void each_maybe(Things& things, const More&... more) {
    for (auto& thing : things) maybe(thing, more...);
  }

  // ---- distributions ----

  template <class Thing>
  static Cover cover_of(const Thing& thing) {
    return {&thing.source, &thing.note};
  }
  void look_at(Ref<TimeDistribution> time) {
    std::visit([&](auto& form) { parameters(form, time.key, cover_of(time)); },
               time.form);
  }
  void look_at(Ref<Survival> survival) {
    std::visit([&](auto& form) { parameters(form, cover_of(survival)); },
               survival.form);
  }
  void look_at(Ref<Covariate> covariate) {
    std::visit(
        [&](auto& form) { parameters(form, covariate, cover_of(covariate)); },
        covariate.form);
  }

  void parameters(Ref<AtEndOfStep>, const std::string&, const Cover&) {}
  void parameters(Ref<FixedTime> form, const std::string&, const Cover& cover) {
    look_at(form.week, weeks, cover);
  }
  void parameters(Ref<DiscreteTime> form, const std::string& key,
                  const Cover& cover) {
    visitor_.list(key, form, weeks, cover);
  }
  void parameters(Ref<GammaTime> form, const std::string&, const Cover& cover) {
    look_at(form.shape, one, cover);
    look_at(form.scale, weeks, cover);
  }
  void parameters(Ref<WeibullTime> form, const std::string&,
                  const Cover& cover) {
    look_at(form.shape, one, cover);
    look_at(form.scale, weeks, cover);
  }
  void parameters(Ref<LogNormalTime> form, const std::string&,
                  const Cover& cover) {
    look_at(form.median, weeks, cover);
    look_at(form.sigma, one, cover);
  }
  void parameters(Ref<ExponentialTime> form, const std::string&,
                  const Cover& cover) {
    look_at(form.mean, weeks, cover);
  }

  void parameters(Ref<ByProbability> form, Cover cover) {
    cover.by_week = form.by;
    look_at(form.probability, one, cover);
  }
  void parameters(Ref<WeibullSurvival> form, const Cover& cover) {
    look_at(form.shape, one, cover);
    look_at(form.scale, weeks, cover);
  }
  void parameters(Ref<Piecewise> form, Cover cover) {
    for (std::size_t i = 0; i < form.probabilities.size(); ++i) {
      cover.by_week = form.weeks[i];
      look_at(form.probabilities[i], one, cover);
    }
  }
  void parameters(Ref<After> form, const Cover& cover) {
    look_at(form.weeks, weeks, cover);
  }

  void parameters(Ref<NormalCovariate> form, const Covariate& covariate,
                  const Cover& cover) {
    look_at(form.mean, covariate.unit, cover);
    look_at(form.sd, covariate.unit, cover);
  }
  void parameters(Ref<LogNormalCovariate> form, const Covariate& covariate,
                  const Cover& cover) {
    look_at(form.median, covariate.unit, cover);
    look_at(form.sigma, one, cover);
  }
  void parameters(Ref<BetaCovariate> form, const Covariate&,
                  const Cover& cover) {
    look_at(form.a, one, cover);
    look_at(form.b, one, cover);
  }
  void parameters(Ref<BernoulliCovariate> form, const Covariate&,
                  const Cover& cover) {
    look_at(form.probability, one, cover);
  }
  void parameters(Ref<Propensity> form, const Covariate&, const Cover& cover) {
    look_at(form.spread, log_odds, cover);
  }
  void parameters(Ref<EmpiricalCovariate> form, const Covariate& covariate,
                  const Cover& cover) {
    visitor_.list(covariate.key, form, covariate.unit, cover);
  }
  void parameters(Ref<TableCovariate> form, const Covariate& covariate,
                  const Cover& cover) {
    visitor_.list(covariate.key, form, covariate.unit, cover);
  }
  void parameters(Ref<CategoricalCovariate> form, const Covariate&,
                  const Cover& cover) {
    each(form.shares, one, cover);
  }
  void parameters(Ref<BandsCovariate> form, const Covariate&,
                  const Cover& cover) {
    each(form.shares, one, cover);
  }

  // ---- steps ----

  void look_at(Ref<Effect> effect) { look_at(effect.ratio); }
  void look_at(Ref<FollowUp> follow_up) {
    maybe(follow_up.relapse);
    maybe(follow_up.drop_out);
    maybe(follow_up.early_weeks, weeks);
    maybe(follow_up.early_hazard_ratio);
    maybe(follow_up.stop);
    maybe(follow_up.stopped_hazard_ratio);
    look_at(follow_up.next_step);
    look_at(follow_up.same_step);
    look_at(follow_up.gap);
  }
  void look_at(Ref<Extension> extension) {
    look_at(extension.weeks, weeks);
    look_at(extension.remission);
    maybe(extension.relapse);
  }
  void look_at(Ref<Arm> arm) {
    look_at(arm.share);
    maybe(arm.access);
    maybe(arm.acceptance);
    look_at(arm.remission);
    maybe(arm.first_line_remission);
    maybe(arm.partial_response);
    maybe(arm.intolerance);
    maybe(arm.remission_ratio);
    maybe(arm.extension);
    look_at(arm.remission_time);
    look_at(arm.intolerance_time);
    look_at(arm.no_response_time);
    maybe(arm.sessions_per_week, per_week);
    maybe(arm.adherence);
    maybe(arm.non_adherence_odds_ratio);
    maybe(arm.dose_adequacy);
    maybe(arm.low_dose_odds_ratio);
    maybe(arm.continue_if_not_remitted);
    maybe(arm.continue_if_partial_response);
    maybe(arm.continue_if_intolerant);
    maybe(arm.follow_up_if_not_remitted);
    maybe(arm.gap_if_not_remitted);
    maybe(arm.follow_up_if_remitted);
    look_at(arm.follow_up_remitted);
    look_at(arm.follow_up_not_remitted);
    maybe(arm.gap_return_after_failure);
    maybe(arm.gap_return_after_relapse);
    look_at(arm.economics);
    each(arm.effects.remission);
    each(arm.effects.partial_response);
    each(arm.effects.intolerance);
    each(arm.effects.attrition);
    each(arm.effects.adherence);
    each(arm.effects.relapse);
  }

  // ---- economics and mortality ----

  void look_at(Ref<Cost> cost) {
    look_at(cost.amount,
            (cost.of_earnings ? "of earnings" : money_) + per(cost.per));
  }
  static const char* per(Per per) {
    switch (per) {
      case Per::week:
        return " per week";
      case Per::year:
        return " per year";
      case Per::session:
        return " per session";
      case Per::start:
        return " per attempt";
    }
    return "";
  }
  void look_at(Ref<EventCost> cost) { look_at(cost.amount, money_); }
  void look_at(Ref<TreatmentEconomics> economics) {
    each(economics.costs);
    maybe(economics.utility_decrement);
    maybe(economics.death_per_session);
    each_maybe(economics.adverse_events);
  }
  void look_at(Ref<CostKind> kind) {
    each(kind.rates);
    each(kind.events);
  }
  void look_at(Ref<Earnings> earnings) {
    const std::string unit = money_ + " per year";
    each(earnings.male, unit);
    each(earnings.female, unit);
  }
  void look_at(Ref<Utilities> utilities) {
    each(utilities.by_health);
    if (utilities.resistant) each(*utilities.resistant);
  }
  void look_at(Ref<AdverseEvent> event) {
    look_at(event.qaly_loss, years);
    each(event.costs);
  }
  void look_at(Ref<Economics> economics) {
    look_at(economics.discount.costs, per_year);
    look_at(economics.discount.effects, per_year);
    each(economics.kinds);
    maybe(economics.earnings);
    maybe(economics.utilities);
    each(economics.adverse_events);
  }
  // Where a life table comes from, its own file says.
  void look_at(Ref<Mortality> mortality) {
    if (auto* law = std::get_if<Gompertz>(&mortality.background))
      for (auto* number : {&law->male_alpha, &law->male_beta,
                           &law->female_alpha, &law->female_beta})
        look_at(*number, per_year);
    maybe(mortality.female_share);
    each_maybe(mortality.ratio_by_health);
    for (auto& band : mortality.resistant_ratio) look_at(band.ratio);
    each_maybe(mortality.suicide, per_year);
    if (mortality.suicide_resistant)
      each(*mortality.suicide_resistant, per_year);
  }

  Visitor& visitor_;
  std::string money_;  ///< "USD 2021"
};

template <class AnyScenario, class Visitor>
void each_number(AnyScenario& scenario, Visitor& visitor) {
  NumberWalk<AnyScenario, Visitor>(visitor).look_at(scenario);
}

}  // namespace stardsim

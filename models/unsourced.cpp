#include "models/unsourced.hpp"

#include <algorithm>
#include <array>

namespace stardsim {
namespace {

// Whether all parameters of a survival have a source of their own.
struct HasSources {
  bool operator()(const ByProbability& form) const {
    return !form.probability.source.empty();
  }
  bool operator()(const WeibullSurvival& form) const {
    return !form.shape.source.empty() && !form.scale.source.empty();
  }
  bool operator()(const Piecewise& form) const {
    return std::none_of(form.probabilities.begin(), form.probabilities.end(),
                        [](const Evidence& one) { return one.source.empty(); });
  }
  bool operator()(const After& form) const {
    return !form.weeks.source.empty();
  }
};

class Collector {
 public:
  void look_at(const std::string& key, const std::string& source) {
    if (key.empty() || !source.empty()) return;  // a default has no key
    if (std::find(keys.begin(), keys.end(), key) == keys.end())
      keys.push_back(key);
  }
  void look_at(const Evidence& evidence) {
    look_at(evidence.key, evidence.source);
  }
  void look_at(const std::optional<Evidence>& evidence) {
    if (evidence) look_at(*evidence);
  }
  void look_at(const TimeDistribution& time) { look_at(time.key, time.source); }
  // Its own source covers its parameters.
  void look_at(const Survival& survival) {
    if (!survival.source.empty()) return;
    if (!std::visit(HasSources{}, survival.form)) look_at(survival.key, "");
  }
  void look_at(const std::optional<Survival>& survival) {
    if (survival) look_at(*survival);
  }
  void look_at(const std::vector<Effect>& effects) {
    for (const Effect& effect : effects) look_at(effect.ratio);
  }
  void look_at(const FollowUp& follow_up) {
    look_at(follow_up.relapse);
    look_at(follow_up.drop_out);
    look_at(follow_up.early_weeks);
    look_at(follow_up.early_hazard_ratio);
    look_at(follow_up.stop);
    look_at(follow_up.stopped_hazard_ratio);
    look_at(follow_up.next_step);
    look_at(follow_up.same_step);
    look_at(follow_up.gap);
  }
  void look_at(const std::vector<Cost>& costs) {
    for (const Cost& cost : costs) look_at(cost.amount);
  }
  void look_at(const TreatmentEconomics& economics) {
    look_at(economics.costs);
    look_at(economics.utility_decrement);
    look_at(economics.death_per_session);
    for (const auto& probability : economics.adverse_events)
      look_at(probability);
  }
  template <std::size_t size>
  void look_at(const std::array<Evidence, size>& all) {
    for (const Evidence& one : all) look_at(one);
  }
  template <std::size_t size>
  void look_at(const std::array<std::optional<Evidence>, size>& all) {
    for (const auto& one : all) look_at(one);
  }
  void look_at(const Economics& economics) {
    look_at(economics.discount.costs);
    look_at(economics.discount.effects);
    for (const CostKind& kind : economics.kinds) {
      look_at(kind.rates);
      for (const EventCost& cost : kind.events) look_at(cost.amount);
    }
    if (economics.earnings) {
      for (const Evidence& one : economics.earnings->male) look_at(one);
      for (const Evidence& one : economics.earnings->female) look_at(one);
    }
    if (economics.utilities) {
      look_at(economics.utilities->by_health);
      if (economics.utilities->resistant)
        look_at(*economics.utilities->resistant);
    }
    for (const AdverseEvent& event : economics.adverse_events) {
      look_at(event.qaly_loss);
      look_at(event.costs);
    }
  }
  // Where a life table comes from, its own file says.
  void look_at(const Mortality& mortality) {
    if (const auto* law = std::get_if<Gompertz>(&mortality.background))
      for (const Evidence& one : {law->male_alpha, law->male_beta,
                                  law->female_alpha, law->female_beta})
        look_at(one);
    look_at(mortality.female_share);
    look_at(mortality.ratio_by_health);
    for (const Mortality::AgeBand& band : mortality.resistant_ratio)
      look_at(band.ratio);
    look_at(mortality.suicide);
    if (mortality.suicide_resistant) look_at(*mortality.suicide_resistant);
  }
  void look_at(const Arm& arm) {
    look_at(arm.share);
    look_at(arm.access);
    look_at(arm.acceptance);
    look_at(arm.remission);
    look_at(arm.first_line_remission);
    look_at(arm.partial_response);
    look_at(arm.intolerance);
    look_at(arm.remission_ratio);
    if (arm.extension) {
      look_at(arm.extension->weeks);
      look_at(arm.extension->remission);
      look_at(arm.extension->relapse);
    }
    look_at(arm.remission_time);
    look_at(arm.intolerance_time);
    look_at(arm.no_response_time);
    look_at(arm.sessions_per_week);
    look_at(arm.adherence);
    look_at(arm.non_adherence_odds_ratio);
    look_at(arm.dose_adequacy);
    look_at(arm.low_dose_odds_ratio);
    look_at(arm.continue_if_not_remitted);
    look_at(arm.continue_if_partial_response);
    look_at(arm.continue_if_intolerant);
    look_at(arm.follow_up_if_not_remitted);
    look_at(arm.gap_if_not_remitted);
    look_at(arm.follow_up_if_remitted);
    look_at(arm.follow_up_remitted);
    look_at(arm.follow_up_not_remitted);
    look_at(arm.gap_return_after_failure);
    look_at(arm.gap_return_after_relapse);
    look_at(arm.economics);
    look_at(arm.effects.remission);
    look_at(arm.effects.partial_response);
    look_at(arm.effects.intolerance);
    look_at(arm.effects.attrition);
    look_at(arm.effects.adherence);
    look_at(arm.effects.relapse);
  }
  // The source of a covariate covers its parameters; where these carry none of
  // their own (a table, a list of values), the covariate itself needs it.
  void look_at(const Covariate& covariate) {
    if (!covariate.source.empty()) return;
    std::visit([&](const auto& form) { look_at_form(covariate, form); },
               covariate.form);
  }

  std::vector<std::string> keys;

 private:
  void look_at_form(const Covariate&, const NormalCovariate& form) {
    look_at(form.mean);
    look_at(form.sd);
  }
  void look_at_form(const Covariate&, const LogNormalCovariate& form) {
    look_at(form.median);
    look_at(form.sigma);
  }
  void look_at_form(const Covariate&, const BetaCovariate& form) {
    look_at(form.a);
    look_at(form.b);
  }
  void look_at_form(const Covariate&, const BernoulliCovariate& form) {
    look_at(form.probability);
  }
  void look_at_form(const Covariate&, const CategoricalCovariate& form) {
    for (const Evidence& share : form.shares) look_at(share);
  }
  void look_at_form(const Covariate&, const BandsCovariate& form) {
    for (const Evidence& share : form.shares) look_at(share);
  }
  void look_at_form(const Covariate&, const Propensity& form) {
    look_at(form.spread);
  }
  template <class Form>
  void look_at_form(const Covariate& covariate, const Form&) {
    look_at(covariate.key, "");
  }
};

}  // namespace

std::vector<std::string> unsourced(const Scenario& scenario) {
  Collector collector;
  for (const Covariate& covariate : scenario.cohort.covariates)
    collector.look_at(covariate);
  for (const Correlation& correlation : scenario.cohort.correlations)
    collector.look_at(correlation.value);
  for (const Evidence& ratio : scenario.line_ratios) collector.look_at(ratio);
  for (const Treatment& treatment : scenario.treatments)
    collector.look_at(treatment.adequate_weeks);
  for (const Step& step : scenario.steps) {
    collector.look_at(step.weeks);
    collector.look_at(step.wait);
    for (const Arm& arm : step.arms) collector.look_at(arm);
  }
  collector.look_at(scenario.untreated.remission);
  collector.look_at(scenario.untreated.relapse);
  collector.look_at(scenario.untreated.gap_return);
  if (scenario.economics) collector.look_at(*scenario.economics);
  if (scenario.mortality) collector.look_at(*scenario.mortality);
  return collector.keys;
}

}  // namespace stardsim

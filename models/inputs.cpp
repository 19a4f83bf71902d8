#include "models/inputs.hpp"

#include <boost/math/distributions/beta.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <unordered_set>
#include <utility>
#include <variant>

namespace stardsim {
namespace {

constexpr double not_known = std::numeric_limits<double>::quiet_NaN();
constexpr double tail = 0.025;
constexpr double errors_of_95 = 1.96;  // on either side

/// As few digits as give the same number back; thousands in groups.
std::string as_written(double number) {
  if (std::isnan(number)) return "";
  constexpr double smallest = 1e-6, largest = 1e15;
  const double size = std::fabs(number);
  const bool plain = size == 0 || (size >= smallest && size < largest);
  std::array<char, 64> digits{};
  const auto written = std::to_chars(
      digits.data(), digits.data() + digits.size(), number,
      plain ? std::chars_format::fixed : std::chars_format::general);
  std::string text(digits.data(), written.ptr);
  if (!plain) return text;
  const std::size_t first = text[0] == '-' ? 1 : 0;
  for (std::size_t at = std::min(text.find('.'), text.size()); at > first + 3;
       at -= 3)
    text.insert(at - 3, ",");
  return text;
}

Bounds quantiles(double a, double b) {
  const double of = a + b;
  if (!(of > 0)) return {not_known, not_known};
  if (!(a > 0)) return {0, -std::expm1(std::log(tail) / of)};
  if (!(b > 0)) return {std::exp(std::log(tail) / of), 1};
  const boost::math::beta_distribution<double> law(a, b);
  return {boost::math::quantile(law, tail),
          boost::math::quantile(boost::math::complement(law, tail))};
}

struct BoundsOf {
  double value;
  Bounds operator()(const Exact&) const { return {not_known, not_known}; }
  Bounds operator()(const Count& count) const {
    return quantiles(count.events, count.of - count.events);
  }
  Bounds operator()(const Sample& sample) const {
    return quantiles(value * sample.of, (1 - value) * sample.of);
  }
  Bounds operator()(const Interval& interval) const {
    return {interval.low, interval.high};
  }
  Bounds operator()(const Spread& spread) const {
    return {value - errors_of_95 * spread.sd, value + errors_of_95 * spread.sd};
  }
  Bounds operator()(const Beta& beta) const {
    return quantiles(beta.a, beta.b);
  }
};

struct ErrorOf {
  double value;
  double binomial(double of) const {
    return std::sqrt(value * (1 - value) / of);
  }
  double operator()(const Exact&) const { return 0; }
  double operator()(const Count& count) const { return binomial(count.of); }
  double operator()(const Sample& sample) const { return binomial(sample.of); }
  double operator()(const Interval& interval) const {
    return (interval.high - interval.low) / (2 * errors_of_95);
  }
  double operator()(const Spread& spread) const { return spread.sd; }
  double operator()(const Beta& beta) const {
    return std::sqrt(value * (1 - value) / (beta.a + beta.b + 1));
  }
};

struct FormOf {
  const char* operator()(const Exact&) const { return "exact"; }
  const char* operator()(const Count&) const { return "count"; }
  const char* operator()(const Sample&) const { return "sample"; }
  const char* operator()(const Interval&) const { return "interval"; }
  const char* operator()(const Spread&) const { return "sd"; }
  const char* operator()(const Beta&) const { return "beta"; }
};

struct StatedAs {
  double value;
  std::string operator()(const Exact&) const { return ""; }
  std::string operator()(const Count& count) const {
    return as_written(count.events) + " of " + as_written(count.of);
  }
  std::string operator()(const Sample& sample) const {
    return as_written(value) + " of " + as_written(sample.of);
  }
  std::string operator()(const Interval& interval) const {
    return as_written(interval.low) + " to " + as_written(interval.high);
  }
  std::string operator()(const Spread& spread) const {
    return "sd " + as_written(spread.sd);
  }
  std::string operator()(const Beta& beta) const {
    return "beta " + as_written(beta.a) + ", " + as_written(beta.b);
  }
};

/// To four figures.
std::string in_short(double number) {
  constexpr int figures = 4;
  std::array<char, 32> digits{};
  const auto written =
      std::to_chars(digits.data(), digits.data() + digits.size(), number,
                    std::chars_format::general, figures);
  return {digits.data(), written.ptr};
}

/// "a, b, c", or so many from the first to the last.
std::string listed(const std::vector<double>& numbers) {
  constexpr std::size_t most = 12;
  if (numbers.size() > most)
    return std::to_string(numbers.size()) + " from " +
           in_short(numbers.front()) + " to " + in_short(numbers.back());
  std::string text;
  for (const double number : numbers)
    text += (text.empty() ? "" : ", ") + in_short(number);
  return text;
}

/// Looks through a scenario. A source or note that covers several numbers is
/// handed down to those without one of their own.
class Collector {
 public:
  explicit Collector(std::vector<Input>& inputs) : inputs_(inputs) {}

  void look_at(const Scenario& scenario) {
    if (scenario.economics)
      money_ = scenario.economics->currency + " " +
               std::to_string(scenario.economics->price_year);
    for (const Covariate& covariate : scenario.cohort.covariates)
      look_at(covariate);
    for (const Correlation& correlation : scenario.cohort.correlations)
      look_at(correlation.value);
    look_at(scenario.line_ratios);
    for (const Treatment& treatment : scenario.treatments)
      look_at(treatment.adequate_weeks, weeks);
    for (const Step& step : scenario.steps) {
      look_at(step.weeks, weeks);
      look_at(step.wait);
      for (const Arm& arm : step.arms) look_at(arm);
    }
    look_at(scenario.untreated.remission);
    look_at(scenario.untreated.relapse);
    look_at(scenario.untreated.gap_return);
    look_at(scenario.economics);
    look_at(scenario.mortality);
  }

 private:
  struct Cover {
    std::string source, note;
  };
  static constexpr const char* weeks = "weeks";
  static constexpr const char* per_year = "1/year";

  // ---- numbers ----

  void look_at(const Evidence& evidence, const std::string& unit = "1",
               const Cover& cover = {}) {
    add({evidence.key, evidence.value, bounds_of_95(evidence),
         form_of(evidence), stated(evidence), unit, evidence.source,
         evidence.note},
        cover);
  }
  void look_at(const std::optional<Evidence>& evidence,
               const std::string& unit = "1") {
    if (evidence) look_at(*evidence, unit);
  }
  // Numbers that have no certainty of their own.
  void look_at_list(const std::string& key, const std::string& what,
                    const std::string& unit, const Cover& cover) {
    add({key, not_known, {not_known, not_known}, "list", what, unit, "", ""},
        cover);
  }
  // A default has no key; what several arms share comes more than once.
  void add(Input input, const Cover& cover) {
    if (input.key.empty() || !seen_.insert(input.key).second) return;
    if (input.source.empty()) input.source = cover.source;
    if (input.note.empty()) input.note = cover.note;
    inputs_.push_back(std::move(input));
  }

  template <class Thing>
  void look_at(const std::optional<Thing>& thing) {
    if (thing) look_at(*thing);
  }
  template <class Thing>
  void look_at(const std::vector<Thing>& things) {
    for (const Thing& thing : things) look_at(thing);
  }
  template <class Thing, std::size_t size>
  void look_at(const std::array<Thing, size>& things,
               const std::string& unit = "1") {
    for (const Thing& thing : things) look_at(thing, unit);
  }

  // ---- distributions ----

  void look_at(const TimeDistribution& time) {
    const Cover cover{time.source, time.note};
    std::visit([&](const auto& form) { parameters(form, time.key, cover); },
               time.form);
  }
  void look_at(const Survival& survival) {
    const Cover cover{survival.source, survival.note};
    std::visit([&](const auto& form) { parameters(form, cover); },
               survival.form);
  }
  void look_at(const Covariate& covariate) {
    const Cover cover{covariate.source, covariate.note};
    std::visit([&](const auto& form) { parameters(form, covariate, cover); },
               covariate.form);
  }

  void parameters(const AtEndOfStep&, const std::string&, const Cover&) {}
  void parameters(const FixedTime& form, const std::string&,
                  const Cover& cover) {
    look_at(form.week, weeks, cover);
  }
  void parameters(const DiscreteTime& form, const std::string& key,
                  const Cover& cover) {
    look_at_list(key, listed(form.weeks) + ", weighted", weeks, cover);
  }
  // Gamma and Weibull.
  template <class Form>
  auto parameters(const Form& form, const std::string&, const Cover& cover)
      -> decltype(form.shape, form.scale, void()) {
    look_at(form.shape, "1", cover);
    look_at(form.scale, weeks, cover);
  }
  void parameters(const LogNormalTime& form, const std::string&,
                  const Cover& cover) {
    look_at(form.median, weeks, cover);
    look_at(form.sigma, "1", cover);
  }
  void parameters(const ExponentialTime& form, const std::string&,
                  const Cover& cover) {
    look_at(form.mean, weeks, cover);
  }

  void by_week(Evidence probability, double week, const Cover& cover) {
    const std::string& note =
        probability.note.empty() ? cover.note : probability.note;
    probability.note =
        "by week " + as_written(week) + (note.empty() ? "" : "; " + note);
    look_at(probability, "1", cover);
  }
  void parameters(const ByProbability& form, const Cover& cover) {
    by_week(form.probability, form.by, cover);
  }
  void parameters(const WeibullSurvival& form, const Cover& cover) {
    look_at(form.shape, "1", cover);
    look_at(form.scale, weeks, cover);
  }
  void parameters(const Piecewise& form, const Cover& cover) {
    for (std::size_t i = 0; i < form.probabilities.size(); ++i)
      by_week(form.probabilities[i], form.weeks[i], cover);
  }
  void parameters(const After& form, const Cover& cover) {
    look_at(form.weeks, weeks, cover);
  }

  void parameters(const NormalCovariate& form, const Covariate& covariate,
                  const Cover& cover) {
    look_at(form.mean, covariate.unit, cover);
    look_at(form.sd, covariate.unit, cover);
  }
  void parameters(const LogNormalCovariate& form, const Covariate& covariate,
                  const Cover& cover) {
    look_at(form.median, covariate.unit, cover);
    look_at(form.sigma, "1", cover);
  }
  void parameters(const BetaCovariate& form, const Covariate&,
                  const Cover& cover) {
    look_at(form.a, "1", cover);
    look_at(form.b, "1", cover);
  }
  void parameters(const BernoulliCovariate& form, const Covariate&,
                  const Cover& cover) {
    look_at(form.probability, "1", cover);
  }
  void parameters(const Propensity& form, const Covariate&,
                  const Cover& cover) {
    look_at(form.spread, "log odds", cover);
  }
  void parameters(const EmpiricalCovariate& form, const Covariate& covariate,
                  const Cover& cover) {
    look_at_list(covariate.key, listed(form.values) + ", weighted",
                 covariate.unit, cover);
  }
  void parameters(const TableCovariate& form, const Covariate& covariate,
                  const Cover& cover) {
    look_at_list(covariate.key,
                 "table of " +
                     as_written(static_cast<double>(form.column.size())) +
                     " rows",
                 covariate.unit, cover);
  }
  // Levels and bands.
  template <class Form>
  auto parameters(const Form& form, const Covariate&, const Cover& cover)
      -> decltype(form.shares, void()) {
    for (const Evidence& share : form.shares) look_at(share, "1", cover);
  }

  // ---- steps ----

  void look_at(const Effect& effect) { look_at(effect.ratio); }
  void look_at(const FollowUp& follow_up) {
    look_at(follow_up.relapse);
    look_at(follow_up.drop_out);
    look_at(follow_up.early_weeks, weeks);
    look_at(follow_up.early_hazard_ratio);
    look_at(follow_up.stop);
    look_at(follow_up.stopped_hazard_ratio);
    look_at(follow_up.next_step);
    look_at(follow_up.same_step);
    look_at(follow_up.gap);
  }
  void look_at(const Extension& extension) {
    look_at(extension.weeks, weeks);
    look_at(extension.remission);
    look_at(extension.relapse);
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
    look_at(arm.extension);
    look_at(arm.remission_time);
    look_at(arm.intolerance_time);
    look_at(arm.no_response_time);
    look_at(arm.sessions_per_week, "1/week");
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

  // ---- economics and mortality ----

  void look_at(const Cost& cost) {
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
  void look_at(const EventCost& cost) { look_at(cost.amount, money_); }
  void look_at(const TreatmentEconomics& economics) {
    look_at(economics.costs);
    look_at(economics.utility_decrement);
    look_at(economics.death_per_session);
    look_at(economics.adverse_events);
  }
  void look_at(const CostKind& kind) {
    look_at(kind.rates);
    look_at(kind.events);
  }
  void look_at(const Earnings& earnings) {
    for (const auto* sex : {&earnings.male, &earnings.female})
      for (const Evidence& one : *sex) look_at(one, money_ + " per year");
  }
  void look_at(const Utilities& utilities) {
    look_at(utilities.by_health);
    look_at(utilities.resistant);
  }
  void look_at(const AdverseEvent& event) {
    look_at(event.qaly_loss, "years");
    look_at(event.costs);
  }
  void look_at(const Economics& economics) {
    look_at(economics.discount.costs, per_year);
    look_at(economics.discount.effects, per_year);
    look_at(economics.kinds);
    look_at(economics.earnings);
    look_at(economics.utilities);
    look_at(economics.adverse_events);
  }
  void look_at(const Mortality::AgeBand& band) { look_at(band.ratio); }
  // Where a life table comes from, its own file says.
  void look_at(const Mortality& mortality) {
    if (const auto* law = std::get_if<Gompertz>(&mortality.background))
      for (const Evidence* one : {&law->male_alpha, &law->male_beta,
                                  &law->female_alpha, &law->female_beta})
        look_at(*one, per_year);
    look_at(mortality.female_share);
    look_at(mortality.ratio_by_health);
    look_at(mortality.resistant_ratio);
    look_at(mortality.suicide, per_year);
    if (mortality.suicide_resistant)
      look_at(*mortality.suicide_resistant, per_year);
  }

  std::vector<Input>& inputs_;
  std::string money_;  ///< "USD 2021"
  std::unordered_set<std::string> seen_;
};

}  // namespace

Bounds bounds_of_95(const Evidence& evidence) {
  return std::visit(BoundsOf{evidence.value}, evidence.certainty);
}

double standard_error(const Evidence& evidence) {
  const bool is_counted = std::holds_alternative<Count>(evidence.certainty) ||
                          std::holds_alternative<Sample>(evidence.certainty);
  if (is_counted && (evidence.value == 0 || evidence.value == 1)) {
    const Bounds bounds = bounds_of_95(evidence);
    return (bounds.high - bounds.low) / errors_of_95;
  }
  return std::visit(ErrorOf{evidence.value}, evidence.certainty);
}

const char* form_of(const Evidence& evidence) {
  return std::visit(FormOf{}, evidence.certainty);
}

std::string stated(const Evidence& evidence) {
  return std::visit(StatedAs{evidence.value}, evidence.certainty);
}

std::vector<Input> inputs_of(const Scenario& scenario) {
  std::vector<Input> inputs;
  Collector(inputs).look_at(scenario);
  return inputs;
}

}  // namespace stardsim

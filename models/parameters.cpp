#include "models/parameters.hpp"

#include "models/each_number.hpp"
#include "models/spelling.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace stardsim {
namespace {

std::string as_written(double number) {
  std::array<char, 32> digits{};
  const auto written =
      std::to_chars(digits.data(), digits.data() + digits.size(), number);
  return {digits.data(), written.ptr};
}

[[noreturn]] void refuse(const std::string& key, const std::string& why) {
  throw std::invalid_argument(key + ": " + why);
}

class Gatherer {
 public:
  explicit Gatherer(std::vector<Parameter>& parameters)
      : parameters_(parameters) {}

  void number(const Evidence& evidence, const std::string& unit,
              const Cover& cover) {
    if (evidence.key.empty() || !seen_.insert(evidence.key).second) return;
    parameters_.push_back({evidence, unit});
    Evidence& own = parameters_.back().evidence;
    if (own.source.empty() && cover.source) own.source = *cover.source;
    if (own.note.empty() && cover.note) own.note = *cover.note;
  }
  template <class Form>
  void list(const std::string&, const Form&, const std::string&, const Cover&) {
  }

 private:
  std::vector<Parameter>& parameters_;
  std::unordered_set<std::string> seen_;
};

class Setter {
 public:
  explicit Setter(const std::vector<Setting>& settings) {
    slots_.reserve(settings.size());
    for (const Setting& setting : settings)
      slots_[setting.key] = {setting.value, false};
  }

  void number(Evidence& evidence, const std::string&, const Cover&) {
    const auto slot = slots_.find(evidence.key);
    if (slot == slots_.end() || evidence.key.empty()) return;
    auto& [value, found] = slot->second;
    const Range range = range_of(evidence);
    // NaN is refused too.
    if (!(value >= range.lowest && value <= range.highest) ||
        !std::isfinite(value))
      refuse(evidence.key, as_written(value) + " is not " + range.allowed);
    evidence.value = value;
    found = true;
  }
  template <class Form>
  void list(const std::string&, const Form&, const std::string&, const Cover&) {
  }

  bool has_set(const Evidence& evidence) const {
    return !evidence.key.empty() && slots_.count(evidence.key) > 0;
  }
  /// The key of a setting that met no number; null if each did.
  const std::string_view* not_found() const {
    for (const auto& [key, slot] : slots_)
      if (!slot.second) return &key;
    return nullptr;
  }

 private:
  std::unordered_map<std::string_view, std::pair<double, bool>> slots_;
};

/// Checks what binds several numbers, wherever one of them was set.
class Checker {
 public:
  Checker(const Scenario& scenario, const Setter& setter)
      : scenario_(scenario), setter_(setter) {}

  void check() const {
    for (const Covariate& covariate : scenario_.cohort.covariates) {
      if (const auto* levels =
              std::get_if<CategoricalCovariate>(&covariate.form))
        check_shares(levels->shares);
      if (const auto* bands = std::get_if<BandsCovariate>(&covariate.form))
        check_shares(bands->shares);
    }
    check_correlations();
    for (const Step& step : scenario_.steps) check(step);
    for (const auto* survival :
         {&scenario_.untreated.remission, &scenario_.untreated.relapse,
          &scenario_.untreated.gap_return})
      check(*survival);
  }

 private:
  static constexpr double rounding = 1e-9;

  struct Term {
    const char* name;
    const Evidence* evidence;
  };
  static const Evidence* pointer(const std::optional<Evidence>& evidence) {
    return evidence ? &*evidence : nullptr;
  }
  const Evidence* first_set(const std::vector<Term>& terms) const {
    for (const Term& term : terms)
      if (term.evidence && setter_.has_set(*term.evidence))
        return term.evidence;
    return nullptr;
  }
  void check_sum(const std::vector<Term>& terms, const char* what) const {
    const Evidence* set = first_set(terms);
    if (!set) return;
    double sum = 0;
    std::string text;
    for (const auto& [name, evidence] : terms)
      if (evidence) sum += evidence->value;
    if (sum <= 1 + rounding) return;
    for (const auto& [name, evidence] : terms)
      if (evidence)
        text += (text.empty() ? "" : " + ") + std::string(name) + " " +
                as_written(evidence->value);
    refuse(set->key, text + " sum to " + as_written(sum) + "; " + what +
                         " may sum to at most 1");
  }
  void check_shares(const std::vector<Evidence>& shares) const {
    double sum = 0;
    const Evidence* set = nullptr;
    for (const Evidence& share : shares) {
      sum += share.value;
      if (!set && setter_.has_set(share)) set = &share;
    }
    if (set && !(sum > 0))
      refuse(set->key, "the shares sum to 0; one above 0 is needed");
  }
  void check_correlations() const {
    for (const Correlation& correlation : scenario_.cohort.correlations)
      if (setter_.has_set(correlation.value)) {
        if (!is_positive_definite(scenario_.cohort))
          refuse(correlation.value.key,
                 "the correlations of the cohort then contradict one another: "
                 "their matrix is not positive definite");
        return;
      }
  }

  void check(const std::optional<Survival>& survival) const {
    const auto* form =
        survival ? std::get_if<Piecewise>(&survival->form) : nullptr;
    if (!form) return;
    const auto& probabilities = form->probabilities;
    for (std::size_t i = 1; i < probabilities.size(); ++i) {
      const Evidence &before = probabilities[i - 1], &now = probabilities[i];
      if (now.value >= before.value) continue;
      for (const Evidence* one : {&before, &now})
        if (setter_.has_set(*one))
          refuse(one->key, as_written(before.value) + " before " +
                               as_written(now.value) +
                               "; probabilities by a week must not fall");
    }
  }
  void check(const FollowUp& follow_up) const {
    check(follow_up.relapse);
    check(follow_up.drop_out);
    check(follow_up.stop);
    check_sum({{"next_step", &follow_up.next_step},
               {"same_step", &follow_up.same_step},
               {"gap", &follow_up.gap}},
              "what follows a relapse");
  }
  void check_exits(const Arm& arm) const {
    const Evidence* follow_up = pointer(arm.follow_up_if_not_remitted);
    const Evidence* gap = pointer(arm.gap_if_not_remitted);
    const auto check_one = [&](const char* name, const Evidence* goes_on) {
      check_sum({{name, goes_on},
                 {"follow_up_if_not_remitted", follow_up},
                 {"gap_if_not_remitted", gap}},
                "what follows");
    };
    check_one("continue_if_not_remitted",
              pointer(arm.continue_if_not_remitted));
    if (arm.continue_if_partial_response)
      check_one("continue_if_partial_response",
                pointer(arm.continue_if_partial_response));
    if (arm.continue_if_intolerant)
      check_one("continue_if_intolerant", pointer(arm.continue_if_intolerant));
  }
  void check(const Arm& arm) const {
    const bool by_first_line =
        scenario_.line_dependence == LineDependence::same ||
        scenario_.line_dependence == LineDependence::ratios;
    const Term remission =
        by_first_line
            ? Term{"first_line_remission", pointer(arm.first_line_remission)}
            : Term{"remission", &arm.remission};
    if (!arm.competing)
      check_sum({remission,
                 {"partial_response", pointer(arm.partial_response)},
                 {"intolerance", pointer(arm.intolerance)}},
                "outcome probabilities");
    check_exits(arm);
    check(arm.follow_up_remitted);
    check(arm.follow_up_not_remitted);
    check(arm.gap_return_after_failure);
    check(arm.gap_return_after_relapse);
    if (arm.extension) check(arm.extension->relapse);
  }
  void check(const Step& step) const {
    check(step.wait);
    double sum = 0;
    const Evidence* set = nullptr;
    for (const Arm& arm : step.arms) {
      check(arm);
      sum += arm.share.value;
      if (!set && setter_.has_set(arm.share)) set = &arm.share;
    }
    if (set && !(sum > 0))
      refuse(set->key,
             "the shares of the arms sum to 0; one above 0 is needed");
  }

  const Scenario& scenario_;
  const Setter& setter_;
};

/// The effect of the propensity is made of its spread when a scenario is read.
void spread_to_effects(Scenario& scenario) {
  for (const Covariate& covariate : scenario.cohort.covariates) {
    const auto* propensity = std::get_if<Propensity>(&covariate.form);
    if (!propensity || propensity->spread.key.empty()) continue;
    for (Step& step : scenario.steps)
      for (Arm& arm : step.arms)
        for (Effect& effect : arm.effects.remission)
          if (effect.ratio.key == propensity->spread.key)
            effect.ratio.value = std::exp(propensity->spread.value);
  }
}

constexpr double least = std::numeric_limits<double>::denorm_min();

Range range_of(ValueKind kind) {
  switch (kind) {
    case ValueKind::probability:
      return {0, 1, "a probability (0 to 1)"};
    case ValueKind::utility:
      return {Range{}.lowest, 1, "a utility (at most 1)"};
    case ValueKind::share:
      return {0, Range{}.highest, "a share (0 or more)"};
    case ValueKind::ratio:
      return {least, Range{}.highest, "a ratio (above 0)"};
    case ValueKind::positive:
      return {least, Range{}.highest, "a positive number"};
    case ValueKind::correlation:
      return {-1, 1, "a correlation (-1 to 1)"};
    case ValueKind::number:
    case ValueKind::amount:
      break;
  }
  return {};
}

}  // namespace

bool matches(std::string_view pattern, std::string_view key) {
  // Each part between stars where it first comes, the last one at the end.
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == key;
  if (key.substr(0, star) != pattern.substr(0, star)) return false;
  std::size_t at = star;
  pattern.remove_prefix(star + 1);
  for (std::size_t next; (next = pattern.find('*')) != std::string_view::npos;
       pattern.remove_prefix(next + 1)) {
    const std::size_t found = key.find(pattern.substr(0, next), at);
    if (found == std::string_view::npos) return false;
    at = found + next;
  }
  return key.size() >= at + pattern.size() &&
         key.substr(key.size() - pattern.size()) == pattern;
}

Range range_of(const Evidence& evidence) {
  return evidence.range == Range{} ? range_of(evidence.kind) : evidence.range;
}

std::vector<Parameter> parameters_of(const Scenario& scenario) {
  std::vector<Parameter> parameters;
  Gatherer gatherer(parameters);
  each_number(scenario, gatherer);
  return parameters;
}

Scenario with(const Scenario& base, const std::vector<Setting>& settings) {
  Scenario scenario = base;
  if (settings.empty()) return scenario;
  Setter setter(settings);
  each_number(scenario, setter);
  if (const auto* key = setter.not_found()) {
    std::vector<std::string> keys;
    for (const Parameter& parameter : parameters_of(base))
      keys.push_back(parameter.evidence.key);
    const std::string wrong(*key);
    refuse(wrong,
           "no number of the scenario stands there" + suggestion(wrong, keys));
  }
  spread_to_effects(scenario);
  Checker(scenario, setter).check();
  return scenario;
}

}  // namespace stardsim

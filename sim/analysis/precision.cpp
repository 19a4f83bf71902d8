#include "sim/analysis/precision.hpp"

#include "models/spelling.hpp"
#include "sim/analysis/comparison.hpp"
#include "sim/analysis/rates.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <stdexcept>
#include <utility>
#include <vector>

namespace stardsim {
namespace {

const char* const blanks = " \t";

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

// What stands before the first such letter and after it.
std::optional<std::pair<std::string, std::string>> split(
    const std::string& text, char at) {
  const std::size_t found = text.find(at);
  if (found == std::string::npos) return {};
  return std::pair(trimmed(text.substr(0, found)),
                   trimmed(text.substr(found + 1)));
}

template <class Number>
std::optional<Number> number_in(const std::string& text) {
  Number number{};
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ec != std::errc{} || read.ptr != end) return {};
  return number;
}

// "; did you mean ...?" where one is near, else what there is: of many the
// first.
std::string hint(const std::string& word,
                 const std::vector<std::string>& names) {
  constexpr std::size_t most_named = 8;
  std::string near = suggestion(word, names);
  if (!near.empty()) return near;
  if (names.size() <= most_named) return "; there are " + listed(names);
  return "; there are " + listed({names.begin(), names.begin() + most_named}) +
         " and " + std::to_string(names.size() - most_named) +
         " more, all in the table of `stardsim compare FILE --format csv`";
}

const std::string difference_ending = "_difference";

class Parser {
 public:
  Parser(const std::string& text, const Scenario& scenario)
      : text_(text), scenario_(scenario), measures_(measures_of(scenario)) {}

  PrecisionGoal parse() {
    const std::size_t below = text_.rfind('<');
    if (below == std::string::npos) fail(form);
    const std::string left = trimmed(text_.substr(0, below));
    const auto call = split(left, '(');
    if (!call || call->second.empty() || call->second.back() != ')') fail(form);
    const std::string within =
        trimmed(call->second.substr(0, call->second.size() - 1));
    function(call->first);
    if (const auto parts = split(within, '@')) {
      target(parts->first);
      pathway(parts->second);
    } else {
      target(within);
    }
    number(trimmed(text_.substr(below + 1)));
    if (goal_.is_difference && scenario_.pathways.size() < 2)
      fail("there is one pathway only, so no difference");
    return goal_;
  }

 private:
  static constexpr const char* form =
      "the form is FUNCTION(TARGET) < NUMBER, such as "
      "half_width(qaly_difference) < 0.002";

  [[noreturn]] void fail(const std::string& why) const {
    throw std::invalid_argument(in_quotes(text_) + ": " + why);
  }

  void function(const std::string& name) {
    for (const auto function :
         {PrecisionGoal::Function::half_width, PrecisionGoal::Function::se})
      if (name == name_of(function)) {
        goal_.function = function;
        return;
      }
    fail(in_quotes(name) + " is neither half_width nor se");
  }

  void target(const std::string& name) {
    if (const auto call = split(name, '(')) {
      if (call->second.empty() || call->second.back() != ')') fail(form);
      curve(call->first,
            trimmed(call->second.substr(0, call->second.size() - 1)));
      return;
    }
    std::string measure = name;
    if (measure.size() > difference_ending.size() &&
        measure.ends_with(difference_ending)) {
      goal_.is_difference = true;
      measure.resize(measure.size() - difference_ending.size());
    }
    goal_.measure = measure_called(measure);
  }

  std::size_t measure_called(const std::string& name) const {
    const std::size_t found = find_measure(measures_, name);
    if (found != no_measure) return found;
    if (name == "qaly" || name == "cost") return decided_on(name == "qaly");
    std::vector<std::string> names;
    if (scenario_.economics) names = {"qaly", "cost"};
    for (const Measure& measure : measures_) names.push_back(measure.name);
    if (name.find(',') != std::string::npos)
      fail(in_quotes(name) +
           " is not a measure; one on one pathway is MEASURE@PATHWAY");
    if (name == "icer")
      fail(
          "an ICER has no standard error; qaly_difference and cost_difference "
          "have");
    fail(in_quotes(name) + " is not a measure of this scenario" +
         hint(name, names));
  }

  std::size_t decided_on(bool effect) const {
    const DecisionMeasures decision = decision_measures(scenario_, measures_);
    if (effect && decision.effect != no_measure) return decision.effect;
    if (!effect && !decision.costs.empty())
      return decision.costs[scenario_.economics->perspective];
    fail(effect ? "the scenario has no utilities, so no QALYs"
                : "the scenario has no costs");
  }

  void curve(const std::string& name, const std::string& point) {
    goal_.is_difference = name == "curve" + difference_ending;
    if (!goal_.is_difference && name != "curve")
      fail(in_quotes(name) + " is neither curve nor curve_difference" +
           (name.starts_with("curve") ? ""
                                      : "; a measure on one pathway is "
                                        "MEASURE@PATHWAY"));
    const auto parts = split(point, ',');
    if (!parts) fail("a point of a curve is curve(ESTIMAND, WEEK)");
    std::vector<std::string> names;
    for (std::size_t e = 0; e < estimand_count; ++e)
      names.emplace_back(name_of(static_cast<Estimand>(e)));
    const auto found = std::find(names.begin(), names.end(), parts->first);
    if (found == names.end())
      fail(in_quotes(parts->first) + " is not an estimand" +
           hint(parts->first, names));
    goal_.estimand = static_cast<Estimand>(found - names.begin());
    const auto week = number_in<std::uint32_t>(parts->second);
    if (!week || *week > scenario_.horizon)
      fail(in_quotes(parts->second) + " is not a week from 0 to " +
           std::to_string(scenario_.horizon));
    goal_.week = *week;
  }

  void pathway(const std::string& name) {
    std::vector<std::string> names;
    for (const Pathway& each : scenario_.pathways) names.push_back(each.name);
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end())
      fail(in_quotes(name) + " is not a pathway" + hint(name, names));
    goal_.pathway = static_cast<std::size_t>(found - names.begin());
    if (goal_.is_difference && *goal_.pathway == scenario_.reference)
      fail(in_quotes(name) +
           " is the reference, from which there is no difference to itself");
  }

  void number(const std::string& text) {
    const auto value = number_in<double>(text);
    if (!value || !std::isfinite(*value) || *value <= 0)
      fail(in_quotes(text) + " is not a number above 0");
    goal_.below = *value;
  }

  const std::string& text_;
  const Scenario& scenario_;
  std::vector<Measure> measures_;
  PrecisionGoal goal_;
};

// Of those so many in n.
double fraction_error(double value, double n) {
  const double z2 = errors_of_95 * errors_of_95;
  const double p = (value * n + z2 / 2) / (n + z2);
  return std::sqrt(p * (1 - p) / (n + z2));
}

using Doubt = Precision::Doubt;

struct Error {
  double se;
  Doubt doubt;
};

class Judge {
 public:
  Judge(const PrecisionGoal& goal, const Scenario& scenario, const Tally& tally)
      : goal_(goal),
        scenario_(scenario),
        tally_(tally),
        measure_(goal.measure),
        comparison_({run_outcomes(scenario, tally, 0, "", "")},
                    scenario.reference) {
    if (!measure_ && goal.is_difference && goal.week == scenario.horizon)
      measure_ = find_measure(comparison_.measures(), ever(goal.estimand));
  }

  Precision judge() const {
    Precision precision{
        0, tally_.patients < judged_from ? Doubt::few_patients : Doubt::none};
    for (std::size_t p = 0; p < scenario_.pathways.size(); ++p) {
      if (goal_.pathway ? p != *goal_.pathway
                        : goal_.is_difference && p == scenario_.reference)
        continue;
      const Error error = goal_.is_difference ? difference(p) : mean(p);
      // What is not known stays so.
      if (std::isnan(error.se) || error.se > precision.value)
        precision.value = error.se;
      if (precision.doubt == Doubt::none) precision.doubt = error.doubt;
    }
    if (goal_.function == PrecisionGoal::Function::half_width)
      precision.value *= errors_of_95;
    return precision;
  }

 private:
  static Measure::What ever(Estimand estimand) {
    switch (estimand) {
      case Estimand::if_all_continue:
        return Measure::What::remission_if_all_continue;
      case Estimand::observed:
        return Measure::What::remission;
      case Estimand::sustained:
        break;
    }
    return Measure::What::sustained_remission;
  }

  double fraction_se(double value) const {
    return fraction_error(value, static_cast<double>(tally_.patients));
  }

  double curve_se(std::size_t pathway) const {
    return fraction_se(cumulative_remission(tally_.pathways[pathway],
                                            goal_.estimand,
                                            tally_.patients)[goal_.week]
                           .value);
  }

  bool is_fraction() const {
    return comparison_.measures()[*measure_].what <=
           Measure::What::procedure_death;
  }

  Error mean(std::size_t pathway) const {
    if (!measure_) return {curve_se(pathway), Doubt::none};
    const Estimate outcome = comparison_.outcome(pathway, *measure_);
    if (is_fraction()) return {fraction_se(outcome.mean), Doubt::none};
    return {outcome.se, unevenness({*measure_, pathway, {}})};
  }

  Error difference(std::size_t pathway) const {
    const std::size_t reference = scenario_.reference;
    if (!measure_)
      return {std::hypot(curve_se(pathway), curve_se(reference)), Doubt::none};
    const Difference difference =
        comparison_.difference(pathway, reference, *measure_);
    auto differing = difference.differing;
    if (!differing && is_fraction())
      differing = comparison_.differing_by_batch(pathway, reference, *measure_);
    const bool enough =
        differing ? *differing >= differing_from : difference.se > 0;
    return {difference.se, enough ? unevenness({*measure_, pathway, reference})
                                  : Doubt::few_differ};
  }

  Doubt unevenness(const Contrast& contrast) const {
    return std::abs(comparison_.batch_skewness(contrast)) >= skewness_below
               ? Doubt::uneven
               : Doubt::none;
  }

  const PrecisionGoal& goal_;
  const Scenario& scenario_;
  const Tally& tally_;
  std::optional<std::size_t> measure_;
  Comparison comparison_;
};

}  // namespace

const char* name_of(PrecisionGoal::Function function) {
  return function == PrecisionGoal::Function::se ? "se" : "half_width";
}

PrecisionGoal parse_precision_goal(const std::string& text,
                                   const Scenario& scenario) {
  return Parser(text, scenario).parse();
}

Precision precision(const PrecisionGoal& goal, const Scenario& scenario,
                    const Tally& tally) {
  return Judge(goal, scenario, tally).judge();
}

PrecisionResult run_until(
    const PrecisionGoal& goal, const Scenario& scenario,
    std::uint64_t most_patients,
    const std::function<Tally(std::uint64_t first, std::uint64_t count)>&
        simulate,
    const std::function<void(std::uint64_t patients, const Precision&)>& looked,
    std::uint64_t first_look) {
  PrecisionResult result;
  std::uint64_t patients = std::min(next_look(0), most_patients);
  for (; patients < first_look; ++result.looks)
    patients = std::min(next_look(patients), most_patients);
  result.tally = simulate(0, patients);
  for (;;) {
    ++result.looks;
    result.precision = precision(goal, scenario, result.tally);
    if (looked) looked(patients, result.precision);
    result.is_reached = result.precision.doubt == Doubt::none &&
                        result.precision.value < goal.below;
    if (result.is_reached || patients == most_patients) return result;
    const std::uint64_t next = std::min(next_look(patients), most_patients);
    result.tally += simulate(patients, next - patients);
    patients = next;
  }
}

}  // namespace stardsim

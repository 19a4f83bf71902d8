// The part of CohortReader that reads one covariate.
#include "sim/io/cohort_reader.hpp"
#include "sim/io/eligibility_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace stardsim {
namespace {

constexpr std::size_t most_levels = 32;
constexpr std::size_t most_values = 1000;
constexpr std::size_t most_bands = 1000;

constexpr Quantity any_value{"a number between -1e9 and 1e9", -1e9, 1e9};
constexpr Quantity spread_of_values = of_kind(
    ValueKind::positive, {"a standard deviation (1e-9 to 1e9)", 1e-9, 1e9});
constexpr Quantity median_value =
    of_kind(ValueKind::positive, {"a median (1e-9 to 1e9)", 1e-9, 1e9});
constexpr Quantity sigma_of_logs =
    of_kind(ValueKind::positive,
            {"a standard deviation of logarithms (0.001 to 5)", 0.001, 5});

const std::vector<std::string>& distribution_names() {
  static const std::vector<std::string> names = {
      "normal",      "log_normal", "beta",  "bernoulli",
      "categorical", "empirical",  "bands", "table"};
  return names;
}

double upper_tail(double z) { return std::erfc(z / std::sqrt(2.0)) / 2; }

// P(low < x < high), for a normal x.
double normal_between(double low, double high, double mean, double sd) {
  const double a = (low - mean) / sd, b = (high - mean) / sd;
  return a > 0 ? upper_tail(a) - upper_tail(b)
               : upper_tail(-b) - upper_tail(-a);
}

double log_or_lowest(double x) {
  return x > 0 ? std::log(x) : -std::numeric_limits<double>::infinity();
}

// How much of a continuous distribution lies within its bounds; of a beta one,
// only whether anything does.
double probability_within(const Covariate& covariate) {
  constexpr double unlimited = std::numeric_limits<double>::infinity();
  const double low = covariate.low.value_or(-unlimited);
  const double high = covariate.high.value_or(unlimited);
  if (const auto* form = std::get_if<NormalCovariate>(&covariate.form))
    return normal_between(low, high, form->mean.value, form->sd.value);
  if (const auto* form = std::get_if<LogNormalCovariate>(&covariate.form))
    return normal_between(log_or_lowest(low), log_or_lowest(high),
                          std::log(form->median.value), form->sigma.value);
  return low < 1 && high > 0 ? 1 : 0;
}

double mean(const EmpiricalCovariate& sample) {
  double sum = 0, weights = 0;
  for (std::size_t i = 0; i < sample.values.size(); ++i) {
    sum += sample.weights[i] * sample.values[i];
    weights += sample.weights[i];
  }
  return weights > 0 ? sum / weights : 0;
}

double mean(const BandsCovariate& bands) {
  double sum = 0, shares = 0;
  for (std::size_t i = 0; i < bands.shares.size(); ++i) {
    const double share = bands.shares[i].value;
    sum += share * (bands.edges[i] + bands.edges[i + 1]) / 2;
    shares += share;
  }
  return shares > 0 ? sum / shares : 0;
}

struct DefaultCentre {
  double operator()(const NormalCovariate& form) const {
    return form.mean.value;
  }
  double operator()(const LogNormalCovariate& form) const {
    return form.median.value;
  }
  double operator()(const BetaCovariate& form) const {
    return form.a.value / (form.a.value + form.b.value);
  }
  double operator()(const EmpiricalCovariate& form) const { return mean(form); }
  double operator()(const BandsCovariate& form) const { return mean(form); }
  // That of a table covariate is known when the table has been read.
  template <class Form>
  double operator()(const Form&) const {
    return 0;
  }
};

void refuse_reserved_name(const std::string& name, const Value& place,
                          Problems& problems) {
  const std::vector<std::string>& conditions = condition_names();
  if (name == "propensity")
    add_problem(problems, place, "its spread is stated in [propensity]");
  else if (name == "label" || std::find(conditions.begin(), conditions.end(),
                                        name) != conditions.end())
    add_problem(problems, place,
                "this name means something else in conditions; choose another");
}

}  // namespace

Covariate CohortReader::covariate(const std::string& name, const Value& value) {
  Covariate covariate;
  covariate.name = covariate.label = name;
  covariate.key = value.path;
  written_.push_back({value.node.where, "", false});
  refuse_reserved_name(name, value, problems_);
  const Table* table = as_table(value, problems_);
  if (!table) return covariate;
  Section section(*table, value, problems_);
  covariate.label = section.text("label", name);
  covariate.unit = section.text("unit");
  covariate.source = values_.source(section);
  covariate.note = section.text("note");
  const std::size_t problems_before = problems_.count();
  section.require("distribution", "one of " + listed(distribution_names()));
  if (section.choice("distribution", distribution_names())) {
    read_form(section, covariate);
    section.finish();
  }
  if (problems_.count() > problems_before) return covariate;
  if (!written_.back().has_centre)
    covariate.centre = std::visit(DefaultCentre{}, covariate.form);
  return covariate;
}

void CohortReader::read_form(Section& section, Covariate& covariate) {
  const auto parameter = [&](const char* key, const Quantity& quantity) {
    return values_.require(section, key, quantity);
  };
  const std::string& form = distribution_names()[*section.choice(
      "distribution", distribution_names())];
  if (form == "normal") {
    covariate.form = NormalCovariate{parameter("mean", any_value),
                                     parameter("sd", spread_of_values)};
  } else if (form == "log_normal") {
    covariate.form = LogNormalCovariate{parameter("median", median_value),
                                        parameter("sigma", sigma_of_logs)};
  } else if (form == "beta") {
    covariate.form = BetaCovariate{parameter("a", shape_parameter),
                                   parameter("b", shape_parameter)};
  } else if (form == "bernoulli") {
    covariate.form = BernoulliCovariate{parameter("probability", probability)};
  } else if (form == "categorical") {
    covariate.form = categorical(section);
  } else if (form == "empirical") {
    covariate.form = empirical(section);
  } else if (form == "bands") {
    covariate.form = bands(section);
  } else {
    covariate.form = from_table(section, covariate.name);
  }
  if (form == "normal" || form == "log_normal" || form == "beta")
    read_truncation(section, covariate);
  const bool has_levels =
      form == "categorical" || (form == "table" && section.find("levels"));
  const auto centre = has_levels ? std::nullopt : section.find("centre");
  if (!centre) return;
  covariate.centre = values_.number(*centre, any_value);
  written_.back().has_centre = true;
}

CategoricalCovariate CohortReader::categorical(Section& section) {
  CategoricalCovariate form;
  const auto levels =
      section.require("levels", "a table such as { women = 2, men = 1 }");
  if (!levels) return form;
  double sum = 0;
  for (const NamedValue& level :
       named_values(*levels, most_levels, problems_)) {
    form.levels.push_back(level.name);
    form.shares.push_back(values_.evidence(level.value, weight));
    sum += form.shares.back().value;
  }
  if (std::holds_alternative<Table>(levels->node.value) &&
      form.levels.size() < 2)
    add_problem(problems_, *levels, "at least two levels are needed");
  else if (sum <= 0)
    add_problem(problems_, *levels,
                "the shares of the levels sum to 0; one above 0 is needed");
  return form;
}

// In ascending order; a value that stands twice has both weights.
EmpiricalCovariate CohortReader::empirical(Section& section) {
  const auto values = section.require("values", "an array of numbers");
  const auto weights = section.find("weights");
  if (!values) return {};
  const std::vector<double> numbers =
      values_.numbers(*values, any_value, most_values);
  std::vector<double> shares(numbers.size(), 1.0);
  if (weights) shares = values_.numbers(*weights, weight, most_values);
  if (numbers.empty() || shares.empty()) return {};
  if (numbers.size() != shares.size()) {
    add_problem(problems_, *weights,
                fmt::format("{} weights for {} values; each value needs one",
                            shares.size(), numbers.size()));
    return {};
  }
  std::map<double, double> sorted;
  double sum = 0;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    sorted[numbers[i]] += shares[i];
    sum += shares[i];
  }
  if (!(sum > 0 && std::isfinite(sum)))
    add_problem(problems_, *weights,
                fmt::format("sum to {}; a positive sum is needed", sum));
  EmpiricalCovariate form;
  for (const auto& [value, share] : sorted) {
    form.values.push_back(value);
    form.weights.push_back(share);
  }
  return form;
}

BandsCovariate CohortReader::bands(Section& section) {
  const auto edges = section.require("edges", "an array of ascending numbers");
  const auto shares = section.require("shares", "an array of shares");
  BandsCovariate form;
  if (edges) {
    form.edges = values_.numbers(*edges, any_value, most_bands + 1);
    check_ascending(form.edges, *edges, "edges", problems_);
  }
  if (shares)
    form.shares = values_.evidence_array(
        *shares, of_kind(ValueKind::share, positive), most_bands);
  if (!form.edges.empty() && !form.shares.empty() &&
      form.edges.size() != form.shares.size() + 1)
    add_problem(problems_, *shares,
                fmt::format("{} shares for {} edges; one fewer than edges is "
                            "needed",
                            form.shares.size(), form.edges.size()));
  return form;
}

TableCovariate CohortReader::from_table(Section& section,
                                        const std::string& name) {
  TableCovariate form;
  written_.back().column = section.text("column", name);
  if (written_.back().column.empty())
    section.add("the name of the column must not be empty");
  const auto levels = section.find("levels");
  if (!levels) return form;
  const Array* array = as_array(*levels, problems_);
  if (!array) return form;
  const std::size_t count = array->items.size();
  if (count < 2 || count > most_levels) {
    add_problem(
        problems_, *levels,
        fmt::format("{} levels; 2 to {} are allowed", count, most_levels));
    return form;
  }
  for (const Node& item : array->items) {
    const Value one{item, levels->path};
    const std::string level = as_text(one, problems_);
    if (std::find(form.levels.begin(), form.levels.end(), level) !=
        form.levels.end())
      add_problem(problems_, one, in_quotes(level) + " stands twice");
    form.levels.push_back(level);
  }
  return form;
}

void CohortReader::read_truncation(Section& section, Covariate& covariate) {
  const std::size_t problems_before = problems_.count();
  const auto bound = [&](const char* key) -> std::optional<double> {
    const auto value = section.find(key);
    if (!value) return std::nullopt;
    return values_.number(*value, any_value);
  };
  covariate.low = bound("low");
  covariate.high = bound("high");
  if (problems_.count() > problems_before) return;
  constexpr double least = 1e-6;
  if (covariate.low && covariate.high && *covariate.low >= *covariate.high)
    section.add(fmt::format("low, {}, is not below high, {}", *covariate.low,
                            *covariate.high));
  else if (probability_within(covariate) < least)
    section.add("nearly nothing of this distribution lies within low and high");
}

}  // namespace stardsim

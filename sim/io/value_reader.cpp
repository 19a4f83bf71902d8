#include "sim/io/value_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

namespace stardsim {
namespace {

constexpr std::size_t most_visit_weeks = 520;

const std::vector<std::string>& distribution_names() {
  static const std::vector<std::string> names = {
      "fixed", "discrete", "gamma", "weibull", "log_normal", "exponential"};
  return names;
}

const char* const evidence_allowed =
    "a number or an evidence value such as { value = 0.3, source = \"...\" }";
const char* const time_allowed =
    "a table such as { distribution = \"fixed\", week = 6 }";
const char* const evidence_forms =
    "{ value }, { events, of }, { value, of }, { value, low, high }, "
    "{ value, sd } or { beta = [a, b] }, each with source and note if known";

std::optional<double> plain_number(const Node& node) {
  if (const auto* whole = std::get_if<std::int64_t>(&node.value))
    return static_cast<double>(*whole);
  if (const auto* number = std::get_if<double>(&node.value)) return *number;
  return std::nullopt;
}

// Which of the keys that make an evidence value stand in the table.
std::vector<std::string> present_keys(Section& section) {
  std::vector<std::string> present;
  for (const char* key : {"value", "events", "of", "low", "high", "sd", "beta"})
    if (section.find(key)) present.emplace_back(key);
  return present;
}

}  // namespace

// ---- evidence ----

std::string ValueReader::source(Section& section) const {
  const auto value = section.find("source");
  if (!value) return "";
  std::string text = as_text(*value, problems_);
  std::vector<std::string> keys;
  for (const Source& source : sources_) {
    if (source.key == text) return source.text;
    keys.push_back(source.key);
  }
  constexpr std::size_t furthest = 2;
  const bool is_word = text.find(' ') == std::string::npos;
  if (is_word && nearest(text, keys, furthest))
    add_problem(problems_, *value,
                fmt::format("{} is no key of [sources]{}", in_quotes(text),
                            suggestion(text, keys)));
  return text;
}

double ValueReader::number(const Value& value, const char* allowed) const {
  const auto number = plain_number(value.node);
  if (!number) {
    add_no_number(problems_, value, allowed);
    return unusable;
  }
  if (!std::isfinite(*number)) {
    add_problem(problems_, value,
                fmt::format("{} is not a finite number", *number));
    return unusable;
  }
  return *number;
}

bool ValueReader::check(double number, const Value& value,
                        const Quantity& quantity) const {
  if (std::isnan(number)) return false;
  const bool allowed = number <= quantity.highest &&
                       (quantity.lowest_is_allowed ? number >= quantity.lowest
                                                   : number > quantity.lowest);
  if (!allowed)
    add_problem(problems_, value,
                fmt::format("{} is not {}", number, quantity.allowed));
  return allowed;
}

Evidence ValueReader::evidence(const Value& value,
                               const Quantity& quantity) const {
  if (const auto* table = std::get_if<Table>(&value.node.value))
    return evidence_table(value, *table, quantity);
  Evidence evidence;
  evidence.key = value.path;
  evidence.value = number(value, evidence_allowed);
  if (!check(evidence.value, value, quantity)) evidence.value = unusable;
  return evidence;
}

Evidence ValueReader::evidence_table(const Value& value, const Table& table,
                                     const Quantity& quantity) const {
  Section section(table, value, problems_);
  const std::size_t problems_before = problems_.count();
  Evidence evidence;
  evidence.key = value.path;
  evidence.source = source(section);
  evidence.note = section.text("note");
  read_form(section, quantity, evidence);
  if (problems_.count() > problems_before) evidence.value = unusable;
  return evidence;
}

void ValueReader::read_form(Section& section, const Quantity& quantity,
                            Evidence& evidence) const {
  const std::vector<std::string> keys = present_keys(section);
  if (section.has_unknown_keys()) return section.finish();
  const std::string form = listed(keys);
  if (form == "events, of") return read_count(section, quantity, evidence);
  if (form == "beta") return read_beta(section, quantity, evidence);
  const bool known = form == "value" || form == "value, of" ||
                     form == "value, low, high" || form == "value, sd";
  if (!known) {
    section.add(fmt::format(
        "{} is not an evidence value; allowed are {}",
        keys.empty() ? "a table without a number" : "{ " + form + " }",
        evidence_forms));
    return;
  }
  const Value value = *section.find("value");
  evidence.value = number(value);
  if (!check(evidence.value, value, quantity)) evidence.value = unusable;
  if (form == "value, of") read_sample(section, evidence);
  if (form == "value, low, high") read_interval(section, quantity, evidence);
  if (form == "value, sd") read_spread(section, evidence);
}

void ValueReader::read_count(Section& section, const Quantity& quantity,
                             Evidence& evidence) const {
  const Value events = *section.find("events"), of = *section.find("of");
  const Count count{number(events), number(of)};
  evidence.certainty = count;
  evidence.value = count.events / count.of;
  if (count.of <= 0)
    add_problem(problems_, of,
                fmt::format("{} is not a positive number", count.of));
  else if (count.events < 0 || count.events > count.of)
    add_problem(problems_, events,
                fmt::format("{} events of {} are not possible", count.events,
                            count.of));
  else
    check(evidence.value, events, quantity);
}

void ValueReader::read_sample(Section& section, Evidence& evidence) const {
  const Value of = *section.find("of");
  const Sample sample{number(of)};
  evidence.certainty = sample;
  check(sample.of, of, positive);
  if (evidence.value < 0 || evidence.value > 1)
    section.add("{ value, of } is for a rate between 0 and 1");
}

void ValueReader::read_interval(Section& section, const Quantity& quantity,
                                Evidence& evidence) const {
  const Value low = *section.find("low"), high = *section.find("high");
  const Interval interval{number(low), number(high)};
  evidence.certainty = interval;
  check(interval.low, low, quantity);
  check(interval.high, high, quantity);
  if (interval.low > interval.high)
    section.add(
        fmt::format("low, {}, is above high, {}", interval.low, interval.high));
  else if (interval.low > evidence.value || evidence.value > interval.high)
    section.add(fmt::format("the value {} lies outside its interval, {} to {}",
                            evidence.value, interval.low, interval.high));
}

void ValueReader::read_spread(Section& section, Evidence& evidence) const {
  const Value sd = *section.find("sd");
  const Spread spread{number(sd)};
  evidence.certainty = spread;
  check(spread.sd, sd, standard_deviation);
}

void ValueReader::read_beta(Section& section, const Quantity& quantity,
                            Evidence& evidence) const {
  const Value beta = *section.find("beta");
  const Array* array = as_array(beta, problems_);
  if (!array) return;
  if (array->items.size() != 2) {
    add_problem(problems_, beta, "two numbers, beta = [a, b], are allowed");
    return;
  }
  const Value a{array->items[0], beta.path}, b{array->items[1], beta.path};
  const Beta law{number(a), number(b)};
  check(law.a, a, positive);
  check(law.b, b, positive);
  evidence.certainty = law;
  evidence.value = law.a / (law.a + law.b);
  check(evidence.value, beta, quantity);
}

// ---- time distributions ----

std::optional<TimeDistribution> ValueReader::time(const Value& value,
                                                  double weeks) const {
  const Table* table = as_table(value, problems_, time_allowed);
  if (!table) return std::nullopt;
  const std::size_t problems_before = problems_.count();
  Section section(*table, value, problems_);
  section.require("distribution", "one of " + listed(distribution_names()));
  const auto choice = section.choice("distribution", distribution_names());
  if (!choice) return std::nullopt;

  TimeDistribution time;
  time.key = value.path;
  read_parameters(section, distribution_names()[*choice], time);
  time.source = source(section);
  time.note = section.text("note");
  section.finish();
  if (problems_.count() > problems_before) return std::nullopt;
  constexpr long double least_within_step = 1e-9L;
  if (!std::isnan(weeks) && !(cumulative(time, weeks) > least_within_step))
    section.add(fmt::format(
        "nothing of this distribution lies within the {} weeks of the step",
        weeks));
  return time;
}

void ValueReader::read_parameters(Section& section, const std::string& name,
                                  TimeDistribution& time) const {
  const auto parameter = [&](const char* key, const Quantity& quantity) {
    const auto value = section.require(key, quantity.allowed);
    return value ? evidence(*value, quantity) : Evidence{};
  };
  if (name == "fixed") {
    time.form = FixedTime{parameter("week", outcome_time)};
  } else if (name == "discrete") {
    time.form = discrete(section);
  } else if (name == "gamma") {
    time.form = GammaTime{parameter("shape", shape_parameter),
                          parameter("scale", scale_in_weeks)};
  } else if (name == "weibull") {
    time.form = WeibullTime{parameter("shape", shape_parameter),
                            parameter("scale", scale_in_weeks)};
  } else if (name == "log_normal") {
    time.form = LogNormalTime{parameter("median", scale_in_weeks),
                              parameter("sigma", shape_parameter)};
  } else {
    time.form = ExponentialTime{parameter("mean", scale_in_weeks)};
  }
}

DiscreteTime ValueReader::discrete(Section& section) const {
  const auto weeks = section.require("weeks", "an array of weeks");
  const auto weights = section.require("weights", "an array of weights");
  if (!weeks || !weights) return {};
  const std::size_t problems_before = problems_.count();
  DiscreteTime time{numbers(*weeks, outcome_time), numbers(*weights, weight)};
  if (problems_.count() > problems_before) return time;

  const auto not_ascending = std::adjacent_find(
      time.weeks.begin(), time.weeks.end(), std::greater_equal<>());
  const double sum =
      std::accumulate(time.weights.begin(), time.weights.end(), 0.0);
  if (time.weeks.empty() || time.weeks.size() > most_visit_weeks)
    add_problem(problems_, *weeks, "1 to 520 weeks are allowed");
  if (not_ascending != time.weeks.end())
    add_problem(problems_, *weeks,
                fmt::format("{} before {}; weeks must ascend", *not_ascending,
                            *(not_ascending + 1)));
  if (time.weeks.size() != time.weights.size())
    add_problem(problems_, *weights,
                fmt::format("{} weights for {} weeks; each week needs one",
                            time.weights.size(), time.weeks.size()));
  else if (!time.weeks.empty() && !(sum > 0 && std::isfinite(sum)))
    add_problem(problems_, *weights,
                fmt::format("sum to {}; a positive sum is needed", sum));
  return time;
}

std::vector<double> ValueReader::numbers(const Value& value,
                                         const Quantity& quantity) const {
  const Array* array = as_array(value, problems_);
  if (!array) return {};
  std::vector<double> numbers;
  for (const Node& node : array->items) {
    const Value item{node, value.path};
    numbers.push_back(number(item));
    check(numbers.back(), item, quantity);
  }
  return numbers;
}

}  // namespace stardsim

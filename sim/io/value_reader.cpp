#include "sim/io/value_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

namespace stardsim {
namespace {

const char* const evidence_allowed =
    "a number or an evidence value such as { value = 0.3, source = \"...\" }";
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

void ValueReader::share_source(Section& section,
                               const std::vector<Evidence*>& numbers) const {
  const std::string text = source(section);
  const std::string note = section.text("note");
  for (Evidence* const one : numbers) {
    if (one->source.empty()) one->source = text;
    if (one->note.empty()) one->note = note;
  }
}

double ValueReader::any_number(const Value& value, const char* allowed) const {
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
  const bool allowed =
      (number > quantity.lowest ||
       (quantity.lowest_is_allowed && number == quantity.lowest)) &&
      (number < quantity.highest ||
       (quantity.highest_is_allowed && number == quantity.highest));
  if (!allowed)
    add_problem(problems_, value,
                fmt::format("{} is not {}", number, quantity.allowed));
  return allowed;
}

Evidence ValueReader::evidence(
    const Value& value, const Quantity& quantity,
    const std::vector<std::string>& other_keys) const {
  Evidence evidence;
  evidence.key = value.path;
  const auto* table = std::get_if<Table>(&value.node.value);
  if (!table) {
    evidence.value = any_number(value, evidence_allowed);
    if (!check(evidence.value, value, quantity)) evidence.value = unusable;
    return evidence;
  }
  Section section(*table, value, problems_);
  for (const std::string& key : other_keys) section.find(key);
  const std::size_t problems_before = problems_.count();
  evidence.source = source(section);
  evidence.note = section.text("note");
  read_form(section, quantity, evidence);
  if (problems_.count() > problems_before) evidence.value = unusable;
  return evidence;
}

std::optional<Evidence> ValueReader::find(Section& section,
                                          const std::string& key,
                                          const Quantity& quantity) const {
  const auto value = section.find(key);
  if (!value) return std::nullopt;
  return evidence(*value, quantity);
}

Evidence ValueReader::require(Section& section, const std::string& key,
                              const Quantity& quantity) const {
  const auto value = section.require(key, quantity.allowed);
  if (value) return evidence(*value, quantity);
  Evidence missing;
  missing.value = unusable;
  return missing;
}

std::vector<Evidence> ValueReader::evidence_array(const Value& value,
                                                  const Quantity& quantity,
                                                  std::size_t most) const {
  const Array* array = array_of(value, most);
  if (!array) return {};
  const std::size_t problems_before = problems_.count();
  std::vector<Evidence> all;
  for (const Node& node : array->items)
    all.push_back(evidence(
        Value{node, join_key(value.path, std::to_string(all.size() + 1))},
        quantity));
  if (problems_.count() > problems_before) return {};
  return all;
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
  evidence.value = any_number(value);
  if (!check(evidence.value, value, quantity)) evidence.value = unusable;
  if (form == "value, of") read_sample(section, evidence);
  if (form == "value, low, high") read_interval(section, quantity, evidence);
  if (form == "value, sd") read_spread(section, evidence);
}

void ValueReader::read_count(Section& section, const Quantity& quantity,
                             Evidence& evidence) const {
  const Value events = *section.find("events"), of = *section.find("of");
  const Count count{any_number(events), any_number(of)};
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
  const Sample sample{any_number(of)};
  evidence.certainty = sample;
  check(sample.of, of, positive);
  if (evidence.value < 0 || evidence.value > 1)
    section.add("{ value, of } is for a rate between 0 and 1");
}

void ValueReader::read_interval(Section& section, const Quantity& quantity,
                                Evidence& evidence) const {
  const Value low = *section.find("low"), high = *section.find("high");
  const Interval interval{any_number(low), any_number(high)};
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
  const Spread spread{any_number(sd)};
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
  const Beta law{any_number(a), any_number(b)};
  check(law.a, a, positive);
  check(law.b, b, positive);
  evidence.certainty = law;
  evidence.value = law.a / (law.a + law.b);
  check(evidence.value, beta, quantity);
}

// ---- plain numbers ----

double ValueReader::number(const Value& value, const Quantity& quantity) const {
  const double found = any_number(value, quantity.allowed);
  return check(found, value, quantity) ? found : unusable;
}

std::vector<double> ValueReader::numbers(const Value& value,
                                         const Quantity& quantity,
                                         std::size_t most) const {
  const Array* array = array_of(value, most);
  if (!array) return {};
  const std::size_t problems_before = problems_.count();
  std::vector<double> numbers;
  for (const Node& node : array->items)
    numbers.push_back(number(Value{node, value.path}, quantity));
  if (problems_.count() > problems_before) return {};
  return numbers;
}

const Array* ValueReader::array_of(const Value& value, std::size_t most) const {
  const Array* array = as_array(value, problems_);
  if (!array) return nullptr;
  const std::size_t count = array->items.size();
  if (count >= 1 && count <= most) return array;
  add_problem(problems_, value,
              fmt::format("{} entries; 1 to {} are allowed", count, most));
  return nullptr;
}

void check_ascending(const std::vector<double>& numbers, const Value& place,
                     const char* what, Problems& problems) {
  const auto not_ascending = std::adjacent_find(numbers.begin(), numbers.end(),
                                                std::greater_equal<>());
  if (not_ascending != numbers.end())
    add_problem(problems, place,
                fmt::format("{} before {}; {} must ascend", *not_ascending,
                            *(not_ascending + 1), what));
}

}  // namespace stardsim

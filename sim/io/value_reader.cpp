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
    "{ value, sd }, { beta = [a, b] } or { uniform = [low, high] }, each with "
    "source and note if known";

std::optional<double> plain_number(const Node& node) {
  if (const auto* whole = std::get_if<std::int64_t>(&node.value))
    return static_cast<double>(*whole);
  if (const auto* number = std::get_if<double>(&node.value)) return *number;
  return std::nullopt;
}

// Which of the keys that make an evidence value stand in the table.
std::vector<std::string> present_keys(Section& section) {
  std::vector<std::string> present;
  for (const std::string& key : evidence_keys())
    if (section.find(key)) present.push_back(key);
  return present;
}

Range range_of(const Quantity& quantity) {
  constexpr double endless = std::numeric_limits<double>::infinity();
  return {quantity.lowest_is_allowed ? quantity.lowest
                                     : std::nextafter(quantity.lowest, endless),
          quantity.highest_is_allowed
              ? quantity.highest
              : std::nextafter(quantity.highest, -endless),
          quantity.allowed};
}

// Why a plain number of this quantity has no distribution by definition; "":
// that has to be said.
std::string held_by_definition(const Quantity& quantity, double value) {
  if (quantity.held) return quantity.held;
  const bool is_of_patients = quantity.kind == ValueKind::probability ||
                              quantity.kind == ValueKind::share;
  if (is_of_patients && value == 0) return "0 stands for none";
  if (quantity.kind == ValueKind::probability && value == 1)
    return "1 stands for all";
  return "";
}

}  // namespace

const std::vector<std::string>& evidence_keys() {
  static const std::vector<std::string> keys = {
      "value", "events", "of", "low", "high", "sd", "beta", "uniform"};
  return keys;
}

// ---- evidence ----

Position ValueReader::place_of(const std::string& key) const {
  const auto found = places_.find(key);
  if (found != places_.end()) return found->second;
  // What was made of another number of its table.
  const std::string table = key.substr(0, key.rfind('.') + 1);
  for (const auto& [other, place] : places_)
    if (!table.empty() && other.compare(0, table.size(), table) == 0)
      return place;
  return {};
}

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
  evidence.kind = quantity.kind;
  evidence.range = range_of(quantity);
  places_[evidence.key] = value.node.where;
  const auto* table = std::get_if<Table>(&value.node.value);
  if (!table) {
    evidence.value = any_number(value, evidence_allowed);
    if (!check(evidence.value, value, quantity)) evidence.value = unusable;
    evidence.fixed = held_by_definition(quantity, evidence.value);
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
  section.find("distribution");
  section.find("fixed");
  if (section.has_unknown_keys()) return section.finish();
  const std::string form = listed(keys);
  const std::vector<std::string> forms = {
      "value",      "value, of", "value, low, high", "value, sd",
      "events, of", "beta",      "uniform"};
  if (std::find(forms.begin(), forms.end(), form) == forms.end()) {
    section.add(fmt::format(
        "{} is not an evidence value; allowed are {}",
        keys.empty() ? "a table without a number" : "{ " + form + " }",
        evidence_forms));
    return;
  }
  const bool has_spread = form == "value, low, high" || form == "value, sd";
  if (keys.front() == "value") {
    const Value value = *section.find("value");
    evidence.value = any_number(value);
    if (!check(evidence.value, value, quantity)) evidence.value = unusable;
  }
  if (form == "value, of") read_sample(section, evidence);
  if (form == "value, low, high") read_interval(section, quantity, evidence);
  if (form == "value, sd") read_spread(section, evidence);
  if (form == "events, of") read_count(section, quantity, evidence);
  if (form == "beta") read_beta(section, quantity, evidence);
  if (form == "uniform") read_uniform(section, quantity, evidence);
  read_shape(section, has_spread, evidence);
  read_fixed(section, quantity, evidence);
}

void ValueReader::read_shape(Section& section, bool has_spread,
                             Evidence& evidence) const {
  static const std::vector<std::string> names = {"beta", "gamma", "log_normal",
                                                 "normal"};
  const auto value = section.find("distribution");
  if (!value) return;
  if (const auto choice = section.choice("distribution", names))
    evidence.shape = static_cast<Shape>(*choice + 1);
  if (!has_spread)
    add_problem(problems_, *value,
                "stands beside { value, sd } or { value, low, high } only");
}

void ValueReader::read_fixed(Section& section, const Quantity& quantity,
                             Evidence& evidence) const {
  const auto value = section.find("fixed");
  if (!value) {
    if (std::holds_alternative<Exact>(evidence.certainty))
      evidence.fixed = held_by_definition(quantity, evidence.value);
    return;
  }
  if (const auto* reason = std::get_if<std::string>(&value->node.value))
    evidence.fixed = *reason;
  if (evidence.fixed.empty())
    add_problem(problems_, *value,
                "says why the number has no distribution: fixed = \"because "
                "...\"");
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
  else if (interval.low == interval.high)
    section.add(
        fmt::format("low and high are both {}; of a number that is known "
                    "exactly say {{ value, fixed = \"because ...\" }}",
                    interval.low));
  else if (interval.low > evidence.value || evidence.value > interval.high)
    section.add(fmt::format("the value {} lies outside its interval, {} to {}",
                            evidence.value, interval.low, interval.high));
}

void ValueReader::read_spread(Section& section, Evidence& evidence) const {
  const Value sd = *section.find("sd");
  const Spread spread{any_number(sd)};
  evidence.certainty = spread;
  if (spread.sd <= 0)
    add_problem(problems_, sd,
                fmt::format("{} is not a standard deviation (above 0); of a "
                            "number that is known exactly say {{ value, fixed "
                            "= \"because ...\" }}",
                            spread.sd));
}

void ValueReader::read_beta(Section& section, const Quantity& quantity,
                            Evidence& evidence) const {
  const Value beta = *section.find("beta");
  const auto found = two_numbers(beta, "beta = [a, b]", positive);
  if (!found) return;
  const Beta law{found->first, found->second};
  evidence.certainty = law;
  evidence.value = law.a / (law.a + law.b);
  check(evidence.value, beta, quantity);
}

void ValueReader::read_uniform(Section& section, const Quantity& quantity,
                               Evidence& evidence) const {
  const Value uniform = *section.find("uniform");
  const auto found = two_numbers(uniform, "uniform = [low, high]", quantity);
  if (!found) return;
  const Uniform law{found->first, found->second};
  evidence.certainty = law;
  evidence.value = (law.low + law.high) / 2;
  if (!(law.low < law.high))
    add_problem(
        problems_, uniform,
        fmt::format("low, {}, is not below high, {}", law.low, law.high));
}

std::optional<std::pair<double, double>> ValueReader::two_numbers(
    const Value& value, const char* form, const Quantity& quantity) const {
  const Array* array = as_array(value, problems_);
  if (!array) return std::nullopt;
  if (array->items.size() != 2) {
    add_problem(problems_, value,
                fmt::format("two numbers, {}, are allowed", form));
    return std::nullopt;
  }
  const Value first{array->items[0], value.path};
  const Value second{array->items[1], value.path};
  const std::pair<double, double> numbers{any_number(first),
                                          any_number(second)};
  const bool first_is_allowed = check(numbers.first, first, quantity);
  if (!check(numbers.second, second, quantity) || !first_is_allowed)
    return std::nullopt;
  return numbers;
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

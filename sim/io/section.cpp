#include "sim/io/section.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace stardsim {
namespace {

bool is_number_in_quotes(const Node& node) {
  const auto* text = std::get_if<std::string>(&node.value);
  if (!text) return false;
  const char* const end = text->data() + text->size();
  double number = 0;
  const auto [rest, error] = std::from_chars(text->data(), end, number);
  return error == std::errc() && rest == end && std::isfinite(number);
}

}  // namespace

bool Section::knows(const std::string& key) const {
  return std::find(known_.begin(), known_.end(), key) != known_.end();
}

std::optional<Value> Section::find(const std::string& key) {
  if (!knows(key)) known_.push_back(key);
  const Entry* entry = table_.find(key);
  if (!entry) return std::nullopt;
  return Value{entry->node, join_key(path_, key)};
}

std::optional<Value> Section::require(const std::string& key,
                                      const std::string& what) {
  auto value = find(key);
  if (!value)
    problems_.add(where_, join_key(path_, key),
                  fmt::format("missing; {} is needed", what));
  return value;
}

std::string Section::text(const std::string& key,
                          const std::string& otherwise) {
  const auto value = find(key);
  return value ? as_text(*value, problems_) : otherwise;
}

std::optional<std::size_t> Section::choice(
    const std::string& key, const std::vector<std::string>& names) {
  const auto value = find(key);
  if (!value) return std::nullopt;
  const auto* text = std::get_if<std::string>(&value->node.value);
  if (!text) {
    add_wrong_type(problems_, *value, "one of " + listed(names));
    return std::nullopt;
  }
  const auto found = std::find(names.begin(), names.end(), *text);
  if (found != names.end())
    return static_cast<std::size_t>(found - names.begin());
  add_problem(
      problems_, *value,
      fmt::format("{} is not one of {}", in_quotes(*text), listed(names)));
  return std::nullopt;
}

std::optional<std::uint64_t> Section::whole_number(const std::string& key,
                                                   const WholeRange& range) {
  const auto value = find(key);
  if (!value) return std::nullopt;
  return as_whole_number(*value, range, problems_);
}

bool Section::has_unknown_keys() const {
  return std::any_of(table_.entries.begin(), table_.entries.end(),
                     [&](const Entry& entry) { return !knows(entry.key); });
}

void Section::finish(
    std::optional<std::string> (*special_hint)(const std::string& key)) const {
  for (const Entry& entry : table_.entries) {
    if (knows(entry.key)) continue;
    auto hint = special_hint ? special_hint(entry.key) : std::nullopt;
    if (!hint && nearest(entry.key, known_))
      hint = suggestion(entry.key, known_);
    if (!hint) hint = "; allowed are " + listed(known_);
    problems_.add(entry.where, path_,
                  "unknown key " + in_quotes(entry.key) + *hint);
  }
}

void add_problem(Problems& problems, const Value& value,
                 const std::string& what) {
  problems.add(value.node.where, value.path, what);
}

void add_wrong_type(Problems& problems, const Value& value,
                    const std::string& allowed) {
  add_problem(
      problems, value,
      fmt::format("is {}; {} is allowed", kind_of(value.node), allowed));
}

void add_no_number(Problems& problems, const Value& value,
                   const std::string& allowed) {
  add_problem(
      problems, value,
      fmt::format(
          "is {}; {} is allowed{}", kind_of(value.node), allowed,
          is_number_in_quotes(value.node) ? "; remove the quotes" : ""));
}

const Table* as_table(const Value& value, Problems& problems,
                      const std::string& allowed) {
  const auto* table = std::get_if<Table>(&value.node.value);
  if (!table) add_wrong_type(problems, value, allowed);
  return table;
}

const Array* as_array(const Value& value, Problems& problems) {
  const auto* array = std::get_if<Array>(&value.node.value);
  if (!array) add_wrong_type(problems, value, "an array");
  return array;
}

std::string as_text(const Value& value, Problems& problems) {
  if (const auto* text = std::get_if<std::string>(&value.node.value))
    return *text;
  add_wrong_type(problems, value, "a text in quotes");
  return "";
}

std::optional<bool> as_boolean(const Value& value, Problems& problems) {
  if (const auto* flag = std::get_if<bool>(&value.node.value)) return *flag;
  add_wrong_type(problems, value, "true or false");
  return std::nullopt;
}

std::vector<Value> one_or_more(const Value& value, std::size_t most,
                               Problems& problems) {
  const auto* array = std::get_if<Array>(&value.node.value);
  if (!array) return {value};
  const std::size_t count = array->items.size();
  if (count == 0 || count > most) {
    add_problem(problems, value,
                fmt::format("{} entries; 1 to {} are allowed", count, most));
    return {};
  }
  std::vector<Value> items;
  for (const Node& item : array->items) items.push_back({item, value.path});
  return items;
}

bool is_empty_table(const Value& value) {
  const auto* table = std::get_if<Table>(&value.node.value);
  return table && table->entries.empty();
}

std::optional<std::size_t> index_of_name(const std::string& name,
                                         const Value& place,
                                         const std::string& kind,
                                         const std::vector<std::string>& names,
                                         Problems& problems) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end())
    return static_cast<std::size_t>(found - names.begin());
  std::string hint = suggestion(name, names);
  if (hint.empty())
    hint = names.empty() ? "; there is none" : "; known are " + listed(names);
  add_problem(problems, place,
              fmt::format("{} is not {}{}", in_quotes(name), kind, hint));
  return std::nullopt;
}

std::vector<NamedValue> named_values(const std::optional<Value>& section,
                                     std::size_t most, Problems& problems) {
  std::vector<NamedValue> values;
  const Table* table = section ? as_table(*section, problems) : nullptr;
  if (!table) return values;
  const std::size_t count = table->entries.size();
  if (count > most)
    add_problem(problems, *section,
                fmt::format("{} entries; at most {} are allowed", count, most));
  for (std::size_t i = 0; i < std::min(count, most); ++i) {
    const Entry& entry = table->entries[i];
    values.push_back(
        {entry.key, {entry.node, join_key(section->path, entry.key)}});
  }
  return values;
}

std::optional<std::size_t> as_name(const Value& value, const std::string& kind,
                                   const std::vector<std::string>& names,
                                   Problems& problems) {
  const auto* name = std::get_if<std::string>(&value.node.value);
  if (!name) {
    add_wrong_type(problems, value, "the name of " + kind);
    return std::nullopt;
  }
  const auto found = std::find(names.begin(), names.end(), *name);
  if (found != names.end())
    return static_cast<std::size_t>(found - names.begin());
  add_problem(problems, value,
              fmt::format("{} is not {} of this scenario{}", in_quotes(*name),
                          kind, suggestion(*name, names)));
  return std::nullopt;
}

std::optional<std::uint64_t> as_whole_number(const Value& value,
                                             const WholeRange& range,
                                             Problems& problems) {
  constexpr double exact_in_double = 9007199254740992;  // 2^53
  std::optional<std::uint64_t> whole;
  std::string shown;
  if (const auto* integer = std::get_if<std::int64_t>(&value.node.value)) {
    shown = fmt::format("{}", *integer);
    if (*integer >= 0) whole = static_cast<std::uint64_t>(*integer);
  } else if (const auto* number = std::get_if<double>(&value.node.value)) {
    shown = fmt::format("{}", *number);
    if (*number >= 0 && *number <= exact_in_double &&
        *number == std::floor(*number))
      whole = static_cast<std::uint64_t>(*number);
  } else {
    add_no_number(problems, value, range.allowed);
    return std::nullopt;
  }
  if (whole && *whole >= range.lowest && *whole <= range.highest) return whole;
  add_problem(problems, value,
              fmt::format("{} is not {}", shown, range.allowed));
  return std::nullopt;
}

}  // namespace stardsim

#include "sim/io/overlay.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <set>
#include <stdexcept>
#include <utility>

namespace stardsim {
namespace {

using Path = std::vector<std::string>;

// What makes a table an evidence value; all else in it is about something else.
const std::set<std::string> evidence_keys = {
    "value", "events",  "of",           "low",   "high",   "sd",
    "beta",  "uniform", "distribution", "fixed", "source", "note"};

/// The parts of a key path, of which some are in quotes (join_key).
Path parts_of(const std::string& key) {
  Path parts(1);
  bool quoted = false;
  for (std::size_t i = 0; i < key.size(); ++i) {
    const char c = key[i];
    if (c == '"')
      quoted = !quoted;
    else if (c == '\\' && quoted && i + 1 < key.size())
      parts.back() += key[++i];
    else if (c == '.' && !quoted)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

std::string written(const std::string& key) {
  const bool bare =
      !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) || c == '_' ||
               c == '-';
      });
  return bare ? key : toml_string(key);
}

std::string joined(const Path& path) {
  std::string text;
  for (const std::string& part : path)
    text += (text.empty() ? "" : ".") + written(part);
  return text;
}

/// What stands in a table or, by its number from 1, in an array; or null.
Node* within(Node& node, const std::string& part) {
  if (auto* table = std::get_if<Table>(&node.value)) {
    Entry* entry = table->find(part);
    return entry ? &entry->node : nullptr;
  }
  auto* array = std::get_if<Array>(&node.value);
  std::size_t number = 0;
  const char* const end = part.data() + part.size();
  const auto [rest, error] = std::from_chars(part.data(), end, number);
  if (!array || error != std::errc() || rest != end || number < 1 ||
      number > array->items.size())
    return nullptr;
  return &array->items[number - 1];
}

Node* find(Table& root, const Path& path) {
  Entry* entry = root.find(path.front());
  Node* node = entry ? &entry->node : nullptr;
  for (std::size_t i = 1; node && i < path.size(); ++i)
    node = within(*node, path[i]);
  return node;
}

// ---- numbers ----

std::optional<double> plain(const Node& node) {
  if (const auto* whole = std::get_if<std::int64_t>(&node.value))
    return static_cast<double>(*whole);
  if (const auto* number = std::get_if<double>(&node.value)) return *number;
  return std::nullopt;
}

std::optional<double> entry_of(const Table& table, const char* key) {
  const Entry* entry = table.find(key);
  return entry ? plain(entry->node) : std::nullopt;
}

std::optional<std::pair<double, double>> pair_of(const Table& table,
                                                 const char* key) {
  const Entry* entry = table.find(key);
  const auto* array = entry ? std::get_if<Array>(&entry->node.value) : nullptr;
  if (!array || array->items.size() != 2) return std::nullopt;
  const auto first = plain(array->items[0]), second = plain(array->items[1]);
  if (!first || !second) return std::nullopt;
  return std::pair{*first, *second};
}

std::optional<double> number_of(const Node& node) {
  if (const auto number = plain(node)) return number;
  const auto* table = std::get_if<Table>(&node.value);
  if (!table) return std::nullopt;
  if (const auto value = entry_of(*table, "value")) return value;
  const auto events = entry_of(*table, "events"), of = entry_of(*table, "of");
  if (events && of) return *events / *of;
  if (const auto beta = pair_of(*table, "beta"))
    return beta->first / (beta->first + beta->second);
  if (const auto uniform = pair_of(*table, "uniform"))
    return (uniform->first + uniform->second) / 2;
  return std::nullopt;
}

Entry entry(const std::string& key, double number) {
  return {key, {}, {{}, number}};
}
Entry entry(const std::string& key, const std::string& text) {
  return {key, {}, {{}, text}};
}

void put(Node& node, const NewNumber& number) {
  Table table;
  table.entries = {entry("value", number.value), entry("low", number.low),
                   entry("high", number.high), entry("source", number.source)};
  if (!number.note.empty()) table.entries.push_back(entry("note", number.note));
  if (const auto* old = std::get_if<Table>(&node.value))
    for (const Entry& other : old->entries)
      if (evidence_keys.count(other.key) == 0) table.entries.push_back(other);
  node.value = std::move(table);
}

// ---- text ----

std::string text_of(const Node&);

struct TextOf {
  std::string operator()(const std::string& text) const {
    return toml_string(text);
  }
  std::string operator()(std::int64_t number) const {
    return std::to_string(number);
  }
  std::string operator()(double number) const {
    return fmt::format("{}", number);
  }
  std::string operator()(bool flag) const { return flag ? "true" : "false"; }
  // No key of a scenario allows one.
  std::string operator()(const Moment&) const { return "0"; }
  std::string operator()(const Array& array) const {
    std::string text;
    for (const Node& item : array.items)
      text += (text.empty() ? "" : ", ") + text_of(item);
    return "[" + text + "]";
  }
  std::string operator()(const Table& table) const {
    std::string text;
    for (const Entry& one : table.entries)
      text += (text.empty() ? "" : ", ") + written(one.key) + " = " +
              text_of(one.node);
    return text.empty() ? "{}" : "{ " + text + " }";
  }
};

std::string text_of(const Node& node) {
  return std::visit(TextOf{}, node.value);
}

/// Down to where a table of the path is replaced whole, or to its end.
Path replaced_with(const Path& path, MergesByName merges_by_name) {
  Path top;
  for (const std::string& part : path) {
    top.push_back(part);
    if (!merges_by_name(top)) break;
  }
  return top;
}

}  // namespace

std::optional<double> number_at(const Document& document,
                                const std::string& key) {
  Table root = document.root;
  const Node* node = find(root, parts_of(key));
  return node ? number_of(*node) : std::nullopt;
}

std::string overlay(const Document& document, MergesByName merges_by_name,
                    const std::vector<NewNumber>& numbers) {
  Table root = document.root;
  std::vector<Path> replaced;
  for (const NewNumber& number : numbers) {
    const Path path = parts_of(number.key);
    Node* node = find(root, path);
    if (!node) throw std::invalid_argument(number.key + ": not in the file");
    put(*node, number);
    const Path top = replaced_with(path, merges_by_name);
    if (std::find(replaced.begin(), replaced.end(), top) == replaced.end())
      replaced.push_back(top);
  }
  // Values of one table under one header.
  std::vector<std::pair<Path, std::string>> tables;
  for (const Path& path : replaced) {
    const Path header(path.begin(), path.end() - 1);
    auto table =
        std::find_if(tables.begin(), tables.end(),
                     [&](const auto& one) { return one.first == header; });
    if (table == tables.end()) table = tables.insert(table, {header, ""});
    table->second +=
        written(path.back()) + " = " + text_of(*find(root, path)) + "\n";
  }
  std::string text;
  for (const auto& [header, lines] : tables)
    text += "\n[" + joined(header) + "]\n" + lines;
  return text;
}

std::string toml_string(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      quoted += std::string("\\") + c;
    else if (c == '\n')
      quoted += "\\n";
    else if (c == '\t')
      quoted += "\\t";
    else if (static_cast<unsigned char>(c) < ' ' || c == '\x7F')
      quoted += fmt::format("\\u{:04X}", static_cast<unsigned char>(c));
    else
      quoted += c;
  }
  return quoted + "\"";
}

}  // namespace stardsim

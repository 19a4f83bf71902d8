// A TOML file as a tree that keeps positions and the order of the file.
#pragma once

#include "sim/io/problems.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace stardsim {

struct Node;
struct Entry;

struct Array {
  std::vector<Node> items;
};

/// Entries in the order of the file. Order and positions are why toml++'s own
/// tables, which are sorted by key, go no further than document.cpp.
struct Table {
  std::vector<Entry> entries;

  Entry* find(std::string_view key);
  const Entry* find(std::string_view key) const;
  void erase(std::string_view key);
};

/// A date or a time of day; no key of a scenario allows one.
struct Moment {};

struct Node {
  Position where;
  std::variant<std::string, std::int64_t, double, bool, Moment, Array, Table>
      value;
};

struct Entry {
  std::string key;
  Position where;  ///< of the key
  Node node;
};

/// "a string", "a table", ...: what the node is, for messages.
const char* kind_of(const Node&);

/// A file longer than this is refused.
inline constexpr std::size_t longest_text = 1'000'000;

/// The tree of a text in TOML 1.0. Positions name `file`, which `problems`
/// knows. If it is not text (UTF-8 without NUL), too long or not TOML, throws
/// BadScenario with one line.
Table parse_document(const std::string& text, std::size_t file,
                     const Problems& problems);

}  // namespace stardsim

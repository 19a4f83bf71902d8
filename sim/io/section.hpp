// Reads tables of a scenario key by key, so that no key goes unnoticed.
//
// A value that cannot be used is added to the problems, and reading goes on,
// so that all problems of a file are found at once.
#pragma once

#include "sim/io/document.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace stardsim {

/// A node and its key path.
struct Value {
  const Node& node;
  std::string path;
};

/// Which whole numbers are allowed.
struct WholeRange {
  const char* allowed;  ///< completes "0 is not ..."
  std::uint64_t lowest, highest;
};

/// A table being read. Every key that is asked for is a known one; `finish`
/// reports the others.
class Section {
 public:
  Section(const Table& table, Position where, std::string path,
          Problems& problems)
      : table_(table),
        where_(where),
        path_(std::move(path)),
        problems_(problems) {}
  /// The table of a value.
  Section(const Table& table, const Value& value, Problems& problems)
      : Section(table, value.node.where, value.path, problems) {}

  std::optional<Value> find(const std::string& key);
  /// As find; an absent one is a problem, which says what is needed.
  std::optional<Value> require(const std::string& key, const std::string& what);
  /// The text of the key; `otherwise` if it is absent.
  std::string text(const std::string& key, const std::string& otherwise = "");
  /// The index in `names` of the text of the key, if it is one of them.
  std::optional<std::size_t> choice(const std::string& key,
                                    const std::vector<std::string>& names);

  /// The number of the key, if there is one in the range.
  std::optional<std::uint64_t> whole_number(const std::string& key,
                                            const WholeRange&);

  const std::string& path() const { return path_; }
  /// Adds a problem with the table as a whole.
  void add(const std::string& what) { problems_.add(where_, path_, what); }

  bool has_unknown_keys() const;
  /// Adds a problem for every key that was not asked for, with a hint: the
  /// special one, if there is one for this key; or the nearest known key; or
  /// all that are known.
  void finish(std::optional<std::string> (*special_hint)(
                  const std::string& key) = nullptr) const;

 private:
  bool knows(const std::string& key) const;

  const Table& table_;
  Position where_;
  std::string path_;
  Problems& problems_;
  std::vector<std::string> known_;
};

void add_problem(Problems&, const Value&, const std::string& what);
/// `is a string; a number is allowed`.
void add_wrong_type(Problems&, const Value&, const std::string& allowed);
/// As add_wrong_type, where a number is allowed: one in quotes is recognised.
void add_no_number(Problems&, const Value&, const std::string& allowed);

/// The table or array of a value; anything else is a problem, and null.
const Table* as_table(const Value&, Problems&,
                      const std::string& allowed = "a table");
const Array* as_array(const Value&, Problems&);
/// The text of a value; anything else is a problem, and "".
std::string as_text(const Value&, Problems&);

/// `true` or `false`; anything else is a problem, and nothing.
std::optional<bool> as_boolean(const Value&, Problems&);
/// The items of an array, or the value itself if it is none. An empty array, or
/// one of more than `most` items, is a problem, and nothing.
std::vector<Value> one_or_more(const Value&, std::size_t most, Problems&);
bool is_empty_table(const Value&);

/// An entry of a section whose keys are names.
struct NamedValue {
  std::string name;
  Value value;
};
/// The entries of such a section, the first `most` of them; more are a problem,
/// and so is anything but a table. None if the section is absent.
std::vector<NamedValue> named_values(const std::optional<Value>&,
                                     std::size_t most, Problems&);

/// The index in `names` of what the value names; any other value is a problem
/// and nothing. `kind` is what has these names: "a step".
std::optional<std::size_t> as_name(const Value&, const std::string& kind,
                                   const std::vector<std::string>& names,
                                   Problems&);

/// The index in `names` of a key or text that names one of them; any other is a
/// problem, which lists them if none is near.
std::optional<std::size_t> index_of_name(const std::string& name,
                                         const Value& place,
                                         const std::string& kind,
                                         const std::vector<std::string>& names,
                                         Problems&);

/// A whole number in the range, which may be written as 1e6; any other value is
/// a problem and nothing.
std::optional<std::uint64_t> as_whole_number(const Value&, const WholeRange&,
                                             Problems&);

}  // namespace stardsim

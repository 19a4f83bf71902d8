// A scenario file together with all it extends.
#pragma once

#include "sim/io/document.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace stardsim {

/// The files merged into one tree.
struct Document {
  Table root;  ///< without `extends` and `remove`
  /// The file's text; where it extends others, all of them, the base first,
  /// each headed by a comment line with its name: that of the file without
  /// folders, that of a base as `extends` has it.
  std::string text;
  std::vector<std::filesystem::path> files;  ///< all of them, the base first
};

/// Whether the table at this key path (`{"steps", "level2"}`) is merged entry
/// by entry with the one of the same path in the base. Any other table, such
/// as an evidence value, is replaced whole: a new number never inherits the
/// source of an old one.
using MergesByName = bool (*)(const std::vector<std::string>& key_path);

/// Merges a table into what it extends, as below.
void merge(Table& base, Table own, MergesByName, Problems&);

/// Reads the file and what it extends (`extends = "other.toml"`, or an array of
/// names, relative to the extending file), and merges them in that order: what
/// stands in the base keeps its place in the order, new entries follow. `remove
/// = true` in a table deletes the base's table of that name; if there is none,
/// that is added to the problems. The [alternatives] of a base are left out:
/// they are variants of that file. Throws CannotRead for the file itself;
/// BadScenario with one line for a base that cannot be read, a loop, or what
/// parse_document refuses.
Document read_document(const std::filesystem::path&, MergesByName, Problems&);

}  // namespace stardsim

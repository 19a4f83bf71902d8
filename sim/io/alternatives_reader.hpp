// [alternatives]: variants of a scenario that differ in structure, each a whole
// scenario of its own.
#pragma once

#include "models/scenario.hpp"
#include "sim/io/extends.hpp"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace stardsim {

/// A variant of a scenario. It has the patients and the seed of the scenario,
/// and neither its [published] nor its [uncertainty].
struct Alternative {
  std::string name, label, source;
  std::string file;  ///< of the other scenario that it is; "": none
  Scenario scenario;
};

inline constexpr std::size_t most_alternatives = 32;

/// The name that results give the scenario itself, beside its alternatives.
inline constexpr const char* base_alternative = "base";

/// Takes [alternatives] out of the document: it is none of the scenario itself.
std::optional<Entry> take_alternatives(Table& root);

/// A scenario and what it was read from, beside the document.
struct WholeScenario {
  Scenario scenario;
  std::vector<std::filesystem::path> files;
};

/// How scenarios are read.
struct AlternativeSources {
  const Table& root;         ///< of the scenario
  const Scenario& scenario;  ///< made of it
  MergesByName merges_by_name;
  /// Of a document; adds its problems.
  std::function<WholeScenario(const Table&, Problems&)> make;
  /// Of another file, without its alternatives.
  std::function<WholeScenario(const std::filesystem::path&)> read;
};

/// In the order of the file. Adds the problems of all of them, each under the
/// key of its alternative, and the files that they were read from to `files`.
std::vector<Alternative> read_alternatives(
    const Entry& alternatives, const AlternativeSources&, Problems&,
    std::vector<std::filesystem::path>& files);

}  // namespace stardsim

// Reads the pathways, and finds what the scenario's time depends on.
#pragma once

#include "models/scenario.hpp"
#include "sim/io/section.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace stardsim {

/// Reads `[pathways]`, whose steps are known by name only.
class PathwayReader {
 public:
  PathwayReader(std::vector<std::string> step_names, Problems& problems)
      : step_names_(std::move(step_names)), problems_(problems) {}

  std::vector<Pathway> read(const std::optional<Value>& pathways);

  /// Whether the file gives this pathway, of those that were read, no steps:
  /// not whether none of them could be used.
  bool is_without_steps(std::size_t pathway) const;
  /// The key of the first such pathway, or "".
  std::string first_without_steps() const;

  /// Adds a problem for each pathway, of those that were read, that is longer
  /// than so many weeks.
  void check_lengths(const Scenario&, std::uint32_t most_weeks) const;

 private:
  Pathway pathway(const std::string& name, const Value&) const;
  std::vector<std::size_t> steps_of(const Value&) const;

  std::vector<std::string> step_names_;
  std::vector<Value> values_;  ///< of the pathways
  Problems& problems_;
};

/// How long the treatments of a pathway last, extensions included, rounded up
/// to whole weeks. Steps of unusable length count as nothing.
std::uint32_t weeks_of(const Scenario&, std::size_t pathway);
/// The index of the first of the longest; the number of pathways if there is
/// none.
std::size_t longest_pathway(const Scenario&);

/// The key of the first thing that lets a patient's time go on beyond the
/// treatments: relapse, a gap, a wait, what comes to the untreated; "" if
/// there is nothing.
std::string what_goes_on(const Scenario&);
/// The key of the first thing that may send somebody into a gap of which the
/// arm does not say how it ends, or "".
std::string what_needs_gap_return(const Scenario&);

}  // namespace stardsim

// Other numbers for a scenario, as text of a file that extends it.
#pragma once

#include "sim/io/extends.hpp"

#include <optional>
#include <string>
#include <vector>

namespace stardsim {

/// A number to stand at a key, with its 95 % interval.
struct NewNumber {
  std::string key;  ///< as Evidence::key
  double value, low, high;
  std::string source, note;
};

/// The number that the document has at the key of an evidence value: plain, or
/// what its table comes to. Nothing where there is none.
std::optional<double> number_at(const Document&, const std::string& key);

/// TOML tables that put these numbers into a file that extends the document:
/// each as { value, low, high, source, note }; what stands in the same table,
/// such as the week of a probability, is repeated, since a table that does not
/// merge by name is replaced whole. Requires number_at() of each.
std::string overlay(const Document&, MergesByName,
                    const std::vector<NewNumber>&);

/// The text as TOML has it, in quotes.
std::string toml_string(const std::string&);

}  // namespace stardsim

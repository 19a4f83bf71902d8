// A file of our own read back whole, for those who write it in another form.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace stardsim {

/// A dataset or an attribute, in row-major order.
struct TreeValues {
  std::string name;
  std::vector<std::size_t> shape;  ///< empty: a single value
  std::variant<std::vector<std::int64_t>, std::vector<std::uint64_t>,
               std::vector<double>, std::vector<std::string>>
      values;
  /// Of counts: what stands for a missing one. Of doubles that is NaN.
  std::optional<std::int64_t> missing{};
};

struct TreeGroup {
  std::string name;
  std::vector<TreeValues> datasets;
};

/// In the order in which they were written.
struct Tree {
  std::vector<TreeValues> attributes;  ///< of the root
  /// Those within another behind it, as "uncertainty/curves".
  std::vector<TreeGroup> groups;
};

/// Of an image made by this program (results.hpp, outcome_tables.hpp), without
/// these attributes and groups. Throws hdf5::Failure (a std::runtime_error).
Tree read_tree(const std::vector<std::byte>& image,
               const std::set<std::string>& attributes_left_out,
               const std::set<std::string>& groups_left_out);

}  // namespace stardsim

// A netCDF-4 compatible HDF5 file that is built in memory: groups of named
// variables over named dimensions.
#pragma once

#include "sim/io/hdf5_handles.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <variant>
#include <vector>

namespace stardsim {

/// What stands where there is nothing to tell: `_FillValue` of every variable
/// of signed 64-bit counts and of doubles.
inline constexpr std::int64_t missing_count = -1;
inline constexpr double missing_number =
    std::numeric_limits<double>::quiet_NaN();

/// In row-major order: the last dimension runs fastest.
using Values =
    std::variant<std::vector<std::int32_t>, std::vector<std::int64_t>,
                 std::vector<std::uint64_t>, std::vector<double>,
                 std::vector<std::string>>;

struct Attribute {
  std::string name;
  std::variant<std::int32_t, std::uint64_t, double, std::string> value;
};

struct Variable {
  std::string name;
  std::vector<std::string> dimensions;  ///< scales of the same group
  Values values;
  std::string long_name;
  std::string units;  ///< "1" for a pure number; none for text
  std::vector<Attribute> attributes{};
};

/// A dimension and its coordinates: one for each place along it.
struct Scale {
  std::string name;
  Values values;
  std::string long_name, units;
};

/// One group of a file; it carries the dimension scales of all its variables,
/// so that it can be opened without the rest. Keeps the order in which scales
/// and variables are added.
class NetcdfGroup {
 public:
  NetcdfGroup(hid_t file, const std::string& name);

  void add(const Scale&);

  /// Throws std::logic_error if a dimension has no scale in this group or the
  /// number of values is not the product of the dimensions.
  void add(const Variable&);

 private:
  struct Dimension {
    std::string name;
    hsize_t size;
    hdf5::Handle scale;
  };

  const Dimension& dimension(const std::string& name) const;
  std::vector<hsize_t> shape_of(const Variable&) const;

  std::string name_;
  hdf5::Handle group_;
  std::vector<Dimension> dimensions_;
};

/// Equal calls give equal bytes: nothing in it tells the time. All members
/// throw hdf5::Failure if HDF5 does.
class NetcdfFile {
 public:
  NetcdfFile();

  void add(const Attribute&);  ///< to the root group
  NetcdfGroup add_group(const std::string& name);

  /// The file as it would be on disk.
  std::vector<std::byte> bytes() const;

 private:
  hdf5::Session session_;
  hdf5::Handle file_;
};

}  // namespace stardsim

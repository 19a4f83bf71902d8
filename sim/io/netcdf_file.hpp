// A netCDF-4 compatible HDF5 file that is built in memory or in a file: groups
// of named variables over named dimensions.
#pragma once

#include "sim/io/hdf5_driver.hpp"
#include "sim/io/hdf5_handles.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace stardsim {

/// What stands where there is nothing to tell: `_FillValue` of every variable
/// of signed 64-bit counts, of signed 16-bit places and of doubles.
inline constexpr std::int64_t missing_count = -1;
inline constexpr std::int16_t missing_place = -1;
inline constexpr double missing_number =
    std::numeric_limits<double>::quiet_NaN();

/// In row-major order: the last dimension runs fastest.
using Values =
    std::variant<std::vector<std::uint8_t>, std::vector<std::int16_t>,
                 std::vector<std::uint16_t>, std::vector<std::int32_t>,
                 std::vector<std::int64_t>, std::vector<std::uint64_t>,
                 std::vector<float>, std::vector<double>,
                 std::vector<std::string>>;

struct Attribute {
  std::string name;
  std::variant<std::int32_t, std::uint64_t, double, std::string,
               std::vector<std::uint8_t>, std::vector<std::uint16_t>,
               std::vector<float>>
      value;
};

struct Variable {
  std::string name;
  std::vector<std::string> dimensions;  ///< scales of the same group
  Values values;
  std::string long_name;
  std::string units;  ///< "1" for a pure number; none for text
  std::vector<Attribute> attributes{};
  bool never_missing = false;  ///< all values mean something: no _FillValue
};

/// Beside the braces that make the variable, not within them: where memory is
/// wanting for one of nested braces, g++ 12 destroys what is not there yet.
Variable with_attribute(Variable, Attribute);

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
  NetcdfGroup(hid_t file, const hdf5::TolerantStorage&,
              const std::string& name);

  void add(const Scale&);
  void add(const Attribute&);  ///< to the group itself

  /// Throws std::logic_error if a dimension has no scale in this group or the
  /// number of values is not the product of the dimensions.
  void add(const Variable&);

  /// As `add`, of values that come in pieces: `piece(first, count)` tells those
  /// of so many places along the first dimension, and is called from 0 on,
  /// `at_once` places or fewer at a time. `values` of the variable tell the
  /// type alone. No text.
  void add(
      const Variable&, std::size_t at_once,
      const std::function<Values(std::size_t first, std::size_t count)>& piece);

  /// As `add`, but of a dimension whose length shows only while it is written,
  /// and of variables along one such dimension. Compressed in chunks; what has
  /// been appended is no longer held outside the file. No text.
  void add_growing(const Scale&);
  void add_growing(const Variable&);

  /// Throws std::logic_error unless `name` was added as growing with values of
  /// this type. All along one dimension must be appended to alike.
  void append(const std::string& name, const Values&);

 private:
  struct Dimension {
    std::string name;
    hsize_t size;
    hdf5::Handle scale;
  };
  struct Growing {
    std::string name;
    std::size_t type;  ///< index in Values
    hsize_t size;
    hdf5::Handle dataset;
  };

  const Dimension& dimension(const std::string& name) const;
  void complete(hid_t dataset, const Variable&) const;
  std::vector<hsize_t> shape_of(const Variable&) const;
  [[noreturn]] void refuse_number_of_values(const Variable&) const;

  const hdf5::TolerantStorage* storage_;
  std::string name_;
  hdf5::Handle group_;
  std::vector<Dimension> dimensions_;
  std::vector<Growing> growing_;
};

/// Equal calls give equal bytes, wherever they are kept: nothing in them tells
/// the time. All members, and those of groups, throw hdf5::Failure if HDF5
/// fails, and CannotWrite soon after the file could not be written.
class NetcdfFile {
 public:
  /// In memory.
  NetcdfFile();
  /// In a new, empty file, which must outlive this object and all groups.
  explicit NetcdfFile(OpenFile&);

  void add(const Attribute&);  ///< to the root group
  NetcdfGroup add_group(const std::string& name);

  /// Writes what is left. No group may be in use any more, and nothing can be
  /// added. (What HDF5 allocated and did not use goes, so that bytes are not
  /// always those of before.)
  void close();

  /// The file in memory, closed or not, as it would be on disk.
  std::vector<std::byte> bytes() const;

 private:
  explicit NetcdfFile(std::unique_ptr<hdf5::Storage>);

  hdf5::Session session_;
  std::unique_ptr<hdf5::Storage> kept_;
  std::shared_ptr<hdf5::TolerantStorage> storage_;
  std::optional<hdf5::Handle> file_;
};

}  // namespace stardsim

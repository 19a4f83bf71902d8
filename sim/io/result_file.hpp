// A result file opened for reading: its datasets and attributes, each only
// after its shape and type are known to be right.
#pragma once

#include "sim/core/outcomes.hpp"
#include "sim/io/hdf5_driver.hpp"
#include "sim/io/hdf5_handles.hpp"
#include "sim/io/open_file.hpp"
#include "sim/io/result_reader.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <numeric>
#include <string>
#include <type_traits>
#include <vector>

namespace stardsim {

class ResultFile {
 public:
  using Shape = std::vector<hsize_t>;
  using Texts = std::vector<std::string>;

  /// Throws CannotRead (problems.hpp) or BadResult; what follows throws
  /// BadResult or hdf5::Failure. Requires an hdf5::Session.
  explicit ResultFile(const std::filesystem::path& path);

  [[noreturn]] void refuse(const std::string& what) const;

  /// CannotRead if the disk failed since the file was opened, which HDF5 does
  /// not tell from damage.
  void throw_failure() const { storage_->throw_failure(); }

  bool has(const std::string& dataset_or_group) const;
  bool has_attribute(const char* name) const;

  /// Of the root group.
  std::string text_attribute(const char* name) const;
  double real_attribute(const char* name) const;
  std::uint64_t number_attribute(const char* name) const;
  /// Of another group.
  std::string text_attribute(const std::string& group, const char* name) const;
  std::uint64_t number_attribute(const std::string& group,
                                 const char* name) const;

  /// Of one dimension, of whatever length from 1 up to 65,536.
  Texts names(const std::string& dataset) const;
  std::vector<double> list(const std::string& dataset) const;
  Texts texts(const std::string& dataset, const Shape& shape) const;

  /// Of a list of weeks of whatever length; 0 if it has none.
  std::uint32_t last_week(const std::string& dataset) const;

  /// The length of a dataset of one dimension, up to 65,536.
  std::size_t length(const std::string& dataset) const;

  template <class T>
  std::vector<T> numbers(const std::string& dataset, const Shape& shape) const {
    const hdf5::Handle opened = open_dataset(dataset);
    require_shape(opened, dataset, shape);
    require_class(opened, std::is_floating_point_v<T>, dataset);
    std::vector<T> values(std::accumulate(shape.begin(), shape.end(),
                                          hsize_t{1}, std::multiplies<>()));
    const hdf5::Handle type = hdf5::type_of<T>();
    hdf5::require(H5Dread(opened.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT,
                          values.data()),
                  "read " + dataset);
    return values;
  }

  /// Of the first dimension only `count` from `first` on.
  template <class T>
  std::vector<T> part_of_numbers(const std::string& dataset, const Shape& shape,
                                 hsize_t first, hsize_t count) const {
    const hdf5::Handle opened = open_dataset(dataset);
    require_shape(opened, dataset, shape);
    require_class(opened, std::is_floating_point_v<T>, dataset);
    Shape start(shape.size()), size = shape;
    start[0] = first;
    size[0] = count;
    std::vector<T> values(std::accumulate(size.begin(), size.end(), hsize_t{1},
                                          std::multiplies<>()));
    const hdf5::Handle type = hdf5::type_of<T>();
    const hdf5::Handle in_file(H5Dget_space(opened.id()), H5Sclose,
                               "tell the shape of " + dataset);
    hdf5::require(
        H5Sselect_hyperslab(in_file.id(), H5S_SELECT_SET, start.data(), nullptr,
                            size.data(), nullptr),
        "select a part of " + dataset);
    const hdf5::Handle in_memory(
        H5Screate_simple(static_cast<int>(size.size()), size.data(), nullptr),
        H5Sclose, "make a dataspace");
    hdf5::require(H5Dread(opened.id(), type.id(), in_memory.id(), in_file.id(),
                          H5P_DEFAULT, values.data()),
                  "read " + dataset);
    return values;
  }

  /// Of 128 bits, from the halves NAME_high and NAME_low.
  std::vector<SignedWide> sums(const std::string& name,
                               const Shape& shape) const;

 private:
  hdf5::Handle open() const;
  hdf5::Handle open_attribute(const std::string& group, const char* name) const;
  hdf5::Handle open_dataset(const std::string& name) const;
  void require_shape(const hdf5::Handle& dataset, const std::string& name,
                     const Shape& shape) const;
  void require_class(const hdf5::Handle& dataset, bool is_floating_point,
                     const std::string& name) const;
  Texts texts(const hdf5::Handle& dataset, const std::string& name,
              hsize_t size) const;

  std::filesystem::path path_;
  OpenFile disk_;
  hdf5::StorageInFile bytes_{disk_};
  std::shared_ptr<hdf5::TolerantStorage> storage_;
  hdf5::Handle file_;
};

/// The place of the name among them; refuses the file if it is not there.
std::size_t place_of(const ResultFile::Texts& names, const std::string& name,
                     const ResultFile& file, const std::string& what);

void require_distinct(const ResultFile::Texts& names, const ResultFile& file,
                      const std::string& what);

/// That it is a result of a version that this program reads, of a number of
/// patients that a run can have.
void require_result(const ResultFile& file);

/// Calls `read` of the opened file, first in a process of its own (trial.hpp):
/// HDF5 1.10 crashes on some damaged files, or takes memory without end. What
/// is refused there is not read here at all. Throws CannotRead or BadResult.
void read_safely(const std::filesystem::path& path,
                 const std::function<void(const ResultFile&)>& read);

}  // namespace stardsim

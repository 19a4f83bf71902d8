// HDF5's C interface made safe: identifiers that close themselves, failures
// that are exceptions, C++ types as HDF5 types.
#pragma once

#include <hdf5.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace stardsim::hdf5 {

/// A call of HDF5 failed: `HDF5 cannot create dataset entered: <its reason>`.
class Failure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Throws Failure if the result of an HDF5 call is negative. `deed` completes
/// "HDF5 cannot ...".
void require(std::int64_t result, const std::string& deed);

/// While one lives, HDF5 prints no errors of its own. From the first one on,
/// HDF5 runs no handler at the program's exit: that of version 1.10 crashes
/// after a failed close. To have that effect the first one must be made before
/// any other use of HDF5.
class Session {
 public:
  Session();
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

 private:
  H5E_auto2_t print_ = nullptr;
  void* print_argument_ = nullptr;
};

/// Owns an identifier and closes it at the end of scope.
class Handle {
 public:
  using Close = herr_t (*)(hid_t);

  /// Throws Failure if `id` is that of a failed call.
  Handle(hid_t id, Close close, const std::string& deed);
  ~Handle();
  Handle(Handle&& other) noexcept;
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  hid_t id() const { return id_; }

 private:
  hid_t id_;
  Close close_;
};

/// The HDF5 type of a C++ type, in memory and in the file; std::string is
/// variable-length UTF-8, passed to HDF5 as const char*.
template <class T>
Handle type_of();
template <>
Handle type_of<std::uint8_t>();
template <>
Handle type_of<std::int16_t>();
template <>
Handle type_of<std::uint16_t>();
template <>
Handle type_of<std::int32_t>();
template <>
Handle type_of<std::int64_t>();
template <>
Handle type_of<std::uint64_t>();
template <>
Handle type_of<float>();
template <>
Handle type_of<double>();
template <>
Handle type_of<std::string>();

Handle property_list(hid_t property_class);

/// Writes a new scalar attribute of a file, group or dataset.
template <class T>
void write_attribute(hid_t object, const std::string& name, const T& value);

/// The same of one dimension.
template <class T>
void write_attribute(hid_t object, const std::string& name,
                     const std::vector<T>& values);

}  // namespace stardsim::hdf5

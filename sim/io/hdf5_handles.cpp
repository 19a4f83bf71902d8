#include "sim/io/hdf5_handles.hpp"

#include <utility>

namespace stardsim::hdf5 {
namespace {

herr_t keep_description(unsigned, const H5E_error2_t* error, void* reason) {
  *static_cast<std::string*>(reason) = error->desc ? error->desc : "";
  return 1;  // the first is the cause; the others are its callers
}

std::string reason_of_failure() {
  std::string reason;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_description, &reason);
  return reason.empty() ? "no reason given" : reason;
}

Handle copy_of_type(hid_t type) {
  return Handle(H5Tcopy(type), H5Tclose, "copy a type");
}

void write_value(hid_t attribute, hid_t type, const void* value,
                 const std::string& name) {
  require(H5Awrite(attribute, type, value), "write attribute " + name);
}

template <class T>
void write_value_of(hid_t attribute, hid_t type, const T& value,
                    const std::string& name) {
  write_value(attribute, type, &value, name);
}

void write_value_of(hid_t attribute, hid_t type, const std::string& value,
                    const std::string& name) {
  const char* text = value.c_str();
  write_value(attribute, type, &text, name);
}

}  // namespace

void require(std::int64_t result, const std::string& deed) {
  if (result < 0) {
    throw Failure("HDF5 cannot " + deed + ": " + reason_of_failure());
  }
}

Session::Session() {
  static const herr_t without_exit_handler = H5dont_atexit();
  (void)without_exit_handler;  // fails if HDF5 is in use already
  require(H5open(), "start");
  require(H5Eget_auto2(H5E_DEFAULT, &print_, &print_argument_),
          "tell how it prints errors");
  require(H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr), "stop printing errors");
}

Session::~Session() { H5Eset_auto2(H5E_DEFAULT, print_, print_argument_); }

Handle::Handle(hid_t id, Close close, const std::string& deed)
    : id_(id), close_(close) {
  require(id, deed);
}

Handle::~Handle() {
  if (id_ >= 0) close_(id_);
}

Handle::Handle(Handle&& other) noexcept
    : id_(std::exchange(other.id_, H5I_INVALID_HID)), close_(other.close_) {}

template <>
Handle type_of<std::uint8_t>() {
  return copy_of_type(H5T_NATIVE_UINT8);
}

template <>
Handle type_of<std::int16_t>() {
  return copy_of_type(H5T_NATIVE_INT16);
}

template <>
Handle type_of<std::uint16_t>() {
  return copy_of_type(H5T_NATIVE_UINT16);
}

template <>
Handle type_of<std::int32_t>() {
  return copy_of_type(H5T_NATIVE_INT32);
}

template <>
Handle type_of<std::int64_t>() {
  return copy_of_type(H5T_NATIVE_INT64);
}

template <>
Handle type_of<std::uint64_t>() {
  return copy_of_type(H5T_NATIVE_UINT64);
}

template <>
Handle type_of<float>() {
  return copy_of_type(H5T_NATIVE_FLOAT);
}

template <>
Handle type_of<double>() {
  return copy_of_type(H5T_NATIVE_DOUBLE);
}

template <>
Handle type_of<std::string>() {
  Handle type = copy_of_type(H5T_C_S1);
  require(H5Tset_size(type.id(), H5T_VARIABLE), "make a string type");
  require(H5Tset_cset(type.id(), H5T_CSET_UTF8), "make a string type UTF-8");
  return type;
}

Handle property_list(hid_t property_class) {
  return Handle(H5Pcreate(property_class), H5Pclose, "make a property list");
}

template <class T>
void write_attribute(hid_t object, const std::string& name, const T& value) {
  const Handle type = type_of<T>();
  const Handle scalar(H5Screate(H5S_SCALAR), H5Sclose, "make a dataspace");
  const Handle attribute(H5Acreate2(object, name.c_str(), type.id(),
                                    scalar.id(), H5P_DEFAULT, H5P_DEFAULT),
                         H5Aclose, "create attribute " + name);
  write_value_of(attribute.id(), type.id(), value, name);
}

template <class T>
void write_attribute(hid_t object, const std::string& name,
                     const std::vector<T>& values) {
  const Handle type = type_of<T>();
  const hsize_t size = values.size();
  const Handle space(H5Screate_simple(1, &size, nullptr), H5Sclose,
                     "make a dataspace");
  const Handle attribute(H5Acreate2(object, name.c_str(), type.id(), space.id(),
                                    H5P_DEFAULT, H5P_DEFAULT),
                         H5Aclose, "create attribute " + name);
  write_value(attribute.id(), type.id(), values.data(), name);
}

template void write_attribute(hid_t, const std::string&, const std::int16_t&);
template void write_attribute(hid_t, const std::string&, const std::int32_t&);
template void write_attribute(hid_t, const std::string&, const std::int64_t&);
template void write_attribute(hid_t, const std::string&, const std::uint64_t&);
template void write_attribute(hid_t, const std::string&, const double&);
template void write_attribute(hid_t, const std::string&, const std::string&);
template void write_attribute(hid_t, const std::string&,
                              const std::vector<std::uint8_t>&);
template void write_attribute(hid_t, const std::string&,
                              const std::vector<std::uint16_t>&);
template void write_attribute(hid_t, const std::string&,
                              const std::vector<float>&);

}  // namespace stardsim::hdf5

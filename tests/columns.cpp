#include "tests/columns.hpp"

#include <hdf5.h>
#include <hdf5_hl.h>

#include <stdexcept>

namespace stardsim::test {
namespace {

hid_t valid(hid_t id, const std::string& what) {
  if (id < 0) throw std::runtime_error("no " + what);
  return id;
}

}  // namespace

Columns::Columns(std::vector<std::byte> image)
    : file_(
          valid(H5LTopen_file_image(image.data(), image.size(), 0), "image")) {}

Columns::Columns(const std::filesystem::path& path)
    : file_(valid(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT),
                  path.string())) {}

Columns::~Columns() { H5Fclose(file_); }

bool Columns::has(const std::string& path) const {
  return H5LTpath_valid(file_, path.c_str(), true) > 0;
}

std::vector<double> Columns::numbers(const std::string& path) const {
  const hid_t dataset = valid(H5Dopen2(file_, path.c_str(), H5P_DEFAULT), path);
  const hid_t space = H5Dget_space(dataset);
  std::vector<double> values(
      static_cast<std::size_t>(H5Sget_simple_extent_npoints(space)));
  const herr_t result = H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL,
                                H5P_DEFAULT, values.data());
  H5Sclose(space);
  H5Dclose(dataset);
  valid(result, "values in " + path);
  return values;
}

std::string Columns::type(const std::string& path) const {
  const hid_t dataset = valid(H5Dopen2(file_, path.c_str(), H5P_DEFAULT), path);
  const hid_t type = H5Dget_type(dataset);
  std::string name = H5Tget_class(type) == H5T_FLOAT     ? "float"
                     : H5Tget_sign(type) == H5T_SGN_NONE ? "uint"
                                                         : "int";
  name += std::to_string(8 * H5Tget_size(type));
  H5Tclose(type);
  H5Dclose(dataset);
  return name;
}

bool Columns::is_compressed(const std::string& path) const {
  const hid_t dataset = valid(H5Dopen2(file_, path.c_str(), H5P_DEFAULT), path);
  const hid_t list = H5Dget_create_plist(dataset);
  const auto filter = [&](unsigned i) {
    unsigned flags = 0;
    std::size_t values = 0;
    return H5Pget_filter2(list, i, &flags, &values, nullptr, 0, nullptr,
                          nullptr);
  };
  const bool compressed =
      H5Pget_layout(list) == H5D_CHUNKED && H5Pget_nfilters(list) == 2 &&
      filter(0) == H5Z_FILTER_SHUFFLE && filter(1) == H5Z_FILTER_DEFLATE;
  H5Pclose(list);
  H5Dclose(dataset);
  return compressed;
}

std::string Columns::text_attribute(const std::string& path,
                                    const std::string& name) const {
  const hid_t attribute =
      valid(H5Aopen_by_name(file_, path.c_str(), name.c_str(), H5P_DEFAULT,
                            H5P_DEFAULT),
            name);
  const hid_t type = H5Aget_type(attribute);
  char* text = nullptr;
  const herr_t result = H5Aread(attribute, type, &text);
  std::string copy = text ? text : "";
  H5free_memory(text);
  H5Tclose(type);
  H5Aclose(attribute);
  valid(result, name);
  return copy;
}

}  // namespace stardsim::test

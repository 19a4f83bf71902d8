#include "sim/io/hdf5_tree.hpp"

#include "sim/io/hdf5_handles.hpp"

#include <hdf5_hl.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <numeric>
#include <utility>

namespace stardsim {
namespace {

using hdf5::Handle;
using hdf5::require;

constexpr const char* fill_value = "_FillValue";

/// Reads all values into memory, as values of this type.
using ReadInto = std::function<void(hid_t type, void* values)>;

template <class T>
std::vector<T> numbers(std::size_t size, const ReadInto& read) {
  std::vector<T> values(size);
  const Handle type = hdf5::type_of<T>();
  read(type.id(), values.data());
  return values;
}

std::vector<std::string> texts(std::size_t size, const ReadInto& read) {
  std::vector<char*> read_texts(size, nullptr);
  const Handle type = hdf5::type_of<std::string>();
  read(type.id(), read_texts.data());
  std::vector<std::string> values;
  for (char* text : read_texts) {
    values.emplace_back(text ? text : "");
    H5free_memory(text);
  }
  return values;
}

TreeValues values_of(const std::string& name, const Handle& space,
                     const Handle& type, const ReadInto& read) {
  const int rank = H5Sget_simple_extent_ndims(space.id());
  require(rank, "tell the dimensions of " + name);
  std::vector<hsize_t> lengths(static_cast<std::size_t>(rank));
  require(H5Sget_simple_extent_dims(space.id(), lengths.data(), nullptr),
          "tell the dimensions of " + name);
  TreeValues made;
  made.name = name;
  made.shape.assign(lengths.begin(), lengths.end());
  const std::size_t size = std::accumulate(made.shape.begin(), made.shape.end(),
                                           std::size_t{1}, std::multiplies<>());
  const H5T_class_t kind = H5Tget_class(type.id());
  if (kind == H5T_STRING)
    made.values = texts(size, read);
  else if (kind == H5T_FLOAT)
    made.values = numbers<double>(size, read);
  else if (H5Tget_sign(type.id()) == H5T_SGN_NONE)
    made.values = numbers<std::uint64_t>(size, read);
  else
    made.values = numbers<std::int64_t>(size, read);
  return made;
}

TreeValues attribute(hid_t object, hsize_t at) {
  const Handle opened(H5Aopen_by_idx(object, ".", H5_INDEX_CRT_ORDER,
                                     H5_ITER_INC, at, H5P_DEFAULT, H5P_DEFAULT),
                      H5Aclose, "open an attribute");
  const ssize_t length = H5Aget_name(opened.id(), 0, nullptr);
  require(length, "tell the name of an attribute");
  std::string name(static_cast<std::size_t>(length), '\0');
  H5Aget_name(opened.id(), name.size() + 1, name.data());
  return values_of(
      name,
      Handle(H5Aget_space(opened.id()), H5Sclose, "tell the size of " + name),
      Handle(H5Aget_type(opened.id()), H5Tclose, "tell the type of " + name),
      [&](hid_t type, void* values) {
        require(H5Aread(opened.id(), type, values), "read attribute " + name);
      });
}

std::optional<std::int64_t> missing_in(hid_t dataset) {
  if (H5Aexists(dataset, fill_value) <= 0) return std::nullopt;
  const Handle opened(H5Aopen(dataset, fill_value, H5P_DEFAULT), H5Aclose,
                      "open an attribute");
  const Handle type(H5Aget_type(opened.id()), H5Tclose, "tell a type");
  if (H5Tget_class(type.id()) != H5T_INTEGER) return std::nullopt;
  std::int64_t missing = 0;
  require(H5Aread(opened.id(), H5T_NATIVE_INT64, &missing),
          "read an attribute");
  return missing;
}

TreeValues dataset(const Handle& opened, const std::string& name) {
  TreeValues made = values_of(
      name,
      Handle(H5Dget_space(opened.id()), H5Sclose, "tell the size of " + name),
      Handle(H5Dget_type(opened.id()), H5Tclose, "tell the type of " + name),
      [&](hid_t type, void* values) {
        require(
            H5Dread(opened.id(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values),
            "read " + name);
      });
  made.missing = missing_in(opened.id());
  return made;
}

std::vector<std::string> members_of(hid_t group) {
  H5G_info_t about{};
  require(H5Gget_info(group, &about), "tell what is in a group");
  std::vector<std::string> names;
  for (hsize_t i = 0; i < about.nlinks; ++i) {
    const auto name_at = [&](char* to, std::size_t size) {
      return H5Lget_name_by_idx(group, ".", H5_INDEX_CRT_ORDER, H5_ITER_INC, i,
                                to, size, H5P_DEFAULT);
    };
    const ssize_t length = name_at(nullptr, 0);
    require(length, "tell the name of a member");
    std::string name(static_cast<std::size_t>(length), '\0');
    name_at(name.data(), name.size() + 1);
    names.push_back(name);
  }
  return names;
}

/// And those in it, behind it.
void add_group(hid_t file, const std::string& name,
               std::vector<TreeGroup>& groups) {
  const Handle group(H5Gopen2(file, name.c_str(), H5P_DEFAULT), H5Gclose,
                     "open group " + name);
  TreeGroup made{name, {}};
  std::vector<TreeGroup> inner;
  for (const std::string& member : members_of(group.id())) {
    const Handle opened(H5Oopen(group.id(), member.c_str(), H5P_DEFAULT),
                        H5Oclose, "open " + member);
    if (H5Iget_type(opened.id()) == H5I_DATASET)
      made.datasets.push_back(dataset(opened, member));
    else
      add_group(file, name + "/" + member, inner);
  }
  groups.push_back(std::move(made));
  std::move(inner.begin(), inner.end(), std::back_inserter(groups));
}

/// HDF5 does not change the image, but wants to be able to.
Handle open_image(std::vector<std::byte> image) {
  return Handle(H5LTopen_file_image(image.data(), image.size(), 0), H5Fclose,
                "read a file in memory");
}

}  // namespace

Tree read_tree(const std::vector<std::byte>& image,
               const std::set<std::string>& attributes_left_out,
               const std::set<std::string>& groups_left_out) {
  const hdf5::Session session;
  const Handle file = open_image(image);
  H5O_info_t about{};
  require(H5Oget_info(file.id(), &about), "tell what is in a file");
  Tree tree;
  for (hsize_t i = 0; i < about.num_attrs; ++i) {
    TreeValues read = attribute(file.id(), i);
    if (attributes_left_out.count(read.name) == 0)
      tree.attributes.push_back(std::move(read));
  }
  for (const std::string& name : members_of(file.id()))
    if (groups_left_out.count(name) == 0)
      add_group(file.id(), name, tree.groups);
  return tree;
}

}  // namespace stardsim

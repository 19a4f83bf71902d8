#include "sim/io/netcdf_file.hpp"

#include <hdf5_hl.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace stardsim {
namespace {

using hdf5::Handle;
using hdf5::require;

constexpr unsigned in_order = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;

/// What groups, datasets and the file have in common.
Handle creation_list(hid_t property_class) {
  Handle list = hdf5::property_list(property_class);
  require(H5Pset_obj_track_times(list.id(), false), "leave out times");
  require(H5Pset_attr_creation_order(list.id(), in_order),
          "keep the order of attributes");
  return list;
}

Handle group_creation_list(hid_t property_class) {
  Handle list = creation_list(property_class);
  require(H5Pset_link_creation_order(list.id(), in_order),
          "keep the order of variables");
  return list;
}

/// In the format of version 1.8, which has the earliest superblock.
Handle create_file(const std::shared_ptr<hdf5::TolerantStorage>& storage) {
  const Handle access = hdf5::property_list(H5P_FILE_ACCESS);
  hdf5::set_storage(access.id(), storage);
  require(
      H5Pset_libver_bounds(access.id(), H5F_LIBVER_EARLIEST, H5F_LIBVER_V18),
      "choose a format that version 1.8 can read");
  const Handle creation = group_creation_list(H5P_FILE_CREATE);
  const hid_t file =
      H5Fcreate("stardsim", H5F_ACC_TRUNC, creation.id(), access.id());
  storage->throw_failure();
  return Handle(file, H5Fclose, "create a file");
}

Handle create_group(hid_t file, const std::string& name) {
  const Handle creation = group_creation_list(H5P_GROUP_CREATE);
  return Handle(
      H5Gcreate2(file, name.c_str(), H5P_DEFAULT, creation.id(), H5P_DEFAULT),
      H5Gclose, "create group " + name);
}

std::size_t size_of(const Values& values) {
  return std::visit([](const auto& list) { return list.size(); }, values);
}

hsize_t product_of(const std::vector<hsize_t>& shape) {
  return std::accumulate(shape.begin(), shape.end(), hsize_t{1},
                         std::multiplies<>());
}

void compress(hid_t list, const std::vector<hsize_t>& chunk) {
  constexpr unsigned deflate_level = 4;
  require(H5Pset_chunk(list, static_cast<int>(chunk.size()), chunk.data()),
          "chunk a dataset");
  require(H5Pset_shuffle(list), "shuffle a dataset");
  require(H5Pset_deflate(list, deflate_level), "compress a dataset");
}

/// Large numbers are compressed, in chunks of at most 1 MiB, neighbours in the
/// last dimensions together. As much HDF5 caches of each dataset: a chunk that
/// is not full yet is not compressed again and again. Text is not: HDF5 keeps
/// it elsewhere.
void set_compression(hid_t list, std::vector<hsize_t> shape,
                     std::size_t bytes_per_value) {
  constexpr hsize_t smallest = 64 << 10, largest_chunk = 1 << 20;
  const auto bytes = [&] {
    return std::accumulate(shape.begin(), shape.end(), hsize_t{bytes_per_value},
                           std::multiplies<>());
  };
  if (bytes() <= smallest) return;
  for (std::size_t i = 0; bytes() > largest_chunk; ++i)
    shape[i] = std::max<hsize_t>(largest_chunk / (bytes() / shape[i]), 1);
  compress(list, shape);
}

template <class T>
Handle dataset_creation_list(const std::vector<T>&,
                             const std::vector<hsize_t>& shape) {
  Handle list = creation_list(H5P_DATASET_CREATE);
  set_compression(list.id(), shape, sizeof(T));
  return list;
}

Handle dataset_creation_list(const std::vector<std::string>&,
                             const std::vector<hsize_t>&) {
  return creation_list(H5P_DATASET_CREATE);
}

template <class T>
void write_values(hid_t dataset, hid_t type, const std::vector<T>& values) {
  require(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()),
          "write a dataset");
}

void write_values(hid_t dataset, hid_t type,
                  const std::vector<std::string>& values) {
  std::vector<const char*> texts;
  texts.reserve(values.size());
  for (const std::string& value : values) texts.push_back(value.c_str());
  write_values(dataset, type, texts);
}

/// Without values yet; those given tell the type.
template <class T>
Handle create_empty_dataset(hid_t group, const std::string& name,
                            const std::vector<T>& values,
                            const std::vector<hsize_t>& shape) {
  const Handle type = hdf5::type_of<T>();
  const Handle space(
      H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr),
      H5Sclose, "make a dataspace");
  const Handle creation = dataset_creation_list(values, shape);
  return Handle(H5Dcreate2(group, name.c_str(), type.id(), space.id(),
                           H5P_DEFAULT, creation.id(), H5P_DEFAULT),
                H5Dclose, "create dataset " + name);
}

template <class T>
Handle create_dataset(hid_t group, const std::string& name,
                      const std::vector<T>& values,
                      const std::vector<hsize_t>& shape) {
  Handle dataset = create_empty_dataset(group, name, values, shape);
  write_values(dataset.id(), hdf5::type_of<T>().id(), values);
  return dataset;
}

Handle create_dataset(hid_t group, const std::string& name,
                      const Values& values, const std::vector<hsize_t>& shape) {
  return std::visit(
      [&](const auto& list) {
        return create_dataset(group, name, list, shape);
      },
      values);
}

/// The HDF5 type of the values. No text.
Handle number_type_of(const Values& values) {
  return std::visit(
      [](const auto& list) -> Handle {
        using Value = typename std::decay_t<decltype(list)>::value_type;
        if constexpr (std::is_same_v<Value, std::string>)
          throw std::logic_error("text does not grow");
        else
          return hdf5::type_of<Value>();
      },
      values);
}

const void* address_of(const Values& values) {
  return std::visit([](const auto& list) -> const void* { return list.data(); },
                    values);
}

/// A dataset of one dimension without any values yet.
Handle create_growing_dataset(hid_t group, const std::string& name,
                              const Values& type_of_values) {
  constexpr hsize_t chunk = 64 << 10;
  const hsize_t none = 0, unlimited = H5S_UNLIMITED;
  const Handle type = number_type_of(type_of_values);
  const Handle space(H5Screate_simple(1, &none, &unlimited), H5Sclose,
                     "make a dataspace");
  const Handle creation = creation_list(H5P_DATASET_CREATE);
  compress(creation.id(), {chunk});
  return Handle(H5Dcreate2(group, name.c_str(), type.id(), space.id(),
                           H5P_DEFAULT, creation.id(), H5P_DEFAULT),
                H5Dclose, "create dataset " + name);
}

/// The values of `shape` from place `first` of the first dimension on.
void write_piece(hid_t dataset, hsize_t first,
                 const std::vector<hsize_t>& shape, const Values& values) {
  std::vector<hsize_t> start(shape.size(), 0);
  start[0] = first;
  const Handle file_space(H5Dget_space(dataset), H5Sclose,
                          "tell the shape of a dataset");
  require(H5Sselect_hyperslab(file_space.id(), H5S_SELECT_SET, start.data(),
                              nullptr, shape.data(), nullptr),
          "select a piece of a dataset");
  const Handle memory_space(
      H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr),
      H5Sclose, "make a dataspace");
  const Handle type = number_type_of(values);
  require(H5Dwrite(dataset, type.id(), memory_space.id(), file_space.id(),
                   H5P_DEFAULT, address_of(values)),
          "write a piece of a dataset");
}

void write_behind(hid_t dataset, hsize_t size, const Values& values) {
  const hsize_t more = size_of(values), whole = size + more;
  require(H5Dset_extent(dataset, &whole), "lengthen a dataset");
  write_piece(dataset, size, {more}, values);
}

void write_attribute(hid_t object, const Attribute& attribute) {
  std::visit(
      [&](const auto& value) {
        hdf5::write_attribute(object, attribute.name, value);
      },
      attribute.value);
}

void describe(hid_t dataset, const std::string& long_name,
              const std::string& units) {
  hdf5::write_attribute(dataset, "long_name", long_name);
  if (!units.empty()) hdf5::write_attribute(dataset, "units", units);
}

/// netCDF wants it before the attributes that say more.
void write_fill_value(hid_t dataset, const Values& values) {
  if (std::holds_alternative<std::vector<std::int64_t>>(values)) {
    hdf5::write_attribute(dataset, "_FillValue", missing_count);
  } else if (std::holds_alternative<std::vector<std::int16_t>>(values)) {
    hdf5::write_attribute(dataset, "_FillValue", missing_place);
  } else if (std::holds_alternative<std::vector<double>>(values)) {
    hdf5::write_attribute(dataset, "_FillValue", missing_number);
  }
}

}  // namespace

Variable with_attribute(Variable variable, Attribute attribute) {
  variable.attributes.push_back(std::move(attribute));
  return variable;
}

NetcdfGroup::NetcdfGroup(hid_t file, const hdf5::TolerantStorage& storage,
                         const std::string& name)
    : storage_(&storage), name_(name), group_(create_group(file, name)) {}

void NetcdfGroup::add(const Scale& scale) {
  const hsize_t size = size_of(scale.values);
  Handle dataset =
      create_dataset(group_.id(), scale.name, scale.values, {size});
  require(H5DSset_scale(dataset.id(), scale.name.c_str()),
          "make " + scale.name + " a dimension scale");
  describe(dataset.id(), scale.long_name, scale.units);
  dimensions_.push_back({scale.name, size, std::move(dataset)});
}

void NetcdfGroup::add(const Attribute& attribute) {
  write_attribute(group_.id(), attribute);
}

void NetcdfGroup::add(const Variable& variable) {
  const std::vector<hsize_t> shape = shape_of(variable);
  if (size_of(variable.values) != product_of(shape))
    refuse_number_of_values(variable);
  const Handle dataset =
      create_dataset(group_.id(), variable.name, variable.values, shape);
  storage_->throw_failure();
  complete(dataset.id(), variable);
}

void NetcdfGroup::add(
    const Variable& variable, std::size_t at_once,
    const std::function<Values(std::size_t, std::size_t)>& piece) {
  std::vector<hsize_t> shape = shape_of(variable);
  const Handle dataset = std::visit(
      [&](const auto& type) {
        return create_empty_dataset(group_.id(), variable.name, type, shape);
      },
      variable.values);
  const hsize_t all = shape[0];
  for (hsize_t first = 0; first < all; first += shape[0]) {
    shape[0] = std::min<hsize_t>(at_once, all - first);
    const Values values = piece(first, shape[0]);
    if (size_of(values) != product_of(shape)) refuse_number_of_values(variable);
    write_piece(dataset.id(), first, shape, values);
    storage_->throw_failure();
  }
  complete(dataset.id(), variable);
}

void NetcdfGroup::add_growing(const Scale& scale) {
  Handle dataset =
      create_growing_dataset(group_.id(), scale.name, scale.values);
  require(H5DSset_scale(dataset.id(), scale.name.c_str()),
          "make " + scale.name + " a dimension scale");
  describe(dataset.id(), scale.long_name, scale.units);
  Handle again(H5Dopen2(group_.id(), scale.name.c_str(), H5P_DEFAULT), H5Dclose,
               "open " + scale.name);
  dimensions_.push_back({scale.name, 0, std::move(dataset)});
  growing_.push_back({scale.name, scale.values.index(), 0, std::move(again)});
  append(scale.name, scale.values);
}

void NetcdfGroup::add_growing(const Variable& variable) {
  Handle dataset =
      create_growing_dataset(group_.id(), variable.name, variable.values);
  complete(dataset.id(), variable);
  growing_.push_back(
      {variable.name, variable.values.index(), 0, std::move(dataset)});
  append(variable.name, variable.values);
}

void NetcdfGroup::append(const std::string& name, const Values& values) {
  for (Growing& growing : growing_) {
    if (growing.name != name || growing.type != values.index()) continue;
    if (size_of(values) == 0) return;
    write_behind(growing.dataset.id(), growing.size, values);
    storage_->throw_failure();
    growing.size += size_of(values);
    return;
  }
  throw std::logic_error("nothing like that grows in " + name_ + "/" + name);
}

/// Says what the variable is, and along which dimensions.
void NetcdfGroup::complete(hid_t dataset, const Variable& variable) const {
  if (!variable.never_missing) write_fill_value(dataset, variable.values);
  describe(dataset, variable.long_name, variable.units);
  for (const auto& attribute : variable.attributes) {
    write_attribute(dataset, attribute);
  }
  for (std::size_t i = 0; i < variable.dimensions.size(); ++i) {
    const Dimension& along = dimension(variable.dimensions[i]);
    require(
        H5DSattach_scale(dataset, along.scale.id(), static_cast<unsigned>(i)),
        "attach " + along.name + " to " + variable.name);
  }
}

const NetcdfGroup::Dimension& NetcdfGroup::dimension(
    const std::string& name) const {
  for (const Dimension& dimension : dimensions_) {
    if (dimension.name == name) return dimension;
  }
  throw std::logic_error("group " + name_ + " has no dimension " + name);
}

std::vector<hsize_t> NetcdfGroup::shape_of(const Variable& variable) const {
  std::vector<hsize_t> shape;
  for (const std::string& name : variable.dimensions)
    shape.push_back(dimension(name).size);
  return shape;
}

void NetcdfGroup::refuse_number_of_values(const Variable& variable) const {
  throw std::logic_error("wrong number of values for " + name_ + "/" +
                         variable.name);
}

NetcdfFile::NetcdfFile()
    : NetcdfFile(std::make_unique<hdf5::StorageInMemory>()) {}

NetcdfFile::NetcdfFile(OpenFile& file)
    : NetcdfFile(std::make_unique<hdf5::StorageInFile>(file)) {}

NetcdfFile::NetcdfFile(std::unique_ptr<hdf5::Storage> storage)
    : kept_(std::move(storage)),
      storage_(std::make_shared<hdf5::TolerantStorage>(*kept_)),
      file_(create_file(storage_)) {}

void NetcdfFile::add(const Attribute& attribute) {
  write_attribute(file_->id(), attribute);
}

NetcdfGroup NetcdfFile::add_group(const std::string& name) {
  return NetcdfGroup(file_->id(), *storage_, name);
}

void NetcdfFile::close() {
  require(H5Fflush(file_->id(), H5F_SCOPE_GLOBAL), "complete the file");
  file_.reset();
  storage_->throw_failure();
}

std::vector<std::byte> NetcdfFile::bytes() const {
  if (file_)
    require(H5Fflush(file_->id(), H5F_SCOPE_GLOBAL), "complete the file");
  return dynamic_cast<const hdf5::StorageInMemory&>(*kept_).bytes();
}

}  // namespace stardsim

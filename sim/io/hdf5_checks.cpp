#include "sim/io/hdf5_checks.hpp"

#include "sim/io/hdf5_handles.hpp"

#include <array>

namespace stardsim::hdf5 {
namespace {

constexpr hsize_t most_chunk_bytes = hsize_t{256} << 20;

void require_small_chunks(hid_t dataset, hid_t creation,
                          const std::string& name) {
  std::array<hsize_t, H5S_MAX_RANK> lengths{};
  const int rank = H5Pget_chunk(creation, H5S_MAX_RANK, lengths.data());
  require(rank, "tell the chunks of " + name);
  const Handle type(H5Dget_type(dataset), H5Tclose, "tell a type");
  hsize_t size = H5Tget_size(type.id());
  for (std::size_t i = 0; i < static_cast<std::size_t>(rank); ++i) {
    if (size > most_chunk_bytes || lengths[i] > most_chunk_bytes)
      throw Failure(name + " has chunks of more than 256 MB");
    size *= lengths[i];
  }
  if (size > most_chunk_bytes)
    throw Failure(name + " has chunks of more than 256 MB");
}

void require_known_filters(hid_t creation, const std::string& name) {
  const int count = H5Pget_nfilters(creation);
  require(count, "tell the filters of " + name);
  for (unsigned i = 0; i < static_cast<unsigned>(count); ++i) {
    unsigned flags = 0, settings = 0;
    std::size_t setting_count = 0;
    const H5Z_filter_t filter = H5Pget_filter2(
        creation, i, &flags, &setting_count, nullptr, 0, nullptr, &settings);
    require(filter, "tell the filters of " + name);
    if (filter >= H5Z_FILTER_RESERVED)
      throw Failure(name + " is compressed by a filter that HDF5 itself lacks");
  }
}

// Values that were never written would be made up while reading, as many as the
// file cares to declare.
void require_stored(hid_t dataset, const std::string& name) {
  constexpr double best_compression = 1100;  // deflate's is 1032
  const Handle space(H5Dget_space(dataset), H5Sclose,
                     "get the size of " + name);
  const Handle type(H5Dget_type(dataset), H5Tclose, "tell a type");
  const hssize_t count = H5Sget_simple_extent_npoints(space.id());
  require(count, "get the size of " + name);
  const double declared =
      static_cast<double>(count) * static_cast<double>(H5Tget_size(type.id()));
  const auto stored = static_cast<double>(H5Dget_storage_size(dataset));
  if (declared > stored * best_compression)
    throw Failure(name + " has fewer values than it declares");
}

}  // namespace

void require_own(hid_t group, const std::string& name) {
  std::size_t end = 0;
  do {
    end = name.find('/', end + 1);
    const std::string part = name.substr(0, end);
    if (H5Lexists(group, part.c_str(), H5P_DEFAULT) <= 0) return;
    H5L_info_t about{};
    require(H5Lget_info(group, part.c_str(), &about, H5P_DEFAULT),
            "tell what " + part + " is");
    if (about.type != H5L_TYPE_HARD && about.type != H5L_TYPE_SOFT)
      throw Failure(part + " is a link to another file");
  } while (end != std::string::npos);
}

void require_plain(hid_t dataset, const std::string& name) {
  const Handle creation(H5Dget_create_plist(dataset), H5Pclose,
                        "tell how " + name + " is stored");
  const H5D_layout_t layout = H5Pget_layout(creation.id());
  require(layout, "tell how " + name + " is stored");
  if (layout == H5D_VIRTUAL || H5Pget_external_count(creation.id()) > 0)
    throw Failure(name + " has its values in another file");
  if (layout == H5D_CHUNKED) require_small_chunks(dataset, creation.id(), name);
  require_known_filters(creation.id(), name);
  require_stored(dataset, name);
}

}  // namespace stardsim::hdf5

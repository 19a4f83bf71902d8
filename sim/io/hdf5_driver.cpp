#include "sim/io/hdf5_driver.hpp"

#include <algorithm>
#include <functional>

namespace stardsim::hdf5 {

// ---- storages ----

void StorageInMemory::write(std::uint64_t place,
                            std::span<const std::byte> bytes) {
  const std::uint64_t end = place + bytes.size();
  if (end > bytes_.size()) bytes_.resize(end);
  std::copy(bytes.begin(), bytes.end(),
            bytes_.begin() + static_cast<std::ptrdiff_t>(place));
}

void StorageInMemory::read(std::uint64_t place,
                           std::span<std::byte> bytes) const {
  std::fill(bytes.begin(), bytes.end(), std::byte{0});
  if (place >= bytes_.size()) return;
  std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(place),
              std::min<std::uint64_t>(bytes.size(), bytes_.size() - place),
              bytes.begin());
}

void StorageInFile::write(std::uint64_t place,
                          std::span<const std::byte> bytes) {
  file_.write_at(place, bytes);
}

void StorageInFile::read(std::uint64_t place,
                         std::span<std::byte> bytes) const {
  const std::size_t there = file_.read_at(place, bytes);
  const auto rest = bytes.subspan(there);
  std::fill(rest.begin(), rest.end(), std::byte{0});
}

void StorageInFile::resize(std::uint64_t size) { file_.resize(size); }

// ---- failures ----

void TolerantStorage::write(std::uint64_t place,
                            std::span<const std::byte> bytes) {
  if (!failure_) try {
      return storage_.write(place, bytes);
    } catch (const CannotWrite&) {
      failure_ = std::current_exception();
    }
  kept_.push_back({place, {bytes.begin(), bytes.end()}});
}

void TolerantStorage::read(std::uint64_t place,
                           std::span<std::byte> bytes) const {
  storage_.read(place, bytes);
  const std::uint64_t end = place + bytes.size();
  for (const auto& [at, kept] : kept_) {
    const std::uint64_t first = std::max(at, place),
                        last = std::min(at + kept.size(), end);
    if (first < last)
      std::copy_n(kept.begin() + static_cast<std::ptrdiff_t>(first - at),
                  last - first,
                  bytes.begin() + static_cast<std::ptrdiff_t>(first - place));
  }
}

void TolerantStorage::resize(std::uint64_t size) {
  if (!failure_) try {
      storage_.resize(size);
    } catch (const CannotWrite&) {
      failure_ = std::current_exception();
    }
}

// ---- the driver ----

namespace {

using SharedStorage = std::shared_ptr<TolerantStorage>;

/// What HDF5 knows of a file, and what we do.
struct File : H5FD_t {
  SharedStorage storage;
  haddr_t end_allocated = 0, end_written = 0;
};

constexpr haddr_t last_address = (haddr_t{1} << 62) - 1;

/// In damaged files addresses are anything.
bool is_possible(haddr_t place, std::size_t size) {
  return place <= last_address && size <= last_address - place;
}

File& file_of(H5FD_t* file) { return *static_cast<File*>(file); }
const File& file_of(const H5FD_t* file) {
  return *static_cast<const File*>(file);
}

/// No exception may pass through HDF5.
template <class Deed>
herr_t carefully(File& file, const Deed& deed) {
  try {
    deed(file);
    return 0;
  } catch (...) {
    file.storage->keep_failure(std::current_exception());
    return -1;
  }
}

H5FD_t* open_file(const char*, unsigned, hid_t access_list, haddr_t) {
  const void* storage = H5Pget_driver_info(access_list);
  if (!storage) return nullptr;
  const SharedStorage& shared =
      **static_cast<const SharedStorage* const*>(storage);
  try {
    auto file = std::make_unique<File>();
    file->storage = shared;
    file->end_written = shared->size();
    return file.release();
  } catch (...) {
    shared->keep_failure(std::current_exception());
    return nullptr;
  }
}

herr_t close_file(H5FD_t* file) {
  const std::unique_ptr<File> closed(&file_of(file));
  return 0;
}

int compare_files(const H5FD_t* one, const H5FD_t* two) {
  if (one == two) return 0;
  return std::less<>()(one, two) ? -1 : 1;
}

herr_t query_features(const H5FD_t*, unsigned long* features) {
  *features = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA |
              H5FD_FEAT_DATA_SIEVE | H5FD_FEAT_AGGREGATE_SMALLDATA;
  return 0;
}

haddr_t end_allocated(const H5FD_t* file, H5FD_mem_t) {
  return file_of(file).end_allocated;
}

herr_t set_end_allocated(H5FD_t* file, H5FD_mem_t, haddr_t end) {
  file_of(file).end_allocated = end;
  return 0;
}

haddr_t end_written(const H5FD_t* file, H5FD_mem_t) {
  return file_of(file).end_written;
}

herr_t read_file(H5FD_t* file, H5FD_mem_t, hid_t, haddr_t place,
                 std::size_t size, void* to) {
  if (!is_possible(place, size)) return -1;
  return carefully(file_of(file), [&](const File& of) {
    of.storage->read(place, std::span(static_cast<std::byte*>(to), size));
  });
}

herr_t write_file(H5FD_t* file, H5FD_mem_t, hid_t, haddr_t place,
                  std::size_t size, const void* from) {
  if (!is_possible(place, size)) return -1;
  return carefully(file_of(file), [&](File& of) {
    of.storage->write(place,
                      std::span(static_cast<const std::byte*>(from), size));
    of.end_written = std::max<haddr_t>(of.end_written, place + size);
  });
}

/// To what is allocated.
herr_t truncate_file(H5FD_t* file, hid_t, hbool_t) {
  return carefully(file_of(file), [](File& of) {
    if (of.end_written == of.end_allocated) return;
    of.storage->resize(of.end_allocated);
    of.end_written = of.end_allocated;
  });
}

H5FD_class_t driver() {
  H5FD_class_t made{};
  made.name = "stardsim";
  made.maxaddr = last_address;
  made.fc_degree = H5F_CLOSE_WEAK;
  made.fapl_size = sizeof(const SharedStorage*);
  made.open = open_file;
  made.close = close_file;
  made.cmp = compare_files;
  made.query = query_features;
  made.get_eoa = end_allocated;
  made.set_eoa = set_end_allocated;
  made.get_eof = end_written;
  made.read = read_file;
  made.write = write_file;
  made.truncate = truncate_file;
  constexpr H5FD_mem_t alike[] = H5FD_FLMAP_DICHOTOMY;
  std::copy(std::begin(alike), std::end(alike), std::begin(made.fl_map));
  return made;
}

/// Never taken back: when HDF5 1.10 closes a file it lets go of the driver, and
/// only then has it close the file.
hid_t driver_id() {
  static const hid_t id = [] {
    const H5FD_class_t made = driver();
    const hid_t registered = H5FDregister(&made);
    require(registered, "take a file driver");
    return registered;
  }();
  return id;
}

}  // namespace

void set_storage(hid_t access_list, const SharedStorage& storage) {
  const SharedStorage* const at = &storage;
  require(H5Pset_driver(access_list, driver_id(), &at), "use a file driver");
}

}  // namespace stardsim::hdf5

#include "sim/io/hdf5_driver.hpp"

#include "sim/io/atomic_file.hpp"
#include "sim/io/netcdf_file.hpp"
#include "sim/io/problems.hpp"
#include "tests/child.hpp"
#include "tests/program.hpp"

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/resource.h>

#include <csignal>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <vector>

namespace stardsim {
namespace {

namespace fs = std::filesystem;
using test::Folder;

std::vector<std::byte> bytes_of(const std::string& text) {
  std::vector<std::byte> bytes(text.size());
  std::memcpy(bytes.data(), text.data(), text.size());
  return bytes;
}

std::string text_at(const auto& storage, std::uint64_t place,
                    std::size_t size) {
  std::vector<std::byte> bytes(size, std::byte{'?'});
  storage.read(place, bytes);
  std::string text(size, ' ');
  std::memcpy(text.data(), bytes.data(), size);
  return text;
}

OpenFile new_file(const fs::path& path) {
  return OpenFile(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600),
                  path);
}

/// Groups of all kinds: small and compressed, whole, in pieces and growing.
/// `rows` of the last are more than HDF5 caches.
void fill(NetcdfFile& file, std::size_t rows) {
  constexpr std::size_t at_once = 10'000;
  file.add(Attribute{"title", "a file"});
  NetcdfGroup group = file.add_group("group");
  std::vector<std::int32_t> places(200);
  std::vector<double> values(places.size() * places.size());
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<double>(i * i % 1009);
  group.add(Scale{"place", places, "place", "1"});
  group.add(Scale{"name", std::vector<std::string>{"a", "b"}, "name", ""});
  group.add({"square", {"place", "place"}, values, "square", "1"});
  group.add({"pieces", {"place", "place"}, std::vector<double>{}, "same", "1"},
            30, [&](std::size_t first, std::size_t count) -> Values {
              const auto at = [&](std::size_t row) {
                return values.begin() +
                       static_cast<std::ptrdiff_t>(row * places.size());
              };
              return std::vector<double>(at(first), at(first + count));
            });
  NetcdfGroup growing = file.add_group("growing");
  growing.add_growing(Scale{"row", std::vector<std::uint64_t>{}, "row", "1"});
  growing.add_growing(
      Variable{"value", {"row"}, std::vector<double>{}, "value", "1"});
  std::uint64_t state = 1;
  for (std::size_t done = 0; done < rows; done += at_once) {
    std::vector<std::uint64_t> numbers(at_once);
    std::vector<double> random(at_once);
    for (std::size_t i = 0; i < at_once; ++i) {
      numbers[i] = done + i;
      state = state * 6364136223846793005u + 1442695040888963407u;
      random[i] = static_cast<double>(state >> 11);
    }
    growing.append("row", numbers);
    growing.append("value", random);
  }
}

TEST_CASE("A storage gives back what was written, and zeros elsewhere",
          "[io]") {
  const Folder folder;
  OpenFile file = new_file(folder / "x");
  hdf5::StorageInMemory memory;
  hdf5::StorageInFile in_file(file);
  for (hdf5::Storage* storage : {static_cast<hdf5::Storage*>(&memory),
                                 static_cast<hdf5::Storage*>(&in_file)}) {
    storage->write(4, bytes_of("later"));
    storage->write(0, bytes_of("ab"));
    CHECK(text_at(*storage, 0, 12) == std::string("ab\0\0later\0\0\0", 12));
    CHECK(text_at(*storage, 20, 2) == std::string("\0\0", 2));
    storage->resize(6);
    CHECK(text_at(*storage, 4, 4) == std::string("la\0\0", 4));
  }
  CHECK(memory.bytes().size() == 6);
  CHECK(fs::file_size(folder / "x") == 6);
}

TEST_CASE("A file in memory and one on the disk have equal bytes", "[io]") {
  const Folder folder;
  constexpr std::size_t rows = 400'000;
  NetcdfFile memory;
  fill(memory, rows);
  memory.close();
  OpenFile disk = new_file(folder / "x.h5");
  NetcdfFile file(disk);
  fill(file, rows);
  file.close();
  const std::string text = test::read_text(folder / "x.h5");
  const std::vector<std::byte> bytes = memory.bytes();
  CHECK(bytes.size() > 2 << 20);  // more than HDF5 caches of it
  CHECK(bytes == bytes_of(text));
}

/// Lets writes fail for a while, for want of room or of memory, or reads.
class Moody : public hdf5::Storage {
 public:
  void write(std::uint64_t place, std::span<const std::byte> bytes) override {
    if (is_full) cannot_write("moody", ENOSPC);
    if (has_no_memory) throw std::bad_alloc();
    kept.write(place, bytes);
  }
  void read(std::uint64_t place, std::span<std::byte> bytes) const override {
    if (is_broken) throw CannotRead("cannot read moody: Input/output error");
    kept.read(place, bytes);
  }
  std::uint64_t size() const override { return kept.size(); }
  void resize(std::uint64_t size) override { kept.resize(size); }

  bool is_full = false, has_no_memory = false, is_broken = false;
  hdf5::StorageInMemory kept;
};

TEST_CASE("What was written after a failure is read back all the same",
          "[io]") {
  Moody moody;
  hdf5::TolerantStorage storage(moody);
  storage.write(0, bytes_of("abcdefgh"));
  storage.throw_failure();
  moody.is_full = true;
  storage.write(2, bytes_of("XY"));
  storage.write(3, bytes_of("Z"));
  storage.write(10, bytes_of("end"));
  moody.is_full = false;  // too late: what is missing would never be known
  storage.write(0, bytes_of("_"));
  CHECK(text_at(storage, 0, 13) == std::string("_bXZefgh\0\0end", 13));
  CHECK(text_at(storage, 3, 2) == "Ze");
  CHECK(text_at(moody.kept, 0, 8) == "abcdefgh");
  CHECK_THROWS_WITH(storage.throw_failure(),
                    "cannot write moody: No space left on device");
}

TEST_CASE("A disk that fills up at any moment is one line, and no crash",
          "[io]") {
  const Folder folder;
  constexpr std::size_t rows = 400'000;
  NetcdfFile memory;
  fill(memory, rows);
  const std::size_t whole = memory.bytes().size();
  // The first byte, within the attributes, within what grows, the last byte.
  for (const std::size_t limit : {std::size_t{0}, std::size_t{700},
                                  std::size_t{100'000}, whole / 2, whole - 1}) {
    const std::string message = test::ask_child([&]() -> std::string {
      std::signal(SIGXFSZ, SIG_IGN);
      const rlimit most{limit, limit};
      ::setrlimit(RLIMIT_FSIZE, &most);
      try {
        OpenFile disk = new_file(folder / std::to_string(limit));
        NetcdfFile file(disk);
        fill(file, rows);
        file.close();
      } catch (const std::exception& error) {
        return error.what();
      }
      return "nothing failed";
    });
    CHECK(message == "cannot write " +
                         (folder / std::to_string(limit)).string() +
                         ": File too large");
  }
}

void fill(Moody& moody) {
  NetcdfFile made;
  fill(made, 10'000);
  made.close();
  moody.write(0, made.bytes());
}

hdf5::Handle opened(const std::shared_ptr<hdf5::TolerantStorage>& storage) {
  const hdf5::Handle access = hdf5::property_list(H5P_FILE_ACCESS);
  hdf5::set_storage(access.id(), storage);
  return hdf5::Handle(H5Fopen("moody", H5F_ACC_RDONLY, access.id()), H5Fclose,
                      "open it");
}

TEST_CASE("A file is read from a storage, of which failures are told", "[io]") {
  const hdf5::Session session;
  Moody moody;
  fill(moody);
  const auto storage = std::make_shared<hdf5::TolerantStorage>(moody);
  const hdf5::Handle file = opened(storage);
  const auto name_of_first = [&] {
    const hdf5::Handle name(H5Dopen2(file.id(), "group/name", H5P_DEFAULT),
                            H5Dclose, "open name");
    const hdf5::Handle type = hdf5::type_of<std::string>();
    std::vector<char*> names(2, nullptr);
    hdf5::require(H5Dread(name.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT,
                          names.data()),
                  "read name");
    const std::string first = names[0];
    for (char* one : names) H5free_memory(one);
    return first;
  };
  moody.is_broken = true;
  CHECK_THROWS_AS(name_of_first(), hdf5::Failure);
  moody.is_broken = false;
  CHECK(name_of_first() == "a");
  CHECK_THROWS_WITH(storage->throw_failure(),
                    "cannot read moody: Input/output error");
}

/// The driver itself, of a file of 100 bytes, as HDF5 calls it.
H5FD_t* driver_of(const std::shared_ptr<hdf5::TolerantStorage>& storage) {
  const hdf5::Handle access = hdf5::property_list(H5P_FILE_ACCESS);
  hdf5::set_storage(access.id(), storage);
  H5FD_t* file = H5FDopen("x", H5F_ACC_RDWR, access.id(), HADDR_UNDEF);
  REQUIRE(file);
  REQUIRE(H5FDset_eoa(file, H5FD_MEM_DRAW, 100) >= 0);
  return file;
}

// HDF5 passes over it where it writes what it had kept back.
TEST_CASE("Memory that runs out in a write is told later", "[io]") {
  const hdf5::Session session;
  Moody moody;
  const auto storage = std::make_shared<hdf5::TolerantStorage>(moody);
  H5FD_t* file = driver_of(storage);
  const auto write = [&] {
    return H5FDwrite(file, H5FD_MEM_DRAW, H5P_DEFAULT, 8, 4, "text");
  };
  CHECK(write() >= 0);
  CHECK_NOTHROW(storage->throw_failure());
  moody.has_no_memory = true;
  CHECK(write() < 0);
  moody.has_no_memory = false;
  CHECK_THROWS_AS(storage->throw_failure(), std::bad_alloc);
  CHECK(H5FDclose(file) >= 0);
}

TEST_CASE("An address that no file has is damage, and no failing disk",
          "[io]") {
  const hdf5::Session session;
  const Folder folder;
  OpenFile disk = new_file(folder / "x");
  hdf5::StorageInFile bytes(disk);
  bytes.write(0, bytes_of(std::string(100, 'x')));
  const auto storage = std::make_shared<hdf5::TolerantStorage>(bytes);
  H5FD_t* file = driver_of(storage);
  std::string read(32, '?');
  const auto read_at = [&](haddr_t place) {
    return H5FDread(file, H5FD_MEM_DRAW, H5P_DEFAULT, place, read.size(),
                    read.data());
  };
  CHECK(read_at(8) >= 0);
  CHECK(read == std::string(32, 'x'));
  // HDF5 adds the size, and comes out at 16.
  CHECK(read_at(~haddr_t{0} - 15) < 0);
  CHECK_NOTHROW(storage->throw_failure());
  CHECK(H5FDclose(file) >= 0);
}

TEST_CASE("A file that was cut short is not opened", "[io]") {
  const hdf5::Session session;
  Moody moody;
  fill(moody);
  moody.resize(moody.size() - 1);
  const auto storage = std::make_shared<hdf5::TolerantStorage>(moody);
  CHECK_THROWS_WITH(opened(storage), Catch::Contains("truncated file"));
}

}  // namespace
}  // namespace stardsim

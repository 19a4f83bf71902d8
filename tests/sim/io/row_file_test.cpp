#include "sim/io/row_file.hpp"

#include "sim/io/problems.hpp"
#include "tests/child.hpp"
#include "tests/program.hpp"

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <limits>
#include <string>
#include <thread>
#include <vector>

namespace stardsim {
namespace {

namespace fs = std::filesystem;
using test::Folder;

constexpr std::size_t row_size = 21;  // no multiple of a word

std::vector<std::byte> row_of(std::uint32_t draw) {
  std::vector<std::byte> row(row_size);
  for (std::size_t i = 0; i < row.size(); ++i)
    row[i] = static_cast<std::byte>(draw * 31 + i);
  return row;
}

std::vector<std::byte> read_back(const DrawRows& rows, std::uint32_t draw,
                                 std::size_t offset, std::size_t size) {
  std::vector<std::byte> part(size);
  rows.read(draw, offset, part);
  return part;
}

bool holds_all(const DrawRows& rows, std::uint32_t draws) {
  for (std::uint32_t draw = 1; draw <= draws; ++draw) {
    const auto row = row_of(draw);
    if (read_back(rows, draw, 0, row_size) != row) return false;
    if (read_back(rows, draw, 3, 5) !=
        std::vector<std::byte>(row.begin() + 3, row.begin() + 8))
      return false;
  }
  return true;
}

/// Flips one bit of the file.
void harm(const fs::path& path, off_t place) {
  const int file = ::open(path.c_str(), O_RDWR);
  REQUIRE(file >= 0);
  unsigned char byte = 0;
  REQUIRE(::pread(file, &byte, 1, place) == 1);
  byte ^= 0x10u;
  REQUIRE(::pwrite(file, &byte, 1, place) == 1);
  ::close(file);
}

std::string complaint(const std::function<void()>& deed) {
  try {
    deed();
  } catch (const CannotRead& error) {
    return error.what();
  } catch (const CannotWrite& error) {
    return error.what();
  }
  return "";
}

TEST_CASE("Rows written in any order by several threads are read back",
          "[io]") {
  const Folder folder;
  constexpr std::uint32_t draws = 200;
  RowFile file = RowFile::temporary(folder.path(), row_size, draws);
  RowsInMemory memory(row_size, draws);
  for (DrawRows* rows :
       {static_cast<DrawRows*>(&file), static_cast<DrawRows*>(&memory)}) {
    const auto every_second = [&](std::uint32_t from) {
      for (std::uint32_t draw = draws - from; draw >= 1; draw -= 2) {
        rows->write(draw, row_of(draw));
        if (draw < 2) break;
      }
    };
    std::thread other(every_second, 1);
    every_second(0);
    other.join();
    CHECK(holds_all(*rows, draws));
  }
}

TEST_CASE("A temporary file of rows leaves no name behind", "[io]") {
  const Folder folder;
  RowFile rows = RowFile::temporary(folder.path(), row_size, 3);
  rows.write(2, row_of(2));
  CHECK(fs::is_empty(folder.path()));
  CHECK(rows.has(2));
  CHECK_FALSE(rows.has(1));
  CHECK_FALSE(rows.has(3));
  CHECK_FALSE(rows.has(0));
  CHECK_FALSE(rows.has(4));
  CHECK_THAT(complaint([&] { read_back(rows, 1, 0, 1); }),
             Catch::EndsWith("draw 1 is missing or damaged"));
}

TEST_CASE("A file of rows is gone on with, and may take more draws", "[io]") {
  const Folder folder;
  const fs::path path = folder / "x.rows";
  {
    RowFile rows = RowFile::create(path, row_size, 3);
    for (const std::uint32_t draw : {1u, 3u}) rows.write(draw, row_of(draw));
    rows.sync();
  }
  RowFile rows = RowFile::open(path, row_size, 5);
  CHECK(rows.has(1));
  CHECK_FALSE(rows.has(2));
  CHECK(rows.has(3));
  CHECK_FALSE(rows.has(4));
  for (const std::uint32_t draw : {2u, 4u, 5u}) rows.write(draw, row_of(draw));
  CHECK(holds_all(rows, 5));
  // Newly made, it has none of them.
  CHECK_FALSE(RowFile::create(path, row_size, 5).has(1));
}

TEST_CASE("A row that was harmed, cut or moved is missing", "[io]") {
  const Folder folder;
  const fs::path path = folder / "x.rows";
  constexpr off_t header = 32, whole = row_size + 8;
  {
    RowFile rows = RowFile::create(path, row_size, 3);
    for (std::uint32_t draw = 1; draw <= 3; ++draw)
      rows.write(draw, row_of(draw));
  }
  SECTION("in any of its bytes") {
    for (off_t place = 0; place < whole; ++place) {
      harm(path, header + whole + place);
      const RowFile rows = RowFile::open(path, row_size, 3);
      CHECK(rows.has(1));
      CHECK_FALSE(rows.has(2));
      CHECK(rows.has(3));
      harm(path, header + whole + place);
    }
    CHECK(RowFile::open(path, row_size, 3).has(2));
  }
  SECTION("at its end") {
    fs::resize_file(path, static_cast<std::uintmax_t>(header + 3 * whole - 1));
    const RowFile rows = RowFile::open(path, row_size, 3);
    CHECK(rows.has(2));
    CHECK_FALSE(rows.has(3));
  }
  SECTION("to the place of another draw") {
    std::string text = test::read_text(path);
    text.replace(header, whole, text.substr(header + whole, whole));
    folder.write("x.rows", text);
    const RowFile rows = RowFile::open(path, row_size, 3);
    CHECK_FALSE(rows.has(1));
    CHECK(rows.has(2));
  }
}

TEST_CASE("What is no file of such rows is refused", "[io]") {
  const Folder folder;
  const fs::path path = folder / "x.rows";
  const std::string cannot = "cannot read " + path.string() + ": ";
  const auto refusal = [&](std::size_t size) {
    return complaint([&] { RowFile::open(path, size, 3); });
  };
  CHECK(refusal(row_size) == cannot + "No such file or directory");
  CHECK_FALSE(RowFile::is_there(path));
  RowFile::create(path, row_size, 3);
  CHECK(refusal(row_size).empty());
  CHECK(RowFile::is_there(path));
  CHECK(refusal(row_size + 1) ==
        cannot + "its rows are those of another scenario");
  for (const off_t place : {0, 16, 24}) {
    harm(path, place);
    CHECK(refusal(row_size) ==
          cannot + "it has no rows of draws, or is damaged");
    CHECK_FALSE(RowFile::is_there(path));
    harm(path, place);
  }
  folder.write("x.rows", "");
  CHECK(refusal(row_size) == cannot + "it has no rows of draws, or is damaged");
  CHECK_FALSE(RowFile::is_there(path));
  CHECK_THAT(complaint([&] { RowFile::is_there(path / "x.rows"); }),
             Catch::EndsWith("Not a directory"));
}

TEST_CASE("A disk that is full while rows are written says so", "[io]") {
  const Folder folder;
  const std::string message = test::ask_child([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    RowFile rows = RowFile::create(folder / "x.rows", row_size, 1000);
    const rlimit limit{4096, 4096};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    return complaint([&] {
      for (std::uint32_t draw = 1; draw <= 1000; ++draw)
        rows.write(draw, row_of(draw));
    });
  });
  CHECK(message ==
        "cannot write " + (folder / "x.rows").string() + ": File too large");
}

TEST_CASE("Rows for which the disk has no room are refused beforehand",
          "[io]") {
  const Folder folder;
  CHECK(complaint([&] { require_room(folder.path(), 1, "a row"); }).empty());
  CHECK_THAT(
      complaint([&] { require_room(folder.path(), 1e21, "such a row"); }),
      Catch::StartsWith("cannot write " + folder.path().string() +
                        ": such a row takes 1000000000000.0 GB there, and "));
}

TEST_CASE("Rows are kept beside the output, unless that is a device", "[io]") {
  const Folder folder;
  CHECK(folder_for_rows(folder / "x.h5") == folder.path());
  CHECK(folder_for_rows("x.h5") == ".");
  CHECK(folder_for_rows("/dev/null") == fs::temp_directory_path());
  CHECK(folder_for_rows({}) == fs::temp_directory_path());
}

}  // namespace
}  // namespace stardsim

#include "sim/io/locked_file.hpp"

#include "tests/child.hpp"
#include "tests/program.hpp"

#include <catch2/catch.hpp>
#include <unistd.h>

#include <optional>
#include <set>
#include <string>

namespace stardsim {
namespace {

namespace fs = std::filesystem;
using test::ask_child;
using test::Folder;
using test::names_in;

const std::string temporary = ".x.h5.stardsim-0.tmp",
                  lock = ".x.h5.stardsim-lock";

std::string new_name(const fs::path& target) {
  return new_file_beside(target, 0600, target).name.filename();
}

std::string complaint_of_lock(const fs::path& output) {
  try {
    const OutputLock held(output);
  } catch (const CannotWrite& error) {
    return error.what();
  }
  return "";
}

TEST_CASE("A temporary file of a killed process is taken away", "[io]") {
  const Folder folder;
  folder.write(temporary, "half");
  const NewFile made = new_file_beside(folder / "x.h5", 0600, folder / "x.h5");
  CHECK(made.name == folder / temporary);
  CHECK(made.file.size() == 0);
}

TEST_CASE("A temporary file in use is left alone", "[io]") {
  const Folder folder;
  const fs::path target = folder / "x.h5";
  const NewFile used = new_file_beside(target, 0600, target);
  CHECK(new_name(target) == ".x.h5.stardsim-1.tmp");
  CHECK(ask_child([&] { return new_name(target); }) == ".x.h5.stardsim-1.tmp");
  CHECK(fs::exists(used.name));
}

TEST_CASE("A file stays locked while its duplicate is open", "[io]") {
  const Folder folder;
  const fs::path target = folder / "x.h5";
  NewFile used = new_file_beside(target, 0600, target);
  {
    const OpenFile still = used.file.duplicate();
    used.file.close();
    CHECK(new_name(target) == ".x.h5.stardsim-1.tmp");
  }
  CHECK(new_name(target) == temporary);
}

TEST_CASE("Of another's files none is taken away", "[io]") {
  const Folder folder;
  folder.write("kept", "mine");
  fs::create_symlink("kept", folder / temporary);
  CHECK(new_name(folder / "x.h5") == ".x.h5.stardsim-1.tmp");
  CHECK(test::read_text(folder / "kept") == "mine");
  CHECK(fs::is_symlink(folder / temporary));
}

TEST_CASE("A name of any length has room for a temporary file", "[io]") {
  const Folder folder;
  const std::string longest(255, 'x');
  CHECK(new_name(folder / longest).size() < 255);
}

TEST_CASE("An output is locked for one process at a time", "[io]") {
  const Folder folder;
  const fs::path output = folder / "x.h5";
  {
    const OutputLock held(output);
    CHECK(names_in(folder.path()) == std::set<std::string>{lock});
    const std::string refused =
        "cannot write " + output.string() +
        ": another run is at work on it; name another file, or, if there is "
        "no such run, delete " +
        (folder / lock).string();
    CHECK(complaint_of_lock(output) == refused);
    CHECK(ask_child([&] { return complaint_of_lock(output); }) == refused);
    fs::create_symlink("x.h5", folder / "link.h5");
    CHECK(!complaint_of_lock(folder / "link.h5").empty());
    CHECK(complaint_of_lock(folder / "y.h5").empty());
  }
  CHECK(names_in(folder.path()) == std::set<std::string>{"link.h5"});
}

TEST_CASE("A lock that a killed process left is no obstacle", "[io]") {
  const Folder folder;
  folder.write(lock, "");
  CHECK(complaint_of_lock(folder / "x.h5").empty());
  CHECK(names_in(folder.path()).empty());
}

}  // namespace
}  // namespace stardsim

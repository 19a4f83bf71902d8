// Bad disks and wrong places: a clear line, exit code 3, nothing lost.
#include "tests/program.hpp"

#include <catch2/catch.hpp>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

using namespace stardsim::test;
namespace fs = std::filesystem;

namespace {

const std::string smoke =
    "'" + source_file("configs/smoke.toml").string() + "'";

Outcome save(const fs::path& output, const std::string& before = "") {
  return run(before + "stardsim run " + smoke + " -o '" + output.string() +
             "'");
}

void expect_line(const Outcome& outcome, const std::string& line) {
  CHECK(outcome.code == 3);
  CHECK(outcome.err == "stardsim: " + line + "\n");
}

std::size_t files_in(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), {}));
}

/// A file system of 64 KB that is unmounted at the end of scope.
class SmallDisk {
 public:
  explicit SmallDisk(fs::path at) : at_(std::move(at)) {
    fs::create_directory(at_);
    mounted_ = mount("tmpfs", at_.c_str(), "tmpfs", 0, "size=64k") == 0;
  }
  ~SmallDisk() {
    if (mounted_) umount(at_.c_str());
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  bool mounted() const { return mounted_; }

 private:
  fs::path at_;
  bool mounted_ = false;
};

}  // namespace

TEST_CASE("A full device is told", "[app]") {
  expect_line(save("/dev/full"),
              "cannot write /dev/full: No space left on device");
  CHECK(fs::is_character_file("/dev/full"));
}

TEST_CASE("Output that does not fit on the disk leaves the earlier result",
          "[app]") {
  const Folder folder;
  const SmallDisk disk(folder / "disk");
  if (!disk.mounted()) {
    WARN("no right to mount a file system: not tested");
    SUCCEED();
    return;
  }
  const fs::path output = folder / "disk/x.h5";
  folder.write("disk/x.h5", "earlier");
  expect_line(save(output),
              "cannot write " + output.string() + ": No space left on device");
  CHECK(read_text(output) == "earlier");
  CHECK(files_in(folder / "disk") == 1);
}

TEST_CASE("Standard output on a full device is told", "[app]") {
  expect_line(run("stardsim run " + smoke + " >/dev/full"),
              "cannot write standard output: No space left on device");
}

TEST_CASE("A result is saved even if the tables cannot be printed", "[app]") {
  const Folder folder;
  const fs::path output = folder / "x.h5";
  expect_line(
      run("stardsim run " + smoke + " -o '" + output.string() + "' >/dev/full"),
      "cannot write standard output: No space left on device");
  CHECK(read_text(output).substr(1, 3) == "HDF");
}

TEST_CASE("A result never replaces a file of its scenario", "[app]") {
  const Folder folder;
  const std::string text = read_text(source_file("configs/smoke.toml"));
  const auto base = folder.write("base.toml", text);
  const auto child = folder.write("child.toml", "extends = 'base.toml'\n");
  for (const auto& path : {base, child}) {
    const Outcome outcome =
        run("stardsim run '" + child.string() + "' -o '" + path.string() + "'");
    CHECK(outcome.code == 2);
    CHECK(outcome.err == "stardsim: -o " + path.string() +
                             " is a file of the scenario; name another, such "
                             "as " +
                             path.stem().string() + ".h5\n");
  }
  CHECK(read_text(base) == text);
}

TEST_CASE("A missing output folder is told before anything is run", "[app]") {
  const Folder folder;
  const fs::path output = folder / "none/x.h5";
  const Outcome outcome = save(output);
  expect_line(outcome, "cannot write " + output.string() + ": the folder " +
                           (folder / "none").string() + " does not exist");
  CHECK(outcome.out == "");
}

TEST_CASE("An output path that is a folder is told", "[app]") {
  const Folder folder;
  expect_line(save(folder.path()),
              "cannot write " + folder.path().string() + ": it is a folder");
  CHECK(fs::is_empty(folder.path()));
}

TEST_CASE("A file in place of the output folder is told", "[app]") {
  const Folder folder;
  folder.write("file", "");
  const fs::path output = folder / "file/x.h5";
  expect_line(save(output), "cannot write " + output.string() + ": " +
                                (folder / "file").string() +
                                " is not a folder");
}

TEST_CASE("A folder that may not be written to is told, as another user",
          "[app]") {
  if (geteuid() != 0) {
    WARN("no right to become another user: not tested");
    SUCCEED();
    return;
  }
  const Folder folder;
  // Another user must reach program and scenario: in a folder of its own.
  fs::copy_file(STARDSIM_PROGRAM, folder / "program");
  fs::copy_file(source_file("configs/smoke.toml"), folder / "smoke.toml");
  fs::create_directory(folder / "locked");
  folder.write("locked/x.h5", "earlier");
  fs::permissions(folder.path(), fs::perms::all);
  fs::permissions(folder / "locked/x.h5", fs::perms(0666));
  fs::permissions(folder / "locked", fs::perms(0755));
  const std::string output = (folder / "locked/x.h5").string();
  const Outcome outcome =
      run("setpriv --reuid=65534 --regid=65534 --clear-groups '" +
          (folder / "program").string() + "' run '" +
          (folder / "smoke.toml").string() + "' -o '" + output + "'");
  expect_line(outcome, "cannot write " + output + ": the folder " +
                           (folder / "locked").string() + " is not writable");
  CHECK(read_text(output) == "earlier");
  CHECK(files_in(folder / "locked") == 1);
}

TEST_CASE("A good run replaces the earlier result and leaves nothing else",
          "[app]") {
  const Folder folder;
  folder.write("x.h5", "earlier");
  CHECK(save(folder / "x.h5").code == 0);
  CHECK(read_text(folder / "x.h5").substr(1, 3) == "HDF");
  CHECK(files_in(folder.path()) == 1);
}

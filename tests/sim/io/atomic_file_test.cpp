#include "sim/io/atomic_file.hpp"

#include "tests/child.hpp"
#include "tests/program.hpp"

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <functional>
#include <set>
#include <string>

namespace stardsim {
namespace {

namespace fs = std::filesystem;
using test::ask_child;
using test::Folder;
using test::names_in;
using test::read_text;

void write(const fs::path& path, const std::string& text) {
  write_atomically(path, std::as_bytes(std::span(text)));
}

/// The message of the CannotWrite that `deed` throws; empty if it throws none.
std::string complaint(const std::function<void()>& deed) {
  try {
    deed();
  } catch (const CannotWrite& error) {
    return error.what();
  }
  return "";
}

std::string refusal(const fs::path& path) {
  return complaint([&] { require_writable(path); });
}

mode_t permissions(const fs::path& path) {
  struct stat status;
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 0777;
}

TEST_CASE("A file is written whole and nothing is left beside it", "[io]") {
  const Folder folder;
  write(folder / "x.h5", "first");
  write(folder / "x.h5", std::string(1 << 20, 'x'));
  CHECK(read_text(folder / "x.h5") == std::string(1 << 20, 'x'));
  CHECK(names_in(folder.path()) == std::set<std::string>{"x.h5"});
}

TEST_CASE("A new file has the permissions that the umask leaves", "[io]") {
  const Folder folder;
  const mode_t before = ::umask(027);
  write(folder / "x.h5", "bytes");
  ::umask(before);
  CHECK(permissions(folder / "x.h5") == 0640);
}

TEST_CASE("A private file stays private when it is replaced", "[io]") {
  const Folder folder;
  const fs::path path = folder.write("x.h5", "earlier");
  REQUIRE(::chmod(path.c_str(), 0600) == 0);
  write(path, "later");
  CHECK(read_text(path) == "later");
  CHECK(permissions(path) == 0600);
}

TEST_CASE("When writing fails an earlier file is untouched", "[io]") {
  const Folder folder;
  const fs::path path = folder.write("x.h5", "earlier");
  const std::string message = ask_child([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{4096, 4096};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    return complaint([&] { write(path, std::string(1 << 16, 'x')); });
  });
  CHECK(message == "cannot write " + path.string() + ": File too large");
  CHECK(read_text(path) == "earlier");
  CHECK(names_in(folder.path()) == std::set<std::string>{"x.h5"});
}

TEST_CASE("A symbolic link stays and its target is written", "[io]") {
  const Folder folder;
  fs::create_directory(folder / "store");
  fs::create_symlink("store/kept.h5", folder / "x.h5");
  const bool target_exists = GENERATE(false, true);
  if (target_exists) folder.write("store/kept.h5", "earlier");
  require_writable(folder / "x.h5");
  write(folder / "x.h5", "bytes");
  CHECK(fs::is_symlink(folder / "x.h5"));
  CHECK(read_text(folder / "store/kept.h5") == "bytes");
  CHECK(names_in(folder / "store") == std::set<std::string>{"kept.h5"});
}

TEST_CASE("A circle of links is refused", "[io]") {
  const Folder folder;
  fs::create_symlink("a", folder / "b");
  fs::create_symlink("b", folder / "a");
  CHECK(refusal(folder / "a") == "cannot write " + (folder / "a").string() +
                                     ": Too many levels of symbolic links");
}

TEST_CASE("A device is written in place, and a full one says so", "[io]") {
  CHECK(refusal("/dev/full").empty());
  CHECK(complaint([] { write("/dev/full", "bytes"); }) ==
        "cannot write /dev/full: No space left on device");
  CHECK(fs::is_character_file("/dev/full"));
  write("/dev/null", "bytes");
  CHECK(fs::is_character_file("/dev/null"));
}

TEST_CASE("A pipe is written in place", "[io]") {
  const Folder folder;
  const fs::path path = folder / "pipe";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
  REQUIRE(reader >= 0);
  write(path, "bytes");
  char buffer[8];
  CHECK(::read(reader, buffer, sizeof buffer) == 5);
  ::close(reader);
  CHECK(fs::is_fifo(path));
}

TEST_CASE("What cannot be written is refused beforehand, in one line", "[io]") {
  const Folder folder;
  const std::string base = folder.path().string();
  folder.write("file", "text");
  CHECK(refusal("") == "cannot write a file without a name");
  CHECK(refusal(base) == "cannot write " + base + ": it is a folder");
  CHECK(refusal(base + "/none/x.h5") == "cannot write " + base +
                                            "/none/x.h5: the folder " + base +
                                            "/none does not exist");
  CHECK(refusal(base + "/file/x.h5") == "cannot write " + base +
                                            "/file/x.h5: " + base +
                                            "/file is not a folder");
  CHECK(refusal(base + "/x.h5").empty());
  CHECK(refusal("x.h5").empty());
  CHECK(names_in(folder.path()) == std::set<std::string>{"file"});
}

TEST_CASE("Writing itself gives the same lines", "[io]") {
  const Folder folder;
  const std::string path = folder / "none/x.h5";
  CHECK(complaint([] { write("", "bytes"); }) ==
        "cannot write a file without a name");
  CHECK(complaint([&] { write(path, "bytes"); }) ==
        "cannot write " + path + ": the folder " + (folder / "none").string() +
            " does not exist");
}

/// As the user nobody, to whom permissions apply.
std::string refusal_to_nobody(const fs::path& path) {
  constexpr uid_t nobody = 65534;
  return ask_child([&]() -> std::string {
    if (::setgid(nobody) != 0 || ::setuid(nobody) != 0) return "still root";
    return refusal(path);
  });
}

TEST_CASE("Missing permissions are refused beforehand", "[io]") {
  if (::geteuid() != 0) {
    SUCCEED("not root");
    return;
  }
  const Folder folder;
  const std::string base = folder.path().string();
  const std::string file = folder.write("x.h5", "earlier");
  REQUIRE(::chmod(base.c_str(), 0755) == 0);
  CHECK(refusal_to_nobody(base + "/y.h5") == "cannot write " + base +
                                                 "/y.h5: the folder " + base +
                                                 " is not writable");
  CHECK(refusal_to_nobody(file) ==
        "cannot write " + file + ": it is read-only");
  REQUIRE(::chmod(base.c_str(), 0700) == 0);
  CHECK(refusal_to_nobody(file) ==
        "cannot write " + file + ": Permission denied");
}

}  // namespace
}  // namespace stardsim

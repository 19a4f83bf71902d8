#include "sim/io/input_file.hpp"

#include "sim/io/problems.hpp"
#include "tests/program.hpp"

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include <cerrno>
#include <fstream>
#include <future>
#include <string>
#include <system_error>

using namespace stardsim;
using stardsim::test::Folder;

namespace {

/// Of the error with which it is not read; 0 if it is.
int error_of(const std::filesystem::path& path) {
  try {
    read_input(path, 10);
    return 0;
  } catch (const std::system_error& error) {
    return error.code().value();
  }
}

std::string refusal_of(const std::filesystem::path& path) {
  try {
    open_regular_file(path);
    return "";
  } catch (const CannotRead& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("Of a file one byte more than is allowed is read",
          "[io][input_file]") {
  const Folder folder;
  CHECK(read_input(folder.write("empty", ""), 10).empty());
  CHECK(read_input(folder.write("ten", "0123456789"), 10) == "0123456789");
  CHECK(read_input(folder.write("more", "0123456789abcdef"), 10) ==
        "0123456789a");
  const std::string long_text(300'000, 'x');
  CHECK(read_input(folder.write("long", long_text), 1 << 20) == long_text);
  CHECK(read_input("/dev/zero", 100'000) == std::string(100'001, '\0'));
}

TEST_CASE("A pipe is read to its end, and not waited for without end",
          "[io][input_file]") {
  const Folder folder;
  const std::filesystem::path pipe = folder / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  const std::string text(200'000, 'x');
  const auto writing = std::async(std::launch::async, [&] {
    std::ofstream(pipe) << text.substr(0, 150'000) << text.substr(150'000);
  });
  CHECK(read_input(pipe, 1 << 20) == text);
  writing.wait();
  CHECK(error_of(pipe) == ETIMEDOUT);
}

TEST_CASE("What is no file is said not to be one", "[io][input_file]") {
  const Folder folder;
  CHECK(error_of(folder.path()) == EISDIR);
  CHECK(error_of(folder / "none") == ENOENT);
  const std::string path = folder.path().string();
  CHECK(refusal_of(folder.path()) ==
        "cannot read " + path + ": it is a folder");
  CHECK(refusal_of(folder / "none") ==
        "cannot read " + path + "/none: No such file or directory");
  CHECK(refusal_of("/dev/null") ==
        "cannot read /dev/null: it is a pipe or a device, no file");
  CHECK(refusal_of(folder.write("file", "")) == "");
}

#include "sim/io/input_file.hpp"

#include "sim/io/problems.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace stardsim {
namespace {

constexpr int longest_wait = 5000;  // milliseconds, for somebody to write

[[noreturn]] void fail(int error, const char* what) {
  throw std::system_error(error, std::generic_category(), what);
}

/// A file descriptor that is closed at the end of scope.
class Descriptor {
 public:
  /// Does not wait for the other end of a pipe.
  explicit Descriptor(const std::filesystem::path& path)
      : number_(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)) {
    if (number_ < 0) fail(errno, "open");
  }
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int number() const { return number_; }
  int release() { return std::exchange(number_, -1); }

  struct stat status() const {
    struct stat status {};
    if (::fstat(number_, &status) != 0) fail(errno, "fstat");
    return status;
  }

 private:
  int number_;
};

/// Until there is something to read, or nobody is left to write it.
void wait_for(int descriptor, int milliseconds) {
  pollfd asked{descriptor, POLLIN, 0};
  int ready = -1;
  do ready = ::poll(&asked, 1, milliseconds);
  while (ready < 0 && errno == EINTR);
  if (ready < 0) fail(errno, "poll");
  if (ready == 0) fail(ETIMEDOUT, "poll");
}

/// How many bytes were read; 0 at the end.
std::size_t read_some(int descriptor, char* to, std::size_t size) {
  for (;;) {
    const ssize_t count = ::read(descriptor, to, size);
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno == EAGAIN)
      wait_for(descriptor, -1);
    else if (errno != EINTR)
      fail(errno, "read");
  }
}

}  // namespace

std::string read_input(const std::filesystem::path& path, std::size_t most) {
  const Descriptor file(path);
  const struct stat status = file.status();
  if (S_ISDIR(status.st_mode)) fail(EISDIR, "open");
  std::string bytes;
  if (S_ISREG(status.st_mode) && status.st_size > 0)
    bytes.reserve(std::min(most, static_cast<std::size_t>(status.st_size)) + 1);
  // A pipe that nobody has opened for writing yet looks like one at its end.
  if (S_ISFIFO(status.st_mode)) wait_for(file.number(), longest_wait);
  constexpr std::size_t portion = 1 << 16;
  std::size_t count = portion;
  while (count > 0 && bytes.size() <= most) {
    const std::size_t before = bytes.size();
    const std::size_t room = std::min(portion, most + 1 - before);
    bytes.resize(before + room);
    count = read_some(file.number(), bytes.data() + before, room);
    bytes.resize(before + count);
  }
  return bytes;
}

OpenFile open_regular_file(const std::filesystem::path& path) {
  const std::string cannot = "cannot read " + path.string() + ": ";
  try {
    Descriptor file(path);
    const struct stat status = file.status();
    if (S_ISDIR(status.st_mode)) throw CannotRead(cannot + "it is a folder");
    if (!S_ISREG(status.st_mode))
      throw CannotRead(cannot + "it is a pipe or a device, no file");
    return {file.release(), path};
  } catch (const std::system_error& error) {
    throw CannotRead(cannot + error.code().message());
  }
}

}  // namespace stardsim

#include "sim/io/open_file.hpp"

#include "sim/io/problems.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace stardsim {
namespace {

namespace fs = std::filesystem;

std::string words_for(int error) {
  return std::generic_category().message(error);
}

/// Why: as errno tells it.
[[noreturn]] void cannot_read(const fs::path& path) {
  throw CannotRead("cannot read " + path.string() + ": " + words_for(errno));
}

/// Calls `some(bytes)`, which says how many of the first ones it wrote, until
/// none are left. A system that writes none has no room.
template <class Some>
void write_all(const fs::path& path, std::span<const std::byte> bytes,
               Some some) {
  while (!bytes.empty()) {
    const ssize_t written = some(bytes);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) cannot_write(path, errno);
    if (written == 0) cannot_write(path, ENOSPC);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

int opened(int descriptor, const fs::path& path) {
  if (descriptor < 0) cannot_write(path, errno);
  return descriptor;
}

}  // namespace

void cannot_write(const fs::path& path, const std::string& why) {
  throw CannotWrite("cannot write " + path.string() + ": " + why);
}

void cannot_write(const fs::path& path, int error) {
  cannot_write(path, words_for(error));
}

OpenFile::OpenFile(int descriptor, const fs::path& path)
    : descriptor_(opened(descriptor, path)), path_(path) {}

OpenFile::~OpenFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

OpenFile::OpenFile(OpenFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      path_(std::move(other.path_)) {}

void OpenFile::write(std::span<const std::byte> bytes) {
  write_all(path_, bytes, [&](std::span<const std::byte> rest) {
    return ::write(descriptor_, rest.data(), rest.size());
  });
}

void OpenFile::write_at(std::uint64_t place, std::span<const std::byte> bytes) {
  const std::size_t all = bytes.size();
  write_all(path_, bytes, [&](std::span<const std::byte> rest) {
    return ::pwrite(descriptor_, rest.data(), rest.size(),
                    static_cast<off_t>(place + all - rest.size()));
  });
}

std::size_t OpenFile::read_at(std::uint64_t place,
                              std::span<std::byte> bytes) const {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t more =
        ::pread(descriptor_, bytes.data() + done, bytes.size() - done,
                static_cast<off_t>(place + done));
    if (more < 0 && errno == EINTR) continue;
    if (more < 0) cannot_read(path_);
    if (more == 0) break;
    done += static_cast<std::size_t>(more);
  }
  return done;
}

std::uint64_t OpenFile::size() const {
  struct stat status;
  if (::fstat(descriptor_, &status) != 0) cannot_read(path_);
  return static_cast<std::uint64_t>(status.st_size);
}

void OpenFile::resize(std::uint64_t size) {
  while (::ftruncate(descriptor_, static_cast<off_t>(size)) != 0)
    if (errno != EINTR) cannot_write(path_, errno);
}

OpenFile OpenFile::duplicate() const {
  return {::fcntl(descriptor_, F_DUPFD_CLOEXEC, 0), path_};
}

void OpenFile::sync() {
  while (::fsync(descriptor_) != 0) {
    if (errno == EINVAL || errno == ENOTSUP) return;
    if (errno != EINTR) cannot_write(path_, errno);
  }
}

void OpenFile::close() {
  const int descriptor = std::exchange(descriptor_, -1);
  if (::close(descriptor) != 0 && errno != EINTR) cannot_write(path_, errno);
}

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

fs::path follow_links(const fs::path& path) {
  constexpr int most_links = 40;  // as the kernel has it
  fs::path target = path;
  for (int i = 0; i < most_links; ++i) {
    std::error_code no_link;
    const fs::path next = fs::read_symlink(target, no_link);
    if (no_link) break;
    target = folder_of(target) / next;
  }
  return target;
}

}  // namespace stardsim

#include "sim/io/atomic_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <string>
#include <system_error>

namespace stardsim {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path, const std::string& why) {
  throw CannotWrite("cannot write " + path.string() + ": " + why);
}

[[noreturn]] void fail(const fs::path& path, int error) {
  fail(path, std::generic_category().message(error));
}

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

/// What `path` leads to, through links; nothing if there is no such file.
std::optional<struct stat> status_of(const fs::path& path) {
  struct stat status;
  if (::stat(path.c_str(), &status) == 0) return status;
  if (errno != ENOENT && errno != ENOTDIR) fail(path, errno);
  return std::nullopt;
}

/// The file that `path` stands for, which need not exist: every symbolic link
/// followed.
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

void require_folder(const fs::path& path, const fs::path& folder) {
  const auto status = status_of(folder);
  if (!status) {
    fail(path, "the folder " + folder.string() + " does not exist");
  }
  if (!S_ISDIR(status->st_mode)) {
    fail(path, folder.string() + " is not a folder");
  }
  if (::faccessat(AT_FDCWD, folder.c_str(), W_OK | X_OK, AT_EACCESS) != 0) {
    fail(path, "the folder " + folder.string() + " is not writable");
  }
}

/// The result of `open`, if it is a success.
int opened(int descriptor, const fs::path& path) {
  if (descriptor < 0) fail(path, errno);
  return descriptor;
}

/// An open file, closed at the end of scope. `path` is what messages name.
class OpenFile {
 public:
  OpenFile(int descriptor, const fs::path& path)
      : descriptor_(descriptor), path_(path) {}
  ~OpenFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  void write(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const auto written = ::write(descriptor_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail(path_, errno);
      if (written == 0) fail(path_, EIO);
      bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
  }

  /// What knows no sync (a pipe, some folders) is as safe as it can be.
  void sync() {
    if (::fsync(descriptor_) != 0 && errno != EINVAL && errno != ENOTSUP) {
      fail(path_, errno);
    }
  }

  /// Says what went wrong in closing, which the destructor cannot. After EINTR
  /// the descriptor is gone all the same.
  void close() {
    const int descriptor = descriptor_;
    descriptor_ = -1;
    if (::close(descriptor) != 0 && errno != EINTR) fail(path_, errno);
  }

 private:
  int descriptor_;
  fs::path path_;
};

/// A new file beside `target` that is removed at the end of scope unless it
/// has taken the target's place.
class TemporaryFile {
 public:
  TemporaryFile(const fs::path& path, const fs::path& target, mode_t mode)
      : path_(path), target_(target), file_(create(mode), path) {}
  ~TemporaryFile() {
    if (!renamed_) ::unlink(name_.c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  OpenFile& file() { return file_; }

  void take_place() {
    if (::rename(name_.c_str(), target_.c_str()) != 0) fail(path_, errno);
    renamed_ = true;
  }

 private:
  /// Opens the first free name: one may be left by a process that was killed.
  int create(mode_t mode) {
    constexpr int most_names = 100;
    const std::string stem = ".stardsim-" + std::to_string(::getpid()) + "-";
    for (int i = 0; i < most_names; ++i) {
      name_ = folder_of(target_) / (stem + std::to_string(i) + ".tmp");
      const int descriptor =
          ::open(name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
      if (descriptor >= 0) return descriptor;
      if (errno != EEXIST) fail(path_, errno);
    }
    fail(path_, EEXIST);
  }

  fs::path path_, target_, name_;
  OpenFile file_;
  bool renamed_ = false;
};

void write_in_place(const fs::path& path, std::span<const std::byte> bytes) {
  OpenFile file(opened(::open(path.c_str(), O_WRONLY | O_CLOEXEC), path), path);
  file.write(bytes);
  file.sync();
  file.close();
}

/// Makes the rename last. A folder that may be written but not read cannot be
/// opened for it, which is no failure.
void sync_folder(const fs::path& path, const fs::path& folder) {
  const int descriptor =
      ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0 && errno == EACCES) return;
  OpenFile file(opened(descriptor, path), path);
  file.sync();
  file.close();
}

void replace(const fs::path& path, mode_t mode,
             std::span<const std::byte> bytes) {
  const fs::path target = follow_links(path);
  TemporaryFile temporary(path, target, mode);
  temporary.file().write(bytes);
  temporary.file().sync();
  temporary.file().close();
  temporary.take_place();
  sync_folder(path, folder_of(target));
}

}  // namespace

void require_writable(const fs::path& path) {
  if (path.empty()) throw CannotWrite("cannot write a file without a name");
  const auto status = status_of(path);
  if (status && S_ISDIR(status->st_mode)) fail(path, "it is a folder");
  if (status && ::faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) != 0) {
    fail(path, "it is read-only");
  }
  if (status && !S_ISREG(status->st_mode)) return;
  require_folder(path, folder_of(follow_links(path)));
}

void write_atomically(const fs::path& path, std::span<const std::byte> bytes) {
  constexpr mode_t new_file = 0666, permissions = 0777;
  require_writable(path);
  const auto status = status_of(path);
  if (status && !S_ISREG(status->st_mode)) return write_in_place(path, bytes);
  replace(path, status ? status->st_mode & permissions : new_file, bytes);
}

}  // namespace stardsim

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

/// What `path` leads to, through links; nothing if there is no such file.
std::optional<struct stat> status_of(const fs::path& path) {
  struct stat status;
  if (::stat(path.c_str(), &status) == 0) return status;
  if (errno != ENOENT && errno != ENOTDIR) cannot_write(path, errno);
  return std::nullopt;
}

void require_folder(const fs::path& path, const fs::path& folder) {
  const auto status = status_of(folder);
  if (!status) {
    cannot_write(path, "the folder " + folder.string() + " does not exist");
  }
  if (!S_ISDIR(status->st_mode)) {
    cannot_write(path, folder.string() + " is not a folder");
  }
  if (::faccessat(AT_FDCWD, folder.c_str(), W_OK | X_OK, AT_EACCESS) != 0) {
    cannot_write(path, "the folder " + folder.string() + " is not writable");
  }
}

void write_in_place(const fs::path& path, std::span<const std::byte> bytes) {
  OpenFile file(::open(path.c_str(), O_WRONLY | O_CLOEXEC), path);
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
  OpenFile file(descriptor, path);
  file.sync();
  file.close();
}

/// What a file that takes the place of `path` may be used for.
mode_t mode_for(const fs::path& path) {
  constexpr mode_t new_file = 0666, permissions = 0777;
  const auto status = status_of(path);
  return status ? status->st_mode & permissions : new_file;
}

}  // namespace

void require_writable(const fs::path& path) {
  if (path.empty()) throw CannotWrite("cannot write a file without a name");
  const auto status = status_of(path);
  if (status && S_ISDIR(status->st_mode)) cannot_write(path, "it is a folder");
  if (status && ::faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) != 0) {
    cannot_write(path, "it is read-only");
  }
  if (status && !S_ISREG(status->st_mode)) return;
  require_folder(path, folder_of(follow_links(path)));
}

bool can_be_replaced(const fs::path& path) {
  const auto status = status_of(path);
  return !status || S_ISREG(status->st_mode);
}

AtomicFile::AtomicFile(const fs::path& path)
    : target_(follow_links(path)),
      made_(new_file_beside(target_, mode_for(path), path)) {}

AtomicFile::~AtomicFile() {
  if (!renamed_) ::unlink(made_.name.c_str());
}

void AtomicFile::commit() {
  OpenFile& file = made_.file;
  const OpenFile still_locked = file.duplicate();
  file.sync();
  file.close();
  if (::rename(made_.name.c_str(), target_.c_str()) != 0)
    cannot_write(file.path(), errno);
  renamed_ = true;
  sync_folder(file.path(), folder_of(target_));
}

void write_atomically(const fs::path& path, std::span<const std::byte> bytes) {
  require_writable(path);
  if (!can_be_replaced(path)) return write_in_place(path, bytes);
  AtomicFile whole(path);
  whole.file().write(bytes);
  whole.commit();
}

}  // namespace stardsim

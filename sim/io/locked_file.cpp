#include "sim/io/locked_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <string>
#include <utility>

namespace stardsim {
namespace {

namespace fs = std::filesystem;

fs::path hidden_beside(const fs::path& target, const std::string& ending) {
  constexpr std::size_t longest = 200;  // of the 255 bytes that a name may have
  return folder_of(target) /
         ("." + target.filename().string().substr(0, longest) + ".stardsim-" +
          ending);
}

/// The first names are taken first.
fs::path temporary_beside(const fs::path& target, int number) {
  return hidden_beside(target, std::to_string(number) + ".tmp");
}

bool is_at(int descriptor, const fs::path& name) {
  struct stat open, there;
  return ::fstat(descriptor, &open) == 0 &&
         ::lstat(name.c_str(), &there) == 0 && open.st_dev == there.st_dev &&
         open.st_ino == there.st_ino;
}

/// Removes the file if no process holds a lock on it. (To lock it, NFS wants it
/// open for writing.)
void clear_away(const fs::path& name) {
  const int left = ::open(name.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC);
  if (left < 0) return;
  if (::flock(left, LOCK_EX | LOCK_NB) == 0 && is_at(left, name))
    ::unlink(name.c_str());
  ::close(left);
}

/// Nothing if another process uses the name. Where a file system knows no
/// locks, what was left there is in the way as well.
std::optional<OpenFile> new_locked_file(const fs::path& name, unsigned mode,
                                        const fs::path& path) {
  clear_away(name);
  const int descriptor =
      ::open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (descriptor < 0 && errno == EEXIST) return std::nullopt;
  OpenFile file(descriptor, path);
  // Another process may have seen it before it was locked, and cleared it away.
  ::flock(descriptor, LOCK_EX);
  if (!is_at(descriptor, name)) return std::nullopt;
  return file;
}

NewFile locked(const fs::path& output) {
  constexpr unsigned mine_alone = 0600;
  fs::path name = hidden_beside(follow_links(output), "lock");
  auto file = new_locked_file(name, mine_alone, output);
  if (!file)
    cannot_write(output,
                 "another run is at work on it; name another file, or, if "
                 "there is no such run, delete " +
                     name.string());
  return {std::move(name), std::move(*file)};
}

}  // namespace

NewFile new_file_beside(const fs::path& target, unsigned mode,
                        const fs::path& path) {
  constexpr int most_names = 100;
  for (int i = 0; i < most_names; ++i) {
    fs::path name = temporary_beside(target, i);
    if (auto file = new_locked_file(name, mode, path))
      return {std::move(name), std::move(*file)};
  }
  cannot_write(path, EEXIST);
}

void clear_temporaries(const fs::path& target) {
  clear_away(temporary_beside(target, 0));
}

OutputLock::OutputLock(const fs::path& output) : lock_(locked(output)) {}

OutputLock::~OutputLock() { ::unlink(lock_.name.c_str()); }

}  // namespace stardsim

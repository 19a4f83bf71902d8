// Writing a file so that a reader never sees half of it.
#pragma once

#include "sim/io/locked_file.hpp"

#include <cstddef>
#include <filesystem>
#include <span>

namespace stardsim {

/// Throws CannotWrite if it can be told beforehand that `path` cannot be
/// written: it is empty, its folder is missing, is no folder or is not
/// writable, or `path` itself is a folder or a read-only file. Leaves no trace.
void require_writable(const std::filesystem::path& path);

/// Whether `path` can be replaced by another file: it is a regular one, or
/// there is none yet. All else (a device, a pipe) must be written in place.
bool can_be_replaced(const std::filesystem::path& path);

/// A temporary file beside `path`, which takes its place when it is whole.
///
/// A new file may be read and written as the umask allows; one that replaces
/// an earlier file has no more permissions than that had. A symbolic link
/// stays: its target is written. All members throw CannotWrite.
class AtomicFile {
 public:
  /// Requires that `path` can be replaced.
  explicit AtomicFile(const std::filesystem::path& path);
  /// Unless committed, removes the temporary file and leaves an earlier file
  /// untouched.
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  OpenFile& file() { return made_.file; }

  /// Syncs the file, renames it to `path` and syncs the folder.
  void commit();

 private:
  std::filesystem::path target_;
  NewFile made_;
  bool renamed_ = false;
};

/// Writes the bytes through an AtomicFile, or in place what cannot be replaced.
/// Throws CannotWrite.
void write_atomically(const std::filesystem::path& path,
                      std::span<const std::byte> bytes);

}  // namespace stardsim

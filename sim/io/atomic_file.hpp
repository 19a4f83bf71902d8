// Writing a file so that a reader never sees half of it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <stdexcept>

namespace stardsim {

/// A file could not be written; the message says which, and why, in one line:
/// `cannot write results/x.h5: No space left on device`.
class CannotWrite : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Throws CannotWrite if it can be told beforehand that `path` cannot be
/// written: it is empty, its folder is missing, is no folder or is not
/// writable, or `path` itself is a folder or a read-only file. Leaves no trace.
void require_writable(const std::filesystem::path& path);

/// Writes the bytes to a temporary file beside `path`, syncs it, renames it to
/// `path` and syncs the folder. On failure throws CannotWrite, removes the
/// temporary file and leaves an earlier file of that name untouched.
///
/// A new file may be read and written as the umask allows; one that replaces
/// an earlier file has no more permissions than that had. A symbolic link
/// stays: its target is written. What exists and is no regular file (a device,
/// a pipe) is written in place.
void write_atomically(const std::filesystem::path& path,
                      std::span<const std::byte> bytes);

}  // namespace stardsim

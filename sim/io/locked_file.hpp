// Files that one process uses at a time. A lock goes with the process that
// holds it, so that what a killed one left is known, and is cleared away.
#pragma once

#include "sim/io/open_file.hpp"

#include <filesystem>

namespace stardsim {

/// A file that was not there before, under a name of its own.
struct NewFile {
  std::filesystem::path name;
  OpenFile file;
};

/// A new file beside `target`, hidden, locked as long as it is open. Throws
/// CannotWrite, which names `path`.
NewFile new_file_beside(const std::filesystem::path& target, unsigned mode,
                        const std::filesystem::path& path);

/// Removes what a killed process left beside `target` of new_file_beside().
void clear_temporaries(const std::filesystem::path& target);

/// Held by the one run that is to write an output: a hidden file beside it.
class OutputLock {
 public:
  /// Requires that `output` can be replaced. Throws CannotWrite if another
  /// process holds its lock.
  explicit OutputLock(const std::filesystem::path& output);
  ~OutputLock();
  OutputLock(const OutputLock&) = delete;
  OutputLock& operator=(const OutputLock&) = delete;

 private:
  NewFile lock_;
};

}  // namespace stardsim

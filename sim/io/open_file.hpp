// A file that is written through its descriptor: short and interrupted writes
// are gone on with, and what fails is said in one line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <stdexcept>
#include <string>

namespace stardsim {

/// A file could not be written; the message says which, and why, in one line:
/// `cannot write results/x.h5: No space left on device`.
class CannotWrite : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

[[noreturn]] void cannot_write(const std::filesystem::path&,
                               const std::string& why);
/// Why: as errno tells it.
[[noreturn]] void cannot_write(const std::filesystem::path&, int error);

/// Closed at the end of scope. All members throw CannotWrite but read_at and
/// size, which throw CannotRead (problems.hpp). Different places of a file may
/// be written and read by several threads at once.
class OpenFile {
 public:
  /// Takes the descriptor that `open` gave; throws, by errno, if that failed.
  /// Messages name the path.
  OpenFile(int descriptor, const std::filesystem::path&);
  ~OpenFile();
  OpenFile(OpenFile&&) noexcept;
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  const std::filesystem::path& path() const { return path_; }

  /// Behind what was written before.
  void write(std::span<const std::byte>);
  /// At a place counted from the file's begin. Of regular files only.
  void write_at(std::uint64_t place, std::span<const std::byte>);
  /// As much as there is: less than asked for only at the file's end.
  std::size_t read_at(std::uint64_t place, std::span<std::byte>) const;
  std::uint64_t size() const;
  void resize(std::uint64_t);

  /// The same open file again: a lock on it lasts until both are closed.
  OpenFile duplicate() const;

  /// What knows no sync (a pipe, some folders) is as safe as it can be.
  void sync();

  /// Says what went wrong in closing, which the destructor cannot. After EINTR
  /// the descriptor is gone all the same.
  void close();

 private:
  int descriptor_;
  std::filesystem::path path_;
};

/// The folder that a file is in, "." if none is named.
std::filesystem::path folder_of(const std::filesystem::path&);

/// The file that a path stands for, which need not exist: every symbolic link
/// followed.
std::filesystem::path follow_links(const std::filesystem::path&);

}  // namespace stardsim

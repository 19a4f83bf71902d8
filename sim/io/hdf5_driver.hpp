// Where HDF5 has the bytes of a file that is made or read: in memory or in a
// file of ours. A virtual file driver, so that what fails is ours to tell.
#pragma once

#include "sim/io/hdf5_handles.hpp"
#include "sim/io/open_file.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace stardsim::hdf5 {

/// Bytes by their place from 0 on. What was never written are zeros.
class Storage {
 public:
  virtual ~Storage() = default;
  virtual void write(std::uint64_t place, std::span<const std::byte>) = 0;
  virtual void read(std::uint64_t place, std::span<std::byte>) const = 0;
  virtual std::uint64_t size() const = 0;
  virtual void resize(std::uint64_t size) = 0;
};

class StorageInMemory : public Storage {
 public:
  void write(std::uint64_t place, std::span<const std::byte>) override;
  void read(std::uint64_t place, std::span<std::byte>) const override;
  std::uint64_t size() const override { return bytes_.size(); }
  void resize(std::uint64_t size) override { bytes_.resize(size); }

  const std::vector<std::byte>& bytes() const { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
};

/// Requires that the file outlives it.
class StorageInFile : public Storage {
 public:
  explicit StorageInFile(OpenFile& file) : file_(file) {}
  void write(std::uint64_t place, std::span<const std::byte>) override;
  void read(std::uint64_t place, std::span<std::byte>) const override;
  std::uint64_t size() const override { return file_.size(); }
  void resize(std::uint64_t size) override;

 private:
  OpenFile& file_;
};

/// A storage of which HDF5 never hears that writing failed: closing a file
/// would fail as well, and HDF5 1.10 crashes after that. From the first failure
/// on, what is written is kept in memory, to be read back. Of reading HDF5
/// hears. The first failure is thrown when asked for, which should be soon.
class TolerantStorage {
 public:
  explicit TolerantStorage(Storage& storage) : storage_(storage) {}

  void write(std::uint64_t place, std::span<const std::byte>);
  void read(std::uint64_t place, std::span<std::byte>) const;
  std::uint64_t size() const { return storage_.size(); }
  void resize(std::uint64_t size);

  /// Of HDF5's part, where no exception may pass.
  void keep_failure(std::exception_ptr failure) {
    if (!failure_) failure_ = std::move(failure);
  }
  void throw_failure() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  Storage& storage_;
  std::exception_ptr failure_;
  std::vector<std::pair<std::uint64_t, std::vector<std::byte>>> kept_;
};

/// Makes files that are created or opened with this access list have their
/// bytes there.
/// The pointer must last until then; what it points to may go with the file.
void set_storage(hid_t access_list,
                 const std::shared_ptr<TolerantStorage>& storage);

}  // namespace stardsim::hdf5

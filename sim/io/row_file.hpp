// The rows of draws in a file, from where they are read back piece by piece.
// A header (16 bytes of text, the size of a row, a checksum) is followed by the
// rows in the order of draws, each with a checksum behind it; all in the
// machine's own order of bytes.
#pragma once

#include "sim/analysis/draw_rows.hpp"
#include "sim/io/open_file.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace stardsim {

/// write() and sync() throw CannotWrite. read() throws CannotRead
/// (problems.hpp) if a row is missing or its checksum is wrong.
class RowFile : public DrawRows {
 public:
  /// In the folder, without a name: gone with this object, or with the process.
  static RowFile temporary(const std::filesystem::path& folder,
                           std::size_t row_size, std::uint32_t draws);
  /// A new file of that name, in place of an earlier one.
  static RowFile create(const std::filesystem::path&, std::size_t row_size,
                        std::uint32_t draws);
  /// Whether there is one that `create` made, however many rows it has. Throws
  /// CannotRead for a failure of the disk.
  static bool is_there(const std::filesystem::path&);
  /// To go on with one that `create` made, of `draws` draws now. Throws
  /// CannotRead if it is none, or has rows of another size.
  static RowFile open(const std::filesystem::path&, std::size_t row_size,
                      std::uint32_t draws);

  void write(std::uint32_t draw, std::span<const std::byte> row) override;
  void read(std::uint32_t draw, std::size_t offset,
            std::span<std::byte> part) const override;

  /// Whether the row is there, whole and unharmed.
  bool has(std::uint32_t draw) const;

  /// Returns when all that was written is on the disk.
  void sync();

 private:
  RowFile(OpenFile, std::size_t row_size, std::uint32_t draws);

  void write_header();
  void require_header() const;
  std::uint64_t place(std::uint32_t draw) const;

  OpenFile file_;
  std::size_t size_;
  /// [draw - 1]: read and found right, so that parts of it can be trusted.
  mutable std::vector<std::uint8_t> checked_;
};

/// What so many rows take on the disk, in bytes.
double bytes_of_row_file(std::size_t row_size, std::uint32_t draws);

/// Where rows are kept that are not asked for by name: beside this output, if
/// it is a file or will be one; else in the folder for temporary files.
std::filesystem::path folder_for_rows(
    const std::optional<std::filesystem::path>& output);

/// Throws CannotWrite, in one line, if the folder's disk has less room than so
/// many bytes for what `what` names.
void require_room(const std::filesystem::path& folder, double bytes,
                  const std::string& what);

}  // namespace stardsim

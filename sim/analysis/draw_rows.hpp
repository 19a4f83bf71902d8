// Where what is kept of every draw of a probabilistic run is stored: rows of
// one size in bytes, which may be more than fit into memory.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

namespace stardsim {

/// Draws are numbered from 1.
class DrawRows {
 public:
  virtual ~DrawRows() = default;

  /// The whole row of a draw. Several threads may write different draws at
  /// once.
  virtual void write(std::uint32_t draw, std::span<const std::byte> row) = 0;

  /// The part of a draw's row from byte `offset` on. Requires that the draw was
  /// written. One thread at a time.
  virtual void read(std::uint32_t draw, std::size_t offset,
                    std::span<std::byte> part) const = 0;
};

class RowsInMemory : public DrawRows {
 public:
  RowsInMemory(std::size_t row_size, std::uint32_t draws)
      : size_(row_size), bytes_(row_size * draws) {}

  void write(std::uint32_t draw, std::span<const std::byte> row) override {
    std::copy(row.begin(), row.end(), bytes_.begin() + place(draw, 0));
  }
  void read(std::uint32_t draw, std::size_t offset,
            std::span<std::byte> part) const override {
    std::copy_n(bytes_.begin() + place(draw, offset), part.size(),
                part.begin());
  }

 private:
  std::ptrdiff_t place(std::uint32_t draw, std::size_t offset) const {
    return static_cast<std::ptrdiff_t>((draw - 1) * size_ + offset);
  }

  std::size_t size_;
  std::vector<std::byte> bytes_;
};

/// Some neighbours of a row's values, of `draws` draws from `first` on:
/// [draw - first][value].
template <class Value>
std::vector<Value> values_of_rows(const DrawRows& rows, std::uint32_t first,
                                  std::uint32_t draws, std::size_t offset,
                                  std::size_t count) {
  static_assert(std::is_trivially_copyable_v<Value>);
  std::vector<Value> values(draws * count);
  const std::span<Value> all(values);
  for (std::uint32_t d = 0; d < draws; ++d)
    rows.read(first + d, offset,
              std::as_writable_bytes(all.subspan(d * count, count)));
  return values;
}

}  // namespace stardsim

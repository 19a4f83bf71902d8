// Reading a table between its entries, in single precision.
#pragma once

#include <cstddef>

namespace stardsim {

/// table[index] + (table[index + 1] - table[index]) * part, each operation
/// rounded. Requires 0 <= part < 1 and an entry beyond the last that is used.
inline float interpolate(const float* table, std::size_t index, float part) {
  const float from = table[index];
  return from + (table[index + 1] - from) * part;
}

/// The same at index + part. Requires 0 <= position < 2^24.
inline float interpolate(const float* table, float position) {
  const auto index = static_cast<std::size_t>(position);
  return interpolate(table, index, position - static_cast<float>(index));
}

}  // namespace stardsim

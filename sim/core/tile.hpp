// How many patients are simulated together, and a number for each of them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace stardsim {

/// Patients simulated together, small enough to stay in cache.
inline constexpr std::size_t tile_size = 2048;
/// A vector may be written up to this many words past the end of a list.
inline constexpr std::size_t overrun = 64;

/// One word for each patient of a tile.
using Row = std::array<std::uint32_t, tile_size + overrun>;

/// One real number for each, aligned to vectors wherever it is kept.
struct alignas(64) RealRow : std::array<float, tile_size + overrun> {};

}  // namespace stardsim

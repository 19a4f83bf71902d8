// Probabilities as integers: what a random word is compared with.
#pragma once

#include <cstdint>

namespace stardsim {

/// An event happens to the patients whose word is below the cut.
using Cut = std::uint32_t;

inline constexpr Cut impossible = 0;
inline constexpr Cut certain = 0xFFFFFFFF;

/// The word as compared with cuts.
inline constexpr std::uint32_t highest_word = certain - 1;

/// The cut for a probability in [0, 1]: within 2^-33 of it, but that what is
/// above 1 - 1.5 * 2^-32 is certain.
Cut to_cut(long double probability);

/// P(word < cut): the probability that is really simulated.
inline double probability_below(Cut cut) {
  return cut == certain ? 1.0 : static_cast<double>(cut) / 4294967296.0;
}

/// The cut for a part of what lies below another: whole * part, rounded down.
inline Cut part_of(Cut whole, Cut part) {
  if (part == certain) return whole;
  const std::uint64_t product = std::uint64_t{whole} * part;
  return static_cast<Cut>(product >> 32);
}

}  // namespace stardsim

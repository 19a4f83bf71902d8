// The smooth functions of the course as tables with linear interpolation.
//
// Each is one fixed sequence of single-precision additions, subtractions and
// multiplications, exact conversions and table look-ups, the same here and in
// its vector form (sim/core/smooth_tables-inl.hpp): equal bits everywhere. The
// tables are computed in extended precision and rounded.
#pragma once

#include "models/cut.hpp"

#include <cstdint>
#include <vector>

namespace stardsim {

/// What the functions below read. Every table has one entry more than there are
/// places to read at.
struct SmoothTables {
  /// A word by its distance u from the nearer end, 0 to 2^31 - 1: the tail is
  /// u + 1/2 as a float, and its place in a table the bits of the tail above
  /// those of 1/2, in units of 2^16. So every octave has as many intervals.
  static constexpr std::uint32_t first_tail_bits = 0x3F000000;  ///< of 0.5F
  static constexpr int log2_intervals_per_octave = 7;
  static constexpr int bits_between = 23 - log2_intervals_per_octave;
  static constexpr std::uint32_t octaves = 32;
  static constexpr std::uint32_t tail_entries =
      (octaves << log2_intervals_per_octave) + 2;

  /// By the tail: -Phi^-1(tail / 2^32), the score of the upper end.
  std::vector<float> score;

  /// By the tail of the lower end, then that of the upper one: log of the
  /// cumulative hazard in units of ln 2, log(-log2(1 - F)).
  std::vector<float> log_hazard;

  static constexpr float intervals_per_unit = 128;  ///< a power of 2: exact

  /// By |log odds|: 2^31 times the smaller of the two probabilities.
  static constexpr float highest_log_odds = 21;
  std::vector<float> half_cut;

  /// By a log hazard as above, from the lowest on: 2^31 times the smaller of F
  /// and 1 - F.
  static constexpr float lowest_log_hazard = -24, highest_log_hazard = 3.40625F;
  std::vector<float> half_word;
};

/// The tables, made at the first call.
const SmoothTables& smooth_tables();

/// The normal score of a random word: increasing, antisymmetric about the
/// middle, within 5e-6 of Phi^-1((word + 1/2) / 2^32).
float normal_score(std::uint32_t word);

/// P = 1 / (1 + exp(-log_odds)) as a cut, a multiple of 2: increasing, within
/// 1e-6 of it, and 2^32 less the cut of -log_odds. Never impossible or certain:
/// beyond +-21 as there.
Cut cut_of_log_odds(float log_odds);

/// The word at which a survival law is read for a patient whose hazard is
/// multiplied by exp(log_hazard): 1 - (1 - w)^(1 / ratio) on the scale of
/// 2^-32. Increasing in the word, and decreasing in the hazard but for the
/// error; within 5e-6 of it; never above highest_word, unless the word is. At a
/// log_hazard of 0 the word itself.
std::uint32_t word_with_hazard(std::uint32_t word, float log_hazard);

}  // namespace stardsim

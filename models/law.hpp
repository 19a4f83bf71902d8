// The scenario as integers: the law that the engine samples and the exact twin
// sums. Every random word is uniform on 32 bits; the word 2^32-1 is read as
// 2^32-2, so that "below the cut" can be impossible (cut 0) and certain
// (cut 2^32-1) alike. Every mapping from a word to an outcome is monotone.
#pragma once

#include "models/scenario.hpp"
#include "models/units.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

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

/// To which tick a time is rounded.
enum class Rounding {
  up,      ///< so that "by the end of the week" is exact
  nearest  ///< so that what starts then starts neither early nor late on
           ///< average
};

/// A distribution of times on the ticks of one step. A patient with word w has
/// the time tick[i], i being the number of cuts <= w.
struct TimeLaw {
  std::vector<Cut> cut;     ///< ascending strictly; the last one is `certain`
  std::vector<Ticks> tick;  ///< ascending strictly, at most those of the step
  /// Largest distance of this distribution function from the stated one cut to
  /// the step, where one tick ends and the next begins.
  double distance = 0;
};

/// Throws std::invalid_argument for a distribution without any probability in
/// (0, length].
TimeLaw compile(const TimeDistribution&, Ticks length, Rounding);

/// One arm. The outcome word decides: below `remission`, else below
/// `partial_response`, else from `intolerance` upwards, else no response.
struct ArmLaw {
  Cut chosen_from, chosen_below;  ///< of the arm word
  Cut remission, partial_response, intolerance;
  Cut continue_no_response, continue_partial_response, continue_intolerant;
  std::size_t remission_time, intolerance_time;  ///< indices in Law::times

  bool can_respond_partially() const { return partial_response > remission; }
  bool can_be_intolerant() const { return intolerance < certain; }
  bool can_lose_patients() const {
    return continue_no_response < certain ||
           (can_respond_partially() && continue_partial_response < certain) ||
           (can_be_intolerant() && continue_intolerant < certain);
  }
};

struct StepLaw {
  Ticks length;
  std::vector<ArmLaw> arms;
};

using PathwayLaw = std::vector<StepLaw>;

/// Whether anybody can leave care; if not, the two estimands are the same.
bool can_lose_patients(const PathwayLaw&);

struct Law {
  std::uint32_t horizon = 0;  ///< weeks
  std::vector<TimeLaw> times;
  std::vector<PathwayLaw> pathways;
};

Law compile(const Scenario&);

/// All tables as bytes, little-endian; equal bytes give equal results.
std::vector<std::byte> bytes_of(const Law&);

}  // namespace stardsim

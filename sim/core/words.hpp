// The random words: every draw is a pure function of
// (seed, uncertainty draw, patient, purpose, visit).
//
// Generator: Philox4x32-10 (Salmon et al. 2011, doi 10.1145/2063384.2063405),
// four words of 32 bits from a counter of 128 bits and a key of 64 bits.
// Word layout, version 1:
//
//   key        seed
//   counter 0  patient, low 32 bits
//   counter 1  patient, high 8 bits | luck << 8         (luck: 24 bits)
//   counter 2  purpose | (visit >> 2) << 16
//   counter 3  sub-draw
//   word       visit & 3
//
// `visit` counts the acute attempts of this patient, from 0, and what follows
// an attempt has its number; other meanings stand at the purpose. `luck` is the
// uncertainty draw (0 in the deterministic run). Nothing here depends on
// thread, order, arm or pathway, so pathways compare the same patients with the
// same luck.
#pragma once

#include <array>
#include <cstdint>
#include <limits>

namespace stardsim {

inline constexpr int word_layout_version = 1;

/// What a word decides. A number is never given to another purpose.
enum class Purpose : std::uint32_t {
  arm = 1,           ///< which arm of a step
  outcome = 2,       ///< remission, partial response, intolerance, none
  outcome_time = 3,  ///< when the remission or the early exit comes
  attrition = 4,     ///< what follows a failed attempt
  covariate = 5,     ///< visit: the covariate's place in the cohort
  table_row = 6,     ///< which row of the cohort's table
  adherence = 7,     ///< whether the treatment is taken as prescribed
  dose = 8,          ///< whether an adequate dose is reached
  acceptance = 9,    ///< sub-draw: offer_number (offer.hpp)
  access = 10,       ///< visit: what is offered
  wait = 11,         ///< until the step starts
  relapse = 12,      ///< after the attempt of this visit
  drop_out = 13,     ///< of follow-up
  treatment_stop = 14,
  after_relapse = 15,
  gap_return = 16,
  follow_up = 17,  ///< whether a patient in remission enters follow-up
  spontaneous_remission = 18,  ///< visit: the n-th one
  spontaneous_relapse = 19,
  propensity = 20,  ///< its normal score, wherever it stands in the cohort
  extension_remission = 21,
  extension_relapse = 22,
  adverse_event = 23,     ///< sub-draw: which
  death = 24,             ///< visit 0: the cumulative hazard at death
  cause_of_death = 25,    ///< visit 0
  remission_in_gap = 26,  ///< of the gap after the attempt of this visit
  relapse_in_gap = 27,
  parameter = 28,  ///< patient: a hash of its key; not of the course
  test = 0xFFFF    ///< for tests and pilot populations
};

inline constexpr std::uint32_t words_per_block = 4;

/// What stays the same in all draws of a run.
struct Luck {
  std::uint64_t seed = 1;
  std::uint32_t draw = 0;  ///< the uncertainty draw, below 2^24
};

struct Counter {
  std::uint32_t word[4];
};

/// The counter of the block in which this draw lies. Requires
/// patient < 2^40, visit < 2^18.
constexpr Counter counter_of(Luck luck, std::uint64_t patient, Purpose purpose,
                             std::uint32_t visit, std::uint32_t sub_draw = 0) {
  return {
      {static_cast<std::uint32_t>(patient),
       static_cast<std::uint32_t>(patient >> 32) | luck.draw << 8,
       static_cast<std::uint32_t>(purpose) | (visit / words_per_block) << 16,
       sub_draw}};
}

/// Philox4x32-10 by Random123.
std::array<std::uint32_t, 4> philox(Counter, std::uint64_t seed);

/// One word.
std::uint32_t word(Luck, std::uint64_t patient, Purpose, std::uint32_t visit);

/// One word as compared with cuts: at most highest_word (models/cut.hpp).
std::uint32_t word_as_compared(Luck, std::uint64_t patient, Purpose,
                               std::uint32_t visit, std::uint32_t sub_draw = 0);

/// The words of one patient and purpose as a uniform random bit generator, on
/// which the distributions of Boost.Random and of the standard library run.
/// Sub-draws 0, 1, 2, ... of visit 0; good for 2^34 words.
class WordEngine {
 public:
  using result_type = std::uint32_t;

  WordEngine(Luck luck, std::uint64_t patient, Purpose purpose)
      : luck_(luck), patient_(patient), purpose_(purpose) {}

  static constexpr result_type min() { return 0; }
  static constexpr result_type max() {
    return std::numeric_limits<result_type>::max();
  }
  result_type operator()();

 private:
  Luck luck_;
  std::uint64_t patient_;
  Purpose purpose_;
  std::uint32_t sub_draw_ = 0;
  std::uint32_t used_ = words_per_block;  ///< words taken of the block
  std::array<std::uint32_t, 4> block_{};
};

}  // namespace stardsim

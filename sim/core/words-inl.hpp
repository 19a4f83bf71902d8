// The random words of a tile of patients, several vectors at a time. Included
// once for each instruction set (no ordinary include guard).
#if defined(STARDSIM_WORDS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef STARDSIM_WORDS_INL
#undef STARDSIM_WORDS_INL
#else
#define STARDSIM_WORDS_INL
#endif

#include "sim/core/engine.hpp"
#include "sim/core/lanes.hpp"

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace stardsim {
namespace HWY_NAMESPACE {

/// Vectors worked on at once, to keep the multipliers busy.
inline constexpr std::size_t in_flight = 4;
static_assert(HWY_LANES(std::uint32_t) * in_flight <= overrun);

template <class L>
using FourWords = typename L::Words[words_per_block][in_flight];

/// Philox4x32-10 for these patients, given by their distance from work.first.
/// All but the first word of the counter are common to them, so that of each of
/// the first two rounds one half is done once for all.
template <class L, class PatientsAt>
HWY_INLINE void philox(const Workspace& work, Purpose purpose,
                       std::uint32_t visit, PatientsAt patients_at,
                       FourWords<L>& words) {
  constexpr std::uint32_t factor0 = 0xD2511F53, factor1 = 0xCD9E8D57;
  const auto& key = work.key;
  auto& [c0, c1, c2, c3] = words;
  const Counter base = counter_of(work.luck, work.first, purpose, visit);
  typename L::Words high0, low0, high1, low1;

  std::uint32_t high, low;
  OneLane::multiply(base.word[2], factor1, high, low);
  const std::uint32_t second0 = high ^ base.word[1] ^ key[0][0];
  const std::uint32_t second1 = low;
  for (std::size_t j = 0; j < in_flight; ++j) {
    // The first of a tile is a multiple of its size, and that of scattered
    // patients one of 2^32: the sum does not carry over.
    const auto first0 = L::add(L::all(base.word[0]), patients_at(j * L::width));
    L::multiply(first0, factor0, high0, low0);
    c2[j] = L::bit_xor(high0, L::all(base.word[3] ^ key[1][0]));
    c3[j] = low0;
  }
  OneLane::multiply(second0, factor0, high, low);
  for (std::size_t j = 0; j < in_flight; ++j) {
    L::multiply(c2[j], factor1, high1, low1);
    c0[j] = L::bit_xor(high1, L::all(second1 ^ key[0][1]));
    c1[j] = low1;
    c2[j] = L::bit_xor(c3[j], L::all(high ^ key[1][1]));
    c3[j] = L::all(low);
  }
  HWY_UNROLL(8)
  for (std::size_t round = 2; round < 10; ++round)
    for (std::size_t j = 0; j < in_flight; ++j) {
      L::multiply(c0[j], factor0, high0, low0);
      L::multiply(c2[j], factor1, high1, low1);
      c0[j] = L::bit_xor3(high1, c1[j], L::all(key[0][round]));
      c1[j] = low1;
      c2[j] = L::bit_xor3(high0, c3[j], L::all(key[1][round]));
      c3[j] = low0;
    }
}

template <class L>
HWY_INLINE typename L::Words as_compared(typename L::Words words) {
  return L::smaller(words, L::all(highest_word));
}

/// The words of the whole tile for four visits from `visit` on.
template <class L>
void draw_four_visits(const Workspace& work, Purpose purpose,
                      std::uint32_t visit, Row* rows) {
  FourWords<L> words;
  for (std::size_t i = 0; i < tile_size; i += in_flight * L::width) {
    const auto patients_at = [&](std::size_t offset) HWY_ATTR {
      return L::load(&work.member[i + offset]);
    };
    philox<L>(work, purpose, visit, patients_at, words);
    for (std::size_t v = 0; v < 4; ++v)
      for (std::size_t j = 0; j < in_flight; ++j)
        L::store(as_compared<L>(words[v][j]), &rows[v][i + j * L::width]);
  }
}

/// The word of each patient of a roster for one visit, into row.
template <class L>
void draw_for(const Roster& roster, Purpose purpose, std::uint32_t visit,
              const Workspace& work, Row& row) {
  FourWords<L> words;
  for (std::size_t i = 0; i < roster.size; i += in_flight * L::width) {
    const auto patients_at = [&](std::size_t offset) HWY_ATTR {
      const auto slot = L::load(&roster.slot[i + offset]);
      return work.scattered ? L::look_up(work.member.data(), slot) : slot;
    };
    philox<L>(work, purpose, visit, patients_at, words);
    const auto& drawn = words[visit % words_per_block];
    for (std::size_t j = 0; j < in_flight; ++j)
      L::store(as_compared<L>(drawn[j]), &row[i + j * L::width]);
  }
}

/// The words of this tile for one visit; they are common to all pathways.
template <class L>
const Row& words_row(const Workspace& work, WordRows& rows, Purpose purpose,
                     std::uint32_t visit) {
  while (rows.drawn <= visit) {
    const std::size_t four = rows.drawn / words_per_block;
    if (rows.fours.size() <= four) rows.fours.emplace_back();
    draw_four_visits<L>(work, purpose, rows.drawn, rows.fours[four].data());
    rows.drawn += words_per_block;
  }
  return rows.fours[visit / words_per_block][visit % words_per_block];
}

}  // namespace HWY_NAMESPACE
}  // namespace stardsim
HWY_AFTER_NAMESPACE();

#endif

// The functions of models/smooth_tables.hpp for several patients at a time, bit
// for bit the same. Included once for each instruction set (no ordinary include
// guard).
#if defined(STARDSIM_SMOOTH_TABLES_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef STARDSIM_SMOOTH_TABLES_INL
#undef STARDSIM_SMOOTH_TABLES_INL
#else
#define STARDSIM_SMOOTH_TABLES_INL
#endif

#include "models/smooth_tables.hpp"
#include "sim/core/lanes.hpp"

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace stardsim {
namespace HWY_NAMESPACE {

/// As `interpolate` of models/interpolation.hpp.
template <class L>
HWY_INLINE typename L::Reals interpolate(const float* table,
                                         typename L::Words index,
                                         typename L::Reals part) {
  const auto from = L::look_up_real(table, index);
  const auto to = L::look_up_real(table + 1, index);
  return L::plus(from, L::times(L::minus(to, from), part));
}

template <class L>
HWY_INLINE typename L::Reals interpolate(const float* table,
                                         typename L::Reals position) {
  const auto index = L::word_of(position);
  return interpolate<L>(table, index, L::minus(position, L::real_of(index)));
}

/// A place in the tables by tail.
template <class L>
struct TailPlace {
  typename L::Words index;
  typename L::Reals part;
};

template <class L>
HWY_INLINE TailPlace<L> place_of(typename L::Words words) {
  using Tables = SmoothTables;
  constexpr float unit = 1.0F / (1u << Tables::bits_between);
  const auto distance =
      L::smaller(words, L::bit_xor(words, L::all(0xFFFFFFFF)));
  const auto tail = L::plus(L::real_of(distance), L::all_real(0.5F));
  const auto bits =
      L::subtract(L::bits_of(tail), L::all(Tables::first_tail_bits));
  const auto between =
      L::bit_and(bits, L::all((1u << Tables::bits_between) - 1));
  return {L::template shift_right<Tables::bits_between>(bits),
          L::times(L::real_of(between), L::all_real(unit))};
}

/// A word by its distance from the nearer end of all words, given as half.
template <class L>
HWY_INLINE typename L::Words from_end(typename L::Reals half,
                                      typename L::Some lower_end) {
  const auto distance = L::template shift_left<1>(L::word_of(half));
  return L::select(lower_end, distance, L::subtract(L::all(0), distance));
}

template <class L>
HWY_INLINE typename L::Reals normal_score(const SmoothTables& tables,
                                          typename L::Words words) {
  const auto place = place_of<L>(words);
  const auto score =
      interpolate<L>(tables.score.data(), place.index, place.part);
  const auto sign =
      L::bit_and(L::bit_xor(words, L::all(0xFFFFFFFF)), L::all(0x80000000));
  return L::real_from_bits(L::bit_xor(L::bits_of(score), sign));
}

template <class L>
HWY_INLINE typename L::Words cut_of_log_odds(const SmoothTables& tables,
                                             typename L::Reals log_odds) {
  using Tables = SmoothTables;
  const auto size =
      L::real_from_bits(L::bit_and(L::bits_of(log_odds), L::all(0x7FFFFFFF)));
  const auto inside =
      L::smaller_real(size, L::all_real(Tables::highest_log_odds));
  const auto half =
      interpolate<L>(tables.half_cut.data(),
                     L::times(inside, L::all_real(Tables::intervals_per_unit)));
  return from_end<L>(half, L::below_real(log_odds, L::all_real(0)));
}

template <class L>
HWY_INLINE typename L::Words word_with_hazard(const SmoothTables& tables,
                                              typename L::Words words,
                                              typename L::Reals log_hazard) {
  using Tables = SmoothTables;
  const auto place = place_of<L>(words);
  const auto lower = L::below(words, L::all(0x80000000));
  const auto index = L::add(
      place.index, L::select(lower, L::all(0), L::all(Tables::tail_entries)));
  const auto read = L::minus(
      interpolate<L>(tables.log_hazard.data(), index, place.part), log_hazard);
  const auto inside = L::larger_real(
      L::smaller_real(read, L::all_real(Tables::highest_log_hazard)),
      L::all_real(Tables::lowest_log_hazard));
  const auto position =
      L::times(L::minus(inside, L::all_real(Tables::lowest_log_hazard)),
               L::all_real(Tables::intervals_per_unit));
  const auto half = interpolate<L>(tables.half_word.data(), position);
  const auto found = from_end<L>(half, L::below_real(inside, L::all_real(0)));
  return L::select(L::equal_real(log_hazard, L::all_real(0)), words, found);
}

}  // namespace HWY_NAMESPACE
}  // namespace stardsim
HWY_AFTER_NAMESPACE();

#endif

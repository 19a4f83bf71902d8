// Finding the time that belongs to a word. Included once for each instruction
// set (no ordinary include guard).
#if defined(STARDSIM_TIME_SEARCH_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef STARDSIM_TIME_SEARCH_INL
#undef STARDSIM_TIME_SEARCH_INL
#else
#define STARDSIM_TIME_SEARCH_INL
#endif

#include "sim/core/engine.hpp"
#include "sim/core/words-inl.hpp"

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace stardsim {
namespace HWY_NAMESPACE {

/// The time at which each word arrives: the tick after as many as there are
/// cuts at or below it.
template <class L>
HWY_INLINE typename L::Words find_few(const TimeSearch& search,
                                      typename L::Words words) {
  auto index = L::all(0);
  for (std::uint32_t half = 8; half > 0; half /= 2) {
    const auto cut =
        L::look_up_16(search.few_cuts.data(), L::add(index, L::all(half - 1)));
    index = L::select(L::below(words, cut), index, L::add(index, L::all(half)));
  }
  return L::look_up_16(search.few_ticks.data(), index);
}

template <class L>
HWY_INLINE typename L::Words find_many(const TimeSearch& search,
                                       typename L::Words words) {
  const auto high = L::shift_right_by(words, search.guide_shift);
  auto from = L::look_up(search.guide.data(), high);
  auto to = L::look_up(search.guide.data() + 1, high);
  // The index is at least `from` and at most `to`. Where the two have met, the
  // cut there lies above the word and nothing changes any more.
  while (L::any(L::below(from, to))) {
    const auto middle = L::template shift_right<1>(L::add(from, to));
    const auto before = L::below(words, L::look_up(search.cut.data(), middle));
    from = L::select(before, from, L::add(middle, L::all(1)));
    to = L::select(before, middle, to);
  }
  return L::look_up(search.tick.data(), from);
}

/// The same where one probe is enough, and most often nothing is left to look
/// up.
template <class L>
HWY_INLINE typename L::Words find_at_once(const TimeSearch& search,
                                          typename L::Words words) {
  const auto high = L::shift_right_by(words, search.guide_shift);
  const auto guess = L::look_up(search.guide.data(), high);
  const auto before = L::below(words, L::look_up(search.cut.data(), guess));
  const auto next = L::add(guess, L::all(1));
  if (search.tick_step == 0)
    return L::look_up(search.tick.data(), L::select(before, guess, next));
  const auto last = L::all(static_cast<std::uint32_t>(search.tick.size()));
  const auto place = L::select(before, next, L::add(next, L::all(1)));
  return L::select(L::below(place, last),
                   L::low_product(place, L::all(search.tick_step)),
                   L::all(never));
}

/// From the words in row to the times.
template <class L>
void find_times(const TimeSearch& search, std::size_t size, Row& row) {
  const auto each = [&](auto find) HWY_ATTR {
    for (std::size_t i = 0; i < size; i += L::width)
      L::store(find(L::load(&row[i])), &row[i]);
  };
  if (search.few)
    each([&](auto words) HWY_ATTR { return find_few<L>(search, words); });
  else if (search.one_probe)
    each([&](auto words) HWY_ATTR { return find_at_once<L>(search, words); });
  else
    each([&](auto words) HWY_ATTR { return find_many<L>(search, words); });
}

/// The time of each of a roster, by his word of this purpose and visit, into
/// row.
template <class L>
void time_roster(const TimeSearch& search, const Roster& roster,
                 Purpose purpose, std::uint32_t visit, Workspace& work,
                 Row& row) {
  draw_for<L>(roster, purpose, visit, work, row);
  find_times<L>(search, roster.size, row);
}

}  // namespace HWY_NAMESPACE
}  // namespace stardsim
HWY_AFTER_NAMESPACE();

#endif

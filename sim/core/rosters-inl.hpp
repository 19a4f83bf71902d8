// Lists of those of a tile to whom something happens, and for which courses
// they count. Included once for each instruction set (no ordinary include
// guard).
#if defined(STARDSIM_ROSTERS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef STARDSIM_ROSTERS_INL
#undef STARDSIM_ROSTERS_INL
#else
#define STARDSIM_ROSTERS_INL
#endif

#include "sim/core/engine.hpp"
#include "sim/core/record.hpp"

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace stardsim {
namespace HWY_NAMESPACE {

/// Appends to the roster those of the patients in slots i, i + 1, ...
template <class L>
HWY_INLINE void enroll(Roster& roster, std::size_t& size, typename L::Some some,
                       std::size_t i) {
  const auto slot = L::counting_from(static_cast<std::uint32_t>(i));
  size += L::append(slot, some, &roster.slot[size]);
}
template <class L>
HWY_INLINE void enroll(Roster& roster, std::size_t& size, typename L::Some some,
                       std::size_t i, typename L::Words state) {
  L::append(state, some, &roster.state[size]);
  enroll<L>(roster, size, some, i);
}

/// A list while it grows; its size is kept apart from memory meanwhile.
template <class L>
class Growing {
 public:
  HWY_INLINE explicit Growing(List& list) : list_(list), size_(list.size) {}
  HWY_INLINE ~Growing() { list_.size = size_; }
  Growing(const Growing&) = delete;
  Growing& operator=(const Growing&) = delete;

  /// Appends those words that are of some.
  HWY_INLINE void note(typename L::Some some, typename L::Words words) {
    size_ += L::append(words, some, &list_.word[size_]);
  }

 private:
  List& list_;
  std::size_t size_;
};

template <class L>
HWY_INLINE typename L::Words week_at(typename L::Words tick) {
  return L::template shift_right<log2_ticks_per_week>(
      L::add(tick, L::all(ticks_per_week - 1)));
}

/// Those of some whose observed course has ended: they only count if all
/// continue. Where all is told in vectors.
template <class L>
HWY_INLINE typename L::Some out_of_care(typename L::Some some,
                                        typename L::Words state) {
  return L::both(
      some, L::equal(L::bit_and(state, L::all(parted_flag | remitted_flag)),
                     L::all(parted_flag)));
}

/// For which courses the patients of an attempt count.
template <class L>
class Courses {
 public:
  HWY_INLINE explicit Courses(const Attempt& attempt)
      : in_vectors_(attempt.walk.facts.in_vectors),
        apart_(counts_apart(attempt.walk) &&
               !(in_vectors_ && attempt.visit == 0)),
        ended_(L::all(in_vectors_ ? remitted_flag : parted_flag)) {}

  /// Whether those of the one course can be others than those of the other.
  bool apart() const { return apart_; }

  /// Of the course that is walked through.
  HWY_INLINE typename L::Some walked(typename L::Some some,
                                     typename L::Words state) const {
    return apart_ && in_vectors_ ? L::but_not(some, out_of_care<L>(some, state))
                                 : some;
  }
  /// Of the one if all continue.
  HWY_INLINE typename L::Some continued(typename L::Some some,
                                        typename L::Words state) const {
    return apart_ ? L::but_not(some, L::any_bit(state, ended_)) : some;
  }

 private:
  bool in_vectors_, apart_;
  typename L::Words ended_;
};

/// The sizes of the rosters of an attempt; kept apart from memory while they
/// grow.
struct Sizes {
  std::size_t remitted = 0, intolerant = 0, unresponsive = 0, given = 0,
              left = 0, to_follow_up = 0, to_gap = 0, exhausted = 0;

  explicit Sizes(const Workspace& work) : exhausted(work.exhausted.size) {}

  void keep(Workspace& work) const {
    work.remitted.size = remitted;
    work.intolerant.size = intolerant;
    work.unresponsive.size = unresponsive;
    work.given.size = given;
    work.left.size = left;
    work.to_follow_up.size = to_follow_up;
    work.to_gap.size = to_gap;
    work.exhausted.size = exhausted;
  }
};

}  // namespace HWY_NAMESPACE
}  // namespace stardsim
HWY_AFTER_NAMESPACE();

#endif

// How patients respond to an attempt, and where those not in remission go.
// Included once for each instruction set (no ordinary include guard).
#if defined(STARDSIM_RESPONSE_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef STARDSIM_RESPONSE_INL
#undef STARDSIM_RESPONSE_INL
#else
#define STARDSIM_RESPONSE_INL
#endif

#include "models/planted.hpp"
#include "sim/core/record.hpp"
#include "sim/core/smooth_tables-inl.hpp"
#include "sim/core/words-inl.hpp"

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace stardsim {
namespace HWY_NAMESPACE {

template <class L>
HWY_INLINE typename L::Some choose(typename L::Some given,
                                   typename L::Words word,
                                   typename L::Words from,
                                   typename L::Words below) {
  return L::both(L::but_not(given, L::below(word, from)),
                 L::below(word, below));
}

template <class L>
struct Response {
  typename L::Some remitted, partial, intolerant;
  typename L::Some late;  ///< still in the step at the horizon

  HWY_INLINE void set_late(typename L::Some some) {
    late = some;
    partial = L::but_not(partial, late);
    intolerant = L::but_not(intolerant, late);
  }
  HWY_INLINE typename L::Some failed(typename L::Some given) const {
    return L::but_not(L::but_not(given, remitted), late);
  }
  /// LastOutcome, or ended_remitted.
  HWY_INLINE typename L::Words code() const {
    const auto number = [](LastOutcome outcome) HWY_ATTR {
      return L::all(static_cast<std::uint32_t>(outcome));
    };
    auto code = number(LastOutcome::no_response);
    code = L::select(partial, number(LastOutcome::partial_response), code);
    code = L::select(intolerant, number(LastOutcome::intolerance), code);
    return L::select(remitted, L::all(ended_remitted), code);
  }
};

/// Counts of one attempt; kept apart from memory while they grow. What cannot
/// happen is not counted.
struct Counts {
  const bool counts_partial, counts_intolerant;
  const Ticks length;
  std::size_t entered = 0, remission = 0, partial = 0, intolerant = 0, late = 0;
  std::uint64_t beyond = 0;  ///< ticks of the step that lie past the horizon

  explicit Counts(const Attempt& attempt)
      : counts_partial(attempt.arm.partial_response.is_possible()),
        counts_intolerant(attempt.arm.intolerance.is_possible()),
        length(attempt.step.length) {}

  template <class L>
  HWY_INLINE void add(typename L::Some some, const Response<L>& response) {
    entered += L::count(some);
    remission += L::count(L::both(some, response.remitted));
    if (counts_partial) partial += L::count(L::both(some, response.partial));
    if (counts_intolerant)
      intolerant += L::count(L::both(some, response.intolerant));
  }
  /// Of those whose step ends past the horizon.
  template <class L>
  HWY_INLINE void add_late(typename L::Some some, const Response<L>& response,
                           typename L::Words ticks_beyond) {
    late += L::count(L::both(some, response.late));
    beyond += L::total(
        L::plus(L::no_sums(), L::select(some, ticks_beyond, L::all(0))));
  }

  void add_to(Flow<std::uint64_t>& flow) const {
    flow.entered += entered;
    flow.remission += remission;
    flow.partial_response += partial;
    flow.intolerance += intolerant;
    flow.no_response += entered - remission - partial - intolerant - late;
    flow.unfinished += late;
    // As if none left the step early.
    flow.treatment_ticks += std::uint64_t{entered} * length - beyond;
  }
};

/// The outcomes of an attempt from its words.
template <class L>
class Responding {
 public:
  HWY_INLINE explicit Responding(const Attempt& attempt)
      : arm_(attempt.arm),
        remission_(attempt.arm.remission_at(attempt.visit)),
        cohort_(attempt.walk.work.cohort),
        tables_(smooth_tables()),
        alike_(cuts_alike()) {
    Workspace& work = attempt.walk.work;
    const auto row = [&work, &attempt](WordRows& rows,
                                       Purpose purpose) HWY_ATTR {
      return words_row<L>(work, rows, purpose, attempt.visit).data();
    };
    words_ = row(work.outcome, Purpose::outcome);
    if (arm_.adherence.differs() || arm_.adherence.cut < certain)
      adherence_ = row(work.adherence, Purpose::adherence);
    if (arm_.dose_adequacy < certain) dose_ = row(work.dose, Purpose::dose);
    differs_ = remission_.differs() || arm_.partial_response.differs() ||
               arm_.intolerance.differs();
  }

  bool can_be_intolerant() const { return arm_.intolerance.is_possible(); }

  HWY_INLINE Response<L> respond(typename L::Some given, std::size_t i) const {
    const auto word = L::load(words_ + i);
    const Cuts cuts = differs_ ? cuts_at(i) : alike_;
    const auto up_to_partial =
        L::both(given, L::below(word, cuts.up_to_partial));
    const auto remitted = L::both(
        given,
        L::below(word, UNLESS_PLANTED(partial_as_remission, cuts.remission,
                                      cuts.up_to_partial)));
    const auto intolerant = L::but_not(L::but_not(given, up_to_partial),
                                       L::below(word, cuts.intolerance));
    return {remitted, L::but_not(up_to_partial, remitted), intolerant,
            L::but_not(given, given)};
  }

 private:
  struct Cuts {
    typename L::Words remission, up_to_partial, intolerance;
  };

  HWY_INLINE typename L::Reals log_odds(const Chance& chance,
                                        std::size_t i) const {
    return L::plus(L::all_real(chance.intercept),
                   L::load_real(&cohort_.scores[chance.score][i]));
  }

  HWY_INLINE typename L::Words cut_at(const Chance& chance,
                                      std::size_t i) const {
    return chance.differs() ? cut_of_log_odds<L>(tables_, log_odds(chance, i))
                            : L::all(chance.cut);
  }

  /// Taken as prescribed, at an adequate dose, or with other odds.
  HWY_INLINE typename L::Words remission_at(std::size_t i) const {
    if (!remission_.differs()) return L::all(remission_.cut);
    auto odds = log_odds(remission_, i);
    if (adherence_)
      odds = L::plus(odds, unless(L::below(L::load(adherence_ + i),
                                           cut_at(arm_.adherence, i)),
                                  arm_.non_adherence_log_odds));
    if (dose_)
      odds = L::plus(
          odds, unless(L::below(L::load(dose_ + i), L::all(arm_.dose_adequacy)),
                       arm_.low_dose_log_odds));
    return cut_of_log_odds<L>(tables_, odds);
  }

  HWY_INLINE static typename L::Reals unless(typename L::Some some,
                                             float log_odds) {
    return L::select_real(some, L::all_real(0), L::all_real(log_odds));
  }

  // Made whole: g++ compiles a default constructor for no instruction set.
  HWY_INLINE Cuts cuts_alike() const {
    const Cut partial =
        up_to_partial_response(remission_.cut, arm_.partial_response.cut);
    return {L::all(remission_.cut), L::all(partial),
            L::all(from_intolerance(arm_.intolerance.cut))};
  }

  HWY_INLINE Cuts cuts_at(std::size_t i) const {
    const auto remission = remission_at(i);
    const auto partial = cut_at(arm_.partial_response, i);
    const auto room = L::subtract(L::all(certain), remission);
    const auto intolerance =
        arm_.intolerance.differs()
            ? L::subtract(L::all(0), cut_at(arm_.intolerance, i))
            : alike_.intolerance;
    return {remission, L::add(remission, L::smaller(partial, room)),
            intolerance};
  }

  const ArmLaw& arm_;
  const Chance& remission_;
  const CohortRows& cohort_;
  const SmoothTables& tables_;
  const std::uint32_t* words_ = nullptr;
  const std::uint32_t* adherence_ = nullptr;
  const std::uint32_t* dose_ = nullptr;
  bool differs_;
  Cuts alike_;
};

template <class L>
struct Destination {
  typename L::Some next, follow_up, gap, out;
};

/// Where those not in remission go.
template <class L>
class GoingOn {
 public:
  HWY_INLINE explicit GoingOn(const Attempt& attempt)
      : no_response_(attempt.arm.after_no_response),
        partial_(attempt.arm.after_partial_response),
        intolerant_(attempt.arm.after_intolerance),
        cohort_(attempt.walk.work.cohort),
        tables_(smooth_tables()) {
    parts_ =
        !attempt.walk.everybody_continues &&
        !(no_response_.everybody_continues() &&
          partial_.everybody_continues() && intolerant_.everybody_continues());
    if (!parts_) return;
    elsewhere_ = no_response_.next_of_stay < certain ||
                 partial_.next_of_stay < certain ||
                 intolerant_.next_of_stay < certain;
    Workspace& work = attempt.walk.work;
    words_ = words_row<L>(work, work.attrition,
                          UNLESS_PLANTED(shared_luck, Purpose::attrition,
                                         Purpose::outcome),
                          attempt.visit)
                 .data();
  }

  bool anybody_parts() const { return parts_; }
  bool leads_elsewhere() const { return elsewhere_; }

  HWY_INLINE Destination<L> decide(typename L::Some failed,
                                   const Response<L>& response,
                                   std::size_t i) const {
    const auto word = L::load(words_ + i);
    const auto by_outcome = [&](auto cut_of) HWY_ATTR {
      auto cut = cut_of(no_response_);
      cut = L::select(response.partial, cut_of(partial_), cut);
      return L::select(response.intolerant, cut_of(intolerant_), cut);
    };
    const auto stay = by_outcome([&](const AfterLaw& law)
                                     HWY_ATTR { return stay_at(law, i); });
    const auto staying = L::both(failed, L::below(word, stay));
    const auto out = L::but_not(failed, staying);
    if (!elsewhere_) return {staying, out, out, out};
    const auto up_to = [&](Cut AfterLaw::*part) HWY_ATTR {
      return by_outcome([&](const AfterLaw& law) HWY_ATTR {
        return part_at(stay_at(law, i), law.*part);
      });
    };
    const auto next =
        L::both(failed, L::below(word, up_to(&AfterLaw::next_of_stay)));
    const auto to_follow_up =
        L::both(failed, L::below(word, up_to(&AfterLaw::follow_up_of_stay)));
    return {next, L::but_not(to_follow_up, next),
            L::but_not(L::but_not(staying, to_follow_up), next), out};
  }

 private:
  HWY_INLINE typename L::Words stay_at(const AfterLaw& law,
                                       std::size_t i) const {
    if (!law.stay.differs())
      return L::all(UNLESS_PLANTED(attrition_twice, law.stay.cut,
                                   part_of(law.stay.cut, law.stay.cut)));
    const auto leaving =
        L::plus(L::all_real(law.stay.intercept),
                L::load_real(&cohort_.scores[law.stay.score][i]));
    return L::subtract(L::all(0), cut_of_log_odds<L>(tables_, leaving));
  }

  HWY_INLINE static typename L::Words part_at(typename L::Words stay,
                                              Cut part) {
    return part == certain ? stay : L::high_product(stay, L::all(part));
  }

  const AfterLaw &no_response_, &partial_, &intolerant_;
  const CohortRows& cohort_;
  const SmoothTables& tables_;
  const std::uint32_t* words_ = nullptr;
  bool parts_ = false, elsewhere_ = false;
};

/// Sums over remissions of one attempt. All were counted as if they stayed in
/// the step as long as there was room before the horizon.
template <class L>
class Remissions {
 public:
  HWY_INLINE explicit Remissions(Ticks length)
      : length_(length), ticks_(L::no_sums()), squares_(ticks_) {}

  /// `time` is 0 for those not meant.
  HWY_INLINE void add(typename L::Some some, typename L::Words time) {
    count_ += L::count(some);
    ticks_ = L::plus(ticks_, time);
    squares_ = L::plus_squares(squares_, time);
  }
  /// Of those whose step would have ended past the horizon: some remit, others
  /// would have done so too late.
  HWY_INLINE void add_late(typename L::Some some, typename L::Some missed,
                           typename L::Words ticks_beyond) {
    missed_ += L::count(missed);
    beyond_ +=
        L::total(L::plus(L::no_sums(), L::select(L::but_not(some, missed),
                                                 ticks_beyond, L::all(0))));
  }

  void add_to(Flow<std::uint64_t>& flow) const {
    const std::uint64_t room =
        std::uint64_t{count_ - missed_} * length_ - beyond_;
    flow.remission -= missed_;
    flow.unfinished += missed_;
    flow.remission_ticks += L::total(ticks_);
    flow.remission_ticks_squared += L::total(squares_);
    flow.treatment_ticks -= room - L::total(ticks_);
  }

 private:
  Ticks length_;
  std::size_t count_ = 0, missed_ = 0;
  std::uint64_t beyond_ = 0;
  typename L::Sums ticks_, squares_;
};

}  // namespace HWY_NAMESPACE
}  // namespace stardsim
HWY_AFTER_NAMESPACE();

#endif

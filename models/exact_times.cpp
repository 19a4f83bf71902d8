#include "models/exact_times.hpp"

#include <cmath>
#include <limits>

namespace stardsim {
namespace {

using Eigen::Index;

// P(moment < tick), for ticks that are asked for in ascending order.
class Before {
 public:
  explicit Before(const Moments& moments) : moments_(moments) {}

  double operator()(Ticks tick) {
    while (next_ < moments_.tick.size() && moments_.tick[next_] < tick)
      sum_ += moments_.probability[next_++];
    return sum_;
  }

 private:
  const Moments& moments_;
  std::size_t next_ = 0;
  double sum_ = 0;
};

// The moments of `one` at which `other` has not come yet.
Moments coming_first(const Moments& one, const Moments& other, bool wins_ties) {
  Before before(other);
  Moments first;
  for (std::size_t i = 0; i < one.tick.size(); ++i) {
    const Ticks tick = one.tick[i];
    first.add(tick,
              one.probability[i] * (1 - before(wins_ties ? tick : tick + 1)));
  }
  return first;
}

}  // namespace

Ending::Ending(std::size_t its_number, const Moments& relapse_at,
               const Moments& drop_out_at, Ticks grid, double smooth,
               Index horizon)
    : number(its_number),
      relapse(coming_first(relapse_at, drop_out_at, true), grid, horizon),
      drop_out(coming_first(drop_out_at, relapse_at, false), grid, horizon),
      relapsed(relapse.timing, smooth),
      dropped_out(drop_out.timing, smooth) {}

Moments relapse_moments(const Law& law, const FollowUpLaw& follow_up,
                        bool early) {
  if (follow_up.relapse == nothing) return {};
  const TimeLaw& stated = law.survivals[follow_up.relapse];
  const double ratio = early ? std::exp(follow_up.early_log_hazard) : 1;
  const double stopped = std::exp(follow_up.stopped_log_hazard);
  const bool stops = follow_up.stop != nothing;
  if (ratio == 1 && (!stops || stopped == 1)) return moments_of(stated);

  // Given that the treatment stops at s, P(T > t) is S(t) up to s and
  // S(s) (S(t) / S(s))^stopped from then on.
  const Moments stop =
      stops ? moments_of(law.survivals[follow_up.stop]) : Moments{};
  std::size_t next_stop = 0;
  double still_treated = 1, weight = 0;  // sum of P(s) S(s)^(1 - stopped)
  double surviving = 1, reached = 1;
  Moments moments;
  for (std::size_t i = 0; i < stated.tick.size(); ++i) {
    for (;
         next_stop < stop.tick.size() && stop.tick[next_stop] < stated.tick[i];
         ++next_stop) {
      still_treated -= stop.probability[next_stop];
      weight += stop.probability[next_stop] * std::pow(surviving, 1 - stopped);
    }
    surviving = std::pow(1 - probability_below(stated.cut[i]), ratio);
    const double left =
        still_treated * surviving + weight * std::pow(surviving, stopped);
    moments.add(stated.tick[i], reached - left);
    reached = left;
  }
  return moments;
}

TimesOnGrid::TimesOnGrid(const Law& law, Ticks grid, Ticks law_grid)
    : law_(law), grid_(grid), smooth_(smooth_beyond(grid, law_grid)) {}

const Kernel& TimesOnGrid::time(std::size_t time, Ticks from, Ticks below) {
  const auto [at, is_new] = times_.try_emplace({time, from, below});
  if (is_new)
    at->second = Kernel(moments_of(law_.times[time], from, below), grid_,
                        std::numeric_limits<Index>::max());
  return at->second;
}

const Kernel& TimesOnGrid::survival(std::size_t survival) {
  const auto [at, is_new] = survivals_.try_emplace(survival);
  if (is_new)
    at->second = Kernel(moments_of(law_.survivals[survival]), grid_, horizon());
  return at->second;
}

const Ending& TimesOnGrid::ending(const FollowUpLaw& law, bool early) {
  const auto key =
      std::tuple(law.relapse, law.drop_out, early ? law.early_log_hazard : 0.F,
                 law.stop, law.stopped_log_hazard);
  const auto found = endings_.find(key);
  if (found != endings_.end()) return found->second;
  const Moments drop_out = law.drop_out == nothing
                               ? Moments{}
                               : moments_of(law_.survivals[law.drop_out]);
  return endings_
      .emplace(key, Ending(endings_.size(), relapse_moments(law_, law, early),
                           drop_out, grid_, smooth_, horizon()))
      .first->second;
}

}  // namespace stardsim

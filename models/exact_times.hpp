// The time laws as the exact twin needs them: on its grid, and what ends a
// follow-up first.
#pragma once

#include "models/law.hpp"
#include "models/time_grid.hpp"

#include <map>
#include <tuple>
#include <vector>

namespace stardsim {

/// How follow-up ends: relapse and drop-out compete, the earlier one comes, and
/// relapse if both come at once. What is left lasts.
struct Ending {
  std::size_t number;  ///< in the order of making
  Kernel relapse, drop_out;
  Cumulated relapsed, dropped_out;

  Ending(std::size_t number, const Moments& relapse_moments,
         const Moments& drop_out_moments, Ticks grid, double beyond,
         Eigen::Index horizon);

  /// P(still in follow-up), for who entered it so many cells ago.
  double lasting(Eigen::Index cells, const Cell& entered) const {
    return 1 - relapsed.up_to(cells, entered.between, entered.beyond) -
           dropped_out.up_to(cells, entered.between, entered.beyond);
  }
};

/// When relapse would come if nobody dropped out: the law's hazard times
/// exp(early_log_hazard) for the early, and times exp(stopped_log_hazard) from
/// the moment on when the treatment stops.
Moments relapse_moments(const Law&, const FollowUpLaw&, bool early);

/// Every time law of a Law on one grid, made when first asked for. References
/// stay good.
class TimesOnGrid {
 public:
  /// `law_grid`: all times of the law are whole multiples of it.
  TimesOnGrid(const Law&, Ticks grid, Ticks law_grid);

  /// Law::times[time], of it the ticks from `from` to below `below`.
  const Kernel& time(std::size_t time, Ticks from, Ticks below);
  const Kernel& survival(std::size_t survival);
  const Ending& ending(const FollowUpLaw&, bool early);

  const Law& law() const { return law_; }
  Ticks grid() const { return grid_; }
  double smooth() const { return smooth_; }  ///< smooth_beyond() of the law
  Eigen::Index cells_per_week() const { return ticks_per_week / grid_; }
  Eigen::Index horizon() const {  ///< in cells
    return static_cast<Eigen::Index>(law_.horizon) * cells_per_week();
  }
  /// Adds a probability at a cell to its week; what is beyond, to the next.
  void add_to_week(Eigen::Index cell, double probability, double beyond,
                   std::vector<double>& weeks) const {
    const Eigen::Index per_week = cells_per_week();
    const auto week =
        static_cast<std::size_t>((cell + per_week - 1) / per_week);
    const bool is_split =
        beyond != 0 && cell % per_week == 0 && week + 1 < weeks.size();
    weeks[week] += is_split ? (1 - beyond) * probability : probability;
    if (is_split) weeks[week + 1] += beyond * probability;
  }

  /// Adds the ticks from the cell to the end of its week.
  void add_unseen(Eigen::Index cell, double probability,
                  std::vector<double>& weeks) const {
    const auto tick = static_cast<Ticks>(cell) * grid_;
    const std::uint32_t week = week_of(tick);
    weeks[week] += probability * (week * ticks_per_week - tick);
  }

 private:
  const Law& law_;
  Ticks grid_;
  double smooth_;
  std::map<std::tuple<std::size_t, Ticks, Ticks>, Kernel> times_;
  std::map<std::size_t, Kernel> survivals_;
  std::map<std::tuple<std::size_t, std::size_t, float, std::size_t, float>,
           Ending>
      endings_;
};

}  // namespace stardsim

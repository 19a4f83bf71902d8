// Probability on an even grid of times: the arithmetic of the exact twin.
//
// Cell i is the moment i * grid ticks. Moments on the grid are kept exactly. On
// a grid that is coarser than the law, a moment between two cells is shared out
// to both so that its mean is kept. What a cell so got from moments after it is
// known too, so that "by the end of the week" stays true.
#pragma once

#include "models/law.hpp"

#include <Eigen/Core>
#include <unsupported/Eigen/FFT>

#include <vector>

namespace stardsim {

/// Moments with their probabilities, which may sum to less than 1: the rest
/// never comes.
struct Moments {
  std::vector<Ticks> tick;  ///< ascending
  std::vector<double> probability;

  void add(Ticks at, double p) {
    tick.push_back(at);
    probability.push_back(p);
  }
};

/// Those of the law, from the first tick to below the last.
Moments moments_of(const TimeLaw&, Ticks from = 0,
                   Ticks below = static_cast<Ticks>(-1));

/// Probability by cell.
struct Density {
  Eigen::Index first = 0;  ///< the cell of at[0]
  Eigen::ArrayXd at;

  bool is_nothing() const { return at.size() == 0; }
  double sum() const { return at.sum(); }
  Eigen::Index last() const { return first + at.size() - 1; }

  void add(const Density&, double factor = 1);
  /// Takes away what lies beyond the cell.
  void cut_after(Eigen::Index cell);
};

/// The distribution of a moment.
struct Timing {
  Density on;       ///< moments on the grid
  Density between;  ///< shared out to the cells around
  Density beyond;   ///< the part of `between` whose moments lie after the cell

  void add(const Timing& other, double factor = 1) {
    on.add(other.on, factor);
    between.add(other.between, factor);
    beyond.add(other.beyond, factor);
  }
  double sum() const { return on.sum() + between.sum(); }
};

/// The part of a cell of a smooth density that lies beyond it, where all
/// moments are whole multiples of so many ticks.
inline double smooth_beyond(Ticks grid, Ticks law_grid) {
  return grid <= law_grid ? 0.0
                          : 0.5 * (1 - static_cast<double>(law_grid) / grid);
}

/// Where a time is: exactly at a cell, or shared out to it, and then a part
/// `beyond` of it lies after the cell.
struct Cell {
  Eigen::Index at;
  double probability;
  bool between;
  double beyond;
};

/// The cells with any probability, those on the grid first.
std::vector<Cell> cells_of(const Timing&);

/// P(moment + another time <= t), for the moment's distribution.
class Cumulated {
 public:
  Cumulated() = default;
  /// `smooth` as smooth_beyond() says.
  Cumulated(const Timing&, double smooth);

  /// P(moment <= cell).
  double up_to(Eigen::Index cell) const {
    return sum_up_to(cell) - at(beyond_, cell);
  }
  /// P(moment <= t - other) if the other time is shared out to the cell
  /// t - `cell`, a part `beyond` of it lying after.
  double up_to(Eigen::Index cell, bool other_between, double beyond) const {
    return other_between ? sum_up_to(cell) - beyond * at(on_, cell) -
                               smooth_ * at(between_, cell)
                         : up_to(cell);
  }
  double total() const { return sums_.empty() ? 0 : sums_.back(); }

 private:
  double sum_up_to(Eigen::Index cell) const {
    if (cell < first_ || sums_.empty()) return 0;
    const auto i = static_cast<std::size_t>(cell - first_);
    return i < sums_.size() ? sums_[i] : sums_.back();
  }
  static double at(const Density& density, Eigen::Index cell) {
    return cell < density.first || cell > density.last()
               ? 0.0
               : density.at[cell - density.first];
  }

  Density on_, between_, beyond_;  // empty on an exact grid
  Eigen::Index first_ = 0;
  std::vector<double> sums_;
  double smooth_ = 0;
};

/// A time law on the grid.
struct Kernel {
  Timing timing;
  std::vector<Cell> cells;

  Kernel() = default;
  /// Moments beyond the cell `last` are left out.
  Kernel(const Moments&, Ticks grid, Eigen::Index last);
};

/// The distribution of the sum of two independent times, up to the cell `last`:
/// directly where one has few cells, else by fast Fourier transform.
class Convolver {
 public:
  Convolver();
  Density operator()(const Density&, const Density&, Eigen::Index last);

 private:
  Density by_fourier(const Density&, const Density&, Eigen::Index size);
  Eigen::FFT<double> fourier_;  ///< keeps its tables
};

}  // namespace stardsim

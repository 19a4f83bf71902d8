#include "models/time_grid.hpp"

#include <algorithm>
#include <complex>

namespace stardsim {
namespace {

using Eigen::ArrayXd;
using Eigen::Index;

// From so many filled cells on, the Fourier transform is faster.
constexpr Index many_cells = 256;

// The lengths that the transform is fast for; a multiple of four.
std::size_t fast_length(Index at_least) {
  const auto wanted = static_cast<std::size_t>(at_least);
  std::size_t best = 4;
  while (best < wanted) best *= 2;
  for (const std::size_t odd : {3u, 5u, 9u, 15u}) {
    std::size_t length = 4 * odd;
    while (length < wanted) length *= 2;
    best = std::min(best, length);
  }
  return best;
}

Density directly(const Density& few, const Density& many, Index size) {
  Density sum{few.first + many.first, ArrayXd::Zero(size)};
  for (Index t = 0; t < std::min(few.at.size(), size); ++t) {
    if (few.at[t] == 0) continue;
    const Index length = std::min(many.at.size(), size - t);
    sum.at.segment(t, length) += few.at[t] * many.at.head(length);
  }
  return sum;
}

}  // namespace

Moments moments_of(const TimeLaw& law, Ticks from, Ticks below) {
  Moments moments;
  double reached = 0;
  for (std::size_t i = 0; i < law.tick.size(); ++i) {
    const double up_to = probability_below(law.cut[i]);
    if (law.tick[i] >= from && law.tick[i] < below)
      moments.add(law.tick[i], up_to - reached);
    reached = up_to;
  }
  return moments;
}

void Density::add(const Density& other, double factor) {
  if (other.is_nothing() || factor == 0) return;
  if (is_nothing()) {
    first = other.first;
    at = factor * other.at;
    return;
  }
  const Index from = std::min(first, other.first);
  const Index to = std::max(last(), other.last());
  if (from < first || to > last()) {
    ArrayXd wider = ArrayXd::Zero(to - from + 1);
    wider.segment(first - from, at.size()) = at;
    at.swap(wider);
    first = from;
  }
  at.segment(other.first - first, other.at.size()) += factor * other.at;
}

void Density::cut_after(Index cell) {
  if (is_nothing() || last() <= cell) return;
  at.conservativeResize(std::max<Index>(cell - first + 1, 0));
}

std::vector<Cell> cells_of(const Timing& timing) {
  std::vector<Cell> cells;
  for (Index i = 0; i < timing.on.at.size(); ++i)
    if (timing.on.at[i] != 0)
      cells.push_back({timing.on.first + i, timing.on.at[i], false, 0});
  for (Index i = 0; i < timing.between.at.size(); ++i) {
    const double p = timing.between.at[i];
    if (p == 0) continue;
    const Index cell = timing.between.first + i;
    const Index b = cell - timing.beyond.first;
    const double beyond =
        b >= 0 && b < timing.beyond.at.size() ? timing.beyond.at[b] / p : 0;
    cells.push_back({cell, p, true, std::min(beyond, 1.0)});
  }
  return cells;
}

Cumulated::Cumulated(const Timing& timing, double smooth) : smooth_(smooth) {
  if (smooth != 0) {
    on_ = timing.on;
    between_ = timing.between;
    beyond_ = timing.beyond;
  }
  Density all = timing.on;
  all.add(timing.between);
  first_ = all.first;
  sums_.reserve(static_cast<std::size_t>(all.at.size()));
  double sum = 0;
  for (const double p : all.at) sums_.push_back(sum += p);
}

Kernel::Kernel(const Moments& moments, Ticks grid, Index last_cell) {
  const auto& tick = moments.tick;
  if (tick.empty()) return;
  const Index first = tick.front() / grid;
  const Index last =
      std::min<Index>((tick.back() + grid - 1) / grid, last_cell);
  if (first > last) return;
  const ArrayXd none = ArrayXd::Zero(last - first + 1);
  ArrayXd on = none, between = none, beyond = none;
  const auto put = [&](ArrayXd& on_cells, Index cell, double p) {
    if (p != 0 && cell <= last) on_cells[cell - first] += p;
  };
  for (std::size_t i = 0; i < tick.size(); ++i) {
    const Index below = tick[i] / grid;
    const double p = moments.probability[i];
    const double part = static_cast<double>(tick[i] % grid) / grid;
    if (part == 0) {
      put(on, below, p);
      continue;
    }
    put(between, below, p * (1 - part));
    put(beyond, below, p * (1 - part));
    put(between, below + 1, p * part);
  }
  const bool any_between = (between != 0).any();
  if ((on != 0).any()) timing.on = {first, on};
  if (any_between) timing.between = {first, between};
  if (any_between) timing.beyond = {first, beyond};
  cells = cells_of(timing);
}

Convolver::Convolver() { fourier_.SetFlag(Eigen::FFT<double>::HalfSpectrum); }

Density Convolver::by_fourier(const Density& a, const Density& b, Index size) {
  const Index used_a = std::min(a.at.size(), size);
  const Index used_b = std::min(b.at.size(), size);
  const std::size_t length = fast_length(used_a + used_b - 1);
  const auto padded = [&](const ArrayXd& at, Index used) {
    std::vector<double> values(length, 0.0);
    std::copy_n(at.data(), used, values.begin());
    return values;
  };
  std::vector<std::complex<double>> transformed_a, transformed_b;
  fourier_.fwd(transformed_a, padded(a.at, used_a));
  fourier_.fwd(transformed_b, padded(b.at, used_b));
  for (std::size_t i = 0; i < transformed_a.size(); ++i)
    transformed_a[i] *= transformed_b[i];
  std::vector<double> values;
  fourier_.inv(values, transformed_a, static_cast<Index>(length));
  // A rounding error below 0 is no probability.
  return {a.first + b.first, Eigen::Map<ArrayXd>(values.data(), size).max(0)};
}

Density Convolver::operator()(const Density& a, const Density& b, Index last) {
  const Index first = a.first + b.first;
  if (a.is_nothing() || b.is_nothing() || first > last) return {};
  const Index size = std::min(a.at.size() + b.at.size() - 1, last - first + 1);
  const Index filled_a = (a.at != 0).count(), filled_b = (b.at != 0).count();
  if (std::min(filled_a, filled_b) > many_cells) return by_fourier(a, b, size);
  return filled_a <= filled_b ? directly(a, b, size) : directly(b, a, size);
}

}  // namespace stardsim

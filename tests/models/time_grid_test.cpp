#include "models/time_grid.hpp"

#include <catch2/catch.hpp>

#include <cmath>

using namespace stardsim;

namespace {

Density made(Eigen::Index first, const std::vector<double>& values) {
  Density density{first,
                  Eigen::ArrayXd(static_cast<Eigen::Index>(values.size()))};
  for (std::size_t i = 0; i < values.size(); ++i)
    density.at[static_cast<Eigen::Index>(i)] = values[i];
  return density;
}

double mean(const Kernel& kernel) {
  double sum = 0;
  for (const auto& cell : kernel.cells)
    sum += static_cast<double>(cell.at) * cell.probability;
  return sum;
}

}  // namespace

TEST_CASE("The sum of two dice has the law of two dice", "[models]") {
  Convolver convolve;
  const Density die = made(1, std::vector<double>(6, 1.0 / 6));
  const Density two = convolve(die, die, 100);
  CHECK(two.first == 2);
  for (int sum = 2; sum <= 12; ++sum)
    CHECK(two.at[sum - 2] == Approx((6 - std::abs(sum - 7)) / 36.0));
  const Density cut_off = convolve(die, die, 4);
  CHECK(cut_off.last() == 4);
  CHECK(cut_off.sum() == Approx(6.0 / 36));
  CHECK(convolve(die, die, 1).is_nothing());
}

TEST_CASE("Sums by Fourier transform are those of the negative binomial",
          "[models]") {
  // Two geometric waits of 0.99 a cell: P(sum = n) = (n + 1) 0.01^2 0.99^n.
  std::vector<double> wait;
  for (int n = 0; n < 3000; ++n) wait.push_back(.01 * std::pow(.99, n));
  Convolver convolve;
  for (const Eigen::Index last : {700, 2999}) {
    const Density two = convolve(made(0, wait), made(0, wait), last);
    REQUIRE(two.at.size() == last + 1);
    for (Eigen::Index n = 0; n <= last; n += 37)
      CHECK(two.at[n] == Approx(static_cast<double>(n + 1) * 1e-4 *
                                std::pow(.99, static_cast<double>(n)))
                             .margin(1e-15));
  }
}

TEST_CASE("Densities add up wherever they lie", "[models]") {
  Density sum;
  sum.add(made(5, {1, 2}), .5);
  sum.add(made(2, {4}));
  sum.add(made(6, {1, 1}));
  CHECK(sum.first == 2);
  CHECK(sum.last() == 7);
  CHECK((sum.at == made(0, {4, 0, 0, .5, 2, 1}).at).all());
  sum.cut_after(5);
  CHECK(sum.last() == 5);
  sum.cut_after(1);
  CHECK(sum.is_nothing());
}

TEST_CASE("A coarse grid keeps means, and exactly what lies on it",
          "[models]") {
  const Moments moments{{8, 16, 21, 300}, {.25, .25, .125, .125}};
  const Kernel kernel(moments, 8, 1000);
  CHECK(mean(kernel) * 8 == Approx(.25 * 8 + .25 * 16 + .125 * 321));
  CHECK(kernel.timing.on.sum() == .5);
  CHECK(kernel.timing.between.sum() == .25);
  CHECK(Kernel(moments, 8, 2).timing.sum() == Approx(.5 + .125 * 3 / 8));
}

TEST_CASE("On a coarse grid a smooth law is met at the end of the week",
          "[models]") {
  // Uniform on the ticks 1 to 4096: P(t <= 1024) = 1/4. To the cell of tick
  // 1024 on a grid of 64 later ticks lend too, but none to the last one.
  Moments moments;
  for (Ticks tick = 1; tick <= 4096; ++tick) moments.add(tick, 1.0 / 4096);
  const Kernel kernel(moments, 64, 64);
  const Cumulated by(kernel.timing, smooth_beyond(64, 1));
  CHECK(by.up_to(16) == Approx(.25).margin(1e-12));
  CHECK(by.up_to(48) == Approx(.75).margin(1e-12));
  CHECK(by.up_to(64) == Approx(1).margin(1e-12));
  CHECK(by.up_to(0) == Approx(0).margin(1e-12));
  CHECK(smooth_beyond(1, 1) == 0);
}

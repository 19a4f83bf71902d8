#include "models/logarithm.hpp"

#include <catch2/catch.hpp>

#include <cmath>

using namespace stardsim;

TEST_CASE("The hazard at which an event comes is -log(1 - u)", "[models]") {
  double worst = 0, before = 0;
  for (std::uint64_t word = 0; word < std::uint64_t{1} << 32; word += 9973) {
    const long double u = (static_cast<long double>(word) + 0.5L) / 0x1p32L;
    const double hazard =
        cumulative_hazard_at(static_cast<std::uint32_t>(word));
    const auto exact = static_cast<double>(-std::log1p(-u));
    worst = std::max(worst, std::abs(hazard - exact) / std::max(1.0, exact));
    REQUIRE(hazard > before);
    before = hazard;
  }
  CHECK(worst < 1e-13);
  // -ln(2^-33), and the other end.
  CHECK(cumulative_hazard_at(0xFFFFFFFF) == Approx(33 * std::log(2.0)));
  CHECK(cumulative_hazard_at(0) == Approx(0x1p-33).epsilon(1e-5));
}

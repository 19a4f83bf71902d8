#include "models/time_distribution.hpp"

#include <catch2/catch.hpp>

#include <cmath>

using namespace stardsim;

namespace {

Evidence number(double value) {
  Evidence evidence;
  evidence.value = value;
  return evidence;
}

double at(TimeDistribution time, double week) {
  return static_cast<double>(cumulative(time, week));
}

template <class Form>
TimeDistribution with(Form form) {
  TimeDistribution time;
  time.form = form;
  return time;
}

}  // namespace

TEST_CASE("A gamma time of shape 3 has the closed form of Erlang's law",
          "[models]") {
  const auto time = with(GammaTime{number(3), number(2.554)});
  for (const double week : {0.5, 4.0, 6.7, 14.0}) {
    const double x = week / 2.554;
    CHECK(at(time, week) ==
          Approx(1 - std::exp(-x) * (1 + x + x * x / 2)).epsilon(1e-12));
  }
}

TEST_CASE("Weibull, exponential and log-normal times follow their formulas",
          "[models]") {
  CHECK(at(with(WeibullTime{number(1.5), number(6)}), 6) ==
        Approx(1 - std::exp(-1)).epsilon(1e-14));
  CHECK(at(with(WeibullTime{number(2), number(6)}), 3) ==
        Approx(1 - std::exp(-0.25)).epsilon(1e-14));
  CHECK(at(with(ExponentialTime{number(4)}), 8) ==
        Approx(1 - std::exp(-2)).epsilon(1e-14));
  CHECK(at(with(LogNormalTime{number(5), number(0.7)}), 5) ==
        Approx(0.5).epsilon(1e-14));
  // One standard deviation above the median: the normal law's 0.841344746...
  CHECK(at(with(LogNormalTime{number(5), number(0.7)}), 5 * std::exp(0.7)) ==
        Approx(0.8413447460685429).epsilon(1e-13));
}

TEST_CASE("Fixed and discrete times step at their weeks", "[models]") {
  const auto fixed = with(FixedTime{number(6)});
  CHECK(at(fixed, 5.999) == 0);
  CHECK(at(fixed, 6) == 1);
  const auto visits = with(DiscreteTime{{2, 4, 6}, {1, 2, 1}});
  CHECK(at(visits, 1.9) == 0);
  CHECK(at(visits, 2) == 0.25);
  CHECK(at(visits, 5) == 0.75);
  CHECK(at(visits, 6) == 1);
}

TEST_CASE("Nothing comes before time 0", "[models]") {
  CHECK(at(with(ExponentialTime{number(4)}), 0) == 0);
  CHECK(at(with(GammaTime{number(3), number(2)}), -1) == 0);
}

#include "models/survival.hpp"

#include <catch2/catch.hpp>

#include <cmath>

using namespace stardsim;

namespace {

Evidence number(double value) {
  Evidence evidence;
  evidence.value = value;
  return evidence;
}

template <class Form>
Survival with(Form form, bool weekly = false) {
  Survival survival;
  survival.form = form;
  survival.weekly = weekly;
  return survival;
}

double at(const Survival& survival, double week) {
  return static_cast<double>(cumulative(survival, week));
}

}  // namespace

TEST_CASE("A probability by a week is reached there by a constant hazard",
          "[models]") {
  // STAR*D, follow-up after step 1: 33.5 % relapse within 12 months.
  const auto relapse = with(ByProbability{number(0.335), 52.18});
  CHECK(at(relapse, 0) == 0);
  CHECK(at(relapse, 52.18) == Approx(0.335).epsilon(1e-14));
  CHECK(at(relapse, 2 * 52.18) == Approx(1 - 0.665 * 0.665).epsilon(1e-14));
  CHECK(at(relapse, 52.18 / 2) == Approx(1 - std::sqrt(0.665)).epsilon(1e-14));
  CHECK(at(with(ByProbability{number(0), 52}), 1000) == 0);
}

TEST_CASE("A probability of 1 by a week is an event at that week", "[models]") {
  const auto surely = with(ByProbability{number(1), 26});
  CHECK(at(surely, 25.999) == 0);
  CHECK(at(surely, 26) == 1);
}

TEST_CASE("A small probability keeps its digits", "[models]") {
  // To first order p * t / by; the next order is below 1e-12 of it.
  const auto rare = with(ByProbability{number(1e-12), 52});
  CHECK(at(rare, 13) == Approx(0.25e-12).epsilon(1e-11));
}

TEST_CASE("Weibull survival follows its formula", "[models]") {
  const auto survival = with(WeibullSurvival{number(0.596), number(91.49)});
  CHECK(at(survival, 91.49) == Approx(1 - std::exp(-1)).epsilon(1e-14));
  CHECK(at(survival, 10) ==
        Approx(1 - std::exp(-std::pow(10 / 91.49, 0.596))).epsilon(1e-13));
}

TEST_CASE(
    "Piecewise hazards go through the stated points, and the last goes on",
    "[models]") {
  const auto survival =
      with(Piecewise{{26, 52}, {number(0.377), number(0.511)}});
  CHECK(at(survival, 0) == 0);
  CHECK(at(survival, 26) == Approx(0.377).epsilon(1e-14));
  CHECK(at(survival, 52) == Approx(0.511).epsilon(1e-14));
  // Halfway in time is the geometric mean of what survives.
  CHECK(at(survival, 13) == Approx(1 - std::sqrt(0.623)).epsilon(1e-14));
  CHECK(at(survival, 25.5) ==
        Approx(1 - std::pow(0.623, 25.5 / 26)).epsilon(1e-14));
  CHECK(at(survival, 39) ==
        Approx(1 - std::sqrt(0.623 * 0.489)).epsilon(1e-14));
  CHECK(at(survival, 78) == Approx(1 - 0.489 * 0.489 / 0.623).epsilon(1e-14));
}

TEST_CASE("One point is a constant hazard, equal points are a pause",
          "[models]") {
  const auto one = with(Piecewise{{52}, {number(0.4)}});
  const auto same = with(ByProbability{number(0.4), 52});
  for (const double week : {1.0, 30.0, 52.0, 200.0})
    CHECK(at(one, week) == Approx(at(same, week)).epsilon(1e-14));
  const auto pause = with(Piecewise{{10, 20}, {number(0.3), number(0.3)}});
  CHECK(at(pause, 15) == Approx(0.3).epsilon(1e-14));
  CHECK(at(pause, 500) == Approx(0.3).epsilon(1e-14));
}

TEST_CASE("A fixed time comes then, also at once", "[models]") {
  CHECK(at(with(After{number(4)}), 3.999) == 0);
  CHECK(at(with(After{number(4)}), 4) == 1);
  CHECK(at(with(After{number(0)}), 0) == 1);
  CHECK(at(with(After{number(0)}), -0.001) == 0);
}

TEST_CASE("What is seen weekly is known at the end of whole weeks only",
          "[models]") {
  const auto always = with(WeibullSurvival{number(1.5), number(20)});
  const auto weekly = with(WeibullSurvival{number(1.5), number(20)}, true);
  CHECK(at(weekly, 0.999) == 0);
  CHECK(at(weekly, 7) == at(always, 7));
  CHECK(at(weekly, 7.999) == at(always, 7));
  CHECK(at(with(After{number(3.5)}, true), 3.9) == 0);
  CHECK(at(with(After{number(3.5)}, true), 4) == 1);
}

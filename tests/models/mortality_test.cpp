#include "models/mortality.hpp"

#include "tests/scenarios.hpp"

#include <catch2/catch.hpp>

#include <cmath>

using namespace stardsim;
using namespace stardsim::test;

namespace {

constexpr double julian_weeks = 365.25 / 7;

Scenario with(Mortality mortality, double weeks_per_year = julian_weeks) {
  Scenario scenario = one_step(0.3, 10);
  scenario.time.weeks_per_year = weeks_per_year;
  scenario.mortality = std::move(mortality);
  return scenario;
}

Mortality table() {
  Mortality mortality{};
  // US 2020 (NCHS, National Vital Statistics System), ages 0 to 2, and an end.
  mortality.background = LifeTable{{0.005849, 0.000403, 0.000259, 1},
                                   {0.004918, 0.000310, 0.000199, 1}};
  mortality.age = 3;
  mortality.female = 5;
  return mortality;
}

}  // namespace

TEST_CASE("A life table's probabilities are kept over a year of hazard",
          "[models]") {
  const MortalityLaw law = compile_mortality(with(table()));
  CHECK(law.age == 3);
  CHECK(law.female == 5);
  CHECK(law.ticks_per_year == Approx(365.25 / 7 * 1024).epsilon(1e-15));
  const auto dead_within_year = [&](std::size_t female, std::size_t age) {
    return -std::expm1(-law.background[female][age] * law.ticks_per_year);
  };
  CHECK(dead_within_year(0, 0) == Approx(0.005849).epsilon(1e-7));
  CHECK(dead_within_year(0, 2) == Approx(0.000259).epsilon(1e-7));
  CHECK(dead_within_year(1, 1) == Approx(0.000310).epsilon(1e-7));
  CHECK(law.background[0].size() == 4);
  // Certain death within the year: 50 a year.
  CHECK(law.background[1][3] * law.ticks_per_year == Approx(50).epsilon(1e-9));
}

TEST_CASE("Without a covariate of sex the hazard is the mean of both",
          "[models]") {
  Mortality mortality = table();
  mortality.female.reset();
  mortality.female_share = number(0.6);
  const MortalityLaw law = compile_mortality(with(mortality));
  CHECK(law.female == static_cast<std::size_t>(-1));
  CHECK(law.background[0] == law.background[1]);
  CHECK(law.background[0][0] * law.ticks_per_year ==
        Approx(-0.6 * std::log1p(-0.004918) - 0.4 * std::log1p(-0.005849))
            .epsilon(1e-7));
}

TEST_CASE("A Gompertz law is the mean hazard of each year of age", "[models]") {
  Mortality mortality{};
  // ONS 2007-09, as in the OpenModelMDD specification.
  mortality.background = Gompertz{number(3.70e-5), number(0.0925091),
                                  number(1.44e-5), number(0.0999890)};
  mortality.female = 1;
  const MortalityLaw law = compile_mortality(with(mortality, 52));
  REQUIRE(law.background[0].size() == 120);
  for (const int age : {0, 40, 80, 119}) {
    // By Simpson's rule, of error (b-a)^5/2880 f''''.
    const auto mean = [&](double alpha, double beta) {
      double sum = 0;
      for (int i = 0; i < 100; ++i)
        sum += std::exp(beta * (age + i / 100.0)) +
               4 * std::exp(beta * (age + (i + 0.5) / 100)) +
               std::exp(beta * (age + (i + 1) / 100.0));
      return alpha * sum / 600;
    };
    const auto i = static_cast<std::size_t>(age);
    CHECK(law.background[0][i] * 52 * 1024 ==
          Approx(mean(3.70e-5, 0.0925091)).epsilon(1e-6));
    CHECK(law.background[1][i] * 52 * 1024 ==
          Approx(mean(1.44e-5, 0.0999890)).epsilon(1e-6));
  }
}

TEST_CASE("Ratios and suicide are 1 and 0 unless stated", "[models]") {
  const MortalityLaw law = compile_mortality(with(table()));
  CHECK(law.ratio_by_health == std::array<double, 3>{1, 1, 1});
  CHECK(law.suicide == std::array<std::array<double, 3>, 2>{});
  for (const double ratio : law.resistant_ratio) CHECK(ratio == 1);
}

TEST_CASE("Hazard ratios hold by health and by age at last birthday",
          "[models]") {
  Mortality mortality = table();
  mortality.ratio_by_health = {number(2.13), number(1.41), {}};
  mortality.resistant_ratio = {
      {18, number(2.03)}, {30, number(1.49)}, {50, number(1.19)}};
  mortality.suicide = {number(0.0004), {}, number(0.0001)};
  const MortalityLaw law = compile_mortality(with(mortality, 52));
  CHECK(law.ratio_by_health == std::array<double, 3>{2.13, 1.41, 1});
  const auto ratio = [&](std::size_t age) {
    return law.resistant_ratio.at(age);
  };
  CHECK(ratio(17) == 1);
  CHECK(ratio(18) == 2.03);
  CHECK(ratio(29) == 2.03);
  CHECK(ratio(30) == 1.49);
  CHECK(ratio(50) == 1.19);
  CHECK(law.resistant_ratio.back() == 1.19);
  // The resistant have the same risk unless they have their own.
  for (const auto& suicide : law.suicide) {
    CHECK(suicide[0] * 52 * 1024 == Approx(0.0004).epsilon(1e-7));
    CHECK(suicide[1] == 0);
    CHECK(suicide[2] * 52 * 1024 == Approx(0.0001).epsilon(1e-7));
  }
  mortality.suicide_resistant = {number(0.0047), number(0.0047), number(0)};
  const MortalityLaw own = compile_mortality(with(mortality, 52));
  CHECK(own.suicide[0] == law.suicide[0]);
  CHECK(own.suicide[1][1] * 52 * 1024 == Approx(0.0047).epsilon(1e-7));
  CHECK(own.suicide[1][2] == 0);
}

TEST_CASE("Whatever changes a hazard changes the words", "[models]") {
  const auto words = words_of(compile_mortality(with(table())));
  CHECK(words == words_of(compile_mortality(with(table()))));
  Mortality mortality = table();
  mortality.ratio_by_health[2] = number(1.01);
  CHECK(words != words_of(compile_mortality(with(mortality))));
  mortality = table();
  std::get<LifeTable>(mortality.background).female[2] = 0.0002;
  CHECK(words != words_of(compile_mortality(with(mortality))));
  CHECK(words != words_of(compile_mortality(with(table(), 52))));
}

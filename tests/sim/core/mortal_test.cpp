#include "sim/core/mortal.hpp"

#include "models/law.hpp"
#include "models/logarithm.hpp"
#include "sim/core/words.hpp"

#include <catch2/catch.hpp>

#include <cmath>

using namespace stardsim;

namespace {

constexpr double ticks_a_year = 53'430.857142857145;  // 365.25 / 7 weeks

// A hazard of 0.02 a year up to the 31st birthday, of 0.05 after it.
MortalityLaw two_ages() {
  MortalityLaw law;
  law.age = 0;
  law.female = nothing;
  law.ticks_per_year = ticks_a_year;
  for (auto& sex : law.background) {
    sex.assign(31, 0.02 / ticks_a_year);
    sex.push_back(0.05 / ticks_a_year);
  }
  law.ratio_by_health = {2, 1.5, 1};
  law.suicide = {};
  return law;
}

}  // namespace

TEST_CASE("A patient dies when his hazards have added up to his own",
          "[core]") {
  const MortalityLaw law = two_ages();
  // At 30.75 a quarter of a year is left to the 31st birthday: 0.005.
  const std::vector<float> patient{30.75F};
  const auto born = static_cast<Ticks>(std::ceil(0.25 * ticks_a_year));
  const auto horizon = static_cast<Ticks>(5 * ticks_a_year);
  for (const std::uint32_t word : {10'000'000u, 200'000'000u, 900'000'000u}) {
    const double own = cumulative_hazard_at(word);
    Mortal mortal(law, patient, word);
    REQUIRE(mortal.dies(0, horizon, Health::remission, false, 0) ==
            (own < 0.005 + 4.75 * 0.05));
    if (own > 0.005 + 4.75 * 0.05) continue;
    const double expected = own < 0.005
                                ? own / 0.02 * ticks_a_year
                                : born + (own - 0.005) / 0.05 * ticks_a_year;
    // To the tick, and the birthday to the tick.
    CHECK(mortal.tick() == Approx(expected).margin(3));
  }
}

TEST_CASE("How a life is cut in pieces does not change its end", "[core]") {
  const MortalityLaw law = two_ages();
  const std::vector<float> patient{30.75F};
  const auto horizon = static_cast<Ticks>(5 * ticks_a_year);
  for (std::uint32_t word = 12'345; word < 900'000'000; word += 7'654'321) {
    Mortal whole(law, patient, word), pieces(law, patient, word);
    const bool died = whole.dies(0, horizon, Health::no_response, false, 0);
    bool died_in_pieces = false;
    for (Ticks from = 0; from < horizon && !died_in_pieces; from += 997)
      died_in_pieces = pieces.dies(from, std::min(from + 997, horizon),
                                   Health::no_response, false, 0);
    REQUIRE(died_in_pieces == died);
    if (died)
      CHECK(std::max(pieces.tick(), whole.tick()) -
                std::min(pieces.tick(), whole.tick()) <=
            1);
  }
}

TEST_CASE("Health, resistance, suicide and procedures change the hazard",
          "[core]") {
  MortalityLaw law = two_ages();
  law.resistant_ratio.assign(30, 2.03);
  law.resistant_ratio.push_back(1.49);
  law.suicide[0] = {0.004 / ticks_a_year, 0, 0.001 / ticks_a_year};
  law.suicide[1] = {0.006 / ticks_a_year, 0, 0};
  const std::vector<float> patient{40};
  const double procedure = 0.01 / ticks_a_year;
  const auto time_at = [&](Health health, bool resistant, double extra) {
    Mortal mortal(law, patient, 40'000'000);
    REQUIRE(mortal.dies(0, never, health, resistant, extra));
    return mortal.tick() / ticks_a_year;
  };
  const auto about = [](double years) {
    return Approx(years).margin(2 / ticks_a_year);
  };
  const double own = cumulative_hazard_at(40'000'000);
  CHECK(time_at(Health::remission, false, 0) == about(own / 0.051));
  CHECK(time_at(Health::partial_response, false, 0) == about(own / 0.075));
  CHECK(time_at(Health::no_response, true, 0) ==
        about(own / (0.05 * 2 * 1.49 + 0.006)));
  CHECK(time_at(Health::no_response, false, procedure) ==
        about(own / (0.1 + 0.004 + 0.01)));
  // Shares of the causes among the deaths, by a word of their own.
  Mortal mortal(law, patient, 40'000'000);
  REQUIRE(mortal.dies(0, never, Health::no_response, false, procedure));
  const auto word = [](double share) {
    return static_cast<std::uint32_t>(share * 4294967296.0);
  };
  CHECK(mortal.cause(word(0.0350)) == CauseOfDeath::suicide);  // 0.004 / 0.114
  CHECK(mortal.cause(word(0.0352)) == CauseOfDeath::procedure);
  CHECK(mortal.cause(word(0.1227)) == CauseOfDeath::procedure);
  CHECK(mortal.cause(word(0.1230)) == CauseOfDeath::background);
}

TEST_CASE("Deaths in a cohort follow the life table", "[core]") {
  const MortalityLaw law = two_ages();
  const std::vector<float> patient{40};
  const auto ten_years = static_cast<Ticks>(10 * ticks_a_year);
  const std::uint64_t patients = 100'000;
  std::uint64_t dead = 0;
  for (std::uint64_t i = 0; i < patients; ++i)
    dead +=
        Mortal(law, patient, word_as_compared({11, 0}, i, Purpose::death, 0))
            .dies(0, ten_years, Health::remission, false, 0);
  const double expected = 1 - std::exp(-0.5);
  const double se = std::sqrt(expected * (1 - expected) / patients);
  CHECK(std::abs(static_cast<double>(dead) / patients - expected) < 4 * se);
}

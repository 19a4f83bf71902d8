#include "models/mortality.hpp"

#include "models/age.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <variant>

namespace stardsim {
namespace {

// Who is certain to die within the year does so within a week or so.
constexpr long double highest_hazard = 50;  // per year

using Hazards = std::array<std::vector<long double>, 2>;  // [female][age]

// Per year, by age at last birthday.
struct HazardsOf {
  Hazards operator()(const LifeTable& table) const {
    return {hazards(table.male), hazards(table.female)};
  }
  Hazards operator()(const Gompertz& law) const {
    return {hazards(law.male_alpha.value, law.male_beta.value),
            hazards(law.female_alpha.value, law.female_beta.value)};
  }

 private:
  static std::vector<long double> hazards(
      const std::vector<double>& probability) {
    std::vector<long double> all;
    all.reserve(probability.size());
    for (const double q : probability)
      all.push_back(q < 1 ? -std::log1p(-static_cast<long double>(q))
                          : highest_hazard);
    return all;
  }

  // The mean of alpha * exp(beta * age) over a year of age.
  static std::vector<long double> hazards(long double alpha, long double beta) {
    std::vector<long double> all;
    for (std::size_t age = 0; age < ages; ++age)
      all.push_back(alpha * std::exp(beta * static_cast<long double>(age)) *
                    std::expm1(beta) / beta);
    return all;
  }
};

// Rounded so far that the last digit of the logarithm does not matter.
double per_tick(long double per_year, long double ticks_per_year) {
  const long double hazard =
      std::min(per_year, highest_hazard) / ticks_per_year;
  return static_cast<double>(
      std::ldexp(std::round(std::ldexp(hazard, 60)), -60));
}

double value_or(const std::optional<Evidence>& stated, double otherwise) {
  return stated ? stated->value : otherwise;
}

std::vector<double> ratios_by_age(
    const std::vector<Mortality::AgeBand>& bands) {
  std::vector<double> ratios(ages, 1);
  for (const auto& band : bands)
    for (std::size_t age = 0; age < ages; ++age)
      if (static_cast<double>(age) >= band.from_age)
        ratios[age] = band.ratio.value;
  return ratios;
}

}  // namespace

MortalityLaw compile_mortality(const Scenario& scenario) {
  const Mortality& stated = *scenario.mortality;
  const long double ticks_per_year =
      static_cast<long double>(scenario.time.weeks_per_year) * ticks_per_week;

  MortalityLaw law;
  law.age = stated.age;
  law.female = stated.female.value_or(static_cast<std::size_t>(-1));
  law.ticks_per_year = static_cast<double>(ticks_per_year);
  Hazards hazards = std::visit(HazardsOf{}, stated.background);
  if (!stated.female) {
    const long double share = value_or(stated.female_share, 0.5);
    for (std::size_t age = 0; age < hazards[0].size(); ++age)
      hazards[0][age] = share * hazards[1][age] + (1 - share) * hazards[0][age];
    hazards[1] = hazards[0];
  }
  for (std::size_t sex = 0; sex < 2; ++sex)
    for (const long double hazard : hazards[sex])
      law.background[sex].push_back(per_tick(hazard, ticks_per_year));
  law.resistant_ratio = ratios_by_age(stated.resistant_ratio);
  for (std::size_t h = 0; h < health_count; ++h) {
    law.ratio_by_health[h] = value_or(stated.ratio_by_health[h], 1);
    const double suicide = value_or(stated.suicide[h], 0);
    law.suicide[0][h] = per_tick(suicide, ticks_per_year);
    law.suicide[1][h] =
        per_tick(stated.suicide_resistant ? (*stated.suicide_resistant)[h].value
                                          : suicide,
                 ticks_per_year);
  }
  return law;
}

std::vector<std::uint64_t> words_of(const MortalityLaw& law) {
  std::vector<std::uint64_t> words{law.age, law.female};
  const auto add = [&](const auto& numbers) {
    words.push_back(numbers.size());
    for (const double number : numbers)
      words.push_back(std::bit_cast<std::uint64_t>(number));
  };
  add(std::array{law.ticks_per_year});
  for (const auto& hazards : law.background) add(hazards);
  add(law.ratio_by_health);
  add(law.resistant_ratio);
  for (const auto& hazards : law.suicide) add(hazards);
  return words;
}

}  // namespace stardsim

// Checks of the program from outside, after the black-box tests of TECH-VER
// (Büyükkaramikli et al. 2019, PharmacoEconomics 37:1391): a scenario is
// changed so that the answer is known without the program, and run.
#pragma once

#include "models/scenario.hpp"
#include "sim/core/simulate.hpp"
#include "sim/core/tally.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace stardsim {

/// What a check works with.
struct Bench {
  const Scenario& scenario;
  std::uint64_t patients;  ///< of a check that compares with probabilities
  std::uint64_t few;       ///< of one that compares exactly
  std::function<Tally(const Law&, const RunOptions&)> simulate;
};

/// What a check found.
struct Finding {
  std::uint64_t patients = 0;
  std::size_t figures = 0;   ///< compared, or to be
  std::size_t not_told = 0;  ///< of them: too few patients to compare
  /// Those that must be equal are.
  bool is_exact = true;
  /// Of figures that differ by luck: the largest distance from what is
  /// expected, in standard errors, of how many, and which one it is.
  std::size_t by_luck = 0;
  double z = 0;
  std::string worst;
  /// The first inequality, or "".
  std::string inequality;
};

struct BlackBoxCheck {
  const char* group;
  const char* name;  ///< what must hold
  /// None where the scenario has not what is checked. Throws what the
  /// simulation throws.
  std::optional<Finding> (*run)(const Bench&);
};

/// All checks, in the order of their groups.
const std::vector<BlackBoxCheck>& black_box_checks();

/// The scenario with what the simplest arithmetic does not know taken out:
/// competing outcomes, ratios by line, effects of covariates, eligibility,
/// access, waits, gaps, extensions, follow-up without remission, death. Rates,
/// shares, attrition, relapse and drop-out stay; a relapse leads to the next
/// step. With Mortality the hazards are 0, so that the plain course runs.
Scenario simplified(Scenario);

/// What `simplified` takes out of this scenario, in words: "waits".
std::vector<std::string> taken_out_of(const Scenario&);

/// The bound on abs(z) within which all of so many independent figures lie with
/// this probability of a false alarm (Bonferroni).
double bound_for(std::size_t figures, double false_alarm);

}  // namespace stardsim

// Draws of the uncertain numbers of a scenario. A number's draw is a pure
// function of (seed, draw, key): another number more or less changes none.
#pragma once

#include "models/distribution.hpp"
#include "models/parameters.hpp"
#include "models/scenario.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace stardsim {

/// A number that is drawn, and how.
struct DrawnParameter {
  Parameter parameter;
  Distribution distribution;  ///< its margin; of external draws a point
  /// "beta(159, 85)", "Dirichlet with steps.a.arms.b.share", "column p1 of
  /// posterior.csv", "normal, correlated in GROUP".
  std::string in_words;
};

/// A number that is held, and why.
struct FixedParameter {
  Parameter parameter;
  std::string reason;
};

/// What stands against drawing the numbers of a scenario: a line about a key,
/// or about a group ("uncertainty.correlated.NAME").
struct DrawProblem {
  std::string key, what;
};
std::vector<DrawProblem> draw_problems(const Scenario&);

class ParameterDraws {
 public:
  /// Throws std::invalid_argument with the first of draw_problems(): an
  /// impossible distribution, a number with neither a distribution nor a reason
  /// to be held, ... A scenario without Uncertainty is taken as one that holds
  /// what has no distribution.
  explicit ParameterDraws(const Scenario&);
  ~ParameterDraws();
  ParameterDraws(ParameterDraws&&) noexcept;
  ParameterDraws& operator=(ParameterDraws&&) noexcept;

  const std::vector<DrawnParameter>& drawn() const;
  const std::vector<FixedParameter>& fixed() const;

  /// In the order of drawn(). Draw 0: the values as stated. Throws
  /// std::invalid_argument for a draw beyond the rows of external draws.
  std::vector<double> values(std::uint64_t seed, std::uint32_t draw) const;
  /// The scenario with these values.
  Scenario scenario(const std::vector<double>& values) const;
  /// Of the probabilities of one arm that are drawn apart, later ones are cut
  /// to what the first leave of 1: whether that was so in these values.
  bool had_to_be_cut(const std::vector<double>& values) const;

 private:
  struct Plan;
  class Planner;
  friend std::vector<DrawProblem> draw_problems(const Scenario&);
  std::unique_ptr<Plan> plan_;
};

}  // namespace stardsim

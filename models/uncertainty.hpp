// What a scenario says of the uncertainty of its numbers as a whole: how many
// draws, what goes together, what comes from elsewhere, what is held.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace stardsim {

/// Numbers that go together.
struct CorrelatedParameters {
  std::string name;
  std::vector<std::string> keys;  ///< at least two
  /// Row by row; symmetric, positive definite. A correlation has ones in its
  /// diagonal and is that of the numbers themselves; a covariance is that of
  /// `scale` of the numbers, which are then normal there, with their values as
  /// medians, and whose own certainty is not used.
  std::vector<double> matrix;
  bool is_covariance = false;
  enum class Scale { itself, log, logit } scale = Scale::itself;
};

/// Draws that another program made, such as a posterior sample.
struct ExternalDraws {
  std::string name;
  std::string file;  ///< as the scenario has it
  std::vector<std::string> keys;
  std::vector<std::string> column_names;  ///< of each
  /// [key][draw - 1], at least Uncertainty::draws of each.
  std::vector<std::vector<double>> columns;
};

/// Numbers about which one study would tell: EVPPI is told for each group.
struct ParameterGroup {
  std::string name, label;
  std::vector<std::string> keys;
};

/// Numbers that are held, and why. `pattern` is a key, or has * for any part.
struct HeldParameters {
  std::string pattern, reason;
};

/// Where the luck of patients comes from, draw by draw.
enum class DrawLuck {
  independent,  ///< each draw has its own
  common        ///< all have that of draw 0
};

inline constexpr std::uint32_t max_draws = 1'000'000;

/// How the scenario's numbers are drawn from what is known of them.
struct Uncertainty {
  std::uint32_t draws = 0;          ///< 1 to max_draws
  std::uint64_t patients = 10'000;  ///< of each draw
  DrawLuck luck = DrawLuck::independent;
  std::vector<CorrelatedParameters> correlated;
  std::vector<ExternalDraws> external;
  std::vector<ParameterGroup> groups;
  std::vector<HeldParameters> held;
};

}  // namespace stardsim

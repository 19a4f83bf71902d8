// Structural uncertainty: a scenario and variants of it that differ in form,
// and the decision under each. Errors are Monte Carlo errors alone.
#pragma once

#include "sim/analysis/comparison.hpp"
#include "sim/analysis/sensitivity.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace stardsim {

/// One of them, run.
struct VariantRun {
  std::string name, label;
  const Scenario* scenario;
  const Tally* tally;
  bool same_patients = true;  ///< as the first one
};

/// What is chosen in one variant by one figure.
struct Decided {
  std::size_t best;  ///< pathway of the variant
  bool is_other;     ///< of another name than that chosen in the first
  /// What is lost, in the unit of the figure and per patient, by doing here
  /// what is chosen in the first: 0 where that is the same; none where this
  /// variant has no such pathway. Not below 0.
  std::optional<Mean> loss;
  /// Of the best over the next best, of patients paired: not below 0.
  Mean lead;

  /// Luck alone may have put it in front of the next best.
  bool is_within_error() const;
};

/// The same figure in all variants.
struct FigureOfVariants {
  Figure figure;  ///< of the first
  /// By variant, then pathway; and what is chosen. None where a variant does
  /// not have the figure, such as a perspective that it lacks; no choice where
  /// there is one pathway, or neither more nor less of the figure is better.
  std::vector<std::optional<Reading>> readings;
  std::vector<std::optional<Decided>> choices;
  /// By variant: it does not discount, and so the figure is that without
  /// By variant: it does not discount, and so a discounted measure is read as
  /// the same one without.
  std::vector<bool> is_undiscounted;
};

/// Requires at least one variant, and that the first has the figure.
FigureOfVariants look_at(const std::vector<VariantRun>&,
                         const std::optional<std::string>& measure,
                         const std::optional<std::string>& perspective = {},
                         const std::optional<double>& threshold = {});

/// Names of the pathways of all of them, those of the first in front.
std::vector<std::string> pathways_of(const std::vector<VariantRun>&);

}  // namespace stardsim

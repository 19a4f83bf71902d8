// Reads back what a report shows of the uncertainty of a scenario's numbers:
// of a probabilistic run (/draws, /uncertainty), of `stardsim sensitivity` and
// of `stardsim alternatives` (results/README.md).
#pragma once

#include "sim/analysis/decision_draws.hpp"
#include "sim/analysis/decision_uncertainty.hpp"
#include "sim/io/draw_tables.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace stardsim {

class ResultFile;

/// Of a probabilistic run.
struct ReportedUncertainty {
  ReportedDraws draws;
  /// By perspective of the draws: the covariance of their means within a draw,
  /// by luck, on average over draws; in the order of DecisionDraws::noise. All
  /// zero where luck is common.
  std::vector<Eigen::MatrixXd> noise;
  std::vector<PerspectiveDecision> decisions;  ///< empty without economics

  /// What the plane shows, by perspective of the draws.
  DecisionDraws plane(std::size_t perspective, std::size_t reference) const;
};

/// None where the file has no draws. Throws as ResultFile does, also where
/// the draws are of other pathways than these, or of another number of weeks.
std::optional<ReportedUncertainty> read_uncertainty(
    const ResultFile&, const std::vector<std::string>& pathways,
    std::size_t weeks);

/// One number at the ends of its range, all else as stated.
struct ReportedSwing {
  std::string key, label, unit;
  double base, low, high;
  double at_low, at_high;                 ///< what is looked at
  std::string best_at_low, best_at_high;  ///< pathways
  /// Where the best pathway changes: NaN where it does not.
  double switches_at;
};

/// Two numbers at once.
struct ReportedTwoWay {
  std::string first, second;  ///< keys
  std::string first_label, second_label;
  std::vector<double> first_values, second_values;
  std::vector<double> difference;  ///< [first][second]; NaN: impossible
  std::vector<std::string> best;   ///< likewise; pathways
};

/// What a file of an analysis of its own is of.
struct ReportedAnalysis {
  std::filesystem::path file;
  std::string scenario_file, scenario_sha256, command_line;
  std::uint64_t patients = 0;
  std::vector<std::string> pathways, pathway_labels;
};

struct ReportedSensitivity : ReportedAnalysis {
  std::string measure, long_name, unit;
  std::string pathway, against;       ///< against "": the value on one pathway
  double base;                        ///< what is looked at, as stated
  std::vector<ReportedSwing> swings;  ///< the widest first
  std::optional<ReportedTwoWay> two_way;
};

/// A scenario and its variants.
struct ReportedAlternatives : ReportedAnalysis {
  std::string long_name;                   ///< of what `chosen` is chosen by
  std::vector<std::string> names, labels;  ///< the first is the scenario itself
  std::vector<std::string> measures, measure_labels, measure_units;
  /// [alternative][pathway][measure]; NaN where an alternative has none.
  std::vector<double> mean, se;
  /// Likewise, from the alternative's reference pathway.
  std::vector<double> difference, difference_se;
  std::vector<std::string> chosen;  ///< [alternative]; pathways, or ""
  // Of net benefit; empty without economics.
  std::vector<std::string> perspectives;
  std::vector<double> thresholds;
  /// [alternative][perspective][threshold]: pathways; "" where it cannot be
  /// told.
  std::vector<std::string> best;
  /// Likewise: what doing the best of the first alternative loses.
  std::vector<double> loss;

  std::size_t place(std::size_t alternative, std::size_t pathway,
                    std::size_t measure) const {
    return (alternative * pathways.size() + pathway) * measures.size() +
           measure;
  }
};

enum class ReportedKind { result, sensitivity, alternatives };

/// Throws CannotRead (problems.hpp) or BadResult, as what follows.
ReportedKind kind_of_report(const std::filesystem::path&);
ReportedSensitivity read_sensitivity(const std::filesystem::path&);
ReportedAlternatives read_alternatives(const std::filesystem::path&);

}  // namespace stardsim

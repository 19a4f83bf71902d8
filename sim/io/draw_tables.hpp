// The groups of a result file that tell a probabilistic sensitivity analysis:
// /draws, and /uncertainty with curves, outcomes, parameters and fixed. Read
// back by read_draws().
#pragma once

#include "models/scenario.hpp"
#include "sim/analysis/draw_rows.hpp"
#include "sim/analysis/parameter_draws.hpp"
#include "sim/analysis/probabilistic.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace stardsim {

class NetcdfFile;
class ResultFile;

/// Adds /draws, from the rows of all draws, some of them at a time.
void write_draws(NetcdfFile&, const ProbabilisticRun&, const DrawRows&);

/// Adds /uncertainty and the groups in it.
void write_uncertainty(NetcdfFile&, const ProbabilisticRun&,
                       const ProbabilisticSummary&,
                       const std::vector<DrawnParameter>&,
                       const std::vector<FixedParameter>&);

/// A figure under the uncertainty of the numbers; NaN where it is not known.
struct ReportedSpread {
  double mean, sd, low, high, sd_naive;
  double stated;       ///< what the scenario's own numbers give
  double gap, gap_se;  ///< mean - stated
};

struct ReportedBand {
  std::vector<double> mean, low, high, low_naive, high_naive;  ///< by week
};

struct ReportedParameter {
  std::string key, distribution, unit, source;
  double value;                ///< as stated
  double mean, sd, low, high;  ///< of the draws
};

struct ReportedFixed {
  std::string key, reason, unit;
  double value;
};

/// A probabilistic run, as a report shows it.
struct ReportedDraws {
  std::uint64_t draws = 0, patients = 0;  ///< patients of each draw
  std::string luck;                       ///< "independent" or "common"
  std::vector<std::string> pathways, measures, perspectives;
  /// [perspective][pathway][draw - 1]: mean cost, and mean QALYs, of each draw,
  /// for the cost-effectiveness plane; empty without economics.
  std::vector<std::vector<std::vector<double>>> cost;
  std::vector<std::vector<double>> effect;  ///< [pathway][draw - 1]
  std::vector<std::vector<ReportedSpread>> outcomes,
      differences;  ///< [pathway][measure]
  std::vector<std::array<ReportedBand, estimand_count>> bands;  ///< [pathway]
  std::vector<ReportedParameter> parameters;
  std::vector<ReportedFixed> fixed;
};

/// Whether the file has draws at all.
bool has_draws(const ResultFile&);

/// Requires has_draws(). Throws as ResultFile does.
ReportedDraws read_draws(const ResultFile&);

}  // namespace stardsim

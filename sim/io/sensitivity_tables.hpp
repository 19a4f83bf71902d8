// Result files of `stardsim sensitivity` and `stardsim alternatives`. The
// formats are described in results/README.md.
#pragma once

#include "sim/analysis/alternatives.hpp"
#include "sim/analysis/sensitivity.hpp"
#include "sim/io/results.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace stardsim {

/// "steps.ect.remission" as "ECT: remission": steps, arms and treatments by
/// their labels, the rest as words.
std::string label_of(const Scenario&, const std::string& key);

/// The numbers that were held, beside those that were varied.
std::vector<std::byte> sensitivity_image(const Scenario&, const Figure&,
                                         const OneWay&,
                                         const std::vector<Parameter>& held,
                                         const Provenance&);
std::vector<std::byte> sensitivity_image(const Scenario&, const Figure&,
                                         const TwoWay&, const Provenance&);

/// What is chosen by `figure`, and by net benefit in every perspective and at
/// every threshold of the first: [perspective][threshold], empty without
/// economics. The first run is the scenario itself.
struct AlternativesTables {
  std::vector<VariantRun> runs;
  FigureOfVariants looked_at;
  std::vector<std::string> perspectives;
  std::vector<double> thresholds;
  std::vector<std::vector<FigureOfVariants>> net_benefits;
};
std::vector<std::byte> alternatives_image(const AlternativesTables&,
                                          const Provenance&);

}  // namespace stardsim

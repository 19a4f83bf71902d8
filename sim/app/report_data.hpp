// What a report is made of, and the numbers behind its charts.
#pragma once

#include "sim/analysis/comparison.hpp"
#include "sim/io/report_reader.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace stardsim {

/// The results of one report, and all their pathways compared.
struct ReportInput {
  std::vector<ReportedRun> runs;
  std::vector<std::string> names;  ///< of the runs, each apart
  /// Its strategies are named for people, by labels where these are distinct.
  Comparison comparison;
  std::vector<ReportedSensitivity> sensitivities{};
  std::vector<ReportedAlternatives> alternatives{};

  bool has_economics() const;
  /// As `stardsim compare` has it: of several runs, RUN/PATHWAY.
  std::string strategy_name(std::size_t strategy) const;
  /// The label of the pathway; of several runs, behind the run's name.
  std::string strategy_label(std::size_t strategy) const;
  std::string pathway_label(std::size_t run, std::size_t pathway) const;
  /// The run of the scenario that the analysis is of; none if there is none.
  std::optional<std::size_t> run_of(const ReportedAnalysis&) const;
};

/// As people call the perspective, by the label of its cost.
std::string perspective_label(const Comparison&, std::size_t perspective);

/// Of results in this order. Throws BadUsage where they cannot be compared.
ReportInput report_input(std::vector<ReportedRun> runs,
                         const std::vector<std::string>& names);

/// For people: "If all continue". The name itself where it is not known.
std::string estimand_label(const std::string& name);
/// In a sentence, what the estimand asks.
std::string estimand_explanation(const std::string& name);
std::string state_label(const std::string& name);

/// The place of "observed" among the run's estimands, 1 if it is not there.
std::size_t observed_place(const ReportedRun&);

/// The charts' numbers in JSON, ready to stand in a script element. Means are
/// in full, errors to four figures; null where there is none.
std::string report_data(const ReportInput&);

}  // namespace stardsim

// Who goes where through the steps of a pathway, as a flow whose links balance.
#pragma once

#include "sim/io/report_reader.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace stardsim {

struct FlowNode {
  std::string id, label;
  /// cohort, step, remission, follow_up, gap, left_care, unfinished, exhausted
  /// or again.
  std::string kind;
};

struct FlowLink {
  std::size_t source, target;  ///< nodes
  std::int64_t patients;       ///< above 0
};

struct FlowGraph {
  std::vector<FlowNode> nodes;
  std::vector<FlowLink> links;
};

/// From the counts of one estimand. Of each step as many go out as come in: to
/// remission, out of care, to follow-up without remission, to a gap, to the end
/// of the horizon or of life within the step, and the rest to the next step
/// that has not all its entrants yet. Entrants beyond those come from a node of
/// their own, back after a relapse or a gap. Where some are passed over a step
/// and others come back to it, counts alone cannot tell them apart: only the
/// balance is drawn. Requires counts that are not missing.
FlowGraph flow_graph(const ReportedPathway&, std::size_t estimand,
                     std::uint64_t patients);

}  // namespace stardsim

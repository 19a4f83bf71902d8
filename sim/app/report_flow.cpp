#include "sim/app/report_flow.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace stardsim {
namespace {

/// Patients who left a node and have not entered another yet.
struct OnTheWay {
  std::size_t from;
  std::int64_t patients;
};

class Builder {
 public:
  std::size_t node(const std::string& id, const std::string& label,
                   const std::string& kind) {
    graph_.nodes.push_back({id, label, kind});
    return graph_.nodes.size() - 1;
  }

  void link(std::size_t source, std::size_t target, std::int64_t patients) {
    if (patients > 0) graph_.links.push_back({source, target, patients});
  }

  /// Into a node of its own, which is there only where somebody goes to it.
  void sink(std::size_t source, const std::string& kind, std::size_t step,
            const std::string& label, std::int64_t patients) {
    if (patients > 0)
      link(source, node(kind + std::to_string(step), label, kind), patients);
  }

  FlowGraph graph() const { return graph_; }

 private:
  FlowGraph graph_;
};

/// Those longest on the way enter first; who is missing comes back.
void enter(Builder& builder, std::vector<OnTheWay>& on_the_way,
           std::size_t again, std::size_t step, std::int64_t entered) {
  for (OnTheWay& some : on_the_way) {
    const std::int64_t number = std::min(some.patients, entered);
    builder.link(some.from, step, number);
    some.patients -= number;
    entered -= number;
  }
  builder.link(again, step, entered);
}

std::int64_t leave(Builder& builder, std::size_t node, std::size_t number,
                   const Flows& flows) {
  const auto after = [&](const char* what) {
    return fmt::format("{} step {}", what, number);
  };
  builder.sink(node, "remission", number, after("Remission in"),
               flows.remission);
  builder.sink(node, "follow_up", number,
               after("Follow-up without remission after"), flows.follow_up);
  builder.sink(node, "gap", number, after("Off treatment for a time after"),
               flows.gap);
  builder.sink(node, "left_care", number, after("Left care after"),
               flows.left_care);
  builder.sink(node, "unfinished", number, after("Unfinished in"),
               flows.unfinished);
  return flows.entered - flows.remission - flows.follow_up - flows.gap -
         flows.left_care - flows.unfinished;
}

/// Nodes without a link tell nothing.
FlowGraph with_links_alone(const FlowGraph& graph) {
  FlowGraph kept;
  std::vector<std::size_t> place(graph.nodes.size());
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    const bool is_linked = std::any_of(
        graph.links.begin(), graph.links.end(), [&](const FlowLink& link) {
          return link.source == n || link.target == n;
        });
    place[n] = kept.nodes.size();
    if (is_linked) kept.nodes.push_back(graph.nodes[n]);
  }
  for (const FlowLink& link : graph.links)
    kept.links.push_back(
        {place[link.source], place[link.target], link.patients});
  return kept;
}

/// Its label, after its number if another step has the same.
std::string name_of_step(const ReportedPathway& pathway, std::size_t step) {
  const std::string& label = pathway.steps[step].label;
  const auto is_alike = [&](const ReportedStep& one) {
    return one.label == label;
  };
  if (std::count_if(pathway.steps.begin(), pathway.steps.end(), is_alike) == 1)
    return label;
  return fmt::format("Step {}: {}", step + 1, label);
}

}  // namespace

FlowGraph flow_graph(const ReportedPathway& pathway, std::size_t estimand,
                     std::uint64_t patients) {
  Builder builder;
  std::vector<OnTheWay> on_the_way{
      {builder.node("cohort", "All patients", "cohort"),
       static_cast<std::int64_t>(patients)}};
  const std::size_t again =
      builder.node("again", "Back after a relapse or a gap", "again");
  for (std::size_t s = 0; s < pathway.steps.size(); ++s) {
    const ReportedStep& step = pathway.steps[s];
    const Flows& flows = step.flows[estimand];
    const std::string number = std::to_string(s + 1);
    const std::size_t node =
        builder.node("step" + number, name_of_step(pathway, s), "step");
    enter(builder, on_the_way, again, node, flows.entered);
    on_the_way.push_back({node, leave(builder, node, s + 1, flows)});
  }
  const std::size_t exhausted =
      builder.node("exhausted", "No further step entered", "exhausted");
  for (const OnTheWay& some : on_the_way)
    builder.link(some.from, exhausted, some.patients);
  return with_links_alone(builder.graph());
}

}  // namespace stardsim

#include "sim/app/report_data.hpp"

#include "sim/analysis/cost_effectiveness.hpp"
#include "sim/app/options.hpp"
#include "sim/app/outcome_sheets.hpp"
#include "sim/app/report_flow.hpp"
#include "sim/app/report_uncertainty.hpp"
#include "sim/io/outcome_tables.hpp"
#include "sim/io/report/html.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <set>
#include <stdexcept>
#include <utility>

namespace stardsim {
namespace {

using Json = nlohmann::ordered_json;

struct Words {
  const char *name, *label, *explanation;
};

constexpr Words estimand_words[] = {
    {"if_all_continue", "If all continue",
     "The same patients with the same luck, had nobody left care between "
     "steps: everybody not in remission goes on to the next step. What the "
     "treatments could do."},
    {"observed", "Observed",
     "Ever in remission before leaving care, of all patients who entered. "
     "What a service would see."},
    {"sustained", "Sustained",
     "In the first remission since it began: neither relapsed, nor left care, "
     "nor died since. What lasts."}};

constexpr Words state_words[] = {
    {"in_treatment", "In an acute treatment step", ""},
    {"waiting", "Waiting for a step", ""},
    {"remitted", "In remission", ""},
    {"not_remitted", "In follow-up, not in remission", ""},
    {"gap", "Off treatment for a time", ""},
    {"untreated", "No step left, not in remission", ""},
    {"untreated_remitted", "No step left, in remission on their own", ""},
    {"out_of_care", "Left care", ""},
    {"dead", "Dead", ""}};

template <std::size_t size>
const Words* find_words(const Words (&all)[size], const std::string& name) {
  const auto found =
      std::find_if(std::begin(all), std::end(all),
                   [&](const Words& words) { return words.name == name; });
  return found == std::end(all) ? nullptr : found;
}

/// To four figures: what an error is worth, and a page has many.
double short_error(double error) {
  return std::isfinite(error)
             ? std::strtod(fmt::format("{:.4g}", error).c_str(), nullptr)
             : error;
}

Json named(const std::string& name, const std::string& label) {
  return Json{{"name", name}, {"label", label}};
}

Json estimands_of(const ReportedRun& run) {
  Json all = Json::array();
  for (const std::string& name : run.estimands) {
    Json one = named(name, estimand_label(name));
    one["explanation"] = estimand_explanation(name);
    all.push_back(one);
  }
  return all;
}

Json curves_of(const ReportedRun& run) {
  Json means = Json::array(), errors = Json::array();
  for (const ReportedPathway& pathway : run.pathways) {
    Json of_means = Json::array(), of_errors = Json::array();
    for (const auto& curve : pathway.curves) {
      Json values = Json::array(), se = Json::array();
      for (const Reported& figure : curve) {
        values.push_back(figure.value);
        se.push_back(short_error(figure.se));
      }
      of_means.push_back(std::move(values));
      of_errors.push_back(std::move(se));
    }
    means.push_back(std::move(of_means));
    errors.push_back(std::move(of_errors));
  }
  return Json{{"mean", std::move(means)}, {"se", std::move(errors)}};
}

Json flow_of(const ReportedRun& run, std::size_t pathway) {
  const FlowGraph graph = flow_graph(run.pathways[pathway], observed_place(run),
                                     run.outcomes.patients);
  Json nodes = Json::array(), links = Json::array();
  for (const FlowNode& node : graph.nodes)
    nodes.push_back(
        {{"id", node.id}, {"label", node.label}, {"kind", node.kind}});
  for (const FlowLink& link : graph.links)
    links.push_back({{"source", graph.nodes[link.source].id},
                     {"target", graph.nodes[link.target].id},
                     {"patients", link.patients}});
  return Json{{"nodes", nodes}, {"links", links}};
}

std::size_t pathway_place(const ReportedRun& run, const std::string& name) {
  for (std::size_t p = 0; p < run.pathways.size(); ++p)
    if (run.pathways[p].name == name) return p;
  return run.reference;
}

Json published_of(const ReportedRun& run) {
  Json all = Json::array();
  for (const ReportedPublished& figure : run.published) {
    Json one{{"figure", figure.name},
             {"label", figure.label},
             {"quantity", figure.quantity},
             {"pathway", pathway_place(run, figure.pathway)},
             {"estimand", figure.estimand},
             {"week", nullptr},
             {"value", figure.published},
             {"low", figure.low},
             {"high", figure.high},
             {"source", figure.source}};
    if (figure.week >= 0) one["week"] = figure.week;
    all.push_back(one);
  }
  return all;
}

Json run_data(const ReportInput& input, std::size_t r) {
  const ReportedRun& run = input.runs[r];
  Json pathways = Json::array(), states = Json::array(),
       occupancy = Json::array(), flow = Json::array(), weeks = Json::array();
  for (std::size_t p = 0; p < run.pathways.size(); ++p) {
    pathways.push_back(named(run.pathways[p].name, run.pathways[p].label));
    occupancy.push_back(run.pathways[p].occupancy);
    flow.push_back(flow_of(run, p));
  }
  for (const std::string& state : run.states)
    states.push_back(named(state, state_label(state)));
  for (std::size_t w = 0; w < run.weeks(); ++w) weeks.push_back(w);
  return Json{{"name", input.names[r]},
              {"title", run.title},
              {"patients", run.outcomes.patients},
              {"horizon_weeks", run.horizon_weeks},
              {"reported_first", run.reported_first},
              {"reference", run.reference},
              {"estimands", estimands_of(run)},
              {"pathways", std::move(pathways)},
              {"weeks", std::move(weeks)},
              {"curves", curves_of(run)},
              {"states", std::move(states)},
              {"occupancy", std::move(occupancy)},
              {"flow", std::move(flow)},
              {"published", published_of(run)},
              {"uncertainty", uncertainty_data(input, r)}};
}

Json differences_of(const Comparison& comparison) {
  Json all = Json::array();
  for (const std::size_t m : by_interest(comparison)) {
    const Measure& measure = comparison.measures()[m];
    Json rows = Json::array();
    bool differs = false;
    for (std::size_t s = 0; s < comparison.strategies().size(); ++s) {
      if (s == comparison.reference()) continue;
      const Difference of = comparison.difference(s, comparison.reference(), m);
      differs = differs || of.mean != 0 || of.se > 0;
      rows.push_back(
          {{"strategy", s}, {"mean", of.mean}, {"se", short_error(of.se)}});
    }
    if (differs)
      all.push_back({{"measure", measure.name},
                     {"label", measure.long_name},
                     {"unit", measure.unit},
                     {"is_share", is_share(measure)},
                     {"better", measure.better},
                     {"rows", rows}});
  }
  return all;
}

Json points_of(const Comparison& comparison, std::size_t perspective) {
  const std::size_t cost = comparison.decision().costs[perspective],
                    effect = comparison.decision().effect,
                    reference = comparison.reference();
  Json points = Json::array();
  for (const FrontierPoint& point : frontier(comparison, perspective)) {
    const std::size_t s = point.strategy;
    Json one{{"strategy", s},
             {"cost", 0},
             {"cost_se", 0},
             {"effect", 0},
             {"effect_se", 0},
             {"covariance", 0},
             {"mean_cost", comparison.outcome(s, cost).mean},
             {"mean_effect", comparison.outcome(s, effect).mean},
             {"frontier", name_of(point.status)}};
    if (s != reference) {
      const Increment gain = increment(comparison, s, reference, perspective);
      one["cost"] = gain.cost.mean;
      one["cost_se"] = short_error(gain.cost.se);
      one["effect"] = gain.effect.mean;
      one["effect_se"] = short_error(gain.effect.se);
      one["covariance"] = short_error(gain.covariance);
    }
    points.push_back(one);
  }
  return points;
}

Json economics_of(const Comparison& comparison) {
  if (decision_perspectives(comparison) == 0) return nullptr;
  Json perspectives = Json::array();
  for (std::size_t i = 0; i < comparison.perspectives().size(); ++i)
    perspectives.push_back({{"name", comparison.perspectives()[i]},
                            {"label", perspective_label(comparison, i)},
                            {"points", points_of(comparison, i)}});
  const RunOutcomes& first = comparison.runs().front();
  return Json{{"currency", money_of(first)},
              {"thresholds", first.thresholds},
              {"perspectives", perspectives}};
}

/// Labels of the pathways, or their names where two are labelled alike.
std::vector<std::string> distinct_labels(const ReportedRun& run) {
  std::vector<std::string> labels;
  for (const ReportedPathway& pathway : run.pathways)
    labels.push_back(pathway.label);
  const std::set<std::string> apart(labels.begin(), labels.end());
  return apart.size() == labels.size() ? labels : run.outcomes.pathways;
}

}  // namespace

bool ReportInput::has_economics() const {
  return decision_perspectives(comparison) > 0;
}

std::string ReportInput::strategy_name(std::size_t strategy) const {
  const Strategy& of = comparison.strategies()[strategy];
  const std::string& name = runs[of.run].pathways[of.pathway].name;
  return runs.size() == 1 ? name : names[of.run] + "/" + name;
}

std::string ReportInput::pathway_label(std::size_t run,
                                       std::size_t pathway) const {
  const std::string& label = runs[run].pathways[pathway].label;
  return runs.size() == 1 ? label : names[run] + ": " + label;
}

std::string ReportInput::strategy_label(std::size_t strategy) const {
  const Strategy& of = comparison.strategies()[strategy];
  return pathway_label(of.run, of.pathway);
}

std::optional<std::size_t> ReportInput::run_of(
    const ReportedAnalysis& analysis) const {
  for (std::size_t r = 0; r < runs.size(); ++r)
    if (runs[r].scenario_sha256 == analysis.scenario_sha256) return r;
  return std::nullopt;
}

ReportInput report_input(std::vector<ReportedRun> runs,
                         const std::vector<std::string>& names) {
  std::vector<RunOutcomes> outcomes;
  for (std::size_t r = 0; r < runs.size(); ++r) {
    runs[r].outcomes.name = names[r];
    outcomes.push_back(runs[r].outcomes);
    outcomes.back().pathways = distinct_labels(runs[r]);
    for (std::size_t p = 0; p < runs[r].pathways.size(); ++p)
      runs[r].pathways[p].label = outcomes.back().pathways[p];
  }
  const std::size_t reference = outcomes.front().reference;
  try {
    return {std::move(runs),
            names,
            Comparison(std::move(outcomes), reference),
            {},
            {}};
  } catch (const std::invalid_argument& error) {
    throw BadUsage(error.what());
  }
}

std::string estimand_label(const std::string& name) {
  const Words* const words = find_words(estimand_words, name);
  return words ? words->label : name;
}

std::string estimand_explanation(const std::string& name) {
  const Words* const words = find_words(estimand_words, name);
  return words ? words->explanation : "";
}

std::string state_label(const std::string& name) {
  const Words* const words = find_words(state_words, name);
  return words ? words->label : name;
}

std::size_t observed_place(const ReportedRun& run) {
  const auto found =
      std::find(run.estimands.begin(), run.estimands.end(), "observed");
  return found == run.estimands.end()
             ? 1
             : static_cast<std::size_t>(found - run.estimands.begin());
}

std::string perspective_label(const Comparison& comparison,
                              std::size_t perspective) {
  const std::string before = "Total cost: ", after = ", discounted";
  std::string label =
      comparison.measures()[comparison.decision().costs[perspective]].long_name;
  if (label.rfind(before, 0) != 0)
    return comparison.perspectives()[perspective];
  label.erase(0, before.size());
  if (label.ends_with(after)) label.erase(label.size() - after.size());
  return label;
}

std::string report_data(const ReportInput& input) {
  Json runs = Json::array(), strategies = Json::array(),
       sensitivities = Json::array(), alternatives = Json::array();
  for (std::size_t r = 0; r < input.runs.size(); ++r)
    runs.push_back(run_data(input, r));
  for (std::size_t s = 0; s < input.comparison.strategies().size(); ++s)
    strategies.push_back(
        named(input.strategy_name(s), input.strategy_label(s)));
  for (const ReportedSensitivity& one : input.sensitivities)
    sensitivities.push_back(sensitivity_data(input, one));
  for (const ReportedAlternatives& one : input.alternatives)
    alternatives.push_back(alternatives_data(input, one));
  const Json data{{"runs", std::move(runs)},
                  {"strategies", std::move(strategies)},
                  {"reference", input.comparison.reference()},
                  {"differences", differences_of(input.comparison)},
                  {"economics", economics_of(input.comparison)},
                  {"sensitivities", std::move(sensitivities)},
                  {"alternatives", std::move(alternatives)}};
  return json_for_html(
      data.dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace stardsim

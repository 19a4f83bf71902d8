#include "sim/analysis/alternatives.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace stardsim {
namespace {

std::optional<std::size_t> find_pathway(const Scenario& scenario,
                                        const std::string& name) {
  for (std::size_t p = 0; p < scenario.pathways.size(); ++p)
    if (scenario.pathways[p].name == name) return p;
  return std::nullopt;
}

/// The figure in a variant: a measure of the same name or, where one discounts
/// and the other does not, the same but for that.
Figure figure_in(const Scenario& variant, const Scenario& first,
                 const Figure& figure) {
  if (figure.measure == no_measure)
    return figure_of(variant, "net_benefit", figure.perspective,
                     figure.threshold);
  const auto measures = measures_of(variant);
  if (find_measure(measures, figure.name) != no_measure)
    return figure_of(variant, figure.name);
  const Measure wanted = measures_of(first)[figure.measure];
  const std::size_t found =
      find_measure(measures, wanted.what, wanted.index, !wanted.discounted);
  if (found == no_measure || measures[found].unit != wanted.unit)
    throw std::invalid_argument("no such measure");
  return figure_of(variant, measures[found].name);
}

/// Requires two pathways.
Decided choice_in(const Scenario& scenario, const Figure& figure,
                  const Reading& reading, const std::string& chosen_in_first) {
  Decided choice{};
  choice.best = best_pathway(figure, reading.means(), scenario.reference);
  choice.is_other = scenario.pathways[choice.best].name != chosen_in_first;
  const double sign = figure.better;
  const auto& means = reading.means();
  std::optional<std::size_t> next;
  for (std::size_t p = 0; p < means.size(); ++p)
    if (p != choice.best && (!next || sign * (means[p] - means[*next]) > 0))
      next = p;
  choice.lead =
      Reading::sum({{&reading, choice.best, sign}, {&reading, *next, -sign}});
  const auto kept = find_pathway(scenario, chosen_in_first);
  if (!kept) return choice;
  choice.loss = choice.best == *kept
                    ? Mean{0, 0}
                    : Reading::sum({{&reading, choice.best, sign},
                                    {&reading, *kept, -sign}});
  return choice;
}

}  // namespace

bool Decided::is_within_error() const {
  return std::fabs(lead.mean) < errors_of_95 * lead.se;
}

FigureOfVariants look_at(const std::vector<VariantRun>& runs,
                         const std::optional<std::string>& measure,
                         const std::optional<std::string>& perspective,
                         const std::optional<double>& threshold) {
  FigureOfVariants all;
  all.figure =
      figure_of(*runs.front().scenario, measure, perspective, threshold);
  std::string chosen;
  for (const VariantRun& run : runs) {
    all.readings.emplace_back();
    all.choices.emplace_back();
    all.is_undiscounted.push_back(false);
    const Scenario& scenario = *run.scenario;
    Figure figure;
    try {
      figure = figure_in(scenario, *runs.front().scenario, all.figure);
    } catch (const std::invalid_argument&) {
      continue;
    }
    all.is_undiscounted.back() = figure.name != all.figure.name;
    all.readings.back().emplace(figure, scenario, *run.tally);
    const Reading& reading = *all.readings.back();
    if (figure.better == 0 || scenario.pathways.size() < 2) continue;
    if (chosen.empty() && &run == &runs.front())
      chosen = scenario
                   .pathways[best_pathway(figure, reading.means(),
                                          scenario.reference)]
                   .name;
    if (!chosen.empty())
      all.choices.back() = choice_in(scenario, figure, reading, chosen);
  }
  return all;
}

std::vector<std::string> pathways_of(const std::vector<VariantRun>& runs) {
  std::vector<std::string> names;
  for (const VariantRun& run : runs)
    for (const Pathway& pathway : run.scenario->pathways)
      if (std::find(names.begin(), names.end(), pathway.name) == names.end())
        names.push_back(pathway.name);
  return names;
}

}  // namespace stardsim

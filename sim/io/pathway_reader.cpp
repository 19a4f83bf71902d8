#include "sim/io/pathway_reader.hpp"

#include "models/units.hpp"

#include <fmt/format.h>

#include <cmath>

namespace stardsim {
namespace {

constexpr std::size_t most_pathways = 64;

Ticks length(const Scenario& scenario, const Pathway& pathway) {
  Ticks ticks = 0;
  for (const std::size_t step : pathway.steps) {
    const double weeks = scenario.steps.at(step).weeks.value;
    if (!std::isnan(weeks)) ticks += to_ticks(weeks);
  }
  return ticks;
}

// The first key that `of` an arm gives, in the order of the file.
std::string first_of_arms(const Scenario& scenario,
                          std::string (*of)(const Arm&)) {
  for (const Step& step : scenario.steps)
    for (const Arm& arm : step.arms)
      if (const std::string key = of(arm); !key.empty()) return key;
  return "";
}

std::string key_of(const std::optional<Survival>& survival) {
  return survival ? survival->key : "";
}

std::string relapse_of(const Arm& arm) {
  const std::string key = key_of(arm.follow_up_remitted.relapse);
  return key.empty() ? key_of(arm.follow_up_not_remitted.relapse) : key;
}

std::string gap_of(const Arm& arm) {
  if (arm.gap_if_not_remitted && arm.gap_if_not_remitted->value > 0)
    return arm.gap_if_not_remitted->key;
  for (const FollowUp* follow_up :
       {&arm.follow_up_remitted, &arm.follow_up_not_remitted})
    if (follow_up->relapse && follow_up->gap.value > 0)
      return follow_up->gap.key;
  return "";
}

std::string wait_of(const Scenario& scenario) {
  for (const Step& step : scenario.steps)
    if (step.wait) return step.wait->key;
  return "";
}

}  // namespace

std::vector<Pathway> PathwayReader::read(const std::optional<Value>& pathways) {
  std::vector<Pathway> all;
  for (const NamedValue& entry :
       named_values(pathways, most_pathways, problems_)) {
    all.push_back(pathway(entry.name, entry.value));
    values_.push_back(entry.value);
  }
  if (pathways && is_empty_table(*pathways))
    add_problem(problems_, *pathways, "empty; at least one pathway is needed");
  return all;
}

// Either an array of steps or a table with a label and such an array.
Pathway PathwayReader::pathway(const std::string& name,
                               const Value& value) const {
  Pathway pathway;
  pathway.name = pathway.label = name;
  if (const auto* table = std::get_if<Table>(&value.node.value)) {
    Section section(*table, value, problems_);
    pathway.label = section.text("label", name);
    if (const auto steps = section.require("steps", "an array of steps"))
      pathway.steps = steps_of(*steps);
    section.finish();
  } else {
    pathway.steps = steps_of(value);
  }
  return pathway;
}

std::vector<std::size_t> PathwayReader::steps_of(const Value& value) const {
  const auto* array = std::get_if<Array>(&value.node.value);
  if (!array) {
    add_wrong_type(problems_, value, "an array of steps");
    return {};
  }
  const std::size_t count = array->items.size();
  if (count == 0)
    add_problem(problems_, value, "no steps; at least one is needed");
  if (count > max_steps) {
    add_problem(
        problems_, value,
        fmt::format("{} steps; a pathway has at most {}", count, max_steps));
    return {};
  }
  std::vector<std::size_t> steps;
  for (const Node& item : array->items)
    if (const auto index =
            as_name(Value{item, value.path}, "a step", step_names_, problems_))
      steps.push_back(*index);
  return steps;
}

void PathwayReader::check_lengths(const Scenario& scenario,
                                  std::uint32_t most_weeks) const {
  for (std::size_t i = 0; i < values_.size(); ++i) {
    const std::uint32_t weeks = weeks_of(scenario, i);
    if (weeks > most_weeks)
      add_problem(problems_, values_[i],
                  fmt::format("lasts {} weeks; at most {} can be simulated",
                              weeks, most_weeks));
  }
}

std::uint32_t weeks_of(const Scenario& scenario, std::size_t pathway) {
  return week_of(length(scenario, scenario.pathways.at(pathway)));
}

std::size_t longest_pathway(const Scenario& scenario) {
  const std::vector<Pathway>& all = scenario.pathways;
  std::size_t longest = all.size();
  for (std::size_t i = 0; i < all.size(); ++i)
    if (longest == all.size() ||
        length(scenario, all[i]) > length(scenario, all[longest]))
      longest = i;
  return longest;
}

std::string what_goes_on(const Scenario& scenario) {
  for (const std::string& key :
       {first_of_arms(scenario, relapse_of), first_of_arms(scenario, gap_of),
        wait_of(scenario), key_of(scenario.untreated.remission),
        key_of(scenario.untreated.relapse),
        key_of(scenario.untreated.gap_return)})
    if (!key.empty()) return key;
  return "";
}

std::string what_leads_to_a_gap(const Scenario& scenario) {
  return first_of_arms(scenario, gap_of);
}

}  // namespace stardsim

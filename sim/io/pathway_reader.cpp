#include "sim/io/pathway_reader.hpp"

#include "models/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace stardsim {
namespace {

constexpr std::size_t most_pathways = 64;

Ticks ticks_of(double weeks) { return std::isnan(weeks) ? 0 : to_ticks(weeks); }

// With the longest extension of its arms.
Ticks length(const Step& step) {
  Ticks longest = 0;
  for (const Arm& arm : step.arms)
    if (arm.extension)
      longest = std::max(longest, ticks_of(arm.extension->weeks.value));
  return ticks_of(step.weeks.value) + longest;
}

Ticks length(const Scenario& scenario, const Pathway& pathway) {
  Ticks ticks = 0;
  for (const std::size_t step : pathway.steps)
    ticks += length(scenario.steps.at(step));
  return ticks;
}

// The first key that `of` an arm gives, in the order of the file.
std::string first_of_arms(const Scenario& scenario,
                          std::string (*of)(const Arm&)) {
  for (const Step& step : scenario.steps)
    for (const Arm& arm : step.arms)
      if (std::string key = of(arm); !key.empty()) return key;
  return "";
}

std::string key_of(const std::optional<Survival>& survival) {
  return survival ? survival->key : "";
}

std::string relapse_in_extension(const Arm& arm) {
  return arm.extension ? key_of(arm.extension->relapse) : "";
}

std::string relapse_of(const Arm& arm) {
  for (const std::string& key :
       {key_of(arm.follow_up_remitted.relapse),
        key_of(arm.follow_up_not_remitted.relapse), relapse_in_extension(arm)})
    if (!key.empty()) return key;
  return "";
}

std::string gap_after_failure(const Arm& arm) {
  const auto& gap = arm.gap_if_not_remitted;
  return gap && gap->value > 0 ? gap->key : "";
}

// A relapse in an extension leads where one in remission does.
std::string gap_after_relapse(const Arm& arm) {
  const FollowUp& remitted = arm.follow_up_remitted;
  const FollowUp& not_remitted = arm.follow_up_not_remitted;
  const bool relapses = remitted.relapse || !relapse_in_extension(arm).empty();
  if (relapses && remitted.gap.value > 0) return remitted.gap.key;
  return not_remitted.relapse && not_remitted.gap.value > 0
             ? not_remitted.gap.key
             : "";
}

std::string gap_of(const Arm& arm) {
  std::string key = gap_after_failure(arm);
  return key.empty() ? gap_after_relapse(arm) : key;
}

std::string gap_without_return(const Arm& arm) {
  std::string key = arm.gap_return_after_failure ? "" : gap_after_failure(arm);
  if (!key.empty() || arm.gap_return_after_relapse) return key;
  return gap_after_relapse(arm);
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

bool PathwayReader::is_without_steps(std::size_t pathway) const {
  const Node* node = &values_.at(pathway).node;
  if (const auto* table = std::get_if<Table>(&node->value)) {
    const Entry* steps = table->find("steps");
    if (!steps) return false;
    node = &steps->node;
  }
  const auto* array = std::get_if<Array>(&node->value);
  return array && array->items.empty();
}

std::string PathwayReader::first_without_steps() const {
  for (std::size_t i = 0; i < values_.size(); ++i)
    if (is_without_steps(i)) return values_[i].path;
  return "";
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

std::string what_needs_gap_return(const Scenario& scenario) {
  return first_of_arms(scenario, gap_without_return);
}

}  // namespace stardsim

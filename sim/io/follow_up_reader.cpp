#include "sim/io/follow_up_reader.hpp"

#include "sim/io/time_reader.hpp"

#include <fmt/format.h>

namespace stardsim {
namespace {

constexpr Quantity weeks_from_start = held_as(
    "where early ends is a definition",
    of_kind(ValueKind::positive, {"a number of weeks (0 to 520)", 0, 520}));

const Table* table_in(const Table& table, const char* key) {
  const Entry* entry = table.find(key);
  return entry ? std::get_if<Table>(&entry->node.value) : nullptr;
}

// Whether the table of a step or an arm states the relapse of this state.
bool states_relapse(const Table& table, const char* state) {
  const Table* follow_up = table_in(table, "follow_up");
  const Table* keys = follow_up ? table_in(*follow_up, state) : nullptr;
  return keys && keys->find("relapse");
}

bool some_step_states_relapse(const std::optional<Value>& steps,
                              const char* state) {
  const auto* all = steps ? std::get_if<Table>(&steps->node.value) : nullptr;
  if (!all) return false;
  for (const Entry& entry : all->entries) {
    const auto* step = std::get_if<Table>(&entry.node.value);
    if (!step) continue;
    if (states_relapse(*step, state)) return true;
    const Table* arms = table_in(*step, "arms");
    if (!arms) continue;
    for (const Entry& arm : arms->entries)
      if (const auto* keys = std::get_if<Table>(&arm.node.value))
        if (states_relapse(*keys, state)) return true;
  }
  return false;
}

}  // namespace

FollowUpReader::FollowUpReader(const std::optional<Value>& steps,
                               const ValueReader& values)
    : values_(values),
      problems_(values.problems()),
      relapse_remitted_(some_step_states_relapse(steps, "remitted")),
      relapse_not_remitted_(some_step_states_relapse(steps, "not_remitted")) {}

// For what the scenario says of all steps.
bool FollowUpReader::is_stated_in_steps(const Section& state) const {
  return (state.path() == "follow_up.remitted" && relapse_remitted_) ||
         (state.path() == "follow_up.not_remitted" && relapse_not_remitted_);
}

void FollowUpReader::read(const std::optional<Value>& value, FollowUp& remitted,
                          FollowUp& not_remitted) const {
  const Table* table = value ? as_table(*value, problems_) : nullptr;
  if (!table) return;
  Section section(*table, *value, problems_);
  read_state(section.find("remitted"), remitted);
  read_state(section.find("not_remitted"), not_remitted);
  section.finish();
}

void FollowUpReader::read_state(const std::optional<Value>& value,
                                FollowUp& follow_up) const {
  const Table* table = value ? as_table(*value, problems_) : nullptr;
  if (!table) return;
  Section section(*table, *value, problems_);
  const bool states_it = section.find("relapse").has_value();
  if (states_it) follow_up.relapse = find_survival(section, "relapse", values_);
  if (section.find("drop_out"))
    follow_up.drop_out = find_survival(section, "drop_out", values_);
  const auto needs_relapse = [&](const Value& of) {
    if (!follow_up.relapse && !states_it && !is_stated_in_steps(section))
      add_problem(problems_, of,
                  "says something of relapse, and there is no relapse in " +
                      section.path());
  };
  if (const auto early = section.find("early_response")) {
    if (section.path().ends_with("not_remitted"))
      add_problem(problems_, *early,
                  "belongs to follow-up in remission: the hazard of those who "
                  "remitted early");
    needs_relapse(*early);
    read_early_response(*early, follow_up);
  }
  if (const auto stop = section.find("treatment_stop")) {
    needs_relapse(*stop);
    read_treatment_stop(*stop, follow_up);
  }
  if (const auto after = section.find("after_relapse")) {
    needs_relapse(*after);
    read_after_relapse(*after, follow_up);
  }
  section.finish();
}

void FollowUpReader::read_early_response(const Value& value,
                                         FollowUp& follow_up) const {
  const Table* table = as_table(
      value, problems_, "a table such as { within = 4, hazard_ratio = 0.67 }");
  if (!table) return;
  Section section(*table, value, problems_);
  follow_up.early_weeks = values_.require(section, "within", weeks_from_start);
  follow_up.early_hazard_ratio =
      values_.require(section, "hazard_ratio", ratio);
  section.finish();
}

void FollowUpReader::read_treatment_stop(const Value& value,
                                         FollowUp& follow_up) const {
  const Table* table = as_table(
      value, problems_,
      "a table such as { probability = 0.3, by = 26, hazard_ratio = 2 }");
  if (!table) return;
  Section section(*table, value, problems_);
  follow_up.stop = read_survival_keys(section, values_);
  follow_up.stopped_hazard_ratio =
      values_.require(section, "hazard_ratio", ratio);
  section.finish();
}

void FollowUpReader::read_after_relapse(const Value& value,
                                        FollowUp& follow_up) const {
  const Table* table = as_table(
      value, problems_, "a table such as { next_step = 0.7, gap = 0.1 }");
  if (!table) return;
  Section section(*table, value, problems_);
  const auto share = [&](const char* key) {
    return values_.find(section, key, probability).value_or(Evidence{});
  };
  follow_up.next_step = share("next_step");
  follow_up.same_step = share("same_step");
  follow_up.gap = share("gap");
  section.finish();
  const double sum = follow_up.next_step.value + follow_up.same_step.value +
                     follow_up.gap.value;
  constexpr double rounding = 1e-9;
  if (sum > 1 + rounding)
    section.add(
        fmt::format("next_step {} + same_step {} + gap {} sum to "
                    "{:.10g}; they may sum to at most 1",
                    follow_up.next_step.value, follow_up.same_step.value,
                    follow_up.gap.value, sum));
}

}  // namespace stardsim

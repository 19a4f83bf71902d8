#include "sim/io/follow_up_reader.hpp"

#include "sim/io/time_reader.hpp"

#include <fmt/format.h>

namespace stardsim {
namespace {

constexpr Quantity weeks_from_start{"a number of weeks (0 to 520)", 0, 520};

}  // namespace

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
  const bool states_relapse = section.find("relapse").has_value();
  if (states_relapse)
    follow_up.relapse = find_survival(section, "relapse", values_);
  if (section.find("drop_out"))
    follow_up.drop_out = find_survival(section, "drop_out", values_);
  const auto needs_relapse = [&](const Value& of) {
    if (!follow_up.relapse && !states_relapse)
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

#include "sim/io/step_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace stardsim {
namespace {

constexpr std::size_t most_arms = 64;

const char* const remission_needed =
    "the probability of remission, in the arm or in its step,";

const char* const arm_allowed = "a table such as { remission = 0.3 }";

const std::vector<std::string>& strategies() {
  static const std::vector<std::string> names = {
      "initial", "switch", "augment",    "combine",  "psychotherapy",
      "ect",     "rtms",   "esketamine", "ketamine", "continue"};
  return names;
}

// What people tend to write on a step or an arm, and should not.
std::optional<std::string> hint_for_outcome(const std::string& key) {
  if (key == "attrition" || key == "dropout" || key == "drop_out")
    return "; use continue_if_not_remitted, which is P(entering the next step "
           "| not remitted), not a share of all who entered";
  if (key == "response")
    return "; STAR*D's response overlaps with remission and is not a competing "
           "outcome; use partial_response for one that is";
  if (key == "share")
    return "; only an arm has a share, in [steps.NAME.arms.ARM]";
  return std::nullopt;
}

// The keys of a step. All but `weeks` may be keys of an arm.
const std::vector<std::string>& step_keys() {
  static const std::vector<std::string> keys = {"label",
                                                "weeks",
                                                "treatment",
                                                "strategy",
                                                "remission",
                                                "partial_response",
                                                "intolerance",
                                                "remission_time",
                                                "intolerance_time",
                                                "continue_if_not_remitted",
                                                "continue_if_partial_response",
                                                "continue_if_intolerant"};
  return keys;
}

bool is_step_key(const std::string& key) {
  return std::find(step_keys().begin(), step_keys().end(), key) !=
         step_keys().end();
}

bool is_arm_key(const std::string& key) {
  return key == "share" || (key != "weeks" && is_step_key(key));
}

// An arm may be called "treatment", so only what is no arm is misplaced.
bool is_misplaced(const Entry& entry) {
  if (!is_step_key(entry.key) && entry.key != "share") return false;
  const auto* table = std::get_if<Table>(&entry.node.value);
  if (!table) return true;
  return !table->entries.empty() &&
         std::none_of(table->entries.begin(), table->entries.end(),
                      [](const Entry& inner) { return is_arm_key(inner.key); });
}

std::string hint_for_misplaced(const std::string& key,
                               const std::string& arms_path) {
  if (key == "share")
    return fmt::format("share is a key of an arm; write it in [{}.NAME]",
                       arms_path);
  return fmt::format("{} is a key of the step; write it above [{}]", key,
                     arms_path);
}

void add_missing_shares(const std::vector<Value>& without_share,
                        std::size_t arm_count, Problems& problems) {
  if (without_share.size() == arm_count) return;
  for (const Value& arm : without_share)
    add_problem(problems, arm,
                "has no share, while other arms of the step have one; state "
                "all or none");
}

bool has_outcome(Section& section) {
  return section.find("remission") || section.find("partial_response") ||
         section.find("intolerance");
}

void check_outcome_sum(Section& section, const Arm& arm) {
  double sum = arm.remission.value;
  std::string terms = fmt::format("remission {}", arm.remission.value);
  const auto plus = [&](const char* name, const std::optional<Evidence>& p) {
    if (!p) return;
    sum += p->value;
    terms += fmt::format(" + {} {}", name, p->value);
  };
  plus("partial_response", arm.partial_response);
  plus("intolerance", arm.intolerance);
  constexpr double rounding = 1e-9;
  if (sum > 1 + rounding)
    section.add(
        fmt::format("{} sum to {:.10g}; outcome probabilities may sum "
                    "to at most 1",
                    terms, sum));
}

}  // namespace

StepReader::StepReader(const ValueReader& values,
                       const std::vector<Treatment>& treatments,
                       Problems& problems)
    : values_(values), treatments_(treatments), problems_(problems) {
  for (const Treatment& treatment : treatments)
    treatment_names_.push_back(treatment.name);
}

Step StepReader::step(const std::string& name, const Value& value) const {
  Step step;
  step.name = step.label = name;
  step.weeks.value = unusable;
  const Table* written = as_table(value, problems_);
  if (!written) return step;
  const Table table = with_own_keys(*written, value.path);
  Section section(table, value, problems_);
  step.label = section.text("label", name);
  if (const auto weeks = section.require("weeks", "the length of the step"))
    step.weeks = values_.evidence(*weeks, step_length);
  Arm prototype;
  read_shared_keys(section, step.weeks.value, prototype);
  if (const auto arms = section.find("arms"))
    read_arms(*arms, section, prototype, step);
  else
    step.arms.push_back(only_arm(step, section, prototype));
  section.finish(hint_for_outcome);
  return step;
}

// Keys of the step that stand among its arms are a problem, and are read as if
// they stood in the step, so that they are the only one.
Table StepReader::with_own_keys(const Table& written,
                                const std::string& path) const {
  Table step = written;
  Entry* arms = step.find("arms");
  auto* among = arms ? std::get_if<Table>(&arms->node.value) : nullptr;
  if (!among) return step;
  const std::string arms_path = join_key(path, "arms");
  std::vector<Entry> misplaced;
  for (const Entry& entry : among->entries)
    if (is_misplaced(entry)) misplaced.push_back(entry);
  for (const Entry& entry : misplaced) {
    problems_.add(entry.where, join_key(arms_path, entry.key),
                  hint_for_misplaced(entry.key, arms_path));
    among->erase(entry.key);
  }
  if (!misplaced.empty() && among->entries.empty()) step.erase("arms");
  for (Entry& entry : misplaced)
    if (entry.key != "share" && !step.find(entry.key))
      step.entries.push_back(std::move(entry));
  return step;
}

Arm StepReader::only_arm(const Step& step, Section& step_section,
                         const Arm& prototype) const {
  step_section.require("remission", remission_needed);
  check_outcome_sum(step_section, prototype);
  Arm arm = prototype;
  arm.name = step.name;
  arm.label = step.label;
  if (arm.treatment) {
    arm.name = treatments_[*arm.treatment].name;
    arm.label = treatments_[*arm.treatment].label;
  }
  return arm;
}

void StepReader::read_arms(const Value& arms, Section& step_section,
                           const Arm& prototype, Step& step) const {
  const auto* all = std::get_if<Table>(&arms.node.value);
  if (!all)
    return add_problem(problems_, arms,
                       fmt::format("is {}; write each as [{}.NAME]",
                                   kind_of(arms.node), arms.path));
  std::vector<Value> without_share;
  bool some_inherit_outcomes = false;
  double shares = 0;
  for (const NamedValue& entry : named_values(arms, most_arms, problems_)) {
    const Table* table = as_table(entry.value, problems_, arm_allowed);
    if (!table) continue;
    Section section(*table, entry.value, problems_);
    if (!section.find("share")) without_share.push_back(entry.value);
    if (!has_outcome(section)) some_inherit_outcomes = true;
    step.arms.push_back(
        arm(entry.name, section, step_section, prototype, step.weeks.value));
    shares += step.arms.back().share.value;
  }
  add_missing_shares(without_share, step.arms.size(), problems_);
  if (some_inherit_outcomes) check_outcome_sum(step_section, prototype);
  if (all->entries.empty())
    add_problem(problems_, arms, "empty; at least one arm is needed");
  else if (!step.arms.empty() && shares <= 0)
    add_problem(problems_, arms,
                "the shares of the arms sum to 0; one above 0 is needed");
}

Arm StepReader::arm(const std::string& name, Section& section,
                    Section& step_section, const Arm& prototype,
                    double weeks) const {
  Arm arm = prototype;
  arm.name = name;
  read_shared_keys(section, weeks, arm);
  arm.label = section.text(
      "label", arm.treatment ? treatments_[*arm.treatment].label : name);
  if (const auto share = section.find("share"))
    arm.share = values_.evidence(*share, weight);
  if (!step_section.find("remission"))
    section.require("remission", remission_needed);
  // What the arm wholly inherits is checked once, on the step.
  if (has_outcome(section)) check_outcome_sum(section, arm);
  section.finish(hint_for_outcome);
  return arm;
}

// The keys that may stand in an arm or, for all of its arms, in a step.
void StepReader::read_shared_keys(Section& section, double weeks,
                                  Arm& arm) const {
  const auto read_probability = [&](const char* key, auto& target) {
    if (const auto value = section.find(key))
      target = values_.evidence(*value, probability);
  };
  const auto read_time = [&](const char* key, TimeDistribution& target) {
    if (const auto value = section.find(key))
      target = values_.time(*value, weeks).value_or(TimeDistribution{});
  };
  if (const auto treatment = section.find("treatment"))
    arm.treatment =
        as_name(*treatment, "a treatment", treatment_names_, problems_);
  if (const auto choice = section.choice("strategy", strategies()))
    arm.strategy = strategies()[*choice];
  read_probability("remission", arm.remission);
  read_probability("partial_response", arm.partial_response);
  read_probability("intolerance", arm.intolerance);
  read_time("remission_time", arm.remission_time);
  read_time("intolerance_time", arm.intolerance_time);
  read_probability("continue_if_not_remitted", arm.continue_if_not_remitted);
  read_probability("continue_if_partial_response",
                   arm.continue_if_partial_response);
  read_probability("continue_if_intolerant", arm.continue_if_intolerant);
}

}  // namespace stardsim

#include "sim/io/step_reader.hpp"

#include "sim/io/time_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace stardsim {
namespace {

constexpr std::size_t most_arms = 64;

const char* const remission_needed =
    "the probability of remission, in the arm or in its step,";
const char* const first_line_needed =
    "the probability of remission as a first treatment, in the arm or in its "
    "step, on which this line_dependence rests,";
const char* const anchor_needed =
    "since the step is not in the reference pathway, the line of that pathway "
    "in whose entrants the arm's rates were measured";

constexpr WholeRange line_range{"the number of a line (1 to 64)", 1, max_steps};
constexpr Quantity sessions_a_week =
    of_kind(ValueKind::positive,
            {"a number of sessions a week (0.01 to 100)", 0.01, 100});

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

// The keys of a step. All but `weeks`, `wait` and `choice` may be keys of an
// arm.
const std::vector<std::string>& step_keys() {
  static const std::vector<std::string> keys = {"label",
                                                "weeks",
                                                "wait",
                                                "choice",
                                                "treatment",
                                                "strategy",
                                                "eligible",
                                                "access",
                                                "acceptance",
                                                "remission",
                                                "first_line_remission",
                                                "anchor",
                                                "partial_response",
                                                "intolerance",
                                                "outcomes",
                                                "remission_ratio",
                                                "extension",
                                                "remission_time",
                                                "intolerance_time",
                                                "no_response_time",
                                                "sessions_per_week",
                                                "adherence",
                                                "non_adherence_odds_ratio",
                                                "dose_adequacy",
                                                "low_dose_odds_ratio",
                                                "continue_if_not_remitted",
                                                "continue_if_partial_response",
                                                "continue_if_intolerant",
                                                "follow_up_if_not_remitted",
                                                "gap_if_not_remitted",
                                                "follow_up_if_remitted",
                                                "follow_up_from",
                                                "gap_return",
                                                "costs",
                                                "utility_decrement",
                                                "death_per_session",
                                                "adverse_events",
                                                "effects",
                                                "follow_up"};
  return keys;
}

bool is_step_key(const std::string& key) {
  return std::find(step_keys().begin(), step_keys().end(), key) !=
         step_keys().end();
}

bool is_arm_key(const std::string& key) {
  return key == "share" || (key != "weeks" && key != "wait" &&
                            key != "choice" && is_step_key(key));
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

bool has_any(Section& section, const std::vector<const char*>& keys) {
  return std::any_of(keys.begin(), keys.end(), [&](const char* key) {
    return section.find(key).has_value();
  });
}

bool has_outcome(Section& section) {
  return has_any(section, {"remission", "first_line_remission",
                           "partial_response", "intolerance", "outcomes"});
}

bool has_exit(Section& section) {
  return has_any(section,
                 {"continue_if_not_remitted", "continue_if_partial_response",
                  "continue_if_intolerant", "follow_up_if_not_remitted",
                  "gap_if_not_remitted"});
}

// A sum of probabilities that may not be above 1, and how it is written.
class Sum {
 public:
  void add(const char* name, const std::optional<Evidence>& term) {
    if (!term) return;
    sum_ += term->value;
    terms_ +=
        fmt::format("{}{} {}", terms_.empty() ? "" : " + ", name, term->value);
  }
  void check(Section& section, const char* what) const {
    constexpr double rounding = 1e-9;
    if (sum_ > 1 + rounding)
      section.add(fmt::format("{} sum to {:.10g}; {} may sum to at most 1",
                              terms_, sum_, what));
  }

 private:
  double sum_ = 0;
  std::string terms_;
};

// Where those without remission go; the variants differ in who is meant.
void check_exits(Section& section, const Arm& arm) {
  const auto check = [&](const char* name,
                         const std::optional<Evidence>& goes_on) {
    if (!goes_on) return;
    Sum sum;
    sum.add(name, goes_on);
    sum.add("follow_up_if_not_remitted", arm.follow_up_if_not_remitted);
    sum.add("gap_if_not_remitted", arm.gap_if_not_remitted);
    sum.check(section, "what follows");
  };
  check("continue_if_not_remitted", arm.continue_if_not_remitted);
  check("continue_if_partial_response", arm.continue_if_partial_response);
  check("continue_if_intolerant", arm.continue_if_intolerant);
  if (arm.continue_if_not_remitted) return;
  Sum sum;
  sum.add("follow_up_if_not_remitted", arm.follow_up_if_not_remitted);
  sum.add("gap_if_not_remitted", arm.gap_if_not_remitted);
  sum.check(section, "what follows");
}

void check_ratio(Section& section, const char* odds_ratio, const char* of,
                 bool has_of, Problems& problems) {
  const auto value = section.find(odds_ratio);
  if (value && !has_of)
    add_problem(problems, *value, fmt::format("needs {}", of));
}

}  // namespace

StepReader::StepReader(const StepContext& context, const ValueReader& values)
    : context_(context), values_(values), problems_(values.problems()) {
  for (const Treatment& treatment : context.treatments)
    treatment_names_.push_back(treatment.name);
}

// What rests on all keys of an arm: those of its own, its step and treatment.
void StepReader::finish_arm(Section& section, Section& step_section,
                            Arm& arm) const {
  if (arm.treatment)
    arm.economics =
        merged(context_.treatment_economics[*arm.treatment], arm.economics);
  const std::string by_session = counted_by_session(arm.economics);
  if (!by_session.empty() && !arm.sessions_per_week)
    section.require("sessions_per_week",
                    fmt::format("since {} is counted by session, the number "
                                "of sessions a week",
                                by_session));
  if (arm.competing) check_competing(section, step_section, arm);
  if (!arm.extension || arm.partial_response) return;
  const auto own = section.find("extension");
  add_problem(problems_, own ? *own : *step_section.find("extension"),
              "is for partial responders, and there is no partial_response");
}

// Competing risks come at constant hazards over the whole step, in everybody
// alike.
void StepReader::check_competing(Section& section, Section& step_section,
                                 const Arm& arm) const {
  for (const char* key : {"intolerance", "remission_time", "intolerance_time",
                          "no_response_time", "adherence", "dose_adequacy"}) {
    const auto own = section.find(key);
    const auto value = own ? own : step_section.find(key);
    if (value)
      add_problem(problems_, *value,
                  "has no meaning with outcomes = \"competing\", where "
                  "remission and partial response compete at constant hazards "
                  "over the step");
  }
  if (arm.effects.remission.empty() && arm.effects.partial_response.empty())
    return;
  const Effect& effect = arm.effects.remission.empty()
                             ? arm.effects.partial_response.front()
                             : arm.effects.remission.front();
  const auto own = section.find("outcomes");
  add_problem(problems_, own ? *own : *step_section.find("outcomes"),
              fmt::format("\"competing\" allows no effects on remission or "
                          "partial response ({})",
                          effect.ratio.key));
}

bool StepReader::uses_first_line() const {
  return context_.line_dependence == LineDependence::same ||
         context_.line_dependence == LineDependence::ratios;
}

void StepReader::check_sums(Section& section, const Arm& arm) const {
  if (arm.competing) return;
  Sum sum;
  if (uses_first_line())
    sum.add("first_line_remission", arm.first_line_remission);
  else
    sum.add("remission", arm.remission);
  sum.add("partial_response", arm.partial_response);
  sum.add("intolerance", arm.intolerance);
  sum.check(section, "outcome probabilities");
}

Step StepReader::step(const std::string& name, const Value& value,
                      StepUse use) const {
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
  if (section.choice("choice", {"by_share", "first_eligible"}) ==
      std::size_t{1})
    step.choice = Choice::first_eligible;
  step.wait = find_survival(section, "wait", values_);
  Arm prototype = context_.prototype;
  const auto arms = section.find("arms");
  read_shared_keys(section, nullptr, step.weeks.value, prototype);
  if (arms) {
    read_arms(*arms, section, prototype, use, step);
  } else {
    read_times(section, &section, step.weeks.value, prototype);
    step.arms.push_back(only_arm(step, section, prototype, use));
  }
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
                         const Arm& prototype, StepUse use) const {
  Arm arm = prototype;
  require_rates(step_section, step_section, use, arm);
  finish_arm(step_section, step_section, arm);
  check_sums(step_section, arm);
  check_exits(step_section, arm);
  arm.name = step.name;
  arm.label = step.label;
  if (arm.treatment) {
    arm.name = context_.treatments[*arm.treatment].name;
    arm.label = context_.treatments[*arm.treatment].label;
  }
  return arm;
}

// Adds what the arm and its step lack.
void StepReader::require_rates(Section& section, Section& step_section,
                               StepUse use, Arm& arm) const {
  const bool has_first_line = arm.first_line_remission.has_value();
  const bool has_remission =
      section.find("remission") || step_section.find("remission");
  if (uses_first_line() && use.in_a_pathway && !has_first_line)
    section.require("first_line_remission", first_line_needed);
  else if (!has_remission && !(uses_first_line() && has_first_line))
    section.require("remission", remission_needed);
  if (!has_remission && has_first_line)
    arm.remission = *arm.first_line_remission;
  const bool needs_anchor =
      context_.line_dependence == LineDependence::frailty && use.in_a_pathway &&
      !use.in_the_reference;
  if (needs_anchor && context_.reference_steps > 0 && !section.find("anchor") &&
      !step_section.find("anchor"))
    section.require("anchor", anchor_needed);
}

void StepReader::read_arms(const Value& arms, Section& step_section,
                           const Arm& prototype, StepUse use,
                           Step& step) const {
  const auto* all = std::get_if<Table>(&arms.node.value);
  if (!all)
    return add_problem(problems_, arms,
                       fmt::format("is {}; write each as [{}.NAME]",
                                   kind_of(arms.node), arms.path));
  std::vector<Value> without_share;
  bool some_inherit_outcomes = false, some_inherit_exits = false;
  double shares = 0;
  for (const NamedValue& entry : named_values(arms, most_arms, problems_)) {
    const Table* table = as_table(entry.value, problems_, arm_allowed);
    if (!table) continue;
    Section section(*table, entry.value, problems_);
    if (!section.find("share")) without_share.push_back(entry.value);
    if (!has_outcome(section)) some_inherit_outcomes = true;
    if (!has_exit(section)) some_inherit_exits = true;
    step.arms.push_back(arm(entry.name, section, step_section, prototype,
                            step.weeks.value, use));
    shares += step.arms.back().share.value;
  }
  add_missing_shares(without_share, step.arms.size(), problems_);
  // What arms wholly inherit is checked once, on the step.
  if (some_inherit_outcomes) check_sums(step_section, prototype);
  if (some_inherit_exits) check_exits(step_section, prototype);
  if (all->entries.empty())
    add_problem(problems_, arms, "empty; at least one arm is needed");
  else if (!step.arms.empty() && shares <= 0)
    add_problem(problems_, arms,
                "the shares of the arms sum to 0; one above 0 is needed");
}

Arm StepReader::arm(const std::string& name, Section& section,
                    Section& step_section, const Arm& prototype, double weeks,
                    StepUse use) const {
  Arm arm = prototype;
  arm.name = name;
  read_shared_keys(section, &step_section, weeks, arm);
  arm.label = section.text(
      "label",
      arm.treatment ? context_.treatments[*arm.treatment].label : name);
  if (const auto share = section.find("share"))
    arm.share = values_.evidence(*share, weight);
  require_rates(section, step_section, use, arm);
  finish_arm(section, step_section, arm);
  if (has_outcome(section)) check_sums(section, arm);
  if (has_exit(section)) check_exits(section, arm);
  section.finish(hint_for_outcome);
  return arm;
}

// The keys that may stand in an arm or, for all of its arms, in a step.
// `step_section` is that of the arm's step; null for the step itself, whose
// times are checked when its arms are known.
void StepReader::read_shared_keys(Section& section, Section* step_section,
                                  double weeks, Arm& arm) const {
  const auto read = [&](const char* key, auto& target,
                        const Quantity& quantity) {
    if (const auto value = section.find(key))
      target = values_.evidence(*value, quantity);
  };
  if (const auto treatment = section.find("treatment"))
    arm.treatment =
        as_name(*treatment, "a treatment", treatment_names_, problems_);
  if (const auto choice = section.choice("strategy", strategies()))
    arm.strategy = strategies()[*choice];
  if (const auto eligible = section.find("eligible"))
    arm.eligible = context_.eligibility.eligibility(*eligible);
  read("access", arm.access, probability);
  read("acceptance", arm.acceptance, probability);
  read("remission", arm.remission, probability);
  read("first_line_remission", arm.first_line_remission, probability);
  read_anchor(section, arm);
  read("partial_response", arm.partial_response, probability);
  read("intolerance", arm.intolerance, probability);
  if (const auto choice =
          section.choice("outcomes", {"cumulative", "competing"}))
    arm.competing = *choice == 1;
  read("remission_ratio", arm.remission_ratio, ratio);
  if (const auto extension = section.find("extension"))
    read_extension(*extension, arm);
  read("sessions_per_week", arm.sessions_per_week, sessions_a_week);
  read_times(section, step_section, weeks, arm);
  read("adherence", arm.adherence, probability);
  read("non_adherence_odds_ratio", arm.non_adherence_odds_ratio, ratio);
  read("dose_adequacy", arm.dose_adequacy, probability);
  read("low_dose_odds_ratio", arm.low_dose_odds_ratio, ratio);
  check_ratio(section, "non_adherence_odds_ratio", "adherence",
              arm.adherence.has_value(), problems_);
  check_ratio(section, "low_dose_odds_ratio", "dose_adequacy",
              arm.dose_adequacy.has_value(), problems_);
  read("continue_if_not_remitted", arm.continue_if_not_remitted, probability);
  read("continue_if_partial_response", arm.continue_if_partial_response,
       probability);
  read("continue_if_intolerant", arm.continue_if_intolerant, probability);
  read("follow_up_if_not_remitted", arm.follow_up_if_not_remitted, probability);
  read("gap_if_not_remitted", arm.gap_if_not_remitted, probability);
  read("follow_up_if_remitted", arm.follow_up_if_remitted, probability);
  if (const auto choice =
          section.choice("follow_up_from", {"remission", "end_of_step"}))
    arm.follow_up_from_end_of_step = *choice == 1;
  if (const auto gap_return = section.find("gap_return"))
    read_gap_return(*gap_return, arm);
  context_.economics.read(section, arm.economics);
  context_.effects.read(section.find("effects"), arm.effects);
  context_.follow_up.read(section.find("follow_up"), arm.follow_up_remitted,
                          arm.follow_up_not_remitted);
}

void StepReader::read_anchor(Section& section, Arm& arm) const {
  const auto anchor = section.whole_number("anchor", line_range);
  if (!anchor) return;
  arm.anchor = static_cast<std::size_t>(*anchor);
  if (context_.reference_steps > 0 && *anchor > context_.reference_steps)
    add_problem(problems_, *section.find("anchor"),
                fmt::format("{} is beyond the {} steps of the reference "
                            "pathway",
                            *anchor, context_.reference_steps));
}

void StepReader::read_extension(const Value& value, Arm& arm) const {
  const Table* table = as_table(
      value, problems_, "a table such as { weeks = 8, remission = 0.38 }");
  if (!table) return;
  Section section(*table, value, problems_);
  Extension extension;
  extension.weeks = values_.require(section, "weeks", step_length);
  extension.remission = values_.require(section, "remission", probability);
  extension.relapse = find_survival(section, "relapse", values_);
  section.finish();
  arm.extension = std::move(extension);
}

void StepReader::read_gap_return(const Value& value, Arm& arm) const {
  const Table* table = as_table(
      value, problems_, "a table such as { after_failure = { after = 8 } }");
  if (!table) return;
  Section section(*table, value, problems_);
  if (section.find("after_failure"))
    arm.gap_return_after_failure =
        find_survival(section, "after_failure", values_);
  if (section.find("after_relapse"))
    arm.gap_return_after_relapse =
        find_survival(section, "after_relapse", values_);
  if (!section.find("after_failure") && !section.find("after_relapse") &&
      !section.has_unknown_keys())
    section.add("empty; after_failure or after_relapse is needed");
  section.finish();
}

// A time in sessions of the step is that of each arm, which may have its own
// number of sessions a week.
void StepReader::read_times(Section& section, Section* step_section,
                            double weeks, Arm& arm) const {
  std::optional<double> per_week;
  if (arm.sessions_per_week) per_week = arm.sessions_per_week->value;
  const TimeFrame frame{weeks, per_week};
  const auto read = [&](const char* key, TimeDistribution& target) {
    const auto own = section.find(key);
    const auto value = own || !step_section ? own : step_section->find(key);
    if (!value) return;
    const bool in_sessions = is_in_sessions(*value);
    if (in_sessions ? step_section != nullptr : own.has_value())
      target = read_time(*value, frame, values_).value_or(TimeDistribution{});
  };
  read("remission_time", arm.remission_time);
  read("intolerance_time", arm.intolerance_time);
  read("no_response_time", arm.no_response_time);
}

}  // namespace stardsim

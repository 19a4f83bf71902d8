#include "sim/io/economics_reader.hpp"

#include "models/inputs.hpp"
#include "sim/io/covariate_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace stardsim {
namespace {

constexpr std::size_t most_thresholds = 100;
constexpr std::size_t most_perspectives = 16;
constexpr std::size_t most_bands = 151;
constexpr std::size_t most_event_costs = 16;
constexpr std::size_t most_rules = 16;

constexpr WholeRange year_of_prices{"a year (1900 to 2100)", 1900, 2100};
constexpr WholeRange line_of_rule{"the number of a line (1 to 64)", 1, 64};
constexpr WholeRange trials_of_rule{"a number of trials (1 to 63)", 1, 63};

constexpr Quantity yearly_rate =
    held_as("a discount rate is a convention",
            of_kind(ValueKind::probability, {"a yearly rate (0 to 1)", 0, 1}));
constexpr Quantity threshold{"a threshold (0 to 1e12)", 0, 1e12};
constexpr Quantity age_in_years{"an age in years (0 to 119)", 0, 119};
constexpr Quantity qaly_loss =
    of_kind(ValueKind::positive, {"a loss of QALYs (0 to 10)", 0, 10});
constexpr Quantity weeks_of_loss{"a number of weeks (0 to 5218)", 0, 5218};

const char* const discount_needed =
    "how costs and effects are discounted, such as { costs = 0.03, effects = "
    "0.03 } or \"none\",";

bool is_currency(const std::string& text) {
  return text.size() == 3 && std::all_of(text.begin(), text.end(), [](char c) {
           return c >= 'A' && c <= 'Z';
         });
}

std::vector<std::string> keys_of(const std::optional<Value>& section,
                                 std::size_t most) {
  std::vector<std::string> keys;
  const auto* table =
      section ? std::get_if<Table>(&section->node.value) : nullptr;
  if (!table) return keys;
  for (const Entry& entry : table->entries)
    if (keys.size() < most) keys.push_back(entry.key);
  return keys;
}

// The key of the first share of earnings, or "".
std::string share_of_earnings_in(const std::vector<CostKind>& kinds) {
  for (const CostKind& kind : kinds)
    for (const Cost& cost : kind.rates)
      if (cost.of_earnings) return cost.amount.key;
  return "";
}

// As certain as it was, under a key of its own, since it is no longer the
// number of the file. What comes out is a loss of QALYs, of which there are no
// counts: their standard deviation is kept.
Evidence scaled(Evidence evidence, double factor) {
  const double sd = standard_error(evidence);
  evidence.key.replace(evidence.key.rfind('.') + 1, std::string::npos,
                       "qaly_loss");
  evidence.kind = qaly_loss.kind;
  evidence.range = {qaly_loss.lowest, qaly_loss.highest, qaly_loss.allowed};
  evidence.value *= factor;
  if (auto* interval = std::get_if<Interval>(&evidence.certainty)) {
    interval->low *= factor;
    interval->high *= factor;
  } else if (auto* uniform = std::get_if<Uniform>(&evidence.certainty)) {
    uniform->low *= factor;
    uniform->high *= factor;
  } else if (sd > 0) {
    evidence.certainty = Spread{sd * factor};
  }
  return evidence;
}

}  // namespace

EconomicsReader::EconomicsReader(Section& root, const ValueReader& values)
    : values_(values),
      problems_(values.problems()),
      economics_(root.find("economics")),
      kinds_(root.find("costs")),
      utilities_(root.find("utilities")),
      adverse_events_(root.find("adverse_events")),
      costs_(names_, values) {
  read_names();
  refuse_without_economics();
}

// Those of currency and year that cannot be used are found when they are read.
void EconomicsReader::read_names() {
  names_.is_stated = economics_.has_value();
  names_.has_utilities = utilities_.has_value();
  names_.kinds = keys_of(kinds_, most_cost_kinds);
  names_.adverse_events = keys_of(adverse_events_, most_adverse_events);
  const auto* table =
      economics_ ? std::get_if<Table>(&economics_->node.value) : nullptr;
  if (!table) return;
  if (const Entry* entry = table->find("currency"))
    if (const auto* text = std::get_if<std::string>(&entry->node.value))
      if (is_currency(*text)) names_.currency = *text;
  if (const Entry* entry = table->find("price_year"))
    if (const auto* year = std::get_if<std::int64_t>(&entry->node.value))
      names_.price_year = static_cast<std::uint32_t>(
          *year >= 1900 && *year <= 2100 ? *year : 0);
  if (const Entry* entry = table->find("allow_negative"))
    if (const auto* flag = std::get_if<bool>(&entry->node.value))
      names_.allows_negative = *flag;
}

void EconomicsReader::refuse_without_economics() const {
  for (const auto* section : {&kinds_, &utilities_, &adverse_events_})
    if (*section) require_economics(names_, **section, problems_);
}

std::optional<Economics> EconomicsReader::read(
    const EconomicsContext& context) const {
  const Table* table = economics_ ? as_table(*economics_, problems_) : nullptr;
  if (!table) return std::nullopt;
  Economics economics;
  Section section(*table, *economics_, problems_);
  read_money(section, economics);
  economics.weekly =
      section.choice("accrual", {"continuous", "weekly"}) == std::size_t{1};
  read_discount(section, economics);
  read_thresholds(section, economics);
  for (const NamedValue& entry :
       named_values(kinds_, most_cost_kinds, problems_))
    economics.kinds.push_back(kind(entry, economics.kinds.size()));
  read_perspectives(section, economics);
  if (const auto value = section.find("earnings"))
    economics.earnings = earnings(*value, context);
  const std::string share = share_of_earnings_in(economics.kinds);
  if (!share.empty() && !economics.earnings)
    section.require("earnings", fmt::format("since {} is a share of them, what "
                                            "patients earn by age and sex",
                                            share));
  if (utilities_) economics.utilities = utilities(context);
  for (const NamedValue& entry :
       named_values(adverse_events_, most_adverse_events, problems_))
    economics.adverse_events.push_back(adverse_event(entry, context));
  section.finish();
  return economics;
}

// ---- [economics] ----

void EconomicsReader::read_money(Section& section, Economics& economics) const {
  if (const auto value =
          section.require("currency", "the currency, such as \"USD\",")) {
    const std::size_t problems_before = problems_.count();
    economics.currency = as_text(*value, problems_);
    if (problems_.count() == problems_before &&
        !is_currency(economics.currency))
      add_problem(problems_, *value,
                  in_quotes(economics.currency) +
                      " is not a currency (three capital letters, such as "
                      "USD)");
  }
  section.require("price_year", "the year of all prices");
  economics.price_year = static_cast<std::uint32_t>(
      section.whole_number("price_year", year_of_prices).value_or(0));
  economics.price_source = section.text("price_source");
  if (const auto flag = section.find("allow_negative"))
    as_boolean(*flag, problems_);
}

void EconomicsReader::read_discount(Section& section,
                                    Economics& economics) const {
  Discount& discount = economics.discount;
  const auto value = section.require("discount", discount_needed);
  if (!value) return;
  if (const auto* text = std::get_if<std::string>(&value->node.value);
      text && *text == "none") {
    discount.form = DiscountForm::none;
    return;
  }
  const Table* table = as_table(*value, problems_,
                                "\"none\" or { costs = 0.03, effects = 0.03 }");
  if (!table) return;
  Section keys(*table, *value, problems_);
  bool has_rates = false;
  const auto read = [&](const char* key, Evidence& rate) {
    const auto found = values_.find(keys, key, yearly_rate);
    if (!found) return;
    rate = *found;
    has_rates |= rate.value > 0;
  };
  read("costs", discount.costs);
  read("effects", discount.effects);
  if (const auto form = keys.choice("form", {"none", "continuous", "by_year"}))
    discount.form = static_cast<DiscountForm>(*form);
  if (discount.form == DiscountForm::none && has_rates)
    add_problem(problems_, *value,
                "has rates, and a form that uses none; write discount = "
                "\"none\", or the form \"continuous\" or \"by_year\"");
  values_.share_source(keys, {&discount.costs, &discount.effects});
  keys.finish();
}

void EconomicsReader::read_thresholds(Section& section,
                                      Economics& economics) const {
  economics.thresholds = {50'000, 100'000, 150'000};
  const auto value = section.find("thresholds");
  if (!value) return;
  economics.thresholds = values_.numbers(*value, threshold, most_thresholds);
  check_ascending(economics.thresholds, *value, "thresholds", problems_);
}

void EconomicsReader::read_perspectives(Section& section,
                                        Economics& economics) const {
  const auto value = section.find("perspectives");
  for (const NamedValue& entry :
       named_values(value, most_perspectives, problems_))
    economics.perspectives.push_back(perspective(entry));
  if (value && is_empty_table(*value))
    add_problem(problems_, *value,
                "empty; without it there is one, of all kinds of costs");
  if (!value && !economics.kinds.empty()) {
    Perspective all{"all", "All costs", {}};
    for (std::size_t i = 0; i < economics.kinds.size(); ++i)
      all.kinds.push_back(i);
    economics.perspectives.push_back(std::move(all));
  }
  std::vector<std::string> names;
  for (const Perspective& one : economics.perspectives)
    names.push_back(one.name);
  if (const auto name = section.find("perspective"))
    economics.perspective =
        as_name(*name, "a perspective", names, problems_).value_or(0);
}

// Either kinds of costs or a table with a label and kinds.
Perspective EconomicsReader::perspective(const NamedValue& entry) const {
  Perspective perspective{entry.name, entry.name, {}};
  const auto read_kinds = [&](const Value& value) {
    for (const Value& one : one_or_more(value, most_cost_kinds, problems_)) {
      const std::size_t problems_before = problems_.count();
      const std::string name = as_text(one, problems_);
      if (problems_.count() > problems_before) continue;
      const auto kind = index_of_name(name, one, "a kind of [costs]",
                                      names_.kinds, problems_);
      if (!kind) continue;
      auto& kinds = perspective.kinds;
      if (std::find(kinds.begin(), kinds.end(), *kind) != kinds.end())
        add_problem(problems_, one, in_quotes(name) + " stands twice");
      else
        kinds.push_back(*kind);
    }
  };
  const auto* table = std::get_if<Table>(&entry.value.node.value);
  if (!table) {
    read_kinds(entry.value);
    return perspective;
  }
  Section section(*table, entry.value, problems_);
  perspective.label = section.text("label", entry.name);
  if (const auto kinds = section.require("kinds", "an array of kinds of costs"))
    read_kinds(*kinds);
  section.finish();
  return perspective;
}

Earnings EconomicsReader::earnings(const Value& value,
                                   const EconomicsContext& context) const {
  Earnings earnings;
  const Table* table = as_table(value, problems_);
  if (!table) return earnings;
  Section section(*table, value, problems_);
  const auto ages = section.require("from_age", "an array of ages");
  const auto male = section.require("male", "an array of yearly earnings");
  const auto female = section.require("female", "an array of yearly earnings");
  if (ages) {
    earnings.from_age = values_.numbers(*ages, age_in_years, most_bands);
    check_ascending(earnings.from_age, *ages, "ages", problems_);
  }
  const auto read = [&](const std::optional<Value>& array,
                        std::vector<Evidence>& all) {
    if (!array) return;
    all = amounts(*array);
    if (!all.empty() && !earnings.from_age.empty() &&
        all.size() != earnings.from_age.size())
      add_problem(problems_, *array,
                  fmt::format("{} amounts for {} ages; each age needs one",
                              all.size(), earnings.from_age.size()));
  };
  read(male, earnings.male);
  read(female, earnings.female);
  if (!context.has_mortality) {
    section.require("age_covariate",
                    "without [mortality] the covariate that is the age at "
                    "entry");
    section.require("female_covariate",
                    "without [mortality] the covariate that is 1 in women");
  }
  earnings.age_covariate =
      find_number(section, "age_covariate", context.cohort, problems_);
  earnings.female_covariate =
      find_yes_or_no(section, "female_covariate", context.cohort, problems_);
  std::vector<Evidence*> all;
  for (Evidence& one : earnings.male) all.push_back(&one);
  for (Evidence& one : earnings.female) all.push_back(&one);
  values_.share_source(section, all);
  section.finish();
  return earnings;
}

std::vector<Evidence> EconomicsReader::amounts(const Value& value) const {
  std::vector<Evidence> all;
  if (!as_array(value, problems_)) return all;
  for (const Value& one : one_or_more(value, most_bands, problems_))
    all.push_back(costs_.amount(
        {one.node, join_key(value.path, std::to_string(all.size() + 1))}));
  return all;
}

// ---- [costs.KIND] ----

CostKind EconomicsReader::kind(const NamedValue& entry,
                               std::size_t index) const {
  CostKind kind{entry.name, entry.name, {}, {}};
  const Table* table =
      as_table(entry.value, problems_, "a table such as { label = \"Drugs\" }");
  if (!table) return kind;
  Section section(*table, entry.value, problems_);
  kind.label = section.text("label", entry.name);
  kind.rates = costs_.rates(section.find("rates"), index);
  if (const auto events = section.find("events"))
    read_events(*events, index, kind.events);
  section.finish();
  return kind;
}

void EconomicsReader::read_events(const Value& value, std::size_t kind,
                                  std::vector<EventCost>& events) const {
  const bool several = std::holds_alternative<Array>(value.node.value);
  for (const Value& item : one_or_more(value, most_event_costs, problems_)) {
    const Value one{
        item.node, several
                       ? join_key(value.path, std::to_string(events.size() + 1))
                       : value.path};
    EventCost cost{kind, CostlyEvent::relapse, {}};
    const Table* table = as_table(
        one, problems_, "a table such as { value = 500, event = \"relapse\" }");
    if (table) {
      Section section(*table, one, problems_);
      const std::vector<std::string> names = {"relapse", "remission", "failure",
                                              "death"};
      cost.amount = costs_.amount(one, {"event"});
      section.require("event", "one of " + listed(names));
      if (const auto choice = section.choice("event", names))
        cost.event = static_cast<CostlyEvent>(*choice);
    }
    events.push_back(std::move(cost));
  }
}

// ---- [utilities] ----

Utilities EconomicsReader::utilities(const EconomicsContext& context) const {
  Utilities utilities;
  const Table* table = as_table(*utilities_, problems_);
  if (!table) return utilities;
  Section section(*table, *utilities_, problems_);
  read_utilities(section, context, utilities.by_health);
  if (const auto value = section.find("resistant"))
    if (const Table* inner = as_table(*value, problems_)) {
      Section keys(*inner, *value, problems_);
      read_utilities(keys, context, utilities.resistant.emplace());
      keys.finish();
    }
  section.finish();
  return utilities;
}

// That of a state that nobody can be in is as without response.
void EconomicsReader::read_utilities(
    Section& section, const EconomicsContext& context,
    std::array<Evidence, health_count>& by_health) const {
  const auto& names = health_names();
  constexpr auto partial = static_cast<std::size_t>(Health::partial_response);
  for (std::size_t i = 0; i < health_count; ++i) {
    const bool needed = i != partial || context.partial_response_occurs;
    if (section.find(names[i]) || needed)
      by_health[i] = values_.require(section, names[i], utility);
    else
      by_health[i] = by_health[0];
  }
  values_.share_source(section, {&by_health[0], &by_health[1], &by_health[2]});
}

// ---- [adverse_events.NAME] ----

AdverseEvent EconomicsReader::adverse_event(
    const NamedValue& entry, const EconomicsContext& context) const {
  AdverseEvent event;
  event.name = event.label = entry.name;
  const Table* table = as_table(entry.value, problems_);
  if (!table) return event;
  Section section(*table, entry.value, problems_);
  event.label = section.text("label", entry.name);
  event.qaly_loss = loss_of(section, context);
  event.costs = costs_.one_off_costs(section.find("costs"));
  section.finish();
  return event;
}

// Stated, or from a decrement over some weeks.
Evidence EconomicsReader::loss_of(Section& section,
                                  const EconomicsContext& context) const {
  const auto loss = section.find("qaly_loss");
  const auto lowered = section.find("utility_decrement");
  const auto weeks = section.find("weeks");
  for (const auto& value : {loss, lowered})
    if (value && !utilities_)
      add_problem(problems_, *value,
                  "is a loss of QALYs, and there is no [utilities]");
  if (loss && (lowered || weeks))
    add_problem(problems_, *loss,
                "stands beside utility_decrement or weeks; either is allowed");
  if (weeks && !lowered)
    section.require("utility_decrement", decrement.allowed);
  if (loss) return values_.evidence(*loss, qaly_loss);
  if (!lowered) return AdverseEvent{}.qaly_loss;
  section.require("weeks", "how long it lasts");
  const double length =
      weeks ? values_.number(*weeks, weeks_of_loss) : unusable;
  return scaled(values_.evidence(*lowered, decrement),
                length / context.weeks_per_year);
}

// ---- [resistance] ----

Resistance read_resistance(const std::optional<Value>& value,
                           const ValueReader& values) {
  Problems& problems = values.problems();
  Resistance resistance;
  const Table* table = value ? as_table(*value, problems) : nullptr;
  if (!table) return resistance;
  Section section(*table, *value, problems);
  const auto rules = section.require(
      "any_of", "an array of rules such as { adequate_failed_trials = 2 }");
  section.finish();
  if (!rules) return resistance;
  const EconomicsNames no_names;
  const CostReader reader(no_names, values);
  resistance.any_of.clear();
  for (const Value& one : one_or_more(*rules, most_rules, problems)) {
    const Table* keys = as_table(one, problems);
    if (!keys) continue;
    Section rule_keys(*keys, one, problems);
    Resistance::Rule rule;
    rule.line = static_cast<std::uint32_t>(
        rule_keys.whole_number("line", line_of_rule).value_or(0));
    rule.phase = reader.phases(rule_keys, "phase");
    rule.adequate_failed_trials = static_cast<std::uint32_t>(
        rule_keys.whole_number("adequate_failed_trials", trials_of_rule)
            .value_or(0));
    rule_keys.finish();
    if (keys->entries.empty())
      add_problem(problems, one,
                  "empty; line, phase or adequate_failed_trials is needed");
    resistance.any_of.push_back(std::move(rule));
  }
  return resistance;
}

}  // namespace stardsim

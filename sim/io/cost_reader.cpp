#include "sim/io/cost_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace stardsim {
namespace {

constexpr std::size_t most_costs = 64;  // of one kind in one place
constexpr std::size_t treatment_phases = 3;

constexpr Quantity plain_amount = of_kind(
    ValueKind::amount,
    {"an amount (0 to 1e9; below 0 needs allow_negative = true in [economics])",
     0, 1e9});
constexpr Quantity signed_amount =
    of_kind(ValueKind::amount, {"an amount (-1e9 to 1e9)", -1e9, 1e9});
constexpr Quantity share_of_earnings =
    of_kind(ValueKind::probability, {"a share of earnings (0 to 1)", 0, 1});

const char* const cost_allowed =
    "a table such as { value = 500, per = \"year\", source = \"...\" }";

const std::vector<std::string> money_keys = {"currency", "price_year"};

const std::vector<std::string>& per_names() {
  static const std::vector<std::string> names = {"week", "year", "session",
                                                 "start"};
  return names;
}

// Several in one place have a number in their key, from 1.
std::vector<Value> numbered(const Value& value, std::vector<Value> items) {
  if (!std::holds_alternative<Array>(value.node.value)) return items;
  std::vector<Value> all;
  for (std::size_t i = 0; i < items.size(); ++i)
    all.push_back({items[i].node, join_key(value.path, std::to_string(i + 1))});
  return all;
}

template <class Kind>
std::vector<std::string> names_of(std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i)
    names.emplace_back(name_of(static_cast<Kind>(i)));
  return names;
}

}  // namespace

const std::vector<std::string>& health_names() {
  static const auto names = names_of<Health>(health_count);
  return names;
}

const std::vector<std::string>& phase_names() {
  static const auto names = names_of<Phase>(phase_count);
  return names;
}

void require_economics(const EconomicsNames& names, const Value& value,
                       Problems& problems) {
  if (!names.is_stated)
    add_problem(problems, value,
                "needs [economics] with its currency and price_year, such as "
                "currency = \"USD\", price_year = 2021");
}

CostReader::CostReader(const EconomicsNames& names, const ValueReader& values)
    : names_(names), values_(values), problems_(values.problems()) {}

// ---- amounts ----

Evidence CostReader::amount(const Value& value,
                            const std::vector<std::string>& other_keys) const {
  std::vector<std::string> keys = other_keys;
  keys.insert(keys.end(), money_keys.begin(), money_keys.end());
  Evidence amount = values_.evidence(
      value, names_.allows_negative ? signed_amount : plain_amount, keys);
  check_money(value);
  return amount;
}

// An amount that says in what it is counted must say what the scenario says.
void CostReader::check_money(const Value& value) const {
  const auto* table = std::get_if<Table>(&value.node.value);
  if (!table || names_.currency.empty() || names_.price_year == 0) return;
  Section section(*table, value, problems_);
  const std::string currency = section.text("currency", names_.currency);
  const auto year =
      section.whole_number("price_year", {"a year (1900 to 2100)", 1900, 2100})
          .value_or(names_.price_year);
  if (currency != names_.currency || year != names_.price_year)
    add_problem(
        problems_, value,
        fmt::format("is in {} {}; the scenario counts {} {}: convert it",
                    currency, year, names_.currency, names_.price_year));
}

// ---- costs ----

std::vector<Cost> CostReader::treatment_costs(
    const std::optional<Value>& value) const {
  return by_kind(value, Place::treatment);
}

std::vector<Cost> CostReader::one_off_costs(
    const std::optional<Value>& value) const {
  return by_kind(value, Place::adverse_event);
}

std::vector<Cost> CostReader::by_kind(const std::optional<Value>& value,
                                      Place place) const {
  std::vector<Cost> costs;
  for (const NamedValue& entry :
       named_values(value, most_cost_kinds, problems_)) {
    const auto kind = index_of_name(
        entry.name, entry.value, "a kind of [costs]", names_.kinds, problems_);
    if (kind) read_costs(entry.value, *kind, place, costs);
  }
  return costs;
}

std::vector<Cost> CostReader::rates(const std::optional<Value>& value,
                                    std::size_t kind) const {
  std::vector<Cost> costs;
  if (value) read_costs(*value, kind, Place::rate, costs);
  return costs;
}

void CostReader::read_costs(const Value& value, std::size_t kind, Place place,
                            std::vector<Cost>& costs) const {
  for (const Value& one :
       numbered(value, one_or_more(value, most_costs, problems_)))
    costs.push_back(cost(one, kind, place));
}

Cost CostReader::cost(const Value& value, std::size_t kind, Place place) const {
  Cost cost{kind, {}, {}, Per::year, false};
  const Table* table = as_table(value, problems_, cost_allowed);
  if (!table) return cost;
  Section section(*table, value, problems_);
  if (place != Place::rate && section.find("share_of_earnings")) {
    add_problem(problems_, value,
                "share_of_earnings is for rates of [costs.KIND], not for what "
                "a treatment costs");
    return cost;
  }
  std::vector<std::string> keys = {"per"};
  if (place != Place::adverse_event) {
    keys.emplace_back("health");
    keys.emplace_back("phase");
  }
  if (place == Place::rate) {
    keys.emplace_back("resistant");
    keys.emplace_back("share_of_earnings");
  }
  if (place == Place::rate && section.find("share_of_earnings")) {
    for (const std::string& key : keys) section.find(key);
    read_share(section, value, cost);
  } else {
    cost.amount = amount(value, keys);
  }
  read_per(section, place, cost);
  if (place != Place::adverse_event) read_when(section, place, cost);
  return cost;
}

// Of what the patient earns, by age and sex, while it holds.
void CostReader::read_share(Section& section, const Value& value,
                            Cost& cost) const {
  cost.of_earnings = true;
  cost.amount = *values_.find(section, "share_of_earnings", share_of_earnings);
  values_.share_source(section, {&cost.amount});
  for (const std::string& key : evidence_keys())
    if (section.find(key))
      add_problem(problems_, value,
                  fmt::format("states both {} and share_of_earnings; one of "
                              "them is allowed",
                              key));
  section.finish();
}

void CostReader::read_per(Section& section, Place place, Cost& cost) const {
  if (cost.of_earnings) {
    section.choice("per", {"year"});
    return;
  }
  std::vector<std::string> names = per_names();
  std::size_t first = 0;
  if (place == Place::rate) names.resize(2);
  if (place == Place::adverse_event) {
    first = static_cast<std::size_t>(Per::start);
    names = {per_names()[first]};
  }
  if (!section.require("per", names.size() > 1 ? "one of " + listed(names)
                                               : in_quotes(names.front())))
    return;
  if (const auto choice = section.choice("per", names))
    cost.per = static_cast<Per>(first + *choice);
}

void CostReader::read_when(Section& section, Place place, Cost& cost) const {
  if (cost.per == Per::start) {
    for (const char* key : {"health", "phase"})
      if (const auto value = section.find(key))
        add_problem(problems_, *value,
                    "has no meaning with per = \"start\": it is paid once, at "
                    "the start of the attempt");
    return;
  }
  const bool of_treatment = place == Place::treatment;
  cost.when = when(section, of_treatment ? treatment_phases : phase_count);
  if (of_treatment && cost.when.phase.empty()) {
    cost.when.phase = {Phase::acute};
    if (cost.per != Per::session)
      cost.when.phase = {Phase::acute, Phase::extension, Phase::follow_up};
  }
  if (place != Place::rate) return;
  if (const auto resistant = section.find("resistant"))
    cost.when.resistant = as_boolean(*resistant, problems_);
}

// ---- when ----

When CostReader::when(Section& section, std::size_t phases_allowed) const {
  When when;
  for (const std::size_t health :
       chosen(section, "health", "a state of health", health_names()))
    when.health.push_back(static_cast<Health>(health));
  when.phase = phases(section, "phase", phases_allowed);
  return when;
}

std::vector<Phase> CostReader::phases(Section& section, const std::string& key,
                                      std::size_t count) const {
  const std::vector<std::string> names(
      phase_names().begin(),
      phase_names().begin() + static_cast<std::ptrdiff_t>(count));
  std::vector<Phase> phases;
  for (const std::size_t phase :
       chosen(section, key,
              count < phase_count ? "a phase of treatment" : "a phase", names))
    phases.push_back(static_cast<Phase>(phase));
  return phases;
}

std::vector<std::size_t> CostReader::chosen(
    Section& section, const std::string& key, const std::string& kind,
    const std::vector<std::string>& names) const {
  std::vector<std::size_t> all;
  const auto value = section.find(key);
  if (!value) return all;
  for (const Value& one : one_or_more(*value, names.size(), problems_)) {
    const std::size_t problems_before = problems_.count();
    const std::string name = as_text(one, problems_);
    if (problems_.count() > problems_before) continue;
    const auto index = index_of_name(name, one, kind, names, problems_);
    if (!index) continue;
    if (std::find(all.begin(), all.end(), *index) != all.end())
      add_problem(problems_, one, in_quotes(name) + " stands twice");
    else
      all.push_back(*index);
  }
  return all;
}

}  // namespace stardsim

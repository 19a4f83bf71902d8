#include "sim/io/treatment_economics_reader.hpp"

#include <algorithm>

namespace stardsim {
namespace {

constexpr std::size_t treatment_phases = 3;

}  // namespace

TreatmentEconomicsReader::TreatmentEconomicsReader(const EconomicsNames& names,
                                                   const ValueReader& values)
    : names_(names),
      values_(values),
      costs_(names, values),
      problems_(values.problems()) {}

void TreatmentEconomicsReader::prepare(TreatmentEconomics& economics) const {
  economics.adverse_events.resize(names_.adverse_events.size());
}

void TreatmentEconomicsReader::read(Section& section,
                                    TreatmentEconomics& economics) const {
  TreatmentEconomics own;
  if (const auto value = section.find("costs")) {
    require_economics(names_, *value, problems_);
    if (names_.is_stated) own.costs = costs_.treatment_costs(value);
  }
  if (const auto value = section.find("utility_decrement"))
    read_decrement(*value, own);
  own.death_per_session =
      values_.find(section, "death_per_session", probability);
  if (const auto value = section.find("adverse_events")) {
    require_economics(names_, *value, problems_);
    if (names_.is_stated) read_adverse_events(*value, own);
  }
  economics = merged(std::move(economics), own);
}

void TreatmentEconomicsReader::read_decrement(
    const Value& value, TreatmentEconomics& economics) const {
  require_economics(names_, value, problems_);
  if (names_.is_stated && !names_.has_utilities)
    add_problem(problems_, value,
                "lowers a utility, and there is no "
                "[utilities]");
  economics.utility_decrement =
      values_.evidence(value, decrement, {"health", "phase"});
  const auto* table = std::get_if<Table>(&value.node.value);
  if (!table) return;
  Section section(*table, value, problems_);
  economics.decrement_when = costs_.when(section, treatment_phases);
  if (economics.decrement_when.phase.empty())
    economics.decrement_when.phase = {Phase::acute};
}

void TreatmentEconomicsReader::read_adverse_events(
    const Value& value, TreatmentEconomics& economics) const {
  economics.adverse_events.resize(names_.adverse_events.size());
  for (const NamedValue& entry :
       named_values(value, most_adverse_events, problems_)) {
    const auto index =
        index_of_name(entry.name, entry.value, "one of [adverse_events]",
                      names_.adverse_events, problems_);
    if (index)
      economics.adverse_events[*index] =
          values_.evidence(entry.value, probability);
  }
}

TreatmentEconomics merged(TreatmentEconomics base,
                          const TreatmentEconomics& own) {
  const auto is_replaced = [&](const Cost& cost) {
    return std::any_of(own.costs.begin(), own.costs.end(),
                       [&](const Cost& one) { return one.kind == cost.kind; });
  };
  std::erase_if(base.costs, is_replaced);
  base.costs.insert(base.costs.end(), own.costs.begin(), own.costs.end());
  if (own.utility_decrement) {
    base.utility_decrement = own.utility_decrement;
    base.decrement_when = own.decrement_when;
  }
  if (own.death_per_session) base.death_per_session = own.death_per_session;
  if (base.adverse_events.size() < own.adverse_events.size())
    base.adverse_events.resize(own.adverse_events.size());
  for (std::size_t i = 0; i < own.adverse_events.size(); ++i)
    if (own.adverse_events[i]) base.adverse_events[i] = own.adverse_events[i];
  return base;
}

std::string counted_by_session(const TreatmentEconomics& economics) {
  for (const Cost& cost : economics.costs)
    if (cost.per == Per::session) return cost.amount.key;
  return economics.death_per_session ? economics.death_per_session->key : "";
}

}  // namespace stardsim

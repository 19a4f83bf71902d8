#include "sim/io/published_reader.hpp"

#include "models/measure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <string>

namespace stardsim {
namespace {

using What = Published::What;

constexpr std::size_t most_figures = 1000;
constexpr double endless = std::numeric_limits<double>::infinity();

constexpr Quantity any_figure{"a number", -endless, endless};
constexpr Quantity half_a_digit{
    "half a unit of the last printed digit (0 or more)"};
constexpr Quantity half_a_digit_of_a_share{
    "half a unit of the last printed digit of a fraction (0 to 0.05)", 0, 0.05};
constexpr WholeRange any_week{"a week (a whole number from 0 on)", 0,
                              1'000'000};
constexpr WholeRange any_position{
    "a position in the pathway (a whole number from 1 on)", 1, max_steps};

constexpr std::array<What, 9> quantities = {
    What::entered,       What::remission,
    What::intolerance,   What::cumulative_remission,
    What::relapse,       What::outcome,
    What::share_of_life, What::difference,
    What::icer};

std::vector<std::string> quantity_names() {
  std::vector<std::string> names;
  names.reserve(quantities.size());
  for (const What what : quantities) names.emplace_back(name_of(what));
  return names;
}

template <class Named>
std::vector<std::string> names_of(const std::vector<Named>& things) {
  std::vector<std::string> names;
  names.reserve(things.size());
  for (const Named& one : things) names.push_back(one.name);
  return names;
}

/// Which keys mean something for a quantity.
std::vector<std::string> keys_of(What what) {
  switch (what) {
    case What::entered:
    case What::remission:
    case What::intolerance:
      return {"estimand", "step", "position", "arm"};
    case What::cumulative_remission:
      return {"estimand", "step", "position", "week"};
    case What::relapse:
      return {"step", "position", "arm", "week"};
    case What::outcome:
    case What::share_of_life:
    case What::difference:
      return {"measure"};
    case What::icer:
      return {};
  }
  return {};
}

bool is_probability(What what) {
  return what != What::outcome && what != What::difference &&
         what != What::icer;
}

bool compares(What what) {
  return what == What::difference || what == What::icer;
}

/// Reads one figure after the other.
class Reader {
 public:
  Reader(const Scenario& scenario, const ValueReader& values,
         const std::vector<std::string>& other_keys)
      : scenario_(scenario),
        values_(values),
        other_keys_(other_keys),
        problems_(values.problems()),
        measures_(measures_of(scenario)) {}

  Published figure(const std::string& name, const Value& value) const {
    Published published;
    published.name = published.label = name;
    const Table* table = as_table(value, problems_);
    if (!table) return published;
    Section section(*table, value, problems_);
    for (const std::string& key : other_keys_) section.find(key);
    published.label = section.text("label", name);
    if (const auto input = section.find("input"))
      published.is_input = as_boolean(*input, problems_).value_or(false);
    published.estimand = static_cast<std::size_t>(Estimand::observed);
    published.pathway = scenario_.reference;
    const auto what = quantity(section);
    if (what) {
      published.what = *what;
      read_what(section, published);
    } else {
      for (const char* key : {"pathway", "estimand", "step", "position", "arm",
                              "week", "measure"})
        section.find(key);  // known; what it means is not
    }
    const bool is_share =
        what && (is_probability(*what) || is_share_of_patients(published));
    published.figure =
        values_.require(section, "figure", is_share ? probability : any_figure);
    if (const auto rounding = section.find("rounding"))
      published.rounding = values_.number(
          *rounding, is_share ? half_a_digit_of_a_share : half_a_digit);
    section.finish();
    return published;
  }

 private:
  // Means of what a patient has or has not; their differences may be negative.
  bool is_share_of_patients(const Published& published) const {
    const std::size_t m = find_measure(measures_, published.measure);
    return published.what == What::outcome && m != no_measure &&
           measures_[m].what <= Measure::What::procedure_death;
  }

  std::optional<What> quantity(Section& section) const {
    const std::vector<std::string> names = quantity_names();
    const auto value = section.require("quantity", "one of " + listed(names));
    const std::size_t problems_before = problems_.count();
    const std::string name = value ? as_text(*value, problems_) : "";
    if (!value || problems_.count() > problems_before) return std::nullopt;
    const auto index =
        index_of_name(name, *value, "a quantity", names, problems_);
    if (!index) return std::nullopt;
    return quantities[*index];
  }

  void read_what(Section& section, Published& published) const {
    refuse_what_is_not_used(section, published.what);
    const std::vector<std::string> keys = keys_of(published.what);
    const auto uses = [&](const char* key) {
      return std::find(keys.begin(), keys.end(), key) != keys.end();
    };
    if (!read_pathway(section, published)) {
      for (const std::string& key : keys) section.find(key);
      return;
    }
    if (uses("estimand")) read_estimand(section, published);
    if (uses("step")) read_step(section, published);
    if (uses("arm")) read_arm(section, published);
    if (uses("week")) read_week(section, published);
    if (uses("measure")) read_measure(section, published);
    check_economics(section, published.what);
    check_that_it_happens(section, published);
  }

  void refuse_what_is_not_used(Section& section, What what) const {
    const std::vector<std::string> keys = keys_of(what);
    for (const char* key :
         {"estimand", "step", "position", "arm", "week", "measure"}) {
      const auto value = section.find(key);
      if (value && std::find(keys.begin(), keys.end(), key) == keys.end())
        add_problem(problems_, *value,
                    fmt::format("has no meaning with quantity = {}",
                                in_quotes(name_of(what))));
    }
  }

  bool read_pathway(Section& section, Published& published) const {
    const auto value = section.find("pathway");
    if (scenario_.pathways.empty()) return false;
    if (value) {
      const auto index =
          as_name(*value, "a pathway", names_of(scenario_.pathways), problems_);
      if (!index) return false;
      published.pathway = *index;
    }
    if (!compares(published.what) || published.pathway != scenario_.reference)
      return true;
    const std::string reference =
        in_quotes(scenario_.pathways[scenario_.reference].name);
    if (value)
      add_problem(problems_, *value,
                  reference +
                      " is the reference; another pathway, compared "
                      "with it, is needed");
    else
      section.require("pathway",
                      "a pathway other than the reference, " + reference + ",");
    return true;
  }

  void read_estimand(Section& section, Published& published) const {
    published.estimand = static_cast<std::size_t>(scenario_.estimand);
    std::vector<std::string> names;
    for (std::size_t i = 0; i < estimand_count; ++i)
      names.emplace_back(name_of(static_cast<Estimand>(i)));
    if (const auto choice = section.choice("estimand", names))
      published.estimand = *choice;
  }

  const Pathway& pathway_of(const Published& published) const {
    return scenario_.pathways[published.pathway];
  }
  const Step& step_of(const Published& published) const {
    return scenario_.steps.at(pathway_of(published).steps[*published.step]);
  }

  // The places in the pathway, from 1, of steps with this name.
  std::vector<std::string> places_of(const Pathway& pathway,
                                     const std::string& name) const {
    std::vector<std::string> places;
    for (std::size_t i = 0; i < pathway.steps.size(); ++i)
      if (scenario_.steps.at(pathway.steps[i]).name == name)
        places.push_back(std::to_string(i + 1));
    return places;
  }

  void read_step(Section& section, Published& published) const {
    const auto position = section.find("position");
    const bool may_be_absent = published.what == What::relapse ||
                               published.what == What::cumulative_remission;
    const auto value = may_be_absent
                           ? section.find("step")
                           : section.require("step", "the name of a step");
    if (!value) {
      if (position)
        add_problem(problems_, *position,
                    "needs step, the name of the step there");
      return;
    }
    const std::size_t problems_before = problems_.count();
    const std::string name = as_text(*value, problems_);
    if (problems_.count() > problems_before) return;
    const Pathway& pathway = pathway_of(published);
    const auto places = places_of(pathway, name);
    if (places.empty()) {
      std::vector<std::string> names;
      for (const std::size_t step : pathway.steps)
        names.push_back(scenario_.steps.at(step).name);
      index_of_name(name, *value,
                    "a step of the pathway " + in_quotes(pathway.name), names,
                    problems_);
      return;
    }
    std::string place = places.front();
    if (position) {
      const auto number = as_whole_number(*position, any_position, problems_);
      if (!number) return;
      place = std::to_string(*number);
      if (std::find(places.begin(), places.end(), place) == places.end())
        return add_problem(
            problems_, *position,
            fmt::format("{} is not where {} stands in the pathway {}: {}",
                        place, in_quotes(name), in_quotes(pathway.name),
                        listed(places)));
    } else if (places.size() > 1) {
      return add_problem(
          problems_, *value,
          fmt::format("{} comes more than once in the pathway {}; position, "
                      "one of {}, is needed",
                      in_quotes(name), in_quotes(pathway.name),
                      listed(places)));
    }
    published.step = std::stoul(place) - 1;
  }

  void read_arm(Section& section, Published& published) const {
    const auto value = section.find("arm");
    if (!value) return;
    if (!section.find("step"))
      return add_problem(problems_, *value, "needs step, whose arm it is");
    const std::size_t problems_before = problems_.count();
    const std::string name = as_text(*value, problems_);
    if (!published.step || problems_.count() > problems_before) return;
    const Step& step = step_of(published);
    published.arm = index_of_name(name, *value,
                                  "an arm of the step " + in_quotes(step.name),
                                  names_of(step.arms), problems_);
  }

  void read_week(Section& section, Published& published) const {
    const auto value =
        published.what == What::relapse
            ? section.require("week", "the week since entering follow-up")
            : section.find("week");
    if (published.what == What::cumulative_remission) {
      const auto step = section.find("step");
      if (!value && !step)
        section.add("step or week is needed: by the end of which");
      if (value && step)
        add_problem(problems_, *value,
                    "stands beside step; one of them is allowed");
    }
    if (!value) return;
    const auto week = as_whole_number(*value, any_week, problems_);
    if (!week) return;
    if (*week > scenario_.horizon)
      return add_problem(problems_, *value,
                         fmt::format("{} lies beyond the horizon, {} weeks",
                                     *week, scenario_.horizon));
    published.week = static_cast<std::uint32_t>(*week);
  }

  void read_measure(Section& section, Published& published) const {
    const auto value =
        section.require("measure", "the name of an outcome measure");
    if (!value) return;
    const std::size_t problems_before = problems_.count();
    const std::string name = as_text(*value, problems_);
    if (problems_.count() > problems_before) return;
    const auto index = index_of_name(name, *value, "a measure of this scenario",
                                     names_of(measures_), problems_);
    if (!index) return;
    published.measure = name;
    if (published.what == What::share_of_life &&
        measures_[*index].unit != "weeks")
      add_problem(problems_, *value,
                  in_quotes(name) +
                      " is not in weeks, which are needed for a "
                      "share of life");
  }

  void check_economics(Section& section, What what) const {
    if (what != What::icer) return;
    const auto& economics = scenario_.economics;
    if (!economics || !economics->utilities || economics->perspectives.empty())
      section.add(
          "quantity = \"icer\" needs costs and utilities; this scenario lacks "
          "one of them or both");
  }

  // A figure of what cannot happen here would be held against nothing.
  void check_that_it_happens(Section& section,
                             const Published& published) const {
    if (published.what == What::intolerance && published.step) {
      const Step& step = step_of(published);
      const bool states =
          published.arm ? step.arms[*published.arm].intolerance.has_value()
                        : every_arm_states(step, &Arm::intolerance);
      if (!states)
        section.add("intolerance is not stated there by the scenario");
    }
    if (published.what != What::relapse) return;
    const Pathway& pathway = pathway_of(published);
    bool relapses = false;
    for (std::size_t s = 0; s < pathway.steps.size(); ++s)
      if (!published.step || *published.step == s) {
        const auto& arms = scenario_.steps.at(pathway.steps[s]).arms;
        for (std::size_t a = 0; a < arms.size(); ++a)
          if (!published.arm || *published.arm == a)
            relapses = relapses || arms[a].follow_up_remitted.relapse;
      }
    if (!relapses)
      section.add("nobody relapses there: no follow_up.remitted.relapse");
  }

  const Scenario& scenario_;
  const ValueReader& values_;
  const std::vector<std::string>& other_keys_;
  Problems& problems_;
  std::vector<Measure> measures_;
};

}  // namespace

std::vector<Published> read_published(
    const std::optional<Value>& value, const Scenario& scenario,
    const ValueReader& values, const std::vector<std::string>& other_keys) {
  if (!value) return {};
  const Reader reader(scenario, values, other_keys);
  std::vector<Published> figures;
  for (const NamedValue& entry :
       named_values(value, most_figures, values.problems()))
    figures.push_back(reader.figure(entry.name, entry.value));
  return figures;
}

}  // namespace stardsim

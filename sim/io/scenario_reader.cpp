#include "sim/io/scenario_reader.hpp"

#include "models/units.hpp"
#include "sim/io/extends.hpp"
#include "sim/io/step_reader.hpp"
#include "sim/io/value_reader.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <optional>
#include <regex>
#include <stdexcept>
#include <utility>
#include <vector>

namespace stardsim {
namespace {

constexpr std::size_t most_names = 1000;  // sources, treatments, steps
constexpr std::size_t most_pathways = 64;
constexpr std::uint32_t longest_horizon = 5218;  // weeks: 100 years

constexpr WholeRange patients_range{
    "a number of patients (a whole number from 1 to 2^40, e.g. 100000 or 1e6)",
    1, max_patients};
constexpr WholeRange seed_range{"a seed (a whole number from 0 to 2^63-1)", 0,
                                (std::uint64_t{1} << 63) - 1};
constexpr WholeRange horizon_range{"a number of whole weeks (1 to 5218)", 1,
                                   longest_horizon};

// Sections merge by name, and so does what carries a name: treatments, steps,
// their arms, pathways. All else is a value.
bool merges_by_name(const std::vector<std::string>& path) {
  const std::string& section = path.front();
  if (path.size() == 1) return true;
  if (path.size() == 2)
    return section == "treatments" || section == "steps" ||
           section == "pathways";
  return section == "steps" && path[2] == "arms" && path.size() <= 4;
}

std::optional<std::string> hint_for_header(const std::string& key) {
  if (key == "extends")
    return "; it belongs at the top of the file, above every [section]";
  return std::nullopt;
}

// Builds a Scenario from the tree of its file.
class Reader {
 public:
  Reader(const Table& root, Problems& problems)
      : root_(root, Position{}, "", problems),
        problems_(problems),
        values_(scenario_.sources, problems) {}

  Scenario read() {
    root_.find("extends");  // known, and merged already
    const auto header = root_.find("scenario");
    const auto cohort = root_.find("cohort");
    // What is referred to comes before what refers to it.
    read_sources();
    read_treatments();
    read_steps();
    read_pathways();
    read_header(header);
    read_cohort(cohort);
    root_.finish();
    return std::move(scenario_);
  }

 private:
  void read_sources() {
    const auto sources = root_.find("sources");
    for (const NamedValue& entry : named_values(sources, most_names, problems_))
      scenario_.sources.push_back(
          {entry.name, as_text(entry.value, problems_)});
  }

  void read_treatments() {
    const auto treatments = root_.find("treatments");
    for (const NamedValue& entry :
         named_values(treatments, most_names, problems_))
      scenario_.treatments.push_back(treatment(entry.name, entry.value));
  }

  Treatment treatment(const std::string& name, const Value& value) {
    Treatment treatment;
    treatment.name = treatment.label = name;
    const Table* table = as_table(value, problems_);
    if (!table) return treatment;
    Section section(*table, value, problems_);
    treatment.label = section.text("label", name);
    treatment.treatment_class = section.text("class");
    treatment.adequate_dose = section.text("adequate_dose");
    if (const auto weeks = section.find("adequate_weeks"))
      treatment.adequate_weeks = values_.evidence(*weeks, positive);
    treatment.source = values_.source(section);
    section.finish();
    return treatment;
  }

  void read_steps() {
    const StepReader reader(values_, scenario_.treatments, problems_);
    const auto steps = root_.require("steps", "at least one step");
    for (const NamedValue& entry : named_values(steps, most_names, problems_)) {
      scenario_.steps.push_back(reader.step(entry.name, entry.value));
      step_names_.push_back(entry.name);
    }
    if (steps && is_empty_table(*steps))
      add_problem(problems_, *steps, "empty; at least one step is needed");
  }

  // ---- pathways ----

  void read_pathways() {
    const auto pathways = root_.require("pathways", "at least one pathway");
    for (const NamedValue& entry :
         named_values(pathways, most_pathways, problems_)) {
      scenario_.pathways.push_back(pathway(entry.name, entry.value));
      pathway_names_.push_back(entry.name);
    }
    if (pathways && is_empty_table(*pathways))
      add_problem(problems_, *pathways,
                  "empty; at least one pathway is needed");
  }

  // Either an array of steps or a table with a label and such an array.
  Pathway pathway(const std::string& name, const Value& value) {
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
    const std::uint32_t weeks = week_of(length(pathway));
    if (weeks > longest_horizon)
      add_problem(problems_, value,
                  fmt::format("lasts {} weeks; at most {} can be simulated",
                              weeks, longest_horizon));
    return pathway;
  }

  std::vector<std::size_t> steps_of(const Value& value) {
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
      if (const auto index = as_name(Value{item, value.path}, "a step",
                                     step_names_, problems_))
        steps.push_back(*index);
    return steps;
  }

  // Steps of unusable length count as nothing.
  Ticks length(const Pathway& pathway) const {
    Ticks ticks = 0;
    for (const std::size_t step : pathway.steps) {
      const double weeks = scenario_.steps[step].weeks.value;
      if (!std::isnan(weeks)) ticks += to_ticks(weeks);
    }
    return ticks;
  }

  // ---- the scenario as a whole ----

  void read_header(const std::optional<Value>& value) {
    const Table nothing;
    const Table* table = value ? as_table(*value, problems_) : &nothing;
    if (!table) return;
    Section section(*table, value ? value->node.where : Position{}, "scenario",
                    problems_);
    section.require("title", "a title in quotes");
    scenario_.title = section.text("title");
    scenario_.description = section.text("description");
    const auto reference =
        section.require("reference", "the name of a pathway");
    if (reference && !pathway_names_.empty())
      scenario_.reference =
          as_name(*reference, "a pathway", pathway_names_, problems_)
              .value_or(0);
    read_horizon(section);
    if (const auto choice = section.choice(
            "estimand",
            {name_of(Estimand::if_all_continue), name_of(Estimand::observed)}))
      scenario_.estimand = static_cast<Estimand>(*choice);
    // There is only one so far, so that reading it is checking it.
    section.choice("line_dependence", {name_of(LineDependence::as_observed)});
    section.finish(hint_for_header);
  }

  void read_horizon(Section& section) {
    const Pathway* longest = nullptr;
    for (const Pathway& pathway : scenario_.pathways)
      if (!longest || length(pathway) > length(*longest)) longest = &pathway;
    const std::uint32_t shortest = longest ? week_of(length(*longest)) : 0;
    const auto horizon = whole_number(section, "horizon", horizon_range);
    scenario_.horizon = static_cast<std::uint32_t>(horizon.value_or(shortest));
    if (scenario_.horizon < shortest)
      add_problem(
          problems_, *section.find("horizon"),
          fmt::format("{} weeks are shorter than the pathway {}, which "
                      "lasts {}",
                      scenario_.horizon, in_quotes(longest->name), shortest));
  }

  void read_cohort(const std::optional<Value>& value) {
    const Table* table = value ? as_table(*value, problems_) : nullptr;
    if (!table) return;
    Section section(*table, *value, problems_);
    Cohort& cohort = scenario_.cohort;
    cohort.patients = whole_number(section, "patients", patients_range)
                          .value_or(cohort.patients);
    cohort.seed =
        whole_number(section, "seed", seed_range).value_or(cohort.seed);
    section.finish();
  }

  std::optional<std::uint64_t> whole_number(Section& section,
                                            const std::string& key,
                                            const WholeRange& range) {
    const auto value = section.find(key);
    if (!value) return std::nullopt;
    return as_whole_number(*value, range, problems_);
  }

  static bool is_empty_table(const Value& value) {
    const auto* table = std::get_if<Table>(&value.node.value);
    return table && table->entries.empty();
  }

  Section root_;
  Problems& problems_;
  Scenario scenario_;
  ValueReader values_;
  std::vector<std::string> step_names_, pathway_names_;
};

// The digits of a whole number written like 100_000, 1e6 or 2.5e3; "" if it is
// not written like that or is not whole.
std::string whole_digits(const std::string& text) {
  constexpr std::size_t longest = 40;
  static const std::regex form(
      R"(([0-9]+(?:_[0-9]+)*)(?:\.([0-9]+))?(?:[eE]\+?([0-9]{1,2}))?)");
  std::smatch parts;
  if (text.size() > longest || !std::regex_match(text, parts, form)) return "";
  std::string digits = parts[1];
  std::erase(digits, '_');
  std::string fraction = parts[2];
  const std::size_t exponent =
      parts[3].matched ? std::stoul(parts[3].str()) : 0;
  if (fraction.size() < exponent) fraction.resize(exponent, '0');
  digits += fraction.substr(0, exponent);
  if (fraction.find_first_not_of('0', exponent) != std::string::npos) return "";
  return digits;
}

std::uint64_t parse_whole_number(const std::string& text,
                                 const WholeRange& range) {
  const std::string digits = whole_digits(text);
  std::uint64_t number = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || number < range.lowest || number > range.highest)
    throw std::invalid_argument(
        fmt::format("{} is not {}", in_quotes(text), range.allowed));
  return number;
}

}  // namespace

ScenarioFile read_scenario(const std::filesystem::path& path) {
  Problems problems;
  Document document = read_document(path, merges_by_name, problems);
  Scenario scenario = Reader(document.root, problems).read();
  problems.throw_if_any();
  return {path, std::move(scenario), std::move(document.text),
          std::move(document.files)};
}

std::uint64_t parse_patients(const std::string& text) {
  return parse_whole_number(text, patients_range);
}

std::uint64_t parse_seed(const std::string& text) {
  return parse_whole_number(text, seed_range);
}

}  // namespace stardsim

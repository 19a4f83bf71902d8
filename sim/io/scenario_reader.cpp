#include "sim/io/scenario_reader.hpp"

#include "models/units.hpp"
#include "sim/io/economics_reader.hpp"
#include "sim/io/extends.hpp"
#include "sim/io/mortality_reader.hpp"
#include "sim/io/pathway_reader.hpp"
#include "sim/io/published_reader.hpp"
#include "sim/io/staging_reader.hpp"
#include "sim/io/step_reader.hpp"
#include "sim/io/time_reader.hpp"
#include "sim/io/treatment_economics_reader.hpp"
#include "sim/io/uncertainty_reader.hpp"
#include "sim/io/value_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
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
constexpr std::size_t most_classes = 32;
constexpr std::uint32_t longest_horizon = 5218;  // weeks: 100 years

constexpr WholeRange patients_range{
    "a number of patients (a whole number from 1 to 2^40, e.g. 100000 or 1e6)",
    1, max_patients};
constexpr WholeRange seed_range{"a seed (a whole number from 0 to 2^63-1)", 0,
                                (std::uint64_t{1} << 63) - 1};
constexpr WholeRange horizon_range{"a number of whole weeks (1 to 5218)", 1,
                                   longest_horizon};
constexpr Quantity years_of_horizon{"a number of years (0.001 to 100)", 0.001,
                                    100};
constexpr Quantity weeks_in_a_year{"a number of weeks (50 to 54)", 50, 54};
constexpr Quantity weeks_of_remission{
    "a number of weeks (above 0, at most 520)", 0, 520, false};
constexpr WholeRange later_line{"the number of a later line (2 to 64)", 2,
                                max_steps};
constexpr Quantity line_ratio =
    of_kind(ValueKind::ratio, {"a ratio (above 0, at most 1)", 0, 1, false});

// How deep the tables of a treatment, a step or an arm merge, from the place of
// their key in the path.
bool merges_within(const std::vector<std::string>& path, std::size_t at) {
  const std::string& key = path[at];
  const std::size_t levels = path.size() - at;
  if (key == "effects" || key == "follow_up") return levels <= 2;
  return levels == 1 && (key == "costs" || key == "adverse_events" ||
                         key == "extension" || key == "gap_return");
}

// Sections merge by name, and so does what carries a name: treatments, steps,
// their arms, pathways, covariates, subgroups, kinds of costs, perspectives,
// adverse events, published figures; and the sections within a treatment, a
// step or an arm. All else is a value.
bool merges_by_name(const std::vector<std::string>& path) {
  const std::size_t depth = path.size();
  if (depth == 1) return true;
  const std::string& section = path.front();
  if (section == "effects" || section == "follow_up")
    return merges_within(path, 0);
  if (section == "cohort")
    return depth == 2 || (path[1] == "correlations" && depth == 3);
  if (section == "economics") return depth == 2 && path[1] == "perspectives";
  if (section == "utilities") return depth == 2 && path[1] == "resistant";
  if (section == "mortality")
    return depth == 2 && (path[1] == "hazard_ratio" || path[1] == "suicide" ||
                          path[1] == "suicide_resistant");
  if (section == "costs") return depth == 2;
  if (section == "adverse_events")
    return depth == 2 || (depth == 3 && path[2] == "costs");
  if (section == "pathways" || section == "published") return depth == 2;
  if (section == "uncertainty") return depth <= 3;
  if (section == "treatments") return depth == 2 || merges_within(path, 2);
  if (section != "steps") return false;
  if (depth == 2) return true;
  if (path[2] != "arms") return merges_within(path, 2);
  return depth <= 4 || merges_within(path, 4);
}

std::optional<std::string> hint_for_header(const std::string& key) {
  if (key == "extends")
    return "; it belongs at the top of the file, above every [section]";
  return std::nullopt;
}

const std::vector<std::string>& estimand_names() {
  static const std::vector<std::string> names = {
      name_of(Estimand::if_all_continue), name_of(Estimand::observed),
      name_of(Estimand::sustained)};
  return names;
}

const std::vector<std::string>& line_dependence_names() {
  static const std::vector<std::string> names = {
      name_of(LineDependence::as_observed), name_of(LineDependence::same),
      name_of(LineDependence::ratios), name_of(LineDependence::frailty)};
  return names;
}

// Builds a Scenario from the tree of its file.
class Reader {
 public:
  Reader(const Table& root, Problems& problems)
      : root_(root, Position{}, "", problems),
        problems_(problems),
        values_(scenario_.sources, problems),
        cohort_reader_(values_) {}

  Scenario read() {
    root_.find("extends");       // known, and merged already
    root_.find("alternatives");  // known, and taken out
    const auto header = root_.find("scenario");
    const Table nothing;
    const Table* table = header ? as_table(*header, problems_) : nullptr;
    Section header_section(table ? *table : nothing,
                           header ? header->node.where : Position{}, "scenario",
                           problems_);
    // What is referred to comes before what refers to it.
    read_sources();
    read_time();
    const EconomicsReader economics(root_, values_);
    const TreatmentEconomicsReader treatment_economics(economics.names(),
                                                       values_);
    scenario_.cohort =
        cohort_reader_.read(root_.find("cohort"), root_.find("propensity"));
    data_files_ = cohort_reader_.files();
    read_treatments(treatment_economics);
    const auto steps = root_.require("steps", "at least one step");
    PathwayReader pathways(names_in(steps), problems_);
    scenario_.pathways =
        pathways.read(root_.require("pathways", "at least one pathway"));
    if (table || !header) read_header(header_section, pathways);
    read_line_ratios();
    read_untreated();
    read_what_refers_to_covariates(steps, treatment_economics);
    check_class_repeats();
    scenario_.resistance = read_resistance(root_.find("resistance"), values_);
    scenario_.mortality = read_mortality(
        root_.find("mortality"), scenario_.cohort, values_, data_files_);
    scenario_.economics = economics.read(
        {scenario_.cohort, scenario_.time.weeks_per_year,
         partial_response_occurs(), root_.find("mortality").has_value()});
    require_mortality();
    pathways.check_lengths(scenario_, longest_horizon);
    read_horizon(header_section, pathways);
    require_gap_return();
    scenario_.published =
        read_published(root_.find("published"), scenario_, values_);
    read_uncertainty(root_.find("uncertainty"), values_, scenario_,
                     data_files_);
    if (table || !header) header_section.finish(hint_for_header);
    root_.finish();
    return std::move(scenario_);
  }

  const std::vector<DataFile>& data_files() const { return data_files_; }

 private:
  void read_sources() {
    const auto sources = root_.find("sources");
    for (const NamedValue& entry : named_values(sources, most_names, problems_))
      scenario_.sources.push_back(
          {entry.name, as_text(entry.value, problems_)});
  }

  // ---- treatments ----

  void read_treatments(const TreatmentEconomicsReader& economics) {
    const auto treatments = root_.find("treatments");
    for (const NamedValue& entry :
         named_values(treatments, most_names, problems_)) {
      treatment_economics_.emplace_back();
      scenario_.treatments.push_back(treatment(
          entry.name, entry.value, economics, treatment_economics_.back()));
      add_class(scenario_.treatments.back().treatment_class, entry.value);
    }
  }

  Treatment treatment(const std::string& name, const Value& value,
                      const TreatmentEconomicsReader& reader,
                      TreatmentEconomics& economics) {
    Treatment treatment;
    treatment.name = treatment.label = name;
    const Table* table = as_table(value, problems_);
    if (!table) return treatment;
    Section section(*table, value, problems_);
    treatment.label = section.text("label", name);
    treatment.treatment_class = section.text("class");
    treatment.adequate_dose = section.text("adequate_dose");
    treatment.adequate_weeks =
        values_.find(section, "adequate_weeks", step_length);
    treatment.source = values_.source(section);
    if (treatment.adequate_weeks && treatment.adequate_weeks->source.empty())
      treatment.adequate_weeks->source = treatment.source;
    reader.read(section, economics);
    section.finish();
    return treatment;
  }

  void add_class(const std::string& name, const Value& treatment) {
    std::vector<std::string>& classes = scenario_.classes;
    if (name.empty() ||
        std::find(classes.begin(), classes.end(), name) != classes.end())
      return;
    if (classes.size() == most_classes)
      add_problem(problems_, treatment,
                  fmt::format("{} is one class more than the {} that are "
                              "allowed",
                              in_quotes(name), most_classes));
    if (classes.size() <= most_classes) classes.push_back(name);
  }

  // ---- the scenario as a whole ----

  void read_header(Section& section, const PathwayReader& pathways) {
    section.require("title", "a title in quotes");
    scenario_.title = section.text("title");
    scenario_.description = section.text("description");
    const auto reference =
        section.require("reference", "the name of a pathway");
    std::vector<std::string> names;
    for (const Pathway& pathway : scenario_.pathways)
      names.push_back(pathway.name);
    if (reference && !names.empty()) {
      const auto index = as_name(*reference, "a pathway", names, problems_);
      has_reference_ = index.has_value();
      scenario_.reference = index.value_or(0);
    }
    section.find("horizon");
    section.find("horizon_years");
    if (const auto choice = section.choice("estimand", estimand_names()))
      scenario_.estimand = static_cast<Estimand>(*choice);
    if (const auto choice =
            section.choice("line_dependence", line_dependence_names()))
      scenario_.line_dependence = static_cast<LineDependence>(*choice);
    if (const auto choice = section.choice("intercepts", {"solved", "given"}))
      scenario_.solve_intercepts = *choice == 0;
    if (scenario_.line_dependence == LineDependence::frailty)
      root_.require("propensity",
                    "with line_dependence = \"frailty\" its spread");
    if (reference && has_reference_ &&
        pathways.is_without_steps(scenario_.reference) &&
        scenario_.line_dependence == LineDependence::frailty)
      add_problem(problems_, *reference,
                  "has no steps, in whose entrants line_dependence = "
                  "\"frailty\" reads the rates");
  }

  void read_line_ratios() {
    const bool needed = scenario_.line_dependence == LineDependence::ratios;
    const auto value =
        needed ? root_.require("line_ratios",
                               "with line_dependence = \"ratios\" a section "
                               "with the key remission")
               : root_.find("line_ratios");
    const Table* table = value ? as_table(*value, problems_) : nullptr;
    if (!table) return;
    Section section(*table, *value, problems_);
    const auto array =
        section.require("remission", "an array of ratios, one for each line,");
    const std::string source = values_.source(section);
    const std::string note = section.text("note");
    const auto repeats = section.find("if_class_repeats");
    section.finish();
    if (repeats && needed) read_class_repeats(*repeats);
    std::vector<Evidence> ratios;
    if (array) ratios = values_.evidence_array(*array, line_ratio, max_steps);
    for (Evidence& one : ratios) {
      if (one.source.empty()) one.source = source;
      if (one.note.empty()) one.note = note;
    }
    if (needed) scenario_.line_ratios = std::move(ratios);
  }

  void read_class_repeats(const Value& value) {
    if_class_repeats_.emplace(value);
    for (const Value& one : one_or_more(value, max_steps, problems_))
      if (const auto line = as_whole_number(one, later_line, problems_))
        scenario_.line_ratio_if_class_repeats.push_back(
            static_cast<std::uint32_t>(*line));
  }

  // Intercepts are solved for one rate of an arm at each line, not for two.
  void check_class_repeats() {
    if (scenario_.line_ratio_if_class_repeats.empty()) return;
    for (const Step& step : scenario_.steps)
      for (const Arm& arm : step.arms)
        if (const std::string key = what_changes_remission(arm); !key.empty())
          return add_problem(
              problems_, *if_class_repeats_,
              fmt::format("is not possible together with what changes "
                          "remission from patient to patient ({})",
                          key));
  }

  static std::string what_changes_remission(const Arm& arm) {
    if (!arm.effects.remission.empty())
      return arm.effects.remission.front().ratio.key;
    for (const auto* ratio :
         {&arm.non_adherence_odds_ratio, &arm.low_dose_odds_ratio})
      if (*ratio) return (*ratio)->key;
    return "";
  }

  void read_untreated() {
    Untreated& untreated = scenario_.untreated;
    if (const auto value = root_.find("gap"))
      if (const Table* table = as_table(*value, problems_)) {
        Section section(*table, *value, problems_);
        section.require("return", "how long until those in a gap come back");
        untreated.gap_return = find_survival(section, "return", values_);
        section.finish();
      }
    if (const auto value = root_.find("untreated"))
      if (const Table* table = as_table(*value, problems_)) {
        Section section(*table, *value, problems_);
        untreated.remission = find_survival(section, "remission", values_);
        untreated.relapse = find_survival(section, "relapse", values_);
        if (section.find("relapse") && !section.find("remission"))
          add_problem(problems_, *section.find("relapse"),
                      "is that of a spontaneous remission, and there is no "
                      "untreated.remission");
        if (const auto in_gaps = section.find("in_gaps")) {
          untreated.remits_in_gaps =
              as_boolean(*in_gaps, problems_).value_or(false);
          if (untreated.remits_in_gaps && !section.find("remission"))
            add_problem(problems_, *in_gaps,
                        "is about spontaneous remission, and there is no "
                        "untreated.remission");
        }
        section.finish();
      }
  }

  // ---- steps ----

  void read_what_refers_to_covariates(
      const std::optional<Value>& steps,
      const TreatmentEconomicsReader& economics) {
    const EffectsReader effects(scenario_.cohort, values_);
    const EligibilityReader eligibility(scenario_.cohort, scenario_.classes,
                                        values_);
    const FollowUpReader follow_up(steps, values_);
    StepContext context{scenario_.treatments,
                        effects,
                        eligibility,
                        follow_up,
                        economics,
                        treatment_economics_,
                        {},
                        scenario_.line_dependence,
                        0};
    Arm& prototype = context.prototype;
    economics.prepare(prototype.economics);
    effects.read(root_.find("effects"), prototype.effects);
    add_propensity(scenario_.cohort, prototype.effects);
    follow_up.read(root_.find("follow_up"), prototype.follow_up_remitted,
                   prototype.follow_up_not_remitted);
    if (has_reference_)
      context.reference_steps =
          scenario_.pathways[scenario_.reference].steps.size();
    read_steps(steps, context);
    scenario_.staging =
        read_staging(root_.find("staging"), scenario_.cohort, problems_);
    scenario_.subgroups = eligibility.subgroups(root_.find("subgroups"));
  }

  void read_steps(const std::optional<Value>& steps,
                  const StepContext& context) {
    const StepReader reader(context, values_);
    const std::vector<StepUse> uses = uses_of_steps();
    for (const NamedValue& entry : named_values(steps, most_names, problems_)) {
      const std::size_t index = scenario_.steps.size();
      const StepUse use = index < uses.size() ? uses[index] : StepUse{};
      scenario_.steps.push_back(reader.step(entry.name, entry.value, use));
    }
    if (steps && is_empty_table(*steps))
      add_problem(problems_, *steps, "empty; at least one step is needed");
  }

  bool partial_response_occurs() const {
    for (const Pathway& pathway : scenario_.pathways)
      for (const std::size_t step : pathway.steps)
        for (const Arm& arm : scenario_.steps.at(step).arms)
          if (arm.partial_response && arm.partial_response->value > 0)
            return true;
    return false;
  }

  // Of the steps up to the last one that is used.
  std::vector<StepUse> uses_of_steps() const {
    std::vector<StepUse> uses;
    for (std::size_t i = 0; i < scenario_.pathways.size(); ++i)
      for (const std::size_t step : scenario_.pathways[i].steps) {
        if (step >= uses.size()) uses.resize(step + 1);
        uses[step].in_a_pathway = true;
        if (i == scenario_.reference) uses[step].in_the_reference = true;
      }
    return uses;
  }

  static std::vector<std::string> names_in(const std::optional<Value>& value) {
    std::vector<std::string> names;
    const auto* table =
        value ? std::get_if<Table>(&value->node.value) : nullptr;
    if (!table) return names;
    for (const Entry& entry : table->entries)
      if (names.size() < most_names) names.push_back(entry.key);
    return names;
  }

  // ---- time ----

  void read_time() {
    TimeRules& time = scenario_.time;
    const auto value = root_.find("time");
    const Table* table = value ? as_table(*value, problems_) : nullptr;
    if (!table) return;
    Section section(*table, *value, problems_);
    if (const auto weeks = section.find("weeks_per_year"))
      time.weeks_per_year = values_.number(*weeks, weeks_in_a_year);
    time.lasting_remission_weeks = time.weeks_per_year / 4;
    if (const auto weeks = section.find("lasting_remission_weeks"))
      time.lasting_remission_weeks = values_.number(*weeks, weeks_of_remission);
    section.finish();
  }

  void read_horizon(Section& section, const PathwayReader& pathways) {
    const std::size_t longest = longest_pathway(scenario_);
    const bool has_pathway = longest < scenario_.pathways.size();
    const std::uint32_t shortest =
        has_pathway ? std::max(weeks_of(scenario_, longest), 1u) : 0;
    auto value = section.find("horizon");
    const auto years = section.find("horizon_years");
    const auto horizon = section.whole_number("horizon", horizon_range);
    scenario_.horizon = static_cast<std::uint32_t>(horizon.value_or(shortest));
    scenario_.horizon_weeks = scenario_.horizon;
    if (value && years)
      return add_problem(problems_, *years,
                         "stands beside horizon; one of them is allowed");
    if (years && !read_horizon_years(*years)) return;
    if (years) value.emplace(*years);
    if (value && scenario_.horizon < shortest)
      add_problem(
          problems_, *value,
          fmt::format("{} weeks are shorter than the pathway {}, which "
                      "lasts {}",
                      scenario_.horizon,
                      in_quotes(scenario_.pathways[longest].name), shortest));
    std::string key = what_goes_on(scenario_);
    if (key.empty()) key = pathways.first_without_steps();
    if (!value && !key.empty())
      section.require("horizon",
                      fmt::format("since time goes on after the treatments "
                                  "({}), the number of weeks to simulate",
                                  key));
  }

  // Results are by week, up to the week in which the horizon lies.
  bool read_horizon_years(const Value& value) {
    const double weeks =
        values_.number(value, years_of_horizon) * scenario_.time.weeks_per_year;
    if (std::isnan(weeks)) return false;
    scenario_.horizon_weeks = weeks;
    scenario_.horizon = week_of(to_ticks(weeks));
    if (scenario_.economics && scenario_.economics->weekly &&
        to_ticks(weeks) % ticks_per_week != 0) {
      add_problem(problems_, value,
                  fmt::format("are {} weeks; with accrual = \"weekly\" the "
                              "horizon needs whole weeks",
                              weeks));
      return false;
    }
    if (scenario_.horizon <= longest_horizon) return true;
    add_problem(problems_, value,
                fmt::format("are {} weeks; at most {} can be simulated",
                            scenario_.horizon, longest_horizon));
    return false;
  }

  // Without it nobody dies, of sessions neither.
  void require_mortality() {
    if (root_.find("mortality")) return;
    for (const Step& step : scenario_.steps)
      for (const Arm& arm : step.arms)
        if (const auto& death = arm.economics.death_per_session)
          return problems_.add(
              Position{}, "mortality",
              fmt::format("missing; since patients may die ({}), of what else "
                          "they die is needed",
                          death->key));
  }

  void require_gap_return() {
    const std::string key = what_needs_gap_return(scenario_);
    if (key.empty() || root_.find("gap")) return;
    problems_.add(Position{}, "gap.return",
                  fmt::format("missing; how long until those in a gap come "
                              "back is needed ({})",
                              key));
  }

  Section root_;
  Problems& problems_;
  Scenario scenario_;
  ValueReader values_;
  CohortReader cohort_reader_;
  std::vector<DataFile> data_files_;
  std::vector<TreatmentEconomics> treatment_economics_;
  std::optional<Value> if_class_repeats_;
  bool has_reference_ = false;
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

namespace {

// Without its alternatives.
WholeScenario read_alone(const std::filesystem::path& path) {
  Problems problems;
  Document document = read_document(path, merges_by_name, problems);
  take_alternatives(document.root);
  Reader reader(document.root, problems);
  WholeScenario whole{reader.read(), std::move(document.files)};
  problems.throw_if_any();
  return whole;
}

WholeScenario make_scenario(const Table& root, Problems& problems) {
  Reader reader(root, problems);
  return {reader.read(), {}};
}

}  // namespace

ScenarioFile read_scenario(const std::filesystem::path& path) {
  Problems problems;
  Document document = read_document(path, merges_by_name, problems);
  const auto alternatives = take_alternatives(document.root);
  Reader reader(document.root, problems);
  Scenario scenario = reader.read();
  problems.throw_if_any();
  ScenarioFile file{path,
                    std::move(scenario),
                    std::move(document.text),
                    std::move(document.files),
                    reader.data_files(),
                    {}};
  for (const DataFile& data : file.data_files) file.files.push_back(data.path);
  if (!alternatives) return file;
  file.alternatives = read_alternatives(
      *alternatives,
      {document.root, file.scenario, merges_by_name, make_scenario, read_alone},
      problems, file.files);
  problems.throw_if_any();
  return file;
}

bool scenario_merges(const std::vector<std::string>& key_path) {
  return merges_by_name(key_path);
}

std::uint64_t parse_patients(const std::string& text) {
  return parse_whole_number(text, patients_range);
}

std::uint64_t parse_seed(const std::string& text) {
  return parse_whole_number(text, seed_range);
}

}  // namespace stardsim

#include "sim/io/sensitivity_tables.hpp"

#include "sim/analysis/comparison.hpp"
#include "sim/io/netcdf_file.hpp"
#include "sim/io/sha256.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>

namespace stardsim {
namespace {

using Texts = std::vector<std::string>;
using Numbers = std::vector<double>;

constexpr std::int32_t format_version = 1;

void add_attributes(NetcdfFile& file, const char* kind,
                    const Scenario& scenario, const Provenance& provenance) {
  file.add({"format", std::string("stardsim ") + kind});
  file.add({"format_version", format_version});
  file.add({"kind", kind});
  file.add({"title", scenario.title});
  file.add({"scenario_file", provenance.scenario_file});
  file.add({"scenario", provenance.scenario_text});
  file.add({"scenario_sha256", sha256(provenance.scenario_text)});
  file.add({"law_sha256", provenance.law_sha256});
  file.add({"cohort_sha256", provenance.cohort_sha256});
  file.add({"seed", scenario.cohort.seed});
  file.add({"patients", scenario.cohort.patients});
  file.add({"reference_pathway", scenario.pathways[scenario.reference].name});
  if (scenario.economics) {
    file.add({"currency", scenario.economics->currency});
    file.add({"price_year",
              static_cast<std::int32_t>(scenario.economics->price_year)});
  }
  file.add({"program_version", provenance.program_version});
  file.add({"commit", provenance.commit});
  file.add({"compiler", provenance.compiler});
  file.add({"command_line", provenance.command_line});
  file.add({"start_time", provenance.start_time});
}

Texts pathway_names(const Scenario& scenario) {
  Texts names;
  for (const Pathway& pathway : scenario.pathways)
    names.push_back(pathway.name);
  return names;
}

void add_pathways(NetcdfGroup& group, const Scenario& scenario) {
  Texts labels;
  for (const Pathway& pathway : scenario.pathways)
    labels.push_back(pathway.label);
  group.add(
      Scale{"pathway", pathway_names(scenario), "name of the pathway", ""});
  group.add(Variable{
      "pathway_label", {"pathway"}, labels, "label of the pathway", ""});
}

/// To the group, and to the root, where JSON has it.
void add(NetcdfFile& file, NetcdfGroup& group, const Attribute& attribute) {
  file.add(attribute);
  group.add(attribute);
}

void add_figure(NetcdfFile& file, NetcdfGroup& group, const Figure& figure) {
  add(file, group, {"measure", figure.name});
  add(file, group, {"long_name", figure.long_name});
  add(file, group, {"unit", figure.unit});
  const bool is_net_benefit = figure.measure == no_measure;
  if (is_net_benefit) add(file, group, {"perspective", figure.perspective});
  add(file, group,
      {"threshold", is_net_benefit ? figure.threshold : missing_number});
}

/// What both forms have: the pathways, what is looked at, and what it is as
/// stated.
NetcdfGroup add_question(NetcdfFile& file, const Scenario& scenario,
                         const Figure& figure, const Contrasted& of,
                         const Mean& base, std::size_t best) {
  NetcdfGroup group = file.add_group("sensitivity");
  add_figure(file, group, figure);
  add(file, group, {"pathway", scenario.pathways[of.pathway].name});
  add(file, group,
      {"against",
       of.against ? scenario.pathways[*of.against].name : std::string()});
  add(file, group, {"best_at_base", scenario.pathways[best].name});
  add_pathways(group, scenario);
  group.add(Variable{"difference_at_base",
                     {},
                     Numbers{base.mean},
                     "the measure on pathway less that on against, as stated",
                     figure.unit});
  group.add(Variable{"difference_at_base_se",
                     {},
                     Numbers{base.se},
                     "Monte Carlo standard error of difference_at_base",
                     figure.unit});
  return group;
}

/// The nearer one in the range, if the decision changes at all.
const Switch* nearest_switch(const Swing& swing) {
  if (!swing.below || !swing.above)
    return swing.below ? &*swing.below : swing.above ? &*swing.above : nullptr;
  const double base = swing.range.parameter.evidence.value;
  return base - swing.below->value < swing.above->value - base ? &*swing.below
                                                               : &*swing.above;
}

class SwingTable {
 public:
  SwingTable(NetcdfGroup& group, const Scenario& scenario, const Figure& figure,
             const OneWay& one)
      : group_(group), scenario_(scenario), figure_(figure), one_(one) {}

  void write() {
    Texts keys;
    for (const Swing& swing : one_.swings)
      keys.push_back(swing.range.parameter.evidence.key);
    group_.add(Scale{"parameter", keys,
                     "key of the number that is varied, the widest swing "
                     "first",
                     ""});
    write_ranges();
    write_means();
    write_switches();
  }

 private:
  template <class Read>
  void put(const char* name, const char* long_name, Read read,
           const std::string& units = "") {
    std::vector<std::decay_t<decltype(read(one_.swings.front()))>> values;
    for (const Swing& swing : one_.swings) values.push_back(read(swing));
    group_.add(Variable{name, {"parameter"}, values, long_name, units});
  }

  void write_ranges() {
    put("label", "the number in words", [&](const Swing& swing) {
      return label_of(scenario_, swing.range.parameter.evidence.key);
    });
    put("unit", "unit of base, low, high and where the decision switches",
        [](const Swing& swing) { return swing.range.parameter.unit; });
    put("base", "value as stated", [](const Swing& swing) {
      return swing.range.parameter.evidence.value;
    });
    put("low", "lower end of its range",
        [](const Swing& swing) { return swing.range.low; });
    put("high", "upper end of its range",
        [](const Swing& swing) { return swing.range.high; });
    put(
        "range_is_own",
        "1: the range was asked for, 0: it is that of the evidence",
        [](const Swing& swing) { return std::uint8_t{swing.range.is_own}; },
        "1");
    put(
        "low_is_cut",
        "1: low is the last possible value, above the end that was stated",
        [](const Swing& swing) { return std::uint8_t{swing.range.low_is_cut}; },
        "1");
    put(
        "high_is_cut",
        "1: high is the last possible value, below the end that was stated",
        [](const Swing& swing) {
          return std::uint8_t{swing.range.high_is_cut};
        },
        "1");
  }

  void write_means() {
    const std::string& unit = figure_.unit;
    group_.add(Variable{"at_base",
                        {"pathway"},
                        one_.base.means(),
                        "the measure as stated",
                        unit});
    const auto by_pathway = [&](const char* name, const char* long_name,
                                Reading Swing::*reading) {
      Numbers values;
      for (const Swing& swing : one_.swings) {
        const Numbers& means = (swing.*reading).means();
        values.insert(values.end(), means.begin(), means.end());
      }
      group_.add(
          Variable{name, {"parameter", "pathway"}, values, long_name, unit});
    };
    by_pathway("at_low", "the measure with the number at low", &Swing::at_low);
    by_pathway("at_high", "the measure with the number at high",
               &Swing::at_high);
    const auto put_mean = [&](const std::string& name, const char* long_name,
                              Mean Swing::*mean) {
      put(
          name.c_str(), long_name,
          [&](const Swing& swing) { return (swing.*mean).mean; }, unit);
    };
    put_mean("difference_at_low", "difference_at_base with the number at low",
             &Swing::low);
    put_mean("difference_at_high", "difference_at_base with the number at high",
             &Swing::high);
    const auto put_error = [&](const char* name, const char* long_name,
                               Mean Swing::*mean) {
      put(
          name, long_name, [&](const Swing& swing) { return (swing.*mean).se; },
          unit);
    };
    put_error("low_change_se",
              "Monte Carlo standard error of difference_at_low - "
              "difference_at_base, on the same patients with the same luck",
              &Swing::low_change);
    put_error("high_change_se",
              "Monte Carlo standard error of difference_at_high - "
              "difference_at_base, on the same patients with the same luck",
              &Swing::high_change);
  }

  void write_switches() {
    const auto name_of = [&](std::size_t pathway) {
      return scenario_.pathways[pathway].name;
    };
    put("best_at_low", "pathway chosen with the number at low",
        [&](const Swing& swing) { return name_of(swing.best_at_low); });
    put("best_at_high", "pathway chosen with the number at high",
        [&](const Swing& swing) { return name_of(swing.best_at_high); });
    const auto value = [](const Switch* at) {
      return at ? at->value : missing_number;
    };
    const auto error = [](const Switch* at) {
      return at ? at->se : missing_number;
    };
    const auto below = [](const Swing& swing) {
      return swing.below ? &*swing.below : nullptr;
    };
    const auto above = [](const Swing& swing) {
      return swing.above ? &*swing.above : nullptr;
    };
    put("switches_at",
        "value, the nearest to base, at which another pathway is chosen; "
        "missing: none in the range",
        [&](const Swing& swing) { return value(nearest_switch(swing)); });
    put("switches_at_se", "Monte Carlo standard error of switches_at",
        [&](const Swing& swing) { return error(nearest_switch(swing)); });
    put("switches_to", "pathway chosen beyond switches_at",
        [&](const Swing& swing) {
          const Switch* at = nearest_switch(swing);
          return at ? name_of(at->to) : std::string();
        });
    put("switches_below", "the value below base, if there is one",
        [&](const Swing& swing) { return value(below(swing)); });
    put("switches_above", "the value above base, if there is one",
        [&](const Swing& swing) { return value(above(swing)); });
  }

  NetcdfGroup& group_;
  const Scenario& scenario_;
  const Figure& figure_;
  const OneWay& one_;
};

void add_held(NetcdfFile& file, const Scenario& scenario,
              const std::vector<Parameter>& held) {
  if (held.empty()) return;
  Texts keys, labels, units;
  Numbers values;
  for (const Parameter& parameter : held) {
    keys.push_back(parameter.evidence.key);
    labels.push_back(label_of(scenario, parameter.evidence.key));
    units.push_back(parameter.unit);
    values.push_back(parameter.evidence.value);
  }
  NetcdfGroup group = file.add_group("held");
  group.add(Scale{"parameter", keys,
                  "key of a number that was held, since it has no interval",
                  ""});
  group.add(
      Variable{"label", {"parameter"}, labels, "the number in words", ""});
  group.add(Variable{"value", {"parameter"}, values, "value as stated", ""});
  group.add(Variable{"unit", {"parameter"}, units, "unit of value", ""});
}

template <class Things>
const std::string* label_in(const Things& things, const std::string& name) {
  for (const auto& thing : things)
    if (thing.name == name) return &thing.label;
  return nullptr;
}

/// The part of the key before the next dot, taken off it.
std::string take_part(std::string_view& key) {
  const auto dot = key.find('.');
  std::string part(key.substr(0, dot));
  key = dot == key.npos ? std::string_view() : key.substr(dot + 1);
  return part;
}

}  // namespace

std::string label_of(const Scenario& scenario, const std::string& key) {
  std::string_view rest = key;
  std::string label;
  const auto name = [&](const auto& things) {
    take_part(rest);
    const std::string part = take_part(rest);
    const std::string* found = label_in(things, part);
    label += (label.empty() ? "" : ", ") + (found ? *found : part);
  };
  if (key.rfind("steps.", 0) == 0) {
    const std::string step(key.substr(6, key.find('.', 6) - 6));
    name(scenario.steps);
    if (rest.rfind("arms.", 0) == 0)
      for (const Step& one : scenario.steps)
        if (one.name == step) {
          name(one.arms);
          break;
        }
  } else if (key.rfind("treatments.", 0) == 0) {
    name(scenario.treatments);
  }
  std::string words(rest);
  std::replace(words.begin(), words.end(), '_', ' ');
  for (auto dot = words.find('.'); dot != words.npos; dot = words.find('.'))
    words.replace(dot, 1, ", ");
  if (label.empty()) return words;
  return words.empty() ? label : label + ": " + words;
}

std::vector<std::byte> sensitivity_image(const Scenario& scenario,
                                         const Figure& figure,
                                         const OneWay& one,
                                         const std::vector<Parameter>& held,
                                         const Provenance& provenance) {
  NetcdfFile file;
  add_attributes(file, "sensitivity", scenario, provenance);
  NetcdfGroup group = add_question(file, scenario, figure, one.of,
                                   one.base_difference, one.best);
  SwingTable(group, scenario, figure, one).write();
  add_held(file, scenario, held);
  return file.bytes();
}

std::vector<std::byte> sensitivity_image(const Scenario& scenario,
                                         const Figure& figure,
                                         const TwoWay& two,
                                         const Provenance& provenance) {
  NetcdfFile file;
  add_attributes(file, "sensitivity", scenario, provenance);
  add_question(file, scenario, figure, two.of, two.base_difference, two.best);
  NetcdfGroup group = file.add_group("two_way");
  const Parameter &first = two.first.parameter, &second = two.second.parameter;
  group.add(Attribute{"first_parameter", first.evidence.key});
  group.add(Attribute{"second_parameter", second.evidence.key});
  group.add(Attribute{"first_label", label_of(scenario, first.evidence.key)});
  group.add(Attribute{"second_label", label_of(scenario, second.evidence.key)});
  group.add(
      Scale{"first", two.first_values, "value of first_parameter", first.unit});
  group.add(Scale{"second", two.second_values, "value of second_parameter",
                  second.unit});
  Numbers differences, errors;
  Texts best;
  for (const auto& cell : two.cells) {
    differences.push_back(cell ? cell->difference.mean : missing_number);
    errors.push_back(cell ? cell->difference.se : missing_number);
    best.push_back(cell ? scenario.pathways[cell->best].name : std::string());
  }
  group.add(Variable{"difference",
                     {"first", "second"},
                     differences,
                     "the measure on pathway less that on against; missing "
                     "where the two values are not possible together",
                     figure.unit});
  group.add(Variable{"difference_se",
                     {"first", "second"},
                     errors,
                     "Monte Carlo standard error of difference",
                     figure.unit});
  group.add(Variable{"best", {"first", "second"}, best, "pathway chosen", ""});
  return file.bytes();
}

// ---- alternatives ----

namespace {

class AlternativesFile {
 public:
  explicit AlternativesFile(const AlternativesTables& tables)
      : tables_(tables), pathways_(pathways_of(tables.runs)) {
    for (const VariantRun& run : tables.runs) {
      comparisons_.emplace_back(std::vector<RunOutcomes>{run_outcomes(
                                    *run.scenario, *run.tally,
                                    run.scenario->cohort.seed, run.name, "")},
                                run.scenario->reference);
      for (const Measure& measure : comparisons_.back().measures()) {
        const bool is_new = std::none_of(
            measures_.begin(), measures_.end(),
            [&](const Measure& one) { return alike(one, measure); });
        if (is_new) measures_.push_back(measure);
      }
    }
  }

  void write(NetcdfFile& file) {
    NetcdfGroup group = file.add_group("alternatives");
    add_figure(file, group, tables_.looked_at.figure);
    write_scales(group);
    write_outcomes(group);
    write_choices(group);
  }

 private:
  /// Of one name, and in one unit: other currencies are other measures.
  static bool alike(const Measure& one, const Measure& other) {
    return one.name == other.name && one.unit == other.unit;
  }

  void write_scales(NetcdfGroup& group) {
    Texts names, labels, titles, measures, measure_labels, units;
    Numbers horizons;
    std::vector<std::uint8_t> same;
    for (const VariantRun& run : tables_.runs) {
      names.push_back(run.name);
      labels.push_back(run.label);
      titles.push_back(run.scenario->title);
      horizons.push_back(run.scenario->horizon_weeks);
      same.push_back(run.same_patients);
    }
    for (const Measure& measure : measures_) {
      measures.push_back(measure.name);
      measure_labels.push_back(measure.long_name);
      units.push_back(measure.unit);
    }
    group.add(Scale{"alternative", names,
                    "name of the alternative; the first is the scenario "
                    "itself",
                    ""});
    group.add(Scale{"pathway", pathways_, "name of the pathway", ""});
    group.add(Scale{"measure", measures, "name of the outcome measure", ""});
    group.add(Variable{
        "label", {"alternative"}, labels, "label of the alternative", ""});
    group.add(Variable{
        "title", {"alternative"}, titles, "title of its scenario", ""});
    group.add(Variable{"horizon_weeks",
                       {"alternative"},
                       horizons,
                       "how long patients are followed",
                       "weeks"});
    group.add(Variable{"same_patients",
                       {"alternative"},
                       same,
                       "1: the patients of the scenario itself, 0: others",
                       "1"});
    group.add(Variable{"pathway_label",
                       {"pathway"},
                       pathway_labels(),
                       "label of the pathway",
                       ""});
    group.add(Variable{"measure_label",
                       {"measure"},
                       measure_labels,
                       "the measure in words",
                       ""});
    group.add(Variable{
        "measure_unit", {"measure"}, units, "unit of the measure", ""});
  }

  Texts pathway_labels() const {
    Texts labels;
    for (const std::string& name : pathways_)
      for (const VariantRun& run : tables_.runs)
        if (const auto* label = label_in(run.scenario->pathways, name)) {
          labels.push_back(*label);
          break;
        }
    return labels;
  }

  void write_outcomes(NetcdfGroup& group) {
    Numbers mean, se, difference, difference_se;
    for (const Comparison& comparison : comparisons_)
      for (const std::string& name : pathways_)
        for (const Measure& measure : measures_) {
          const auto& strategies = comparison.strategies();
          const auto s = std::find_if(
              strategies.begin(), strategies.end(),
              [&](const Strategy& one) { return one.name == name; });
          const auto& own = comparison.measures();
          const auto m = std::find_if(
              own.begin(), own.end(),
              [&](const Measure& one) { return alike(one, measure); });
          if (s == strategies.end() || m == own.end()) {
            for (Numbers* values : {&mean, &se, &difference, &difference_se})
              values->push_back(missing_number);
            continue;
          }
          const auto strategy =
              static_cast<std::size_t>(s - strategies.begin());
          const auto place = static_cast<std::size_t>(m - own.begin());
          const Estimate of = comparison.outcome(strategy, place);
          const Difference less =
              comparison.difference(strategy, comparison.reference(), place);
          mean.push_back(of.mean);
          se.push_back(of.se);
          difference.push_back(less.mean);
          difference_se.push_back(less.se);
        }
    const auto put = [&](const char* name, const Numbers& values,
                         const char* long_name) {
      group.add(Variable{
          name, {"alternative", "pathway", "measure"}, values, long_name, ""});
    };
    put("mean", mean,
        "mean over patients, in measure_unit; missing where the alternative "
        "has no such pathway or measure");
    put("se", se, "Monte Carlo standard error of mean");
    put("difference_mean", difference,
        "mean less that on the alternative's reference pathway");
    put("difference_se", difference_se,
        "Monte Carlo standard error of difference_mean");
  }

  const std::string& pathway_name(std::size_t run, std::size_t pathway) const {
    return tables_.runs[run].scenario->pathways[pathway].name;
  }

  /// Along the alternatives, of one figure.
  void read_choices(const FigureOfVariants& all, std::size_t run, Texts& best,
                    Numbers& loss, Numbers& loss_se) const {
    const auto& choice = all.choices[run];
    best.push_back(choice ? pathway_name(run, choice->best) : "");
    const bool has_loss = choice && choice->loss;
    loss.push_back(has_loss ? choice->loss->mean : missing_number);
    loss_se.push_back(has_loss ? choice->loss->se : missing_number);
  }

  void write_choices(NetcdfGroup& group) {
    const std::size_t runs = tables_.runs.size();
    Texts best;
    Numbers loss, loss_se;
    for (std::size_t r = 0; r < runs; ++r)
      read_choices(tables_.looked_at, r, best, loss, loss_se);
    const std::string& unit = tables_.looked_at.figure.unit;
    group.add(Variable{"chosen",
                       {"alternative"},
                       best,
                       "pathway chosen by the attribute measure",
                       ""});
    group.add(Variable{"chosen_loss",
                       {"alternative"},
                       loss,
                       "what is lost of it by doing what is chosen in the "
                       "first alternative",
                       unit});
    group.add(Variable{"chosen_loss_se",
                       {"alternative"},
                       loss_se,
                       "Monte Carlo standard error of chosen_loss",
                       unit});
    if (tables_.net_benefits.empty()) return;
    group.add(Scale{"perspective", tables_.perspectives,
                    "name of the perspective of costs", ""});
    group.add(Scale{"threshold", tables_.thresholds, "worth of a QALY",
                    tables_.net_benefits[0][0].figure.unit + " / QALY"});
    best.clear();
    loss.clear();
    loss_se.clear();
    for (std::size_t r = 0; r < runs; ++r)
      for (const auto& thresholds : tables_.net_benefits)
        for (const FigureOfVariants& all : thresholds)
          read_choices(all, r, best, loss, loss_se);
    const Texts along{"alternative", "perspective", "threshold"};
    const std::string& money = tables_.net_benefits[0][0].figure.unit;
    group.add(Variable{"best", along, best,
                       "pathway with the highest net benefit", ""});
    group.add(Variable{"loss", along, loss,
                       "expected loss of net benefit, per patient, by doing "
                       "what is best in the first alternative",
                       money});
    group.add(Variable{"loss_se", along, loss_se,
                       "Monte Carlo standard error of loss", money});
  }

  const AlternativesTables& tables_;
  Texts pathways_;
  std::vector<Comparison> comparisons_;
  std::vector<Measure> measures_;
};

}  // namespace

std::vector<std::byte> alternatives_image(const AlternativesTables& tables,
                                          const Provenance& provenance) {
  NetcdfFile file;
  add_attributes(file, "alternatives", *tables.runs.front().scenario,
                 provenance);
  AlternativesFile(tables).write(file);
  return file.bytes();
}

}  // namespace stardsim

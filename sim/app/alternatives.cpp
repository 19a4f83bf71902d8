#include "sim/app/alternatives.hpp"

#include "models/law.hpp"
#include "sim/analysis/alternatives.hpp"
#include "sim/app/curve_sheet.hpp"
#include "sim/app/json.hpp"
#include "sim/app/runner.hpp"
#include "sim/app/sensitivity.hpp"
#include "sim/app/sensitivity_sheets.hpp"
#include "sim/app/tables.hpp"
#include "sim/io/atomic_file.hpp"
#include "sim/io/outcome_tables.hpp"
#include "sim/io/problems.hpp"
#include "sim/io/sensitivity_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

namespace stardsim {
namespace {

/// The scenario and its alternatives, run; the scenario first.
struct Simulations {
  std::vector<Law> laws;
  std::vector<Tally> tallies;
  RunFacts facts;
  std::vector<VariantRun> runs;
};

Simulations simulate_all(const ScenarioFile& file, const Options& options) {
  const InterruptWatch watch;
  Simulations all;
  std::vector<const Scenario*> scenarios{&file.scenario};
  for (const Alternative& one : file.alternatives)
    scenarios.push_back(&one.scenario);
  std::vector<std::string> cohorts;
  for (const Scenario* scenario : scenarios) {
    all.laws.push_back(compile(*scenario));
    Simulated simulated =
        simulate_cohort(*scenario, all.laws.back(), options, watch);
    all.tallies.push_back(std::move(simulated.tally));
    all.facts = simulated.facts;
    cohorts.push_back(cohort_sha256(all.laws.back()));
  }
  for (std::size_t i = 0; i < scenarios.size(); ++i) {
    const bool is_base = i == 0;
    all.runs.push_back(
        {is_base ? base_alternative : file.alternatives[i - 1].name,
         is_base ? "As stated" : file.alternatives[i - 1].label, scenarios[i],
         &all.tallies[i], cohorts[i] == cohorts[0]});
  }
  return all;
}

FigureOfVariants looked_at(const std::vector<VariantRun>& runs,
                           const std::optional<std::string>& measure,
                           const std::optional<std::string>& perspective = {},
                           const std::optional<double>& threshold = {}) {
  try {
    return look_at(runs, measure, perspective, threshold);
  } catch (const std::invalid_argument& error) {
    throw BadUsage(error.what());
  }
}

std::vector<double> thresholds_of(const Scenario& scenario,
                                  const Options& options) {
  return options.thresholds.empty() ? scenario.economics->thresholds
                                    : options.thresholds;
}

/// What is looked at where nothing is asked for, and the net benefits.
AlternativesTables tables_of(const ScenarioFile& file,
                             std::vector<VariantRun> runs,
                             const Options& options) {
  const Scenario& scenario = file.scenario;
  AlternativesTables tables;
  tables.runs = std::move(runs);
  const auto decision = decision_measures(scenario, measures_of(scenario));
  const bool weighs = decision.effect != no_measure && !decision.costs.empty();
  const bool is_of_net_benefit =
      !options.measure || *options.measure == "net_benefit";
  if (options.perspective && !is_of_net_benefit)
    throw BadUsage("--perspective: is of --measure net_benefit");
  if (!options.thresholds.empty() && !weighs)
    throw BadUsage(
        "--thresholds: net benefit needs costs and QALYs, which the scenario "
        "does not have");
  if (weighs) tables.thresholds = thresholds_of(scenario, options);
  tables.looked_at =
      looked_at(tables.runs, options.measure, options.perspective,
                is_of_net_benefit && !options.thresholds.empty()
                    ? std::optional<double>(options.thresholds.front())
                    : std::optional<double>());
  if (tables.thresholds.empty()) return tables;
  for (const Perspective& perspective : scenario.economics->perspectives) {
    tables.perspectives.push_back(perspective.name);
    tables.net_benefits.emplace_back();
    for (const double threshold : tables.thresholds)
      tables.net_benefits.back().push_back(
          looked_at(tables.runs, "net_benefit", perspective.name, threshold));
  }
  return tables;
}

// ---- text ----

double scale_of(const Figure& figure) { return figure.is_share ? 100 : 1; }

std::string unit_of(const Figure& figure) {
  if (figure.is_share) return ", %";
  return figure.unit == "1" ? "" : ", " + figure.unit;
}

std::string shown(const Figure& figure, const Mean& mean) {
  return with_error(scale_of(figure) * mean.mean, scale_of(figure) * mean.se);
}

/// Alternatives and pathways: the fewer of them are the columns. With a star
/// where it is what is chosen.
Sheet figure_sheet(const AlternativesTables& tables,
                   const FigureOfVariants& all, bool with_choice) {
  const Figure& figure = all.figure;
  const auto pathways = pathways_of(tables.runs);
  const std::size_t runs = tables.runs.size();
  bool any_chosen = false;
  const auto cell = [&](std::size_t r, const std::string& name) {
    const auto& own = tables.runs[r].scenario->pathways;
    for (std::size_t p = 0; all.readings[r] && p < own.size(); ++p) {
      if (own[p].name != name) continue;
      const auto& choice = all.choices[r];
      const bool is_chosen = with_choice && choice && choice->best == p;
      any_chosen = any_chosen || is_chosen;
      return (is_chosen ? "*" : "") + shown(figure, all.readings[r]->mean(p));
    }
    return std::string("-");
  };
  const bool by_alternative = pathways.size() <= runs;
  Sheet sheet{in_words(figure) + unit_of(figure),
              {by_alternative ? "alternative" : "pathway"},
              {},
              1};
  if (by_alternative) {
    sheet.header.insert(sheet.header.end(), pathways.begin(), pathways.end());
    for (std::size_t r = 0; r < runs; ++r) {
      sheet.rows.push_back({tables.runs[r].name});
      for (const std::string& name : pathways)
        sheet.rows.back().push_back(cell(r, name));
    }
  } else {
    for (const VariantRun& run : tables.runs) sheet.header.push_back(run.name);
    for (const std::string& name : pathways) {
      sheet.rows.push_back({name});
      for (std::size_t r = 0; r < runs; ++r)
        sheet.rows.back().push_back(cell(r, name));
    }
  }
  if (any_chosen) sheet.note = "* chosen by it in that alternative";
  std::vector<std::string> undiscounted;
  for (std::size_t r = 0; r < runs; ++r)
    if (all.is_undiscounted[r]) undiscounted.push_back(tables.runs[r].name);
  if (!undiscounted.empty())
    sheet.note += fmt::format("{}Not discounted under: {}",
                              any_chosen ? "\n" : "", listed(undiscounted));
  return sheet;
}

/// What is chosen, and what is lost by going on as in the scenario itself.
std::string choice_text(const Scenario& scenario,
                        const std::optional<Decided>& choice,
                        const Figure& figure) {
  if (!choice) return "-";
  std::string name = scenario.pathways[choice->best].name +
                     (choice->is_within_error() ? " ~" : "");
  if (!choice->is_other) return name;
  if (!choice->loss) return name + " (base's is not there)";
  return fmt::format("{}, loss {}", name, shown(figure, *choice->loss));
}

std::string verdict_of(const std::vector<const FigureOfVariants*>& figures,
                       std::size_t run) {
  constexpr double clear = 1.96;
  if (run == 0) return "";
  std::size_t others = 0, told = 0;
  bool is_clear = false;
  for (const FigureOfVariants* all : figures) {
    const auto& choice = all->choices[run];
    if (!choice) continue;
    ++told;
    if (!choice->is_other) continue;
    ++others;
    is_clear = is_clear || !choice->loss ||
               choice->loss->mean > clear * choice->loss->se;
  }
  if (told == 0) return "cannot be told";
  if (others == 0) return "same decision";
  std::string text = "another decision";
  if (others < told) text += fmt::format(" at {} of {}", others, told);
  return is_clear ? text : text + ", within the error of luck";
}

/// A row an alternative: what is chosen, by worth of a QALY where that is
/// weighed, and whether that is another decision.
Sheet decision_sheet(const AlternativesTables& tables,
                     const std::vector<const FigureOfVariants*>& figures,
                     const std::string& title) {
  Sheet sheet{title, {"alternative", "decision"}, {}, 2};
  for (const FigureOfVariants* all : figures)
    sheet.header.push_back(all->figure.measure == no_measure
                               ? "at " + with_decimals(all->figure.threshold, 0)
                               : "chosen");
  sheet.words = sheet.header.size();
  for (std::size_t r = 0; r < tables.runs.size(); ++r) {
    std::vector<std::string> row{tables.runs[r].name, verdict_of(figures, r)};
    for (const FigureOfVariants* all : figures)
      row.push_back(
          choice_text(*tables.runs[r].scenario, all->choices[r], all->figure));
    sheet.rows.push_back(std::move(row));
  }
  const auto is_close = [](const FigureOfVariants* all) {
    return std::any_of(all->choices.begin(), all->choices.end(),
                       [](const std::optional<Decided>& choice) {
                         return choice && choice->is_within_error();
                       });
  };
  if (std::any_of(figures.begin(), figures.end(), is_close))
    sheet.note =
        "~ ahead of the next best within the error of luck: by less than 1.96 "
        "standard errors\n";
  sheet.note +=
      "Loss: of the figure above, per patient, by doing in the alternative "
      "what is chosen in base; Monte Carlo standard error in brackets";
  return sheet;
}

/// What an alternative is beside its name, and how it is not like the others.
std::string legend_of(const AlternativesTables& tables) {
  std::vector<std::string> names, labels;
  const Scenario& base = *tables.runs.front().scenario;
  for (const VariantRun& run : tables.runs) {
    std::string label = run.label;
    if (run.scenario->horizon_weeks != base.horizon_weeks)
      label += fmt::format("; {} weeks, not {}", horizon_text(*run.scenario),
                           horizon_text(base));
    if (!run.same_patients) label += "; patients with other covariates";
    if (run.scenario->estimand != base.estimand)
      label +=
          fmt::format("; reports {} first", name_of(run.scenario->estimand));
    names.push_back(run.name);
    labels.push_back(label);
  }
  return legend(names, labels);
}

std::string pathway_legend(const AlternativesTables& tables) {
  const auto names = pathways_of(tables.runs);
  std::vector<std::string> labels;
  for (const std::string& name : names)
    for (const VariantRun& run : tables.runs) {
      const auto& pathways = run.scenario->pathways;
      const auto found =
          std::find_if(pathways.begin(), pathways.end(),
                       [&](const Pathway& one) { return one.name == name; });
      if (found == pathways.end()) continue;
      labels.push_back(found->label);
      break;
    }
  const std::string text = legend(names, labels);
  return text.empty() ? "" : "Pathways:\n" + text;
}

/// Names of the measures that matter most: remission, then QALYs and costs.
std::vector<std::string> main_measures(const Scenario& scenario,
                                       const AlternativesTables& tables,
                                       std::size_t perspective) {
  const auto measures = measures_of(scenario);
  const auto decision = decision_measures(scenario, measures);
  std::vector<std::string> names;
  // Remission under the estimand reported first.
  names.push_back(measures[static_cast<std::size_t>(scenario.estimand)].name);
  if (!tables.net_benefits.empty()) {
    names.push_back(measures[decision.costs[perspective]].name);
    names.push_back(measures[decision.effect].name);
  }
  return names;
}

std::size_t perspective_at(const AlternativesTables& tables,
                           const Scenario& scenario) {
  const auto& names = tables.perspectives;
  const auto found = std::find(names.begin(), names.end(),
                               tables.looked_at.figure.perspective);
  return found == names.end() ? scenario.economics->perspective
                              : static_cast<std::size_t>(found - names.begin());
}

std::vector<Sheet> sheets_of(const AlternativesTables& tables,
                             const ScenarioFile& file, const Options& options) {
  const Scenario& scenario = file.scenario;
  const bool is_net_benefit = tables.looked_at.figure.measure == no_measure;
  const bool weighs = !tables.net_benefits.empty();
  const std::size_t perspective = weighs ? perspective_at(tables, scenario) : 0;
  std::vector<Sheet> sheets;
  std::vector<std::string> names;
  if (options.measure && !is_net_benefit)
    names = {*options.measure};
  else
    names = main_measures(scenario, tables, perspective);
  for (const std::string& name : names) {
    const FigureOfVariants all = looked_at(tables.runs, name);
    const bool decides =
        !is_net_benefit && name == tables.looked_at.figure.name;
    sheets.push_back(figure_sheet(tables, all, decides));
  }
  if (is_net_benefit)
    sheets.push_back(figure_sheet(tables, tables.looked_at, true));
  if (scenario.pathways.size() < 2 || tables.looked_at.figure.better == 0)
    return sheets;
  std::vector<const FigureOfVariants*> figures;
  std::string title = "Decision: " + in_words(tables.looked_at.figure);
  if (is_net_benefit) {
    title = fmt::format("Decision: net benefit, {}, {}, by worth of a QALY",
                        scenario.economics->perspectives[perspective].label,
                        tables.looked_at.figure.unit);
    for (const FigureOfVariants& all : tables.net_benefits[perspective])
      figures.push_back(&all);
  } else {
    figures.push_back(&tables.looked_at);
    title += unit_of(tables.looked_at.figure);
  }
  sheets.push_back(decision_sheet(tables, figures, title));
  return sheets;
}

std::string csv_of(const AlternativesTables& tables) {
  std::string text =
      csv_line({"alternative", "table", "perspective", "threshold", "measure",
                "unit", "pathway", "mean", "standard_error", "chosen",
                "same_decision", "loss", "loss_standard_error"});
  const auto number = [](double value) {
    return std::isnan(value) ? std::string() : fmt::format("{}", value);
  };
  const auto add = [&](const FigureOfVariants& all, const std::string& table) {
    const Figure& figure = all.figure;
    const bool weighs = figure.measure == no_measure;
    for (std::size_t r = 0; r < tables.runs.size(); ++r) {
      // Told under the name of the measure that it is.
      if (all.is_undiscounted[r]) continue;
      const Scenario& scenario = *tables.runs[r].scenario;
      const auto& choice = all.choices[r];
      for (std::size_t p = 0; all.readings[r] && p < scenario.pathways.size();
           ++p) {
        const Mean mean = all.readings[r]->mean(p);
        text += csv_line(
            {tables.runs[r].name, table, figure.perspective,
             weighs ? number(figure.threshold) : "", figure.name, figure.unit,
             scenario.pathways[p].name, number(mean.mean), number(mean.se),
             choice ? (choice->best == p ? "yes" : "no") : "",
             choice ? (choice->is_other ? "no" : "yes") : "",
             choice && choice->loss ? number(choice->loss->mean) : "",
             choice && choice->loss ? number(choice->loss->se) : ""});
      }
    }
  };
  for (const Measure& measure : measures_of(*tables.runs.front().scenario))
    add(looked_at(tables.runs, measure.name), "measure");
  for (const auto& thresholds : tables.net_benefits)
    for (const FigureOfVariants& all : thresholds) add(all, "net_benefit");
  return text;
}

std::string heading(const ScenarioFile& file, const AlternativesTables& tables,
                    const Screen& screen) {
  const Scenario& scenario = file.scenario;
  std::string text = fmt::format(
      "{}\n{}: {}, seed {}; {}, all on the same patients with the same "
      "luck{}\n",
      screen.bold(scenario.title), file.path.string(),
      counted(scenario.cohort.patients, "patient"), scenario.cohort.seed,
      counted(file.alternatives.size(), "alternative"),
      std::all_of(tables.runs.begin(), tables.runs.end(),
                  [](const VariantRun& run) { return run.same_patients; })
          ? ""
          : ", but where other covariates are named");
  return text + legend_of(tables) + pathway_legend(tables);
}

}  // namespace

void alternatives(const Options& options, const std::string& typed) {
  const std::string start = now_utc();
  ScenarioFile file =
      std::move(read_scenarios(options.scenarios, options).front());
  if (file.alternatives.empty())
    throw BadUsage(file.path.string() +
                   ": has no [alternatives]; name a variant as "
                   "[alternatives.NAME.SECTION] or [alternatives.NAME] with "
                   "file = \"other.toml\" (configs/README.md)");
  check_output(options, file, "-alternatives.h5");
  for (Alternative& one : file.alternatives) {
    one.scenario.cohort.patients = file.scenario.cohort.patients;
    one.scenario.cohort.seed = file.scenario.cohort.seed;
  }
  // A measure that is not there is said before anything is run.
  try {
    figure_of(file.scenario, options.measure, options.perspective);
  } catch (const std::invalid_argument& error) {
    throw BadUsage(error.what());
  }
  Simulations all = simulate_all(file, options);
  const AlternativesTables tables =
      tables_of(file, std::move(all.runs), options);
  std::vector<std::byte> image;
  if (options.output || options.json)
    image = alternatives_image(
        tables,
        analysis_provenance(file, all.laws.front(), all.facts, typed, start));
  if (options.output) write_atomically(*options.output, image);
  if (options.json) return print(image_json(image));
  if (options.format == TableFormat::csv) return print(csv_of(tables));
  const bool is_markdown = options.format == TableFormat::markdown;
  const Screen screen = is_markdown ? Screen{} : standard_output();
  std::string text = heading(file, tables, screen);
  for (const Sheet& sheet : sheets_of(tables, file, options))
    text += is_markdown ? as_markdown(sheet) : as_text(sheet, screen);
  if (options.output) text += "\nSaved in " + options.output->string() + "\n";
  print(text);
}

}  // namespace stardsim

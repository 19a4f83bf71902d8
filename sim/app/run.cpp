#include "sim/app/run.hpp"

#include "models/exact.hpp"
#include "models/law.hpp"
#include "models/unsourced.hpp"
#include "sim/analysis/rates.hpp"
#include "sim/app/compare.hpp"
#include "sim/app/console.hpp"
#include "sim/app/curve_sheet.hpp"
#include "sim/app/describe.hpp"
#include "sim/app/draws.hpp"
#include "sim/app/json.hpp"
#include "sim/app/outcome_sheets.hpp"
#include "sim/app/published_sheet.hpp"
#include "sim/app/run_keeper.hpp"
#include "sim/app/runner.hpp"
#include "sim/app/tables.hpp"
#include "sim/app/whole_run.hpp"
#include "sim/core/parallel.hpp"
#include "sim/core/simulate.hpp"
#include "sim/io/atomic_file.hpp"
#include "sim/io/locked_file.hpp"
#include "sim/io/results.hpp"
#include "sim/io/scenario_reader.hpp"

#include <fmt/format.h>

#include <optional>

namespace stardsim {
namespace {

// More of them would hide the rest of a summary.
constexpr std::size_t most_published_in_brief = 12;

std::string heading(const ScenarioFile& file, const Screen& screen) {
  const Scenario& scenario = file.scenario;
  return fmt::format(
      "{}\n{}: {}, seed {}\n", screen.bold(scenario.title), file.path.string(),
      counted(scenario.cohort.patients, "patient"), scenario.cohort.seed);
}

/// Of so few pathways all is told.
constexpr std::size_t most_told_whole = 2;

bool tells_all(const Scenario& scenario, const Options& options) {
  return options.all || scenario.pathways.size() <= most_told_whole;
}

std::string legend_of(const Scenario& scenario) {
  std::vector<std::string> names, labels;
  for (const Pathway& pathway : scenario.pathways) {
    names.push_back(pathway.name);
    labels.push_back(pathway.label);
  }
  return legend(names, labels);
}

/// Costs and effects, and how the pathways differ in them.
std::string outcome_text(const ScenarioFile& file, const Law& law,
                         const Tally& tally, bool whole, const Screen& screen) {
  if (!file.scenario.economics) return "";
  const Comparison comparison(
      {run_outcomes(file.scenario, tally, file.scenario.cohort.seed,
                    file.path.stem().string(), cohort_sha256(law))},
      file.scenario.reference);
  std::string text;
  for (const Sheet& sheet :
       whole ? short_sheets(comparison) : summary_sheets(comparison))
    text += as_text(sheet, screen);
  return text +
         "\nCosts per QALY, net benefit and all outcomes: stardsim compare\n";
}

std::string published_text(const Scenario& scenario, const Tally& tally,
                           bool whole, const Screen& screen) {
  if (scenario.published.empty()) return "";
  if (!whole && scenario.published.size() > most_published_in_brief)
    return "\n" + published_in_brief(scenario, tally) + "; the table: --all\n";
  return as_text(published_sheet(scenario, tally), screen);
}

std::string run_text(const ScenarioFile& file, const Law& law,
                     const RunDone& done, const Options& options) {
  const Simulated& simulated = done.simulated;
  const Screen screen = standard_output();
  const Scenario& scenario = file.scenario;
  const Tally& tally = simulated.tally;
  const Twin twin = done.twin ? *done.twin : twin_of(law);
  const Expectation* exact = twin.figures ? &*twin.figures : nullptr;
  const bool whole = tells_all(scenario, options);
  std::string text =
      heading(file, screen) +
      (simulated.until ? precision_note(options, simulated) : "") +
      legend_of(scenario) +
      as_text(curve_sheet(remission_curves(scenario, tally, exact),
                          horizon_text(scenario), screen),
              screen) +
      outcome_text(file, law, tally, whole, screen) +
      published_text(scenario, tally, whole, screen);
  text += whole ? run_tables(scenario, tally, exact, screen)
                : "\nSteps and arms of each pathway: --all\n" +
                      screen.dim(error_meaning) + "\n";
  if (!exact) text += "No exact figures: " + twin.why_not + "\n";
  if (done.draws) text += draws_text(scenario, *done.draws, options, screen);
  return text + unsourced_note(scenario) + draws_hint(scenario, options) +
         (options.output
              ? "\nSaved in " + options.output->string() + "\n"
              : "\nNot saved: -o FILE.h5 keeps the curves and tables.\n");
}

/// Of what a file has besides its counts, what JSON has too.
AddGroups told_groups_of(const std::optional<DrawsDone>& draws) {
  if (!draws) return {};
  return [&](NetcdfFile& file) { write_uncertainty(file, *draws); };
}

RunDocument run_document(const ScenarioFile& file, const RunDone& done,
                         const Options& options) {
  RunDocument document;
  document.image = results_image(file.scenario, done.simulated.tally, done.how,
                                 told_groups_of(done.draws));
  if (const auto& until = done.simulated.until)
    document.until = {*options.until, until->is_reached,
                      until->precision.value};
  if (options.output) document.saved = options.output->string();
  document.unsourced = unsourced(file.scenario);
  return document;
}

void refuse_bad_output(const Options& options,
                       const std::vector<ScenarioFile>& files) {
  for (const ScenarioFile& file : files) {
    refuse_to_overwrite(*options.output, file.files, "a file of the scenario",
                        ".h5");
    refuse_other_kind(*options.output, {{".json", "--json"}});
    traced_subgroup(file.scenario, options);
  }
}

}  // namespace

void run(const Options& asked, const std::string& typed, Ranks& ranks) {
  Options options;
  std::vector<ScenarioFile> files;
  std::optional<OutputLock> lock;
  together(ranks, [&] {
    const bool writes = ranks.is_first() && asked.output;
    if (writes) require_writable(*asked.output);
    start_threads(asked.threads);
    if (writes && can_be_replaced(*asked.output)) lock.emplace(*asked.output);
    options = completed(asked);
    files = read_scenarios(options.scenarios, options);
    if (writes) refuse_bad_output(options, files);
  });
  std::vector<RunDocument> documents;
  for (ScenarioFile& file : files) {
    carry_out(file, options, typed, ranks,
              [&](const Law& law, const RunDone& done) {
                if (options.json)
                  documents.push_back(run_document(file, done, options));
                else
                  print(run_text(file, law, done, options));
              });
  }
  if (options.json && ranks.is_first()) print(run_json(documents));
}

}  // namespace stardsim

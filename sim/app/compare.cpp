#include "sim/app/compare.hpp"

#include "sim/app/curve_sheet.hpp"
#include "sim/app/json.hpp"
#include "sim/app/outcome_sheets.hpp"
#include "sim/app/runner.hpp"
#include "sim/app/tables.hpp"
#include "sim/app/version.hpp"
#include "sim/io/atomic_file.hpp"
#include "sim/io/outcome_tables.hpp"
#include "sim/io/problems.hpp"
#include "sim/io/result_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <set>
#include <stdexcept>
#include <utility>

namespace stardsim {
namespace {

using Paths = std::vector<std::filesystem::path>;

/// Of one run, beside its outcomes.
struct RunView {
  std::vector<std::string> labels;  ///< of its pathways; empty: not known
  std::vector<RemissionCurve> curves;
  std::string last_week;
};

/// What was run, in the order of the command line.
struct Runs {
  std::vector<RunOutcomes> outcomes;
  std::vector<RunView> views;
};

/// What there is to compare, in the order of the command line; scenarios are
/// still to be simulated.
struct Input {
  std::vector<RunOutcomes> results;
  std::vector<RunView> views;  ///< of the results
  std::vector<ScenarioFile> scenarios;
};

/// Places of the estimands in the file that this program knows, the one that is
/// reported first in front.
std::vector<std::pair<std::size_t, Estimand>> estimands_in(
    const CurvesRead& read) {
  std::vector<std::pair<std::size_t, Estimand>> found;
  for (std::size_t at = 0; at < read.estimands.size(); ++at)
    for (std::size_t e = 0; e < estimand_count; ++e) {
      const auto estimand = static_cast<Estimand>(e);
      if (read.estimands[at] != name_of(estimand)) continue;
      const bool is_first = read.estimands[at] == read.reported_first;
      found.insert(is_first ? found.begin() : found.end(), {at, estimand});
    }
  return found;
}

RunView view_of(const CurvesRead& read) {
  RunView view;
  view.labels = read.labels;
  if (read.horizon_weeks > 0)
    view.last_week = fmt::format("{:.6g}", read.horizon_weeks);
  else if (read.weeks > 0)
    view.last_week = std::to_string(read.weeks - 1);
  for (std::size_t p = 0; p < read.pathways.size(); ++p)
    for (const auto& [place, estimand] : estimands_in(read)) {
      RemissionCurve curve{read.pathways[p], estimand, {}};
      const std::size_t first =
          (p * read.estimands.size() + place) * read.weeks;
      for (std::size_t at = first; at < first + read.weeks; ++at)
        curve.by_week.push_back({read.mean[at], read.se[at]});
      view.curves.push_back(std::move(curve));
    }
  return view;
}

Input read(const Options& options) {
  Paths scenarios;
  Input input;
  for (const auto& path : options.scenarios)
    if (is_result_file(path)) {
      input.results.push_back(read_outcomes(path));
      input.views.push_back(view_of(read_curves(path)));
    } else {
      scenarios.push_back(path);
    }
  input.scenarios = read_scenarios(scenarios, options);
  return input;
}

/// Scenarios are simulated on the same patients with the same luck: those of
/// the first result or else of the first scenario, where the options do not
/// say.
void agree_on_patients(Input& input, const Options& options) {
  if (input.scenarios.empty()) {
    const char* const option = options.patients ? "--patients"
                               : options.seed   ? "--seed"
                                                : nullptr;
    if (option)
      throw BadUsage(fmt::format(
          "{}: results are taken as they are; it is for scenarios (.toml)",
          option));
    return;
  }
  const Cohort& first = input.scenarios.front().scenario.cohort;
  const std::uint64_t patients = options.patients ? *options.patients
                                 : input.results.empty()
                                     ? first.patients
                                     : input.results.front().patients;
  const std::uint64_t seed = options.seed ? *options.seed
                             : input.results.empty()
                                 ? first.seed
                                 : input.results.front().seed;
  for (ScenarioFile& file : input.scenarios) {
    file.scenario.cohort.patients = patients;
    file.scenario.cohort.seed = seed;
  }
}

void simulate_run(const ScenarioFile& file, const Options& options,
                  Runs& runs) {
  const InterruptWatch watch;
  const Scenario& scenario = file.scenario;
  const Law law = compile(scenario);
  const Tally tally = simulate_cohort(scenario, law, options, watch).tally;
  runs.outcomes.push_back(run_outcomes(scenario, tally, scenario.cohort.seed,
                                       "", cohort_sha256(law)));
  RunView view{
      {}, remission_curves(scenario, tally, nullptr), horizon_text(scenario)};
  for (const Pathway& pathway : scenario.pathways)
    view.labels.push_back(pathway.label);
  runs.views.push_back(std::move(view));
}

Runs all_runs(Input input, const Options& options) {
  const auto names = run_names(options.scenarios);
  Runs runs;
  std::size_t results = 0, scenarios = 0;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (is_result_file(options.scenarios[i])) {
      runs.outcomes.push_back(std::move(input.results[results]));
      runs.views.push_back(std::move(input.views[results++]));
    } else {
      simulate_run(input.scenarios[scenarios++], options, runs);
    }
    runs.outcomes.back().name = names[i];
  }
  if (!options.thresholds.empty())
    for (RunOutcomes& run : runs.outcomes) run.thresholds = options.thresholds;
  return runs;
}

/// By the name of the strategy, or of its pathway or run where that says it.
std::size_t find_reference(const std::vector<RunOutcomes>& runs,
                           const std::optional<std::string>& asked) {
  if (!asked) return runs.front().reference;
  std::vector<std::string> names;
  std::vector<std::size_t> found;
  for (const RunOutcomes& run : runs)
    for (std::size_t p = 0; p < run.pathways.size(); ++p) {
      const std::string& pathway = run.pathways[p];
      const std::string name =
          runs.size() == 1 ? pathway : run.name + "/" + pathway;
      if (name == *asked) return names.size();
      if (pathway == *asked || (run.name == *asked && p == run.reference))
        found.push_back(names.size());
      names.push_back(name);
    }
  if (found.size() == 1) return found.front();
  throw BadUsage(fmt::format("--reference: {} is {} of the strategies {}{}",
                             in_quotes(*asked),
                             found.empty() ? "none" : "more than one",
                             listed(names), suggestion(*asked, names)));
}

Comparison compared(std::vector<RunOutcomes> runs, const Options& options) {
  const std::size_t reference = find_reference(runs, options.reference);
  try {
    return Comparison(std::move(runs), reference);
  } catch (const std::invalid_argument& error) {
    throw BadUsage(error.what());
  }
}

/// The perspective that tables are in. Where nothing can be weighed, asking for
/// one, or for thresholds, is asking too much.
std::size_t find_perspective(const Comparison& comparison,
                             const Options& options) {
  if (decision_perspectives(comparison) == 0) {
    const char* const option = options.perspective           ? "--perspective"
                               : !options.thresholds.empty() ? "--thresholds"
                                                             : nullptr;
    if (option)
      throw BadUsage(fmt::format(
          "{}: cost-effectiveness needs costs and QALYs in all files: give "
          "each scenario [economics], and run results again",
          option));
    return 0;
  }
  if (!options.perspective) return comparison.perspective();
  const auto& names = comparison.perspectives();
  const auto found =
      std::find(names.begin(), names.end(), *options.perspective);
  if (found == names.end())
    throw BadUsage(fmt::format("--perspective: {} is none of {}{}",
                               in_quotes(*options.perspective), listed(names),
                               suggestion(*options.perspective, names)));
  return static_cast<std::size_t>(found - names.begin());
}

std::string heading(const Comparison& comparison,
                    const std::vector<RunView>& views, const Options& options,
                    const Screen& screen) {
  std::string text =
      screen.bold(
          fmt::format("{} compared; reference: {}",
                      counted(comparison.strategies().size(), "pathway"),
                      comparison.strategies()[comparison.reference()].name)) +
      "\n";
  for (std::size_t r = 0; r < comparison.runs().size(); ++r) {
    const RunOutcomes& run = comparison.runs()[r];
    const auto& path = options.scenarios[r];
    const std::string money = money_of(run);
    text += fmt::format(
        "- {}: {}, {}, seed {}{}\n", run.name,
        (is_result_file(path) ? "result " : "scenario ") + path.string(),
        counted(run.patients, "patient"), run.seed,
        money.empty() ? "" : ", money in " + money);
    if (views[r].labels.size() == run.pathways.size())
      text += legend(run.pathways, views[r].labels);
  }
  return text + pairing_note(comparison) + settings_note(comparison);
}

bool all_are_paired(const Comparison& comparison) {
  for (std::size_t s = 0; s < comparison.strategies().size(); ++s)
    if (!comparison.is_paired(s, comparison.reference())) return false;
  return true;
}

std::vector<Sheet> curve_sheets(const Comparison& comparison,
                                const std::vector<RunView>& views,
                                const Screen& screen) {
  std::vector<Sheet> sheets;
  for (std::size_t r = 0; r < views.size(); ++r) {
    if (views[r].curves.empty()) continue;
    Sheet sheet = curve_sheet(views[r].curves, views[r].last_week, screen);
    if (views.size() > 1)
      sheet.title = comparison.runs()[r].name + ": " + sheet.title;
    sheets.push_back(std::move(sheet));
  }
  return sheets;
}

/// The warnings that a table for programs has no room for.
void warn(const Comparison& comparison) {
  if (!all_are_paired(comparison))
    fmt::print(stderr, "{}", pairing_note(comparison));
  fmt::print(stderr, "{}", settings_note(comparison));
}

void show(const Comparison& comparison, const std::vector<RunView>& views,
          const Options& options) {
  const std::size_t perspective = find_perspective(comparison, options);
  const auto& thresholds = comparison.runs().front().thresholds;
  if (options.format == TableFormat::csv) {
    warn(comparison);
    return print(comparison_csv(comparison, thresholds));
  }
  const bool is_markdown = options.format == TableFormat::markdown;
  const Screen screen = is_markdown ? Screen{} : standard_output();
  std::string text = heading(comparison, views, options, screen);
  const auto curves = is_markdown ? std::vector<Sheet>{}
                                  : curve_sheets(comparison, views, screen);
  for (const Sheet& sheet : comparison_sheets(comparison, perspective,
                                              thresholds, options.all, curves))
    text += is_markdown ? as_markdown(sheet) : as_text(sheet, screen);
  if (decision_perspectives(comparison) == 0)
    text +=
        "\nNo costs per QALY: all files would need costs, utilities and a "
        "perspective of one name.\n";
  text += error_note;
  if (options.output) text += "\nSaved in " + options.output->string() + "\n";
  print(text);
}

std::vector<std::byte> image_of(const Comparison& comparison,
                                const Options& options,
                                const std::string& typed,
                                const std::string& start) {
  const Build build = this_build();
  ComparisonProvenance how;
  for (const auto& path : options.scenarios) how.files.push_back(path.string());
  how.program_version = build.version;
  how.commit = build.commit;
  how.command_line = typed;
  how.start_time = start;
  return comparison_image(comparison, how);
}

}  // namespace

bool is_result_file(const std::filesystem::path& path) {
  const auto ending = path.extension();
  return ending == ".h5" || ending == ".hdf5" || ending == ".nc";
}

std::vector<std::string> run_names(const Paths& paths) {
  std::vector<std::string> names;
  std::set<std::string> taken;
  for (const auto& path : paths) {
    const std::string stem = path.stem().string();
    std::string name = stem;
    for (int n = 2; !taken.insert(name).second; ++n)
      name = stem + "-" + std::to_string(n);
    names.push_back(name);
  }
  return names;
}

void compare(const Options& options, const std::string& typed) {
  const std::string start = now_utc();
  Input input = read(options);
  if (options.output) {
    Paths read = options.scenarios;
    for (const ScenarioFile& file : input.scenarios)
      read.insert(read.end(), file.files.begin(), file.files.end());
    refuse_to_overwrite(*options.output, read, "one of the files compared",
                        "-comparison.h5");
    refuse_other_kind(*options.output, {{".csv", "--format csv"},
                                        {".md", "--format markdown"},
                                        {".txt", "--format text"},
                                        {".json", "--json"}});
    require_writable(*options.output);
  }
  agree_on_patients(input, options);
  Runs runs = all_runs(std::move(input), options);
  const Comparison comparison = compared(std::move(runs.outcomes), options);
  find_perspective(comparison, options);  // before anything is written
  std::vector<std::byte> image;
  if (options.output || options.json)
    image = image_of(comparison, options, typed, start);
  if (options.output) write_atomically(*options.output, image);
  if (!options.json) return show(comparison, runs.views, options);
  warn(comparison);
  print(comparison_json(image));
}

}  // namespace stardsim

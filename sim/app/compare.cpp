#include "sim/app/compare.hpp"

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

/// What there is to compare, in the order of the command line; scenarios are
/// still to be simulated.
struct Input {
  std::vector<RunOutcomes> results;
  std::vector<ScenarioFile> scenarios;
};

Input read(const Options& options) {
  Paths scenarios;
  Input input;
  for (const auto& path : options.scenarios)
    if (is_result_file(path))
      input.results.push_back(read_outcomes(path));
    else
      scenarios.push_back(path);
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

RunOutcomes simulated_run(const ScenarioFile& file, const Options& options) {
  const InterruptWatch watch;
  const Law law = compile(file.scenario);
  const Tally tally = simulate_cohort(file.scenario, law, options, watch).tally;
  return run_outcomes(file.scenario, tally, file.scenario.cohort.seed, "",
                      cohort_sha256(law));
}

std::vector<RunOutcomes> all_runs(Input input, const Options& options) {
  const auto names = run_names(options.scenarios);
  std::vector<RunOutcomes> runs;
  std::size_t results = 0, scenarios = 0;
  for (std::size_t i = 0; i < names.size(); ++i) {
    runs.push_back(is_result_file(options.scenarios[i])
                       ? std::move(input.results[results++])
                       : simulated_run(input.scenarios[scenarios++], options));
    runs.back().name = names[i];
  }
  if (!options.thresholds.empty())
    for (RunOutcomes& run : runs) run.thresholds = options.thresholds;
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

std::string heading(const Comparison& comparison, const Options& options) {
  std::string text =
      fmt::format("{} compared; reference: {}\n",
                  counted(comparison.strategies().size(), "pathway"),
                  comparison.strategies()[comparison.reference()].name);
  for (std::size_t r = 0; r < comparison.runs().size(); ++r) {
    const RunOutcomes& run = comparison.runs()[r];
    const auto& path = options.scenarios[r];
    const std::string money = money_of(run);
    text += fmt::format(
        "- {}: {}, {}, seed {}{}\n", run.name,
        (is_result_file(path) ? "result " : "scenario ") + path.string(),
        counted(run.patients, "patient"), run.seed,
        money.empty() ? "" : ", money in " + money);
  }
  return text + pairing_note(comparison) + settings_note(comparison);
}

bool all_are_paired(const Comparison& comparison) {
  for (std::size_t s = 0; s < comparison.strategies().size(); ++s)
    if (!comparison.is_paired(s, comparison.reference())) return false;
  return true;
}

void show(const Comparison& comparison, const Options& options) {
  const std::size_t perspective = find_perspective(comparison, options);
  const auto& thresholds = comparison.runs().front().thresholds;
  if (options.format == TableFormat::csv) {
    if (!all_are_paired(comparison))
      fmt::print(stderr, "{}", pairing_note(comparison));
    fmt::print(stderr, "{}", settings_note(comparison));
    return print(comparison_csv(comparison, thresholds));
  }
  std::string text = heading(comparison, options);
  const bool is_markdown = options.format == TableFormat::markdown;
  for (const Sheet& sheet :
       comparison_sheets(comparison, perspective, thresholds, options.all))
    text += is_markdown ? as_markdown(sheet) : as_text(sheet);
  if (decision_perspectives(comparison) == 0)
    text +=
        "\nNo costs per QALY: all files would need costs, utilities and a "
        "perspective of one name.\n";
  text += error_note;
  if (options.output) text += "\nSaved in " + options.output->string() + "\n";
  print(text);
}

void save(const Comparison& comparison, const Options& options,
          const std::string& typed, const std::string& start) {
  const Build build = this_build();
  ComparisonProvenance how;
  for (const auto& path : options.scenarios) how.files.push_back(path.string());
  how.program_version = build.version;
  how.commit = build.commit;
  how.command_line = typed;
  how.start_time = start;
  write_atomically(*options.output, comparison_image(comparison, how));
}

/// -o saves HDF5; who asks for another kind of file means the printed table.
void refuse_other_kind(const std::filesystem::path& path) {
  for (const auto& [ending, format] :
       {std::pair{".csv", "csv"}, std::pair{".md", "markdown"},
        std::pair{".txt", "text"}})
    if (path.extension() == ending)
      throw BadUsage(fmt::format(
          "-o {} would be HDF5: name a file .h5, or write --format {} > {}",
          path.string(), format, path.string()));
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
    refuse_other_kind(*options.output);
    require_writable(*options.output);
  }
  agree_on_patients(input, options);
  const Comparison comparison =
      compared(all_runs(std::move(input), options), options);
  find_perspective(comparison, options);  // before anything is written
  if (options.output) save(comparison, options, typed, start);
  show(comparison, options);
}

}  // namespace stardsim

#include "sim/app/runner.hpp"

#include "sim/app/tables.hpp"
#include "sim/io/atomic_file.hpp"
#include "sim/io/sha256.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <system_error>
#include <utility>

namespace stardsim {
namespace {

RunOptions run_options(const Scenario& scenario, const Options& options,
                       const InterruptWatch& watch) {
  RunOptions run;
  run.patients = scenario.cohort.patients;
  run.luck.seed = scenario.cohort.seed;
  run.threads = options.threads;
  run.instruction_set = options.instruction_set;
  run.stop = [&watch] { return watch.interrupted(); };
  return run;
}

Simulated simulate_until(const Scenario& scenario, const Law& law,
                         const Options& options, const InterruptWatch& watch) {
  PrecisionGoal goal;
  try {
    goal = parse_precision_goal(*options.until, scenario);
  } catch (const std::invalid_argument& error) {
    throw BadUsage(std::string("--until: ") + error.what());
  }
  Simulated simulated;
  const auto some = [&](std::uint64_t first, std::uint64_t count) {
    // How far there is to go shows only there.
    ProgressLine line(first + count);
    RunOptions run = run_options(scenario, options, watch);
    run.first_patient = first;
    run.patients = count;
    run.progress = [&](std::uint64_t done) { line.show(first + done); };
    return simulate(law, run, &simulated.facts);
  };
  simulated.until = run_until(goal, scenario, options.max_patients, some);
  simulated.tally = std::move(simulated.until->tally);
  return simulated;
}

const char* words_for(Precision::Doubt doubt) {
  switch (doubt) {
    case Precision::Doubt::none:
      return "";
    case Precision::Doubt::few_patients:
      return ", too few to judge by";
    case Precision::Doubt::few_differ:
      return ", of whom too few differ to judge by";
    case Precision::Doubt::uneven:
      return ", of whom a few make the difference: too uneven to judge by";
  }
  return "";
}

}  // namespace

void print(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() ||
      std::fflush(stdout) != 0)
    throw CannotWrite("cannot write standard output: " +
                      std::generic_category().message(errno));
}

std::string counted(std::uint64_t count, const std::string& what) {
  return grouped(count) + " " + what + (count == 1 ? "" : "s");
}

std::string now_utc() {
  const auto now = std::chrono::time_point_cast<std::chrono::seconds>(
      std::chrono::system_clock::now());
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", now);
}

std::vector<ScenarioFile> read_scenarios(
    const std::vector<std::filesystem::path>& paths, const Options& options) {
  std::vector<ScenarioFile> files;
  std::vector<std::string> problems;
  for (const auto& path : paths) try {
      files.push_back(read_scenario(path));
    } catch (const BadScenario& bad) {
      problems.insert(problems.end(), bad.lines().begin(), bad.lines().end());
    }
  if (!problems.empty()) throw BadScenario(problems);
  for (ScenarioFile& file : files) {
    if (options.patients) file.scenario.cohort.patients = *options.patients;
    if (options.seed) file.scenario.cohort.seed = *options.seed;
  }
  return files;
}

void refuse_to_overwrite(const std::filesystem::path& output,
                         const std::vector<std::filesystem::path>& read,
                         const std::string& what, const std::string& ending) {
  for (const auto& path : read) {
    std::error_code missing;
    if (std::filesystem::equivalent(output, path, missing))
      throw BadUsage("-o " + output.string() + " is " + what +
                     "; name another, such as " + path.stem().string() +
                     ending);
  }
}

Simulated simulate_cohort(const Scenario& scenario, const Law& law,
                          const Options& options, const InterruptWatch& watch) {
  if (options.until) return simulate_until(scenario, law, options, watch);
  ProgressLine line(scenario.cohort.patients);
  RunOptions run = run_options(scenario, options, watch);
  run.progress = [&](std::uint64_t done) { line.show(done); };
  Simulated simulated;
  simulated.tally = simulate(law, run, &simulated.facts);
  return simulated;
}

std::string precision_note(const Options& options, const Simulated& simulated) {
  const PrecisionResult& until = *simulated.until;
  const std::string patients = counted(simulated.tally.patients, "patient");
  const std::string value = std::isnan(until.precision.value)
                                ? "not to be had"
                                : fmt::format("{:.4g}", until.precision.value);
  if (until.is_reached)
    return fmt::format("Reached {}: {} with {}\n", *options.until, value,
                       patients);
  return fmt::format(
      "Not reached: {}: {} with {}{}; --max-patients allows "
      "more\n",
      *options.until, value, patients, words_for(until.precision.doubt));
}

std::string cohort_sha256(const Law& law) {
  return sha256(cohort_bytes_of(law));
}

}  // namespace stardsim

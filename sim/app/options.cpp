#include "sim/app/options.hpp"

#include "sim/app/version.hpp"
#include "sim/core/simulate.hpp"
#include "sim/io/problems.hpp"
#include "sim/io/scenario_reader.hpp"
#include "sim/io/trace.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>

namespace stardsim {
namespace {

constexpr int most_threads = 1024;

constexpr const char* run_help =
    "Simulate scenarios, print the remission tables and, with -o, save the\n"
    "result as HDF5.\n\n"
    "Example: stardsim run configs/stard.toml -o results/stard.h5";
constexpr const char* validate_help =
    "Check scenario files without running them; says which numbers have no\n"
    "source.\n\nExample: stardsim validate configs/stard.toml";
constexpr const char* describe_help =
    "Say in words, and as a diagram, what a scenario does.\n\n"
    "Example: stardsim describe configs/stard_arms.toml";
constexpr const char* exact_help =
    "Compute the same tables exactly, without random numbers.\n\n"
    "Example: stardsim exact configs/stard.toml --weeks";
constexpr const char* replay_help =
    "Tell the story of one patient: what happened when, and every draw that\n"
    "decided it.\n\n"
    "Example: stardsim replay configs/trd_third_line.toml --patient 42 "
    "--pathway ect";

int parse_threads(const std::string& text) {
  int threads = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), threads);
  if (error != std::errc() || end != text.data() + text.size() || threads < 1 ||
      threads > most_threads)
    throw BadUsage("--threads: \"" + text +
                   "\" is not a number of threads (a whole number from 1 to " +
                   std::to_string(most_threads) + ")");
  return threads;
}

// Counts are read as text: CLI11 takes -5 or twenty digits for an unsigned
// number without a word, and refuses 1e6.
struct Texts {
  std::string output, patients, seed, threads, instruction_set;
  std::string trace, trace_if, patient, pathway;
};

// Of the form that seeds are written in, within a range.
std::uint64_t parse_number(const char* option, const std::string& text,
                           std::uint64_t lowest, std::uint64_t highest,
                           const char* allowed) {
  try {
    const std::uint64_t number = parse_seed(text);
    if (lowest <= number && number <= highest) return number;
  } catch (const std::invalid_argument&) {
  }
  throw BadUsage(std::string(option) + ": " + in_quotes(text) + " is not " +
                 allowed);
}

template <class Parse>
std::optional<std::uint64_t> parse_count(const char* option,
                                         const std::string& text, Parse parse) {
  try {
    return parse(text);
  } catch (const std::invalid_argument& error) {
    throw BadUsage(std::string(option) + ": " + error.what());
  }
}

void check_instruction_set(const std::string& name) {
  const auto names = instruction_sets();
  if (std::find(names.begin(), names.end(), name) == names.end())
    throw BadUsage("--instructions: this machine does not have \"" + name +
                   "\" (it has " + listed(names) + ")");
}

CLI::App* add_command(CLI::App& app, const char* name, const char* help,
                      Options& options) {
  CLI::App* command = app.add_subcommand(name, help);
  command->add_option("SCENARIO", options.scenarios, "Scenario files (TOML)")
      ->required();
  return command;
}

void add_run_options(CLI::App& run, Options& options, Texts& texts) {
  run.add_option("-o,--output", texts.output,
                 "Save the result in this HDF5 file (one scenario only)");
  run.add_option("--patients", texts.patients,
                 "Patients, instead of the file's: 100000, 100_000 or 1e5");
  run.add_option("--seed", texts.seed, "Seed, instead of the file's");
  run.add_option(
      "--threads", texts.threads,
      "Threads (default: one for each core); never changes a result");
  run.add_option("--instructions", texts.instruction_set,
                 "Instruction set (default: the fastest): " +
                     listed(instruction_sets()) + "; never changes a result");
  run.add_flag("--timing", options.timing,
               "Print the speed of the simulation on stderr");
  run.add_option("--trace", texts.trace,
                 "Also save the histories of the first so many patients (with "
                 "-o; at most 10,000,000)");
  run.add_option("--trace-if", texts.trace_if,
                 "Of these, only the members of this subgroup of the scenario");
}

void add_replay_options(CLI::App& replay, Options& options, Texts& texts) {
  replay
      .add_option("--patient", texts.patient,
                  "Number of the patient, from 0; any patient, in the cohort "
                  "or beyond")
      ->required();
  replay.add_option("--pathway", texts.pathway,
                    "Name of the pathway (default: the reference)");
  replay.add_option("--seed", texts.seed, "Seed, instead of the file's");
  replay.add_flag("--if-all-continue", options.if_all_continue,
                  "The course if all continue, to the first remission "
                  "(default: the observed one)");
}

void take(const Texts& texts, const CLI::App& run, Options& options) {
  if (run.count("--output")) options.output = texts.output;
  if (run.count("--patients"))
    options.patients =
        parse_count("--patients", texts.patients, parse_patients);
  if (run.count("--seed"))
    options.seed = parse_count("--seed", texts.seed, parse_seed);
  if (run.count("--threads")) options.threads = parse_threads(texts.threads);
  if (run.count("--instructions")) {
    check_instruction_set(texts.instruction_set);
    options.instruction_set = texts.instruction_set;
  }
  if (options.output && options.scenarios.size() > 1)
    throw BadUsage("-o names one file: save one scenario at a time");
  if (run.count("--trace"))
    options.trace =
        parse_number("--trace", texts.trace, 1, most_traced_patients,
                     "a number of patients to trace (a whole number from 1 to "
                     "10,000,000)");
  if (run.count("--trace-if")) options.trace_if = texts.trace_if;
  if (options.trace_if && !options.trace)
    throw BadUsage("--trace-if chooses among the patients of --trace N");
  if (options.trace && !options.output)
    throw BadUsage("--trace saves histories: name the file with -o");
}

void take_replay(const Texts& texts, const CLI::App& replay, Options& options) {
  options.patient =
      parse_number("--patient", texts.patient, 0, max_patients - 1,
                   "a patient's number (a whole number from 0 to 2^40-1)");
  if (replay.count("--pathway")) options.pathway = texts.pathway;
  if (replay.count("--seed"))
    options.seed = parse_count("--seed", texts.seed, parse_seed);
}

// CLI11 takes an unknown command for a missing one: named here, if the first
// word is none of the commands.
void check_command(const CLI::App& app, int argc, const char* const* argv) {
  if (argc < 2 || argv[1][0] == '-') return;
  const std::string word = argv[1];
  for (const CLI::App* command : app.get_subcommands({}))
    if (command->get_name() == word) return;
  throw BadUsage(
      "\"" + word +
      "\" is no command (run, exact, replay, validate or describe; see "
      "stardsim --help)");
}

// CLI11's message, in one line.
std::string one_line(std::string message) {
  while (!message.empty() && message.back() == '\n') message.pop_back();
  std::replace(message.begin(), message.end(), '\n', ' ');
  return message;
}

}  // namespace

Options parse_options(int argc, const char* const* argv) {
  Options options;
  Texts texts;
  CLI::App app(
      "Monte Carlo cohort engine for the sequential treatment of depression",
      "stardsim");
  app.set_version_flag("--version", version_line());
  app.require_subcommand(1);
  app.footer(
      "Start with: stardsim run configs/stard.toml\n"
      "Exit codes: 0 done, 2 bad input, 3 cannot read or write, "
      "4 interrupted, 1 a fault of the program.");
  // Of an option given twice the last holds, as everywhere else.
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  CLI::App* run = add_command(app, "run", run_help, options);
  CLI::App* validate = add_command(app, "validate", validate_help, options);
  CLI::App* describe = add_command(app, "describe", describe_help, options);
  CLI::App* exact = add_command(app, "exact", exact_help, options);
  CLI::App* replay = add_command(app, "replay", replay_help, options);
  add_run_options(*run, options, texts);
  add_replay_options(*replay, options, texts);
  exact->add_flag("--weeks", options.weeks, "Also the curve, week by week");
  check_command(app, argc, argv);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    throw HelpAsked(app.help());
  } catch (const CLI::CallForAllHelp&) {
    throw HelpAsked(app.help("", CLI::AppFormatMode::All));
  } catch (const CLI::CallForVersion& version) {
    throw HelpAsked(std::string(version.what()) + "\n");
  } catch (const CLI::ParseError& error) {
    throw BadUsage(one_line(error.what()) + " (see stardsim --help)");
  }
  if (*run) {
    options.command = Command::run;
    take(texts, *run, options);
  }
  if (*validate) options.command = Command::validate;
  if (*describe) options.command = Command::describe;
  if (*exact) options.command = Command::exact;
  if (*replay) {
    options.command = Command::replay;
    take_replay(texts, *replay, options);
  }
  return options;
}

}  // namespace stardsim

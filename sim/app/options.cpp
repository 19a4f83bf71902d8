#include "sim/app/options.hpp"

#include "models/uncertainty.hpp"
#include "sim/analysis/probabilistic.hpp"
#include "sim/app/version.hpp"
#include "sim/core/simulate.hpp"
#include "sim/io/problems.hpp"
#include "sim/io/scenario_reader.hpp"
#include "sim/io/trace.hpp"
#include "sim/io/uncertainty_reader.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>

namespace stardsim {
namespace {

constexpr int most_threads = 1024;

/// What stands for the number of an option that was given none.
constexpr const char* no_number = "none given";

constexpr const char* run_help =
    "Simulate scenarios, print the remission tables and, with -o, save the\n"
    "result as HDF5. Of one pathway or two the tables of all steps and arms "
    "are\n"
    "printed; of more a summary in a few lines each, and the tables with "
    "--all.\n\n"
    "Example: stardsim run configs/stard.toml -o results/stard.h5";
constexpr const char* compare_help =
    "Compare the pathways of scenarios and results: costs per QALY, net\n"
    "benefit, outcomes, paired differences. Scenarios (.toml) are "
    "simulated\n"
    "on the same patients with the same luck; results (.h5) of `run -o` are\n"
    "taken as they are, and paired where their patients and seed agree.\n\n"
    "Example: stardsim compare configs/ect_timing.toml --thresholds "
    "50000,100000\n"
    "         stardsim compare results/a.h5 results/b.h5 --format csv";
constexpr const char* report_help =
    "Make one page (HTML) of results, to be opened in a browser: the answer "
    "in\n"
    "words, pathways, curves, flow, tables, costs, every input with its\n"
    "source, and how to run it again. It needs no network.\n\n"
    "Example: stardsim run configs/stard_arms.toml -o results/stard.h5\n"
    "         stardsim report results/stard.h5 -o results/stard.html";
constexpr const char* sensitivity_help =
    "Vary the numbers of a scenario one by one, each from end to end of its "
    "95 %\n"
    "interval, on the same patients with the same luck: by how much the result "
    "moves\n"
    "(a tornado), and at which value another pathway would be chosen. With "
    "--two-way\n"
    "two of them together.\n\n"
    "Example: stardsim sensitivity configs/trd_third_line.toml\n"
    "         stardsim sensitivity configs/ect_by_line.toml --parameter\n"
    "         'steps.*.remission' --parameter steps.ect.weeks=3:6";
constexpr const char* alternatives_help =
    "Run a scenario and the [alternatives] it names (another line dependence, "
    "another\n"
    "evidence set, another horizon) on the same patients with the same luck, "
    "and say\n"
    "which pathway would be chosen under each.\n\n"
    "Example: stardsim alternatives configs/ect_by_line.toml";
constexpr const char* validate_help =
    "Check scenario files without running them; says which numbers have no\n"
    "source.\n\nExample: stardsim validate configs/stard.toml";
constexpr const char* describe_help =
    "Say in words, and as a diagram, what a scenario does.\n\n"
    "Example: stardsim describe configs/stard_arms.toml";
constexpr const char* exact_help =
    "Compute the same tables exactly, without random numbers.\n\n"
    "Example: stardsim exact configs/stard.toml --weeks";
constexpr const char* calibrate_help =
    "Find the values of free parameters that give published figures: best "
    "fit,\n"
    "posterior, goodness of fit. The targets file names the parameters with "
    "their\n"
    "priors and the figures (configs/README.md, Calibration). -o writes a "
    "scenario\n"
    "that extends the first, and beside it the draws of the posterior (.csv) "
    "that\n"
    "it takes its uncertainty from.\n\n"
    "Example: stardsim calibrate configs/ect_by_line.toml --targets\n"
    "         configs/calibration/ect_relapse.targets.toml -o "
    "calibrated.toml";
constexpr const char* check_help =
    "Check the program: against the exact twin, published figures, and in "
    "ways\n"
    "whose answer is known beforehand. Without files on STAR*D, IVI-MDD and "
    "an\n"
    "economic scenario that are part of the program. Exit code 1 if a check\n"
    "fails.\n\n"
    "Example: stardsim check --format markdown";
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
  std::string draws, draw_patients, targets, checkpoint_every;
  std::string until, max_patients, reference, perspective, thresholds, format;
  std::string measure, against;
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

/// Numbers from 0 on, between commas; in ascending order, each once.
std::vector<double> parse_thresholds(
    const std::string& text, const std::string& option = "--thresholds") {
  const auto refuse = [&](const std::string& part) {
    throw BadUsage(option + ": " + in_quotes(part) +
                   " is not the worth of a QALY (numbers from 0 on, such as "
                   "20000,50_000,1e5)");
  };
  std::vector<double> thresholds;
  std::string::size_type from = 0;
  while (from <= text.size()) {
    const auto end = std::min(text.find(',', from), text.size());
    const std::string part = text.substr(from, end - from);
    std::string digits = part;
    digits.erase(std::remove(digits.begin(), digits.end(), '_'), digits.end());
    if (digits.size() > 1 && digits.find_first_not_of('0') == digits.npos)
      throw BadUsage(option + ": " + in_quotes(text) +
                     " is several numbers, between commas; for one write "
                     "50000 or 50_000");
    double number = 0;
    const auto [last, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc() || last != digits.data() + digits.size() ||
        digits.empty() || !(number >= 0 && number <= 1e12))
      refuse(part);
    thresholds.push_back(number);
    from = end + 1;
  }
  std::sort(thresholds.begin(), thresholds.end());
  thresholds.erase(std::unique(thresholds.begin(), thresholds.end()),
                   thresholds.end());
  if (thresholds.size() > 1000) refuse("more than 1,000 numbers");
  return thresholds;
}

TableFormat parse_format(const std::string& name) {
  const std::vector<std::string> names{"text", "csv", "markdown", "json"};
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end())
    throw BadUsage("--format: " + in_quotes(name) + " is none of " +
                   listed(names) + suggestion(name, names));
  return static_cast<TableFormat>(found - names.begin());
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

void add_simulation_options(CLI::App& command, Texts& texts) {
  command.add_option("--patients", texts.patients,
                     "Patients, instead of the file's: 100000, 100_000 or 1e5");
  command.add_option("--seed", texts.seed, "Seed, instead of the file's");
  command.add_option(
      "--threads", texts.threads,
      "Threads (default: one for each core); never changes a result");
  command.add_option(
      "--instructions", texts.instruction_set,
      "Instruction set (default: the fastest): " + listed(instruction_sets()) +
          "; never changes a result");
}

void add_json(CLI::App& command, Options& options) {
  command.add_flag("--json", options.json,
                   "One JSON document instead of text (results/README.md)");
}

void add_format(CLI::App& command, Texts& texts) {
  command.add_option("--format", texts.format,
                     "text (default), csv, markdown, or json (as --json)");
}

CLI::App* add_compare(CLI::App& app, Options& options, Texts& texts) {
  CLI::App* compare = app.add_subcommand("compare", compare_help);
  compare
      ->add_option("FILE", options.scenarios,
                   "Scenarios (TOML) and results (.h5, .hdf5, .nc)")
      ->required();
  compare->add_option("--reference", texts.reference,
                      "Pathway to compare with, or FILE/PATHWAY (default: that "
                      "of the first file)");
  compare->add_option("--perspective", texts.perspective,
                      "Perspective of the costs (default: the first file's)");
  compare->add_option("--thresholds", texts.thresholds,
                      "Worth of a QALY: 20000,50_000,1e5 (default: the first "
                      "file's)");
  add_format(*compare, texts);
  compare->add_flag("--all", options.all,
                    "Every outcome, with its spread between patients and its "
                    "differences, not the main ones alone");
  compare->add_option("-o,--output", texts.output,
                      "Save the comparison in this HDF5 file");
  add_json(*compare, options);
  add_simulation_options(*compare, texts);
  return compare;
}

// What is looked at in every run.
void add_figure(CLI::App& command, Texts& texts) {
  command.add_option("--measure", texts.measure,
                     "An outcome measure, or net_benefit (default: net "
                     "benefit where there are costs and QALYs, else "
                     "remission)");
  command.add_option("--perspective", texts.perspective,
                     "Perspective of the costs (default: the file's)");
}

CLI::App* add_sensitivity(CLI::App& app, Options& options, Texts& texts) {
  CLI::App* command =
      add_command(app, "sensitivity", sensitivity_help, options);
  command
      ->add_option("--parameter", options.parameters,
                   "Key of a number to vary, or a pattern (steps.*.remission); "
                   "KEY=LOW:HIGH gives a range of one's own. May be given "
                   "several times (default: all that have an interval)")
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  add_figure(*command, texts);
  command->add_option("--threshold", texts.thresholds,
                      "Worth of a QALY (default: the first of the file's)");
  command->add_option("--pathway", texts.pathway,
                      "Pathway to look at (default: the best but the "
                      "reference)");
  command->add_option("--against", texts.against,
                      "Pathway that it is compared with (default: the "
                      "reference)");
  command->add_flag("--two-way", options.two_way,
                    "Two parameters together, on a grid of 11 x 11");
  command->add_flag("--recalibrate", options.recalibrate,
                    "Solve all intercepts anew for each value (default: only "
                    "those whose own rate is varied)");
  command->add_flag("--all", options.all,
                    "Also numbers without effect, and those that are held");
  add_format(*command, texts);
  command->add_option("-o,--output", texts.output,
                      "Save the analysis in this HDF5 file");
  add_json(*command, options);
  add_simulation_options(*command, texts);
  command->add_flag("--timing", options.timing,
                    "Print the speed of the simulation on stderr");
  return command;
}

CLI::App* add_alternatives(CLI::App& app, Options& options, Texts& texts) {
  CLI::App* command =
      add_command(app, "alternatives", alternatives_help, options);
  add_figure(*command, texts);
  command->add_option("--thresholds", texts.thresholds,
                      "Worth of a QALY: 20000,50_000,1e5 (default: the "
                      "file's)");
  add_format(*command, texts);
  command->add_option("-o,--output", texts.output,
                      "Save the alternatives in this HDF5 file");
  add_json(*command, options);
  add_simulation_options(*command, texts);
  return command;
}

CLI::App* add_report(CLI::App& app, Options& options, Texts& texts) {
  CLI::App* report = app.add_subcommand("report", report_help);
  report
      ->add_option("RESULT", options.scenarios,
                   "Results of stardsim run -o (.h5); pathways of several are "
                   "compared. Files of stardsim sensitivity and alternatives "
                   "beside them are shown in the same page")
      ->required();
  report->add_option("-o,--output", texts.output,
                     "The page (default: beside the first result, with .html)");
  return report;
}

CLI::App* add_calibrate(CLI::App& app, Options& options, Texts& texts) {
  CLI::App* calibrate = add_command(app, "calibrate", calibrate_help, options);
  calibrate
      ->add_option("--targets", texts.targets,
                   "The targets file (TOML): free parameters and figures")
      ->required();
  calibrate->add_option("-o,--output", texts.output,
                        "The calibrated scenario (.toml); beside it "
                        "NAME_draws.csv");
  calibrate->add_option("--draws", texts.draws,
                        "Draws of the posterior (default: 1000)");
  calibrate->add_flag("--mode", options.at_mode,
                      "Show and write the best fit of all parameters together "
                      "(the mode), not the mean of each");
  calibrate->add_option(
      "--patients", texts.patients,
      "Patients simulated for each set of values (default: 20000); their Monte "
      "Carlo error counts as an error of the targets");
  calibrate->add_option("--seed", texts.seed,
                        "Seed of patients and search, instead of the file's");
  calibrate->add_option(
      "--threads", texts.threads,
      "Threads (default: one for each core); never changes a result");
  add_json(*calibrate, options);
  return calibrate;
}

void add_run_options(CLI::App& run, Options& options, Texts& texts) {
  run.add_option("-o,--output", texts.output,
                 "Save the result in this HDF5 file (one scenario only)");
  add_simulation_options(run, texts);
  run.add_flag("--all", options.all,
               "The tables of all steps and arms, of however many pathways");
  add_json(run, options);
  run.add_option("--until", texts.until,
                 "Instead of --patients, add patients until the Monte Carlo "
                 "error is small enough: \"half_width(qaly_difference) < "
                 "0.002\", \"se(curve(observed, 52)) < 0.001\"");
  run.add_option("--max-patients", texts.max_patients,
                 "With --until, at most so many (default: 100,000,000)");
  run.add_option("--draws", texts.draws,
                 "Then draw the uncertain numbers so many times (at most "
                 "1,000,000; 0: none) and simulate each draw; without a "
                 "number, as the scenario's [uncertainty] says, or 1000");
  run.add_option(
      "--draw-patients", texts.draw_patients,
      "Patients of each draw, 2 or more (default: the scenario's, or "
      "10,000)");
  run.add_flag("--resume", options.resume,
               "Go on with an interrupted run: give its command again, with "
               "this. Where no FILE.checkpoint is beside its output, as after "
               "a finished run, it begins anew");
  run.add_flag("--extend", options.extend,
               "Take the finished result of -o to more --patients or more "
               "--draws, without repeating those it has");
  run.add_option("--checkpoint-every", texts.checkpoint_every,
                 "Seconds between checkpoints of a run with -o (default: 60)");
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

CLI::App* add_check(CLI::App& app, Options& options, Texts& texts) {
  CLI::App* check = app.add_subcommand("check", check_help);
  check->add_option("SCENARIO", options.scenarios,
                    "Scenario files (default: those of the program)");
  check->add_option("--patients", texts.patients,
                    "Patients where probabilities are compared (default: "
                    "100000); a tenth of them, at least 1000, where nothing is "
                    "left to luck");
  check->add_option("--seed", texts.seed, "Seed, instead of the files'");
  check->add_option("--threads", texts.threads,
                    "Threads (default: one for each core)");
  check->add_option("--format", texts.format,
                    "text (default), csv or markdown");
  return check;
}

void take_cohort(const Texts& texts, const CLI::App& command,
                 Options& options) {
  if (command.count("--patients"))
    options.patients =
        parse_count("--patients", texts.patients, parse_patients);
  if (command.count("--seed"))
    options.seed = parse_count("--seed", texts.seed, parse_seed);
  if (command.count("--threads"))
    options.threads = parse_threads(texts.threads);
}

void take_simulation(const Texts& texts, const CLI::App& command,
                     Options& options) {
  if (command.count("--output")) options.output = texts.output;
  take_cohort(texts, command, options);
  if (command.count("--instructions")) {
    check_instruction_set(texts.instruction_set);
    options.instruction_set = texts.instruction_set;
  }
}

void take_format(const Texts& texts, const CLI::App& command,
                 Options& options) {
  if (command.count("--format")) options.format = parse_format(texts.format);
  const bool is_json = options.format == TableFormat::json;
  if (options.json && command.count("--format") && !is_json)
    throw BadUsage("--json and --format " + texts.format +
                   " ask for two things: leave one out");
  options.json |= is_json;
}

void take_compare(const Texts& texts, const CLI::App& compare,
                  Options& options) {
  take_simulation(texts, compare, options);
  if (compare.count("--reference")) options.reference = texts.reference;
  if (compare.count("--perspective")) options.perspective = texts.perspective;
  if (compare.count("--thresholds"))
    options.thresholds = parse_thresholds(texts.thresholds);
  take_format(texts, compare, options);
}

void take_variants(const Texts& texts, const CLI::App& command,
                   Options& options) {
  take_simulation(texts, command, options);
  if (options.scenarios.size() > 1)
    throw BadUsage(command.get_name() + " takes one scenario at a time");
  if (command.count("--measure")) options.measure = texts.measure;
  if (command.count("--perspective")) options.perspective = texts.perspective;
  take_format(texts, command, options);
}

void take_sensitivity(const Texts& texts, const CLI::App& command,
                      Options& options) {
  take_variants(texts, command, options);
  if (command.count("--pathway")) options.pathway = texts.pathway;
  if (command.count("--against")) options.against = texts.against;
  if (command.count("--threshold")) {
    options.thresholds = parse_thresholds(texts.thresholds, "--threshold");
    if (options.thresholds.size() > 1)
      throw BadUsage("--threshold: one worth of a QALY at a time");
  }
}

void take_alternatives(const Texts& texts, const CLI::App& command,
                       Options& options) {
  take_variants(texts, command, options);
  if (command.count("--thresholds"))
    options.thresholds = parse_thresholds(texts.thresholds);
}

void take_draws(const Texts& texts, const CLI::App& run, Options& options) {
  if (run.count("--draws")) {
    options.draws.emplace();
    if (texts.draws != no_number)
      options.draws->emplace(static_cast<std::uint32_t>(parse_number(
          "--draws", texts.draws, 0, max_draws,
          "a number of draws (a whole number from 0, which is none, "
          "to 1,000,000)")));
    if (options.draws == std::optional<std::uint32_t>(0)) options.draws.reset();
  }
  if (!run.count("--draw-patients")) return;
  if (!options.draws)
    throw BadUsage(
        "--draw-patients is of each draw of --draws; the number of patients is "
        "--patients");
  options.draw_patients =
      parse_number("--draw-patients", texts.draw_patients, fewest_draw_patients,
                   most_draw_patients, draw_patients_allowed);
}

double parse_seconds(const std::string& option, const std::string& text) {
  constexpr double most = 1e6;
  double seconds = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size() ||
      !(seconds > 0 && seconds <= most))
    throw BadUsage(option + ": \"" + text +
                   "\" is not a number of seconds (above 0, at most "
                   "1,000,000)");
  return seconds;
}

void take_keeping(const Texts& texts, const CLI::App& run, Options& options) {
  if (run.count("--checkpoint-every"))
    options.checkpoint_every =
        parse_seconds("--checkpoint-every", texts.checkpoint_every);
  if (options.resume && !options.output)
    throw BadUsage("--resume goes on with the run of an output: name it, -o");
  if (options.extend && !options.output)
    throw BadUsage("--extend takes a finished result further: name it, -o");
  if (options.extend && options.until)
    throw BadUsage(
        "--extend adds patients or draws: say how many with --patients or "
        "--draws, not --until");
}

void take(const Texts& texts, const CLI::App& run, Options& options) {
  take_simulation(texts, run, options);
  if (run.count("--until")) options.until = texts.until;
  if (options.until && options.patients)
    throw BadUsage(
        "--until finds how many patients it takes: leave out "
        "--patients; --max-patients sets a limit");
  if (run.count("--max-patients")) {
    if (!options.until)
      throw BadUsage(
          "--max-patients is the limit of --until; the number of "
          "patients is --patients");
    options.max_patients =
        *parse_count("--max-patients", texts.max_patients, parse_patients);
  }
  if (options.output && options.scenarios.size() > 1)
    throw BadUsage("-o names one file: save one scenario at a time");
  if (run.count("--trace"))
    options.trace =
        parse_number("--trace", texts.trace, 1, most_traced_patients,
                     "a number of patients to trace (a whole number from 1 to "
                     "10,000,000)");
  take_draws(texts, run, options);
  take_keeping(texts, run, options);
  if (run.count("--trace-if")) options.trace_if = texts.trace_if;
  if (options.trace_if && !options.trace)
    throw BadUsage("--trace-if chooses among the patients of --trace N");
  if (options.trace && !options.output)
    throw BadUsage("--trace saves histories: name the file with -o");
}

void take_calibrate(const Texts& texts, const CLI::App& calibrate,
                    Options& options) {
  if (options.scenarios.size() > 1)
    throw BadUsage("calibrate takes one scenario at a time");
  options.targets = texts.targets;
  if (calibrate.count("--output")) options.output = texts.output;
  if (calibrate.count("--draws"))
    options.draws = static_cast<std::uint32_t>(
        parse_number("--draws", texts.draws, 10, max_draws,
                     "a number of draws (a whole number from 10 to "
                     "1,000,000)"));
  take_cohort(texts, calibrate, options);
}

void take_check(const Texts& texts, const CLI::App& check, Options& options) {
  take_cohort(texts, check, options);
  if (check.count("--format")) options.format = parse_format(texts.format);
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
  throw BadUsage("\"" + word +
                 "\" is no command (run, compare, sensitivity, alternatives, "
                 "calibrate, report, check, exact, replay, validate or "
                 "describe; see stardsim --help)");
}

// CLI11's message, in one line.
std::string one_line(std::string message) {
  while (!message.empty() && message.back() == '\n') message.pop_back();
  std::replace(message.begin(), message.end(), '\n', ' ');
  return message;
}

// --draws may stand without a number: what follows it is taken for one only if
// it begins like one.
std::vector<std::string> with_numbers_given(int argc, const char* const* argv) {
  std::vector<std::string> words(argv, argv + argc);
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] != "--draws") continue;
    const std::string next = i + 1 < words.size() ? words[i + 1] : "";
    const std::size_t digit = next.find_first_not_of("+-");
    const bool is_number =
        digit != next.npos && next[digit] >= '0' && next[digit] <= '9' &&
        next.find('/') == next.npos &&
        (next.size() < 6 || next.substr(next.size() - 5) != ".toml");
    words[i] += std::string("=") + (is_number ? next : no_number);
    if (is_number)
      words.erase(words.begin() + static_cast<std::ptrdiff_t>(i) + 1);
  }
  return words;
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
  CLI::App* compare = add_compare(app, options, texts);
  CLI::App* sensitivity = add_sensitivity(app, options, texts);
  CLI::App* alternatives = add_alternatives(app, options, texts);
  CLI::App* report = add_report(app, options, texts);
  CLI::App* calibrate = add_calibrate(app, options, texts);
  CLI::App* check = add_check(app, options, texts);
  CLI::App* validate = add_command(app, "validate", validate_help, options);
  CLI::App* describe = add_command(app, "describe", describe_help, options);
  CLI::App* exact = add_command(app, "exact", exact_help, options);
  CLI::App* replay = add_command(app, "replay", replay_help, options);
  add_run_options(*run, options, texts);
  add_replay_options(*replay, options, texts);
  exact->add_flag("--weeks", options.weeks, "Also the curve, week by week");
  add_json(*exact, options);
  add_json(*validate, options);
  check_command(app, argc, argv);
  try {
    auto words = with_numbers_given(argc, argv);
    // CLI11 takes them from the last to the first, without the program.
    if (!words.empty()) words.erase(words.begin());
    std::reverse(words.begin(), words.end());
    app.parse(words);
  } catch (const CLI::CallForHelp&) {
    throw HelpAsked(app.help());
  } catch (const CLI::CallForAllHelp&) {
    throw HelpAsked(app.help("", CLI::AppFormatMode::All));
  } catch (const CLI::CallForVersion& version) {
    throw HelpAsked(std::string(version.what()) + "\n");
  } catch (const CLI::ParseError& error) {
    const auto chosen = app.get_subcommands();
    throw BadUsage(one_line(error.what()) + " (see stardsim " +
                   (chosen.empty() ? "" : chosen.front()->get_name() + " ") +
                   "--help)");
  }
  if (*run) {
    options.command = Command::run;
    take(texts, *run, options);
  }
  if (*compare) {
    options.command = Command::compare;
    take_compare(texts, *compare, options);
  }
  if (*sensitivity) {
    options.command = Command::sensitivity;
    take_sensitivity(texts, *sensitivity, options);
  }
  if (*alternatives) {
    options.command = Command::alternatives;
    take_alternatives(texts, *alternatives, options);
  }
  if (*report) {
    options.command = Command::report;
    if (report->count("--output")) options.output = texts.output;
  }
  if (*calibrate) {
    options.command = Command::calibrate;
    take_calibrate(texts, *calibrate, options);
  }
  if (*check) {
    options.command = Command::check;
    take_check(texts, *check, options);
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

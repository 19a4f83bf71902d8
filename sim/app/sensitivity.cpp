#include "sim/app/sensitivity.hpp"

#include "models/law.hpp"
#include "models/variant_law.hpp"
#include "sim/analysis/sensitivity.hpp"
#include "sim/app/json.hpp"
#include "sim/app/runner.hpp"
#include "sim/app/sensitivity_sheets.hpp"
#include "sim/app/tables.hpp"
#include "sim/app/version.hpp"
#include "sim/core/variants.hpp"
#include "sim/io/atomic_file.hpp"
#include "sim/io/problems.hpp"
#include "sim/io/sensitivity_tables.hpp"
#include "sim/io/sha256.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <utility>

namespace stardsim {
namespace {

using Clock = std::chrono::steady_clock;

/// Runs variants of a scenario on the same patients with the same luck.
class VariantRunner {
 public:
  VariantRunner(const Scenario& scenario, const Figure& figure,
                const Options& options)
      : scenario_(scenario),
        figure_(figure),
        options_(options),
        laws_(scenario) {}

  std::vector<Reading> operator()(const std::vector<Scenario>& variants) {
    // So that the tallies of many variants are not held at once.
    constexpr std::size_t at_a_time = 64;
    std::vector<Reading> readings;
    for (std::size_t from = 0; from < variants.size(); from += at_a_time) {
      const std::size_t to = std::min(from + at_a_time, variants.size());
      std::vector<Law> laws;
      for (std::size_t v = from; v < to; ++v)
        laws.push_back(compiled(variants[v]));
      const VariantTallies tallies = run(laws);
      for (std::size_t v = from; v < to; ++v)
        readings.emplace_back(figure_, variants[v], tallies.variants[v - from]);
    }
    return readings;
  }

  std::uint64_t runs() const { return runs_; }
  std::uint64_t simulated() const { return simulated_; }
  double seconds() const { return seconds_; }
  const Law& base() const { return laws_.base(); }
  const RunFacts& facts() const { return facts_; }

 private:
  /// A variant that cannot be run is said by the numbers that it changes.
  Law compiled(const Scenario& variant) const {
    try {
      return laws_.compile(variant, options_.recalibrate ? Intercepts::solved
                                                         : Intercepts::held);
    } catch (const std::invalid_argument& error) {
      std::string line = options_.parameters.empty() ? "" : "--parameter: ";
      const auto stated = parameters_of(scenario_);
      const auto varied = parameters_of(variant);
      for (std::size_t i = 0; i < std::min(stated.size(), varied.size()); ++i)
        if (varied[i].evidence.value != stated[i].evidence.value)
          line += fmt::format("{}: at {}: ", varied[i].evidence.key,
                              varied[i].evidence.value);
      throw BadUsage(line + error.what());
    }
  }

  VariantTallies run(const std::vector<Law>& laws) {
    RunOptions run;
    run.patients = scenario_.cohort.patients;
    run.luck.seed = scenario_.cohort.seed;
    run.threads = options_.threads;
    run.instruction_set = options_.instruction_set;
    run.stop = [this] { return watch_.interrupted(); };
    ProgressLine line(run.patients,
                      fmt::format("{} variants", runs_ + laws.size()));
    run.progress = [&](std::uint64_t done) { line.show(done); };
    const auto begin = Clock::now();
    VariantTallies tallies =
        simulate_variants(laws_.base(), laws, run, &facts_);
    seconds_ += std::chrono::duration<double>(Clock::now() - begin).count();
    runs_ += laws.size();
    simulated_ += run.patients;
    for (const std::uint64_t again : tallies.simulated_again)
      simulated_ += again;
    return tallies;
  }

  const Scenario& scenario_;
  const Figure& figure_;
  const Options& options_;
  const InterruptWatch watch_;
  const VariantLaws laws_;
  RunFacts facts_;
  std::uint64_t runs_ = 0, simulated_ = 0;
  double seconds_ = 0;
};

std::size_t find_pathway(const Scenario& scenario, const char* option,
                         const std::string& name) {
  std::vector<std::string> names;
  for (std::size_t p = 0; p < scenario.pathways.size(); ++p) {
    if (scenario.pathways[p].name == name) return p;
    names.push_back(scenario.pathways[p].name);
  }
  throw BadUsage(fmt::format("{}: {} is none of {}{}", option, in_quotes(name),
                             listed(names), suggestion(name, names)));
}

/// What is asked for.
struct Question {
  Figure figure;
  Ranges ranges;
  std::optional<std::size_t> pathway, against;
};

Question question_of(const Scenario& scenario, const Options& options) {
  Question question;
  if (options.pathway)
    question.pathway = find_pathway(scenario, "--pathway", *options.pathway);
  if (options.against)
    question.against = find_pathway(scenario, "--against", *options.against);
  if (question.pathway && question.pathway == question.against)
    throw BadUsage("--against: " + in_quotes(*options.against) +
                   " is the pathway itself");
  try {
    question.figure =
        figure_of(scenario, options.measure, options.perspective,
                  options.thresholds.empty()
                      ? std::optional<double>()
                      : std::optional<double>(options.thresholds.front()));
    std::vector<Asked> asked;
    for (const std::string& text : options.parameters)
      asked.push_back(parse_asked(text));
    question.ranges = ranges_of(scenario, asked);
  } catch (const std::invalid_argument& error) {
    throw BadUsage(error.what());
  }
  if (options.two_way && question.ranges.varied.size() != 2)
    throw BadUsage(fmt::format(
        "--two-way takes exactly two numbers that vary; --parameter names {}",
        options.parameters.empty()
            ? "none"
            : std::to_string(question.ranges.varied.size()) +
                  (question.ranges.held.empty()
                       ? ""
                       : " (" + question.ranges.held.front().evidence.key +
                             " has no interval: give it one as "
                             "KEY=LOW:HIGH)")));
  if (question.ranges.varied.empty())
    throw BadUsage(
        options.parameters.empty()
            ? "no number of the scenario has an interval; give one a range as "
              "--parameter KEY=LOW:HIGH"
            : "--parameter: " + question.ranges.held.front().evidence.key +
                  " has no interval; give it a range as KEY=LOW:HIGH");
  return question;
}

std::string patients_note(const Scenario& scenario, std::uint64_t in_file,
                          const Options& options) {
  if (options.patients || in_file <= scenario.cohort.patients) return "";
  return fmt::format(" (of the {} of the file: --patients takes more)",
                     grouped(in_file));
}

std::string heading(const ScenarioFile& file, std::uint64_t in_file,
                    const Options& options, const Screen& screen) {
  const Scenario& scenario = file.scenario;
  return fmt::format(
      "{}\n{}: {}{}, seed {}\n", screen.bold(scenario.title),
      file.path.string(), counted(scenario.cohort.patients, "patient"),
      patients_note(scenario, in_file, options), scenario.cohort.seed);
}

constexpr const char* luck_note =
    "In brackets: Monte Carlo standard error, of luck alone; what one number "
    "changes is told apart from luck.\n";

std::string rendered(const std::vector<Sheet>& sheets, const Screen& screen,
                     bool is_markdown) {
  std::string text;
  for (const Sheet& sheet : sheets)
    text += is_markdown ? as_markdown(sheet) : as_text(sheet, screen);
  return text;
}

bool any_change(const OneWay& one) {
  return std::any_of(one.swings.begin(), one.swings.end(),
                     [](const Swing& swing) { return swing.width() > 0; });
}

/// Said instead of an empty table, and of bars without a length.
std::string no_change_note(const Scenario& scenario, const Figure& figure,
                           const OneWay& one) {
  return any_change(one)
             ? ""
             : fmt::format("No number changes that in these patients: {}, {}\n",
                           in_words(figure), in_words(one.of, scenario));
}

std::vector<Sheet> one_way_sheets(const Scenario& scenario,
                                  const Figure& figure, const OneWay& one,
                                  const Screen& screen, bool all) {
  std::vector<Sheet> sheets;
  if (all || any_change(one))
    sheets.push_back(tornado_sheet(scenario, figure, one, screen, all));
  if (auto switches = switch_sheet(scenario, one))
    sheets.push_back(std::move(*switches));
  return sheets;
}

std::string decision_note(const Scenario& scenario, const Figure& figure,
                          const OneWay& one) {
  if (figure.better == 0 || scenario.pathways.size() < 2) return "";
  const bool any = std::any_of(
      one.swings.begin(), one.swings.end(),
      [](const Swing& swing) { return swing.below || swing.above; });
  return any ? ""
             : fmt::format("Chosen at both ends of every range: {}\n",
                           scenario.pathways[one.best].name);
}

/// What is held, where rates are given to those in whom they were measured.
std::string intercept_note(const Law& law, const Options& options) {
  if (law.intercepts.solved == 0) return "";
  return options.recalibrate
             ? "All intercepts were solved anew for each value: the rates hold "
               "in those in whom they were measured.\n"
             : "Solved intercepts are held, so that another spread or odds "
               "ratio changes rates too; --recalibrate solves them anew.\n";
}

void report_speed(const VariantRunner& runner) {
  fmt::print(
      stderr,
      "{} variants: simulated {} patients in {:.3f} s ({:.3g} "
      "patients/s), {}, {}\n",
      runner.runs(), runner.simulated(), runner.seconds(),
      static_cast<double>(runner.simulated()) / runner.seconds(),
      counted(static_cast<std::uint64_t>(runner.facts().threads), "thread"),
      runner.facts().instruction_set);
}

}  // namespace

Provenance analysis_provenance(const ScenarioFile& file, const Law& law,
                               const RunFacts& facts, const std::string& typed,
                               const std::string& start) {
  Provenance made = provenance_of(file, law, facts);
  made.command_line = typed;
  made.start_time = start;
  return made;
}

void check_output(const Options& options, const ScenarioFile& file,
                  const std::string& ending) {
  if (!options.output) return;
  refuse_to_overwrite(*options.output, file.files, "a file of the scenario",
                      ending);
  refuse_other_kind(*options.output, {{".csv", "--format csv"},
                                      {".md", "--format markdown"},
                                      {".txt", "--format text"},
                                      {".json", "--json"}});
  require_writable(*options.output);
}

void sensitivity(const Options& options, const std::string& typed) {
  const std::string start = now_utc();
  ScenarioFile file =
      std::move(read_scenarios(options.scenarios, options).front());
  Scenario& scenario = file.scenario;
  const std::uint64_t in_file = scenario.cohort.patients;
  if (!options.patients)
    scenario.cohort.patients =
        std::min(in_file, needs_plain_course(compile(scenario))
                              ? most_plain_patients
                              : most_sensitivity_patients);
  const Question question = question_of(scenario, options);
  check_output(options, file, "-sensitivity.h5");
  VariantRunner runner(scenario, question.figure, options);
  const auto read = [&](const std::vector<Scenario>& variants) {
    return runner(variants);
  };
  const bool is_markdown = options.format == TableFormat::markdown;
  const Screen screen = is_markdown ? Screen{} : standard_output();
  const auto& varied = question.ranges.varied;
  const bool saves = options.output || options.json;
  const auto how = [&] {
    return analysis_provenance(file, runner.base(), runner.facts(), typed,
                               start);
  };
  std::string text, csv;
  std::vector<std::byte> image;
  if (options.two_way) {
    const TwoWay two = two_way(scenario, question.figure, varied[0], varied[1],
                               read, question.pathway, question.against);
    text = heading(file, in_file, options, screen) +
           rendered(two_way_sheets(scenario, question.figure, two), screen,
                    is_markdown) +
           luck_note;
    csv = two_way_csv(scenario, question.figure, two);
    if (saves) image = sensitivity_image(scenario, question.figure, two, how());
  } else {
    OneWay one = one_way(scenario, question.figure, varied, read,
                         question.pathway, question.against);
    find_switches(scenario, question.figure, one, read);
    text = heading(file, in_file, options, screen) +
           base_text(scenario, question.figure, one.of, one.base) +
           rendered(one_way_sheets(scenario, question.figure, one, screen,
                                   options.all),
                    screen, is_markdown) +
           no_change_note(scenario, question.figure, one) +
           decision_note(scenario, question.figure, one) +
           intercept_note(runner.base(), options) + luck_note +
           range_notes(one, question.ranges.held, options.all);
    csv = one_way_csv(scenario, question.figure, one);
    if (saves)
      image = sensitivity_image(scenario, question.figure, one,
                                question.ranges.held, how());
  }
  if (options.timing) report_speed(runner);
  if (options.output) {
    write_atomically(*options.output, image);
    text += "\nSaved in " + options.output->string() + "\n";
  }
  if (options.json) return print(image_json(image));
  if (options.format == TableFormat::csv) return print(csv);
  print(text);
}

}  // namespace stardsim

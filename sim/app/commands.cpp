#include "sim/app/commands.hpp"

#include "models/exact.hpp"
#include "models/law.hpp"
#include "models/missed_intervals.hpp"
#include "models/unsourced.hpp"
#include "sim/analysis/rates.hpp"
#include "sim/app/alternatives.hpp"
#include "sim/app/calibrate.hpp"
#include "sim/app/check.hpp"
#include "sim/app/compare.hpp"
#include "sim/app/console.hpp"
#include "sim/app/curve_sheet.hpp"
#include "sim/app/describe.hpp"
#include "sim/app/draws.hpp"
#include "sim/app/json.hpp"
#include "sim/app/options.hpp"
#include "sim/app/outcome_sheets.hpp"
#include "sim/app/published_sheet.hpp"
#include "sim/app/report.hpp"
#include "sim/app/runner.hpp"
#include "sim/app/sensitivity.hpp"
#include "sim/app/story.hpp"
#include "sim/app/tables.hpp"
#include "sim/app/version.hpp"
#include "sim/core/life.hpp"
#include "sim/core/simulate.hpp"
#include "sim/io/atomic_file.hpp"
#include "sim/io/result_reader.hpp"
#include "sim/io/results.hpp"
#include "sim/io/scenario_reader.hpp"
#include "sim/io/sha256.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>
#include <stdexcept>

namespace stardsim {
namespace {

// More of them would hide the rest of a summary.
constexpr std::size_t most_published_in_brief = 12;

using Clock = std::chrono::steady_clock;

std::string unsourced_note(const Scenario& scenario) {
  const auto keys = unsourced(scenario);
  if (keys.empty()) return "";
  std::string text =
      fmt::format("\nNumbers without a source: {}\n", keys.size());
  for (const std::string& key : keys) text += "  " + key + "\n";
  return text;
}

// Where the numbers are drawn: without [uncertainty] nobody asks.
std::string missed_note(const Scenario& scenario) {
  if (!scenario.uncertainty) return "";
  const auto missed = missed_intervals(scenario);
  if (missed.empty()) return "";
  std::string text =
      fmt::format("\nIntervals that the drawn distribution does not meet: {}\n",
                  missed.size());
  for (const MissedInterval& one : missed)
    text += fmt::format(
        "  {}: {:.4g} ({:.4g} to {:.4g}) is drawn from {:.4g} to {:.4g}\n",
        one.key, one.value, one.low, one.high, one.drawn_low, one.drawn_high);
  return text;
}

std::string heading(const ScenarioFile& file, const Screen& screen) {
  const Scenario& scenario = file.scenario;
  return fmt::format(
      "{}\n{}: {}, seed {}\n", screen.bold(scenario.title), file.path.string(),
      counted(scenario.cohort.patients, "patient"), scenario.cohort.seed);
}

std::string command_line(int argc, const char* const* argv) {
  std::string line = "stardsim";
  for (int i = 1; i < argc; ++i) line += " " + quoted(argv[i]);
  return line;
}

void report_speed(std::uint64_t patients, double seconds,
                  const RunFacts& facts) {
  fmt::print(stderr,
             "simulated {} patients in {:.3f} s ({:.3g} patients/s), {}, {}\n",
             patients, seconds, static_cast<double>(patients) / seconds,
             counted(static_cast<std::uint64_t>(facts.threads), "thread"),
             facts.instruction_set);
}

void report_speed(const DrawsDone& done) {
  const ProbabilisticRun& run = done.run;
  const double courses = static_cast<double>(run.draws) *
                         static_cast<double>(run.patients) *
                         static_cast<double>(run.pathways.size());
  fmt::print(stderr,
             "simulated {} draws of {} patients on {} in {:.3f} s "
             "({:.3g} trajectories/s), {}, {}\n",
             run.draws, run.patients, counted(run.pathways.size(), "pathway"),
             done.seconds, courses / done.seconds,
             counted(static_cast<std::uint64_t>(done.facts.threads), "thread"),
             done.facts.instruction_set);
}

Provenance provenance(const ScenarioFile& file, const Law& law,
                      const RunFacts& facts) {
  Provenance made = provenance_of(file, law, facts);
  made.intercepts = law.intercepts;
  for (const auto& data : file.data_files)
    made.data_files += fmt::format(
        "{}{} {}", made.data_files.empty() ? "" : "; ", data.name, data.sha256);
  made.in_words = description(file.scenario, &law.intercepts);
  return made;
}

/// The index of the name, or BadUsage.
template <class Named>
std::size_t find(const std::vector<Named>& things, const std::string& name,
                 const std::string& what) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < things.size(); ++i) {
    if (things[i].name == name) return i;
    names.push_back(things[i].name);
  }
  throw BadUsage(fmt::format("{} {} is not in the scenario, which has {}{}",
                             what, in_quotes(name), listed(names),
                             suggestion(name, names)));
}

std::optional<std::size_t> traced_subgroup(const Scenario& scenario,
                                           const Options& options) {
  if (!options.trace_if) return std::nullopt;
  if (scenario.subgroups.empty())
    throw BadUsage("--trace-if: the scenario has no [subgroups]");
  return find(scenario.subgroups, *options.trace_if, "--trace-if: subgroup");
}

std::vector<std::byte> image_with_histories(
    const Scenario& scenario, const Law& law, const Simulated& simulated,
    const Provenance& how, const Options& options, const InterruptWatch& watch,
    const AddGroups& more) {
  Trace trace;
  trace.patients = std::min(*options.trace, scenario.cohort.patients);
  trace.subgroup = traced_subgroup(scenario, options);
  trace.luck.seed = scenario.cohort.seed;
  ProgressLine line(trace.patients);
  trace.progress = [&](std::uint64_t done) { line.show(done); };
  trace.stop = [&] { return watch.interrupted(); };
  return results_image(scenario, simulated.tally, how, Engine(law), trace,
                       more);
}

/// The exact twin, or why there is none.
struct Twin {
  std::optional<Expectation> figures;
  std::string why_not;
};

Twin twin_of(const Law& law) {
  try {
    return {expect(law), ""};
  } catch (const std::domain_error& beyond) {
    return {std::nullopt, beyond.what()};
  }
}

/// What a run leaves behind.
struct Done {
  Simulated simulated;
  Provenance how;
  std::optional<Twin> twin;  ///< where draws were compared with it
  std::optional<DrawsDone> draws;
};

/// What draws add to the file.
AddGroups groups_of(const Scenario& scenario,
                    const std::optional<DrawsDone>& draws) {
  if (!draws) return {};
  return [&](NetcdfFile& file) { write_draws(file, scenario, *draws); };
}

/// With --until the scenario has as many patients as it took from then on.
Done simulate_and_save(ScenarioFile& file, const Law& law,
                       const Options& options, const std::string& typed) {
  const InterruptWatch watch;
  const std::string start = now_utc();
  const auto begin = Clock::now();
  Simulated simulated = simulate_cohort(file.scenario, law, options, watch);
  const std::chrono::duration<double> seconds = Clock::now() - begin;
  file.scenario.cohort.patients = simulated.tally.patients;
  if (options.timing)
    report_speed(simulated.tally.patients, seconds.count(), simulated.facts);
  Provenance how = provenance(file, law, simulated.facts);
  how.command_line = typed;
  how.start_time = start;
  std::optional<Twin> twin;
  std::optional<DrawsDone> draws;
  if (draws_asked(file.scenario, options) > 0) {
    twin = twin_of(law);
    draws =
        make_draws(file, law, simulated.tally,
                   twin->figures ? &*twin->figures : nullptr, options, watch);
    if (options.timing) report_speed(*draws);
  }
  const AddGroups more = groups_of(file.scenario, draws);
  if (options.output)
    write_atomically(
        *options.output,
        options.trace
            ? image_with_histories(file.scenario, law, simulated, how, options,
                                   watch, more)
            : results_image(file.scenario, simulated.tally, how, more));
  return {std::move(simulated), std::move(how), std::move(twin),
          std::move(draws)};
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

std::string run_text(const ScenarioFile& file, const Law& law, const Done& done,
                     const Options& options) {
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

RunDocument run_document(const ScenarioFile& file, const Done& done,
                         const Options& options) {
  RunDocument document;
  document.image = results_image(file.scenario, done.simulated.tally, done.how,
                                 groups_of(file.scenario, done.draws));
  if (const auto& until = done.simulated.until)
    document.until = {*options.until, until->is_reached,
                      until->precision.value};
  if (options.output) document.saved = options.output->string();
  document.unsourced = unsourced(file.scenario);
  return document;
}

void run(const Options& options, const std::string& typed) {
  auto files = read_scenarios(options.scenarios, options);
  if (options.output) {
    for (const ScenarioFile& file : files) {
      refuse_to_overwrite(*options.output, file.files, "a file of the scenario",
                          ".h5");
      refuse_other_kind(*options.output, {{".json", "--json"}});
      traced_subgroup(file.scenario, options);
    }
    require_writable(*options.output);
  }
  std::vector<RunDocument> documents;
  for (ScenarioFile& file : files) {
    const Law law = compile(file.scenario);
    const Done done = simulate_and_save(file, law, options, typed);
    if (options.json)
      documents.push_back(run_document(file, done, options));
    else
      print(run_text(file, law, done, options));
  }
  if (options.json) print(run_json(documents));
}

std::vector<std::string> unused_steps(const Scenario& scenario) {
  std::vector<std::string> names;
  for (std::size_t s = 0; s < scenario.steps.size(); ++s) {
    const auto uses = [s](const Pathway& pathway) {
      return std::count(pathway.steps.begin(), pathway.steps.end(), s) > 0;
    };
    if (!std::any_of(scenario.pathways.begin(), scenario.pathways.end(), uses))
      names.push_back(scenario.steps[s].name);
  }
  return names;
}

std::string unused_note(const Scenario& scenario) {
  const auto names = unused_steps(scenario);
  return names.empty() ? "" : "\nSteps in no pathway: " + listed(names) + "\n";
}

std::string published_count(const Scenario& scenario) {
  const std::size_t count = scenario.published.size();
  return count == 0 ? "" : ", " + counted(count, "published figure");
}

void validate(const Options& options) {
  const auto files = read_scenarios(options.scenarios, options);
  std::vector<ValidDocument> documents;
  for (const ScenarioFile& file : files)
    if (options.json)
      documents.push_back({file.path.string(), &file.scenario,
                           unused_steps(file.scenario),
                           unsourced(file.scenario)});
    else
      print(fmt::format(
          "{}: valid, {}, {}{}\n{}{}{}", file.path.string(),
          counted(file.scenario.pathways.size(), "pathway"),
          counted(file.scenario.steps.size(), "step"),
          published_count(file.scenario), unused_note(file.scenario),
          unsourced_note(file.scenario), missed_note(file.scenario)));
  if (options.json) print(validate_json(documents));
}

/// What given intercepts come to on the reference pathway.
std::string implied_rates(const Scenario& scenario, const Law& law) {
  RunOptions run;
  run.patients = 200'000;
  run.luck.seed = scenario.cohort.seed;
  const Tally tally = simulate(law, run);
  const Pathway& pathway = scenario.pathways[scenario.reference];
  std::string text = fmt::format(
      "\nWith the intercepts as given, remission comes to (pathway {}, if all "
      "continue,\n{} patients simulated, standard errors in brackets):\n",
      pathway.name, run.patients);
  for (std::size_t s = 0; s < pathway.steps.size(); ++s) {
    const auto flow = tally.pathways[scenario.reference].course[0].step(s);
    const Rate remission = rate(flow.remission, flow.entered);
    text += fmt::format("  {}: {:.1f} % ({:.1f})\n",
                        scenario.steps[pathway.steps[s]].label,
                        100 * remission.value, 100 * remission.se);
  }
  return text;
}

void describe(const Options& options) {
  for (const ScenarioFile& file : read_scenarios(options.scenarios, options)) {
    const Law law = compile(file.scenario);
    print(description(file.scenario, &law.intercepts));
    if (!file.scenario.solve_intercepts && !law.scores.empty())
      print(implied_rates(file.scenario, law));
  }
}

/// How far the compiled distributions of time lie from the stated ones.
double time_distance(const Law& law) {
  double distance = 0;
  for (const auto* laws : {&law.times, &law.survivals})
    for (const TimeLaw& time : *laws)
      distance = std::max(distance, time.distance);
  return distance;
}

std::string exact_text(const ExactDocument& exact, const Options& options) {
  const Screen screen = standard_output();
  const Scenario& scenario = *exact.scenario;
  return fmt::format(
             "{}\n{}: exact, for any cohort\n{}{}", screen.bold(scenario.title),
             exact.scenario_file,
             exact_tables(scenario, exact.expectation, screen),
             options.weeks ? exact_weeks(scenario, exact.expectation) : "") +
         "\n" +
         screen.dim(fmt::format(
             "Probabilities are rounded to 2^-32; the distributions of time "
             "lie within {:.1g}\nof the stated ones. Law SHA-256 {}",
             exact.time_distance, exact.law_sha256)) +
         "\n";
}

void exact(const Options& options) {
  const auto files = read_scenarios(options.scenarios, options);
  std::vector<ExactDocument> documents;
  for (const ScenarioFile& file : files) {
    const Law law = compile(file.scenario);
    Twin twin = twin_of(law);
    if (!twin.figures)
      throw BadUsage(file.path.string() +
                     ": no exact figures: " + twin.why_not);
    ExactDocument document{file.path.string(), &file.scenario,
                           std::move(*twin.figures), sha256(bytes_of(law)),
                           time_distance(law)};
    if (options.json)
      documents.push_back(std::move(document));
    else
      print(exact_text(document, options));
  }
  if (options.json) print(exact_json(documents));
}

void replay(const Options& options) {
  for (const ScenarioFile& file : read_scenarios(options.scenarios, options)) {
    const Scenario& scenario = file.scenario;
    const std::size_t pathway =
        options.pathway
            ? find(scenario.pathways, *options.pathway, "--pathway:")
            : scenario.reference;
    const Engine engine(compile(scenario));
    Luck luck;
    luck.seed = scenario.cohort.seed;
    const Life life =
        live(engine, luck, options.patient, pathway, options.if_all_continue);
    print(fmt::format(
        "{}\n{}: patient {}, seed {}\nPathway {}{}, {}\n{}", scenario.title,
        file.path.string(), grouped(options.patient), scenario.cohort.seed,
        scenario.pathways[pathway].label,
        pathway == scenario.reference ? " (reference)" : "",
        options.if_all_continue ? "if all continue" : "observed",
        story(scenario, engine, life, pathway, options.if_all_continue)));
  }
}

void carry_out(const Options& options, const std::string& typed) {
  switch (options.command) {
    case Command::run:
      return run(options, typed);
    case Command::compare:
      return compare(options, typed);
    case Command::sensitivity:
      return sensitivity(options, typed);
    case Command::alternatives:
      return alternatives(options, typed);
    case Command::report:
      return report(options);
    case Command::calibrate:
      return calibrate(options);
    case Command::check:
      return check(options);
    case Command::validate:
      return validate(options);
    case Command::describe:
      return describe(options);
    case Command::exact:
      return exact(options);
    case Command::replay:
      return replay(options);
  }
}

int show_help(const std::string& text) {
  const bool shown =
      std::fputs(text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0;
  return shown ? 0 : 3;
}

int complain(int code, const std::string& message) {
  fmt::print(stderr, "{}\n", message);
  return code;
}

}  // namespace

int run_program(int argc, const char* const* argv) {
  try {
    carry_out(parse_options(argc, argv), command_line(argc, argv));
    return 0;
  } catch (const HelpAsked& help) {
    return show_help(help.what());
  } catch (const BadUsage& bad) {
    return complain(2, std::string("stardsim: ") + bad.what());
  } catch (const BadScenario& bad) {
    for (const std::string& line : bad.lines()) complain(2, line);
    return 2;
  } catch (const BadResult& bad) {
    return complain(2, std::string("stardsim: ") + bad.what());
  } catch (const CannotRead& error) {
    return complain(3, std::string("stardsim: ") + error.what());
  } catch (const CannotWrite& error) {
    return complain(3, std::string("stardsim: ") + error.what());
  } catch (const Interrupted&) {
    return complain(4, "stardsim: interrupted; nothing was saved");
  } catch (const std::exception& error) {
    return complain(
        1, std::string("stardsim: a fault of the program: ") + error.what());
  }
}

}  // namespace stardsim

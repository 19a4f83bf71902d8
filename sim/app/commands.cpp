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
#include "sim/app/run.hpp"
#include "sim/app/runner.hpp"
#include "sim/app/sensitivity.hpp"
#include "sim/app/story.hpp"
#include "sim/app/tables.hpp"
#include "sim/app/version.hpp"
#include "sim/core/life.hpp"
#include "sim/core/parallel.hpp"
#include "sim/core/simulate.hpp"
#include "sim/io/atomic_file.hpp"
#include "sim/io/checkpoint.hpp"
#include "sim/io/result_reader.hpp"
#include "sim/io/results.hpp"
#include "sim/io/scenario_reader.hpp"
#include "sim/io/sha256.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <optional>
#include <stdexcept>

namespace stardsim {
namespace {

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

std::string command_line(int argc, const char* const* argv) {
  std::string line = "stardsim";
  for (int i = 1; i < argc; ++i) line += " " + quoted(argv[i]);
  return line;
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
    const std::size_t pathway = options.pathway
                                    ? index_of(names_of(scenario.pathways),
                                               *options.pathway, "--pathway:")
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

void carry_out(const Options& options, const std::string& typed, Ranks& ranks) {
  switch (options.command) {
    case Command::run:
      return run(options, typed, ranks);
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

constexpr const char* no_memory =
    "stardsim: out of memory; fewer --threads need less";

int show_help(const std::string& text) {
  const bool shown =
      std::fputs(text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0;
  return shown ? 0 : 3;
}

// Needs no memory itself.
int out_of_memory() {
  std::fprintf(stderr, "%s\n", no_memory);
  return 1;
}

ExitReason exit_reason_of(const std::exception_ptr& thrown) {
  const auto said = [](int code, const std::exception& error) {
    return ExitReason{code, std::string("stardsim: ") + error.what()};
  };
  try {
    std::rethrow_exception(thrown);
  } catch (const BadScenario& bad) {
    return {2, bad.what()};
  } catch (const BadUsage& bad) {
    return said(2, bad);
  } catch (const BadCheckpoint& bad) {
    return said(2, bad);
  } catch (const BadResult& bad) {
    return said(2, bad);
  } catch (const CannotRead& error) {
    return said(3, error);
  } catch (const CannotWrite& error) {
    return said(3, error);
  } catch (const Interrupted& error) {
    return said(4, error);
  } catch (const RankFailed& failed) {
    return {failed.code(), failed.what()};
  } catch (const CannotStartThreads& error) {
    return {1, said(1, error).text + "; ask for fewer with --threads"};
  } catch (const std::bad_alloc&) {
    return {1, no_memory};
  } catch (const std::exception& error) {
    return {1,
            std::string("stardsim: a fault of the program: ") + error.what()};
  }
}

// CLI11's options and the destructor of nlohmann's values allocate where they
// promise not to throw: what cannot be caught is at least told.
[[noreturn]] void end_for_want_of_memory() {
  try {
    if (const auto thrown = std::current_exception())
      std::rethrow_exception(thrown);
  } catch (const std::bad_alloc&) {
    std::_Exit(out_of_memory());
  } catch (...) {
  }
  std::abort();
}

}  // namespace

int run_program(int argc, const char* const* argv) {
  OneRank alone;
  return run_program(argc, argv, alone);
}

int run_program(int argc, const char* const* argv, Ranks& ranks) {
  std::set_terminate(end_for_want_of_memory);
  // A file that is not allowed to grow is told as one that cannot be written.
  std::signal(SIGXFSZ, SIG_IGN);
  ranks.set_exit_reasons(exit_reason_of);
  try {
    Options options;
    together(ranks, [&] {
      options = parse_options(argc, argv);
      if (ranks.size() > 1 && options.command != Command::run)
        throw BadUsage(
            "only run is shared among ranks; start this command "
            "without mpirun");
    });
    carry_out(options, command_line(argc, argv), ranks);
    return 0;
  } catch (const HelpAsked& help) {
    return show_help(help.what());
  } catch (const OtherRankFailed&) {
    return 0;  // the exit code is that of rank 0
  } catch (const std::bad_alloc&) {
    return out_of_memory();
  } catch (...) {
    const ExitReason reason = exit_reason_of(std::current_exception());
    if (ranks.is_first()) fmt::print(stderr, "{}\n", reason.text);
    return reason.code;
  }
}

}  // namespace stardsim

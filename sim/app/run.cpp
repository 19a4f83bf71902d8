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
#include "sim/core/simulate.hpp"
#include "sim/io/atomic_file.hpp"
#include "sim/io/results.hpp"
#include "sim/io/scenario_reader.hpp"
#include "sim/io/sha256.hpp"
#include "sim/io/tally_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <optional>
#include <span>
#include <utility>

namespace stardsim {
namespace {

using Clock = std::chrono::steady_clock;

// More of them would hide the rest of a summary.
constexpr std::size_t most_published_in_brief = 12;

std::string heading(const ScenarioFile& file, const Screen& screen) {
  const Scenario& scenario = file.scenario;
  return fmt::format(
      "{}\n{}: {}, seed {}\n", screen.bold(scenario.title), file.path.string(),
      counted(scenario.cohort.patients, "patient"), scenario.cohort.seed);
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
  made.data_files = data_files_of(file);
  made.in_words = description(file.scenario, &law.intercepts);
  return made;
}

std::optional<std::size_t> traced_subgroup(const Scenario& scenario,
                                           const Options& options) {
  if (!options.trace_if) return std::nullopt;
  if (scenario.subgroups.empty())
    throw BadUsage("--trace-if: the scenario has no [subgroups]");
  return index_of(names_of(scenario.subgroups), *options.trace_if,
                  "--trace-if: subgroup");
}

void save_as(const std::filesystem::path& output, const Scenario& scenario,
             const Law& law, const Simulated& simulated, const Provenance& how,
             const Options& options, const InterruptWatch& watch,
             const AddGroups& more) {
  if (!options.trace)
    return write_results(output, scenario, simulated.tally, how, more);
  Trace trace;
  trace.patients = std::min(*options.trace, scenario.cohort.patients);
  trace.subgroup = traced_subgroup(scenario, options);
  trace.luck.seed = scenario.cohort.seed;
  ProgressLine line(trace.patients);
  trace.progress = [&](std::uint64_t done) { line.show(done); };
  trace.stop = [&] { return watch.interrupted(); };
  const Engine engine(law);
  write_results(output, scenario, simulated.tally, how,
                with_histories(scenario, engine, trace, more));
}

/// What a run leaves behind.
struct Done {
  Simulated simulated;
  Provenance how;
  std::optional<Twin> twin;  ///< where draws were compared with it
  std::optional<DrawsDone> draws;
};

/// What is in the file besides what every result tells.
AddGroups groups_of(const Done& done) {
  return [&](NetcdfFile& file) {
    write_tally(file, done.simulated.tally);
    if (done.draws) write_draws(file, *done.draws);
  };
}

/// Of it, what JSON has too.
AddGroups told_groups_of(const std::optional<DrawsDone>& draws) {
  if (!draws) return {};
  return [&](NetcdfFile& file) { write_uncertainty(file, *draws); };
}

Bytes bytes_of(const RunStart& start) {
  BytesOut out;
  out.number(start.cohort.has_value());
  write(out, start.cohort ? start.cohort->left : Spans{});
  out.number(start.cohort ? start.cohort->goal : 0);
  write(out, start.draws_left);
  return out.made();
}

// What all ranks have to know of it.
RunStart start_in(std::span<const std::byte> bytes) {
  BytesIn in(bytes);
  const bool has_begun = in.number() != 0;
  CohortState cohort;
  cohort.left = spans_in(in);
  cohort.goal = in.number();
  RunStart start;
  start.draws_left = spans_in(in);
  if (has_begun) start.cohort = std::move(cohort);
  return start;
}

/// One run of all ranks: from its beginning, or where it was left, to the saved
/// result.
class WholeRun {
 public:
  WholeRun(ScenarioFile& file, const Options& options, std::string typed,
           Ranks& ranks)
      : file_(file),
        options_(options),
        typed_(std::move(typed)),
        ranks_(ranks) {
    together(ranks_, [&] { law_ = compile(file_.scenario); });
    require_one_law();
  }

  /// At rank 0 what `then` is told before all go on. With --until the scenario
  /// has as many patients as it took from then on.
  void carry_out(const std::function<void(const Done&)>& then) {
    begin();
    try {
      Done made;
      made.simulated = simulated();
      made.draws = drawn(made);
      together(ranks_, [&] {
        if (!ranks_.is_first()) return;
        complete(made);
        save(made);
        then(made);
      });
    } catch (const Interrupted&) {
      if (!ranks_.is_first()) throw;
      throw InterruptedAndKept("interrupted; " + keeper_->prospect());
    } catch (const CannotWrite& error) {
      if (!ranks_.is_first() || !keeper_->is_kept()) throw;
      throw CannotWrite(std::string(error.what()) + "; " + keeper_->prospect());
    }
  }

  const Law& law() const { return law_; }

 private:
  void begin() {
    together(ranks_, [&] {
      if (!ranks_.is_first()) return;
      keeper_.emplace(options_, file_, law_, watch_);
      start_ = keeper_->start();
    });
    const Bytes told = ranks_.broadcast(bytes_of(start_));
    if (!ranks_.is_first()) start_ = start_in(told);
  }

  // Other files under the same name, or another program, would make a mixture.
  void require_one_law() {
    const std::string mine = sha256(bytes_of(law_));
    const std::vector<Bytes> all =
        ranks_.gather(std::as_bytes(std::span(mine)));
    together(ranks_, [&] {
      for (std::size_t r = 1; r < all.size(); ++r)
        if (all[r] != all[0])
          throw BadUsage(fmt::format(
              "{}: rank {} reads another scenario than rank 0, or is of "
              "another version",
              file_.path.string(), r));
    });
  }

  Simulated simulated() {
    const Sharing sharing{
        ranks_, [&] { return keeper_->is_due(); },
        [&](const CohortState& state) { keeper_->keep(state); }, start_.cohort};
    const auto begin = Clock::now();
    Simulated made =
        simulate_cohort(file_.scenario, law_, options_, watch_, sharing);
    const std::chrono::duration<double> seconds = Clock::now() - begin;
    file_.scenario.cohort.patients = made.tally.patients;
    if (!ranks_.is_first()) return made;
    keeper_->keep({made.tally, {}, made.tally.patients});
    if (options_.timing)
      report_speed(made.tally.patients, seconds.count(), made.facts);
    return made;
  }

  void complete(Done& made) {
    made.how = provenance(file_, law_, made.simulated.facts);
    made.how.command_line = typed_;
    made.how.start_time = start_.start_time;
  }

  std::optional<DrawsDone> drawn(Done& made) {
    if (draws_asked(file_.scenario, options_) == 0) return std::nullopt;
    std::optional<DrawPlan> plan;
    DrawSharing sharing{ranks_, start_.draws_left, nullptr, {}, {}};
    together(ranks_, [&] {
      plan.emplace(plan_draws(file_, options_));
      if (!ranks_.is_first()) return;
      sharing.done = keeper_->rows_done(plan->run, sharing.left);
      made.twin = twin_of(law_);
    });
    BytesOut told;
    write(told, sharing.left);
    const Bytes left = ranks_.broadcast(told.made());
    BytesIn in(left);
    sharing.left = spans_in(in);
    sharing.due = [&] { return keeper_->is_due(); };
    sharing.keep = [&](std::unique_ptr<DrawRows> rows,
                       const ProbabilisticRun& run, const Spans& still) {
      return keeper_->keep(std::move(rows), run, still);
    };
    auto draws = make_draws(
        file_, law_, std::move(*plan), made.simulated.tally,
        made.twin && made.twin->figures ? &*made.twin->figures : nullptr,
        options_, watch_, std::move(sharing));
    if (draws && options_.timing) report_speed(*draws);
    return draws;
  }

  void save(const Done& made) {
    if (!options_.output) return;
    save_as(*options_.output, file_.scenario, law_, made.simulated, made.how,
            options_, watch_, groups_of(made));
    keeper_->finish();
  }

  ScenarioFile& file_;
  const Options& options_;
  const std::string typed_;
  Ranks& ranks_;
  const InterruptWatch watch_;
  Law law_;
  std::optional<RunKeeper> keeper_;  ///< at rank 0
  RunStart start_;
};

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
  if (!options.output) return;
  for (const ScenarioFile& file : files) {
    refuse_to_overwrite(*options.output, file.files, "a file of the scenario",
                        ".h5");
    refuse_other_kind(*options.output, {{".json", "--json"}});
    traced_subgroup(file.scenario, options);
  }
  require_writable(*options.output);
}

}  // namespace

void run(const Options& asked, const std::string& typed, Ranks& ranks) {
  Options options;
  std::vector<ScenarioFile> files;
  together(ranks, [&] {
    options = completed(asked);
    files = read_scenarios(options.scenarios, options);
    if (ranks.is_first()) refuse_bad_output(options, files);
  });
  std::vector<RunDocument> documents;
  for (ScenarioFile& file : files) {
    WholeRun whole(file, options, typed, ranks);
    whole.carry_out([&](const Done& done) {
      if (options.json)
        documents.push_back(run_document(file, done, options));
      else
        print(run_text(file, whole.law(), done, options));
    });
  }
  if (options.json && ranks.is_first()) print(run_json(documents));
}

}  // namespace stardsim

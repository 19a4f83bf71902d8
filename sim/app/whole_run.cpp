#include "sim/app/whole_run.hpp"

#include "sim/app/console.hpp"
#include "sim/app/describe.hpp"
#include "sim/app/run_keeper.hpp"
#include "sim/core/simulate.hpp"
#include "sim/io/tally_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <span>
#include <utility>

namespace stardsim {
namespace {

using Clock = std::chrono::steady_clock;

void report_speed(std::uint64_t patients, double seconds,
                  const RunFacts& facts) {
  if (patients == 0) return;  // all of them were done before
  fmt::print(stderr,
             "simulated {} patients in {:.3f} s ({:.3g} patients/s), {}, {}\n",
             patients, seconds, static_cast<double>(patients) / seconds,
             counted(static_cast<std::uint64_t>(facts.threads), "thread"),
             facts.instruction_set);
}

void report_speed(const DrawsDone& done, std::uint64_t draws) {
  if (draws == 0) return;
  const ProbabilisticRun& run = done.run;
  const double courses = static_cast<double>(draws) *
                         static_cast<double>(run.patients) *
                         static_cast<double>(run.pathways.size());
  fmt::print(stderr,
             "simulated {} draws of {} patients on {} in {:.3f} s "
             "({:.3g} trajectories/s), {}, {}\n",
             draws, run.patients, counted(run.pathways.size(), "pathway"),
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

/// What is in the file besides what every result tells.
AddGroups groups_of(const RunDone& done) {
  return [&](NetcdfFile& file) {
    write_tally(file, done.simulated.tally);
    if (done.draws) write_draws(file, *done.draws);
  };
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

class WholeRun {
 public:
  WholeRun(ScenarioFile& file, const Options& options, std::string typed,
           Ranks& ranks)
      : file_(file),
        options_(options),
        typed_(std::move(typed)),
        ranks_(ranks) {
    together(ranks_, [&] { law_ = compile(file_.scenario); });
    require_one_run();
  }

  void carry_out(const std::function<void(const Law&, const RunDone&)>& then) {
    begin();
    try {
      RunDone made;
      made.simulated = simulated();
      made.draws = drawn(made);
      together(ranks_, [&] {
        if (!ranks_.is_first()) return;
        complete(made);
        save(made);
        then(law_, made);
      });
    } catch (const Interrupted&) {
      if (!ranks_.is_first()) throw;
      throw Interrupted("interrupted; " + keeper_->prospect());
    } catch (const CannotWrite& error) {
      const bool interrupted = watch_.interrupted();
      if (!ranks_.is_first() || !(keeper_->is_kept() || interrupted)) throw;
      throw CannotWrite(std::string(error.what()) +
                        (interrupted ? "; interrupted; " : "; ") +
                        keeper_->prospect());
    }
  }

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

  // Other files under the same name, another program or other options would
  // make a mixture.
  void require_one_run() {
    const Identity mine = identity_of(file_, law_, options_);
    BytesOut said;
    write(said, mine);
    const std::vector<Bytes> all = ranks_.gather(said.made());
    together(ranks_, [&] {
      for (std::size_t r = 1; r < all.size(); ++r) {
        BytesIn in(all[r]);
        const std::string other = difference_of(identity_in(in), mine);
        if (!other.empty())
          throw BadUsage(fmt::format("{}: rank {} does another run ({})",
                                     file_.path.string(), r, other));
      }
    });
  }

  Simulated simulated() {
    const Sharing sharing{
        ranks_, [&] { return keeper_->is_due(); },
        [&](const CohortState& state) { keeper_->keep(state); }, start_.cohort};
    const std::uint64_t done_before =
        start_.cohort ? start_.cohort->goal - size_of(start_.cohort->left) : 0;
    const auto begin = Clock::now();
    Simulated made =
        simulate_cohort(file_.scenario, law_, options_, watch_, sharing);
    const std::chrono::duration<double> seconds = Clock::now() - begin;
    file_.scenario.cohort.patients = made.tally.patients;
    if (!ranks_.is_first()) return made;
    keeper_->note(made.tally);
    if (options_.timing)
      report_speed(made.tally.patients - done_before, seconds.count(),
                   made.facts);
    return made;
  }

  void complete(RunDone& made) {
    made.how = provenance(file_, law_, made.simulated.facts);
    made.how.command_line = typed_;
    made.how.start_time = start_.start_time;
  }

  std::optional<DrawsDone> drawn(RunDone& made) {
    if (draws_asked(file_.scenario, options_) == 0) return std::nullopt;
    std::optional<DrawPlan> plan;
    DrawSharing sharing{ranks_, start_.draws_left, nullptr, {}, {}};
    together(ranks_, [&] {
      plan.emplace(plan_draws(file_, options_));
      if (!ranks_.is_first()) return;
      sharing.rows = keeper_->rows_of_draws(plan->run, sharing.left);
      made.twin = twin_of(law_);
    });
    BytesOut told;
    write(told, sharing.left);
    const Bytes left = ranks_.broadcast(told.made());
    BytesIn in(left);
    sharing.left = spans_in(in);
    const std::uint64_t draws_here = size_of(sharing.left);
    sharing.due = [&] { return keeper_->is_due(); };
    sharing.keep = [&](std::unique_ptr<DrawRows> rows,
                       const ProbabilisticRun& run, const Spans& still) {
      return keeper_->keep(std::move(rows), run, still);
    };
    auto draws = make_draws(
        file_, law_, std::move(*plan), made.simulated.tally,
        made.twin && made.twin->figures ? &*made.twin->figures : nullptr,
        options_, watch_, std::move(sharing));
    if (draws && options_.timing) report_speed(*draws, draws_here);
    return draws;
  }

  // All of it is done but for the histories.
  void keep(RunDone& made) {
    if (made.draws)
      made.draws->rows =
          keeper_->keep(std::move(made.draws->rows), made.draws->run, {});
    else
      keeper_->keep({made.simulated.tally, {}, made.simulated.tally.patients});
  }

  void save(RunDone& made) {
    if (!options_.output) return;
    try {
      save_as(*options_.output, file_.scenario, law_, made.simulated, made.how,
              options_, watch_, groups_of(made));
    } catch (const Interrupted&) {
      keep(made);
      throw;
    }
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

}  // namespace

std::optional<std::size_t> traced_subgroup(const Scenario& scenario,
                                           const Options& options) {
  if (!options.trace_if) return std::nullopt;
  if (scenario.subgroups.empty())
    throw BadUsage("--trace-if: the scenario has no [subgroups]");
  return index_of(names_of(scenario.subgroups), *options.trace_if,
                  "--trace-if: subgroup");
}

void carry_out(ScenarioFile& file, const Options& options,
               const std::string& typed, Ranks& ranks,
               const std::function<void(const Law&, const RunDone&)>& then) {
  WholeRun(file, options, typed, ranks).carry_out(then);
}

}  // namespace stardsim

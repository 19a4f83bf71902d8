#include "sim/app/run_keeper.hpp"

#include "sim/app/draws.hpp"
#include "sim/app/version.hpp"
#include "sim/io/atomic_file.hpp"
#include "sim/io/finished_run.hpp"
#include "sim/io/locked_file.hpp"
#include "sim/io/sha256.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <system_error>
#include <utility>

namespace stardsim {
namespace {

namespace fs = std::filesystem;

std::string inputs_of(const ScenarioFile& file) {
  std::string text = sha256(file.text);
  for (const auto& data : file.data_files) text += data.sha256;
  return sha256(text);
}

bool is_there(const fs::path& path) {
  std::error_code none;
  return fs::exists(path, none);
}

// As read_finished() has it.
Identity identity_of_result(const ScenarioFile& file, const Law& law) {
  const Build build = this_build();
  std::string inputs = sha256(file.text);
  if (const std::string data = data_files_of(file); !data.empty())
    inputs += " " + data;
  return {{"scenario", inputs},
          {"compiled tables", sha256(bytes_of(law))},
          {"version", build.version + " " + build.commit},
          {"seed", std::to_string(file.scenario.cohort.seed)}};
}

// Calls `see` for every draw of these but those left out.
template <class See>
void each_of(const Spans& draws, const Spans& left_out, const See& see) {
  auto out = left_out.begin();
  for (const Span& span : draws)
    for (std::uint64_t draw = span.begin; draw < span.end; ++draw) {
      while (out != left_out.end() && out->end <= draw) ++out;
      if (out == left_out.end() || draw < out->begin)
        see(static_cast<std::uint32_t>(draw));
    }
}

void copy_rows(const DrawRows& from, const ProbabilisticRun& run,
               const Spans& missing, DrawRows& to) {
  std::vector<std::byte> row(run.layout.size);
  each_of({{1, std::uint64_t{run.draws} + 1}}, missing,
          [&](std::uint32_t draw) {
            from.read(draw, 0, row);
            to.write(draw, row);
          });
}

}  // namespace

Identity identity_of(const ScenarioFile& file, const Law& law,
                     const Options& options) {
  const Build build = this_build();
  const Scenario& scenario = file.scenario;
  Identity identity{{"scenario", inputs_of(file)},
                    {"compiled tables", sha256(bytes_of(law))},
                    {"version", build.version + " " + build.commit},
                    {"seed", std::to_string(scenario.cohort.seed)}};
  if (options.until) {
    identity.emplace_back("--until", *options.until);
    identity.emplace_back("--max-patients",
                          std::to_string(options.max_patients));
  } else {
    identity.emplace_back("patients", std::to_string(scenario.cohort.patients));
  }
  const std::uint32_t draws = draws_asked(scenario, options);
  identity.emplace_back("draws", std::to_string(draws));
  if (draws > 0)
    identity.emplace_back("patients of a draw",
                          std::to_string(draw_patients_of(scenario, options)));
  return identity;
}

Options completed(const Options& asked) {
  Options options = asked;
  if (!options.extend) return options;
  const FinishedRun there = read_finished(*options.output);
  const std::string name = options.output->string();
  if (!options.patients) options.patients = there.patients;
  if (*options.patients < there.patients)
    throw BadUsage(fmt::format("--extend adds: {} has {} already", name,
                               counted(there.patients, "patient")));
  if (there.has_histories && !options.trace)
    throw BadUsage(fmt::format(
        "{} has histories, which would be lost: --extend with --trace as well",
        name));
  if (there.draws == 0) return options;
  if (!options.draws || !*options.draws) options.draws.emplace(there.draws);
  if (**options.draws < there.draws)
    throw BadUsage(fmt::format("--extend adds: {} has {} already", name,
                               counted(there.draws, "draw")));
  if (!options.draw_patients) options.draw_patients = there.draw_patients;
  if (*options.draw_patients != there.draw_patients)
    throw BadUsage(fmt::format(
        "--extend adds draws like those there are: in {} they have {} each",
        name, counted(there.draw_patients, "patient")));
  return options;
}

RunKeeper::RunKeeper(const Options& options, const ScenarioFile& scenario,
                     const Law& law, const InterruptWatch& watch)
    : options_(options), scenario_(scenario), law_(law), watch_(watch) {
  state_.identity = identity_of(scenario, law, options);
  state_.start_time = now_utc();
  if (const auto draws = draws_asked(scenario.scenario, options); draws > 0)
    state_.draws_left = {{1, std::uint64_t{draws} + 1}};
  if (!options.output || !can_be_replaced(*options.output)) return;
  file_ = checkpoint_of(*options.output);
  clear_temporaries(*file_);
  if (!options.resume && is_there(*file_))
    throw BadUsage(fmt::format(
        "{} keeps an unfinished run: --resume goes on with it; to start anew, "
        "delete it",
        file_->string()));
}

RunStart RunKeeper::start() {
  if (options_.resume && file_ && is_there(*file_)) {
    is_kept_ = true;
    return resumed();
  }
  remove_rows();  // without a checkpoint they may be of any run
  if (options_.extend) return extended();
  if (options_.resume)
    fmt::print(stderr, "stardsim: {} is not there: the run begins anew\n",
               checkpoint_of(*options_.output).string());
  return {{}, state_.draws_left, state_.start_time};
}

RunStart RunKeeper::resumed() {
  Checkpoint kept = read_checkpoint(*file_);
  const std::string other = difference_of(kept.identity, state_.identity);
  if (!other.empty())
    throw BadUsage(
        fmt::format("{} is of another run ({}): repeat the command that made "
                    "it, or delete the checkpoint",
                    file_->string(), other));
  RunStart start;
  try {
    start.cohort = CohortState{tally_of(law_, kept.tally), kept.patients_left,
                               kept.patients_goal};
  } catch (const BadBytes& bad) {
    throw BadCheckpoint(file_->string() + " is damaged: " + bad.what());
  }
  start.draws_left = kept.draws_left;
  start.start_time = kept.start_time;
  if (options_.extend) finished();
  state_ = std::move(kept);
  return start;
}

FinishedRun RunKeeper::finished() {
  FinishedRun there = read_finished(*options_.output);
  const std::string other =
      difference_of(there.identity, identity_of_result(scenario_, law_));
  if (!other.empty())
    throw BadUsage(fmt::format(
        "{} is the result of another run ({}): only the same can be extended",
        options_.output->string(), other));
  extended_draws_ = there.draws;
  return there;
}

RunStart RunKeeper::extended() {
  const FinishedRun there = finished();
  const std::uint64_t patients = scenario_.scenario.cohort.patients;
  CohortState cohort;
  try {
    cohort.tally = tally_of(law_, there.tally);
  } catch (const BadBytes& bad) {
    throw BadUsage(options_.output->string() + ": tally/word: " + bad.what());
  }
  if (cohort.tally.patients != there.patients)
    throw BadUsage(options_.output->string() +
                   ": tally/word: it counts other patients than the file says");
  cohort.left = joined({{there.patients, patients}});
  cohort.goal = patients;
  if (!state_.draws_left.empty())
    state_.draws_left =
        joined({{std::uint64_t{there.draws} + 1, state_.draws_left[0].end}});
  return {std::move(cohort), state_.draws_left, state_.start_time};
}

bool RunKeeper::is_due() const {
  return file_ && Clock::now() - last_ >=
                      std::chrono::duration<double>(options_.checkpoint_every);
}

template <class Keep>
void RunKeeper::try_to(const Keep& keep) {
  if (!file_) return;
  try {
    keep();
    write_checkpoint(*file_, state_);
    is_kept_ = true;
  } catch (const CannotWrite& error) {
    if (watch_.interrupted()) throw;
    if (!has_warned_)
      fmt::print(stderr, "stardsim: {}; the run goes on, but is not kept\n",
                 error.what());
    has_warned_ = true;
  }
  last_ = Clock::now();
}

void RunKeeper::keep(const CohortState& cohort) {
  state_.tally = bytes_of(cohort.tally);
  state_.patients_left = cohort.left;
  state_.patients_goal = cohort.goal;
  try_to([] {});
}

void RunKeeper::note(const Tally& tally) {
  state_.tally = bytes_of(tally);
  state_.patients_left.clear();
  state_.patients_goal = tally.patients;
}

std::unique_ptr<DrawRows> RunKeeper::keep(std::unique_ptr<DrawRows> rows,
                                          const ProbabilisticRun& run,
                                          const Spans& draws_left) {
  try_to([&] {
    if (!rows_) {
      RowFile file = RowFile::create(rows_of(*options_.output), run.layout.size,
                                     run.draws);
      copy_rows(*rows, run, draws_left, file);
      rows = named(std::move(file));
    }
    rows_->sync();
    state_.draws_left = draws_left;
  });
  return rows;
}

std::unique_ptr<DrawRows> RunKeeper::named(RowFile file) {
  auto rows = std::make_unique<RowFile>(std::move(file));
  rows_ = rows.get();
  return rows;
}

std::unique_ptr<DrawRows> RunKeeper::new_rows(const ProbabilisticRun& run) {
  const std::size_t size = run.layout.size;
  const double bytes = bytes_of_row_file(size, run.draws);
  if (bytes <= double{most_read_at_once})
    return std::make_unique<RowsInMemory>(size, run.draws);
  const fs::path folder = folder_for_rows(options_.output);
  require_room(folder, bytes,
               fmt::format("what is kept of {} draws", run.draws));
  if (file_)
    return named(RowFile::create(rows_of(*options_.output), size, run.draws));
  return std::make_unique<RowFile>(RowFile::temporary(folder, size, run.draws));
}

std::unique_ptr<DrawRows> RunKeeper::rows_of_draws(const ProbabilisticRun& run,
                                                   Spans& left) {
  const Spans all{{1, std::uint64_t{run.draws} + 1}};
  if (left == all) return new_rows(run);
  const fs::path path = rows_of(*options_.output);
  if (is_kept_ && RowFile::is_there(path)) {
    auto rows = named(RowFile::open(path, run.layout.size, run.draws));
    Spans missing = left;
    each_of(all, left, [&](std::uint32_t draw) {
      if (!rows_->has(draw)) missing.push_back({draw, std::uint64_t{draw} + 1});
    });
    left = joined(std::move(missing));
    return rows;
  }
  left = joined({{std::uint64_t{extended_draws_} + 1, all[0].end}});
  auto rows = new_rows(run);
  if (extended_draws_ > 0)
    read_draw_rows(*options_.output, run, extended_draws_, *rows);
  return rows;
}

void RunKeeper::finish() {
  if (!file_) return;
  is_kept_ = false;
  std::error_code none;
  fs::remove(*file_, none);
  remove_rows();
}

RunKeeper::~RunKeeper() {
  if (!is_kept_) remove_rows();
}

void RunKeeper::remove_rows() const {
  std::error_code none;
  if (file_) fs::remove(rows_of(*options_.output), none);
}

std::string RunKeeper::prospect() const {
  if (!file_ || !is_kept_) return "nothing was saved";
  return fmt::format(
      "{} keeps what is done: the same command with --resume goes on",
      file_->string());
}

}  // namespace stardsim

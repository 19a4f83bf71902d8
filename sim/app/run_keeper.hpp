// How an unfinished run is kept beside its output, and gone on with.
#pragma once

#include "models/law.hpp"
#include "sim/analysis/draw_rows.hpp"
#include "sim/analysis/probabilistic.hpp"
#include "sim/app/console.hpp"
#include "sim/app/options.hpp"
#include "sim/app/runner.hpp"
#include "sim/core/parallel.hpp"
#include "sim/io/checkpoint.hpp"
#include "sim/io/finished_run.hpp"
#include "sim/io/row_file.hpp"
#include "sim/io/scenario_reader.hpp"

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace stardsim {

/// What a run begins with.
struct RunStart {
  std::optional<CohortState> cohort;  ///< none: nothing is done yet
  Spans draws_left;
  std::string start_time;
};

/// With --extend patients and draws are those of the result where the command
/// line does not name others. Throws BadUsage for fewer, CannotRead, BadResult.
Options completed(const Options&);

/// What makes the run what it is.
Identity identity_of(const ScenarioFile&, const Law&, const Options&);

/// At rank 0. Keeps nothing without -o, nor beside what is no regular file.
class RunKeeper {
 public:
  /// Throws BadUsage where a checkpoint is in the way that nobody asked to go
  /// on with.
  RunKeeper(const Options&, const ScenarioFile&, const Law&,
            const InterruptWatch&);
  /// Nothing stays beside the output without a checkpoint.
  ~RunKeeper();
  RunKeeper(const RunKeeper&) = delete;
  RunKeeper& operator=(const RunKeeper&) = delete;

  /// From the checkpoint of --resume, the result of --extend, or the beginning.
  /// Throws BadUsage for those of another run, BadCheckpoint, BadResult.
  RunStart start();

  /// Whether it is time for a checkpoint.
  bool is_due() const;
  /// A checkpoint that cannot be written is only warned of, unless the run is
  /// being interrupted: then CannotWrite.
  void keep(const CohortState&);
  /// Moves the rows into the file beside the output, unless they are there.
  std::unique_ptr<DrawRows> keep(std::unique_ptr<DrawRows>,
                                 const ProbabilisticRun&,
                                 const Spans& draws_left);
  /// For the next checkpoint, which is not due for it: all patients are done.
  void note(const Tally&);
  /// Room for the rows of all draws, with those of the draws that start() found
  /// done. Adds to `left` what is not there after all. Few rows stay in memory;
  /// more are in the file beside the output or, where nothing is kept, in one
  /// without a name. Throws CannotRead, BadResult, and CannotWrite for more
  /// than there is room on the disk.
  std::unique_ptr<DrawRows> rows_of_draws(const ProbabilisticRun&, Spans& left);
  /// The result is saved.
  void finish();

  /// What to say of a run that ends before its end: whether it can be gone on
  /// with.
  std::string prospect() const;
  bool is_kept() const { return is_kept_; }

 private:
  using Clock = std::chrono::steady_clock;

  template <class Keep>
  void try_to(const Keep&);
  std::unique_ptr<DrawRows> new_rows(const ProbabilisticRun&);
  std::unique_ptr<DrawRows> named(RowFile);
  void remove_rows() const;
  RunStart resumed();
  RunStart extended();
  FinishedRun finished();

  const Options& options_;
  const ScenarioFile& scenario_;
  const Law& law_;
  const InterruptWatch& watch_;
  std::optional<std::filesystem::path> file_;  ///< the checkpoint
  RowFile* rows_ = nullptr;                    ///< beside it, once it is there
  Checkpoint state_;
  Clock::time_point last_ = Clock::now();
  bool is_kept_ = false, has_warned_ = false;
  std::uint32_t extended_draws_ = 0;  ///< of the result that is extended
};

}  // namespace stardsim

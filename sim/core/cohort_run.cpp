#include "sim/core/cohort_run.hpp"

#include <algorithm>
#include <memory>

namespace stardsim {
namespace {

// Simulates blocks of patients into a tally of its own.
class BlockWorker : public Worker {
 public:
  BlockWorker(const Engine& engine, const CourseForm& form, Luck luck,
              const Spans& patients, Tally& total)
      : engine_(engine),
        form_(form),
        patients_(patients),
        work_(engine, luck),
        tally_(engine.law),
        total_(total) {}

  void work(std::uint64_t number) override {
    const Span block = piece_at(patients_, block_size, number);
    simulate_block(engine_, form_, block.begin, block.end - block.begin, work_,
                   tally_);
  }
  void finish() override { total_ += tally_; }

 private:
  const Engine& engine_;
  const CourseForm& form_;
  const Spans& patients_;
  Workspace work_;
  Tally tally_;
  Tally& total_;
};

}  // namespace

CohortRun::CohortRun(const Law& law, const RunOptions& options)
    : engine_(law),
      form_(form_for(engine_, options.instruction_set)),
      options_(options),
      facts_{1, form_.instruction_set} {}

std::uint64_t CohortRun::add(const Spans& patients,
                             const std::function<bool()>& pause, Tally& total) {
  const auto so_many = [&](std::uint64_t blocks) {
    return size_of(pieces_of(patients, block_size, 0, blocks));
  };
  ParallelOptions parallel{options_.threads, pause, {}};
  if (options_.progress)
    parallel.progress = [&](std::uint64_t done) {
      options_.progress(so_many(done));
    };
  const ParallelDone done = in_parallel_until_stopped(
      piece_count(patients, block_size), parallel, [&] {
        return std::make_unique<BlockWorker>(engine_, form_, options_.luck,
                                             patients, total);
      });
  facts_.threads = std::max(facts_.threads, done.threads);
  return so_many(done.items);
}

}  // namespace stardsim

#include "sim/core/simulate.hpp"

#include "sim/core/block.hpp"
#include "sim/core/engine.hpp"

#include <algorithm>
#include <memory>

namespace stardsim {
namespace {

// Simulates blocks of patients into a tally of its own.
class BlockWorker : public Worker {
 public:
  BlockWorker(const Engine& engine, const CourseForm& form,
              const RunOptions& options, Tally& total)
      : engine_(engine),
        form_(form),
        options_(options),
        work_(engine, options.luck),
        tally_(engine.law),
        total_(total) {}

  void work(std::uint64_t block) override {
    const std::uint64_t begin = block * block_size;
    const std::uint64_t count =
        std::min<std::uint64_t>(block_size, options_.patients - begin);
    simulate_block(engine_, form_, options_.first_patient + begin, count, work_,
                   tally_);
  }
  void finish() override { total_ += tally_; }

 private:
  const Engine& engine_;
  const CourseForm& form_;
  const RunOptions& options_;
  Workspace work_;
  Tally tally_;
  Tally& total_;
};

}  // namespace

void require_possible(const RunOptions& options) {
  if (options.patients < 1 || options.patients > max_patients ||
      options.first_patient > max_patients - options.patients)
    throw std::invalid_argument("a cohort has 1 to 2^40 patients");
  if (options.luck.draw >= 1u << 24)
    throw std::invalid_argument("there are 2^24 uncertainty draws");
}

std::vector<std::string> instruction_sets() {
  std::vector<std::string> names;
  for (const CourseForm& form : course_forms())
    names.push_back(form.instruction_set);
  return names;
}

Tally simulate(const Law& law, const RunOptions& options, RunFacts* facts) {
  require_possible(options);
  const Engine engine(law);
  const CourseForm form = form_for(engine, options.instruction_set);
  const std::uint64_t blocks = (options.patients + block_size - 1) / block_size;
  ParallelOptions parallel{options.threads, options.stop, {}};
  if (options.progress)
    parallel.progress = [&](std::uint64_t done) {
      options.progress(std::min(done * block_size, options.patients));
    };
  Tally total(law);
  const int threads = in_parallel(blocks, parallel, [&] {
    return std::make_unique<BlockWorker>(engine, form, options, total);
  });
  if (facts) *facts = {threads, form.instruction_set};
  return total;
}

}  // namespace stardsim

#include "sim/core/simulate.hpp"

#include "sim/core/engine.hpp"
#include "sim/core/plain.hpp"

#include <omp.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <memory>
#include <thread>

namespace stardsim {
namespace {

// The plain course in the shape of the others. It adds to the tally itself.
void run_plain_form(const Engine& engine, std::uint64_t first,
                    std::size_t count, Workspace& work, Tally& tally) {
  run_plainly(engine, work.luck, first, count, tally);
}

CourseForm find_form(const Engine& engine, const std::string& instruction_set) {
  if (needs_plain_course(engine.law) ||
      (engine.law.accrual && !engine.accruals))
    return {"plain", run_plain_form};
  const auto forms = course_forms();
  if (instruction_set.empty()) return forms.front();
  for (const CourseForm& form : forms)
    if (form.instruction_set == instruction_set) return form;
  throw std::invalid_argument("this machine has no instruction set \"" +
                              instruction_set + "\"");
}

// The runtime of OpenMP ends the program when it cannot start a thread: try
// it beforehand, where it is an error that can be reported.
void probe_threads(int threads) {
  std::atomic<bool> done{false};
  std::vector<std::thread> started;
  const auto join = [&] {
    done = true;
    for (std::thread& thread : started) thread.join();
  };
  try {
    for (int i = 1; i < threads; ++i)
      started.emplace_back([&] {
        while (!done) std::this_thread::yield();
      });
  } catch (...) {
    join();
    throw;
  }
  join();
}

int threads_for(const RunOptions& options, std::uint64_t blocks) {
  const int wanted =
      options.threads > 0 ? options.threads : omp_get_num_procs();
  return static_cast<int>(
      std::clamp<std::uint64_t>(blocks, 1, static_cast<std::uint64_t>(wanted)));
}

void check(const RunOptions& options) {
  if (options.patients < 1 || options.patients > max_patients ||
      options.first_patient > max_patients - options.patients)
    throw std::invalid_argument("a cohort has 1 to 2^40 patients");
  if (options.luck.draw >= 1u << 24)
    throw std::invalid_argument("there are 2^24 uncertainty draws");
}

// What the threads of a run share.
struct Shared {
  std::atomic<std::uint64_t> patients_done{0};
  std::atomic<bool> stopped{false};
  std::exception_ptr failure;  ///< the first one
  int threads = 1;             ///< as many as there really were

  /// No exception may leave a parallel region: the first is kept, and ends the
  /// run.
  template <class Work>
  void guard(Work work) {
    try {
      if (!stopped) work();
    } catch (...) {
#pragma omp critical(stardsim_failure)
      if (!failure) failure = std::current_exception();
      stopped = true;
    }
  }
};

// What a thread has to itself.
struct Worker {
  Workspace work;
  Tally tally;

  Worker(const Engine& engine, Luck luck)
      : work(engine, luck), tally(engine.law) {}
};

void run_block(const Engine& engine, const CourseForm& form,
               const RunOptions& options, std::uint64_t block, Worker& worker,
               Shared& shared) {
  if (options.stop && options.stop()) {
    shared.stopped = true;
    return;
  }
  const std::uint64_t begin = block * block_size;
  const std::uint64_t count =
      std::min<std::uint64_t>(block_size, options.patients - begin);
  form.run(engine, options.first_patient + begin, count, worker.work,
           worker.tally);
  if (form.run != run_plain_form)
    worker.work.flush(engine, count, worker.tally);
  const std::uint64_t done = shared.patients_done += count;
  if (options.progress && omp_get_thread_num() == 0) options.progress(done);
}

}  // namespace

std::vector<std::string> instruction_sets() {
  std::vector<std::string> names;
  for (const CourseForm& form : course_forms())
    names.push_back(form.instruction_set);
  return names;
}

Tally simulate(const Law& law, const RunOptions& options, RunFacts* facts) {
  check(options);
  const Engine engine(law);
  const CourseForm form = find_form(engine, options.instruction_set);
  const std::uint64_t blocks = (options.patients + block_size - 1) / block_size;
  const int threads = threads_for(options, blocks);
  probe_threads(threads);
  Tally total(law);
  Shared shared;
#pragma omp parallel num_threads(threads)
  {
#pragma omp single nowait
    shared.threads = omp_get_num_threads();
    std::unique_ptr<Worker> worker;
    shared.guard(
        [&] { worker = std::make_unique<Worker>(engine, options.luck); });
#pragma omp for schedule(dynamic) nowait
    for (std::uint64_t block = 0; block < blocks; ++block)
      shared.guard(
          [&] { run_block(engine, form, options, block, *worker, shared); });
#pragma omp critical(stardsim_total)
    shared.guard([&] { total += worker->tally; });
  }
  if (shared.failure) std::rethrow_exception(shared.failure);
  if (shared.stopped) throw Interrupted("interrupted");
  if (facts) *facts = {shared.threads, form.instruction_set};
  return total;
}

}  // namespace stardsim

#include "sim/core/parallel.hpp"

#include <omp.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace stardsim {
namespace {

void try_threads(int threads) {
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
  } catch (const std::system_error& error) {
    join();
    throw CannotStartThreads(
        error.code(), "cannot start " + std::to_string(threads) + " threads");
  } catch (...) {
    join();
    throw;
  }
  join();
}

// The runtime of OpenMP ends the program when it cannot start a thread: they
// are tried beforehand, where it is an error that can be reported. It keeps
// those of the last time.
void probe_threads(int threads) {
  static std::atomic<int> kept{1};
  if (threads > kept) try_threads(threads);
  kept = threads;
}

int as_many(int threads) { return threads > 0 ? threads : omp_get_num_procs(); }

// What the threads share.
struct Shared {
  std::uint64_t count;
  const ParallelOptions& options;
  std::atomic<std::uint64_t> next{0}, done{0};
  std::atomic<bool> stopped{false};
  std::uint64_t given_up;      ///< the first one that was
  std::exception_ptr failure;  ///< the first one
  std::atomic<bool> failed{false};
  int threads = 1;  ///< as many as there really were

  Shared(std::uint64_t the_count, const ParallelOptions& the_options)
      : count(the_count), options(the_options), given_up(the_count) {}

  /// No exception may leave a parallel region: the first is kept, and ends the
  /// work.
  template <class Work>
  void guard(Work work) {
    try {
      work();
    } catch (...) {
#pragma omp critical(stardsim_failure)
      if (!failed) failure = std::current_exception();
      stopped = failed = true;
    }
  }

  void give_up(std::uint64_t item) {
#pragma omp critical(stardsim_failure)
    given_up = std::min(given_up, item);
    stopped = true;
  }
};

// Items are handed out in their order, and only after the question whether to
// stop: those begun are always the first ones.
void do_items(Worker& worker, Shared& shared) {
  const ParallelOptions& options = shared.options;
  while (!shared.stopped) {
    if (options.stop && options.stop()) {
      shared.stopped = true;
      return;
    }
    const std::uint64_t item = shared.next++;
    if (item >= shared.count) return;
    try {
      worker.work(item);
    } catch (const Interrupted&) {
      return shared.give_up(item);
    }
    const std::uint64_t done = ++shared.done;
    if (options.progress && omp_get_thread_num() == 0) options.progress(done);
  }
}

}  // namespace

void start_threads(int threads) {
  probe_threads(as_many(threads));
  std::atomic<int> started{0};
#pragma omp parallel num_threads(as_many(threads))
  ++started;
}

ParallelDone in_parallel_until_stopped(
    std::uint64_t count, const ParallelOptions& options,
    const std::function<std::unique_ptr<Worker>()>& make_worker) {
  const int threads = static_cast<int>(std::clamp<std::uint64_t>(
      count, 1, static_cast<std::uint64_t>(as_many(options.threads))));
  probe_threads(threads);
  Shared shared(count, options);
#pragma omp parallel num_threads(threads)
  {
#pragma omp single nowait
    shared.threads = omp_get_num_threads();
    std::unique_ptr<Worker> worker;
    shared.guard([&] {
      if (shared.stopped) return;
      worker = make_worker();
      do_items(*worker, shared);
    });
#pragma omp critical(stardsim_total)
    shared.guard([&] {
      if (worker && !shared.failed) worker->finish();
    });
  }
  if (shared.failed) std::rethrow_exception(shared.failure);
  return {shared.threads,
          std::min(shared.given_up, std::min(shared.next.load(), count))};
}

int in_parallel(std::uint64_t count, const ParallelOptions& options,
                const std::function<std::unique_ptr<Worker>()>& make_worker) {
  const ParallelDone done =
      in_parallel_until_stopped(count, options, make_worker);
  if (done.items < count) throw Interrupted();
  return done.threads;
}

}  // namespace stardsim

#include "sim/core/parallel.hpp"

#include <omp.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>
#include <vector>

namespace stardsim {
namespace {

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

// What the threads share.
struct Shared {
  std::atomic<std::uint64_t> done{0};
  std::atomic<bool> stopped{false};
  std::exception_ptr failure;  ///< the first one
  int threads = 1;             ///< as many as there really were

  /// No exception may leave a parallel region: the first is kept, and ends the
  /// work.
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

void do_item(std::uint64_t item, const ParallelOptions& options, Worker& worker,
             Shared& shared) {
  if (options.stop && options.stop()) {
    shared.stopped = true;
    return;
  }
  worker.work(item);
  const std::uint64_t done = ++shared.done;
  if (options.progress && omp_get_thread_num() == 0) options.progress(done);
}

}  // namespace

int in_parallel(std::uint64_t count, const ParallelOptions& options,
                const std::function<std::unique_ptr<Worker>()>& make_worker) {
  const int wanted =
      options.threads > 0 ? options.threads : omp_get_num_procs();
  const int threads = static_cast<int>(
      std::clamp<std::uint64_t>(count, 1, static_cast<std::uint64_t>(wanted)));
  probe_threads(threads);
  Shared shared;
#pragma omp parallel num_threads(threads)
  {
#pragma omp single nowait
    shared.threads = omp_get_num_threads();
    std::unique_ptr<Worker> worker;
    shared.guard([&] { worker = make_worker(); });
#pragma omp for schedule(dynamic) nowait
    for (std::uint64_t item = 0; item < count; ++item)
      shared.guard([&] { do_item(item, options, *worker, shared); });
#pragma omp critical(stardsim_total)
    shared.guard([&] { worker->finish(); });
  }
  if (shared.failure) std::rethrow_exception(shared.failure);
  if (shared.stopped) throw Interrupted("interrupted");
  return shared.threads;
}

}  // namespace stardsim

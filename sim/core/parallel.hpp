// Work shared among threads: the only place that knows of them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <system_error>

namespace stardsim {

/// The run was asked to stop before its end.
class Interrupted : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
  Interrupted() : std::runtime_error("interrupted; nothing was saved") {}
};

/// The system refuses as many threads; the message says how many, and why.
class CannotStartThreads : public std::system_error {
 public:
  using std::system_error::system_error;
};

/// What one thread does; made for each thread, used and destroyed by it alone.
class Worker {
 public:
  virtual ~Worker() = default;
  /// May throw Interrupted to give the item up: no further one is begun.
  virtual void work(std::uint64_t item) = 0;
  /// Called once, after its last item, by one thread at a time.
  virtual void finish() {}
};

/// How work is shared out.
struct ParallelOptions {
  int threads = 0;  ///< 0: as many as the machine has cores
  /// Asked before every item; after true no further one is begun.
  std::function<bool()> stop;
  /// Called from time to time, by one thread, with the items done so far.
  std::function<void(std::uint64_t)> progress;
};

/// Starts as many threads (0: as the machine has cores), which then wait for
/// work: that there are too few is known before anything is begun. Throws
/// CannotStartThreads.
void start_threads(int threads);

struct ParallelDone {
  int threads = 1;          ///< that did it
  std::uint64_t items = 0;  ///< those below are done
};

/// Does the items 0, 1, ... below `count`, begun in this order, until all are
/// done or it is asked to stop; then whatever was begun is finished, unless
/// given up. The first exception of a worker ends the work and is thrown.
/// Throws CannotStartThreads.
ParallelDone in_parallel_until_stopped(
    std::uint64_t count, const ParallelOptions&,
    const std::function<std::unique_ptr<Worker>()>& make_worker);

/// Does all of them and returns the number of threads that did. Throws
/// Interrupted where it was asked to stop.
int in_parallel(std::uint64_t count, const ParallelOptions&,
                const std::function<std::unique_ptr<Worker>()>& make_worker);

}  // namespace stardsim

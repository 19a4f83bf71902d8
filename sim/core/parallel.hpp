// Work shared among threads: the only place that knows of them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>

namespace stardsim {

/// The run was asked to stop before its end.
class Interrupted : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What one thread does; made for each thread, used and destroyed by it alone.
class Worker {
 public:
  virtual ~Worker() = default;
  virtual void work(std::uint64_t item) = 0;
  /// Called once, after its last item, by one thread at a time.
  virtual void finish() {}
};

struct ParallelOptions {
  int threads = 0;  ///< 0: as many as the machine has cores
  /// Asked before every item; true ends the work with Interrupted.
  std::function<bool()> stop;
  /// Called from time to time, by one thread, with the items done so far.
  std::function<void(std::uint64_t)> progress;
};

/// Does the items 0 .. count - 1, in any order, and returns the number of
/// threads that did. The first exception of a worker ends the work and is
/// thrown. Throws Interrupted, and std::system_error if threads cannot be
/// started.
int in_parallel(std::uint64_t count, const ParallelOptions&,
                const std::function<std::unique_ptr<Worker>()>& make_worker);

}  // namespace stardsim

#include "sim/core/parallel.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <mutex>
#include <set>

using namespace stardsim;

namespace {

class Function : public Worker {
 public:
  explicit Function(const std::function<void(std::uint64_t)>& item)
      : item_(item) {}
  void work(std::uint64_t item) override { item_(item); }

 private:
  const std::function<void(std::uint64_t)>& item_;
};

ParallelDone do_some(std::uint64_t count, const ParallelOptions& options,
                     const std::function<void(std::uint64_t)>& item) {
  return in_parallel_until_stopped(
      count, options, [&] { return std::make_unique<Function>(item); });
}

}  // namespace

TEST_CASE("Whenever work is stopped the first items are done and no other",
          "[core][threads]") {
  for (const std::uint64_t after : {0, 1, 7, 50, 200}) {
    std::mutex mutex;
    std::set<std::uint64_t> seen;
    ParallelOptions options;
    options.threads = 3;
    options.stop = [&] {
      const std::lock_guard lock(mutex);
      return seen.size() >= after;
    };
    const ParallelDone done = do_some(100, options, [&](std::uint64_t item) {
      const std::lock_guard lock(mutex);
      seen.insert(item);
    });
    CAPTURE(after);
    CHECK(done.items >= std::min<std::uint64_t>(after, 100));
    CHECK(done.items <= std::min<std::uint64_t>(after + 3, 100));
    CHECK(seen.size() == done.items);
    CHECK((seen.empty() || *seen.rbegin() == done.items - 1));
  }
}

TEST_CASE("An item that is given up ends what is done before it",
          "[core][threads]") {
  for (const int threads : {1, 3}) {
    ParallelOptions options;
    options.threads = threads;
    const ParallelDone done = do_some(100, options, [](std::uint64_t item) {
      if (item == 20) throw Interrupted("given up");
    });
    CHECK(done.items == 20);
  }
}

TEST_CASE("A worker that cannot be made is a failure", "[core][threads]") {
  ParallelOptions options;
  options.threads = 2;
  CHECK_THROWS_WITH(in_parallel(5, options,
                                []() -> std::unique_ptr<Worker> {
                                  throw std::runtime_error("no room");
                                }),
                    "no room");
}

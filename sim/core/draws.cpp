#include "sim/core/draws.hpp"

#include "sim/core/block.hpp"
#include "sim/core/engine.hpp"

#include <algorithm>
#include <memory>
#include <mutex>
#include <stdexcept>

namespace stardsim {
namespace {

constexpr std::uint64_t most_draws = 1u << 24;

void check(const DrawOptions& options) {
  if (options.patients < 1 || options.patients > max_patients)
    throw std::invalid_argument("a cohort has 1 to 2^40 patients");
  if (std::uint64_t{options.first} + options.count > most_draws)
    throw std::invalid_argument("there are 2^24 uncertainty draws");
}

// What the threads share.
struct Shared {
  const DrawOptions& options;
  const Spans& draws;
  const std::function<Law(std::uint32_t)>& law_of;
  const std::function<void(std::uint32_t, const Tally&)>& take;
  std::mutex telling;
  std::string instruction_set;  // of any draw: all take the same course
};

// Simulates whole draws, one after the other.
class DrawWorker : public Worker {
 public:
  explicit DrawWorker(Shared& shared) : shared_(shared) {}

  void work(std::uint64_t item) override {
    const DrawOptions& options = shared_.options;
    const auto draw =
        static_cast<std::uint32_t>(piece_at(shared_.draws, 1, item).begin);
    const Engine engine(shared_.law_of(draw));
    const CourseForm form = form_for(engine, options.instruction_set);
    const auto work = std::make_unique<Workspace>(
        engine, Luck{options.seed, options.common_luck ? 0 : draw});
    Tally tally(engine.law);
    for (std::uint64_t begin = 0; begin < options.patients;
         begin += block_size) {
      if (options.stop && options.stop()) throw Interrupted();
      simulate_block(
          engine, form, begin,
          std::min<std::uint64_t>(block_size, options.patients - begin), *work,
          tally);
    }
    shared_.take(draw, tally);
    const std::lock_guard lock(shared_.telling);
    shared_.instruction_set = form.instruction_set;
  }

 private:
  Shared& shared_;
};

}  // namespace

void simulate_draws(
    const DrawOptions& options, const std::function<Law(std::uint32_t)>& law_of,
    const std::function<void(std::uint32_t, const Tally&)>& take,
    RunFacts* facts) {
  check(options);
  const Spans all{
      {options.first, std::uint64_t{options.first} + options.count}};
  if (simulate_some_draws(options, all, options.stop, law_of, take, facts) <
      options.count)
    throw Interrupted();
}

std::uint64_t simulate_some_draws(
    const DrawOptions& options, const Spans& draws,
    const std::function<bool()>& pause,
    const std::function<Law(std::uint32_t)>& law_of,
    const std::function<void(std::uint32_t, const Tally&)>& take,
    RunFacts* facts) {
  check(options);
  Shared shared{options, draws, law_of, take, {}, {}};
  const ParallelDone done = in_parallel_until_stopped(
      size_of(draws), {options.threads, pause, options.progress},
      [&] { return std::make_unique<DrawWorker>(shared); });
  if (facts && !shared.instruction_set.empty())
    *facts = {std::max(facts->threads, done.threads), shared.instruction_set};
  return done.items;
}

}  // namespace stardsim

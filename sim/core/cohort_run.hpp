// A cohort that is simulated a stretch at a time.
#pragma once

#include "models/law.hpp"
#include "sim/core/block.hpp"
#include "sim/core/engine.hpp"
#include "sim/core/simulate.hpp"
#include "sim/core/spans.hpp"
#include "sim/core/tally.hpp"

#include <cstdint>
#include <functional>

namespace stardsim {

class CohortRun {
 public:
  /// Of the options count the luck, threads, instruction set and progress.
  CohortRun(const Law&, const RunOptions&);

  /// Adds these patients to the tally, by blocks in their order, until all are
  /// done or pause() says so, and returns how many of them, the first ones,
  /// are. Throws what simulate() does, but for Interrupted.
  std::uint64_t add(const Spans&, const std::function<bool()>& pause, Tally&);

  const Law& law() const { return engine_.law; }
  const RunFacts& facts() const { return facts_; }

 private:
  Engine engine_;
  CourseForm form_;
  RunOptions options_;
  RunFacts facts_;
};

}  // namespace stardsim

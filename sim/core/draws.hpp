// Many small cohorts, each with its own law and luck: those of a probabilistic
// sensitivity analysis. Threads share out whole draws.
#pragma once

#include "models/law.hpp"
#include "sim/core/simulate.hpp"
#include "sim/core/spans.hpp"
#include "sim/core/tally.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace stardsim {

struct DrawOptions {
  std::uint32_t first = 1, count = 0;  ///< first + count <= 2^24
  std::uint64_t patients = 10'000;     ///< of each
  std::uint64_t seed = 1;
  bool common_luck = false;  ///< all have the luck of draw 0
  int threads = 0;
  std::string instruction_set;
  std::function<void(std::uint64_t)> progress;  ///< draws done so far
  std::function<bool()> stop;
};

/// `law_of(draw)` and `take(draw, tally)` are called by several threads at
/// once, in any order. A draw's tally equals that of simulate() with that law
/// and that luck. Throws as simulate().
void simulate_draws(
    const DrawOptions&, const std::function<Law(std::uint32_t)>& law_of,
    const std::function<void(std::uint32_t, const Tally&)>& take,
    RunFacts* facts = nullptr);

/// These draws, of those of the options, in their order until all are done or
/// pause() says so; returns how many of them, the first ones, are. Some of the
/// others may have been taken too.
std::uint64_t simulate_some_draws(
    const DrawOptions&, const Spans& draws, const std::function<bool()>& pause,
    const std::function<Law(std::uint32_t)>& law_of,
    const std::function<void(std::uint32_t, const Tally&)>& take,
    RunFacts* facts = nullptr);

}  // namespace stardsim

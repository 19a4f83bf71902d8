// One run of a scenario by all ranks: from its beginning, or where it was left,
// to the saved result.
#pragma once

#include "models/law.hpp"
#include "sim/app/draws.hpp"
#include "sim/app/options.hpp"
#include "sim/app/runner.hpp"
#include "sim/core/ranks.hpp"
#include "sim/io/results.hpp"
#include "sim/io/scenario_reader.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

namespace stardsim {

/// What a run leaves behind.
struct RunDone {
  Simulated simulated;
  Provenance how;
  std::optional<Twin> twin;  ///< where draws were compared with it
  std::optional<DrawsDone> draws;
};

/// Called by all ranks. `then` is called at rank 0, before any goes on. With
/// --until the scenario has as many patients as it took from then on. Throws
/// Interrupted, which says how to go on, and what keeps a scenario from being
/// run.
void carry_out(ScenarioFile&, const Options&, const std::string& typed, Ranks&,
               const std::function<void(const Law&, const RunDone&)>& then);

/// The subgroup of --trace-if. Throws BadUsage if there is none of that name.
std::optional<std::size_t> traced_subgroup(const Scenario&, const Options&);

}  // namespace stardsim

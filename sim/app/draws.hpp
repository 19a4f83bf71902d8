// What `run --draws` adds to a run: a probabilistic sensitivity analysis.
#pragma once

#include "models/exact.hpp"
#include "models/law.hpp"
#include "sim/analysis/decision_uncertainty.hpp"
#include "sim/analysis/parameter_draws.hpp"
#include "sim/analysis/probabilistic.hpp"
#include "sim/app/console.hpp"
#include "sim/app/options.hpp"
#include "sim/app/runner.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace stardsim {

class NetcdfFile;

struct DrawsDone {
  ParameterDraws parameters;
  ProbabilisticRun run;
  ProbabilisticSummary summary;
  std::vector<PerspectiveDecision> decisions;  ///< none without economics
  RunFacts facts;
  double seconds;
};

/// How many draws --draws asks for of this scenario; 0: none.
std::uint32_t draws_asked(const Scenario&, const Options&);

/// After the deterministic run, whose tally this is; `exact` may be null.
/// Throws BadScenario in one line of this file for an impossible distribution,
/// Interrupted.
DrawsDone make_draws(const ScenarioFile&, const Law&, const Tally&,
                     const Expectation* exact, const Options&,
                     const InterruptWatch&);

void write_draws(NetcdfFile&, const Scenario&, const DrawsDone&);

/// For people.
std::string draws_text(const Scenario&, const DrawsDone&, const Options&,
                       const Screen&);

/// That a scenario with [uncertainty] can be drawn, where it was not asked for;
/// else "".
std::string draws_hint(const Scenario&, const Options&);

}  // namespace stardsim

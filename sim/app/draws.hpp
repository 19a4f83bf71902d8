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
#include "sim/core/ranks.hpp"
#include "sim/core/spans.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace stardsim {

class NetcdfFile;

struct DrawsDone {
  ParameterDraws parameters;
  ProbabilisticRun run;
  std::unique_ptr<DrawRows> rows;
  ProbabilisticSummary summary;
  std::vector<PerspectiveDecision> decisions;  ///< none without economics
  RunFacts facts;
  double seconds;
};

/// How many draws --draws asks for of this scenario; 0: none.
std::uint32_t draws_asked(const Scenario&, const Options&);

/// Patients of each draw.
std::uint64_t draw_patients_of(const Scenario&, const Options&);

/// With whom draws are shared, and how they are kept.
struct DrawSharing {
  Ranks& ranks;
  Spans left;  ///< the draws that are not done yet
  /// At rank 0: for all draws, with the rows of those that are done.
  std::unique_ptr<DrawRows> rows;
  /// At rank 0: whether `keep` is due; asked often.
  std::function<bool()> due;
  /// Keeps the rows of all draws but those left; gives back where they are from
  /// then on.
  std::function<std::unique_ptr<DrawRows>(
      std::unique_ptr<DrawRows>, const ProbabilisticRun&, const Spans& left)>
      keep;
};

/// What is drawn of this scenario, and how a draw is kept.
struct DrawPlan {
  ParameterDraws parameters;
  ProbabilisticRun run;
};
/// Throws BadScenario in one line of this file for an impossible distribution,
/// BadUsage for more draws than can be weighed.
DrawPlan plan_draws(const ScenarioFile&, const Options&);

/// After the deterministic run, whose tally this is; `exact` may be null. Both
/// count at rank 0 alone, where all draws are gathered; elsewhere nothing is
/// returned. Throws BadScenario as plan_draws(), CannotWrite, Interrupted.
std::optional<DrawsDone> make_draws(const ScenarioFile&, const Law&, DrawPlan,
                                    const Tally&, const Expectation* exact,
                                    const Options&, const InterruptWatch&,
                                    DrawSharing);

/// The groups of a result file that tell the draws themselves, and what they
/// come to.
void write_draws(NetcdfFile&, const DrawsDone&);
/// What they come to alone.
void write_uncertainty(NetcdfFile&, const DrawsDone&);

/// For people.
std::string draws_text(const Scenario&, const DrawsDone&, const Options&,
                       const Screen&);

/// That a scenario with [uncertainty] can be drawn, where it was not asked for;
/// else "".
std::string draws_hint(const Scenario&, const Options&);

}  // namespace stardsim

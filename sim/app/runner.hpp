// What the commands that simulate have in common: files read and simulated,
// text printed.
#pragma once

#include "models/exact.hpp"
#include "models/law.hpp"
#include "sim/analysis/precision.hpp"
#include "sim/app/console.hpp"
#include "sim/app/options.hpp"
#include "sim/core/ranks.hpp"
#include "sim/core/simulate.hpp"
#include "sim/core/spans.hpp"
#include "sim/io/results.hpp"
#include "sim/io/scenario_reader.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace stardsim {

/// Throws CannotWrite unless all of it has arrived: a full disk shows only
/// here.
void print(const std::string&);

/// As one word of a shell's command line, in quotes where it needs them.
std::string quoted(const std::string& word);

/// "1,000 patients", "1 step".
std::string counted(std::uint64_t count, const std::string& what);

std::string now_utc();  ///< ISO 8601

/// All of them, or BadScenario with all the problems of all of them. With the
/// patients and the seed of the options.
std::vector<ScenarioFile> read_scenarios(
    const std::vector<std::filesystem::path>&, const Options&);

/// Throws BadUsage if writing `output` would replace one of `read`, which is
/// `what`; `ending` makes of its name a better one.
void refuse_to_overwrite(const std::filesystem::path& output,
                         const std::vector<std::filesystem::path>& read,
                         const std::string& what, const std::string& ending);

/// -o saves HDF5. Throws BadUsage for an ending of another kind of file: who
/// asks for that means what is printed, by the option that is given here for
/// the ending, if there is one.
void refuse_other_kind(const std::filesystem::path& output,
                       const std::map<std::string, std::string>& printed_by);

/// "Numbers without a source: ...", or "".
std::string unsourced_note(const Scenario&);

/// The index of the name among things, or BadUsage that begins with `what`.
std::size_t index_of(const std::vector<std::string>& names,
                     const std::string& name, const std::string& what);
template <class Named>
std::vector<std::string> names_of(const std::vector<Named>& things) {
  std::vector<std::string> names;
  names.reserve(things.size());
  for (const Named& thing : things) names.push_back(thing.name);
  return names;
}

/// The exact twin, or why there is none.
struct Twin {
  std::optional<Expectation> figures;
  std::string why_not;
};
Twin twin_of(const Law&);

struct Simulated {
  Tally tally;
  RunFacts facts;
  std::optional<PrecisionResult> until;  ///< of --until; its tally is moved
};

/// What of a cohort is counted, and which of the patients below `goal` are not
/// yet.
struct CohortState {
  Tally tally;
  Spans left;
  std::uint64_t goal = 0;
};

/// With whom a run is shared, and how it is kept for being gone on with.
struct Sharing {
  Ranks& ranks;
  /// At rank 0: whether `keep` is due; asked often.
  std::function<bool()> due;
  std::function<void(const CohortState&)> keep;
  /// To go on from, at all ranks (the tally at rank 0 alone).
  std::optional<CohortState> start;
};

/// So many patients as the scenario has or, with --until, as it takes.
/// Throws Interrupted, and BadUsage for a goal that the scenario does not have.
Simulated simulate_cohort(const Scenario&, const Law&, const Options&,
                          const InterruptWatch&);
/// Called by all ranks. With --until all have the whole tally, else rank 0
/// alone. What was done is kept before Interrupted is thrown.
Simulated simulate_cohort(const Scenario&, const Law&, const Options&,
                          const InterruptWatch&, const Sharing&);

/// "half_width(...) < 0.002: 0.00193 after 101,250 patients".
std::string precision_note(const Options&, const Simulated&);

/// What a result says of the program, the scenario and how it was simulated.
Provenance provenance_of(const ScenarioFile&, const Law&, const RunFacts&);

/// "NAME SHA-256; ..." of the tables that the scenario reads, or "".
std::string data_files_of(const ScenarioFile&);

/// SHA-256 of what makes the patients, besides the seed.
std::string cohort_sha256(const Law&);

}  // namespace stardsim

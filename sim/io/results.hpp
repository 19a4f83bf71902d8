// The result file: in HDF5, everything a run counted, and what was run. The
// format is described in results/README.md.
#pragma once

#include "models/scenario.hpp"
#include "sim/core/engine.hpp"
#include "sim/core/tally.hpp"
#include "sim/io/trace.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace stardsim {

/// How the result came about; all of it becomes root attributes.
struct Provenance {
  std::string program_version, commit, compiler;
  std::string command_line;   ///< as typed, quoted for a shell
  std::string start_time;     ///< ISO 8601, UTC
  std::string scenario_file;  ///< as given
  std::string scenario_text;  ///< with all it extends
  std::string in_words;       ///< the scenario, as `stardsim describe` tells it
  std::string law_sha256;  ///< of the compiled tables: equal hash, equal bytes
  std::string cohort_sha256;  ///< of what makes the patients, besides the seed
  std::string data_files;     ///< the cohort's table: "NAME SHA-256", or ""
  InterceptReport intercepts;
  std::string instruction_set;  ///< the one that ran
  std::uint64_t seed = 0;
  int threads = 1;
};

class NetcdfFile;

/// Adds further groups, behind those of every run.
using AddGroups = std::function<void(NetcdfFile&)>;

/// The HDF5 file as bytes, built in memory. Equal tallies and scenarios give
/// equal datasets, whatever the provenance; with equal provenance, equal bytes.
/// Requires a tally of this scenario and at least one patient. Throws
/// hdf5::Failure (a std::runtime_error) if HDF5 fails.
std::vector<std::byte> results_image(const Scenario&, const Tally&,
                                     const Provenance&,
                                     const AddGroups& more = {});

/// With the histories of patients too, for which the engine is that of the
/// scenario. Throws Interrupted as well.
AddGroups with_histories(const Scenario&, const Engine&, const Trace&,
                         const AddGroups& more = {});

/// The same bytes as results_image() in a file, as write_atomically()
/// (atomic_file.hpp) would write them; never all of them in memory, unless what
/// is written cannot be replaced. Throws CannotWrite as well.
void write_results(const std::filesystem::path&, const Scenario&, const Tally&,
                   const Provenance&, const AddGroups& more = {});

}  // namespace stardsim

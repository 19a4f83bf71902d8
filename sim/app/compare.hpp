// The command `compare`.
#pragma once

#include "sim/app/options.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace stardsim {

/// Whether the file is read as a result, by its ending: .h5, .hdf5 or .nc.
bool is_result_file(const std::filesystem::path&);

/// Names of the runs: of the files, without folders and ending; of equal ones
/// the later have "-2", "-3" behind.
std::vector<std::string> run_names(const std::vector<std::filesystem::path>&);

/// Prints the comparison and writes the file that the options ask for. `typed`
/// is the command line. Throws as the commands do: BadUsage, BadScenario,
/// BadResult, CannotRead, CannotWrite, Interrupted.
void compare(const Options&, const std::string& typed);

}  // namespace stardsim

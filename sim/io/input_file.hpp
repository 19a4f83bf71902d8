// Input files read into memory, whatever is behind their names.
#pragma once

#include "sim/io/open_file.hpp"

#include <cstddef>
#include <filesystem>
#include <string>

namespace stardsim {

/// The bytes of a file, or its first `most` and one: enough to refuse it. A
/// pipe is read to its end like a file; one into which nobody writes is waited
/// for no longer than 5 s. Throws std::system_error, for a folder too.
std::string read_input(const std::filesystem::path&, std::size_t most);

/// Opened for reading: a file in which one can go to and fro. Throws CannotRead
/// (problems.hpp), for a folder, pipe or device too.
OpenFile open_regular_file(const std::filesystem::path&);

}  // namespace stardsim

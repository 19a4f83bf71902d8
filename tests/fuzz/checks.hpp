// What the fuzz targets share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace stardsim::fuzz {

/// A folder of this process's own in memory, removed at its exit.
const std::filesystem::path& scratch();

/// Writes a file there and returns its path.
std::filesystem::path write(const std::string& name, std::string_view bytes);

/// Ends the process, so that the input counts as a crash, if a complaint about
/// an input is not what a user should see: a line of printable UTF-8, not
/// empty, of at most 10,000 bytes.
void require_clear(const std::vector<std::string>& lines);

/// And begins with the name of the file.
void require_clear(const std::vector<std::string>& lines,
                   const std::filesystem::path&);

}  // namespace stardsim::fuzz

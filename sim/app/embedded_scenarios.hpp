// Scenarios that are part of the program: files of configs/, embedded by CMake
// (scripts/embed_files.cmake).
#pragma once

#include <string_view>
#include <vector>

namespace stardsim {

struct EmbeddedFile {
  std::string_view path;  ///< below configs/
  std::string_view text;
};

std::vector<EmbeddedFile> embedded_files();

}  // namespace stardsim

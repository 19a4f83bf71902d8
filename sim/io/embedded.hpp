// Files that are part of the program, put into it when it is built
// (scripts/embed.cmake).
#pragma once

#include <string_view>
#include <vector>

namespace stardsim {

struct EmbeddedFile {
  std::string_view path;  ///< below the folder that CMakeLists.txt names
  std::string_view text;
};

struct Embedded {
  std::string_view text;  ///< of all, in their order, a line feed after each
  std::vector<EmbeddedFile> files;
};

namespace embedded {

/// What a report carries beside its words, of sim/io/report/. UTF-8; none
/// contains "</script" or "</style", so that each can stand in its element as
/// it is.
Embedded style();    ///< report.css
Embedded library();  ///< vendor/*.js in the order they need
Embedded script();   ///< its own *.js; runs after library() and the page

/// Scenarios that `stardsim check` runs of its own, of configs/, with what they
/// read.
Embedded scenarios();

}  // namespace embedded
}  // namespace stardsim

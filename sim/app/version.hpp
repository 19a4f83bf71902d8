// Which program this is.
#pragma once

#include <string>

namespace stardsim {

struct Build {
  std::string version, commit, compiler;
};

Build this_build();

/// "stardsim 0.1.0 (commit, compiler)".
std::string version_line();

}  // namespace stardsim

#include "sim/app/version.hpp"

#include "generated/commit.hpp"  // by CMake: STARDSIM_COMMIT

namespace stardsim {

// Version and compiler come from CMakeLists.txt.
Build this_build() {
  return {STARDSIM_VERSION, STARDSIM_COMMIT, STARDSIM_COMPILER};
}

std::string version_line() {
  const Build build = this_build();
  return "stardsim " + build.version + " (" + build.commit + ", " +
         build.compiler + ")";
}

}  // namespace stardsim

# Writes OUTPUT, a C++ source with the FILEs, whose paths are below FOLDER, as
# stardsim::embedded_files() (sim/app/embedded_scenarios.hpp).
# Usage: cmake -P scripts/embed_files.cmake OUTPUT FOLDER FILE...
cmake_minimum_required(VERSION 3.25)
foreach(position RANGE 3 ${CMAKE_ARGC})
  if(position LESS CMAKE_ARGC)
    list(APPEND arguments "${CMAKE_ARGV${position}}")
  endif()
endforeach()
list(POP_FRONT arguments output folder)
if(NOT arguments)
  message(FATAL_ERROR "usage: cmake -P embed_files.cmake OUTPUT FOLDER FILE...")
endif()

# Byte by byte: compilers need not take longer string literals than 64 kB.
string(REPEAT "." 77 line)  # of 7 characters
set(number 0)
foreach(file IN LISTS arguments)
  file(READ "${folder}/${file}" hex HEX)
  string(REGEX REPLACE "(..)" "'\\\\x\\1'," bytes "${hex}")
  string(REGEX REPLACE "(${line})" "\\1\n" bytes "${bytes}")
  string(APPEND texts "constexpr char text_${number}[] = {\n${bytes}};\n")
  string(APPEND entries
    "      {\"${file}\", {text_${number}, sizeof text_${number}}},\n")
  math(EXPR number "${number} + 1")
endforeach()

file(WRITE "${output}" "// Made by scripts/embed_files.cmake.
#include \"sim/app/embedded_scenarios.hpp\"

namespace stardsim {
namespace {

${texts}
}  // namespace

std::vector<EmbeddedFile> embedded_files() {
  return {
${entries}  };
}

}  // namespace stardsim
")

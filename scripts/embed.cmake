# Writes OUTPUT, a C++ source with the FILEs, whose paths are below FOLDER, as
# `stardsim::Embedded stardsim::embedded::NAME()` (sim/io/embedded.hpp).
# Usage: cmake -P scripts/embed.cmake OUTPUT NAME FOLDER FILE...
# Characters one by one: compilers need take literals of 64 kB only, and one
# that looks at the encoding would object to a piece that ends within a letter.
cmake_minimum_required(VERSION 3.25)
foreach(position RANGE 3 ${CMAKE_ARGC})
  if(position LESS CMAKE_ARGC)
    list(APPEND arguments "${CMAKE_ARGV${position}}")
  endif()
endforeach()
list(POP_FRONT arguments output name folder)
if(NOT arguments)
  message(FATAL_ERROR "usage: cmake -P embed.cmake OUTPUT NAME FOLDER FILE...")
endif()

set(begin 0)
foreach(file IN LISTS arguments)
  file(READ "${folder}/${file}" bytes HEX)
  if(bytes STREQUAL "")
    message(FATAL_ERROR "${folder}/${file} is empty")
  endif()
  string(LENGTH "${bytes}" size)
  math(EXPR size "${size} / 2")
  string(APPEND files "      {\"${file}\", {text + ${begin}, ${size}}},\n")
  string(APPEND hex "${bytes}0a")
  math(EXPR begin "${begin} + ${size} + 1")
endforeach()
string(REGEX REPLACE "(..)" "'\\\\x\\1'," characters "${hex}")
string(REPEAT "." 77 line)  # of 11 characters
string(REGEX REPLACE "(${line})" "\\1\n" characters "${characters}")

file(WRITE "${output}" "// Made by scripts/embed.cmake.
#include \"sim/io/embedded.hpp\"

namespace stardsim::embedded {

static constexpr char text[] = {
${characters}};

Embedded ${name}() {
  return {{text, sizeof text}, {
${files}  }};
}

}  // namespace stardsim::embedded
")

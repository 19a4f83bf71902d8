# Writes OUTPUT, a C++ source with the bytes of the FILEs, one after the other
# with a line feed between, as `std::string_view stardsim::report_assets::NAME()`.
# Usage: cmake -P scripts/embed.cmake OUTPUT NAME FILE...
# Characters one by one: compilers need take literals of 64 kB only, and one
# that looks at the encoding would object to a piece that ends within a letter.
cmake_minimum_required(VERSION 3.25)
foreach(position RANGE 3 ${CMAKE_ARGC})
  if(position LESS CMAKE_ARGC)
    list(APPEND arguments "${CMAKE_ARGV${position}}")
  endif()
endforeach()
list(POP_FRONT arguments output name)
if(NOT arguments)
  message(FATAL_ERROR "usage: cmake -P embed.cmake OUTPUT NAME FILE...")
endif()

foreach(file IN LISTS arguments)
  file(READ "${file}" bytes HEX)
  if(bytes STREQUAL "")
    message(FATAL_ERROR "${file} is empty")
  endif()
  string(APPEND hex "${bytes}0a")
endforeach()
string(REGEX REPLACE "(..)" "'\\\\x\\1'," characters "${hex}")
string(REPEAT "." 77 line)  # of 11 characters
string(REGEX REPLACE "(${line})" "\\1\n" characters "${characters}")

file(WRITE "${output}" "// Made by scripts/embed.cmake.
#include <string_view>

#include \"sim/io/report/assets.hpp\"

namespace stardsim::report_assets {

static constexpr char text[] = {
${characters}};

std::string_view ${name}() { return {text, sizeof text}; }

}  // namespace stardsim::report_assets
")

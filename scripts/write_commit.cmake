# Writes FILE with the commit of SOURCE, if it says another one.
execute_process(COMMAND git -c safe.directory=* -C ${SOURCE} describe --always --dirty
  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT commit)
  set(commit unknown)
endif()
file(CONFIGURE OUTPUT ${FILE} CONTENT "#define STARDSIM_COMMIT \"${commit}\"\n")

# What `cmake --install` and `cpack` put where. Included by CMakeLists.txt.
# Component `program` is what one needs who runs scenarios, and all that the
# .deb holds; `library` is for who calls the engine from C++.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(generated ${PROJECT_BINARY_DIR}/generated)

# --- The program

# The manual is written from the program's own --help.
if(NOT CMAKE_CROSSCOMPILING)
  add_custom_command(OUTPUT ${generated}/stardsim.1
    COMMAND ${PROJECT_SOURCE_DIR}/scripts/make_manual.sh $<TARGET_FILE:stardsim>
      ${generated}/stardsim.1
    DEPENDS stardsim ${PROJECT_SOURCE_DIR}/scripts/make_manual.sh
    VERBATIM)
  add_custom_target(stardsim_manual ALL DEPENDS ${generated}/stardsim.1)
  install(FILES ${generated}/stardsim.1
    DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT program)
endif()

install(TARGETS stardsim RUNTIME COMPONENT program)
install(DIRECTORY configs/
  DESTINATION ${CMAKE_INSTALL_DATADIR}/stardsim/configs COMPONENT program)
install(FILES scripts/completion.sh RENAME stardsim
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
  COMPONENT program)
install(FILES README.md CHANGELOG.md CITATION.cff LICENSE
  sim/io/report/vendor/LICENSE.d3 sim/io/report/vendor/LICENSE.d3-sankey
  sim/io/report/vendor/LICENSE.plot
  DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)

if(TARGET stardsim-mpi)
  file(WRITE ${generated}/stardsim-mpi.1 ".so man1/stardsim.1\n")
  install(TARGETS stardsim-mpi RUNTIME COMPONENT mpi)
  install(FILES ${generated}/stardsim-mpi.1
    DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT mpi)
  install(FILES scripts/completion.sh RENAME stardsim-mpi
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
    COMPONENT mpi)
endif()

# --- The library

# Includes are written from the root of the project, which is this folder when
# installed.
set(headers ${CMAKE_INSTALL_INCLUDEDIR}/stardsim)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/stardsim)
foreach(layer models core analysis io)
  set_target_properties(stardsim_${layer} PROPERTIES EXPORT_NAME ${layer})
  # As in stardsim_settings: a caller's inline copies must round alike.
  target_compile_options(stardsim_${layer}
    INTERFACE $<INSTALL_INTERFACE:-ffp-contract=off>)
  target_compile_features(stardsim_${layer} INTERFACE cxx_std_20)
endforeach()
add_library(stardsim_library INTERFACE)
set_target_properties(stardsim_library PROPERTIES EXPORT_NAME stardsim)
target_link_libraries(stardsim_library INTERFACE stardsim_io)
add_library(stardsim::stardsim ALIAS stardsim_library)

install(TARGETS
  stardsim_models stardsim_core stardsim_analysis stardsim_io stardsim_library
  EXPORT stardsim
  ARCHIVE COMPONENT library
  INCLUDES DESTINATION ${headers})
# Some headers of sim/io include that of HDF5.
target_link_libraries(stardsim_io INTERFACE $<INSTALL_INTERFACE:hdf5::hdf5>)
foreach(layer models sim/core sim/analysis sim/io)
  install(DIRECTORY ${layer}/ DESTINATION ${headers}/${layer} COMPONENT library
    FILES_MATCHING PATTERN "*.hpp"
    PATTERN "*-inl.hpp" EXCLUDE  # included by sources alone, once a target
    PATTERN "vendor" EXCLUDE)
endforeach()
install(EXPORT stardsim NAMESPACE stardsim:: FILE stardsimTargets.cmake
  DESTINATION ${package} COMPONENT library)
configure_package_config_file(scripts/stardsimConfig.cmake.in
  ${generated}/stardsimConfig.cmake INSTALL_DESTINATION ${package}
  NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${generated}/stardsimConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${generated}/stardsimConfig.cmake ${generated}/stardsimConfigVersion.cmake
  DESTINATION ${package} COMPONENT library)

# --- The Debian package: cpack -G DEB

file(STRINGS CITATION.cff authors REGEX "^ +- name: ")
string(REGEX REPLACE "^ +- name: \"(.*)\"$" "\\1" maintainer "${authors}")
set(STARDSIM_MAINTAINER "${maintainer}" CACHE STRING
  "Maintainer of the Debian package, as \"Name <address>\"")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "${STARDSIM_MAINTAINER}")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
  WORLD_READ WORLD_EXECUTE)
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/scripts/debian_files.cmake)
set(CPACK_COMPONENTS_ALL program)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME stardsim)
set(CPACK_DEBIAN_PROGRAM_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_COMPONENT_PROGRAM_DESCRIPTION "\
It takes synthetic patients through treatment steps, as the STAR*D trial did,
with the probabilities of a scenario file, and says who is in remission, when,
for how long and at what cost, with the Monte Carlo error of every figure.")
include(CPack)

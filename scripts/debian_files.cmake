# Run by cpack between installing and packing: gives the package's documents the
# names and the form that Debian asks for (Debian Policy 12).
set(usr ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/program/usr/share)
set(documents ${usr}/doc/${CPACK_PACKAGE_NAME})

function(compress file)
  execute_process(COMMAND gzip -9 -n -f ${file} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(GLOB pages ${usr}/man/man1/*.1)
foreach(page IN LISTS pages)
  compress(${page})
endforeach()

# All licences of what the program is made from, in one file.
set(licences LICENSE LICENSE.d3 LICENSE.d3-sankey LICENSE.plot)
set(names stardsim "d3, for charts in the report" "d3-sankey, likewise"
  "Observable Plot, likewise")
foreach(licence name IN ZIP_LISTS licences names)
  file(READ ${documents}/${licence} text)
  file(REMOVE ${documents}/${licence})
  string(APPEND copyright "${name}:\n\n${text}\n")
endforeach()
file(WRITE ${documents}/copyright "${copyright}")

string(TIMESTAMP now "%a, %d %b %Y %H:%M:%S +0000" UTC)
file(WRITE ${documents}/changelog "\
${CPACK_PACKAGE_NAME} (${CPACK_PACKAGE_VERSION}) unstable; urgency=medium

  * What changed stands in CHANGELOG.md.gz.

 -- ${CPACK_PACKAGE_CONTACT}  ${now}
")
compress(${documents}/changelog)
compress(${documents}/CHANGELOG.md)

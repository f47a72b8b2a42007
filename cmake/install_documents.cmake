# SPDX-License-Identifier: Apache-2.0
# Run at installation, with SOURCE, WORK (a folder for the changed files), DESTINATION and TO_INCLUDE (from there to the
# headers) set: the documents of the top folder and of docs/ go into one folder, so their links change. A link to what is
# not installed becomes plain text.
if(NOT IS_ABSOLUTE "${DESTINATION}") # a packager's may be
  set(DESTINATION "${CMAKE_INSTALL_PREFIX}/${DESTINATION}")
endif()
file(GLOB documents "${SOURCE}/docs/*.md")
foreach(document IN LISTS documents ITEMS "${SOURCE}/README.md" "${SOURCE}/CHANGELOG.md" "${SOURCE}/SECURITY.md")
  file(READ "${document}" text)
  string(REPLACE "](docs/" "](" text "${text}")
  string(REGEX REPLACE "\\]\\((\\.\\./)?include/" "](${TO_INCLUDE}/" text "${text}")
  string(REGEX REPLACE "\\]\\(\\.\\./([A-Z]+\\.md|LICENSE)" "](\\1" text "${text}")
  string(REGEX REPLACE "\\[([^]]+)\\]\\((CONTRIBUTING\\.md|(\\.\\./)?(src|tests|ci|tools|platform|cmake|bindings|packaging)/[^)]*)\\)" "\\1"
         text "${text}")
  get_filename_component(name "${document}" NAME)
  file(WRITE "${WORK}/${name}" "${text}")
  file(INSTALL "${WORK}/${name}" DESTINATION "${DESTINATION}")
endforeach()
file(GLOB pages "${SOURCE}/docs/coming-from/*.md") # their links lead to the folder above, here as there
file(INSTALL ${pages} DESTINATION "${DESTINATION}/coming-from")
file(INSTALL "${SOURCE}/LICENSE" DESTINATION "${DESTINATION}")

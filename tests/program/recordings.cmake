# SPDX-License-Identifier: Apache-2.0
# Tests of slotring record and replay, as those of the other files of cases. Some need a library that is loaded before the program; a
# sanitizer's own has to be the first one there.
set(killed "killed_at")
set(killer "")
if(CMAKE_SYSTEM_NAME STREQUAL "Linux" AND NOT CMAKE_CROSSCOMPILING AND SLOTRING_SANITIZER STREQUAL "none")
  add_library(slotring_kill_at_write MODULE kill_at_write.c)
  target_link_libraries(slotring_kill_at_write PRIVATE ${CMAKE_DL_LIBS})
  set(killed "^$")
  set(killer "$<TARGET_FILE:slotring_kill_at_write>")
endif()
set(cases "${CMAKE_CURRENT_SOURCE_DIR}/record_cases.sh")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${cases}")
file(STRINGS "${cases}" functions REGEX "^case_[a-z_]+\\(\\)")
foreach(function IN LISTS functions)
  string(REGEX REPLACE "^case_([a-z_]+).*" "\\1" name "${function}")
  if(NOT name MATCHES "${killed}")
    add_test(NAME program.${name}
      COMMAND "${SLOTRING_BASH}" "${CMAKE_CURRENT_SOURCE_DIR}/run.sh" "$<TARGET_FILE:slotring_tool>" "${cases}" ${name})
    set_tests_properties(program.${name} PROPERTIES TIMEOUT ${SLOTRING_TEST_TIMEOUT} SKIP_RETURN_CODE 77
      ENVIRONMENT "SLOTRING_TEST_EMULATOR=${slotring_emulator};SLOTRING_TEST_KILLER=${killer}")
  endif()
endforeach()

# SPDX-License-Identifier: Apache-2.0
# Asks the test program for its tests and writes the ctest file that runs each in a process of its own.
# In: PROGRAM, EMULATOR (may be empty), FOREIGN (the machine cannot run it without), OUTPUT, TIMEOUT.
execute_process(
  COMMAND ${EMULATOR} "${PROGRAM}" --list
  OUTPUT_VARIABLE lines
  RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "${PROGRAM} --list failed: ${status}")
endif()
string(REPLACE "\n" ";" lines "${lines}")

set(prefix "")
set(environment "")
foreach(word IN LISTS EMULATOR)
  string(APPEND prefix "\"${word}\" ")
endforeach()
if(FOREIGN AND EMULATOR)
  # For the fresh runs of itself that the program starts.
  string(REPLACE ";" " " environment "${EMULATOR}")
  set(environment " ENVIRONMENT \"SLOTRING_TEST_EMULATOR=${environment}\"")
endif()
set(text "")
foreach(line IN LISTS lines)
  if(line STREQUAL "")
    continue()
  endif()
  string(REPLACE " " ";" words "${line}")
  list(POP_FRONT words name)
  string(APPEND text "add_test(${name} ${prefix}\"${PROGRAM}\" ${name})\n"
         "set_tests_properties(${name} PROPERTIES TIMEOUT ${TIMEOUT} SKIP_RETURN_CODE 77 LABELS \"${words}\"${environment})\n")
endforeach()
file(WRITE "${OUTPUT}" "${text}")

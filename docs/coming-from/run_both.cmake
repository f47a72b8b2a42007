# SPDX-License-Identifier: Apache-2.0
# Runs the producer and the consumer of a page at the same time, with rings of their own, and compares what the consumer prints.
# cmake -Dproducer=PROGRAM -Dconsumer=PROGRAM -DPRINTS=FILE [-DEMULATOR=COMMAND] -P run_both.cmake
string(RANDOM LENGTH 12 suffix)
set(folder "/tmp/slotring-coming-from-${suffix}")
if(IS_DIRECTORY /dev/shm)
  set(folder "/dev/shm/slotring-coming-from-${suffix}")
endif()
file(MAKE_DIRECTORY "${folder}")
set(ENV{SLOTRING_DIR} "${folder}")
# Side by side, as in a pipe; the producer prints nothing.
execute_process(COMMAND ${EMULATOR} "${producer}" COMMAND ${EMULATOR} "${consumer}"
                RESULTS_VARIABLE results OUTPUT_VARIABLE output ERROR_VARIABLE errors)
file(GLOB left "${folder}/*")
file(REMOVE_RECURSE "${folder}")
file(READ "${PRINTS}" prints)
if(NOT results STREQUAL "0;0")
  message(FATAL_ERROR "producer and consumer ended with ${results}: ${errors}")
endif()
if(NOT output STREQUAL prints)
  message(FATAL_ERROR "the page says that the consumer prints:\n${prints}It printed:\n${output}${errors}")
endif()
if(left)
  message(FATAL_ERROR "a ring was left: ${left}")
endif()

# SPDX-License-Identifier: Apache-2.0
# Reads the version from the public header, where alone it stands.

file(STRINGS "${CMAKE_CURRENT_LIST_DIR}/../include/slotring/version.h" slotring_version_lines
     REGEX "^#define SLOTRING_VERSION_(MAJOR|MINOR|PATCH|STRING) ")
foreach(line IN LISTS slotring_version_lines)
  if(line MATCHES "^#define (SLOTRING_VERSION_[A-Z]+) \"?([0-9.]+)\"?$")
    set(${CMAKE_MATCH_1} ${CMAKE_MATCH_2})
  endif()
endforeach()
set(slotring_version_numbers "${SLOTRING_VERSION_MAJOR}.${SLOTRING_VERSION_MINOR}.${SLOTRING_VERSION_PATCH}")
if(NOT SLOTRING_VERSION_STRING STREQUAL slotring_version_numbers)
  message(FATAL_ERROR "include/slotring/version.h contradicts itself: the text says \"${SLOTRING_VERSION_STRING}\", "
                      "the numbers say \"${slotring_version_numbers}\"")
endif()

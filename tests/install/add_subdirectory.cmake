# SPDX-License-Identifier: Apache-2.0
# The source tree inside another project. Its options keep to themselves: no tests, no program, no install rules.
include("${CMAKE_CURRENT_LIST_DIR}/common.cmake")
check_project("-DSLOTRING_SOURCE=${SOURCE}")

run("${CMAKE_COMMAND}" -LA "${WORK}/${NAME}")
if(NOT output MATCHES "slotring::slotring is slotring_shared")
  message(FATAL_ERROR "the default is not the shared library:\n${output}")
endif()
foreach(option IN ITEMS SLOTRING_BUILD_TOOLS SLOTRING_BUILD_TESTS SLOTRING_BUILD_BENCH SLOTRING_INSTALL)
  if(NOT output MATCHES "${option}:BOOL=OFF")
    message(FATAL_ERROR "${option} is not OFF inside another project:\n${output}")
  endif()
endforeach()

run("${CMAKE_COMMAND}" -DSLOTRING_LINK_STATIC=ON "${WORK}/${NAME}")
if(NOT output MATCHES "slotring::slotring is slotring_static")
  message(FATAL_ERROR "SLOTRING_LINK_STATIC did not choose the static library:\n${output}")
endif()

# SPDX-License-Identifier: Apache-2.0
# Installs into one folder and moves everything to another: what follows uses a tree that knows no prefix, but for the
# one line of slotring.pc.
include("${CMAKE_CURRENT_LIST_DIR}/common.cmake")

set(staging "${WORK}/staging")
file(REMOVE_RECURSE "${staging}" "${PREFIX}")
run("${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${staging}" --config "${CONFIG}")
file(RENAME "${staging}" "${PREFIX}")

file(GLOB_RECURSE texts "${PREFIX}/*.cmake" "${PREFIX}/*.pc")
if(NOT texts)
  message(FATAL_ERROR "neither a CMake package nor a .pc file was installed")
endif()
foreach(text IN LISTS texts)
  file(READ "${text}" content)
  string(REPLACE "prefix=${staging}\n" "" content "${content}")
  foreach(path IN ITEMS "${staging}" "${BUILD}" "${SOURCE}")
    string(FIND "${content}" "${path}" position)
    if(NOT position EQUAL -1)
      message(FATAL_ERROR "${text} holds the path ${path}")
    endif()
  endforeach()
endforeach()

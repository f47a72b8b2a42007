# SPDX-License-Identifier: Apache-2.0
# The notes of the library say where its probes are, when it is built with them; and this build's library, without them, has none.
include("${CMAKE_CURRENT_LIST_DIR}/common.cmake")
run("${READELF}" -n "${LIBRARY}")
if(output MATCHES "stapsdt")
  message(FATAL_ERROR "a library that was built without probes has some:\n${output}")
endif()
fresh_folder(folder)
run("${CMAKE_COMMAND}" -S "${SOURCE}" -B "${folder}" -G "${GENERATOR}" "-DCMAKE_C_COMPILER=${COMPILER}" -DCMAKE_BUILD_TYPE=RelWithDebInfo
  "-DCMAKE_C_COMPILER_LAUNCHER=${LAUNCHER}" -DSLOTRING_WITH_PROBES=AUTO -DSLOTRING_BUILD_STATIC=OFF -DSLOTRING_BUILD_TOOLS=OFF
  -DSLOTRING_BUILD_TESTS=OFF -DSLOTRING_BUILD_BENCH=OFF -DSLOTRING_WITH_BRIDGE=OFF)
if(NOT output MATCHES "probes: yes")
  message("SKIP install.probes: there is no sys/sdt.h")
  return()
endif()
run("${CMAKE_COMMAND}" --build "${folder}" --parallel --target slotring_shared)
run("${READELF}" -n "${folder}/libslotring.so")
foreach(probe IN ITEMS claim publish wait wait_end repair)
  string(REGEX MATCHALL "Provider: slotring\n +Name: ${probe}\n[^\n]*\n +Arguments: [^ \n]+ [^ \n]+ [^ \n]+\n" found "${output}")
  if(NOT found)
    message(FATAL_ERROR "there is no probe ${probe} with three arguments:\n${output}")
  endif()
endforeach()

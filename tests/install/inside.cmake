# SPDX-License-Identifier: Apache-2.0
# The source tree inside another project, by add_subdirectory or FetchContent (WAY is SLOTRING_SOURCE or SLOTRING_FETCH).
# Its options keep to themselves: no tests, no program, the static library alone, so that what the project installs runs
# as it is. A project that builds shared libraries (BUILD_SHARED_LIBS) gets the shared one, and its installation has it.
# With CXX_COMPILER the other project is in C++ alone.
include("${CMAKE_CURRENT_LIST_DIR}/common.cmake")

# The installed program, in a tree of its own that was moved, beside nothing that was built.
function(check_installed_consumer)
  set(tree "${WORK}/${NAME}-installed")
  file(REMOVE_RECURSE "${tree}" "${tree}-staging")
  run("${CMAKE_COMMAND}" --install "${WORK}/${NAME}" --prefix "${tree}-staging" --config "${CONFIG}")
  file(RENAME "${tree}-staging" "${tree}")
  file(RENAME "${WORK}/${NAME}" "${WORK}/${NAME}-away") # a path into the build folder would be noticed
  check_consumer("${tree}/bin/consumer")
  file(RENAME "${WORK}/${NAME}-away" "${WORK}/${NAME}")
  file(GLOB_RECURSE installed RELATIVE "${tree}" "${tree}/*")
  list(REMOVE_ITEM installed bin/consumer share/licenses/slotring_runtime/LICENSE)
  list(FILTER installed EXCLUDE REGEX "^lib[^/]*/([^/]+/)?libslotring\\.(so\\.[0-9.]*|[0-9.]*dylib)$")
  if(installed)
    message(FATAL_ERROR "more was installed than the consumer needs: ${installed}")
  endif()
endfunction()

if(KIND STREQUAL "shared")
  set(choice -DBUILD_SHARED_LIBS=ON)
else()
  set(choice "")
endif()
if(CXX_COMPILER)
  list(APPEND choice -DCONSUMER_LANGUAGE=CXX "-DCMAKE_CXX_COMPILER=${CXX_COMPILER}")
endif()
check_project("-D${WAY}=${SOURCE}" ${choice})
run("${CMAKE_COMMAND}" "${WORK}/${NAME}")
if(NOT output MATCHES "library: ${KIND}; slotring::slotring is the ${KIND} one")
  message(FATAL_ERROR "the default is not the ${KIND} library alone:\n${output}")
endif()
file(GLOB_RECURSE built "${WORK}/${NAME}/*")
list(FILTER built INCLUDE REGEX "/(slotring_tests|slotring_bench|slotring)$")
list(FILTER built EXCLUDE REGEX "/include/slotring$")
if(built)
  message(FATAL_ERROR "built inside another project: ${built}")
endif()
check_installed_consumer()

# Whoever asks gets what he asks for.
if(NOT KIND STREQUAL "shared")
  run("${CMAKE_COMMAND}" -DSLOTRING_BUILD_SHARED=ON "${WORK}/${NAME}")
  if(NOT output MATCHES "library: shared and static; slotring::slotring is the shared one")
    message(FATAL_ERROR "SLOTRING_BUILD_SHARED did not give the shared library:\n${output}")
  endif()
  run("${CMAKE_COMMAND}" -DSLOTRING_LINK_STATIC=ON "${WORK}/${NAME}")
  if(NOT output MATCHES "slotring::slotring is the static one")
    message(FATAL_ERROR "SLOTRING_LINK_STATIC did not choose the static library:\n${output}")
  endif()
  # A library that is exported names what it is made with, which is to be installed as well then.
  run("${CMAKE_COMMAND}" -DSLOTRING_INSTALL=ON -DCONSUMER_EXPORTS=ON "${WORK}/${NAME}")
  if(NOT output MATCHES "installs everything")
    message(FATAL_ERROR "SLOTRING_INSTALL did not add the install rules:\n${output}")
  endif()
endif()

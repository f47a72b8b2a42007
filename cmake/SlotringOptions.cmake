# SPDX-License-Identifier: Apache-2.0
# Every option of the build. All are prefixed, so that a project that includes this one keeps its own names.

if(CMAKE_SOURCE_DIR STREQUAL PROJECT_SOURCE_DIR)
  set(SLOTRING_IS_TOP_LEVEL ON)
else()
  set(SLOTRING_IS_TOP_LEVEL OFF)
endif()

# What is built.
option(SLOTRING_BUILD_SHARED "Build the shared library" ON)
option(SLOTRING_BUILD_STATIC "Build the static library" ON)
option(SLOTRING_LINK_STATIC "slotring::slotring means the static library even if there is a shared one" OFF)
option(SLOTRING_BUILD_TOOLS "Build the program slotring (needs popt and jansson)" ${SLOTRING_IS_TOP_LEVEL})
option(SLOTRING_BUILD_TESTS "Build the tests (needs CUnit)" ${SLOTRING_IS_TOP_LEVEL})
option(SLOTRING_BUILD_BENCH "Build the benchmarks" ${SLOTRING_IS_TOP_LEVEL})
option(SLOTRING_INSTALL "Add the install rules" ${SLOTRING_IS_TOP_LEVEL})

# Backends, chosen at run time among those compiled in.
if(WIN32)
  set(slotring_is_posix OFF)
else()
  set(slotring_is_posix ON)
endif()
option(SLOTRING_WITH_POSIX "Compile in the POSIX backend" ${slotring_is_posix})
option(SLOTRING_WITH_WIN32 "Compile in the Windows backend" ${WIN32})

# How it is built.
option(SLOTRING_WERROR "Treat warnings as errors. For this project's own checks: a newer compiler has newer warnings" OFF)
option(SLOTRING_LTO "Optimise across files at link time" OFF)
set(SLOTRING_SANITIZER "none" CACHE STRING "Sanitizers: none, address (with undefined) or thread")
set_property(CACHE SLOTRING_SANITIZER PROPERTY STRINGS none address thread)

if(NOT SLOTRING_SANITIZER MATCHES "^(none|address|thread)$")
  message(FATAL_ERROR "SLOTRING_SANITIZER is \"${SLOTRING_SANITIZER}\"; it can be none, address or thread")
endif()
if(NOT SLOTRING_BUILD_SHARED AND NOT SLOTRING_BUILD_STATIC)
  message(FATAL_ERROR "SLOTRING_BUILD_SHARED and SLOTRING_BUILD_STATIC are both OFF; at least one must be ON")
endif()
if(SLOTRING_LINK_STATIC AND NOT SLOTRING_BUILD_STATIC)
  message(FATAL_ERROR "SLOTRING_LINK_STATIC is ON but SLOTRING_BUILD_STATIC is OFF")
endif()
if(NOT SLOTRING_WITH_POSIX AND NOT SLOTRING_WITH_WIN32)
  message(FATAL_ERROR "No backend is compiled in; set SLOTRING_WITH_POSIX, or SLOTRING_WITH_WIN32, to ON")
endif()

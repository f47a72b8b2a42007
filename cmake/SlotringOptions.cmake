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
set(slotring_bench_wanted OFF) # by whoever works on the project; not by who builds it to use it
if(SLOTRING_IS_TOP_LEVEL AND SLOTRING_BUILD_TESTS)
  set(slotring_bench_wanted ON)
endif()
option(SLOTRING_BUILD_BENCH "Build the benchmarks" ${slotring_bench_wanted})
option(SLOTRING_INSTALL "Add the install rules" ${SLOTRING_IS_TOP_LEVEL})

option(SLOTRING_BUILD_FUZZ "Build the programs of tests/fuzz as fuzzers (clang with libFuzzer; see ci/fuzz)" OFF)

# Backends, chosen at run time among those compiled in.
if(WIN32)
  set(slotring_is_posix OFF)
else()
  set(slotring_is_posix ON)
endif()
option(SLOTRING_WITH_POSIX "Compile in the POSIX backend" ${slotring_is_posix})
option(SLOTRING_WITH_WIN32 "Compile in the Windows backend" ${WIN32})
# A library with this backend needs libapr-1: only for who asks.
set(SLOTRING_WITH_APR OFF CACHE STRING
    "Compile in the backend of the Apache Portable Runtime: AUTO (if it is installed), ON or OFF")
set_property(CACHE SLOTRING_WITH_APR PROPERTY STRINGS AUTO ON OFF)

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
if(NOT SLOTRING_WITH_APR MATCHES "^(AUTO|ON|OFF)$")
  message(FATAL_ERROR "SLOTRING_WITH_APR is \"${SLOTRING_WITH_APR}\"; it can be AUTO, ON or OFF")
endif()
set(slotring_has_apr OFF)
if(SLOTRING_WITH_APR STREQUAL "ON" OR (SLOTRING_WITH_APR STREQUAL "AUTO" AND NOT CMAKE_CROSSCOMPILING AND NOT WIN32))
  find_package(SlotringAPR 1.6 QUIET)
  if(SlotringAPR_FOUND)
    # What was found may be another compiler's (another C library, another processor).
    include(CheckCSourceCompiles)
    set(CMAKE_REQUIRED_INCLUDES "${SlotringAPR_INCLUDE_DIR}")
    set(CMAKE_REQUIRED_LIBRARIES "${SlotringAPR_LIBRARY}")
    list(TRANSFORM SlotringAPR_DEFINITIONS PREPEND "-D" OUTPUT_VARIABLE CMAKE_REQUIRED_DEFINITIONS)
    check_c_source_compiles("#include <apr_general.h>\nint main(void) { return apr_initialize(); }"
                            SLOTRING_APR_USABLE)
    unset(CMAKE_REQUIRED_INCLUDES)
    unset(CMAKE_REQUIRED_LIBRARIES)
    unset(CMAKE_REQUIRED_DEFINITIONS)
  endif()
  if(SlotringAPR_FOUND AND SLOTRING_APR_USABLE)
    set(slotring_has_apr ON)
  elseif(SLOTRING_WITH_APR STREQUAL "ON")
    message(FATAL_ERROR "SLOTRING_WITH_APR is ON, but APR 1.6 or later that this compiler can use was not found "
                        "(Debian, Ubuntu: libapr1-dev)")
  endif()
endif()
if(NOT SLOTRING_WITH_POSIX AND NOT SLOTRING_WITH_WIN32 AND NOT slotring_has_apr)
  message(FATAL_ERROR "No backend is compiled in; set SLOTRING_WITH_POSIX, SLOTRING_WITH_WIN32 or SLOTRING_WITH_APR "
                      "to ON")
endif()

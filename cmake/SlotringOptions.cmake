# SPDX-License-Identifier: Apache-2.0
# Every option of the build, with its text and its values; docs/building.md has the same list, and a test compares them.
# All are prefixed, so that a project that includes this one keeps its own names. What an option that is AUTO comes to
# is decided in SlotringNeeds.cmake; one that is ON and cannot be is an error.

if(CMAKE_SOURCE_DIR STREQUAL PROJECT_SOURCE_DIR)
  set(SLOTRING_IS_TOP_LEVEL ON)
else()
  set(SLOTRING_IS_TOP_LEVEL OFF)
endif()

# A cache entry. A variable that the including project has set takes its place; ON and OFF may be written as CMake
# allows. After this the variable has one of the values.
macro(slotring_option name default text)
  if(NOT DEFINED ${name} OR DEFINED CACHE{${name}})
    set(${name} "${default}" CACHE STRING "${text}: ${ARGN}")
    set_property(CACHE ${name} PROPERTY STRINGS ${ARGN})
  endif()
  set(slotring_value "${${name}}")
  set(slotring_values ${ARGN})
  if("${slotring_value}" MATCHES "^([Oo][Nn]|1|[Yy][Ee][Ss]|[Tt][Rr][Uu][Ee]|[Yy])$" AND "ON" IN_LIST slotring_values)
    set(slotring_value ON)
  elseif("${slotring_value}" MATCHES "^([Oo][Ff][Ff]|0|[Nn][Oo]|[Ff][Aa][Ll][Ss][Ee]|[Nn])$" AND "OFF" IN_LIST slotring_values)
    set(slotring_value OFF)
  elseif(NOT "${slotring_value}" IN_LIST slotring_values)
    list(JOIN slotring_values ", " slotring_values)
    message(FATAL_ERROR "${name} is \"${slotring_value}\"; it can be one of: ${slotring_values}")
  endif()
  set(${name} "${slotring_value}")
endmacro()

# What is built.
slotring_option(SLOTRING_BUILD_SHARED AUTO "Build the shared library" AUTO ON OFF)
slotring_option(SLOTRING_BUILD_STATIC AUTO "Build the static library" AUTO ON OFF)
slotring_option(SLOTRING_LINK_STATIC OFF "slotring::slotring means the static library even if there is a shared one" ON OFF)
slotring_option(SLOTRING_BUILD_TOOLS AUTO "Build the program slotring (needs popt and jansson)" AUTO ON OFF)
slotring_option(SLOTRING_WITH_HTTP AUTO "The program serves metrics by HTTP (needs libmicrohttpd)" AUTO ON OFF)
slotring_option(SLOTRING_BUILD_TESTS AUTO "Build the tests (needs CUnit)" AUTO ON OFF)
slotring_option(SLOTRING_BUILD_MODEL ON "Build the model of the protocol with the tests" ON OFF)
slotring_option(SLOTRING_TEST_CPP AUTO "Build the tests of the C++ headers with the tests (needs a compiler for C++17)" AUTO ON OFF)
slotring_option(SLOTRING_WITH_BRIDGE AUTO "Build the bridge between hosts (Linux)" AUTO ON OFF)
slotring_option(SLOTRING_BUILD_BENCH AUTO "Build the benchmarks (needs popt and jansson)" AUTO ON OFF)
slotring_option(SLOTRING_BUILD_FUZZ OFF "Build the programs of tests/fuzz as fuzzers (needs clang with libFuzzer)" ON OFF)
slotring_option(SLOTRING_INSTALL AUTO "Add the install rules" AUTO ON OFF)

# Backends, chosen at run time among those compiled in. A library with that of APR needs libapr-1: only for who asks.
slotring_option(SLOTRING_WITH_POSIX AUTO "Compile in the POSIX backend" AUTO ON OFF)
slotring_option(SLOTRING_WITH_WIN32 AUTO "Compile in the Windows backend" AUTO ON OFF)
slotring_option(SLOTRING_WITH_APR OFF "Compile in the backend of the Apache Portable Runtime" AUTO ON OFF)
slotring_option(SLOTRING_POSIX_MECHANISMS native "What the POSIX backend is made of" native portable)
slotring_option(SLOTRING_POSIX_WAIT AUTO "How the POSIX backend sleeps and wakes" AUTO futex ulock umtx sleep)

# How it is built.
slotring_option(SLOTRING_WITH_PROBES OFF "Probes for SystemTap, perf and bpftrace (needs sys/sdt.h)" AUTO ON OFF)
slotring_option(SLOTRING_WERROR OFF "Treat warnings as errors: a newer compiler has newer warnings" ON OFF)
slotring_option(SLOTRING_LTO OFF "Optimise across files at link time" ON OFF)
slotring_option(SLOTRING_SANITIZER none "Sanitizers" none address thread)
slotring_option(SLOTRING_REPRODUCIBLE AUTO "The same bytes whatever the folders of sources and build are" AUTO ON OFF)
slotring_option(SLOTRING_CRC32 AUTO "What computes CRC-32 for the recordings of the program" AUTO libdeflate zlib own)
slotring_option(SLOTRING_RELOCATABLE_PC OFF "slotring.pc finds its own prefix, wherever the tree is moved" ON OFF)

# Not of a few values.
if(NOT DEFINED SLOTRING_TEST_TIMEOUT OR DEFINED CACHE{SLOTRING_TEST_TIMEOUT})
  set(SLOTRING_TEST_TIMEOUT 120 CACHE STRING "Seconds after which ctest takes a test for hung")
endif()
if(NOT DEFINED SLOTRING_TEST_FLAGS OR DEFINED CACHE{SLOTRING_TEST_FLAGS})
  set(SLOTRING_TEST_FLAGS "" CACHE STRING "Further options for compiling the tests, not the library: -O0 compiles them in a third of the time")
endif()

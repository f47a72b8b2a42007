# SPDX-License-Identifier: Apache-2.0
# The Apache Portable Runtime, version 1: by pkg-config (apr-1), else by its own apr-1-config. Gives the target
# slotring::apr, and in SlotringAPR_DEFINITIONS what its headers want to be defined. Also installed: whoever links the
# static library needs it.
set(SlotringAPR_DEFINITIONS "")
set(slotring_apr_hints "")
set(slotring_apr_library_hints "")
find_package(PkgConfig QUIET)
if(PKG_CONFIG_FOUND)
  pkg_check_modules(SlotringAPR_PC QUIET apr-1)
endif()
if(SlotringAPR_PC_FOUND)
  set(slotring_apr_flags "${SlotringAPR_PC_CFLAGS_OTHER}")
  set(slotring_apr_hints ${SlotringAPR_PC_INCLUDE_DIRS})
  set(slotring_apr_library_hints ${SlotringAPR_PC_LIBRARY_DIRS})
  set(SlotringAPR_VERSION "${SlotringAPR_PC_VERSION}")
else()
  find_program(SlotringAPR_CONFIG apr-1-config)
  if(SlotringAPR_CONFIG)
    execute_process(COMMAND "${SlotringAPR_CONFIG}" --includedir OUTPUT_VARIABLE slotring_apr_hints
                    OUTPUT_STRIP_TRAILING_WHITESPACE)
    execute_process(COMMAND "${SlotringAPR_CONFIG}" --link-ld OUTPUT_VARIABLE slotring_apr_link
                    OUTPUT_STRIP_TRAILING_WHITESPACE)
    execute_process(COMMAND "${SlotringAPR_CONFIG}" --cppflags OUTPUT_VARIABLE slotring_apr_flags
                    OUTPUT_STRIP_TRAILING_WHITESPACE)
    execute_process(COMMAND "${SlotringAPR_CONFIG}" --version OUTPUT_VARIABLE SlotringAPR_VERSION
                    OUTPUT_STRIP_TRAILING_WHITESPACE)
    separate_arguments(slotring_apr_flags UNIX_COMMAND "${slotring_apr_flags}")
    string(REGEX MATCHALL "-L[^ ]+" slotring_apr_library_hints "${slotring_apr_link}")
    string(REPLACE "-L" "" slotring_apr_library_hints "${slotring_apr_library_hints}")
  endif()
endif()
foreach(slotring_apr_flag IN LISTS slotring_apr_flags)
  if(slotring_apr_flag MATCHES "^-D(.+)$")
    list(APPEND SlotringAPR_DEFINITIONS "${CMAKE_MATCH_1}")
  endif()
endforeach()

find_path(SlotringAPR_INCLUDE_DIR apr_shm.h HINTS ${slotring_apr_hints} PATH_SUFFIXES apr-1 apr-1.0)
find_library(SlotringAPR_LIBRARY NAMES apr-1 libapr-1 HINTS ${slotring_apr_library_hints})
mark_as_advanced(SlotringAPR_INCLUDE_DIR SlotringAPR_LIBRARY SlotringAPR_CONFIG)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(SlotringAPR
  REQUIRED_VARS SlotringAPR_LIBRARY SlotringAPR_INCLUDE_DIR VERSION_VAR SlotringAPR_VERSION)
if(SlotringAPR_FOUND AND NOT TARGET slotring::apr)
  add_library(slotring::apr UNKNOWN IMPORTED)
  set_target_properties(slotring::apr PROPERTIES
    IMPORTED_LOCATION "${SlotringAPR_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${SlotringAPR_INCLUDE_DIR}")
endif()

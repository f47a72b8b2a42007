# SPDX-License-Identifier: Apache-2.0
# Which mechanisms the POSIX backend is made of. Sets slotring_posix_sources and slotring_posix_definitions.
#
# Names, segments and locks go together, in two families: "files" is Linux's own (files without a name until they are
# complete, locks of open file descriptions), "registry" is what every POSIX system has (objects of shm_open with short
# names, a folder that holds the real ones, flock). Processes whose families or ways of waiting differ refuse each
# other's rings (backend.c).

# A way of sleeping that is not this system's would fail to compile, at best.
foreach(pair IN ITEMS futex:Linux ulock:Darwin umtx:FreeBSD)
  string(REPLACE ":" ";" pair "${pair}")
  list(GET pair 0 way)
  list(GET pair 1 system)
  if(SLOTRING_POSIX_WAIT STREQUAL way AND NOT CMAKE_SYSTEM_NAME STREQUAL system)
    message(FATAL_ERROR "SLOTRING_POSIX_WAIT is ${way}, but ${CMAKE_SYSTEM_NAME} does not have that; ${system} has")
  endif()
endforeach()

#                       family   wait  memory   self    random    numa fences
set(slotring_native_Linux     files    futex linux    proc    getrandom  linux linux)
set(slotring_native_Darwin    registry ulock touch    darwin  getentropy none  none)
set(slotring_native_FreeBSD   registry umtx  touch    freebsd getentropy none  none)
set(slotring_native_any       registry sleep touch    nobody  getentropy none  none)
set(slotring_posix_system any)
if(CMAKE_SYSTEM_NAME MATCHES "^(Linux|Darwin|FreeBSD)$")
  set(slotring_posix_system ${CMAKE_SYSTEM_NAME})
endif()
list(GET slotring_native_${slotring_posix_system} 0 slotring_posix_family)
list(GET slotring_native_${slotring_posix_system} 1 slotring_posix_wait)
list(GET slotring_native_${slotring_posix_system} 2 slotring_posix_memory)
list(GET slotring_native_${slotring_posix_system} 3 slotring_posix_self)
list(GET slotring_native_${slotring_posix_system} 4 slotring_posix_random)
list(GET slotring_native_${slotring_posix_system} 5 slotring_posix_numa)
list(GET slotring_native_${slotring_posix_system} 6 slotring_posix_fences)
if(SLOTRING_POSIX_MECHANISMS STREQUAL "portable")
  list(GET slotring_native_any 0 slotring_posix_family)
  list(GET slotring_native_any 1 slotring_posix_wait)
  list(GET slotring_native_any 2 slotring_posix_memory)
  list(GET slotring_native_any 4 slotring_posix_random)
  list(GET slotring_native_any 5 slotring_posix_numa)
  list(GET slotring_native_any 6 slotring_posix_fences)
endif()
if(NOT SLOTRING_POSIX_WAIT STREQUAL "AUTO")
  set(slotring_posix_wait ${SLOTRING_POSIX_WAIT})
endif()

# One folder of like names for each family; beside them what both families use.
file(GLOB slotring_posix_sources CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}/platform/posix"
     "${PROJECT_SOURCE_DIR}/platform/posix/*.c" "${PROJECT_SOURCE_DIR}/platform/posix/${slotring_posix_family}/*.c")
list(APPEND slotring_posix_sources wait/nap.c wait/${slotring_posix_wait}.c wait/fences_${slotring_posix_fences}.c
     system/clock.c system/cpu.c system/pages.c system/memory_${slotring_posix_memory}.c
     system/self_${slotring_posix_self}.c system/random_${slotring_posix_random}.c
     system/numa_${slotring_posix_numa}.c)
list(TRANSFORM slotring_posix_sources PREPEND "${PROJECT_SOURCE_DIR}/platform/posix/")
string(TOUPPER "${slotring_posix_family}" slotring_posix_family_macro)
string(TOUPPER "${slotring_posix_wait}" slotring_posix_wait_macro)
string(TOUPPER "${slotring_posix_numa}" slotring_posix_numa_macro)
set(slotring_posix_definitions SLOTRING_WITH_POSIX=1 SLOTRING_POSIX_${slotring_posix_family_macro}=1
    SLOTRING_POSIX_WAIT_${slotring_posix_wait_macro}=1 SLOTRING_POSIX_NUMA_${slotring_posix_numa_macro}=1)

set(slotring_posix_libraries "")
if(slotring_posix_family STREQUAL "registry")
  # Older C libraries of Linux have shm_open in a library of its own; elsewhere it is the C library's.
  include(CheckSymbolExists)
  check_symbol_exists(shm_open "sys/mman.h" SLOTRING_SHM_OPEN_IN_C_LIBRARY)
  if(NOT SLOTRING_SHM_OPEN_IN_C_LIBRARY)
    set(slotring_posix_libraries rt)
  endif()
endif()

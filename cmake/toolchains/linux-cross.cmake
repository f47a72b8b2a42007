# SPDX-License-Identifier: Apache-2.0
# What the toolchain files of other Linux systems share; included by them, with SLOTRING_TRIPLET set. A compiler and
# tools with other names than TRIPLET-gcc and TRIPLET-ar are in SLOTRING_COMPILER and SLOTRING_BINUTILS (a prefix).
set(CMAKE_SYSTEM_NAME Linux)
if(NOT DEFINED SLOTRING_BINUTILS)
  set(SLOTRING_COMPILER ${SLOTRING_TRIPLET}-gcc)
  set(SLOTRING_BINUTILS ${SLOTRING_TRIPLET}-)
endif()
set(CMAKE_C_COMPILER ${SLOTRING_COMPILER})
foreach(tool IN ITEMS AR RANLIB NM READELF)
  string(TOLOWER "${SLOTRING_BINUTILS}${tool}" program)
  set(CMAKE_${tool} ${program} CACHE FILEPATH "")
endforeach()

# Libraries that were built for this target (CUnit, popt, jansson); see ci/cross-libraries.
set(SLOTRING_CROSS_PREFIX "" CACHE PATH "Where libraries for the target are installed")
# Not this machine's own. What CMake tries out in between has no prefix, and the same environment.
if(SLOTRING_CROSS_PREFIX OR NOT DEFINED ENV{PKG_CONFIG_LIBDIR})
  set(ENV{PKG_CONFIG_LIBDIR} "${SLOTRING_CROSS_PREFIX}/lib/pkgconfig")
endif()
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES SLOTRING_CROSS_PREFIX)
set(CMAKE_FIND_ROOT_PATH /usr/${SLOTRING_TRIPLET} ${SLOTRING_CROSS_PREFIX})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

# ctest runs the programs under qemu where there is one. It finds the target's C library in Debian's cross packages.
if(SLOTRING_QEMU)
  find_program(SLOTRING_QEMU_PROGRAM NAMES ${SLOTRING_QEMU}-static ${SLOTRING_QEMU} DOC "Runs programs of the target")
  if(SLOTRING_QEMU_PROGRAM)
    set(CMAKE_CROSSCOMPILING_EMULATOR "${SLOTRING_QEMU_PROGRAM};-L;/usr/${SLOTRING_TRIPLET}")
  endif()
endif()
# For who runs programs of a build by hand, such as ci/mixed-processes.
set(SLOTRING_TEST_EMULATOR "${CMAKE_CROSSCOMPILING_EMULATOR}" CACHE INTERNAL "What runs programs of the target")

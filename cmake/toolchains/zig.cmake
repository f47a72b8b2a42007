# SPDX-License-Identifier: Apache-2.0
# Builds for another system with zig's C compiler, which brings the headers and libraries of many: by
# -DCMAKE_TOOLCHAIN_FILE= from a file that has set SLOTRING_ZIG_SYSTEM and SLOTRING_ZIG_PROCESSOR. The folder with the
# wrappers cc, ar and ranlib (ci/zig.sh makes it) is SLOTRING_ZIG_TOOLS.
set(SLOTRING_ZIG_TOOLS "" CACHE PATH "Folder with the wrappers cc, ar and ranlib for the target")
set(SLOTRING_CROSS_PREFIX "" CACHE PATH "Where libraries for the target are installed")
# Not this machine's own. What CMake tries out in between has no prefix, and the same environment.
if(SLOTRING_CROSS_PREFIX OR NOT DEFINED ENV{PKG_CONFIG_LIBDIR})
  set(ENV{PKG_CONFIG_LIBDIR} "${SLOTRING_CROSS_PREFIX}/lib/pkgconfig")
endif()
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES SLOTRING_ZIG_TOOLS SLOTRING_CROSS_PREFIX)

set(CMAKE_SYSTEM_NAME ${SLOTRING_ZIG_SYSTEM})
set(CMAKE_SYSTEM_PROCESSOR ${SLOTRING_ZIG_PROCESSOR})
set(CMAKE_C_COMPILER "${SLOTRING_ZIG_TOOLS}/cc")
set(CMAKE_AR "${SLOTRING_ZIG_TOOLS}/ar" CACHE FILEPATH "")
set(CMAKE_RANLIB "${SLOTRING_ZIG_TOOLS}/ranlib" CACHE FILEPATH "")
set(CMAKE_FIND_ROOT_PATH "${SLOTRING_CROSS_PREFIX}")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
if(CMAKE_SYSTEM_NAME STREQUAL "Darwin")
  # zig has the development kit inside, but no install_name_tool that could change paths at installation.
  set(CMAKE_BUILD_WITH_INSTALL_RPATH ON)
  set(CMAKE_USER_MAKE_RULES_OVERRIDE "${CMAKE_CURRENT_LIST_DIR}/zig-macos-rules.cmake")
  set(CMAKE_OSX_SYSROOT "" CACHE STRING "")
  set(CMAKE_OSX_DEPLOYMENT_TARGET "" CACHE STRING "")
endif()

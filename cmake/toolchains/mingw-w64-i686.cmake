# SPDX-License-Identifier: Apache-2.0
# Builds for Windows (i686) with Debian's mingw-w64, by -DCMAKE_TOOLCHAIN_FILE=. The compiler with the system's own
# threads: the other one's thread-local variables would need a library of its own at run time.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR i686)
set(CMAKE_C_COMPILER i686-w64-mingw32-gcc-win32)
set(CMAKE_AR i686-w64-mingw32-gcc-ar-win32)
set(CMAKE_RANLIB i686-w64-mingw32-gcc-ranlib-win32)
set(CMAKE_RC_COMPILER i686-w64-mingw32-windres)

# Libraries that were built for this target (CUnit, popt, jansson); see ci/cross-libraries.
set(SLOTRING_CROSS_PREFIX "" CACHE PATH "Where libraries for the target are installed")
# Not this machine's own. What CMake tries out in between has no prefix, and the same environment.
if(SLOTRING_CROSS_PREFIX OR NOT DEFINED ENV{PKG_CONFIG_LIBDIR})
  set(ENV{PKG_CONFIG_LIBDIR} "${SLOTRING_CROSS_PREFIX}/lib/pkgconfig")
endif()
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES SLOTRING_CROSS_PREFIX)
set(CMAKE_FIND_ROOT_PATH /usr/i686-w64-mingw32 ${SLOTRING_CROSS_PREFIX})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

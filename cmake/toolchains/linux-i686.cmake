# SPDX-License-Identifier: Apache-2.0
# Builds for Linux on 32-bit x86 with Debian's gcc-i686-linux-gnu, by -DCMAKE_TOOLCHAIN_FILE=. A 64-bit x86 machine runs
# the programs itself; they find their C library where that package has it.
set(CMAKE_SYSTEM_PROCESSOR i686)
set(SLOTRING_TRIPLET i686-linux-gnu)
set(CMAKE_CROSSCOMPILING_EMULATOR /usr/bin/env) # tests can be run
include("${CMAKE_CURRENT_LIST_DIR}/linux-cross.cmake")
set(CMAKE_EXE_LINKER_FLAGS_INIT
  "-Wl,--dynamic-linker=/usr/i686-linux-gnu/lib/ld-linux.so.2 -Wl,-rpath,/usr/i686-linux-gnu/lib")

# SPDX-License-Identifier: Apache-2.0
# Builds for Linux with musl on this processor with Debian's musl-gcc, by -DCMAKE_TOOLCHAIN_FILE=.
set(CMAKE_SYSTEM_PROCESSOR ${CMAKE_HOST_SYSTEM_PROCESSOR})
set(SLOTRING_TRIPLET ${CMAKE_HOST_SYSTEM_PROCESSOR}-linux-musl)
set(SLOTRING_COMPILER musl-gcc)
set(SLOTRING_BINUTILS "")
set(CMAKE_CROSSCOMPILING_EMULATOR /usr/bin/env)
include("${CMAKE_CURRENT_LIST_DIR}/linux-cross.cmake")
# The kernel's own headers, which that package lacks, from the system: behind all of musl's.
set(CMAKE_C_FLAGS_INIT "-idirafter /usr/include -idirafter /usr/include/${CMAKE_HOST_SYSTEM_PROCESSOR}-linux-gnu")

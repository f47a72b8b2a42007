# SPDX-License-Identifier: Apache-2.0
# Builds for Linux (x86_64) with zig's C compiler, which has each glibc and musl; see zig.cmake.
set(SLOTRING_ZIG_SYSTEM Linux)
set(SLOTRING_ZIG_PROCESSOR x86_64)
include("${CMAKE_CURRENT_LIST_DIR}/zig.cmake")

# SPDX-License-Identifier: Apache-2.0
# Builds for FreeBSD (x86_64) with zig's C compiler; see zig.cmake.
set(SLOTRING_ZIG_SYSTEM FreeBSD)
set(SLOTRING_ZIG_PROCESSOR amd64)
include("${CMAKE_CURRENT_LIST_DIR}/zig.cmake")

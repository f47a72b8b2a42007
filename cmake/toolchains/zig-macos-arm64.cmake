# SPDX-License-Identifier: Apache-2.0
# Builds for macOS (arm64) with zig's C compiler; see zig.cmake.
set(SLOTRING_ZIG_SYSTEM Darwin)
set(SLOTRING_ZIG_PROCESSOR arm64)
include("${CMAKE_CURRENT_LIST_DIR}/zig.cmake")

# SPDX-License-Identifier: Apache-2.0
# Builds for Linux on 64-bit ARM with Debian's gcc-aarch64-linux-gnu, by -DCMAKE_TOOLCHAIN_FILE=.
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(SLOTRING_TRIPLET aarch64-linux-gnu)
set(SLOTRING_QEMU qemu-aarch64)
include("${CMAKE_CURRENT_LIST_DIR}/linux-cross.cmake")

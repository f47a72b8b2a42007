# SPDX-License-Identifier: Apache-2.0
# Builds for Linux on 32-bit ARM with floating point with Debian's gcc-arm-linux-gnueabihf, by -DCMAKE_TOOLCHAIN_FILE=.
set(CMAKE_SYSTEM_PROCESSOR arm)
set(SLOTRING_TRIPLET arm-linux-gnueabihf)
set(SLOTRING_QEMU qemu-arm)
include("${CMAKE_CURRENT_LIST_DIR}/linux-cross.cmake")

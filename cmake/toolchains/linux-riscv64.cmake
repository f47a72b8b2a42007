# SPDX-License-Identifier: Apache-2.0
# Builds for Linux on 64-bit RISC-V with Debian's gcc-riscv64-linux-gnu, by -DCMAKE_TOOLCHAIN_FILE=.
set(CMAKE_SYSTEM_PROCESSOR riscv64)
set(SLOTRING_TRIPLET riscv64-linux-gnu)
set(SLOTRING_QEMU qemu-riscv64)
include("${CMAKE_CURRENT_LIST_DIR}/linux-cross.cmake")

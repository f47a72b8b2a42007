# SPDX-License-Identifier: Apache-2.0
# Builds for Linux on IBM Z, the byte order of which is the other one, with Debian's gcc-s390x-linux-gnu, by -DCMAKE_TOOLCHAIN_FILE=.
set(CMAKE_SYSTEM_PROCESSOR s390x)
set(SLOTRING_TRIPLET s390x-linux-gnu)
set(SLOTRING_QEMU qemu-s390x)
include("${CMAKE_CURRENT_LIST_DIR}/linux-cross.cmake")

/* SPDX-License-Identifier: Apache-2.0 */
/* The POSIX backend, as the core knows it. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include "posix/posix_internal.h"

extern const sr__backend_t sr__posix_backend; /* for platform/common/backends.c */

#define CAN_WAKE (SR__WAIT_KIND == 1u ? 0u : (uint32_t)SLOTRING_CAN_WAKE)
#if defined(SLOTRING_POSIX_NUMA_LINUX)
#define CAN_BIND_MEMORY ((uint32_t)SLOTRING_CAN_BIND_MEMORY)
#else
#define CAN_BIND_MEMORY 0u
#endif

const sr__backend_t sr__posix_backend = {
    .name = "posix",
    .kind = SR__POSIX_KIND,
    .capabilities = SLOTRING_CAN_PERSIST | CAN_WAKE | SLOTRING_CAN_SHARE_USERS | CAN_BIND_MEMORY,
    .names = SR__POSIX_NAMES,
    .segments = SR__POSIX_SEGMENTS,
    .locks = SR__POSIX_LOCKS,
    .waits = SR__POSIX_WAITS,
    .system = SR__POSIX_SYSTEM,
};

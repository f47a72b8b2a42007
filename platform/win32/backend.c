/* SPDX-License-Identifier: Apache-2.0 */
/* The Windows backend, as the core knows it. */
#include "win32/win32_internal.h"

extern const sr__backend_t sr__win32_backend; /* for platform/common/backends.c */

const sr__backend_t sr__win32_backend = {
    .name = "win32",
    .kind = 2,
    .capabilities = SLOTRING_CAN_WAKE | SLOTRING_CAN_SHARE_USERS,
    .names = SR__WIN32_NAMES,
    .segments = SR__WIN32_SEGMENTS,
    .locks = SR__WIN32_LOCKS,
    .waits = SR__WIN32_WAITS,
    .system = SR__WIN32_SYSTEM,
};

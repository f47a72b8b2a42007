/* SPDX-License-Identifier: Apache-2.0 */
/* The APR backend, as the core knows it. */
#include "apr/apr_internal.h"

extern const sr__backend_t sr__apr_backend; /* for platform/common/backends.c */

/* No wake-ups: a sleeper looks for itself, at most a millisecond late. One user: APR makes objects for their owner
 * alone. */
#ifdef WIN32
#define CAPABILITIES 0 /* an object is gone with its last user */
#else
#define CAPABILITIES SLOTRING_CAN_PERSIST
#endif

const sr__backend_t sr__apr_backend = {
    .name = "apr",
    .kind = 3,
    .capabilities = CAPABILITIES,
    .names = SR__APR_NAMES,
    .segments = SR__APR_SEGMENTS,
    .locks = SR__APR_LOCKS,
    .waits = SR__APR_WAITS,
    .system = SR__APR_SYSTEM,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* The platform contract: everything that the core asks of an operating system. platform/<name>/ provides it as one
 * sr__backend_t; the core includes no operating-system header and knows no other way out.
 *
 * A backend is put together from five facets, each in a header of src/platform/: names, segments, locks, waits, system.
 * A facet may be another backend's, if both can stand in one program and the facet does not look into the other's
 * objects.
 *
 * For implementers
 *   Results   0 or a negative SLOTRING_E_ code. Functions with an `error` parameter fill it through sr__fail()
 *             (which allows NULL) with a sentence that names the value and the limit. Classify system errors by
 *             meaning; what maps to nothing is SLOTRING_E_OS with the system's own number and text.
 *   Threads   every function may be called by several threads at once, on different objects; calls on one
 *             object are serialised by the core, except wait and wake.
 *   Fork      an object belongs to the process that made it. After a fork the child calls only `*_abandon`
 *             functions and place_close on it, which free private memory and touch nothing shared.
 *   Death     what the kernel must undo when a process is killed at any instruction is said at each function.
 *             Nothing else may be relied upon, and nothing may stay behind that has to be removed by hand.
 *   Trust     names, sizes and owners that come from the file system are checked here; contents of segments by
 *             the core.
 */
#ifndef SR_PLATFORM_H
#define SR_PLATFORM_H

#include "base/compiler.h"
#include "base/crc32c.h"
#include "base/error.h"
#include "platform/helpers.h"
#include "platform/locks.h"
#include "platform/names.h"
#include "platform/segments.h"
#include "platform/system.h"
#include "platform/waits.h"
#include "slotring/slotring.h"

typedef struct sr__backend {
    const char *name; /* as in options.backend */
    uint32_t kind;    /* stored in the ring; 1 posix, 2 win32, 3 apr, 16 and up posix with other mechanisms */
    uint32_t capabilities; /* SLOTRING_CAN_… */

    sr__names_facet_t names;
    sr__segments_facet_t segments;
    sr__locks_facet_t locks;
    sr__waits_facet_t waits;
    sr__system_facet_t system;
} sr__backend_t;

/* The backends that were compiled in, NULL at the end; the first is the native one. Defined by the build in
 * platform/common/backends.c. */
extern const sr__backend_t *const sr__backends[];

/* A thread that is cancelled between the first two goes on to the second. They nest. The third is where one that
 * holds nothing may end; the fourth is one in the middle of a call that has forbidden it once, and can be given up:
 * only if the thread ends, undo(context) is called. Defined in platform/common/cancel.c. */
void sr__cancel_forbid(void);
void sr__cancel_allow(void);
void sr__cancel_point(void);
void sr__cancel_point_inside(void (*undo)(void *context), void *context);

/* join_fences and fence_all of backends that have neither. */
bool sr__no_fences(void);

/* An environment variable, or NULL: not set, or set by a caller who has fewer rights than this program (setuid). */
const char *sr__environment(const char *variable);

/* CRC-32C by an instruction that this processor has; NULL: it has none, or this build cannot tell. Defined in
 * platform/common/crc32c.c. */
sr__crc32c_t *sr__crc32c_of_processor(void);

/* The value of a call in which the calling thread cannot be cancelled: for all that opens, locks or allocates
 * something, or calls the host back. */
#define SR__UNCANCELLED(call) (sr__cancel_forbid(), sr__uncancelled_end(call))

static inline int sr__uncancelled_end(int result)
{
    sr__cancel_allow();
    return result;
}

#endif

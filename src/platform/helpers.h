/* SPDX-License-Identifier: Apache-2.0 */
/* What the core does inside this process alone: threads of its own, a place where threads of the process meet, and a
 * descriptor that a host's event loop can wait for. They are no part of a backend, since no other process has to do with them.
 * Defined in platform/common/.
 *
 * Fork: the child has none of these threads, and of these objects only memory. It calls the `abandon` functions, and no
 * others. The library's fork handler has closed the descriptors there. */
#ifndef SR_PLATFORM_HELPERS_H
#define SR_PLATFORM_HELPERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* A thread that runs run(context), and in which no signal of the host is handled. Errors: E_NO_MEMORY, E_OS. */
typedef struct sr__helper sr__helper_t;
int sr__helper_start(void (*run)(void *context), void *context, sr__helper_t **helper,
                     slotring_error_t *error);
void sr__helper_join(sr__helper_t *helper); /* waits until it has returned */
void sr__helper_abandon(sr__helper_t *helper);

/* A mutex, and threads that wait for something to change. One thread is inside at a time. */
typedef struct sr__meeting sr__meeting_t;
sr__meeting_t *sr__meeting_make(void); /* NULL: no memory */
void sr__meeting_free(sr__meeting_t *meeting);
void sr__meeting_abandon(sr__meeting_t *meeting);
void sr__meeting_enter(sr__meeting_t *meeting);
void sr__meeting_leave(sr__meeting_t *meeting);
/* The caller is inside. It is not while it sleeps: at most timeout_ns (UINT64_MAX: for ever), or until somebody wakes; also
 * for no reason. */
void sr__meeting_wait(sr__meeting_t *meeting, uint64_t timeout_ns);
void sr__meeting_wake(sr__meeting_t *meeting); /* whoever waits there; the caller is inside */

/* A descriptor that is readable while the flag is up, or on Windows the HANDLE of an event that is set then. Errors: E_OS (no
 * descriptor is left, or the system refuses), E_NO_MEMORY. */
typedef struct sr__flag sr__flag_t;
int sr__flag_make(sr__flag_t **flag, slotring_error_t *error);
void sr__flag_free(sr__flag_t *flag);
void sr__flag_abandon(sr__flag_t *flag);
intptr_t sr__flag_descriptor(const sr__flag_t *flag);
void sr__flag_raise(sr__flag_t *flag);
void sr__flag_lower(sr__flag_t *flag);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The rings in which one call waits: the handles of its readers, each of them once. */
#ifndef SR_WAIT_RINGS_H
#define SR_WAIT_RINGS_H

#include "handle.h"

typedef struct sr__rings {
    struct sr__ring_wait *all;
    uint32_t count, capacity;
    uint32_t *table; /* finds a handle: 1 + its index; 0: nobody's */
    uint32_t table_mask;
    sr__sleep_t *sleeps;
    sr__meeting_t *bell; /* NULL, or where helpers say that there is something */
    bool rung;
    const sr__backend_t *os; /* of all of them; NULL: they have several */
} sr__rings_t;

int sr__rings_make(sr__rings_t *rings, uint32_t capacity);                   /* 0 or E_NO_MEMORY */
uint32_t sr__rings_add(sr__rings_t *rings, const slotring_reader_t *reader); /* the index of its ring */

/* The calls are blocked from here on. False: an interruption was waiting for this one. */
bool sr__rings_enter(sr__rings_t *rings);
/* The call says that this one was interrupted. What it does not say is the next call's. */
void sr__rings_tell(const sr__rings_t *rings, uint32_t at);
/* Nothing stays behind, and the memory is freed. */
void sr__rings_leave(sr__rings_t *rings);

/* E_STOPPED, E_INTERRUPTED, E_EVICTED: nobody is to wait there; else 0. */
int sr__rings_end(const sr__rings_t *rings, uint32_t at);
bool sr__rings_check(const sr__rings_t *rings);              /* does a check of the caller's end the wait? */
bool sr__rings_reap(const sr__rings_t *rings, uint64_t now); /* in each that is due; true: look again */
uint64_t sr__rings_due_in(const sr__rings_t *rings, uint64_t now); /* ns until the first is; never 0 */

/* For which events, from the next arming on. */
void sr__rings_want_nothing(sr__rings_t *rings);
void sr__rings_want(sr__rings_t *rings, uint32_t at, enum sr__event_kind kind);
bool sr__rings_wants(const sr__rings_t *rings, uint32_t at, enum sr__event_kind kind);
void sr__rings_arm(sr__rings_t *rings);
/* Until one of them comes. 0, or there was no helper to be had: E_NO_MEMORY, E_OS. */
int sr__rings_sleep(sr__rings_t *rings, uint64_t timeout_ns);
void sr__rings_stay(const sr__rings_t *rings); /* after each sleep */

#endif

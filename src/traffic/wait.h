/* SPDX-License-Identifier: Apache-2.0 */
/* Blocked calls. */
#ifndef SR_WAIT_H
#define SR_WAIT_H

#include "handle.h"

/* What a call waits for. */
typedef struct sr__wait {
    slotring_t *ring;
    enum sr__event_kind kind;
    int again; /* what an attempt gives as long as there is nothing */
    int (*attempt)(void *context);
    void *context;
    const sr__word_t *watch; /* NULL, or a word whose change is news: cheaper to look at than an attempt */
    _Atomic uint32_t *told;  /* 1: whoever waits knows that the ring has lost its files */
    const _Atomic uint32_t *busy; /* NULL, or 1 while an attempt has not looked at all: then nobody sleeps */
    void (*cancelled)(void *context); /* NULL, or what the call has to do when its thread is cancelled */
    slotring_reader_t *reader; /* NULL, or whose call it is: it has stops and interruptions of its own */
} sr__wait_t;

/* Repeats attempt(context) until it gives something other than `again`, or timeout_ns have passed. E_REMOVED, if *told
 * is 0 and somebody else has taken the ring's files; then *told is 1. */
int sr__wait_for(const sr__wait_t *wanted, int64_t timeout_ns);

#endif

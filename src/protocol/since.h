/* SPDX-License-Identifier: Apache-2.0 */
/* Since when: how long producers have been blocked, and how long nothing was published. */
#ifndef SR_SINCE_H
#define SR_SINCE_H

#include "handle.h"

/* One call that waits for slots. */
typedef struct sr__blocked {
    uint64_t since; /* on the monotonic clock */
    bool noted;     /* the word of the participant is this call's */
} sr__blocked_t;

/* The call has found no slot once more: notes it, unless an older call of this handle is noted. */
static inline void sr__blocked_note(sr__member_t *member, sr__blocked_t *call)
{
    uint64_t nobody = 0;
    sr__word_t *word = &member->self->blocked_at;
    if (!call->noted && sr__peek(word) == 0)
        call->noted = atomic_compare_exchange_strong_explicit(word, &nobody, call->since,
                                                              memory_order_relaxed, memory_order_relaxed);
}

/* It waits no more. */
static inline void sr__blocked_end(sr__member_t *member, sr__blocked_t *call)
{
    if (call->noted)
        sr__cas(&member->self->blocked_at, call->since, 0); /* not that of who has the entry by now */
    call->noted = false;
}

/* 0 for none; at least 1 else. */
static inline uint64_t sr__for_how_long(uint64_t since, uint64_t now)
{
    return since == 0 ? 0 : now > since ? now - since : 1;
}

/* By the one reaper of a slice. */
void sr__end_note(sr__member_t *member);
/* For how long the order has had this end, at least, as the reapings saw it. 0: they have not seen it yet; or it has no entry. */
uint64_t sr__end_age(const sr__view_t *view, uint64_t end, uint64_t now);

#endif

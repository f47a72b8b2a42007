/* SPDX-License-Identifier: Apache-2.0 */
/* What each participant has of the ring. */
#ifndef SR_TALLY_H
#define SR_TALLY_H

#include "protocol/snapshot.h"

typedef struct sr__tally {
    uint64_t writing, held;
    uint64_t bytes; /* in what its writers have open */
    uint32_t readers, writers;
} sr__tally_t;

/* A slot in work is told from a published one by the order. */
#define SR__NEED_TALLY \
    (SR__NEED_PARTICIPANTS | SR__NEED_SUBSCRIPTIONS | SR__NEED_WRITERS | SR__NEED_SLOTS | SR__NEED_ORDER)

/* One for each participant's entry; free them. NULL: no memory. */
sr__tally_t *sr__tally(const sr__view_t *view);
/* Adds the writers. An error is an observer's. */
int sr__tally_writers(sr__member_t *member, sr__tally_t *tallies);

#endif

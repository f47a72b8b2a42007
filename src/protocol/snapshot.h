/* SPDX-License-Identifier: Apache-2.0 */
/* An observer's private copy of the control parts. */
#ifndef SR_SNAPSHOT_H
#define SR_SNAPSHOT_H

#include "handle.h"

/* What a call looks at: an observer reads that, and no more, into its snapshot. */
enum sr__need {
    SR__NEED_STATE = 1u << 0,
    SR__NEED_PARTICIPANTS = 1u << 1,  /* those that were ever used; with the state */
    SR__NEED_SUBSCRIPTIONS = 1u << 2, /* likewise */
    SR__NEED_END = 1u << 3,           /* what sr__published_end looks at; with the state */
    SR__NEED_SLOTS = 1u << 4,         /* all control lines */
    SR__NEED_ORDER = 1u << 5,         /* all entries; the end among them */
    SR__NEED_WRITERS = 1u << 6,       /* those that were ever used; with the state */
    SR__NEED_ALL = 1u << 7
};

int sr__snapshot_renew(sr__member_t *member, uint32_t needs);
int sr__snapshot_slot(sr__member_t *member,
                      uint32_t slot); /* its control line, and the entry that it says it has */
int sr__snapshot_entry(sr__member_t *member, uint64_t sequence);
int sr__look_again(sr__member_t *member, const void *at, uint64_t size);

#endif

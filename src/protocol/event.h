/* SPDX-License-Identifier: Apache-2.0 */
/* Who waits, and waking them. */
#ifndef SR_EVENT_H
#define SR_EVENT_H

#include "handle.h"

void sr__wake(sr__member_t *member, enum sr__event_kind kind);        /* if anybody waits */
void sr__wake_always(sr__member_t *member, enum sr__event_kind kind); /* async-signal-safe */
void sr__sleepers_come(sr__member_t *member, enum sr__event_kind kind);
void sr__sleepers_stay(sr__member_t *member,
                       enum sr__event_kind kind); /* before each sleep: still in the set? */
void sr__sleepers_go(sr__member_t *member, enum sr__event_kind kind);
void sr__forget_sleepers(sr__member_t *member, uint32_t participant);

#endif

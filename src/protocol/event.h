/* SPDX-License-Identifier: Apache-2.0 */
/* Who waits, and waking them. */
#ifndef SR_EVENT_H
#define SR_EVENT_H

#include "handle.h"

/* May anybody be asleep? */
SR__INLINE bool sr__is_armed(const sr__member_t *member, enum sr__event_kind kind)
{
    return (sr__load(&member->view.state->waiters[kind].armed) & SR__ARMED) != 0;
}

void sr__wake(sr__member_t *member, enum sr__event_kind kind);        /* if anybody may be */
void sr__wake_always(sr__member_t *member, enum sr__event_kind kind); /* async-signal-safe */
/* Clears bits of an armed word, unless somebody has armed since `armed` was loaded. */
void sr__disarm(sr__word_t *word, uint64_t armed, uint64_t bits);
void sr__sleepers_come(sr__member_t *member, enum sr__event_kind kind);
void sr__sleepers_stay(sr__member_t *member,
                       enum sr__event_kind kind); /* before each sleep: still in the set? */
/* Before each sleep, and before the look that precedes it. The event word to sleep on. */
uint32_t sr__sleepers_arm(sr__member_t *member, enum sr__event_kind kind);
/* The same, for who may wake up without that event. *alone: for sr__sleepers_unarm, in the end. */
uint32_t sr__sleepers_arm_alone(sr__member_t *member, enum sr__event_kind kind, uint64_t *alone);
void sr__sleepers_unarm(sr__member_t *member, enum sr__event_kind kind, uint64_t alone);
/* After arming for publications, and before the look. */
void sr__sleepers_fence(sr__member_t *member);
/* The same for several rings at once: is a fence left to who sleeps here? Nobody could make it. */
bool sr__is_fence_left(const sr__member_t *member);
void sr__refuse_fences(sr__member_t *member);
bool sr__are_fences_refused(const sr__member_t *member);
void sr__sleepers_go(sr__member_t *member, enum sr__event_kind kind);
void sr__forget_sleepers(sr__member_t *member, uint32_t participant);

#endif

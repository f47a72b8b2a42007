/* SPDX-License-Identifier: Apache-2.0 */
/* Telling of publications, and messages that gather before a reader is woken. */
#ifndef SR_GATHER_H
#define SR_GATHER_H

#include "handle.h"

/* Does anybody wait for publications, asleep until the next one or while several gather? */
SR__INLINE bool sr__is_told(const sr__member_t *member)
{
    uint64_t armed = sr__load(&member->view.state->waiters[SR__PUBLISHED_EVENT].armed);
    return (armed & (SR__ARMED | SR__GATHERS)) != 0;
}

/* So many messages were published: tells who waits for that. */
void sr__tell(sr__member_t *member, uint32_t messages);
/* Before each sleep of a reader that lets messages gather, after sr__sleepers_arm for the gathered event. */
void sr__gather_arm(sr__member_t *member, uint64_t messages);
/* There is no slot for a producer. */
void sr__gather_press(sr__member_t *member);
/* How often that was said to somebody who gathered. */
void sr__gather_repair(sr__member_t *member); /* before all are woken */
uint64_t sr__gather_pressed(const sr__member_t *member);

#endif

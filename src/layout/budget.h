/* SPDX-License-Identifier: Apache-2.0 */
/* A budget: how much a reader is to acknowledge in which time; and a stall: how long it has been in the way. */
#ifndef SR_LAYOUT_BUDGET_H
#define SR_LAYOUT_BUDGET_H

#include "layout/subscription.h"

/* budget: messages:32 | milliseconds:32, from the highest bit. 0: none */
#define SR__BUDGET_MESSAGES_MAX (1u << 23)
#define SR__BUDGET_MS_MAX (1u << 30)

/* -- budgets, and how long somebody has been in the way -- */

static inline uint64_t sr__budget(uint32_t messages, uint32_t ms)
{
    return (uint64_t)messages << 32 | ms;
}

static inline uint32_t sr__budget_messages(uint64_t budget)
{
    return (uint32_t)(budget >> 32);
}

static inline uint32_t sr__budget_ms(uint64_t budget)
{
    return (uint32_t)budget;
}

#define SR__BUDGET_MS 100u /* of who names no time */

/* Of these messages and nanoseconds, which are within their limits; 0: the default. Milliseconds are whole ones, upwards. */
static inline uint64_t sr__budget_or_default(uint64_t messages, uint64_t ns, uint32_t slots)
{
    uint64_t ms = ns / 1000000 + (ns % 1000000 != 0);
    if (messages == 0)
        messages = slots < 4 ? 1 : slots / 4;
    messages = messages < SR__BUDGET_MESSAGES_MAX ? messages : SR__BUDGET_MESSAGES_MAX;
    return sr__budget((uint32_t)messages, ms == 0 ? SR__BUDGET_MS : (uint32_t)ms);
}

#define SR__STALL_SEQUENCE UINT64_C(0xffffff)

/* Of the subscription with this state word. */
static inline uint64_t sr__stall(uint64_t subscription, uint64_t cursor, uint32_t time_ms)
{
    uint64_t tag =
        (sr__subscription_generation(subscription) + (sr__subscription_flags(subscription) >> 8)) & 0xff;
    return (uint64_t)time_ms << 32 | tag << 24 | (cursor & SR__STALL_SEQUENCE);
}

static inline bool sr__stall_is_of(uint64_t stall, uint64_t subscription)
{
    return stall != 0 && ((stall ^ sr__stall(subscription, 0, 0)) >> 24 & 0xff) == 0;
}

static inline uint32_t sr__stall_time(uint64_t stall)
{
    return (uint32_t)(stall >> 32);
}

/* How many messages were acknowledged since. */
static inline uint32_t sr__stall_progress(uint64_t stall, uint64_t cursor)
{
    return (uint32_t)((cursor - stall) & SR__STALL_SEQUENCE);
}

#endif

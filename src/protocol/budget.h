/* SPDX-License-Identifier: Apache-2.0 */
/* Readers that producers wait for as long as they acknowledge enough in time. */
#ifndef SR_BUDGET_H
#define SR_BUDGET_H

#include "handle.h"

/* A producer finds no slot: publication `at` is listed, and somebody holds producers back there. True: a reader was revoked,
 * so it may be there now. */
bool sr__budgets_press(sr__member_t *member, uint64_t at);
static inline bool sr__budget_press(sr__member_t *member, uint64_t at)
{
    return sr__load(&member->view.state->gates.budgets) != 0 && sr__budgets_press(member, at);
}

/* Of a reader that is in the way now, at `cursor`: how many milliseconds it has left at `now_ms` before it is revoked. */
uint32_t sr__budget_left(const sr__view_t *view, const sr__subscription_t *subscription, uint64_t word,
                         uint64_t cursor, uint32_t now_ms);
/* The budget of this subscription with this state; 0: it has none. */
uint64_t sr__budget_of(const sr__view_t *view, const sr__subscription_t *subscription, uint64_t word);

/* How long a producer that waits for slots may sleep before the next reader is over its budget, at `now`. Asked once after
 * each try. */
uint64_t sr__budget_due_in(sr__member_t *member, uint64_t now);

/* Relaxed, before the CAS that revokes, which is seq_cst: who sees that it is revoked sees since when. */
#define SR__NS_IN_SECOND UINT64_C(1000000000)
static inline void sr__revoked_at(sr__subscription_t *subscription, uint64_t clock_ns)
{
    atomic_store_explicit(&subscription->revoked_at, (uint32_t)(clock_ns / SR__NS_IN_SECOND) + 1,
                          memory_order_relaxed);
}

#define SR__NS_IN_MS UINT64_C(1000000)
static inline uint32_t sr__in_ms(uint64_t clock_ns)
{
    return (uint32_t)(clock_ns / SR__NS_IN_MS);
}

#endif

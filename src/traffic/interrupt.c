/* SPDX-License-Identifier: Apache-2.0 */
/* Interruptions. One ends every call of the handle that is blocked at its moment; when none is, it waits for the
 * next call that would block.
 * One private word has all of it, so that the look at who is blocked and the interruption are one step:
 *   pending:20 | raised:22 | blocked:22
 * `raised` counts the interruptions that found somebody blocked. A blocked call compares it with the value that it
 * saw when it entered. `pending` counts the calls that are to end as soon as they would block: one for each that was
 * blocked at an interruption and ended with something else, and one if nobody was blocked. */
#include "traffic/interrupt.h"
#include "members/enter.h"
#include "protocol/event.h"

#define BLOCKED_ONE UINT64_C(1)
#define BLOCKED UINT64_C(0x3fffff)
#define RAISED_SHIFT 22
#define RAISED UINT32_C(0x3fffff)
#define PENDING_ONE (UINT64_C(1) << 44)
#define PENDING (UINT64_C(0xfffff) << 44)

static uint32_t raised_in(uint64_t word)
{
    return (uint32_t)(word >> RAISED_SHIFT) & RAISED;
}

/* Sequentially consistent: an interruption and its wake come after it, the look of a blocked call before its sleep. */
static bool change(slotring_t *ring, uint64_t *seen, uint64_t next)
{
    return atomic_compare_exchange_weak_explicit(&ring->interrupts, seen, next, memory_order_seq_cst,
                                                 memory_order_seq_cst);
}

bool sr__interrupt_enter(slotring_t *ring, uint32_t *seen)
{
    uint64_t word = atomic_load_explicit(&ring->interrupts, memory_order_seq_cst);
    for (;;) {
        bool pending = (word & PENDING) != 0;
        if (change(ring, &word, pending ? word - PENDING_ONE : word + BLOCKED_ONE)) {
            *seen = raised_in(word);
            return !pending;
        }
    }
}

bool sr__interrupt_is_raised(slotring_t *ring, uint32_t seen)
{
    return raised_in(atomic_load_explicit(&ring->interrupts, memory_order_seq_cst)) != seen;
}

/* A call that ends with something else leaves the interruption that came meanwhile to the next call: each its own,
 * so that of several such threads none goes on as if there had been none. */
void sr__interrupt_leave(slotring_t *ring, uint32_t seen, bool told)
{
    uint64_t word = atomic_load_explicit(&ring->interrupts, memory_order_seq_cst), next;
    do {
        next = word - BLOCKED_ONE;
        if (!told && raised_in(word) != seen && (word & PENDING) != PENDING)
            next += PENDING_ONE;
    } while (!change(ring, &word, next));
}

void sr__interrupt_give_back(slotring_t *ring)
{
    uint64_t word = atomic_load_explicit(&ring->interrupts, memory_order_seq_cst), next;
    do
        next = (word & PENDING) != PENDING ? word + PENDING_ONE : word;
    while (!change(ring, &word, next));
}

static void raise_interrupt(slotring_t *ring)
{
    uint64_t word = atomic_load_explicit(&ring->interrupts, memory_order_seq_cst), next;
    do {
        uint64_t raised = (uint64_t)((raised_in(word) + 1) & RAISED) << RAISED_SHIFT;
        if ((word & BLOCKED) != 0)
            next = (word & (BLOCKED | PENDING)) | raised;
        else
            next = (word & PENDING) != 0 ? word : word + PENDING_ONE;
    } while (!change(ring, &word, next));
}

void sr__wake_blocked(slotring_t *ring)
{
    sr__wake_always(&ring->member, SR__PUBLISHED_EVENT);
    sr__wake_always(&ring->member, SR__SPACE_EVENT);
    sr__wake(&ring->member, SR__GATHERED_EVENT);
}

/* Async-signal-safe: atomics, and the wake system call. */
int slotring_interrupt(slotring_t *ring)
{
    int failed = sr__enter_any_thread(ring);
    if (failed || ring->member.observer) /* an observer never blocks */
        return failed;
    raise_interrupt(ring);
    sr__wake_blocked(ring);
    return 0;
}

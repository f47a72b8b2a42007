/* SPDX-License-Identifier: Apache-2.0 */
/* Interruptions. One ends every call of the handle that is blocked at its moment. It is also told once to each reader that was
 * in no such call: by the reader's next call that would block. So a thread that reads in a loop is told, wherever it was. When
 * no call was blocked, it waits for the next one that would block, with a reader or without.
 * One private word has all of it, so that the look at who is blocked and the interruption are one step:
 *   pending:19 | of nobody:1 | raised:22 | blocked:22
 * `raised` counts the interruptions. A blocked call compares it with the value that it saw when it entered, and a reader
 * keeps the value of the last one that it was told. `pending` counts the calls that are to end as soon as they would block:
 * one for each without a reader that was blocked at an interruption and ended with something else. `of nobody` is the
 * same for an interruption that found no call blocked; whoever is told first takes it. */
#include "traffic/interrupt.h"
#include "members/enter.h"
#include "protocol/event.h"

#define BLOCKED_ONE UINT64_C(1)
#define BLOCKED UINT64_C(0x3fffff)
#define RAISED_SHIFT 22
#define RAISED UINT32_C(0x3fffff)
#define OF_NOBODY (UINT64_C(1) << 44)
#define PENDING_ONE (UINT64_C(1) << 45)
#define PENDING (UINT64_C(0x7ffff) << 45)

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

uint32_t sr__interrupts_so_far(slotring_t *ring)
{
    return raised_in(atomic_load_explicit(&ring->interrupts, memory_order_seq_cst));
}

/* Was there one since the reader was told the last one? */
static bool is_untold(const sr__interruption_t *own)
{
    return own->told && *own->told != own->seen;
}

bool sr__interrupt_enter(slotring_t *ring, sr__interruption_t *own)
{
    uint64_t word = atomic_load_explicit(&ring->interrupts, memory_order_seq_cst), next;
    do {
        own->seen = raised_in(word);
        own->entered = false;
        own->taken = word & OF_NOBODY;
        if (own->taken == 0 && !is_untold(own) && (word & PENDING) != 0)
            own->taken = PENDING_ONE;
        next = word - own->taken;
        if (own->taken == 0 && !is_untold(own)) {
            own->entered = true;
            next += BLOCKED_ONE;
        }
    } while (!change(ring, &word, next));
    return own->entered;
}

bool sr__interrupt_is_raised(slotring_t *ring, const sr__interruption_t *own)
{
    return !own->entered || sr__interrupts_so_far(ring) != own->seen;
}

static uint64_t one_more_pending(uint64_t word)
{
    return (word & PENDING) != PENDING ? word + PENDING_ONE : word;
}

/* A call that ends with something else, though there was an interruption, leaves that to the next call: each its own, so
 * that of several such threads none goes on as if there had been none. A reader has its own still, which it was not told. */
void sr__interrupt_leave(slotring_t *ring, const sr__interruption_t *own, bool is_told)
{
    uint64_t word = atomic_load_explicit(&ring->interrupts, memory_order_seq_cst), next;
    do {
        next = own->entered ? word - BLOCKED_ONE : word;
        bool is_left = own->entered ? !own->told && raised_in(word) != own->seen : own->taken == PENDING_ONE;
        if (!is_told && is_left)
            next = one_more_pending(next);
        if (!is_told && own->taken == OF_NOBODY)
            next |= OF_NOBODY;
    } while (!change(ring, &word, next));
    if (is_told && own->told)
        *own->told = raised_in(word);
}

static void raise_interrupt(slotring_t *ring)
{
    uint64_t word = atomic_load_explicit(&ring->interrupts, memory_order_seq_cst), next;
    do {
        next = (word & ~((uint64_t)RAISED << RAISED_SHIFT)) | (uint64_t)((raised_in(word) + 1) & RAISED)
                                                                  << RAISED_SHIFT;
        if ((word & (BLOCKED | PENDING)) == 0)
            next |= OF_NOBODY;
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

/* SPDX-License-Identifier: Apache-2.0 */
/* Messages that gather. A reader may sleep until a number of messages is published. A timer ends its sleep in any case.
 *
 *   reader    arm the gathered event; write the number into the armed word of publications; look at what is there,
 *             and at all that ends a gathering; sleep as any waiter (event.c)
 *
 *   producer  publish; find a number in the armed word, which it loads anyway; take its messages off; if none is left:
 *             wake for the gathered event, then take the number away, if nobody has armed since
 * All seq_cst: either the reader's look sees the message, or the producer sees the number.
 *
 * Of several readers that gather the one that wants fewest counts. The others look, and arm anew for the rest. A number
 * that a reader leaves behind, because its time was over, may wake the next one too early, which looks and arms anew.
 *
 * A producer that finds no slot ends a gathering at once. So does whoever changes a stream, interrupts or repairs.
 *
 * A killed producer leaves a number that is too high by the messages of its last call. A killed reader leaves its number. Repair
 * takes the number away, then wakes all for the gathered event: who gathers looks, and arms anew.
 */
#include "protocol/gather.h"
#include "protocol/event.h"

static sr__word_t *number_of(sr__member_t *member)
{
    return &member->view.state->waiters[SR__PUBLISHED_EVENT].armed;
}

static uint64_t left_in(uint64_t armed)
{
    return (armed & SR__LEFT_MASK) >> SR__LEFT_SHIFT;
}

/* [gather.count] Takes published messages off what is left. 0 stays until somebody has woken: whoever finds it wakes, too,
 * since another one's call may not be over. */
static void count(sr__member_t *member, uint32_t messages)
{
    sr__word_t *word = number_of(member);
    uint64_t now = sr__load(word), next, left;
    do {
        if ((now & SR__GATHERS) == 0)
            return;
        left = left_in(now) > messages ? left_in(now) - messages : 0;
        next = (now & ~SR__LEFT_MASK) | left << SR__LEFT_SHIFT;
    } while (
        !atomic_compare_exchange_weak_explicit(word, &now, next, memory_order_seq_cst, memory_order_seq_cst));
    if (left > 0)
        return;
    sr__wake(member, SR__GATHERED_EVENT);
    /* [gather.over] Says that nobody gathers, unless somebody has armed since. After the call that wakes. */
    sr__disarm(word, next, SR__GATHERS);
}

void sr__tell(sr__member_t *member, uint32_t messages)
{
    sr__wake(member, SR__PUBLISHED_EVENT);
    count(member, messages);
}

/* [gather.arm] Writes how many messages are left: fewer, if somebody else waits for fewer. 0 is what a waker leaves, who has
 * seen all that this reader counted before it. */
void sr__gather_arm(sr__member_t *member, uint64_t messages)
{
    sr__word_t *word = number_of(member);
    uint64_t now = sr__load(word), next;
    do {
        uint64_t others = (now & SR__GATHERS) != 0 ? left_in(now) : 0;
        uint64_t left = others > 0 && others < messages ? others : messages;
        left = left < SR__LEFT_MAX ? left : SR__LEFT_MAX;
        next = ((now & ~SR__LEFT_MASK) | SR__GATHERS | left << SR__LEFT_SHIFT) + SR__ONE_ARM;
    } while (
        !atomic_compare_exchange_weak_explicit(word, &now, next, memory_order_seq_cst, memory_order_seq_cst));
    sr__sleepers_fence(member);
}

/* [gather.press] Ends a gathering. The reader arms, then looks whether somebody waits for space, and here: whoever goes to
 * sleep for space has armed before its last try. */
void sr__gather_press(sr__member_t *member)
{
    sr__waiters_t *waiters = &member->view.state->waiters[SR__GATHERED_EVENT];
    if ((sr__load(&waiters->armed) & SR__ARMED) == 0)
        return;
    atomic_fetch_add_explicit(&waiters->pressed, 1, memory_order_seq_cst);
    sr__wake(member, SR__GATHERED_EVENT);
}

uint64_t sr__gather_pressed(const sr__member_t *member)
{
    return sr__load(&member->view.state->waiters[SR__GATHERED_EVENT].pressed);
}

/* [gather.repair] Takes the number away, whosever it is. Before the wake-up of all: who armed before it looks again after it. */
void sr__gather_repair(sr__member_t *member)
{
    sr__word_t *word = number_of(member);
    if (sr__load(word) & SR__GATHERS)
        atomic_fetch_and_explicit(word, ~(SR__GATHERS | SR__LEFT_MASK), memory_order_seq_cst);
}

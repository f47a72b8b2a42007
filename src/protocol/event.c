/* SPDX-License-Identifier: Apache-2.0 */
/* Who waits, and waking them. Per kind of news an event word and a set of waiting participants.
 *
 *   waiter   set my bit; look again; sleep while the event word is unchanged, a slice at most; clear my bit
 *
 *   waker    make the change visible; look at the set; if it is not empty: bump the word, wake all
 * All seq_cst: either the waiter's second look sees the change, or the waker sees the bit. Nobody waits: no system
 * call. A set, not a count, so that repair can take the dead out of it. A waker that is killed between its change and
 * its wake costs the waiters one slice.
 * The threads of a handle share its bit and count themselves. None of them waits for another one: whoever clears the
 * bit as the last looks at the count once more, and makes up for it when somebody has come meanwhile.
 */
#include "protocol/event.h"

/* [event.set] Sets the bit of a participant that waits, then the bit of its word in the summary. */
static void set_bit(sr__waiters_t *waiters, uint32_t participant)
{
    uint32_t w = participant / 64;
    atomic_fetch_or_explicit(&waiters->words[w], UINT64_C(1) << participant % 64, memory_order_seq_cst);
    atomic_fetch_or_explicit(&waiters->summary, UINT64_C(1) << w, memory_order_seq_cst);
}

/* [event.clear] Clears the bit of a participant that waits. Word first, then the summary, then a second
 * look at the word: somebody of the same 64 may have come meanwhile, and a waker may have found the summary
 * empty: its wake-up is made up for. */
static void clear_bit(sr__member_t *member, enum sr__event_kind kind, uint32_t participant)
{
    sr__waiters_t *waiters = &member->view.state->waiters[kind];
    uint32_t w = participant / 64;
    uint64_t bit = UINT64_C(1) << participant % 64;
    uint64_t before = atomic_fetch_and_explicit(&waiters->words[w], ~bit, memory_order_seq_cst);
    if ((before & ~bit) != 0)
        return;
    atomic_fetch_and_explicit(&waiters->summary, ~(UINT64_C(1) << w), memory_order_seq_cst);
    if (sr__load(&waiters->words[w]) != 0) {
        atomic_fetch_or_explicit(&waiters->summary, UINT64_C(1) << w, memory_order_seq_cst);
        sr__wake_always(member, kind);
    }
}

/* Of a dead one too, which may have cleared the summary and not looked at the word again: then a neighbour's bit stands
 * there without it. So first all the way in, then out as anybody goes. */
void sr__forget_sleepers(sr__member_t *member, uint32_t participant)
{
    for (int kind = 0; kind < SR__EVENTS; kind++) {
        set_bit(&member->view.state->waiters[kind], participant);
        clear_bit(member, (enum sr__event_kind)kind, participant);
    }
}

/* [event.wake] Bumps the event word and wakes all who wait for it. */
void sr__wake_always(sr__member_t *member, enum sr__event_kind kind)
{
    sr__state_t *state = member->view.state;
    atomic_fetch_add_explicit(&state->events[kind].event, 1, memory_order_seq_cst);
    member->os->waits.wake(member->waits, &state->events[kind].event, state->waiters[kind].words,
                           member->view.hold_words);
}

/* [event.look] Wakes if anybody waits. After the change. */
void sr__wake(sr__member_t *member, enum sr__event_kind kind)
{
    if (sr__load(&member->view.state->waiters[kind].summary) != 0)
        sr__wake_always(member, kind);
}

/* [event.come] A thread is going to sleep. Counted first, then the bit: see sr__sleepers_go. */
void sr__sleepers_come(sr__member_t *member, enum sr__event_kind kind)
{
    atomic_fetch_add_explicit(&member->sleepers[kind], 1, memory_order_seq_cst);
    set_bit(&member->view.state->waiters[kind], member->me);
}

/* [event.stay] Sets the bit again if another thread has cleared it. A thread that goes may have taken the
 * bit, and be stopped before it puts it back: whoever sleeps on does not rely on it. */
void sr__sleepers_stay(sr__member_t *member, enum sr__event_kind kind)
{
    sr__waiters_t *waiters = &member->view.state->waiters[kind];
    if (!(sr__load(&waiters->words[member->me / 64]) >> member->me % 64 & 1))
        set_bit(waiters, member->me);
}

/* [event.go] A thread sleeps no more. The last one clears the bit, then looks at the count again: seq_cst,
 * against count, then bit, in sr__sleepers_come. One of the two sees the other. Somebody has come: the bit
 * is set again, and since a waker may have found the set empty meanwhile, its wake-up is made up for. But
 * whoever came may have gone before the bit was set, and left it to nobody: so the count decides once more. */
void sr__sleepers_go(sr__member_t *member, enum sr__event_kind kind)
{
    if (atomic_fetch_sub_explicit(&member->sleepers[kind], 1, memory_order_seq_cst) != 1)
        return;
    do {
        clear_bit(member, kind, member->me);
        if (atomic_load_explicit(&member->sleepers[kind], memory_order_seq_cst) == 0)
            return;
        set_bit(&member->view.state->waiters[kind], member->me);
        sr__wake_always(member, kind);
    } while (atomic_load_explicit(&member->sleepers[kind], memory_order_seq_cst) == 0);
}

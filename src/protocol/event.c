/* SPDX-License-Identifier: Apache-2.0 */
/* Who waits, and waking them. Each kind of news has an event word, a set of waiting participants, and an armed word: its
 * lowest bit is set while anybody may be asleep whom nobody has woken.
 *
 *   waiter   set my bit; load the event word; arm; look again; sleep while the event word is unchanged, a slice at most;
 *            arm anew before each further sleep; in the end clear my bit. Who waits for several rings takes back, in
 *            those that did not wake it, what it has armed
 *
 *   waker    make the change visible; look at the armed word; if it is armed: change the event word, wake all; disarm, if
 *            nobody has armed since the look
 * All seq_cst: either the waiter's second look sees the change, or the waker sees that it is armed.
 *
 * One system call ends each sleep, however many messages come before the sleeper runs: who publishes after the waker
 * has disarmed makes none. A waker disarms after its system call and not before. So whoever finds it disarmed knows
 * that nobody sleeps, and no message waits for the system call of another waker, which may be stopped. Those who armed
 * before the waker's look loaded the event word before that, so its change has ended their sleep. Those who armed after
 * it have changed the armed word, and the compare-and-swap that disarms fails.
 *
 * A kill leaves: armed, and nobody asleep: the next waker makes one system call for nothing. A waker that is killed
 * between its change and its wake costs the waiters one slice, unless another one comes before.
 *
 * The threads of a handle share its bit and count themselves. None of them waits for another one: whoever clears the
 * bit as the last looks at the count once more, and makes up for it when somebody has come meanwhile.
 */
#include "protocol/event.h"

static sr__word_t *word_of(sr__waiters_t *waiters, uint32_t participant)
{
    return &waiters->words[participant / 64];
}

static uint64_t bit_of(uint32_t participant)
{
    return UINT64_C(1) << participant % 64;
}

/* [event.set] Sets the bit of a participant that waits. */
static void set_bit(sr__waiters_t *waiters, uint32_t participant)
{
    atomic_fetch_or_explicit(word_of(waiters, participant), bit_of(participant), memory_order_seq_cst);
}

/* [event.clear] Clears the bit of a participant that waits. */
static void clear_bit(sr__waiters_t *waiters, uint32_t participant)
{
    atomic_fetch_and_explicit(word_of(waiters, participant), ~bit_of(participant), memory_order_seq_cst);
}

void sr__forget_sleepers(sr__member_t *member, uint32_t participant)
{
    for (int kind = 0; kind < SR__EVENTS; kind++)
        clear_bit(&member->view.state->waiters[kind], participant);
}

void sr__disarm(sr__word_t *word, uint64_t armed, uint64_t bits)
{
    uint64_t now = armed;
    while (!atomic_compare_exchange_weak_explicit(word, &now, now & ~bits, memory_order_seq_cst,
                                                  memory_order_seq_cst))
        if ((now ^ armed) >= SR__ONE_ARM)
            return; /* else messages were counted down in it */
}

/* [event.wake] Changes the event word and wakes all who wait for it. */
SR__APART void answer(sr__member_t *member, enum sr__event_kind kind, uint64_t armed)
{
    sr__state_t *state = member->view.state;
    sr__waiters_t *waiters = &state->waiters[kind];
    atomic_fetch_add_explicit(&state->events[kind].event, 1, memory_order_seq_cst);
    member->os->waits.wake(member->waits, &state->events[kind].event, waiters->words,
                           member->view.hold_words);
    /* [event.disarm] Says that nobody sleeps, unless somebody has armed since `armed` was loaded. */
    if ((armed & SR__ARMED) != 0)
        sr__disarm(&waiters->armed, armed, SR__ARMED);
}

void sr__wake_always(sr__member_t *member, enum sr__event_kind kind)
{
    answer(member, kind, sr__load(&member->view.state->waiters[kind].armed));
}

/* [event.look] Wakes if anybody may be asleep. After the change. */
void sr__wake(sr__member_t *member, enum sr__event_kind kind)
{
    uint64_t armed = sr__load(&member->view.state->waiters[kind].armed);
    if ((armed & SR__ARMED) != 0)
        answer(member, kind, armed);
}

/* [event.arm] Loads the event word, then arms: a waker that finds it armed changes the event word, and so ends each sleep
 * on the value that was loaded before. Arming always changes the word, so that no waker who loaded it before disarms. */
uint32_t sr__sleepers_arm_alone(sr__member_t *member, enum sr__event_kind kind, uint64_t *alone)
{
    sr__state_t *state = member->view.state;
    sr__word_t *word = &state->waiters[kind].armed;
    uint32_t seen = atomic_load_explicit(&state->events[kind].event, memory_order_seq_cst);
    uint64_t armed = sr__load(word);
    while (!atomic_compare_exchange_weak_explicit(word, &armed, (armed + SR__ONE_ARM) | SR__ARMED,
                                                  memory_order_seq_cst, memory_order_seq_cst))
        ;
    *alone = (armed & SR__ARMED) == 0 ? (armed + SR__ONE_ARM) | SR__ARMED : 0;
    return seen;
}

uint32_t sr__sleepers_arm(sr__member_t *member, enum sr__event_kind kind)
{
    uint64_t alone;
    return sr__sleepers_arm_alone(member, kind, &alone);
}

/* [event.fence] A writer may append without a fence (append.h). Who has armed makes it in the writer's place: either the
 * writer's header is visible when this returns, or its look comes later and finds the word armed. Who cannot says so once
 * and for all. Of a record that is being appended in that very moment the sleeper may hear a slice later. */
void sr__sleepers_fence(sr__member_t *member)
{
    if (sr__is_fence_left(member) && !member->os->waits.fence_all())
        sr__refuse_fences(member);
}

bool sr__is_fence_left(const sr__member_t *member)
{
    uint64_t armed = sr__load(&member->view.state->waiters[SR__PUBLISHED_EVENT].armed);
    return (armed & (SR__UNFENCED | SR__FENCED)) == SR__UNFENCED;
}

bool sr__are_fences_refused(const sr__member_t *member)
{
    return (sr__load(&member->view.state->waiters[SR__PUBLISHED_EVENT].armed) & SR__FENCED) != 0;
}

void sr__refuse_fences(sr__member_t *member)
{
    atomic_fetch_or_explicit(&member->view.state->waiters[SR__PUBLISHED_EVENT].armed, SR__FENCED,
                             memory_order_seq_cst);
}

/* [event.unarm] Takes an arming back. It was armed by nobody before, so whoever else sleeps now has armed since, and has changed
 * the word. A waker that has seen it armed wakes for nobody, and disarms nothing. */
void sr__sleepers_unarm(sr__member_t *member, enum sr__event_kind kind, uint64_t alone)
{
    if (alone != 0)
        sr__disarm(&member->view.state->waiters[kind].armed, alone, SR__ARMED);
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
    if ((sr__load(word_of(waiters, member->me)) & bit_of(member->me)) == 0)
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
        clear_bit(&member->view.state->waiters[kind], member->me);
        if (atomic_load_explicit(&member->sleepers[kind], memory_order_seq_cst) == 0)
            return;
        set_bit(&member->view.state->waiters[kind], member->me);
        sr__wake_always(member, kind);
    } while (atomic_load_explicit(&member->sleepers[kind], memory_order_seq_cst) == 0);
}

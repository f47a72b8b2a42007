/* SPDX-License-Identifier: Apache-2.0 */
/* A producer waits for slots. Who is in its way: can it be the handle itself? */
#include "traffic/room.h"

#include <inttypes.h>

#include "base/error.h"
#include "base/utf8.h"
#include "protocol/counters.h"
#include "protocol/gate.h"
#include "protocol/hold.h"
#include "protocol/seqlock.h"
#include "protocol/since.h"
#include "protocol/span.h"
#include "protocol/there.h"
#include "traffic/wait.h"

/* How many slots this handle is writing. */
uint64_t sr__count_claimed(slotring_t *ring)
{
    uint64_t claimed = 0;
    for (uint32_t i = 0; i < ring->member.view.slot_count; i++) {
        uint64_t w = sr__load(&sr__slot(&ring->member.view, i)->word);
        claimed += sr__slot_state(w) == SR__CLAIMED && sr__owner(w) == ring->member.me;
    }
    return claimed;
}

/* What the handle's own lossless readers have still to read, the history that they hold among it: of the one that is
 * farthest behind. As all see it, from the subscriptions: the readers may be other threads'. from: the lowest cursor. */
static uint64_t own_unread(slotring_t *ring, uint64_t *from)
{
    sr__view_t *view = &ring->member.view;
    uint64_t most = 0, end = sr__published_end(view);
    uint32_t high = atomic_load_explicit(&ring->readers_high, memory_order_relaxed);
    for (uint32_t r = 0; r < high; r++) {
        uint64_t w = sr__load(&view->subscriptions[r].state);
        if (!sr__subscription_gates(w) || sr__subscription_owner(w) != ring->member.me)
            continue;
        if (sr__peek(&view->subscriptions[r].budget) != 0) /* it is revoked when its time is over */
            continue;
        uint64_t cursor = sr__number(sr__load(&view->subscriptions[r].cursor));
        uint64_t unread = (cursor < end ? end - cursor : 0) +
                          sr__peek(&sr__account_of(&view->subscriptions[r], w)->pending);
        *from = cursor < *from ? cursor : *from;
        most = unread > most ? unread : most;
    }
    return most;
}

static bool is_held(const sr__member_t *member, sr__slot_t *s, uint64_t word)
{
    return sr__pinner(word) == member->me ||
           (sr__load(sr__hold_word(s, member->me / 64)) >> member->me % 64 & 1) != 0;
}

/* From which sequence on do this handle's readers have still to get what they hold of the past? One thread uses them. */
static uint64_t past_from(const slotring_t *ring)
{
    uint64_t from = SR__NO_SEQUENCE;
    uint32_t high = atomic_load_explicit(&ring->readers_high, memory_order_relaxed);
    for (uint32_t r = 0; r < high; r++) {
        const slotring_reader_t *reader = atomic_load_explicit(&ring->readers[r], memory_order_acquire);
        if (!reader || reader->history_left == 0)
            continue;
        uint32_t oldest = sr__held_slot(reader->history[reader->history_left - 1]);
        uint64_t sequence = sr__load(&sr__slot(&ring->member.view, oldest)->sequence);
        from = sequence < from ? sequence : from;
    }
    return from;
}

/* Has slot i a message that stays until a reader of this handle has had it, which is at `from`, or holds it of the past? */
static bool is_unread(const sr__member_t *member, uint32_t i, uint64_t word, uint64_t from, uint64_t past)
{
    sr__slot_t *s = sr__slot(&member->view, i);
    uint64_t sequence = sr__load(&s->sequence);
    if (sequence == SR__NO_SEQUENCE)
        return false;
    return (sequence >= from && sr__is_listed(&member->view, sequence, i)) ||
           (sequence >= past && is_held(member, s, word));
}

/* Slots that nobody but this handle can make free: what it writes, and what its readers have still to get. Each once. */
static uint64_t count_own(slotring_t *ring, uint64_t from)
{
    const sr__view_t *view = &ring->member.view;
    uint64_t own = 0, past = past_from(ring);
    for (uint32_t i = 0; i < view->slot_count; i++) {
        sr__slot_t *s = sr__slot(view, i);
        uint64_t w = sr__load(&s->word);
        if (sr__slot_state(w) == SR__CLAIMED)
            own += sr__owner(w) == ring->member.me;
        else if (sr__is_committed(w) && is_unread(&ring->member, i, w, from, past))
            own += sr__slots_of(view, s);
    }
    return own;
}

#define ASK_AGAIN_NS UINT64_C(100000000) /* threads come and go; to count them takes system calls */

/* Is it sure that nobody but the calling thread uses this handle and its readers now? Who called last says nothing: a
 * reader may be handed to another thread at any time. */
static bool is_alone(slotring_t *ring)
{
    if (ring->member.one_thread)
        return true;
    uint64_t now = ring->member.os->system.coarse_clock_ns();
    uint64_t asked = atomic_load_explicit(&ring->many_threads_at, memory_order_relaxed);
    if (asked != 0 && now - asked < ASK_AGAIN_NS)
        return false;
    sr__cancel_forbid();
    uint32_t threads = ring->member.os->system.threads();
    sr__cancel_allow();
    if (threads == 1)
        return true;
    atomic_store_explicit(&ring->many_threads_at, now, memory_order_relaxed);
    return false;
}

/* Would this thread wait for itself, whatever others do? What it has still to read and what it is writing takes every slot. Anything
 * less may become free: somebody else frees, releases or aborts. What it writes alone is judged for a span only: who waits for one
 * slot with all others in its hands is told that by the time-out. A look at every slot: at the first try of a call, and when its
 * readers have more to read. */
bool sr__waits_for_itself(slotring_t *ring, uint64_t more, sr__own_wait_t *judged)
{
    uint64_t from = SR__NO_SEQUENCE, unread = own_unread(ring, &from);
    if (unread == 0 && !judged->of_span)
        return false;
    if (judged->looked && unread == judged->unread)
        return judged->itself;
    judged->looked = true;
    judged->unread = unread;
    judged->itself = is_alone(ring) && count_own(ring, from) + more > ring->member.view.slot_count;
    return judged->itself;
}

int sr__judge_full(slotring_t *ring, int code, sr__own_wait_t *judged)
{
    if (code != SLOTRING_E_FULL || !sr__waits_for_itself(ring, 1, judged))
        return code;
    return sr__error(
        SLOTRING_E_STATE,
        "no slot can become free while this thread waits: what its handle's own lossless reader has "
        "still to read, and what it writes itself, takes all %" PRIu32 " slots",
        ring->member.view.slot_count);
}

/* A call that waits for slots, as others see it. */
typedef struct waiting {
    slotring_t *ring;
    int (*attempt)(void *context);
    void (*cancelled)(void *context); /* may be NULL */
    void *context;
    sr__blocked_t blocked;
} waiting_t;

static int try_again(void *context)
{
    waiting_t *waiting = context;
    int code = waiting->attempt(waiting->context);
    if (code == SLOTRING_E_FULL)
        sr__blocked_note(&waiting->ring->member, &waiting->blocked);
    return code;
}

static void cancelled_there(void *context)
{
    waiting_t *waiting = context;
    sr__blocked_end(&waiting->ring->member, &waiting->blocked);
    if (waiting->cancelled)
        waiting->cancelled(waiting->context);
}

/* Is a durable subscription that nobody has in the way? Whoever has to end that is not there to be asked. */
static bool find_left(slotring_t *ring, sr__subscription_copy_t *subscription)
{
    const sr__view_t *view = &ring->member.view;
    uint32_t owner, row = sr__gate_row(view, &owner);
    if (row == UINT32_MAX || sr__subscription_read(&ring->member, row, subscription) != 0)
        return false;
    uint64_t cursor = subscription->account.cursor;
    bool in_the_way =
        cursor < sr__published_end(view) && (view->keep || cursor <= sr__load(&view->state->frontier));
    return in_the_way && sr__subscription_gates(subscription->word) &&
           !sr__somebody_has(view, row, subscription->word);
}

int sr__no_room(slotring_t *ring, int64_t timeout_ns)
{
    sr__subscription_copy_t subscription;
    char name[sizeof subscription.name + 1];
    sr__count(&ring->member, SR__FULL, 1);
    if (timeout_ns == 0)
        return sr__plain(SLOTRING_E_FULL);
    if (!find_left(ring, &subscription))
        return sr__plain(SLOTRING_E_TIMEOUT);
    sr__utf8_printable(subscription.name, sizeof subscription.name, name);
    return sr__error(
        SLOTRING_E_TIMEOUT,
        "no slot of ring \"%s\" came free in %" PRIu64
        " ms: durable reader \"%s\", which no process has, is in the way; a reader of that name goes on "
        "there, and slotring forget %s %s ends it",
        ring->member.view.header.name, (uint64_t)timeout_ns / UINT64_C(1000000), name,
        ring->member.view.header.name, name);
}

int sr__wait_for_slots(slotring_t *ring, int (*attempt)(void *context), void (*cancelled)(void *context),
                       void *context, int64_t timeout_ns)
{
    uint64_t start = ring->member.os->system.clock_ns();
    waiting_t waiting = {.ring = ring,
                         .attempt = attempt,
                         .cancelled = cancelled,
                         .context = context,
                         .blocked = {.since = start}};
    sr__wait_t wait = {.ring = ring,
                       .kind = SR__SPACE_EVENT,
                       .again = SLOTRING_E_FULL,
                       .attempt = try_again,
                       .context = &waiting,
                       .told = &ring->names_told,
                       .cancelled = cancelled_there};
    sr__count(&ring->member, SR__WAITS, 1);
    int failed = sr__wait_for(&wait, timeout_ns);
    sr__blocked_end(&ring->member, &waiting.blocked);
    uint64_t end = ring->member.os->system.clock_ns();
    sr__count(&ring->member, SR__WAITED_NS,
              end > start ? end - start : 0); /* clocks have been seen to step back */
    return failed;
}

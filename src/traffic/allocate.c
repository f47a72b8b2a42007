/* SPDX-License-Identifier: Apache-2.0 */
/* Between slots of the ring and the struct in the caller's hands; tickets as values. */
#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "members/enter.h"
#include "members/reap.h"
#include "protocol/claim.h"
#include "protocol/counters.h"
#include "protocol/event.h"
#include "protocol/free_map.h"
#include "protocol/gate.h"
#include "protocol/publish.h"
#include "protocol/stream.h"
#include "traffic/slots.h"
#include "traffic/ticket.h"
#include "traffic/wait.h"

/* slot.internal: kind; handle; while writing, the claimed word; while reading, the key of the acquire, in two. */

void sr__ticket_make(const sr__view_t *view, uint64_t sequence, uint32_t slot, slotring_ticket_t *ticket)
{
    memcpy(ticket->ring_id, view->header.ring_id, sizeof ticket->ring_id);
    ticket->sequence = sequence;
    ticket->slot = slot;
    ticket->flags = 0;
}

int sr__ticket_check(const sr__view_t *view, const slotring_ticket_t *ticket)
{
    if (!ticket)
        return sr__error(SLOTRING_E_INVALID, "ticket is NULL");
    if (memcmp(ticket->ring_id, view->header.ring_id, sizeof ticket->ring_id) != 0)
        return sr__plain(SLOTRING_E_FOREIGN);
    if (ticket->flags != 0)
        return sr__error(SLOTRING_E_INVALID,
                         "the ticket has flags %08" PRIx32 " that this version does not know", ticket->flags);
    if (ticket->slot >= view->slot_count)
        return sr__error(SLOTRING_E_INVALID, "the ticket names slot %" PRIu32 "; the last one is %" PRIu32,
                         ticket->slot, view->slot_count - 1);
    if (ticket->sequence == SR__NO_SEQUENCE)
        return sr__error(SLOTRING_E_INVALID, "the ticket has no sequence number");
    return 0;
}

static void place_slot(slotring_t *ring, uint32_t index, slotring_slot_t *out)
{
    sr__view_t *view = &ring->view;
    out->offset = (uint64_t)index * view->payload_stride;
    out->data = view->payload + out->offset;
    out->capacity = view->slot_size;
    out->index = index;
    out->reserved = 0;
    out->internal[1] = ring->slot_mark;
    out->internal[3] = 0;
}

static void slot_for_writing(slotring_t *ring, uint32_t index, uint64_t word, slotring_slot_t *out)
{
    place_slot(ring, index, out);
    out->length = 0;
    out->sequence = 0;
    out->time_ns = 0;
    out->tag = 0;
    memset(&out->ticket, 0, sizeof out->ticket);
    out->internal[0] = SR__SLOT_WRITING;
    out->internal[2] = word;
}

int sr__slot_for_reading(slotring_t *ring, uint32_t index, uint64_t sequence, uint64_t kind,
                         slotring_slot_t *out)
{
    sr__slot_t *s = sr__slot(&ring->view, index);
    uint64_t length = sr__peek(&s->length); /* stable: the publication is held, or gated by my cursor */
    if (length > ring->view.slot_size)
        return sr__error(SLOTRING_E_CORRUPT, "slot %" PRIu32 " says %" PRIu64 " bytes; a slot has %" PRIu64,
                         index, length, ring->view.slot_size);
    place_slot(ring, index, out);
    out->length = length;
    out->sequence = sequence;
    out->time_ns = sr__peek(&s->time);
    out->tag = sr__peek(&s->tag);
    sr__ticket_make(&ring->view, sequence, index, &out->ticket);
    out->internal[0] = kind;
    out->internal[2] = 0;
    return 0;
}

/* Is this struct what this handle gave out for `kind`? */
int sr__slot_check(slotring_t *ring, const slotring_slot_t *slot, uint64_t kind)
{
    if (!slot)
        return sr__error(SLOTRING_E_INVALID, "slot is NULL");
    if (slot->internal[0] != kind || slot->index >= ring->view.slot_count) {
        if (kind == SR__SLOT_READING)
            return sr__plain(SLOTRING_E_NOT_HELD);
        return sr__error(SLOTRING_E_STATE,
                         "the slot is not being written: published, aborted, or never allocated");
    }
    if (slot->internal[1] != ring->slot_mark)
        return sr__plain(SLOTRING_E_NOT_OWNER);
    return 0;
}

static int check_size(slotring_t *ring, uint64_t size)
{
    if (size > ring->view.slot_size)
        return sr__error(SLOTRING_E_TOO_LARGE,
                         "%" PRIu64 " bytes do not fit into a slot of %" PRIu64 " bytes", size,
                         ring->view.slot_size);
    return 0;
}

static int allocate_now(slotring_t *ring, slotring_slot_t *slot)
{
    uint32_t index;
    uint64_t word;
    int failed = sr__claim(ring, &index, &word);
    if (!failed)
        slot_for_writing(ring, index, word, slot);
    return failed;
}

static int enter_producer(slotring_t *ring, uint64_t required_size, const slotring_slot_t *slot)
{
    int failed = sr__enter(ring);
    if (failed)
        return failed;
    if (!slot)
        return sr__error(SLOTRING_E_INVALID, "slot is NULL");
    failed = check_size(ring, required_size);
    if (!failed && sr__stream_phase(sr__load(&ring->self->stream)) != SR__STREAMING)
        sr__stream_open(ring);
    return failed;
}

int slotring_allocate(slotring_t *ring, uint64_t required_size, slotring_slot_t *slot)
{
    int failed = enter_producer(ring, required_size, slot);
    if (failed)
        return failed;
    failed = allocate_now(ring, slot);
    if (failed != SLOTRING_E_FULL)
        return failed;
    if (sr__reap_if_due(ring))
        failed = allocate_now(ring, slot);
    if (failed == SLOTRING_E_FULL) {
        sr__count(ring, SR__FULL, 1);
        sr__plain(SLOTRING_E_FULL);
    }
    return failed;
}

typedef struct wanted {
    slotring_t *ring;
    slotring_slot_t *slot;
    uint64_t judged_unread; /* at the last look, 0 at first; and what it said */
    bool itself;
} wanted_t;

/* How many slots this handle is writing. */
uint64_t sr__count_claimed(slotring_t *ring)
{
    uint64_t claimed = 0;
    for (uint32_t i = 0; i < ring->view.slot_count; i++) {
        uint64_t w = sr__load(&sr__slot(&ring->view, i)->word);
        claimed += sr__slot_state(w) == SR__CLAIMED && sr__owner(w) == ring->me;
    }
    return claimed;
}

/* What the handle's own lossless readers have still to read, the history that they hold among it: of the one that is
 * farthest behind. As all see it, from the subscriptions: the readers may be other threads'. */
static uint64_t own_unread(slotring_t *ring)
{
    sr__view_t *view = &ring->view;
    uint64_t most = 0, end = sr__published_end(view);
    uint32_t high = atomic_load_explicit(&ring->readers_high, memory_order_relaxed);
    for (uint32_t r = 0; r < high; r++) {
        uint64_t w = sr__load(&view->subscriptions[r].state);
        if (!sr__subscription_gates(w) || sr__subscription_owner(w) != ring->me)
            continue;
        uint64_t cursor = sr__load(&view->subscriptions[r].cursor);
        uint64_t unread = (cursor < end ? end - cursor : 0) + sr__peek(&view->subscriptions[r].pending);
        most = unread > most ? unread : most;
    }
    return most;
}

#define ASK_AGAIN_NS UINT64_C(100000000) /* threads come and go; to count them takes system calls */

/* Is it sure that nobody but the calling thread uses this handle and its readers now? Who called last says nothing: a
 * reader may be handed to another thread at any time. */
static bool is_alone(slotring_t *ring)
{
    if (ring->one_thread)
        return true;
    uint64_t now = ring->os->coarse_clock_ns();
    uint64_t asked = atomic_load_explicit(&ring->many_threads_at, memory_order_relaxed);
    if (asked != 0 && now - asked < ASK_AGAIN_NS)
        return false;
    sr__cancel_forbid();
    uint32_t threads = ring->os->threads();
    sr__cancel_allow();
    if (threads == 1)
        return true;
    atomic_store_explicit(&ring->many_threads_at, now, memory_order_relaxed);
    return false;
}

/* Would this thread wait for itself, whatever others do? What it has still to read and what it is writing takes every
 * slot. Anything less may become free: somebody else frees, releases or aborts. */
static bool waits_for_itself(wanted_t *wanted)
{
    uint64_t unread = own_unread(wanted->ring);
    if (unread == wanted->judged_unread) /* nothing to read, or nothing new */
        return unread > 0 && wanted->itself;
    wanted->judged_unread = unread;
    wanted->itself = unread > 0 &&
                     unread + sr__count_claimed(wanted->ring) >= wanted->ring->view.slot_count &&
                     is_alone(wanted->ring);
    return wanted->itself;
}

static int allocate_attempt(void *context)
{
    wanted_t *wanted = context;
    int failed = allocate_now(wanted->ring, wanted->slot);
    if (failed == SLOTRING_E_FULL && waits_for_itself(wanted))
        return sr__error(
            SLOTRING_E_STATE,
            "no slot can become free while this thread waits: what its handle's own lossless reader has "
            "still to read, and what it writes itself, takes all %" PRIu32 " slots",
            wanted->ring->view.slot_count);
    return failed;
}

int slotring_allocate_wait(slotring_t *ring, uint64_t required_size, int64_t timeout_ns,
                           slotring_slot_t *slot)
{
    if (timeout_ns == 0)
        return slotring_allocate(ring, required_size, slot);
    int failed = enter_producer(ring, required_size, slot);
    if (failed)
        return failed;
    failed = allocate_now(ring, slot);
    if (failed != SLOTRING_E_FULL)
        return failed;
    wanted_t wanted = {.ring = ring, .slot = slot};
    uint64_t start = ring->os->clock_ns();
    sr__count(ring, SR__WAITS, 1);
    failed = sr__wait_for(ring, SR__SPACE_EVENT, SLOTRING_E_FULL, timeout_ns, allocate_attempt, &wanted, NULL,
                          &ring->names_told);
    uint64_t end = ring->os->clock_ns();
    sr__count(ring, SR__WAITED_NS, end > start ? end - start : 0); /* clocks have been seen to step back */
    if (failed == SLOTRING_E_FULL) {
        sr__count(ring, SR__FULL, 1);
        return sr__plain(SLOTRING_E_TIMEOUT);
    }
    return failed;
}

int slotring_allocate_batch(slotring_t *ring, uint64_t required_size, slotring_slot_t *slots, uint32_t wanted,
                            int64_t timeout_ns, uint32_t *count)
{
    if (!count || !slots || wanted == 0)
        return sr__error(SLOTRING_E_INVALID, "slots and count must not be NULL, wanted must be at least 1");
    *count = 0;
    int failed = slotring_allocate_wait(ring, required_size, timeout_ns, &slots[0]);
    if (failed)
        return failed;
    /* never waits while it holds a slot: two producers could block each other */
    uint32_t got = 1;
    while (got < wanted && allocate_now(ring, &slots[got]) == 0)
        got++;
    *count = got;
    return 0;
}

static uint64_t time_now(slotring_t *ring)
{
    switch (ring->view.header.time_stamps) {
    case SLOTRING_TIME_COARSE:
        return ring->os->coarse_clock_ns();
    case SLOTRING_TIME_MONOTONIC:
        return ring->os->clock_ns();
    default:
        return 0;
    }
}

static int publish_one(slotring_t *ring, slotring_slot_t *slot, uint64_t length, uint64_t time)
{
    int failed = sr__slot_check(ring, slot, SR__SLOT_WRITING);
    if (!failed)
        failed = check_size(ring, length);
    if (failed)
        return failed;
    sr__slot_t *s = sr__slot(&ring->view, slot->index);
    if (sr__load(&s->word) != slot->internal[2])
        return sr__error(SLOTRING_E_STATE, "slot %" PRIu32 " is not being written by this handle any more",
                         slot->index);
    /* [publish.fields] Relaxed: the CAS to COMMIT that follows releases them. */
    sr__poke(&s->length, length);
    sr__poke(&s->tag, slot->tag);
    sr__poke(&s->time, time);
    sr__poke(&s->producer, ring->incarnation << 12 | ring->me);
    uint64_t sequence;
    failed = sr__publish(ring, slot->index, slot->internal[2], &sequence);
    if (failed)
        return failed;
    sr__count(ring, SR__BYTES_WRITTEN, length);
    sr__ticket_make(&ring->view, sequence, slot->index, &slot->ticket);
    slot->sequence = sequence;
    slot->length = length;
    slot->time_ns = time;
    sr__slot_give_back(slot);
    return 0;
}

/* A publication is news for readers, and may itself be reclaimed by a blocked producer. */
static void announce(slotring_t *ring)
{
    sr__wake(ring, SR__PUBLISHED_EVENT);
    sr__wake(ring, SR__SPACE_EVENT);
}

int slotring_mark_ready(slotring_t *ring, slotring_slot_t *slot, uint64_t bytes_written)
{
    int failed = sr__enter(ring);
    if (failed)
        return failed;
    failed = publish_one(ring, slot, bytes_written, time_now(ring));
    if (!failed)
        announce(ring);
    return failed;
}

int slotring_mark_ready_batch(slotring_t *ring, slotring_slot_t *slots, uint32_t count, uint32_t *published)
{
    uint32_t done = 0;
    int failed = sr__enter(ring);
    if (!failed && !slots && count > 0)
        failed = sr__error(SLOTRING_E_INVALID, "slots is NULL");
    if (!failed) {
        uint64_t time = time_now(ring);
        while (done < count && !(failed = publish_one(ring, &slots[done], slots[done].length, time)))
            done++;
        if (done > 0)
            announce(ring);
    }
    if (published)
        *published = done;
    return failed;
}

int slotring_abort(slotring_t *ring, slotring_slot_t *slot)
{
    int failed = sr__enter(ring);
    if (!failed)
        failed = sr__slot_check(ring, slot, SR__SLOT_WRITING);
    if (failed)
        return failed;
    sr__view_t *view = &ring->view;
    uint64_t word = slot->internal[2]; /* [abort.free] */
    if (!sr__cas(&sr__slot(view, slot->index)->word, word, sr__to_free(word)))
        return sr__error(SLOTRING_E_STATE, "slot %" PRIu32 " is not being written by this handle any more",
                         slot->index);
    sr__free_map_set(view, slot->index);
    sr__count(ring, SR__ABORTS, 1);
    sr__wake(ring, SR__SPACE_EVENT);
    sr__slot_give_back(slot);
    return 0;
}

int slotring_end_stream(slotring_t *ring)
{
    int failed = sr__enter(ring);
    if (failed)
        return failed;
    if (sr__stream_phase(sr__load(&ring->self->stream)) == SR__STREAMING)
        sr__stream_close(ring, ring->me, SR__ENDED);
    return 0;
}

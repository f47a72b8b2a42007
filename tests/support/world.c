/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <stdio.h>
#include <string.h>

#include "step.h"
#include "support/internals.h"

world_t world;

/* ---- What the survivor does ------------------------------------------------------------------------- */

void victim_message(slotring_slot_t *slot, uint32_t writer, uint64_t number, uint64_t *length)
{
    slot->tag = pattern_tag(writer, number);
    *length = slot->length = pattern_length(slot->tag, slot->capacity);
    pattern_fill(slot->data, *length, slot->tag);
}

static bool publish_if_possible(world_t *w, slotring_ticket_t *ticket)
{
    slotring_slot_t slot;
    uint64_t length;
    int code = slotring_allocate(w->ring, 1, &slot);
    if (code == SLOTRING_E_FULL)
        return false;
    CHECK_OK(code);
    victim_message(&slot, SURVIVOR, w->number++, &length);
    CHECK_OK(slotring_mark_ready(w->ring, &slot, length));
    *ticket = slot.ticket;
    return true;
}

slotring_ticket_t world_publish_only(world_t *w)
{
    slotring_ticket_t ticket;
    if (!publish_if_possible(w, &ticket))
        FAIL("no slot for the survivor's message %llu", (unsigned long long)w->number);
    return ticket;
}

/* One message that the reader got: the next of whoever wrote it. */
static void account(world_t *w, const slotring_slot_t *slot)
{
    uint32_t writer = pattern_producer(slot->tag);
    uint64_t number = pattern_number(slot->tag);
    pattern_check(slot);
    CHECK_EQUAL(slot->sequence, w->expected);
    w->expected++;
    w->bytes += slot->length;
    if (writer == SURVIVOR) {
        CHECK_EQUAL(number, w->read_next);
        w->read_next++;
        return;
    }
    CHECK(writer == VICTIM || writer == OTHER_VICTIM);
    CHECK_EQUAL(number, w->victims[writer]);
    w->victims[writer]++;
    w->last_length[writer] = slot->length;
}

void world_read(world_t *w)
{
    for (;;) {
        slotring_slot_t slot;
        int code = slotring_next(w->reader, 0, &slot);
        if (code == SLOTRING_E_EMPTY || code == SLOTRING_E_END)
            return;
        if (code == SLOTRING_E_PRODUCER_DIED) {
            w->deaths++;
            continue;
        }
        CHECK_OK(code);
        account(w, &slot);
        CHECK_OK(slotring_reader_release(w->reader));
    }
}

slotring_ticket_t world_publish(world_t *w)
{
    slotring_ticket_t ticket = world_publish_only(w);
    world_read(w);
    return ticket;
}

bool world_try_publish(world_t *w)
{
    slotring_ticket_t ticket;
    bool done = publish_if_possible(w, &ticket);
    if (!w->quiet)
        world_read(w);
    return done;
}

void world_hold(world_t *w, const slotring_ticket_t *ticket)
{
    slotring_slot_t *slot = &w->held[w->held_count];
    CHECK_OK(slotring_acquire_for_read(w->ring, ticket, slot));
    pattern_check(slot);
    CHECK_EQUAL(slot->sequence, ticket->sequence);
    w->held_tags[w->held_count++] = slot->tag;
}

/* What the survivor holds is still what it acquired. */
static void release_all(world_t *w)
{
    while (w->held_count > 0) {
        slotring_slot_t *slot = &w->held[--w->held_count];
        CHECK_EQUAL(slot->tag, w->held_tags[w->held_count]);
        pattern_check(slot);
        CHECK_OK(slotring_release(w->ring, slot));
    }
}

static void free_all(world_t *w)
{
    slotring_ticket_t ticket;
    for (uint32_t i = 0; i < w->slots; i++)
        if (slotring_ticket_at(w->ring, i, &ticket) == 0)
            CHECK_OK(slotring_free(w->ring, &ticket));
}

void world_empty(world_t *w)
{
    slotring_slot_t slots[WORLD_SLOTS_MAX];
    if (w->keep)
        free_all(w);
    for (uint32_t i = 0; i < w->slots; i++) {
        check_context("slot %u of %u in hand after the last kill", i, w->slots);
        CHECK_OK(slotring_allocate(w->ring, 1, &slots[i]));
    }
    check_context("%s", "");
    for (uint32_t i = 0; i < w->slots; i++)
        CHECK_OK(slotring_abort(w->ring, &slots[i]));
}

void world_fill(world_t *w)
{
    world_empty(w);
    for (uint32_t i = 0; i < w->slots; i++)
        world_publish(w);
}

slotring_ticket_t world_oldest(world_t *w)
{
    slotring_ticket_t oldest = {.sequence = UINT64_MAX}, ticket;
    for (uint32_t i = 0; i < w->slots; i++)
        if (slotring_ticket_at(w->ring, i, &ticket) == 0 && ticket.sequence < oldest.sequence)
            oldest = ticket;
    CHECK(oldest.sequence != UINT64_MAX);
    return oldest;
}

uint32_t world_slot_in(world_t *w, uint32_t state)
{
    uint32_t i = 0;
    for (; i < w->slots; i++) {
        sr__slot_t *slot = sr__slot(&w->ring->member.view, i);
        uint64_t word = sr__load(&slot->word), sequence = sr__load(&slot->sequence);
        if (sr__slot_state(word) == state && sr__owner(word) != w->ring->member.me &&
            (state != SR__COMMIT || sequence == SR__NO_SEQUENCE ||
             !sr__is_listed(&w->ring->member.view, sequence, i)))
            break;
    }
    return i;
}

/* ---- What must hold --------------------------------------------------------------------------------- */

/* Publications that are gone from their slots, without those that the counters know of. */
static uint64_t uncounted(world_t *w, const slotring_stats_t *stats)
{
    uint64_t freed_but_there = 0;
    for (uint32_t i = 0; i < w->slots; i++) {
        uint64_t word = sr__load(&sr__slot(&w->ring->member.view, i)->word);
        freed_but_there += sr__slot_state(word) == SR__PUBLISHED && sr__is_withdrawn(word);
    }
    uint64_t counted = stats->overwritten + stats->recycled + stats->freed - freed_but_there;
    uint64_t gone = stats->published - stats->slots_ready;
    if (counted > gone)
        FAIL("%llu publications are counted as gone, and only %llu are", (unsigned long long)counted,
             (unsigned long long)gone);
    return gone - counted;
}

static void check_statistics(world_t *w)
{
    slotring_stats_t now = ring_stats(w->ring), *before = &w->before;
    CHECK_EQUAL(now.published, w->expected);
    CHECK_EQUAL(now.participants, 1);
    CHECK_EQUAL(now.readers, 1);
    CHECK_EQUAL(now.repaired, before->repaired + w->killed);
    CHECK_EQUAL(now.producers_started, now.producers_ended + now.producers_died + now.producers);
    CHECK_EQUAL(w->deaths, now.producers_died);
    uint64_t missing = uncounted(w, &now) - w->uncounted_before;
    CHECK_AT_LEAST(w->killed, missing); /* each may lack the one that it was at */
    uint64_t unwritten = w->bytes - (now.bytes_written - before->bytes_written);
    CHECK(unwritten == 0 || unwritten == w->last_length[VICTIM] ||
          unwritten == w->last_length[OTHER_VICTIM] ||
          unwritten == w->last_length[VICTIM] + w->last_length[OTHER_VICTIM]);
    w->uncounted_before += missing;
}

void world_begin(world_t *w)
{
    if (!w->quiet)
        world_read(w);
    w->killed = 0;
}

/* Remembers what the ring says now; what comes after it belongs to the next round. */
static void close_books(world_t *w)
{
    w->before = ring_stats(w->ring);
    w->bytes = 0;
    memset(w->victims, 0, sizeof w->victims);
    memset(w->last_length, 0, sizeof w->last_length);
    w->quiet = false;
}

void world_check(world_t *w, uint64_t least, uint64_t most)
{
    if (w->stopped != 0) {
        step_kill(w->stopped);
        w->stopped = 0;
        w->killed++;
    }
    slotring_recovery_t recovery = {.struct_size = sizeof recovery};
    CHECK_OK(slotring_recover(w->ring, &recovery));
    CHECK_EQUAL(recovery.participants, w->killed);
    world_read(w);
    release_all(w);
    check_ring_at_rest(w->ring);
    check_statistics(w);
    CHECK_AT_LEAST(w->victims[VICTIM], least);
    CHECK_AT_LEAST(most, w->victims[VICTIM]);
    close_books(w);
    world_empty(w); /* each slot once through the survivor's hands */
    for (int i = 0; i < 2; i++) {
        slotring_ticket_t ticket = world_publish_only(w);
        read_once(w->ring, &ticket); /* in a ring with hot slots it goes when it is read in order */
        world_read(w);
    }
}

void world_open(world_t *w, uint32_t slots, bool keep, uint32_t flags)
{
    memset(w, 0, sizeof *w);
    step_share(w, sizeof *w);
    w->slots = slots;
    w->keep = keep;
    slotring_options_t options = ring_options(SLOTRING_CREATE, slots, 64);
    options.when_full = keep ? SLOTRING_KEEP : SLOTRING_OVERWRITE;
    options.flags |= flags;
    w->ring = ring_open_with(ring_name(), &options);
    w->reader = subscribe(w->ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    world_publish(w);
    close_books(w);
}

void world_close(world_t *w)
{
    CHECK_OK(slotring_unsubscribe(w->reader));
    w->reader = NULL;
    if (w->keep)
        free_all(w);
    check_ring_at_rest(w->ring);
    ring_remove(w->ring, ring_name());
}

void victim_publishes(slotring_t *ring, uint64_t from, uint64_t to)
{
    for (uint64_t n = from; n < to; n++) {
        slotring_slot_t slot;
        uint64_t length;
        CHECK_OK(slotring_allocate(ring, 1, &slot));
        victim_message(&slot, VICTIM, n, &length);
        CHECK_OK(slotring_mark_ready(ring, &slot, length));
    }
}

void victim_takes(slotring_reader_t *reader)
{
    slotring_slot_t slot;
    int code;
    while ((code = slotring_next(reader, 0, &slot)) == SLOTRING_E_PRODUCER_DIED) {
    }
    if (code == SLOTRING_E_EMPTY || code == SLOTRING_E_END)
        return;
    CHECK_OK(code);
    pattern_check(&slot);
    CHECK_OK(slotring_reader_release(reader));
}

void victim_frees(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    step_begin();
    int code = slotring_free(ring, &world.target);
    CHECK(code == 0 || code == SLOTRING_E_STALE);
    step_end();
}

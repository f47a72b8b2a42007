/* SPDX-License-Identifier: Apache-2.0 */
/* The mortal ones: each checks what it gets while it lives, and writes into the journal what it did. */
#include "prove.h"

#include <string.h>

#define A_MOMENT (20 * MILLISECOND)

bool storm_ending(void)
{
    return atomic_load(&journal->ending) != 0;
}

static void fill(slotring_slot_t *slot, entry_t *entry, uint64_t number)
{
    slot->tag = pattern_tag(journal_number(entry), number);
    slot->length = pattern_length(slot->tag, slot->capacity);
    pattern_fill(slot->data, slot->length, slot->tag);
}

bool publish_next(slotring_t *ring, entry_t *entry, int64_t timeout_ns)
{
    slotring_slot_t slot;
    int code = slotring_allocate_wait(ring, 1, timeout_ns, &slot);
    if (code == SLOTRING_E_TIMEOUT || code == SLOTRING_E_FULL)
        return false;
    CHECK_OK(code);
    uint64_t number = atomic_load(&entry->done);
    fill(&slot, entry, number);
    atomic_store(&entry->tried, number + 1);
    CHECK_OK(slotring_mark_ready(ring, &slot, slot.length));
    atomic_store(&entry->done, number + 1);
    return true;
}

static void publish_batch(slotring_t *ring, entry_t *entry)
{
    slotring_slot_t slots[4];
    uint32_t count, published;
    int code = slotring_allocate_batch(ring, 1, slots, 4, A_MOMENT, &count);
    if (code == SLOTRING_E_TIMEOUT)
        return;
    CHECK_OK(code);
    uint64_t number = atomic_load(&entry->done);
    for (uint32_t i = 0; i < count; i++)
        fill(&slots[i], entry, number + i);
    atomic_store(&entry->tried, number + count);
    CHECK_OK(slotring_mark_ready_batch(ring, slots, count, &published));
    CHECK_EQUAL(published, count);
    atomic_store(&entry->done, number + count);
}

static void give_back(slotring_t *ring)
{
    slotring_slot_t slot;
    if (slotring_allocate(ring, 1, &slot) != 0)
        return;
    memset(slot.data, 0xbb, (size_t)slot.capacity);
    CHECK_OK(slotring_abort(ring, &slot));
}

void acts_producer(const char *name, uint32_t seed)
{
    slotring_t *ring = ring_attach(name);
    entry_t *entry = journal_entry();
    while (!storm_ending()) {
        uint32_t what = prove_random(&seed) % 64;
        if (what == 0)
            CHECK_OK(slotring_end_stream(ring));
        else if (what == 1)
            give_back(ring);
        else if (what < 16)
            publish_batch(ring, entry);
        else
            (void)publish_next(ring, entry, A_MOMENT);
    }
    CHECK_OK(slotring_close(ring));
}

void note_read(entry_t *entry, const slotring_slot_t *slot)
{
    pattern_check(slot);
    uint32_t writer = pattern_producer(slot->tag);
    CHECK_AT_LEAST(atomic_load(&journal->entries), writer + 1);
    /* nothing is there that its writer did not mean to publish */
    CHECK_AT_LEAST(atomic_load(&journal->entry[writer].tried), pattern_number(slot->tag) + 1);
    atomic_fetch_add(&entry->bytes_read, slot->length);
}

void read_any(slotring_t *ring, entry_t *entry, uint32_t *seed)
{
    slotring_ticket_t ticket;
    slotring_slot_t slot;
    uint32_t index = prove_random(seed) % (uint32_t)ring_info(ring).slot_count;
    if (slotring_ticket_at(ring, index, &ticket) != 0)
        return;
    int code = slotring_acquire_for_read(ring, &ticket, &slot);
    if (code == SLOTRING_E_STALE)
        return;
    CHECK_OK(code);
    CHECK_EQUAL(slot.sequence, ticket.sequence);
    note_read(entry, &slot);
    if (prove_random(seed) % 16 == 0) {
        code = slotring_free(ring, &ticket);
        CHECK(code == 0 || code == SLOTRING_E_STALE);
        if (code == 0)
            atomic_fetch_add(&entry->freed, 1);
    }
    pattern_check(&slot); /* still the same, freed or not */
    CHECK_OK(slotring_release(ring, &slot));
}

void acts_by_ticket(const char *name, uint32_t seed)
{
    slotring_t *ring = ring_attach(name);
    entry_t *entry = journal_entry();
    while (!storm_ending())
        read_any(ring, entry, &seed);
    CHECK_OK(slotring_close(ring));
}

/* The next message; false when there was none, or a death was told instead. */
static bool next(slotring_reader_t *reader, slotring_slot_t *slot)
{
    int code = slotring_next(reader, A_MOMENT, slot);
    if (code == SLOTRING_E_TIMEOUT || code == SLOTRING_E_END || code == SLOTRING_E_PRODUCER_DIED)
        return false;
    CHECK_OK(code);
    return true;
}

uint32_t any_start(slotring_t *ring, uint32_t *seed)
{
    uint32_t chosen = prove_random(seed) % 2 ? SLOTRING_FROM_OLDEST : SLOTRING_FROM_NOW;
    return ring_info(ring).hot_slots ? SLOTRING_FROM_NOW : chosen;
}

static void read_for_a_while(slotring_t *ring, entry_t *entry, uint32_t mode, uint32_t *seed)
{
    slotring_reader_t *reader = subscribe(ring, mode, any_start(ring, seed));
    slotring_reader_info_t info;
    CHECK_OK(slotring_reader_info(reader, &info));
    uint64_t had = 0, wanted = prove_random(seed) % 4096, expected = info.start, start = info.start;
    while (had < wanted && !storm_ending()) {
        slotring_slot_t slot;
        if (!next(reader, &slot))
            continue;
        if (mode == SLOTRING_LOSSLESS)
            CHECK_EQUAL(slot.sequence, expected);
        CHECK_AT_LEAST(slot.sequence, expected);
        note_read(entry, &slot);
        expected = slot.sequence + 1;
        had++;
        CHECK_OK(slotring_reader_release(reader));
        if (had % 64 != 0)
            continue;
        CHECK_OK(slotring_reader_info(reader, &info)); /* delivered and missed are exact, always */
        CHECK_EQUAL(info.delivered, had);
        CHECK_EQUAL(info.missed, expected - start - had);
    }
    /* the ring counts a jump after it was made, so what the reader saw is a lower limit */
    atomic_fetch_add(&entry->missed, expected - start - had);
    CHECK_OK(slotring_unsubscribe(reader));
}

static void reads(const char *name, uint32_t mode, uint32_t seed)
{
    slotring_t *ring = ring_attach(name);
    entry_t *entry = journal_entry();
    while (!storm_ending())
        read_for_a_while(ring, entry, mode, &seed);
    CHECK_OK(slotring_close(ring));
}

void acts_lossless(const char *name, uint32_t seed)
{
    reads(name, SLOTRING_LOSSLESS, seed);
}

void acts_lossy(const char *name, uint32_t seed)
{
    reads(name, SLOTRING_LOSSY, seed);
}

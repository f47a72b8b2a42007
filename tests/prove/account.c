/* SPDX-License-Identifier: Apache-2.0 */
/* After the storm: what the ring says, what the witnesses had and what each process wrote into the journal must be the
 * same, but for the one operation that each killed process was in. */
#include <stdio.h>

#include "prove.h"
#include "support/internals.h"

static void messages(uint64_t published)
{
    uint64_t sum = 0;
    uint32_t entries = atomic_load(&journal->entries);
    for (uint32_t i = 0; i < entries; i++) {
        entry_t *entry = &journal->entry[i];
        uint64_t received = atomic_load(&entry->received[0]);
        check_context("writer %u", i);
        CHECK_AT_LEAST(received, atomic_load(&entry->done));
        CHECK_AT_LEAST(atomic_load(&entry->tried), received);
        CHECK_EQUAL(atomic_load(&entry->received[1]), received);
        sum += received;
    }
    check_context("%s", "");
    CHECK_EQUAL(sum, published);
}

typedef struct sums {
    uint64_t bytes_read, missed, freed;
} sums_t;

static sums_t add_up(void)
{
    sums_t sums = {0};
    uint32_t entries = atomic_load(&journal->entries);
    for (uint32_t i = 0; i < entries; i++) {
        sums.bytes_read += atomic_load(&journal->entry[i].bytes_read);
        sums.missed += atomic_load(&journal->entry[i].missed);
        sums.freed += atomic_load(&journal->entry[i].freed);
    }
    for (int w = 0; w < WITNESSES; w++)
        sums.bytes_read += atomic_load(&journal->bytes[w]);
    return sums;
}

static void between(uint64_t value, uint64_t least, uint64_t most, const char *what)
{
    if (value < least || value > most)
        FAIL("%s: %llu, and must be from %llu to %llu", what, (unsigned long long)value,
             (unsigned long long)least, (unsigned long long)most);
}

/* Each publication is in its slot or was counted when it went; a killed process may have counted one less. */
static void slots_and_counters(slotring_t *ring, const slotring_stats_t *stats)
{
    uint64_t freed_but_there = 0;
    for (uint32_t i = 0; i < ring->member.view.slot_count; i++) {
        uint64_t word = sr__load(&sr__slot(&ring->member.view, i)->word);
        freed_but_there += sr__slot_state(word) == SR__PUBLISHED && sr__is_withdrawn(word);
    }
    uint64_t gone = stats->published - stats->slots_ready;
    uint64_t counted = stats->overwritten + stats->recycled + stats->freed - freed_but_there;
    between(gone - counted, 0, stats->repaired, "publications gone and not counted");
}

void account_for_all(slotring_t *ring, uint64_t kills, bool keep)
{
    CHECK_OK(slotring_recover(ring, NULL));
    check_ring_at_rest(ring);
    slotring_stats_t stats = ring_stats(ring);
    sums_t sums = add_up();
    uint64_t slot_size = ring_info(ring).slot_size;
    CHECK_EQUAL(stats.participants, 1);
    CHECK_EQUAL(stats.readers, 0);
    CHECK_EQUAL(stats.producers, 0);
    CHECK_EQUAL(stats.published, atomic_load(&journal->last));
    messages(stats.published);
    slots_and_counters(ring, &stats);
    /* a killed parent's child dies with it, and all handles of a member of the crowd do */
    between(stats.repaired, 0, 2 * kills + atomic_load(&journal->crowd), "participants repaired");
    CHECK_EQUAL(stats.producers_started, stats.producers_ended + stats.producers_died);
    between(stats.producers_died, 0, stats.repaired, "producers that died");
    for (int w = 0; w < WITNESSES; w++)
        CHECK_EQUAL(atomic_load(&journal->deaths[w]), stats.producers_died);
    CHECK_EQUAL(atomic_load(&journal->bytes[0]), atomic_load(&journal->bytes[1]));
    /* a killed process with threads was in several operations at once */
    uint64_t most = stats.repaired * 6;
    between(atomic_load(&journal->bytes[0]) - stats.bytes_written, 0, most * slot_size,
            "bytes written, not counted");
    between(stats.freed, sums.freed, sums.freed + most, "publications freed");
    CHECK_AT_LEAST(stats.bytes_read, sums.bytes_read);
    between(stats.bytes_read - sums.bytes_read, 0, (most + WITNESSES) * slot_size,
            "bytes read beyond the journal's");
    CHECK_AT_LEAST(stats.missed, sums.missed);
    if (keep) { /* what nobody freed would stand in the way of every new message */
        slotring_ticket_t ticket;
        for (uint32_t i = 0; i < ring->member.view.slot_count; i++)
            if (slotring_ticket_at(ring, i, &ticket) == 0)
                CHECK_OK(slotring_free(ring, &ticket));
    } else {
        check_recovered(ring, 1);
    }
    check_ring_at_rest(ring);
}

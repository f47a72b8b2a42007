/* SPDX-License-Identifier: Apache-2.0 */
/* Readers of a storm of messages of any size, which writers (writers.c) and a producer of whole slots publish. Lossless witnesses live through everything and must get each message of each writer once and in
 * its order; a lossy one must know exactly how many of which writer it missed. */
#include <string.h>
#include <unistd.h>

#include "prove.h"
#include "support/internals.h"
#include "support/records.h"

#define A_MOMENT (20 * MILLISECOND)
#define BATCH 6u
#define SLOTS_MOST 1024u /* that are tried at the end */

/* What one reader had, by the row of the writer. */
typedef struct had {
    uint64_t next[ROWS_MOST];
    bool known[ROWS_MOST];
    uint64_t missed, delivered;
} had_t;

/* ---- Readers --------------------------------------------------------------------------------------------- */

/* Whole, meant to be written, and in the order of its writer. */
static void check_message(slotring_t *ring, had_t *had, const slotring_slot_t *slot, uint64_t most,
                          bool may_miss)
{
    uint32_t writer = pattern_producer(slot->tag), row = slot->writer;
    CHECK_AT_LEAST(atomic_load(&journal->entries), writer + 1);
    CHECK_AT_LEAST(atomic_load(&journal->entry[writer].tried), pattern_number(slot->tag) + 1);
    had->delivered++;
    if (row == SLOTRING_NO_WRITER) {
        pattern_check(slot);
        CHECK_EQUAL(slot->number, SLOTRING_NO_NUMBER);
        return;
    }
    CHECK(row < ROWS_MOST);
    record_check_pieces(ring, slot, most);
    if (had->known[row]) {
        CHECK_AT_LEAST(slot->number, had->next[row]);
        CHECK(may_miss || slot->number == had->next[row]);
        had->missed += slot->number - had->next[row];
    }
    had->known[row] = true;
    had->next[row] = slot->number + 1;
}

/* The messages that are there within a moment; 0: none, or a death was told. */
static uint32_t next_batch(slotring_reader_t *reader, slotring_slot_t *slots, uint32_t most, int *code)
{
    uint32_t count = 0;
    *code = slotring_next_batch(reader, A_MOMENT, slots, most, &count);
    if (*code != SLOTRING_E_TIMEOUT && *code != SLOTRING_E_END && *code != SLOTRING_E_PRODUCER_DIED)
        CHECK_OK(*code);
    return *code == 0 ? count : 0;
}

static void free_it(slotring_t *ring, const slotring_ticket_t *ticket)
{
    int code = slotring_free(ring, ticket);
    CHECK(code == 0 || code == SLOTRING_E_STALE); /* somebody was first */
}

/* The same message once more, by its ticket, and after the reader has let it go; then it may be freed. */
static void keep_by_ticket(slotring_t *ring, const slotring_slot_t *slot, slotring_slot_t *kept)
{
    kept->pieces = 0;
    int code = slotring_acquire_for_read(ring, &slot->ticket, kept);
    if (code == SLOTRING_E_STALE)
        return; /* freed by somebody else */
    CHECK_OK(code);
    CHECK_EQUAL(kept->tag, slot->tag);
    CHECK_EQUAL(kept->number, slot->number);
    CHECK_EQUAL(kept->writer, slot->writer);
    CHECK_EQUAL(kept->length, slot->length);
}

static void let_go_of(slotring_t *ring, slotring_slot_t *kept, uint64_t most, bool frees)
{
    if (kept->pieces == 0)
        return;
    if (frees)
        free_it(ring, &kept->ticket);
    if (kept->writer == SLOTRING_NO_WRITER)
        pattern_check(kept);
    else
        record_check_pieces(ring, kept, most);
    CHECK_OK(slotring_release(ring, kept));
}

static void read_for_a_while(slotring_t *ring, uint32_t mode, uint32_t *seed)
{
    slotring_reader_t *reader = subscribe(ring, mode, any_start(ring, seed));
    uint64_t most = largest_message(ring), wanted = prove_random(seed) % 4096;
    had_t had = {.missed = 0};
    while (had.delivered < wanted && !storm_ending()) {
        slotring_slot_t slots[BATCH];
        int code;
        uint32_t count = next_batch(reader, slots, 1 + prove_random(seed) % BATCH, &code);
        for (uint32_t i = 0; i < count; i++)
            check_message(ring, &had, &slots[i], most, mode == SLOTRING_LOSSY);
        for (uint32_t i = 0; i < count; i++)
            if (slots[i].writer != SLOTRING_NO_WRITER)
                record_check_pieces(ring, &slots[i], most); /* still the same */
        slotring_slot_t kept = {.pieces = 0};
        if (count > 0 && prove_random(seed) % 8 == 0)
            keep_by_ticket(ring, &slots[count - 1], &kept);
        if (count > 0)
            CHECK_OK(slotring_reader_release(reader));
        let_go_of(ring, &kept, most, prove_random(seed) % 4 == 0);
        CHECK_AT_LEAST(records_missed(reader), had.missed);
    }
    CHECK_OK(slotring_unsubscribe(reader));
}

static void reads(const char *name, uint32_t mode, uint32_t seed)
{
    slotring_t *ring = ring_attach(name);
    while (!storm_ending())
        read_for_a_while(ring, mode, &seed);
    CHECK_OK(slotring_close(ring));
}

void acts_records_lossless(const char *name, uint32_t seed)
{
    reads(name, SLOTRING_LOSSLESS, seed);
}

void acts_records_lossy(const char *name, uint32_t seed)
{
    reads(name, SLOTRING_LOSSY, seed);
}

/* ---- Witnesses ------------------------------------------------------------------------------------------- */

static void testify(slotring_t *ring, had_t *had, const slotring_slot_t *slot, uint64_t most, uint32_t number)
{
    check_message(ring, had, slot, most, false);
    entry_t *entry = &journal->entry[pattern_producer(slot->tag)];
    CHECK_EQUAL(pattern_number(slot->tag), atomic_load(&entry->received[number]));
    atomic_fetch_add(&entry->received[number], 1);
}

static void begin_known(had_t *had)
{
    memset(had, 0, sizeof *had);
    for (uint32_t row = 0; row < ROWS_MOST; row++)
        had->known[row] = true; /* there before the first writer: all numbers begin at 0 */
}

void acts_records_witness(const char *name, uint32_t number)
{
    slotring_t *ring = ring_attach(name);
    slotring_info_t info = ring_info(ring);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    had_t had;
    begin_known(&had);
    atomic_fetch_add(&journal->seated, 1);
    for (;;) {
        bool last = atomic_load(&journal->last) != UINT64_MAX;
        slotring_slot_t slots[BATCH];
        int code;
        uint32_t count = next_batch(reader, slots, number == 0 ? 1 : BATCH, &code);
        for (uint32_t i = 0; i < count; i++)
            testify(ring, &had, &slots[i], largest_message(ring), number);
        for (uint32_t i = 0; info.when_full == SLOTRING_KEEP && number == 0 && i < count; i++)
            free_it(ring, &slots[i].ticket);
        if (count > 0)
            CHECK_OK(slotring_reader_release(reader));
        if (code == SLOTRING_E_PRODUCER_DIED)
            atomic_fetch_add(&journal->deaths[number], 1);
        if (last && (code == SLOTRING_E_END || code == SLOTRING_E_TIMEOUT))
            break;
    }
    for (uint32_t row = 0; row < ring->member.view.writer_count; row++)
        CHECK_EQUAL(records_total(ring, row), had.next[row]);
    CHECK_OK(slotring_close(ring));
}

/* It is away often enough to miss much. */
void acts_records_lossy_witness(const char *name, uint32_t seed)
{
    slotring_t *ring = ring_attach(name);
    uint64_t most = largest_message(ring), total = 0, of_writers = 0;
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    had_t had;
    begin_known(&had);
    atomic_fetch_add(&journal->seated, 1);
    for (;;) {
        bool last = atomic_load(&journal->last) != UINT64_MAX;
        slotring_slot_t slots[BATCH];
        int code;
        uint32_t count = next_batch(reader, slots, 1 + prove_random(&seed) % BATCH, &code);
        for (uint32_t i = 0; i < count; i++) {
            check_message(ring, &had, &slots[i], most, true);
            of_writers += slots[i].writer != SLOTRING_NO_WRITER;
        }
        if (count > 0)
            CHECK_OK(slotring_reader_release(reader));
        CHECK_AT_LEAST(records_missed(reader), had.missed);
        if (last && code == SLOTRING_E_END)
            break;
        if (!last && prove_random(&seed) % 256 == 0)
            (void)usleep(prove_random(&seed) % 20000); /* falls behind: for how long is left to chance */
    }
    for (uint32_t row = 0; row < ring->member.view.writer_count; row++) {
        had.missed += records_total(ring, row) - had.next[row]; /* the last ones */
        total += records_total(ring, row);
    }
    CHECK_EQUAL(records_missed(reader), had.missed);
    CHECK_EQUAL(of_writers + had.missed, total);
    atomic_store(&journal->records_missed, had.missed);
    CHECK_OK(slotring_close(ring));
}

/* ---- The account ----------------------------------------------------------------------------------------- */

/* A witness has freed each message, so all slots can be had. */
static void take_every_slot(slotring_t *ring)
{
    slotring_slot_t slots[SLOTS_MOST];
    uint32_t count = ring->member.view.slot_count;
    for (uint32_t i = 0; i < count && i < SLOTS_MOST; i++)
        CHECK_OK(slotring_allocate(ring, 1, &slots[i]));
    for (uint32_t i = 0; i < count && i < SLOTS_MOST; i++)
        CHECK_OK(slotring_abort(ring, &slots[i]));
    CHECK_OK(slotring_end_stream(ring));
}

void account_for_records(slotring_t *ring, bool keep)
{
    CHECK_OK(slotring_recover(ring, NULL));
    check_ring_at_rest(ring);
    slotring_stats_t stats = ring_stats(ring);
    uint64_t received = 0;
    CHECK_EQUAL(stats.participants, 1);
    CHECK_EQUAL(stats.readers, 0);
    CHECK_EQUAL(stats.producers, 0);
    CHECK_EQUAL(stats.producers_started, stats.producers_ended + stats.producers_died);
    for (uint32_t i = 0; i < atomic_load(&journal->entries); i++) {
        entry_t *entry = &journal->entry[i];
        check_context("writer %u", i);
        CHECK_AT_LEAST(atomic_load(&entry->received[0]), atomic_load(&entry->done));
        CHECK_AT_LEAST(atomic_load(&entry->tried), atomic_load(&entry->received[0]));
        CHECK_EQUAL(atomic_load(&entry->received[1]), atomic_load(&entry->received[0]));
        received += atomic_load(&entry->received[0]);
    }
    check_context("%s", "");
    atomic_store(&journal->records, received);
    for (int w = 0; w < WITNESSES; w++)
        CHECK_EQUAL(atomic_load(&journal->deaths[w]), stats.producers_died);
    if (keep)
        take_every_slot(ring);
    else
        check_recovered(ring, 1);
    check_ring_at_rest(ring);
}

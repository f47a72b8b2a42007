/* SPDX-License-Identifier: Apache-2.0 */
/* A storm of deliveries: readers with a budget, durable readers, marks and drains, beside producers and lossless witnesses, with
 * the account of each. A budgeted reader knows what it missed. Each mark has one place, which all witnesses are told in the same
 * order, and some marks are gaps in the numbers. When a drain ends, each witness has had all that lies below its place. */
#include <stdio.h>
#include <string.h>

#include "prove.h"

#define A_MOMENT (20 * MILLISECOND)
#define A_BUDGET (2 * MILLISECOND)
#define LARGEST_GAP 1000u

/* ---- Readers with a budget ---------------------------------------------------------------------------- */

typedef struct budgeted {
    slotring_reader_t *reader;
    entry_t *entry;
    uint64_t start, expected, had, revoked;
} budgeted_t;

/* What is not delivered is missed, to the message: by what the reader saw, and by what the ring says. */
static void check_budgeted(budgeted_t *b)
{
    slotring_reader_info_t info;
    CHECK_OK(slotring_reader_info(b->reader, &info));
    CHECK_EQUAL(info.delivered, b->had);
    CHECK_EQUAL(info.delivered + info.missed + info.pending, info.cursor - info.start);
    CHECK_AT_LEAST(info.cursor, b->expected);
    CHECK_AT_LEAST(info.missed, b->expected - b->start - b->had);
    CHECK_AT_LEAST(info.missed, info.lost);
}

/* One call. It is slow now and then, so that it is revoked. */
static void read_within_budget(budgeted_t *b, uint32_t *seed)
{
    slotring_slot_t slot;
    int code = slotring_next(b->reader, A_MOMENT, &slot);
    if (code == SLOTRING_E_TIMEOUT || code == SLOTRING_E_END || code == SLOTRING_E_PRODUCER_DIED)
        return;
    if (code == SLOTRING_E_REVOKED) {
        b->revoked++;
        atomic_fetch_add(&journal->revoked, 1);
        code = slotring_reader_rearm(b->reader);
        CHECK(code == 0 || code == SLOTRING_E_STATE); /* it is too far behind */
        return;
    }
    CHECK_OK(code);
    CHECK_AT_LEAST(slot.sequence, b->expected);
    if (b->revoked == 0) /* until then it misses nothing */
        CHECK_EQUAL(slot.sequence, b->expected);
    note_read(b->entry, &slot);
    if (prove_random(seed) % 256 == 0)
        for (int64_t until = now_ns() + 2 * A_BUDGET; now_ns() < until;) {
        }
    pattern_check(&slot); /* revoked or not, what is in its hands stays */
    b->expected = slot.sequence + 1;
    b->had++;
    CHECK_OK(slotring_reader_release(b->reader));
    if (b->had % 64 == 0) {
        check_budgeted(b);
        (void)slotring_reader_rearm(b->reader);
    }
}

void acts_budgeted(const char *name, uint32_t seed)
{
    slotring_t *ring = ring_attach(name);
    budgeted_t b = {.entry = journal_entry()};
    slotring_reader_options_t options = reader_options(SLOTRING_BUDGETED, SLOTRING_FROM_NOW);
    options.budget_messages = 1 + prove_random(&seed) % 4;
    options.budget_ns = A_BUDGET;
    while (!storm_ending()) {
        slotring_reader_info_t info;
        b.reader = subscribe_with(ring, &options);
        CHECK_OK(slotring_reader_info(b.reader, &info));
        b.start = b.expected = info.start;
        b.had = b.revoked = 0;
        for (uint32_t wanted = prove_random(&seed) % 4096; b.had < wanted && !storm_ending();)
            read_within_budget(&b, &seed);
        check_budgeted(&b);
        atomic_fetch_add(&b.entry->missed, b.expected - b.start - b.had);
        CHECK_OK(slotring_unsubscribe(b.reader));
    }
    CHECK_OK(slotring_close(ring));
}

/* ---- Marks -------------------------------------------------------------------------------------------- */

/* A killed one has made its last mark or not; nobody makes marks beside it. */
void acts_marker(const char *name, uint32_t seed)
{
    slotring_t *ring = ring_attach(name);
    while (!storm_ending()) {
        slotring_mark_t last = {0}, made;
        int code = slotring_run(ring, &last);
        CHECK(code == 0 || code == SLOTRING_E_EMPTY);
        bool runs = code == 0 && last.kind == SLOTRING_MARK_RUN_BEGIN;
        bool of_run = prove_random(&seed) % 4 == 0;
        uint32_t kind = !of_run ? SLOTRING_MARK_USER : runs ? SLOTRING_MARK_RUN_END : SLOTRING_MARK_RUN_BEGIN;
        if (prove_random(&seed) % 8 == 0)
            code = slotring_publish_gap(ring, 1 + prove_random(&seed) % LARGEST_GAP, &made);
        else
            code = slotring_mark(ring, kind, runs ? last.run : last.run + 1, 0, &seed, sizeof seed, &made);
        if (code == SLOTRING_E_BUSY)
            continue;
        CHECK_OK(code);
        if (prove_random(&seed) % 8 != 0)
            continue;
        code = slotring_drain(ring, made.place, A_MOMENT);
        CHECK(code == 0 || code == SLOTRING_E_TIMEOUT);
        for (int w = 0; code == 0 && w < WITNESSES; w++)
            CHECK_AT_LEAST(atomic_load(&journal->had[w]), made.place);
        atomic_fetch_add(&journal->drains, code == 0);
    }
    CHECK_OK(slotring_close(ring));
}

/* Everybody is told the same place. */
static void check_place(const slotring_mark_t *mark)
{
    _Atomic uint64_t *place = &journal->places[mark->number % MARKS_NOTED];
    uint64_t noted = mark->number << 40 | mark->place, none = 0;
    CHECK(mark->place < UINT64_C(1) << 40);
    if (!atomic_compare_exchange_strong(place, &none, noted) && none >> 40 == mark->number)
        CHECK_EQUAL(none, noted);
    else if (none >> 40 < mark->number)
        atomic_store(place, noted);
}

void note_mark(slotring_reader_t *reader, uint32_t witness, uint64_t expected)
{
    slotring_mark_t mark;
    CHECK_OK(slotring_reader_mark(reader, &mark));
    CHECK_EQUAL(mark.number, atomic_load(&journal->told[witness]) + mark.not_told);
    atomic_store(&journal->told[witness], mark.number + 1);
    CHECK_EQUAL(mark.place, expected);
    check_place(&mark);
    CHECK(mark.kind == SLOTRING_MARK_GAP ? mark.gap > 0 : mark.gap == 0);
    uint64_t offset = atomic_load(&journal->offsets[witness]) + mark.gap;
    if (mark.not_told == 0)
        CHECK_EQUAL(mark.offset, offset);
    CHECK_AT_LEAST(mark.offset, offset); /* of those that it was not told of, some may be gaps */
    atomic_store(&journal->offsets[witness], mark.offset);
}

/* The number of a message is its sequence and all gaps before it, which this witness was told of. */
void check_number(slotring_t *ring, uint32_t witness, uint64_t sequence)
{
    uint64_t number;
    int code = slotring_number_of(ring, sequence, &number);
    CHECK(code == 0 || code == SLOTRING_E_STALE); /* too many marks were made since */
    if (code == 0)
        CHECK_EQUAL(number, sequence + atomic_load(&journal->offsets[witness]));
}

/* To a durable subscription each mark is told once, and once more if its reader was killed before it gave the mark back. */
void note_durable_mark(slotring_reader_t *reader)
{
    slotring_mark_t mark;
    CHECK_OK(slotring_reader_mark(reader, &mark));
    uint64_t told = atomic_load(&journal->durable_told), first = mark.number - mark.not_told;
    CHECK(first == told || first + 1 == told);
    atomic_store(&journal->durable_told, mark.number + 1);
    check_place(&mark);
}

/* ---- At the end --------------------------------------------------------------------------------------- */

/* Each witness was told of each mark, and of each gap, and each revocation was told once at most: a killed reader is told nothing. */
void account_for_deliveries(slotring_t *ring)
{
    slotring_mark_t mark;
    CHECK_OK(slotring_recover(ring, NULL));
    CHECK_OK(slotring_mark(ring, SLOTRING_MARK_USER, 0, 0, NULL, 0, &mark));
    for (uint32_t w = 0; w < WITNESSES; w++) {
        CHECK_EQUAL(atomic_load(&journal->told[w]), mark.number);
        CHECK_EQUAL(atomic_load(&journal->offsets[w]), mark.offset);
    }
    account_for_durables(ring, &mark);
    CHECK_AT_LEAST(ring_stats(ring).revocations, atomic_load(&journal->revoked));
}

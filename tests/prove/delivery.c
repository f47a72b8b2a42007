/* SPDX-License-Identifier: Apache-2.0 */
/* A storm of deliveries: readers with a budget, durable readers, marks and drains, beside producers and lossless witnesses, with
 * the account of each. A budgeted reader knows what it missed. A durable subscription gives each message once, whoever has it and
 * however its readers are killed. Each mark has one place, which all witnesses are told in the same order. When a drain ends, each
 * witness has had all that lies below its place. */
#include <stdio.h>
#include <string.h>

#include "prove.h"

#define A_MOMENT (20 * MILLISECOND)
#define A_BUDGET (2 * MILLISECOND)

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

/* ---- Durable readers ---------------------------------------------------------------------------------- */

static slotring_reader_t *go_on(slotring_t *ring, uint32_t number)
{
    char name[16];
    slotring_reader_t *reader = NULL;
    slotring_reader_options_t options = reader_options(SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    (void)snprintf(name, sizeof name, "durable-%u", number);
    options.flags = SLOTRING_DURABLE;
    options.name = name;
    int code = slotring_subscribe(ring, &options, &reader);
    CHECK(code == 0 || code == SLOTRING_E_SUBSCRIBED || code == SLOTRING_E_BUSY);
    return reader; /* NULL: the other one has it, or a stopped process has the ring's lock */
}

/* Checks that what is given now follows what was acknowledged before, by whomever. A reader that was killed in the middle of a release
 * has acknowledged that message or not. */
static void follows(durable_t *d, uint64_t sequence)
{
    uint64_t acknowledged = atomic_load(&d->acknowledged), releasing = atomic_load(&d->releasing);
    if (atomic_load(&d->begun) == 0)
        return;
    if (sequence == acknowledged || (releasing > acknowledged && sequence == releasing))
        return;
    FAIL("a durable subscription gave message %llu after %llu were acknowledged",
         (unsigned long long)sequence, (unsigned long long)acknowledged);
}

/* False: there is no message, or it is not known yet. */
static bool take_durably(slotring_reader_t *reader, durable_t *d, entry_t *entry)
{
    slotring_slot_t slot;
    int code = slotring_next(reader, 2 * MILLISECOND, &slot);
    if (code == SLOTRING_E_TIMEOUT || code == SLOTRING_E_END || code == SLOTRING_E_PRODUCER_DIED)
        return false;
    CHECK_OK(code);
    follows(d, slot.sequence);
    note_read(entry, &slot);
    atomic_store(&d->releasing, slot.sequence + 1);
    if (atomic_load(&d->begun) == 0)
        atomic_store(&d->acknowledged, slot.sequence);
    atomic_store(&d->begun, 1);
    CHECK_OK(slotring_reader_release(reader));
    atomic_store(&d->acknowledged, slot.sequence + 1);
    return true;
}

/* Each reads from one subscription until it leaves, is killed, or finds nothing: then producers may be waiting for the other
 * subscription, which nobody has. */
void acts_durable(const char *name, uint32_t seed)
{
    slotring_t *ring = ring_attach(name);
    entry_t *entry = journal_entry();
    while (!storm_ending()) {
        uint32_t number = prove_random(&seed) % DURABLE;
        slotring_reader_t *reader = go_on(ring, number);
        uint32_t wanted = prove_random(&seed) % 512;
        while (reader && wanted > 0 && !storm_ending() &&
               take_durably(reader, &journal->durable[number], entry))
            wanted--;
        if (reader)
            CHECK_OK(slotring_unsubscribe(reader));
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

/* All witnesses are told the same place, and each of them before the message there. */
void note_mark(slotring_reader_t *reader, uint32_t witness, uint64_t expected)
{
    slotring_mark_t mark;
    CHECK_OK(slotring_reader_mark(reader, &mark));
    CHECK_EQUAL(mark.number, atomic_load(&journal->told[witness]) + mark.not_told);
    atomic_store(&journal->told[witness], mark.number + 1);
    CHECK_EQUAL(mark.place, expected);
    _Atomic uint64_t *place = &journal->places[mark.number % MARKS_NOTED];
    uint64_t noted = mark.number << 40 | mark.place, none = 0;
    CHECK(mark.place < UINT64_C(1) << 40);
    if (!atomic_compare_exchange_strong(place, &none, noted) && none >> 40 == mark.number)
        CHECK_EQUAL(none, noted);
    else if (none >> 40 < mark.number)
        atomic_store(place, noted);
}

/* ---- At the end --------------------------------------------------------------------------------------- */

/* The rest of each, at the end: all of it, and nothing twice. */
static void durables(slotring_t *ring)
{
    entry_t *entry = journal_entry();
    uint64_t last = atomic_load(&journal->last);
    for (uint32_t i = 0; i < DURABLE; i++) {
        durable_t *d = &journal->durable[i];
        slotring_reader_t *reader = go_on(ring, i);
        slotring_reader_info_t info;
        char name[16];
        CHECK(reader != NULL);
        check_context("durable subscription %u", i);
        CHECK_OK(slotring_reader_info(reader, &info));
        for (uint64_t left = last - info.cursor; left > 0;)
            left -= take_durably(reader, d, entry);
        CHECK_OK(slotring_reader_info(reader, &info));
        CHECK_EQUAL(info.missed, 0);
        CHECK_EQUAL(info.cursor, last);
        CHECK_EQUAL(info.delivered, last - info.start);
        CHECK_OK(slotring_unsubscribe(reader));
        (void)snprintf(name, sizeof name, "durable-%u", i);
        CHECK_OK(slotring_forget(ring, name));
    }
    check_context("%s", "");
}

/* Each witness was told of each mark, and each revocation was told once at most: a killed reader is told nothing. */
void account_for_deliveries(slotring_t *ring)
{
    slotring_mark_t mark;
    CHECK_OK(slotring_recover(ring, NULL));
    durables(ring);
    CHECK_OK(slotring_mark(ring, SLOTRING_MARK_USER, 0, 0, NULL, 0, &mark));
    for (uint32_t w = 0; w < WITNESSES; w++)
        CHECK_EQUAL(atomic_load(&journal->told[w]), mark.number);
    CHECK_AT_LEAST(ring_stats(ring).revocations, atomic_load(&journal->revoked));
}

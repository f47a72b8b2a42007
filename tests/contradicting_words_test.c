/* SPDX-License-Identifier: Apache-2.0 */
/* Words of a ring that contradict each other, and words that a stopped process left in the middle of its work: who meets
 * them gets an error that says so, or finishes what was begun; never other data, and nothing stays behind. */
#include <string.h>

#include "protocol/record.h"
#include "support/internals.h"
#include "support/ring.h"
#include "support/suite.h"

#define SLOTS 5u /* the index of a slot has three bits: 5, 6 and 7 are none */

typedef struct plot {
    slotring_t *ring;
    slotring_ticket_t tickets[SLOTS];
    void *memory;
    sr__view_t view;
} plot_t;

/* A ring of five slots, each with a publication. */
static void set_up(plot_t *plot)
{
    size_t size;
    slotring_options_t options = ring_options(SLOTRING_CREATE, SLOTS, 100);
    options.max_participants = 8;
    plot->ring = ring_open_with(ring_name(), &options);
    for (uint32_t n = 0; n < SLOTS; n++)
        plot->tickets[n] = publish(plot->ring, 1, n);
    plot->memory = ring_map(ring_name(), &size);
    sr__view_bind(&plot->view, plot->memory, plot->memory, true);
}

static void tear_down(plot_t *plot)
{
    check_ring_at_rest(plot->ring); /* nothing is held, nothing was broken */
    check_recovered(plot->ring, 1);
    ring_unmap(plot->memory);
    ring_remove(plot->ring, ring_name());
}

static sr__slot_t *slot_of(plot_t *plot, uint32_t number)
{
    return sr__slot(&plot->view, plot->tickets[number].slot);
}

static int acquire(plot_t *plot, uint32_t number)
{
    slotring_slot_t slot;
    int code = slotring_acquire_for_read(plot->ring, &plot->tickets[number], &slot);
    if (code == 0) {
        pattern_check(&slot);
        CHECK_OK(slotring_release(plot->ring, &slot));
    }
    return code;
}

static int copy_by(slotring_t *ring, const slotring_ticket_t *ticket)
{
    char bytes[100];
    return slotring_copy(ring, ticket, bytes, sizeof bytes, NULL);
}

static void the_order_names_no_slot(void)
{
    plot_t plot;
    set_up(&plot);
    slotring_reader_t *lossless = subscribe(plot.ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_reader_t *lossy = subscribe(plot.ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    publish(plot.ring, 1, SLOTS);
    slotring_slot_t slot;
    char bytes[100];
    for (uint64_t sequence = 1; sequence <= SLOTS; sequence += SLOTS - 1) { /* the oldest, and the newest */
        sr__word_t *place = sr__order_at(&plot.view, sequence);
        uint64_t entry = atomic_load(place);
        atomic_store(place, entry | plot.view.slot_mask);
        if (sequence == 1) {
            CHECK_CODE(slotring_allocate(plot.ring, 1, &slot), SLOTRING_E_CORRUPT);
        } else {
            CHECK_CODE(slotring_next(lossless, 0, &slot), SLOTRING_E_CORRUPT);
            CHECK_CODE(slotring_next(lossy, 0, &slot), SLOTRING_E_CORRUPT);
        }
        CHECK_CODE(slotring_copy_sequence(plot.ring, sequence, bytes, sizeof bytes, NULL), SLOTRING_E_STALE);
        atomic_store(place, entry);
    }
    publish(plot.ring, 1, SLOTS + 1);
    take_now(lossless, pattern_tag(1, SLOTS + 1)); /* each was told, and has gone on */
    take_now(lossy, pattern_tag(1, SLOTS + 1));
    CHECK_OK(slotring_unsubscribe(lossless));
    CHECK_OK(slotring_unsubscribe(lossy));
    tear_down(&plot);
}

static void longer_than_a_slot(void)
{
    plot_t plot;
    set_up(&plot);
    slotring_t *observer = ring_observe(ring_name());
    slotring_reader_t *history = subscribe(plot.ring, SLOTRING_LOSSLESS, SLOTRING_FROM_OLDEST);
    slotring_reader_t *lossy = subscribe(plot.ring, SLOTRING_LOSSY, SLOTRING_FROM_OLDEST);
    slotring_slot_t slot;
    sr__word_t *length = &slot_of(&plot, 0)->length;
    uint64_t before = atomic_load(length);
    atomic_store(length, 101);
    CHECK_CODE(acquire(&plot, 0), SLOTRING_E_CORRUPT);
    CHECK_CODE(copy_by(plot.ring, &plot.tickets[0]), SLOTRING_E_CORRUPT);
    CHECK_CODE(copy_by(observer, &plot.tickets[0]), SLOTRING_E_CORRUPT);
    CHECK_CODE(slotring_next(history, 0, &slot), SLOTRING_E_CORRUPT);
    CHECK_CODE(slotring_next(lossy, 0, &slot), SLOTRING_E_CORRUPT);
    atomic_store(length, before);
    CHECK_OK(acquire(&plot, 0));
    CHECK_OK(copy_by(observer, &plot.tickets[0]));
    take_now(history, pattern_tag(1, 1)); /* each was told, and has gone on */
    take_now(lossy, pattern_tag(1, 1));
    CHECK_OK(slotring_unsubscribe(history));
    CHECK_OK(slotring_unsubscribe(lossy));
    CHECK_OK(slotring_close(observer));
    tear_down(&plot);
}

/* Numbers of participants that there are not: shown as nobody's, and nothing is read behind the table. */
static void owners_that_are_none(void)
{
    plot_t plot;
    set_up(&plot);
    uint32_t none = ring_info(plot.ring).max_participants + 1;
    slotring_t *observer = ring_observe(ring_name()), *rings[2] = {plot.ring, observer};
    slotring_reader_t *reader = subscribe(plot.ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    publish(plot.ring, 1, SLOTS); /* the reader lags, so it stands in the way */
    sr__word_t *row = &plot.view.subscriptions[0].state, *word = &slot_of(&plot, 3)->word;
    sr__word_t *hold = &slot_of(&plot, 2)->hold0;
    uint64_t row_before = atomic_load(row), word_before = atomic_load(word);
    uint64_t oldest = atomic_load(&plot.view.state->frontier);
    atomic_store(row, sr__subscription_word(SR__SUBSCRIPTION_ACTIVE, none, SR__SUBSCRIPTION_GATES, 1));
    atomic_store(word, sr__with_state(word_before, SR__CLAIMED, none));
    atomic_store(hold, UINT64_C(1) << 63);
    atomic_store(&plot.view.state->frontier, SLOTS);
    for (int i = 0; i < 2; i++) {
        slotring_reader_info_t readers[2];
        slotring_participant_t people[2];
        slotring_blocker_t blockers[8];
        uint32_t count = 0;
        CHECK_OK(slotring_readers(rings[i], readers, 2, &count));
        CHECK_EQUAL(count, 1);
        CHECK_EQUAL(readers[0].participant, none);
        CHECK_EQUAL(readers[0].life, SLOTRING_LIFE_UNKNOWN);
        CHECK_EQUAL(readers[0].pid, 0);
        CHECK_OK(slotring_participants(rings[i], people, 2, &count));
        CHECK_EQUAL(count, 1);
        CHECK_EQUAL(people[0].slots_writing + people[0].slots_held + people[0].readers, 0);
        CHECK_OK(slotring_blockers(rings[i], blockers, 8, &count));
        CHECK_EQUAL(count, 1);
        CHECK_EQUAL(blockers[0].why, SLOTRING_BLOCKS_BY_LAG);
        CHECK_EQUAL(blockers[0].pid, 0);
    }
    atomic_store(row, row_before);
    atomic_store(word, word_before);
    atomic_store(hold, 0);
    atomic_store(&plot.view.state->frontier, oldest);
    CHECK_OK(slotring_close(observer));
    CHECK_OK(slotring_unsubscribe(reader));
    tear_down(&plot);
}

static void a_thousand_findings_are_enough(void)
{
    enum {
        MANY = 1100
    };
    size_t size;
    slotring_t *ring = ring_create(ring_name(), MANY, 64);
    void *memory = ring_map(ring_name(), &size);
    sr__view_t view;
    uint64_t findings = 0;
    sr__view_bind(&view, memory, memory, true);
    for (uint32_t i = 0; i < MANY; i++)
        atomic_store(&sr__slot(&view, i)->word, UINT64_C(9) << 12);
    CHECK_OK(slotring_check(ring, NULL, NULL, &findings));
    CHECK_EQUAL(findings, 1000);
    for (uint32_t i = 0; i < MANY; i++)
        atomic_store(&sr__slot(&view, i)->word, SR__NOBODY);
    check_ring_at_rest(ring);
    ring_unmap(memory);
    ring_remove(ring, ring_name());
}

/* Somebody was stopped after its publication was listed, and before it said that it was done. */
static void listed_and_not_done(void)
{
    plot_t plot;
    set_up(&plot);
    slotring_t *other = ring_attach(ring_name()), *observer = ring_observe(ring_name());
    sr__word_t *word = &slot_of(&plot, 0)->word;
    slotring_ticket_t ticket;
    atomic_store(word, sr__with_state(atomic_load(word), SR__COMMIT, other->member.me));
    CHECK_OK(acquire(&plot, 0));
    CHECK_OK(copy_by(plot.ring, &plot.tickets[0]));
    CHECK_OK(copy_by(observer, &plot.tickets[0]));
    CHECK_OK(slotring_ticket_at(plot.ring, plot.tickets[0].slot, &ticket));
    CHECK(same_ticket(&ticket, &plot.tickets[0]));
    /* the others are freed, so that nobody walks along the order; the publisher that needs its position finishes it and
     * retires it */
    uint64_t length = plot.view.order_mask + 1;
    for (uint32_t n = 1; n < SLOTS; n++)
        CHECK_OK(slotring_free(plot.ring, &plot.tickets[n]));
    for (uint64_t n = SLOTS; n <= length; n++) {
        ticket = publish(plot.ring, 1, n);
        CHECK_OK(slotring_free(plot.ring, &ticket));
    }
    CHECK(sr__slot_state(atomic_load(word)) != SR__COMMIT);
    CHECK_CODE(acquire(&plot, 0), SLOTRING_E_STALE); /* nobody held it, so it went */
    CHECK_OK(slotring_close(observer));
    CHECK_OK(slotring_close(other));
    tear_down(&plot);
}

/* Somebody was stopped before its publication was listed: it is none. */
static void not_listed_yet(void)
{
    plot_t plot;
    set_up(&plot);
    slotring_t *other = ring_attach(ring_name()), *observer = ring_observe(ring_name());
    sr__slot_t *slot = slot_of(&plot, 4);
    uint64_t word = atomic_load(&slot->word);
    slotring_ticket_t ticket = plot.tickets[4];
    ticket.sequence = SLOTS; /* the next one */
    atomic_store(&slot->sequence, SLOTS);
    atomic_store(&slot->word, sr__with_state(word, SR__COMMIT, other->member.me));
    CHECK_CODE(slotring_ticket_at(plot.ring, ticket.slot, &ticket), SLOTRING_E_NOT_READY);
    CHECK_CODE(copy_by(plot.ring, &ticket), SLOTRING_E_STALE);
    CHECK_CODE(copy_by(observer, &ticket), SLOTRING_E_STALE);
    atomic_store(&slot->word, sr__with_state(word, SR__CLAIMED, other->member.me));
    CHECK_CODE(copy_by(observer, &ticket), SLOTRING_E_STALE);
    atomic_store(&slot->sequence, 4);
    atomic_store(&slot->word, word);
    CHECK_OK(acquire(&plot, 4));
    CHECK_OK(slotring_close(observer));
    CHECK_OK(slotring_close(other));
    tear_down(&plot);
}

/* The statistics of the ring count as written just the slots that a participant is said to write. */
static void check_parts(slotring_t *viewer, uint64_t writing)
{
    slotring_participant_t people[8];
    uint32_t count = 0;
    slotring_stats_t stats = ring_stats(viewer);
    CHECK_OK(slotring_participants(viewer, people, 8, &count));
    uint64_t sum = 0;
    for (uint32_t n = 0; n < count; n++)
        sum += people[n].slots_writing;
    CHECK_EQUAL(stats.slots_writing, writing);
    CHECK_EQUAL(sum, writing);
    CHECK_EQUAL(stats.slots_ready, SLOTS - writing);
    CHECK_EQUAL(stats.slots_free, 0);
}

/* Somebody was stopped while it published: the slot is being written until its publication is listed, for whoever counts. */
static void parts_of_the_statistics_add_up(void)
{
    plot_t plot;
    set_up(&plot);
    slotring_t *other = ring_attach(ring_name()), *observer = ring_observe(ring_name());
    sr__slot_t *slot = slot_of(&plot, 4);
    uint64_t word = atomic_load(&slot->word);
    static const struct {
        uint64_t sequence;
        enum sr__slot_state state;
        uint64_t writing;
    } steps[] = {
        {SR__NO_SEQUENCE, SR__CLAIMED, 1},
        {SR__NO_SEQUENCE, SR__COMMIT, 1},
        {SLOTS, SR__COMMIT, 1}, /* the next one, which the order does not have */
        {4, SR__COMMIT, 0},     /* which it has */
    };
    for (size_t n = 0; n < sizeof steps / sizeof steps[0]; n++) {
        atomic_store(&slot->sequence, steps[n].sequence);
        atomic_store(&slot->word, sr__with_state(word, steps[n].state, other->member.me));
        check_parts(plot.ring, steps[n].writing);
        check_parts(observer, steps[n].writing);
    }
    atomic_store(&slot->word, word);
    CHECK_OK(slotring_close(observer));
    CHECK_OK(slotring_close(other));
    tear_down(&plot);
}

/* Somebody was stopped while it looked whether it may take the slot of an old publication: who reads or frees that one
 * does not wait. */
static void being_reclaimed(void)
{
    plot_t plot;
    set_up(&plot);
    slotring_t *other = ring_attach(ring_name()), *observer = ring_observe(ring_name());
    for (uint32_t n = 0; n < 2; n++) {
        sr__word_t *word = &slot_of(&plot, n)->word;
        uint64_t before = sr__with_state(atomic_load(word), SR__RECLAIM, other->member.me);
        atomic_store(word, before);
        CHECK_OK(copy_by(observer, &plot.tickets[n]));
        if (n == 0)
            CHECK_OK(acquire(&plot, n));
        else
            CHECK_OK(slotring_free(plot.ring, &plot.tickets[n]));
        CHECK(atomic_load(word) != before); /* so that the other's next step fails */
        CHECK(sr__version(atomic_load(word)) > sr__version(before));
    }
    CHECK_OK(slotring_close(observer));
    CHECK_OK(slotring_close(other));
    tear_down(&plot);
}

/* The audit says so: of what is at rest, the order must know each, and none may lie below the frontier. */
static void at_rest_and_lost(void)
{
    plot_t plot;
    uint64_t findings = 0;
    set_up(&plot);
    sr__slot_t *slot = slot_of(&plot, 4);
    uint64_t word = atomic_load(&slot->word);
    atomic_store(&slot->word, sr__with_state(word, SR__PUBLISHED, SR__NOBODY));
    check_ring(plot.ring); /* nothing is wrong with that */
    atomic_store(&slot->sequence, 3);
    CHECK_OK(slotring_check(plot.ring, NULL, NULL, &findings));
    CHECK_AT_LEAST(findings, 1);
    atomic_store(&slot->sequence, SR__NO_SEQUENCE);
    CHECK_OK(slotring_check(plot.ring, NULL, NULL, &findings));
    CHECK_AT_LEAST(findings, 1);
    atomic_store(&slot->sequence, 4);
    uint64_t oldest = atomic_load(&plot.view.state->frontier);
    atomic_store(&plot.view.state->frontier, 5);
    CHECK_OK(slotring_check(plot.ring, NULL, NULL, &findings));
    CHECK_EQUAL(findings, SLOTS);
    atomic_store(&plot.view.state->frontier, oldest);
    atomic_store(&slot->word, word);
    tear_down(&plot);
}

static void high_marks_beyond_the_tables(void)
{
    plot_t plot;
    set_up(&plot);
    uint32_t readers = atomic_load(&plot.view.state->readers_high);
    uint32_t participants = atomic_load(&plot.view.state->participants_high);
    atomic_store(&plot.view.state->readers_high, UINT32_MAX);
    atomic_store(&plot.view.state->participants_high, UINT32_MAX);
    publish(plot.ring, 1, SLOTS);
    CHECK_OK(slotring_recover(plot.ring, NULL));
    slotring_reader_t *reader = subscribe(plot.ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    publish(plot.ring, 1, SLOTS + 1);
    take_now(reader, pattern_tag(1, SLOTS + 1));
    CHECK_OK(slotring_unsubscribe(reader));
    atomic_store(&plot.view.state->readers_high, readers + 1);
    atomic_store(&plot.view.state->participants_high, participants);
    tear_down(&plot);
}

/* Wherever the hint to the end of the order leads, whoever looks comes back. */
static void tails_that_lead_nowhere(void)
{
    static const uint64_t tails[] = {0, 1, 5, 1u << 20, UINT64_C(1) << 63, UINT64_MAX - 3, UINT64_MAX};
    plot_t plot;
    set_up(&plot);
    slotring_t *observer = ring_observe(ring_name());
    uint64_t tail = atomic_load(&plot.view.state->tail), findings;
    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
        slotring_list_entry_t entry;
        slotring_reader_info_t reader;
        uint32_t count;
        atomic_store(&plot.view.state->tail, tails[i]);
        ring_stats(observer);
        CHECK_OK(slotring_readers(observer, &reader, 1, &count));
        CHECK_OK(slotring_check(observer, NULL, NULL, &findings));
        CHECK_OK(slotring_list(NULL, &entry, 1, &count, NULL));
        CHECK_EQUAL(count, 1);
    }
    atomic_store(&plot.view.state->tail, tail);
    CHECK_OK(slotring_close(observer));
    tear_down(&plot);
}

/* ---- Writers, and their records ------------------------------------------------------------------------ */

typedef struct written {
    plot_t plot;
    slotring_t *observer;
    slotring_writer_t *writer;
    slotring_reader_t *readers[2]; /* lossless, and lossy */
} written_t;

static void append(written_t *w, uint64_t tag)
{
    CHECK_OK(slotring_writer_append(w->writer, "12345678", 8, tag, 0));
}

/* A writer has four records in an open block of six, and two readers from now on. */
static void set_up_written(written_t *w)
{
    set_up(&w->plot);
    w->observer = ring_observe(ring_name());
    w->readers[0] = subscribe(w->plot.ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    w->readers[1] = subscribe(w->plot.ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    CHECK_OK(slotring_writer_open(w->plot.ring, NULL, &w->writer));
    for (uint64_t tag = 0; tag < 4; tag++)
        append(w, tag);
}

static int take_record(slotring_reader_t *reader, uint64_t tag)
{
    slotring_slot_t slot;
    int code = slotring_next(reader, 0, &slot);
    if (code == 0) {
        CHECK_EQUAL(slot.tag, tag);
        CHECK_EQUAL(slot.number, tag);
        CHECK_EQUAL(memcmp(slot.data, "12345678", 8), 0);
        CHECK_OK(slotring_reader_release(reader));
    }
    return code;
}

static void tear_down_written(written_t *w)
{
    for (int r = 0; r < 2; r++) {
        CHECK_CODE(take_record(w->readers[r], 4), SLOTRING_E_EMPTY);
        CHECK_OK(slotring_unsubscribe(w->readers[r]));
    }
    CHECK_OK(slotring_writer_close(w->writer));
    CHECK_OK(slotring_close(w->observer));
    tear_down(&w->plot);
}

static void both_see(written_t *w, uint64_t records, uint32_t state, uint64_t in_slot)
{
    slotring_t *rings[2] = {w->plot.ring, w->observer};
    for (int i = 0; i < 2; i++) {
        slotring_writer_info_t info;
        uint32_t count;
        CHECK_EQUAL(ring_stats(rings[i]).records, records);
        CHECK_OK(slotring_writers(rings[i], &info, 1, &count));
        CHECK_EQUAL(count, 1);
        CHECK_EQUAL(info.state, state);
        CHECK_EQUAL(info.number, records);
        CHECK_EQUAL(info.records, in_slot);
    }
}

/* A row whose words do not go with the slot that it names says nothing: nothing is read there. */
static void a_writer_that_names_what_it_has_not(void)
{
    written_t w;
    set_up_written(&w);
    sr__writer_t *row = &w.plot.view.writers[0];
    const struct {
        sr__word_t *word;
        uint64_t says;
    } plots[] = {{&row->slot, 99}, {&row->slot, UINT64_MAX}, {&row->block, 7}, {&row->claimed, 0}};
    both_see(&w, 4, SLOTRING_WRITER_HAS_BLOCK, 4);
    for (size_t i = 0; i < sizeof plots / sizeof plots[0]; i++) {
        uint64_t before = atomic_load(plots[i].word);
        atomic_store(plots[i].word, plots[i].says);
        both_see(&w, 0, SLOTRING_WRITER_IDLE, 0);
        atomic_store(plots[i].word, before);
    }
    both_see(&w, 4, SLOTRING_WRITER_HAS_BLOCK, 4);
    for (uint64_t tag = 0; tag < 4; tag++)
        for (int r = 0; r < 2; r++)
            CHECK_OK(take_record(w.readers[r], tag));
    tear_down_written(&w);
}

/* The records in front of the damage are delivered, whether the block is open or in the order. */
static void a_record_that_does_not_fit(void)
{
    static const uint64_t wrong[] = {UINT64_C(0x8000000000000001), UINT64_C(0xffffffff00000001),
                                     UINT64_C(0x5a5a5a5a5a5a5a5c)};
    for (size_t i = 0; i < 2 * sizeof wrong / sizeof wrong[0]; i++) {
        written_t w;
        set_up_written(&w);
        uint32_t slot = (uint32_t)atomic_load(&w.plot.view.writers[0].slot);
        sr__word_t *header = sr__record_word(sr__block_bytes(&w.plot.view, slot), 32);
        uint64_t before = atomic_load(header);
        bool open = i % 2 == 0;
        if (!open) {
            CHECK_OK(slotring_writer_close(w.writer));
            CHECK_OK(slotring_writer_open(w.plot.ring, NULL, &w.writer));
        }
        atomic_store(header, wrong[i / 2]);
        both_see(&w, open ? 2 : 4, open ? SLOTRING_WRITER_HAS_BLOCK : SLOTRING_WRITER_IDLE, open ? 2 : 0);
        for (int r = 0; r < 2; r++) {
            CHECK_OK(take_record(w.readers[r], 0));
            CHECK_OK(take_record(w.readers[r], 1));
            CHECK_CODE(take_record(w.readers[r], 2), SLOTRING_E_CORRUPT);
        }
        atomic_store(header, before);
        tear_down_written(&w); /* nothing more of that block is given */
    }
}

static void a_writer_that_there_is_not(void)
{
    for (int kind = 0; kind < 2; kind++) {
        written_t w;
        set_up_written(&w);
        sr__word_t *content =
            &sr__slot(&w.plot.view, (uint32_t)atomic_load(&w.plot.view.writers[0].slot))->content;
        CHECK_OK(slotring_writer_close(w.writer));
        uint64_t before = atomic_load(content);
        atomic_store(content, sr__content(kind == 0 ? SR__MESSAGE : SR__BLOCK, 4000, 1));
        for (int r = 0; r < 2; r++)
            CHECK_CODE(take_record(w.readers[r], 0), SLOTRING_E_CORRUPT);
        atomic_store(content, before);
        CHECK_OK(slotring_writer_open(w.plot.ring, NULL, &w.writer));
        tear_down_written(&w);
    }
}

static const test_case_t cases[] = {
    {"the_order_names_no_slot", the_order_names_no_slot, 0},
    {"longer_than_a_slot", longer_than_a_slot, 0},
    {"owners_that_are_none", owners_that_are_none, 0},
    {"a_thousand_findings_are_enough", a_thousand_findings_are_enough, 0},
    {"listed_and_not_done", listed_and_not_done, 0},
    {"not_listed_yet", not_listed_yet, 0},
    {"parts_of_the_statistics_add_up", parts_of_the_statistics_add_up, 0},
    {"being_reclaimed", being_reclaimed, 0},
    {"at_rest_and_lost", at_rest_and_lost, 0},
    {"tails_that_lead_nowhere", tails_that_lead_nowhere, 0},
    {"high_marks_beyond_the_tables", high_marks_beyond_the_tables, 0},
    {"a_writer_that_names_what_it_has_not", a_writer_that_names_what_it_has_not, 0},
    {"a_record_that_does_not_fit", a_record_that_does_not_fit, 0},
    {"a_writer_that_there_is_not", a_writer_that_there_is_not, 0},
    {NULL, NULL, 0},
};

const test_suite_t contradicting_words_suite = {"contradicting_words", cases, NULL};

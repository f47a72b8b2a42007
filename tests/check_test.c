/* SPDX-License-Identifier: Apache-2.0 */
/* The audit finds what it is there to find: each kind of damage is planted into a good ring, found, and gone once
 * it has been put right. */
#include <stdatomic.h>
#include <string.h>

#include "protocol/record.h"
#include "support/internals.h"
#include "support/ring.h"
#include "support/suite.h"
#include "support/thread.h"

typedef struct plot {
    slotring_t *ring;
    slotring_reader_t *reader; /* lossless, at sequence 4 of 6 */
    slotring_slot_t held;      /* sequence 3 */
    slotring_slot_t writing;
    uint8_t *memory;
    size_t size;
    sr__view_t view;
} plot_t;

/* A ring of 8 slots with something of everything: 6 publications, one held, one being written, one free. */
static void set_up(plot_t *plot)
{
    plot->ring = ring_create(ring_name(), 8, 100);
    plot->reader = subscribe(plot->ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_ticket_t ticket = {{0}, 0, 0, 0};
    for (uint64_t n = 0; n < 6; n++) {
        slotring_ticket_t one = publish(plot->ring, 1, n);
        ticket = n == 3 ? one : ticket;
    }
    for (uint64_t n = 0; n < 4; n++)
        take_now(plot->reader, pattern_tag(1, n));
    hold(plot->ring, &ticket, &plot->held);
    CHECK_OK(slotring_allocate(plot->ring, 1, &plot->writing));
    plot->memory = ring_map(ring_name(), &plot->size);
    sr__view_bind(&plot->view, (const sr__header_t *)(void *)plot->memory, plot->memory, true);
    check_ring(plot->ring);
}

static void tear_down(plot_t *plot)
{
    check_ring(plot->ring); /* the damage is gone, and nothing else was broken by it */
    ring_unmap(plot->memory);
    CHECK_OK(slotring_abort(plot->ring, &plot->writing));
    CHECK_OK(slotring_release(plot->ring, &plot->held));
    CHECK_OK(slotring_unsubscribe(plot->reader));
    check_recovered(plot->ring, 1);
    ring_remove(plot->ring, ring_name());
}

static void count_finding(void *user, const char *finding)
{
    CHECK(strlen(finding) > 10);
    ++*(uint64_t *)user;
}

static uint64_t findings_of(slotring_t *ring)
{
    uint64_t reported = 0, findings = 0;
    CHECK_OK(slotring_check(ring, count_finding, &reported, &findings));
    CHECK_EQUAL(reported, findings);
    CHECK_OK(slotring_check(ring, NULL, NULL, &reported)); /* without a callback it counts the same */
    CHECK_EQUAL(reported, findings);
    return findings;
}

/* The word says `damage` for a moment; the ring's own handle and an observer must both notice. */
static void plant(plot_t *plot, const char *what, sr__word_t *word, uint64_t damage)
{
    slotring_t *observer = ring_observe(ring_name());
    uint64_t before = atomic_load(word);
    CHECK(before != damage);
    check_context("%s", what);
    atomic_store(word, damage);
    uint64_t mine = findings_of(plot->ring), theirs = findings_of(observer);
    atomic_store(word, before);
    CHECK_AT_LEAST(mine, 1);
    CHECK_AT_LEAST(theirs, 1);
    CHECK_EQUAL(findings_of(plot->ring), 0);
    check_context("%s", "");
    CHECK_OK(slotring_close(observer));
}

static uint32_t slot_of(plot_t *plot, uint64_t sequence)
{
    return sr__entry_slot(&plot->view, atomic_load(sr__order_at(&plot->view, sequence)));
}

static uint32_t free_slot(plot_t *plot)
{
    for (uint32_t i = 0; i < plot->view.slot_count; i++)
        if (sr__slot_state(atomic_load(&sr__slot(&plot->view, i)->word)) == SR__FREE)
            return i;
    FAIL("no slot is free");
}

static void slots(void)
{
    plot_t plot;
    set_up(&plot);
    sr__view_t *view = &plot.view;
    uint32_t me = ring_info(plot.ring).participant, nobody = me + 5;
    sr__slot_t *published = sr__slot(view, slot_of(&plot, 5)), *writing = sr__slot(view, plot.writing.index);
    uint64_t word = atomic_load(&published->word);
    plant(&plot, "an unknown state", &published->word,
          sr__with_state(word, (enum sr__slot_state)9, SR__NOBODY));
    plant(&plot, "in work by nobody", &writing->word,
          sr__with_state(atomic_load(&writing->word), SR__CLAIMED, nobody));
    plant(&plot, "reclaimed by nobody", &published->word, sr__with_state(word, SR__RECLAIM, nobody));
    plant(&plot, "committed by nobody", &published->word, sr__with_state(word, SR__COMMIT, nobody));
    plant(&plot, "retired for no reason", &published->word, word | SR__RETIRED);
    plant(&plot, "published, not in the order", &published->sequence, 3);
    plant(&plot, "published as nothing", &published->sequence, SR__NO_SEQUENCE);
    plant(&plot, "longer than a slot", &published->length, 101);
    plant(&plot, "passed over as if freed", &view->withdrawn[0][0], UINT64_C(1) << 16 | 1u << 5);
    plant(&plot, "freed, and hidden", &published->word,
          sr__with_state(word, SR__PUBLISHED, SR__NOBODY) | SR__WITHDRAWN);
    plant(&plot, "held by nobody", &published->hold0, UINT64_C(1) << nobody);
    plant(&plot, "held by a number beyond all", &published->hold0, UINT64_C(1) << 63);
    tear_down(&plot);
}

static void order_and_frontier(void)
{
    plot_t plot;
    set_up(&plot);
    sr__view_t *view = &plot.view;
    plant(&plot, "a hole in the order", sr__order_at(view, 2), 0);
    plant(&plot, "an entry of a slot beyond all", sr__order_at(view, 7), sr__entry(view, 7, 7));
    plant(&plot, "an entry from the future", sr__order_at(view, 9), sr__entry(view, 9, 0));
    plant(&plot, "an entry of another publication's slot", sr__order_at(view, 5),
          sr__entry(view, 5, slot_of(&plot, 4)));
    plant(&plot, "the frontier beyond the end", &view->state->frontier, 100);
    plant(&plot, "the frontier past a publication", &view->state->frontier, 6);
    plant(&plot, "the tail beyond the end", &view->state->tail, 100);
    tear_down(&plot);
}

static void rows(void)
{
    plot_t plot;
    set_up(&plot);
    sr__subscription_t *row = &plot.view.subscriptions[0];
    uint64_t state = atomic_load(&row->state);
    CHECK_EQUAL(sr__subscription_state(state), SR__SUBSCRIPTION_ACTIVE);
    plant(&plot, "an unknown row state", &row->state, (state & ~UINT64_C(0xf)) | 9);
    plant(&plot, "a row of nobody", &row->state, state ^ (UINT64_C(9) << 4));
    plant(&plot, "a reader that no producer knows", &plot.view.state->gates.words[0], 0);
    plant(&plot, "readers that no producer knows", &plot.view.state->gates.summary, 0);
    plant(&plot, "a cursor beyond the end", &row->cursor, 1000);
    plant(&plot, "a lossless reader that has lost", &sr__slot(&plot.view, slot_of(&plot, 4))->sequence, 40);
    tear_down(&plot);
}

static void free_map(void)
{
    plot_t plot;
    set_up(&plot);
    uint32_t free_index = free_slot(&plot);
    CHECK(free_index < 8);
    plant(&plot, "a free slot that is hidden", plot.view.free_map[0],
          atomic_load(plot.view.free_map[0]) & ~(UINT64_C(1) << free_index));
    for (uint32_t level = 1; level < SR__FREE_MAP_LEVELS; level++)
        plant(&plot, "a free slot that is hidden above", plot.view.free_map[level], 0);
    tear_down(&plot);
}

typedef struct written {
    slotring_t *ring;
    slotring_writer_t *writer, *other;
    uint8_t *memory;
    sr__view_t view;
    uint32_t listed[3]; /* of `writer`: two blocks and a message */
    uint32_t open;
} written_t;

static void append(slotring_writer_t *writer, uint64_t size)
{
    char bytes[200] = "";
    CHECK_OK(slotring_writer_append(writer, bytes, size, 1, PATIENCE));
}

/* Two blocks and a message are listed; a third block is open. Another writer has nothing open. */
static void set_up_written(written_t *w)
{
    size_t size;
    w->ring = ring_create(ring_name(), 8, 200);
    CHECK_OK(slotring_writer_open(w->ring, NULL, &w->writer));
    CHECK_OK(slotring_writer_open(w->ring, NULL, &w->other));
    for (int n = 0; n < 20; n++) /* 12 in a block */
        append(w->writer, 8);
    append(w->writer, 150);
    append(w->writer, 8);
    w->memory = ring_map(ring_name(), &size);
    sr__view_bind(&w->view, (const sr__header_t *)(void *)w->memory, w->memory, true);
    CHECK_EQUAL(ring_stats(w->ring).published, 3);
    for (uint64_t t = 0; t < 3; t++)
        w->listed[t] = sr__entry_slot(&w->view, atomic_load(sr__order_at(&w->view, t)));
    w->open = (uint32_t)atomic_load(&w->view.writers[0].slot);
    check_ring(w->ring);
}

static void tear_down_written(written_t *w)
{
    check_ring(w->ring);
    ring_unmap(w->memory);
    CHECK_OK(slotring_writer_close(w->writer));
    CHECK_OK(slotring_writer_close(w->other));
    check_recovered(w->ring, 1);
    ring_remove(w->ring, ring_name());
}

static void plant_written(written_t *w, const char *what, sr__word_t *word, uint64_t damage)
{
    plot_t plot = {.ring = w->ring};
    plant(&plot, what, word, damage);
}

static void writers(void)
{
    written_t w;
    set_up_written(&w);
    sr__writer_t *row = &w.view.writers[0], *idle = &w.view.writers[1];
    sr__slot_t *open = sr__slot(&w.view, w.open);
    uint64_t claimed = atomic_load(&row->claimed), total = atomic_load(&row->total);
    plant_written(&w, "of nobody", &row->state, atomic_load(&row->state) ^ UINT64_C(9) << 4);
    plant_written(&w, "free, and something is open", &row->state, 0);
    plant_written(&w, "another slot", &row->slot, w.open == 0 ? 1 : w.open - 1);
    plant_written(&w, "a listed slot", &row->slot, w.listed[2]);
    plant_written(&w, "no name", &row->claimed, 0);
    plant_written(&w, "an older version", &row->claimed, claimed - SR__VERSION_ONE);
    plant_written(&w, "a later version", &row->claimed, claimed + SR__VERSION_ONE);
    plant_written(&w, "another owner", &row->claimed, sr__with_state(claimed, SR__CLAIMED, 3));
    plant_written(&w, "an older block", &row->block, atomic_load(&row->block) - 1);
    plant_written(&w, "a later block", &row->block, atomic_load(&row->block) + 1);
    plant_written(&w, "counted twice", &row->total, total + 2);
    atomic_store(&row->total, total + 1); /* no fault: its writer was stopped while it closed the block */
    check_ring(w.ring);
    CHECK_EQUAL(ring_stats(w.ring).records, total + 1);
    atomic_store(&row->total, total);
    plant_written(&w, "not counted", &row->total, total - 1);
    plant_written(&w, "an open block that begins elsewhere", &open->number, total + 1);
    plant_written(&w, "an open block of another writer", &open->content,
                  atomic_load(&open->content) ^ UINT64_C(1) << 4);
    plant_written(&w, "messages without a block", &idle->total, 1);
    sr__word_t *high =
        (sr__word_t *)(void *)&w.view.state->writers_high; /* its first half, in any byte order */
    uint64_t none = atomic_load(high);
    memset(&none, 0, sizeof w.view.state->writers_high);
    plant_written(&w, "no writer is known", high, none);
    atomic_store(&idle->slot, w.open); /* two names of one slot */
    atomic_store(&idle->block, 1);
    plant_written(&w, "two writers in one slot", &idle->claimed, claimed);
    atomic_store(&idle->slot, 0);
    atomic_store(&idle->block, 0);
    tear_down_written(&w);
}

static void records(void)
{
    written_t w;
    set_up_written(&w);
    sr__slot_t *first = sr__slot(&w.view, w.listed[0]), *second = sr__slot(&w.view, w.listed[1]),
               *message = sr__slot(&w.view, w.listed[2]);
    uint8_t *bytes = sr__block_bytes(&w.view, w.listed[0]), *open = sr__block_bytes(&w.view, w.open);
    uint64_t header = atomic_load(sr__record_word(bytes, 0));
    plant_written(&w, "a record longer than the block", sr__record_word(bytes, 0),
                  header | UINT64_C(1) << 63);
    plant_written(&w, "a record that was not committed", sr__record_word(bytes, 16),
                  header & ~SR__RECORD_COMMITTED);
    plant_written(&w, "a block without an end", sr__record_word(bytes, 16), 0);
    plant_written(&w, "an end too early", sr__record_word(bytes, 16), SR__RECORD_COMMITTED | SR__RECORD_END);
    plant_written(&w, "a record of another length", sr__record_word(bytes, 16),
                  header + (UINT64_C(16) << SR__RECORD_LENGTH_SHIFT));
    plant_written(&w, "a record longer than the open block", sr__record_word(open, 0),
                  header | UINT64_C(1) << 63);
    plant_written(&w, "nonsense in the open block", sr__record_word(open, 16), UINT64_C(0x5a5a5a00));
    plant_written(&w, "fewer bytes than it has", &first->length, atomic_load(&first->length) - 8);
    plant_written(&w, "a block before the one before", &second->content, atomic_load(&first->content));
    plant_written(&w, "a gap in the numbers", &second->number, atomic_load(&second->number) + 1);
    plant_written(&w, "numbers given twice", &second->number, atomic_load(&second->number) - 1);
    plant_written(&w, "a message with another number", &message->number, 3);
    tear_down_written(&w);
}

static struct {
    slotring_t *ring;
    atomic_uint over, writing;
} busy;

/* Records and larger messages, one writer after the other. */
static void write_and_write(void *argument)
{
    uint64_t n = 0;
    (void)argument;
    while (atomic_load(&busy.over) == 0 && threads_go_on()) {
        slotring_writer_t *writer;
        CHECK_OK(slotring_writer_open(busy.ring, NULL, &writer));
        for (uint64_t m = 0; m < 1000; m++, n++)
            append(writer, n % 50 == 0 ? 150 : n % 24);
        CHECK_OK(slotring_writer_close(writer));
    }
    atomic_fetch_sub(&busy.writing, 1);
}

static void read_and_read(void *argument)
{
    slotring_reader_t *reader = argument;
    slotring_slot_t slot;
    while (atomic_load(&busy.writing) != 0 && threads_go_on())
        if (slotring_next(reader, MILLISECOND, &slot) == 0)
            CHECK_OK(slotring_reader_release(reader));
}

/* Each look finds nothing, whoever looks. */
static void look_and_look(void *argument)
{
    slotring_t *observer = ring_observe(ring_name());
    (void)argument;
    for (unsigned long n = scaled(120); n > 0 && threads_go_on(); n--) {
        check_ring(busy.ring);
        check_ring(observer);
    }
    CHECK_OK(slotring_close(observer));
    atomic_store(&busy.over, 1);
}

static void writers_in_use(void)
{
    atomic_store(&busy.over, 0);
    atomic_store(&busy.writing, 2);
    busy.ring = ring_create(ring_name(), 8, 200);
    slotring_reader_t *lossless = subscribe(busy.ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW),
                      *lossy = subscribe(busy.ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    thread_start(write_and_write, NULL);
    thread_start(write_and_write, NULL);
    thread_start(read_and_read, lossless);
    thread_start(read_and_read, lossy);
    thread_start(look_and_look, NULL);
    threads_join();
    CHECK_OK(slotring_unsubscribe(lossless));
    CHECK_OK(slotring_unsubscribe(lossy));
    check_recovered(busy.ring, 1);
    ring_remove(busy.ring, ring_name());
}

static void several_at_once(void)
{
    plot_t plot;
    set_up(&plot);
    sr__slot_t *slot = sr__slot(&plot.view, slot_of(&plot, 5));
    uint64_t length = atomic_load(&slot->length);
    atomic_store(&slot->length, 5000);
    atomic_store(&plot.view.state->tail, 77);
    CHECK_AT_LEAST(findings_of(plot.ring), 2);
    atomic_store(&slot->length, length);
    atomic_store(&plot.view.state->tail, 6);
    tear_down(&plot);
}

/* ---- In use ------------------------------------------------------------------------------------------ */

static struct {
    const sr__backend_t *real;
    sr__backend_t own;
    slotring_t *producer; /* NULL: nothing moves */
    sr__word_t *word;
    uint64_t right;
    unsigned sleeps, mended_at;
} use;

/* While the audit sleeps others go on, and at last so does the one that had half done something. */
static void sleep_in_use(uint64_t duration_ns)
{
    slotring_slot_t slot;
    use.real->system.sleep_ns(duration_ns);
    if (use.producer) {
        CHECK_OK(slotring_allocate(use.producer, 1, &slot));
        CHECK_OK(slotring_abort(use.producer, &slot));
    }
    if (++use.sleeps == use.mended_at)
        atomic_store(use.word, use.right);
}

static uint64_t findings_in_use(plot_t *plot, sr__word_t *word, uint64_t damage, bool in_use,
                                unsigned mended_at)
{
    uint64_t findings = 0;
    use.producer = in_use ? ring_attach(ring_name()) : NULL;
    use.word = word;
    use.right = atomic_load(word);
    use.sleeps = 0;
    use.mended_at = mended_at;
    use.real = plot->ring->member.os;
    use.own = *use.real;
    use.own.system.sleep_ns = sleep_in_use;
    plot->ring->member.os = &use.own;
    atomic_store(word, damage);
    CHECK_OK(slotring_check(plot->ring, NULL, NULL, &findings));
    atomic_store(word, use.right);
    plot->ring->member.os = use.real;
    if (in_use)
        CHECK_OK(slotring_close(use.producer));
    return findings;
}

/* What a thread without a processor leaves apart is no fault, and what stays is one. */
static void while_the_ring_is_in_use(void)
{
    plot_t plot;
    set_up(&plot);
    sr__word_t *held = &sr__slot(&plot.view, plot.held.index)->hold0;
    uint64_t damage = atomic_load(held) | UINT64_C(1) << 63;
    CHECK_EQUAL(findings_in_use(&plot, held, damage, true, 5), 0);
    CHECK_EQUAL(use.sleeps, 5);
    CHECK_AT_LEAST(findings_in_use(&plot, held, damage, true, 100), 1);
    CHECK_EQUAL(use.sleeps, 8);
    CHECK_AT_LEAST(findings_in_use(&plot, held, damage, false, 5), 1); /* nobody moves: nothing to wait for */
    CHECK_EQUAL(use.sleeps, 2);
    tear_down(&plot);
}

static const test_case_t cases[] = {
    {"slots", slots, 0},
    {"order_and_frontier", order_and_frontier, 0},
    {"rows", rows, 0},
    {"free_map", free_map, 0},
    {"several_at_once", several_at_once, 0},
    {"writers", writers, 0},
    {"records", records, 0},
    {"writers_in_use", writers_in_use, TEST_THREADS},
    {"while_the_ring_is_in_use", while_the_ring_is_in_use, 0},
    {NULL, NULL, 0},
};

const test_suite_t check_suite = {"check", cases, NULL};

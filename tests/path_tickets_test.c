/* SPDX-License-Identifier: Apache-2.0 */
/* Kills at every instruction of each path on which a record is acquired, released, copied or freed by its ticket, and on which
 * a block is closed whose records are freed. Whoever is killed where: a lossless reader has each record once, a record that is
 * held stays, and each slot comes back when its records are freed. */
#include <stdio.h>
#include <string.h>

#include "support/comb.h"
#include "support/internals.h"
#include "support/ring.h"
#include "support/step.h"
#include "support/suite.h"

#define SLOTS 4u
#define SLOT_SIZE 512u
#define RECORDS 4u /* that a round prepares */
#define RECORD_SIZE 24u

/* ---- The survivor -------------------------------------------------------------------------------------- */

static struct {
    slotring_t *ring;
    slotring_writer_t *writer;
    slotring_reader_t *reader;
    bool keep;
    slotring_ticket_t tickets[64]; /* of this round, as the reader got them */
    uint32_t count;
    uint64_t next[SLOTS]; /* number of the next message, by the row of its writer */
    uint32_t target;      /* which ticket the victim uses */
    uint64_t uncounted;   /* publications that no counter has seen go */
    pid_t stopped;        /* another one, which is killed after the victim; 0: none */
} plot;

static void open_writer(void)
{
    if (!plot.writer)
        CHECK_OK(slotring_writer_open(plot.ring, NULL, &plot.writer));
}

static void close_writer(void)
{
    if (plot.writer)
        CHECK_OK(slotring_writer_close(plot.writer));
    plot.writer = NULL;
}

static void append_to(slotring_writer_t *writer, uint64_t tag)
{
    uint8_t data[RECORD_SIZE];
    pattern_fill(data, sizeof data, tag);
    CHECK_OK(slotring_writer_append(writer, data, sizeof data, tag, 0));
}

static void check_record(const slotring_slot_t *slot)
{
    CHECK_EQUAL(slot->length, RECORD_SIZE);
    CHECK_EQUAL(pattern_verify(slot->data, RECORD_SIZE, slot->tag), RECORD_SIZE);
}

/* All there is, each message of a writer once and in its order. */
static void read_all(void)
{
    for (;;) {
        slotring_slot_t slot;
        int code = slotring_next(plot.reader, 0, &slot);
        if (code == SLOTRING_E_EMPTY || code == SLOTRING_E_END)
            return;
        if (code == SLOTRING_E_PRODUCER_DIED)
            continue;
        CHECK_OK(code);
        check_record(&slot);
        CHECK_EQUAL(slot.number, plot.next[slot.writer]);
        plot.next[slot.writer]++;
        CHECK(plot.count < sizeof plot.tickets / sizeof plot.tickets[0]);
        plot.tickets[plot.count++] = slot.ticket;
        CHECK_OK(slotring_reader_release(plot.reader));
    }
}

static void write_records(uint32_t count)
{
    open_writer();
    for (uint32_t i = 0; i < count; i++)
        append_to(plot.writer, plot.count + i);
    read_all();
}

static void free_but(uint32_t kept)
{
    for (uint32_t i = 0; i < plot.count; i++) {
        if (i == kept)
            continue;
        int code = slotring_free(plot.ring, &plot.tickets[i]);
        CHECK(code == 0 || code == SLOTRING_E_STALE);
    }
}

#define NONE UINT32_MAX

/* ---- What is prepared ---------------------------------------------------------------------------------- */

static void an_open_block(void)
{
    write_records(RECORDS);
    plot.target = 2;
}

static void a_closed_block(void)
{
    an_open_block();
    close_writer();
    read_all(); /* passes it */
}

static void the_last_of_an_open_block(void)
{
    an_open_block();
    free_but(plot.target);
}

static void the_last_of_a_closed_block(void)
{
    a_closed_block();
    free_but(plot.target);
}

/* The reader has not passed it. */
static void the_last_of_an_unread_block(void)
{
    an_open_block();
    close_writer();
    free_but(plot.target);
}

/* The block is retired, and the survivor's hold keeps it. Only in a ring that overwrites. */
static slotring_slot_t held;

static void a_retired_block(void)
{
    a_closed_block();
    CHECK_OK(slotring_acquire_for_read(plot.ring, &plot.tickets[0], &held));
    slotring_slot_t all[SLOTS];
    uint32_t got = 0;
    while (got < SLOTS && slotring_allocate(plot.ring, 1, &all[got]) == 0)
        got++;
    CHECK_EQUAL(got, SLOTS - 1);
    while (got > 0)
        CHECK_OK(slotring_abort(plot.ring, &all[--got]));
    CHECK(sr__is_retired(sr__load(&sr__slot(&plot.ring->member.view, held.index)->word)));
}

static void needs_a_slot(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_slot_t slot;
    step_begin();
    CHECK_OK(slotring_allocate(ring, 1, &slot));
    step_end();
}

static uint64_t word_of_target(void)
{
    return sr__load(&sr__slot(&plot.ring->member.view, plot.tickets[plot.target].slot)->word);
}

static bool not_in_reclaim(void *context, unsigned long done)
{
    (void)context, (void)done;
    return sr__slot_state(word_of_target()) != SR__RECLAIM;
}

/* The ring is full, and a producer is looking whether anybody holds the oldest block. Only in a ring that overwrites. */
static void a_block_in_reclaim(void)
{
    step_trace_t way;
    a_closed_block();
    for (uint32_t i = 1; i < SLOTS; i++) {
        write_records(1);
        close_writer();
        read_all();
    }
    plot.stopped = step_and_watch(needs_a_slot, ring_name(), not_in_reclaim, NULL, &way);
    step_forget(&way);
}

static void nothing(void)
{
    plot.target = 0;
}

/* ---- What the survivor does beside the victim ----------------------------------------------------------- */

/* Goes on to another block, if it has one open, and frees all. */
static void close_and_free(void)
{
    close_writer();
    read_all();
    free_but(NONE);
}

/* Frees all, and then closes. */
static void free_and_close(void)
{
    read_all();
    free_but(NONE);
    close_writer();
    read_all();
}

/* Writes over all that may go. */
static void write_a_lap(void)
{
    for (uint32_t i = 0; i < SLOTS + 1; i++) {
        slotring_slot_t slot;
        if (slotring_allocate(plot.ring, 1, &slot) == 0)
            CHECK_OK(slotring_abort(plot.ring, &slot));
    }
    close_writer();
    read_all();
    for (uint32_t i = 0; i < SLOTS + 1 && !plot.keep; i++) {
        write_records(1);
        close_writer();
        read_all();
    }
}

/* ---- Victims ------------------------------------------------------------------------------------------- */

static void acquires(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_slot_t slot;
    step_begin();
    int code = slotring_acquire_for_read(ring, &plot.tickets[plot.target], &slot);
    if (code == 0) {
        check_record(&slot);
        CHECK_OK(slotring_release(ring, &slot));
    } else {
        CHECK_EQUAL(code, SLOTRING_E_STALE);
    }
    step_end();
}

static void copies(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    uint8_t buffer[RECORD_SIZE];
    slotring_slot_t info;
    step_begin();
    int code = slotring_copy(ring, &plot.tickets[plot.target], buffer, sizeof buffer, &info);
    if (code == 0)
        CHECK_EQUAL(pattern_verify(buffer, RECORD_SIZE, info.tag), RECORD_SIZE);
    else
        CHECK_EQUAL(code, SLOTRING_E_STALE);
    step_end();
}

static void frees(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    step_begin();
    int code = slotring_free(ring, &plot.tickets[plot.target]);
    CHECK(code == 0 || code == SLOTRING_E_STALE);
    step_end();
}

/* Its records are freed while it is on its way to close them, or by itself before. */
static void closes(const char *name, bool frees_before)
{
    slotring_t *ring = ring_attach(name);
    slotring_writer_t *writer = NULL;
    CHECK_OK(slotring_writer_open(ring, NULL, &writer));
    slotring_ticket_t tickets[2];
    for (uint32_t i = 0; i < 2; i++) {
        slotring_slot_t slot;
        CHECK_OK(slotring_writer_reserve(writer, RECORD_SIZE, 0, &slot));
        slot.tag = i;
        pattern_fill(slot.data, RECORD_SIZE, i);
        CHECK_OK(slotring_writer_commit(writer, &slot, RECORD_SIZE));
        tickets[i] = slot.ticket;
    }
    for (uint32_t i = 0; i < 2 && frees_before; i++)
        CHECK_OK(slotring_free(ring, &tickets[i]));
    step_begin();
    CHECK_OK(slotring_writer_close(writer));
    step_end();
}

static void closes_what_is_freed(peer_t *test, const char *name)
{
    (void)test;
    closes(name, true);
}

static void closes_what_others_free(peer_t *test, const char *name)
{
    (void)test;
    closes(name, false);
}

static void closes_an_empty_block(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_writer_t *writer = NULL;
    slotring_slot_t slot;
    CHECK_OK(slotring_writer_open(ring, NULL, &writer));
    step_begin();
    CHECK_OK(slotring_writer_reserve(writer, RECORD_SIZE, 0, &slot));
    CHECK_OK(slotring_writer_cancel(writer, &slot));
    CHECK_OK(slotring_writer_close(writer));
    step_end();
}

/* ---- Rounds -------------------------------------------------------------------------------------------- */

typedef struct ticket_path {
    const char *what;
    bool keep;
    void (*prepare)(void);
    void (*beside)(void);
    role_fn victim;
} ticket_path_t;

/* What the survivor does while the victim stands still, and whether the victim goes on before it is killed. */
typedef struct way {
    bool beside, goes_on;
} way_t;
static const way_t ways[] = {{false, false}, {true, false}, {true, true}};
#define WAYS (sizeof ways / sizeof ways[0])

static step_trace_t trace;

static void begin_round(const ticket_path_t *path)
{
    plot.count = 0;
    path->prepare();
}

/* Each slot once through the survivor's hands. */
static void take_every_slot(void)
{
    slotring_slot_t all[SLOTS];
    for (uint32_t i = 0; i < SLOTS; i++)
        CHECK_OK(slotring_allocate(plot.ring, 1, &all[i]));
    for (uint32_t i = 0; i < SLOTS; i++)
        CHECK_OK(slotring_abort(plot.ring, &all[i]));
}

static void check_counters(void)
{
    slotring_stats_t now = ring_stats(plot.ring);
    CHECK_EQUAL(now.slots_free, SLOTS);
    uint64_t counted = now.overwritten + now.recycled + now.freed;
    CHECK_AT_LEAST(now.published, counted);
    CHECK_AT_LEAST(plot.uncounted + 1, now.published - counted); /* the one that was killed may lack one */
    plot.uncounted = now.published - counted;
}

static void end_round(void)
{
    slotring_recovery_t recovery = {.struct_size = sizeof recovery};
    uint32_t killed = plot.stopped != 0 ? 2 : 1;
    if (plot.stopped != 0)
        step_kill(plot.stopped);
    plot.stopped = 0;
    CHECK_OK(slotring_recover(plot.ring, &recovery));
    CHECK_EQUAL(recovery.participants, killed);
    read_all();
    if (held.data) {
        check_record(&held);
        CHECK_OK(slotring_release(plot.ring, &held));
    }
    close_writer();
    read_all();
    check_ring_at_rest(plot.ring);
    free_but(NONE);
    for (uint32_t i = 0; i < plot.count; i++)
        CHECK_CODE(slotring_free(plot.ring, &plot.tickets[i]), SLOTRING_E_STALE);
    take_every_slot();
    check_ring_at_rest(plot.ring);
    check_counters();
    CHECK_OK(slotring_end_stream(plot.ring));
}

static void run_round(const ticket_path_t *path, unsigned long n, const way_t *way)
{
    begin_round(path);
    pid_t victim = step_start(path->victim, ring_name());
    bool inside = true;
    if (n < trace.count)
        inside = step_go_to(victim, &trace, 0, n);
    else
        step_finish(victim);
    if (way->beside)
        path->beside();
    if (way->goes_on && inside && n < trace.count)
        step_finish(victim);
    step_kill(victim);
    end_round();
}

static void kill_at_instruction(const void *path, unsigned long n, size_t way)
{
    run_round(path, n, &ways[way]);
}

static void open_ring(bool keep)
{
    memset(&plot, 0, sizeof plot);
    memset(&held, 0, sizeof held);
    step_share(&plot, sizeof plot);
    plot.keep = keep;
    slotring_options_t options = ring_options(SLOTRING_CREATE, SLOTS, SLOT_SIZE);
    options.when_full = keep ? SLOTRING_KEEP : SLOTRING_OVERWRITE;
    plot.ring = ring_open_with(ring_name(), &options);
    plot.reader = subscribe(plot.ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
}

static void kill_on(const ticket_path_t *path)
{
    const char *why;
    if (!step_possible(&why)) {
        test_skip("%s", why);
        return;
    }
    bool thorough = thorough_seconds() > 0;
    int64_t start = now_ns(), budget = time_to_try(300);
    open_ring(path->keep);
    begin_round(path);
    step_kill(step_record(path->victim, ring_name(), NULL, NULL, &trace));
    end_round();
    comb_t comb = {path->what, path, 0, trace.count, trace.count, WAYS, kill_at_instruction};
    unsigned long points, kills = 1 + comb_kill(&comb, thorough, start + budget, &points);
    printf("PROVED %lu kills; %s: at %lu of %lu instructions\n", kills, path->what, points, trace.count + 1);
    step_forget(&trace);
    check_context("%s", "");
    CHECK_AT_LEAST(kills, COMB_KILLS_LEAST);
    CHECK_OK(slotring_unsubscribe(plot.reader));
    ring_remove(plot.ring, ring_name());
}

static const ticket_path_t paths[] = {
    {"acquire in an open block", true, an_open_block, close_and_free, acquires},
    {"acquire in a closed block", true, a_closed_block, close_and_free, acquires},
    {"acquire in a block that is overwritten", false, a_closed_block, write_a_lap, acquires},
    {"acquire in an open block that is overwritten", false, an_open_block, write_a_lap, acquires},
    {"acquire in a retired block", false, a_retired_block, write_a_lap, acquires},
    {"copy from an open block", true, an_open_block, close_and_free, copies},
    {"free in an open block", true, an_open_block, close_and_free, frees},
    {"free the last one of an open block", true, the_last_of_an_open_block, close_and_free, frees},
    {"free the last one, which another frees", true, the_last_of_an_open_block, free_and_close, frees},
    {"free the last one of a closed block", true, the_last_of_a_closed_block, close_and_free, frees},
    {"free the last one of an unread block", true, the_last_of_an_unread_block, close_and_free, frees},
    {"free in a block that is overwritten", false, the_last_of_a_closed_block, write_a_lap, frees},
    {"free in a retired block", false, a_retired_block, close_and_free, frees},
    {"close what is freed", true, nothing, close_and_free, closes_what_is_freed},
    {"close what others free", true, nothing, close_and_free, closes_what_others_free},
    {"close what is freed and overwritten", false, nothing, write_a_lap, closes_what_is_freed},
    {"close an empty block", true, nothing, close_and_free, closes_an_empty_block},
    {"acquire in a block that is being reclaimed", false, a_block_in_reclaim, close_and_free, acquires},
};

#define PATH(name, row)       \
    static void name(void)    \
    {                         \
        kill_on(&paths[row]); \
    }
PATH(acquire_open, 0)
PATH(acquire_closed, 1)
PATH(acquire_overwritten, 2)
PATH(acquire_open_overwritten, 3)
PATH(acquire_retired, 4)
PATH(copy_open, 5)
PATH(free_open, 6)
PATH(free_last_open, 7)
PATH(free_last_raced, 8)
PATH(free_last_closed, 9)
PATH(free_last_unread, 10)
PATH(free_overwritten, 11)
PATH(free_retired, 12)
PATH(close_freed, 13)
PATH(close_while_freed, 14)
PATH(close_overwritten, 15)
PATH(close_empty, 16)
PATH(acquire_puts_back, 17)

static const test_case_t cases[] = {
    {"acquire_open", acquire_open, 0},
    {"acquire_closed", acquire_closed, 0},
    {"acquire_overwritten", acquire_overwritten, 0},
    {"acquire_open_overwritten", acquire_open_overwritten, 0},
    {"acquire_retired", acquire_retired, 0},
    {"copy_open", copy_open, 0},
    {"free_open", free_open, 0},
    {"free_last_open", free_last_open, 0},
    {"free_last_raced", free_last_raced, 0},
    {"free_last_closed", free_last_closed, 0},
    {"free_last_unread", free_last_unread, 0},
    {"free_overwritten", free_overwritten, 0},
    {"free_retired", free_retired, 0},
    {"close_freed", close_freed, 0},
    {"close_while_freed", close_while_freed, 0},
    {"close_overwritten", close_overwritten, 0},
    {"close_empty", close_empty, 0},
    {"acquire_puts_back", acquire_puts_back, 0},
    {NULL, NULL, 0},
};

const test_suite_t path_tickets_suite = {"path_tickets", cases, step_roles};

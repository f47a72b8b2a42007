/* SPDX-License-Identifier: Apache-2.0 */
/* Kills at every instruction of each path of a writer of messages of any size, of a reader of them, and of who repairs
 * after a writer. What was committed is read whole and once by those who live, numbers have no gap, and the next writer
 * goes on with them. */
#include <string.h>

#include "support/internals.h"
#include "support/records.h"
#include "support/ring.h"
#include "support/rounds.h"
#include "support/suite.h"

#define NO_WAIT 0
#define SLOTS 6u
#define SLOT_SIZE 128u /* a block has room for three records of 16 bytes with their tags */
#define LARGE 100u     /* bytes of a message that takes a slot */
#define ROWS 2u        /* of the survivor's writer, and of the victim's */
#define OURS 0u
#define THEIRS 1u

enum author {
    SURVIVOR = 1,
    VICTIM = 2,
    SUCCESSOR = 3
};

/* What one reader of the survivor had, by the row of the writer. */
typedef struct had {
    slotring_reader_t *reader;
    uint64_t next[ROWS], missed[ROWS];
} had_t;

typedef struct scene {
    slotring_t *ring;
    slotring_writer_t *writer;
    had_t lossless, lossy;
    uint64_t number; /* of the survivor's next message */
    uint64_t base;   /* number of the victim's first message of this round */
} scene_t;

static scene_t scene;

/* ---- Messages: the tag says who wrote it, how long it is, and the how-manieth it is of its author ------------ */

static uint64_t tag_of(enum author author, uint64_t length, uint64_t number)
{
    return pattern_tag((uint32_t)length << 4 | author, number);
}

static const void *message_of(uint64_t tag, uint64_t *length)
{
    static uint8_t bytes[SLOT_SIZE];
    *length = pattern_producer(tag) >> 4;
    pattern_fill(bytes, *length, tag);
    return bytes;
}

static int append(slotring_writer_t *writer, uint64_t tag)
{
    uint64_t length;
    const void *bytes = message_of(tag, &length);
    return slotring_writer_append(writer, bytes, length, tag, NO_WAIT);
}

/* What this one had of each writer has no gap but what it missed, and is what was written. */
static void note(had_t *had, const slotring_slot_t *slot, bool may_miss)
{
    uint32_t row = slot->writer, author = pattern_producer(slot->tag) & 15;
    CHECK(row < ROWS);
    CHECK_EQUAL(slot->length, pattern_producer(slot->tag) >> 4);
    CHECK_EQUAL(pattern_verify(slot->data, slot->length, slot->tag), slot->length);
    CHECK_EQUAL(author == SURVIVOR, row == OURS);
    CHECK_AT_LEAST(slot->number, had->next[row]);
    CHECK(may_miss || slot->number == had->next[row]);
    CHECK_EQUAL(pattern_number(slot->tag), author == VICTIM ? slot->number - scene.base : slot->number);
    if (author == VICTIM) /* nothing is seen that it had not meant to write */
        CHECK_AT_LEAST(atomic_load(&progress->tried), slot->number - scene.base + 1);
    had->missed[row] += slot->number - had->next[row];
    had->next[row] = slot->number + 1;
}

static void read_all(had_t *had, bool may_miss)
{
    for (;;) {
        slotring_slot_t slot;
        int code = slotring_next(had->reader, NO_WAIT, &slot);
        if (code == SLOTRING_E_EMPTY || code == SLOTRING_E_END)
            return;
        if (code == SLOTRING_E_PRODUCER_DIED)
            continue;
        CHECK_OK(code);
        if (slot.writer == SLOTRING_NO_WRITER)
            pattern_check(&slot);
        else
            note(had, &slot, may_miss);
        CHECK_OK(slotring_reader_release(had->reader));
    }
}

static void survivors_read(void)
{
    read_all(&scene.lossless, false);
    read_all(&scene.lossy, true);
}

/* As many as it may; false: there is no room. */
static bool survivor_writes(uint64_t length)
{
    for (int turn = 0; turn < 3; turn++) {
        int code = append(scene.writer, tag_of(SURVIVOR, length, scene.number));
        if (code == 0) {
            scene.number++;
            return true;
        }
        CHECK_EQUAL(code, SLOTRING_E_FULL);
        survivors_read();
    }
    return false;
}

static void survivor_writes_a_lap(void)
{
    for (uint32_t i = 0; i < 4 * SLOTS && survivor_writes(i % 5 == 3 ? LARGE : 8 + i % 9); i++)
        if (i % 3 == 0) {
            slotring_slot_t slot;
            if (slotring_allocate(scene.ring, 1, &slot) != 0)
                continue;
            slot.tag = pattern_tag(77, i);
            slot.length = pattern_length(slot.tag, slot.capacity);
            pattern_fill(slot.data, slot.length, slot.tag);
            CHECK_OK(slotring_mark_ready(scene.ring, &slot, slot.length));
        }
}

/* Reservations that are given back, and slots that change from one kind to the other under a reader that looks. */
static void survivor_reserves(void)
{
    slotring_slot_t slot;
    for (uint32_t i = 0; i < SLOTS; i++) {
        if (slotring_writer_reserve(scene.writer, LARGE, NO_WAIT, &slot) != 0)
            return;
        CHECK_OK(slotring_writer_cancel(scene.writer, &slot));
        if (!survivor_writes(LARGE) || !survivor_writes(16))
            return;
    }
}

/* ---- One round ------------------------------------------------------------------------------------------- */

typedef struct path {
    const char *what;
    void (*prepare)(void);
    role_fn victim;
    uint64_t messages; /* that it writes when nobody is in its way */
    bool sleeps;       /* killed around its system calls */
    role_fn second;    /* NULL, or who repairs after the victim, which stands where `stand` says */
    step_watch_fn stand;
    uint64_t least; /* messages that are there wherever it is killed */
    bool sums;      /* in a ring with checksums, which the lossless reader and each check compare */
} path_t;

enum beside {
    NOTHING,
    READ,
    WRITE,
    RESERVE
};

typedef struct way {
    enum beside beside;
    bool goes_on; /* to its end, before it is killed */
} way_t;

static const way_t ways[] = {{NOTHING, false}, {READ, false},   {WRITE, false},  {READ, true},
                             {WRITE, true},    {RESERVE, true}, {RESERVE, false}};

static void begin_round(const void *of)
{
    const path_t *path = of;
    scene.writer = writer_open(scene.ring);
    CHECK_EQUAL(writer_row(scene.writer), OURS);
    scene.base = records_total(scene.ring, THEIRS);
    if (path->prepare)
        path->prepare();
}

/* What is committed is visible, also while the victim stands anywhere. */
static void check_visible(void)
{
    uint64_t done = atomic_load(&progress->done);
    survivors_read();
    CHECK_AT_LEAST(scene.lossless.next[THEIRS] - scene.base, done);
}

static bool work_beside(size_t way)
{
    enum beside beside = ways[way].beside;
    if (beside == READ)
        check_visible();
    if (beside == WRITE)
        survivor_writes_a_lap();
    if (beside == RESERVE)
        survivor_reserves();
    return ways[way].goes_on;
}

/* Everything is closed, and the streams are at their end. In a ring with hot slots the last messages may have gone before
 * the lossy reader came to them. */
static void check_loss(had_t *had)
{
    uint64_t missed = 0;
    for (uint32_t row = 0; row < ROWS; row++) {
        uint64_t total = records_total(scene.ring, row);
        had->missed[row] += total - had->next[row];
        had->next[row] = total;
        missed += had->missed[row];
    }
    CHECK_EQUAL(records_missed(had->reader), missed);
}

static void end_round(const void *of, bool complete)
{
    const path_t *path = of;
    slotring_recovery_t recovery = {.struct_size = sizeof recovery};
    CHECK_OK(slotring_recover(scene.ring, &recovery));
    CHECK_AT_LEAST(path->second ? 2 : 1,
                   recovery.participants); /* the second one may have repaired the first */
    CHECK_EQUAL(ring_stats(scene.ring).participants, 1);
    survivors_read();
    uint64_t got = scene.lossless.next[THEIRS] - scene.base;
    CHECK_AT_LEAST(got, atomic_load(&progress->done));
    CHECK_AT_LEAST(path->messages, got);
    CHECK_AT_LEAST(got, complete ? path->messages : path->least);
    CHECK_EQUAL(records_total(scene.ring, THEIRS), scene.lossless.next[THEIRS]);
    check_ring(scene.ring);
    slotring_writer_t *successor = writer_open(scene.ring);
    CHECK_EQUAL(writer_row(successor), THEIRS);
    CHECK_OK(append(successor, tag_of(SUCCESSOR, 9, records_total(scene.ring, THEIRS))));
    CHECK_OK(slotring_writer_close(successor));
    survivors_read();
    CHECK_EQUAL(scene.lossless.next[THEIRS], scene.base + got + 1);
    CHECK_OK(slotring_writer_close(scene.writer));
    CHECK_OK(slotring_end_stream(scene.ring)); /* then a lossy reader counts all that it missed */
    survivors_read();
    CHECK_EQUAL(scene.lossless.next[OURS], scene.number);
    CHECK_EQUAL(records_total(scene.ring, OURS), scene.number);
    check_loss(&scene.lossless);
    check_loss(&scene.lossy);
    check_ring_at_rest(scene.ring);
    slotring_slot_t slots[SLOTS]; /* each slot once through the survivor's hands */
    for (uint32_t i = 0; i < SLOTS; i++)
        CHECK_OK(slotring_allocate(scene.ring, 1, &slots[i]));
    for (uint32_t i = 0; i < SLOTS; i++)
        CHECK_OK(slotring_abort(scene.ring, &slots[i]));
}

/* ---- Victims that write ---------------------------------------------------------------------------------- */

static uint64_t victim_number;

/* NO_WAIT: the survivor may have all slots in hand. */
static void victim_appends(slotring_writer_t *writer, uint64_t length)
{
    atomic_store(&progress->tried, victim_number + 1);
    int code = append(writer, tag_of(VICTIM, length, victim_number));
    if (code == 0)
        atomic_store(&progress->done, ++victim_number);
    else
        CHECK_EQUAL(code, SLOTRING_E_FULL);
}

static slotring_writer_t *victim_opens(const char *name, uint32_t records)
{
    victim_number = 0;
    slotring_writer_t *writer = writer_open(ring_attach(name));
    CHECK_EQUAL(writer_row(writer), THEIRS);
    for (uint32_t i = 0; i < records; i++)
        victim_appends(writer, 16);
    return writer;
}

static void opens(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    victim_number = 0;
    step_begin();
    slotring_writer_t *writer = writer_open(ring);
    victim_appends(writer, 11);
    step_end();
}

static void appends_behind(peer_t *test, const char *name)
{
    (void)test;
    slotring_writer_t *writer = victim_opens(name, 1);
    step_begin();
    victim_appends(writer, 0);
    victim_appends(writer, 13);
    step_end();
}

static void appends_beyond(peer_t *test, const char *name)
{
    (void)test;
    slotring_writer_t *writer = victim_opens(name, 3);
    step_begin();
    victim_appends(writer, 16);
    step_end();
}

static void appends_large(peer_t *test, const char *name)
{
    (void)test;
    slotring_writer_t *writer = victim_opens(name, 2);
    step_begin();
    victim_appends(writer, LARGE);
    victim_appends(writer, 5);
    step_end();
}

static void appends_large_alone(peer_t *test, const char *name)
{
    (void)test;
    slotring_writer_t *writer = victim_opens(name, 0);
    step_begin();
    victim_appends(writer, SLOT_SIZE);
    victim_appends(writer, LARGE);
    step_end();
}

static void closes(peer_t *test, const char *name)
{
    (void)test;
    slotring_writer_t *writer = victim_opens(name, 2);
    step_begin();
    CHECK_OK(slotring_writer_close(writer));
    step_end();
}

static void closes_handle(peer_t *test, const char *name)
{
    (void)test;
    slotring_writer_t *writer = victim_opens(name, 2);
    slotring_slot_t slot;
    (void)slotring_writer_reserve(writer, 20, NO_WAIT, &slot);
    step_begin();
    CHECK_OK(slotring_close(writer_ring(writer)));
    step_end();
}

static void victim_reserves(slotring_writer_t *writer, uint64_t size, uint64_t length)
{
    slotring_slot_t slot;
    int code = slotring_writer_reserve(writer, size, NO_WAIT, &slot);
    if (code != 0) {
        CHECK_EQUAL(code, SLOTRING_E_FULL);
        return;
    }
    memset(slot.data, 0xbb, (size_t)size);
    if (length == UINT64_MAX) {
        CHECK_OK(slotring_writer_cancel(writer, &slot));
        return;
    }
    slot.tag = tag_of(VICTIM, length, victim_number);
    pattern_fill(slot.data, length, slot.tag);
    atomic_store(&progress->tried, victim_number + 1);
    CHECK_OK(slotring_writer_commit(writer, &slot, length));
    atomic_store(&progress->done, ++victim_number);
}

static void reserves_records(peer_t *test, const char *name)
{
    (void)test;
    slotring_writer_t *writer = victim_opens(name, 1);
    step_begin();
    victim_reserves(writer, 30, UINT64_MAX);
    victim_reserves(writer, 24, 7);
    step_end();
}

static void reserves_slots(peer_t *test, const char *name)
{
    (void)test;
    slotring_writer_t *writer = victim_opens(name, 1);
    step_begin();
    victim_reserves(writer, LARGE, UINT64_MAX);
    victim_reserves(writer, LARGE, 9);
    step_end();
}

static void appends_batch(peer_t *test, const char *name)
{
    (void)test;
    static const uint64_t lengths[] = {3, 16, 0, LARGE, 12, 40};
    static uint8_t bytes[6][SLOT_SIZE];
    slotring_message_t messages[6];
    uint32_t done;
    slotring_writer_t *writer = victim_opens(name, 1);
    for (uint32_t i = 0; i < 6; i++) {
        uint64_t tag = tag_of(VICTIM, lengths[i], victim_number + i);
        pattern_fill(bytes[i], lengths[i], tag);
        messages[i] = (slotring_message_t){bytes[i], lengths[i], tag};
    }
    atomic_store(&progress->tried, victim_number + 6);
    step_begin();
    int code = slotring_writer_append_batch(writer, messages, 6, NO_WAIT, &done);
    CHECK(code == 0 || code == SLOTRING_E_FULL);
    atomic_store(&progress->done, victim_number + done);
    step_end();
}

/* The survivor's lossless reader stands meanwhile. */
static void waits_for_room(peer_t *test, const char *name)
{
    (void)test;
    slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
    options.spin_ns = 1;
    slotring_writer_t *writer = writer_open(ring_open_with(name, &options));
    static const uint8_t zeros[LARGE];
    victim_number = 0;
    for (uint32_t i = 0; i < SLOTS + 1; i++)
        victim_appends(writer, i == 0 ? 16 : LARGE);
    step_begin();
    CHECK_CODE(slotring_writer_append(writer, zeros, LARGE, 0, MILLISECOND), SLOTRING_E_TIMEOUT);
    step_end();
}

/* ---- Victims that read ----------------------------------------------------------------------------------- */

/* A closed slot, a large message, and an open slot with three records. */
static void survivor_has_written(void)
{
    for (int i = 0; i < 4; i++)
        CHECK(survivor_writes(20));
    CHECK(survivor_writes(LARGE));
    for (int i = 0; i < 3; i++)
        CHECK(survivor_writes(16));
}

/* Nothing but whole messages of the survivor, in order; all of them, if it is lossless. */
typedef struct reading {
    slotring_reader_t *reader;
    bool lossless, begun;
    uint64_t next;
} reading_t;

static void victim_checks(reading_t *r, const slotring_slot_t *slot)
{
    if (slot->writer != OURS)
        return;
    CHECK_EQUAL(slot->length, pattern_producer(slot->tag) >> 4);
    CHECK_EQUAL(pattern_verify(slot->data, slot->length, slot->tag), slot->length);
    CHECK_EQUAL(pattern_number(slot->tag), slot->number);
    if (r->begun && r->lossless)
        CHECK_EQUAL(slot->number, r->next);
    CHECK(!r->begun || slot->number >= r->next);
    r->begun = true;
    r->next = slot->number + 1;
}

static void victim_reads(reading_t *r, uint32_t times, uint32_t batch)
{
    slotring_slot_t slots[4];
    for (uint32_t i = 0; i < times; i++) {
        uint32_t count = 0;
        int code = slotring_next_batch(r->reader, NO_WAIT, slots, batch, &count);
        if (code == SLOTRING_E_PRODUCER_DIED || code == SLOTRING_E_EMPTY || code == SLOTRING_E_END)
            continue;
        CHECK_OK(code);
        for (uint32_t m = 0; m < count; m++)
            victim_checks(r, &slots[m]);
        CHECK_OK(slotring_reader_release(r->reader));
    }
}

static reading_t reading_of(slotring_t *ring, uint32_t mode, uint32_t start)
{
    return (reading_t){.reader = subscribe(ring, mode, start), .lossless = mode == SLOTRING_LOSSLESS};
}

static void reads_open(const char *name, uint32_t mode, uint32_t batch)
{
    reading_t r = reading_of(ring_attach(name), mode, SLOTRING_FROM_OLDEST);
    victim_reads(&r, batch == 1 ? 5 : 1, batch); /* up to what is open */
    step_begin();
    victim_reads(&r, 3, batch);
    step_end();
}

static void reads_lossless(peer_t *test, const char *name)
{
    (void)test;
    reads_open(name, SLOTRING_LOSSLESS, 1);
}

static void reads_lossy(peer_t *test, const char *name)
{
    (void)test;
    reads_open(name, SLOTRING_LOSSY, 1);
}

static void reads_batch_lossless(peer_t *test, const char *name)
{
    (void)test;
    reads_open(name, SLOTRING_LOSSLESS, 4);
}

static void reads_batch_lossy(peer_t *test, const char *name)
{
    (void)test;
    reads_open(name, SLOTRING_LOSSY, 4);
}

static void reads_order(const char *name, uint32_t mode)
{
    reading_t r = reading_of(ring_attach(name), mode, SLOTRING_FROM_OLDEST);
    step_begin();
    victim_reads(&r, 6, 1);
    step_end();
}

static void reads_order_lossless(peer_t *test, const char *name)
{
    (void)test;
    reads_order(name, SLOTRING_LOSSLESS);
}

static void reads_order_lossy(peer_t *test, const char *name)
{
    (void)test;
    reads_order(name, SLOTRING_LOSSY);
}

static void subscribes(const char *name, uint32_t mode, uint32_t start)
{
    slotring_t *ring = ring_attach(name);
    slotring_reader_options_t options;
    slotring_reader_options_init(&options);
    options.mode = mode;
    options.start = start;
    reading_t r = {.lossless = mode == SLOTRING_LOSSLESS};
    step_begin();
    CHECK_OK(slotring_subscribe(ring, &options, &r.reader));
    victim_reads(&r, 2, 1);
    CHECK_OK(slotring_unsubscribe(r.reader));
    step_end();
}

static void joins_lossless(peer_t *test, const char *name)
{
    (void)test;
    subscribes(name, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
}

static void joins_lossy(peer_t *test, const char *name)
{
    (void)test;
    subscribes(name, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
}

static void joins_past_lossless(peer_t *test, const char *name)
{
    (void)test;
    subscribes(name, SLOTRING_LOSSLESS, SLOTRING_FROM_OLDEST);
}

static void joins_past_lossy(peer_t *test, const char *name)
{
    (void)test;
    subscribes(name, SLOTRING_LOSSY, SLOTRING_FROM_OLDEST);
}

/* What it had begun to read is gone when it comes back: it jumps, and counts. */
static void lossy_lost(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    reading_t r = reading_of(ring, SLOTRING_LOSSY, SLOTRING_FROM_OLDEST);
    victim_reads(&r, 6, 1);
    slotring_slot_t slot;
    for (uint32_t i = 0; i < 3 * SLOTS; i++) /* over all that is closed */
        if (slotring_allocate(ring, 1, &slot) == 0) {
            slot.tag = pattern_tag(78, i);
            uint64_t length = pattern_length(slot.tag, slot.capacity);
            pattern_fill(slot.data, length, slot.tag);
            CHECK_OK(slotring_mark_ready(ring, &slot, length));
        }
    step_begin();
    victim_reads(&r, 3, 1);
    step_end();
}

static void waits_for_a_record(peer_t *test, const char *name)
{
    (void)test;
    slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
    options.spin_ns = 1;
    reading_t r = reading_of(ring_open_with(name, &options), SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    victim_reads(&r, 10, 4);
    slotring_slot_t slot;
    step_begin();
    CHECK_CODE(slotring_next(r.reader, MILLISECOND, &slot), SLOTRING_E_TIMEOUT);
    step_end();
}

/* ---- Where the victim stands after whom another one repairs ---------------------------------------------- */

static uint64_t their_word(uint32_t *slot)
{
    sr__view_t *view = &scene.ring->member.view;
    uint64_t claimed = sr__load(&view->writers[THEIRS].claimed);
    *slot = (uint32_t)sr__load(&view->writers[THEIRS].slot);
    return claimed == 0 ? 0 : sr__load(&sr__slot(view, *slot)->word);
}

static bool is_listed(uint32_t slot)
{
    sr__view_t *view = &scene.ring->member.view;
    uint64_t sequence = sr__load(&sr__slot(view, slot)->sequence);
    return sequence != SR__NO_SEQUENCE && sr__is_listed(view, sequence, slot);
}

static bool not_named(void *context, unsigned long done)
{
    (void)context, (void)done;
    uint32_t slot;
    return their_word(&slot) == 0;
}

/* Sealed or not: the victim has begun to close what it has open. */
static bool not_committed(void *context, unsigned long done)
{
    (void)context, (void)done;
    uint32_t slot;
    uint64_t w = their_word(&slot);
    return w == 0 || sr__slot_state(w) != SR__COMMIT;
}

static bool not_counted(void *context, unsigned long done)
{
    return not_committed(context, done) || records_total(scene.ring, THEIRS) == scene.base;
}

static bool not_listed(void *context, unsigned long done)
{
    uint32_t slot;
    (void)their_word(&slot);
    return not_counted(context, done) || !is_listed(slot);
}

/* ---- The paths ------------------------------------------------------------------------------------------- */

static void kill_on(const path_t *path, uint32_t flags)
{
    const char *why;
    if (!step_possible(&why))
        SKIP("%s", why);
    memset(&scene, 0, sizeof scene);
    rounds_begin();
    slotring_options_t options = ring_options(SLOTRING_CREATE, SLOTS, SLOT_SIZE);
    options.max_participants = 4;
    options.max_writers = ROWS;
    options.flags = flags | (path->sums ? SLOTRING_CHECKSUMS : 0);
    scene.ring = ring_open_with(ring_name(), &options);
    slotring_reader_options_t lossless = reader_options(SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    lossless.flags = path->sums ? SLOTRING_VERIFY : 0;
    scene.lossless.reader = subscribe_with(scene.ring, &lossless);
    scene.lossy.reader = subscribe(scene.ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    rounds_t rounds = {.what = path->what,
                       .path = path,
                       .ring = scene.ring,
                       .victim = path->victim,
                       .sleeps = path->sleeps,
                       .second = path->second,
                       .stand = path->stand,
                       .ways = sizeof ways / sizeof ways[0],
                       .begin = begin_round,
                       .beside = work_beside,
                       .end = end_round};
    rounds_kill(&rounds);
    CHECK_OK(slotring_unsubscribe(scene.lossless.reader));
    CHECK_OK(slotring_unsubscribe(scene.lossy.reader));
    check_ring_at_rest(scene.ring);
    ring_remove(scene.ring, ring_name());
    rounds_end();
}

static const path_t paths[] = {
    {"open a writer", NULL, opens, 1, false, NULL, NULL, 0, false},
    {"append behind another", NULL, appends_behind, 3, false, NULL, NULL, 1, false},
    {"append what needs the next slot", NULL, appends_beyond, 4, false, NULL, NULL, 3, false},
    {"append a large message", NULL, appends_large, 4, false, NULL, NULL, 2, false},
    {"append large messages only", NULL, appends_large_alone, 2, false, NULL, NULL, 0, false},
    {"close a writer", NULL, closes, 2, false, NULL, NULL, 2, false},
    {"close a handle with a writer", NULL, closes_handle, 2, false, NULL, NULL, 2, false},
    {"reserve records", NULL, reserves_records, 2, false, NULL, NULL, 1, false},
    {"reserve slots", NULL, reserves_slots, 2, false, NULL, NULL, 1, false},
    {"append a batch", NULL, appends_batch, 7, false, NULL, NULL, 1, false},
    {"wait for room", NULL, waits_for_room, SLOTS, true, NULL, NULL, SLOTS, false},
    {"next in what is open, lossless", survivor_has_written, reads_lossless, 0, false, NULL, NULL, 0, false},
    {"next in what is open, lossy", survivor_has_written, reads_lossy, 0, false, NULL, NULL, 0, false},
    {"a batch of what is open, lossless", survivor_has_written, reads_batch_lossless, 0, false, NULL, NULL, 0,
     false},
    {"a batch of what is open, lossy", survivor_has_written, reads_batch_lossy, 0, false, NULL, NULL, 0,
     false},
    {"next in the order, lossless", survivor_has_written, reads_order_lossless, 0, false, NULL, NULL, 0,
     false},
    {"next in the order, lossy", survivor_has_written, reads_order_lossy, 0, false, NULL, NULL, 0, false},
    {"subscribe from now, lossless", survivor_has_written, joins_lossless, 0, false, NULL, NULL, 0, false},
    {"subscribe from now, lossy", survivor_has_written, joins_lossy, 0, false, NULL, NULL, 0, false},
    {"subscribe to the past, lossless", survivor_has_written, joins_past_lossless, 0, false, NULL, NULL, 0,
     false},
    {"subscribe to the past, lossy", survivor_has_written, joins_past_lossy, 0, false, NULL, NULL, 0, false},
    {"a lossy reader has lost its place", survivor_has_written, lossy_lost, 0, false, NULL, NULL, 0, false},
    {"wait for a record", survivor_has_written, waits_for_a_record, 0, true, NULL, NULL, 0, false},
    {"repair an open slot", NULL, appends_behind, 3, false, rounds_repair, not_named, 1, false},
    {"repair a slot that is closed", NULL, closes, 2, false, rounds_repair, not_committed, 2, false},
    {"repair a slot that is counted", NULL, closes, 2, false, rounds_repair, not_counted, 2, false},
    {"repair a slot that is listed", NULL, closes, 2, false, rounds_repair, not_listed, 2, false},
    {"repair a large message", NULL, appends_large_alone, 1, false, rounds_repair, not_named, 1, false},
    {"repair a large message that is complete", NULL, appends_large_alone, 1, false, rounds_repair,
     not_committed, 1, false},
    {"append behind another, with checksums", NULL, appends_behind, 3, false, NULL, NULL, 1, true},
    {"append a large message, with checksums", NULL, appends_large, 4, false, NULL, NULL, 2, true},
    {"reserve records, with checksums", NULL, reserves_records, 2, false, NULL, NULL, 1, true},
    {"reserve slots, with checksums", NULL, reserves_slots, 2, false, NULL, NULL, 1, true},
    {"repair an open slot, with checksums", NULL, appends_behind, 3, false, rounds_repair, not_named, 1,
     true},
};

/* A test for each row. */
#define PATH(name, row)          \
    static void name(void)       \
    {                            \
        kill_on(&paths[row], 0); \
    }
/* The same in a ring with hot slots. */
#define HOT_PATH(name, row)                       \
    static void name(void)                        \
    {                                             \
        kill_on(&paths[row], SLOTRING_HOT_SLOTS); \
    }
PATH(open_writer, 0)
PATH(append_behind, 1)
PATH(append_beyond, 2)
PATH(append_large, 3)
PATH(append_large_alone, 4)
PATH(close_writer, 5)
PATH(close_handle, 6)
PATH(reserve_records, 7)
PATH(reserve_slots, 8)
PATH(append_batch, 9)
PATH(wait_for_room, 10)
PATH(next_lossless, 11)
PATH(next_lossy, 12)
PATH(batch_lossless, 13)
PATH(batch_lossy, 14)
PATH(order_lossless, 15)
PATH(order_lossy, 16)
PATH(join_lossless, 17)
PATH(join_lossy, 18)
PATH(past_lossless, 19)
PATH(past_lossy, 20)
PATH(lose_the_place, 21)
PATH(wait_for_a_record, 22)
PATH(repair_open, 23)
PATH(repair_closed, 24)
PATH(repair_counted, 25)
PATH(repair_listed, 26)
PATH(repair_message, 27)
PATH(repair_complete_message, 28)
PATH(append_behind_summed, 29)
PATH(append_large_summed, 30)
PATH(reserve_records_summed, 31)
PATH(reserve_slots_summed, 32)
PATH(repair_open_summed, 33)
HOT_PATH(append_beyond_hot, 2)
HOT_PATH(append_large_hot, 3)
HOT_PATH(close_writer_hot, 5)
HOT_PATH(repair_listed_hot, 26)

#define CASE(name)     \
    {                  \
#name, name, 0 \
    }
static const test_case_t cases[] = {
    CASE(open_writer),
    CASE(append_behind),
    CASE(append_beyond),
    CASE(append_large),
    CASE(append_large_alone),
    CASE(close_writer),
    CASE(close_handle),
    CASE(reserve_records),
    CASE(reserve_slots),
    CASE(append_batch),
    CASE(wait_for_room),
    CASE(next_lossless),
    CASE(next_lossy),
    CASE(batch_lossless),
    CASE(batch_lossy),
    CASE(order_lossless),
    CASE(order_lossy),
    CASE(join_lossless),
    CASE(join_lossy),
    CASE(past_lossless),
    CASE(past_lossy),
    CASE(lose_the_place),
    CASE(wait_for_a_record),
    CASE(repair_open),
    CASE(repair_closed),
    CASE(repair_counted),
    CASE(repair_listed),
    CASE(repair_message),
    CASE(repair_complete_message),
    CASE(append_behind_summed),
    CASE(append_large_summed),
    CASE(reserve_records_summed),
    CASE(reserve_slots_summed),
    CASE(repair_open_summed),
    CASE(append_beyond_hot),
    CASE(append_large_hot),
    CASE(close_writer_hot),
    CASE(repair_listed_hot),
    {NULL, NULL, 0},
};

const test_suite_t path_records_suite = {"path_records", cases, step_roles};

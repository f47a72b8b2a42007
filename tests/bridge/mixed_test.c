/* SPDX-License-Identifier: Apache-2.0 */
/* A ring with messages of writers and others, marks and gaps: whoever is killed at whatever call of the engine, and whatever the log forgets,
 * the target has each of them once, in its order. */
#include <string.h>

#include "hosts.h"
#include "support/records.h"

#define MOST 3000u
#define ROWS 2u

/* What is published, in this order; and again in each verse. */
enum thing {
    RECORD,  /* of a row */
    CLOSE,   /* that writer's slot is given up */
    SKIP,    /* numbers of that writer */
    MESSAGE, /* that is no writer's */
    MARK,
    GAP,
};

static const struct {
    enum thing thing;
    uint32_t row;
} verse[] = {
    {RECORD, 0}, {RECORD, 1},  {SKIP, 1},   {RECORD, 1},  {RECORD, 0}, {CLOSE, 0}, {MESSAGE, 0},
    {MARK, 0},   {RECORD, 1},  {RECORD, 0}, {MARK, 0},    {MARK, 0},   {GAP, 0},   {RECORD, 0},
    {CLOSE, 1},  {MESSAGE, 0}, {RECORD, 0}, {MESSAGE, 0}, {RECORD, 1},
};
#define THINGS (sizeof verse / sizeof verse[0])
#define SKIPPED 3u
#define MISSING 5u

static struct {
    slotring_writer_t *writers[ROWS];
    uint64_t numbers[ROWS], messages, marks;                                 /* that were published */
    uint64_t got_next[ROWS], got_messages, got_marks, got_records, got_gaps; /* that arrived */
    uint64_t records, gaps;
    bool has_no_marks;
} song;

static void publish_one(enum thing thing, uint32_t row)
{
    slotring_t *ring = hosts_now()->source;
    switch (thing) {
    case RECORD:
        CHECK_OK(record_append(song.writers[row], row, song.numbers[row]++, MOST, PATIENCE));
        song.records++;
        break;
    case CLOSE:
        CHECK_OK(slotring_writer_close(song.writers[row]));
        song.writers[row] = writer_open(ring);
        CHECK_EQUAL(writer_row(song.writers[row]), row);
        break;
    case SKIP:
        CHECK_OK(slotring_writer_skip(song.writers[row], SKIPPED, PATIENCE));
        song.numbers[row] += SKIPPED;
        break;
    case MESSAGE:
        send_one(ring, song.messages++);
        break;
    case MARK:
        CHECK_OK(slotring_mark(ring, SLOTRING_MARK_USER, 0, song.marks++, NULL, 0, NULL));
        break;
    case GAP:
        CHECK_OK(slotring_publish_gap(ring, MISSING, NULL));
        song.gaps++;
        break;
    }
}

static void sing(unsigned verses)
{
    for (unsigned v = 0; v < verses; v++)
        for (size_t i = 0; i < THINGS; i++)
            if (verse[i].thing != MARK || !song.has_no_marks)
                publish_one(verse[i].thing, verse[i].row);
}

static void begin_song(void)
{
    memset(&song, 0, sizeof song);
    for (uint32_t row = 0; row < ROWS; row++) {
        song.writers[row] = writer_open(hosts_now()->source);
        CHECK_EQUAL(writer_row(song.writers[row]), row);
    }
}

static void end_song(void)
{
    for (uint32_t row = 0; row < ROWS; row++)
        CHECK_OK(slotring_writer_close(song.writers[row]));
}

/* ---- At the target ---------------------------------------------------------------------------------- */

static void hear_record(const slotring_slot_t *slot)
{
    CHECK(slot->writer < ROWS);
    uint64_t *next = &song.got_next[slot->writer];
    check_context("message %llu of writer %u", (unsigned long long)slot->number, slot->writer);
    CHECK(slot->number == *next || slot->number == *next + SKIPPED);
    CHECK_EQUAL(slot->tag, pattern_tag(slot->writer, slot->number));
    record_check_pieces(hosts_now()->target, slot, MOST);
    *next = slot->number + 1;
    song.got_records++;
}

static void hear_message(const slotring_slot_t *slot)
{
    const hosts_t *h = hosts_now();
    uint64_t n = song.got_messages++;
    check_context("message %llu", (unsigned long long)n);
    CHECK_EQUAL(slot->tag, pattern_tag(1, n));
    CHECK_EQUAL(slot->length, size_of_message(n));
    if (slot->length > 0)
        CHECK_OK(slotring_gather(h->target, slot, 0, h->buffer, slot->length, NULL));
    CHECK_EQUAL(pattern_verify(h->buffer, slot->length, slot->tag), slot->length);
}

static void hear_mark(void)
{
    slotring_mark_t mark;
    CHECK_OK(slotring_reader_mark(hosts_now()->reader, &mark));
    if (mark.kind == SLOTRING_MARK_GAP) {
        CHECK_EQUAL(mark.gap, MISSING);
        song.got_gaps++;
        return;
    }
    check_context("mark %llu", (unsigned long long)song.got_marks);
    CHECK_EQUAL(mark.value, song.got_marks++);
}

/* Has all of the song arrived? Waits for so long. */
static bool hear(int64_t timeout_ns)
{
    slotring_reader_t *reader = hosts_now()->reader;
    slotring_slot_t slot;
    for (int64_t end = now_ns() + timeout_ns; now_ns() < end;) {
        if (song.got_records == song.records && song.got_messages == song.messages &&
            song.got_marks == song.marks && song.got_gaps == song.gaps)
            return true;
        int code = slotring_next(reader, MILLISECOND, &slot);
        if (code == SLOTRING_E_TIMEOUT || code == SLOTRING_E_SOURCE_LOST)
            continue;
        if (code == SLOTRING_E_END) {
            bridge_sleep_ns(MILLISECOND);
            continue;
        }
        if (code == SLOTRING_E_MARK) {
            hear_mark();
            continue;
        }
        CHECK_OK(code);
        if (slot.writer != SLOTRING_NO_WRITER)
            hear_record(&slot);
        else
            hear_message(&slot);
        CHECK_OK(slotring_reader_release(reader));
        check_context("%s", "");
    }
    return false;
}

/* ---- Rounds ----------------------------------------------------------------------------------------- */

static hosts_t *begin(uint64_t target_slots, uint64_t target_size)
{
    hosts_t *h = hosts_make(64, 1000);
    h->pack_bytes = 8192;
    h->target_writers = 64;
    hosts_make_target(target_slots, target_size);
    return h;
}

/* What comes twice would come before this. */
static void expect_the_next_verse(peer_t *sender, peer_t *receiver)
{
    sing(1);
    if (!hear(PATIENCE))
        FAIL("there are %llu of %llu messages of writers, %llu of %llu others, %llu of %llu marks, %llu of "
             "%llu gaps",
             (unsigned long long)song.got_records, (unsigned long long)song.records,
             (unsigned long long)song.got_messages, (unsigned long long)song.messages,
             (unsigned long long)song.got_marks, (unsigned long long)song.marks,
             (unsigned long long)song.got_gaps, (unsigned long long)song.gaps);
    (void)stop_sender(sender);
    CHECK_EQUAL(stop_receiver(receiver).holes, 0);
    for (uint32_t row = 0; row < ROWS; row++)
        CHECK_EQUAL(song.got_next[row], song.numbers[row]);
    end_song();
    hosts_remove();
}

static void all_kinds_arrive_once_and_in_order(void)
{
    (void)begin(80, 700);
    peer_t receiver = start_receiver(), sender = start_sender();
    hosts_wait_for_sender();
    begin_song();
    sing(3);
    expect_the_next_verse(&sender, &receiver);
}

/* One half dies at this step, and another one takes its place. False: all was there before. */
static bool dies_at(peer_t (*start)(void), unsigned step)
{
    hosts_t *h = begin(80, 700);
    peer_t halves[2] = {start_sender(), start_receiver()};
    unsigned mortal = start == start_receiver;
    hosts_wait_for_sender();
    peer_kill(&halves[mortal]); /* the subscription is there */
    begin_song();
    sing(1);
    h->dies_at = step;
    halves[mortal] = start();
    h->dies_at = 0;
    bool is_complete;
    while (!(is_complete = hear(5 * MILLISECOND)) && !peer_speaks(&halves[mortal], 0))
        continue;
    peer_kill(&halves[mortal]);
    halves[mortal] = start();
    expect_the_next_verse(&halves[0], &halves[1]);
    return !is_complete;
}

static void die_everywhere(peer_t (*start)(void))
{
    unsigned stride = (unsigned)(100 / scaled(100));
    for (unsigned step = 1; dies_at(start, step); step += stride > 0 ? stride : 1)
        continue;
}

static void a_sender_that_dies_at_any_call_loses_and_doubles_nothing(void)
{
    die_everywhere(start_sender);
}

static void nor_does_a_receiver(void)
{
    die_everywhere(start_receiver);
}

/* ---- A log that forgets ----------------------------------------------------------------------------- */

static void wait_until_stored(const hosts_t *h)
{
    CHECK_OK(slotring_drain(h->source, SLOTRING_DRAIN_ALL, PATIENCE));
}

/* The receiver has not read yet. What is in slots that are open still is stored when the sender ends. */
static void forget(uint64_t entries, bool anew)
{
    hosts_t *h = begin(80, 700);
    peer_t sender = start_sender();
    hosts_wait_for_sender();
    begin_song();
    sing(1);
    wait_until_stored(h);
    if (anew)
        (void)stop_sender(&sender);
    CHECK_OK(bridge_files_lose(h->folder, entries));
    if (anew)
        sender = start_sender();
    peer_t receiver = start_receiver();
    if (!hear(PATIENCE))
        FAIL("%llu entries were lost, and not all is there", (unsigned long long)entries);
    expect_the_next_verse(&sender, &receiver);
}

static void what_the_log_forgets_is_sent_again(void)
{
    forget(3, false);
    forget(UINT64_MAX, false);
}

static void so_does_a_sender_that_begins_anew(void)
{
    uint64_t stride = 100 / scaled(100);
    for (uint64_t entries = 1; entries<12; entries += stride> 0 ? stride : 1)
        forget(entries, true);
    forget(UINT64_MAX, true);
}

static void what_is_there_already_comes_once(void)
{
    hosts_t *h = begin(80, 700);
    peer_t receiver = start_receiver(), sender = start_sender();
    hosts_wait_for_sender();
    begin_song();
    song.has_no_marks = true; /* bridges/README.md, "Not yet": a mark beside records that a log lost */
    for (unsigned n = 0; n < 6; n++) {
        sing(1);
        CHECK(hear(PATIENCE));
        wait_until_stored(h);
        CHECK_OK(bridge_files_lose(h->folder, n % 3 == 0 ? UINT64_MAX : n));
        if (n == 2) {
            peer_kill(&receiver);
            receiver = start_receiver();
        }
        if (n == 4) {
            peer_kill(&sender);
            sender = start_sender();
        }
    }
    expect_the_next_verse(&sender, &receiver);
}

/* Producers did not wait for the subscription while nobody had it. */
static void revoke(slotring_t *ring)
{
    slotring_reader_info_t readers[4];
    uint32_t count;
    CHECK_OK(slotring_readers(ring, readers, 4, &count));
    CHECK_EQUAL(count, 1);
    CHECK_OK(slotring_revoke(ring, readers[0].row));
}

static void what_the_ring_did_not_keep_is_told_as_a_gap(void)
{
    hosts_t *h = begin(80, 700);
    slotring_slot_t slot;
    peer_t receiver = start_receiver(), sender = start_sender();
    hosts_wait_for_sender();
    begin_song();
    sing(1);
    CHECK(hear(PATIENCE));
    (void)stop_sender(&sender);
    revoke(h->source);
    for (unsigned n = 0; n < 100; n++)
        send_one(h->source, song.messages++);
    sender = start_sender();
    slotring_mark_t gap = expect_mark(SLOTRING_MARK_GAP);
    CHECK_AT_LEAST(gap.gap, 1);
    song.got_messages += gap.gap; /* each of them was a publication */
    CHECK_OK(slotring_next(h->reader, PATIENCE, &slot));
    hear_message(&slot);
    CHECK_OK(slotring_reader_release(h->reader));
    CHECK(hear(PATIENCE));
    expect_the_next_verse(&sender, &receiver);
}

static const test_case_t cases[] = {
    {"all_kinds_arrive_once_and_in_order", all_kinds_arrive_once_and_in_order, 0},
    {"a_sender_that_dies_at_any_call_loses_and_doubles_nothing",
     a_sender_that_dies_at_any_call_loses_and_doubles_nothing, 0},
    {"nor_does_a_receiver", nor_does_a_receiver, 0},
    {"what_the_log_forgets_is_sent_again", what_the_log_forgets_is_sent_again, 0},
    {"so_does_a_sender_that_begins_anew", so_does_a_sender_that_begins_anew, 0},
    {"what_is_there_already_comes_once", what_is_there_already_comes_once, 0},
    {"what_the_ring_did_not_keep_is_told_as_a_gap", what_the_ring_did_not_keep_is_told_as_a_gap, 0},
    {NULL, NULL, 0},
};

const test_suite_t bridge_mixed_suite = {"bridge_mixed", cases, NULL};

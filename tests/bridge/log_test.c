/* SPDX-License-Identifier: Apache-2.0 */
/* What a bridge demands of an engine, and what it reads in an entry. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "files/files.h"
#include "pack.h"
#include "support/files.h"
#include "support/ring.h"
#include "support/suite.h"

static const char *folder(void)
{
    static char path[400];
    (void)snprintf(path, sizeof path, "%s/log", directory_path());
    (void)mkdir(path, 0700);
    return path;
}

static bridge_engine_t *open_log(enum bridge_files_role role, uint64_t entries)
{
    bridge_engine_t *engine;
    bridge_error_t error;
    CHECK_EQUAL(bridge_files_open(&engine, folder(), role, entries, &error), 0);
    return engine;
}

static void remove_log(bridge_engine_t *a, bridge_engine_t *b)
{
    char command[450];
    a->calls->close(a);
    b->calls->close(b);
    (void)snprintf(command, sizeof command, "rm -r '%s'", folder());
    CHECK_EQUAL(system(command), 0);
}

static int append(bridge_engine_t *engine, uint64_t last, const char *text)
{
    return engine->calls->append_if(engine, last, text, strlen(text));
}

static void expect_entry(bridge_engine_t *engine, uint64_t from, uint64_t sequence, const char *text)
{
    bridge_entry_t entry;
    if (from > 0) /* reading begins with the oldest one in each life */
        CHECK_EQUAL(engine->calls->read_from(engine, 0, 0, &entry), BRIDGE_OK);
    CHECK_EQUAL(engine->calls->read_from(engine, from, 0, &entry), BRIDGE_OK);
    CHECK_EQUAL(entry.sequence, sequence);
    CHECK_EQUAL(entry.size, strlen(text));
    CHECK(memcmp(entry.bytes, text, entry.size) == 0);
}

static void an_entry_follows_the_one_that_was_named(void)
{
    bridge_engine_t *a = open_log(BRIDGE_FILES_SENDER, 0), *b = open_log(BRIDGE_FILES_RECEIVER, 0);
    bridge_entry_t entry;
    uint64_t stored;
    CHECK_EQUAL(a->calls->last(a, &entry), BRIDGE_OK);
    CHECK_EQUAL(entry.sequence, 0);
    CHECK_EQUAL(append(a, 1, "no"), BRIDGE_WRONG_LAST);
    CHECK_EQUAL(append(a, 0, "one"), BRIDGE_OK);
    CHECK_EQUAL(append(a, 0, "one again"), BRIDGE_WRONG_LAST);
    CHECK_EQUAL(append(a, 1, "two"), BRIDGE_OK);
    CHECK_EQUAL(a->calls->settle(a, 0, &stored), BRIDGE_OK);
    CHECK_EQUAL(stored, 2);
    expect_entry(b, 0, 1, "one");
    expect_entry(b, 2, 2, "two");
    CHECK_EQUAL(b->calls->read_from(b, 3, 0, &entry), BRIDGE_AGAIN);
    CHECK_EQUAL(b->calls->read_from(b, 4, 0, &entry), BRIDGE_LOST);
    remove_log(a, b);
}

static void what_is_acknowledged_makes_room(void)
{
    bridge_engine_t *a = open_log(BRIDGE_FILES_SENDER, 2), *b = open_log(BRIDGE_FILES_RECEIVER, 2);
    bridge_entry_t entry;
    CHECK_EQUAL(append(a, 0, "one"), BRIDGE_OK);
    CHECK_EQUAL(append(a, 1, "two"), BRIDGE_OK);
    CHECK_EQUAL(append(a, 2, "three"), BRIDGE_FULL);
    CHECK_EQUAL(b->calls->read_from(b, 0, 0, &entry), BRIDGE_OK);
    CHECK_EQUAL(b->calls->ack(b, 1, entry.life + 1), BRIDGE_OK); /* of another life: nothing happens */
    CHECK_EQUAL(append(a, 2, "three"), BRIDGE_FULL);
    CHECK_EQUAL(b->calls->ack(b, 1, entry.life), BRIDGE_OK);
    CHECK_EQUAL(append(a, 2, "three"), BRIDGE_OK);
    expect_entry(b, 0, 2, "two");
    remove_log(a, b);
}

static void a_loss_is_another_life(void)
{
    bridge_engine_t *a = open_log(BRIDGE_FILES_SENDER, 0), *b = open_log(BRIDGE_FILES_RECEIVER, 0);
    bridge_entry_t before, after;
    CHECK_EQUAL(append(a, 0, "one"), BRIDGE_OK);
    CHECK_EQUAL(append(a, 1, "two"), BRIDGE_OK);
    CHECK_EQUAL(b->calls->read_from(b, 0, 0, &before), BRIDGE_OK);
    CHECK_EQUAL(b->calls->read_from(b, 2, 0, &before), BRIDGE_OK);
    CHECK_OK(bridge_files_lose(folder(), 1));
    CHECK_EQUAL(append(a, 2, "three"), BRIDGE_WRONG_LAST);
    CHECK_EQUAL(append(a, 1, "another two"), BRIDGE_OK);
    CHECK_EQUAL(b->calls->read_from(b, 2, 0, &after), BRIDGE_LOST);
    CHECK_EQUAL(b->calls->read_from(b, 0, 0, &after), BRIDGE_OK);
    CHECK_EQUAL(b->calls->read_from(b, 2, 0, &after), BRIDGE_OK);
    CHECK(after.life != before.life);
    CHECK_EQUAL(b->calls->ack(b, 2, before.life), BRIDGE_OK);
    expect_entry(b, 2, 2, "another two");
    remove_log(a, b);
}

static void waits(peer_t *test, const char *argument)
{
    bridge_engine_t *b = open_log(BRIDGE_FILES_RECEIVER, 0);
    bridge_entry_t entry;
    (void)argument;
    peer_tell(test, 1);
    CHECK_EQUAL(b->calls->read_from(b, 0, PATIENCE, &entry), BRIDGE_OK);
    peer_tell(test, entry.sequence);
    b->calls->close(b);
}

static void a_reader_that_waits_is_woken(void)
{
    bridge_engine_t *a = open_log(BRIDGE_FILES_SENDER, 0);
    peer_t reader = peer_fork(waits, "");
    peer_expect(&reader, 1);
    peer_wait_asleep(&reader);
    CHECK_EQUAL(append(a, 0, "one"), BRIDGE_OK);
    peer_expect(&reader, 1);
    peer_join(&reader);
    remove_log(a, open_log(BRIDGE_FILES_SENDER, 0));
}

/* ---- Entries ---------------------------------------------------------------------------------------- */

static void make_entry(pack_t *pack)
{
    const wire_place_t place = {.number = 7, .marks_here = 1, .source_marks = 3};
    const pack_producer_t who = {.index = 4, .incarnation = 9, .pid = 4711, .name = "crate 7"};
    wire_frame_t frame = {.kind = WIRE_PART, .number = 7, .tag = 5, .time_ns = 6, .total = 100, .offset = 50};
    wire_frame_t mark = {.kind = WIRE_MARK, .number = 8, .run = 17, .value = 2, .index = 1, .mark_kind = 3};
    mark.bytes = (const uint8_t *)"beam";
    mark.size = 4;
    CHECK(pack_make(pack, PACK_LEAST));
    reached_t reached = {.high = 0};
    reached_note(&reached, 2, 41);
    reached_note(&reached, 5, 0);
    CHECK(pack_begin(pack, &place, &reached));
    CHECK(pack_is_empty(pack));
    frame.producer = pack_producer(pack, &who);
    CHECK_EQUAL(frame.producer, 0);
    memset(pack_reserve(pack, &frame, 50), 'x', 50);
    CHECK(pack_add(pack, &mark));
    CHECK(pack_add(pack, &(wire_frame_t){.kind = WIRE_GAP, .number = 8, .count = 100, .passed = 3}));
    wire_frame_t record = {.kind = WIRE_RECORD, .number = 42, .writer = 2, .tag = 1, .size = 4};
    record.bytes = (const uint8_t *)"item";
    CHECK(pack_add(pack, &record));
    record = (wire_frame_t){
        .kind = WIRE_RECORD_PART, .number = 1, .writer = 5, .total = 8, .offset = 4, .size = 4};
    record.bytes = (const uint8_t *)"half";
    CHECK(pack_add(pack, &record));
    pack_end(pack, &place, 0);
}

static void an_entry_says_what_was_put_into_it(void)
{
    pack_t pack = {0};
    wire_header_t header;
    wire_frame_t frame;
    make_entry(&pack);
    CHECK(wire_get_header(pack.bytes, pack.used, &header));
    CHECK_EQUAL(header.before.number, 7);
    CHECK_EQUAL(header.after.source_marks, 3);
    reached_t reached;
    wire_walk_t walk = wire_walk(pack.bytes, pack.used, &header);
    CHECK_EQUAL(wire_next(&walk, &frame), WIRE_GOT);
    CHECK_EQUAL(frame.kind, WIRE_WRITERS);
    CHECK(reached_follow(&reached, &frame));
    CHECK_EQUAL(reached_next(&reached, 2), 42);
    CHECK_EQUAL(reached_next(&reached, 3), 0);
    CHECK_EQUAL(reached_next(&reached, 5), 1);
    CHECK_EQUAL(wire_next(&walk, &frame), WIRE_GOT);
    CHECK_EQUAL(frame.pid, 4711);
    CHECK(frame.size == 7 && memcmp(frame.bytes, "crate 7", 7) == 0);
    CHECK_EQUAL(wire_next(&walk, &frame), WIRE_GOT);
    CHECK_EQUAL(frame.offset, 50);
    CHECK_EQUAL(frame.size, 50);
    CHECK_EQUAL(frame.time_ns, 6);
    CHECK_EQUAL(frame.bytes[49], 'x');
    CHECK_EQUAL(wire_next(&walk, &frame), WIRE_GOT);
    CHECK_EQUAL(frame.run, 17);
    CHECK_EQUAL(frame.index, 1);
    CHECK(frame.size == 4 && memcmp(frame.bytes, "beam", 4) == 0);
    CHECK_EQUAL(wire_next(&walk, &frame), WIRE_GOT);
    CHECK_EQUAL(frame.count, 100);
    CHECK_EQUAL(frame.passed, 3);
    CHECK_EQUAL(wire_next(&walk, &frame), WIRE_GOT);
    CHECK_EQUAL(frame.writer, 2);
    CHECK_EQUAL(frame.number, 42);
    CHECK(reached_follow(&reached, &frame));
    CHECK_EQUAL(wire_next(&walk, &frame), WIRE_GOT);
    CHECK_EQUAL(frame.offset, 4);
    CHECK(reached_follow(&reached, &frame)); /* its last part */
    CHECK_EQUAL(wire_next(&walk, &frame), WIRE_DONE);
    CHECK_EQUAL(reached_next(&reached, 2), 43);
    CHECK_EQUAL(reached_next(&reached, 5), 2);
    pack_free(&pack);
}

/* Goes along as a receiver does; what a frame claims lies inside of the entry. */
static bool is_read_within(const uint8_t *bytes, size_t size)
{
    wire_header_t header;
    wire_frame_t frame;
    enum wire_step step;
    if (!wire_get_header(bytes, size, &header))
        return false;
    reached_t reached = {.high = 0};
    wire_walk_t walk = wire_walk(bytes, size, &header);
    while ((step = wire_next(&walk, &frame)) == WIRE_GOT) {
        (void)reached_follow(&reached, &frame);
        CHECK(reached.high <= REACHED_ROWS);
        CHECK(frame.bytes >= bytes && frame.bytes + frame.size <= bytes + size);
        if (frame.kind == WIRE_PART || frame.kind == WIRE_RECORD_PART)
            CHECK(frame.offset + frame.size <= frame.total);
    }
    return step == WIRE_DONE;
}

/* Each byte with each bit turned, and each length: in memory that ends there. */
static void a_damaged_entry_is_never_read_beyond_its_end(void)
{
    pack_t pack = {0};
    make_entry(&pack);
    for (size_t size = 0; size < pack.used; size++) {
        uint8_t *copy = malloc(size + (size == 0));
        CHECK(copy != NULL);
        memcpy(copy, pack.bytes, size);
        CHECK(!is_read_within(copy, size));
        free(copy);
    }
    uint8_t *copy = malloc(pack.used);
    CHECK(copy != NULL);
    for (size_t bit = 0; bit < 8 * pack.used; bit++) {
        memcpy(copy, pack.bytes, pack.used);
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
        (void)is_read_within(copy, pack.used);
    }
    CHECK(is_read_within(pack.bytes, pack.used));
    free(copy);
    pack_free(&pack);
}

static const test_case_t cases[] = {
    {"an_entry_follows_the_one_that_was_named", an_entry_follows_the_one_that_was_named, 0},
    {"what_is_acknowledged_makes_room", what_is_acknowledged_makes_room, 0},
    {"a_loss_is_another_life", a_loss_is_another_life, 0},
    {"a_reader_that_waits_is_woken", a_reader_that_waits_is_woken, 0},
    {"an_entry_says_what_was_put_into_it", an_entry_says_what_was_put_into_it, 0},
    {"a_damaged_entry_is_never_read_beyond_its_end", a_damaged_entry_is_never_read_beyond_its_end, 0},
    {NULL, NULL, 0},
};

const test_suite_t bridge_log_suite = {"bridge_log", cases, NULL};

/* SPDX-License-Identifier: Apache-2.0 */
/* A writer that begins at a number, and skips some, is killed at each instruction of that. Either nothing was skipped, or all of it;
 * each reader counts what was, and the next writer of the row goes on behind it. */
#include <string.h>

#include "support/internals.h"
#include "support/records.h"
#include "support/ring.h"
#include "support/rounds.h"
#include "support/suite.h"

#define NO_WAIT 0
#define FIRST 1000u
#define SKIPPED 7u
#define MOST 20u

typedef struct path {
    const char *what;
    role_fn victim;
} path_t;

static struct {
    slotring_t *ring;
    slotring_reader_t *readers[2]; /* lossless, lossy */
} scene;

static slotring_writer_t *copy_open(slotring_t *ring)
{
    slotring_writer_options_t options;
    slotring_writer_options_init(&options);
    options.flags = SLOTRING_WRITER_AT_ROW | SLOTRING_WRITER_FIRST_NUMBER;
    options.first_number = FIRST;
    slotring_writer_t *writer;
    CHECK_OK(slotring_writer_open(ring, &options, &writer));
    return writer;
}

static void append(slotring_writer_t *writer)
{
    uint64_t number;
    CHECK_OK(slotring_writer_number(writer, &number));
    CHECK_OK(record_append(writer, 1, number, MOST, NO_WAIT));
}

static void opens(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    step_begin();
    append(copy_open(ring));
    step_end();
}

static void skips(peer_t *test, const char *name)
{
    (void)test;
    slotring_writer_t *writer = copy_open(ring_attach(name));
    append(writer);
    step_begin();
    CHECK_OK(slotring_writer_skip(writer, SKIPPED, NO_WAIT));
    append(writer);
    step_end();
}

static void skips_and_closes(peer_t *test, const char *name)
{
    (void)test;
    slotring_writer_t *writer = copy_open(ring_attach(name));
    append(writer);
    CHECK_OK(slotring_writer_skip(writer, SKIPPED, NO_WAIT));
    step_begin();
    CHECK_OK(slotring_writer_close(writer));
    step_end();
}

/* A ring of its own for each round: the row is one that nobody wrote in. */
static void make_ring(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 6, 128);
    options.max_participants = 3;
    options.max_writers = 1;
    scene.ring = ring_open_with(ring_name(), &options);
    scene.readers[0] = subscribe(scene.ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    scene.readers[1] = subscribe(scene.ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
}

static void begin_round(const void *path)
{
    (void)path;
    ring_remove(scene.ring, ring_name());
    make_ring();
}

/* Gives the number behind the last message. */
static uint64_t read_to_the_end(slotring_reader_t *reader)
{
    slotring_slot_t slot;
    uint64_t next = FIRST, had = 0;
    int code;
    while ((code = slotring_next(reader, NO_WAIT, &slot)) == 0 || code == SLOTRING_E_PRODUCER_DIED) {
        if (code != 0)
            continue;
        record_check(&slot, MOST);
        CHECK(slot.number == next || slot.number == next + SKIPPED);
        CHECK_AT_LEAST(slot.number, FIRST);
        next = slot.number + 1;
        had++;
        CHECK_OK(slotring_reader_release(reader));
    }
    CHECK_EQUAL(code, SLOTRING_E_END);
    CHECK_EQUAL(FIRST + had + records_missed(reader), records_total(scene.ring, 0));
    CHECK(records_missed(reader) == 0 || records_missed(reader) == SKIPPED);
    return next;
}

static void end_round(const void *of, bool complete)
{
    const path_t *path = of;
    slotring_writer_t *successor = copy_open(scene.ring); /* at once: the row's owner is dead */
    CHECK_OK(slotring_recover(scene.ring, NULL));
    check_ring(scene.ring);
    uint64_t number, there, publications;
    CHECK_OK(slotring_writer_number(successor, &number));
    CHECK_EQUAL(number, records_total(scene.ring, 0));
    CHECK_OK(slotring_writer_progress(scene.ring, 0, &there, &publications));
    CHECK_EQUAL(there, number);
    CHECK_EQUAL(publications, ring_stats(scene.ring).published); /* nobody else publishes */
    if (complete)
        CHECK_EQUAL(number, path->victim == opens   ? FIRST + 1
                            : path->victim == skips ? FIRST + 9
                                                    : FIRST + 8);
    append(successor);
    CHECK_OK(slotring_writer_close(successor));
    CHECK_OK(slotring_end_stream(scene.ring));
    for (size_t r = 0; r < 2; r++) {
        CHECK_EQUAL(read_to_the_end(scene.readers[r]), number + 1);
        CHECK_OK(slotring_unsubscribe(scene.readers[r]));
    }
    check_ring_at_rest(scene.ring);
}

static bool nothing_beside(size_t way)
{
    (void)way;
    return false;
}

static void kill_on(const path_t *path)
{
    const char *why;
    if (!step_possible(&why))
        SKIP("%s", why);
    rounds_begin();
    make_ring();
    rounds_t rounds = {.what = path->what,
                       .path = path,
                       .ring = scene.ring,
                       .victim = path->victim,
                       .ways = 1,
                       .begin = begin_round,
                       .beside = nothing_beside,
                       .end = end_round};
    rounds_kill(&rounds);
    ring_remove(scene.ring, ring_name());
    rounds_end();
}

static void open_at_a_number(void)
{
    kill_on(&(const path_t){.what = "open at a number", .victim = opens});
}

static void skip(void)
{
    kill_on(&(const path_t){.what = "skip numbers", .victim = skips});
}

static void close_behind_a_skip(void)
{
    kill_on(&(const path_t){.what = "close behind skipped numbers", .victim = skips_and_closes});
}

static const test_case_t cases[] = {
    {"open_at_a_number", open_at_a_number, 0},
    {"skip", skip, 0},
    {"close_behind_a_skip", close_behind_a_skip, 0},
    {NULL, NULL, 0},
};

const test_suite_t path_skip_suite = {"path_skip", cases, step_roles};

/* SPDX-License-Identifier: Apache-2.0 */
/* Kills at every instruction of each path of a durable reader: it takes the subscription over, reads, acknowledges, passes over,
 * leaves, makes the subscription, forgets it; and of who repairs after that. The next owner goes on at the first message that was not
 * acknowledged, with an account that is right. */
#include <string.h>

#include "support/internals.h"
#include "support/ring.h"
#include "support/rounds.h"
#include "support/step.h"
#include "support/suite.h"

#define NO_WAIT 0
#define NAME "recorder"
#define SLOTS 8u
#define AHEAD 4u /* messages that the victim finds */
#define RECORDS 12u

typedef struct path {
    const char *what;
    role_fn victim;
    bool makes;   /* there is no subscription before, */
    bool forgets; /* or none after it */
    bool records;
    bool revoked; /* nobody had it for too long, and much is gone */
    uint32_t every;
    role_fn second;
    bool ahead; /* the reader has a window, and acknowledges before older ones */
} path_t;

static struct {
    slotring_t *ring;
    slotring_writer_t *writer;
    uint64_t written; /* messages, or records */
    uint64_t had;     /* of these, acknowledged before this round */
    uint64_t ahead;   /* … before older ones */
} scene;

static const path_t *running;

static slotring_reader_options_t options_of(const path_t *path)
{
    slotring_reader_options_t options =
        reader_options(SLOTRING_LOSSLESS, path->makes ? SLOTRING_FROM_LAST : SLOTRING_FROM_NOW);
    options.first = path->makes ? 2 : 0;
    options.flags = SLOTRING_DURABLE;
    options.name = NAME;
    options.every = path->every;
    options.window = path->ahead ? 4 : 0;
    return options;
}

/* ---- Victims ---------------------------------------------------------------------------------------- */

static void acknowledges(slotring_reader_t *reader, uint32_t count)
{
    atomic_fetch_add(&progress->tried, count);
    CHECK_OK(slotring_reader_release(reader));
    atomic_fetch_add(&progress->done, count);
}

static void reads_two(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_reader_options_t options = options_of(running);
    slotring_reader_t *reader;
    slotring_slot_t slot;
    step_begin();
    CHECK_OK(slotring_subscribe(ring, &options, &reader));
    if (running->revoked)
        CHECK_CODE(slotring_next(reader, NO_WAIT, &slot), SLOTRING_E_REVOKED);
    for (int i = 0; i < 2 && slotring_next(reader, NO_WAIT, &slot) == 0; i++)
        acknowledges(reader, 1);
    CHECK_OK(slotring_unsubscribe(reader));
    step_end();
}

static void reads_a_batch(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_reader_options_t options = options_of(running);
    slotring_reader_t *reader = subscribe_with(ring, &options);
    slotring_slot_t slots[3];
    uint32_t count;
    step_begin();
    if (slotring_next_batch(reader, NO_WAIT, slots, 3, &count) == 0)
        acknowledges(reader, count);
    step_end();
}

/* Message n of those that it finds, by bits: of those before and after its release. */
static void acknowledges_one(slotring_reader_t *reader, const slotring_slot_t *slots, uint32_t n)
{
    atomic_fetch_or(&progress->tried, UINT64_C(1) << n);
    CHECK_OK(slotring_reader_release_one(reader, &slots[n]));
    atomic_fetch_or(&progress->done, UINT64_C(1) << n);
}

static void acknowledges_ahead(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_reader_options_t options = options_of(running);
    slotring_reader_t *reader;
    slotring_slot_t slots[4];
    step_begin();
    CHECK_OK(slotring_subscribe(ring, &options, &reader));
    for (int i = 0; i < 4; i++)
        CHECK_OK(slotring_next(reader, NO_WAIT, &slots[i]));
    acknowledges_one(reader, slots, 2);
    acknowledges_one(reader, slots, 1);
    acknowledges_one(reader, slots, 0); /* the cursor goes over all three */
    CHECK_OK(slotring_unsubscribe(reader));
    step_end();
}

static void closes(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_reader_options_t options = options_of(running);
    slotring_reader_t *reader = subscribe_with(ring, &options);
    slotring_slot_t slot;
    CHECK_OK(slotring_next(reader, NO_WAIT, &slot));
    step_begin();
    CHECK_OK(slotring_close(ring));
    step_end();
}

static void forgets(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    step_begin();
    CHECK_OK(slotring_forget(ring, NAME));
    step_end();
}

/* By the ring's owner, in nobody's way: nothing is lost by it, and the next reader is told so if it came to that. */
static void revokes(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_reader_info_t info[2];
    uint32_t count;
    CHECK_OK(slotring_readers(ring, info, 2, &count));
    CHECK_EQUAL(count, 1);
    step_begin();
    CHECK_OK(slotring_revoke(ring, info[0].row));
    step_end();
}

/* ---- The survivor ------------------------------------------------------------------------------------- */

static slotring_reader_t *go_on(void)
{
    slotring_reader_options_t options = options_of(running);
    return subscribe_with(scene.ring, &options);
}

static void check_account(slotring_reader_t *reader)
{
    slotring_reader_info_t info = reader_info(reader);
    if (!running->makes && !running->revoked)
        CHECK_EQUAL(info.missed + info.records_missed, 0);
    if (!running->makes && !running->revoked && running->victim != revokes) /* what is there then is a past */
        CHECK_EQUAL(info.pending, 0);
}

static bool is_there(void)
{
    slotring_reader_info_t info;
    uint32_t count;
    CHECK_OK(slotring_readers(scene.ring, &info, 1, &count));
    return count > 0;
}

static void write_more(uint64_t count)
{
    char bytes[24] = "";
    for (uint64_t n = 0; n < count; n++, scene.written++)
        if (running->records)
            CHECK_OK(slotring_writer_append(scene.writer, bytes, sizeof bytes, scene.written, NO_WAIT));
        else
            publish(scene.ring, 1, scene.written);
}

/* All that is there; the first one is `from`, or one of those up to `most` after it. The last one that was read + 1. */
static void read_rest(slotring_reader_t *reader, uint64_t least, uint64_t most)
{
    slotring_slot_t slot;
    uint64_t next = UINT64_MAX;
    while (slotring_next(reader, NO_WAIT, &slot) == 0) {
        uint64_t number = running->records ? slot.number : pattern_number(slot.tag);
        if (running->every > 1)
            CHECK_EQUAL(slot.sequence % running->every, 0);
        CHECK(!running->ahead || number != scene.ahead);
        if (next == UINT64_MAX) {
            CHECK_AT_LEAST(number, least);
            CHECK_AT_LEAST(most, number);
        } else if (running->every <= 1) {
            CHECK_EQUAL(number, next + (running->ahead && next == scene.ahead));
        }
        next = number + 1;
        CHECK_OK(slotring_reader_release(reader));
    }
    if (running->every <= 1)
        CHECK_EQUAL(next == UINT64_MAX ? scene.written : next, scene.written);
    scene.had = scene.written;
}

/* What was acknowledged does not come, what was not does, and of what is not known either may be. */
static void read_around(slotring_reader_t *reader, uint64_t done, uint64_t tried)
{
    slotring_slot_t slot;
    for (uint64_t n = scene.had; n < scene.written; n++) {
        uint64_t bit = n - scene.had < 64 ? UINT64_C(1) << (n - scene.had) : 0;
        if (done & bit)
            continue;
        uint64_t next = n;
        if (tried & bit) /* the next one that comes anyway */
            while (next - scene.had < 64 && (tried & UINT64_C(1) << (next - scene.had)))
                next++;
        if (next == scene.written && slotring_next(reader, NO_WAIT, &slot) == SLOTRING_E_EMPTY)
            break;
        CHECK_OK(next == scene.written ? 0 : slotring_next(reader, NO_WAIT, &slot));
        uint64_t number = pattern_number(slot.tag);
        CHECK_AT_LEAST(number, n);
        CHECK_AT_LEAST(next, number);
        CHECK(!(number - scene.had < 64 && (done & UINT64_C(1) << (number - scene.had))));
        n = number;
        CHECK_OK(slotring_reader_release(reader));
    }
    CHECK_CODE(slotring_next(reader, NO_WAIT, &slot), SLOTRING_E_EMPTY);
    scene.had = scene.written;
}

/* One is acknowledged before an older one, which is overwritten when nobody has the subscription any more. */
static void leave_one_ahead(void)
{
    slotring_slot_t slots[2];
    slotring_reader_t *reader = go_on();
    write_more(2);
    CHECK_OK(slotring_next(reader, NO_WAIT, &slots[0]));
    CHECK_OK(slotring_next(reader, NO_WAIT, &slots[1]));
    CHECK_OK(slotring_reader_release_one(reader, &slots[1]));
    scene.ahead = pattern_number(slots[1].tag);
    CHECK_OK(slotring_unsubscribe(reader));
}

/* As a producer does whose time is over. */
static void revoke_now(void)
{
    sr__view_t *view = &scene.ring->member.view;
    for (uint32_t r = 0; r < view->subscription_count; r++) {
        uint64_t w = sr__load(&view->subscriptions[r].state);
        if (sr__subscription_is_left(w))
            CHECK(sr__cas(&view->subscriptions[r].state, w, sr__subscription_revoked(w)));
    }
}

/* The next call of a reader whose subscription was revoked. */
static void hear(slotring_reader_t *reader)
{
    slotring_slot_t slot;
    if ((running->revoked || running->victim == revokes) &&
        sr__load(&reader->subscription->state) != reader->quiet_word)
        CHECK_CODE(slotring_next(reader, NO_WAIT, &slot), SLOTRING_E_REVOKED);
}

static void begin_round(const void *of)
{
    const path_t *path = of;
    if (path->makes && is_there())
        CHECK_OK(slotring_forget(scene.ring, NAME));
    if (!path->makes && !is_there())
        CHECK_OK(slotring_unsubscribe(go_on()));
    if (path->ahead && path->revoked)
        leave_one_ahead();
    if (path->revoked)
        revoke_now();
    write_more(path->ahead && path->revoked ? SLOTS - 1
               : path->revoked              ? 2 * SLOTS
               : path->records              ? RECORDS
                                            : AHEAD);
}

static void end_round(const void *of, bool complete)
{
    const path_t *path = of;
    uint64_t done = atomic_load(&progress->done), tried = atomic_load(&progress->tried);
    CHECK_OK(slotring_recover(scene.ring, NULL));
    CHECK_EQUAL(ring_stats(scene.ring).participants, 1);
    check_ring(scene.ring);
    bool there = is_there();
    if (complete)
        CHECK_EQUAL(there, !path->forgets);
    if (!path->makes && !path->forgets)
        CHECK(there);
    slotring_reader_t *reader = go_on();
    check_account(reader);
    hear(reader);
    if (path->ahead && !path->revoked)
        read_around(reader, done, tried);
    else if (path->makes || path->revoked || !there)
        read_rest(reader, 0, scene.written);
    else
        read_rest(reader, scene.had + (path->every > 1 ? 0 : done),
                  path->every > 1 ? scene.written : scene.had + tried);
    check_account(reader);
    write_more(1); /* from here on it misses nothing, whoever made it */
    read_rest(reader, scene.written - 1, scene.written - 1 + (path->every > 1));
    check_account(reader);
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring(scene.ring);
}

/* The second way of a round: a producer goes on, and the victim after it. */
static bool write_beside(size_t way)
{
    if (way == 1 && !running->revoked) /* whose reader may hold every slot */
        write_more(1);
    return way == 1;
}

/* Where the victim stands until the second one repairs: it has a message, or is about to take one. */
static bool not_far(void *context, unsigned long done)
{
    (void)context;
    return done < 100;
}

static void kill_on(const path_t *path)
{
    const char *why;
    if (!step_possible(&why)) {
        test_skip("%s", why);
        return;
    }
    slotring_options_t options = ring_options(SLOTRING_CREATE, SLOTS, 200);
    options.max_participants = 4;
    options.max_readers = options.max_writers = 2;
    running = path;
    memset(&scene, 0, sizeof scene);
    rounds_begin();
    scene.ring = ring_open_with(ring_name(), &options);
    if (path->records)
        CHECK_OK(slotring_writer_open(scene.ring, NULL, &scene.writer));
    rounds_t rounds = {.what = path->what,
                       .path = path,
                       .ring = scene.ring,
                       .victim = path->victim,
                       .second = path->second,
                       .stand = not_far,
                       .ways = path->second ? 1 : 2,
                       .begin = begin_round,
                       .beside = write_beside,
                       .end = end_round};
    rounds_kill(&rounds);
    if (path->records)
        CHECK_OK(slotring_writer_close(scene.writer));
    ring_remove(scene.ring, ring_name());
    rounds_end();
}

static const path_t paths[] = {
    {"take a subscription over, read, leave it", reads_two, false, false, false, false, 0, NULL, false},
    {"acknowledge a batch", reads_a_batch, false, false, false, false, 0, NULL, false},
    {"pass over what is not wanted", reads_two, false, false, false, false, 2, NULL, false},
    {"read records", reads_two, false, false, true, false, 0, NULL, false},
    {"acknowledge a batch of records", reads_a_batch, false, false, true, false, 0, NULL, false},
    {"make a subscription with a past", reads_two, true, false, false, false, 0, NULL, false},
    {"close a handle that has a message out", closes, false, false, false, false, 0, NULL, false},
    {"forget a subscription", forgets, false, true, false, false, 0, NULL, false},
    {"repair after its reader", reads_a_batch, false, false, false, false, 0, rounds_repair, false},
    {"go on with what was revoked", reads_two, false, false, false, true, 0, NULL, false},
    {"revoke by hand what nobody has", revokes, false, false, false, false, 0, NULL, false},
    {"acknowledge before older messages", acknowledges_ahead, false, false, false, false, 0, NULL, true},
    {"go on with what was revoked, and acknowledged in part", reads_two, false, false, false, true, 0, NULL,
     true},
};

/* A test for each row. */
#define PATH(name, row)       \
    static void name(void)    \
    {                         \
        kill_on(&paths[row]); \
    }
PATH(take_over, 0)
PATH(acknowledge_a_batch, 1)
PATH(pass_over, 2)
PATH(read_records, 3)
PATH(acknowledge_records, 4)
PATH(make_with_a_past, 5)
PATH(close_handle, 6)
PATH(forget, 7)
PATH(repair, 8)
PATH(go_on_revoked, 9)
PATH(revoke_by_hand, 10)
PATH(acknowledge_ahead, 11)
PATH(go_on_revoked_ahead, 12)

#define CASE(name)     \
    {                  \
#name, name, 0 \
    }
static const test_case_t cases[] = {
    CASE(take_over),
    CASE(acknowledge_a_batch),
    CASE(pass_over),
    CASE(read_records),
    CASE(acknowledge_records),
    CASE(make_with_a_past),
    CASE(close_handle),
    CASE(forget),
    CASE(repair),
    CASE(go_on_revoked),
    CASE(revoke_by_hand),
    CASE(acknowledge_ahead),
    CASE(go_on_revoked_ahead),
    {NULL, NULL, 0},
};

const test_suite_t path_durable_suite = {"path_durable", cases, step_roles};

/* SPDX-License-Identifier: Apache-2.0 */
/* Ends of streams: readers are told when every producer has ended, and once of each that died, after its last
 * message. */
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "support/ring.h"
#include "support/suite.h"
#include "support/thread.h"

static void check_end(slotring_reader_t *reader)
{
    slotring_slot_t slot;
    for (int i = 0; i < 3; i++) { /* not final, but not just once either */
        CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_END);
        CHECK_CODE(slotring_next(reader, PATIENCE, &slot), SLOTRING_E_END);
    }
}

static void no_end_before_a_start(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_slot_t slot;
    CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_EMPTY);
    CHECK_CODE(slotring_next(reader, 5 * MILLISECOND, &slot), SLOTRING_E_TIMEOUT);
    CHECK_OK(slotring_end_stream(ring)); /* of a handle that never produced: nothing happens */
    CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_EMPTY);
    CHECK_EQUAL(ring_stats(ring).producers_started, 0);
    CHECK_EQUAL(ring_stats(ring).producers_ended, 0);
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());
}

static void end_after_the_last_message(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    for (uint32_t mode = SLOTRING_LOSSLESS; mode <= SLOTRING_LOSSY; mode++) {
        slotring_reader_t *reader = subscribe(ring, mode, SLOTRING_FROM_NOW);
        slotring_slot_t slot;
        publish(ring, 1, 0);
        publish(ring, 1, 1);
        take_now(reader, pattern_tag(1, 0));
        CHECK_OK(slotring_end_stream(ring));
        CHECK_OK(slotring_end_stream(ring)); /* again: nothing happens */
        take_now(reader, pattern_tag(1, 1));
        check_end(reader);
        publish(ring, 1, 2); /* a new stream reopens */
        take_now(reader, pattern_tag(1, 2));
        CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_EMPTY);
        CHECK_OK(slotring_end_stream(ring));
        check_end(reader);
        CHECK_OK(slotring_unsubscribe(reader));
    }
    slotring_stats_t stats = ring_stats(ring);
    CHECK_EQUAL(stats.producers, 0);
    CHECK_EQUAL(stats.producers_started, 4);
    CHECK_EQUAL(stats.producers_ended, 4);
    CHECK_EQUAL(stats.producers_died, 0);
    ring_remove(ring, ring_name());
}

static void end_when_all_have_ended(void)
{
    slotring_t *ring = ring_create(ring_name(), 8, 100), *first = ring_attach(ring_name());
    slotring_t *second = ring_attach(ring_name());
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_slot_t slot, writing;
    publish(first, 1, 0);
    publish(second, 2, 0);
    CHECK_EQUAL(ring_stats(ring).producers, 2);
    take_now(reader, pattern_tag(1, 0));
    take_now(reader, pattern_tag(2, 0));
    CHECK_OK(slotring_close(first)); /* closing ends */
    CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_EMPTY);
    CHECK_OK(slotring_end_stream(second));
    check_end(reader);
    CHECK_OK(slotring_allocate(second, 1, &writing)); /* allocating opens, before anything is published */
    CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_EMPTY);
    CHECK_OK(slotring_abort(second, &writing));
    CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_EMPTY);
    CHECK_OK(slotring_close(second));
    check_end(reader);
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());
}

static void written_slots_outlive_the_end(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_slot_t slot;
    uint64_t length;
    prepare(ring, 1, 0, &slot, &length);
    CHECK_OK(slotring_end_stream(ring));
    CHECK_OK(slotring_mark_ready(ring, &slot, length));
    take_now(reader, pattern_tag(1, 0));
    check_end(reader);
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());
}

static void late_subscriber_sees_the_end(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    publish(ring, 1, 0);
    CHECK_OK(slotring_end_stream(ring));
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_OLDEST);
    take_now(reader, pattern_tag(1, 0));
    check_end(reader);
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());
}

/* Publishes as many messages as it is told, allocates one more, then waits to be killed. */
static void doomed_producer(peer_t *test, const char *name)
{
    slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
    options.client_name = "doomed";
    slotring_t *ring = ring_open_with(name, &options);
    uint64_t count = peer_hear(test);
    uint64_t last = UINT64_MAX;
    for (uint64_t n = 0; n < count; n++)
        last = publish(ring, 5, n).sequence;
    slotring_slot_t slot;
    CHECK_OK(slotring_allocate_wait(ring, 1, PATIENCE, &slot));
    memset(slot.data, 0xee, (size_t)slot.capacity);
    peer_tell(test, last);
    (void)peer_hear(test);
}

static peer_t start_doomed(enum how_to_start how, uint64_t count, uint64_t *last)
{
    peer_t peer = peer_start(how, "stream-doomed", ring_name());
    peer_tell(&peer, count);
    *last = peer_hear(&peer);
    return peer;
}

static void check_death(slotring_reader_t *reader, const peer_t *peer, uint64_t last)
{
    slotring_slot_t slot;
    slotring_participant_t who;
    CHECK_CODE(slotring_next(reader, PATIENCE, &slot), SLOTRING_E_PRODUCER_DIED);
    CHECK_OK(slotring_reader_death(reader, &who));
    CHECK_EQUAL(who.pid, peer->pid);
    CHECK_STRING(who.name, "doomed");
    CHECK_EQUAL(who.last_sequence, last);
}

static void death_is_told_once(void)
{
    slotring_t *ring = ring_create(ring_name(), 16, 100);
    for (int how = BY_FORK; how <= BY_EXEC; how++) {
        slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
        slotring_reader_t *lossy = subscribe(ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
        slotring_participant_t who;
        CHECK_CODE(slotring_reader_death(reader, &who), SLOTRING_E_STATE);
        uint64_t last;
        peer_t peer = start_doomed((enum how_to_start)how, 3, &last);
        take_now(reader, pattern_tag(5, 0));
        peer_kill(&peer);
        for (uint64_t n = 1; n < 3; n++) /* first all that it published */
            CHECK_EQUAL(take(reader), pattern_tag(5, n));
        check_death(reader, &peer, last);
        check_end(reader); /* it was the only one */
        for (uint64_t n = 0; n < 3; n++)
            CHECK_EQUAL(take(lossy), pattern_tag(5, n));
        check_death(lossy, &peer, last);
        check_end(lossy);
        CHECK_OK(slotring_unsubscribe(reader));
        CHECK_OK(slotring_unsubscribe(lossy));
        CHECK_EQUAL(ring_stats(ring).producers_died, how + 1);
        reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW); /* who comes later is not told */
        check_end(reader);
        CHECK_OK(slotring_unsubscribe(reader));
    }
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

static void death_before_the_first_message(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    uint64_t last;
    peer_t peer = start_doomed(BY_FORK, 0, &last);
    peer_kill(&peer);
    check_death(reader, &peer, UINT64_MAX);
    check_end(reader);
    CHECK_EQUAL(ring_stats(ring).published, 0);
    CHECK_OK(slotring_unsubscribe(reader));
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

static void death_is_told_to_batches(void)
{
    slotring_t *ring = ring_create(ring_name(), 8, 100);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_slot_t slots[4];
    slotring_participant_t who;
    uint64_t last;
    uint32_t count = 0;
    peer_t peer = start_doomed(BY_FORK, 2, &last);
    peer_kill(&peer);
    CHECK_OK(slotring_next_batch(reader, PATIENCE, slots, 4, &count)); /* first all that it published */
    CHECK_EQUAL(count, 2);
    CHECK_OK(slotring_reader_release(reader));
    CHECK_CODE(slotring_next_batch(reader, PATIENCE, slots, 4, &count), SLOTRING_E_PRODUCER_DIED);
    CHECK_CODE(slotring_reader_death(reader, NULL), SLOTRING_E_INVALID);
    CHECK_OK(slotring_reader_death(reader, &who));
    CHECK_EQUAL(who.pid, peer.pid);
    CHECK_CODE(slotring_next_batch(reader, PATIENCE, slots, 4, &count), SLOTRING_E_END);
    CHECK_OK(slotring_unsubscribe(reader));
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

static void death_among_the_living(void)
{
    slotring_t *ring = ring_create(ring_name(), 16, 100);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_slot_t slot;
    publish(ring, 1, 0);
    uint64_t last[2];
    peer_t peers[2] = {start_doomed(BY_FORK, 1, &last[0]), start_doomed(BY_EXEC, 2, &last[1])};
    peer_kill(&peers[0]);
    peer_kill(&peers[1]);
    CHECK_OK(slotring_recover(ring, NULL));
    publish(ring, 1, 1);
    take_now(reader, pattern_tag(1, 0));
    uint64_t told = 0, messages = 0;
    while (told < 2 || messages < 4) { /* in any order, but each death after its producer's last message */
        int code = slotring_next(reader, PATIENCE, &slot);
        if (code == SLOTRING_E_PRODUCER_DIED) {
            slotring_participant_t who;
            CHECK_OK(slotring_reader_death(reader, &who));
            int which = who.pid == (uint64_t)peers[1].pid;
            CHECK_EQUAL(who.pid, peers[which].pid);
            CHECK_EQUAL(who.last_sequence, last[which]);
            told += 1;
            continue;
        }
        CHECK_OK(code);
        pattern_check(&slot);
        messages++;
        CHECK_OK(slotring_reader_release(reader));
    }
    CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_EMPTY); /* one producer lives */
    CHECK_OK(slotring_end_stream(ring));
    check_end(reader);
    CHECK_OK(slotring_unsubscribe(reader));
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

static void two_deaths_in_one_place(void)
{
    /* a supervised producer that crashes twice takes the same place again while the reader is still behind */
    slotring_t *ring = ring_create(ring_name(), 16, 100);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    peer_t peers[3];
    uint64_t last[3];
    for (int i = 0; i < 3; i++) {
        peers[i] = start_doomed(i == 1 ? BY_EXEC : BY_FORK, (uint64_t)i + 1, &last[i]);
        peer_kill(&peers[i]);
        CHECK_OK(slotring_recover(ring, NULL));
    }
    uint64_t told = 0, expected = 0;
    while (told < 3 || expected < 6) { /* each once, in their order, after its own last message */
        slotring_slot_t slot;
        int code = slotring_next(reader, PATIENCE, &slot);
        if (code == SLOTRING_E_PRODUCER_DIED) {
            slotring_participant_t who;
            CHECK(told < 3);
            check_context("death %llu", (unsigned long long)told + 1);
            CHECK_OK(slotring_reader_death(reader, &who));
            CHECK_EQUAL(who.pid, peers[told].pid);
            CHECK_EQUAL(who.last_sequence, last[told]);
            CHECK_AT_LEAST(expected, last[told] + 1);
            told++;
            continue;
        }
        CHECK_OK(code);
        pattern_check(&slot);
        CHECK_EQUAL(slot.sequence, expected);
        expected++;
        CHECK_OK(slotring_reader_release(reader));
    }
    check_context("%s", "");
    check_end(reader);
    CHECK_OK(slotring_unsubscribe(reader));
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

static void blocked_reader_notices_a_death(void)
{
    /* nobody repairs but the reader itself, from within its wait */
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    uint64_t last;
    peer_t peer = start_doomed(BY_FORK, 1, &last);
    take_now(reader, pattern_tag(5, 0));
    peer_kill(&peer);
    int64_t start = now_ns();
    check_death(reader, &peer, last);
    CHECK(now_ns() - start < PATIENCE);
    check_end(reader);
    CHECK_OK(slotring_unsubscribe(reader));
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

static void attached_only(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_slot_t slot;
    peer_tell(test, 1);
    CHECK_OK(slotring_next(reader, PATIENCE, &slot));
    publish(ring, 7, 0); /* it did produce, but has ended in order */
    CHECK_OK(slotring_end_stream(ring));
    peer_tell(test, 2);
    (void)peer_hear(test);
}

typedef struct relay {
    slotring_t *rings[2];
    _Atomic bool done;
} relay_t;

static void open_stream(slotring_t *ring)
{
    slotring_slot_t slot;
    CHECK_OK(slotring_allocate(ring, 1, &slot));
    CHECK_OK(slotring_abort(ring, &slot));
}

/* Each opens its stream before the other ends its own. */
static void hand_over(void *argument)
{
    relay_t *relay = argument;
    for (unsigned long n = scaled(100000); n > 0 && threads_go_on(); n--)
        for (int i = 0; i < 2; i++) {
            open_stream(relay->rings[1 - i]);
            CHECK_OK(slotring_end_stream(relay->rings[i]));
        }
    atomic_store(&relay->done, true);
}

enum {
    BYSTANDERS = 150 /* whose streams the reader looks at between those of the two */
};

/* At every moment one stream is open. */
static void no_end_while_producers_hand_over(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 4, 100);
    options.max_participants = BYSTANDERS + 2;
    relay_t relay = {.rings = {ring_open_with(ring_name(), &options)}};
    slotring_t *bystanders[BYSTANDERS];
    for (int i = 0; i < BYSTANDERS; i++)
        bystanders[i] = ring_attach(ring_name());
    relay.rings[1] = ring_attach(ring_name());
    slotring_reader_t *reader = subscribe(relay.rings[0], SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_slot_t slot;
    open_stream(relay.rings[0]);
    thread_start(hand_over, &relay);
    while (!atomic_load(&relay.done) && threads_go_on())
        CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_EMPTY);
    threads_join();
    CHECK_OK(slotring_end_stream(relay.rings[0]));
    check_end(reader);
    CHECK_OK(slotring_unsubscribe(reader));
    for (int i = 0; i < BYSTANDERS; i++)
        CHECK_OK(slotring_close(bystanders[i]));
    CHECK_OK(slotring_close(relay.rings[1]));
    ring_remove(relay.rings[0], ring_name());
}

static void only_producers_deaths_are_told(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    peer_t peer = peer_start(BY_FORK, "stream-attached", ring_name());
    peer_expect(&peer, 1);
    publish(ring, 1, 0);
    peer_expect(&peer, 2);
    peer_kill(&peer);
    CHECK_OK(slotring_recover(ring, NULL));
    CHECK_EQUAL(ring_stats(ring).repaired, 1);
    CHECK_EQUAL(ring_stats(ring).producers_died, 0);
    take_now(reader, pattern_tag(1, 0));
    take_now(reader, pattern_tag(7, 0));
    slotring_slot_t slot;
    CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_EMPTY);
    CHECK_OK(slotring_end_stream(ring));
    check_end(reader);
    CHECK_OK(slotring_unsubscribe(reader));
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

static void writes_records(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    slotring_writer_t *writer;
    CHECK_OK(slotring_writer_open(ring, NULL, &writer));
    for (uint64_t tag = 0; tag < 3; tag++)
        CHECK_OK(slotring_writer_append(writer, "a record", 8, tag, 0));
    peer_tell(test, 1);
    peer_expect(test, 2);
}

/* The reader had them all from the open block, which the repair lists: it is passed over, and the death that lies behind
 * it is told before the end is. */
static void death_behind_records_that_were_read(void)
{
    static const uint32_t modes[] = {SLOTRING_LOSSLESS, SLOTRING_LOSSY};
    for (int m = 0; m < 2; m++) {
        slotring_t *ring = ring_create(ring_name(), 4, 100);
        slotring_reader_t *reader = subscribe(ring, modes[m], SLOTRING_FROM_NOW);
        slotring_participant_t who;
        slotring_slot_t slot;
        peer_t peer = peer_start(BY_FORK, "stream-records", ring_name());
        peer_expect(&peer, 1);
        for (uint64_t tag = 0; tag < 3; tag++) {
            CHECK_OK(slotring_next(reader, 0, &slot));
            CHECK_EQUAL(slot.tag, tag);
            CHECK_OK(slotring_reader_release(reader));
        }
        CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_EMPTY);
        peer_kill(&peer);
        CHECK_OK(slotring_recover(ring, NULL));
        CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_PRODUCER_DIED);
        CHECK_OK(slotring_reader_death(reader, &who));
        CHECK_EQUAL(who.pid, peer.pid);
        CHECK_EQUAL(who.last_sequence, 0);
        CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_END);
        CHECK_OK(slotring_unsubscribe(reader));
        check_recovered(ring, 1);
        ring_remove(ring, ring_name());
    }
}

static const test_case_t cases[] = {
    {"no_end_before_a_start", no_end_before_a_start, 0},
    {"end_after_the_last_message", end_after_the_last_message, 0},
    {"end_when_all_have_ended", end_when_all_have_ended, 0},
    {"written_slots_outlive_the_end", written_slots_outlive_the_end, 0},
    {"late_subscriber_sees_the_end", late_subscriber_sees_the_end, 0},
    {"death_is_told_once", death_is_told_once, 0},
    {"death_before_the_first_message", death_before_the_first_message, 0},
    {"death_is_told_to_batches", death_is_told_to_batches, 0},
    {"death_among_the_living", death_among_the_living, 0},
    {"two_deaths_in_one_place", two_deaths_in_one_place, 0},
    {"blocked_reader_notices_a_death", blocked_reader_notices_a_death, 0},
    {"death_behind_records_that_were_read", death_behind_records_that_were_read, 0},
    {"only_producers_deaths_are_told", only_producers_deaths_are_told, 0},
    {"no_end_while_producers_hand_over", no_end_while_producers_hand_over, TEST_THREADS},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {{"stream-doomed", doomed_producer},
                                    {"stream-attached", attached_only},
                                    {"stream-records", writes_records},
                                    {NULL, NULL}};

const test_suite_t stream_suite = {"stream", cases, roles};

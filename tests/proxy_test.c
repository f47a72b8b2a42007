/* SPDX-License-Identifier: Apache-2.0 */
/* Publishing for a producer elsewhere: readers have that producer by its name and its numbers, are told its end as one of its own,
 * and of the loss of the way to it as that. */
#include <string.h>

#include "support/internals.h"
#include "support/ring.h"
#include "support/suite.h"

#define ORIGIN_PID 4711u
#define ORIGIN_INCARNATION 13u

static slotring_t *open_proxy(const char *name)
{
    slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
    options.flags |= SLOTRING_PROXY;
    options.client_name = "crate 3 of readout-7";
    options.origin_pid = ORIGIN_PID;
    options.origin_incarnation = ORIGIN_INCARNATION;
    return ring_open_with(name, &options);
}

static void check_origin(const slotring_participant_t *who)
{
    CHECK_STRING(who->name, "crate 3 of readout-7");
    CHECK_EQUAL(who->proxy, 1);
    CHECK_EQUAL(who->origin_pid, ORIGIN_PID);
    CHECK_EQUAL(who->origin_incarnation, ORIGIN_INCARNATION);
}

/* The next news is this, about the producer elsewhere, and it comes once. */
static void check_told(slotring_reader_t *reader, int code, uint64_t last)
{
    slotring_slot_t slot;
    slotring_participant_t who;
    CHECK_CODE(slotring_next(reader, PATIENCE, &slot), code);
    CHECK_OK(slotring_reader_death(reader, &who));
    check_origin(&who);
    CHECK_EQUAL(who.last_sequence, last);
    CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_END);
}

static void readers_have_the_producer_by_its_name(void)
{
    slotring_t *ring = ring_create(ring_name(), 8, 100), *proxy = open_proxy(ring_name());
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_slot_t slot;
    slotring_participant_t people[2];
    uint32_t count;
    publish(proxy, 5, 0);
    CHECK_OK(slotring_next(reader, 0, &slot));
    CHECK_OK(slotring_participants(ring, people, 2, &count));
    CHECK_EQUAL(count, 2);
    CHECK_EQUAL(slot.producer, people[1].index);
    CHECK_EQUAL(slot.producer_incarnation, people[1].incarnation);
    check_origin(&people[1]);
    CHECK_EQUAL(people[0].proxy, 0);
    CHECK_EQUAL(people[0].origin_pid, 0);
    CHECK_OK(slotring_reader_release(reader));
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_OK(slotring_close(proxy));
    ring_remove(ring, ring_name());
}

static void its_death_is_told_after_its_messages(void)
{
    static const struct {
        uint32_t how;
        int code;
    } ends[] = {{SLOTRING_PRODUCER_DIED, SLOTRING_E_PRODUCER_DIED},
                {SLOTRING_SOURCE_LOST, SLOTRING_E_SOURCE_LOST}};
    slotring_t *ring = ring_create(ring_name(), 8, 100);
    for (uint32_t i = 0; i < 2; i++) {
        slotring_t *proxy = open_proxy(ring_name());
        slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
        uint64_t deaths = ring_stats(ring).producers_died, last = 0;
        for (uint64_t n = 0; n < 3; n++)
            last = publish(proxy, 5, n).sequence;
        CHECK_OK(slotring_end_by_proxy(proxy, ends[i].how));
        for (uint64_t n = 0; n < 3; n++)
            take_now(reader, pattern_tag(5, n));
        check_told(reader, ends[i].code, last);
        CHECK_EQUAL(ring_stats(ring).producers_died, deaths + 1);
        CHECK_EQUAL(ring_stats(ring).producers, 0);
        CHECK_OK(slotring_close(proxy)); /* which tells nothing more */
        slotring_slot_t slot;
        CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_END);
        CHECK_EQUAL(ring_stats(ring).producers_died, deaths + 1);
        CHECK_OK(slotring_unsubscribe(reader));
    }
    ring_remove(ring, ring_name());
}

static void it_publishes_no_more_then(void)
{
    slotring_t *ring = ring_create(ring_name(), 8, 100), *proxy = open_proxy(ring_name());
    slotring_slot_t slot;
    slotring_writer_t *writer;
    publish(proxy, 5, 0);
    CHECK_OK(slotring_end_by_proxy(proxy, SLOTRING_PRODUCER_DIED));
    CHECK_CODE(slotring_allocate(proxy, 1, &slot), SLOTRING_E_STATE);
    CHECK_CODE(slotring_allocate_wait(proxy, 1, MILLISECOND, &slot), SLOTRING_E_STATE);
    CHECK_CODE(slotring_allocate_span(proxy, 300, 0, &slot), SLOTRING_E_STATE);
    CHECK_CODE(slotring_writer_open(proxy, NULL, &writer), SLOTRING_E_STATE);
    CHECK_CODE(slotring_end_by_proxy(proxy, SLOTRING_PRODUCER_DIED), SLOTRING_E_STATE);
    CHECK_OK(slotring_end_stream(proxy));       /* nothing happens */
    slotring_t *next = open_proxy(ring_name()); /* the producer's next life */
    publish(next, 5, 1);
    CHECK_EQUAL(ring_stats(ring).producers, 1);
    CHECK_OK(slotring_close(next));
    CHECK_OK(slotring_close(proxy));
    ring_remove(ring, ring_name());
}

static void the_end_there_is_an_end_here(void)
{
    slotring_t *ring = ring_create(ring_name(), 8, 100), *proxy = open_proxy(ring_name());
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_slot_t slot;
    publish(proxy, 5, 0);
    CHECK_OK(slotring_end_stream(proxy));
    take_now(reader, pattern_tag(5, 0));
    CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_END);
    CHECK_CODE(slotring_end_by_proxy(proxy, SLOTRING_SOURCE_LOST), SLOTRING_E_STATE);
    publish(proxy, 5, 1); /* it began again there */
    take_now(reader, pattern_tag(5, 1));
    CHECK_OK(slotring_close(proxy));
    CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_END);
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());
}

/* Has two handles, as a bridge with two producers; tells the end of one, if it is asked to. */
static void carries(peer_t *test, const char *name)
{
    slotring_t *proxy = open_proxy(name);
    uint64_t last = publish(proxy, 5, 0).sequence;
    peer_tell(test, last);
    if (peer_hear(test) == 1)
        CHECK_OK(slotring_end_stream(proxy));
    peer_tell(test, 0);
    (void)peer_hear(test);
}

static void whoever_carried_it_is_killed(void)
{
    slotring_t *ring = ring_create(ring_name(), 8, 100);
    for (uint64_t ended = 0; ended <= 1; ended++) {
        slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
        peer_t peer = peer_start(BY_FORK, "proxy-carries", ring_name());
        uint64_t last = peer_hear(&peer);
        peer_tell(&peer, ended);
        (void)peer_hear(&peer);
        peer_kill(&peer);
        take_now(reader, pattern_tag(5, 0));
        slotring_slot_t slot;
        if (ended)
            CHECK_CODE(slotring_next(reader, PATIENCE, &slot), SLOTRING_E_END);
        else
            check_told(reader, SLOTRING_E_SOURCE_LOST, last);
        CHECK_OK(slotring_unsubscribe(reader));
        check_recovered(ring, 1);
    }
    ring_remove(ring, ring_name());
}

static void dies(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    peer_tell(test, publish(ring, 5, 0).sequence);
    (void)peer_hear(test);
}

/* What another incarnation left in the words of an entry, or in the record of a death, says nothing. */
static void the_next_one_at_its_entry_is_itself(void)
{
    slotring_t *ring = ring_create(ring_name(), 8, 100);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_t *proxy = open_proxy(ring_name());
    uint32_t entry = proxy->member.me;
    uint64_t was = proxy->member.incarnation;
    CHECK_OK(slotring_close(proxy));
    peer_t peer = peer_start(BY_FORK, "proxy-dies", ring_name());
    (void)peer_hear(&peer);
    sr__participant_t *p = &ring->member.view.participants[entry];
    CHECK_EQUAL(sr__load(&p->incarnation), was + 2);
    sr__poke(&p->proxy, was);
    sr__poke(&p->origin_pid, ORIGIN_PID);
    sr__poke(&p->odd_death.proxy, was);
    sr__poke(&p->odd_death.lost, was);
    slotring_participant_t people[2], who;
    uint32_t count;
    CHECK_OK(slotring_participants(ring, people, 2, &count));
    CHECK_EQUAL(people[1].proxy, 0);
    CHECK_EQUAL(people[1].origin_pid, 0);
    peer_kill(&peer);
    take_now(reader, pattern_tag(5, 0));
    slotring_slot_t slot;
    CHECK_CODE(slotring_next(reader, PATIENCE, &slot), SLOTRING_E_PRODUCER_DIED);
    CHECK_OK(slotring_reader_death(reader, &who));
    CHECK_EQUAL(who.proxy, 0);
    CHECK_EQUAL(who.origin_pid, 0);
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());
}

static slotring_t *timed_ring(uint32_t time_stamps)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 16, 100);
    options.time_stamps = time_stamps;
    return ring_open_with(ring_name(), &options);
}

static void publish_at(slotring_t *proxy, uint64_t size, uint64_t time)
{
    slotring_slot_t slot;
    CHECK_OK(slotring_allocate_span(proxy, size, 0, &slot));
    slot.time_ns = time;
    CHECK_OK(slotring_mark_ready(proxy, &slot, size));
}

static void reserve_at(slotring_writer_t *writer, uint64_t size, uint64_t time)
{
    slotring_slot_t slot;
    CHECK_OK(slotring_writer_reserve(writer, size, 0, &slot));
    slot.time_ns = time;
    CHECK_OK(slotring_writer_commit(writer, &slot, size));
}

static uint64_t time_of_next(slotring_reader_t *reader)
{
    slotring_slot_t slot;
    CHECK_OK(slotring_next(reader, 0, &slot));
    CHECK_OK(slotring_reader_release(reader));
    return slot.time_ns;
}

/* A slot, a span, a record and a message of a writer in a slot of its own, each with the time there; one without. */
static void publish_each_at(slotring_t *ring)
{
    slotring_writer_t *writer;
    slotring_slot_t slot;
    publish_at(ring, 10, 1001);
    publish_at(ring, 250, 1002);
    CHECK_OK(slotring_writer_open(ring, NULL, &writer));
    reserve_at(writer, 8, 1003);
    reserve_at(writer, 90, 1004);
    CHECK_OK(slotring_writer_close(writer));
    CHECK_OK(slotring_allocate(ring, 1, &slot));
    slot.time_ns = 1005;
    CHECK_OK(slotring_mark_ready_keep(ring, &slot, 1));
    CHECK_OK(slotring_release_ticket(ring, &slot.ticket));
    slotring_slot_t batch[2];
    uint32_t count;
    CHECK_OK(slotring_allocate_batch(ring, 1, batch, 2, 0, &count));
    CHECK_EQUAL(count, 2);
    batch[0].time_ns = 1006;
    batch[1].time_ns = 1007;
    batch[0].length = batch[1].length = 1;
    CHECK_OK(slotring_mark_ready_batch(ring, batch, 2, NULL));
    publish_at(ring, 10, 0);
}

static void messages_have_the_time_there(void)
{
    for (uint32_t stamps = SLOTRING_TIME_NONE; stamps <= SLOTRING_TIME_MONOTONIC; stamps++) {
        slotring_t *ring = timed_ring(stamps), *proxy = open_proxy(ring_name());
        slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
        publish_each_at(proxy);
        for (uint64_t time = 1001; time <= 1007; time++)
            CHECK_EQUAL(time_of_next(reader), stamps == SLOTRING_TIME_NONE ? 0 : time);
        CHECK((time_of_next(reader) > 1007) == (stamps != SLOTRING_TIME_NONE));
        publish_each_at(ring); /* its own producer: the time is no wish of the caller's */
        for (uint32_t n = 0; n < 8; n++)
            CHECK((time_of_next(reader) > 1007) == (stamps != SLOTRING_TIME_NONE));
        CHECK_OK(slotring_unsubscribe(reader));
        CHECK_OK(slotring_close(proxy));
        ring_remove(ring, ring_name());
    }
}

static void misuse_is_named(void)
{
    slotring_t *ring = ring_create(ring_name(), 8, 100), *proxy = open_proxy(ring_name()), *other = NULL;
    slotring_writer_t *writer;
    slotring_options_t options = ring_options(SLOTRING_OBSERVE, 0, 0);
    options.flags |= SLOTRING_PROXY;
    CHECK_CODE(slotring_open(&other, ring_name(), &options, NULL), SLOTRING_E_INVALID);
    options = ring_options(SLOTRING_ATTACH, 0, 0);
    options.origin_pid = 1;
    CHECK_CODE(slotring_open(&other, ring_name(), &options, NULL), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_end_by_proxy(proxy, SLOTRING_PRODUCER_DIED), SLOTRING_E_STATE); /* of none, yet */
    publish(proxy, 5, 0);
    publish(ring, 1, 0);
    CHECK_CODE(slotring_end_by_proxy(ring, SLOTRING_PRODUCER_DIED), SLOTRING_E_STATE);
    CHECK_CODE(slotring_end_by_proxy(proxy, 0), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_end_by_proxy(proxy, 3), SLOTRING_E_INVALID);
    CHECK_OK(slotring_writer_open(proxy, NULL, &writer));
    CHECK_CODE(slotring_end_by_proxy(proxy, SLOTRING_PRODUCER_DIED), SLOTRING_E_STATE);
    CHECK_OK(slotring_writer_close(writer));
    CHECK_EQUAL(ring_stats(ring).producers_died, 0);
    /* Who has the lock that it needs is waited for no longer than the handle's options say. */
    proxy->lock_timeout_ns = (uint64_t)MILLISECOND;
    CHECK_OK(sr__mutex_lock(ring, (uint64_t)PATIENCE, NULL));
    CHECK_CODE(slotring_end_by_proxy(proxy, SLOTRING_SOURCE_LOST), SLOTRING_E_BUSY);
    sr__mutex_unlock(ring);
    publish(proxy, 5, 1); /* nothing was told, so it goes on */
    CHECK_EQUAL(ring_stats(ring).producers_died, 0);
    CHECK_OK(slotring_close(proxy));
    CHECK_CODE(slotring_end_by_proxy(proxy, SLOTRING_PRODUCER_DIED), SLOTRING_E_CLOSED);
    ring_remove(ring, ring_name());
}

static const test_case_t cases[] = {
    {"readers_have_the_producer_by_its_name", readers_have_the_producer_by_its_name, 0},
    {"its_death_is_told_after_its_messages", its_death_is_told_after_its_messages, 0},
    {"it_publishes_no_more_then", it_publishes_no_more_then, 0},
    {"the_end_there_is_an_end_here", the_end_there_is_an_end_here, 0},
    {"whoever_carried_it_is_killed", whoever_carried_it_is_killed, 0},
    {"the_next_one_at_its_entry_is_itself", the_next_one_at_its_entry_is_itself, 0},
    {"messages_have_the_time_there", messages_have_the_time_there, 0},
    {"misuse_is_named", misuse_is_named, 0},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {{"proxy-carries", carries}, {"proxy-dies", dies}, {NULL, NULL}};

const test_suite_t proxy_suite = {"proxy", cases, roles};

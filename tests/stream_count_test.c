/* SPDX-License-Identifier: Apache-2.0 */
/* How often streams were opened, ended and cut by a death: counted in full, though a participant's word has 20 bits for
 * each. */
#include <stdatomic.h>

#include "support/internals.h"
#include "support/ring.h"
#include "support/suite.h"
#include "support/thread.h"

#define WRAP (UINT64_C(1) << 20)

static void one_stream(slotring_t *ring)
{
    slotring_slot_t slot;
    CHECK_OK(slotring_allocate(ring, 1, &slot));
    CHECK_OK(slotring_abort(ring, &slot));
    CHECK_OK(slotring_end_stream(ring));
}

static void check_counts(slotring_t *ring, uint64_t started, uint64_t ended, uint64_t died)
{
    slotring_stats_t stats = ring_stats(ring);
    CHECK_EQUAL(stats.producers_started, started);
    CHECK_EQUAL(stats.producers_ended, ended);
    CHECK_EQUAL(stats.producers_died, died);
}

/* As if entry `p` had had so many streams. */
static void pretend(slotring_t *ring, uint32_t p, uint64_t ended, uint64_t died, uint64_t carried_before)
{
    sr__participant_t *place = &ring->member.view.participants[p];
    atomic_store(&place->ends_carried, ended - carried_before);
    atomic_store(&place->deaths_carried, died - carried_before);
    sr__death_t *records[] = {&place->odd_death, &place->even_death}; /* as the last two had written */
    for (int r = 0; r < 2; r++) {
        atomic_store(&records[r]->incarnation, died > 0);
        atomic_store(&records[r]->last_sequence, died > 0 ? SR__NO_SEQUENCE : 0);
    }
    uint64_t started = ended + died;
    atomic_store(&place->stream,
                 (died % WRAP) << 44 | (ended % WRAP) << 24 | (started % WRAP) << 4 | SR__ENDED);
}

static void a_million_streams_and_more(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 64), *observer = ring_observe(ring_name());
    uint64_t count = scaled(WRAP + 50);
    for (uint64_t n = 0; n < count; n++)
        one_stream(ring);
    check_counts(ring, count, count, 0);
    check_counts(observer, count, count, 0);
    CHECK_OK(slotring_close(observer));
    ring_remove(ring, ring_name());
}

static void before_and_behind_each_wrap(void)
{
    static const uint64_t before[] = {0, 1, SR__CARRY_EVERY - 1, SR__CARRY_EVERY, SR__CARRY_EVERY + 2};
    slotring_t *ring = ring_create(ring_name(), 4, 64), *observer = ring_observe(ring_name());
    for (uint64_t wraps = 1; wraps <= UINT64_C(1) << 40; wraps *= 1024)
        for (size_t b = 0; b < sizeof before / sizeof before[0]; b++) {
            uint64_t ended = wraps * WRAP - 3, died = wraps * WRAP + 5;
            check_context("%llu wraps, carried %llu ago", (unsigned long long)wraps,
                          (unsigned long long)before[b]);
            pretend(ring, 0, ended, died, before[b]);
            for (uint64_t n = 0; n < 6; n++) {
                check_counts(ring, ended + died + n, ended + n, died);
                check_counts(observer, ended + died + n, ended + n, died);
                one_stream(ring);
            }
            check_ring(ring);
        }
    check_context("%s", "");
    CHECK_OK(slotring_close(observer));
    pretend(ring, 0, 0, 0, 0);
    ring_remove(ring, ring_name());
}

static void dies_while_producing(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    publish(ring, 5, 0);
    peer_tell(test, ring_info(ring).participant);
    (void)peer_hear(test);
}

/* A reader hears of as many deaths as there were, also when the word says as many as it knows of. */
static void a_reader_that_was_away_for_2_20_deaths(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 16, 64);
    options.max_participants = 2;
    slotring_t *ring = ring_open_with(ring_name(), &options);
    const uint32_t place = 1;
    slotring_participant_t who;
    slotring_slot_t slot;
    for (uint64_t missed = 1; missed <= WRAP; missed += WRAP - 1) {
        check_context("%llu deaths", (unsigned long long)missed);
        pretend(ring, place, 7, WRAP - 1, 0);
        slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
        pretend(ring, place, 7, WRAP - 1 + missed - 1, 0);
        peer_t peer = peer_start(BY_FORK, "stream-count-dies", ring_name());
        peer_expect(&peer, place);
        peer_kill(&peer);
        CHECK_OK(slotring_recover(ring, NULL));
        CHECK_EQUAL(ring_stats(ring).producers_died, WRAP - 1 + missed);
        if (missed == 1)
            take_now(reader, pattern_tag(5, 0));
        CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_PRODUCER_DIED);
        CHECK_OK(slotring_reader_death(reader, &who));
        CHECK_EQUAL(who.index, place);
        if (missed == 1) {
            CHECK_EQUAL(who.pid, peer.pid);
            CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_END);
        } else { /* and of the next one, after it, and so on */
            CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_PRODUCER_DIED);
        }
        CHECK_OK(slotring_unsubscribe(reader));
    }
    check_context("%s", "");
    pretend(ring, place, 0, 0, 0);
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

/* ---- Threads ------------------------------------------------------------------------------------------ */

static struct {
    slotring_t *ring;
    atomic_uint writing;
} work;

static void stream_on(void *argument)
{
    (void)argument;
    for (unsigned long n = scaled(60000); n > 0 && threads_go_on(); n--)
        one_stream(work.ring);
    atomic_fetch_sub(&work.writing, 1);
}

/* Each count only grows, and not by leaps. */
static void look_on(void *argument)
{
    slotring_stats_t before = ring_stats(work.ring), now;
    (void)argument;
    while (atomic_load(&work.writing) > 0 && threads_go_on()) {
        now = ring_stats(work.ring);
        CHECK_EQUAL(now.producers_started, now.producers_ended + now.producers);
        CHECK_AT_LEAST(now.producers_ended, before.producers_ended);
        CHECK_AT_LEAST(before.producers_ended + 2 * 60000, now.producers_ended);
        before = now;
    }
}

/* Two threads of a handle open and end its stream, far enough for several carries. */
static void threads_that_carry_together(void)
{
    work.ring = ring_create(ring_name(), 4, 64);
    const uint64_t ended = 3 * WRAP - 100;
    pretend(work.ring, 0, ended, 0, SR__CARRY_EVERY - 100);
    atomic_store(&work.ring->member.view.participants[0].deaths_carried, 0);
    atomic_store(&work.writing, 2);
    thread_start(stream_on, NULL);
    thread_start(stream_on, NULL);
    thread_start(look_on, NULL);
    threads_join();
    slotring_stats_t stats = ring_stats(work.ring);
    CHECK_EQUAL(stats.producers, 0);
    CHECK_AT_LEAST(stats.producers_ended, ended + 1);
    CHECK_AT_LEAST(ended + 2 * scaled(60000), stats.producers_ended);
    pretend(work.ring, 0, 0, 0, 0);
    ring_remove(work.ring, ring_name());
}

static const test_case_t cases[] = {
    {"a_million_streams_and_more", a_million_streams_and_more, 0},
    {"before_and_behind_each_wrap", before_and_behind_each_wrap, 0},
    {"a_reader_that_was_away_for_2_20_deaths", a_reader_that_was_away_for_2_20_deaths, 0},
    {"threads_that_carry_together", threads_that_carry_together, TEST_THREADS},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {{"stream-count-dies", dies_while_producing}, {NULL, NULL}};

const test_suite_t stream_count_suite = {"stream_count", cases, roles};

/* SPDX-License-Identifier: Apache-2.0 */
/* What a call costs where it is the ring's size that could make it dear: bytes read, system calls, steps; counted, not
 * timed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/internals.h"
#include "support/ring.h"
#include "support/suite.h"

/* ---- A backend that counts what is asked of it -------------------------------------------------------- */

static const sr__backend_t *real;
static sr__backend_t counting;
static struct {
    uint64_t reads, bytes, queries;
    uint16_t of[SLOTRING_PARTICIPANTS_MAX]; /* queries */
} asked;
static bool imagined[SLOTRING_PARTICIPANTS_MAX]; /* participants that are said to live, and are not there */
static bool once_imagined[SLOTRING_PARTICIPANTS_MAX];

static int counted_read(sr__segment_t *segment, uint64_t offset, void *buffer, size_t size)
{
    asked.reads++;
    asked.bytes += size;
    return real->segments.read(segment, offset, buffer, size);
}

static int counted_query(sr__locks_t *locks, uint32_t index, slotring_error_t *error)
{
    asked.queries++;
    asked.of[index]++;
    if (imagined[index])
        return 1;
    int held = real->locks.death_lock_query(locks, index, error);
    /* Where each lock is a file of its own, one that was only imagined has none, and nothing can be asked: it is dead. */
    return held < 0 && once_imagined[index] ? 0 : held;
}

/* From here on what this handle asks is counted. */
static slotring_t *count(slotring_t *ring)
{
    real = ring->member.os;
    counting = *real;
    counting.segments.read = counted_read;
    counting.locks.death_lock_query = counted_query;
    ring->member.os = &counting;
    return ring;
}

static void count_anew(void)
{
    memset(&asked, 0, sizeof asked);
}

/* ---- Observers ---------------------------------------------------------------------------------------- */

#define MESSAGE 64u

typedef struct watched {
    slotring_t *ring, *observer;
    slotring_ticket_t last;
} watched_t;

static watched_t watch(uint64_t slots)
{
    watched_t w = {.ring = ring_create(ring_name(), slots, MESSAGE)};
    for (uint64_t n = 0; n < 100; n++)
        w.last = publish(w.ring, 1, n);
    w.observer = count(ring_observe(ring_name()));
    return w;
}

static void watch_end(watched_t *w)
{
    CHECK_OK(slotring_close(w->observer));
    ring_remove(w->ring, ring_name());
}

typedef struct look {
    const char *name;
    void (*run)(watched_t *w);
    bool at_slots; /* it says something of every slot */
} look_t;

static void look_at_info(watched_t *w)
{
    CHECK_EQUAL(ring_info(w->observer).slot_count, ring_info(w->ring).slot_count);
}

static void look_at_stats(watched_t *w)
{
    slotring_stats_t mine = ring_stats(w->ring), theirs = ring_stats(w->observer);
    CHECK(memcmp(&mine, &theirs, sizeof mine) == 0);
}

static void look_at_a_ticket(watched_t *w)
{
    slotring_ticket_t ticket;
    CHECK_OK(slotring_ticket_at(w->observer, w->last.slot, &ticket));
    CHECK(same_ticket(&ticket, &w->last));
}

static void copy_by_ticket(watched_t *w)
{
    uint8_t bytes[MESSAGE];
    CHECK_OK(slotring_copy(w->observer, &w->last, bytes, sizeof bytes, NULL));
}

static void copy_by_sequence(watched_t *w)
{
    uint8_t bytes[MESSAGE];
    slotring_slot_t info;
    CHECK_OK(slotring_copy_sequence(w->observer, w->last.sequence, bytes, sizeof bytes, &info));
    CHECK_EQUAL(pattern_verify(bytes, info.length, info.tag), info.length);
}

static void look_at_participants(watched_t *w)
{
    slotring_participant_t one;
    uint32_t found;
    CHECK_OK(slotring_participants(w->observer, &one, 1, &found));
    CHECK_EQUAL(found, 1);
    CHECK_EQUAL(one.last_sequence, w->last.sequence);
}

static void look_at_readers(watched_t *w)
{
    uint32_t found;
    slotring_reader_info_t info;
    slotring_reader_t *reader = subscribe(w->ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    CHECK_OK(slotring_readers(w->observer, &info, 1, &found));
    CHECK_EQUAL(found, 1);
    CHECK_EQUAL(info.cursor, w->last.sequence + 1);
    CHECK_OK(slotring_unsubscribe(reader));
}

static const look_t looks[] = {
    {"info", look_at_info, false},
    {"ticket_at", look_at_a_ticket, false},
    {"copy", copy_by_ticket, false},
    {"copy_sequence", copy_by_sequence, false},
    {"readers", look_at_readers, false},
    {"get_stats", look_at_stats, true},
    {"participants", look_at_participants, true},
};
enum {
    LOOKS = sizeof looks / sizeof looks[0]
};

static void an_observer_reads_what_its_call_needs(void)
{
    static const uint64_t sizes[] = {200, 20000};
    uint64_t bytes[2][LOOKS], slots = 0;
    for (size_t s = 0; s < 2; s++) {
        watched_t w = watch(sizes[s]);
        slots = w.observer->member.view.slot_stride * sizes[s] + 8 * (w.observer->member.view.order_mask + 1);
        for (size_t l = 0; l < LOOKS; l++) {
            count_anew();
            looks[l].run(&w);
            bytes[s][l] = asked.bytes;
        }
        watch_end(&w);
    }
    for (size_t l = 0; l < LOOKS; l++) {
        check_context("%s: %llu bytes of a small ring, %llu of a large one", looks[l].name,
                      (unsigned long long)bytes[0][l], (unsigned long long)bytes[1][l]);
        if (looks[l].at_slots) /* their control lines and places in the order, and little else */
            CHECK(bytes[1][l] < slots + 32768);
        else
            CHECK_EQUAL(bytes[1][l], bytes[0][l]);
        CHECK(bytes[0][l] < 200 * (128 + 32) + 32768);
    }
    check_context("%s", "");
}

/* The end of the order is found wherever `tail` stands: after each message, laps of the order long. */
static void an_observer_finds_the_end_of_any_lap(void)
{
    slotring_t *ring = ring_create(ring_name(), 40, MESSAGE), *observer = ring_observe(ring_name());
    for (uint64_t n = 0; n < 200; n++) {
        for (uint64_t i = 0; i <= n % 90; i += 9)
            publish(ring, 1, n);
        CHECK_EQUAL(ring_stats(observer).published, ring_stats(ring).published);
    }
    CHECK_OK(slotring_close(observer));
    ring_remove(ring, ring_name());
}

/* ---- Many participants -------------------------------------------------------------------------------- */

/* A ring with one participant, and with others from `from` on that are in use as far as anybody can see, and alive by
 * what the counting backend says. */
static slotring_t *crowded(uint32_t places, uint32_t from, uint32_t to)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 4, MESSAGE);
    options.max_participants = places;
    options.max_readers = places;
    slotring_t *ring = count(ring_open_with(ring_name(), &options));
    for (uint32_t p = from; p < to; p++) {
        atomic_store(&ring->member.view.participants[p].incarnation, 1);
        imagined[p] = once_imagined[p] = true;
    }
    atomic_store(&ring->member.view.state->participants_high, to);
    count_anew();
    return ring;
}

/* The imagined ones are dead, which they have always been, and are repaired after. */
static void crowd_leaves(slotring_t *ring)
{
    memset(imagined, 0, sizeof imagined);
    ring->member.os = &counting;
    CHECK_OK(slotring_recover(ring, NULL));
    CHECK_EQUAL(ring_stats(ring).participants, 1);
    ring_remove(ring, ring_name());
}

static void reap_now(slotring_t *ring)
{
    atomic_store(&ring->member.view.state->reap_at, 0);
    CHECK(sr__reap_if_due(ring));
}

enum {
    CROWD = 4000,
    A_SWEEP = 256 /* participants, when the last one was long ago */
};

/* However many there are, one reaping asks for a share, and as many reapings as it takes ask for each of them once. */
static void a_reaping_asks_for_a_share(void)
{
    slotring_t *ring = crowded(SLOTRING_PARTICIPANTS_MAX, 1, CROWD);
    for (uint32_t n = 0; n < CROWD / A_SWEEP + 1; n++) {
        uint64_t before = asked.queries;
        reap_now(ring);
        CHECK(asked.queries - before <= A_SWEEP);
    }
    for (uint32_t p = 1; p < CROWD; p++)
        CHECK(asked.of[p] >= 1 && asked.of[p] <= 2);
    crowd_leaves(ring);
}

/* All of a few participants are queried, wherever their entries are, so that a death is known after one slice. */
static void few_are_all_asked_for(void)
{
    slotring_t *ring = crowded(SLOTRING_PARTICIPANTS_MAX, CROWD - 60, CROWD);
    for (uint16_t n = 1; n < 5; n++) {
        reap_now(ring);
        for (uint32_t p = CROWD - 60; p < CROWD; p++)
            CHECK_EQUAL(asked.of[p], n);
    }
    crowd_leaves(ring);
}

/* In a crowd a death is known when its turn comes; at once if it is the death of who keeps producers waiting. */
static void a_death_in_a_crowd(void)
{
    static const struct {
        uint32_t who;
        bool gates;
        uint32_t reaps;
    } rows[] = {{1, false, 16}, {2222, false, 16}, {CROWD - 1, false, 16}, {1, true, 1}, {3333, true, 1}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_context("participant %u", rows[i].who);
        slotring_t *ring = crowded(SLOTRING_PARTICIPANTS_MAX, 1, CROWD);
        reap_now(ring); /* the turn is not its own */
        slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
        if (rows[i].gates) /* a reader's row that is nobody else's */
            atomic_store(
                &ring->member.view.subscriptions[1].state,
                sr__subscription_word(SR__SUBSCRIPTION_ACTIVE, rows[i].who, SR__SUBSCRIPTION_GATES, 1));
        if (rows[i].gates)
            sr__gates_add(&ring->member.view, 1);
        atomic_store(&ring->member.view.state->readers_high, 2);
        for (uint64_t n = 0; n < 4; n++)
            publish(ring, 1, n);
        for (uint64_t n = 0; n < 4; n++)
            take_now(reader, pattern_tag(1, n));
        imagined[rows[i].who] = false;
        uint32_t reaps = 0;
        while (atomic_load(&ring->member.view.participants[rows[i].who].incarnation) % 2 == 1 &&
               reaps < 100) {
            reap_now(ring);
            reaps++;
        }
        CHECK(reaps <= rows[i].reaps);
        CHECK_EQUAL(ring_stats(ring).participants, CROWD - 1);
        publish(ring, 1, 4); /* nobody stands in the way */
        CHECK_OK(slotring_unsubscribe(reader));
        crowd_leaves(ring);
    }
    check_context("%s", "");
}

/* As slotring_open attaches, but counted. */
static slotring_t *attach_counted(void)
{
    slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0), checked;
    slotring_error_t error = {0};
    int failed;
    CHECK_OK(sr__options_check(&options, &checked, &error));
    slotring_t *ring = sr__ring_make(&checked, ring_name(), &error, &failed);
    CHECK(ring != NULL);
    count(ring);
    CHECK_OK(sr__ring_attach(ring, ring_name(), &checked, &(uint32_t){0}, &error));
    atomic_store(&ring->magic, SR__RING_ALIVE);
    return ring;
}

static void attaching_asks_for_a_share(void)
{
    static const uint32_t crowds[] = {63, 64, 65, 200, CROWD};
    for (size_t i = 0; i < sizeof crowds / sizeof crowds[0]; i++) {
        check_context("%u participants", crowds[i]);
        slotring_t *ring = crowded(SLOTRING_PARTICIPANTS_MAX, 1, crowds[i]);
        ring->member.os = real;
        for (int n = 0; n < 3; n++) {
            count_anew();
            slotring_t *other = attach_counted();
            CHECK_EQUAL(other->member.me, crowds[i]);
            CHECK(asked.queries <= 64);
            if (crowds[i] <= 64)
                CHECK_EQUAL(asked.queries, crowds[i]);
            CHECK_OK(slotring_close(other));
        }
        crowd_leaves(ring);
    }
    check_context("%s", "");
}

/* A newcomer that finds no free entry queries all participants: the dead do not keep it out, however many there are. */
static void attaching_where_the_dead_have_every_place(void)
{
    slotring_t *ring = crowded(300, 1, 300);
    for (uint32_t p = 1; p < 300; p++)
        imagined[p] = p < 250;
    atomic_store(&ring->member.view.state->reap_position, 10); /* the living have their turn */
    slotring_t *other = attach_counted();
    CHECK_AT_LEAST(other->member.me, 250);
    CHECK_EQUAL(ring_stats(ring).participants, 251);
    CHECK_OK(slotring_close(other));
    crowd_leaves(ring);
}

/* An entry that a participant left is the next one's. Any value of free_entry_hint is as good as the right one. */
static void places_that_were_left_are_taken(void)
{
    static const uint64_t hints[] = {0, 1, 3, 7, 8, 9, 1000, UINT64_MAX};
    slotring_options_t options = ring_options(SLOTRING_CREATE, 4, MESSAGE);
    options.max_participants = 8;
    slotring_t *rings[8] = {ring_open_with(ring_name(), &options)};
    for (uint32_t p = 1; p < 8; p++) {
        rings[p] = ring_attach(ring_name());
        CHECK_EQUAL(rings[p]->member.me, p);
    }
    for (uint32_t p = 1; p < 8; p += 2)
        CHECK_OK(slotring_close(rings[p]));
    for (uint32_t p = 1; p < 8; p += 2) {
        rings[p] = ring_attach(ring_name());
        CHECK_EQUAL(rings[p]->member.me, p);
    }
    for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++)
        for (uint32_t p = 1; p < 8; p++) {
            CHECK_OK(slotring_close(rings[p]));
            atomic_store(&rings[0]->member.view.state->free_entry_hint, hints[i]);
            rings[p] = ring_attach(ring_name());
            CHECK_EQUAL(rings[p]->member.me, p);
        }
    for (uint32_t p = 1; p < 8; p++)
        CHECK_OK(slotring_close(rings[p]));
    ring_remove(rings[0], ring_name());
}

/* Whichever entry a participant has: what it holds stays, and a look for holders reads no more groups of entries than
 * are in use. */
static void holders_at_any_place(void)
{
    static const uint32_t places[] = {1, 63, 64, 127, 128, 299};
    slotring_options_t options = ring_options(SLOTRING_CREATE, 4, MESSAGE);
    options.max_participants = 300;
    slotring_t *ring = ring_open_with(ring_name(), &options);
    sr__state_t *state = ring->member.view.state;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        check_context("place %u", places[i]);
        uint32_t place = places[i];
        atomic_store(&state->free_entry_hint, place);
        slotring_t *other = ring_attach(ring_name());
        CHECK_EQUAL(other->member.me, place);
        CHECK_EQUAL(atomic_load(&state->holders), 1 | UINT64_C(1) << place / 64);
        slotring_slot_t held;
        slotring_ticket_t ticket = publish(ring, 1, 0);
        hold(other, &ticket, &held);
        for (uint64_t n = 1; n < 20; n++)
            publish(ring, 1, n);
        pattern_check(&held);
        CHECK_EQUAL(ring_stats(ring).slots_held, 1);
        CHECK_OK(slotring_release(other, &held));
        CHECK_CODE(slotring_acquire_for_read(ring, &ticket, &held), SLOTRING_E_STALE);
        if (i % 2) {
            CHECK_OK(slotring_close(other));
        } else { /* a dead one, as far as the ring knows; the handle is only closed */
            other->member.os->locks.death_lock_release(other->death_lock);
            other->death_lock = NULL;
            CHECK_OK(slotring_recover(ring, NULL));
            CHECK_OK(slotring_close(other));
        }
        CHECK_EQUAL(atomic_load(&state->holders), 1);
    }
    check_context("%s", "");
    ring_remove(ring, ring_name());
}

/* The set of readers that hold producers back is what it is said to be, whoever comes and goes in whatever order. */
static void the_set_of_those_who_gate(void)
{
    enum {
        READERS = 300
    };
    static slotring_reader_t *readers[READERS];
    slotring_options_t options = ring_options(SLOTRING_CREATE, 4, MESSAGE);
    options.max_readers = READERS;
    slotring_t *ring = ring_open_with(ring_name(), &options);
    CHECK(!sr__any_gate(&ring->member.view));
    for (uint32_t r = 0; r < READERS; r++)
        readers[r] = subscribe(ring, r % 3 ? SLOTRING_LOSSLESS : SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    for (uint32_t n = 0, r = 0; n < READERS; n++, r = (r + 7 * 13) % READERS) {
        for (uint32_t i = 0; i < READERS; i++)
            CHECK(sr__gates_have(&ring->member.view, i) == (readers[i] && i % 3 != 0));
        CHECK_OK(slotring_unsubscribe(readers[r]));
        readers[r] = NULL;
    }
    CHECK(!sr__any_gate(&ring->member.view));
    CHECK_EQUAL((uint32_t)atomic_load(&ring->member.view.state->gates.summary), 0);
    slotring_reader_t *last = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    for (uint64_t n = 0; n < 4; n++)
        publish(ring, 1, n);
    slotring_slot_t slot;
    CHECK_CODE(slotring_allocate(ring, 1, &slot), SLOTRING_E_FULL);
    CHECK_OK(slotring_unsubscribe(last));
    publish(ring, 1, 4);
    ring_remove(ring, ring_name());
}

static const test_case_t cases[] = {
    {"an_observer_reads_what_its_call_needs", an_observer_reads_what_its_call_needs, 0},
    {"an_observer_finds_the_end_of_any_lap", an_observer_finds_the_end_of_any_lap, 0},
    {"a_reaping_asks_for_a_share", a_reaping_asks_for_a_share, 0},
    {"few_are_all_asked_for", few_are_all_asked_for, 0},
    {"a_death_in_a_crowd", a_death_in_a_crowd, 0},
    {"attaching_asks_for_a_share", attaching_asks_for_a_share, 0},
    {"attaching_where_the_dead_have_every_place", attaching_where_the_dead_have_every_place, 0},
    {"places_that_were_left_are_taken", places_that_were_left_are_taken, 0},
    {"holders_at_any_place", holders_at_any_place, 0},
    {"the_set_of_those_who_gate", the_set_of_those_who_gate, 0},
    {NULL, NULL, 0},
};

const test_suite_t cost_suite = {"cost", cases, NULL};

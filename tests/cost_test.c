/* SPDX-License-Identifier: Apache-2.0 */
/* What a call costs where it is the ring's size that could make it dear: bytes read, system calls, steps; counted, not
 * timed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core.h"
#include "support/files.h"
#include "support/ring.h"
#include "support/suite.h"

/* ---- A backend that counts what is asked of it -------------------------------------------------------- */

static const sr__backend_t *real;
static sr__backend_t counting;
static struct {
    uint64_t reads, bytes;
} asked;

static int counted_read(sr__segment_t *segment, uint64_t offset, void *buffer, size_t size)
{
    asked.reads++;
    asked.bytes += size;
    return real->segment_read(segment, offset, buffer, size);
}

/* From here on what this handle asks is counted. */
static slotring_t *count(slotring_t *ring)
{
    real = ring->os;
    counting = *real;
    counting.segment_read = counted_read;
    ring->os = &counting;
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
        slots = w.observer->view.slot_stride * sizes[s] + 8 * (w.observer->view.order_mask + 1);
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

static const test_case_t cases[] = {
    {"an_observer_reads_what_its_call_needs", an_observer_reads_what_its_call_needs, 0},
    {"an_observer_finds_the_end_of_any_lap", an_observer_finds_the_end_of_any_lap, 0},
    {NULL, NULL, 0},
};

const test_suite_t cost_suite = {"cost", cases, NULL};

/* SPDX-License-Identifier: Apache-2.0 */
/* Who publishes for a producer elsewhere is killed at each instruction while it tells the death of that producer. Readers are told
 * once, after its messages: the death, or that the way to the producer was lost. */
#include <stdio.h>
#include <string.h>

#include "support/internals.h"
#include "support/ring.h"
#include "support/step.h"
#include "support/suite.h"

static void tells(peer_t *test, const char *name)
{
    (void)test;
    slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
    options.flags |= SLOTRING_PROXY;
    options.client_name = "elsewhere";
    slotring_t *proxy = ring_open_with(name, &options);
    publish(proxy, 5, 0);
    publish(proxy, 5, 1);
    step_begin();
    CHECK_OK(slotring_end_by_proxy(proxy, SLOTRING_PRODUCER_DIED));
    step_end();
}

/* Which of the two codes was told. */
static int told_once(slotring_reader_t *reader)
{
    slotring_slot_t slot;
    slotring_participant_t who;
    take_now(reader, pattern_tag(5, 0));
    CHECK_OK(slotring_next(reader, 0, &slot));
    uint64_t last = slot.sequence;
    CHECK_OK(slotring_reader_release(reader));
    int code = slotring_next(reader, PATIENCE, &slot);
    CHECK(code == SLOTRING_E_PRODUCER_DIED || code == SLOTRING_E_SOURCE_LOST);
    CHECK_OK(slotring_reader_death(reader, &who));
    CHECK_STRING(who.name, "elsewhere");
    CHECK_EQUAL(who.proxy, 1);
    CHECK_EQUAL(who.last_sequence, last);
    CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_END);
    return code;
}

typedef struct watched {
    const sr__participant_t *entry; /* of the proxy */
    uint8_t before[sizeof(sr__participant_t)];
    unsigned long first, last; /* instructions by which something of the entry changed */
} watched_t;

static bool look(void *context, unsigned long done)
{
    watched_t *w = context;
    if (done == 0 || memcmp(w->before, w->entry, sizeof w->before) != 0) {
        memcpy(w->before, w->entry, sizeof w->before);
        w->first = w->first == 0 ? done : w->first;
        w->last = done;
    }
    return true;
}

typedef struct scene {
    slotring_t *ring;
    slotring_reader_t *reader;
    uint64_t deaths;
} scene_t;

static scene_t begin(slotring_t *ring)
{
    return (scene_t){.ring = ring,
                     .reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW),
                     .deaths = ring_stats(ring).producers_died};
}

static int end(const scene_t *scene)
{
    CHECK_OK(slotring_recover(scene->ring, NULL)); /* else it is told a slice later */
    int code = told_once(scene->reader);
    CHECK_EQUAL(ring_stats(scene->ring).producers_died, scene->deaths + 1);
    CHECK_OK(slotring_unsubscribe(scene->reader));
    check_recovered(scene->ring, 1);
    return code;
}

/* From before the entry changes until after its last change: 16 points of it; thorough: all, as far as
 * the time goes. */
static void killed_while_it_tells(void)
{
    const char *why;
    if (!step_possible(&why))
        SKIP("%s", why);
    slotring_t *ring = ring_create(ring_name(), 8, 100);
    watched_t w = {.entry = &ring->member.view.participants[1]};
    step_trace_t trace = {0};
    scene_t scene = begin(ring);
    step_kill(step_record(tells, ring_name(), look, &w, &trace));
    CHECK_EQUAL(end(&scene), SLOTRING_E_PRODUCER_DIED);
    CHECK_AT_LEAST(w.last - w.first, 40);
    unsigned long kills = 0, died = 0, from = w.first - 1, range = w.last + 1 - from;
    unsigned long points = thorough_seconds() ? range : 16;
    int64_t time_over = now_ns() + time_to_try(2000);
    bool all = true;
    for (unsigned long i = 0; i <= points && all; i++, kills++) {
        unsigned long n = from + range * i / points;
        check_context("killed after %lu of %lu instructions", n, trace.count);
        scene = begin(ring);
        pid_t held = step_start(tells, ring_name());
        CHECK(step_go_to(held, &trace, 0, n));
        step_kill(held);
        int code = end(&scene);
        CHECK(i > 0 || code == SLOTRING_E_SOURCE_LOST);
        CHECK(died == 0 || code == SLOTRING_E_PRODUCER_DIED); /* once it is counted, it is that */
        died += code == SLOTRING_E_PRODUCER_DIED;
        all = !thorough_seconds() || now_ns() < time_over; /* as far as the time goes */
    }
    check_context("%s", "");
    CHECK(!all || (died > 0 && died < kills)); /* at the last point it is counted */
    printf("PROVED %lu kills; %s\n", kills, test_name());
    step_forget(&trace);
    ring_remove(ring, ring_name());
}

static const test_case_t cases[] = {
    {"killed_while_it_tells", killed_while_it_tells, 0},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {{NULL, NULL}};

const test_suite_t path_proxy_suite = {"path_proxy", cases, roles};

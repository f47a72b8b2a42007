/* SPDX-License-Identifier: Apache-2.0 */
/* A producer is killed at each instruction that counts the end of a stream and the begin of the next one, just when the
 * count of the word is carried into the full one: no stream is lost or counted twice. */
#include <string.h>

#include "support/internals.h"
#include "support/ring.h"
#include "support/step.h"
#include "support/suite.h"

#define PLACE 1u
#define WRAP (UINT64_C(1) << 20)
#define MARGIN 20u           /* instructions before the first change and after the last one */
#define ENDED (2 * WRAP - 1) /* before it; the next one wraps, and is due to be carried */

static void ends_and_opens(peer_t *test, const char *name)
{
    slotring_slot_t slot;
    (void)test;
    slotring_t *ring = ring_attach(name);
    CHECK_EQUAL(ring_info(ring).participant, PLACE);
    CHECK_OK(slotring_allocate(ring, 1, &slot));
    CHECK_OK(slotring_abort(ring, &slot));
    step_begin();
    CHECK_OK(slotring_end_stream(ring));
    CHECK_OK(slotring_allocate(ring, 1, &slot));
    step_end();
}

/* The instructions between the first and the last change of the words that count the streams of the entry. */
typedef struct changes {
    sr__participant_t *place;
    uint64_t words[3];
    unsigned long first, last;
} changes_t;

static bool note_changes(void *context, unsigned long done)
{
    changes_t *changes = context;
    uint64_t now[3] = {atomic_load(&changes->place->stream), atomic_load(&changes->place->ends_carried),
                       atomic_load(&changes->place->deaths_carried)};
    if (done != 0 && memcmp(now, changes->words, sizeof now) != 0) {
        changes->last = done;
        if (changes->first == 0)
            changes->first = done;
    }
    memcpy(changes->words, now, sizeof now);
    return true;
}

/* `died`: at this entry so far. */
static void pretend(slotring_t *ring, uint64_t died)
{
    sr__participant_t *p = &ring->member.view.participants[PLACE];
    atomic_store(&p->ends_carried, ENDED - SR__CARRY_EVERY);
    atomic_store(&p->deaths_carried, died - SR__CARRY_EVERY);
    atomic_store(&p->stream,
                 (died % WRAP) << 44 | (ENDED % WRAP) << 24 | ((ENDED + died) % WRAP) << 4 | SR__ENDED);
}

static void killed_while_it_carries(void)
{
    const char *why;
    if (!step_possible(&why))
        SKIP("%s", why);
    slotring_options_t options = ring_options(SLOTRING_CREATE, 4, 64);
    options.max_participants = 2;
    slotring_t *ring = ring_open_with(ring_name(), &options);
    const uint64_t died = 3 * WRAP - 1;
    uint64_t ended_once = 0, opened_again = 0;
    slotring_stats_t stats;
    step_trace_t trace = {0};
    pretend(ring, died);
    changes_t changes = {.place = &ring->member.view.participants[PLACE]};
    step_kill(step_record(ends_and_opens, ring_name(), note_changes, &changes, &trace));
    CHECK_OK(slotring_recover(ring, NULL));
    CHECK(changes.first != 0 && changes.first < changes.last && changes.last < trace.count);
    /* A kill before the first change finds the words as they were, and one after the last change as they will be. */
    unsigned long begin = changes.first > MARGIN ? changes.first - MARGIN : 0;
    unsigned long stride = scaled(100) >= 20 ? 1 : 5; /* each instruction, unless little work is asked for */
    for (unsigned long n = begin; n < changes.last + MARGIN && n < trace.count; n += stride) {
        pretend(ring, died);
        pid_t held = step_start(ends_and_opens, ring_name());
        bool inside = step_go_to(held, &trace, 0, n);
        CHECK(inside || n + 20 > trace.count); /* the last ones are on the way to standing still */
        check_context("after %lu instructions", n);
        bool ended = false, open = false;
        for (int repaired = 0; repaired < 2; repaired++) {
            stats = ring_stats(ring);
            if (!repaired) {
                ended = stats.producers_ended == ENDED + 1;
                open = stats.producers == 1;
                CHECK(ended || stats.producers_ended == ENDED);
                CHECK(ended || open);
                step_kill(held);
                CHECK_OK(slotring_recover(ring, NULL));
                continue;
            }
            CHECK_EQUAL(stats.producers, 0);
            CHECK_EQUAL(stats.producers_ended, ENDED + ended);
            CHECK_EQUAL(stats.producers_died, died + open);
            CHECK_EQUAL(stats.producers_started, ENDED + died + ended + open);
        }
        ended_once += ended;
        opened_again += ended && open;
    }
    step_forget(&trace);
    check_context("%s", "");
    CHECK_AT_LEAST(ended_once * stride, 10);
    CHECK_AT_LEAST(opened_again * stride, 10);
    atomic_store(&ring->member.view.participants[PLACE].stream, 0);
    atomic_store(&ring->member.view.participants[PLACE].ends_carried, 0);
    atomic_store(&ring->member.view.participants[PLACE].deaths_carried, 0);
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

static const test_case_t cases[] = {{"killed_while_it_carries", killed_while_it_carries, 0}, {NULL, NULL, 0}};

const test_suite_t path_stream_suite = {"path_stream", cases, NULL};

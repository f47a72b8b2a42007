/* SPDX-License-Identifier: Apache-2.0 */
/* Kills at every instruction between the stores of who tells that somebody else took the ring's files: those that are left
 * come to the same end. */
#include <stdio.h>
#include <string.h>

#include "support/files.h"
#include "support/internals.h"
#include "support/ring.h"
#include "support/step.h"
#include "support/suite.h"

/* Where the memory lies elsewhere, nothing leads to it without the entry. */
static char memory[700];

static void note_memory(void)
{
    (void)snprintf(memory, sizeof memory, "%s", ring_memory_path(ring_name()));
}

static void clean_up(void)
{
    (void)slotring_unlink(ring_name(), SLOTRING_UNLINK_FORCE, NULL, NULL);
    (void)remove(memory);
}

static void keep_finding(void *user, const char *finding)
{
    (void)snprintf(user, 400, "%s", finding);
}

/* Suspects it in one look, and concludes it in the next. */
static void concludes(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    file_take_away(ring_path(name), false);
    file_take_away(ring_lock_path(name), false);
    uint64_t now = ring->member.os->system.clock_ns();
    sr__names_watch(ring, now);
    step_begin();
    sr__names_watch(ring, now + 1);
    step_end();
}

/* The instructions between the first store and the last one. */
typedef struct stores {
    sr__state_t *state;
    unsigned long first, last;
} stores_t;

static bool note_stores(void *context, unsigned long done)
{
    stores_t *stores = context;
    bool taken = atomic_load(&stores->state->names) == SR__NAMES_TAKEN;
    if (!taken)
        stores->first = done;
    if (atomic_load(&stores->state->state) != SR__REMOVED)
        stores->last = done;
    return true;
}

static void told_all_the_same(slotring_t *ring)
{
    slotring_slot_t slot;
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    CHECK_OK(slotring_recover(ring, NULL));
    CHECK_CODE(slotring_next(reader, PATIENCE, &slot), SLOTRING_E_REMOVED);
    CHECK_CODE(slotring_next(reader, MILLISECOND, &slot), SLOTRING_E_TIMEOUT);
    CHECK_EQUAL(ring_info(ring).removed, 1);
    CHECK_OK(slotring_unsubscribe(reader));
    /* The next ones that reap come to the same end as who was killed. */
    uint64_t now = ring->member.os->system.clock_ns() + SECOND;
    for (int look = 0; look < 3; look++)
        sr__names_watch(ring, now += 2 * SECOND);
    CHECK_EQUAL(atomic_load(&ring->member.view.state->names), SR__NAMES_TAKEN);
    CHECK_EQUAL(atomic_load(&ring->member.view.state->state), SR__REMOVED);
    char text[400] = "";
    uint64_t findings = 0;
    CHECK_OK(slotring_check(ring, keep_finding, text, &findings));
    CHECK_EQUAL(findings, 1);
    CHECK_CONTAINS(text, "somebody else removed the files");
}

static void killed_while_it_tells(void)
{
    const char *why;
    if (!step_possible(&why))
        SKIP("%s", why);
    step_trace_t trace = {0};
    slotring_t *ring = ring_create(ring_name(), 2, 100);
    note_memory(); /* the victim takes the names away */
    stores_t stores = {.state = ring->member.view.state};
    step_kill(step_record(concludes, ring_name(), note_stores, &stores, &trace));
    told_all_the_same(ring);
    CHECK_OK(slotring_close(ring));
    clean_up();
    CHECK(stores.first < stores.last && stores.last < trace.count);
    unsigned long from = stores.first > 5 ? stores.first - 5 : 0;
    unsigned long stride = scaled(100) >= 20 ? 1 : 5; /* each instruction, unless little work is asked for */
    for (unsigned long n = from; n < stores.last + 5 && n < trace.count; n += stride) {
        check_context("killed after %lu instructions", n);
        ring = ring_create(ring_name(), 2, 100);
        note_memory();
        pid_t held = step_start(concludes, ring_name());
        (void)step_go_to(held, &trace, 0, n);
        step_kill(held);
        told_all_the_same(ring);
        CHECK_OK(slotring_close(ring));
        clean_up();
    }
    check_context("%s", "");
    step_forget(&trace);
}

static const test_case_t cases[] = {{"killed_while_it_tells", killed_while_it_tells, 0}, {NULL, NULL, 0}};

const test_suite_t path_names_suite = {"path_names", cases, NULL};

/* SPDX-License-Identifier: Apache-2.0 */
/* A process is killed inside create, attach, subscribe, close, recover and unlink: at every system call (only there
 * locks and files change), after every instruction that changed the segment, and at others all over. After each kill
 * the ring must be as good as new, with exact counts, and nothing may stay behind. The data path: path_*_test.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/ring.h"
#include "support/step.h"
#include "support/suite.h"

static bool have_tracing(void)
{
    const char *why;
    bool possible = step_possible(&why);
    if (!possible)
        test_skip("%s", why);
    return possible;
}

/* ---- Operations that come with system calls --------------------------------------------------------- */

static void creates(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = NULL;
    slotring_options_t options = ring_options(SLOTRING_CREATE, 4, 200);
    step_begin();
    int code = slotring_open(&ring, name, &options, NULL);
    if (code != 0)
        FAIL("create gave %s", slotring_error_name(code));
    step_end();
}

static void attaches(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = NULL;
    slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
    step_begin();
    CHECK_OK(slotring_open(&ring, name, &options, NULL));
    step_end();
}

static void closes(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_OLDEST);
    slotring_slot_t held, writing, given;
    slotring_ticket_t ticket = publish(ring, 1, 0);
    hold(ring, &ticket, &held);
    CHECK_OK(slotring_allocate(ring, 1, &writing));
    CHECK_OK(slotring_next(reader, 0, &given));
    step_begin();
    CHECK_OK(slotring_close(ring));
    step_end();
}

static void unlinks(peer_t *test, const char *name)
{
    (void)test;
    step_begin();
    CHECK_OK(slotring_unlink(name, SLOTRING_UNLINK_IF_UNUSED, NULL, NULL));
    step_end();
}

/* Dies with its hands full, so that another has something to repair. */
static void dies_with_hands_full(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_slot_t held, writing, given;
    slotring_ticket_t ticket = publish(ring, 2, 0);
    hold(ring, &ticket, &held);
    CHECK_OK(slotring_next(reader, 0, &given));
    CHECK_OK(slotring_allocate(ring, 1, &writing));
    peer_tell(test, 1);
    (void)peer_hear(test);
}

static void dies_writing(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    slotring_slot_t writing;
    CHECK_OK(slotring_allocate(ring, 1, &writing));
    peer_tell(test, 1);
    (void)peer_hear(test);
}

static void recovers(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    peer_t dead = peer_start(BY_FORK, "step-dies-with-hands-full", name);
    peer_expect(&dead, 1);
    peer_kill(&dead);
    step_begin();
    CHECK_OK(slotring_recover(ring, NULL));
    step_end();
}

static void subscribes(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader;
    slotring_reader_options_t options;
    slotring_reader_options_init(&options);
    options.start = SLOTRING_FROM_OLDEST;
    step_begin();
    CHECK_OK(slotring_subscribe(ring, &options, &reader));
    CHECK_OK(slotring_unsubscribe(reader));
    step_end();
}

/* What the survivor finds. `exists`: 1 the ring must be there, 0 it must not, -1 both are right. */
static void survive(int exists)
{
    slotring_t *ring = NULL;
    slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
    slotring_error_t error;
    int code = slotring_open(&ring, ring_name(), &options, &error);
    if (code == SLOTRING_E_NOT_FOUND && exists != 1) {
        ring =
            ring_create(ring_name(), 4, 200); /* what is left of a killed creator or remover is no obstacle */
    } else if (code != 0) {
        FAIL("the survivor's attach gave %s: %s", slotring_error_name(code), error.text);
    }
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

/* Where the segment changed in one run of the victim. */
typedef struct changes {
    const uint8_t *segment;
    uint8_t *before;
    size_t size;
    unsigned long count, at[4096];
} changes_t;

static bool look_for_change(void *context, unsigned long done)
{
    changes_t *changes = context;
    bool first = changes->segment == NULL;
    if (first) {
        if (!ring_exists(ring_name()))
            return true; /* what has no name is nobody's */
        changes->segment = ring_map(ring_name(), &changes->size);
        changes->before = calloc(1, changes->size);
        CHECK(changes->before != NULL);
    }
    if (!ring_changed_since(changes->before, changes->segment, changes->size) && !first)
        return true;
    CHECK(changes->count < sizeof changes->at / sizeof changes->at[0]);
    changes->at[changes->count++] = done;
    return true;
}

static void kill_at_instruction(role_fn victim, const step_trace_t *trace, unsigned long n, bool needs_ring,
                                int exists)
{
    check_context("killed at instruction %lu of %lu", n, trace->count);
    if (needs_ring)
        CHECK_OK(slotring_close(ring_create(ring_name(), 4, 200)));
    pid_t held = step_start(victim, ring_name());
    (void)step_go_to(held, trace, 0, n);
    step_kill(held);
    survive(exists);
}

/* Kills after each instruction that changed the segment, and then at others all over until the time is used. */
static unsigned long kill_at_changes(role_fn victim, bool needs_ring, int exists, int64_t end)
{
    static changes_t changes;
    step_trace_t trace;
    if (needs_ring)
        CHECK_OK(slotring_close(ring_create(ring_name(), 4, 200)));
    step_kill(step_record(victim, ring_name(), look_for_change, &changes, &trace));
    survive(exists);
    CHECK_AT_LEAST(changes.count, 1);
    for (unsigned long i = 0; i < changes.count; i++)
        kill_at_instruction(victim, &trace, changes.at[i], needs_ring, exists);
    unsigned long kills = 1 + changes.count;
    unsigned random = 12345;
    for (; now_ns() < end; kills++) {
        random = random * 1664525u + 1013904223u;
        kill_at_instruction(victim, &trace, (random >> 8) % trace.count, needs_ring, exists);
    }
    check_context("%s", "");
    printf(
        "PROVED %lu kills; %s: at all %lu changes of the segment, and at some others of %lu instructions\n",
        kills, test_name(), changes.count, trace.count);
    if (changes.segment != NULL)
        ring_unmap((void *)(uintptr_t)changes.segment);
    free(changes.before);
    step_forget(&trace);
    return kills;
}

/* All of them; where each victim is a fresh run of the program and the test is to be short, some, each time others. */
static unsigned long stride_of_stops(void)
{
    return process_can_fork() || thorough_seconds() > 0 || scaled(100) >= 100 ? 1 : 5;
}

static void kill_everywhere(role_fn victim, bool needs_ring, int exists)
{
    unsigned long stops = 0;
    int64_t end = now_ns() + time_to_try(700);
    unsigned long stride = stride_of_stops(), stop = (unsigned long)(now_ns() / 100) % stride;
    for (bool inside = true; inside; stops++, stop += stride) {
        check_context("killed at system call stop %lu", stop);
        if (needs_ring)
            CHECK_OK(slotring_close(ring_create(ring_name(), 4, 200)));
        inside = step_and_kill(victim, ring_name(), (step_point_t){.system_calls = stop});
        survive(exists);
    }
    check_context("%s", "");
    CHECK_AT_LEAST(stops, 1);
    printf("PROVED %lu kills; %s: at %s stops at system calls\n", stops, test_name(),
           stride == 1 ? "all" : "some");
    if (scaled(100) < 100 || (!process_can_fork() && thorough_seconds() == 0))
        printf("not killed at changes of the segment: finding them takes longer than this run is to take\n");
    else
        (void)kill_at_changes(victim, needs_ring, exists, end);
}

static void in_subscribe(void)
{
    if (have_tracing())
        kill_everywhere(subscribes, true, 1);
}

static void in_create(void)
{
    if (have_tracing())
        kill_everywhere(creates, false, -1);
}

static void in_attach(void)
{
    if (have_tracing())
        kill_everywhere(attaches, true, 1);
}

static void in_close(void)
{
    if (have_tracing())
        kill_everywhere(closes, true, 1);
}

static void in_unlink(void)
{
    if (have_tracing())
        kill_everywhere(unlinks, true, -1);
}

static void in_recover(void)
{
    if (have_tracing())
        kill_everywhere(recovers, true, 1);
}

/* ---- A process that is stopped inside, not killed ---------------------------------------------------- */

static void quickly(int64_t *since, const char *what)
{
    int64_t now = now_ns();
    if (now - *since > PATIENCE)
        FAIL("%s took %lld ms beside a stopped process", what, (long long)((now - *since) / MILLISECOND));
    *since = now;
}

static void take_after_deaths(slotring_reader_t *reader, uint64_t tag)
{
    slotring_slot_t slot;
    int code;
    while ((code = slotring_next(reader, PATIENCE, &slot)) == SLOTRING_E_PRODUCER_DIED)
        continue;
    CHECK_OK(code);
    pattern_check(&slot);
    CHECK_EQUAL(slot.tag, tag);
    CHECK_OK(slotring_reader_release(reader));
}

/* Everything but attaching goes on; attaching says E_BUSY after its own time limit. */
static void go_on_beside_a_stopped_one(slotring_t *ring)
{
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_slot_t slot;
    int64_t since = now_ns();
    CHECK(slotring_next(reader, 0, &slot) != 0);
    CHECK(slotring_next(reader, MILLISECOND, &slot) != 0);
    quickly(&since, "next with a timeout of 1 ms");
    slotring_ticket_t tickets[3];
    for (uint64_t n = 0; n < 3; n++) { /* one slot may be in the hands of the dead */
        tickets[n] = publish(ring, 5, n);
        take_after_deaths(reader, pattern_tag(5, n));
    }
    read_once(ring, &tickets[2]);
    quickly(&since, "publishing and reading");
    slotring_slot_t all[4];
    uint32_t count = 0;
    while (count < 4 && slotring_allocate(ring, 1, &all[count]) == 0)
        count++;
    CHECK(slotring_allocate_wait(ring, 1, MILLISECOND, &slot) != 0);
    quickly(&since, "allocating all there is");
    while (count > 0)
        CHECK_OK(slotring_abort(ring, &all[--count]));
    CHECK_OK(slotring_unsubscribe(reader));
    slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
    options.lock_timeout_ns = 20 * MILLISECOND;
    slotring_t *other = NULL;
    int code = slotring_open(&other, ring_name(), &options, NULL);
    CHECK(code == 0 || code == SLOTRING_E_BUSY);
    if (code == 0)
        CHECK_OK(slotring_close(other));
    quickly(&since, "attaching with a time limit of 20 ms");
    options.mode = SLOTRING_CREATE;
    CHECK(slotring_open(&other, ring_name(), &options, NULL) != 0);
    quickly(&since, "being told that the ring exists");
}

static void stopped_inside(role_fn victim)
{
    unsigned long stop = 0;
    int64_t start = now_ns(), budget = (int64_t)scaled(1200) * MILLISECOND;
    slotring_options_t options = ring_options(SLOTRING_CREATE, 4, 200);
    options.wait_slice_ns =
        5 * MILLISECOND; /* look after the dead all the time, against the stopped one's lock */
    for (bool inside = true; inside; stop += now_ns() - start < budget ? stride_of_stops() : 7) {
        check_context("stopped at system call stop %lu", stop);
        slotring_t *ring = ring_open_with(ring_name(), &options);
        pid_t held = step_and_hold(victim, ring_name(), (step_point_t){.system_calls = stop}, &inside);
        go_on_beside_a_stopped_one(ring);
        step_kill(held);
        CHECK_OK(slotring_end_stream(ring));
        check_recovered(ring, 1);
        ring_remove(ring, ring_name());
    }
    check_context("%s", "");
    CHECK_AT_LEAST(stop, 10);
}

static void stopped_in_attach(void)
{
    if (have_tracing())
        stopped_inside(attaches);
}

/* What only the stopped repairer could give back, a slot, is missed by nobody; a dead lossless reader would be. */
static void recovers_a_writer(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    peer_t dead = peer_start(BY_FORK, "step-dies-writing", name);
    peer_expect(&dead, 1);
    peer_kill(&dead);
    step_begin();
    CHECK_OK(slotring_recover(ring, NULL));
    step_end();
}

static void stopped_in_recover(void)
{
    if (have_tracing())
        stopped_inside(recovers_a_writer);
}

/* ---- A subscription, seen by others at each instruction --------------------------------------------------- */

typedef struct onlooker {
    slotring_t *ring;
    uint32_t start;
    slotring_slot_t slot; /* for the message that it publishes when the reader counts */
    uint64_t length;
    bool published;
    const void *memory; /* of the ring, and a copy as it was after the last look */
    void *before;
    size_t size;
} onlooker_t;

static onlooker_t onlooker; /* as the test has it when it starts the victim */

/* Half a ring lies there, and something is gone already. What is published once this reader counts, it gets. */
static void subscribes_and_reads(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_reader_options_t options;
    slotring_reader_options_init(&options);
    options.start = onlooker.start;
    options.first = onlooker.start == SLOTRING_FROM_SEQUENCE ? 1 : 0;
    slotring_reader_t *reader;
    slotring_slot_t slot;
    step_begin();
    CHECK_OK(slotring_subscribe(ring, &options, &reader));
    do {
        CHECK_OK(slotring_next(reader, 0, &slot));
        CHECK_OK(slotring_reader_release(reader));
    } while (slot.sequence < 8);
    step_end();
}

static bool looks_on(void *context, unsigned long done)
{
    onlooker_t *o = context;
    uint64_t findings;
    slotring_reader_info_t info;
    uint32_t count;
    (void)done;
    if (o->published || !ring_changed_since(o->before, o->memory, o->size))
        return true; /* all looks would see the same */
    CHECK_OK(slotring_check(o->ring, NULL, NULL, &findings));
    CHECK_EQUAL(findings, 0);
    CHECK_OK(slotring_readers(o->ring, &info, 1, &count));
    if (count == 1)
        CHECK_EQUAL(info.delivered + info.missed + info.passed_over + info.pending, info.cursor - info.start);
    if (slotring_wait_readers(o->ring, 1, 0, NULL) == 0) {
        CHECK_OK(slotring_mark_ready(o->ring, &o->slot, o->length));
        o->published = true;
    }
    (void)ring_changed_since(o->before, o->memory, o->size); /* what the looks themselves changed */
    return true;
}

static void subscribed_under_eyes(void)
{
    static const uint32_t starts[] = {SLOTRING_FROM_NOW, SLOTRING_FROM_OLDEST, SLOTRING_FROM_SEQUENCE};
    if (!process_can_fork())
        SKIP("no process is forked here");
    if (!have_tracing())
        return;
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        step_trace_t way = {0};
        onlooker = (onlooker_t){.ring = ring_create(ring_name(), 4, 200), .start = starts[i]};
        for (uint64_t n = 0; n < 8; n++)
            (void)publish(onlooker.ring, 9, n);
        prepare(onlooker.ring, 9, 8, &onlooker.slot, &onlooker.length);
        onlooker.memory = ring_map(ring_name(), &onlooker.size);
        onlooker.before = calloc(1, onlooker.size); /* not what is there: the first look is made */
        CHECK(onlooker.before != NULL);
        step_kill(step_record(subscribes_and_reads, ring_name(), looks_on, &onlooker, &way));
        CHECK(onlooker.published);
        step_forget(&way);
        ring_unmap((void *)(uintptr_t)onlooker.memory);
        free(onlooker.before);
        check_recovered(onlooker.ring, 1);
        ring_remove(onlooker.ring, ring_name());
    }
}

static const test_case_t cases[] = {
    {"in_create", in_create, 0},
    {"in_attach", in_attach, 0},
    {"in_close", in_close, 0},
    {"in_unlink", in_unlink, 0},
    {"in_recover", in_recover, 0},
    {"stopped_in_attach", stopped_in_attach, 0},
    {"stopped_in_recover", stopped_in_recover, 0},
    {"in_subscribe", in_subscribe, 0},
    {"subscribed_under_eyes", subscribed_under_eyes, 0},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {
    {"step-dies-with-hands-full", dies_with_hands_full},
    {"step-dies-writing", dies_writing},
    {NULL, NULL},
};

const test_suite_t step_suite = {"step", cases, roles};

/* SPDX-License-Identifier: Apache-2.0 */
/* What very many participants cost who comes, and who waits: attaching beside them, and looking after the dead among
 * them. */
#include <stdio.h>

#include "crowd.h"
#include "message.h"
#include "single_step.h"

#define READERS 3u                     /* that are blocked */
#define SLICE_NS UINT64_C(100000000)   /* of theirs */
#define BLOCKED_NS INT64_C(1000000000) /* and for how long */
#define SWEEPERS 3u                    /* calls that find nothing, in one slice */

static const struct {
    const char *name;
    uint32_t participants;
} crowds[] = {{"few", 64}, {"many", 4000}};

static slotring_t *open_ring(const char *name, uint32_t mode, uint64_t slice_ns)
{
    slotring_t *ring;
    slotring_options_t options;
    slotring_options_init(&options);
    options.mode = mode;
    options.flags = SLOTRING_ONE_THREAD;
    options.slot_size = BENCH_MESSAGE;
    options.total_size = UINT64_C(64) * BENCH_MESSAGE;
    options.max_participants = SLOTRING_PARTICIPANTS_MAX;
    options.max_readers = SLOTRING_READERS_MAX;
    options.wait_slice_ns = slice_ns;
    must(slotring_open(&ring, name, &options, NULL), "open");
    return ring;
}

static void report(const char *what, const char *name, call_counts_t call)
{
    char key[100];
    const double counts[] = {(double)call.instructions, (double)call.atomics, (double)call.system_calls};
    static const char *const of[] = {"instructions", "atomics", "system_calls"};
    for (unsigned i = 0; i < 3; i++) {
        snprintf(key, sizeof key, "%s_%s_%s", what, of[i], name);
        report_number(key, key, "per call", counts[i]);
    }
}

static const counted_function_t open_call = {"open", (function_t)slotring_open};
static const counted_function_t next_call = {"next", (function_t)slotring_next};

/* -- attaching -- */

static void attach(const void *name)
{
    counted_from_here();
    open_ring(name, SLOTRING_ATTACH, 0);
}

static void count_attach(const char *ring, const char *name)
{
    counted_t counted;
    call_counts_t call;
    if (!counted_start(&counted, attach, ring))
        fail("a process could be traced before, and cannot now");
    counted_next_call(&counted, &open_call, 1, &call);
    counted_end(&counted);
    report("attach", name, call);
}

/* -- looking after the dead -- */

/* Several who find nothing, one after the other, in one slice that no counting is too slow for. Each has had a message
 * before, and with it the news of all streams. */
static void reap(const void *name)
{
    slotring_reader_t *readers[SWEEPERS];
    slotring_slot_t slot;
    slotring_reader_options_t options;
    slotring_reader_options_init(&options);
    options.start = SLOTRING_FROM_OLDEST;
    for (unsigned i = 0; i < SWEEPERS; i++) {
        slotring_t *ring = open_ring(name, SLOTRING_ATTACH, UINT64_C(600000000000));
        must(slotring_subscribe(ring, &options, &readers[i]), "subscribe");
        must(slotring_next(readers[i], 0, &slot), "next");
        must(slotring_reader_release(readers[i]), "reader_release");
    }
    counted_from_here();
    for (unsigned i = 0; i < SWEEPERS; i++)
        if (slotring_next(readers[i], 0, &slot) != SLOTRING_E_EMPTY)
            fail("there is a message");
}

static void count_reaping(const char *ring, const char *name)
{
    counted_t counted;
    call_counts_t all = {0};
    if (!counted_start(&counted, reap, ring))
        fail("a process could be traced before, and cannot now");
    for (unsigned i = 0; i < SWEEPERS; i++) {
        call_counts_t call;
        counted_next_call(&counted, &next_call, 1, &call);
        all.instructions += call.instructions;
        all.atomics += call.atomics;
        all.system_calls += call.system_calls;
    }
    counted_end(&counted);
    report("reaping", name, all);
}

/* -- waiting -- */

static void wait_blocked(const void *name)
{
    slotring_reader_t *reader;
    slotring_slot_t slot;
    must(slotring_subscribe(open_ring(name, SLOTRING_ATTACH, SLICE_NS), NULL, &reader), "subscribe");
    if (slotring_next(reader, 0, &slot) != SLOTRING_E_EMPTY)
        fail("there is a message");
    counted_from_here();
    if (slotring_next(reader, BLOCKED_NS, &slot) != SLOTRING_E_TIMEOUT)
        fail("a message came");
    counted_from_here();
}

/* What idle readers ask the system for, all together: asking for the participants, and to sleep. */
static void count_blocked(const char *ring, const char *name)
{
    char key[100];
    counted_t counted[READERS];
    for (unsigned i = 0; i < READERS; i++)
        if (!counted_start(&counted[i], wait_blocked, ring))
            fail("a process could be traced before, and cannot now");
    uint64_t start = ticks_now(), calls = counted_system_calls(counted, READERS);
    double slices = ticks_to_ns(ticks_now() - start) / (double)SLICE_NS;
    for (unsigned i = 0; i < READERS; i++)
        counted_end(&counted[i]);
    snprintf(key, sizeof key, "blocked_system_calls_%s", name);
    report_number(key, key, "in all", (double)calls);
    snprintf(key, sizeof key, "blocked_slices_%s", name);
    report_number(key, key, "", slices);
}

void bench_crowds(const bench_config_t *config)
{
    (void)config;
    report_section("crowds", "Attaching, looking after the dead and waiting among 64 and 4,000 participants");
    if (!counted_possible()) {
        report_text("skipped", "counting needs Linux on x86-64 and processes that may be traced");
        return;
    }
    for (unsigned c = 0; c < sizeof crowds / sizeof crowds[0]; c++) {
        char ring[64];
        crowd_t crowd;
        slotring_slot_t slot;
        ring_name(ring, 500 + c);
        slotring_t *first = open_ring(ring, SLOTRING_CREATE, 0);
        must(slotring_allocate(first, BENCH_MESSAGE, &slot), "allocate");
        must(slotring_mark_ready(first, &slot, BENCH_MESSAGE), "mark_ready");
        crowd_come(&crowd, ring, crowds[c].participants - 1, -1);
        count_attach(ring, crowds[c].name);
        count_reaping(ring, crowds[c].name);
        count_blocked(ring, crowds[c].name);
        ring_forget(ring);
        crowd_leave(&crowd);
        must(slotring_close(first), "close");
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A thread stops after any instruction of its call, for a while or for ever, or its process is killed there. Another
 * thread of the same handle then uses the same publication: each of its calls ends, within a few turns and without
 * sleeping; what it holds keeps its bytes, whatever producers do, whether the stopped one goes on or not; and nothing
 * is left in the end. The same with a third thread that stands still between its count and the shared bit already, so
 * that the others hold the slot by its word. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "support/beside.h"
#include "support/internals.h"
#include "support/suite.h"

/* ---- Calls that are stopped ------------------------------------------------------------------------------ */

/* The first and the last byte: few instructions. */
static void look_at(const slotring_slot_t *slot)
{
    const uint8_t *bytes = slot->data;
    CHECK_EQUAL(slot->sequence, now.ticket.sequence);
    if (bytes[0] == 0x5a || bytes[slot->length - 1] == 0x5a)
        FAIL("what the stopped thread reads was overwritten");
}

static void acquires_and_releases(void *context)
{
    (void)context;
    int code = slotring_acquire_for_read(now.ring, &now.ticket, &now.mine);
    if (code == 0) {
        look_at(&now.mine);
        code = slotring_release(now.ring, &now.mine);
    }
    CHECK(code == 0 || code == SLOTRING_E_STALE); /* the others have been there meanwhile */
}

static void hold_mine(void)
{
    hold(now.ring, &now.ticket, &now.mine);
}

static void hold_mine_retired(void)
{
    hold_mine();
    overwrite_all();
}

static void releases(void *context)
{
    (void)context;
    look_at(&now.mine);
    CHECK_OK(slotring_release(now.ring, &now.mine));
}

static void other_holds(void)
{
    hold(now.ring, &now.ticket, &now.theirs);
    now.has_theirs = true;
}

static void both_hold(void)
{
    hold_mine();
    other_holds();
    overwrite_all();
}

static void copies(void *context)
{
    (void)context;
    int code = slotring_copy(now.ring, &now.ticket, now.buffer, sizeof now.buffer, NULL);
    CHECK(code == 0 || code == SLOTRING_E_STALE);
}

static void gets_next(void *context)
{
    (void)context;
    int code = slotring_next(now.reader, 0, &now.mine);
    if (code == 0 && now.mine.sequence == now.ticket.sequence)
        look_at(&now.mine);
    if (code == 0)
        code = slotring_reader_release(now.reader);
    CHECK(code == 0 || code == SLOTRING_E_EMPTY);
}

static void frees(void *context)
{
    (void)context;
    int code = slotring_free(now.ring, &now.ticket);
    CHECK(code == 0 || code == SLOTRING_E_STALE);
}

static const operation_t operations[] = {
    {.name = "acquire_and_release", .run = acquires_and_releases},
    {.name = "release", .prepare = hold_mine, .run = releases},
    {.name = "release_what_is_retired",
     .prepare = hold_mine_retired,
     .run = releases,
     .may_be_gone = true,
     .overwritten = true},
    {.name = "acquire_what_another_holds", .prepare = other_holds, .run = acquires_and_releases},
    {.name = "release_what_another_holds", .prepare = both_hold, .run = releases, .overwritten = true},
    {.name = "copy", .run = copies},
    {.name = "next", .run = gets_next, .with_reader = true},
    {.name = "history", .run = gets_next, .with_reader = true, .from_oldest = true},
    {.name = "free", .run = frees, .may_be_gone = true},
};

#define OPERATIONS (sizeof operations / sizeof operations[0])

/* ---- Where to stop --------------------------------------------------------------------------------------- */

#define CHANGES_MAX 256u

/* The way of a call that nothing disturbs, and where it changed what threads share. */
static struct {
    trap_trace_t trace;
    unsigned long changes[CHANGES_MAX], change_count;
    uint64_t seen;
} ways[WORLDS];

static uint64_t digest(uint64_t so_far, uint64_t word)
{
    return (so_far ^ word) * UINT64_C(0x9e3779b97f4a7c15) + 1;
}

static uint64_t digest_all(void)
{
    uint64_t d = 0;
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        sr__slot_t *s = sr__slot(&now.ring->member.view, slot);
        d = digest(digest(d, sr__peek(&s->word)), sr__peek(&s->hold0));
        d = digest(digest(d, now.ring->member.hold_counts[slot]), now.ring->member.pins[slot]);
    }
    d = digest(d, atomic_load(&now.ring->member.holds));
    return digest(digest(d, now.ring->member.taken.closed), sr__taken_count(&now.ring->member.taken));
}

static enum trap_answer look_for_change(void *context, unsigned long done)
{
    unsigned world = *(const unsigned *)context;
    uint64_t d = digest_all();
    if (d != ways[world].seen) {
        CHECK(ways[world].change_count < CHANGES_MAX);
        ways[world].changes[ways[world].change_count++] = done;
        ways[world].seen = d;
    }
    return TRAP_NEXT;
}

static void measure(const operation_t *operation)
{
    for (unsigned world = 0; world < WORLDS; world++) {
        check_context("%s, world %u, not stopped", operation->name, world);
        begin_round(operation, world, 0);
        attach_threads();
        ways[world].change_count = 0;
        ways[world].seen = digest_all();
        CHECK(trap_record(operation->run, look_for_change, &world, &ways[world].trace));
        end_round(true);
    }
}

static bool stop_at(const operation_t *operation, unsigned world, unsigned long instruction,
                    unsigned long combination)
{
    begin_round(operation, world, combination);
    check_context("%s%s%s, stopped after %lu instructions, the other one %s, and then it %s", operation->name,
                  now.stuck ? ", pinned" : "", now.keeps ? ", in a ring that keeps" : "", instruction,
                  now.act->name, now.fate == GOES_ON ? "goes on" : "never goes on");
    attach_threads();
    bool completed = trap_run_to(operation->run, &ways[world].trace, instruction, act_beside, NULL);
    bool stopped = now.stopped;
    end_round(completed);
    return stopped;
}

/* A place is a world, an instruction of its way, and what happens there. */
static unsigned long count_places(bool changes)
{
    unsigned long places = 0;
    for (unsigned world = 0; world < WORLDS; world++)
        places += (changes ? ways[world].change_count : ways[world].trace.count) * COMBINATIONS;
    return places;
}

static bool stop_at_place(const operation_t *operation, bool changes, unsigned long place)
{
    unsigned world = 0;
    unsigned long at = place / COMBINATIONS, here;
    while (at >= (here = changes ? ways[world].change_count : ways[world].trace.count)) {
        at -= here;
        world++;
    }
    return stop_at(operation, world, changes ? ways[world].changes[at] : at, place % COMBINATIONS);
}

static unsigned long common_divisor(unsigned long a, unsigned long b)
{
    return b == 0 ? a : common_divisor(b, a % b);
}

/* As many as there is time for, each time others; every one when there is time. */
static unsigned long stop_at_places(const operation_t *operation, bool changes, int64_t end,
                                    unsigned long *at)
{
    unsigned long places = count_places(changes), step = places * 618 / 1000, stops = 0;
    while (step > 1 && common_divisor(places, step) != 1)
        step--;
    unsigned long start = (unsigned long)(now_ns() / 1000) % places;
    for (*at = 0; *at < places && now_ns() < end; ++*at)
        stops += stop_at_place(operation, changes, (start + *at * step) % places);
    return stops;
}

static void stop_everywhere(const char *name)
{
    const char *why;
    if (!trap_possible(&why))
        SKIP("%s", why);
    const operation_t *operation = operations;
    while (strcmp(operation->name, name) != 0)
        operation++;
    measure(operation);
    unsigned long of = count_places(false), changes = count_places(true), at_changes, at = 0;
    int64_t end = now_ns() + time_to_try(300);
    unsigned long stops = stop_at_places(operation, true, end, &at_changes);
    stops += stop_at_places(operation, false, end, &at);
    check_context("%s", "");
    CHECK_AT_LEAST(stops, 1);
    printf("%s: at %lu of %lu changes of what threads share\n", test_name(), at_changes, changes);
    printf("PROVED %lu stops; %s: at %lu of %lu instructions\n", stops, test_name(), at, of);
    for (unsigned world = 0; world < WORLDS; world++)
        trap_forget(&ways[world].trace);
}

/* ---- Killed there ------------------------------------------------------------------------------------------ */

static unsigned long killed_at; /* of the way of this world; the victim has it from the test */
static unsigned killed_in;

static void is_killed(peer_t *test, const char *name)
{
    (void)test;
    (void)name;
    now.writer = ring_attach(ring_name());
    attach_threads();
    (void)trap_run_to(now.operation->run, &ways[killed_in].trace, killed_at, act_beside, NULL);
    CHECK_SYSTEM(raise(SIGKILL)); /* it came to the end */
}

static void kill_at(const operation_t *operation, unsigned world, unsigned long instruction,
                    unsigned long combination)
{
    begin_round(operation, world, combination);
    now.fate = IS_KILLED;
    killed_in = world;
    killed_at = instruction;
    check_context("%s%s%s, killed after %lu instructions, while another thread %s", operation->name,
                  now.stuck ? ", pinned" : "", now.keeps ? ", in a ring that keeps" : "", instruction,
                  now.act->name);
    peer_t victim = peer_fork(is_killed, ring_name());
    int status = peer_wait(&victim);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    slotring_recovery_t recovery = {.struct_size = sizeof recovery};
    CHECK_OK(slotring_recover(now.writer, &recovery));
    CHECK_EQUAL(ring_stats(now.writer).participants, 1);
    CHECK_EQUAL(ring_stats(now.writer).slots_held, 0);
    check_all_free(now.writer);
    ring_remove(now.writer, ring_name());
}

/* Where the way of an operation changed what threads share, each time others. */
static void killed_with_its_process(void)
{
    const char *why;
    if (!trap_possible(&why))
        SKIP("%s", why);
    int64_t budget = time_to_try(600);
    unsigned long kills = 0, all = 0;
    for (size_t o = 0; o < OPERATIONS; o++) {
        int64_t end = now_ns() + budget / (int64_t)OPERATIONS;
        measure(&operations[o]);
        unsigned long changes = 0;
        for (unsigned world = 0; world < WORLDS; world++)
            changes += ways[world].change_count;
        all += changes * ACTS;
        unsigned long start = (unsigned long)(now_ns() / 1000), step = changes * ACTS * 618 / 1000;
        while (step > 1 && common_divisor(changes * ACTS, step) != 1)
            step--;
        for (unsigned long at = 0; at < changes * ACTS && (at < 3 || now_ns() < end); at++, kills++) {
            unsigned long place = (start + at * step) % (changes * ACTS), change = place / ACTS;
            unsigned world = 0;
            for (; change >= ways[world].change_count; world++)
                change -= ways[world].change_count;
            kill_at(&operations[o], world, ways[world].changes[change], place % ACTS * FATES);
        }
        for (unsigned world = 0; world < WORLDS; world++)
            trap_forget(&ways[world].trace);
    }
    check_context("%s", "");
    CHECK_AT_LEAST(kills, 1);
    printf("PROVED %lu kills; %s: at some of %lu changes of what threads share\n", kills, test_name(), all);
}

/* ---- Two handles ------------------------------------------------------------------------------------------- */

static const operation_t none = {.name = "none"};

/* A thread of each of two handles stands still where it lets go of one slot. One handle can pin it; the other is told,
 * within a few turns, and misses nothing. What is pinned is held as anything is: people see it, and the audit knows it. */
static void two_at_one_slot(void)
{
    const char *why;
    if (!trap_possible(&why))
        SKIP("%s", why);
    begin_round(&none, 1, 0);
    slotring_t *other = ring_attach(ring_name());
    slotring_reader_t *lossy = subscribe(other, SLOTRING_LOSSY, SLOTRING_FROM_OLDEST), *late = NULL;
    stop_while_releasing(other);
    attach_threads();
    hold(now.ring, &now.ticket, &now.theirs);
    CHECK_EQUAL(sr__pinner(sr__load(&sr__slot(&now.ring->member.view, now.ticket.slot)->word)),
                now.ring->member.me);
    CHECK_EQUAL(ring_stats(now.writer).slots_held, 1);
    slotring_participant_t people[4];
    uint32_t count;
    CHECK_OK(slotring_participants(now.writer, people, 4, &count));
    CHECK_EQUAL(count, 3);
    for (uint32_t i = 0; i < count; i++)
        CHECK_EQUAL(people[i].slots_held, people[i].index == now.ring->member.me);
    slotring_slot_t slot;
    uint8_t buffer[64];
    slotring_reader_options_t past;
    slotring_reader_options_init(&past);
    past.start = SLOTRING_FROM_OLDEST;
    for (int turn = 0; turn < 3; turn++) {
        slotring_reader_info_t info;
        CHECK_CODE(slotring_next(lossy, 0, &slot), SLOTRING_E_BUSY);
        info = reader_info(lossy);
        CHECK_EQUAL(info.missed, 0);
        CHECK_CODE(slotring_subscribe(other, &past, &late), SLOTRING_E_BUSY);
        CHECK(late == NULL);
    }
    for (int turn = 0; turn < 3; turn++) {
        CHECK_CODE(slotring_acquire_for_read(other, &now.ticket, &slot), SLOTRING_E_BUSY);
        CHECK_CODE(slotring_copy(other, &now.ticket, buffer, sizeof buffer, NULL), SLOTRING_E_BUSY);
        CHECK_CODE(slotring_free(other, &now.ticket), SLOTRING_E_BUSY);
        overwrite_all();
        pattern_check(&now.theirs);
        check_ring(now.writer);
    }
    CHECK_EQUAL(ring_stats(now.writer).readers, 2); /* those that could not start are gone */
    slotring_ticket_t ticket = now.ticket;
    CHECK_OK(slotring_acquire_for_read(now.ring, &ticket, &slot)); /* a second pin: the first may go */
    CHECK_OK(slotring_release(now.ring, &now.theirs));
    CHECK_CODE(slotring_acquire_for_read(other, &ticket, &now.theirs), SLOTRING_E_BUSY);
    pattern_check(&slot);
    CHECK_OK(slotring_release(now.ring, &slot));
    CHECK_CODE(slotring_acquire_for_read(other, &ticket, &slot), SLOTRING_E_STALE); /* and gone */
    check_all_free(now.writer);
    now.ticket = publish(now.writer, 1, 1);
    hold(other, &now.ticket, &slot); /* the other one pins, when the first does not, or finds another slot */
    CHECK_OK(slotring_release(other, &slot));
    CHECK_OK(slotring_close(other));
    end_round(true);
}

/* ---- A record of a block that is open --------------------------------------------------------------------- */

static slotring_slot_t abandoned_record;

static void releases_record(void *context)
{
    CHECK_OK(slotring_release(context, &abandoned_record));
}

static enum trap_answer when_bit_is_cleared(void *context, unsigned long done)
{
    slotring_t *ring = context;
    uint32_t slot = now.ticket.slot;
    (void)done;
    bool clearing = (atomic_load(&ring->member.hold_counts[slot]) & SR__CLEARING) != 0;
    bool set = sr__load(&sr__slot(&ring->member.view, slot)->hold0) >> ring->member.me & 1;
    return clearing && !set ? TRAP_ABANDON : TRAP_NEXT;
}

/* A thread stands still in the release of a record. The others cannot hold the block by the bit; nor by its word, which is
 * the writer's until the block is in the order. */
static void at_an_open_block(void)
{
    const char *why;
    if (!trap_possible(&why))
        SKIP("%s", why);
    slotring_t *ring = ring_create(ring_name(), SLOTS, 256), *writing = ring_attach(ring_name());
    slotring_writer_t *writer = NULL;
    slotring_slot_t slot;
    uint8_t buffer[8];
    CHECK_OK(slotring_writer_open(writing, NULL, &writer));
    CHECK_OK(slotring_writer_reserve(writer, 8, 0, &slot));
    memcpy(slot.data, "12345678", 8);
    CHECK_OK(slotring_writer_commit(writer, &slot, 8));
    now.ticket = slot.ticket;
    CHECK_EQUAL(slot.kind, SLOTRING_KIND_RECORD);
    CHECK_OK(slotring_acquire_for_read(ring, &now.ticket, &abandoned_record));
    CHECK(!trap_run(releases_record, when_bit_is_cleared, ring));
    for (int turn = 0; turn < 3; turn++) {
        CHECK_CODE(slotring_acquire_for_read(ring, &now.ticket, &slot), SLOTRING_E_BUSY);
        slotring_error_t error;
        slotring_last_error(&error);
        CHECK_CONTAINS(error.text, "stopped");
        CHECK_CODE(slotring_copy(ring, &now.ticket, buffer, sizeof buffer, NULL), SLOTRING_E_BUSY);
        CHECK_CODE(slotring_free(ring, &now.ticket), SLOTRING_E_BUSY);
        CHECK_OK(slotring_copy(writing, &now.ticket, buffer, sizeof buffer, NULL)); /* another handle may */
        slotring_ticket_t gone = now.ticket;
        gone.flags ^= UINT32_C(1) << 16;
        CHECK_CODE(slotring_acquire_for_read(ring, &gone, &slot), SLOTRING_E_STALE);
    }
    CHECK_OK(slotring_writer_close(writer));
    CHECK_OK(slotring_acquire_for_read(ring, &now.ticket, &slot)); /* by its word now */
    for (uint32_t i = 0; i < 3 * SLOTS; i++)
        publish(writing, 1, i);
    CHECK(memcmp(slot.data, "12345678", 8) == 0);
    CHECK_OK(slotring_free(ring, &now.ticket));
    CHECK(memcmp(slot.data, "12345678", 8) == 0);
    CHECK_OK(slotring_release(ring, &slot));
    CHECK_CODE(slotring_acquire_for_read(ring, &now.ticket, &slot), SLOTRING_E_STALE);
    CHECK_OK(slotring_close(ring));
    check_ring_at_rest(writing);
    ring_remove(writing, ring_name());
}

/* ---- The tests --------------------------------------------------------------------------------------------- */

static void in_acquire_and_release(void)
{
    stop_everywhere("acquire_and_release");
}

static void in_release(void)
{
    stop_everywhere("release");
}

static void in_release_what_is_retired(void)
{
    stop_everywhere("release_what_is_retired");
}

static void in_acquire_what_another_holds(void)
{
    stop_everywhere("acquire_what_another_holds");
}

static void in_release_what_another_holds(void)
{
    stop_everywhere("release_what_another_holds");
}

static void in_copy(void)
{
    stop_everywhere("copy");
}

static void in_next(void)
{
    stop_everywhere("next");
}

static void in_history(void)
{
    stop_everywhere("history");
}

static void in_free(void)
{
    stop_everywhere("free");
}

static const test_case_t cases[] = {
    {"in_acquire_and_release", in_acquire_and_release, 0},
    {"in_release", in_release, 0},
    {"in_release_what_is_retired", in_release_what_is_retired, 0},
    {"in_acquire_what_another_holds", in_acquire_what_another_holds, 0},
    {"in_release_what_another_holds", in_release_what_another_holds, 0},
    {"in_copy", in_copy, 0},
    {"in_next", in_next, 0},
    {"in_history", in_history, 0},
    {"in_free", in_free, 0},
    {"killed_with_its_process", killed_with_its_process, 0},
    {"two_at_one_slot", two_at_one_slot, 0},
    {"at_an_open_block", at_an_open_block, 0},
    {NULL, NULL, 0},
};

const test_suite_t stopped_thread_suite = {"stopped_thread", cases, NULL};

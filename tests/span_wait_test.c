/* SPDX-License-Identifier: Apache-2.0 */
/* Producers that wait for the slots of a message larger than one: two of them do not block each other, and who waits for its own
 * slots is told. */
#include <stdlib.h>
#include <string.h>

#include "support/internals.h"
#include "support/ring.h"
#include "support/spans.h"
#include "support/suite.h"
#include "support/thread.h"

/* ---- Two who wait ------------------------------------------------------------------------------------------ */

#define MESSAGES 300u

static void produce(void *context)
{
    uint64_t producer = (uint64_t)(uintptr_t)context;
    slotring_t *own = ring_attach(ring_name());
    for (uint64_t i = 0; i < scaled(MESSAGES); i++) {
        uint64_t length = 8 + (i * 131 + producer * 57) % (SLOTS * SIZE - 7), tag = producer << 32 | i;
        uint8_t bytes[SLOTS * SIZE];
        slotring_slot_t slot;
        pattern_fill(bytes, length, tag);
        CHECK_OK(slotring_allocate_span(own, length, PATIENCE, &slot));
        slot.tag = tag;
        CHECK_OK(slotring_scatter(own, &slot, 0, bytes, length));
        CHECK_OK(slotring_mark_ready(own, &slot, length));
    }
    CHECK_OK(slotring_close(own));
}

static void two_wait_for_each_other(void)
{
    spans_set_up();
    uint64_t next[3] = {0};
    slotring_slot_t
        none; /* the stream of this handle is open, so the ring's do not end before all have begun */
    CHECK_OK(slotring_allocate(spans_ring, 1, &none));
    CHECK_OK(slotring_abort(spans_ring, &none));
    for (uintptr_t i = 0; i < 3; i++)
        thread_start(produce, (void *)i);
    for (uint64_t n = 0; n < 3 * scaled(MESSAGES) && threads_go_on(); n++) {
        slotring_slot_t slot;
        uint8_t bytes[SLOTS * SIZE];
        uint64_t got;
        CHECK_OK(slotring_next(spans_reader, PATIENCE, &slot));
        CHECK_OK(slotring_gather(spans_ring, &slot, 0, bytes, sizeof bytes, &got));
        CHECK_EQUAL(got, slot.length);
        CHECK_EQUAL(pattern_verify(bytes, got, slot.tag), got);
        CHECK_EQUAL(slot.tag & 0xffffffff, next[slot.tag >> 32]++);
        CHECK_OK(slotring_reader_release(spans_reader));
    }
    threads_join();
    CHECK_EQUAL(sr__load(&spans_ring->member.view.state->span_token), 0);
    spans_tear_down();
}

/* ---- Who waits for whom ------------------------------------------------------------------------------------ */

/* The history of a reader of its own takes the slots. */
static void waits_for_its_history(void)
{
    slotring_slot_t slot;
    slotring_options_t options = ring_options(SLOTRING_CREATE, SLOTS, SIZE);
    options.flags = SLOTRING_ONE_THREAD;
    spans_ring = ring_open_with(ring_name(), &options);
    spans_publish_span(450, 1);
    spans_reader = subscribe(spans_ring, SLOTRING_LOSSLESS, SLOTRING_FROM_OLDEST);
    CHECK_CODE(slotring_allocate_span(spans_ring, 400, PATIENCE, &slot), SLOTRING_E_STATE);
    CHECK_OK(slotring_allocate_span(spans_ring, 300, PATIENCE, &slot));
    CHECK_CODE(slotring_allocate_wait(spans_ring, 1, PATIENCE, &(slotring_slot_t){0}), SLOTRING_E_STATE);
    CHECK_OK(slotring_abort(spans_ring, &slot));
    spans_take_span(450, 1);
    spans_tear_down();
}

/* Only what it writes does. */
static void waits_for_what_it_writes(void)
{
    slotring_slot_t slots[2], slot;
    slotring_options_t options = ring_options(SLOTRING_CREATE, SLOTS, SIZE);
    options.flags = SLOTRING_ONE_THREAD;
    spans_ring = ring_open_with(ring_name(), &options);
    CHECK_OK(slotring_allocate_span(spans_ring, 300, PATIENCE, &slots[0]));
    CHECK_CODE(slotring_allocate_span(spans_ring, 600, PATIENCE, &slot), SLOTRING_E_STATE);
    CHECK_OK(slotring_allocate_span(spans_ring, 500, PATIENCE, &slots[1]));
    CHECK_OK(slotring_abort(spans_ring, &slots[0]));
    CHECK_OK(slotring_abort(spans_ring, &slots[1]));
    spans_tear_down();
}

static void a_laggard_in_slots_and_in_messages(void)
{
    slotring_blocker_t worst;
    uint32_t count;
    char text[SLOTRING_BLOCKER_TEXT_SIZE];
    spans_set_up();
    spans_publish_span(450, 1);
    spans_publish_span(60, 2);
    CHECK_OK(slotring_blockers(spans_ring, &worst, 1, &count));
    CHECK_EQUAL(worst.why, SLOTRING_BLOCKS_BY_LAG);
    CHECK_EQUAL(worst.slots, 6);
    CHECK_EQUAL(worst.messages, 2);
    CHECK_OK(slotring_blocker_to_text(&worst, text, sizeof text));
    CHECK(strstr(text, "is 2 messages behind") != NULL);
    spans_take_span(450, 1);
    spans_take_span(60, 2);
    spans_tear_down();
}

/* Of a ring that overwrites: a message that cannot have its slots costs no other message. */
static void what_cannot_succeed_overwrites_nothing(void)
{
    slotring_slot_t held, slot;
    spans_set_up_with(SLOTRING_OVERWRITE);
    slotring_ticket_t tickets[SLOTS];
    for (uint64_t n = 0; n < SLOTS; n++)
        tickets[n] = spans_publish_span(50, n);
    CHECK_OK(slotring_acquire_for_read(spans_ring, &tickets[5], &held));
    CHECK_CODE(slotring_allocate_span(spans_ring, SLOTS * SIZE, NO_WAIT, &slot), SLOTRING_E_FULL);
    CHECK_EQUAL(ring_stats(spans_ring).overwritten, 0);
    for (uint64_t n = 0; n < SLOTS; n++) {
        slotring_slot_t there;
        CHECK_OK(slotring_acquire_for_read(spans_ring, &tickets[n], &there));
        CHECK_OK(slotring_release(spans_ring, &there));
    }
    CHECK_OK(slotring_allocate_span(spans_ring, (SLOTS - 1) * SIZE, NO_WAIT, &slot));
    CHECK_OK(slotring_abort(spans_ring, &slot));
    CHECK_OK(slotring_release(spans_ring, &held));
    spans_tear_down();
}

#define SLICE (2 * MILLISECOND)

static void waits_for_all(void *of)
{
    slotring_slot_t slot;
    CHECK_OK(slotring_allocate_span(of, SLOTS * SIZE, PATIENCE, &slot));
    CHECK_OK(slotring_abort(of, &slot));
}

/* An idle writer keeps one slot, and a message of all slots waits for it, with all the others. A producer that needs one slot does
 * not wait for that. */
static void others_go_on_beside_one_that_waits(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, SLOTS, SIZE);
    options.wait_slice_ns = SLICE;
    spans_ring = ring_open_with(ring_name(), &options);
    options.mode = SLOTRING_ATTACH;
    slotring_t *idle = ring_attach(ring_name()), *waiting = ring_open_with(ring_name(), &options);
    slotring_writer_t *writer;
    slotring_slot_t slot;
    CHECK_OK(slotring_writer_open(idle, NULL, &writer));
    CHECK_OK(slotring_writer_append(writer, "x", 1, 1, NO_WAIT));
    thread_start(waits_for_all, waiting);
    while (sr__load(&spans_ring->member.view.state->span_token) == 0 && threads_go_on())
        ;
    for (int n = 0; n < 5; n++) {
        CHECK_OK(slotring_allocate_wait(spans_ring, 1, PATIENCE, &slot));
        CHECK_OK(slotring_mark_ready(spans_ring, &slot, 1));
    }
    CHECK_OK(slotring_writer_close(writer));
    threads_join();
    CHECK_OK(slotring_close(waiting));
    CHECK_OK(slotring_close(idle));
    spans_tear_down();
}

static void waits_for_slots(void *of)
{
    slotring_slot_t slot;
    CHECK_CODE(slotring_allocate_span(of, 400, FOR_EVER, &slot), SLOTRING_E_STOPPED);
}

static void waits_for_itself(void)
{
    slotring_slot_t slot;
    slotring_options_t options = ring_options(SLOTRING_CREATE, SLOTS, SIZE);
    options.flags = SLOTRING_ONE_THREAD;
    spans_ring = ring_open_with(ring_name(), &options);
    spans_reader = subscribe(spans_ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    spans_publish_span(450, 12); /* five slots, which this thread has to read */
    CHECK_CODE(slotring_allocate_span(spans_ring, 400, PATIENCE, &slot), SLOTRING_E_STATE);
    CHECK_EQUAL(spans_free_slots(), 3);
    CHECK_OK(slotring_allocate_span(spans_ring, 300, PATIENCE, &slot));
    CHECK_CODE(slotring_allocate_wait(spans_ring, 1, PATIENCE, &(slotring_slot_t){0}), SLOTRING_E_STATE);
    CHECK_OK(slotring_abort(spans_ring, &slot));
    spans_take_span(450, 12);
    spans_tear_down();
}

/* Another one waits already, and keeps what it has: that changes nothing of what this thread is told. */
static void waits_for_itself_beside_another(void)
{
    slotring_slot_t slot;
    slotring_options_t options = ring_options(SLOTRING_CREATE, SLOTS, SIZE);
    options.flags = SLOTRING_ONE_THREAD;
    spans_ring = ring_open_with(ring_name(), &options);
    slotring_t *other = ring_attach(ring_name());
    spans_reader = subscribe(spans_ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    spans_publish_span(450, 12);
    thread_start(waits_for_slots, other);
    threads_wait_asleep();
    CHECK(sr__load(&spans_ring->member.view.state->span_token) != 0);
    CHECK_CODE(slotring_allocate_span(spans_ring, 400, PATIENCE, &slot), SLOTRING_E_STATE);
    CHECK_OK(slotring_stop(other));
    threads_join();
    spans_take_span(450, 12);
    CHECK_OK(slotring_close(other));
    spans_tear_down();
}

#define CASE(name, flags)  \
    {                      \
#name, name, flags \
    }
static const test_case_t cases[] = {
    CASE(waits_for_itself, 0),
    CASE(waits_for_itself_beside_another, TEST_THREADS),
    CASE(two_wait_for_each_other, 0),
    CASE(waits_for_its_history, 0),
    CASE(waits_for_what_it_writes, 0),
    CASE(a_laggard_in_slots_and_in_messages, 0),
    CASE(what_cannot_succeed_overwrites_nothing, 0),
    CASE(others_go_on_beside_one_that_waits, TEST_THREADS),
    {NULL, NULL, 0},
};

const test_suite_t span_wait_suite = {"span_wait", cases, NULL};

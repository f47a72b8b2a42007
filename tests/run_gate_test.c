/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a run may begin is asked of the readers that are there: those that left are no readers, and what they missed is
 * nobody's loss any more. */
#include <string.h>

#include "support/process.h"
#include "support/records.h"
#include "support/ring.h"
#include "support/suite.h"

#define SLOTS 4u
#define NAME "recorder"

static slotring_t *ring;

static void begin(void)
{
    ring = ring_create(ring_name(), SLOTS, 64);
}

static void end(void)
{
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void publish_many(uint64_t count)
{
    for (uint64_t n = 0; n < count; n++)
        publish(ring, 1, ring_stats(ring).published);
}

static int may_begin(uint32_t readers, uint32_t nothing_dropped)
{
    slotring_run_gate_t gate = {
        .struct_size = sizeof gate, .readers = readers, .nothing_dropped = nothing_dropped};
    return slotring_run_gate(ring, &gate);
}

static void expect_refused(uint32_t readers, uint32_t nothing_dropped, const char *because)
{
    slotring_error_t error;
    CHECK_CODE(may_begin(readers, nothing_dropped), SLOTRING_E_STATE);
    slotring_last_error(&error);
    if (!strstr(error.text, because))
        FAIL("\"%s\" does not say \"%s\"", error.text, because);
}

static void mark(uint32_t kind)
{
    CHECK_OK(slotring_mark(ring, kind, 1, 0, NULL, 0, NULL));
}

static void miss(slotring_reader_t *reader, uint64_t count)
{
    slotring_slot_t slot;
    publish_many(SLOTS + count);
    CHECK_OK(slotring_next(reader, 0, &slot));
    CHECK_OK(slotring_reader_release(reader));
    while (slotring_next(reader, 0, &slot) == 0)
        CHECK_OK(slotring_reader_release(reader));
}

static void who_left_is_no_reader(void)
{
    begin();
    slotring_reader_options_t options = reader_options(SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    options.flags = SLOTRING_DURABLE;
    options.name = NAME;
    slotring_reader_t *reader = subscribe_with(ring, &options);
    CHECK_OK(may_begin(1, 0));
    CHECK_OK(slotring_unsubscribe(reader));
    expect_refused(1, 0, "0 lossless readers are there, and 1 are wanted");
    reader = subscribe_with(ring, &options);
    CHECK_OK(may_begin(1, 0));
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_OK(slotring_forget(ring, NAME));
    end();
}

static void what_who_left_missed_is_no_loss(void)
{
    begin();
    slotring_reader_t *visitor = subscribe(ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    slotring_reader_t *monitor = subscribe(ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    miss(visitor, 3);
    expect_refused(0, 1, "readers missed 3 messages since the ring was made");
    CHECK_OK(slotring_unsubscribe(visitor));
    CHECK_OK(may_begin(0, 1));
    miss(monitor, 5);
    expect_refused(
        0, 1, "readers missed 12 messages since the ring was made"); /* those that the visitor got, too */
    CHECK_OK(slotring_unsubscribe(monitor));
    CHECK_OK(may_begin(0, 1));
    end();
}

/* Of each reader what it missed since the last mark, whatever others missed before it, and whoever left since. */
static void each_mark_begins_anew(void)
{
    begin();
    slotring_reader_t *monitor = subscribe(ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    miss(monitor, 2);
    slotring_reader_t *visitor = subscribe(ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    expect_refused(0, 1, "readers missed 2 messages since the ring was made");
    mark(SLOTRING_MARK_RUN_BEGIN);
    CHECK_OK(may_begin(0, 1));
    miss(visitor, 4);
    CHECK_OK(may_begin(0, 0));
    expect_refused(0, 1, "readers missed 4 messages since the last begin or end of a run");
    CHECK_OK(slotring_unsubscribe(visitor));
    CHECK_OK(may_begin(0, 1));
    miss(monitor, 0); /* with what the visitor missed */
    expect_refused(0, 1, "readers missed 8 messages since the last begin or end of a run");
    mark(SLOTRING_MARK_RUN_END);
    CHECK_OK(may_begin(0, 1));
    CHECK_OK(slotring_unsubscribe(monitor));
    end();
}

static void is_killed_when_it_missed(peer_t *test, const char *name)
{
    slotring_t *its = ring_attach(name);
    slotring_slot_t slot;
    slotring_reader_t *reader = subscribe(its, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    peer_tell(test, 1);
    peer_hear(test);
    CHECK_OK(slotring_next(reader, 0, &slot));
    peer_tell(test, 2);
    peer_hear(test);
}

/* Before the repair, too. */
static void what_the_dead_missed_is_no_loss(void)
{
    begin();
    peer_t peer = peer_start(BY_EXEC, "is_killed_when_it_missed", ring_name());
    peer_expect(&peer, 1);
    publish_many(SLOTS + 2);
    peer_tell(&peer, 1);
    peer_expect(&peer, 2);
    expect_refused(0, 1, "readers missed 2 messages since the ring was made");
    peer_kill(&peer);
    CHECK_OK(may_begin(0, 1));
    CHECK_OK(slotring_recover(ring, NULL));
    CHECK_OK(may_begin(0, 1));
    end();
}

/* What a durable subscription missed counts again when somebody has it. */
static void a_durable_reader_missed_it_itself(void)
{
    begin();
    slotring_reader_options_t options = reader_options(SLOTRING_LOSSLESS, SLOTRING_FROM_OLDEST);
    options.flags = SLOTRING_DURABLE;
    options.name = NAME;
    slotring_slot_t slot;
    publish_many(2);
    slotring_reader_t *reader = subscribe_with(ring, &options);
    mark(SLOTRING_MARK_RUN_BEGIN);
    CHECK_OK(slotring_unsubscribe(reader)); /* what it held of the past goes with it */
    CHECK_OK(may_begin(0, 1));
    reader = subscribe_with(ring, &options);
    expect_refused(1, 1, "readers missed 2 messages since the last begin or end of a run");
    CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_EMPTY);
    mark(SLOTRING_MARK_RUN_END);
    CHECK_OK(may_begin(1, 1));
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_OK(slotring_forget(ring, NAME));
    end();
}

static const test_role_t roles[] = {
    {"is_killed_when_it_missed", is_killed_when_it_missed},
    {NULL, NULL},
};

static const test_case_t cases[] = {
    {"who_left_is_no_reader", who_left_is_no_reader, 0},
    {"what_who_left_missed_is_no_loss", what_who_left_missed_is_no_loss, 0},
    {"each_mark_begins_anew", each_mark_begins_anew, 0},
    {"what_the_dead_missed_is_no_loss", what_the_dead_missed_is_no_loss, 0},
    {"a_durable_reader_missed_it_itself", a_durable_reader_missed_it_itself, 0},
    {NULL, NULL, 0},
};

const test_suite_t run_gate_suite = {"run_gate", cases, roles};

/* SPDX-License-Identifier: Apache-2.0 */
/* Readers with a budget: producers wait for them as long as they acknowledge enough in time while they are in the way, and not
 * longer; what they lose is told once, and counted to the message. */
#include <string.h>

#include "support/internals.h"
#include "support/records.h"
#include "support/ring.h"
#include "support/suite.h"

#define SLOTS 8
#define SHORT_BUDGET (30 * MILLISECOND)
#define LONG_BUDGET (PATIENCE) /* never over in a test */

static slotring_reader_options_t budget(uint64_t messages, int64_t ns)
{
    slotring_reader_options_t options = reader_options(SLOTRING_BUDGETED, SLOTRING_FROM_NOW);
    options.budget_messages = messages;
    options.budget_ns = (uint64_t)ns;
    return options;
}

static slotring_reader_t *subscribe_budgeted(slotring_t *ring, uint64_t messages, int64_t ns)
{
    slotring_reader_options_t options = budget(messages, ns);
    return subscribe_with(ring, &options);
}

/* E_REVOKED, and how many were lost. */
static uint64_t expect_revoked(slotring_reader_t *reader)
{
    slotring_slot_t slot;
    CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_REVOKED);
    slotring_reader_info_t info = reader_info(reader);
    CHECK_EQUAL(info.mode, SLOTRING_BUDGETED);
    CHECK_EQUAL(info.revoked, 1);
    return info.lost;
}

/* Fills the ring behind a reader, and goes on until it was revoked. */
static void run_over(slotring_t *ring, uint64_t *number, uint64_t messages)
{
    for (uint64_t n = 0; n < messages; n++)
        publish(ring, 1, (*number)++);
}

/* ---- Within its budget -------------------------------------------------------------------------------- */

static void reads_all(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader = subscribe_budgeted(ring, 1, LONG_BUDGET);
    peer_tell(test, 1);
    uint64_t count = peer_hear(test);
    for (uint64_t n = 0; n < count; n++)
        CHECK_EQUAL(take(reader), pattern_tag(1, n));
    slotring_reader_info_t info = reader_info(reader);
    CHECK_EQUAL(info.delivered, count);
    CHECK_EQUAL(info.revoked, 0);
    CHECK_OK(slotring_close(ring));
}

static void within_it_nothing_is_lost(void)
{
    slotring_t *ring = ring_create(ring_name(), SLOTS, 64);
    peer_t peers[2];
    uint64_t count = scaled(4000);
    for (int i = 0; i < 2; i++) {
        peers[i] = peer_start(i == 0 ? BY_FORK : BY_EXEC, "budget-reads-all", ring_name());
        peer_expect(&peers[i], 1);
        peer_tell(&peers[i], count);
    }
    for (uint64_t n = 0; n < count; n++)
        publish(ring, 1, n);
    for (int i = 0; i < 2; i++)
        peer_join(&peers[i]);
    ring_remove(ring, ring_name());
}

/* Its time runs only while it is in the way. */
static void late_is_no_offence_while_nobody_needs_the_slot(void)
{
    slotring_t *ring = ring_create(ring_name(), SLOTS, 64);
    slotring_reader_t *reader = subscribe_budgeted(ring, SLOTS, MILLISECOND);
    for (uint64_t n = 0; n < SLOTS; n++)
        publish(ring, 1, n);
    int64_t start = now_ns();
    while (now_ns() - start < 20 * MILLISECOND) {
    }
    for (uint64_t n = 0; n < SLOTS; n++)
        take_now(reader, pattern_tag(1, n));
    CHECK_EQUAL(reader_info(reader).revoked, 0);
    CHECK_EQUAL(reader_info(reader).missed, 0);
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());
}

/* Who acknowledges its number in each time is never over its budget, however long it is in the way. */
static void enough_begins_its_time_anew(void)
{
    slotring_t *ring = ring_create(ring_name(), SLOTS, 64);
    slotring_reader_t *reader = subscribe_budgeted(ring, 1, LONG_BUDGET);
    slotring_slot_t slot;
    uint64_t read = 0;
    sr__subscription_t *row = &ring->member.view.subscriptions[reader_info(reader).row];
    for (uint64_t n = 0; n < SLOTS; n++)
        publish(ring, 1, n);
    for (uint64_t n = SLOTS; n < 4 * SLOTS; n++) {
        CHECK_CODE(slotring_allocate(ring, 1, &slot), SLOTRING_E_FULL);
        CHECK_EQUAL(sr__stall_progress(sr__load(&row->stall), read), 0); /* from here on it runs */
        take_now(reader, pattern_tag(1, read++));
        publish(ring, 1, n);
    }
    CHECK_EQUAL(reader_info(reader).missed, 0);
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());
}

/* A message that was withdrawn before it came to it is its own all the same, as a lossless reader's. */
static void what_was_withdrawn_is_given(void)
{
    for (int keep = 0; keep < 2; keep++) {
        slotring_options_t options = ring_options(SLOTRING_CREATE, SLOTS, 64);
        options.when_full = keep ? SLOTRING_KEEP : SLOTRING_OVERWRITE;
        slotring_t *ring = ring_open_with(ring_name(), &options);
        slotring_reader_t *reader = subscribe_budgeted(ring, 1, LONG_BUDGET);
        for (uint64_t n = 0; n < SLOTS; n++) {
            slotring_ticket_t ticket = publish(ring, 1, n);
            CHECK_OK(slotring_free(ring, &ticket));
        }
        for (uint64_t n = 0; n < SLOTS; n++)
            take_now(reader, pattern_tag(1, n));
        CHECK_EQUAL(reader_info(reader).missed, 0);
        CHECK_OK(slotring_unsubscribe(reader));
        check_ring_at_rest(ring);
        ring_remove(ring, ring_name());
    }
}

/* ---- Over it ------------------------------------------------------------------------------------------ */

/* Subscribes, takes what it is told to, and stands still with the last of it in its hands. Then it says what it was told. */
static void stands_still(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader = subscribe_budgeted(ring, 2, SHORT_BUDGET);
    slotring_slot_t slot;
    peer_tell(test, 1);
    bool holds = peer_hear(test) != 0;
    if (holds)
        CHECK_OK(slotring_next(reader, PATIENCE, &slot));
    peer_tell(test, 2);
    peer_expect(test, 3); /* it is stopped here */
    if (holds) {
        pattern_check(&slot); /* its bytes are still those */
        CHECK_EQUAL(slot.tag, pattern_tag(1, 0));
        CHECK_OK(slotring_reader_release(reader));
    }
    uint64_t lost = expect_revoked(reader);
    slotring_reader_info_t info = reader_info(reader);
    CHECK_EQUAL(info.missed, lost);
    CHECK_EQUAL(info.delivered, holds);
    peer_tell(test, lost);
    uint64_t next = peer_hear(test);
    CHECK_EQUAL(take(reader), pattern_tag(1, next)); /* and goes on, lossy */
    CHECK_EQUAL(reader_info(reader).missed, lost);
    peer_expect(test, 4);
    CHECK_OK(slotring_close(ring));
}

/* It costs its producers its time once: after that none of them waits for it. */
static void stopped(bool holds, uint32_t flags, uint32_t when_full)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, SLOTS, 64);
    options.flags |= flags;
    options.when_full = when_full;
    slotring_t *ring = ring_open_with(ring_name(), &options);
    peer_t peer = peer_start(BY_FORK, "budget-stands-still", ring_name());
    peer_expect(&peer, 1);
    peer_tell(&peer, holds);
    uint64_t number = 0;
    run_over(ring, &number, 1);
    peer_expect(&peer, 2);
    peer_stop(&peer);
    run_over(ring, &number, SLOTS - 1);
    slotring_stats_t before = ring_stats(ring);
    run_over(ring, &number, 1); /* this one waits for it */
    slotring_stats_t after = ring_stats(ring);
    CHECK_AT_LEAST(1, after.waits - before.waits);
    run_over(ring, &number, 5 * SLOTS);
    CHECK_EQUAL(ring_stats(ring).waits, after.waits); /* and no more */
    check_ring(ring);
    peer_continue(&peer);
    peer_tell(&peer, 3);
    uint64_t lost = peer_hear(&peer);
    uint64_t there = holds ? SLOTS - 1 : SLOTS; /* its own slot has been out of use */
    CHECK_EQUAL(lost, number - there - holds);
    peer_tell(&peer, lost + holds);
    peer_tell(&peer, 4);
    peer_join(&peer);
    ring_remove(ring, ring_name());
}

static void a_stopped_one_costs_its_time_once(void)
{
    stopped(false, 0, SLOTRING_OVERWRITE);
}

static void what_it_has_in_its_hands_stays(void)
{
    stopped(true, 0, SLOTRING_OVERWRITE);
}

static void in_a_ring_with_hot_slots(void)
{
    stopped(true, SLOTRING_HOT_SLOTS, SLOTRING_OVERWRITE);
}

/* In a ring that keeps it holds back what was freed. */
static void in_a_ring_that_keeps(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, SLOTS, 64);
    options.when_full = SLOTRING_KEEP;
    slotring_t *ring = ring_open_with(ring_name(), &options);
    slotring_reader_t *reader = subscribe_budgeted(ring, 1, SHORT_BUDGET);
    slotring_slot_t slot;
    for (uint64_t n = 0; n < SLOTS; n++)
        publish(ring, 1, n);
    /* Nothing was freed: the reader is in nobody's way. */
    CHECK_CODE(slotring_allocate_wait(ring, 1, 2 * SHORT_BUDGET, &slot), SLOTRING_E_TIMEOUT);
    CHECK_EQUAL(reader_info(reader).revoked, 0);
    slotring_ticket_t ticket;
    for (uint32_t i = 0; i < SLOTS; i++) {
        CHECK_OK(slotring_ticket_at(ring, i, &ticket));
        CHECK_OK(slotring_free(ring, &ticket));
    }
    publish(ring, 1, SLOTS); /* waits for the reader, and then no more */
    CHECK_EQUAL(reader_info(reader).revoked, 1);
    CHECK_EQUAL(expect_revoked(reader), SLOTS);
    take_now(reader, pattern_tag(1, SLOTS));
    CHECK_OK(slotring_unsubscribe(reader));
    for (uint32_t i = 0; i < SLOTS; i++)
        if (slotring_ticket_at(ring, i, &ticket) == 0)
            CHECK_OK(slotring_free(ring, &ticket));
    ring_remove(ring, ring_name());
}

/* A producer sleeps until the budget is over, not for a slice. Another one that sleeps is woken by it. */
static void waits(peer_t *test, const char *name)
{
    slotring_t *ring = ring_open_sleepy(name, SLOTRING_ATTACH, 0);
    slotring_slot_t slot;
    peer_tell(test, 1);
    int64_t start = now_ns();
    CHECK_OK(slotring_allocate_wait(ring, 1, 2 * NOT_WOKEN, &slot));
    CHECK(now_ns() - start < NOT_WOKEN);
    CHECK_OK(slotring_abort(ring, &slot));
    CHECK_OK(slotring_close(ring));
}

static void who_waits_sleeps_no_longer_than_the_budget(void)
{
    slotring_t *ring = ring_open_sleepy(ring_name(), SLOTRING_CREATE, SLOTS);
    slotring_reader_t *reader = subscribe_budgeted(ring, 1, SHORT_BUDGET);
    for (uint64_t n = 0; n < SLOTS; n++)
        publish(ring, 1, n);
    peer_t peers[2];
    for (int i = 0; i < 2; i++)
        peers[i] = peer_start(BY_FORK, "budget-waits", ring_name());
    for (int i = 0; i < 2; i++)
        peer_expect(&peers[i], 1);
    for (int i = 0; i < 2; i++)
        peer_join(&peers[i]);
    CHECK_EQUAL(reader_info(reader).revoked, 1);
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());
}

/* A thread that reads and writes does not wait for itself for ever: it is revoked by itself. */
static void ones_own_reader(void)
{
    slotring_t *ring = ring_create(ring_name(), SLOTS, 64);
    slotring_reader_t *reader = subscribe_budgeted(ring, 1, SHORT_BUDGET);
    for (uint64_t n = 0; n < SLOTS + 1; n++)
        publish(ring, 1, n);
    CHECK_EQUAL(expect_revoked(reader), 1);
    take_now(reader, pattern_tag(1, 1));
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* Told once; lossy from then on; and lossless again when it asks for it. */
static void it_is_armed_again(void)
{
    slotring_t *ring = ring_create(ring_name(), SLOTS, 64);
    slotring_reader_t *reader = subscribe_budgeted(ring, 1, SHORT_BUDGET);
    slotring_slot_t slot;
    uint64_t number = 0, read = 0;
    CHECK_OK(slotring_reader_rearm(reader)); /* nothing to do */
    for (int round = 0; round < 3; round++) {
        run_over(ring, &number, SLOTS + 3);
        CHECK_CODE(slotring_reader_rearm(reader), SLOTRING_E_STATE); /* not told yet */
        CHECK_EQUAL(expect_revoked(reader), 3);
        CHECK_CODE(slotring_reader_rearm(reader), SLOTRING_E_STATE); /* too far behind */
        run_over(ring, &number, 2);                                  /* nobody waits for it */
        for (read = number - SLOTS; read < number; read++)
            take_now(reader, pattern_tag(1, read));
        CHECK_EQUAL(reader_info(reader).missed, (uint64_t)(round + 1) * 5);
        CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_EMPTY);
        CHECK_OK(slotring_reader_rearm(reader));
        CHECK_EQUAL(reader_info(reader).revoked, 0);
        run_over(ring, &number, SLOTS);
        uint32_t row = reader_info(reader).row; /* it is waited for */
        CHECK(sr__subscription_gates(sr__load(&ring->member.view.subscriptions[row].state)));
        CHECK_OK(slotring_next(reader, 0, &slot));
        CHECK_CODE(slotring_reader_rearm(reader), SLOTRING_E_STATE); /* a message is out */
        CHECK_OK(slotring_reader_release(reader));
        for (read = number - SLOTS + 1; read < number; read++)
            take_now(reader, pattern_tag(1, read));
        check_ring(ring);
    }
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void or_it_ends(void)
{
    slotring_t *ring = ring_create(ring_name(), SLOTS, 64);
    slotring_reader_options_t options = budget(1, SHORT_BUDGET);
    options.when_revoked = SLOTRING_REVOKED_ENDS;
    slotring_reader_t *reader = subscribe_with(ring, &options);
    slotring_slot_t slot;
    uint64_t number = 0;
    run_over(ring, &number, SLOTS + 2);
    CHECK_EQUAL(expect_revoked(reader), 2);
    CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_REVOKED); /* nothing more, however often */
    CHECK_CODE(slotring_reader_rearm(reader), SLOTRING_E_STATE);
    CHECK_EQUAL(reader_info(reader).delivered, 0);
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* Of a start in the past it may miss what goes before it comes there, and nothing later. */
static void it_starts_in_the_past(void)
{
    slotring_t *ring = ring_create(ring_name(), SLOTS, 64);
    for (uint64_t n = 0; n < SLOTS; n++)
        publish(ring, 1, n);
    slotring_reader_options_t options = budget(1, LONG_BUDGET);
    options.start = SLOTRING_FROM_OLDEST;
    slotring_reader_t *reader = subscribe_with(ring, &options);
    slotring_slot_t slot;
    CHECK_EQUAL(reader_info(reader).start, 0);
    CHECK_CODE(slotring_allocate(ring, 1, &slot), SLOTRING_E_FULL); /* nor does anything go now */
    for (uint64_t n = 0; n < SLOTS; n++)
        take_now(reader, pattern_tag(1, n));
    CHECK_EQUAL(reader_info(reader).missed, 0);
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());
}

/* Those that it does not want count as passed over, not as lost. */
static void of_what_it_wants(void)
{
    slotring_t *ring = ring_create(ring_name(), SLOTS, 64);
    slotring_reader_options_t options = budget(1, SHORT_BUDGET);
    options.every = 2;
    slotring_reader_t *reader = subscribe_with(ring, &options);
    uint64_t number = 0;
    run_over(ring, &number, SLOTS + 4);
    CHECK_EQUAL(expect_revoked(reader), 2);
    take_now(reader, pattern_tag(1, 4));
    slotring_reader_info_t info = reader_info(reader);
    CHECK_EQUAL(info.missed, 2);
    CHECK_EQUAL(info.passed_over, 2);
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());
}

/* Records: what it lost is counted by their numbers, when it meets the next. */
static void of_records(void)
{
    slotring_t *ring = ring_create(ring_name(), SLOTS, 256);
    slotring_reader_t *reader = subscribe_budgeted(ring, 1, SHORT_BUDGET);
    slotring_writer_t *writer;
    slotring_slot_t slot;
    uint64_t written = 0, read = 0;
    CHECK_OK(slotring_writer_open(ring, NULL, &writer));
    for (; written < 400; written++)
        CHECK_OK(slotring_writer_append(writer, &written, sizeof written, written, PATIENCE));
    CHECK_OK(slotring_writer_close(writer));
    CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_REVOKED);
    int code;
    uint64_t expected = 0;
    while ((code = slotring_next(reader, 0, &slot)) == 0) {
        CHECK(read == 0 || slot.tag == expected);
        expected = slot.tag + 1;
        CHECK(memcmp(slot.data, &slot.tag, sizeof slot.tag) == 0);
        read++;
        CHECK_OK(slotring_reader_release(reader));
    }
    slotring_reader_info_t info = reader_info(reader);
    CHECK_EQUAL(expected, written);
    CHECK_EQUAL(info.records + info.records_missed, written);
    CHECK_EQUAL(info.records, read);
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* ---- By hand ------------------------------------------------------------------------------------------ */

static void a_budgeted_one_by_hand(void)
{
    slotring_t *ring = ring_create(ring_name(), SLOTS, 64);
    slotring_reader_t *reader = subscribe_budgeted(ring, 1, LONG_BUDGET);
    slotring_slot_t slot;
    slotring_error_t error;
    uint64_t number = 0;
    run_over(ring, &number, SLOTS);
    CHECK_OK(slotring_next(reader, 0, &slot));
    CHECK_CODE(slotring_allocate(ring, 1, &(slotring_slot_t){0}), SLOTRING_E_FULL);
    CHECK_OK(slotring_revoke(ring, reader_info(reader).row));
    CHECK_EQUAL(reader_info(reader).revoked, SLOTRING_REVOKED_BY_HAND);
    run_over(ring, &number, 2 * SLOTS); /* nobody waits for it */
    pattern_check(&slot);               /* and what it has stays */
    CHECK_EQUAL(slot.tag, pattern_tag(1, 0));
    CHECK_OK(slotring_reader_release(reader));
    CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_REVOKED);
    slotring_last_error(&error);
    CHECK_CONTAINS(error.text, "the ring's owner has revoked it; it missed 16 messages");
    CHECK_EQUAL(ring_stats(ring).revocations, 1);
    CHECK_OK(slotring_revoke(ring, reader_info(reader).row)); /* it is already */
    CHECK_EQUAL(ring_stats(ring).revocations, 1);
    while (slotring_next(reader, 0, &slot) == 0)
        CHECK_OK(slotring_reader_release(reader));
    CHECK_OK(slotring_reader_rearm(reader));
    CHECK_EQUAL(reader_info(reader).revoked, SLOTRING_NOT_REVOKED);
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* It reads in place, so it keeps its gate until it has nothing in its hands. */
static void a_lossless_one_gives_way(void)
{
    for (uint32_t start = SLOTRING_FROM_NOW; start <= SLOTRING_FROM_OLDEST; start++) {
        slotring_t *ring = ring_create(ring_name(), SLOTS, 64);
        slotring_slot_t slot, writing;
        uint64_t number = 0;
        if (start == SLOTRING_FROM_OLDEST)
            run_over(ring, &number, 3);
        slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, start);
        run_over(ring, &number, SLOTS - number);
        CHECK_OK(slotring_next(reader, 0, &slot));
        CHECK_OK(slotring_revoke(ring, reader_info(reader).row));
        CHECK_EQUAL(reader_info(reader).mode, SLOTRING_LOSSLESS);
        CHECK_CODE(slotring_allocate(ring, 1, &writing), SLOTRING_E_FULL);
        pattern_check(&slot);
        CHECK_OK(slotring_reader_release(reader));
        CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_REVOKED);
        CHECK_EQUAL(reader_info(reader).lost, 0); /* so far */
        CHECK_OK(slotring_next(reader, 0, &slot));
        CHECK_EQUAL(slot.tag, pattern_tag(1, 1));                            /* what is there it gets */
        run_over(ring, &number, start == SLOTRING_FROM_NOW ? 3 * SLOTS : 0); /* and nobody waits for it */
        pattern_check(&slot);                                                /* it holds it now */
        CHECK_OK(slotring_reader_release(reader));
        CHECK_CODE(slotring_reader_rearm(reader), SLOTRING_E_STATE);
        while (slotring_next(reader, 0, &slot) == 0) {
            pattern_check(&slot);
            CHECK_OK(slotring_reader_release(reader));
        }
        slotring_reader_info_t info = reader_info(reader);
        CHECK_EQUAL(info.cursor, number);
        CHECK_EQUAL(info.missed > 0, start == SLOTRING_FROM_NOW);
        CHECK_OK(slotring_unsubscribe(reader));
        check_ring_at_rest(ring);
        ring_remove(ring, ring_name());
    }
}

static void sleeps_until_revoked(peer_t *test, const char *name)
{
    slotring_t *ring = ring_open_sleepy(name, SLOTRING_ATTACH, 0);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_slot_t slot;
    peer_tell(test, reader_info(reader).row);
    int64_t start = now_ns();
    CHECK_CODE(slotring_next(reader, 2 * NOT_WOKEN, &slot), SLOTRING_E_REVOKED);
    CHECK(now_ns() - start < NOT_WOKEN);
    CHECK_OK(slotring_close(ring));
}

static void one_that_waits_is_told_at_once(void)
{
    slotring_t *ring = ring_open_sleepy(ring_name(), SLOTRING_CREATE, SLOTS);
    peer_t peer = peer_start(BY_FORK, "budget-sleeps", ring_name());
    uint32_t row = (uint32_t)peer_hear(&peer);
    peer_wait_asleep(&peer);
    CHECK_OK(slotring_revoke(ring, row));
    peer_join(&peer);
    ring_remove(ring, ring_name());
}

static void whom_nobody_can_revoke(void)
{
    slotring_t *ring = ring_create(ring_name(), SLOTS, 64);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    CHECK_CODE(slotring_revoke(ring, reader_info(reader).row), SLOTRING_E_STATE);
    CHECK_CODE(slotring_revoke(ring, reader_info(reader).row + 1), SLOTRING_E_NOT_FOUND);
    CHECK_CODE(slotring_revoke(ring, UINT32_MAX), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_revoke(NULL, 0), SLOTRING_E_CLOSED);
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());
}

/* ---- What others see ---------------------------------------------------------------------------------- */

static void it_is_said_who_is_in_the_way(void)
{
    slotring_t *ring = ring_create(ring_name(), SLOTS, 64);
    slotring_reader_t *reader = subscribe_budgeted(ring, 1, LONG_BUDGET);
    char text[SLOTRING_BLOCKER_TEXT_SIZE];
    slotring_slot_t slot;
    slotring_blocker_t blocker;
    uint32_t count;
    for (uint64_t n = 0; n < SLOTS; n++)
        publish(ring, 1, n);
    CHECK_CODE(slotring_allocate(ring, 1, &slot), SLOTRING_E_FULL);
    CHECK_OK(slotring_blockers(ring, &blocker, 1, &count));
    CHECK_EQUAL(count, 1);
    CHECK_EQUAL(blocker.mode, SLOTRING_BUDGETED);
    CHECK(blocker.budget_left_ns > 0 && blocker.budget_left_ns <= (uint64_t)LONG_BUDGET);
    CHECK_OK(slotring_in_the_way(ring, text, sizeof text));
    CHECK_CONTAINS(text, "budgeted reader \"");
    CHECK_CONTAINS(text, "8 messages behind, with ");
    slotring_reader_info_t info = reader_info(reader);
    CHECK_EQUAL(info.budget_messages, 1);
    CHECK_EQUAL(info.budget_ns, (uint64_t)LONG_BUDGET);
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());
}

static void refuses(slotring_t *ring, const slotring_reader_options_t *options, const char *why)
{
    slotring_reader_t *reader;
    slotring_error_t error;
    CHECK_CODE(slotring_subscribe(ring, options, &reader), SLOTRING_E_INVALID);
    slotring_last_error(&error);
    CHECK_CONTAINS(error.text, why);
}

static void defaults_and_limits(void)
{
    slotring_t *ring = ring_create(ring_name(), SLOTS, 64);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_BUDGETED, SLOTRING_FROM_NOW);
    CHECK_EQUAL(reader_info(reader).budget_messages, SLOTS / 4);
    CHECK_EQUAL(reader_info(reader).budget_ns, 100 * MILLISECOND);
    CHECK_OK(slotring_unsubscribe(reader));
    slotring_reader_options_t options = budget(1, 1); /* upwards, to whole milliseconds */
    reader = subscribe_with(ring, &options);
    CHECK_EQUAL(reader_info(reader).budget_ns, MILLISECOND);
    CHECK_OK(slotring_unsubscribe(reader));
    options = budget(SLOTRING_BUDGET_MESSAGES_MAX + 1u, MILLISECOND);
    refuses(ring, &options, "budget_messages is 8388609");
    options = budget(1, (int64_t)SLOTRING_BUDGET_NS_MAX + 1);
    refuses(ring, &options, "budget_ns is 1073741824000001");
    options = budget(1, MILLISECOND);
    options.mode = SLOTRING_LOSSLESS;
    refuses(ring, &options, "a lossless reader has no budget");
    options = budget(0, 0);
    options.when_revoked = 2;
    refuses(ring, &options, "when_revoked is 2");
    options = budget(0, 0);
    options.wanted = SLOTRING_WANTS_LATEST;
    refuses(ring, &options, "choose lossy");
    reader = subscribe(ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    CHECK_CODE(slotring_reader_rearm(reader), SLOTRING_E_STATE);
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());
}

/* A killed one leaves nothing behind, whatever its flags. */
static void dies_revoked(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader = subscribe_budgeted(ring, 1, SHORT_BUDGET);
    slotring_slot_t slot;
    peer_tell(test, 1);
    peer_expect(test, 2);
    if (peer_hear(test))
        (void)slotring_next(reader, 0, &slot);
    peer_tell(test, 3);
    peer_expect(test, 4);
}

static void a_killed_one_leaves_nothing(void)
{
    for (uint64_t told = 0; told < 2; told++) {
        slotring_t *ring = ring_create(ring_name(), SLOTS, 64);
        peer_t peer = peer_start(BY_FORK, "budget-dies-revoked", ring_name());
        uint64_t number = 0;
        peer_expect(&peer, 1);
        run_over(ring, &number, 2 * SLOTS);
        peer_tell(&peer, 2);
        peer_tell(&peer, told);
        peer_expect(&peer, 3);
        peer_kill(&peer);
        check_recovered(ring, 1);
        ring_remove(ring, ring_name());
    }
}

/* The owner's readers may be lossless in any ring. What is granted to others stands in its header. */
static void grants_are_options_of_the_ring(void)
{
    static const struct {
        uint32_t lossless_for;
        uint64_t messages, ns;
        const char *why;
    } rows[] = {
        {3, 0, 0, "options.lossless_for is 3"},
        {SLOTRING_LOSSLESS_FOR_ALL, 1, 0, "set lossless_for"},
        {SLOTRING_LOSSLESS_FOR_OWNER, SLOTRING_BUDGET_MESSAGES_MAX + 1u, 0, "budget_messages is 8388609"},
        {SLOTRING_LOSSLESS_FOR_OWNER, 0, SLOTRING_BUDGET_NS_MAX + 1, "budget_ns is 1073741824000001"},
    };
    slotring_t *ring;
    slotring_error_t error;
    slotring_options_t options = ring_options(SLOTRING_CREATE, SLOTS, 64);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        options.lossless_for = rows[i].lossless_for;
        options.budget_messages = rows[i].messages;
        options.budget_ns = rows[i].ns;
        CHECK_CODE(slotring_open(&ring, ring_name(), &options, &error), SLOTRING_E_INVALID);
        CHECK_CONTAINS(error.text, rows[i].why);
    }
    options.lossless_for = SLOTRING_LOSSLESS_FOR_OWNER;
    options.budget_messages = options.budget_ns = 0;
    ring = ring_open_with(ring_name(), &options);
    CHECK_EQUAL(ring_info(ring).lossless_for, SLOTRING_LOSSLESS_FOR_OWNER);
    CHECK_EQUAL(ring_info(ring).budget_messages, SLOTS / 4);
    CHECK_EQUAL(ring_info(ring).budget_ns, 100 * MILLISECOND);
    CHECK_OK(slotring_unsubscribe(subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW)));
    ring_remove(ring, ring_name());
    ring = ring_create(ring_name(), SLOTS, 64);
    CHECK_EQUAL(ring_info(ring).budget_messages, 0);
    ring_remove(ring, ring_name());
}

static int try_group(uint32_t lossless_for, uint64_t group, slotring_t **ring, slotring_error_t *error)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, SLOTS, 64);
    options.lossless_for = lossless_for;
    options.lossless_group = group;
    return slotring_open(ring, ring_name(), &options, error);
}

#ifndef _WIN32
/* A library that does not know the grant to a group reads that only the owner has it. */
static void check_header_of_a_grant(uint32_t group)
{
    size_t size;
    sr__header_t *header = ring_map(ring_name(), &size);
    CHECK_EQUAL(header->lossless_for, SLOTRING_LOSSLESS_FOR_OWNER);
    CHECK_EQUAL(header->incompat | header->ro_compat, 0);
    CHECK_EQUAL(header->compat, SR__COMPAT_LOSSLESS_GROUP);
    CHECK_EQUAL(header->lossless_group, group);
    ring_unmap(header);
}
#endif

/* A group is a number, where groups have numbers. 0 is one, too. */
static void a_grant_to_a_group_is_an_option_of_the_ring(void)
{
    static const uint64_t groups[] = {0, 54321, UINT32_MAX - 1};
    slotring_t *ring;
    slotring_error_t error;
    CHECK_CODE(try_group(SLOTRING_LOSSLESS_FOR_GROUP, UINT32_MAX, &ring, &error), SLOTRING_E_INVALID);
    CHECK_CONTAINS(error.text, "options.lossless_group is 4294967295");
    CHECK_CODE(try_group(SLOTRING_LOSSLESS_FOR_OWNER, 54321, &ring, &error), SLOTRING_E_INVALID);
    CHECK_CONTAINS(error.text, "lossless_for is not SLOTRING_LOSSLESS_FOR_GROUP");
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        int code = try_group(SLOTRING_LOSSLESS_FOR_GROUP, groups[i], &ring, &error);
#ifdef _WIN32
        CHECK_CODE(code, SLOTRING_E_UNSUPPORTED);
        CHECK_CONTAINS(error.text, "groups have no numbers on this system");
#else
        CHECK_OK(code);
        CHECK_EQUAL(ring_info(ring).lossless_for, SLOTRING_LOSSLESS_FOR_GROUP);
        CHECK_EQUAL(ring_info(ring).lossless_group, groups[i]);
        CHECK_EQUAL(ring_info(ring).budget_messages, SLOTS / 4);
        CHECK_OK(slotring_unsubscribe(subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW)));
        check_header_of_a_grant((uint32_t)groups[i]);
        ring_remove(ring, ring_name());
#endif
    }
}

static const test_case_t cases[] = {
    {"within_it_nothing_is_lost", within_it_nothing_is_lost, 0},
    {"late_is_no_offence_while_nobody_needs_the_slot", late_is_no_offence_while_nobody_needs_the_slot, 0},
    {"enough_begins_its_time_anew", enough_begins_its_time_anew, 0},
    {"what_was_withdrawn_is_given", what_was_withdrawn_is_given, 0},
    {"a_stopped_one_costs_its_time_once", a_stopped_one_costs_its_time_once, 0},
    {"what_it_has_in_its_hands_stays", what_it_has_in_its_hands_stays, 0},
    {"in_a_ring_with_hot_slots", in_a_ring_with_hot_slots, 0},
    {"in_a_ring_that_keeps", in_a_ring_that_keeps, 0},
    {"who_waits_sleeps_no_longer_than_the_budget", who_waits_sleeps_no_longer_than_the_budget, 0},
    {"ones_own_reader", ones_own_reader, 0},
    {"it_is_armed_again", it_is_armed_again, 0},
    {"or_it_ends", or_it_ends, 0},
    {"it_starts_in_the_past", it_starts_in_the_past, 0},
    {"of_what_it_wants", of_what_it_wants, 0},
    {"of_records", of_records, 0},
    {"a_budgeted_one_by_hand", a_budgeted_one_by_hand, 0},
    {"a_lossless_one_gives_way", a_lossless_one_gives_way, 0},
    {"one_that_waits_is_told_at_once", one_that_waits_is_told_at_once, 0},
    {"whom_nobody_can_revoke", whom_nobody_can_revoke, 0},
    {"it_is_said_who_is_in_the_way", it_is_said_who_is_in_the_way, 0},
    {"defaults_and_limits", defaults_and_limits, 0},
    {"grants_are_options_of_the_ring", grants_are_options_of_the_ring, 0},
    {"a_grant_to_a_group_is_an_option_of_the_ring", a_grant_to_a_group_is_an_option_of_the_ring, 0},
    {"a_killed_one_leaves_nothing", a_killed_one_leaves_nothing, 0},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {
    {"budget-reads-all", reads_all},       {"budget-stands-still", stands_still},   {"budget-waits", waits},
    {"budget-dies-revoked", dies_revoked}, {"budget-sleeps", sleeps_until_revoked}, {NULL, NULL},
};

const test_suite_t budget_suite = {"budget", cases, roles};

/* SPDX-License-Identifier: Apache-2.0 */
/* A reader that is read by ticket: producers wait, within its budget, for what the queue may still bring, and its account says of
 * each message what became of it. */
#include <stdlib.h>
#include <string.h>

#include "support/internals.h"
#include "support/records.h"
#include "support/ring.h"
#include "support/suite.h"

#define SLOTS 8u
#define SHORT_BUDGET (30 * MILLISECOND)
#define LONG_BUDGET (PATIENCE) /* never over in a test */

static slotring_reader_options_t by_ticket(uint32_t window, int64_t budget_ns)
{
    slotring_reader_options_t options = reader_options(SLOTRING_BUDGETED, SLOTRING_FROM_NOW);
    options.flags = SLOTRING_BY_TICKET;
    options.window = window;
    options.budget_messages = 1;
    options.budget_ns = (uint64_t)budget_ns;
    return options;
}

static slotring_reader_t *subscribe_by_ticket(slotring_t *ring, uint32_t window, int64_t budget_ns)
{
    slotring_reader_options_t options = by_ticket(window, budget_ns);
    return subscribe_with(ring, &options);
}

/* Is given message `number` by its ticket, whole, and releases it. */
static void given(slotring_t *ring, slotring_reader_t *reader, const slotring_ticket_t *ticket,
                  uint64_t number)
{
    slotring_slot_t slot;
    CHECK_OK(slotring_reader_acquire_ticket(reader, ticket, &slot));
    pattern_check(&slot);
    CHECK_EQUAL(slot.tag, pattern_tag(1, number));
    CHECK_OK(slotring_release(ring, &slot));
}

static void publish_all(slotring_t *ring, slotring_ticket_t *tickets, uint64_t from, uint64_t to)
{
    for (uint64_t n = from; n < to; n++)
        tickets[n] = publish(ring, 1, n);
}

static void expect_account(slotring_reader_t *reader, uint64_t cursor, uint64_t delivered,
                           uint64_t passed_over, uint64_t missed)
{
    slotring_reader_info_t info = reader_info(reader);
    CHECK_EQUAL(info.cursor, cursor);
    CHECK_EQUAL(info.delivered, delivered);
    CHECK_EQUAL(info.passed_over, passed_over);
    CHECK_EQUAL(info.missed, missed);
}

/* ---- What it protects --------------------------------------------------------------------------------- */

/* A consumer that gets its tickets through a pipe, and is slower than its producer. */
static void consumes(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader = subscribe_by_ticket(ring, 0, LONG_BUDGET);
    peer_tell(test, 1);
    uint64_t count = peer_hear(test);
    slotring_ticket_t ticket;
    for (uint64_t n = 0; n < count; n++) {
        peer_get(test, &ticket, sizeof ticket);
        given(ring, reader, &ticket, n);
        if (ring_info(ring).when_full == SLOTRING_KEEP)
            CHECK_OK(slotring_free(ring, &ticket));
    }
    expect_account(reader, count, count, 0, 0);
    CHECK_EQUAL(reader_info(reader).revoked, 0);
    CHECK_OK(slotring_close(ring));
}

/* The pipe takes many more tickets than the ring has slots, and no ticket comes too late. */
static void deeper_than_the_ring(uint32_t flags, uint32_t when_full)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, SLOTS, 64);
    options.flags |= flags;
    options.when_full = when_full;
    slotring_t *ring = ring_open_with(ring_name(), &options);
    peer_t peer = peer_start(BY_FORK, "by-ticket-consumes", ring_name());
    uint64_t count = scaled(1000);
    peer_expect(&peer, 1);
    peer_tell(&peer, count);
    for (uint64_t n = 0; n < count; n++) {
        slotring_ticket_t ticket = publish(ring, 1, n);
        peer_put(&peer, &ticket, sizeof ticket);
    }
    peer_join(&peer);
    CHECK_EQUAL(ring_stats(ring).revocations, 0);
    ring_remove(ring, ring_name());
}

static void a_queue_deeper_than_the_ring_loses_nothing(void)
{
    deeper_than_the_ring(0, SLOTRING_OVERWRITE);
}

static void also_in_a_ring_with_hot_slots(void)
{
    deeper_than_the_ring(SLOTRING_HOT_SLOTS, SLOTRING_OVERWRITE);
}

static void also_in_a_ring_that_keeps(void)
{
    deeper_than_the_ring(0, SLOTRING_KEEP);
}

/* Tickets that were still to come keep their messages, and what was given, or can come no more, makes room. */
static void within_the_window_any_order_will_do(void)
{
    slotring_t *ring = ring_create(ring_name(), SLOTS, 64);
    slotring_reader_t *reader = subscribe_by_ticket(ring, 3, LONG_BUDGET);
    slotring_ticket_t tickets[2 * SLOTS];
    publish_all(ring, tickets, 0, SLOTS);
    CHECK(ring_is_full(ring));
    given(ring, reader, &tickets[2], 2);
    expect_account(reader, 0, 0, 0, 0); /* 0 and 1 may come */
    CHECK(ring_is_full(ring));
    given(ring, reader, &tickets[0], 0);
    expect_account(reader, 1, 1, 0, 0);
    CHECK(!ring_is_full(ring));
    given(ring, reader, &tickets[1], 1);
    expect_account(reader, 3, 3, 0, 0);
    publish_all(ring, tickets, SLOTS, SLOTS + 3);
    CHECK(ring_is_full(ring));
    given(ring, reader, &tickets[8], 8); /* 3 and 4 come too late from here on */
    expect_account(reader, 5, 3, 2, 0);
    given(ring, reader, &tickets[6], 6);
    expect_account(reader, 5, 3, 2, 0);
    given(ring, reader, &tickets[5], 5);
    expect_account(reader, 7, 5, 2, 0);
    given(ring, reader, &tickets[7], 7);
    expect_account(reader, 9, 7, 2, 0);
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void without_a_window_each_ticket_is_the_oldest(void)
{
    slotring_t *ring = ring_create(ring_name(), 1, 64);
    slotring_reader_t *reader = subscribe_by_ticket(ring, 0, LONG_BUDGET);
    for (uint64_t n = 0; n < 5; n++) {
        slotring_ticket_t ticket = publish(ring, 1, n);
        CHECK(ring_is_full(ring));
        given(ring, reader, &ticket, n);
        expect_account(reader, n + 1, n + 1, 0, 0);
    }
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* What is in its hands stays for as long as it likes, also below the cursor. */
static void what_was_given_stays_until_its_release(void)
{
    slotring_options_t ring_with = ring_options(SLOTRING_CREATE, SLOTS, 64);
    ring_with.max_holds = 2;
    slotring_t *ring = ring_open_with(ring_name(), &ring_with);
    slotring_reader_t *reader = subscribe_by_ticket(ring, 0, LONG_BUDGET);
    slotring_ticket_t tickets[4 * SLOTS];
    slotring_slot_t first, second, slot;
    publish_all(ring, tickets, 0, 3);
    CHECK_OK(slotring_reader_acquire_ticket(reader, &tickets[0], &first));
    CHECK_OK(slotring_reader_acquire_ticket(reader, &tickets[1], &second));
    CHECK_CODE(slotring_reader_acquire_ticket(reader, &tickets[2], &slot), SLOTRING_E_HOLDS);
    expect_account(reader, 2, 2, 0, 0); /* it was not given, and stays */
    CHECK_OK(slotring_release(ring, &second));
    for (uint64_t n = 2; n < 4 * SLOTS; n++) {
        if (n > 2)
            tickets[n] = publish(ring, 1, n);
        given(ring, reader, &tickets[n], n);
    }
    pattern_check(&first);
    CHECK_EQUAL(first.tag, pattern_tag(1, 0));
    CHECK_OK(slotring_release(ring, &first));
    CHECK_CODE(slotring_release(ring, &first), SLOTRING_E_NOT_HELD);
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* ---- The account, beside a simple one ------------------------------------------------------------------ */

#define MANY 256u
#define STREAM 4000u

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* A simple account: a mark for each message, and no bitmap. */
typedef struct simple {
    uint64_t cursor, highest, delivered, passed_over;
    bool any, given[STREAM];
} simple_t;

static void simple_note(simple_t *s, uint64_t sequence, uint64_t window)
{
    if (sequence < s->cursor)
        return;
    s->given[sequence] = true;
    s->highest = s->any && s->highest > sequence ? s->highest : sequence;
    s->any = true;
    while (s->cursor + window < s->highest || (s->cursor < STREAM && s->given[s->cursor])) {
        s->delivered += s->given[s->cursor];
        s->passed_over += !s->given[s->cursor];
        s->cursor++;
    }
}

/* A queue that brings most tickets, each up to `window` late or a little more, some twice and some never. */
static void run_beside(uint32_t window, uint32_t seed)
{
    static simple_t simple;
    static slotring_ticket_t tickets[STREAM];
    memset(&simple, 0, sizeof simple);
    slotring_t *ring = ring_create(ring_name(), MANY, 64);
    slotring_reader_t *reader = subscribe_by_ticket(ring, window, LONG_BUDGET);
    slotring_slot_t slot;
    uint64_t end = 0, count = scaled(550) < STREAM - MANY ? scaled(550) : STREAM - MANY;
    check_context("window %u, seed %u", window, seed);
    while (simple.cursor < count) {
        while (end < count && end - simple.cursor < MANY) { /* no more: it would be in the way, and no less */
            tickets[end] = publish(ring, 1, end);
            end++;
        }
        uint64_t wish = simple.any ? simple.highest : 0, late = next_random(&seed) % (window + 2);
        if (next_random(&seed) % 2 == 0)
            wish += 1 + next_random(&seed) % 2; /* one is left out, and may come late */
        else
            wish = wish > late ? wish - late : 0;
        if (wish >= end)
            wish = end - 1;
        if (wish < simple.cursor) { /* it may be gone, and it counts nothing */
            if (slotring_reader_acquire_ticket(reader, &tickets[wish], &slot) == 0)
                CHECK_OK(slotring_release(ring, &slot));
        } else if (simple.given[wish]) { /* nobody waits for it any more */
            if (slotring_reader_acquire_ticket(reader, &tickets[wish], &slot) == 0)
                CHECK_OK(slotring_release(ring, &slot));
        } else {
            given(ring, reader, &tickets[wish], wish);
            simple_note(&simple, wish, window);
        }
        expect_account(reader, simple.cursor, simple.delivered, simple.passed_over, 0);
    }
    CHECK_AT_LEAST(simple.delivered, 1);
    CHECK_EQUAL(ring_stats(ring).revocations, 0);
    check_context("%s", "");
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void its_account_is_exact(void)
{
    static const uint32_t windows[] = {0, 1, 3, 62, 63, 64, 65, MANY / 2};
    for (uint32_t i = 0; i < sizeof windows / sizeof windows[0]; i++)
        run_beside(windows[i], i + 1);
}

static void a_ticket_that_comes_twice_counts_once(void)
{
    slotring_t *ring = ring_create(ring_name(), SLOTS, 64);
    slotring_reader_t *reader = subscribe_by_ticket(ring, 2, LONG_BUDGET);
    slotring_ticket_t tickets[3];
    publish_all(ring, tickets, 0, 3);
    given(ring, reader, &tickets[1], 1);
    given(ring, reader, &tickets[1], 1);
    expect_account(reader, 0, 0, 0, 0);
    given(ring, reader, &tickets[0], 0);
    expect_account(reader, 2, 2, 0, 0);
    given(ring, reader, &tickets[0], 0); /* from below: it is there */
    given(ring, reader, &tickets[1], 1);
    expect_account(reader, 2, 2, 0, 0);
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());
}

/* Two queues of one consumer are one queue whose tickets come in another order. */
static void two_queues_of_one_reader(void)
{
    slotring_t *ring = ring_create(ring_name(), 2 * SLOTS, 64);
    slotring_reader_t *reader = subscribe_by_ticket(ring, SLOTS, LONG_BUDGET);
    static slotring_ticket_t tickets[40 * SLOTS];
    uint64_t even = 0, odd = 1, end = 0, count = 40 * SLOTS;
    while (odd < count) {
        while (end < count && end < (even < odd ? even : odd) + 2 * SLOTS) {
            tickets[end] = publish(ring, 1, end);
            end++;
        }
        for (int i = 0; i < 3 && even < count; i++, even += 2) /* one of them is ahead */
            given(ring, reader, &tickets[even], even);
        for (int i = 0; i < 3 && odd < count; i++, odd += 2)
            given(ring, reader, &tickets[odd], odd);
    }
    expect_account(reader, count, count, 0, 0);
    CHECK_EQUAL(ring_stats(ring).revocations, 0);
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* What is refused is no message that a queue brought. */
static void a_ticket_that_is_refused_moves_nothing(void)
{
    slotring_t *ring = ring_create(ring_name(), SLOTS, 64);
    slotring_reader_t *reader = subscribe_by_ticket(ring, 0, LONG_BUDGET);
    slotring_ticket_t tickets[4], forged;
    slotring_slot_t slot;
    publish_all(ring, tickets, 0, 4);
    forged = tickets[0];
    forged.sequence = 100;
    CHECK_CODE(slotring_reader_acquire_ticket(reader, &forged, &slot), SLOTRING_E_STALE);
    forged.slot = SLOTS;
    CHECK_CODE(slotring_reader_acquire_ticket(reader, &forged, &slot), SLOTRING_E_INVALID);
    forged = tickets[3];
    forged.ring_id[0] ^= 1;
    CHECK_CODE(slotring_reader_acquire_ticket(reader, &forged, &slot), SLOTRING_E_FOREIGN);
    CHECK_OK(slotring_free(ring, &tickets[2]));
    CHECK_CODE(slotring_reader_acquire_ticket(reader, &tickets[2], &slot), SLOTRING_E_STALE);
    CHECK_CODE(slotring_reader_acquire_ticket(reader, NULL, &slot), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_reader_acquire_ticket(reader, &tickets[3], NULL), SLOTRING_E_INVALID);
    expect_account(reader, 0, 0, 0, 0);
    slot.ticket = tickets[3]; /* the ticket may lie in the struct */
    CHECK_OK(slotring_reader_acquire_ticket(reader, &slot.ticket, &slot));
    CHECK_EQUAL(slot.tag, pattern_tag(1, 3));
    CHECK_OK(slotring_release(ring, &slot));
    expect_account(reader, 4, 1, 3, 0);
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());
}

/* ---- Over its budget ------------------------------------------------------------------------------------ */

static uint64_t expect_revoked(slotring_reader_t *reader, const slotring_ticket_t *ticket)
{
    slotring_slot_t slot;
    CHECK_CODE(slotring_reader_acquire_ticket(reader, ticket, &slot), SLOTRING_E_REVOKED);
    slotring_reader_info_t info = reader_info(reader);
    CHECK(info.revoked != 0);
    return info.lost;
}

/* Its producers wait for it once. It is told, and what was given before that is not lost. */
static void a_queue_that_stops_costs_one_budget(void)
{
    slotring_t *ring = ring_create(ring_name(), SLOTS, 64);
    slotring_reader_t *reader = subscribe_by_ticket(ring, 2, SHORT_BUDGET);
    slotring_ticket_t tickets[4 * SLOTS];
    slotring_slot_t slot;
    publish_all(ring, tickets, 0, SLOTS);
    given(ring, reader, &tickets[1], 1);
    publish_all(ring, tickets, SLOTS, SLOTS + 1); /* waits for the ticket of 0 */
    CHECK_EQUAL(ring_stats(ring).revocations, 1);
    uint64_t waits = ring_stats(ring).waits;
    publish_all(ring, tickets, SLOTS + 1, 2 * SLOTS + 4);
    CHECK_EQUAL(ring_stats(ring).waits, waits); /* and for no other */
    CHECK_EQUAL(expect_revoked(reader, &tickets[0]), SLOTS + 4 - 1);
    expect_account(reader, SLOTS + 4, 1, 0, SLOTS + 3);
    CHECK_CODE(slotring_reader_acquire_ticket(reader, &tickets[5], &slot),
               SLOTRING_E_STALE); /* as for anybody */
    given(ring, reader, &tickets[SLOTS + 6], SLOTS + 6);
    expect_account(reader, SLOTS + 4, 1, 0, SLOTS + 3);
    given(ring, reader, &tickets[SLOTS + 7], SLOTS + 7);
    expect_account(reader, SLOTS + 5, 1, 1, SLOTS + 3);
    publish_all(ring, tickets, 2 * SLOTS + 4,
                3 * SLOTS + 4); /* nobody waits for it: all of these lie behind it */
    given(ring, reader, &tickets[3 * SLOTS + 3], 3 * SLOTS + 3);
    slotring_reader_info_t info = reader_info(reader);
    CHECK_EQUAL(info.cursor, 3 * SLOTS + 1); /* the window */
    CHECK_EQUAL(info.delivered, 3);
    CHECK_EQUAL(info.missed, SLOTS + 3 + (2 * SLOTS + 4) - (SLOTS + 5) - 2); /* gone, and not given */
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void it_is_armed_again(void)
{
    slotring_t *ring = ring_create(ring_name(), SLOTS, 64);
    slotring_reader_t *reader = subscribe_by_ticket(ring, 0, SHORT_BUDGET);
    slotring_ticket_t tickets[4 * SLOTS];
    publish_all(ring, tickets, 0, SLOTS + 3);
    CHECK_CODE(slotring_reader_rearm(reader), SLOTRING_E_STATE); /* not told yet */
    CHECK_EQUAL(expect_revoked(reader, &tickets[SLOTS]), 3);
    given(ring, reader, &tickets[SLOTS + 2], SLOTS + 2);
    expect_account(reader, SLOTS + 3, 1, SLOTS - 1, 3);
    CHECK_OK(slotring_reader_rearm(reader));
    publish_all(ring, tickets, SLOTS + 3, 2 * SLOTS + 3);
    CHECK(ring_is_full(ring)); /* it is waited for */
    for (uint64_t n = SLOTS + 3; n < 2 * SLOTS + 3; n++)
        given(ring, reader, &tickets[n], n);
    expect_account(reader, 2 * SLOTS + 3, SLOTS + 1, SLOTS - 1, 3);
    CHECK_EQUAL(reader_info(reader).revoked, 0);
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void or_it_ends(void)
{
    slotring_t *ring = ring_create(ring_name(), SLOTS, 64);
    slotring_reader_options_t options = by_ticket(0, SHORT_BUDGET);
    options.when_revoked = SLOTRING_REVOKED_ENDS;
    slotring_reader_t *reader = subscribe_with(ring, &options);
    slotring_ticket_t tickets[SLOTS + 1];
    publish_all(ring, tickets, 0, SLOTS + 1);
    for (int i = 0; i < 2; i++)
        CHECK_EQUAL(expect_revoked(reader, &tickets[SLOTS]), 1);
    CHECK_CODE(slotring_reader_rearm(reader), SLOTRING_E_STATE);
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());
}

/* Nothing is lost at that moment, and what is in its hands stays. */
static void it_is_revoked_by_hand(void)
{
    slotring_t *ring = ring_create(ring_name(), SLOTS, 64);
    slotring_reader_t *reader = subscribe_by_ticket(ring, 1, LONG_BUDGET);
    slotring_ticket_t tickets[3 * SLOTS];
    slotring_slot_t held;
    publish_all(ring, tickets, 0, SLOTS);
    CHECK_OK(slotring_reader_acquire_ticket(reader, &tickets[0], &held));
    CHECK_OK(slotring_revoke(ring, reader_info(reader).row));
    publish_all(ring, tickets, SLOTS, 2 * SLOTS);                /* nobody waits */
    CHECK_EQUAL(expect_revoked(reader, &tickets[SLOTS]), SLOTS); /* 1 to 8: one slot is out of use */
    CHECK_EQUAL(reader_info(reader).revoked, SLOTRING_REVOKED_BY_HAND);
    pattern_check(&held);
    CHECK_OK(slotring_release(ring, &held));
    given(ring, reader, &tickets[2 * SLOTS - 1], 2 * SLOTS - 1);
    expect_account(reader, 2 * SLOTS - 2, 1, SLOTS - 3, SLOTS);
    CHECK_OK(slotring_reader_rearm(reader));
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* Takes tickets, and waits to be killed, with a message in its hands and others that only it holds back. */
static void dies(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader = subscribe_by_ticket(ring, 2, LONG_BUDGET);
    slotring_ticket_t ticket;
    slotring_slot_t slot;
    peer_tell(test, 1);
    peer_get(test, &ticket, sizeof ticket);
    CHECK_OK(slotring_reader_acquire_ticket(reader, &ticket, &slot));
    peer_tell(test, 2);
    (void)peer_hear(test);
}

static void its_death_frees_all(void)
{
    slotring_t *ring = ring_create(ring_name(), SLOTS, 64);
    peer_t peer = peer_start(BY_FORK, "by-ticket-dies", ring_name());
    slotring_ticket_t tickets[SLOTS];
    peer_expect(&peer, 1);
    publish_all(ring, tickets, 0, SLOTS);
    peer_put(&peer, &tickets[1], sizeof tickets[1]);
    peer_expect(&peer, 2);
    CHECK(ring_is_full(ring));
    peer_kill(&peer);
    check_recovered(ring, 1);
    CHECK_EQUAL(ring_stats(ring).revocations, 0);
    ring_remove(ring, ring_name());
}

/* ---- What goes together --------------------------------------------------------------------------------- */

/* The queue has tickets of before the reader: it starts with what is there. */
static void it_starts_in_the_past(void)
{
    slotring_t *ring = ring_create(ring_name(), SLOTS, 64);
    slotring_ticket_t tickets[2 * SLOTS];
    publish_all(ring, tickets, 0, SLOTS + 2);
    slotring_reader_options_t options = by_ticket(0, LONG_BUDGET);
    options.start = SLOTRING_FROM_OLDEST;
    slotring_reader_t *reader = subscribe_with(ring, &options);
    CHECK_EQUAL(reader_info(reader).start, 2);
    given(ring, reader, &tickets[2], 2);
    expect_account(reader, 3, 1, 0, 0);
    given(ring, reader, &tickets[SLOTS + 1], SLOTS + 1);
    expect_account(reader, SLOTS + 2, 2, SLOTS - 2, 0);
    CHECK_OK(slotring_unsubscribe(reader));
    options.start = SLOTRING_FROM_SEQUENCE; /* of these some are gone */
    options.first = 1;
    reader = subscribe_with(ring, &options);
    expect_account(reader, 2, 0, 0, 1);
    CHECK_OK(slotring_unsubscribe(reader));
    options.start = SLOTRING_FROM_LAST;
    options.first = 3;
    reader = subscribe_with(ring, &options);
    expect_account(reader, SLOTS - 1, 0, 0, 0);
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void of_records(void)
{
    slotring_t *ring = ring_create(ring_name(), SLOTS, 256);
    slotring_reader_t *reader = subscribe_by_ticket(ring, 0, LONG_BUDGET);
    slotring_reader_t *in_order = subscribe(ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    slotring_writer_t *writer;
    slotring_slot_t slot, record;
    slotring_error_t error;
    CHECK_OK(slotring_writer_open(ring, NULL, &writer));
    CHECK_OK(record_append(writer, 1, 0, 16, 0));
    CHECK_OK(slotring_next(in_order, 0, &record));
    CHECK_CODE(slotring_reader_acquire_ticket(reader, &record.ticket, &slot), SLOTRING_E_INVALID);
    slotring_last_error(&error);
    CHECK_CONTAINS(error.text, "names a record");
    CHECK_OK(slotring_unsubscribe(in_order));
    CHECK_OK(slotring_writer_close(writer));
    slotring_ticket_t ticket = publish(ring, 1, 0);
    given(ring, reader, &ticket, 0);
    expect_account(reader, 2, 1, 1, 0); /* the slot with records is passed over */
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void it_verifies(void)
{
    slotring_options_t ring_with = ring_options(SLOTRING_CREATE, SLOTS, 64);
    ring_with.flags |= SLOTRING_CHECKSUMS;
    slotring_t *ring = ring_open_with(ring_name(), &ring_with);
    slotring_reader_options_t options = by_ticket(0, LONG_BUDGET);
    options.flags |= SLOTRING_VERIFY;
    slotring_reader_t *reader = subscribe_with(ring, &options);
    slotring_ticket_t tickets[2];
    slotring_slot_t slot;
    publish_all(ring, tickets, 0, 2);
    given(ring, reader, &tickets[0], 0);
    CHECK_OK(slotring_acquire_for_read(ring, &tickets[1], &slot));
    *(uint8_t *)slot.data ^= 1;
    CHECK_OK(slotring_release(ring, &slot));
    CHECK_CODE(slotring_reader_acquire_ticket(reader, &tickets[1], &slot), SLOTRING_E_CHECKSUM);
    expect_account(reader, 2, 2, 0, 0); /* it was given all the same */
    CHECK_OK(slotring_release(ring, &slot));
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());
}

/* Each call that reads in order. */
static void it_is_not_read_in_order(void)
{
    slotring_t *ring = ring_create(ring_name(), SLOTS, 64);
    slotring_reader_t *reader = subscribe_by_ticket(ring, 0, LONG_BUDGET);
    slotring_reader_t *in_order = subscribe(ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    slotring_ticket_t ticket = publish(ring, 1, 0);
    slotring_slot_t slot;
    slotring_participant_t who;
    slotring_mark_t mark;
    uint32_t count;
    int result;
    intptr_t descriptor;
    CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_STATE);
    CHECK_CODE(slotring_next_batch(reader, 0, &slot, 1, &count), SLOTRING_E_STATE);
    CHECK_CODE(slotring_reader_wait_readable(reader, 0), SLOTRING_E_STATE);
    CHECK_CODE(slotring_wait_many(&reader, 1, 0, &result, &count), SLOTRING_E_STATE);
    CHECK_CODE(slotring_reader_descriptor(reader, &descriptor), SLOTRING_E_STATE);
    CHECK_CODE(slotring_reader_release(reader), SLOTRING_E_STATE);
    CHECK_CODE(slotring_reader_release_one(reader, &slot), SLOTRING_E_STATE);
    CHECK_CODE(slotring_reader_death(reader, &who), SLOTRING_E_STATE);
    CHECK_CODE(slotring_reader_mark(reader, &mark), SLOTRING_E_STATE);
    CHECK_CODE(slotring_reader_acquire_ticket(in_order, &ticket, &slot), SLOTRING_E_STATE);
    CHECK_OK(slotring_reader_stop(reader)); /* it never waits */
    given(ring, reader, &ticket, 0);
    CHECK_OK(slotring_reader_resume(reader));
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_OK(slotring_unsubscribe(in_order));
    ring_remove(ring, ring_name());
}

static void refused(slotring_t *ring, const slotring_reader_options_t *options, const char *why)
{
    slotring_reader_t *reader;
    slotring_error_t error;
    CHECK_CODE(slotring_subscribe(ring, options, &reader), SLOTRING_E_INVALID);
    slotring_last_error(&error);
    CHECK_CONTAINS(error.text, why);
}

#define REFUSED(field, value, why)                                  \
    do {                                                            \
        slotring_reader_options_t with = by_ticket(0, LONG_BUDGET); \
        with.field = (value);                                       \
        if (with.mode != SLOTRING_BUDGETED)                         \
            with.budget_messages = with.budget_ns = 0;              \
        refused(ring, &with, why);                                  \
    } while (0)

static void what_does_not_go_together(void)
{
    slotring_t *ring = ring_create(ring_name(), SLOTS, 64);
    slotring_reader_options_t gathers = by_ticket(0, LONG_BUDGET);
    gathers.wake_messages = 2;
    gathers.wake_ns = 1;
    refused(ring, &gathers, "the ring does not");
    REFUSED(mode, SLOTRING_LOSSLESS, "stop producers for ever");
    REFUSED(mode, SLOTRING_LOSSY, "protects nothing");
    REFUSED(every, 3, "the queue says");
    REFUSED(tag_mask, 1, "the queue says");
    REFUSED(wanted, SLOTRING_WANTS_LATEST, "choose lossy");
    REFUSED(flags, SLOTRING_BY_TICKET | SLOTRING_TELL_MARKS, "cannot be told of marks");
    REFUSED(flags, SLOTRING_BY_TICKET | SLOTRING_DURABLE, "be durable");
    REFUSED(flags, SLOTRING_BY_TICKET << 1, "knows");
    REFUSED(window, SLOTS / 2 + 1, "half of the ring's slots");
    CHECK_OK(slotring_unsubscribe(subscribe_by_ticket(ring, SLOTS / 2, LONG_BUDGET)));
    ring_remove(ring, ring_name());
}

static void others_see_what_it_is(void)
{
    slotring_t *ring = ring_create(ring_name(), SLOTS, 64);
    slotring_reader_t *reader = subscribe_by_ticket(ring, 3, LONG_BUDGET);
    CHECK_EQUAL(reader_info(reader).flags, SLOTRING_BY_TICKET);
    CHECK_EQUAL(reader_info(reader).window, 3);
    CHECK_OK(slotring_unsubscribe(reader));
    reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW); /* at the same row */
    CHECK_EQUAL(reader_info(reader).flags, 0);
    CHECK_EQUAL(reader_info(reader).window, 0);
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());
}

static const test_case_t cases[] = {
    {"a_queue_deeper_than_the_ring_loses_nothing", a_queue_deeper_than_the_ring_loses_nothing, 0},
    {"also_in_a_ring_with_hot_slots", also_in_a_ring_with_hot_slots, 0},
    {"also_in_a_ring_that_keeps", also_in_a_ring_that_keeps, 0},
    {"within_the_window_any_order_will_do", within_the_window_any_order_will_do, 0},
    {"without_a_window_each_ticket_is_the_oldest", without_a_window_each_ticket_is_the_oldest, 0},
    {"what_was_given_stays_until_its_release", what_was_given_stays_until_its_release, 0},
    {"its_account_is_exact", its_account_is_exact, 0},
    {"a_ticket_that_comes_twice_counts_once", a_ticket_that_comes_twice_counts_once, 0},
    {"two_queues_of_one_reader", two_queues_of_one_reader, 0},
    {"a_ticket_that_is_refused_moves_nothing", a_ticket_that_is_refused_moves_nothing, 0},
    {"a_queue_that_stops_costs_one_budget", a_queue_that_stops_costs_one_budget, 0},
    {"it_is_armed_again", it_is_armed_again, 0},
    {"or_it_ends", or_it_ends, 0},
    {"it_is_revoked_by_hand", it_is_revoked_by_hand, 0},
    {"its_death_frees_all", its_death_frees_all, 0},
    {"it_starts_in_the_past", it_starts_in_the_past, 0},
    {"of_records", of_records, 0},
    {"it_verifies", it_verifies, 0},
    {"it_is_not_read_in_order", it_is_not_read_in_order, 0},
    {"what_does_not_go_together", what_does_not_go_together, 0},
    {"others_see_what_it_is", others_see_what_it_is, 0},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {
    {"by-ticket-consumes", consumes},
    {"by-ticket-dies", dies},
    {NULL, NULL},
};

const test_suite_t by_ticket_suite = {"by_ticket", cases, roles};

/* SPDX-License-Identifier: Apache-2.0 */
/* How many slots a participant may hold, by ticket, in the hands of its readers and of the past, all together: so that one that is
 * stopped, and that producers do not wait for, cannot stop them. The other suites lift this limit. */
#include <stdatomic.h>
#include <string.h>

#include "support/internals.h"
#include "support/ring.h"
#include "support/suite.h"
#include "support/thread.h"

#define SLOTS 32u
#define LIMIT 4u /* an eighth */

static slotring_t *ring_limited(uint64_t slots, uint32_t max_holds)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, slots, 64);
    options.max_holds = max_holds;
    return ring_open_with(ring_name(), &options);
}

/* Fills the ring: message n has the n-th ticket. */
static void fill(slotring_t *ring, slotring_ticket_t *tickets)
{
    for (uint64_t n = 0; n < SLOTS; n++)
        tickets[n] = publish(ring, 1, n);
}

static void expect_refused(slotring_t *ring, const slotring_ticket_t *ticket, const char *why)
{
    slotring_slot_t slot;
    slotring_error_t error;
    CHECK_CODE(slotring_acquire_for_read(ring, ticket, &slot), SLOTRING_E_HOLDS);
    slotring_last_error(&error);
    CHECK_CONTAINS(error.text, why);
    CHECK_CONTAINS(error.text, "--holds");
    CHECK_CODE(slotring_hold(ring, ticket), SLOTRING_E_HOLDS);
}

static uint64_t held(slotring_t *ring)
{
    return ring_stats(ring).slots_held;
}

/* ---- What counts ---------------------------------------------------------------------------------------- */

static void tickets_up_to_the_limit(void)
{
    slotring_t *ring = ring_limited(SLOTS, 0);
    slotring_ticket_t tickets[SLOTS];
    slotring_slot_t slots[LIMIT], again;
    char bytes[64];
    fill(ring, tickets);
    for (uint32_t n = 0; n < LIMIT; n++)
        hold(ring, &tickets[n], &slots[n]);
    expect_refused(ring, &tickets[LIMIT], "holds 4 slots");
    expect_refused(ring, &tickets[LIMIT], "needs 1 more, but it may hold 4");
    CHECK_EQUAL(held(ring), LIMIT);
    hold(ring, &tickets[0], &again); /* a slot counts once */
    CHECK_OK(slotring_release(ring, &slots[0]));
    expect_refused(ring, &tickets[LIMIT], "holds 4 slots");
    CHECK_OK(slotring_copy(ring, &tickets[LIMIT], bytes, sizeof bytes,
                           NULL)); /* what a call holds does not count */
    CHECK_OK(slotring_free(ring, &tickets[LIMIT]));
    CHECK_OK(slotring_release(ring, &again));
    CHECK_OK(slotring_hold(ring, &tickets[LIMIT + 1]));
    expect_refused(ring, &tickets[0], "holds 4 slots");
    CHECK_OK(slotring_release_ticket(ring, &tickets[LIMIT + 1]));
    hold(ring, &tickets[LIMIT + 1], &slots[0]);
    for (uint32_t n = 0; n < LIMIT; n++)
        CHECK_OK(slotring_release(ring, &slots[n]));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void a_batch_ends_there(void)
{
    slotring_t *ring = ring_limited(SLOTS, 0);
    static const uint32_t modes[] = {SLOTRING_LOSSY, SLOTRING_BUDGETED};
    for (size_t i = 0; i < 2; i++) {
        slotring_reader_t *reader = subscribe(ring, modes[i], SLOTRING_FROM_NOW);
        slotring_ticket_t tickets[SLOTS];
        slotring_slot_t slots[SLOTS], slot;
        uint32_t count;
        fill(ring, tickets);
        for (uint32_t done = 0; done < SLOTS; done += LIMIT) {
            CHECK_OK(slotring_next_batch(reader, 0, slots, SLOTS, &count));
            CHECK_EQUAL(count, LIMIT);
            CHECK_EQUAL(slots[0].ticket.sequence, tickets[done].sequence);
            CHECK_EQUAL(held(ring), LIMIT);
            CHECK_OK(slotring_reader_release(reader));
        }
        /* With the tickets together; what it is not given it misses only if it is gone. */
        fill(ring, tickets);
        for (uint32_t n = 0; n < LIMIT - 1; n++)
            CHECK_OK(slotring_hold(ring, &tickets[SLOTS - 1 - n]));
        CHECK_OK(slotring_next_batch(reader, 0, slots, SLOTS, &count));
        CHECK_EQUAL(count, 1);
        CHECK_OK(slotring_reader_release(reader));
        CHECK_OK(slotring_hold(ring, &tickets[SLOTS - LIMIT]));
        CHECK_CODE(slotring_next(reader, PATIENCE, &slot), SLOTRING_E_HOLDS);
        CHECK_OK(slotring_release_ticket(ring, &tickets[SLOTS - LIMIT]));
        CHECK_OK(slotring_next(reader, 0, &slot));
        CHECK_EQUAL(slot.ticket.sequence, tickets[1].sequence);
        CHECK_OK(slotring_reader_release(reader));
        for (uint32_t n = 0; n < LIMIT - 1; n++)
            CHECK_OK(slotring_release_ticket(ring, &tickets[SLOTS - 1 - n]));
        CHECK_OK(slotring_unsubscribe(reader));
    }
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* The last N, which a lossless reader holds. */
static void history_counts(void)
{
    slotring_t *ring = ring_limited(SLOTS, 0);
    slotring_ticket_t tickets[SLOTS];
    slotring_slot_t slot;
    slotring_reader_t *reader;
    fill(ring, tickets);
    slotring_reader_options_t options = reader_options(SLOTRING_LOSSLESS, SLOTRING_FROM_LAST);
    options.first = LIMIT + 1;
    CHECK_CODE(slotring_subscribe(ring, &options, &reader), SLOTRING_E_HOLDS);
    CHECK_EQUAL(held(ring), 0);
    options.first = LIMIT - 1;
    reader = subscribe_with(ring, &options);
    CHECK_EQUAL(held(ring), LIMIT - 1);
    CHECK_OK(slotring_hold(ring, &tickets[0]));
    expect_refused(ring, &tickets[1], "holds 4 slots");
    CHECK_OK(slotring_next(reader, 0, &slot)); /* it goes from the past into the reader's hands */
    expect_refused(ring, &tickets[1], "holds 4 slots");
    CHECK_OK(slotring_reader_release(reader));
    CHECK_OK(slotring_hold(ring, &tickets[1]));
    CHECK_OK(slotring_release_ticket(ring, &tickets[1]));
    CHECK_OK(slotring_release_ticket(ring, &tickets[0]));
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* A lossless reader from the oldest gets all of it, since producers wait for it anyway; but it counts. */
static void catching_up_is_not_refused(void)
{
    slotring_t *ring = ring_limited(SLOTS, 0);
    slotring_ticket_t tickets[SLOTS];
    slotring_slot_t slot;
    fill(ring, tickets);
    CHECK_OK(slotring_hold(ring, &tickets[0]));
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_OLDEST);
    CHECK_EQUAL(held(ring), SLOTS);
    for (uint64_t n = 0; n < SLOTS - LIMIT + 1; n++)
        take_now(reader, pattern_tag(1, n));
    CHECK_EQUAL(held(ring), LIMIT);
    expect_refused(ring, &tickets[1], "holds 4 slots");
    take_now(reader, pattern_tag(1, SLOTS - LIMIT + 1));
    hold(ring, &tickets[1], &slot);
    CHECK_OK(slotring_release(ring, &slot));
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_OK(slotring_release_ticket(ring, &tickets[0]));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* What is published and held in one step is refused before it is published. */
static void what_a_producer_keeps_counts(void)
{
    slotring_t *ring = ring_limited(SLOTS, 0);
    slotring_slot_t slot;
    slotring_ticket_t kept[LIMIT];
    uint64_t length;
    for (uint32_t n = 0; n < LIMIT; n++) {
        prepare(ring, 1, n, &slot, &length);
        CHECK_OK(slotring_mark_ready_keep(ring, &slot, length));
        kept[n] = slot.ticket;
    }
    prepare(ring, 1, LIMIT, &slot, &length);
    CHECK_CODE(slotring_mark_ready_keep(ring, &slot, length), SLOTRING_E_HOLDS);
    CHECK_EQUAL(ring_stats(ring).published, LIMIT);
    CHECK_OK(slotring_release_ticket(ring, &kept[0]));
    CHECK_CODE(slotring_mark_ready_keep(ring, &slot, 65), SLOTRING_E_TOO_LARGE); /* counts for nothing */
    CHECK_OK(slotring_mark_ready_keep(ring, &slot, length));
    CHECK_OK(slotring_release_ticket(ring, &slot.ticket));
    for (uint32_t n = 1; n < LIMIT; n++)
        CHECK_OK(slotring_release_ticket(ring, &kept[n]));
    CHECK_EQUAL(atomic_load(&ring->member.holds), 0);
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static slotring_ticket_t publish_span(slotring_t *ring, uint32_t slots)
{
    slotring_slot_t slot;
    CHECK_OK(slotring_allocate_span(ring, 64u * slots, PATIENCE, &slot));
    CHECK_OK(slotring_mark_ready(ring, &slot, 64u * slots));
    return slot.ticket;
}

/* A span counts with all its slots. One that is larger than the limit is held by who holds nothing else. */
static void a_span_counts_with_all_its_slots(void)
{
    slotring_t *ring = ring_limited(SLOTS, 0);
    slotring_ticket_t three = publish_span(ring, 3), six = publish_span(ring, 6);
    slotring_ticket_t one = publish(ring, 1, 0), other = publish(ring, 1, 1);
    slotring_slot_t slots[3];
    hold(ring, &one, &slots[0]);
    expect_refused(ring, &six, "needs 6 more");
    CHECK_OK(slotring_acquire_for_read(ring, &three, &slots[1]));
    expect_refused(ring, &other, "holds 4 slots");
    CHECK_OK(slotring_release(ring, &slots[1]));
    hold(ring, &other, &slots[1]);
    CHECK_OK(slotring_release(ring, &slots[0]));
    CHECK_OK(slotring_release(ring, &slots[1]));
    CHECK_OK(slotring_acquire_for_read(ring, &six, &slots[0]));
    CHECK_OK(slotring_acquire_for_read(ring, &six, &slots[1])); /* once more, of the same slots */
    expect_refused(ring, &one, "holds 6 slots");
    CHECK_OK(slotring_release(ring, &slots[0]));
    expect_refused(ring, &one, "holds 6 slots");
    CHECK_OK(slotring_release(ring, &slots[1]));
    CHECK_EQUAL(atomic_load(&ring->member.holds), 0);
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* Slots that writers still write are held by a reader as any others. */
static void slots_with_records_count(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, SLOTS, 64);
    options.max_holds = 2;
    slotring_t *ring = ring_open_with(ring_name(), &options);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    slotring_writer_t *writers[3];
    slotring_slot_t slots[3];
    uint32_t count;
    for (int w = 0; w < 3; w++) {
        CHECK_OK(slotring_writer_open(ring, NULL, &writers[w]));
        CHECK_OK(slotring_writer_append(writers[w], "one", 3, 0, 0));
    }
    CHECK_OK(slotring_next_batch(reader, 0, slots, 3, &count));
    CHECK_EQUAL(count, 2);
    slotring_slot_t third;
    CHECK_EQUAL(held(ring) <= 2, 1);
    CHECK_OK(slotring_reader_release(reader));
    CHECK_OK(slotring_next(reader, 0, &third));
    CHECK_OK(slotring_reader_release(reader));
    CHECK_EQUAL(slots[0].writer + slots[1].writer + third.writer, 0 + 1 + 2); /* one of each */
    for (int w = 0; w < 3; w++)
        CHECK_OK(slotring_writer_close(writers[w]));
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_EQUAL(atomic_load(&ring->member.holds), 0);
    ring_remove(ring, ring_name());
}

/* Thousands of records may lie in one slot: tickets count it once. */
static void records_of_a_slot_count_once(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, SLOTS, 256);
    options.max_holds = 1;
    slotring_t *ring = ring_open_with(ring_name(), &options);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_ticket_t message = publish(ring, 1, 0);
    slotring_writer_t *writer;
    slotring_slot_t slots[4], taken[3];
    uint32_t count;
    CHECK_OK(slotring_writer_open(ring, NULL, &writer));
    for (int n = 0; n < 3; n++)
        CHECK_OK(slotring_writer_append(writer, "one", 3, 0, 0));
    CHECK_OK(slotring_next_batch(reader, PATIENCE, slots, 4, &count));
    CHECK_EQUAL(count, 4); /* in place: that is no hold */
    for (int n = 0; n < 3; n++)
        CHECK_OK(slotring_acquire_for_read(ring, &slots[1 + n].ticket, &taken[n]));
    CHECK_EQUAL(atomic_load(&ring->member.holds), 1);
    expect_refused(ring, &message, "holds 1 slots");
    for (int n = 0; n < 3; n++)
        CHECK_OK(slotring_release(ring, &taken[n]));
    CHECK_OK(slotring_hold(ring, &message));
    CHECK_CODE(slotring_acquire_for_read(ring, &slots[1].ticket, &taken[0]), SLOTRING_E_HOLDS);
    CHECK_OK(slotring_release_ticket(ring, &message));
    CHECK_OK(slotring_reader_release(reader));
    CHECK_OK(slotring_writer_close(writer));
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_EQUAL(atomic_load(&ring->member.holds), 0);
    ring_remove(ring, ring_name());
}

/* Two readers of a handle that have the same message in their hands count twice, and a ticket of it once more. */
static void each_reader_counts_itself(void)
{
    slotring_t *ring = ring_limited(SLOTS, 3);
    slotring_reader_t *readers[3];
    slotring_slot_t slot;
    for (int i = 0; i < 3; i++)
        readers[i] = subscribe(ring, i == 0 ? SLOTRING_BUDGETED : SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    slotring_ticket_t ticket = publish(ring, 1, 0);
    for (int i = 0; i < 2; i++)
        CHECK_OK(slotring_next(readers[i], 0, &slot));
    CHECK_OK(slotring_hold(ring, &ticket));
    CHECK_CODE(slotring_next(readers[2], 0, &slot), SLOTRING_E_HOLDS);
    CHECK_EQUAL(held(ring), 1);
    CHECK_OK(slotring_reader_release(readers[0]));
    CHECK_OK(slotring_next(readers[2], 0, &slot));
    CHECK_OK(slotring_release_ticket(ring, &ticket));
    for (int i = 0; i < 3; i++)
        CHECK_OK(slotring_unsubscribe(readers[i])); /* with what it has in its hands */
    CHECK_EQUAL(atomic_load(&ring->member.holds), 0);
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* ---- Whose it is ------------------------------------------------------------------------------------------ */

static void the_owner_sets_it(void)
{
    static const struct {
        uint64_t slots;
        uint32_t asked, limit;
    } rows[] = {{1, 0, 1}, {15, 0, 1}, {16, 0, 2}, {100, 0, 12}, {8, 5, 5}, {8, 8, 8}, {8, UINT32_MAX, 8}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        slotring_t *ring = ring_limited(rows[i].slots, rows[i].asked), *other = ring_attach(ring_name());
        slotring_ticket_t tickets[100];
        CHECK_EQUAL(ring_info(other).max_holds, rows[i].limit);
        for (uint64_t n = 0; n < rows[i].slots; n++)
            tickets[n] = publish(ring, 1, n);
        for (uint32_t n = 0; n < rows[i].limit; n++)
            CHECK_OK(slotring_hold(other, &tickets[n]));
        for (uint32_t n = rows[i].limit; n < rows[i].slots; n++)
            CHECK_CODE(slotring_hold(other, &tickets[n]), SLOTRING_E_HOLDS);
        CHECK_OK(slotring_hold(ring, &tickets[rows[i].slots - 1])); /* each handle has its own */
        CHECK_OK(slotring_close(other));
        CHECK_OK(slotring_release_ticket(ring, &tickets[rows[i].slots - 1]));
        check_ring_at_rest(ring);
        ring_remove(ring, ring_name());
    }
}

/* As many as there are slots is no limit, though what is held of the past, by a reader and by ticket counts for each of these. */
static void as_many_as_slots_is_no_limit(void)
{
    slotring_t *ring = ring_limited(SLOTS, SLOTS);
    slotring_ticket_t tickets[SLOTS];
    slotring_slot_t slots[SLOTS];
    uint32_t count;
    fill(ring, tickets);
    slotring_reader_options_t options = reader_options(SLOTRING_LOSSLESS, SLOTRING_FROM_LAST);
    options.first = SLOTS;
    slotring_reader_t *past = subscribe_with(ring, &options);
    slotring_reader_t *lossy = subscribe(ring, SLOTRING_LOSSY, SLOTRING_FROM_OLDEST);
    CHECK_OK(slotring_next_batch(lossy, 0, slots, SLOTS, &count));
    CHECK_EQUAL(count, SLOTS);
    for (uint32_t n = 0; n < SLOTS; n++)
        CHECK_OK(slotring_hold(ring, &tickets[n]));
    CHECK_EQUAL(held(ring), SLOTS);
    for (uint32_t n = 0; n < SLOTS; n++)
        CHECK_OK(slotring_release_ticket(ring, &tickets[n]));
    CHECK_OK(slotring_unsubscribe(lossy));
    CHECK_OK(slotring_unsubscribe(past));
    CHECK_EQUAL(atomic_load(&ring->member.holds), 0);
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

#define THREADS 4u
#define ROUNDS 3000u

static struct {
    slotring_t *ring;
    slotring_ticket_t tickets[SLOTS];
    atomic_uint held; /* at least, by the threads' own account */
    atomic_ulong got, refused;
} shared;

/* Each thread has slots of its own, and one that it shares with the others, so that two may count it at once. */
static void hold_and_release(void *argument)
{
    uint32_t thread = (uint32_t)(uintptr_t)argument;
    slotring_slot_t own[2], common;
    for (unsigned n = 0; n < scaled(ROUNDS) && threads_go_on(); n++) {
        unsigned got = 0;
        for (unsigned i = 0; i < 2; i++) {
            int code = slotring_acquire_for_read(shared.ring, &shared.tickets[1 + 2 * thread + i], &own[got]);
            CHECK(code == 0 || code == SLOTRING_E_HOLDS);
            if (code != 0)
                atomic_fetch_add(&shared.refused, 1);
            else if (++got > 0)
                CHECK_AT_LEAST(LIMIT, atomic_fetch_add(&shared.held, 1) + 1);
        }
        int code = slotring_acquire_for_read(shared.ring, &shared.tickets[0], &common);
        CHECK(code == 0 || code == SLOTRING_E_HOLDS);
        if (code == 0)
            CHECK_OK(slotring_release(shared.ring, &common));
        atomic_fetch_add(&shared.got, got);
        atomic_fetch_sub(&shared.held, got);
        while (got > 0)
            CHECK_OK(slotring_release(shared.ring, &own[--got]));
    }
}

static void threads_share_it(void)
{
    slotring_slot_t slots[LIMIT];
    memset(&shared, 0, sizeof shared);
    shared.ring = ring_limited(SLOTS, 0);
    fill(shared.ring, shared.tickets);
    for (uintptr_t t = 0; t < THREADS; t++)
        thread_start(hold_and_release, (void *)t); /* NOLINT */
    threads_join();
    CHECK_AT_LEAST(atomic_load(&shared.got), 1);
    CHECK_EQUAL(atomic_load(&shared.ring->member.holds), 0); /* nothing was counted twice, or not at all */
    for (uint32_t n = 0; n < LIMIT; n++)
        hold(shared.ring, &shared.tickets[n], &slots[n]);
    expect_refused(shared.ring, &shared.tickets[LIMIT], "holds 4 slots");
    for (uint32_t n = 0; n < LIMIT; n++)
        CHECK_OK(slotring_release(shared.ring, &slots[n]));
    check_ring_at_rest(shared.ring);
    ring_remove(shared.ring, ring_name());
}

/* ---- What it is for ----------------------------------------------------------------------------------------- */

/* Takes all that it may: as many messages as it gets with each kind of reader, and by ticket. */
static void takes_all_it_may(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *budgeted = subscribe(ring, SLOTRING_BUDGETED, SLOTRING_FROM_NOW);
    slotring_reader_t *lossy = subscribe(ring, SLOTRING_LOSSY, SLOTRING_FROM_OLDEST);
    slotring_slot_t slots[SLOTS], slot;
    slotring_ticket_t ticket;
    uint32_t count, taken = 0;
    peer_tell(test, 1);
    peer_expect(test, 2);
    CHECK_OK(slotring_next_batch(budgeted, PATIENCE, slots, 1, &count));
    taken = count;
    CHECK_OK(slotring_next(lossy, PATIENCE, &slot)); /* which the other one has in its hands */
    CHECK_OK(slotring_reader_release(lossy));
    CHECK_OK(slotring_next_batch(lossy, PATIENCE, slots, 2, &count));
    taken += count;
    for (uint32_t i = SLOTS; i-- > 0;)
        if (slotring_ticket_at(ring, i, &ticket) == 0 && slotring_acquire_for_read(ring, &ticket, &slot) == 0)
            taken++;
    peer_tell(test, taken);
    peer_expect(test, 3);
    CHECK_OK(slotring_close(ring));
}

/* Default options: a visitor that is stopped with all that it may hold costs producers the time of its budget, once, and no more. */
static void a_stopped_visitor_stops_nobody(void)
{
    slotring_t *ring = ring_limited(SLOTS, 0);
    peer_t visitor = peer_start(BY_FORK, "holds-takes-all-it-may", ring_name());
    peer_expect(&visitor, 1);
    uint64_t number = 0;
    while (number < SLOTS)
        publish(ring, 1, number++);
    peer_tell(&visitor, 2);
    CHECK_EQUAL(peer_hear(&visitor), LIMIT);
    peer_stop(&visitor);
    CHECK_EQUAL(held(ring), LIMIT);
    CHECK_EQUAL(ring_stats(ring).revocations, 0);
    publish(ring, 1, number++); /* this one waits for its budget */
    CHECK_EQUAL(ring_stats(ring).revocations, 1);
    uint64_t waits = ring_stats(ring).waits;
    while (number < (uint64_t)10 * SLOTS)
        publish(ring, 1, number++);
    CHECK_EQUAL(ring_stats(ring).waits, waits); /* and no other one waits at all */
    CHECK_EQUAL(ring_stats(ring).revocations, 1);
    CHECK_EQUAL(held(ring), LIMIT);
    peer_continue(&visitor);
    peer_tell(&visitor, 3);
    peer_join(&visitor);
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* What a killed one held is nobody's, and who comes after it may hold as much. */
static void a_killed_one_leaves_nothing(void)
{
    slotring_t *ring = ring_limited(SLOTS, 0);
    for (int i = 0; i < 2; i++) {
        peer_t visitor = peer_start(BY_FORK, "holds-takes-all-it-may", ring_name());
        peer_expect(&visitor, 1);
        for (uint64_t n = 0; n < SLOTS; n++)
            publish(ring, 1, n);
        peer_tell(&visitor, 2);
        CHECK_EQUAL(peer_hear(&visitor), LIMIT);
        CHECK_EQUAL(held(ring), LIMIT);
        peer_kill(&visitor);
        check_recovered(ring, 1);
    }
    ring_remove(ring, ring_name());
}

static const test_case_t cases[] = {
    {"tickets_up_to_the_limit", tickets_up_to_the_limit, 0},
    {"a_batch_ends_there", a_batch_ends_there, 0},
    {"history_counts", history_counts, 0},
    {"catching_up_is_not_refused", catching_up_is_not_refused, 0},
    {"what_a_producer_keeps_counts", what_a_producer_keeps_counts, 0},
    {"a_span_counts_with_all_its_slots", a_span_counts_with_all_its_slots, 0},
    {"slots_with_records_count", slots_with_records_count, 0},
    {"records_of_a_slot_count_once", records_of_a_slot_count_once, 0},
    {"each_reader_counts_itself", each_reader_counts_itself, 0},
    {"the_owner_sets_it", the_owner_sets_it, 0},
    {"as_many_as_slots_is_no_limit", as_many_as_slots_is_no_limit, 0},
    {"threads_share_it", threads_share_it, TEST_THREADS},
    {"a_stopped_visitor_stops_nobody", a_stopped_visitor_stops_nobody, 0},
    {"a_killed_one_leaves_nothing", a_killed_one_leaves_nothing, 0},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {
    {"holds-takes-all-it-may", takes_all_it_may},
    {NULL, NULL},
};

const test_suite_t holds_suite = {"holds", cases, roles};

/* SPDX-License-Identifier: Apache-2.0 */
/* Tickets that travel by another way. A message that its producer keeps is there whenever its ticket arrives, and each hold by a
 * ticket is ended once: by the thread that has the ticket then, and by nobody else's ticket or struct. */
#include <string.h>

#include "support/internals.h"
#include "support/process.h"
#include "support/ring.h"
#include "support/suite.h"
#include "support/thread.h"

#define SLOTS 6u
#define SIZE 100u
#define NO_WAIT 0

static slotring_t *ring;

static void begin_with(uint32_t when_full, uint32_t flags)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, SLOTS, SIZE);
    options.when_full = when_full;
    options.flags = flags;
    ring = ring_open_with(ring_name(), &options);
}

static void begin(void)
{
    begin_with(SLOTRING_OVERWRITE, 0);
}

static void end(void)
{
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static slotring_ticket_t publish_kept(slotring_t *by, uint64_t number)
{
    slotring_slot_t slot;
    uint64_t length;
    prepare(by, 1, number, &slot, &length);
    CHECK_OK(slotring_mark_ready_keep(by, &slot, length));
    CHECK(slot.data == NULL);
    CHECK_EQUAL(slot.sequence, slot.ticket.sequence);
    return slot.ticket;
}

static void publish_many(uint64_t count)
{
    for (uint64_t n = 0; n < count; n++)
        publish(ring, 2, n);
}

static void check_there(slotring_t *by, const slotring_ticket_t *ticket, uint64_t number)
{
    slotring_slot_t slot;
    CHECK_OK(slotring_acquire_for_read(by, ticket, &slot));
    CHECK_EQUAL(slot.tag, pattern_tag(1, number));
    pattern_check(&slot);
    CHECK_OK(slotring_release(by, &slot));
}

static void check_gone(const slotring_ticket_t *ticket)
{
    slotring_slot_t slot;
    CHECK_CODE(slotring_acquire_for_read(ring, ticket, &slot), SLOTRING_E_STALE);
}

/* ---- One hold -------------------------------------------------------------------------------------------- */

static void there_until_it_is_released(void)
{
    static const uint32_t flags[] = {0, SLOTRING_ONE_THREAD, SLOTRING_HOT_SLOTS};
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        check_context("flags %u", (unsigned)flags[i]);
        begin_with(SLOTRING_OVERWRITE, flags[i]);
        slotring_t *other = ring_attach(ring_name());
        slotring_ticket_t ticket = publish_kept(ring, 0);
        publish_many(3 * SLOTS);
        check_there(other, &ticket, 0);
        CHECK_EQUAL(ring_stats(ring).slots_held, 1);
        CHECK_OK(slotring_release_ticket(ring, &ticket));
        CHECK_CODE(slotring_release_ticket(ring, &ticket), SLOTRING_E_NOT_HELD);
        publish_many(2 * SLOTS);
        check_gone(&ticket);
        CHECK_CODE(slotring_release_ticket(ring, &ticket), SLOTRING_E_NOT_HELD);
        CHECK_OK(slotring_close(other));
        end();
    }
    check_context("%s", "");
}

/* All slots but one are on their way: a producer without a free slot waits, as for any hold. */
static void a_ring_full_of_them(void)
{
    slotring_ticket_t tickets[SLOTS];
    slotring_slot_t slot;
    begin();
    for (uint64_t n = 0; n < SLOTS; n++)
        tickets[n] = publish_kept(ring, n);
    CHECK_CODE(slotring_allocate(ring, 1, &slot), SLOTRING_E_FULL);
    for (uint64_t n = 0; n < SLOTS; n++)
        check_there(ring, &tickets[n], n);
    CHECK_OK(slotring_release_ticket(ring, &tickets[3]));
    publish_many(1);
    check_gone(&tickets[3]);
    for (uint64_t n = 0; n < SLOTS; n++)
        if (n != 3)
            CHECK_OK(slotring_release_ticket(ring, &tickets[n]));
    end();
}

static void freed_while_it_is_kept(void)
{
    begin_with(SLOTRING_KEEP, 0);
    slotring_ticket_t ticket = publish_kept(ring, 0);
    CHECK_OK(slotring_free(ring, &ticket));
    check_gone(&ticket);
    CHECK_EQUAL(ring_stats(ring).slots_free, SLOTS - 1);
    CHECK_OK(slotring_release_ticket(ring, &ticket));
    CHECK_EQUAL(ring_stats(ring).slots_free, SLOTS);
    end();
}

static void a_span(void)
{
    slotring_slot_t slot;
    uint8_t bytes[3 * SIZE] = {7};
    begin();
    CHECK_OK(slotring_allocate_span(ring, sizeof bytes, NO_WAIT, &slot));
    CHECK_OK(slotring_scatter(ring, &slot, 0, bytes, sizeof bytes));
    CHECK_OK(slotring_mark_ready_keep(ring, &slot, sizeof bytes));
    slotring_ticket_t ticket = slot.ticket;
    publish_many(2 * SLOTS);
    CHECK_OK(slotring_copy(ring, &ticket, bytes, sizeof bytes, NULL));
    CHECK_EQUAL(bytes[0], 7);
    CHECK_OK(slotring_release_ticket(ring, &ticket));
    publish_many(2 * SLOTS);
    check_gone(&ticket);
    end();
}

/* ---- Several --------------------------------------------------------------------------------------------- */

static void each_hold_is_ended_once(void)
{
    slotring_slot_t held;
    begin();
    slotring_ticket_t ticket = publish_kept(ring, 0);
    CHECK_OK(slotring_hold(ring, &ticket));
    CHECK_OK(slotring_hold(ring, &ticket));
    CHECK_OK(slotring_acquire_for_read(ring, &ticket, &held));
    for (int n = 0; n < 3; n++)
        CHECK_OK(slotring_release_ticket(ring, &ticket));
    CHECK_CODE(slotring_release_ticket(ring, &ticket), SLOTRING_E_NOT_HELD);
    publish_many(3 * SLOTS);
    pattern_check(&held); /* no ticket ends what a struct holds */
    CHECK_OK(slotring_release(ring, &held));
    publish_many(2 * SLOTS);
    check_gone(&ticket);
    CHECK_CODE(slotring_hold(ring, &ticket), SLOTRING_E_STALE);
    end();
}

/* A ticket of what was in the slot before, and a struct that was given back, end nothing of what is there now. */
static void what_is_stale_ends_nothing(void)
{
    begin();
    slotring_ticket_t now = publish_kept(ring, 0), before;
    slotring_slot_t copy, held;
    CHECK_OK(slotring_acquire_for_read(ring, &now, &held));
    copy = held;
    CHECK_OK(slotring_release(ring, &held));
    before = now;
    CHECK_OK(slotring_release_ticket(ring, &before));
    do { /* until the slot has another message */
        now = publish_kept(ring, 1);
        if (now.slot != before.slot)
            CHECK_OK(slotring_release_ticket(ring, &now));
    } while (now.slot != before.slot);
    CHECK_CODE(slotring_release_ticket(ring, &before), SLOTRING_E_NOT_HELD);
    CHECK_CODE(slotring_release(ring, &copy), SLOTRING_E_NOT_HELD);
    publish_many(3 * SLOTS);
    check_there(ring, &now, 1);
    CHECK_OK(slotring_release_ticket(ring, &now));
    end();
}

static void of_another_handle(void)
{
    begin();
    slotring_t *other = ring_attach(ring_name());
    slotring_ticket_t ticket = publish_kept(ring, 0);
    CHECK_CODE(slotring_release_ticket(other, &ticket), SLOTRING_E_NOT_HELD);
    CHECK_OK(slotring_hold(other, &ticket));
    CHECK_OK(slotring_release_ticket(ring, &ticket));
    publish_many(3 * SLOTS);
    check_there(ring, &ticket, 0);
    CHECK_OK(slotring_release_ticket(other, &ticket));
    publish_many(2 * SLOTS);
    CHECK_CODE(slotring_hold(other, &ticket), SLOTRING_E_STALE);
    CHECK_OK(slotring_close(other));
    end();
}

static void closed_with_holds(void)
{
    begin();
    slotring_t *other = ring_attach(ring_name());
    (void)publish_kept(other, 0);
    slotring_ticket_t ticket = publish_kept(other, 1);
    CHECK_OK(slotring_hold(other, &ticket));
    CHECK_CODE(slotring_close_if_idle(other), SLOTRING_E_BUSY);
    CHECK_OK(slotring_close(other));
    end();
}

static void wrong_use_is_refused(void)
{
    slotring_slot_t slot, copy;
    slotring_writer_t *writer;
    begin();
    CHECK_OK(slotring_allocate(ring, 1, &slot));
    copy = slot;
    CHECK_CODE(slotring_mark_ready_keep(ring, &slot, SIZE + 1), SLOTRING_E_TOO_LARGE);
    CHECK_OK(slotring_mark_ready_keep(ring, &slot, 1));
    CHECK_CODE(slotring_mark_ready_keep(ring, &slot, 1), SLOTRING_E_STATE);
    CHECK_CODE(slotring_mark_ready_keep(ring, &copy, 1), SLOTRING_E_STATE);
    CHECK_CODE(slotring_mark_ready_keep(ring, NULL, 1), SLOTRING_E_INVALID);
    CHECK_EQUAL(ring_stats(ring).slots_held, 1);
    CHECK_OK(slotring_release_ticket(ring, &slot.ticket));
    CHECK_CODE(slotring_release_ticket(ring, NULL), SLOTRING_E_INVALID);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    CHECK_OK(slotring_writer_open(ring, NULL, &writer));
    CHECK_OK(slotring_writer_append(writer, "12345678", 8, 1, NO_WAIT));
    CHECK_OK(slotring_next(reader, NO_WAIT, &slot));
    CHECK_CODE(slotring_hold(ring, &slot.ticket), SLOTRING_E_INVALID); /* a record */
    CHECK_CODE(slotring_release_ticket(ring, &slot.ticket), SLOTRING_E_INVALID);
    CHECK_OK(slotring_reader_release(reader));
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_OK(slotring_writer_close(writer));
    end();
}

/* ---- On their way ----------------------------------------------------------------------------------------- */

#define MESSAGES 2000u
#define ROOM 4u /* tickets that are on their way */

/* From one thread to another: where a ticket arrives the hold ends. */
static struct {
    slotring_ticket_t tickets[ROOM];
    _Atomic uint64_t sent, taken;
} queue;

static void sends(void *context)
{
    (void)context;
    for (uint64_t n = 0; n < scaled(MESSAGES) && threads_go_on(); n++) {
        while (n - atomic_load(&queue.taken) >= ROOM && threads_go_on())
            ;
        queue.tickets[n % ROOM] = publish_kept(ring, n);
        atomic_store(&queue.sent, n + 1);
    }
}

static void receives(void *context)
{
    (void)context;
    for (uint64_t n = 0; n < scaled(MESSAGES); n++) {
        while (atomic_load(&queue.sent) == n && threads_go_on())
            ;
        if (!threads_go_on())
            return;
        slotring_ticket_t ticket = queue.tickets[n % ROOM];
        check_there(ring, &ticket, n);
        CHECK_OK(slotring_release_ticket(ring, &ticket));
        CHECK_CODE(slotring_release_ticket(ring, &ticket), SLOTRING_E_NOT_HELD);
        atomic_store(&queue.taken, n + 1);
    }
}

static void between_threads(void)
{
    begin();
    memset(&queue, 0, sizeof queue);
    thread_start(sends, NULL);
    thread_start(receives, NULL);
    threads_join();
    end();
}

/* Through a pipe to a process that takes its time, beside a producer that overwrites all the time. */
static void takes_tickets(peer_t *test, const char *name)
{
    slotring_t *own = ring_attach(name);
    for (uint64_t n = 0; peer_hear(test) != 0; n++) {
        slotring_ticket_t ticket;
        peer_get(test, &ticket, sizeof ticket);
        check_there(own, &ticket, n);
        peer_tell(test, n);
    }
    CHECK_OK(slotring_close(own));
}

static void between_processes(void)
{
    begin();
    peer_t peer = peer_start(BY_FORK, "kept-takes", ring_name());
    for (uint64_t n = 0; n < scaled(100); n++) {
        slotring_ticket_t ticket = publish_kept(ring, n);
        publish_many(2 * SLOTS);
        peer_tell(&peer, 1);
        peer_put(&peer, &ticket, sizeof ticket);
        publish_many(2 * SLOTS);
        peer_expect(&peer, n);
        CHECK_OK(slotring_release_ticket(ring, &ticket));
    }
    peer_tell(&peer, 0);
    peer_join(&peer);
    end();
}

/* A producer that is killed keeps nothing. */
static void keeps_three(peer_t *test, const char *name)
{
    slotring_t *own = ring_attach(name);
    for (uint64_t n = 0; n < 3; n++)
        (void)publish_kept(own, n);
    peer_tell(test, 1);
    (void)peer_hear(test);
}

static void of_the_dead(void)
{
    slotring_recovery_t recovery = {.struct_size = sizeof recovery};
    begin();
    peer_t peer = peer_start(BY_FORK, "kept-keeps", ring_name());
    peer_expect(&peer, 1);
    peer_kill(&peer);
    CHECK_OK(slotring_recover(ring, &recovery));
    CHECK_EQUAL(recovery.holds, 3);
    CHECK_EQUAL(ring_stats(ring).slots_held, 0);
    end();
}

#define CASE(name, flags)  \
    {                      \
#name, name, flags \
    }
static const test_case_t cases[] = {
    CASE(there_until_it_is_released, 0),
    CASE(a_ring_full_of_them, 0),
    CASE(freed_while_it_is_kept, 0),
    CASE(a_span, 0),
    CASE(each_hold_is_ended_once, 0),
    CASE(what_is_stale_ends_nothing, 0),
    CASE(of_another_handle, 0),
    CASE(closed_with_holds, 0),
    CASE(wrong_use_is_refused, 0),
    CASE(between_threads, TEST_THREADS),
    CASE(between_processes, 0),
    CASE(of_the_dead, 0),
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {{"kept-takes", takes_tickets}, {"kept-keeps", keeps_three}, {NULL, NULL}};

const test_suite_t kept_suite = {"kept", cases, roles};

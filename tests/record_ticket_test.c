/* SPDX-License-Identifier: Apache-2.0 */
/* Records by ticket: acquired, copied and freed one by one, in a block that is open, closed, retired or half freed. A ticket
 * that names no record gives an error and never data; a slot comes back when all its records are freed. */
#include <stdlib.h>
#include <string.h>

#include "support/internals.h"
#include "support/ring.h"
#include "support/suite.h"
#include "support/thread.h"

#define SLOTS 4u
#define SLOT_SIZE 1024u
#define LONGEST 40u /* bytes of a record here */
#define WRITER 7u   /* in the tags */

/* ---- A ring with one writer and one reader ------------------------------------------------------------ */

static struct {
    slotring_t *ring, *observer;
    slotring_writer_t *writer;
    slotring_reader_t *reader;
    uint64_t number; /* of the next message */
} scene;

static slotring_writer_t *open_writer(slotring_t *ring)
{
    slotring_writer_t *writer = NULL;
    CHECK_OK(slotring_writer_open(ring, NULL, &writer));
    return writer;
}

static void set_up_with(uint32_t when_full, uint32_t flags)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, SLOTS, SLOT_SIZE);
    options.when_full = when_full;
    options.flags = flags;
    options.time_stamps = SLOTRING_TIME_MONOTONIC;
    memset(&scene, 0, sizeof scene);
    scene.ring = ring_open_with(ring_name(), &options);
    scene.observer = ring_shares_users() ? ring_observe(ring_name()) : NULL;
    scene.reader = subscribe(scene.ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    scene.writer = open_writer(scene.ring);
}

static void set_up(void)
{
    set_up_with(SLOTRING_OVERWRITE, 0);
}

static void close_writer(void)
{
    if (scene.writer)
        CHECK_OK(slotring_writer_close(scene.writer));
    scene.writer = NULL;
}

static void unsubscribe(void)
{
    if (scene.reader)
        CHECK_OK(slotring_unsubscribe(scene.reader));
    scene.reader = NULL;
}

static void tear_down(void)
{
    close_writer();
    unsubscribe();
    check_ring_at_rest(scene.ring);
    if (scene.observer)
        CHECK_OK(slotring_close(scene.observer));
    ring_remove(scene.ring, ring_name());
}

/* Every second tag has words of its own in the block. */
static uint64_t tag_of(uint64_t number)
{
    return number % 2 ? pattern_tag(WRITER, number) : number;
}

static void append_by(slotring_writer_t *writer, uint64_t number)
{
    uint8_t data[LONGEST];
    uint64_t tag = tag_of(number), length = pattern_length(tag, LONGEST);
    pattern_fill(data, length, tag);
    CHECK_OK(slotring_writer_append(writer, data, length, tag, 0));
}

static void append(void)
{
    append_by(scene.writer, scene.number++);
}

static void check_record(const slotring_slot_t *slot, uint64_t number)
{
    CHECK_EQUAL(slot->tag, tag_of(number));
    CHECK_EQUAL(slot->length, pattern_length(slot->tag, LONGEST));
    CHECK_EQUAL(slot->number, number);
    CHECK_EQUAL(slot->kind, SLOTRING_KIND_RECORD);
    CHECK_EQUAL(slot->ticket.sequence, number);
    CHECK(slot->time_ns != 0);
    if (slot->data)
        CHECK_EQUAL(pattern_verify(slot->data, slot->length, slot->tag), slot->length);
}

static slotring_ticket_t next_ticket(slotring_reader_t *reader)
{
    slotring_slot_t slot;
    CHECK_OK(slotring_next(reader, 0, &slot));
    check_record(&slot, slot.number);
    CHECK_OK(slotring_reader_release(reader));
    return slot.ticket;
}

/* The ticket of a record that is written now. */
static slotring_ticket_t append_one(void)
{
    append();
    return next_ticket(scene.reader);
}

static uint32_t fill_block(slotring_ticket_t *tickets, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        tickets[i] = append_one();
    return tickets[0].slot;
}

/* The writer goes on in another slot. The ticket of the first record there. */
static slotring_ticket_t leave_block(void)
{
    slotring_ticket_t ticket = append_one();
    uint32_t was = ticket.slot;
    while (ticket.slot == was)
        ticket = append_one();
    return ticket;
}

/* ---- Ways of using a ticket --------------------------------------------------------------------------- */

static void check_copies(const slotring_ticket_t *ticket)
{
    slotring_t *const who[] = {scene.ring, scene.observer};
    for (int i = 0; i < 2 && who[i]; i++) {
        uint8_t buffer[LONGEST + 1];
        memset(buffer, 0xa5, sizeof buffer);
        slotring_slot_t info;
        CHECK_OK(slotring_copy(who[i], ticket, buffer, LONGEST, &info));
        CHECK(info.data == NULL);
        check_record(&info, ticket->sequence);
        CHECK(same_ticket(&info.ticket, ticket));
        CHECK_EQUAL(pattern_verify(buffer, info.length, info.tag), info.length);
        CHECK_EQUAL(buffer[info.length], 0xa5);
        slotring_slot_t short_of;
        CHECK_CODE(slotring_copy(who[i], ticket, buffer, info.length - 1, &short_of), SLOTRING_E_SIZE);
        CHECK_EQUAL(short_of.length, info.length);
        CHECK_OK(slotring_copy(who[i], &info.ticket, buffer, LONGEST,
                               &info)); /* the ticket in the struct itself */
        check_record(&info, ticket->sequence);
    }
}

static void check_good(const slotring_ticket_t *ticket)
{
    slotring_slot_t slot;
    CHECK_OK(slotring_acquire_for_read(scene.ring, ticket, &slot));
    check_record(&slot, ticket->sequence);
    CHECK(slot.data != NULL && same_ticket(&slot.ticket, ticket));
    slotring_slot_t copy = slot;
    CHECK_OK(slotring_release(scene.ring, &slot));
    CHECK(slot.data == NULL);
    CHECK_CODE(slotring_release(scene.ring, &copy), SLOTRING_E_NOT_HELD);
    check_copies(ticket);
}

static void check_refused(const slotring_ticket_t *ticket, int code)
{
    slotring_t *const who[] = {scene.ring, scene.observer};
    uint8_t buffer[SLOT_SIZE], untouched[SLOT_SIZE];
    memset(buffer, 0xa5, sizeof buffer);
    memset(untouched, 0xa5, sizeof untouched);
    slotring_slot_t slot = {0};
    CHECK_CODE(slotring_acquire_for_read(scene.ring, ticket, &slot), code);
    CHECK(slot.data == NULL);
    CHECK_CODE(slotring_free(scene.ring, ticket), code);
    for (int i = 0; i < 2 && who[i]; i++)
        CHECK_CODE(slotring_copy(who[i], ticket, buffer, sizeof buffer, NULL), code);
    CHECK(memcmp(buffer, untouched, sizeof buffer) == 0);
}

/* ---- Acquire, release, copy --------------------------------------------------------------------------- */

static void in_an_open_block(void)
{
    set_up();
    slotring_ticket_t tickets[9];
    fill_block(tickets, 9);
    slotring_slot_t held;
    CHECK_OK(slotring_acquire_for_read(scene.ring, &tickets[4], &held));
    CHECK_EQUAL(held.sequence, UINT64_MAX);
    append_one();
    for (int i = 0; i < 9; i++)
        check_good(&tickets[i]);
    for (int i = 9; i-- > 0;)
        check_good(&tickets[i]);
    check_record(&held, 4);
    CHECK_OK(slotring_release(scene.ring, &held));
    tear_down();
}

/* Held, a block stays where it is, whatever its writer and others do. */
static void held_from_open_to_retired(void)
{
    set_up();
    slotring_ticket_t tickets[3];
    uint32_t block = fill_block(tickets, 3);
    slotring_slot_t held[2];
    CHECK_OK(slotring_acquire_for_read(scene.ring, &tickets[1], &held[0]));
    leave_block();
    CHECK_OK(slotring_acquire_for_read(scene.ring, &tickets[1], &held[1]));
    CHECK(held[1].sequence != UINT64_MAX);
    for (int lap = 0; lap < 3 * (int)SLOTS; lap++) {
        leave_block();
        CHECK(append_one().slot != block);
    }
    check_record(&held[0], 1);
    check_good(&tickets[0]); /* retired by now, and put there again by who holds it */
    CHECK_OK(slotring_release(scene.ring, &held[1]));
    check_record(&held[0], 1);
    check_good(&tickets[2]);
    CHECK_OK(slotring_release(scene.ring, &held[0]));
    check_refused(&tickets[1], SLOTRING_E_STALE);
    close_writer();
    unsubscribe();
    slotring_slot_t all[SLOTS];
    for (uint32_t i = 0; i < SLOTS; i++)
        CHECK_OK(slotring_allocate(scene.ring, 1, &all[i]));
    for (uint32_t i = 0; i < SLOTS; i++)
        CHECK_OK(slotring_abort(scene.ring, &all[i]));
    tear_down();
}

static void in_any_order(uint32_t flags)
{
    enum {
        COUNT = 60
    };
    set_up_with(SLOTRING_OVERWRITE, flags);
    slotring_ticket_t tickets[COUNT];
    fill_block(tickets, COUNT);
    CHECK(tickets[0].slot != tickets[COUNT - 1].slot); /* several blocks */
    for (uint32_t i = 0; i < COUNT; i++)
        check_good(&tickets[i]);
    for (uint32_t i = COUNT; i-- > 0;)
        check_good(&tickets[i]);
    for (uint32_t i = 0, at = 0; i < 3 * COUNT; i++, at = (at + 37) % COUNT)
        check_good(&tickets[at]);
    tear_down();
}

static void in_any_order_by_threads(void)
{
    in_any_order(0);
}

static void in_any_order_by_one_thread(void)
{
    in_any_order(SLOTRING_ONE_THREAD);
}

/* Two blocks of which a handle notes places under the same number, with messages of the same numbers. */
static void of_two_writers(void)
{
    enum {
        OWN = 6,
        OTHERS = 17
    };
    set_up();
    slotring_ticket_t tickets[OWN], others[OTHERS];
    slotring_slot_t slot;
    leave_block();
    fill_block(tickets, OWN); /* block 2 of writer 0 */
    slotring_writer_t *first = scene.writer;
    for (int block = 1; block <= 3; block++) { /* block 3 of writer 1 */
        scene.writer = open_writer(scene.ring);
        scene.number = 1000;
        for (int i = 0; i < OTHERS && (block == 3 || i < 8); i++) {
            append();
            CHECK_OK(slotring_next(scene.reader, 0, &slot));
            others[i] = slot.ticket;
            CHECK_OK(slotring_reader_release(scene.reader));
        }
        if (block < 3)
            close_writer();
    }
    CHECK_EQUAL(others[0].slot, others[OTHERS - 1].slot);
    CHECK_EQUAL((tickets[0].flags >> 4 ^ tickets[0].flags >> 16) % SR__PLACES,
                (others[0].flags >> 4 ^ others[0].flags >> 16) % SR__PLACES);
    CHECK(others[0].sequence < tickets[0].sequence && tickets[0].sequence < others[OTHERS - 2].sequence);
    for (int i = 0; i < OWN; i++)
        for (int other = 0; other < OTHERS; other++) {
            check_good(&tickets[i]);
            CHECK_OK(slotring_acquire_for_read(scene.ring, &others[other], &slot));
            CHECK_EQUAL(slot.tag, tag_of(1000 + (uint64_t)other));
            CHECK_EQUAL(pattern_verify(slot.data, slot.length, slot.tag), slot.length);
            CHECK_OK(slotring_release(scene.ring, &slot));
        }
    close_writer();
    scene.writer = first;
    tear_down();
}

static void of_a_commit(void)
{
    set_up();
    slotring_slot_t slot;
    CHECK_OK(slotring_writer_reserve(scene.writer, LONGEST, 0, &slot));
    slot.tag = tag_of(0);
    uint64_t length = pattern_length(slot.tag, LONGEST);
    pattern_fill(slot.data, length, slot.tag);
    CHECK_OK(slotring_writer_commit(scene.writer, &slot, length));
    check_good(&slot.ticket);
    tear_down();
}

static void as_text(void)
{
    set_up();
    for (int i = 0; i < 70; i++) {
        slotring_ticket_t ticket = append_one(), back;
        char text[SLOTRING_TICKET_TEXT_SIZE];
        CHECK_OK(slotring_ticket_to_text(&ticket, text, sizeof text));
        CHECK_OK(slotring_ticket_from_text(text, &back));
        CHECK(same_ticket(&ticket, &back));
        check_good(&back);
    }
    tear_down();
}

static void counters(void)
{
    set_up();
    slotring_ticket_t ticket = append_one();
    slotring_stats_t before = ring_stats(scene.ring);
    slotring_slot_t slot;
    CHECK_OK(slotring_acquire_for_read(scene.ring, &ticket, &slot));
    CHECK_CODE(slotring_close_if_idle(scene.ring), SLOTRING_E_BUSY);
    uint64_t length = slot.length;
    CHECK_OK(slotring_release(scene.ring, &slot));
    uint8_t buffer[LONGEST];
    CHECK_OK(slotring_copy(scene.ring, &ticket, buffer, sizeof buffer, NULL));
    CHECK_EQUAL(ring_stats(scene.ring).bytes_read - before.bytes_read, 2 * length);
    CHECK_OK(slotring_free(scene.ring, &ticket));
    CHECK_EQUAL(ring_stats(scene.ring).stale, before.stale);
    CHECK_CODE(slotring_free(scene.ring, &ticket), SLOTRING_E_STALE);
    CHECK_CODE(slotring_acquire_for_read(scene.ring, &ticket, &slot), SLOTRING_E_STALE);
    CHECK_CODE(slotring_copy(scene.ring, &ticket, buffer, sizeof buffer, NULL), SLOTRING_E_STALE);
    CHECK_EQUAL(ring_stats(scene.ring).stale, before.stale + 3);
    CHECK_EQUAL(ring_stats(scene.ring).bytes_read - before.bytes_read, 2 * length);
    CHECK_EQUAL(ring_stats(scene.ring).freed, before.freed); /* of publications, and the block is none yet */
    close_writer();
    CHECK_EQUAL(ring_stats(scene.ring).freed, before.freed + 1);
    tear_down();
}

/* ---- Tickets that name nothing ------------------------------------------------------------------------- */

static void forged(void)
{
    enum {
        COUNT = 12
    };
    set_up();
    slotring_ticket_t real[COUNT], ticket;
    fill_block(real, COUNT / 2);
    uint64_t first = leave_block().sequence; /* of the second block */
    fill_block(&real[COUNT / 2], COUNT / 2);
    for (uint64_t number = 0; number < scene.number + 4; number++)
        for (uint32_t slot = 0; slot < SLOTS; slot++)
            for (int block = 0; block < 2; block++) {
                ticket = real[block * (COUNT / 2)];
                ticket.sequence = number;
                ticket.slot = slot;
                check_context("number %llu, slot %u, block %d", (unsigned long long)number, slot, block);
                bool is_real = slot == real[block * (COUNT / 2)].slot &&
                               (block == 0 ? number < first : number >= first && number < scene.number);
                slotring_slot_t got;
                if (!is_real)
                    check_refused(&ticket, SLOTRING_E_STALE);
                else
                    CHECK_OK(slotring_acquire_for_read(scene.ring, &ticket, &got));
                if (is_real)
                    CHECK_OK(slotring_release(scene.ring, &got));
            }
    check_context("%s", "");
    for (uint32_t bit = 0; bit < 32; bit++) { /* another kind, writer or block */
        ticket = real[0];
        ticket.flags ^= UINT32_C(1) << bit;
        check_context("flags %08x", ticket.flags);
        uint32_t writer = ticket.flags >> 4 & 0xfff;
        check_refused(&ticket, (ticket.flags & 0xf) != 1 || writer >= SLOTS - 1 ? SLOTRING_E_INVALID
                                                                                : SLOTRING_E_STALE);
    }
    check_context("%s", "");
    static const uint64_t far[] = {UINT64_MAX - 1, UINT64_C(1) << 63, UINT64_C(1) << 46, UINT32_MAX};
    for (size_t i = 0; i < sizeof far / sizeof far[0]; i++) {
        ticket = real[0];
        ticket.sequence = far[i];
        check_refused(&ticket, SLOTRING_E_STALE);
    }
    ticket = real[0];
    ticket.sequence = UINT64_MAX;
    check_refused(&ticket, SLOTRING_E_INVALID);
    ticket = real[0];
    ticket.slot = SLOTS;
    check_refused(&ticket, SLOTRING_E_INVALID);
    ticket = real[0];
    ticket.ring_id[3] ^= 1;
    check_refused(&ticket, SLOTRING_E_FOREIGN);
    check_good(&real[0]);
    tear_down();
}

/* A slot of which the row of the writer says nothing any more, or nothing yet, has no record, whatever it had. */
static void of_a_slot_that_is_written_anew(void)
{
    set_up();
    slotring_ticket_t tickets[3];
    uint32_t block = fill_block(tickets, 3);
    close_writer();
    unsubscribe();
    slotring_slot_t all[SLOTS];
    for (uint32_t i = 0; i < SLOTS; i++)
        CHECK_OK(slotring_allocate(scene.ring, 1, &all[i]));
    for (int i = 0; i < 3; i++)
        check_refused(&tickets[i], SLOTRING_E_STALE);
    for (uint32_t i = 0; i < SLOTS; i++)
        if (all[i].index == block) { /* a message now */
            CHECK_OK(slotring_mark_ready(scene.ring, &all[i], 5));
        } else {
            CHECK_OK(slotring_abort(scene.ring, &all[i]));
        }
    for (int i = 0; i < 3; i++)
        check_refused(&tickets[i], SLOTRING_E_STALE);
    tear_down();
}

static void of_the_block_itself(void)
{
    set_up();
    slotring_ticket_t record = append_one(), at;
    CHECK_CODE(slotring_ticket_at(scene.ring, record.slot, &at), SLOTRING_E_NOT_READY);
    close_writer();
    slotring_slot_t slot;
    CHECK_OK(slotring_acquire_for_read(scene.ring, &record, &slot));
    slotring_ticket_t plain = record;
    plain.sequence = slot.sequence;
    plain.flags = 0;
    CHECK_OK(slotring_release(scene.ring, &slot));
    check_refused(&plain, SLOTRING_E_INVALID);
    slotring_error_t error;
    slotring_last_error(&error);
    CHECK_CONTAINS(error.text, "records");
    slotring_t *const who[] = {scene.ring, scene.observer};
    for (int i = 0; i < 2 && who[i]; i++) {
        uint8_t buffer[SLOT_SIZE];
        CHECK_CODE(slotring_copy_sequence(who[i], plain.sequence, buffer, sizeof buffer, NULL),
                   SLOTRING_E_INVALID);
        slotring_last_error(&error);
        CHECK_CONTAINS(error.text, "records");
        CHECK_CODE(slotring_ticket_at(who[i], record.slot, &at), SLOTRING_E_INVALID);
        slotring_last_error(&error);
        CHECK_CONTAINS(error.text, "records");
    }
    check_good(&record);
    tear_down();
}

static void of_a_whole_message(void)
{
    set_up();
    uint8_t large[SLOT_SIZE];
    memset(large, 1, sizeof large);
    append_one();
    CHECK_OK(slotring_writer_append(scene.writer, large, sizeof large, 0, 0));
    slotring_slot_t slot;
    CHECK_OK(slotring_next(scene.reader, 0, &slot));
    slotring_ticket_t ticket = slot.ticket;
    CHECK_EQUAL(ticket.flags, 0);
    CHECK_OK(slotring_reader_release(scene.reader));
    ticket.sequence = slot.number;
    for (uint32_t block = 0; block < 4; block++) {
        ticket.flags = SLOTRING_KIND_RECORD | slot.writer << 4 | block << 16;
        check_refused(&ticket, SLOTRING_E_STALE);
    }
    tear_down();
}

/* A ring that was damaged leads nowhere outside the block. */
static void damaged_headers(void)
{
    set_up();
    slotring_ticket_t tickets[6];
    fill_block(tickets, 6);
    sr__view_t *view = &scene.ring->member.view;
    sr__word_t *first = (sr__word_t *)(void *)(view->payload + tickets[0].slot * view->payload_stride);
    uint64_t sound = atomic_load(first);
    static const uint64_t bad[] = {UINT64_C(0xffffffff00000001), UINT64_C(1024) << 32 | 1,
                                   UINT64_C(1017) << 32 | 1, 4};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        slotring_slot_t slot;
        uint8_t buffer[SLOT_SIZE];
        atomic_store(first, bad[i]);
        check_context("header %llx", (unsigned long long)bad[i]);
        CHECK_CODE(slotring_acquire_for_read(scene.ring, &tickets[0], &slot), SLOTRING_E_CORRUPT);
        CHECK_CODE(slotring_free(scene.ring, &tickets[0]), SLOTRING_E_CORRUPT);
        CHECK_CODE(slotring_copy(scene.ring, &tickets[0], buffer, sizeof buffer, NULL), SLOTRING_E_CORRUPT);
        if (scene.observer)
            CHECK_CODE(slotring_copy(scene.observer, &tickets[0], buffer, sizeof buffer, NULL),
                       SLOTRING_E_CORRUPT);
    }
    check_context("%s", "");
    atomic_store(first, sound);
    check_good(&tickets[0]);
    tear_down();
}

/* ---- Free ---------------------------------------------------------------------------------------------- */

static void allocate_all(bool expected)
{
    slotring_slot_t all[SLOTS];
    uint32_t got = 0;
    while (got < SLOTS && slotring_allocate(scene.ring, 1, &all[got]) == 0)
        got++;
    CHECK_EQUAL(got, expected ? SLOTS : SLOTS - 1);
    while (got > 0)
        CHECK_OK(slotring_abort(scene.ring, &all[--got]));
}

static uint64_t records_missed(void)
{
    return sr__total(&scene.ring->member.view, SR__RECORDS_MISSED);
}

/* Freed, a record is there for the lossless reader alone. */
static void freed_before_the_readers(void)
{
    set_up();
    slotring_reader_t *lossy = subscribe(scene.ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    slotring_reader_t *second = subscribe(scene.ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_ticket_t tickets[8];
    fill_block(tickets, 8);
    for (int i = 0; i < 8; i++)
        if (i != 2 && i != 5) {
            CHECK_OK(slotring_free(scene.ring, &tickets[i]));
            check_refused(&tickets[i], SLOTRING_E_STALE);
        }
    CHECK_EQUAL(next_ticket(lossy).sequence, 2);
    CHECK_EQUAL(records_missed(), 2);
    CHECK_EQUAL(next_ticket(lossy).sequence, 5);
    slotring_slot_t slot;
    CHECK_CODE(slotring_next(lossy, 0, &slot), SLOTRING_E_EMPTY);
    CHECK_EQUAL(records_missed(), 6);
    append();
    CHECK_EQUAL(next_ticket(lossy).sequence, 8);
    CHECK_EQUAL(records_missed(), 6);
    next_ticket(scene.reader);
    for (int i = 0; i < 4; i++)
        tickets[4 + i] = append_one();
    CHECK_OK(slotring_free(scene.ring, &tickets[5]));
    slotring_slot_t batch[5];
    uint32_t count;
    CHECK_OK(slotring_next_batch(lossy, 0, batch, 5, &count));
    CHECK_EQUAL(count, 3);
    CHECK_EQUAL(batch[0].number, tickets[4].sequence);
    CHECK_EQUAL(batch[1].number, tickets[6].sequence);
    CHECK_OK(slotring_reader_release(lossy));
    CHECK_EQUAL(records_missed(), 7);
    for (uint64_t i = 0; i < 13; i++)
        CHECK_EQUAL(next_ticket(second).sequence, i);
    check_good(&tickets[2]);
    CHECK_OK(slotring_unsubscribe(lossy));
    CHECK_OK(slotring_unsubscribe(second));
    tear_down();
}

/* A whole block that is gone before a lossy reader came to it. */
static void withdrawn_before_a_lossy_reader(void)
{
    set_up();
    slotring_reader_t *lossy = subscribe(scene.ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    slotring_ticket_t tickets[5];
    fill_block(tickets, 5);
    CHECK_EQUAL(next_ticket(lossy).sequence, 0);
    for (int i = 0; i < 5; i++)
        CHECK_OK(slotring_free(scene.ring, &tickets[i]));
    close_writer();
    scene.writer = open_writer(scene.ring);
    append();
    CHECK_EQUAL(next_ticket(lossy).sequence, 5);
    CHECK_EQUAL(records_missed(), 4);
    CHECK_OK(slotring_unsubscribe(lossy));
    next_ticket(scene.reader);
    tear_down();
}

enum order_of_frees {
    FORWARDS,
    BACKWARDS,
    MIXED
};

static void free_each(slotring_ticket_t *tickets, uint32_t count, enum order_of_frees order)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = order == FORWARDS ? i : order == BACKWARDS ? count - 1 - i : i * 7 % count;
        CHECK_OK(slotring_free(scene.ring, &tickets[at]));
    }
}

/* In a ring that keeps, the slot of a block comes back with its last record. */
static void kept_until_all_are_freed(void)
{
    enum {
        COUNT = 11
    };
    for (int order = FORWARDS; order <= MIXED; order++)
        for (int close_first = 0; close_first < 2; close_first++) {
            check_context("order %d, closed %s", order, close_first ? "before" : "after");
            set_up_with(SLOTRING_KEEP, 0);
            slotring_ticket_t tickets[COUNT];
            fill_block(tickets, COUNT);
            if (close_first) {
                close_writer();
                allocate_all(false);
            }
            free_each(tickets + 1, COUNT - 1, (enum order_of_frees)order);
            if (close_first)
                allocate_all(false);
            CHECK_OK(slotring_free(scene.ring, &tickets[0]));
            close_writer();
            unsubscribe();
            CHECK_EQUAL(ring_stats(scene.ring).freed, 1);
            allocate_all(true);
            tear_down();
        }
    check_context("%s", "");
}

/* Nobody has a ticket to a block without records. */
static void kept_block_without_records(void)
{
    set_up_with(SLOTRING_KEEP, 0);
    slotring_slot_t slot;
    CHECK_OK(slotring_writer_reserve(scene.writer, 10, 0, &slot));
    CHECK_OK(slotring_writer_cancel(scene.writer, &slot));
    close_writer();
    unsubscribe();
    allocate_all(true);
    tear_down();
}

/* Freed, and a lossless reader has still to read it: the slot is deferred. */
static void kept_for_a_reader(void)
{
    set_up_with(SLOTRING_KEEP, 0);
    slotring_reader_t *slow = subscribe(scene.ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_ticket_t tickets[6];
    fill_block(tickets, 6);
    close_writer();
    free_each(tickets, 6, MIXED);
    allocate_all(false);
    for (uint64_t i = 0; i < 6; i++)
        CHECK_EQUAL(next_ticket(slow).sequence, i);
    CHECK_OK(slotring_unsubscribe(slow));
    unsubscribe();
    allocate_all(true);
    tear_down();
}

/* Freed and held: the slot comes back with the release. */
static void kept_while_held(void)
{
    set_up_with(SLOTRING_KEEP, 0);
    slotring_ticket_t tickets[4];
    fill_block(tickets, 4);
    slotring_slot_t held;
    CHECK_OK(slotring_acquire_for_read(scene.ring, &tickets[3], &held));
    close_writer();
    unsubscribe();
    free_each(tickets, 4, BACKWARDS);
    allocate_all(false);
    check_record(&held, 3);
    CHECK_OK(slotring_release(scene.ring, &held));
    allocate_all(true);
    tear_down();
}

/* ---- Threads ------------------------------------------------------------------------------------------- */

enum {
    MANY = 24
};
static slotring_ticket_t shared[MANY];
static atomic_uint freed_by_threads;

/* E_BUSY is no loss: another thread was stopped while it released a record of this open block, and goes on. */
static int again_while_busy(int (*call)(uint32_t at, void *out), uint32_t at, void *out)
{
    int code;
    while ((code = call(at, out)) == SLOTRING_E_BUSY && threads_go_on()) {
    }
    return code;
}

static int acquire_shared(uint32_t at, void *slot)
{
    return slotring_acquire_for_read(scene.ring, &shared[at], slot);
}

static int copy_shared(uint32_t at, void *buffer)
{
    return slotring_copy(scene.ring, &shared[at], buffer, LONGEST, NULL);
}

static int free_shared(uint32_t at, void *nothing)
{
    (void)nothing;
    return slotring_free(scene.ring, &shared[at]);
}

static void read_and_free(void *argument)
{
    uint32_t from = *(const uint32_t *)argument;
    for (unsigned long turn = scaled(300); turn > 0 && threads_go_on(); turn--)
        for (uint32_t i = 0; i < MANY; i++) {
            uint32_t at = (i + from) % MANY;
            slotring_slot_t slot;
            uint8_t buffer[LONGEST];
            CHECK_OK(again_while_busy(acquire_shared, at, &slot));
            check_record(&slot, shared[at].sequence);
            CHECK_OK(again_while_busy(copy_shared, (at + 5) % MANY, buffer));
            CHECK_OK(slotring_release(scene.ring, &slot));
        }
    threads_meet(3);
    for (uint32_t i = 0; i < MANY; i++) {
        int code = again_while_busy(free_shared, (i + from) % MANY, NULL);
        CHECK(code == 0 || code == SLOTRING_E_STALE);
        atomic_fetch_add(&freed_by_threads, code == 0);
    }
}

static void by_threads(void)
{
    static const uint32_t from[3] = {0, 7, 19};
    set_up_with(SLOTRING_KEEP, 0);
    atomic_store(&freed_by_threads, 0);
    fill_block(shared, MANY);
    for (int i = 0; i < 3; i++)
        thread_start(read_and_free, (void *)&from[i]);
    threads_join();
    CHECK_EQUAL(atomic_load(&freed_by_threads), MANY);
    close_writer();
    unsubscribe();
    allocate_all(true);
    tear_down();
}

/* One thread closes blocks whose last records another frees: one of both sees that all are. */
static slotring_ticket_t last_ticket;
static atomic_ulong to_free, closed;

static void free_the_last(void *argument)
{
    (void)argument;
    for (unsigned long turn = 1; turn <= scaled(3000) && threads_go_on(); turn++) {
        while (atomic_load(&to_free) < turn && threads_go_on()) {
        }
        CHECK_OK(slotring_free(scene.ring, &last_ticket));
        atomic_store(&closed, turn);
    }
}

static void freed_as_it_is_closed(void)
{
    set_up_with(SLOTRING_KEEP, 0);
    unsubscribe();
    atomic_store(&to_free, 0);
    atomic_store(&closed, 0);
    close_writer();
    thread_start(free_the_last, NULL);
    for (unsigned long turn = 1; turn <= scaled(3000) && threads_go_on(); turn++) {
        slotring_writer_t *writer = open_writer(scene.ring);
        slotring_slot_t slot;
        CHECK_OK(slotring_writer_reserve(writer, 8, 0, &slot));
        CHECK_OK(slotring_writer_commit(writer, &slot, 8));
        last_ticket = slot.ticket;
        atomic_store(&to_free, turn);
        for (unsigned long pause = turn % 200; pause > 0; pause--)
            atomic_load(&closed);
        CHECK_OK(slotring_writer_close(writer));
        while (atomic_load(&closed) < turn && threads_go_on()) {
        }
        CHECK_EQUAL(ring_stats(scene.ring).slots_free, SLOTS);
    }
    threads_join();
    tear_down();
}

/* ---- Other processes ----------------------------------------------------------------------------------- */

static slotring_slot_t inherited;

static void child_of_a_holder(peer_t *test, const char *name)
{
    (void)test, (void)name;
    slotring_slot_t slot;
    uint8_t buffer[LONGEST];
    CHECK_CODE(slotring_acquire_for_read(scene.ring, &inherited.ticket, &slot), SLOTRING_E_FORKED);
    CHECK_CODE(slotring_release(scene.ring, &inherited), SLOTRING_E_FORKED);
    CHECK_CODE(slotring_free(scene.ring, &inherited.ticket), SLOTRING_E_FORKED);
    CHECK_CODE(slotring_copy(scene.ring, &inherited.ticket, buffer, sizeof buffer, NULL), SLOTRING_E_FORKED);
    check_record(&inherited, inherited.ticket.sequence);
    slotring_t *own = ring_attach(name);
    CHECK_OK(slotring_acquire_for_read(own, &inherited.ticket, &slot));
    check_record(&slot, inherited.ticket.sequence);
    CHECK_OK(slotring_release(own, &slot));
    CHECK_OK(slotring_close(own));
}

static void in_a_forked_child(void)
{
    if (!process_can_fork())
        SKIP("no process is forked here");
    set_up();
    slotring_ticket_t tickets[3];
    fill_block(tickets, 3);
    CHECK_OK(slotring_acquire_for_read(scene.ring, &tickets[1], &inherited));
    peer_t child = peer_fork(child_of_a_holder, ring_name());
    peer_join(&child);
    check_record(&inherited, 1);
    CHECK_OK(slotring_release(scene.ring, &inherited));
    tear_down();
}

static void holds_and_frees(peer_t *test, const char *name)
{
    slotring_ticket_t tickets[3];
    slotring_slot_t slot;
    slotring_t *ring = ring_attach(name);
    peer_get(test, tickets, sizeof tickets);
    CHECK_OK(slotring_acquire_for_read(ring, &tickets[1], &slot));
    for (int i = 0; i < 3; i++)
        CHECK_OK(slotring_free(ring, &tickets[i]));
    check_record(&slot, tickets[1].sequence);
    peer_tell(test, 1);
    peer_hear(test); /* never */
}

/* The holder of a block that is open, and was freed, is killed; then its writer closes it. */
static void holder_is_killed(void)
{
    set_up_with(SLOTRING_KEEP, 0);
    slotring_ticket_t tickets[3];
    fill_block(tickets, 3);
    peer_t peer = peer_start(BY_EXEC, "holds_and_frees", ring_name());
    peer_put(&peer, tickets, sizeof tickets);
    peer_expect(&peer, 1);
    peer_kill(&peer);
    CHECK_OK(slotring_recover(scene.ring, NULL));
    close_writer();
    unsubscribe();
    allocate_all(true);
    tear_down();
}

static void writes_and_waits(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    slotring_writer_t *writer = open_writer(ring);
    slotring_slot_t slot;
    uint64_t records = peer_hear(test);
    CHECK_OK(slotring_writer_reserve(writer, 8, 0, &slot));
    CHECK_OK(slotring_writer_cancel(writer, &slot));
    for (uint64_t i = 0; i < records; i++)
        append_by(writer, i);
    peer_tell(test, records);
    peer_hear(test); /* never */
}

/* The writer is killed with a block open in which nothing was written, or all was freed, or
 * is then. Its death is told behind the block, in which there is nothing to read any more. */
static void writer_is_killed(void)
{
    for (uint64_t records = 0; records < 4; records++)
        for (int when = 0; when < 2; when++) {
            if (records == 0 && when == 1)
                continue;
            check_context("%llu records, freed %s", (unsigned long long)records, when ? "after" : "before");
            set_up_with(SLOTRING_KEEP, 0);
            close_writer();
            CHECK_OK(slotring_end_stream(scene.ring));
            peer_t peer = peer_start(BY_EXEC, "writes_and_waits", ring_name());
            peer_tell(&peer, records);
            peer_expect(&peer, records);
            slotring_ticket_t tickets[4];
            for (uint64_t i = 0; i < records; i++)
                tickets[i] = next_ticket(scene.reader);
            if (when == 0)
                free_each(tickets, (uint32_t)records, FORWARDS);
            peer_kill(&peer);
            CHECK_OK(slotring_recover(scene.ring, NULL));
            if (when == 1) {
                allocate_all(false);
                CHECK_OK(slotring_end_stream(scene.ring));
                free_each(tickets, (uint32_t)records, FORWARDS);
            }
            slotring_slot_t slot;
            CHECK_CODE(slotring_next(scene.reader, 0, &slot), SLOTRING_E_PRODUCER_DIED);
            CHECK_CODE(slotring_next(scene.reader, 0, &slot), SLOTRING_E_END);
            unsubscribe();
            allocate_all(true);
            tear_down();
        }
    check_context("%s", "");
}

/* An observer copies records of blocks that are written anew all the time. What is held is there; what is not is whole, or
 * gone. */
static atomic_uint storm_over;

static void write_on(void *argument)
{
    (void)argument;
    while (atomic_load(&storm_over) == 0 && threads_go_on())
        append_one();
}

static int copy_whole(slotring_t *ring, const slotring_ticket_t *ticket)
{
    uint8_t buffer[LONGEST];
    slotring_slot_t info;
    int code = slotring_copy(ring, ticket, buffer, sizeof buffer, &info);
    if (code != 0)
        return code;
    check_record(&info, ticket->sequence);
    CHECK_EQUAL(pattern_verify(buffer, info.length, info.tag), info.length);
    return 0;
}

static void copy_beside(void *argument)
{
    slotring_reader_t *reader = argument;
    slotring_ticket_t recent[MANY];
    uint64_t known = 0;
    while (known < scaled(1000) && threads_go_on()) {
        slotring_slot_t slot;
        int given = slotring_next(reader, 0, &slot);
        if (given != SLOTRING_E_EMPTY)
            CHECK_OK(given);
        if (given == 0) {
            recent[known++ % MANY] = slot.ticket;
            CHECK_OK(copy_whole(scene.observer, &slot.ticket));
            CHECK_OK(slotring_reader_release(reader));
        }
        for (uint64_t i = 0; i < MANY && i < known; i++) {
            int code = copy_whole(i % 2 ? scene.observer : scene.ring, &recent[i]);
            if (code != 0)
                CHECK_EQUAL(code, SLOTRING_E_STALE);
        }
    }
    atomic_store(&storm_over, 1);
}

static void observed_while_written(void)
{
    if (!ring_shares_users())
        SKIP("an observer needs a second user");
    set_up();
    atomic_store(&storm_over, 0);
    slotring_reader_t *lossy = subscribe(scene.ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    thread_start(write_on, NULL);
    thread_start(copy_beside, lossy);
    threads_join();
    CHECK_OK(slotring_unsubscribe(lossy));
    tear_down();
}

static const test_case_t cases[] = {
    {"in_an_open_block", in_an_open_block, 0},
    {"held_from_open_to_retired", held_from_open_to_retired, 0},
    {"in_any_order_by_threads", in_any_order_by_threads, 0},
    {"in_any_order_by_one_thread", in_any_order_by_one_thread, 0},
    {"of_two_writers", of_two_writers, 0},
    {"of_a_commit", of_a_commit, 0},
    {"as_text", as_text, 0},
    {"counters", counters, 0},
    {"forged", forged, 0},
    {"of_a_slot_that_is_written_anew", of_a_slot_that_is_written_anew, 0},
    {"of_the_block_itself", of_the_block_itself, 0},
    {"of_a_whole_message", of_a_whole_message, 0},
    {"damaged_headers", damaged_headers, 0},
    {"freed_before_the_readers", freed_before_the_readers, 0},
    {"withdrawn_before_a_lossy_reader", withdrawn_before_a_lossy_reader, 0},
    {"kept_until_all_are_freed", kept_until_all_are_freed, 0},
    {"kept_block_without_records", kept_block_without_records, 0},
    {"kept_for_a_reader", kept_for_a_reader, 0},
    {"kept_while_held", kept_while_held, 0},
    {"by_threads", by_threads, TEST_THREADS},
    {"freed_as_it_is_closed", freed_as_it_is_closed, TEST_THREADS},
    {"in_a_forked_child", in_a_forked_child, 0},
    {"holder_is_killed", holder_is_killed, 0},
    {"writer_is_killed", writer_is_killed, 0},
    {"observed_while_written", observed_while_written, TEST_THREADS},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {
    {"holds_and_frees", holds_and_frees},
    {"writes_and_waits", writes_and_waits},
    {NULL, NULL},
};

const test_suite_t record_ticket_suite = {"record_ticket", cases, roles};

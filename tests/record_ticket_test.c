/* SPDX-License-Identifier: Apache-2.0 */
/* Records by ticket: acquired, released and copied one by one, in a block that is open, closed, retired or half freed. A ticket
 * that names no record gives an error and never data. */
#include <stdlib.h>
#include <string.h>

#include "support/internals.h"
#include "support/ring.h"
#include "support/suite.h"
#include "support/thread.h"
#include "support/tickets.h"

/* ---- Acquire, release, copy --------------------------------------------------------------------------- */

static void in_an_open_block(void)
{
    tickets_set_up();
    slotring_ticket_t tickets[9];
    tickets_fill_block(tickets, 9);
    slotring_slot_t held;
    CHECK_OK(slotring_acquire_for_read(scene.ring, &tickets[4], &held));
    CHECK_EQUAL(held.sequence, UINT64_MAX);
    tickets_append_one();
    for (int i = 0; i < 9; i++)
        tickets_check_good(&tickets[i]);
    for (int i = 9; i-- > 0;)
        tickets_check_good(&tickets[i]);
    tickets_check_record(&held, 4);
    CHECK_OK(slotring_release(scene.ring, &held));
    tickets_tear_down();
}

/* Held, a block stays where it is, whatever its writer and others do. */
static void held_from_open_to_retired(void)
{
    tickets_set_up();
    slotring_ticket_t tickets[3];
    uint32_t block = tickets_fill_block(tickets, 3);
    slotring_slot_t held[2];
    CHECK_OK(slotring_acquire_for_read(scene.ring, &tickets[1], &held[0]));
    tickets_leave_block();
    CHECK_OK(slotring_acquire_for_read(scene.ring, &tickets[1], &held[1]));
    CHECK(held[1].sequence != UINT64_MAX);
    for (int lap = 0; lap < 3 * (int)SLOTS; lap++) {
        tickets_leave_block();
        CHECK(tickets_append_one().slot != block);
    }
    tickets_check_record(&held[0], 1);
    tickets_check_good(&tickets[0]); /* retired by now, and put there again by who holds it */
    CHECK_OK(slotring_release(scene.ring, &held[1]));
    tickets_check_record(&held[0], 1);
    tickets_check_good(&tickets[2]);
    CHECK_OK(slotring_release(scene.ring, &held[0]));
    tickets_check_refused(&tickets[1], SLOTRING_E_STALE);
    tickets_close_writer();
    tickets_unsubscribe();
    slotring_slot_t all[SLOTS];
    for (uint32_t i = 0; i < SLOTS; i++)
        CHECK_OK(slotring_allocate(scene.ring, 1, &all[i]));
    for (uint32_t i = 0; i < SLOTS; i++)
        CHECK_OK(slotring_abort(scene.ring, &all[i]));
    tickets_tear_down();
}

static void in_any_order(uint32_t flags)
{
    enum {
        COUNT = 60
    };
    tickets_set_up_with(SLOTRING_OVERWRITE, flags);
    slotring_ticket_t tickets[COUNT];
    tickets_fill_block(tickets, COUNT);
    CHECK(tickets[0].slot != tickets[COUNT - 1].slot); /* several blocks */
    for (uint32_t i = 0; i < COUNT; i++)
        tickets_check_good(&tickets[i]);
    for (uint32_t i = COUNT; i-- > 0;)
        tickets_check_good(&tickets[i]);
    for (uint32_t i = 0, at = 0; i < 3 * COUNT; i++, at = (at + 37) % COUNT)
        tickets_check_good(&tickets[at]);
    tickets_tear_down();
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
    tickets_set_up();
    slotring_ticket_t tickets[OWN], others[OTHERS];
    slotring_slot_t slot;
    tickets_leave_block();
    tickets_fill_block(tickets, OWN); /* block 2 of writer 0 */
    slotring_writer_t *first = scene.writer;
    for (int block = 1; block <= 3; block++) { /* block 3 of writer 1 */
        scene.writer = tickets_open_writer(scene.ring);
        scene.number = 1000;
        for (int i = 0; i < OTHERS && (block == 3 || i < 8); i++) {
            tickets_append();
            CHECK_OK(slotring_next(scene.reader, 0, &slot));
            others[i] = slot.ticket;
            CHECK_OK(slotring_reader_release(scene.reader));
        }
        if (block < 3)
            tickets_close_writer();
    }
    CHECK_EQUAL(others[0].slot, others[OTHERS - 1].slot);
    CHECK_EQUAL((tickets[0].flags >> 4 ^ tickets[0].flags >> 16) % SR__PLACES,
                (others[0].flags >> 4 ^ others[0].flags >> 16) % SR__PLACES);
    CHECK(others[0].sequence < tickets[0].sequence && tickets[0].sequence < others[OTHERS - 2].sequence);
    for (int i = 0; i < OWN; i++)
        for (int other = 0; other < OTHERS; other++) {
            tickets_check_good(&tickets[i]);
            CHECK_OK(slotring_acquire_for_read(scene.ring, &others[other], &slot));
            CHECK_EQUAL(slot.tag, tickets_tag_of(1000 + (uint64_t)other));
            CHECK_EQUAL(pattern_verify(slot.data, slot.length, slot.tag), slot.length);
            CHECK_OK(slotring_release(scene.ring, &slot));
        }
    tickets_close_writer();
    scene.writer = first;
    tickets_tear_down();
}

static void of_a_commit(void)
{
    tickets_set_up();
    slotring_slot_t slot;
    CHECK_OK(slotring_writer_reserve(scene.writer, LONGEST, 0, &slot));
    slot.tag = tickets_tag_of(0);
    uint64_t length = pattern_length(slot.tag, LONGEST);
    pattern_fill(slot.data, length, slot.tag);
    CHECK_OK(slotring_writer_commit(scene.writer, &slot, length));
    tickets_check_good(&slot.ticket);
    tickets_tear_down();
}

static void as_text(void)
{
    tickets_set_up();
    for (int i = 0; i < 70; i++) {
        slotring_ticket_t ticket = tickets_append_one(), back;
        char text[SLOTRING_TICKET_TEXT_SIZE];
        CHECK_OK(slotring_ticket_to_text(&ticket, text, sizeof text));
        CHECK_OK(slotring_ticket_from_text(text, &back));
        CHECK(same_ticket(&ticket, &back));
        tickets_check_good(&back);
    }
    tickets_tear_down();
}

static void counters(void)
{
    tickets_set_up();
    slotring_ticket_t ticket = tickets_append_one();
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
    tickets_close_writer();
    CHECK_EQUAL(ring_stats(scene.ring).freed, before.freed + 1);
    tickets_tear_down();
}

/* ---- Tickets that name nothing ------------------------------------------------------------------------- */

static void forged(void)
{
    enum {
        COUNT = 12
    };
    tickets_set_up();
    slotring_ticket_t real[COUNT], ticket;
    tickets_fill_block(real, COUNT / 2);
    uint64_t first = tickets_leave_block().sequence; /* of the second block */
    tickets_fill_block(&real[COUNT / 2], COUNT / 2);
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
                    tickets_check_refused(&ticket, SLOTRING_E_STALE);
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
        tickets_check_refused(&ticket, (ticket.flags & 0xf) != 1 || writer >= SLOTS - 1 ? SLOTRING_E_INVALID
                                                                                        : SLOTRING_E_STALE);
    }
    check_context("%s", "");
    static const uint64_t far[] = {UINT64_MAX - 1, UINT64_C(1) << 63, UINT64_C(1) << 46, UINT32_MAX};
    for (size_t i = 0; i < sizeof far / sizeof far[0]; i++) {
        ticket = real[0];
        ticket.sequence = far[i];
        tickets_check_refused(&ticket, SLOTRING_E_STALE);
    }
    ticket = real[0];
    ticket.sequence = UINT64_MAX;
    tickets_check_refused(&ticket, SLOTRING_E_INVALID);
    ticket = real[0];
    ticket.slot = SLOTS;
    tickets_check_refused(&ticket, SLOTRING_E_INVALID);
    ticket = real[0];
    ticket.ring_id[3] ^= 1;
    tickets_check_refused(&ticket, SLOTRING_E_FOREIGN);
    tickets_check_good(&real[0]);
    tickets_tear_down();
}

/* A slot of which the row of the writer says nothing any more, or nothing yet, has no record, whatever it had. */
static void of_a_slot_that_is_written_anew(void)
{
    tickets_set_up();
    slotring_ticket_t tickets[3];
    uint32_t block = tickets_fill_block(tickets, 3);
    tickets_close_writer();
    tickets_unsubscribe();
    slotring_slot_t all[SLOTS];
    for (uint32_t i = 0; i < SLOTS; i++)
        CHECK_OK(slotring_allocate(scene.ring, 1, &all[i]));
    for (int i = 0; i < 3; i++)
        tickets_check_refused(&tickets[i], SLOTRING_E_STALE);
    for (uint32_t i = 0; i < SLOTS; i++)
        if (all[i].index == block) { /* a message now */
            CHECK_OK(slotring_mark_ready(scene.ring, &all[i], 5));
        } else {
            CHECK_OK(slotring_abort(scene.ring, &all[i]));
        }
    for (int i = 0; i < 3; i++)
        tickets_check_refused(&tickets[i], SLOTRING_E_STALE);
    tickets_tear_down();
}

static void of_the_block_itself(void)
{
    tickets_set_up();
    slotring_ticket_t record = tickets_append_one(), at;
    CHECK_CODE(slotring_ticket_at(scene.ring, record.slot, &at), SLOTRING_E_NOT_READY);
    tickets_close_writer();
    slotring_slot_t slot;
    CHECK_OK(slotring_acquire_for_read(scene.ring, &record, &slot));
    slotring_ticket_t plain = record;
    plain.sequence = slot.sequence;
    plain.flags = 0;
    CHECK_OK(slotring_release(scene.ring, &slot));
    tickets_check_refused(&plain, SLOTRING_E_INVALID);
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
    tickets_check_good(&record);
    tickets_tear_down();
}

static void of_a_whole_message(void)
{
    tickets_set_up();
    uint8_t large[SLOT_SIZE];
    memset(large, 1, sizeof large);
    tickets_append_one();
    CHECK_OK(slotring_writer_append(scene.writer, large, sizeof large, 0, 0));
    slotring_slot_t slot;
    CHECK_OK(slotring_next(scene.reader, 0, &slot));
    slotring_ticket_t ticket = slot.ticket;
    CHECK_EQUAL(ticket.flags, 0);
    CHECK_OK(slotring_reader_release(scene.reader));
    ticket.sequence = slot.number;
    for (uint32_t block = 0; block < 4; block++) {
        ticket.flags = SLOTRING_KIND_RECORD | slot.writer << 4 | block << 16;
        tickets_check_refused(&ticket, SLOTRING_E_STALE);
    }
    tickets_tear_down();
}

/* A ring that was damaged leads nowhere outside the block. */
static void damaged_headers(void)
{
    tickets_set_up();
    slotring_ticket_t tickets[6];
    tickets_fill_block(tickets, 6);
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
    tickets_check_good(&tickets[0]);
    tickets_tear_down();
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
    {NULL, NULL, 0},
};

const test_suite_t record_ticket_suite = {"record_ticket", cases, NULL};

/* SPDX-License-Identifier: Apache-2.0 */
/* Messages larger than a slot: taken whole or not at all, published at one instant, read as pieces or gathered, and all
 * their slots come back together. */
#include <stdlib.h>
#include <string.h>

#include "support/internals.h"
#include "support/ring.h"
#include "support/spans.h"
#include "support/suite.h"
#include "support/thread.h"

/* ---- Tests ------------------------------------------------------------------------------------------------- */

static void published_at_one_instant(void)
{
    slotring_slot_t slot, other;
    spans_set_up();
    CHECK_OK(slotring_allocate_span(spans_ring, 250, NO_WAIT, &slot));
    CHECK_EQUAL(slot.pieces, 3);
    CHECK_EQUAL(slot.capacity, 3 * SIZE);
    CHECK(slot.data == NULL);
    CHECK_EQUAL(ring_stats(spans_ring).slots_writing, 3);
    spans_fill(spans_ring, &slot, 250, 5);
    CHECK_CODE(slotring_next(spans_reader, NO_WAIT, &other), SLOTRING_E_EMPTY);
    for (uint32_t i = 0; i < SLOTS; i++)
        CHECK_CODE(slotring_ticket_at(spans_ring, i, &other.ticket), SLOTRING_E_NOT_READY);
    CHECK_OK(slotring_mark_ready(spans_ring, &slot, 250));
    CHECK_EQUAL(slot.sequence, 0);
    CHECK_EQUAL(ring_stats(spans_ring).published, 1);
    CHECK_EQUAL(ring_stats(spans_ring).slots_ready, 3);
    spans_take_span(250, 5);
    CHECK_EQUAL(ring_stats(spans_ring).bytes_read, 250);
    spans_tear_down();
}

static void every_length(void)
{
    spans_set_up();
    for (uint64_t length = 8; length <= SLOTS * SIZE; length++) {
        spans_publish_span(length, length);
        spans_take_span(length, length);
    }
    CHECK_EQUAL(ring_stats(spans_ring).published, SLOTS * SIZE - 7);
    spans_tear_down();
}

static void keeps_what_the_bytes_take(void)
{
    slotring_slot_t slot;
    spans_set_up();
    CHECK_OK(slotring_allocate_span(spans_ring, 700, NO_WAIT, &slot));
    CHECK_EQUAL(spans_free_slots(), 1);
    spans_fill(spans_ring, &slot, 201, 6);
    CHECK_OK(slotring_mark_ready(spans_ring, &slot, 201));
    CHECK_EQUAL(spans_free_slots(), 5);
    spans_take_span(201, 6);
    CHECK_OK(slotring_allocate_span(spans_ring, 500, NO_WAIT, &slot));
    spans_fill(spans_ring, &slot, 60, 7);
    CHECK_OK(slotring_mark_ready(spans_ring, &slot, 60));
    spans_take_span(60, 7);
    CHECK_OK(slotring_allocate_span(spans_ring, 500, NO_WAIT, &slot));
    CHECK_CODE(slotring_mark_ready(spans_ring, &slot, 501), SLOTRING_E_TOO_LARGE);
    CHECK_OK(slotring_mark_ready(spans_ring, &slot, 0));
    CHECK_OK(slotring_next(spans_reader, NO_WAIT, &slot));
    CHECK_EQUAL(slot.length, 0);
    CHECK_EQUAL(slot.pieces, 1);
    CHECK_OK(slotring_reader_release(spans_reader));
    spans_tear_down();
}

static void abort_gives_all_back(void)
{
    slotring_slot_t slot, copy;
    spans_set_up();
    CHECK_OK(slotring_allocate_span(spans_ring, 800, NO_WAIT, &slot));
    CHECK_EQUAL(spans_free_slots(), 0);
    copy = slot;
    CHECK_OK(slotring_abort(spans_ring, &slot));
    CHECK_EQUAL(spans_free_slots(), SLOTS);
    CHECK_CODE(slotring_abort(spans_ring, &slot), SLOTRING_E_STATE);
    CHECK_CODE(slotring_mark_ready(spans_ring, &copy, 800), SLOTRING_E_STATE);
    CHECK_EQUAL(ring_stats(spans_ring).aborted, 1);
    spans_tear_down();
}

static void copies_publish_once(void)
{
    slotring_slot_t slot, copy, next;
    spans_set_up();
    CHECK_OK(slotring_allocate_span(spans_ring, 300, NO_WAIT, &slot));
    spans_fill(spans_ring, &slot, 300, 8);
    copy = slot;
    CHECK_OK(slotring_mark_ready(spans_ring, &slot, 300));
    CHECK_CODE(slotring_mark_ready(spans_ring, &copy, 300), SLOTRING_E_STATE);
    CHECK_CODE(slotring_abort(spans_ring, &copy), SLOTRING_E_STATE);
    spans_take_span(300, 8);
    for (int i = 0; i < 3; i++) { /* and when the slots are another span's, too */
        CHECK_OK(slotring_allocate_span(spans_ring, 800, NO_WAIT, &next));
        CHECK_CODE(slotring_mark_ready(spans_ring, &copy, 300), SLOTRING_E_STATE);
        CHECK_CODE(slotring_abort(spans_ring, &copy), SLOTRING_E_STATE);
        CHECK_OK(slotring_abort(spans_ring, &next));
    }
    spans_tear_down();
}

static void slots_come_back_together(void)
{
    slotring_slot_t held, slot;
    spans_set_up_with(SLOTRING_OVERWRITE);
    slotring_ticket_t ticket = spans_publish_span(500, 9);
    CHECK_OK(slotring_acquire_for_read(spans_ring, &ticket, &held));
    spans_check_span(spans_ring, &held, 500, 9);
    CHECK_EQUAL(ring_stats(spans_ring).slots_held, 5);
    for (uint64_t i = 0; i < 20; i++) /* three slots go round */
        spans_publish_span(100 + i, 100 + i);
    CHECK_CODE(slotring_allocate_span(spans_ring, 301, NO_WAIT, &slot), SLOTRING_E_FULL);
    spans_check_span(spans_ring, &held, 500, 9);
    CHECK_OK(slotring_release(spans_ring, &held));
    CHECK_AT_LEAST(spans_free_slots(), 5);
    CHECK_CODE(slotring_acquire_for_read(spans_ring, &ticket, &held), SLOTRING_E_STALE);
    CHECK_OK(slotring_allocate_span(spans_ring, 800, NO_WAIT, &slot));
    CHECK_OK(slotring_abort(spans_ring, &slot));
    spans_tear_down();
}

static void freed_by_ticket(void)
{
    slotring_slot_t slot;
    spans_set_up_with(SLOTRING_KEEP);
    slotring_ticket_t first = spans_publish_span(400, 10), second = spans_publish_span(350, 11);
    CHECK_CODE(slotring_allocate(spans_ring, 1, &slot), SLOTRING_E_FULL);
    CHECK_OK(slotring_free(spans_ring, &first));
    CHECK_CODE(slotring_free(spans_ring, &first), SLOTRING_E_STALE);
    CHECK_EQUAL(spans_free_slots(), 4);
    CHECK_OK(slotring_acquire_for_read(spans_ring, &second, &slot));
    CHECK_OK(slotring_free(spans_ring, &second));
    CHECK_EQUAL(spans_free_slots(), 4);
    spans_check_span(spans_ring, &slot, 350, 11);
    CHECK_OK(slotring_release(spans_ring, &slot));
    CHECK_EQUAL(spans_free_slots(), SLOTS);
    spans_tear_down();
}

static void all_or_nothing(void)
{
    slotring_slot_t slot, more;
    slotring_error_t error;
    spans_set_up();
    CHECK_OK(slotring_allocate(spans_ring, 1, &slot));
    CHECK_CODE(slotring_allocate_span(spans_ring, 800, NO_WAIT, &more), SLOTRING_E_FULL);
    CHECK_EQUAL(spans_free_slots(), SLOTS - 1);
    /* The slot that is missing is this process's own; that is told where the process is known to have one thread. */
    CHECK_CODE(slotring_allocate_span(spans_ring, 800, 10 * MILLISECOND, &more),
               spans_ring->member.os->system.threads() == 1 ? SLOTRING_E_STATE : SLOTRING_E_TIMEOUT);
    CHECK_EQUAL(spans_free_slots(), SLOTS - 1);
    CHECK_CODE(slotring_allocate_span(spans_ring, 801, NO_WAIT, &more), SLOTRING_E_TOO_LARGE);
    slotring_last_error(&error);
    CHECK(strstr(error.text, "801") != NULL && strstr(error.text, "8 slots of 100") != NULL);
    CHECK_CODE(slotring_allocate_span(spans_ring, UINT64_MAX, NO_WAIT, &more), SLOTRING_E_TOO_LARGE);
    CHECK_OK(slotring_abort(spans_ring, &slot));
    CHECK_OK(slotring_allocate_span(spans_ring, 800, NO_WAIT, &more));
    CHECK_OK(slotring_abort(spans_ring, &more));
    spans_tear_down();
}

/* A copy of the struct does not reach what was published. */
static void a_copy_writes_nothing_published(void)
{
    slotring_slot_t slot, copy;
    slotring_piece_t piece = {0};
    spans_set_up();
    for (uint64_t length = 50; length <= 250; length += 200) {
        CHECK_OK(slotring_allocate_span(spans_ring, length, NO_WAIT, &slot));
        spans_fill(spans_ring, &slot, length, 3);
        copy = slot;
        CHECK_OK(slotring_mark_ready(spans_ring, &slot, length));
        CHECK_CODE(slotring_scatter(spans_ring, &copy, 0, "x", 1), SLOTRING_E_STATE);
        CHECK_CODE(slotring_next_piece(spans_ring, &copy, &piece), SLOTRING_E_STATE);
        spans_take_span(length, 3);
    }
    spans_tear_down();
}

static void pieces_have_no_ticket(void)
{
    slotring_slot_t slot;
    spans_set_up();
    slotring_ticket_t ticket = spans_publish_span(800, 13), forged = ticket;
    for (uint32_t i = 0; i < SLOTS; i++) {
        forged.slot = i;
        if (i == ticket.slot)
            continue;
        CHECK_CODE(slotring_ticket_at(spans_ring, i, &slot.ticket), SLOTRING_E_NOT_READY);
        CHECK_CODE(slotring_acquire_for_read(spans_ring, &forged, &slot), SLOTRING_E_STALE);
        CHECK_CODE(slotring_free(spans_ring, &forged), SLOTRING_E_STALE);
    }
    spans_take_span(800, 13);
    spans_tear_down();
}

static void copied(void)
{
    uint8_t bytes[SLOTS * SIZE];
    slotring_slot_t info;
    spans_set_up();
    slotring_ticket_t ticket = spans_publish_span(555, 14);
    slotring_t *observer = ring_observe(ring_name()), *both[] = {spans_ring, observer};
    for (int i = 0; i < 2; i++) {
        CHECK_CODE(slotring_copy(both[i], &ticket, bytes, 554, &info), SLOTRING_E_SIZE);
        CHECK_EQUAL(info.length, 555);
        CHECK_OK(slotring_copy(both[i], &ticket, bytes, 555, &info));
        CHECK_EQUAL(info.pieces, 6);
        CHECK_EQUAL(info.kind, SLOTRING_KIND_SPAN);
        CHECK_EQUAL(info.writer, SLOTRING_NO_WRITER);
        CHECK_EQUAL(pattern_verify(bytes, 555, 14), 555);
        CHECK_OK(slotring_copy_sequence(both[i], 0, bytes, sizeof bytes, NULL));
    }
    spans_take_span(555, 14);
    spans_publish_span(800, 15);
    for (int i = 0; i < 2; i++)
        CHECK_CODE(slotring_copy(both[i], &ticket, bytes, 555, &info), SLOTRING_E_STALE);
    CHECK_OK(slotring_close(observer));
    spans_take_span(800, 15);
    spans_tear_down();
}

static void of_a_writer(void)
{
    slotring_writer_t *writer;
    slotring_slot_t slot;
    uint32_t done;
    spans_set_up();
    CHECK_OK(slotring_writer_open(spans_ring, NULL, &writer));
    static const uint64_t lengths[] = {10, 333, 90, 700, 12, 101};
    for (uint64_t i = 0; i < 6; i++) {
        CHECK_OK(slotring_writer_append(writer, spans_bytes_of(i, lengths[i]), lengths[i], i, NO_WAIT));
        CHECK_OK(slotring_next(spans_reader, NO_WAIT, &slot));
        CHECK_EQUAL(slot.number, i);
        CHECK_EQUAL(slot.writer, 0);
        if (lengths[i] > SIZE)
            spans_check_span(spans_ring, &slot, lengths[i], i);
        CHECK_OK(slotring_reader_release(spans_reader));
    }
    CHECK_OK(slotring_writer_reserve(writer, 444, NO_WAIT, &slot));
    CHECK_EQUAL(slot.pieces, 5);
    CHECK_EQUAL(slot.number, 6);
    spans_fill(spans_ring, &slot, 333, 6);
    CHECK_OK(slotring_writer_commit(writer, &slot, 333));
    spans_take_span(333, 6);
    CHECK_OK(slotring_writer_reserve(writer, 444, NO_WAIT, &slot));
    CHECK_OK(slotring_writer_cancel(writer, &slot));
    CHECK_OK(slotring_writer_reserve(writer, 444, NO_WAIT, &slot));
    spans_fill(spans_ring, &slot, 50, 7);
    CHECK_OK(slotring_writer_commit(writer, &slot, 50));
    spans_take_span(50, 7);
    slotring_message_t batch[] = {
        {spans_bytes_of(8, 9), 9, 8}, {spans_bytes_of(8, 250), 250, 8}, {spans_bytes_of(8, 700), 700, 8}};
    CHECK_OK(slotring_writer_append_batch(writer, batch, 3, NO_WAIT, &done));
    CHECK_EQUAL(done, 2); /* no room for the third beside what is not read */
    CHECK_OK(slotring_next(spans_reader, NO_WAIT, &slot));
    CHECK_OK(slotring_reader_release(spans_reader));
    spans_take_span(250, 8);
    CHECK_CODE(slotring_writer_append(writer, spans_bytes_of(9, 800), 801, 9, NO_WAIT), SLOTRING_E_TOO_LARGE);
    CHECK_OK(slotring_writer_close(writer));
    spans_tear_down();
}

/* In rings with an option of their own: bytes that were changed are found, in the last piece too. */
static void with_checksums(void)
{
    slotring_slot_t slot;
    slotring_piece_t piece = {0};
    uint64_t findings;
    slotring_options_t options = ring_options(SLOTRING_CREATE, SLOTS, SIZE);
    options.flags = SLOTRING_CHECKSUMS;
    spans_ring = ring_open_with(ring_name(), &options);
    spans_reader = subscribe(spans_ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_ticket_t ticket = spans_publish_span(333, 17);
    uint8_t bytes[SLOTS * SIZE], *last = NULL;
    CHECK_OK(slotring_next(spans_reader, NO_WAIT, &slot));
    CHECK_OK(slotring_verify(spans_ring, &slot));
    while (slotring_next_piece(spans_ring, &slot, &piece) == 0)
        last = piece.data;
    CHECK_OK(slotring_copy(spans_ring, &ticket, bytes, sizeof bytes, NULL));
    CHECK_OK(slotring_check(spans_ring, NULL, NULL, &findings));
    CHECK_EQUAL(findings, 0);
    last[3] ^= 1;
    CHECK_CODE(slotring_verify(spans_ring, &slot), SLOTRING_E_CHECKSUM);
    CHECK_CODE(slotring_copy(spans_ring, &ticket, bytes, sizeof bytes, NULL), SLOTRING_E_CHECKSUM);
    CHECK_OK(slotring_check(spans_ring, NULL, NULL, &findings));
    CHECK_EQUAL(findings, 1);
    last[3] ^= 1;
    CHECK_OK(slotring_verify(spans_ring, &slot));
    CHECK_OK(slotring_reader_release(spans_reader));
    slotring_writer_t *writer;
    CHECK_OK(slotring_writer_open(spans_ring, NULL, &writer));
    CHECK_OK(slotring_writer_append(writer, spans_bytes_of(18, 444), 444, 18, NO_WAIT));
    CHECK_OK(slotring_next(spans_reader, NO_WAIT, &slot));
    CHECK_OK(slotring_verify(spans_ring, &slot));
    CHECK_OK(slotring_reader_release(spans_reader));
    CHECK_OK(slotring_writer_close(writer));
    spans_tear_down();
}

/* All slots of a span are free as soon as the last lossless reader has passed it. */
static void in_a_hot_ring(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, SLOTS, SIZE);
    options.flags = SLOTRING_HOT_SLOTS;
    spans_ring = ring_open_with(ring_name(), &options);
    spans_reader = subscribe(spans_ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    for (uint64_t i = 0; i < 50; i++) {
        spans_publish_span(300 + i * 7, i);
        spans_take_span(300 + i * 7, i);
        CHECK_EQUAL(spans_free_slots(), SLOTS);
    }
    spans_tear_down();
}

/* ---- Damage ------------------------------------------------------------------------------------------------ */

static uint64_t findings(void)
{
    uint64_t count;
    CHECK_OK(slotring_check(spans_ring, NULL, NULL, &count));
    return count;
}

static void damage_is_found(void)
{
    slotring_slot_t slot;
    uint8_t bytes[SLOTS * SIZE];
    spans_set_up();
    slotring_ticket_t ticket = spans_publish_span(500, 16);
    sr__view_t *view = &spans_ring->member.view;
    slotring_piece_t piece = {0};
    CHECK_OK(slotring_acquire_for_read(spans_ring, &ticket, &slot));
    for (int i = 0; i < 3; i++)
        CHECK_OK(slotring_next_piece(spans_ring, &slot, &piece));
    sr__slot_t *third = sr__slot(view, piece.index), *head = sr__slot(view, slot.index);
    sr__word_t *words[] = {&third->word, &third->next, &head->next, &third->next};
    const uint64_t wrong[] = {sr__to_free(sr__load(&third->word)), 0, sr__load(&third->next),
                              sr__load(&head->next)}; /* the last one: a circle */
    CHECK_EQUAL(findings(), 0);
    for (int i = 0; i < 4; i++) {
        uint64_t right = sr__load(words[i]);
        check_context("damage %d", i);
        atomic_store(words[i], wrong[i]);
        CHECK_AT_LEAST(findings(), 1);
        CHECK_CODE(slotring_gather(spans_ring, &slot, 0, bytes, sizeof bytes, NULL), SLOTRING_E_CORRUPT);
        CHECK_CODE(slotring_copy(spans_ring, &ticket, bytes, sizeof bytes, NULL), SLOTRING_E_CORRUPT);
        atomic_store(words[i], right);
        CHECK_EQUAL(findings(), 0);
    }
    uint64_t right = sr__load(&head->length);
    static const uint64_t lengths[] = {0, SIZE, SLOTS * SIZE + 1, UINT64_MAX};
    for (int i = 0; i < 4; i++) {
        slotring_slot_t other;
        check_context("length %d", i);
        atomic_store(&head->length, lengths[i]);
        CHECK_AT_LEAST(findings(), 1);
        CHECK_CODE(slotring_acquire_for_read(spans_ring, &ticket, &other), SLOTRING_E_CORRUPT);
        CHECK_CODE(slotring_copy(spans_ring, &ticket, bytes, sizeof bytes, NULL), SLOTRING_E_CORRUPT);
    }
    atomic_store(&head->length, right);
    check_context("%s", "");
    CHECK_OK(slotring_release(spans_ring, &slot));
    spans_take_span(500, 16);
    spans_tear_down();
}

/* The words of a span's slots, from the head on. */
static uint32_t chain_of(const slotring_slot_t *slot, sr__slot_t *chain[SLOTS])
{
    uint32_t count = 0;
    slotring_piece_t piece = {0};
    while (slotring_next_piece(spans_ring, slot, &piece) == 0)
        chain[count++] = sr__slot(&spans_ring->member.view, piece.index);
    return count;
}

static void check_damaged(slotring_t *observer, const slotring_slot_t *slot)
{
    uint8_t bytes[SLOTS * SIZE];
    slotring_slot_t again;
    slotring_piece_t piece = {0};
    int code;
    CHECK_CODE(slotring_gather(spans_ring, slot, 0, bytes, sizeof bytes, NULL), SLOTRING_E_CORRUPT);
    while ((code = slotring_next_piece(spans_ring, slot, &piece)) == 0)
        ;
    CHECK_CODE(code, SLOTRING_E_CORRUPT);
    CHECK_CODE(slotring_copy(spans_ring, &slot->ticket, bytes, sizeof bytes, &again), SLOTRING_E_CORRUPT);
    CHECK_CODE(slotring_copy(observer, &slot->ticket, bytes, sizeof bytes, &again), SLOTRING_E_CORRUPT);
    CHECK_AT_LEAST(findings(), 1);
}

/* Two spans with as many pieces. A link that was changed never gives a piece of the other one, nor one piece twice, as if it was
 * the message; and the pieces of each go with it, and no others. */
static void no_piece_of_another(void)
{
    slotring_slot_t a, b;
    sr__slot_t *of_a[SLOTS], *of_b[SLOTS];
    spans_set_up();
    slotring_t *observer = ring_observe(ring_name());
    slotring_ticket_t first = spans_publish_span(400, 1), second = spans_publish_span(400, 2);
    CHECK_OK(slotring_acquire_for_read(spans_ring, &first, &a));
    CHECK_OK(slotring_acquire_for_read(spans_ring, &second, &b));
    CHECK_EQUAL(chain_of(&a, of_a), 4);
    CHECK_EQUAL(chain_of(&b, of_b), 4);
    for (uint32_t from = 0; from < 4; from++)
        for (uint32_t to = 0; to < 7; to++) {
            sr__slot_t *before = to < 3 ? of_a[to] : of_b[to - 3]; /* the link leads behind that one */
            uint64_t right = sr__load(&of_a[from]->next), wrong = sr__load(&before->next);
            if (right == wrong || wrong == 0)
                continue;
            check_context("the link of piece %u leads behind %u of %s", from, to % 3,
                          to < 3 ? "its own" : "another");
            atomic_store(&of_a[from]->next, wrong);
            check_damaged(observer, &a);
            spans_check_span(spans_ring, &b, 400, 2);
            atomic_store(&of_a[from]->next, right);
            CHECK_EQUAL(findings(), 0);
        }
    check_context("%s", "");
    CHECK_OK(slotring_release(spans_ring, &a));
    spans_take_span(400, 1);
    atomic_store(&of_a[1]->next, sr__load(&of_b[1]->next));
    spans_publish_span(100, 3); /* over the first one, whose pieces go as far as they are its own */
    spans_check_span(spans_ring, &b, 400, 2);
    CHECK_AT_LEAST(findings(), 1);
    CHECK_OK(slotring_recover(spans_ring, NULL)); /* the rest */
    CHECK_EQUAL(findings(), 0);
    CHECK_EQUAL(spans_free_slots(), 3);
    CHECK_OK(slotring_release(spans_ring, &b));
    CHECK_OK(slotring_close(observer));
    spans_take_span(400, 2);
    spans_take_span(100, 3);
    spans_tear_down();
}

static void wrong_use_is_refused(void)
{
    slotring_slot_t slot, none = {0};
    slotring_piece_t piece = {0};
    uint8_t bytes[SIZE];
    spans_set_up();
    slotring_t *other = ring_attach(ring_name());
    CHECK_CODE(slotring_next_piece(spans_ring, &none, &piece), SLOTRING_E_STATE);
    CHECK_CODE(slotring_allocate_span(spans_ring, 200, NO_WAIT, NULL), SLOTRING_E_INVALID);
    CHECK_OK(slotring_allocate_span(spans_ring, 200, NO_WAIT, &slot));
    CHECK_CODE(slotring_next_piece(spans_ring, &slot, NULL), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_next_piece(other, &slot, &piece), SLOTRING_E_NOT_OWNER);
    CHECK_CODE(slotring_mark_ready(other, &slot, 1), SLOTRING_E_NOT_OWNER);
    CHECK_CODE(slotring_abort(other, &slot), SLOTRING_E_NOT_OWNER);
    CHECK_CODE(slotring_scatter(spans_ring, &slot, 150, bytes, 51), SLOTRING_E_TOO_LARGE);
    CHECK_CODE(slotring_scatter(spans_ring, &slot, 201, bytes, 0), SLOTRING_E_SIZE);
    CHECK_CODE(slotring_scatter(spans_ring, &slot, 0, NULL, 1), SLOTRING_E_INVALID);
    CHECK_OK(slotring_scatter(spans_ring, &slot, 100, bytes, SIZE));
    CHECK_OK(slotring_mark_ready(spans_ring, &slot, 200));
    CHECK_CODE(slotring_scatter(spans_ring, &slot, 0, bytes, 1), SLOTRING_E_STATE);
    CHECK_OK(slotring_next(spans_reader, NO_WAIT, &slot));
    CHECK_CODE(slotring_scatter(spans_ring, &slot, 0, bytes, 1), SLOTRING_E_STATE);
    CHECK_CODE(slotring_gather(spans_ring, &slot, 201, bytes, 1, NULL), SLOTRING_E_SIZE);
    CHECK_OK(slotring_gather(spans_ring, &slot, 200, NULL, 0, NULL));
    CHECK_OK(slotring_reader_release(spans_reader));
    CHECK_OK(slotring_close(other));
    spans_tear_down();
}

#define CASE(name, flags)  \
    {                      \
#name, name, flags \
    }
static const test_case_t cases[] = {
    CASE(published_at_one_instant, 0),
    CASE(every_length, 0),
    CASE(keeps_what_the_bytes_take, 0),
    CASE(abort_gives_all_back, 0),
    CASE(copies_publish_once, 0),
    CASE(slots_come_back_together, 0),
    CASE(freed_by_ticket, 0),
    CASE(all_or_nothing, 0),
    CASE(a_copy_writes_nothing_published, 0),
    CASE(pieces_have_no_ticket, 0),
    CASE(copied, 0),
    CASE(of_a_writer, 0),
    CASE(with_checksums, 0),
    CASE(in_a_hot_ring, 0),
    CASE(damage_is_found, 0),
    CASE(no_piece_of_another, 0),
    CASE(wrong_use_is_refused, 0),
    {NULL, NULL, 0},
};

const test_suite_t span_suite = {"span", cases, NULL};

/* SPDX-License-Identifier: Apache-2.0 */
/* Damage in the middle of a stream: a reader is told of it once, counts what it lost as missed, and goes on behind it. And what a
 * process leaves that was taken for dead between two instructions is found and made good. */
#include <string.h>

#include "protocol/record.h"
#include "protocol/span.h"
#include "support/internals.h"
#include "support/records.h"
#include "support/ring.h"
#include "support/suite.h"

#define NO_WAIT 0
#define SLOTS 8u
#define SIZE 256u
#define READERS 2 /* lossless, lossy */

static slotring_t *ring;
static slotring_reader_t *readers[READERS];

static void begin(void)
{
    ring = ring_create(ring_name(), SLOTS, SIZE);
    for (uint32_t r = 0; r < READERS; r++)
        readers[r] = subscribe(ring, r == 0 ? SLOTRING_LOSSLESS : SLOTRING_LOSSY, SLOTRING_FROM_NOW);
}

static void end(void)
{
    for (uint32_t r = 0; r < READERS; r++)
        CHECK_OK(slotring_unsubscribe(readers[r]));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void expect(slotring_reader_t *reader, uint64_t tag)
{
    slotring_slot_t slot;
    CHECK_OK(slotring_next(reader, NO_WAIT, &slot));
    CHECK_EQUAL(slot.tag, tag);
    CHECK_OK(slotring_reader_release(reader));
}

static void expect_code(slotring_reader_t *reader, int code)
{
    slotring_slot_t slot;
    CHECK_CODE(slotring_next(reader, NO_WAIT, &slot), code);
}

static void expect_missed(slotring_reader_t *reader, uint64_t messages, uint64_t records)
{
    slotring_reader_info_t info = reader_info(reader);
    CHECK_EQUAL(info.missed, messages);
    CHECK_EQUAL(info.records_missed, records);
}

/* ---- Records --------------------------------------------------------------------------------------------- */

static void append(slotring_writer_t *writer, uint64_t tag)
{
    CHECK_OK(slotring_writer_append(writer, "12345678", 8, tag, NO_WAIT));
}

static const uint64_t wrong_headers[] = {UINT64_C(0x8000000000000001), UINT64_C(0x5a5a5a5a5a5a5a5c), 0};

/* Five records, of which the third has a header that makes no sense. Behind them, in another slot, five more. */
static void past_a_damaged_record(bool open, uint64_t wrong)
{
    begin();
    slotring_writer_t *writer = writer_open(ring);
    for (uint64_t n = 0; n < 5; n++)
        append(writer, n);
    uint32_t slot = (uint32_t)sr__load(&ring->member.view.writers[0].slot);
    sr__word_t *header = sr__record_word(sr__block_bytes(&ring->member.view, slot), 2 * 16);
    uint64_t right = sr__load(header);
    if (!open) {
        CHECK_OK(slotring_writer_close(writer));
        writer = writer_open(ring);
    }
    sr__poke(header, wrong);
    for (int r = 0; r < READERS; r++) {
        expect(readers[r], 0);
        expect(readers[r], 1);
        expect_code(readers[r], SLOTRING_E_CORRUPT);
        expect_code(readers[r], SLOTRING_E_EMPTY);
    }
    sr__poke(header, right); /* so that the ring is sound again: the readers are past it */
    for (int r = 0; r < READERS; r++)
        expect_code(readers[r], SLOTRING_E_EMPTY);
    if (open) {
        CHECK_OK(slotring_writer_close(writer));
        writer = writer_open(ring);
    }
    for (uint64_t n = 5; n < 10; n++)
        append(writer, n);
    for (int r = 0; r < READERS; r++) {
        for (uint64_t n = 5; n < 10; n++)
            expect(readers[r], n);
        expect_code(readers[r], SLOTRING_E_EMPTY);
        expect_missed(readers[r], open ? 0 : 1, 3);
    }
    CHECK_OK(slotring_writer_close(writer));
    for (int r = 0; r < READERS; r++)
        expect_code(readers[r], SLOTRING_E_EMPTY);
    end();
}

static void a_damaged_record(void)
{
    for (size_t i = 0; i < sizeof wrong_headers / sizeof wrong_headers[0]; i++)
        for (int open = 0; open < 2; open++) {
            if (open && wrong_headers[i] == 0)
                continue; /* as if nothing was committed there yet */
            check_context("header %llx, in %s block", (unsigned long long)wrong_headers[i],
                          open ? "an open" : "a closed");
            past_a_damaged_record(open, wrong_headers[i]);
        }
    check_context("%s", "");
}

/* What is lost at the end of all streams is counted by then. */
static void damage_before_the_end(void)
{
    begin();
    slotring_writer_t *writer = writer_open(ring);
    for (uint64_t n = 0; n < 5; n++)
        append(writer, n);
    uint32_t slot = (uint32_t)sr__load(&ring->member.view.writers[0].slot);
    CHECK_OK(slotring_writer_close(writer));
    CHECK_OK(slotring_end_stream(ring));
    sr__word_t *header = sr__record_word(sr__block_bytes(&ring->member.view, slot), 16);
    uint64_t right = sr__load(header);
    sr__poke(header, UINT64_MAX << 1 & ~SR__RECORD_END);
    for (int r = 0; r < READERS; r++) {
        expect(readers[r], 0);
        expect_code(readers[r], SLOTRING_E_CORRUPT);
        expect_code(readers[r], SLOTRING_E_END);
        expect_missed(readers[r], 1, 4);
    }
    sr__poke(header, right);
    end();
}

/* ---- Messages -------------------------------------------------------------------------------------------- */

enum kind {
    PLAIN,
    SPAN,
    OF_WRITER,
    KINDS
};

static void write_one(enum kind kind, slotring_writer_t *writer, uint64_t tag)
{
    uint8_t bytes[2 * SIZE] = {0};
    slotring_slot_t slot;
    uint64_t length = kind == SPAN ? SIZE + 50 : SIZE - 10;
    if (kind == OF_WRITER) {
        CHECK_OK(slotring_writer_append(writer, bytes, length, tag, NO_WAIT));
        return;
    }
    CHECK_OK(slotring_allocate_span(ring, length, NO_WAIT, &slot));
    slot.tag = tag;
    CHECK_OK(slotring_mark_ready(ring, &slot, length));
}

static slotring_writer_t *write_three(enum kind kind)
{
    slotring_writer_t *writer = kind == OF_WRITER ? writer_open(ring) : NULL;
    for (uint64_t n = 0; n < 3; n++)
        write_one(kind, writer, n);
    return writer;
}

static sr__slot_t *slot_of(uint64_t sequence)
{
    sr__view_t *view = &ring->member.view;
    return sr__slot(view, sr__entry_slot(view, sr__load(sr__order_at(view, sequence))));
}

/* The second of three, for readers from now and for one that has them from its history. */
static void a_damaged_message(void)
{
    for (enum kind kind = 0; kind < KINDS; kind++) {
        check_context("kind %d", kind);
        begin();
        slotring_writer_t *writer = write_three(kind);
        slotring_reader_t *past = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_OLDEST),
                          *all[] = {readers[0], readers[1], past};
        sr__word_t *length = &slot_of(1)->length;
        uint64_t right = sr__load(length);
        sr__poke(length, SLOTS * SIZE + 1);
        for (int r = 0; r < 3; r++) {
            expect(all[r], 0);
            expect_code(all[r], SLOTRING_E_CORRUPT);
            expect(all[r], 2);
            expect_code(all[r], SLOTRING_E_EMPTY);
            expect_missed(all[r], 1, 0);
        }
        sr__poke(length, right);
        CHECK_OK(slotring_unsubscribe(past));
        if (writer)
            CHECK_OK(slotring_writer_close(writer));
        end();
    }
    check_context("%s", "");
}

/* A batch ends before it. */
static void in_a_batch(void)
{
    begin();
    for (uint64_t n = 0; n < 6; n++)
        publish(ring, 1, n);
    sr__word_t *length = &slot_of(3)->length;
    uint64_t right = sr__load(length);
    sr__poke(length, SIZE + 1);
    for (int r = 0; r < READERS; r++) {
        slotring_slot_t slots[SLOTS];
        uint32_t count;
        CHECK_OK(slotring_next_batch(readers[r], NO_WAIT, slots, SLOTS, &count));
        CHECK_EQUAL(count, 3);
        CHECK_OK(slotring_reader_release(readers[r]));
        CHECK_CODE(slotring_next_batch(readers[r], NO_WAIT, slots, SLOTS, &count), SLOTRING_E_CORRUPT);
        CHECK_EQUAL(count, 0);
        CHECK_OK(slotring_next_batch(readers[r], NO_WAIT, slots, SLOTS, &count));
        CHECK_EQUAL(count, 2);
        CHECK_EQUAL(slots[0].sequence, 4);
        CHECK_OK(slotring_reader_release(readers[r]));
        expect_missed(readers[r], 1, 0);
    }
    sr__poke(length, right);
    end();
}

/* A lossless reader that is past the damage holds nobody back. */
static void it_makes_room(void)
{
    begin();
    for (uint64_t n = 0; n < SLOTS; n++)
        publish(ring, 1, n);
    slotring_slot_t slot;
    CHECK_CODE(slotring_allocate(ring, 1, &slot), SLOTRING_E_FULL);
    sr__word_t *length = &slot_of(0)->length;
    sr__poke(length, SIZE + 1);
    expect_code(readers[0], SLOTRING_E_CORRUPT);
    CHECK_OK(slotring_allocate(ring, 1, &slot));
    CHECK_OK(slotring_mark_ready(ring, &slot, 1));
    end();
}

/* ---- What an eviction leaves ------------------------------------------------------------------------------- */

/* ---- The order ------------------------------------------------------------------------------------------- */

#define LATER_LAP UINT64_C(0x4000)
#define NO_SLOT UINT64_C(0xf) /* of 9 slots, numbered with 4 bits */

/* Told once, and the message counts as missed; what comes behind it is there. A producer that waits for it goes on. */
static void past_a_lost_place(uint32_t mode, uint64_t bits)
{
    ring = ring_create(ring_name(), SLOTS + 1, SIZE);
    slotring_reader_options_t options = reader_options(mode, SLOTRING_FROM_NOW);
    slotring_reader_t *reader = subscribe_with(ring, &options);
    slotring_slot_t slot;
    for (uint64_t n = 0; n <= SLOTS; n++)
        publish(ring, 1, n);
    sr__word_t *entry = sr__order_at(&ring->member.view, 3);
    uint64_t right = sr__load(entry);
    sr__poke(entry, right | bits);
    for (uint64_t n = 0; n < 3; n++)
        take_now(reader, pattern_tag(1, n));
    for (int looks = 0; looks < 2; looks++) /* they move nothing */
        CHECK_CODE(slotring_reader_wait_readable(reader, NO_WAIT), SLOTRING_E_CORRUPT);
    expect_code(reader, SLOTRING_E_CORRUPT);
    sr__poke(entry, right);
    expect_missed(reader, 1, 0);
    for (uint64_t n = 4; n <= SLOTS; n++)
        take_now(reader, pattern_tag(1, n));
    CHECK_CODE(slotring_next(reader, NO_WAIT, &slot), SLOTRING_E_EMPTY);
    expect_missed(reader, 1, 0);
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void a_lost_place(void)
{
    static const uint32_t modes[] = {SLOTRING_LOSSLESS, SLOTRING_BUDGETED, SLOTRING_LOSSY};
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        check_context("mode %u", (unsigned)modes[i]);
        past_a_lost_place(modes[i], NO_SLOT);
        if (modes[i] != SLOTRING_LOSSY) /* which takes it for overwritten */
            past_a_lost_place(modes[i], LATER_LAP);
    }
    check_context("%s", "");
}

/* A batch ends before it. */
static void a_lost_place_in_a_batch(void)
{
    slotring_slot_t slots[SLOTS];
    uint32_t count;
    begin();
    for (uint64_t n = 0; n < SLOTS; n++)
        publish(ring, 1, n);
    sr__word_t *entry = sr__order_at(&ring->member.view, 2);
    uint64_t right = sr__load(entry);
    sr__poke(entry, right | LATER_LAP);
    CHECK_OK(slotring_next_batch(readers[0], NO_WAIT, slots, SLOTS, &count));
    CHECK_EQUAL(count, 2);
    CHECK_OK(slotring_reader_release(readers[0]));
    CHECK_CODE(slotring_next_batch(readers[0], NO_WAIT, slots, SLOTS, &count), SLOTRING_E_CORRUPT);
    sr__poke(entry, right);
    CHECK_OK(slotring_next_batch(readers[0], NO_WAIT, slots, SLOTS, &count));
    CHECK_EQUAL(count, SLOTS - 3);
    CHECK_EQUAL(slots[0].sequence, 3);
    CHECK_OK(slotring_reader_release(readers[0]));
    expect_missed(readers[0], 1, 0);
    end();
}

/* Producers did not see the reader: all that is gone is told at once, and the reader goes on with what is there. */
static void a_lost_lap(void)
{
    begin();
    sr__view_t *view = &ring->member.view;
    uint64_t length = view->order_mask + 1, published = length + 3;
    uint32_t r = readers[0]->subscription_number;
    sr__gates_remove(view, r);
    for (uint64_t n = 0; n < published; n++)
        publish(ring, 1, n);
    sr__gates_add(view, r);
    expect_code(readers[0], SLOTRING_E_CORRUPT);
    expect_missed(readers[0], published - SLOTS, 0);
    for (uint64_t n = published - SLOTS; n < published; n++)
        take_now(readers[0], pattern_tag(1, n));
    expect_code(readers[0], SLOTRING_E_EMPTY);
    end();
}

static uint64_t findings(void)
{
    uint64_t count;
    CHECK_OK(slotring_check(ring, NULL, NULL, &count));
    return count;
}

/* A process that is repaired after, and goes on for one instruction: its slots become pieces when their head is free already. */
static void pieces_without_a_head(void)
{
    slotring_slot_t slot;
    slotring_recovery_t recovery = {.struct_size = sizeof recovery};
    begin();
    sr__member_t *member = &ring->member;
    CHECK_OK(slotring_allocate_span(ring, 3 * SIZE, NO_WAIT, &slot));
    CHECK_OK(sr__span_end(member, slot.index, slot.internal[2], 3));
    CHECK_EQUAL(findings(), 0);
    CHECK_OK(slotring_recover(ring, &recovery)); /* the head is there */
    CHECK_EQUAL(recovery.slots_freed, 0);
    sr__word_t *head = &sr__slot(&member->view, slot.index)->word;
    uint64_t claimed = sr__load(head);
    sr__poke(head, sr__to_free(claimed));
    sr__free_map_set(&member->view, slot.index);
    CHECK_AT_LEAST(findings(), 2);
    CHECK_OK(slotring_recover(ring, &recovery));
    CHECK_EQUAL(recovery.slots_freed, 2);
    CHECK_EQUAL(findings(), 0);
    CHECK_OK(slotring_allocate_span(ring, SLOTS * SIZE, NO_WAIT, &slot));
    CHECK_OK(slotring_abort(ring, &slot));
    end();
}

/* A link is damaged after the publication of a span has looked at it. Nothing outside the ring is touched; and what the span had
 * comes back. */
static void a_link_into_nowhere(void)
{
    const uint64_t links[] = {SR__LINK_SLOT, 1, UINT64_MAX, SLOTS + 1};
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
        slotring_slot_t slot;
        check_context("link %llx", (unsigned long long)links[i]);
        ring = ring_create(ring_name(), SLOTS, SIZE);
        sr__member_t *member = &ring->member;
        CHECK_OK(slotring_allocate_span(ring, 4 * SIZE, NO_WAIT, &slot));
        sr__poke(&sr__slot(&member->view, slot.index)->next, links[i]);
        CHECK_CODE(sr__span_end(member, slot.index, slot.internal[2], 3), SLOTRING_E_STATE);
        slotring_t *other = ring_attach(ring_name()); /* where a ring goes with its last user it stays */
        CHECK_OK(slotring_close(ring));
        ring = other;
        CHECK_OK(slotring_allocate_span(ring, SLOTS * SIZE, NO_WAIT, &slot)); /* writes each link anew */
        CHECK_OK(slotring_abort(ring, &slot));
        check_ring_at_rest(ring);
        ring_remove(ring, ring_name());
    }
}

/* A reader that is stopped between two steps of its end is no finding. */
static void a_reader_that_leaves(void)
{
    begin();
    sr__view_t *view = &ring->member.view;
    uint32_t r = readers[0]->subscription_number;
    sr__word_t *state = &view->subscriptions[r].state;
    uint64_t word = sr__load(state), leaving = sr__gates_leave(view, r, word);
    CHECK(leaving != word);
    CHECK_EQUAL(findings(), 0);
    sr__gates_remove(view, r);
    CHECK_EQUAL(findings(), 0);
    CHECK_EQUAL(ring_stats(ring).readers, 1);
    sr__gates_add(view, r);
    CHECK(sr__cas(state, leaving, word));
    CHECK_EQUAL(findings(), 0);
    end();
}

/* Where the search for the end of the order runs into one that was overwritten, and nobody moves the tail on, it begins again and
 * again. An audit makes one such search, and not one for each slot. */
static void check_of_a_large_ring(void)
{
    ring = ring_create(ring_name(), 1 << 14, 64);
    sr__view_t *view = &ring->member.view;
    for (uint64_t n = 0; n <= view->order_mask; n++) /* each place of the order has an entry */
        publish(ring, 1, n);
    sr__word_t *last = sr__order_at(view, view->order_mask);
    uint64_t entry = sr__load(last), tail = sr__load(&view->state->tail);
    CHECK_EQUAL(findings(), 0);
    sr__poke(last, entry + (UINT64_C(5) << view->slot_bits));
    sr__poke(&view->state->tail, 0);
    CHECK_AT_LEAST(findings(), 1);
    sr__poke(last, entry);
    sr__poke(&view->state->tail, tail);
    CHECK_EQUAL(findings(), 0);
    ring_remove(ring, ring_name());
}

#define CASE(name)     \
    {                  \
#name, name, 0 \
    }
static const test_case_t cases[] = {
    CASE(a_damaged_record),
    CASE(damage_before_the_end),
    CASE(a_damaged_message),
    CASE(in_a_batch),
    CASE(a_lost_place),
    CASE(a_lost_place_in_a_batch),
    CASE(a_lost_lap),
    CASE(it_makes_room),
    CASE(pieces_without_a_head),
    CASE(a_reader_that_leaves),
    CASE(check_of_a_large_ring),
    CASE(a_link_into_nowhere),
    {NULL, NULL, 0},
};

const test_suite_t damage_suite = {"damage", cases, NULL};

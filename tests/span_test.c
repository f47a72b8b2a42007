/* SPDX-License-Identifier: Apache-2.0 */
/* Messages larger than a slot: taken whole or not at all, published at one instant, read as pieces or gathered, and all
 * their slots come back together. */
#include <stdlib.h>
#include <string.h>

#include "support/internals.h"
#include "support/ring.h"
#include "support/suite.h"
#include "support/thread.h"

#define SLOTS 8u
#define SIZE 100u /* of a slot */
#define NO_WAIT 0

static slotring_t *ring;
static slotring_reader_t *reader;

static void set_up_with(uint32_t when_full)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, SLOTS, SIZE);
    options.when_full = when_full;
    options.max_writers = 3;
    ring = ring_open_with(ring_name(), &options);
}

static void set_up(void)
{
    set_up_with(SLOTRING_OVERWRITE);
    reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
}

static void tear_down(void)
{
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static uint64_t free_slots(void)
{
    return ring_stats(ring).slots_free;
}

/* ---- Messages whose bytes follow from their tag ------------------------------------------------------------ */

static uint8_t *bytes_of(uint64_t tag, uint64_t length)
{
    static uint8_t bytes[SLOTS * SIZE];
    pattern_fill(bytes, length, tag);
    return bytes;
}

static void fill(slotring_t *of, slotring_slot_t *slot, uint64_t length, uint64_t tag)
{
    slot->tag = tag;
    CHECK_OK(slotring_scatter(of, slot, 0, bytes_of(tag, length), length));
}

static slotring_ticket_t publish_span(uint64_t length, uint64_t tag)
{
    slotring_slot_t slot;
    CHECK_OK(slotring_allocate_span(ring, length, NO_WAIT, &slot));
    fill(ring, &slot, length, tag);
    CHECK_OK(slotring_mark_ready(ring, &slot, length));
    return slot.ticket;
}

static void check_span(slotring_t *of, const slotring_slot_t *slot, uint64_t length, uint64_t tag)
{
    uint8_t bytes[SLOTS * SIZE];
    uint64_t got, position = 0;
    slotring_piece_t piece = {0};
    CHECK_EQUAL(slot->length, length);
    CHECK_EQUAL(slot->tag, tag);
    CHECK_EQUAL(slot->pieces, length <= SIZE ? 1 : (length + SIZE - 1) / SIZE);
    CHECK_EQUAL(slot->kind, length <= SIZE ? SLOTRING_KIND_SLOT : SLOTRING_KIND_SPAN);
    CHECK((slot->data == NULL) == (length > SIZE));
    while (slotring_next_piece(of, slot, &piece) == 0) {
        CHECK_EQUAL(piece.position, position);
        CHECK(piece.length <= SIZE && piece.length > 0);
        memcpy(bytes + position, piece.data, (size_t)piece.length);
        position += piece.length;
    }
    CHECK_CODE(slotring_next_piece(of, slot, &piece), SLOTRING_E_EMPTY);
    CHECK_EQUAL(piece.number, slot->pieces);
    CHECK_EQUAL(position, length);
    CHECK_EQUAL(pattern_verify(bytes, length, tag), length);
    CHECK_OK(slotring_gather(of, slot, 7, bytes, sizeof bytes, &got));
    CHECK_EQUAL(got, length - 7);
    CHECK_EQUAL(memcmp(bytes, bytes_of(tag, length) + 7, (size_t)got), 0);
}

static void take_span(uint64_t length, uint64_t tag)
{
    slotring_slot_t slot;
    CHECK_OK(slotring_next(reader, NO_WAIT, &slot));
    check_span(ring, &slot, length, tag);
    CHECK_OK(slotring_reader_release(reader));
}

/* ---- Tests ------------------------------------------------------------------------------------------------- */

static void published_at_one_instant(void)
{
    slotring_slot_t slot, other;
    set_up();
    CHECK_OK(slotring_allocate_span(ring, 250, NO_WAIT, &slot));
    CHECK_EQUAL(slot.pieces, 3);
    CHECK_EQUAL(slot.capacity, 3 * SIZE);
    CHECK(slot.data == NULL);
    CHECK_EQUAL(ring_stats(ring).slots_writing, 3);
    fill(ring, &slot, 250, 5);
    CHECK_CODE(slotring_next(reader, NO_WAIT, &other), SLOTRING_E_EMPTY);
    for (uint32_t i = 0; i < SLOTS; i++)
        CHECK_CODE(slotring_ticket_at(ring, i, &other.ticket), SLOTRING_E_NOT_READY);
    CHECK_OK(slotring_mark_ready(ring, &slot, 250));
    CHECK_EQUAL(slot.sequence, 0);
    CHECK_EQUAL(ring_stats(ring).published, 1);
    CHECK_EQUAL(ring_stats(ring).slots_ready, 3);
    take_span(250, 5);
    CHECK_EQUAL(ring_stats(ring).bytes_read, 250);
    tear_down();
}

static void every_length(void)
{
    set_up();
    for (uint64_t length = 8; length <= SLOTS * SIZE; length++) {
        publish_span(length, length);
        take_span(length, length);
    }
    CHECK_EQUAL(ring_stats(ring).published, SLOTS * SIZE - 7);
    tear_down();
}

static void keeps_what_the_bytes_take(void)
{
    slotring_slot_t slot;
    set_up();
    CHECK_OK(slotring_allocate_span(ring, 700, NO_WAIT, &slot));
    CHECK_EQUAL(free_slots(), 1);
    fill(ring, &slot, 201, 6);
    CHECK_OK(slotring_mark_ready(ring, &slot, 201));
    CHECK_EQUAL(free_slots(), 5);
    take_span(201, 6);
    CHECK_OK(slotring_allocate_span(ring, 500, NO_WAIT, &slot));
    fill(ring, &slot, 60, 7);
    CHECK_OK(slotring_mark_ready(ring, &slot, 60));
    take_span(60, 7);
    CHECK_OK(slotring_allocate_span(ring, 500, NO_WAIT, &slot));
    CHECK_CODE(slotring_mark_ready(ring, &slot, 501), SLOTRING_E_TOO_LARGE);
    CHECK_OK(slotring_mark_ready(ring, &slot, 0));
    CHECK_OK(slotring_next(reader, NO_WAIT, &slot));
    CHECK_EQUAL(slot.length, 0);
    CHECK_EQUAL(slot.pieces, 1);
    CHECK_OK(slotring_reader_release(reader));
    tear_down();
}

static void abort_gives_all_back(void)
{
    slotring_slot_t slot, copy;
    set_up();
    CHECK_OK(slotring_allocate_span(ring, 800, NO_WAIT, &slot));
    CHECK_EQUAL(free_slots(), 0);
    copy = slot;
    CHECK_OK(slotring_abort(ring, &slot));
    CHECK_EQUAL(free_slots(), SLOTS);
    CHECK_CODE(slotring_abort(ring, &slot), SLOTRING_E_STATE);
    CHECK_CODE(slotring_mark_ready(ring, &copy, 800), SLOTRING_E_STATE);
    CHECK_EQUAL(ring_stats(ring).aborted, 1);
    tear_down();
}

static void copies_publish_once(void)
{
    slotring_slot_t slot, copy, next;
    set_up();
    CHECK_OK(slotring_allocate_span(ring, 300, NO_WAIT, &slot));
    fill(ring, &slot, 300, 8);
    copy = slot;
    CHECK_OK(slotring_mark_ready(ring, &slot, 300));
    CHECK_CODE(slotring_mark_ready(ring, &copy, 300), SLOTRING_E_STATE);
    CHECK_CODE(slotring_abort(ring, &copy), SLOTRING_E_STATE);
    take_span(300, 8);
    for (int i = 0; i < 3; i++) { /* and when the slots are another span's, too */
        CHECK_OK(slotring_allocate_span(ring, 800, NO_WAIT, &next));
        CHECK_CODE(slotring_mark_ready(ring, &copy, 300), SLOTRING_E_STATE);
        CHECK_CODE(slotring_abort(ring, &copy), SLOTRING_E_STATE);
        CHECK_OK(slotring_abort(ring, &next));
    }
    tear_down();
}

static void slots_come_back_together(void)
{
    slotring_slot_t held, slot;
    set_up_with(SLOTRING_OVERWRITE);
    slotring_ticket_t ticket = publish_span(500, 9);
    CHECK_OK(slotring_acquire_for_read(ring, &ticket, &held));
    check_span(ring, &held, 500, 9);
    CHECK_EQUAL(ring_stats(ring).slots_held, 5);
    for (uint64_t i = 0; i < 20; i++) /* three slots go round */
        publish_span(100 + i, 100 + i);
    CHECK_CODE(slotring_allocate_span(ring, 301, NO_WAIT, &slot), SLOTRING_E_FULL);
    check_span(ring, &held, 500, 9);
    CHECK_OK(slotring_release(ring, &held));
    CHECK_AT_LEAST(free_slots(), 5);
    CHECK_CODE(slotring_acquire_for_read(ring, &ticket, &held), SLOTRING_E_STALE);
    CHECK_OK(slotring_allocate_span(ring, 800, NO_WAIT, &slot));
    CHECK_OK(slotring_abort(ring, &slot));
    tear_down();
}

static void freed_by_ticket(void)
{
    slotring_slot_t slot;
    set_up_with(SLOTRING_KEEP);
    slotring_ticket_t first = publish_span(400, 10), second = publish_span(350, 11);
    CHECK_CODE(slotring_allocate(ring, 1, &slot), SLOTRING_E_FULL);
    CHECK_OK(slotring_free(ring, &first));
    CHECK_CODE(slotring_free(ring, &first), SLOTRING_E_STALE);
    CHECK_EQUAL(free_slots(), 4);
    CHECK_OK(slotring_acquire_for_read(ring, &second, &slot));
    CHECK_OK(slotring_free(ring, &second));
    CHECK_EQUAL(free_slots(), 4);
    check_span(ring, &slot, 350, 11);
    CHECK_OK(slotring_release(ring, &slot));
    CHECK_EQUAL(free_slots(), SLOTS);
    tear_down();
}

static void all_or_nothing(void)
{
    slotring_slot_t slot, more;
    slotring_error_t error;
    set_up();
    CHECK_OK(slotring_allocate(ring, 1, &slot));
    CHECK_CODE(slotring_allocate_span(ring, 800, NO_WAIT, &more), SLOTRING_E_FULL);
    CHECK_EQUAL(free_slots(), SLOTS - 1);
    /* The slot that is missing is this process's own; that is told where the process is known to have one thread. */
    CHECK_CODE(slotring_allocate_span(ring, 800, 10 * MILLISECOND, &more),
               ring->member.os->system.threads() == 1 ? SLOTRING_E_STATE : SLOTRING_E_TIMEOUT);
    CHECK_EQUAL(free_slots(), SLOTS - 1);
    CHECK_CODE(slotring_allocate_span(ring, 801, NO_WAIT, &more), SLOTRING_E_TOO_LARGE);
    slotring_last_error(&error);
    CHECK(strstr(error.text, "801") != NULL && strstr(error.text, "8 slots of 100") != NULL);
    CHECK_CODE(slotring_allocate_span(ring, UINT64_MAX, NO_WAIT, &more), SLOTRING_E_TOO_LARGE);
    CHECK_OK(slotring_abort(ring, &slot));
    CHECK_OK(slotring_allocate_span(ring, 800, NO_WAIT, &more));
    CHECK_OK(slotring_abort(ring, &more));
    tear_down();
}

static void waits_for_itself(void)
{
    slotring_slot_t slot;
    slotring_options_t options = ring_options(SLOTRING_CREATE, SLOTS, SIZE);
    options.flags = SLOTRING_ONE_THREAD;
    ring = ring_open_with(ring_name(), &options);
    reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    publish_span(450, 12); /* five slots, which this thread has to read */
    CHECK_CODE(slotring_allocate_span(ring, 400, PATIENCE, &slot), SLOTRING_E_STATE);
    CHECK_EQUAL(free_slots(), 3);
    CHECK_OK(slotring_allocate_span(ring, 300, PATIENCE, &slot));
    CHECK_CODE(slotring_allocate_wait(ring, 1, PATIENCE, &(slotring_slot_t){0}), SLOTRING_E_STATE);
    CHECK_OK(slotring_abort(ring, &slot));
    take_span(450, 12);
    tear_down();
}

static void waits_for_slots(void *of)
{
    slotring_slot_t slot;
    CHECK_CODE(slotring_allocate_span(of, 400, FOR_EVER, &slot), SLOTRING_E_STOPPED);
}

/* Another one waits already, and keeps what it has: that changes nothing of what this thread is told. */
static void waits_for_itself_beside_another(void)
{
    slotring_slot_t slot;
    slotring_options_t options = ring_options(SLOTRING_CREATE, SLOTS, SIZE);
    options.flags = SLOTRING_ONE_THREAD;
    ring = ring_open_with(ring_name(), &options);
    slotring_t *other = ring_attach(ring_name());
    reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    publish_span(450, 12);
    thread_start(waits_for_slots, other);
    threads_wait_asleep();
    CHECK(sr__load(&ring->member.view.state->span_token) != 0);
    CHECK_CODE(slotring_allocate_span(ring, 400, PATIENCE, &slot), SLOTRING_E_STATE);
    CHECK_OK(slotring_stop(other));
    threads_join();
    take_span(450, 12);
    CHECK_OK(slotring_close(other));
    tear_down();
}

/* A copy of the struct does not reach what was published. */
static void a_copy_writes_nothing_published(void)
{
    slotring_slot_t slot, copy;
    slotring_piece_t piece = {0};
    set_up();
    for (uint64_t length = 50; length <= 250; length += 200) {
        CHECK_OK(slotring_allocate_span(ring, length, NO_WAIT, &slot));
        fill(ring, &slot, length, 3);
        copy = slot;
        CHECK_OK(slotring_mark_ready(ring, &slot, length));
        CHECK_CODE(slotring_scatter(ring, &copy, 0, "x", 1), SLOTRING_E_STATE);
        CHECK_CODE(slotring_next_piece(ring, &copy, &piece), SLOTRING_E_STATE);
        take_span(length, 3);
    }
    tear_down();
}

static void pieces_have_no_ticket(void)
{
    slotring_slot_t slot;
    set_up();
    slotring_ticket_t ticket = publish_span(800, 13), forged = ticket;
    for (uint32_t i = 0; i < SLOTS; i++) {
        forged.slot = i;
        if (i == ticket.slot)
            continue;
        CHECK_CODE(slotring_ticket_at(ring, i, &slot.ticket), SLOTRING_E_NOT_READY);
        CHECK_CODE(slotring_acquire_for_read(ring, &forged, &slot), SLOTRING_E_STALE);
        CHECK_CODE(slotring_free(ring, &forged), SLOTRING_E_STALE);
    }
    take_span(800, 13);
    tear_down();
}

static void copied(void)
{
    uint8_t bytes[SLOTS * SIZE];
    slotring_slot_t info;
    set_up();
    slotring_ticket_t ticket = publish_span(555, 14);
    slotring_t *observer = ring_observe(ring_name()), *both[] = {ring, observer};
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
    take_span(555, 14);
    publish_span(800, 15);
    for (int i = 0; i < 2; i++)
        CHECK_CODE(slotring_copy(both[i], &ticket, bytes, 555, &info), SLOTRING_E_STALE);
    CHECK_OK(slotring_close(observer));
    take_span(800, 15);
    tear_down();
}

static void of_a_writer(void)
{
    slotring_writer_t *writer;
    slotring_slot_t slot;
    uint32_t done;
    set_up();
    CHECK_OK(slotring_writer_open(ring, NULL, &writer));
    static const uint64_t lengths[] = {10, 333, 90, 700, 12, 101};
    for (uint64_t i = 0; i < 6; i++) {
        CHECK_OK(slotring_writer_append(writer, bytes_of(i, lengths[i]), lengths[i], i, NO_WAIT));
        CHECK_OK(slotring_next(reader, NO_WAIT, &slot));
        CHECK_EQUAL(slot.number, i);
        CHECK_EQUAL(slot.writer, 0);
        if (lengths[i] > SIZE)
            check_span(ring, &slot, lengths[i], i);
        CHECK_OK(slotring_reader_release(reader));
    }
    CHECK_OK(slotring_writer_reserve(writer, 444, NO_WAIT, &slot));
    CHECK_EQUAL(slot.pieces, 5);
    CHECK_EQUAL(slot.number, 6);
    fill(ring, &slot, 333, 6);
    CHECK_OK(slotring_writer_commit(writer, &slot, 333));
    take_span(333, 6);
    CHECK_OK(slotring_writer_reserve(writer, 444, NO_WAIT, &slot));
    CHECK_OK(slotring_writer_cancel(writer, &slot));
    CHECK_OK(slotring_writer_reserve(writer, 444, NO_WAIT, &slot));
    fill(ring, &slot, 50, 7);
    CHECK_OK(slotring_writer_commit(writer, &slot, 50));
    take_span(50, 7);
    slotring_message_t batch[] = {
        {bytes_of(8, 9), 9, 8}, {bytes_of(8, 250), 250, 8}, {bytes_of(8, 700), 700, 8}};
    CHECK_OK(slotring_writer_append_batch(writer, batch, 3, NO_WAIT, &done));
    CHECK_EQUAL(done, 2); /* no room for the third beside what is not read */
    CHECK_OK(slotring_next(reader, NO_WAIT, &slot));
    CHECK_OK(slotring_reader_release(reader));
    take_span(250, 8);
    CHECK_CODE(slotring_writer_append(writer, bytes_of(9, 800), 801, 9, NO_WAIT), SLOTRING_E_TOO_LARGE);
    CHECK_OK(slotring_writer_close(writer));
    tear_down();
}

/* In rings with an option of their own: bytes that were changed are found, in the last piece too. */
static void with_checksums(void)
{
    slotring_slot_t slot;
    slotring_piece_t piece = {0};
    uint64_t findings;
    slotring_options_t options = ring_options(SLOTRING_CREATE, SLOTS, SIZE);
    options.flags = SLOTRING_CHECKSUMS;
    ring = ring_open_with(ring_name(), &options);
    reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_ticket_t ticket = publish_span(333, 17);
    uint8_t bytes[SLOTS * SIZE], *last = NULL;
    CHECK_OK(slotring_next(reader, NO_WAIT, &slot));
    CHECK_OK(slotring_verify(ring, &slot));
    while (slotring_next_piece(ring, &slot, &piece) == 0)
        last = piece.data;
    CHECK_OK(slotring_copy(ring, &ticket, bytes, sizeof bytes, NULL));
    CHECK_OK(slotring_check(ring, NULL, NULL, &findings));
    CHECK_EQUAL(findings, 0);
    last[3] ^= 1;
    CHECK_CODE(slotring_verify(ring, &slot), SLOTRING_E_CHECKSUM);
    CHECK_CODE(slotring_copy(ring, &ticket, bytes, sizeof bytes, NULL), SLOTRING_E_CHECKSUM);
    CHECK_OK(slotring_check(ring, NULL, NULL, &findings));
    CHECK_EQUAL(findings, 1);
    last[3] ^= 1;
    CHECK_OK(slotring_verify(ring, &slot));
    CHECK_OK(slotring_reader_release(reader));
    slotring_writer_t *writer;
    CHECK_OK(slotring_writer_open(ring, NULL, &writer));
    CHECK_OK(slotring_writer_append(writer, bytes_of(18, 444), 444, 18, NO_WAIT));
    CHECK_OK(slotring_next(reader, NO_WAIT, &slot));
    CHECK_OK(slotring_verify(ring, &slot));
    CHECK_OK(slotring_reader_release(reader));
    CHECK_OK(slotring_writer_close(writer));
    tear_down();
}

/* All slots of a span are free as soon as the last lossless reader has passed it. */
static void in_a_hot_ring(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, SLOTS, SIZE);
    options.flags = SLOTRING_HOT_SLOTS;
    ring = ring_open_with(ring_name(), &options);
    reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    for (uint64_t i = 0; i < 50; i++) {
        publish_span(300 + i * 7, i);
        take_span(300 + i * 7, i);
        CHECK_EQUAL(free_slots(), SLOTS);
    }
    tear_down();
}

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
    set_up();
    uint64_t next[3] = {0};
    slotring_slot_t
        none; /* the stream of this handle is open, so the ring's do not end before all have begun */
    CHECK_OK(slotring_allocate(ring, 1, &none));
    CHECK_OK(slotring_abort(ring, &none));
    for (uintptr_t i = 0; i < 3; i++)
        thread_start(produce, (void *)i);
    for (uint64_t n = 0; n < 3 * scaled(MESSAGES) && threads_go_on(); n++) {
        slotring_slot_t slot;
        uint8_t bytes[SLOTS * SIZE];
        uint64_t got;
        CHECK_OK(slotring_next(reader, PATIENCE, &slot));
        CHECK_OK(slotring_gather(ring, &slot, 0, bytes, sizeof bytes, &got));
        CHECK_EQUAL(got, slot.length);
        CHECK_EQUAL(pattern_verify(bytes, got, slot.tag), got);
        CHECK_EQUAL(slot.tag & 0xffffffff, next[slot.tag >> 32]++);
        CHECK_OK(slotring_reader_release(reader));
    }
    threads_join();
    CHECK_EQUAL(sr__load(&ring->member.view.state->span_token), 0);
    tear_down();
}

/* ---- Damage ------------------------------------------------------------------------------------------------ */

static uint64_t findings(void)
{
    uint64_t count;
    CHECK_OK(slotring_check(ring, NULL, NULL, &count));
    return count;
}

static void damage_is_found(void)
{
    slotring_slot_t slot;
    uint8_t bytes[SLOTS * SIZE];
    set_up();
    slotring_ticket_t ticket = publish_span(500, 16);
    sr__view_t *view = &ring->member.view;
    slotring_piece_t piece = {0};
    CHECK_OK(slotring_acquire_for_read(ring, &ticket, &slot));
    for (int i = 0; i < 3; i++)
        CHECK_OK(slotring_next_piece(ring, &slot, &piece));
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
        CHECK_CODE(slotring_gather(ring, &slot, 0, bytes, sizeof bytes, NULL), SLOTRING_E_CORRUPT);
        CHECK_CODE(slotring_copy(ring, &ticket, bytes, sizeof bytes, NULL), SLOTRING_E_CORRUPT);
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
        CHECK_CODE(slotring_acquire_for_read(ring, &ticket, &other), SLOTRING_E_CORRUPT);
        CHECK_CODE(slotring_copy(ring, &ticket, bytes, sizeof bytes, NULL), SLOTRING_E_CORRUPT);
    }
    atomic_store(&head->length, right);
    check_context("%s", "");
    CHECK_OK(slotring_release(ring, &slot));
    take_span(500, 16);
    tear_down();
}

/* The words of a span's slots, from the head on. */
static uint32_t chain_of(const slotring_slot_t *slot, sr__slot_t *chain[SLOTS])
{
    uint32_t count = 0;
    slotring_piece_t piece = {0};
    while (slotring_next_piece(ring, slot, &piece) == 0)
        chain[count++] = sr__slot(&ring->member.view, piece.index);
    return count;
}

static void check_damaged(slotring_t *observer, const slotring_slot_t *slot)
{
    uint8_t bytes[SLOTS * SIZE];
    slotring_slot_t again;
    slotring_piece_t piece = {0};
    int code;
    CHECK_CODE(slotring_gather(ring, slot, 0, bytes, sizeof bytes, NULL), SLOTRING_E_CORRUPT);
    while ((code = slotring_next_piece(ring, slot, &piece)) == 0)
        ;
    CHECK_CODE(code, SLOTRING_E_CORRUPT);
    CHECK_CODE(slotring_copy(ring, &slot->ticket, bytes, sizeof bytes, &again), SLOTRING_E_CORRUPT);
    CHECK_CODE(slotring_copy(observer, &slot->ticket, bytes, sizeof bytes, &again), SLOTRING_E_CORRUPT);
    CHECK_AT_LEAST(findings(), 1);
}

/* Two spans with as many pieces. A link that was changed never gives a piece of the other one, nor one piece twice, as if it was
 * the message; and the pieces of each go with it, and no others. */
static void no_piece_of_another(void)
{
    slotring_slot_t a, b;
    sr__slot_t *of_a[SLOTS], *of_b[SLOTS];
    set_up();
    slotring_t *observer = ring_observe(ring_name());
    slotring_ticket_t first = publish_span(400, 1), second = publish_span(400, 2);
    CHECK_OK(slotring_acquire_for_read(ring, &first, &a));
    CHECK_OK(slotring_acquire_for_read(ring, &second, &b));
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
            check_span(ring, &b, 400, 2);
            atomic_store(&of_a[from]->next, right);
            CHECK_EQUAL(findings(), 0);
        }
    check_context("%s", "");
    CHECK_OK(slotring_release(ring, &a));
    take_span(400, 1);
    atomic_store(&of_a[1]->next, sr__load(&of_b[1]->next));
    publish_span(100, 3); /* over the first one, whose pieces go as far as they are its own */
    check_span(ring, &b, 400, 2);
    CHECK_AT_LEAST(findings(), 1);
    CHECK_OK(slotring_recover(ring, NULL)); /* the rest */
    CHECK_EQUAL(findings(), 0);
    CHECK_EQUAL(free_slots(), 3);
    CHECK_OK(slotring_release(ring, &b));
    CHECK_OK(slotring_close(observer));
    take_span(400, 2);
    take_span(100, 3);
    tear_down();
}

/* ---- Who waits for whom ------------------------------------------------------------------------------------ */

/* The history of a reader of its own takes the slots. */
static void waits_for_its_history(void)
{
    slotring_slot_t slot;
    slotring_options_t options = ring_options(SLOTRING_CREATE, SLOTS, SIZE);
    options.flags = SLOTRING_ONE_THREAD;
    ring = ring_open_with(ring_name(), &options);
    publish_span(450, 1);
    reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_OLDEST);
    CHECK_CODE(slotring_allocate_span(ring, 400, PATIENCE, &slot), SLOTRING_E_STATE);
    CHECK_OK(slotring_allocate_span(ring, 300, PATIENCE, &slot));
    CHECK_CODE(slotring_allocate_wait(ring, 1, PATIENCE, &(slotring_slot_t){0}), SLOTRING_E_STATE);
    CHECK_OK(slotring_abort(ring, &slot));
    take_span(450, 1);
    tear_down();
}

/* Only what it writes does. */
static void waits_for_what_it_writes(void)
{
    slotring_slot_t slots[2], slot;
    slotring_options_t options = ring_options(SLOTRING_CREATE, SLOTS, SIZE);
    options.flags = SLOTRING_ONE_THREAD;
    ring = ring_open_with(ring_name(), &options);
    CHECK_OK(slotring_allocate_span(ring, 300, PATIENCE, &slots[0]));
    CHECK_CODE(slotring_allocate_span(ring, 600, PATIENCE, &slot), SLOTRING_E_STATE);
    CHECK_OK(slotring_allocate_span(ring, 500, PATIENCE, &slots[1]));
    CHECK_OK(slotring_abort(ring, &slots[0]));
    CHECK_OK(slotring_abort(ring, &slots[1]));
    tear_down();
}

static void a_laggard_in_slots_and_in_messages(void)
{
    slotring_blocker_t worst;
    uint32_t count;
    char text[SLOTRING_BLOCKER_TEXT_SIZE];
    set_up();
    publish_span(450, 1);
    publish_span(60, 2);
    CHECK_OK(slotring_blockers(ring, &worst, 1, &count));
    CHECK_EQUAL(worst.why, SLOTRING_BLOCKS_BY_LAG);
    CHECK_EQUAL(worst.slots, 6);
    CHECK_EQUAL(worst.messages, 2);
    CHECK_OK(slotring_blocker_to_text(&worst, text, sizeof text));
    CHECK(strstr(text, "is 2 messages behind") != NULL);
    take_span(450, 1);
    take_span(60, 2);
    tear_down();
}

/* Of a ring that overwrites: a message that cannot have its slots costs no other message. */
static void what_cannot_succeed_overwrites_nothing(void)
{
    slotring_slot_t held, slot;
    set_up_with(SLOTRING_OVERWRITE);
    slotring_ticket_t tickets[SLOTS];
    for (uint64_t n = 0; n < SLOTS; n++)
        tickets[n] = publish_span(50, n);
    CHECK_OK(slotring_acquire_for_read(ring, &tickets[5], &held));
    CHECK_CODE(slotring_allocate_span(ring, SLOTS * SIZE, NO_WAIT, &slot), SLOTRING_E_FULL);
    CHECK_EQUAL(ring_stats(ring).overwritten, 0);
    for (uint64_t n = 0; n < SLOTS; n++) {
        slotring_slot_t there;
        CHECK_OK(slotring_acquire_for_read(ring, &tickets[n], &there));
        CHECK_OK(slotring_release(ring, &there));
    }
    CHECK_OK(slotring_allocate_span(ring, (SLOTS - 1) * SIZE, NO_WAIT, &slot));
    CHECK_OK(slotring_abort(ring, &slot));
    CHECK_OK(slotring_release(ring, &held));
    tear_down();
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
    ring = ring_open_with(ring_name(), &options);
    options.mode = SLOTRING_ATTACH;
    slotring_t *idle = ring_attach(ring_name()), *waiting = ring_open_with(ring_name(), &options);
    slotring_writer_t *writer;
    slotring_slot_t slot;
    CHECK_OK(slotring_writer_open(idle, NULL, &writer));
    CHECK_OK(slotring_writer_append(writer, "x", 1, 1, NO_WAIT));
    thread_start(waits_for_all, waiting);
    while (sr__load(&ring->member.view.state->span_token) == 0 && threads_go_on())
        ;
    for (int n = 0; n < 5; n++) {
        CHECK_OK(slotring_allocate_wait(ring, 1, PATIENCE, &slot));
        CHECK_OK(slotring_mark_ready(ring, &slot, 1));
    }
    CHECK_OK(slotring_writer_close(writer));
    threads_join();
    CHECK_OK(slotring_close(waiting));
    CHECK_OK(slotring_close(idle));
    tear_down();
}

static void wrong_use_is_refused(void)
{
    slotring_slot_t slot, none = {0};
    slotring_piece_t piece = {0};
    uint8_t bytes[SIZE];
    set_up();
    slotring_t *other = ring_attach(ring_name());
    CHECK_CODE(slotring_next_piece(ring, &none, &piece), SLOTRING_E_STATE);
    CHECK_CODE(slotring_allocate_span(ring, 200, NO_WAIT, NULL), SLOTRING_E_INVALID);
    CHECK_OK(slotring_allocate_span(ring, 200, NO_WAIT, &slot));
    CHECK_CODE(slotring_next_piece(ring, &slot, NULL), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_next_piece(other, &slot, &piece), SLOTRING_E_NOT_OWNER);
    CHECK_CODE(slotring_mark_ready(other, &slot, 1), SLOTRING_E_NOT_OWNER);
    CHECK_CODE(slotring_abort(other, &slot), SLOTRING_E_NOT_OWNER);
    CHECK_CODE(slotring_scatter(ring, &slot, 150, bytes, 51), SLOTRING_E_TOO_LARGE);
    CHECK_CODE(slotring_scatter(ring, &slot, 201, bytes, 0), SLOTRING_E_SIZE);
    CHECK_CODE(slotring_scatter(ring, &slot, 0, NULL, 1), SLOTRING_E_INVALID);
    CHECK_OK(slotring_scatter(ring, &slot, 100, bytes, SIZE));
    CHECK_OK(slotring_mark_ready(ring, &slot, 200));
    CHECK_CODE(slotring_scatter(ring, &slot, 0, bytes, 1), SLOTRING_E_STATE);
    CHECK_OK(slotring_next(reader, NO_WAIT, &slot));
    CHECK_CODE(slotring_scatter(ring, &slot, 0, bytes, 1), SLOTRING_E_STATE);
    CHECK_CODE(slotring_gather(ring, &slot, 201, bytes, 1, NULL), SLOTRING_E_SIZE);
    CHECK_OK(slotring_gather(ring, &slot, 200, NULL, 0, NULL));
    CHECK_OK(slotring_reader_release(reader));
    CHECK_OK(slotring_close(other));
    tear_down();
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
    CASE(waits_for_itself, 0),
    CASE(waits_for_itself_beside_another, TEST_THREADS),
    CASE(a_copy_writes_nothing_published, 0),
    CASE(pieces_have_no_ticket, 0),
    CASE(copied, 0),
    CASE(of_a_writer, 0),
    CASE(with_checksums, 0),
    CASE(in_a_hot_ring, 0),
    CASE(two_wait_for_each_other, 0),
    CASE(damage_is_found, 0),
    CASE(no_piece_of_another, 0),
    CASE(waits_for_its_history, 0),
    CASE(waits_for_what_it_writes, 0),
    CASE(a_laggard_in_slots_and_in_messages, 0),
    CASE(what_cannot_succeed_overwrites_nothing, 0),
    CASE(others_go_on_beside_one_that_waits, TEST_THREADS),
    CASE(wrong_use_is_refused, 0),
    {NULL, NULL, 0},
};

const test_suite_t span_suite = {"span", cases, NULL};

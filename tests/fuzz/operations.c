/* SPDX-License-Identifier: Apache-2.0 */
/* Errors are welcome here, whichever. A success must be true: what the library gives out lies in the ring's payload and
 * is no longer than a slot. */
#include "operations.h"

#include <stdlib.h>
#include <string.h>

/* ns: over before anybody sleeps; and long enough for that. */
#define AT_ONCE 1
#define A_MOMENT 2000

void fuzz_options(slotring_options_t *options, uint32_t mode)
{
    slotring_options_init(options);
    options->mode = mode;
    options->max_participants = FUZZ_PARTICIPANTS;
    options->max_readers = FUZZ_READERS;
    options->spin_ns = 1;
    options->wait_slice_ns = 1000;
    options->lock_timeout_ns = 1000000;
}

static void use_bytes(uint8_t *data, uint64_t bytes, bool to_write)
{
    volatile uint8_t sum = 0;
    if (to_write)
        memset(data, 7, (size_t)bytes);
    for (uint64_t i = 0; i < bytes; i++)
        sum = (uint8_t)(sum + data[i]);
}

/* The same for each piece of a span. A piece that is not there is an error. */
static void use_pieces(slotring_t *ring, slotring_slot_t *slot, const slotring_info_t *info, bool to_write)
{
    static uint8_t buffer[FUZZ_SLOTS * FUZZ_SLOT_SIZE];
    const uint8_t *begin = info->payload;
    slotring_piece_t piece = {0};
    uint64_t got = 0, position = 0;
    if (slot->length > slot->capacity || slot->capacity != slot->pieces * FUZZ_SLOT_SIZE ||
        slot->pieces > FUZZ_SLOTS || slot->data != NULL)
        abort();
    while (slotring_next_piece(ring, slot, &piece) == 0) {
        const uint8_t *data = piece.data;
        if (piece.length > FUZZ_SLOT_SIZE || piece.position != position || piece.number > FUZZ_SLOTS ||
            data < begin || data + FUZZ_SLOT_SIZE > begin + info->payload_size)
            abort();
        use_bytes(piece.data, piece.length, to_write);
        position += piece.length;
    }
    (void)slotring_gather(ring, slot, 1, buffer, sizeof buffer, &got);
    if (got > sizeof buffer)
        abort();
    if (to_write)
        (void)slotring_scatter(ring, slot, 3, buffer, slot->capacity - 3);
}

/* Ends the run unless the slot lies where it may; then uses all of it. */
static void use_slot(slotring_t *ring, slotring_slot_t *slot, bool to_write)
{
    slotring_info_t info = {.struct_size = sizeof info};
    uint64_t bytes = to_write ? slot->capacity : slot->length;
    if (slotring_info(ring, &info) != 0)
        return; /* evicted meanwhile */
    if (slot->kind == SLOTRING_KIND_SPAN) {
        use_pieces(ring, slot, &info, to_write);
        return;
    }
    const uint8_t *begin = info.payload, *data = slot->data;
    bool is_record = slot->kind == SLOTRING_KIND_RECORD;
    if (slot->length > slot->capacity || slot->capacity > FUZZ_SLOT_SIZE ||
        (!is_record && slot->capacity != FUZZ_SLOT_SIZE) || slot->index >= FUZZ_SLOTS || data < begin ||
        data + slot->capacity > begin + info.payload_size || (uint64_t)(data - begin) != slot->offset)
        abort();
    use_bytes(slot->data, bytes, to_write);
}

/* ---- Writing ---------------------------------------------------------------------------------------- */

void fuzz_publish(slotring_t *ring, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        slotring_slot_t slot;
        if (slotring_allocate(ring, FUZZ_SLOT_SIZE, &slot) != 0)
            return;
        use_slot(ring, &slot, true);
        (void)slotring_mark_ready(ring, &slot, i % FUZZ_SLOT_SIZE);
    }
}

static void write_in_other_ways(slotring_t *ring)
{
    slotring_slot_t slot, slots[3];
    uint32_t count = 0, published;
    if (slotring_allocate_wait(ring, 1, A_MOMENT, &slot) == 0) {
        use_slot(ring, &slot, true);
        (void)slotring_abort(ring, &slot);
    }
    if (slotring_allocate_batch(ring, 1, slots, 3, AT_ONCE, &count) != 0)
        return;
    for (uint32_t i = 0; i < count; i++) {
        use_slot(ring, &slots[i], true);
        slots[i].length = i;
    }
    if (slotring_mark_ready_batch(ring, slots, count, &published) != 0)
        for (uint32_t i = published; i < count; i++)
            (void)slotring_abort(ring, &slots[i]);
}

/* One of three slots, one that is cut to two, one that is given up. */
static void write_spans(slotring_t *ring)
{
    static const uint64_t lengths[] = {3 * FUZZ_SLOT_SIZE, FUZZ_SLOT_SIZE + 1, 0};
    for (unsigned i = 0; i < 3; i++) {
        slotring_slot_t slot;
        if (slotring_allocate_span(ring, 3 * FUZZ_SLOT_SIZE - i, i == 2 ? A_MOMENT : 0, &slot) != 0)
            continue;
        use_slot(ring, &slot, true);
        if (lengths[i] > 0)
            (void)slotring_mark_ready(ring, &slot, lengths[i]);
        else
            (void)slotring_abort(ring, &slot);
    }
}

/* ---- Writing messages of any size ------------------------------------------------------------------- */

static const uint8_t message[2 * FUZZ_SLOT_SIZE + 1];

void fuzz_append(slotring_writer_t *writer)
{
    static const uint64_t sizes[] = {
        0, 1, 9, 40, FUZZ_SLOT_SIZE / 2, 3, FUZZ_SLOT_SIZE, 2 * FUZZ_SLOT_SIZE + 1};
    slotring_message_t messages[8];
    uint32_t done;
    for (unsigned i = 0; i < 8; i++) {
        messages[i] = (slotring_message_t){message, sizes[i], i % 2 ? UINT64_MAX - i : i};
        (void)slotring_writer_append(writer, message, sizes[i], messages[i].tag, i % 2 ? 0 : AT_ONCE);
    }
    if (slotring_writer_append_batch(writer, messages, 8, 0, &done) == 0 && done > 8)
        abort();
}

static bool reserve(slotring_t *ring, slotring_writer_t *writer, uint64_t size, slotring_slot_t *slot)
{
    if (!writer || slotring_writer_reserve(writer, size, AT_ONCE, slot) != 0)
        return false;
    use_slot(ring, slot, true);
    return true;
}

static slotring_writer_t *open_writer(slotring_t *ring)
{
    slotring_writer_t *writer;
    return slotring_writer_open(ring, NULL, &writer) == 0 ? writer : NULL;
}

static void write_records(slotring_t *ring, bool closes)
{
    slotring_writer_t *writer = open_writer(ring);
    slotring_slot_t slot;
    if (!writer)
        return;
    fuzz_append(writer);
    if (reserve(ring, writer, 20, &slot))
        (void)slotring_writer_commit(writer, &slot, 9);
    if (reserve(ring, writer, FUZZ_SLOT_SIZE, &slot))
        (void)slotring_writer_cancel(writer, &slot);
    if (reserve(ring, writer, FUZZ_SLOT_SIZE, &slot))
        (void)slotring_writer_commit(writer, &slot, 99);
    if (reserve(ring, writer, 3 * FUZZ_SLOT_SIZE, &slot))
        (void)slotring_writer_commit(writer, &slot, 2 * FUZZ_SLOT_SIZE);
    (void)slotring_writer_append(writer, message, 5, 5, 0); /* and a slot stays open */
    if (closes)
        (void)slotring_writer_close(writer);
}

/* ---- Reading by ticket ------------------------------------------------------------------------------ */

static void copy(slotring_t *ring, const slotring_ticket_t *ticket)
{
    uint8_t buffer[3 * FUZZ_SLOT_SIZE];
    slotring_slot_t info;
    char text[SLOTRING_TICKET_TEXT_SIZE];
    slotring_ticket_t again;
    if (slotring_copy(ring, ticket, buffer, sizeof buffer, &info) == 0 && info.length > sizeof buffer)
        abort();
    (void)slotring_copy(ring, ticket, buffer, 1, NULL);
    (void)slotring_copy_sequence(ring, ticket->sequence, buffer, sizeof buffer, NULL);
    if (slotring_ticket_to_text(ticket, text, sizeof text) != 0 ||
        slotring_ticket_from_text(text, &again) != 0 || memcmp(&again, ticket, sizeof again) != 0)
        abort();
}

/* Messages of writers, from the newest on backwards, as long as their numbers go down. */
static void use_tickets_of_writers(slotring_t *ring)
{
    for (uint32_t row = 0; row < 4; row++) {
        slotring_ticket_t ticket;
        uint64_t number = UINT64_MAX;
        for (int turn = 0; turn < 16 && slotring_ticket_of_writer(ring, row, number, &ticket) == 0; turn++) {
            copy(ring, &ticket);
            if (ticket.flags == 0)
                break; /* its sequence is not its number */
            if (ticket.sequence > number)
                abort();
            if (ticket.sequence == 0)
                break;
            number = ticket.sequence - 1;
        }
    }
}

static void use_tickets(slotring_t *ring)
{
    use_tickets_of_writers(ring);
    for (uint32_t i = 0; i < FUZZ_SLOTS; i++) {
        slotring_ticket_t ticket;
        slotring_slot_t slot;
        if (slotring_ticket_at(ring, i, &ticket) != 0)
            continue;
        copy(ring, &ticket);
        if (slotring_acquire_for_read(ring, &ticket, &slot) == 0) {
            use_slot(ring, &slot, false);
            (void)slotring_verify(ring, &slot);
            if (i % 2)
                (void)slotring_free(ring, &ticket);
            (void)slotring_release(ring, &slot);
        }
    }
}

/* ---- Reading in order ------------------------------------------------------------------------------- */

/* A mark that is told says no more bytes than it has. */
static void use_mark(const slotring_mark_t *mark)
{
    if (mark->size > SLOTRING_MARK_BYTES_MAX || mark->kind < SLOTRING_MARK_RUN_BEGIN ||
        mark->kind > SLOTRING_MARK_GAP)
        abort();
}

static void make_marks(slotring_t *ring)
{
    slotring_run_gate_t gate = {
        .struct_size = sizeof gate, .free_percent = 50, .readers = 1, .nothing_dropped = 1};
    slotring_mark_t mark;
    uint64_t number;
    for (uint32_t kind = SLOTRING_MARK_RUN_BEGIN; kind <= SLOTRING_MARK_USER; kind++)
        if (slotring_mark(ring, kind, 1, kind, message, kind, &mark) == 0)
            use_mark(&mark);
    (void)slotring_publish_gap(ring, 3, NULL);
    if (slotring_run(ring, &mark) == 0)
        use_mark(&mark);
    (void)slotring_number_of(ring, 2, &number);
    (void)slotring_sequence_of(ring, 2, &number);
    (void)slotring_marks_behind(ring, &number);
    (void)slotring_writer_progress(ring, 0, &number, NULL);
    (void)slotring_run_gate(ring, &gate);
    (void)slotring_drain(ring, SLOTRING_DRAIN_ALL, A_MOMENT);
}

static void read_on(slotring_t *ring, slotring_reader_t *reader, unsigned turns)
{
    for (unsigned i = 0; i < turns; i++) {
        slotring_slot_t slots[3];
        slotring_participant_t who;
        uint32_t count = 1;
        int code = i % 2 ? slotring_next(reader, 0, slots)
                         : slotring_next_batch(reader, i % 4 ? 0 : AT_ONCE, slots, 3, &count);
        if (code == SLOTRING_E_PRODUCER_DIED)
            (void)slotring_reader_death(reader, &who);
        slotring_mark_t mark;
        if (code == SLOTRING_E_MARK && slotring_reader_mark(reader, &mark) == 0)
            use_mark(&mark);
        if (code != 0 && code != SLOTRING_E_CHECKSUM)
            continue;
        for (uint32_t k = 0; k < count; k++)
            use_slot(ring, &slots[k], false);
        (void)slotring_verify(ring, &slots[0]);
        (void)slotring_reader_release(reader);
    }
    slotring_reader_info_t info;
    (void)slotring_reader_info(reader, &info);
}

/* What the ring has of a message may be anything; what is read of it is not beyond its slot. Where the ring has checksums, every
 * second reader compares them. */
static slotring_reader_t *subscribe(slotring_t *ring, uint32_t mode, uint32_t start)
{
    slotring_reader_options_t options;
    slotring_reader_t *reader;
    slotring_reader_options_init(&options);
    options.mode = mode;
    options.start = start;
    options.flags = (mode == start ? SLOTRING_VERIFY : 0) | SLOTRING_TELL_MARKS;
    if (slotring_subscribe(ring, &options, &reader) == 0)
        return reader;
    options.flags = mode == SLOTRING_LOSSY ? SLOTRING_TELL_MARKS : 0;
    return slotring_subscribe(ring, &options, &reader) == 0 ? reader : NULL;
}

static void read_in_order(slotring_t *ring, uint32_t mode, uint32_t start)
{
    slotring_reader_t *reader = subscribe(ring, mode, start);
    if (!reader)
        return;
    fuzz_publish(ring, FUZZ_SLOTS / 2);
    read_on(ring, reader, FUZZ_SLOTS / 2);
    make_marks(ring);
    write_records(ring, mode == SLOTRING_LOSSY);
    read_on(ring, reader, 3 * FUZZ_SLOTS);
    (void)slotring_interrupt(ring);
    slotring_slot_t slot;
    if (slotring_next(reader, AT_ONCE, &slot) == 0)
        (void)slotring_reader_release(reader);
    (void)slotring_unsubscribe(reader);
}

/* ---- In hand ---------------------------------------------------------------------------------------- */

void fuzz_take_in_hand(slotring_t *ring, in_hand_t *hand)
{
    memset(hand, 0, sizeof *hand);
    slotring_ticket_t ticket;
    hand->lossless = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_OLDEST);
    hand->lossy = subscribe(ring, SLOTRING_LOSSY, SLOTRING_FROM_OLDEST);
    for (uint32_t i = 0; i < FUZZ_SLOTS && !hand->is_held; i++)
        hand->is_held = slotring_ticket_at(ring, i, &ticket) == 0 &&
                        slotring_acquire_for_read(ring, &ticket, &hand->held) == 0;
    for (int i = 0; i < 2; i++)
        hand->is_writing[i] = slotring_allocate(ring, 1, &hand->writing[i]) == 0;
    hand->writer = open_writer(ring);
    hand->other_writer = open_writer(ring);
    for (unsigned i = 0; hand->writer && i < 4; i++)
        (void)slotring_writer_append(hand->writer, message, 3 * i, i, 0);
    hand->is_reserved[0] = reserve(ring, hand->writer, 20, &hand->reserved[0]);
    hand->is_reserved[1] = reserve(ring, hand->other_writer, FUZZ_SLOT_SIZE, &hand->reserved[1]);
    for (unsigned i = 0; i < 2; i++) /* and are in the middle of what is open */
        if ((i ? hand->lossy : hand->lossless))
            read_on(ring, i ? hand->lossy : hand->lossless, 2 + i);
}

void fuzz_give_back(slotring_t *ring, in_hand_t *hand)
{
    if (hand->is_writing[0]) {
        use_slot(ring, &hand->writing[0], true);
        (void)slotring_mark_ready(ring, &hand->writing[0], FUZZ_SLOT_SIZE);
    }
    if (hand->is_writing[1])
        (void)slotring_abort(ring, &hand->writing[1]);
    if (hand->is_reserved[0]) {
        use_slot(ring, &hand->reserved[0], true);
        (void)slotring_writer_commit(hand->writer, &hand->reserved[0], 20);
    }
    if (hand->is_reserved[1])
        (void)slotring_writer_commit(hand->other_writer, &hand->reserved[1], 200);
    if (hand->writer)
        fuzz_append(hand->writer);
    if (hand->other_writer)
        (void)slotring_writer_close(hand->other_writer); /* closing the handle closes the other one */
    if (hand->is_held) {
        use_slot(ring, &hand->held, false);
        (void)slotring_free(ring, &hand->held.ticket);
        (void)slotring_release(ring, &hand->held);
    }
    if (hand->lossless) {
        read_on(ring, hand->lossless, FUZZ_SLOTS);
        (void)slotring_unsubscribe(hand->lossless);
    }
    if (hand->lossy)
        read_on(ring, hand->lossy, FUZZ_SLOTS); /* closing ends its subscription */
}

/* ---- Looking ---------------------------------------------------------------------------------------- */

static void note_finding(void *user, const char *finding)
{
    *(size_t *)user += strlen(finding);
}

void fuzz_look(slotring_t *ring)
{
    slotring_stats_t stats = {.struct_size = sizeof stats};
    slotring_info_t info = {.struct_size = sizeof info};
    slotring_participant_t participants[FUZZ_PARTICIPANTS];
    slotring_reader_info_t readers[FUZZ_READERS];
    slotring_blocker_t blockers[FUZZ_PARTICIPANTS];
    slotring_ticket_t ticket;
    slotring_error_t error;
    uint32_t count;
    uint64_t findings;
    size_t length = 0;
    (void)slotring_get_stats(ring, &stats);
    (void)slotring_info(ring, &info);
    if (slotring_participants(ring, participants, FUZZ_PARTICIPANTS, &count) == 0 &&
        count > FUZZ_PARTICIPANTS)
        abort();
    if (slotring_readers(ring, readers, FUZZ_READERS, &count) == 0 && count > FUZZ_READERS)
        abort();
    (void)slotring_blockers(ring, blockers, FUZZ_PARTICIPANTS, &count);
    (void)slotring_check(ring, note_finding, &length, &findings);
    for (uint32_t i = 0; i <= FUZZ_SLOTS; i++)
        if (slotring_ticket_at(ring, i, &ticket) == 0)
            copy(ring, &ticket);
    slotring_last_error(&error);
    if (memchr(error.text, 0, sizeof error.text) == NULL)
        abort();
}

void fuzz_operate(slotring_t *ring, uint32_t reader_mode, uint32_t reader_start)
{
    slotring_recovery_t recovery = {.struct_size = sizeof recovery};
    fuzz_publish(ring, 3);
    write_in_other_ways(ring);
    write_spans(ring);
    write_records(ring, true);
    use_tickets(ring);
    read_in_order(ring, reader_mode, reader_start);
    fuzz_publish(ring, 2 * FUZZ_SLOTS);
    fuzz_look(ring);
    (void)slotring_recover(ring, &recovery);
    (void)slotring_end_stream(ring);
}

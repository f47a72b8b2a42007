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

/* Ends the run unless the slot lies where it may; then uses all of it. */
static void use_slot(slotring_t *ring, slotring_slot_t *slot, bool to_write)
{
    slotring_info_t info = {.struct_size = sizeof info};
    uint64_t bytes = to_write ? slot->capacity : slot->length;
    if (slotring_info(ring, &info) != 0)
        return; /* evicted meanwhile */
    const uint8_t *begin = info.payload, *data = slot->data;
    if (slot->capacity != FUZZ_SLOT_SIZE || slot->length > FUZZ_SLOT_SIZE || slot->index >= FUZZ_SLOTS ||
        data < begin || data + FUZZ_SLOT_SIZE > begin + info.payload_size)
        abort();
    if (to_write)
        memset(slot->data, (int)slot->index, (size_t)bytes);
    volatile uint8_t sum = 0;
    for (uint64_t i = 0; i < bytes; i++)
        sum = (uint8_t)(sum + data[i]);
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

/* ---- Reading by ticket ------------------------------------------------------------------------------ */

static void copy(slotring_t *ring, const slotring_ticket_t *ticket)
{
    uint8_t buffer[FUZZ_SLOT_SIZE];
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

static void use_tickets(slotring_t *ring)
{
    for (uint32_t i = 0; i < FUZZ_SLOTS; i++) {
        slotring_ticket_t ticket;
        slotring_slot_t slot;
        if (slotring_ticket_at(ring, i, &ticket) != 0)
            continue;
        copy(ring, &ticket);
        if (slotring_acquire_for_read(ring, &ticket, &slot) == 0) {
            use_slot(ring, &slot, false);
            if (i % 2)
                (void)slotring_free(ring, &ticket);
            (void)slotring_release(ring, &slot);
        }
    }
}

/* ---- Reading in order ------------------------------------------------------------------------------- */

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
        if (code != 0)
            continue;
        for (uint32_t k = 0; k < count; k++)
            use_slot(ring, &slots[k], false);
        (void)slotring_reader_release(reader);
    }
    slotring_reader_info_t info;
    (void)slotring_reader_info(reader, &info);
}

static slotring_reader_t *subscribe(slotring_t *ring, uint32_t mode, uint32_t start)
{
    slotring_reader_options_t options;
    slotring_reader_t *reader;
    slotring_reader_options_init(&options);
    options.mode = mode;
    options.start = start;
    return slotring_subscribe(ring, &options, &reader) == 0 ? reader : NULL;
}

static void read_in_order(slotring_t *ring, uint32_t mode, uint32_t start)
{
    slotring_reader_t *reader = subscribe(ring, mode, start);
    if (!reader)
        return;
    fuzz_publish(ring, FUZZ_SLOTS / 2);
    read_on(ring, reader, FUZZ_SLOTS);
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
}

void fuzz_give_back(slotring_t *ring, in_hand_t *hand)
{
    if (hand->is_writing[0]) {
        use_slot(ring, &hand->writing[0], true);
        (void)slotring_mark_ready(ring, &hand->writing[0], FUZZ_SLOT_SIZE);
    }
    if (hand->is_writing[1])
        (void)slotring_abort(ring, &hand->writing[1]);
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
    use_tickets(ring);
    read_in_order(ring, reader_mode, reader_start);
    fuzz_publish(ring, 2 * FUZZ_SLOTS);
    fuzz_look(ring);
    (void)slotring_recover(ring, &recovery);
    (void)slotring_end_stream(ring);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "support/tickets.h"

#include <string.h>

#include "support/suite.h"

tickets_scene_t scene;

slotring_writer_t *tickets_open_writer(slotring_t *ring)
{
    slotring_writer_t *writer = NULL;
    CHECK_OK(slotring_writer_open(ring, NULL, &writer));
    return writer;
}

void tickets_set_up_with(uint32_t when_full, uint32_t flags)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, SLOTS, SLOT_SIZE);
    options.when_full = when_full;
    options.flags = flags;
    options.time_stamps = SLOTRING_TIME_MONOTONIC;
    memset(&scene, 0, sizeof scene);
    scene.ring = ring_open_with(ring_name(), &options);
    scene.observer = ring_shares_users() ? ring_observe(ring_name()) : NULL;
    scene.reader = subscribe(scene.ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    scene.writer = tickets_open_writer(scene.ring);
}

void tickets_set_up(void)
{
    tickets_set_up_with(SLOTRING_OVERWRITE, 0);
}

void tickets_close_writer(void)
{
    if (scene.writer)
        CHECK_OK(slotring_writer_close(scene.writer));
    scene.writer = NULL;
}

void tickets_unsubscribe(void)
{
    if (scene.reader)
        CHECK_OK(slotring_unsubscribe(scene.reader));
    scene.reader = NULL;
}

void tickets_tear_down(void)
{
    tickets_close_writer();
    tickets_unsubscribe();
    check_ring_at_rest(scene.ring);
    if (scene.observer)
        CHECK_OK(slotring_close(scene.observer));
    ring_remove(scene.ring, ring_name());
}

uint64_t tickets_tag_of(uint64_t number)
{
    return number % 2 ? pattern_tag(WRITER, number) : number;
}

void tickets_append_by(slotring_writer_t *writer, uint64_t number)
{
    uint8_t data[LONGEST];
    uint64_t tag = tickets_tag_of(number), length = pattern_length(tag, LONGEST);
    pattern_fill(data, length, tag);
    CHECK_OK(slotring_writer_append(writer, data, length, tag, 0));
}

void tickets_append(void)
{
    tickets_append_by(scene.writer, scene.number++);
}

void tickets_check_record(const slotring_slot_t *slot, uint64_t number)
{
    CHECK_EQUAL(slot->tag, tickets_tag_of(number));
    CHECK_EQUAL(slot->length, pattern_length(slot->tag, LONGEST));
    CHECK_EQUAL(slot->number, number);
    CHECK_EQUAL(slot->kind, SLOTRING_KIND_RECORD);
    CHECK_EQUAL(slot->ticket.sequence, number);
    CHECK(slot->time_ns != 0);
    if (slot->data)
        CHECK_EQUAL(pattern_verify(slot->data, slot->length, slot->tag), slot->length);
}

slotring_ticket_t tickets_next_ticket(slotring_reader_t *reader)
{
    slotring_slot_t slot;
    CHECK_OK(slotring_next(reader, 0, &slot));
    tickets_check_record(&slot, slot.number);
    CHECK_OK(slotring_reader_release(reader));
    return slot.ticket;
}

slotring_ticket_t tickets_append_one(void)
{
    tickets_append();
    return tickets_next_ticket(scene.reader);
}

uint32_t tickets_fill_block(slotring_ticket_t *tickets, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        tickets[i] = tickets_append_one();
    return tickets[0].slot;
}

slotring_ticket_t tickets_leave_block(void)
{
    slotring_ticket_t ticket = tickets_append_one();
    uint32_t was = ticket.slot;
    while (ticket.slot == was)
        ticket = tickets_append_one();
    return ticket;
}

/* ---- Ways of using a ticket --------------------------------------------------------------------------- */

void tickets_check_copies(const slotring_ticket_t *ticket)
{
    slotring_t *const who[] = {scene.ring, scene.observer};
    for (int i = 0; i < 2 && who[i]; i++) {
        uint8_t buffer[LONGEST + 1];
        memset(buffer, 0xa5, sizeof buffer);
        slotring_slot_t info;
        CHECK_OK(slotring_copy(who[i], ticket, buffer, LONGEST, &info));
        CHECK(info.data == NULL);
        tickets_check_record(&info, ticket->sequence);
        CHECK(same_ticket(&info.ticket, ticket));
        CHECK_EQUAL(pattern_verify(buffer, info.length, info.tag), info.length);
        CHECK_EQUAL(buffer[info.length], 0xa5);
        slotring_slot_t short_of;
        CHECK_CODE(slotring_copy(who[i], ticket, buffer, info.length - 1, &short_of), SLOTRING_E_SIZE);
        CHECK_EQUAL(short_of.length, info.length);
        CHECK_OK(slotring_copy(who[i], &info.ticket, buffer, LONGEST,
                               &info)); /* the ticket in the struct itself */
        tickets_check_record(&info, ticket->sequence);
    }
}

void tickets_check_good(const slotring_ticket_t *ticket)
{
    slotring_slot_t slot;
    CHECK_OK(slotring_acquire_for_read(scene.ring, ticket, &slot));
    tickets_check_record(&slot, ticket->sequence);
    CHECK(slot.data != NULL && same_ticket(&slot.ticket, ticket));
    slotring_slot_t copy = slot;
    CHECK_OK(slotring_release(scene.ring, &slot));
    CHECK(slot.data == NULL);
    CHECK_CODE(slotring_release(scene.ring, &copy), SLOTRING_E_NOT_HELD);
    tickets_check_copies(ticket);
}

void tickets_check_refused(const slotring_ticket_t *ticket, int code)
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

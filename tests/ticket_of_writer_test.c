/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of a writer by their numbers alone: the newest, the newest up to a number, in a slot that is open, closed or gone, for
 * participants and observers. */
#include <string.h>

#include "support/ring.h"
#include "support/suite.h"
#include "support/tickets.h"

/* For the ring's participant and its observer. */
static void check_found(uint64_t number, const slotring_ticket_t *wanted)
{
    slotring_t *const who[] = {scene.ring, scene.observer};
    for (int i = 0; i < 2 && who[i]; i++) {
        slotring_ticket_t ticket;
        uint8_t buffer[SLOT_SIZE];
        slotring_slot_t info;
        CHECK_OK(slotring_ticket_of_writer(who[i], 0, number, &ticket));
        CHECK(memcmp(&ticket, wanted, sizeof ticket) == 0);
        CHECK_OK(slotring_copy(who[i], &ticket, buffer, sizeof buffer, &info));
        CHECK_EQUAL(pattern_verify(buffer, info.length, info.tag), info.length);
    }
}

static void check_none(uint32_t row, uint64_t number, int code)
{
    slotring_t *const who[] = {scene.ring, scene.observer};
    for (int i = 0; i < 2 && who[i]; i++) {
        slotring_ticket_t ticket;
        CHECK_CODE(slotring_ticket_of_writer(who[i], row, number, &ticket), code);
    }
}

static void in_the_slot_that_is_open(void)
{
    tickets_set_up();
    slotring_ticket_t tickets[9];
    check_none(0, UINT64_MAX, SLOTRING_E_NOT_READY);
    for (int i = 0; i < 9; i++) {
        tickets[i] = tickets_append_one();
        check_found(UINT64_MAX, &tickets[i]);
    }
    for (uint64_t i = 0; i < 9; i++)
        check_found(i, &tickets[i]);
    check_found(9, &tickets[8]);
    tickets_tear_down();
}

/* Each is found as long as it is there; and of those that are gone, nothing. */
static void in_slots_that_were_left(void)
{
    enum {
        COUNT = 200
    };
    static slotring_ticket_t tickets[COUNT];
    tickets_set_up();
    tickets_fill_block(tickets, COUNT);
    uint8_t buffer[SLOT_SIZE];
    uint64_t oldest = COUNT;
    while (oldest > 0 && slotring_copy(scene.ring, &tickets[oldest - 1], buffer, sizeof buffer, NULL) == 0)
        oldest--;
    CHECK(oldest > 0 && oldest < COUNT - 1 && tickets[oldest].slot != tickets[COUNT - 1].slot);
    for (uint64_t i = oldest; i < COUNT; i++)
        check_found(i, &tickets[i]);
    check_none(0, oldest - 1, SLOTRING_E_NOT_READY);
    tickets_close_writer();
    check_found(UINT64_MAX, &tickets[COUNT - 1]);
    tickets_tear_down();
}

/* Numbers that were skipped have no message: the newest below them is given. */
static void below_numbers_that_were_skipped(void)
{
    tickets_set_up();
    slotring_ticket_t first = tickets_append_one();
    CHECK_OK(slotring_writer_skip(scene.writer, 1000, 0));
    check_found(UINT64_MAX, &first);
    check_found(500, &first);
    tickets_append_by(scene.writer, 1001);
    slotring_ticket_t behind = tickets_next_ticket(scene.reader);
    check_found(1000, &first);
    check_found(1001, &behind);
    tickets_tear_down();
}

/* A message with a slot to itself has the ticket of its publication. */
static void that_have_slots_to_themselves(void)
{
    static uint8_t data[SLOT_SIZE];
    tickets_set_up();
    slotring_ticket_t record = tickets_append_one();
    slotring_slot_t slot;
    pattern_fill(data, sizeof data, pattern_tag(1, 1));
    CHECK_OK(slotring_writer_append(scene.writer, data, sizeof data, pattern_tag(1, 1), 0));
    CHECK_OK(slotring_next(scene.reader, 0, &slot));
    CHECK_EQUAL(slot.number, 1);
    CHECK_EQUAL(slot.ticket.flags, 0);
    slotring_ticket_t whole = slot.ticket;
    CHECK_OK(slotring_reader_release(scene.reader));
    check_found(UINT64_MAX, &whole);
    check_found(0, &record);
    scene.number = 2;
    slotring_ticket_t after = tickets_append_one();
    check_found(2, &after);
    check_found(1, &whole);
    tickets_tear_down();
}

static void of_another_row(void)
{
    slotring_info_t info = {.struct_size = sizeof info};
    tickets_set_up();
    tickets_append_one();
    CHECK_OK(slotring_info(scene.ring, &info));
    check_none(1, UINT64_MAX, SLOTRING_E_NOT_READY);
    check_none(info.max_writers, 0, SLOTRING_E_INVALID);
    CHECK_CODE(slotring_ticket_of_writer(scene.ring, 0, 0, NULL), SLOTRING_E_INVALID);
    tickets_tear_down();
}

static const test_case_t cases[] = {
    {"in_the_slot_that_is_open", in_the_slot_that_is_open, 0},
    {"in_slots_that_were_left", in_slots_that_were_left, 0},
    {"below_numbers_that_were_skipped", below_numbers_that_were_skipped, 0},
    {"that_have_slots_to_themselves", that_have_slots_to_themselves, 0},
    {"of_another_row", of_another_row, 0},
    {NULL, NULL, 0},
};

const test_suite_t ticket_of_writer_suite = {"ticket_of_writer", cases, NULL};

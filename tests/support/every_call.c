/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>

#include "check.h"
#include "every_call.h"
#include "ring.h"

static void calls_that_write(slotring_t *ring, int code)
{
    slotring_slot_t slot = {0}, slots[2] = {{0}, {0}};
    slotring_writer_t *writer = NULL;
    slotring_mark_t mark;
    uint32_t count;
    CHECK_CODE(slotring_allocate(ring, 1, &slot), code);
    CHECK_CODE(slotring_allocate_wait(ring, 1, FOR_EVER, &slot), code);
    CHECK_CODE(slotring_allocate_batch(ring, 1, slots, 2, FOR_EVER, &count), code);
    CHECK_CODE(slotring_allocate_span(ring, 1, FOR_EVER, &slot), code);
    CHECK_CODE(slotring_mark_ready(ring, &slot, 1), code);
    CHECK_CODE(slotring_mark_ready_keep(ring, &slot, 1), code);
    CHECK_CODE(slotring_mark_ready_batch(ring, slots, 1, &count), code);
    CHECK_CODE(slotring_abort(ring, &slot), code);
    CHECK_CODE(slotring_scatter(ring, &slot, 0, "abc", 3), code);
    CHECK_CODE(slotring_writer_open(ring, NULL, &writer), code);
    CHECK(writer == NULL);
    CHECK_CODE(slotring_end_stream(ring), code);
    CHECK_CODE(slotring_mark(ring, 1, 1, 0, NULL, 0, &mark), code);
    CHECK_CODE(slotring_publish_gap(ring, 1, &mark), code);
    CHECK_CODE(slotring_drain(ring, 0, FOR_EVER), code);
}

static void calls_that_read(slotring_t *ring, int code)
{
    slotring_slot_t slot = {0};
    slotring_ticket_t ticket = {{0}, 0, 0, 0};
    slotring_piece_t piece = {0};
    slotring_reader_t *reader = NULL;
    uint8_t buffer[100];
    uint64_t got;
    CHECK_CODE(slotring_acquire_for_read(ring, &ticket, &slot), code);
    CHECK_CODE(slotring_release(ring, &slot), code);
    CHECK_CODE(slotring_hold(ring, &ticket), code);
    CHECK_CODE(slotring_release_ticket(ring, &ticket), code);
    CHECK_CODE(slotring_free(ring, &ticket), code);
    CHECK_CODE(slotring_ticket_at(ring, 0, &ticket), code);
    CHECK_CODE(slotring_ticket_of_writer(ring, 0, 0, &ticket), code);
    CHECK_CODE(slotring_copy(ring, &ticket, buffer, sizeof buffer, NULL), code);
    CHECK_CODE(slotring_copy_sequence(ring, 0, buffer, sizeof buffer, NULL), code);
    CHECK_CODE(slotring_verify(ring, &slot), code);
    CHECK_CODE(slotring_next_piece(ring, &slot, &piece), code);
    CHECK_CODE(slotring_gather(ring, &slot, 0, buffer, sizeof buffer, &got), code);
    CHECK_CODE(slotring_subscribe(ring, NULL, &reader), code);
    CHECK(reader == NULL);
}

static void calls_that_look(slotring_t *ring, int code)
{
    slotring_info_t info = {.struct_size = sizeof info};
    slotring_stats_t stats = {.struct_size = sizeof stats};
    slotring_participant_t participant;
    slotring_reader_info_t reader;
    slotring_writer_info_t writer;
    slotring_blocker_t blocker;
    slotring_mark_t mark;
    uint32_t count;
    uint64_t number;
    char text[100];
    CHECK_CODE(slotring_info(ring, &info), code);
    CHECK_CODE(slotring_description(ring, text, sizeof text, &number), code);
    CHECK_CODE(slotring_get_stats(ring, &stats), code);
    CHECK_CODE(slotring_participants(ring, &participant, 1, &count), code);
    CHECK_CODE(slotring_readers(ring, &reader, 1, &count), code);
    CHECK_CODE(slotring_writers(ring, &writer, 1, &count), code);
    CHECK_CODE(slotring_writer_progress(ring, 0, &number, NULL), code);
    CHECK_CODE(slotring_blockers(ring, &blocker, 1, &count), code);
    CHECK_CODE(slotring_in_the_way(ring, text, sizeof text), code);
    CHECK_CODE(slotring_number_of(ring, 0, &number), code);
    CHECK_CODE(slotring_sequence_of(ring, 0, &number), code);
    CHECK_CODE(slotring_marks_behind(ring, &number), code);
    CHECK_CODE(slotring_run(ring, &mark), code);
    CHECK_CODE(slotring_check(ring, NULL, NULL, &number), code);
}

static void calls_that_run_the_ring(slotring_t *ring, int code)
{
    slotring_recovery_t recovery = {.struct_size = sizeof recovery};
    slotring_run_gate_t gate = {.struct_size = sizeof gate};
    CHECK_CODE(slotring_wait_readers(ring, 1, FOR_EVER, NULL), code);
    CHECK_CODE(slotring_interrupt(ring), code);
    CHECK_CODE(slotring_stop(ring), code);
    CHECK_CODE(slotring_resume(ring), code);
    CHECK_CODE(slotring_forget(ring, "name"), code);
    CHECK_CODE(slotring_drop_letter(ring, "name", 0), code);
    CHECK_CODE(slotring_revoke(ring, 0), code);
    CHECK_CODE(slotring_run_gate(ring, &gate), code);
    CHECK_CODE(slotring_recover(ring, &recovery), code);
    CHECK_CODE(slotring_close_if_idle(ring), code);
}

void every_call_of_ring(slotring_t *ring, int code)
{
    calls_that_write(ring, code);
    calls_that_read(ring, code);
    calls_that_look(ring, code);
    calls_that_run_the_ring(ring, code);
}

void every_call_of_reader(slotring_reader_t *reader, int code)
{
    slotring_slot_t slots[2] = {{0}, {0}};
    slotring_reader_info_t info;
    slotring_participant_t participant;
    slotring_mark_t mark;
    uint32_t count;
    int result = 0;
    intptr_t descriptor;
    CHECK_CODE(slotring_next(reader, FOR_EVER, &slots[0]), code);
    CHECK_CODE(slotring_next_batch(reader, FOR_EVER, slots, 2, &count), code);
    CHECK_CODE(slotring_reader_wait_readable(reader, FOR_EVER), code);
    CHECK_CODE(slotring_wait_many(&reader, 1, FOR_EVER, &result, &count), code);
    CHECK_EQUAL((int64_t)result, (int64_t)code);
    CHECK_CODE(slotring_reader_descriptor(reader, &descriptor), code);
    CHECK_CODE(slotring_reader_descriptor_close(reader), code);
    CHECK_CODE(slotring_reader_release(reader), code);
    CHECK_CODE(slotring_reader_release_one(reader, &slots[0]), code);
    CHECK_CODE(slotring_reader_release_up_to(reader, &slots[0]), code);
    slotring_ticket_t ticket = {{0}, 0, 0, 0};
    CHECK_CODE(slotring_reader_acquire_ticket(reader, &ticket, &slots[0]), code);
    CHECK_CODE(slotring_reader_rearm(reader), code);
    CHECK_CODE(slotring_reader_stop(reader), code);
    CHECK_CODE(slotring_reader_resume(reader), code);
    CHECK_CODE(slotring_reader_mark(reader, &mark), code);
    CHECK_CODE(slotring_reader_info(reader, &info), code);
    CHECK_CODE(slotring_reader_death(reader, &participant), code);
    CHECK_CODE(slotring_unsubscribe(reader), code);
}

void every_call_of_writer(slotring_writer_t *writer, int code)
{
    slotring_message_t message = {"abc", 3, 1};
    slotring_slot_t slot = {0};
    uint32_t count;
    CHECK_CODE(slotring_writer_append(writer, "abc", 3, 1, FOR_EVER), code);
    CHECK_CODE(slotring_writer_append_batch(writer, &message, 1, FOR_EVER, &count), code);
    CHECK_CODE(slotring_writer_reserve(writer, 3, FOR_EVER, &slot), code);
    CHECK_CODE(slotring_writer_commit(writer, &slot, 3), code);
    CHECK_CODE(slotring_writer_cancel(writer, &slot), code);
    uint64_t number;
    CHECK_CODE(slotring_writer_number(writer, &number), code);
    CHECK_CODE(slotring_writer_skip(writer, 1, FOR_EVER), code);
    CHECK_CODE(slotring_writer_close(writer), code);
}

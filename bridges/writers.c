/* SPDX-License-Identifier: Apache-2.0 */
/* Writers of the target. Each has the row of the writer at the source, and belongs to the proxy of its producer. A slot that is open there
 * is open here, so a record is visible at once. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "target.h"

#define SLICE INT64_C(100000000)

/* ---- Where they are --------------------------------------------------------------------------------- */

/* In a copy of a ring that has writers the slots of writers are others than there. So a message without a writer has its number by a count of
 * those messages, and by the numbers that were passed over since they were slots of writers at the source. These are counted in a row that
 * no writer of the source has: its number goes on from one receiver to the next. */
int bridge_writers_find(target_t *t, uint32_t source_writers)
{
    slotring_info_t info = {.struct_size = sizeof info};
    uint64_t number, publications, all = 0;
    if (slotring_info(t->ring, &info) != 0)
        return bridge_fail_ring(t->error, "cannot look at the target");
    t->writer_count = info.max_writers;
    t->counting_row = info.max_writers > source_writers ? info.max_writers - 1 : UINT32_MAX;
    t->writers = calloc(info.max_writers > 0 ? info.max_writers : 1, sizeof t->writers[0]);
    if (t->writers == NULL)
        return bridge_fail(t->error, BRIDGE_NO_MEMORY, "no memory for %" PRIu32 " writers", info.max_writers);
    t->passed = 0;
    for (uint32_t row = 0; row < t->writer_count; row++) {
        if (slotring_writer_progress(t->ring, row, &number, &publications) != 0)
            return bridge_fail_ring(t->error, "cannot find out where the target ends");
        all += publications;
        if (row == t->counting_row)
            t->passed = number;
        else if (number > 0)
            reached_note(&t->reached, row, number - 1);
    }
    t->next += t->passed - all;
    return 0;
}

/* ---- Opening and closing ---------------------------------------------------------------------------- */

static void close_writer(target_writer_t *w)
{
    if (w->writer != NULL)
        (void)slotring_writer_close(w->writer);
    w->writer = NULL;
    w->handle = NULL;
}

/* Not the one whose message is being filled. */
void bridge_writers_rest(target_t *t)
{
    for (uint32_t row = 0; row < t->writer_count; row++)
        if (t->writers[row].writer != NULL && t->writers[row].writer != t->filling.writer)
            close_writer(&t->writers[row]);
}

void bridge_writers_leave(target_t *t, const slotring_t *handle)
{
    if (t->filling.writer != NULL && t->filling.handle == handle)
        bridge_target_give_up(t);
    for (uint32_t row = 0; row < t->writer_count; row++)
        if (t->writers[row].handle == handle)
            close_writer(&t->writers[row]);
}

static int open_at(target_t *t, slotring_t *handle, uint32_t row, uint64_t first, slotring_writer_t **writer)
{
    slotring_writer_options_t options;
    slotring_writer_options_init(&options);
    options.flags = SLOTRING_WRITER_AT_ROW | SLOTRING_WRITER_FIRST_NUMBER;
    options.row = row;
    options.first_number = first;
    return slotring_writer_open(handle, &options, writer) != 0
               ? bridge_fail_ring(t->error, "cannot write for a writer of the source")
               : 0;
}

/* ---- Room ------------------------------------------------------------------------------------------- */

static bool others_are_open(const target_t *t)
{
    for (uint32_t row = 0; row < t->writer_count; row++)
        if (t->writers[row].writer != NULL && t->writers[row].writer != t->filling.writer)
            return true;
    return false;
}

/* Slots that writers keep here may be what the call lacks: they are given up, and readers have them. */
int bridge_target_wait(target_t *t, int code)
{
    bool may_get_better = code == SLOTRING_E_TIMEOUT || code == SLOTRING_E_INTERRUPTED ||
                          code == SLOTRING_E_REMOVED || (code == SLOTRING_E_STATE && others_are_open(t));
    if (!may_get_better)
        return bridge_fail_ring(t->error, "cannot get room in the target");
    bridge_waits_for(t->waits, BRIDGE_WAITS_FOR_TARGET, "room in its ring",
                     "a reader there is slow, or keeps too much");
    bridge_writers_rest(t);
    return bridge_stops(t->stop) ? BRIDGE_STOPPED : 0;
}

/* ---- Numbers that are not messages ------------------------------------------------------------------ */

static int count_passed(target_t *t, slotring_t *handle, uint64_t count)
{
    slotring_writer_t *writer;
    int failed = open_at(t, handle, t->counting_row, t->passed + count, &writer);
    if (failed)
        return failed;
    (void)slotring_writer_close(writer);
    t->passed += count;
    t->next += count;
    return 0;
}

/* What writers have open here is given up first: there it lies before the next message. */
int bridge_target_pass(target_t *t, proxy_t *proxy, uint64_t count)
{
    slotring_error_t failure;
    slotring_options_t options = t->place;
    slotring_t *handle;
    if (count == 0)
        return 0;
    bridge_writers_rest(t);
    if (t->counting_row == UINT32_MAX)
        return bridge_fail(
            t->error, BRIDGE_REFUSED,
            "ring \"%s\" has no writer more than the source (max_writers): that is needed where "
            "messages of writers and others come in one ring",
            t->name);
    if (proxy != NULL) {
        proxy->is_open = true;
        return count_passed(t, proxy->handle, count);
    }
    options.flags |= SLOTRING_PROXY;
    if (slotring_open(&handle, t->name, &options, &failure) != 0)
        return bridge_fail_open(t->error, t->name, &failure);
    int failed = count_passed(t, handle, count);
    (void)slotring_close(handle);
    return failed;
}

/* ---- Messages --------------------------------------------------------------------------------------- */

static int open_writer(target_t *t, proxy_t *proxy, const wire_frame_t *frame)
{
    target_writer_t *w = &t->writers[frame->writer];
    if (w->writer != NULL && w->handle != proxy->handle)
        close_writer(w);
    if (w->writer == NULL) {
        int failed = open_at(t, proxy->handle, frame->writer, frame->number, &w->writer);
        if (failed)
            return failed;
        proxy->is_open = true;
        w->handle = proxy->handle;
    }
    t->filling = (filling_t){.handle = proxy->handle, .writer = w->writer, .total = frame->total};
    return 0;
}

static int skip_to(target_t *t, uint64_t number)
{
    slotring_writer_t *writer = t->filling.writer;
    uint64_t next;
    int code = slotring_writer_number(writer, &next);
    if (code != 0 || next > number)
        return bridge_fail_ring(t->error, "cannot find out where a writer stands");
    while ((code = slotring_writer_skip(writer, number - next, SLICE)) != 0)
        if ((code = bridge_target_wait(t, code)) != 0)
            return code;
    return 0;
}

static int reserve(target_t *t)
{
    filling_t *filling = &t->filling;
    int code;
    while ((code = slotring_writer_reserve(filling->writer, filling->total, SLICE, &filling->slot)) != 0)
        if ((code = bridge_target_wait(t, code)) != 0)
            return code;
    bridge_goes_on(t->waits, BRIDGE_WAITS_FOR_TARGET);
    filling->is_there = true;
    return 0;
}

int bridge_target_begin_record(target_t *t, proxy_t *proxy, const wire_frame_t *frame)
{
    int failed = open_writer(t, proxy, frame);
    if (!failed)
        failed = skip_to(t, frame->number);
    if (!failed)
        failed = reserve(t);
    if (failed)
        t->filling = (filling_t){0};
    return failed;
}

int bridge_target_commit_record(target_t *t, const wire_frame_t *frame, slotring_writer_t *writer,
                                slotring_slot_t *slot)
{
    slot->tag = frame->tag;
    if (t->keeps_times)
        slot->time_ns = frame->time_ns;
    if (slotring_writer_commit(writer, slot, frame->total) != 0)
        return bridge_fail_ring(t->error, "cannot publish in the target");
    reached_note(&t->reached, frame->writer, frame->number);
    t->marks_here = 0;
    return 0;
}

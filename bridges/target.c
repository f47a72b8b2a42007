/* SPDX-License-Identifier: Apache-2.0 */
#include "target.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SLICE INT64_C(100000000)

/* ---- Opening ---------------------------------------------------------------------------------------- */

static int ask_stop(void *user)
{
    return bridge_stops(user);
}

/* As many as are wanted, if the ring has slots for them. */
static uint32_t writers_for(const slotring_options_t *place, uint32_t wanted)
{
    uint64_t slots = place->slot_size > 0 ? place->total_size / place->slot_size : 0;
    uint64_t most = slots > 1 ? slots - 1 : 0;
    most = most < SLOTRING_WRITERS_MAX ? most : SLOTRING_WRITERS_MAX;
    return wanted < most ? wanted : (uint32_t)most;
}

static void choose_options(target_t *t, const wire_header_t *header)
{
    slotring_options_t *place = &t->place;
    *place = *t->options;
    place->mode = SLOTRING_CREATE_OR_ATTACH;
    memcpy(place->lineage_id, header->lineage, sizeof place->lineage_id);
    place->first_sequence = header->before.number;
    if (place->slot_size == 0)
        place->slot_size = header->slot_size;
    if (place->total_size == 0)
        place->total_size = header->slot_count * header->slot_size;
    if (place->max_participants == 0) /* a proxy for each, and room for those who are here */
        place->max_participants = header->max_participants < SLOTRING_PARTICIPANTS_MAX - 64
                                      ? header->max_participants + 64
                                      : SLOTRING_PARTICIPANTS_MAX;
    if (place->time_stamps == 0)
        place->time_stamps = header->time_stamps;
    if (place->max_writers == 0 && header->max_writers > 0) /* one more, to count in: writers.c */
        place->max_writers = writers_for(place, header->max_writers + 1);
    if (header->flags & WIRE_CHECKSUMS)
        place->flags |= SLOTRING_CHECKSUMS;
    place->wait_check = ask_stop;
    place->wait_check_user = (void *)t->stop;
}

/* A ring that is there is taken as it is, if it is a copy of this source. */
static int attach(target_t *t, slotring_error_t *failure)
{
    slotring_options_t *place = &t->place;
    place->mode = SLOTRING_ATTACH;
    place->slot_size = place->total_size = place->first_sequence = 0;
    place->time_stamps = place->when_full = 0;
    place->flags &= ~(uint32_t)(SLOTRING_HOT_SLOTS | SLOTRING_CHECKSUMS);
    return slotring_open(&t->ring, t->name, place, failure);
}

static int open_ring(target_t *t, const wire_header_t *header)
{
    slotring_error_t failure;
    if (header->slot_count == 0 || header->slot_count > SLOTRING_SLOTS_MAX || header->slot_size == 0 ||
        header->slot_size > SLOTRING_SLOT_SIZE_MAX)
        return bridge_fail(t->error, BRIDGE_DAMAGED, "the log carries a ring of no shape");
    choose_options(t, header);
    t->place.mode = SLOTRING_CREATE;
    if (t->place.client_name == NULL)
        t->place.client_name = "slotring bridge receive";
    int code = slotring_open(&t->ring, t->name, &t->place, &failure);
    if (code == SLOTRING_E_EXISTS)
        code = attach(t, &failure);
    t->place.mode = SLOTRING_ATTACH;
    t->place.slot_size = t->place.total_size = t->place.first_sequence = 0;
    if (code == SLOTRING_E_GEOMETRY)
        return bridge_fail(t->error, BRIDGE_OTHER_RING,
                           "ring \"%s\" is no copy of the ring in the log: %.300s", t->name, failure.text);
    return code == 0 ? 0 : bridge_fail_open(t->error, t->name, &failure);
}

/* ---- Where it ends ---------------------------------------------------------------------------------- */

static int find_end(target_t *t)
{
    slotring_stats_t stats = {.struct_size = sizeof stats};
    if (slotring_recover(t->ring, NULL) != 0 || /* what a receiver that was killed had begun */
        slotring_get_stats(t->ring, &stats) != 0 ||
        slotring_number_of(t->ring, stats.published, &t->next) != 0 ||
        slotring_marks_behind(t->ring, &t->marks_here) != 0)
        return bridge_fail_ring(t->error, "cannot find out where the target ends");
    return 0;
}

int bridge_target_open(target_t *t, const wire_header_t *header)
{
    slotring_info_t info = {.struct_size = sizeof info};
    int failed = bridge_lock_take(&t->lock, t->options->directory, t->name, t->error);
    if (!failed)
        failed = open_ring(t, header);
    if (!failed && slotring_info(t->ring, &info) != 0)
        failed = bridge_fail_ring(t->error, "cannot look at the target");
    t->keeps_times = info.time_stamps != SLOTRING_TIME_NONE;
    if (!failed)
        failed = find_end(t);
    return failed ? failed : bridge_writers_find(t, header->max_writers);
}

void bridge_target_close(target_t *t)
{
    bridge_target_give_up(t);
    bridge_writers_rest(t);
    for (uint32_t i = 0; i < t->proxy_count; i++) {
        /* This bridge ends, and its producers may live: readers are told that. */
        if (t->proxies[i].is_open)
            (void)slotring_end_by_proxy(t->proxies[i].handle, SLOTRING_SOURCE_LOST);
        (void)slotring_close(t->proxies[i].handle);
    }
    free(t->proxies);
    free(t->writers);
    t->proxies = NULL;
    t->writers = NULL;
    t->writer_count = 0;
    t->proxy_count = t->proxy_room = 0;
    if (t->ring != NULL)
        (void)slotring_close(t->ring);
    t->ring = NULL;
    bridge_lock_give(&t->lock);
}

/* ---- Messages --------------------------------------------------------------------------------------- */

void bridge_target_give_up(target_t *t)
{
    filling_t *filling = &t->filling;
    if (filling->is_there && filling->writer != NULL)
        (void)slotring_writer_cancel(filling->writer, &filling->slot);
    else if (filling->is_there)
        (void)slotring_abort(filling->handle, &filling->slot);
    *filling = (filling_t){0};
}

/* Producers there wait for this: the log fills while nothing is acknowledged. */
static int allocate(target_t *t, proxy_t *proxy, uint64_t size)
{
    int code;
    t->filling = (filling_t){.handle = proxy->handle, .total = size};
    while ((code = slotring_allocate_span(proxy->handle, size, SLICE, &t->filling.slot)) != 0)
        if ((code = bridge_target_wait(t, code)) != 0)
            return code;
    bridge_goes_on(t->waits, BRIDGE_WAITS_FOR_TARGET);
    t->filling.is_there = true;
    return 0;
}

static int publish(target_t *t, proxy_t *proxy, const wire_frame_t *frame, slotring_slot_t *slot)
{
    slot->tag = frame->tag;
    if (t->keeps_times)
        slot->time_ns = frame->time_ns;
    if (slotring_mark_ready(proxy->handle, slot, frame->total) != 0)
        return bridge_fail_ring(t->error, "cannot publish in the target");
    proxy->is_open = true;
    t->next++;
    t->marks_here = 0;
    return 0;
}

static int fill(target_t *t, proxy_t *proxy, const wire_frame_t *frame)
{
    filling_t *filling = &t->filling;
    if (frame->size > 0 &&
        slotring_scatter(filling->handle, &filling->slot, frame->offset, frame->bytes, frame->size) != 0)
        return bridge_fail_ring(t->error, "cannot write into the target");
    filling->filled = frame->offset + frame->size;
    if (filling->filled < filling->total)
        return 0;
    slotring_slot_t slot = filling->slot;
    slotring_writer_t *writer = filling->writer;
    *filling = (filling_t){0};
    return writer != NULL ? bridge_target_commit_record(t, frame, writer, &slot)
                          : publish(t, proxy, frame, &slot);
}

int bridge_target_message(target_t *t, proxy_t *proxy, const wire_frame_t *frame)
{
    filling_t *filling = &t->filling;
    if (frame->offset == 0) { /* a sender that was killed began anew, too */
        bridge_target_give_up(t);
        int failed = wire_is_record(frame->kind) ? bridge_target_begin_record(t, proxy, frame)
                                                 : allocate(t, proxy, frame->total);
        if (failed)
            return failed;
    }
    if (!filling->is_there || filling->handle != proxy->handle || filling->total != frame->total ||
        filling->filled != frame->offset)
        return bridge_fail(t->error, BRIDGE_DAMAGED,
                           "message %" PRIu64 " goes on at byte %" PRIu64 ", and has %" PRIu64 " so far",
                           frame->number, frame->offset, filling->filled);
    return fill(t, proxy, frame);
}

/* ---- Beside the messages ---------------------------------------------------------------------------- */

int bridge_target_gap(target_t *t, uint64_t count)
{
    bridge_target_give_up(t);
    if (slotring_publish_gap(t->ring, count, NULL) != 0)
        return bridge_fail_ring(t->error, "cannot tell a gap in the target");
    t->next += count;
    t->marks_here = 0;
    return 0;
}

/* A log may have lost marks of runs. Is the run in progress here already, or has the one that ends never begun? */
static int look_at_run(target_t *t, const wire_frame_t *frame, bool *is_there)
{
    slotring_mark_t last;
    int code = slotring_run(t->ring, &last);
    bool runs = code == 0 && last.kind == SLOTRING_MARK_RUN_BEGIN, is_this = runs && last.run == frame->run;
    if (code != 0 && code != SLOTRING_E_EMPTY)
        return bridge_fail_ring(t->error, "cannot look at the run of the target");
    *is_there = frame->mark_kind == SLOTRING_MARK_RUN_BEGIN
                    ? is_this
                    : frame->mark_kind == SLOTRING_MARK_RUN_END && !is_this;
    /* The end of the run before was lost. */
    if (frame->mark_kind == SLOTRING_MARK_RUN_BEGIN && runs && !is_this &&
        slotring_mark(t->ring, SLOTRING_MARK_RUN_END, last.run, 0, NULL, 0, NULL) != 0)
        return bridge_fail_ring(t->error, "cannot end a run in the target");
    return 0;
}

int bridge_target_mark(target_t *t, const wire_frame_t *frame)
{
    bool is_there;
    int failed = look_at_run(t, frame, &is_there);
    if (failed || is_there)
        return failed;
    bridge_writers_rest(t); /* what came before lies before it */
    uint64_t run = frame->mark_kind == SLOTRING_MARK_USER ? 0 : frame->run;
    if (slotring_mark(t->ring, frame->mark_kind, run, frame->value, frame->bytes, (uint32_t)frame->size,
                      NULL) != 0)
        return bridge_fail_ring(t->error, "cannot make a mark in the target");
    t->marks_here++;
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "pack.h"

#include <stdlib.h>
#include <string.h>

#include "bridge.h"

bool pack_make(pack_t *pack, size_t capacity)
{
    *pack = (pack_t){.bytes = malloc(capacity), .capacity = capacity};
    return pack->bytes != NULL;
}

void pack_free(pack_t *pack)
{
    free(pack->bytes);
    pack->bytes = NULL;
}

static size_t room(const pack_t *pack)
{
    return pack->capacity - pack->used;
}

static uint8_t *put(pack_t *pack, const wire_frame_t *frame)
{
    uint8_t *payload = wire_put_frame(pack->bytes + pack->used, frame);
    if (pack->header.frames++ == pack->own)
        pack->since_ns = bridge_now_ns();
    pack->used += (size_t)wire_frame_size(frame->kind, frame->size);
    return payload;
}

bool pack_begin(pack_t *pack, const wire_place_t *place, const reached_t *reached)
{
    wire_frame_t frame = {.kind = WIRE_WRITERS, .size = reached_size(reached)};
    pack->used = WIRE_HEADER_SIZE;
    pack->producer_count = 0;
    pack->header.frames = pack->own = 0;
    pack->header.before = *place;
    if (frame.size == 0)
        return true;
    if (wire_frame_size(frame.kind, frame.size) > pack->capacity / 2)
        return false;
    reached_put(put(pack, &frame), reached);
    pack->own = 1;
    return true;
}

bool pack_add(pack_t *pack, const wire_frame_t *frame)
{
    if (frame->size > UINT32_MAX || wire_frame_size(frame->kind, frame->size) > room(pack))
        return false;
    (void)put(pack, frame);
    return true;
}

uint8_t *pack_reserve(pack_t *pack, wire_frame_t *frame, uint64_t left)
{
    uint64_t least = wire_frame_size(frame->kind, 0) + 8;
    frame->bytes = NULL;
    if (room(pack) < least)
        return NULL;
    uint64_t fits = (room(pack) - wire_frame_size(frame->kind, 0)) & ~UINT64_C(7);
    if ((frame->kind == WIRE_MESSAGE || frame->kind == WIRE_RECORD) && left > fits)
        return NULL;
    frame->size = left < fits ? left : fits;
    return put(pack, frame);
}

uint32_t pack_producer(pack_t *pack, const pack_producer_t *who)
{
    for (uint32_t i = 0; i < pack->producer_count; i++)
        if (pack->producers[i].index == who->index && pack->producers[i].incarnation == who->incarnation)
            return i;
    wire_frame_t frame = {
        .kind = WIRE_PRODUCER, .index = who->index, .incarnation = who->incarnation, .pid = who->pid};
    frame.bytes = (const uint8_t *)who->name;
    frame.size = strlen(who->name);
    if (pack->producer_count == PACK_PRODUCERS || !pack_add(pack, &frame))
        return UINT32_MAX;
    pack->producers[pack->producer_count] = *who;
    return pack->producer_count++;
}

void pack_end(pack_t *pack, const wire_place_t *place, uint32_t flags)
{
    pack->header.after = *place;
    pack->header.flags = flags;
    wire_put_header(pack->bytes, &pack->header);
}

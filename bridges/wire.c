/* SPDX-License-Identifier: Apache-2.0 */
#include "wire.h"

#include <string.h>

#define MAGIC 0x42524c53u      /* "SLRB" */
#define SIGN_MAGIC 0x53524c53u /* "SLRS" */
#define PREFIX 8u              /* kind, size of the payload */

/* ---- Numbers -------------------------------------------------------------------------------------- */

static uint8_t *put32(uint8_t *to, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> 8 * i);
    return to + 4;
}

uint8_t *wire_put64(uint8_t *to, uint64_t value)
{
    return put32(put32(to, (uint32_t)value), (uint32_t)(value >> 32));
}

static const uint8_t *get32(const uint8_t *from, uint32_t *value)
{
    *value = 0;
    for (unsigned i = 0; i < 4; i++)
        *value |= (uint32_t)from[i] << 8 * i;
    return from + 4;
}

const uint8_t *wire_get64(const uint8_t *from, uint64_t *value)
{
    uint32_t low, high;
    from = get32(get32(from, &low), &high);
    *value = (uint64_t)high << 32 | low;
    return from;
}

/* ---- The header ----------------------------------------------------------------------------------- */

static uint8_t *put_place(uint8_t *to, const wire_place_t *place)
{
    to = wire_put64(wire_put64(to, place->number), place->marks_here);
    return wire_put64(wire_put64(to, place->source_marks), place->back);
}

static const uint8_t *get_place(const uint8_t *from, wire_place_t *place)
{
    from = wire_get64(wire_get64(from, &place->number), &place->marks_here);
    return wire_get64(wire_get64(from, &place->source_marks), &place->back);
}

void wire_put_header(uint8_t *to, const wire_header_t *header)
{
    memset(to, 0, WIRE_HEADER_SIZE);
    to = put32(put32(to, MAGIC), WIRE_VERSION);
    memcpy(to, header->sender, 16);
    memcpy(to + 16, header->lineage, 16);
    to = put_place(put_place(to + 32, &header->before), &header->after);
    to = put32(put32(to, header->flags), header->frames);
    to = wire_put64(wire_put64(to, header->slot_size), header->slot_count);
    to = put32(put32(put32(to, header->max_participants), header->time_stamps), header->max_writers);
    (void)wire_put64(to, header->deaths);
}

bool wire_get_header(const uint8_t *bytes, size_t size, wire_header_t *header)
{
    uint32_t magic, version;
    if (size < WIRE_HEADER_SIZE)
        return false;
    bytes = get32(get32(bytes, &magic), &version);
    if (magic != MAGIC || version != WIRE_VERSION)
        return false;
    memcpy(header->sender, bytes, 16);
    memcpy(header->lineage, bytes + 16, 16);
    bytes = get_place(get_place(bytes + 32, &header->before), &header->after);
    bytes = get32(get32(bytes, &header->flags), &header->frames);
    bytes = wire_get64(wire_get64(bytes, &header->slot_size), &header->slot_count);
    bytes = get32(get32(bytes, &header->max_participants), &header->time_stamps);
    (void)wire_get64(get32(bytes, &header->max_writers), &header->deaths);
    return header->after.number >= header->before.number;
}

/* ---- A sign of life --------------------------------------------------------------------------------- */

void wire_put_sign(uint8_t to[WIRE_SIGN_SIZE], const wire_sign_t *sign)
{
    memset(to, 0, WIRE_SIGN_SIZE);
    to = put32(put32(to, SIGN_MAGIC), WIRE_VERSION);
    memcpy(to, sign->sender, 16);
    to = wire_put64(wire_put64(to + 16, sign->number), sign->pid);
    to = put32(put32(to, sign->waits), 0);
    memcpy(to, sign->host, WIRE_HOST_SIZE);
}

bool wire_get_sign(const uint8_t *bytes, size_t size, wire_sign_t *sign)
{
    uint32_t magic, version, word;
    if (size < WIRE_SIGN_SIZE)
        return false;
    bytes = get32(get32(bytes, &magic), &version);
    if (magic != SIGN_MAGIC || version != WIRE_VERSION)
        return false;
    memcpy(sign->sender, bytes, 16);
    bytes = wire_get64(wire_get64(bytes + 16, &sign->number), &sign->pid);
    bytes = get32(get32(bytes, &sign->waits), &word);
    memcpy(sign->host, bytes, WIRE_HOST_SIZE);
    sign->host[WIRE_HOST_SIZE - 1] = '\0';
    return true;
}

/* ---- Frames --------------------------------------------------------------------------------------- */

static bool is_part(uint32_t kind)
{
    return kind == WIRE_PART || kind == WIRE_RECORD_PART;
}

/* What a kind has behind the prefix, before its payload. */
static size_t fields_of(uint32_t kind)
{
    switch (kind) {
    case WIRE_PRODUCER:
        return 24;
    case WIRE_MESSAGE:
    case WIRE_RECORD:
        return 40;
    case WIRE_PART:
    case WIRE_RECORD_PART:
        return 56;
    case WIRE_MARK:
        return 40;
    case WIRE_GAP:
        return 24;
    case WIRE_DEATH:
        return 16;
    case WIRE_LIVES:
        return 16;
    case WIRE_END:
        return 8;
    default:
        return 0;
    }
}

static uint64_t padded(uint64_t size)
{
    return (size + 7) & ~UINT64_C(7);
}

uint64_t wire_frame_size(uint32_t kind, uint64_t size)
{
    return PREFIX + fields_of(kind) + padded(size);
}

static uint8_t *put_fields(uint8_t *to, const wire_frame_t *f)
{
    switch (f->kind) {
    case WIRE_PRODUCER:
        return wire_put64(wire_put64(wire_put64(to, f->index), f->incarnation), f->pid);
    case WIRE_MESSAGE:
    case WIRE_PART:
    case WIRE_RECORD:
    case WIRE_RECORD_PART:
        to = wire_put64(wire_put64(wire_put64(to, f->number), f->tag), f->time_ns);
        to = wire_put64(put32(put32(to, f->producer), f->writer), f->passed);
        return is_part(f->kind) ? wire_put64(wire_put64(to, f->total), f->offset) : to;
    case WIRE_MARK:
        to = wire_put64(wire_put64(wire_put64(to, f->number), f->run), f->value);
        return put32(put32(wire_put64(to, f->index), f->mark_kind), 0);
    case WIRE_GAP:
        return wire_put64(wire_put64(wire_put64(to, f->number), f->count), f->passed);
    case WIRE_DEATH:
        return put32(put32(wire_put64(to, f->number), f->producer), (uint32_t)f->value);
    case WIRE_LIVES:
        return wire_put64(wire_put64(to, f->number), f->value);
    case WIRE_END:
        return wire_put64(to, f->number);
    default:
        return to;
    }
}

static const uint8_t *get_fields(const uint8_t *from, wire_frame_t *f)
{
    uint32_t word;
    switch (f->kind) {
    case WIRE_PRODUCER:
        return wire_get64(wire_get64(wire_get64(from, &f->index), &f->incarnation), &f->pid);
    case WIRE_MESSAGE:
    case WIRE_PART:
    case WIRE_RECORD:
    case WIRE_RECORD_PART:
        from = wire_get64(wire_get64(wire_get64(from, &f->number), &f->tag), &f->time_ns);
        from = wire_get64(get32(get32(from, &f->producer), &f->writer), &f->passed);
        return is_part(f->kind) ? wire_get64(wire_get64(from, &f->total), &f->offset) : from;
    case WIRE_MARK:
        from = wire_get64(wire_get64(wire_get64(from, &f->number), &f->run), &f->value);
        return get32(get32(wire_get64(from, &f->index), &f->mark_kind), &word);
    case WIRE_GAP:
        return wire_get64(wire_get64(wire_get64(from, &f->number), &f->count), &f->passed);
    case WIRE_DEATH:
        from = get32(get32(wire_get64(from, &f->number), &f->producer), &word);
        f->value = word;
        return from;
    case WIRE_LIVES:
        return wire_get64(wire_get64(from, &f->number), &f->value);
    case WIRE_END:
        return wire_get64(from, &f->number);
    default:
        return from;
    }
}

uint8_t *wire_put_frame(uint8_t *to, const wire_frame_t *frame)
{
    uint8_t *payload = put_fields(put32(put32(to, frame->kind), (uint32_t)frame->size), frame);
    if (frame->bytes != NULL && frame->size > 0)
        memcpy(payload, frame->bytes, (size_t)frame->size);
    memset(payload + frame->size, 0, (size_t)(padded(frame->size) - frame->size));
    return payload;
}

wire_walk_t wire_walk(const uint8_t *bytes, size_t size, const wire_header_t *header)
{
    return (wire_walk_t){.at = bytes + WIRE_HEADER_SIZE, .end = bytes + size, .left = header->frames};
}

enum wire_step wire_next(wire_walk_t *walk, wire_frame_t *frame)
{
    uint32_t size;
    uint64_t there = (uint64_t)(walk->end - walk->at);
    *frame = (wire_frame_t){0};
    if (walk->left == 0)
        return there == 0 ? WIRE_DONE : WIRE_BAD;
    if (there < PREFIX)
        return WIRE_BAD;
    const uint8_t *at = get32(get32(walk->at, &frame->kind), &size);
    if (frame->kind < WIRE_PRODUCER || frame->kind > WIRE_LIVES || there < wire_frame_size(frame->kind, size))
        return WIRE_BAD;
    frame->bytes = get_fields(at, frame);
    frame->size = size;
    walk->at += wire_frame_size(frame->kind, size);
    walk->left--;
    bool is_too_long = (frame->kind == WIRE_MARK && size > WIRE_MARK_BYTES) ||
                       (frame->kind == WIRE_PRODUCER && size >= WIRE_NAME_SIZE);
    bool is_outside =
        is_part(frame->kind) && (frame->offset > frame->total || frame->size > frame->total - frame->offset);
    return is_too_long || is_outside ? WIRE_BAD : WIRE_GOT;
}

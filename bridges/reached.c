/* SPDX-License-Identifier: Apache-2.0 */
#include "reached.h"

#include <string.h>

void reached_note(reached_t *reached, uint32_t row, uint64_t number)
{
    for (; reached->high <= row; reached->high++)
        reached->next[reached->high] = 0;
    if (reached->next[row] <= number)
        reached->next[row] = number + 1;
}

void reached_merge(reached_t *reached, const reached_t *there)
{
    for (uint32_t row = 0; row < there->high; row++)
        if (there->next[row] > 0)
            reached_note(reached, row, there->next[row] - 1);
}

bool reached_exceeds(const reached_t *reached, const reached_t *there)
{
    for (uint32_t row = 0; row < reached->high; row++)
        if (reached->next[row] > reached_next(there, row))
            return true;
    return false;
}

size_t reached_size(const reached_t *reached)
{
    size_t rows = 0;
    for (uint32_t row = 0; row < reached->high; row++)
        rows += reached->next[row] > 0;
    return rows * REACHED_ROW_BYTES;
}

void reached_put(uint8_t *to, const reached_t *reached)
{
    for (uint32_t row = 0; row < reached->high; row++)
        if (reached->next[row] > 0)
            to = wire_put64(wire_put64(to, row), reached->next[row]);
}

bool reached_get(reached_t *reached, const uint8_t *bytes, uint64_t size)
{
    reached->high = 0;
    if (size % REACHED_ROW_BYTES != 0)
        return false;
    for (const uint8_t *end = bytes + size; bytes < end;) {
        uint64_t row, next;
        bytes = wire_get64(wire_get64(bytes, &row), &next);
        if (row >= REACHED_ROWS || row < reached->high || next == 0)
            return false;
        reached_note(reached, (uint32_t)row, next - 1);
    }
    return true;
}

bool reached_follow(reached_t *reached, const wire_frame_t *frame)
{
    if (frame->kind == WIRE_WRITERS)
        return reached_get(reached, frame->bytes, frame->size);
    if (!wire_is_record(frame->kind))
        return true;
    if (frame->writer >= REACHED_ROWS || frame->number == UINT64_MAX)
        return false;
    if (frame->kind == WIRE_RECORD || frame->offset + frame->size == frame->total)
        reached_note(reached, frame->writer, frame->number);
    return true;
}

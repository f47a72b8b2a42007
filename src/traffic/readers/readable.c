/* SPDX-License-Identifier: Apache-2.0 */
/* A reader that lets messages gather is noticed in three parts, as in gathering.c: a first message, enough of them, and what is
 * really there then, which may be nothing, if it was withdrawn or overwritten. */
#include "traffic/readers/readable.h"

#include "protocol/gather.h"
#include "traffic/readers/gathering.h"
#include "traffic/readers/next.h"

int sr__readable_look(sr__readable_t *readable, uint64_t now)
{
    slotring_reader_t *reader = readable->reader;
    if (reader->wake_messages <= 1)
        return sr__next_look(reader);
    if (!readable->gathers) {
        if (!sr__gather_begins(reader))
            return SLOTRING_E_EMPTY;
        readable->gathers = true;
        readable->pressed = sr__gather_pressed(&reader->ring->member);
        readable->due = reader->wake_ns < UINT64_MAX - now ? now + reader->wake_ns : UINT64_MAX;
    }
    if (now < readable->due && !sr__gather_is_over(reader, readable->pressed))
        return SLOTRING_E_EMPTY;
    int code = sr__next_look(reader);
    if (code == SLOTRING_E_EMPTY)
        readable->gathers = false;
    return code;
}

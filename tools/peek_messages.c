/* SPDX-License-Identifier: Apache-2.0 */
#include "peek.h"

#include <inttypes.h>
#include <stdlib.h>

#include "common.h"
#include "exit_codes.h"
#include "host.h"
#include "output.h"

#define POLL_NS UINT64_C(20000000)
#define POLLS_FOR_NAME 50u /* looks without a message, until it asks whether the ring is still there */

/* ---- One message ---------------------------------------------------------------------------------- */

static bool grow(peek_t *peek, uint64_t size)
{
    void *larger = size <= SIZE_MAX ? realloc(peek->buffer, (size_t)size) : NULL;
    if (!larger) {
        out_error("out of memory for a message of %s", out_bytes(size).text);
        return false;
    }
    peek->buffer = larger;
    peek->size = size;
    return true;
}

static bool is_wanted(const peek_t *peek, const slotring_slot_t *message)
{
    return !peek->tagged || message->tag == peek->tag;
}

/* Copies the message `sequence`, if it is wanted. The library copies all of it or nothing. 0; 1: not wanted; an error of the
 * library; EXIT_NO_SPACE is told apart by `*full`. */
static int copy(peek_t *peek, uint64_t sequence, slotring_slot_t *message, bool *full)
{
    *full = false;
    for (;;) {
        int result = slotring_copy_sequence(peek->ring, sequence, peek->buffer, peek->size, message);
        if (result != 0 && result != SLOTRING_E_SIZE && result != SLOTRING_E_CHECKSUM)
            return result;
        if (!is_wanted(peek, message))
            return 1;
        if (result != SLOTRING_E_SIZE)
            return result;
        *full = !grow(peek, message->length);
        if (*full)
            return result;
    }
}

/* Shows the message `sequence`, if it is wanted. 0: done with it; else why it is not there, or EXIT_ERROR and more: report it. */
static int show(peek_t *peek, uint64_t sequence, int *code)
{
    slotring_slot_t message = {0};
    bool full;
    int result;
    if (sequence % peek->every != 0)
        return 0;
    result = copy(peek, sequence, &message, &full);
    if (full) {
        *code = EXIT_NO_SPACE;
        return result;
    }
    if (result == SLOTRING_E_INVALID)
        peek->blocks++;
    if (result < 0 && result != SLOTRING_E_CHECKSUM)
        return result;
    if (result == 1)
        return 0;
    if (!look_print(&peek->look, &message, peek->buffer, result == SLOTRING_E_CHECKSUM))
        peek->code = EXIT_ERROR;
    else if (result == SLOTRING_E_CHECKSUM)
        peek->code = EXIT_DAMAGED;
    peek->shown++;
    *code = out_finish(EXIT_DONE);
    return 0;
}

/* ---- Messages that are there ---------------------------------------------------------------------- */

int peek_next_sequence(peek_t *peek, uint64_t *next)
{
    slotring_stats_t stats = {.struct_size = sizeof stats};
    if (slotring_get_stats(peek->ring, &stats) < 0)
        return report_last("cannot look at the ring");
    *next = stats.published;
    return EXIT_DONE;
}

/* Is it there, and wanted? Only its control data are looked at. */
static bool is_there(peek_t *peek, uint64_t sequence)
{
    slotring_slot_t message = {0};
    int result;
    if (sequence % peek->every != 0)
        return false;
    result = slotring_copy_sequence(peek->ring, sequence, NULL, 0, &message);
    if (result == SLOTRING_E_INVALID)
        peek->blocks++;
    return (result == 0 || result == SLOTRING_E_SIZE || result == SLOTRING_E_CHECKSUM) &&
           is_wanted(peek, &message);
}

/* From the newest backwards as far as the ring remembers, until there are enough: then forwards. One that goes meanwhile is not
 * shown. */
int peek_last(peek_t *peek, uint64_t next)
{
    slotring_info_t info = {.struct_size = sizeof info};
    uint64_t first = next, found = 0;
    int code = EXIT_DONE;
    if (slotring_info(peek->ring, &info) < 0)
        return report_last("cannot look at the ring");
    while (found < peek->last && first > 0 && next - first < info.order_length && !host_stop_requested())
        found += is_there(peek, --first);
    peek->blocks = 0; /* which are counted once */
    for (uint64_t at = first; at < next && code == EXIT_DONE && !host_stop_requested(); at++)
        (void)show(peek, at, &code);
    return code;
}

int peek_one(peek_t *peek)
{
    int code = EXIT_DONE, result;
    peek->every = 1;
    result = show(peek, peek->sequence, &code);
    if (code != EXIT_DONE || (result == 0 && peek->shown > 0))
        return code;
    if (result == 0)
        out_error("sequence %" PRIu64 " has another tag", peek->sequence);
    else if (result == SLOTRING_E_STALE)
        out_error("sequence %" PRIu64 " is gone", peek->sequence);
    else if (result == SLOTRING_E_NOT_READY)
        out_error("sequence %" PRIu64 " is not published yet", peek->sequence);
    else if (result != SLOTRING_E_INVALID)
        return report_last("cannot copy the message");
    return EXIT_NOT_FOUND;
}

/* ---- Messages that come --------------------------------------------------------------------------- */

/* What lies below the oldest is gone: behind a fast producer, one look for each of them would come too late for all. */
static int pass_gone(peek_t *peek, uint64_t *at)
{
    slotring_stats_t stats = {.struct_size = sizeof stats};
    uint64_t next = *at + 1;
    if (slotring_get_stats(peek->ring, &stats) < 0)
        return report_last("cannot look at the ring");
    if (stats.oldest > next)
        next = stats.oldest;
    peek->missed += next - *at;
    *at = next;
    return EXIT_DONE;
}

static int wait_for_more(peek_t *peek, uint32_t *idle)
{
    if (++*idle % POLLS_FOR_NAME == 0 && ring_is_deserted(peek->ring)) {
        out_error("the ring was removed, and nobody writes to it any more");
        return EXIT_NOT_FOUND;
    }
    host_sleep(POLL_NS);
    return EXIT_DONE;
}

/* The next one that --every wants: one step, however far that is. */
static uint64_t wanted_from(const peek_t *peek, uint64_t at)
{
    uint64_t beyond = at % peek->every;
    return beyond == 0 ? at : at + (peek->every - beyond);
}

int peek_follow(peek_t *peek, uint64_t at)
{
    uint32_t idle = 0;
    int code = EXIT_DONE;
    while (code == EXIT_DONE && peek->shown < peek->count && !host_stop_requested()) {
        int result;
        at = wanted_from(peek, at);
        result = show(peek, at, &code);
        if (code != EXIT_DONE)
            break;
        if (result == SLOTRING_E_NOT_READY)
            code = wait_for_more(peek, &idle);
        else if (result == SLOTRING_E_STALE)
            code = pass_gone(peek, &at);
        else if (result == 0 || result == SLOTRING_E_INVALID)
            at++;
        else
            code = report_last("cannot copy a message");
    }
    return code;
}

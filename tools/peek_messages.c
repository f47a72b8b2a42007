/* SPDX-License-Identifier: Apache-2.0 */
#include "peek.h"

#include <inttypes.h>
#include <stdlib.h>

#include "common.h"
#include "exit_codes.h"
#include "host.h"
#include "output.h"

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
    bool is_record = message->kind == SLOTRING_KIND_RECORD || peek->by_writer;
    return (!peek->tagged || message->tag == peek->tag) &&
           (!peek->by_writer || message->writer == peek->writer) &&
           (is_record ? message->number : message->sequence) % peek->every == 0;
}

static int copy_to(const peek_t *peek, peek_what_t what, void *buffer, uint64_t size,
                   slotring_slot_t *message)
{
    return what.ticket ? slotring_copy(peek->ring, what.ticket, buffer, size, message)
                       : slotring_copy_sequence(peek->ring, what.sequence, buffer, size, message);
}

int peek_look(const peek_t *peek, peek_what_t what, slotring_slot_t *message)
{
    int result = copy_to(peek, what, NULL, 0, message);
    if (result != 0 && result != SLOTRING_E_SIZE && result != SLOTRING_E_CHECKSUM)
        return result;
    return is_wanted(peek, message) ? 0 : 1;
}

/* Copies the message, if it is wanted. The library copies all of it or nothing. 0; 1: not wanted; an error of the library;
 * EXIT_NO_SPACE is told apart by `*full`. */
static int copy(peek_t *peek, peek_what_t what, slotring_slot_t *message, bool *full)
{
    *full = false;
    for (;;) {
        int result = copy_to(peek, what, peek->buffer, peek->size, message);
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

int peek_show(peek_t *peek, peek_what_t what, int *code)
{
    slotring_slot_t message = {0};
    bool full;
    int result = copy(peek, what, &message, &full);
    if (full) {
        *code = EXIT_NO_SPACE;
        return result;
    }
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

int peek_begin(peek_t *peek)
{
    slotring_stats_t stats = {.struct_size = sizeof stats};
    slotring_info_t info = {.struct_size = sizeof info};
    if (slotring_info(peek->ring, &info) < 0 || slotring_get_stats(peek->ring, &stats) < 0)
        return report_last("cannot look at the ring");
    if (peek->by_writer && peek->writer >= info.max_writers) {
        out_error("--writer %" PRIu32 ": the ring has room for %" PRIu32 " writers, and 0 is the first",
                  peek->writer, info.max_writers);
        return EXIT_NOT_FOUND;
    }
    peek->next = stats.published;
    peek->row_count = info.max_writers;
    peek->rows = calloc(info.max_writers + 1u, sizeof *peek->rows); /* a ring may have none */
    if (!peek->rows) {
        out_error("out of memory");
        return EXIT_NO_SPACE;
    }
    for (uint32_t row = 0; row < peek->row_count; row++)
        if (slotring_writer_progress(peek->ring, row, &peek->rows[row].next, NULL) < 0)
            return report_last("cannot look at the writers");
    return EXIT_DONE;
}

/* From the newest backwards as far as the ring remembers, until there are enough. */
static int find_in_order(peek_t *peek, peek_list_t *list)
{
    slotring_info_t info = {.struct_size = sizeof info};
    if (slotring_info(peek->ring, &info) < 0)
        return report_last("cannot look at the ring");
    for (uint64_t at = peek->next; list->count < peek->last && at > 0 &&
                                   peek->next - at < info.order_length && !host_stop_requested();) {
        slotring_slot_t message = {0};
        if (peek_look(peek, (peek_what_t){.sequence = --at}, &message) == 0 &&
            !peek_list_add(list, &message)) {
            out_error("out of memory");
            return EXIT_NO_SPACE;
        }
    }
    return EXIT_DONE;
}

/* One that goes meanwhile is not shown. */
int peek_last(peek_t *peek)
{
    peek_list_t list = {0};
    int code = peek->by_writer || peek->last == 0 ? EXIT_DONE : find_in_order(peek, &list);
    if (code == EXIT_DONE && peek->last > 0)
        code = peek_writers_find(peek, peek->last, &list);
    peek_list_sort(&list);
    size_t first = list.count > peek->last ? list.count - (size_t)peek->last : 0;
    for (size_t i = first; i < list.count && code == EXIT_DONE && !host_stop_requested(); i++)
        (void)peek_show(peek, (peek_what_t){.ticket = &list.items[i].ticket}, &code);
    peek_list_free(&list);
    return code;
}

int peek_one(peek_t *peek)
{
    int code = EXIT_DONE, result;
    peek->every = 1;
    result = peek_show(peek, (peek_what_t){.sequence = peek->sequence}, &code);
    if (code != EXIT_DONE || (result == 0 && peek->shown > 0))
        return code;
    if (result == 0)
        out_error("sequence %" PRIu64 " has another tag", peek->sequence);
    else if (result == SLOTRING_E_STALE)
        out_error("sequence %" PRIu64 " is gone", peek->sequence);
    else if (result == SLOTRING_E_NOT_READY)
        out_error("sequence %" PRIu64 " is not published yet", peek->sequence);
    else if (result == SLOTRING_E_INVALID)
        out_error("sequence %" PRIu64 " is a slot with records; --writer and --number show one of them",
                  peek->sequence);
    else
        return report_last("cannot copy the message");
    return EXIT_NOT_FOUND;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of writers. A record has no place in the order; its writer and its number name it. Those of one slot have neighbouring
 * tickets, so the ring is asked once for each slot. */
#include "peek.h"

#include <inttypes.h>

#include "common.h"
#include "exit_codes.h"
#include "host.h"
#include "output.h"

#define AT_A_TIME 256u /* messages of one writer, before it is the next one's turn */

static bool is_record(const slotring_ticket_t *ticket)
{
    return ticket->flags != 0;
}

/* ---- Those that are there ------------------------------------------------------------------------- */

/* The newest message of the row at or below `number`, wanted or not. 0, 1 (not wanted), or an error of the library. */
static int look_back(peek_t *peek, uint32_t row, uint64_t number, slotring_ticket_t *near,
                     slotring_slot_t *message)
{
    slotring_ticket_t ticket = *near;
    if (is_record(near) && number < near->sequence) {
        ticket.sequence = number;
        int result = peek_look(peek, (peek_what_t){.ticket = &ticket}, message);
        if (result != SLOTRING_E_STALE)
            return result;
    }
    int result = slotring_ticket_of_writer(peek->ring, row, number, &ticket);
    if (result == 0) {
        *near = ticket;
        result = peek_look(peek, (peek_what_t){.ticket = &ticket}, message);
    }
    return result;
}

static int find_of_row(peek_t *peek, uint32_t row, uint64_t most, peek_list_t *list)
{
    slotring_ticket_t near = {.flags = 0};
    uint64_t below = peek->rows[row].next;
    for (uint64_t found = 0; found < most && below > 0 && !host_stop_requested();) {
        slotring_slot_t message = {0};
        int result = look_back(peek, row, below - 1, &near, &message);
        if (result == SLOTRING_E_STALE && is_record(&near) && near.sequence < below) {
            below = near.sequence; /* it was freed, or is gone by now, as all before it */
            continue;
        }
        if (result < 0)
            return result == SLOTRING_E_STALE || result == SLOTRING_E_NOT_READY
                       ? EXIT_DONE
                       : report_last("cannot copy a message");
        below = message.number < below ? message.number : 0;
        if (result == 1 || (!peek->by_writer && message.kind != SLOTRING_KIND_RECORD))
            continue;
        if (!peek_list_add(list, &message)) {
            out_error("out of memory");
            return EXIT_NO_SPACE;
        }
        found++;
    }
    return EXIT_DONE;
}

int peek_writers_find(peek_t *peek, uint64_t most, peek_list_t *list)
{
    int code = EXIT_DONE;
    for (uint32_t row = 0; row < peek->row_count && code == EXIT_DONE; row++)
        if (!peek->by_writer || row == peek->writer)
            code = find_of_row(peek, row, most, list);
    return code;
}

/* ---- One by its number ---------------------------------------------------------------------------- */

/* The ticket of exactly this message. 0, 1: it is not there, and *ticket is of the newest before it, if there is one; or an error of the
 * library. */
static int ticket_of(peek_t *peek, uint32_t row, uint64_t number, slotring_ticket_t *ticket)
{
    slotring_slot_t message = {.number = SLOTRING_NO_NUMBER};
    int result = slotring_ticket_of_writer(peek->ring, row, number, ticket);
    if (result == SLOTRING_E_NOT_READY)
        return 1;
    if (result != 0)
        return result;
    if (is_record(ticket))
        return ticket->sequence == number ? 0 : 1;
    result = peek_look(peek, (peek_what_t){.ticket = ticket}, &message);
    return result < 0 && result != SLOTRING_E_STALE ? result : message.number == number ? 0 : 1;
}

int peek_number(peek_t *peek)
{
    slotring_ticket_t ticket;
    int code = EXIT_DONE;
    peek->every = 1;
    if (peek->number >= peek->rows[peek->writer].next) {
        out_error("writer %" PRIu32 " has not written number %" PRIu64 " yet", peek->writer, peek->number);
        return EXIT_NOT_FOUND;
    }
    int result = ticket_of(peek, peek->writer, peek->number, &ticket);
    if (result == 0)
        result = peek_show(peek, (peek_what_t){.ticket = &ticket}, &code);
    if (code != EXIT_DONE || (result == 0 && peek->shown > 0))
        return code;
    if (result < 0 && result != SLOTRING_E_STALE)
        return report_last("cannot copy the message");
    if (result == 0)
        out_error("number %" PRIu64 " of writer %" PRIu32 " has another tag", peek->number, peek->writer);
    else
        out_error("number %" PRIu64 " of writer %" PRIu32 " is gone, or was skipped", peek->number,
                  peek->writer);
    return EXIT_NOT_FOUND;
}

/* ---- Those that come ------------------------------------------------------------------------------ */

/* The first number behind `from`, which is not there, that is there; or `end`. So what is gone costs a few looks, however many it is. */
static uint64_t next_there(peek_t *peek, uint32_t row, uint64_t from, uint64_t end)
{
    uint64_t gone = from;
    while (end - gone > 1) {
        slotring_ticket_t ticket;
        uint64_t middle = gone + (end - gone) / 2;
        int result = slotring_ticket_of_writer(peek->ring, row, middle, &ticket);
        if (result == 0 && (!is_record(&ticket) || ticket.sequence > from))
            end = middle;
        else
            gone = middle;
    }
    return end;
}

/* Shows the row's next message, if it is there and wanted. */
static int follow_one(peek_t *peek, uint32_t row, uint64_t end)
{
    peek_row_t *at = &peek->rows[row];
    slotring_ticket_t ticket = at->ticket;
    int code = EXIT_DONE, result = SLOTRING_E_STALE;
    if (at->next % peek->every != 0) {
        at->next += peek->every - at->next % peek->every;
        return EXIT_DONE;
    }
    if (is_record(&ticket)) {
        ticket.sequence = at->next;
        result = peek_show(peek, (peek_what_t){.ticket = &ticket}, &code);
    }
    if (code != EXIT_DONE || result == 0) {
        at->next++;
        return code;
    }
    result = ticket_of(peek, row, at->next, &ticket);
    if (result == 0 && (is_record(&ticket) || peek->by_writer))
        result = peek_show(peek, (peek_what_t){.ticket = &ticket}, &code);
    if (result == 1 || result == SLOTRING_E_STALE) {
        uint64_t next = next_there(peek, row, at->next, end);
        peek->missed += next - at->next;
        at->next = next;
        return code;
    }
    at->next++;
    at->ticket = ticket;
    return code != EXIT_DONE || result == 0 ? code : report_last("cannot copy a message");
}

int peek_writers_follow(peek_t *peek, bool *any)
{
    int code = EXIT_DONE;
    for (uint32_t row = 0; row < peek->row_count && code == EXIT_DONE; row++) {
        uint64_t end;
        if (peek->by_writer && row != peek->writer)
            continue;
        if (slotring_writer_progress(peek->ring, row, &end, NULL) < 0)
            return report_last("cannot look at the writers");
        for (uint32_t i = 0; i < AT_A_TIME && peek->rows[row].next < end && code == EXIT_DONE &&
                             peek->shown < peek->count && !host_stop_requested();
             i++) {
            *any = true;
            code = follow_one(peek, row, end);
        }
    }
    return code;
}

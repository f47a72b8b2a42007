/* SPDX-License-Identifier: Apache-2.0 */
#include "traffic/readers/window.h"

#include <stdlib.h>

#include "base/error.h"
#include "traffic/readers/followed.h"
#include "traffic/readers/marks_done.h"
#include "traffic/readers/out_holds.h"

/* One message. `before` counts the publications that the reader had behind it when it was given this message, since it began. So a
 * record of a slot that is not in the order yet is protected, too: its slot comes into the order above that place. */
typedef struct out {
    uint32_t slot;
    uint32_t writer; /* SLOTRING_NO_WRITER without one */
    bool is_record, released;
    uint64_t sequence; /* of a publication */
    uint64_t number;   /* of the message among those of its writer */
    uint64_t length, before;
} out_t;

/* Of a writer: how many of its messages are out, and the number of the oldest that is not released. */
typedef struct of_writer {
    uint32_t out;
    uint64_t unreleased;
} of_writer_t;

struct sr__window {
    uint32_t size, first, count; /* of `out`, from the oldest that is not released on */
    uint32_t unreleased;
    uint64_t left;           /* publications that the cursor has left behind, since the reader began */
    uint64_t records, bytes; /* of records that are out */
    of_writer_t *writers;
    out_t *out;
};

int sr__window_make(slotring_reader_t *reader, uint32_t size)
{
    const sr__view_t *view = &reader->ring->member.view;
    struct sr__window *window = calloc(1, sizeof *window);
    reader->window = window;
    if (!window)
        return SLOTRING_E_NO_MEMORY;
    window->size = size < view->slot_count || view->writer_count > 0 ? size : view->slot_count;
    window->writers = calloc(view->writer_count + 1, sizeof *window->writers);
    window->out = calloc(window->size, sizeof *window->out);
    if (!window->writers || !window->out)
        return SLOTRING_E_NO_MEMORY;
    return reader->pressure.holds_messages ? sr__out_holds_make(reader) : 0;
}

void sr__window_free(slotring_reader_t *reader)
{
    sr__out_holds_free(reader);
    if (!reader->window)
        return;
    free(reader->window->writers);
    free(reader->window->out);
    free(reader->window);
    reader->window = NULL;
}

static out_t *at(const struct sr__window *window, uint32_t nth)
{
    return &window->out[(window->first + nth) % window->size];
}

bool sr__window_is_full(const slotring_reader_t *reader)
{
    return reader->window->count == reader->window->size;
}

uint32_t sr__window_out(const slotring_reader_t *reader)
{
    return reader->window ? reader->window->unreleased : reader->given;
}

int sr__may_be_given(slotring_reader_t *reader)
{
    if (!reader->window)
        return sr__error(SLOTRING_E_STATE,
                         "the %u messages given last are not released yet (slotring_reader_release)",
                         reader->given);
    if (!sr__window_is_full(reader)) {
        reader->given = 0;
        return 0;
    }
    return sr__error(SLOTRING_E_STATE,
                     "the reader's window of %u messages is full: release the oldest one that is out",
                     reader->window->size);
}

int sr__window_has_past(const slotring_reader_t *reader)
{
    if (!reader->window || reader->given > 0 || reader->window->unreleased == 0)
        return SLOTRING_E_EMPTY;
    return sr__error(
        SLOTRING_E_STATE,
        "the reader has had all of its past: release the %u messages of it that are out before the "
        "first one of the present",
        reader->window->unreleased);
}

int sr__window_before_damage(const slotring_reader_t *reader)
{
    return sr__error(SLOTRING_E_STATE,
                     "the next message is damaged or gone: release the %u messages that are out first",
                     sr__window_out(reader));
}

static bool is_record(const slotring_slot_t *slot)
{
    return slot->kind == SLOTRING_KIND_RECORD;
}

void sr__window_note(slotring_reader_t *reader, const slotring_slot_t *slot, uint32_t passed)
{
    struct sr__window *window = reader->window;
    *at(window, window->count++) = (out_t){.slot = slot->index,
                                           .writer = slot->writer,
                                           .is_record = is_record(slot),
                                           .sequence = slot->sequence,
                                           .number = slot->number,
                                           .length = slot->length,
                                           .before = window->left + passed};
    window->unreleased++;
    window->records += is_record(slot);
    window->bytes += is_record(slot) ? slot->length : 0;
    if (slot->writer != SLOTRING_NO_WRITER && window->writers[slot->writer].out++ == 0)
        window->writers[slot->writer].unreleased = slot->number;
    if (reader->out_holds)
        sr__out_hold(reader, slot->index);
}

static void is_out_no_more(slotring_reader_t *reader, const out_t *out)
{
    struct sr__window *window = reader->window;
    if (reader->out_holds)
        sr__out_let_go(reader, out->slot);
    window->unreleased--;
    window->records -= out->is_record;
    window->bytes -= out->is_record ? out->length : 0;
    if (out->writer != SLOTRING_NO_WRITER)
        window->writers[out->writer].out--;
}

/* The next message of the writer that is out; not the next number, which may have been skipped. */
static void look_for_unreleased(slotring_reader_t *reader, uint32_t nth)
{
    struct sr__window *window = reader->window;
    uint32_t writer = at(window, nth)->writer;
    if (window->writers[writer].out == 0)
        return;
    while (++nth < window->count)
        if (at(window, nth)->writer == writer && !at(window, nth)->released) {
            window->writers[writer].unreleased = at(window, nth)->number;
            return;
        }
}

static void note_released(slotring_reader_t *reader, uint32_t nth)
{
    out_t *out = at(reader->window, nth);
    out->released = true;
    is_out_no_more(reader, out);
    if (reader->durable && out->writer != SLOTRING_NO_WRITER)
        look_for_unreleased(reader, nth);
}

uint64_t sr__window_records(const slotring_reader_t *reader, uint64_t *bytes)
{
    *bytes = reader->window->bytes;
    return reader->window->records;
}

void sr__window_put_back(slotring_reader_t *reader)
{
    struct sr__window *window = reader->window;
    is_out_no_more(reader, at(window, --window->count));
}

uint64_t sr__window_unreleased(const slotring_reader_t *reader, uint32_t writer)
{
    const of_writer_t *of = &reader->window->writers[writer];
    return of->out > 0 ? of->unreleased : reader->followed[writer].next;
}
uint32_t sr__window_leave(slotring_reader_t *reader)
{
    struct sr__window *window = reader->window;
    uint32_t passed = window->count > 0 ? (uint32_t)(at(window, 0)->before - window->left) : reader->passed;
    passed = sr__marks_done_limit(reader, window->left, passed);
    window->left += passed;
    return passed;
}

uint64_t sr__window_left(const slotring_reader_t *reader)
{
    return reader->window ? reader->window->left : 0;
}

uint64_t sr__window_place(const slotring_reader_t *reader)
{
    return reader->window ? reader->window->left + reader->passed : 0;
}

void sr__window_leave_out(slotring_reader_t *reader)
{
    struct sr__window *window = reader->window;
    for (uint32_t nth = 0; nth < window->count; nth++)
        at(window, nth)->before = window->left + reader->passed;
}

int sr__window_empty(slotring_reader_t *reader)
{
    if (reader->window->unreleased == 0)
        return sr__error(SLOTRING_E_NOT_HELD, "nothing is out, or it was released already");
    for (uint32_t nth = 0; nth < reader->window->count; nth++)
        if (!at(reader->window, nth)->released)
            note_released(reader, nth);
    reader->window->count = 0;
    return 0;
}

uint32_t sr__window_find(const slotring_reader_t *reader, const slotring_slot_t *slot)
{
    const struct sr__window *window = reader->window;
    for (uint32_t nth = 0; nth < window->count; nth++) {
        const out_t *out = at(window, nth);
        if (out->released || out->is_record != is_record(slot))
            continue;
        if (out->is_record ? out->writer == slot->writer && out->number == slot->number
                           : out->sequence == slot->sequence)
            return nth;
    }
    return SR__NOT_OUT;
}

void sr__window_what(const slotring_reader_t *reader, uint32_t nth, uint64_t *sequence, uint32_t *writer,
                     uint64_t *number)
{
    const out_t *out = at(reader->window, nth);
    *sequence = out->sequence;
    *writer = out->writer;
    *number = out->number;
}

void sr__window_release(slotring_reader_t *reader, uint32_t first, uint32_t last)
{
    struct sr__window *window = reader->window;
    for (uint32_t nth = first; nth <= last; nth++)
        if (!at(window, nth)->released)
            note_released(reader, nth);
    while (window->count > 0 && at(window, 0)->released) {
        window->first = (window->first + 1) % window->size;
        window->count--;
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Releasing what is out of a window: one message, all up to one, or all. */
#include "traffic/readers/release_window.h"

#include "base/error.h"
#include "members/enter.h"
#include "traffic/readers/acks.h"
#include "traffic/readers/cursor.h"
#include "traffic/readers/durable.h"
#include "traffic/readers/given.h"
#include "traffic/readers/marks_done.h"
#include "traffic/readers/window.h"

static int find(slotring_reader_t *reader, const slotring_slot_t *slot, uint32_t *nth)
{
    int failed = sr__reader_enter(reader);
    if (failed)
        return failed;
    if (!slot)
        return sr__error(SLOTRING_E_INVALID, "slot is NULL");
    if (!reader->window)
        return sr__error(
            SLOTRING_E_STATE,
            "this reader has no window (reader option window): slotring_reader_release ends what its last "
            "call gave");
    *nth = sr__window_find(reader, slot);
    if (*nth != SR__NOT_OUT)
        return 0;
    return sr__error(SLOTRING_E_NOT_HELD,
                     "this message is not out: the reader was not given it, or has released it already");
}

/* Moves the cursor up to the oldest message that is still out: all below it was released. A kill before that leaves
 * the cursor where it is: a durable reader's next owner gets these messages again. */
static int move_on(slotring_reader_t *reader)
{
    if (reader->passed > 0)
        sr__cursor_settle(reader);
    if (reader->durable)
        sr__durable_acknowledge(reader);
    if (reader->records_given > 0)
        sr__count_given(reader);
    return reader->durable ? sr__durable_release(reader) : 0;
}

int sr__release_window(slotring_reader_t *reader)
{
    int failed = sr__window_empty(reader);
    if (failed)
        return failed;
    sr__marks_done_go_on(reader);
    return move_on(reader);
}

/* A durable reader acknowledges a message before older ones: by its bit, or, of a writer, by the number of the next one. 0; E_STATE:
 * that is not possible. */
static int acknowledge_ahead(slotring_reader_t *reader, uint32_t nth)
{
    uint64_t sequence, number;
    uint32_t writer;
    sr__window_what(reader, nth, &sequence, &writer, &number);
    bool possible = writer == SLOTRING_NO_WRITER ? sr__acks_reach(reader, sequence)
                                                 : sr__window_unreleased(reader, writer) == number;
    if (!possible || reader->history_left > 0)
        return sr__error(
            SLOTRING_E_STATE,
            "%u older messages are out. A durable reader acknowledges messages of one writer, and "
            "what it holds of the past, in order, and others up to %u above its cursor",
            nth, SR__ACKS_WINDOW);
    if (writer == SLOTRING_NO_WRITER)
        sr__acks_note(reader, sequence);
    return 0;
}

int slotring_reader_release_one(slotring_reader_t *reader, const slotring_slot_t *slot)
{
    uint32_t nth = SR__NOT_OUT;
    int failed = find(reader, slot, &nth);
    if (failed)
        return failed;
    if (nth > 0 && reader->durable)
        failed = acknowledge_ahead(reader, nth);
    if (failed)
        return failed;
    sr__window_release(reader, nth, nth);
    if (nth == 0)
        return move_on(reader);
    if (!reader->durable)
        return 0;
    sr__durable_acknowledge(reader);
    return sr__durable_release(reader);
}

int slotring_reader_release_up_to(slotring_reader_t *reader, const slotring_slot_t *slot)
{
    uint32_t last = SR__NOT_OUT;
    int failed = find(reader, slot, &last);
    if (failed)
        return failed;
    sr__window_release(reader, 0, last);
    return move_on(reader);
}

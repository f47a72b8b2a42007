/* SPDX-License-Identifier: Apache-2.0 */
/* Releasing what is out of a window: one message, all up to one, or all. */
#include "traffic/readers/release_window.h"

#include "base/error.h"
#include "members/enter.h"
#include "traffic/readers/cursor.h"
#include "traffic/readers/durable.h"
#include "traffic/readers/given.h"
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
    return failed ? failed : move_on(reader);
}

int slotring_reader_release_one(slotring_reader_t *reader, const slotring_slot_t *slot)
{
    uint32_t nth = SR__NOT_OUT;
    int failed = find(reader, slot, &nth);
    if (failed)
        return failed;
    if (nth > 0 && reader->durable)
        return sr__error(
            SLOTRING_E_STATE,
            "a durable reader acknowledges in order, since its next owner goes on behind one place: %u older "
            "messages are out",
            nth);
    sr__window_release(reader, nth, nth);
    return nth == 0 ? move_on(reader) : 0;
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

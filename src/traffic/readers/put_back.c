/* SPDX-License-Identifier: Apache-2.0 */
/* Who waits without taking finds a message as next does, and then puts it back. All of it is private to this reader: nothing of
 * what was given is counted yet, and the cursor lies below it. What lies before the message, and is not wanted or gone, stays
 * behind the reader. */
#include "traffic/readers/put_back.h"

#include "traffic/readers/cursor.h"
#include "traffic/readers/records.h"
#include "traffic/readers/window.h"

/* A publication that is not a block. Of a writer: its number comes next again. */
static void put_publication_back(slotring_reader_t *reader, const slotring_slot_t *slot)
{
    reader->passed--;
    if (reader->followed && slot->writer != SLOTRING_NO_WRITER)
        reader->followed[slot->writer].next = slot->number;
}

void sr__put_back(slotring_reader_t *reader, const slotring_slot_t *slot)
{
    if (reader->share) /* it has taken nothing */
        return;
    if (slot->kind == SLOTRING_KIND_RECORD)
        sr__records_put_back(reader, slot);
    else
        put_publication_back(reader, slot);
    reader->run = 0;
    if (reader->window)
        sr__window_put_back(reader);
    if (reader->passed > 0 || reader->held > 0)
        sr__cursor_settle(reader);
}

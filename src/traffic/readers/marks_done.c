/* SPDX-License-Identifier: Apache-2.0 */
/* Acknowledging marks, for a durable reader that is told of them. Its subscription has one number: below this serial number it is done
 * with all marks, of both classes, since it is told of them in the order in which they were made. The next owner is told of the
 * others.
 *
 * The reader is done with a mark when it has gone on from it, by its next look or by a release, and has acknowledged all messages that
 * lie before the mark. The number is stored before a message behind the mark is given to a reader without a window. With a window
 * the cursor stops at the place of a mark until the number is stored. So a kill at any step leaves a mark that is told again at its
 * place, between the same messages, or that is acknowledged with all before it.
 */
#include "traffic/readers/marks_done.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/error.h"
#include "traffic/readers/owned_word.h"
#include "traffic/readers/window.h"

/* [marks_done.store] Says that the reader is done with all marks below `serial`. A kill before leaves the mark to the next owner. */
static void store(slotring_reader_t *reader, uint64_t serial)
{
    sr__owned_change(reader, &reader->subscription->marks, serial + 1);
}

/* [marks_done.begin] Notes which marks lie before the start of a new subscription, before anybody can take that over. */
void sr__marks_done_begin(slotring_reader_t *reader)
{
    uint64_t marks = reader->told ? reader->told->first + 1 : 0;
    atomic_store_explicit(&reader->subscription->marks, sr__numbered(marks, sr__durable_generation(reader)),
                          memory_order_seq_cst);
}

static int go_on_with(slotring_reader_t *reader, uint64_t serial)
{
    uint64_t made = sr__marks_total(sr__load(&reader->ring->member.view.state->marks));
    if (serial > made)
        return sr__error(SLOTRING_E_CORRUPT,
                         "subscription %" PRIu32 " is done with %" PRIu64
                         " marks, and the ring has had %" PRIu64,
                         reader->subscription_number, serial, made);
    reader->told->goes_on = true;
    reader->told->accounted = serial;
    return 0;
}

/* [marks_done.take] Finds with which marks the last owner was done. A reader that asks for none leaves the number to the next one that
 * does. */
int sr__marks_done_take(slotring_reader_t *reader)
{
    sr__word_t *word = &reader->subscription->marks;
    if (sr__load(word) == 0) /* made by a program that did not know of it */
        sr__cas(word, 0, sr__numbered(0, sr__durable_generation(reader)));
    uint64_t marks = sr__owned_take(reader, word);
    return reader->told && marks > 0 ? go_on_with(reader, marks - 1) : 0;
}

void sr__marks_done_start(slotring_reader_t *reader)
{
    store(reader, reader->told->first);
}

int sr__marks_done_reserve(slotring_reader_t *reader)
{
    struct sr__told *told = reader->told;
    if (!reader->durable || told->waiting_count < told->waiting_room)
        return 0;
    uint32_t room = told->waiting_room > 0 ? 2 * told->waiting_room : 1;
    struct sr__waiting_mark *waiting = realloc(told->waiting, room * sizeof *waiting);
    if (!waiting)
        return sr__plain(SLOTRING_E_NO_MEMORY);
    told->waiting = waiting;
    told->waiting_room = room;
    return 0;
}

bool sr__marks_done_reach(slotring_reader_t *reader)
{
    struct sr__told *told = reader->told;
    uint64_t left = sr__window_left(reader);
    uint32_t reached = 0;
    while (reached < told->waiting_count && told->waiting[reached].before <= left)
        reached++;
    if (reached == 0)
        return false;
    store(reader, told->waiting[reached - 1].serial + 1);
    told->waiting_count -= reached;
    for (uint32_t i = 0; i < told->waiting_count; i++)
        told->waiting[i] = told->waiting[i + reached];
    return true;
}

/* Marks at one place wait as one. */
bool sr__marks_done_go_on(slotring_reader_t *reader)
{
    struct sr__told *told = reader->told;
    if (!reader->durable || !told || !told->fresh)
        return false;
    told->fresh = false;
    struct sr__waiting_mark now = {.before = sr__window_place(reader), .serial = told->mark.serial};
    bool same = told->waiting_count > 0 && told->waiting[told->waiting_count - 1].before == now.before;
    told->waiting[same ? told->waiting_count - 1 : told->waiting_count++] = now;
    sr__marks_done_reach(reader);
    return true;
}

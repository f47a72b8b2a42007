/* SPDX-License-Identifier: Apache-2.0 */
/* What was left for the walk: publications that were freed while a lossless reader still needed them. Whoever looks for a
 * slot takes them once the gate has passed them. A bitmap of the order's places (bitmap.h), so that the first one is
 * found without going along everything that is kept or gone. Only a hint, the slot's word decides.
 *
 * A bit is set after the word says freed, and cleared by who has taken the slot out of the walk, or found nothing left
 * there, each followed by a second look. A kill leaves a bit too many, which the next search clears, or one too few, which
 * repair sets.
 */
#include "protocol/deferred.h"
#include "protocol/bitmap.h"

/* Turns of a search. Each clears a stale bit or ends, unless somebody writes bits all the time. */
#define SEARCH_LIMIT (1u << 16)

static inline bitmap_t left_of(const sr__view_t *view)
{
    return (bitmap_t){view->left, view->left_words, SR__LEFT_LEVELS, (uint32_t)view->order_mask + 1};
}

static uint32_t place_of(const sr__view_t *view, uint64_t sequence)
{
    return (uint32_t)(sequence & view->order_mask);
}

void sr__left_mark(sr__view_t *view, uint64_t sequence)
{
    bitmap_mark(left_of(view), 0, place_of(view, sequence));
}

/* Is what is listed at that place left for the walk now? */
static bool is_left(const sr__view_t *view, uint64_t sequence)
{
    uint32_t slot = sr__entry_slot(view, sr__load(sr__order_at(view, sequence)));
    if (slot >= view->slot_count)
        return false;
    uint64_t w = sr__load(&sr__slot(view, slot)->word), at = sr__load(&sr__slot(view, slot)->sequence);
    return sr__is_committed(w) && sr__is_freed(w) && !sr__is_parked(w) && at != SR__NO_SEQUENCE &&
           place_of(view, at) == place_of(view, sequence);
}

/* [left.clear] It is out of the walk, or nothing was there. */
void sr__left_clear(sr__view_t *view, uint64_t sequence)
{
    uint32_t place = place_of(view, sequence);
    bool emptied = bitmap_unmark(left_of(view), place);
    if (is_left(view, sequence)) /* the second look */
        bitmap_mark(left_of(view), 0, place);
    else if (emptied)
        bitmap_clear_up(left_of(view), 1, place >> 6);
}

static bool find_place(sr__view_t *view, uint32_t from, uint32_t *place)
{
    for (uint32_t turn = 0; turn < SEARCH_LIMIT; turn++) {
        int found = bitmap_find_from(left_of(view), from, place);
        if (found != BITMAP_AGAIN)
            return found == BITMAP_FOUND;
    }
    return false;
}

/* [left.find] The first one at or above `from`, of a lap of the order. */
bool sr__left_find(sr__view_t *view, uint64_t from, uint64_t *sequence)
{
    uint32_t start = place_of(view, from), place;
    if (sr__load(&view->left[SR__LEFT_LEVELS - 1][0]) == 0)
        return false;
    if (!find_place(view, start, &place) && (start == 0 || !find_place(view, 0, &place))) {
        bitmap_clear_up(left_of(view), 1, 0); /* bits above a first word that is empty, if any */
        return false;
    }
    *sequence = from + ((place - start) & view->order_mask);
    return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What was deferred: publications that were withdrawn while a lossless reader still needed them. Whoever looks for a
 * slot takes them once the gate has passed them. A bitmap of the order's positions (bitmap.h), so that the first one is
 * found without going along everything that is kept or gone. Only a hint, the slot's word decides.
 * A bit is set after the word says withdrawn, and cleared by who has taken the slot out of the walk, or found nothing
 * left there, each followed by a second look. A kill leaves a bit too many, which the next search clears, or one too
 * few, which repair sets.
 */
#include "protocol/deferred.h"
#include "protocol/bitmap.h"

/* Turns of a search. Each clears a stale bit or ends, unless somebody writes bits all the time. */
#define SEARCH_LIMIT (1u << 16)

static inline bitmap_t deferred_of(const sr__view_t *view)
{
    return (bitmap_t){view->deferred, view->deferred_words, SR__DEFERRED_LEVELS,
                      (uint32_t)view->order_mask + 1};
}

static uint32_t position_of(const sr__view_t *view, uint64_t sequence)
{
    return (uint32_t)(sequence & view->order_mask);
}

void sr__deferred_mark(sr__view_t *view, uint64_t sequence)
{
    bitmap_mark(deferred_of(view), 0, position_of(view, sequence));
}

/* Is what is listed at that position deferred now? */
static bool is_deferred(const sr__view_t *view, uint64_t sequence)
{
    uint32_t slot = sr__entry_slot(view, sr__load(sr__order_at(view, sequence)));
    if (slot >= view->slot_count)
        return false;
    uint64_t w = sr__load(&sr__slot(view, slot)->word), at = sr__load(&sr__slot(view, slot)->sequence);
    return sr__is_committed(w) && sr__is_withdrawn(w) && !sr__is_retired(w) && at != SR__NO_SEQUENCE &&
           position_of(view, at) == position_of(view, sequence);
}

/* [deferred.clear] It is out of the walk, or nothing was there. */
void sr__deferred_clear(sr__view_t *view, uint64_t sequence)
{
    uint32_t position = position_of(view, sequence);
    bool emptied = bitmap_unmark(deferred_of(view), position);
    if (is_deferred(view, sequence)) /* the second look */
        bitmap_mark(deferred_of(view), 0, position);
    else if (emptied)
        bitmap_clear_up(deferred_of(view), 1, position >> 6);
}

static bool find_position(sr__view_t *view, uint32_t from, uint32_t *position)
{
    for (uint32_t turn = 0; turn < SEARCH_LIMIT; turn++) {
        int found = bitmap_find_from(deferred_of(view), from, position);
        if (found != BITMAP_AGAIN)
            return found == BITMAP_FOUND;
    }
    return false;
}

/* [deferred.find] The first one at or above `from`, of a lap of the order. */
bool sr__deferred_find(sr__view_t *view, uint64_t from, uint64_t *sequence)
{
    uint32_t start = position_of(view, from), position;
    if (sr__load(&view->deferred[SR__DEFERRED_LEVELS - 1][0]) == 0)
        return false;
    if (!find_position(view, start, &position) && (start == 0 || !find_position(view, 0, &position))) {
        bitmap_clear_up(deferred_of(view), 1, 0); /* bits above a first word that is empty, if any */
        return false;
    }
    *sequence = from + ((position - start) & view->order_mask);
    return true;
}

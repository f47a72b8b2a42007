/* SPDX-License-Identifier: Apache-2.0 */
/* What was deferred: publications that were withdrawn while a lossless reader still needed them. Whoever looks for a
 * slot takes them once the gate has passed them. A bitmap of the order's positions (bitmap.h), so that the first one is
 * found without going along everything that is kept or gone. Only a hint, the slot's word decides.
 * A bit is set after the word says withdrawn, and cleared by who has taken the slot out of the walk, or found nothing
 * left there, each followed by a second look. A kill leaves a bit too many, which the next search clears, or one too
 * few, which repair sets.
 */
#include "protocol/deferred.h"

void sr__deferred_mark(sr__view_t *view, uint64_t sequence)
{
    sr__bitmap_mark(sr__deferred_of(view), 0, sr__order_position(view, sequence));
}

/* Is what is listed at that position deferred now? */
static bool is_deferred(const sr__view_t *view, uint64_t sequence)
{
    uint32_t slot = sr__entry_slot(view, sr__load(sr__order_at(view, sequence)));
    if (slot >= view->slot_count)
        return false;
    uint64_t w = sr__load(&sr__slot(view, slot)->word), at = sr__load(&sr__slot(view, slot)->sequence);
    return sr__is_committed(w) && sr__is_withdrawn(w) && !sr__is_retired(w) && at != SR__NO_SEQUENCE &&
           sr__order_position(view, at) == sr__order_position(view, sequence);
}

/* [deferred.clear] Takes a publication out of those that are deferred. It is out of the walk, or nothing
 * was there. */
void sr__deferred_clear(sr__view_t *view, uint64_t sequence)
{
    uint32_t position = sr__order_position(view, sequence);
    bool emptied = sr__bitmap_unmark(sr__deferred_of(view), position);
    if (is_deferred(view, sequence)) /* the second look */
        sr__bitmap_mark(sr__deferred_of(view), 0, position);
    else if (emptied)
        sr__bitmap_clear_up(sr__deferred_of(view), 1, position >> 6);
}

static bool find_position(sr__view_t *view, uint32_t from, uint32_t *position)
{
    for (uint32_t turn = 0; turn < SR__BITMAP_TURNS; turn++) {
        int found = sr__bitmap_find_from(sr__deferred_of(view), from, position);
        if (found != SR__BITMAP_AGAIN)
            return found == SR__BITMAP_FOUND;
    }
    return false;
}

/* [deferred.find] Finds the next publication that is deferred. The first one at or above `from`, of a lap
 * of the order. */
bool sr__deferred_find(sr__view_t *view, uint64_t from, uint64_t *sequence)
{
    uint32_t start = sr__order_position(view, from), position;
    if (!sr__bitmap_any(sr__deferred_of(view)))
        return false;
    if (!find_position(view, start, &position) && (start == 0 || !find_position(view, 0, &position))) {
        sr__bitmap_clear_up(sr__deferred_of(view), 1, 0); /* bits above a first word that is empty, if any */
        return false;
    }
    *sequence = from + ((position - start) & view->order_mask);
    return true;
}

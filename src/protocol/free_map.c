/* SPDX-License-Identifier: Apache-2.0 */
/* The free hint: a bitmap (bitmap.h) of slots that may be FREE. Only a hint, the slot's word decides. Sweep and repair hint
 * every FREE slot again that a kill or a stop may have hidden.
 */
#include "protocol/free_map.h"
#include "protocol/bitmap.h"

/* Turns of a search. Each clears a stale bit or ends, unless somebody writes bits all the time. */
#define SEARCH_LIMIT (1u << 16)

static inline bitmap_t hints_of(const sr__view_t *view)
{
    return (bitmap_t){view->hints, view->hint_words, SR__HINT_LEVELS, view->slot_count};
}

void sr__hint(sr__view_t *view, uint32_t slot)
{
    bitmap_mark(hints_of(view), 0, slot);
}

bool sr__unhint(sr__view_t *view, uint32_t slot)
{
    return bitmap_unmark(hints_of(view), slot);
}

void sr__hint_clear_up(sr__view_t *view, uint32_t slot)
{
    bitmap_clear_up(hints_of(view), 1, slot >> 6);
}

/* The first hinted slot at or after `from`, and round to it. */
bool sr__hint_find(sr__view_t *view, uint32_t from, uint32_t *slot)
{
    const sr__word_t *top = &view->hints[SR__HINT_LEVELS - 1][0];
    for (uint32_t turn = 0; sr__load(top) != 0 && turn < SEARCH_LIMIT; turn++) {
        if (bitmap_find_from(hints_of(view), from, slot) == BITMAP_FOUND)
            return true;
        /* Wrap around; or a stale upper bit is gone now; or what is left are bits above a first word that is empty, where
         * a search from 0 begins, and does not come to from above. */
        if (from == 0)
            bitmap_clear_up(hints_of(view), 1, 0);
        from = 0;
    }
    return false;
}

/* Hints FREE slots that are hidden, at most `most` of them looked at, going on where the last look ended. Only
 * sets bits, so anybody may run it at any time. */
void sr__hint_all_free(slotring_t *ring, uint64_t most)
{
    sr__view_t *view = &ring->view;
    uint64_t at = sr__peek(&view->state->hint_position);
    if (most > view->slot_count)
        most = view->slot_count;
    for (uint64_t n = 0; n < most; n++, at++) {
        if (at >= view->slot_count)
            at = 0;
        if (sr__slot_state(sr__load(&sr__slot(view, (uint32_t)at)->word)) == SR__FREE)
            sr__hint(view, (uint32_t)at);
    }
    sr__poke(&view->state->hint_position, at);
}

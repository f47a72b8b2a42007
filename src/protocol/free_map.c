/* SPDX-License-Identifier: Apache-2.0 */
/* The free map: a bitmap (bitmap.h) of the slots that may be FREE. The slot's word decides, not the bit. Reaping
 * and repair set the bit of every FREE slot again whose bit a kill or a stop may have lost.
 */
#include "protocol/free_map.h"

void sr__free_map_set(sr__view_t *view, uint32_t slot)
{
    sr__bitmap_mark(sr__free_map_of(view), 0, slot);
}

bool sr__free_map_clear(sr__view_t *view, uint32_t slot)
{
    return sr__bitmap_unmark(sr__free_map_of(view), slot);
}

void sr__free_map_clear_up(sr__view_t *view, uint32_t slot)
{
    sr__bitmap_clear_up(sr__free_map_of(view), 1, slot >> 6);
}

/* The first slot with a bit at or after `from`, and round to it. */
bool sr__free_map_find(sr__view_t *view, uint32_t from, uint32_t *slot)
{
    for (uint32_t turn = 0; sr__free_map_any(view) && turn < SR__BITMAP_TURNS; turn++) {
        if (sr__bitmap_find_from(sr__free_map_of(view), from, slot) == SR__BITMAP_FOUND)
            return true;
        /* Wrap around; or a stale upper bit is gone now; or what is left are bits above a first word that is empty,
         * where a search from 0 begins, and does not come to from above. */
        if (from == 0)
            sr__bitmap_clear_up(sr__free_map_of(view), 1, 0);
        from = 0;
    }
    return false;
}

/* Sets the bits of FREE slots that the map hides, at most `most` of them looked at, going on where the last look ended. Only
 * sets bits, so anybody may run it at any time. */
void sr__free_map_refill(sr__member_t *member, uint64_t most)
{
    sr__view_t *view = &member->view;
    uint64_t at = sr__peek(&view->state->free_map_position);
    if (most > view->slot_count)
        most = view->slot_count;
    for (uint64_t n = 0; n < most; n++, at++) {
        if (at >= view->slot_count)
            at = 0;
        if (sr__slot_state(sr__load(&sr__slot(view, (uint32_t)at)->word)) == SR__FREE)
            sr__free_map_set(view, (uint32_t)at);
    }
    sr__poke(&view->state->free_map_position, at);
}

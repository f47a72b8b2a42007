/* SPDX-License-Identifier: Apache-2.0 */
/* The free map: slots that may be FREE. */
#ifndef SR_FREE_MAP_H
#define SR_FREE_MAP_H

#include "handle.h"
#include "protocol/bitmap.h"

static inline sr__bitmap_t sr__free_map_of(const sr__view_t *view)
{
    return (sr__bitmap_t){view->free_map, view->free_map_words, SR__FREE_MAP_LEVELS, view->slot_count};
}
void sr__free_map_set(sr__view_t *view, uint32_t slot);
bool sr__free_map_clear(sr__view_t *view,
                        uint32_t slot); /* true: its leaf is empty now; sr__free_map_clear_up is due */
void sr__free_map_clear_up(sr__view_t *view, uint32_t slot);
bool sr__free_map_find(sr__view_t *view, uint32_t from, uint32_t *slot);
/* Is there any? In a full ring this is all that the search costs. */
static inline bool sr__free_map_any(const sr__view_t *view)
{
    return sr__bitmap_any(sr__free_map_of(view));
}
static inline bool sr__free_map_has(const sr__view_t *view, uint32_t slot)
{
    return (sr__load(&view->free_map[0][slot / 64]) >> slot % 64 & 1) != 0;
}
void sr__free_map_refill(sr__member_t *member, uint64_t most);

#endif

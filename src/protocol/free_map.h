/* SPDX-License-Identifier: Apache-2.0 */
/* The free map: slots that may be FREE. */
#ifndef SR_FREE_MAP_H
#define SR_FREE_MAP_H

#include "handle.h"

void sr__free_map_set(sr__view_t *view, uint32_t slot);
bool sr__free_map_clear(sr__view_t *view,
                        uint32_t slot); /* true: its leaf is empty now; sr__free_map_clear_up is due */
void sr__free_map_clear_up(sr__view_t *view, uint32_t slot);
bool sr__free_map_find(sr__view_t *view, uint32_t from, uint32_t *slot);
/* Is there any? In a full ring this is all that the search costs. */
static inline bool sr__free_map_any(const sr__view_t *view)
{
    return sr__load(&view->free_map[SR__FREE_MAP_LEVELS - 1][0]) != 0;
}
void sr__free_map_refill(slotring_t *ring, uint64_t most);

#endif

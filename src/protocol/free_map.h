/* SPDX-License-Identifier: Apache-2.0 */
/* The free hint: slots that may be FREE. */
#ifndef SR_HINT_H
#define SR_HINT_H

#include "handle.h"

void sr__hint(sr__view_t *view, uint32_t slot);
bool sr__unhint(sr__view_t *view, uint32_t slot); /* true: its leaf is empty now; sr__hint_clear_up is due */
void sr__hint_clear_up(sr__view_t *view, uint32_t slot);
bool sr__hint_find(sr__view_t *view, uint32_t from, uint32_t *slot);
/* Is there any? In a full ring this is all that the search costs. */
static inline bool sr__hint_any(const sr__view_t *view)
{
    return sr__load(&view->hints[SR__HINT_LEVELS - 1][0]) != 0;
}
void sr__hint_all_free(slotring_t *ring, uint64_t most);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The slots that became free last, of a ring with hot slots: a stack of a few, so that the next producer takes the one whose
 * bytes were used last. They are hints, in plain stores: of two that write at the same time one may be lost, and a slot may
 * stand there twice, or although it is taken. The free map knows each free slot (free_map.c), and the slot's word decides. A
 * kill leaves a hint too many or too few.
 */
#include "protocol/recent.h"
#include "protocol/free_map.h"

/* After the slot is FREE and has its bit in the free map. */
void sr__recent_note(sr__view_t *view, uint32_t slot)
{
    sr__state_t *state = view->state;
    uint32_t count = atomic_load_explicit(&state->recent_count, memory_order_relaxed);
    atomic_store_explicit(&state->recent[count % SR__RECENT], slot + 1, memory_order_relaxed);
    atomic_store_explicit(&state->recent_count, count + 1, memory_order_relaxed);
}

/* The latest one that may be free. False: none of them is. */
bool sr__recent_take(sr__view_t *view, uint32_t *slot)
{
    sr__state_t *state = view->state;
    for (uint32_t turn = 0; turn < SR__RECENT; turn++) {
        uint32_t latest = atomic_load_explicit(&state->recent_count, memory_order_relaxed) - 1;
        sr__half_t *place = &state->recent[latest % SR__RECENT];
        uint32_t seen = atomic_load_explicit(place, memory_order_relaxed);
        if (seen == 0)
            return false;
        atomic_store_explicit(place, 0, memory_order_relaxed);
        atomic_store_explicit(&state->recent_count, latest, memory_order_relaxed);
        *slot = seen - 1;
        if (*slot < view->slot_count && sr__free_map_has(view, *slot))
            return true;
    }
    return false;
}

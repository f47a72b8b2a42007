/* SPDX-License-Identifier: Apache-2.0 */
/* A producer that gives a slot back unpublished. */
#include <inttypes.h>

#include "base/error.h"
#include "members/enter.h"
#include "protocol/counters.h"
#include "protocol/event.h"
#include "protocol/free_map.h"
#include "protocol/recent.h"
#include "traffic/slots.h"
#include "traffic/span.h"

/* [abort.free] Makes the slot FREE that was claimed. */
static int free_slot(slotring_t *ring, const slotring_slot_t *slot)
{
    sr__view_t *view = &ring->member.view;
    uint64_t word = slot->internal[2];
    if (!sr__cas(&sr__slot(view, slot->index)->word, word, sr__to_free(word)))
        return sr__error(SLOTRING_E_STATE, "slot %" PRIu32 " is not being written by this handle any more",
                         slot->index);
    sr__free_map_set(view, slot->index);
    if (view->hot)
        sr__recent_note(view, slot->index);
    return 0;
}

int slotring_abort(slotring_t *ring, slotring_slot_t *slot)
{
    int failed = sr__enter(ring);
    if (failed)
        return failed;
    if (sr__slot_is(ring, slot, SR__SLOT_WRITING))
        failed = free_slot(ring, slot);
    else if (sr__is_written_span(ring, slot))
        failed = sr__span_drop(ring, slot);
    else
        failed = sr__slot_refused(ring, slot, SR__SLOT_WRITING);
    if (failed)
        return failed;
    sr__count(&ring->member, SR__ABORTS, 1);
    sr__wake(&ring->member, SR__SPACE_EVENT);
    sr__slot_give_back(slot);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A start in the past. A kill leaves hold bits, which repair drops, and the subscription, which repair sets FREE. */
#include "traffic/readers/past.h"

#include <stdlib.h>

#include "base/error.h"
#include "protocol/hold.h"

/* How far back from `end` is there no gap? With `keep` the holds stay, newest first: *count of them, also after an
 * error. */
static int hold_history(slotring_reader_t *reader, uint64_t end, bool keep, uint64_t *count)
{
    slotring_t *ring = reader->ring;
    sr__view_t *view = &ring->member.view;
    for (*count = 0; *count < view->slot_count && *count < end; ++*count) {
        uint64_t t = end - 1 - *count, entry = sr__load(sr__order_at(view, t));
        uint32_t slot = sr__entry_slot(view, entry), held;
        if (sr__entry_age(view, entry, t) != SR__CURRENT || slot >= view->slot_count)
            break;
        int failed = sr__hold_acquire(&ring->member, slot, t, &held);
        if (failed == SLOTRING_E_STALE)
            break;
        if (failed)
            return sr__hold_refused(&ring->member, slot, failed);
        if (keep)
            reader->history[*count] = held;
        else
            sr__hold_drop(&ring->member, held);
    }
    return 0;
}

/* [past.begin] Begins with the messages that are there. A start at the oldest message after which none is
 * missing. A reader whose pressure says so holds what is there until it has had it. Any other one only
 * starts earlier. */
int sr__past_begin(slotring_reader_t *reader)
{
    sr__subscription_t *subscription = reader->subscription;
    bool holds = reader->pressure.holds_past;
    if (holds) {
        reader->history = calloc(reader->ring->member.view.slot_count, sizeof *reader->history);
        if (!reader->history)
            return sr__plain(SLOTRING_E_NO_MEMORY);
    }
    uint64_t back;
    int failed = hold_history(reader, reader->cursor, holds, &back);
    if (holds) {
        reader->history_size = reader->history_left = back;
        sr__poke(&subscription->pending, back);
    } else if (!failed) {
        reader->cursor -= back;
        sr__poke(&subscription->cursor, reader->cursor);
    }
    if (failed)
        return failed; /* whoever subscribes ends the reader, and what it holds */
    reader->start -= back;
    /* Release, and last: who sees this start also sees what is pending, or the cursor, that goes with it, and does not
     * count the past as delivered (account_at, seqlock.c). */
    atomic_store_explicit(&subscription->start, reader->start, memory_order_release);
    return 0;
}

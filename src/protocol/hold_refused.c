/* SPDX-License-Identifier: Apache-2.0 */
/* Why a slot cannot be held: the sentences. */
#include "base/error.h"
#include "protocol/counters.h"
#include "protocol/hold.h"
#include "protocol/hold_count.h"

int sr__holds_refused(const sr__member_t *member, uint64_t slots)
{
    uint64_t held = atomic_load_explicit(&member->holds, memory_order_relaxed);
    return sr__error(
        SLOTRING_E_HOLDS,
        "this handle of ring \"%s\" holds %llu slots (by ticket, in the hands of its readers, and of the "
        "past) "
        "and needs %llu more, but it may hold %llu: release what is not used any more, or create the ring "
        "with a higher limit (max_holds, slotring create --holds)",
        member->view.header.name, (unsigned long long)held, (unsigned long long)slots,
        (unsigned long long)member->holds_limit);
}

int sr__hold_refused(sr__member_t *member, uint32_t slot, int code)
{
    switch (code) {
    case SLOTRING_E_STALE:
        sr__count(member, SR__STALE, 1);
        return sr__plain(code);
    case SLOTRING_E_BUSY:
        return sr__error(
            code,
            "slot %u cannot be held now: a thread of this process was stopped while it released it, and "
            "so was one of another process; once either goes on, or ends, it can",
            slot);
    case SLOTRING_E_HOLDS:
        return sr__holds_refused(member, sr__slots_at(&member->view, slot));
    default:
        if ((atomic_load_explicit(&member->hold_counts[slot], memory_order_relaxed) & SR__COUNT) == SR__COUNT)
            return sr__error(code,
                             "this handle of ring \"%s\" holds slot %u %u times, and can no oftener: release "
                             "what is not used any more",
                             member->view.header.name, slot, (unsigned)SR__COUNT);
        return sr__error(code, "no memory for one more hold of slot %u by ring \"%s\"'s handle", slot,
                         member->view.header.name);
    }
}

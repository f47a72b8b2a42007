/* SPDX-License-Identifier: Apache-2.0 */
/* Records that were freed by ticket: a bit in the record's header. When all records of a block are freed, the block is
 * withdrawn as a publication is that was freed by ticket, so its slot can be used again, in a ring that keeps, too.
 *
 * Who has freed a record looks whether the block is in the order and all are freed; who lists a block looks so after
 * that: the writer that closes it, or who repairs that. One of two who come at the same time sees what the other did. A
 * block without a record counts as one in which all are freed: nobody has a ticket to it.
 *
 * A kill leaves: a bit that is set, in a block that nobody looked at. The dead one held the block, so repair looks at
 * what it held; or the dead one wrote it, and its row names it until the look is over. A withdrawn word without the marks
 * that follow: repair marks it as deferred, and reclaims it if it is retired.
 */
#include "protocol/freed.h"
#include "protocol/counters.h"
#include "protocol/deferred.h"
#include "protocol/event.h"
#include "protocol/gate.h"
#include "protocol/reclaim.h"
#include "protocol/record.h"
#include "protocol/withdrawn.h"

/* Are all records from `place` on freed, up to the end of the block? The look ends at the first that is not. */
static bool all_freed(const sr__view_t *view, uint32_t slot, uint64_t place)
{
    uint8_t *bytes = sr__block_bytes(view, slot);
    uint64_t header;
    for (;; place += sr__record_size(header)) {
        enum sr__record_sight sight = sr__record_glance(bytes, sr__block_size(view), place, &header);
        if (sight != SR__RECORD_THERE)
            return sight == SR__RECORD_LAST;
        if (!(header & SR__RECORD_FREED))
            return false;
    }
}

/* Is the block with this word in the order, for some to read? Not while it is open: who closes it looks. Not in
 * RECLAIM: it goes without this. */
static bool is_to_withdraw(const sr__view_t *view, uint32_t slot, uint64_t w)
{
    const sr__slot_t *s = sr__slot(view, slot);
    return sr__is_committed(w) && !sr__is_withdrawn(w) &&
           !sr__is_being_written(view, slot, w, sr__load(&s->sequence)) &&
           sr__content_kind(sr__peek(&s->content)) == SR__BLOCK;
}

/* `as`: in whose name, the caller's own or, in repair, the dead one's: a repairer may have no entry yet.
 * The word was loaded before the headers, and the publication has gone nowhere if it is still the same. */
static bool withdraw(sr__member_t *member, uint32_t slot, uint64_t w, uint32_t as)
{
    sr__view_t *view = &member->view;
    sr__slot_t *s = sr__slot(view, slot);
    uint64_t sequence = sr__load(&s->sequence);
    uint64_t gate = atomic_load_explicit(&member->gate, memory_order_acquire);
    if (sequence >= gate)
        gate = sr__gate(member);
    uint64_t withdrawn = sr__with_state(w, SR__PUBLISHED, sr__pinner(w)) | SR__WITHDRAWN;
    if (sequence < gate)
        withdrawn |= SR__RETIRED; /* no lossless reader needs it */
    /* [freed.withdraw] Marks the word of the block as withdrawn. */
    if (!sr__cas(&s->word, w, withdrawn))
        return false;
    atomic_fetch_add_explicit(&view->participants[as].counters[SR__FREES], 1, memory_order_relaxed);
    /* [freed.defer] Marks it as deferred, for who looks for a slot when the lossless readers have passed it. */
    if (!sr__is_retired(withdrawn))
        sr__deferred_mark(view, sequence);
    sr__withdrawn_mark(view, sequence);
    if (sr__is_retired(withdrawn))
        sr__reclaim_retired(member, slot, as);
    return true;
}

void sr__freed_look(sr__member_t *member, uint32_t slot, uint64_t from, uint32_t as)
{
    const sr__view_t *view = &member->view;
    const sr__slot_t *s = sr__slot(view, slot);
    /* [freed.fence] Puts what was done before, a record's bit or the block's place in the order, before the look at the
     * other. Pairs with itself: of one who frees and one who lists, one sees both. */
    atomic_thread_fence(memory_order_seq_cst);
    for (uint32_t turn = 0; turn < SR__LOOP_LIMIT; turn++) {
        /* [freed.look] Looks whether all records of the block are freed: those behind the one that was freed now, and then
         * from the start, so that records freed in their order cost one look each. */
        uint64_t w = sr__load(&s->word);
        if (!is_to_withdraw(view, slot, w)) {
            if (sr__slot_state(w) == SR__COMMIT && sr__load(&s->word) != w)
                continue; /* it was retired meanwhile, and its entry perhaps overwritten */
            return;
        }
        if (!all_freed(view, slot, from) || (from > 0 && !all_freed(view, slot, 0)))
            return;
        if (withdraw(member, slot, w, as)) {
            sr__wake(member, SR__SPACE_EVENT); /* a ring that keeps may reclaim it now */
            return;
        }
    }
}

int sr__freed_mark(sr__member_t *member, uint32_t slot, uint64_t place)
{
    /* [freed.mark] Sets the bit in the record's header: its ticket is stale now. Everything else of the header stays. */
    sr__word_t *word = sr__record_word(sr__block_bytes(&member->view, slot), place);
    if (atomic_fetch_or_explicit(word, SR__RECORD_FREED, memory_order_seq_cst) & SR__RECORD_FREED)
        return SLOTRING_E_STALE;
    sr__freed_look(member, slot, place, member->me);
    return 0;
}

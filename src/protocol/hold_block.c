/* SPDX-License-Identifier: Apache-2.0 */
/* Holding a block of records, by the same bit, in the same order: the bit first, then the look at the word. A block may
 * be held from the time when its writer's row names it: it will be listed, whoever lives or dies, and who reclaims it
 * after that looks at the bits. The holder knows it by its writer and its number, since it has no sequence yet.
 * A kill leaves the bit set; repair clears it, and frees the block if its last record was freed by the dead one.
 */
#include "protocol/hold.h"
#include "protocol/pin.h"
#include "protocol/record.h"

static bool is_block(const sr__slot_t *s, uint32_t content)
{
    return (uint32_t)sr__peek(&s->content) == content;
}

/* Does the row of that writer name this slot, as claimed with this word? A name that is seen before and after the slot's
 * number belongs to it. The slot has this word in one claim only, whatever word another slot may have. */
static bool is_named(const sr__view_t *view, uint32_t slot, uint64_t claimed, uint32_t content)
{
    uint32_t writer = sr__content_writer(content);
    if (writer >= view->writer_count)
        return false;
    const sr__writer_t *row = &view->writers[writer];
    return sr__load(&row->claimed) == claimed && sr__load(&row->slot) == slot &&
           sr__load(&row->claimed) == claimed;
}

/* [hold_block.there] Looks whether the block is there, after the bit is set. CLAIMED: what the slot says of itself may
 * be left from before, until the row names it. COMMIT: a block is listed, or will be. */
static bool is_there(sr__member_t *member, uint32_t slot, uint32_t content)
{
    sr__slot_t *s = sr__slot(&member->view, slot);
    for (uint32_t turn = 0; turn < SR__LOOP_LIMIT; turn++) {
        uint64_t w = sr__load(&s->word);
        switch (sr__slot_state(w)) {
        case SR__RECLAIM:
            if (!is_block(s, content))
                return false;
            /* [hold_block.reinstate] Takes the slot back from who is reclaiming it, as any holder does. */
            sr__cas(&s->word, w, sr__retired(w) + SR__VERSION_ONE);
            continue;
        case SR__CLAIMED:
            if (is_named(&member->view, slot, w, content))
                return is_block(s, content);
            if (sr__load(&s->word) == w)
                return false;
            continue; /* it was closed meanwhile */
        case SR__COMMIT:
        case SR__PUBLISHED:
            return is_block(s, content) && !sr__is_withdrawn(w);
        default:
            return false;
        }
    }
    return false;
}

/* Is the block not in the order yet? Its word is its writer's then. */
static bool is_unlisted(sr__view_t *view, uint32_t slot, uint32_t content)
{
    sr__slot_t *s = sr__slot(view, slot);
    uint64_t w = sr__load(&s->word);
    return is_block(s, content) && sr__is_being_written(view, slot, w, sr__load(&s->sequence));
}

/* Another thread of the handle is clearing the bit, and was stopped there: the word holds the block, once it is listed.
 * The look whether it is comes first: a block may be listed just after it, but what is listed stays so, and is stale if
 * it cannot be pinned then. */
static int pin_block(sr__member_t *member, uint32_t slot, uint32_t content)
{
    sr__slot_t *s = sr__slot(&member->view, slot);
    if (is_unlisted(&member->view, slot, content))
        return SLOTRING_E_BUSY;
    uint64_t sequence = sr__load(&s->sequence);
    int failed = sequence == SR__NO_SEQUENCE ? SLOTRING_E_STALE : sr__pin(member, slot, sequence);
    if (!failed && !is_block(s, content)) {
        sr__unpin(member, slot);
        return SLOTRING_E_STALE;
    }
    return failed;
}

static int acquire(sr__member_t *member, uint32_t slot, uint32_t content, uint64_t *number, uint32_t *held)
{
    int failed = sr__hold_take(member, slot, number);
    *held = slot | SR__HELD_UNCOUNTED;
    if (failed == SLOTRING_E_BUSY) {
        *number = 0;
        *held |= SR__HELD_BY_WORD;
        return pin_block(member, slot, content);
    }
    if (failed || is_there(member, slot, content))
        return failed;
    sr__hold_give_up(member, slot, *number);
    return SLOTRING_E_STALE;
}

int sr__hold_block(sr__member_t *member, uint32_t slot, uint32_t content, uint32_t *held)
{
    uint64_t number = 0;
    return acquire(member, slot, content, &number, held);
}

int sr__hold_block_open(sr__member_t *member, uint32_t slot, uint32_t content, uint64_t key[2])
{
    uint32_t held;
    key[0] = 0;
    key[1] = 1; /* wanted */
    int failed = acquire(member, slot, content, &key[1], &held);
    return failed ? failed : sr__hold_note(member, held, key);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Spans: messages of several slots. The first slot is the head, which is claimed, published, held, withdrawn and reclaimed
 * as the slot of any message. The others are its pieces. Each slot of the chain has a link to the next one (layout/slot.h). */
#ifndef SR_SPAN_H
#define SR_SPAN_H

#include "handle.h"

/* A span that is being taken: all its slots are CLAIMED by this participant. */
typedef struct sr__span {
    uint32_t head, last;
    uint64_t word, last_word; /* of the head and of the last slot, as they were claimed */
    uint64_t count;           /* of its slots; 0: it has none yet */
} sr__span_t;

/* Slots that `length` bytes take. */
static inline uint64_t sr__slots_for(const sr__view_t *view, uint64_t length)
{
    return length == 0 ? 1 : (length - 1) / view->slot_size + 1;
}

/* Is this the head of a span whose pieces go with it? */
static inline bool sr__has_pieces(const sr__slot_t *s)
{
    return (sr__peek(&s->content) & SR__SPAN) != 0;
}

/* Slots of what is published in slot `s`. */
static inline uint64_t sr__slots_of(const sr__view_t *view, const sr__slot_t *s)
{
    uint64_t slots = sr__has_pieces(s) ? sr__slots_for(view, sr__peek(&s->length)) : 1;
    return slots < view->slot_count ? slots : view->slot_count;
}

/* Of the slot with this number. */
static inline uint64_t sr__slots_at(const sr__view_t *view, uint32_t slot)
{
    return sr__slots_of(view, sr__slot(view, slot));
}

/* Where a link leads. False: it leads nowhere, or to a slot that is not in `state` of this owner and version any more; then *slot
 * and *word are as they were, so whoever follows a chain still stands on a slot that there is. */
static inline bool sr__link_leads(const sr__view_t *view, uint64_t link, enum sr__slot_state state,
                                  uint32_t owner, uint32_t *slot, uint64_t *word)
{
    uint32_t next = sr__link_slot(link);
    if (link == 0 || next >= view->slot_count)
        return false;
    uint64_t found = sr__load(&sr__slot(view, next)->word);
    if (sr__slot_state(found) != (uint32_t)state || sr__owner(found) != owner || !sr__link_fits(link, found))
        return false;
    *slot = next;
    *word = found;
    return true;
}

/* Where the link of `slot` leads, which is a part of the span that begins in `head`. False also if it leads to a part of
 * another one, as a link does that was damaged. */
static inline bool sr__span_follow(const sr__view_t *view, uint32_t head, enum sr__slot_state state,
                                   uint32_t owner, uint32_t *slot, uint64_t *word)
{
    return sr__link_leads(view, sr__load(&sr__slot(view, *slot)->next), state, owner, slot, word) &&
           sr__peek(&sr__slot(view, *slot)->part_of) == sr__peek(&sr__slot(view, head)->part_of);
}

/* Does nothing follow behind the last piece? A chain that has as many pieces as it should, all of its own span, and ends
 * there, has each of them once. */
static inline bool sr__span_is_over(const sr__view_t *view, uint32_t last)
{
    return sr__load(&sr__slot(view, last)->next) == 0;
}

/* A slot that was claimed becomes the head, or the last piece so far. False: the slots before it are not this participant's any
 * more, which was taken for dead and repaired. */
bool sr__span_add(sr__member_t *member, sr__span_t *span, uint32_t slot, uint64_t word);
/* Slots of a span that this participant is writing; 0: it is not its any more. */
uint64_t sr__span_written(const sr__member_t *member, uint32_t head, uint64_t word);
/* Gives all slots of a span back that is being written. */
void sr__span_give_up(sr__member_t *member, uint32_t head, uint64_t word);
/* Ends the writing of a span, which keeps its first `slots` slots; the others are given back. E_STATE: it was ended before.
 * With one slot it is a message as any other. Then it may be published, by its head. */
int sr__span_end(sr__member_t *member, uint32_t head, uint64_t word, uint64_t slots);
/* The same, given up. */
int sr__span_abort(sr__member_t *member, uint32_t head, uint64_t word);
/* Frees the pieces of a head that is CLAIMED in one's own name, or in that of the dead one; how many. */
uint64_t sr__span_free_pieces(sr__member_t *member, uint32_t head);
/* Frees the slot if it is a piece that no head has; was it? */
bool sr__span_free_orphan(sr__member_t *member, uint32_t slot);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Spans, from the first slot that is claimed to the last piece that is freed.
 *
 * Taken: all slots are CLAIMED(p), as those of any message. Ended: the head says that it has pieces, and they become PIECE,
 * from the first one on. Only then the head is published, which makes the whole message visible at one instant. What
 * happens to the message later happens to its head. PIECE is nobody's, and nobody looks at it: not the walk, not the free
 * map, not a ticket. Who takes the head's slot for another use has it CLAIMED first, so no reader can have it again, and
 * then frees the pieces.
 *
 * A kill leaves: CLAIMED(p) slots, each of which repair frees. CLAIMED(p) with pieces, a part of which is PIECE: repair
 * frees these. Before the head is published they are the first ones of the chain, and after that the last ones; in both
 * cases the head knows the piece that is to be freed now (freeing_current), or the one behind it (freeing_following). A
 * link has the version of its slot, so nobody takes a slot for a piece that another message has by now.
 */
#include "protocol/span.h"
#include "base/error.h"
#include "protocol/event.h"
#include "protocol/free_map.h"
#include "protocol/recent.h"

/* Of a head that is being written: differs from that of each other message. */
static uint64_t open_content(uint64_t word)
{
    return sr__content(SR__OPEN_SPAN, SR__NO_WRITER, sr__version(word));
}

bool sr__span_add(sr__member_t *member, sr__span_t *span, uint32_t slot, uint64_t word)
{
    sr__view_t *view = &member->view;
    sr__slot_t *s = sr__slot(view, slot);
    sr__poke(&s->next, 0);
    if (span->count == 0) {
        sr__poke(&s->content, open_content(word));
        sr__poke(&s->part_of, sr__link(slot, word));
        span->head = slot;
        span->word = word;
    } else {
        sr__poke(&s->part_of, sr__link(span->head, span->word));
        /* [span.chain] Links a slot that was claimed to the one before. A slot is the last one until another is linked to it.
         * Whoever waited here for long may have been repaired meanwhile: then the last slot has another word, or another
         * link. */
        sr__slot_t *last = sr__slot(view, span->last);
        if (sr__load(&last->word) != span->last_word || !sr__cas(&last->next, 0, sr__link(slot, word)))
            return false;
    }
    span->last = slot;
    span->last_word = word;
    span->count++;
    return true;
}

/* The slot behind `slot` of a span that this participant is writing. */
static bool next_written(const sr__member_t *member, uint32_t *slot, uint64_t *word)
{
    uint64_t link = sr__peek(&sr__slot(&member->view, *slot)->next);
    return sr__link_leads(&member->view, link, SR__CLAIMED, member->me, slot, word);
}

uint64_t sr__span_written(const sr__member_t *member, uint32_t head, uint64_t word)
{
    const sr__slot_t *s = sr__slot(&member->view, head);
    uint64_t count = 1;
    if (sr__load(&s->word) != word || sr__peek(&s->content) != open_content(word))
        return 0;
    while (count < member->view.slot_count && next_written(member, &head, &word))
        count++;
    return count;
}

/* Says where free slots are looked for that this one is free. */
static void is_free(sr__member_t *member, uint32_t slot)
{
    sr__free_map_set(&member->view, slot);
    if (member->view.hot)
        sr__recent_note(&member->view, slot);
}

/* Frees `slot`, and those behind it. */
static void give_up_from(sr__member_t *member, uint32_t slot, uint64_t word)
{
    bool more = true;
    for (uint64_t n = 0; more && n < member->view.slot_count; n++) {
        uint32_t this_slot = slot;
        uint64_t this_word = word;
        more = next_written(member, &slot, &word); /* before others may have this one */
        /* [span.give_up] Makes a slot FREE that was claimed for a span. */
        if (sr__cas(&sr__slot(&member->view, this_slot)->word, this_word, sr__to_free(this_word)))
            is_free(member, this_slot);
    }
}

void sr__span_give_up(sr__member_t *member, uint32_t head, uint64_t word)
{
    give_up_from(member, head, word);
    sr__wake(member, SR__SPACE_EVENT);
}

/* Of several threads that have copies of one slot struct, one ends the span. */
static bool decide(sr__member_t *member, uint32_t head, uint64_t word, uint64_t content)
{
    return sr__cas(&sr__slot(&member->view, head)->content, open_content(word), content);
}

int sr__span_abort(sr__member_t *member, uint32_t head, uint64_t word)
{
    if (!decide(member, head, word, SR__PLAIN_MESSAGE))
        return SLOTRING_E_STATE;
    sr__span_give_up(member, head, word);
    return 0;
}

/* Gives back what lies behind the first `slots` slots. */
static void cut(sr__member_t *member, uint32_t head, uint64_t slots)
{
    sr__view_t *view = &member->view;
    uint32_t last = head, rest;
    uint64_t word;
    for (uint64_t n = 1; n < slots && next_written(member, &last, &word); n++)
        ;
    rest = last;
    if (!next_written(member, &rest, &word))
        return;
    atomic_store_explicit(&sr__slot(view, last)->next, 0, memory_order_release);
    give_up_from(member, rest, word);
}

int sr__span_end(sr__member_t *member, uint32_t head, uint64_t word, uint64_t slots)
{
    sr__view_t *view = &member->view;
    sr__slot_t *s = sr__slot(view, head);
    /* [span.begin] Says in the head that it has pieces, and at which one their freeing would begin. Before any of them is
     * PIECE: until then repair frees each by its own word. */
    sr__poke(&s->freeing_following, 0);
    sr__poke(&s->freeing_current, sr__peek(&s->next));
    if (!decide(member, head, word, slots > 1 ? sr__content(SR__SPAN, SR__NO_WRITER, 0) : SR__PLAIN_MESSAGE))
        return SLOTRING_E_STATE;
    cut(member, head, slots);
    uint32_t slot = head;
    for (uint64_t n = 1; n < slots; n++) {
        /* [span.piece] Makes the next slot a piece, from the first one on: repair finds those that are pieces by the head,
         * and goes no farther than to the first that is not. */
        if (!next_written(member, &slot, &word) ||
            !sr__cas(&sr__slot(view, slot)->word, word, sr__piece(word)))
            return SLOTRING_E_STATE;
    }
    return 0;
}

/* A damaged link leads to nothing, or to a piece that another head frees. */
static bool leads_to_piece(const sr__view_t *view, const sr__slot_t *head, uint64_t link, uint32_t *slot,
                           uint64_t *word)
{
    return sr__link_leads(view, link, SR__PIECE, SR__NOBODY, slot, word) &&
           sr__peek(&sr__slot(view, *slot)->part_of) == sr__peek(&head->part_of);
}

/* Release stores: who repairs finds them in their order, with the words that were changed in between. */
uint64_t sr__span_free_pieces(sr__member_t *member, uint32_t head)
{
    sr__view_t *view = &member->view;
    sr__slot_t *s = sr__slot(view, head);
    uint32_t slot;
    uint64_t freed = 0, word;
    /* [span.look] Looks at the piece that is to be freed now. It is none: somebody was killed who had freed it. */
    uint64_t link = sr__load(&s->freeing_current);
    if (!leads_to_piece(view, s, link, &slot, &word)) {
        link = sr__load(&s->freeing_following);
        /* [span.resume] Goes on at the one behind it, and notes that first: what follows changes the note of that one. */
        atomic_store_explicit(&s->freeing_current, link, memory_order_seq_cst);
    }
    for (; freed < view->slot_count && leads_to_piece(view, s, link, &slot, &word); freed++) {
        uint64_t next = sr__load(&sr__slot(view, slot)->next);
        /* [span.following] Notes the piece behind it, which cannot be found once this one is another's. */
        atomic_store_explicit(&s->freeing_following, next, memory_order_seq_cst);
        /* [span.free] Makes the piece FREE. Nobody else changes it: the head is mine. */
        if (sr__cas(&sr__slot(view, slot)->word, word, sr__to_free(word)))
            is_free(member, slot);
        link = next;
        /* [span.current] Goes on to the piece behind it. */
        atomic_store_explicit(&s->freeing_current, link, memory_order_seq_cst);
    }
    /* [span.end] Says that the head has no pieces any more, nor their bytes. Its sequence first, by the release of `content`: who
     * judges the message without a hold, and sees this content, also sees behind its acquire fence (wanted.c) that the
     * sequence is gone, and does not take the message for one of a single slot. */
    sr__poke(&s->sequence, SR__NO_SEQUENCE);
    sr__poke(&s->length, 0);
    atomic_store_explicit(&s->content, SR__PLAIN_MESSAGE, memory_order_release);
    return freed;
}

/* May the slot be the head of a span that has pieces? */
static bool may_have_pieces(const sr__view_t *view, uint32_t slot)
{
    const sr__slot_t *s = sr__slot(view, slot);
    uint32_t state = sr__slot_state(sr__load(&s->word));
    return state != SR__FREE && state != SR__PIECE && (sr__load(&s->content) & SR__SPAN) != 0;
}

/* A head says that it has pieces before one of them is PIECE, and until none of them is. So a slot that is PIECE while its head
 * says no such thing was left behind: by a process that was taken for dead, and repaired, between two of its instructions. */
bool sr__span_free_orphan(sr__member_t *member, uint32_t slot)
{
    sr__view_t *view = &member->view;
    sr__slot_t *s = sr__slot(view, slot);
    /* [span.orphan] Makes a piece FREE that no head has. Its word first, then the head, then a CAS from that word: it was PIECE
     * when the head was looked at. A kill leaves it FREE without its bit in the free map. */
    uint64_t w = sr__load(&s->word), part_of = sr__peek(&s->part_of);
    uint32_t head = sr__link_slot(part_of);
    if (sr__slot_state(w) != SR__PIECE || part_of == 0 || head >= view->slot_count ||
        may_have_pieces(view, head))
        return false;
    if (!sr__cas(&s->word, w, sr__to_free(w)))
        return false;
    is_free(member, slot);
    return true;
}

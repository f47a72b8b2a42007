/* SPDX-License-Identifier: Apache-2.0 */
/* The audit of spans: each has as many pieces as its length says, each piece belongs to exactly one of them, and links lead
 * to slots that there are. */
#include <string.h>

#include "inspect/check.h"
#include "protocol/span.h"

#define KIND(field) SR__KIND(SR__AUDIT_SLOT, sr__slot_t, field)

static void audit_link(sr__audit_t *a, uint32_t kind, uint32_t i, const char *field, uint64_t link)
{
    sr__audit_field(a, link == 0 || sr__link_slot(link) < a->view->slot_count, kind, i, field, link,
                    "0, or a link to a slot");
}

/* Counts the pieces from a link on, up to one that was met before, or that is a part of another span. So all of it takes one
 * step for each slot, whatever the links say. behind: the link that it did not follow; 0: the span's end. */
static uint64_t follow(sr__audit_t *a, const sr__slot_t *head, uint64_t link, uint64_t *behind)
{
    uint64_t pieces = 0, word;
    uint32_t slot;
    for (; sr__link_leads(a->view, link, SR__PIECE, SR__NOBODY, &slot, &word) &&
           sr__peek(&sr__slot(a->view, slot)->part_of) == sr__peek(&head->part_of);
         pieces++) {
        if (a->pieces[slot] > 0) {
            a->pieces[slot] = 2;
            break;
        }
        a->pieces[slot] = 1;
        link = sr__load(&sr__slot(a->view, slot)->next);
    }
    *behind = link;
    return pieces;
}

/* What is published, or may be brought back, is whole. */
static void audit_whole(sr__audit_t *a, uint32_t i, const sr__slot_t *s, uint64_t w)
{
    uint64_t length = sr__peek(&s->length), slots = sr__slots_for(a->view, length);
    uint64_t behind, pieces = follow(a, s, sr__load(&s->next), &behind);
    if (sr__load(&s->word) == w && pieces + 1 != slots)
        sr__find(a, KIND(next) + 1, i, pieces,
                 "slot %" PRIu32 " begins a message of %" PRIu64 " bytes, which takes %" PRIu64
                 " slots; it has %" PRIu64,
                 i, length, slots, pieces + 1);
    else if (sr__load(&s->word) == w)
        sr__audit_field(a, behind == 0, KIND(next) + 2, i, "next, of its last piece,", behind,
                        "0: nothing follows");
}

/* Its owner makes the pieces, or frees them: it has a part of them. */
static void audit_part(sr__audit_t *a, const sr__slot_t *s)
{
    uint64_t behind;
    if (follow(a, s, sr__load(&s->freeing_current), &behind) == 0)
        follow(a, s, sr__load(&s->freeing_following), &behind);
}

static void audit_head(sr__audit_t *a, uint32_t i)
{
    const sr__slot_t *s = sr__slot(a->view, i);
    uint64_t w = sr__load(&s->word);
    if (!sr__has_pieces(s))
        return;
    if (sr__is_committed(w) || sr__slot_state(w) == SR__RECLAIM)
        audit_whole(a, i, s, w);
    else if (sr__slot_state(w) == SR__CLAIMED)
        audit_part(a, s);
}

void sr__audit_spans(sr__audit_t *a)
{
    memset(a->pieces, 0, a->view->slot_count);
    for (uint32_t i = 0; i < a->view->slot_count; i++) {
        const sr__slot_t *s = sr__slot(a->view, i);
        audit_link(a, KIND(next), i, "next", sr__peek(&s->next));
        audit_link(a, KIND(part_of), i, "part_of", sr__peek(&s->part_of));
        audit_link(a, KIND(freeing_current), i, "freeing_current", sr__peek(&s->freeing_current));
        audit_link(a, KIND(freeing_following), i, "freeing_following", sr__peek(&s->freeing_following));
        audit_head(a, i);
    }
    for (uint32_t i = 0; i < a->view->slot_count; i++) {
        uint64_t w = sr__load(&sr__slot(a->view, i)->word);
        if (sr__slot_state(w) == SR__PIECE && a->pieces[i] != 1)
            sr__find(a, KIND(word) + 8, i, w, "slot %" PRIu32 " is a piece of %s message", i,
                     a->pieces[i] == 0 ? "no" : "more than one");
    }
}

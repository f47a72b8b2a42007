/* SPDX-License-Identifier: Apache-2.0 */
/* The audit of the slots: what each state allows. */
#include "inspect/check.h"
#include "protocol/deferred.h"
#include "protocol/free_map.h"
#include "protocol/span.h"
#include "protocol/sum.h"
#include "protocol/withdrawn.h"

#define KIND(field) SR__KIND(SR__AUDIT_SLOT, sr__slot_t, field)

static void audit_withdrawn(sr__audit_t *a, uint32_t i, uint64_t w, uint64_t sequence)
{
    if (!sr__is_withdrawn(w) && sr__withdrawn_skip(a->view, sequence, sequence + 1) > sequence)
        sr__find(a, KIND(sequence) + 1, i, w,
                 "slot %" PRIu32 ", sequence %" PRIu64 ", is passed over as if its message was withdrawn", i,
                 sequence);
    if (sr__is_withdrawn(w) && !sr__is_retired(w) &&
        !sr__bitmap_leads_to(sr__deferred_of(a->view), sr__order_position(a->view, sequence)))
        sr__find(a, KIND(sequence) + 2, i, w,
                 "slot %" PRIu32 ", sequence %" PRIu64
                 ": its message was withdrawn, but the map of deferred messages hides it",
                 i, sequence);
}

static void audit_published(sr__audit_t *a, uint32_t i, uint64_t w, uint64_t sequence)
{
    sr__view_t *view = a->view;
    sr__slot_t *s = sr__slot(view, i);
    if (sequence != SR__NO_SEQUENCE)
        audit_withdrawn(a, i, w, sequence);
    if (sr__is_retired(w)) {
        if (sr__pinner(w) == SR__NOBODY && !sr__is_held(view, s) && (!view->keep || sr__is_withdrawn(w)))
            sr__find(a, KIND(word) + 1, i, w, "slot %" PRIu32 " is retired, and nobody holds or keeps it", i);
        return;
    }
    if (sequence == SR__NO_SEQUENCE || !sr__is_listed(view, sequence, i))
        sr__find(a, KIND(word) + 2, i, w,
                 "slot %" PRIu32 " is published as sequence %" PRIu64 ", which the order does not know", i,
                 sequence);
    else if (sequence < sr__load(&view->state->frontier))
        sr__find(a, KIND(word) + 2, i, w,
                 "slot %" PRIu32 " is published as sequence %" PRIu64 ", below the frontier %" PRIu64, i,
                 sequence, sr__load(&view->state->frontier));
}

static void audit_holds(sr__audit_t *a, uint32_t i, bool is_free)
{
    uint32_t words = 1 + (uint32_t)((a->view->slot_stride - sizeof(sr__slot_t)) / 8);
    for (uint32_t h = 0; h < words; h++) {
        uint32_t kind = h == 0 ? KIND(hold0)
                               : SR__AUDIT_SLOT * SR__AUDIT_PART + (uint32_t)sizeof(sr__slot_t) + 8 * (h - 1);
        uint64_t bits = h < a->view->hold_words ? sr__load(sr__hold_word(sr__slot(a->view, i), h)) : 0;
        if (h >= a->view->hold_words && h > 0) {
            uint64_t spare = sr__load(sr__hold_word(sr__slot(a->view, i), h));
            sr__audit_field(a, spare == 0, kind, i, "a hold word of no participant", spare, "0");
        }
        sr__audit_field(a, !is_free || bits == 0, kind + 1, i, "a hold word", bits, "0 while it is free");
        for (uint32_t b = 0; bits; b++, bits >>= 1)
            if ((bits & 1) && !sr__is_attached(a->view, h * 64 + b))
                sr__find(a, kind + 2, i, h * 64 + b,
                         "slot %" PRIu32 " is held by participant %" PRIu32 ", who is not attached", i,
                         h * 64 + b);
    }
}

/* Bits of groups that the ring does not have, and of a slot that has no message. check_groups.c looks at the others. */
static void audit_letters(sr__audit_t *a, uint32_t i, bool is_free)
{
    uint64_t bits = sr__load(&sr__slot(a->view, i)->letters);
    uint32_t groups = a->view->group_count;
    bool known = groups >= 64 || bits >> groups == 0;
    sr__audit_field(a, known && (!is_free || bits == 0), KIND(letters), i, "letters", bits,
                    "a bit for each group of the ring, and 0 while the slot is free");
}

static void audit_in_work(sr__audit_t *a, uint32_t i, uint64_t w)
{
    if (!sr__is_attached(a->view, sr__owner(w)))
        sr__find(a, KIND(word) + 3, i, w,
                 "slot %" PRIu32 " is in work (state %" PRIu32 ") by participant %" PRIu32
                 ", who is not attached",
                 i, sr__slot_state(w), sr__owner(w));
    bool flags = sr__is_retired(w) || sr__is_withdrawn(w);
    sr__audit_field(a, sr__slot_state(w) == SR__RECLAIM || !flags, KIND(word) + 4, i, "word", w,
                    "neither retired nor withdrawn in this state");
}

static void audit_word(sr__audit_t *a, uint32_t i, uint64_t w, uint64_t sequence)
{
    sr__view_t *view = a->view;
    switch (sr__slot_state(w)) {
    case SR__FREE:
        if (!sr__bitmap_leads_to(sr__free_map_of(view), i))
            sr__find(a, KIND(word) + 5, i, w, "slot %" PRIu32 " is free, but the free map hides it", i);
        sr__audit_field(a, w == 0 || w == sr__to_free(w), KIND(word) + 6, i, "word", w,
                        "nobody's and without flags while it is free");
        break;
    case SR__CLAIMED:
    case SR__RECLAIM:
    case SR__COMMIT:
        audit_in_work(a, i, w);
        if (sr__slot_state(w) == SR__COMMIT && !sr__is_being_written(view, i, w, sequence))
            audit_published(a, i, w, sequence);
        break;
    case SR__PUBLISHED:
        if (sr__pinner(w) != SR__NOBODY && !sr__is_attached(view, sr__pinner(w)))
            sr__find(a, KIND(word) + 7, i, w,
                     "slot %" PRIu32 " is pinned by participant %" PRIu32 ", who is not attached", i,
                     sr__pinner(w));
        audit_published(a, i, w, sequence);
        break;
    case SR__PIECE: /* check_spans.c finds out whose */
        sr__audit_field(a, w == sr__piece(w), KIND(word) + 9, i, "word", w,
                        "nobody's and without flags while it is a piece");
        break;
    default:
        sr__find(a, KIND(word), i, w, "slot %" PRIu32 " has unknown state %" PRIu32, i, sr__slot_state(w));
    }
}

/* What stands beside the word: of this publication, or of one before. */
static void audit_fields(sr__audit_t *a, uint32_t i, const sr__slot_t *s, uint64_t sequence)
{
    uint64_t length = sr__peek(&s->length), by = sr__peek(&s->producer), incarnation = by >> 12;
    uint32_t p = (uint32_t)(by & 0xfff);
    bool known = by == 0 || (p < a->view->participant_count && sr__in_use(incarnation) &&
                             incarnation <= sr__load(&a->view->participants[p].incarnation));
    sr__audit_field(a, sequence == SR__NO_SEQUENCE || sequence <= sr__audit_published(a), KIND(sequence), i,
                    "sequence", sequence, "one that was given, or none");
    if (sr__has_pieces(s))
        sr__audit_field(a, sr__slots_for(a->view, length) <= a->view->slot_count, KIND(length) + 2, i,
                        "length", length, "at most what all slots have");
    else if (length > a->view->slot_size)
        sr__find(a, KIND(length), i, length, "slot %" PRIu32 " says %" PRIu64 " bytes, a slot has %" PRIu64,
                 i, length, a->view->slot_size);
    sr__audit_field(a, known, KIND(producer), i, "producer", by,
                    "a participant's number and an incarnation that it had");
    sr__audit_field(a, sr__peek(&s->sum) <= (sr__has_sums(a->view) ? UINT32_MAX : 0), KIND(sum), i, "sum",
                    sr__peek(&s->sum),
                    sr__has_sums(a->view) ? "one of 32 bits" : "0 in a ring without checksums");
}

/* What lies in it, or did before it was claimed. That the rest of what the slot says of that is right is found with what
 * is listed, and with the writers. */
static void audit_content(sr__audit_t *a, uint32_t i, uint64_t content)
{
    uint32_t writer = sr__content_writer(content), kind = sr__content_kind(content);
    bool known = writer < a->view->writer_count
                     ? (kind <= SR__BLOCK || kind == SR__SPAN) &&
                           sr__content_block(content) <= sr__load(&a->view->writers[writer].block) + 1
                     : content == SR__PLAIN_MESSAGE || content == sr__content(SR__SPAN, SR__NO_WRITER, 0) ||
                           (writer == SR__NO_WRITER && kind == SR__OPEN_SPAN);
    sr__audit_field(
        a, content == 0 || known, KIND(content), i, "content", content,
        "a message or a span, of a writer that made so many or of none, or such a writer's block");
}

void sr__audit_slots(sr__audit_t *a)
{
    for (uint32_t i = 0; i < a->view->slot_count; i++) {
        const sr__slot_t *s = sr__slot(a->view, i);
        uint64_t w = sr__load(&s->word), sequence = sr__load(&s->sequence);
        audit_word(a, i, w, sequence);
        audit_fields(a, i, s, sequence);
        audit_content(a, i, sr__peek(&s->content));
        audit_holds(a, i, sr__slot_state(w) == SR__FREE);
        audit_letters(a, i, sr__slot_state(w) == SR__FREE);
    }
}

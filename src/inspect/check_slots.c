/* SPDX-License-Identifier: Apache-2.0 */
/* The audit of the slots: what each state allows. */
#include "inspect/check.h"
#include "protocol/deferred.h"
#include "protocol/free_map.h"
#include "protocol/gate.h"
#include "protocol/withdrawn.h"

#define KIND(field) SR__KIND(SR__AUDIT_SLOT, sr__slot_t, field)

static void audit_withdrawn(sr__audit_t *a, uint32_t i, uint64_t w, uint64_t sequence)
{
    if (!sr__is_withdrawn(w) && sr__withdrawn_skip(a->view, sequence, sequence + 1) > sequence)
        sr__find(a, KIND(sequence) + 1, i, w,
                 "slot %" PRIu32 ", sequence %" PRIu64 ", is passed over as if it was freed", i, sequence);
    if (sr__is_withdrawn(w) && !sr__is_retired(w) &&
        !sr__bitmap_leads_to(sr__deferred_of(a->view), sr__order_position(a->view, sequence)))
        sr__find(a, KIND(sequence) + 2, i, w,
                 "slot %" PRIu32 ", sequence %" PRIu64
                 ", was freed, but the bitmap of what is deferred hides it",
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
    uint32_t words = (uint32_t)((a->view->slot_stride - 64) / 8);
    for (uint32_t h = 0; h < words; h++) {
        uint32_t kind = KIND(hold0) + 8 * h;
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

static void audit_in_work(sr__audit_t *a, uint32_t i, uint64_t w)
{
    if (!sr__is_attached(a->view, sr__owner(w)))
        sr__find(a, KIND(word) + 3, i, w,
                 "slot %" PRIu32 " is in work (state %" PRIu32 ") by participant %" PRIu32
                 ", who is not attached",
                 i, sr__slot_state(w), sr__owner(w));
    bool flags = sr__is_retired(w) || sr__is_withdrawn(w);
    sr__audit_field(a, sr__slot_state(w) == SR__RECLAIM || !flags, KIND(word) + 4, i, "word", w,
                    "neither retired nor freed in this state");
}

static void audit_word(sr__audit_t *a, uint32_t i, uint64_t w, uint64_t sequence)
{
    sr__view_t *view = a->view;
    switch (sr__slot_state(w)) {
    case SR__FREE:
        if (!sr__bitmap_leads_to(sr__free_map_of(view), i))
            sr__find(a, KIND(word) + 5, i, w, "slot %" PRIu32 " is free, but the bitmap hides it", i);
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
    sr__audit_field(a, sequence == SR__NO_SEQUENCE || sequence <= sr__published_end(a->view), KIND(sequence),
                    i, "sequence", sequence, "one that was given, or none");
    if (length > a->view->slot_size)
        sr__find(a, KIND(length), i, length, "slot %" PRIu32 " says %" PRIu64 " bytes, a slot has %" PRIu64,
                 i, length, a->view->slot_size);
    sr__audit_field(a, known, KIND(producer), i, "producer", by,
                    "a participant's number and an incarnation that it had");
    sr__audit_zero(a, KIND(meta_length), i, &s->meta_length,
                   offsetof(sr__slot_t, hold0) - offsetof(sr__slot_t, meta_length));
    sr__audit_zero(a, KIND(link), i, &s->link, offsetof(sr__slot_t, hold_more) - offsetof(sr__slot_t, link));
}

void sr__audit_slots(sr__audit_t *a)
{
    for (uint32_t i = 0; i < a->view->slot_count; i++) {
        const sr__slot_t *s = sr__slot(a->view, i);
        uint64_t w = sr__load(&s->word), sequence = sr__load(&s->sequence);
        audit_word(a, i, w, sequence);
        audit_fields(a, i, s, sequence);
        audit_holds(a, i, sr__slot_state(w) == SR__FREE);
    }
}

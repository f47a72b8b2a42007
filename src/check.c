/* SPDX-License-Identifier: Apache-2.0 */
/* A read-only audit of every invariant. On a ring in use, words that belong together change between two looks; so a
 * finding counts only if three audits in a row make it about the same word with the same value.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core.h"

#define FINDINGS_MAX 1000u
#define AUDITS 3

typedef struct finding {
    uint32_t kind;
    uint64_t index, value;
    char text[160];
} finding_t;

typedef struct audit {
    slotring_t *ring;
    sr__view_t *view;
    uint64_t end, oldest;
    finding_t *findings;
    uint32_t count;
} audit_t;

enum {
    SLOT_STATE = 1,
    SLOT_OWNER,
    SLOT_LOST,
    SLOT_LEAKED,
    SLOT_LENGTH,
    SLOT_HIDDEN,
    HOLD,
    ORDER,
    FRONTIER,
    TAIL,
    ROW,
    READER
};

SR__LIKE_PRINTF(5, 6)
static void find(audit_t *a, uint32_t kind, uint64_t index, uint64_t value, const char *format, ...)
{
    if (a->count == FINDINGS_MAX)
        return;
    finding_t *f = &a->findings[a->count++];
    f->kind = kind;
    f->index = index;
    f->value = value;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(f->text, sizeof f->text, format, arguments);
    va_end(arguments);
}

static bool attached(const sr__view_t *view, uint32_t participant)
{
    return participant < view->participant_count &&
           sr__load(&view->participants[participant].incarnation) % 2 == 1;
}

static bool is_hinted(const sr__view_t *view, uint32_t slot)
{
    uint32_t index = slot;
    for (uint32_t level = 0; level < SR__HINT_LEVELS; level++, index >>= 6)
        if (!(sr__load(&view->hints[level][index >> 6]) >> (index & 63) & 1))
            return false;
    return true;
}

static void audit_published(audit_t *a, uint32_t i, uint64_t w, uint64_t sequence)
{
    sr__view_t *view = a->view;
    sr__slot_t *s = sr__slot(view, i);
    if (sr__peek(&s->length) > view->slot_size)
        find(a, SLOT_LENGTH, i, sr__peek(&s->length),
             "slot %" PRIu32 " says %" PRIu64 " bytes, a slot has %" PRIu64, i, sr__peek(&s->length),
             view->slot_size);
    if (sr__is_parked(w)) {
        if (sr__pinner(w) == SR__NOBODY && !sr__is_held(view, s) && (!view->keep || sr__is_freed(w)))
            find(a, SLOT_LEAKED, i, w, "slot %" PRIu32 " is parked, and nobody holds or keeps it", i);
        return;
    }
    if (sequence == SR__NO_SEQUENCE || !sr__is_listed(view, sequence, i))
        find(a, SLOT_LOST, i, w,
             "slot %" PRIu32 " is published as sequence %" PRIu64 ", which the order does not know", i,
             sequence);
    else if (sequence < sr__load(&view->state->oldest))
        find(a, SLOT_LOST, i, w,
             "slot %" PRIu32 " is published as sequence %" PRIu64 ", below the frontier %" PRIu64, i,
             sequence, sr__load(&view->state->oldest));
}

static void audit_holds(audit_t *a, uint32_t i)
{
    for (uint32_t h = 0; h < a->view->hold_words; h++) {
        uint64_t bits = sr__load(sr__hold_word(sr__slot(a->view, i), h));
        for (uint32_t b = 0; bits; b++, bits >>= 1)
            if ((bits & 1) && !attached(a->view, h * 64 + b))
                find(a, HOLD, i, h * 64 + b,
                     "slot %" PRIu32 " is held by participant %" PRIu32 ", who is not attached", i,
                     h * 64 + b);
    }
}

static void audit_slot(audit_t *a, uint32_t i)
{
    sr__view_t *view = a->view;
    sr__slot_t *s = sr__slot(view, i);
    uint64_t w = sr__load(&s->word), sequence = sr__load(&s->sequence);
    switch (sr__slot_state(w)) {
    case SR__FREE:
        if (!is_hinted(view, i))
            find(a, SLOT_HIDDEN, i, w, "slot %" PRIu32 " is free, but the bitmap hides it", i);
        break;
    case SR__CLAIMED:
    case SR__RECLAIM:
    case SR__COMMIT:
        if (!attached(view, sr__owner(w)))
            find(a, SLOT_OWNER, i, w,
                 "slot %" PRIu32 " is in work (state %" PRIu32 ") by participant %" PRIu32
                 ", who is not attached",
                 i, sr__slot_state(w), sr__owner(w));
        if (sr__slot_state(w) == SR__COMMIT && sequence != SR__NO_SEQUENCE &&
            sr__is_listed(view, sequence, i))
            audit_published(a, i, w, sequence);
        break;
    case SR__PUBLISHED:
        if (sr__pinner(w) != SR__NOBODY && !attached(view, sr__pinner(w)))
            find(a, HOLD, i, w, "slot %" PRIu32 " is pinned by participant %" PRIu32 ", who is not attached",
                 i, sr__pinner(w));
        audit_published(a, i, w, sequence);
        break;
    default:
        find(a, SLOT_STATE, i, w, "slot %" PRIu32 " has unknown state %" PRIu32, i, sr__slot_state(w));
    }
    audit_holds(a, i);
}

/* The last L publications, or as many as there are, each in its place. */
static void audit_order(audit_t *a)
{
    sr__view_t *view = a->view;
    uint64_t length = view->order_mask + 1, start = a->end > length ? a->end - length : 0;
    for (uint64_t t = start; t < a->end; t++) {
        uint64_t entry = sr__load(sr__order_at(view, t));
        if (sr__entry_age(view, entry, t) == SR__OLDER || sr__entry_slot(view, entry) >= view->slot_count)
            find(a, ORDER, t, entry, "the order has entry %016" PRIx64 " in the place of sequence %" PRIu64,
                 entry, t);
    }
    for (uint64_t t = a->end; t < start + length; t++) { /* the first lap is not full yet */
        uint64_t entry = sr__load(sr__order_at(view, t));
        if (sr__entry_age(view, entry, t) != SR__OLDER && sr__published_end(view) == a->end)
            find(a, ORDER, t, entry,
                 "the order has entry %016" PRIx64 " for sequence %" PRIu64 " beyond its end, %" PRIu64,
                 entry, t, a->end);
    }
    if (a->oldest > a->end)
        find(a, FRONTIER, 0, a->oldest,
             "the frontier, %" PRIu64 ", lies beyond the end of the order, %" PRIu64, a->oldest, a->end);
    else if (a->end - a->oldest > length)
        find(a, FRONTIER, 0, a->oldest,
             "the frontier, %" PRIu64 ", lies more than the order's length behind its end, %" PRIu64,
             a->oldest, a->end);
}

/* A lossless reader can still have everything from its cursor on. */
static void audit_lossless(audit_t *a, uint32_t r, uint64_t cursor)
{
    sr__view_t *view = a->view;
    uint64_t length = view->order_mask + 1;
    for (uint64_t t = cursor; t < a->end && t - cursor < length; t++) {
        uint64_t entry = sr__load(sr__order_at(view, t));
        uint32_t slot = sr__entry_slot(view, entry);
        if (sr__entry_age(view, entry, t) == SR__CURRENT && slot < view->slot_count &&
            sr__load(&sr__slot(view, slot)->sequence) == t)
            continue;
        if (sr__load(&view->rows[r].cursor) > t)
            continue; /* it has had it meanwhile */
        find(a, READER, r, t,
             "lossless reader %" PRIu32 " at %" PRIu64 " can no longer have sequence %" PRIu64, r, cursor, t);
        return;
    }
}

static void audit_rows(audit_t *a)
{
    sr__view_t *view = a->view;
    for (uint32_t r = 0; r < view->row_count; r++) {
        uint64_t w = sr__load(&view->rows[r].state), cursor = sr__load(&view->rows[r].cursor);
        uint32_t state = sr__row_state(w);
        if (state == SR__ROW_FREE)
            continue;
        if (state > SR__ROW_ACTIVE)
            find(a, ROW, r, w, "reader row %" PRIu32 " has unknown state %" PRIu32, r, state);
        else if (!attached(view, sr__row_owner(w)))
            find(a, ROW, r, w,
                 "reader row %" PRIu32 " belongs to participant %" PRIu32 ", who is not attached", r,
                 sr__row_owner(w));
        else if (state == SR__ROW_ACTIVE && cursor > sr__published_end(view))
            find(a, ROW, r, cursor, "reader %" PRIu32 " has cursor %" PRIu64 ", beyond the end of the order",
                 r, cursor);
        else if (state == SR__ROW_ACTIVE && sr__row_gates(w)) {
            if (!sr__gates_have(view, r))
                find(a, ROW, r, w,
                     "lossless reader %" PRIu32 " is missing in the set of those that hold producers back",
                     r);
            audit_lossless(a, r, cursor);
        }
    }
}

static void audit(audit_t *a)
{
    sr__view_t *view = a->view;
    a->count = 0;
    a->oldest = sr__load(&view->state->oldest);
    a->end = sr__published_end(view);
    if (sr__load(&view->state->tail) > a->end)
        find(a, TAIL, 0, sr__load(&view->state->tail),
             "tail, %" PRIu64 ", lies beyond the end of the order, %" PRIu64, sr__load(&view->state->tail),
             a->end);
    audit_order(a);
    for (uint32_t i = 0; i < view->slot_count; i++)
        audit_slot(a, i);
    audit_rows(a);
}

static bool made(const audit_t *a, const finding_t *f)
{
    for (uint32_t i = 0; i < a->count; i++)
        if (a->findings[i].kind == f->kind && a->findings[i].index == f->index &&
            a->findings[i].value == f->value)
            return true;
    return false;
}

/* Keeps of `first` what `again` found too. */
static void confirm(audit_t *first, const audit_t *again)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < first->count; i++)
        if (made(again, &first->findings[i]))
            first->findings[kept++] = first->findings[i];
    first->count = kept;
}

static int run_audits(slotring_t *ring, audit_t *first, audit_t *again)
{
    audit(first);
    for (int n = 1; n < AUDITS && first->count > 0; n++) {
        ring->os->sleep_ns(1000000); /* operations in flight are to have moved on */
        int failed = ring->observer ? sr__snapshot_renew(ring, SR__NEED_ALL) : 0;
        if (failed)
            return failed;
        audit(again);
        confirm(first, again);
    }
    return 0;
}

static int check_ring(slotring_t *ring, slotring_check_callback report, void *user, uint64_t *findings)
{
    int failed = sr__enter_any(ring, SR__NEED_ALL);
    if (failed)
        return failed;
    audit_t first = {.ring = ring, .view = &ring->view}, again = first;
    first.findings = calloc(FINDINGS_MAX, sizeof *first.findings);
    again.findings = calloc(FINDINGS_MAX, sizeof *again.findings);
    failed =
        first.findings && again.findings ? run_audits(ring, &first, &again) : sr__plain(SLOTRING_E_NO_MEMORY);
    if (!failed) {
        for (uint32_t i = 0; report && i < first.count; i++)
            report(user, first.findings[i].text);
        if (findings)
            *findings = first.count;
    }
    free(first.findings);
    free(again.findings);
    return sr__leave_any(ring, failed);
}

int slotring_check(slotring_t *ring, slotring_check_callback report, void *user, uint64_t *findings)
{
    sr__cancel_point();
    return SR__UNCANCELLED(check_ring(ring, report, user, findings));
}

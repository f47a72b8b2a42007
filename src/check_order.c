/* SPDX-License-Identifier: Apache-2.0 */
/* The audit of the order with its frontier, and of the bits that lead to free slots. */
#include "check.h"

#define ORDER (SR__AUDIT_ORDER * SR__AUDIT_PART)
#define HINT (SR__AUDIT_HINT * SR__AUDIT_PART)
#define FRONTIER SR__KIND(SR__AUDIT_STATE, sr__state_t, oldest)

static void audit_frontier(sr__audit_t *a)
{
    if (a->oldest > a->end)
        sr__find(a, FRONTIER, 0, a->oldest,
                 "the frontier, %" PRIu64 ", lies beyond the end of the order, %" PRIu64, a->oldest, a->end);
    else if (a->end - a->oldest > a->view->order_mask + 1)
        sr__find(a, FRONTIER, 0, a->oldest,
                 "the frontier, %" PRIu64 ", lies more than the order's length behind its end, %" PRIu64,
                 a->oldest, a->end);
}

/* The last L publications, or as many as there are, each in its place. */
void sr__audit_order(sr__audit_t *a)
{
    sr__view_t *view = a->view;
    uint64_t length = view->order_mask + 1, start = a->end > length ? a->end - length : 0;
    for (uint64_t t = start; t < a->end; t++) {
        uint64_t entry = sr__load(sr__order_at(view, t));
        enum sr__entry_age age = sr__entry_age(view, entry, t);
        bool ahead = age == SR__NEWER && sr__published_end(view) == a->end;
        if (age == SR__OLDER || ahead || sr__entry_slot(view, entry) >= view->slot_count)
            sr__find(a, ORDER, t, entry,
                     "the order has entry %016" PRIx64 " in the place of sequence %" PRIu64, entry, t);
    }
    for (uint64_t t = a->end; t < start + length; t++) { /* the first lap is not full yet */
        uint64_t entry = sr__load(sr__order_at(view, t));
        if (entry != 0 && sr__published_end(view) == a->end)
            sr__find(a, ORDER, t, entry,
                     "the order has entry %016" PRIx64 " for sequence %" PRIu64 " beyond its end, %" PRIu64,
                     entry, t, a->end);
    }
    audit_frontier(a);
}

/* A bit may be there for a slot that is not free, and above an empty word: whoever finds it takes it out. But none for
 * what there is not. That a free slot has its bits is found with the slots. */
void sr__audit_hints(sr__audit_t *a)
{
    uint64_t bits = a->view->slot_count;
    for (uint32_t level = 0; level < SR__HINT_LEVELS; level++) {
        uint32_t words = a->view->hint_words[level];
        uint64_t last = sr__load(&a->view->hints[level][words - 1]), used = bits - 64 * (uint64_t)(words - 1);
        sr__audit_field(a, used == 64 || last >> used == 0, HINT + level, words - 1,
                        level == 0 ? "the last word" : "the last word of an upper level", last,
                        "without bits for what there is not");
        bits = words;
    }
}

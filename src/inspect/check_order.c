/* SPDX-License-Identifier: Apache-2.0 */
/* The audit of the order with its frontier, and of the bits that lead to free slots. */
#include "inspect/check.h"
#include "layout/plan.h"
#include "protocol/deferred.h"
#include "protocol/free_map.h"
#include "protocol/withdrawn.h"

#define ORDER (SR__AUDIT_ORDER * SR__AUDIT_PART)
#define FREE_MAP (SR__AUDIT_FREE_MAP * SR__AUDIT_PART)
#define DEFERRED (SR__AUDIT_DEFERRED * SR__AUDIT_PART)
#define WITHDRAWN (SR__AUDIT_WITHDRAWN * SR__AUDIT_PART)
#define FRONTIER SR__KIND(SR__AUDIT_STATE, sr__state_t, frontier)

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

/* The last L publications, or as many as there are, each at its position. */
void sr__audit_order(sr__audit_t *a)
{
    sr__view_t *view = a->view;
    uint64_t length = view->order_mask + 1, start = a->end > length ? a->end - length : 0;
    for (uint64_t t = start; t < a->end; t++) {
        uint64_t entry = sr__load(sr__order_at(view, t));
        enum sr__entry_age age = sr__entry_age(view, entry, t);
        bool ahead = age == SR__NEWER && sr__audit_published(a) == a->end;
        if (age == SR__OLDER || ahead || sr__entry_slot(view, entry) >= view->slot_count)
            sr__find(a, ORDER, t, entry,
                     "the order has entry %016" PRIx64 " at the position of sequence %" PRIu64, entry, t);
    }
    for (uint64_t t = a->end; t < start + length; t++) { /* the first lap is not full yet */
        uint64_t entry = sr__load(sr__order_at(view, t));
        if (entry != 0 && sr__audit_published(a) == a->end)
            sr__find(a, ORDER, t, entry,
                     "the order has entry %016" PRIx64 " for sequence %" PRIu64 " beyond its end, %" PRIu64,
                     entry, t, a->end);
    }
    audit_frontier(a);
}

static void audit_bitmap(sr__audit_t *a, uint32_t kind, sr__bitmap_t b)
{
    for (uint32_t level = 0; level < b.levels; level++) {
        uint32_t last = b.words[level] - 1;
        uint64_t word = sr__load(&b.level[level][last]);
        sr__audit_field(a, (word & ~sr__bitmap_domain(b, level, last)) == 0, kind + level, last,
                        level == 0 ? "the last word" : "the last word of an upper level", word,
                        "without bits for what there is not");
    }
}

/* A bit may stand for a slot that is not free, for a message that is not deferred, or above an empty word: whoever finds
 * such a bit clears it. No bit may stand for a slot or a position that the ring does not have. A bit that is missing is
 * found with the slots. */
void sr__audit_free_map(sr__audit_t *a)
{
    audit_bitmap(a, FREE_MAP, sr__free_map_of(a->view));
    audit_bitmap(a, DEFERRED, sr__deferred_of(a->view));
}

/* A bit of a message that was not withdrawn is found with the slots. */
void sr__audit_withdrawn(sr__audit_t *a)
{
    sr__view_t *view = a->view;
    uint64_t words = sr__layout_withdrawn_words(view->order_mask + 1, &(uint32_t){0});
    for (uint64_t i = 0; i < words; i++) {
        uint64_t w = sr__load(&view->withdrawn[0][i]), end = sr__audit_published(a);
        sr__audit_field(a, sr__withdrawn_may_be(view, w, end), WITHDRAWN, i, "the word", w,
                        "a round of the order that has begun, and its bits");
    }
}

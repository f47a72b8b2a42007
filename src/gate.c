/* SPDX-License-Identifier: Apache-2.0 */
/* The gate: which publications lossless readers, present or future, may still need. And the end of the order. */
#include "core.h"

#define STUCK_LIMIT 1024u

/* [gate.end] One above the last publication, exactly: at some moment during the call nothing was listed there. `tail`
 * is a hint that lags by at most `lag`; its producer may be dead or stopped, so what stands beyond it is walked over. */
uint64_t sr__published_end(const sr__view_t *view)
{
    uint64_t t = sr__load(&view->state->tail);
    uint32_t lapped = 0;
    for (uint32_t turn = 0; turn < SR__LOOP_LIMIT && lapped < STUCK_LIMIT; turn++) {
        enum sr__entry_age age = sr__entry_age(view, sr__load(sr__order_at(view, t)), t);
        if (age == SR__OLDER)
            return t;
        if (age == SR__CURRENT) {
            t++;
            continue;
        }
        uint64_t tail = sr__load(&view->state->tail); /* a whole lap went by */
        lapped = tail > t ? 0 : lapped + 1;           /* or the ring is damaged */
        t = tail;
    }
    return t;
}

/* Is any lossless reader subscribed? */
bool sr__any_gate(const sr__view_t *view)
{
    for (uint32_t r = 0; r < view->row_count; r++)
        if (sr__row_gates(sr__load(&view->rows[r].state)))
            return true;
    return false;
}

/* Whose lossless reader is farthest behind? */
uint32_t sr__gate_owner(const sr__view_t *view)
{
    uint32_t owner = UINT32_MAX;
    uint64_t lowest = UINT64_MAX;
    for (uint32_t r = 0; r < sr__rows_high(view); r++) {
        uint64_t w = sr__load(&view->rows[r].state);
        uint64_t cursor = sr__row_gates(w) ? sr__load(&view->rows[r].cursor) : UINT64_MAX;
        if (cursor < lowest) {
            lowest = cursor;
            owner = sr__row_owner(w);
        }
    }
    return owner;
}

static uint64_t lowest_cursor(slotring_t *ring, uint64_t gate, bool *gated)
{
    sr__view_t *view = &ring->view;
    /* Raised before a row leaves FREE: a row above it was not ACTIVE when it was read. */
    uint32_t rows = sr__rows_high(view);
    for (uint32_t r = 0; r < rows; r++) {
        if (!sr__row_gates(sr__load(&view->rows[r].state)))
            continue;
        uint64_t cursor = sr__load(&view->rows[r].cursor);
        *gated = true;
        if (cursor < gate)
            gate = cursor;
    }
    for (uint32_t g = 0; g < view->group_count; g++) {
        uint32_t state = (uint32_t)sr__load(&view->groups[g].state) & 0xf;
        if (state != SR__GROUP_ARMED && state != SR__GROUP_OPEN)
            continue;
        uint64_t cursor = sr__load(&view->groups[g].cursor);
        *gated = true;
        if (cursor < gate)
            gate = cursor;
    }
    return gate;
}

/* [gate.rows] The end is loaded BEFORE the rows: a reader that joins later starts at or above it, so what is below is
 * safe for ever. Pairs with subscribe, which makes its row ACTIVE before it loads the end once more. */
uint64_t sr__gate(slotring_t *ring)
{
    bool gated = false;
    uint64_t gate = lowest_cursor(ring, sr__published_end(&ring->view), &gated);
    /* Relaxed load, release store: another thread that trusts this gate must also see what the readers' cursors,
     * loaded above, made visible; the acquire is in claim.c. The gate only grows; a lost race costs a look. */
    if (gate > atomic_load_explicit(&ring->gate, memory_order_relaxed))
        atomic_store_explicit(&ring->gate, gate, memory_order_release);
    atomic_store_explicit(&ring->gated, gated, memory_order_relaxed);
    return gate;
}

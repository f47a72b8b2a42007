/* SPDX-License-Identifier: Apache-2.0 */
/* Statistics of the whole ring. Sums of what each participant wrote alone; nothing here is on the data path. */
#include <string.h>

#include "core.h"

static void count_slots(const sr__view_t *view, slotring_stats_t *s)
{
    for (uint32_t i = 0; i < view->slot_count; i++) {
        sr__slot_t *slot = sr__slot(view, i);
        switch (sr__slot_state(sr__peek(&slot->word))) {
        case SR__FREE:
            s->slots_free++;
            break;
        case SR__CLAIMED:
            s->slots_writing++;
            break;
        default:
            s->slots_ready++;
            s->slots_held += sr__pinner(sr__peek(&slot->word)) != SR__NOBODY || sr__is_held(view, slot);
        }
    }
}

static void count_participants(const sr__view_t *view, slotring_stats_t *s)
{
    for (uint32_t p = 0; p < sr__participants_high(view); p++) {
        uint64_t stream = sr__load(&view->participants[p].stream);
        s->participants += sr__load(&view->participants[p].incarnation) % 2;
        s->producers += sr__stream_phase(stream) == SR__STREAMING;
        s->producers_started += sr__stream_starts(stream);
        s->producers_ended += sr__stream_ends(stream);
        s->producers_died += sr__stream_deaths(stream);
    }
    for (uint32_t r = 0; r < sr__rows_high(view); r++)
        s->readers += sr__row_state(sr__load(&view->rows[r].state)) == SR__ROW_ACTIVE;
}

static int get_stats(slotring_t *ring, slotring_stats_t *stats)
{
    int failed = sr__enter_any(ring, SR__NEED_PARTICIPANTS | SR__NEED_ROWS | SR__NEED_END | SR__NEED_SLOTS);
    if (failed)
        return failed;
    failed = !stats ? sr__error(SLOTRING_E_INVALID, "stats is NULL")
                    : sr__struct_check("stats have", stats->struct_size, offsetof(slotring_stats_t, reserved),
                                       sizeof *stats, NULL);
    if (failed)
        return sr__leave_any(ring, failed);
    sr__view_t *view = &ring->view;
    slotring_stats_t s = {0};
    s.published = sr__published_end(view);
    s.oldest = sr__load(&view->state->oldest);
    s.bytes_written = sr__total(view, SR__BYTES_WRITTEN);
    s.bytes_read = sr__total(view, SR__BYTES_READ);
    s.overwritten = sr__total(view, SR__OVERWRITTEN);
    s.recycled = sr__total(view, SR__RECYCLED);
    s.full = sr__total(view, SR__FULL);
    s.stale = sr__total(view, SR__STALE);
    s.missed = sr__total(view, SR__MISSED);
    s.aborted = sr__total(view, SR__ABORTS);
    s.freed = sr__total(view, SR__FREES);
    s.repaired = sr__total(view, SR__REPAIRED);
    s.waits = sr__total(view, SR__WAITS);
    s.waited_ns = sr__total(view, SR__WAITED_NS);
    count_slots(view, &s);
    count_participants(view, &s);
    sr__struct_give(stats, &s, sizeof s);
    return sr__leave_any(ring, 0);
}

int slotring_get_stats(slotring_t *ring, slotring_stats_t *stats)
{
    return SR__UNCANCELLED(get_stats(ring, stats));
}

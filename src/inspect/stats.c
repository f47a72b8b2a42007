/* SPDX-License-Identifier: Apache-2.0 */
/* Statistics of the whole ring. Sums of what each participant wrote alone; nothing here is on the data path. */
#include <string.h>

#include "base/error.h"
#include "base/structs.h"
#include "inspect/blocks.h"
#include "members/enter.h"
#include "protocol/counters.h"
#include "protocol/gate.h"
#include "protocol/since.h"
#include "protocol/snapshot.h"
#include "protocol/span.h"
#include "protocol/stream.h"

static void count_slots(const sr__view_t *view, slotring_stats_t *s)
{
    for (uint32_t i = 0; i < view->slot_count; i++) {
        sr__slot_t *slot = sr__slot(view, i);
        uint64_t w = sr__peek(&slot->word);
        if (sr__slot_state(w) == SR__FREE) {
            s->slots_free++;
        } else if (sr__is_being_written(view, i, w, sr__peek(&slot->sequence))) {
            s->slots_writing++;
        } else {
            s->slots_ready++; /* a piece, too: as its head, if that is held */
            if (sr__pinner(w) != SR__NOBODY || sr__is_held(view, slot))
                s->slots_held += sr__slots_of(view, slot);
        }
    }
}

static void count_participants(const sr__view_t *view, slotring_stats_t *s)
{
    s->participants = s->producers = 0;
    s->producers_started = s->producers_ended = s->producers_died = 0;
    for (uint32_t p = 0; p < sr__participants_high(view); p++) {
        sr__stream_counts_t c = sr__stream_counts(&view->participants[p]);
        s->participants += sr__is_attached(view, p);
        s->producers += c.phase == SR__STREAMING;
        s->producers_started += c.started;
        s->producers_ended += c.ended;
        s->producers_died += c.died;
    }
}

/* Who is blocked now, and for how long nothing has been published. */
static void count_standing(const slotring_t *ring, slotring_stats_t *s)
{
    const sr__view_t *view = &ring->member.view;
    uint64_t now = ring->member.os->system.clock_ns();
    for (uint32_t p = 0; p < sr__participants_high(view); p++) {
        uint64_t blocked = sr__for_how_long(sr__peek(&view->participants[p].blocked_at), now);
        if (blocked == 0 || !sr__is_attached(view, p))
            continue;
        s->blocked++;
        s->blocked_ns = blocked > s->blocked_ns ? blocked : s->blocked_ns;
    }
    s->idle_ns = sr__end_age(view, s->published, now);
}

static int count_writers(slotring_t *ring, slotring_stats_t *s)
{
    sr__written_t written;
    int failed = sr__count_written(&ring->member, &written);
    s->writers = written.writers;
    s->records = written.records;
    s->bytes_written += written.open_bytes;
    return failed;
}

#define LOOKS 16

/* An observer's copy may have parts of an entry's counts of streams that belong to different moments. They are right as
 * long as the ring had fewer steps in between than are carried at a time. */
static int look_at_participants(slotring_t *ring, slotring_stats_t *s)
{
    sr__word_t *generation = &ring->member.view.state->stream_generation;
    int failed = 0;
    for (int look = 0; look < LOOKS; look++) {
        uint64_t before = sr__load(generation);
        count_participants(&ring->member.view, s);
        failed = sr__look_again(&ring->member, generation, sizeof *generation);
        if (failed || !ring->member.observer || sr__load(generation) - before < SR__CARRY_EVERY)
            return failed;
        failed = sr__snapshot_renew(&ring->member, SR__NEED_PARTICIPANTS);
        if (failed)
            return failed;
    }
    return 0;
}

static int get_stats(slotring_t *ring, slotring_stats_t *stats)
{
    int failed = sr__enter_any(ring, SR__NEED_PARTICIPANTS | SR__NEED_SUBSCRIPTIONS | SR__NEED_WRITERS |
                                         SR__NEED_SLOTS | SR__NEED_ORDER);
    if (failed)
        return failed;
    failed = !stats ? sr__error(SLOTRING_E_INVALID, "stats is NULL")
                    : sr__struct_check("stats have", stats->struct_size, offsetof(slotring_stats_t, reserved),
                                       sizeof *stats, NULL);
    if (failed)
        return sr__leave_any(ring, failed);
    sr__view_t *view = &ring->member.view;
    slotring_stats_t s = {0};
    s.published = sr__published_end(view);
    s.oldest = sr__load(&view->state->frontier);
    s.bytes_written = sr__total(view, SR__BYTES_WRITTEN);
    s.bytes_read = sr__total(view, SR__BYTES_READ);
    s.overwritten = sr__total(view, SR__OVERWRITTEN);
    s.recycled = sr__total(view, SR__RECYCLED);
    s.full = sr__total(view, SR__FULL);
    s.stale = sr__total(view, SR__STALE);
    s.missed = sr__total(view, SR__MISSED);
    s.records_missed = sr__total(view, SR__RECORDS_MISSED);
    s.revocations = sr__total(view, SR__REVOCATIONS);
    s.aborted = sr__total(view, SR__ABORTS);
    s.freed = sr__total(view, SR__FREES);
    s.repaired = sr__total(view, SR__REPAIRED);
    s.waits = sr__total(view, SR__WAITS);
    s.waited_ns = sr__total(view, SR__WAITED_NS);
    count_slots(view, &s);
    count_standing(ring, &s);
    for (uint32_t r = 0; r < sr__subscriptions_high(view); r++)
        s.readers +=
            sr__subscription_state(sr__load(&view->subscriptions[r].state)) == SR__SUBSCRIPTION_ACTIVE;
    failed = count_writers(ring, &s);
    if (!failed)
        failed = look_at_participants(ring, &s);
    if (!failed)
        sr__struct_give(stats, &s, sizeof s);
    return sr__leave_any(ring, failed);
}

int slotring_get_stats(slotring_t *ring, slotring_stats_t *stats)
{
    return SR__UNCANCELLED(get_stats(ring, stats));
}

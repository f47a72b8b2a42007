/* SPDX-License-Identifier: Apache-2.0 */
/* Becoming a participant: a free entry, its death lock, what that takes in private memory, who I am; the incarnation
 * becomes odd last. A kill or a failure before that leaves nothing, a kill after it is repaired like any other.
 */
#include <stdlib.h>
#include <string.h>

#include "members/participant.h"
#include "protocol/holders.h"
#include "protocol/seqlock.h"
#include "protocol/taken.h"

/* What a participant needs in its own memory. */
static int prepare_private(slotring_t *ring, slotring_error_t *error)
{
    ring->member.hold_counts = calloc(ring->member.view.slot_count, sizeof *ring->member.hold_counts);
    ring->member.pins = calloc(ring->member.view.slot_count, sizeof *ring->member.pins);
    if (!ring->member.hold_counts || !ring->member.pins || !sr__taken_prepare(&ring->member.taken))
        return sr__fail(error, SLOTRING_E_NO_MEMORY, 0,
                        "no memory for the hold counts of the %u slots of \"%s\"",
                        ring->member.view.slot_count, ring->member.view.header.name);
    uint32_t holds = ring->member.view.header.holds;
    /* The same message may count several times, so as many as there are slots would be a limit, too. */
    ring->member.holds_limit = holds < ring->member.view.slot_count ? holds : UINT64_MAX;
    ring->readers = calloc(ring->member.view.subscription_count, sizeof *ring->readers);
    ring->writers = calloc(ring->member.view.writer_count + 1, sizeof *ring->writers);
    if (!ring->readers || !ring->writers)
        return sr__fail(error, SLOTRING_E_NO_MEMORY, 0, "no memory for %u readers of \"%s\"",
                        ring->member.view.subscription_count, ring->member.view.header.name);
    return ring->member.os->waits.open(ring->place, ring->member.view.header.ring_id, ring->member.me,
                                       ring->member.incarnation, &ring->member.waits, error);
}

/* Makes entry `i` this handle's. *busy: its last owner is just closing. */
static int take_entry(slotring_t *ring, uint32_t i, const slotring_options_t *options, bool *busy,
                      slotring_error_t *error)
{
    sr__view_t *view = &ring->member.view;
    sr__participant_t *p = &view->participants[i];
    slotring_error_t why = {0};
    int failed = ring->member.os->locks.death_lock_take(ring->member.locks, i, &ring->death_lock, &why);
    *busy = failed == SLOTRING_E_BUSY;
    if (failed)
        return sr__fail(error, failed, why.os_code,
                        "the lock of participant %u of ring \"%s\" cannot be taken: %s", i, view->header.name,
                        why.code ? why.text : slotring_strerror(failed));
    ring->member.me = i;
    ring->member.self = p;
    ring->member.incarnation = sr__load(&p->incarnation) + 1;
    memcpy(&ring->slot_mark, view->header.ring_id, sizeof ring->slot_mark);
    ring->slot_mark ^= ring->member.incarnation << 12 | i;
    failed = prepare_private(ring, error);
    if (failed)
        return failed;
    sr__participant_write(&ring->member, p, options);
    /* Both before anybody can need them; only under the process mutex. */
    atomic_fetch_or_explicit(&view->state->holders, UINT64_C(1) << i / 64, memory_order_seq_cst);
    if (atomic_load_explicit(&view->state->participants_high, memory_order_relaxed) < i + 1)
        atomic_store_explicit(&view->state->participants_high, i + 1, memory_order_seq_cst);
    atomic_store_explicit(&p->incarnation, ring->member.incarnation, memory_order_seq_cst);
    return 0;
}

static bool is_free(const sr__participant_t *p)
{
    return !sr__in_use(sr__load(&p->incarnation));
}

/* The lowest number of deaths, at or above `least`, that a free entry has seen; UINT32_MAX: none. */
static uint32_t fewest_deaths(const sr__view_t *view, uint32_t least)
{
    uint32_t fewest = UINT32_MAX;
    for (uint32_t i = 0; i < view->participant_count; i++) {
        uint32_t deaths = sr__stream_deaths(sr__load(&view->participants[i].stream));
        if (is_free(&view->participants[i]) && deaths >= least && deaths < fewest)
            fewest = deaths;
    }
    return fewest;
}

/* The first free entry at or above `from` where nobody has died; participant_count: none. */
static uint32_t fresh_entry(const sr__view_t *view, uint64_t from)
{
    while (from < view->participant_count) {
        const sr__participant_t *p = &view->participants[from];
        if (is_free(p) && sr__stream_deaths(sr__load(&p->stream)) == 0)
            return (uint32_t)from;
        from++;
    }
    return view->participant_count;
}

/* Where the last entry was found there is usually the next one, so that it costs the same however many there are.
 * Else all are looked at. An entry where somebody died is taken again as late as possible: it says who, for readers
 * that are still behind. The caller holds the process mutex. */
int sr__participant_take(slotring_t *ring, const slotring_options_t *options, slotring_error_t *error)
{
    sr__view_t *view = &ring->member.view;
    sr__holders_trim(view);
    uint32_t fresh = fresh_entry(view, sr__peek(&view->state->free_entry_hint));
    if (fresh < view->participant_count) {
        bool busy;
        int failed = take_entry(ring, fresh, options, &busy, error);
        sr__poke(&view->state->free_entry_hint, (uint64_t)fresh + 1);
        if (!busy)
            return failed;
    }
    uint32_t deaths = fewest_deaths(view, 0);
    for (; deaths != UINT32_MAX; deaths = fewest_deaths(view, deaths + 1))
        for (uint32_t i = 0; i < view->participant_count; i++) {
            sr__participant_t *p = &view->participants[i];
            if (!is_free(p) || sr__stream_deaths(sr__load(&p->stream)) != deaths)
                continue;
            bool busy;
            int failed = take_entry(ring, i, options, &busy, error);
            if (!busy)
                return failed;
        }
    return sr__fail(
        error, SLOTRING_E_PARTICIPANTS, 0,
        "all %u participant entries of ring \"%s\" are taken; create it with more (max_participants)",
        view->participant_count, view->header.name);
}

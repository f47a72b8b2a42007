/* SPDX-License-Identifier: Apache-2.0 */
/* A read-only audit of every invariant, and of every field's domain; check_*.c have the parts. On a ring in use, words
 * that belong together change between two looks; so a finding counts only if three audits in a row make it about the
 * same word with the same value. In a ring that others may use, nine: a thread that the system keeps from its processor leaves
 * such words apart for some tens of milliseconds.
 */
#include <stdlib.h>

#include "base/error.h"
#include "inspect/check.h"
#include "members/enter.h"
#include "protocol/gate.h"
#include "protocol/snapshot.h"

#define AUDITS 3
#define AUDITS_IN_USE 9
#define FIRST_PAUSE_NS UINT64_C(1000000) /* twice as long from pause to pause: a quarter of a second in all */

static void audit(sr__audit_t *a)
{
    sr__view_t *view = a->view;
    a->count = 0;
    a->now = a->ring->member.os->system.clock_ns();
    a->oldest = sr__load(&view->state->frontier);
    a->end = a->published = sr__published_end(view);
    sr__audit_header(a);
    sr__audit_description(a);
    sr__audit_state(a);
    sr__audit_sets(a);
    sr__audit_order(a);
    sr__audit_slots(a);
    sr__audit_spans(a);
    sr__audit_free_map(a);
    sr__audit_withdrawn(a);
    sr__audit_subscriptions(a);
    sr__audit_groups(a);
    sr__audit_writers(a);
    sr__audit_blocks(a);
    sr__audit_marks(a);
    sr__audit_sums(a);
    sr__audit_participants(a);
    sr__audit_names(a);
}

static bool made(const sr__audit_t *a, const sr__finding_t *f)
{
    for (uint32_t i = 0; i < a->count; i++)
        if (a->findings[i].kind == f->kind && a->findings[i].index == f->index &&
            a->findings[i].value == f->value)
            return true;
    return false;
}

/* Keeps of `first` what `again` found too. */
static void confirm(sr__audit_t *first, const sr__audit_t *again)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < first->count; i++)
        if (made(again, &first->findings[i]))
            first->findings[kept++] = first->findings[i];
    first->count = kept;
}

/* What changes with each message that is published, taken or released. */
static uint64_t look_at_traffic(const sr__view_t *view)
{
    uint64_t sum = sr__load(&view->state->tail);
    for (uint32_t i = 0; i < view->slot_count; i++)
        sum = sum * 31 + sr__load(&sr__slot(view, i)->word);
    for (uint32_t r = 0; r < view->subscription_count; r++)
        sum = sum * 31 + sr__load(&view->subscriptions[r].cursor);
    return sum;
}

/* Somebody waits: perhaps for who has not got on since. Or other processes may. */
static bool may_be_in_use(const sr__view_t *view)
{
    const sr__waiters_t *waiters = view->state->waiters;
    uint32_t attached = 0;
    for (uint32_t p = 0; p < view->participant_count && attached < 2; p++)
        attached += sr__is_attached(view, p);
    uint64_t waiting = 0;
    for (int kind = 0; kind < SR__EVENTS; kind++)
        for (uint32_t w = 0; w < sizeof waiters->words / sizeof waiters->words[0]; w++)
            waiting |= sr__load(&waiters[kind].words[w]);
    return attached > 1 || waiting != 0;
}

static int run_audits(slotring_t *ring, sr__audit_t *first, sr__audit_t *again)
{
    audit(first);
    uint64_t traffic = first->count > 0 ? look_at_traffic(first->view) : 0;
    bool in_use = false;
    for (int n = 1; n < (in_use ? AUDITS_IN_USE : AUDITS) && first->count > 0; n++) {
        /* Operations in flight are to have moved on. */
        ring->member.os->system.sleep_ns(FIRST_PAUSE_NS << (n < AUDITS ? 0 : n - AUDITS + 1));
        int failed = ring->member.observer ? sr__snapshot_renew(&ring->member, SR__NEED_ALL) : 0;
        if (failed)
            return failed;
        audit(again);
        confirm(first, again);
        in_use = in_use || may_be_in_use(again->view) || look_at_traffic(again->view) != traffic;
    }
    return 0;
}

static int check_ring(slotring_t *ring, slotring_check_callback report, void *user, uint64_t *findings)
{
    int failed = sr__enter_any(ring, SR__NEED_ALL);
    if (failed)
        return failed;
    sr__audit_t first = {.ring = ring, .view = &ring->member.view}, again = first;
    first.findings = calloc(SR__FINDINGS_MAX, sizeof *first.findings);
    again.findings = calloc(SR__FINDINGS_MAX, sizeof *again.findings);
    first.met = again.met = calloc(ring->member.view.writer_count + 1, sizeof *first.met);
    first.pieces = again.pieces = calloc(ring->member.view.slot_count, 1);
    failed = first.findings && again.findings && first.met && first.pieces ? run_audits(ring, &first, &again)
                                                                           : sr__plain(SLOTRING_E_NO_MEMORY);
    if (!failed) {
        for (uint32_t i = 0; report && i < first.count; i++)
            report(user, first.findings[i].text);
        if (findings)
            *findings = first.count;
    }
    free(first.findings);
    free(again.findings);
    free(first.met);
    free(first.pieces);
    return sr__leave_any(ring, failed);
}

int slotring_check(slotring_t *ring, slotring_check_callback report, void *user, uint64_t *findings)
{
    sr__cancel_point();
    return SR__UNCANCELLED(check_ring(ring, report, user, findings));
}

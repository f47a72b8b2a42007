/* SPDX-License-Identifier: Apache-2.0 */
/* Becoming a participant: a free place, its death lock, who I am; the incarnation becomes odd last. A kill before that
 * leaves nothing, a kill after it is repaired like any other.
 */
#include <string.h>

#include "core.h"

static void introduce(slotring_t *ring, sr__participant_t *p, const slotring_options_t *options)
{
    sr__self_t self;
    ring->os->self(&self);
    p->pid = self.pid;
    p->pid_namespace = self.pid_namespace;
    p->start_time = self.start_time;
    p->uid = self.uid;
    p->attached_at = ring->os->clock_ns();
    p->backend = ring->os->kind;
    p->library = SLOTRING_VERSION;
    sr__name_store(p->name, options->client_name ? options->client_name : self.name);
    for (int i = 0; i < SR__COUNTERS; i++)
        p->base[i] = sr__peek(&p->counters[i]);
    sr__poke(&p->first_sequence, SR__NO_SEQUENCE);
    sr__poke(&p->last_sequence, SR__NO_SEQUENCE);
}

/* The caller holds the process mutex. */
int sr__participant_take(slotring_t *ring, const slotring_options_t *options, slotring_error_t *error)
{
    sr__view_t *view = &ring->view;
    for (uint32_t i = 0; i < view->participant_count; i++) {
        sr__participant_t *p = &view->participants[i];
        uint64_t incarnation = sr__load(&p->incarnation);
        if (incarnation % 2 == 1)
            continue;
        int failed = ring->os->death_lock_take(ring->locks, i, &ring->death_lock);
        if (failed == SLOTRING_E_BUSY)
            continue; /* just closing */
        if (failed)
            return sr__fail(error, failed, 0, "the lock of participant %u cannot be taken: %s", i,
                            slotring_strerror(failed));
        introduce(ring, p, options);
        /* Raised before anybody can need it; only under the process mutex. */
        if (atomic_load_explicit(&view->state->participants_high, memory_order_relaxed) < i + 1)
            atomic_store_explicit(&view->state->participants_high, i + 1, memory_order_seq_cst);
        ring->me = i;
        ring->self = p;
        ring->incarnation = incarnation + 1;
        atomic_store_explicit(&p->incarnation, incarnation + 1, memory_order_seq_cst);
        return 0;
    }
    return sr__fail(
        error, SLOTRING_E_PARTICIPANTS, 0,
        "all %u participants' places of ring \"%s\" are taken; create it with more (max_participants)",
        view->participant_count, view->header.name);
}

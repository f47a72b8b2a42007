/* SPDX-License-Identifier: Apache-2.0 */
/* A producer waits for readers. Who subscribes wakes it (subscribe.c), so nobody polls. */
#include "base/error.h"
#include "members/enter.h"
#include "members/reap.h"
#include "protocol/there.h"
#include "traffic/wait.h"

typedef struct awaited {
    slotring_t *ring;
    uint32_t wanted, there;
} awaited_t;

/* How many lossless subscriptions there are that somebody has; of living participants only, if that is asked. */
static uint32_t count_readers(sr__member_t *member, bool living)
{
    sr__view_t *view = &member->view;
    uint32_t count = 0;
    for (uint32_t r = 0; r < sr__subscriptions_high(view); r++) {
        uint64_t w = sr__load(&view->subscriptions[r].state);
        count += sr__subscription_gates(w) && sr__subscription_has_started(w) &&
                 (living ? sr__reader_is_there(member, r, w) : sr__somebody_has(view, r, w));
    }
    return count;
}

/* The system is asked about the owners only when there seem to be enough. */
static int attempt(void *context)
{
    awaited_t *a = context;
    a->there = count_readers(&a->ring->member, false);
    if (a->there >= a->wanted)
        a->there = count_readers(&a->ring->member, true);
    return a->there >= a->wanted ? 0 : SLOTRING_E_EMPTY;
}

int slotring_wait_readers(slotring_t *ring, uint32_t wanted, int64_t timeout_ns, uint32_t *there)
{
    awaited_t a = {.ring = ring, .wanted = wanted};
    if (there)
        *there = 0;
    int failed = sr__enter(ring);
    if (failed)
        return failed;
    if (wanted > ring->member.view.subscription_count)
        return sr__error(
            SLOTRING_E_READERS,
            "ring \"%s\" has places for %u readers, so %u cannot come; create it with more (max_readers)",
            ring->member.view.header.name, ring->member.view.subscription_count, wanted);
    int code = attempt(&a);
    if (code == SLOTRING_E_EMPTY && timeout_ns == 0 && sr__reap_if_due(ring))
        code = attempt(&a);
    if (code == SLOTRING_E_EMPTY && timeout_ns != 0) {
        sr__wait_t wait = {
            .ring = ring,
            .kind = SR__GATHERED_EVENT, /* not of space: a producer that waits for that ends each gathering */
            .again = SLOTRING_E_EMPTY,
            .attempt = attempt,
            .context = &a,
            .told = &ring->names_told};
        code = sr__wait_for(&wait, timeout_ns);
    }
    if (code == SLOTRING_E_EMPTY || code == SLOTRING_E_TIMEOUT)
        a.there = count_readers(&ring->member, true); /* no attempt has asked about the owners of so few */
    if (there)
        *there = a.there;
    if (code != SLOTRING_E_EMPTY)
        return code;
    return sr__error(SLOTRING_E_TIMEOUT, "%u of %u lossless readers are there", a.there, wanted);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting until every lossless reader has passed a place in the order, as at the end of a run. A reader that moves on wakes who
 * waits for space (cursor.c), if it was the last one that was there. */
#include <inttypes.h>

#include "base/error.h"
#include "members/enter.h"
#include "members/reap.h"
#include "protocol/gate.h"
#include "protocol/seqlock.h"
#include "traffic/wait.h"

typedef struct draining {
    slotring_t *ring;
    uint64_t place;
    uint32_t behind; /* readers that have not passed it */
    uint32_t first;  /* one of them: the number of its subscription */
} draining_t;

/* Has this reader still something to read below `place`? What it holds of the past lies below its start. */
static bool is_behind(const sr__subscription_t *subscription, uint64_t place)
{
    uint64_t word = sr__load(&subscription->state);
    if (!sr__subscription_gates(word))
        return false;
    return sr__number(sr__load(&subscription->cursor)) < place ||
           (!sr__subscription_is_left(word) && sr__peek(&sr__account_of(subscription, word)->pending) > 0);
}

static int attempt(void *context)
{
    draining_t *d = context;
    const sr__view_t *view = &d->ring->member.view;
    d->behind = 0;
    for (uint32_t r = sr__subscriptions_high(view); r-- > 0;)
        if (is_behind(&view->subscriptions[r], d->place)) {
            d->behind++;
            d->first = r;
        }
    return d->behind == 0 ? 0 : SLOTRING_E_EMPTY;
}

static int say_who(draining_t *d)
{
    sr__member_t *member = &d->ring->member;
    sr__subscription_copy_t subscription;
    if (sr__subscription_read(member, d->first, &subscription) != 0)
        return sr__error(SLOTRING_E_TIMEOUT,
                         "%" PRIu32 " lossless readers have not read up to sequence %" PRIu64, d->behind,
                         d->place);
    return sr__error(SLOTRING_E_TIMEOUT,
                     "%" PRIu32 " lossless readers have not read up to sequence %" PRIu64
                     ", among them \"%s\", which is at %" PRIu64,
                     d->behind, d->place, subscription.name, subscription.account.cursor);
}

int slotring_drain(slotring_t *ring, uint64_t place, int64_t timeout_ns)
{
    int failed = sr__enter(ring);
    if (failed)
        return failed;
    draining_t d = {.ring = ring, .place = place};
    uint64_t end = sr__published_end(&ring->member.view);
    if (place == SLOTRING_DRAIN_ALL)
        d.place = end;
    else if (place > end)
        return sr__error(SLOTRING_E_INVALID,
                         "sequence %" PRIu64 " is not published yet; the next one is %" PRIu64, place, end);
    int code = attempt(&d);
    if (code == SLOTRING_E_EMPTY && timeout_ns == 0 && sr__reap_if_due(ring))
        code = attempt(&d);
    if (code == SLOTRING_E_EMPTY && timeout_ns != 0) {
        sr__wait_t wait = {.ring = ring,
                           .kind = SR__SPACE_EVENT,
                           .again = SLOTRING_E_EMPTY,
                           .attempt = attempt,
                           .context = &d,
                           .told = &ring->names_told};
        code = sr__wait_for(&wait, timeout_ns);
    }
    return code == SLOTRING_E_EMPTY ? say_who(&d) : code;
}

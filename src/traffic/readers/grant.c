/* SPDX-License-Identifier: Apache-2.0 */
/* A ring may be made so that only its owner's readers, and root's, are lossless without a budget. The others get a budget that is at
 * most as large as the ring says: not fewer messages, and not more time. This is against mistakes: whoever may write into the ring's
 * memory can do there what he likes.
 */
#include "traffic/readers/grant.h"

#include <inttypes.h>

#include "base/error.h"

bool sr__is_owner(const slotring_t *ring)
{
    sr__self_t self;
    ring->member.os->system.self(&self);
    return self.uid == ring->member.view.header.owner || self.uid == 0;
}

static int refuse_lossless(const sr__header_t *h)
{
    return sr__error(SLOTRING_E_ACCESS,
                     "in ring \"%s\" only the readers of its owner, user %" PRIu64
                     ", are lossless without a budget: subscribe "
                     "with SLOTRING_BUDGETED, at least %" PRIu32 " messages in at most %" PRIu32 " ms",
                     h->name, h->owner, sr__budget_messages(h->largest_budget),
                     sr__budget_ms(h->largest_budget));
}

static int refuse_budget(const sr__header_t *h, uint64_t budget)
{
    return sr__error(
        SLOTRING_E_ACCESS,
        "a budget of %" PRIu32 " messages in %" PRIu32
        " ms is too large: ring \"%s\" grants readers of other users than its owner at least %" PRIu32
        " messages in at most %" PRIu32 " ms",
        sr__budget_messages(budget), sr__budget_ms(budget), h->name, sr__budget_messages(h->largest_budget),
        sr__budget_ms(h->largest_budget));
}

int sr__grant_check(const slotring_t *ring, const slotring_reader_options_t *options,
                    sr__properties_t *properties)
{
    const sr__header_t *h = &ring->member.view.header;
    if (h->lossless_for == SLOTRING_LOSSLESS_FOR_ALL || !properties->pressure->gates || sr__is_owner(ring))
        return 0;
    if (!properties->pressure->has_budget)
        return refuse_lossless(h);
    uint32_t messages = sr__budget_messages(properties->budget), ms = sr__budget_ms(properties->budget);
    uint32_t least = sr__budget_messages(h->largest_budget), most = sr__budget_ms(h->largest_budget);
    if (options->budget_messages == 0 && messages < least)
        messages = least;
    if (options->budget_ns == 0 && ms > most)
        ms = most;
    if (messages < least || ms > most)
        return refuse_budget(h, properties->budget);
    properties->budget = sr__budget(messages, ms);
    return 0;
}

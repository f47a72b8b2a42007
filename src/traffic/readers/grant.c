/* SPDX-License-Identifier: Apache-2.0 */
/* A ring may be made so that only its owner's readers, root's, and those of one Unix group are lossless without a budget. The others
 * get a budget that is at most as large as the ring says: not fewer messages, and not more time. This is against mistakes: whoever
 * may write into the ring's memory can do there what he likes.
 */
#include "traffic/readers/grant.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/error.h"

bool sr__is_owner(const slotring_t *ring)
{
    sr__self_t self;
    ring->member.os->system.self(&self);
    return self.uid == ring->member.view.header.owner || self.uid == 0;
}

/* Is this process one of those that the ring's owner grants what the owner's readers have? 1, 0 or an error. */
static int is_granted_all(const slotring_t *ring)
{
    const sr__header_t *h = &ring->member.view.header;
    if (h->lossless_for == SLOTRING_LOSSLESS_FOR_ALL || sr__is_owner(ring))
        return 1;
    if (!sr__has_lossless_group(h))
        return 0;
    int code = ring->member.os->system.in_group(h->lossless_group);
    if (code == SLOTRING_E_UNSUPPORTED)
        return 0;
    if (code >= 0)
        return code;
    return sr__error(code,
                     "ring \"%s\": the system does not say whether this process is in group %" PRIu32 ": %s",
                     h->name, h->lossless_group, slotring_strerror(code));
}

/* Who is granted more than this process, and who this process is. */
typedef struct sr__granted_text {
    char who[64], asked[64];
} sr__granted_text_t;

static sr__granted_text_t granted_text(const slotring_t *ring)
{
    const sr__header_t *h = &ring->member.view.header;
    sr__granted_text_t text;
    sr__self_t self;
    ring->member.os->system.self(&self);
    if (sr__has_lossless_group(h))
        snprintf(text.who, sizeof text.who, "its owner, user %" PRIu64 ", and group %" PRIu32, h->owner,
                 h->lossless_group);
    else
        snprintf(text.who, sizeof text.who, "its owner, user %" PRIu64, h->owner);
    snprintf(text.asked, sizeof text.asked, "user %" PRIu64 "%s", self.uid,
             sr__has_lossless_group(h) ? ", not in that group" : "");
    return text;
}

static int refuse_lossless(const slotring_t *ring)
{
    const sr__header_t *h = &ring->member.view.header;
    sr__granted_text_t text = granted_text(ring);
    return sr__error(
        SLOTRING_E_ACCESS,
        "in ring \"%s\" only readers of %s, are lossless without a budget, and this process is of %s: "
        "subscribe with SLOTRING_BUDGETED, at least %" PRIu32 " messages in at most %" PRIu32 " ms",
        h->name, text.who, text.asked, sr__budget_messages(h->largest_budget),
        sr__budget_ms(h->largest_budget));
}

static int refuse_budget(const slotring_t *ring, uint64_t budget)
{
    const sr__header_t *h = &ring->member.view.header;
    sr__granted_text_t text = granted_text(ring);
    return sr__error(
        SLOTRING_E_ACCESS,
        "a budget of %" PRIu32 " messages in %" PRIu32
        " ms is too large for %s: ring \"%s\" grants readers that are not of %s, at least %" PRIu32
        " messages in at most %" PRIu32 " ms",
        sr__budget_messages(budget), sr__budget_ms(budget), text.asked, h->name, text.who,
        sr__budget_messages(h->largest_budget), sr__budget_ms(h->largest_budget));
}

int sr__grant_check(const slotring_t *ring, const slotring_reader_options_t *options,
                    sr__properties_t *properties)
{
    const sr__header_t *h = &ring->member.view.header;
    if (!properties->pressure->gates)
        return 0;
    int code = is_granted_all(ring);
    if (code != 0)
        return code < 0 ? code : 0;
    if (!properties->pressure->has_budget)
        return refuse_lossless(ring);
    uint32_t messages = sr__budget_messages(properties->budget), ms = sr__budget_ms(properties->budget);
    uint32_t least = sr__budget_messages(h->largest_budget), most = sr__budget_ms(h->largest_budget);
    if (options->budget_messages == 0 && messages < least)
        messages = least;
    if (options->budget_ns == 0 && ms > most)
        ms = most;
    if (messages < least || ms > most)
        return refuse_budget(ring, properties->budget);
    properties->budget = sr__budget(messages, ms);
    return 0;
}

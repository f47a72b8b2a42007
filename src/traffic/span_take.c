/* SPDX-License-Identifier: Apache-2.0 */
/* Taking the slots of a span: all of them, or none. Who cannot get all gives back what it has, so that no two producers
 * hold what the other one needs. Who waits may keep what it has while it has the token (token.c). The others wait for the
 * token, and look once in a while whether they can get all without it: who has the token may be stopped.
 *
 * Who waits with slots and gets no further one in a whole slice lets go of them for a slice: somebody keeps the rest, perhaps for
 * long, and other producers need one slot only.
 *
 * A try that cannot succeed overwrites nothing: free slots are taken first, and what would have to be overwritten for the rest is
 * counted before. Only who waits with the token overwrites piece by piece.
 */
#include <inttypes.h>

#include "base/error.h"
#include "members/reap.h"
#include "protocol/claim.h"
#include "protocol/could_give.h"
#include "protocol/counters.h"
#include "protocol/gather.h"
#include "protocol/token.h"
#include "traffic/room.h"
#include "traffic/span_take.h"

typedef struct wanted {
    slotring_t *ring;
    sr__span_t *span;
    uint64_t slots;
    bool has_token;
    uint64_t tried_at; /* without the token, on the coarse clock */
    uint64_t moved_at; /* with it: when the number of slots changed last, or it let go of them */
    bool rests;        /* it has let go of them */
    sr__own_wait_t own;
} wanted_t;

int sr__span_size_check(const slotring_t *ring, uint64_t size, uint64_t *slots)
{
    const sr__view_t *view = &ring->member.view;
    *slots = sr__slots_for(view, size);
    if (*slots <= view->slot_count)
        return 0;
    return sr__error(SLOTRING_E_TOO_LARGE,
                     "%" PRIu64 " bytes do not fit into a ring of %" PRIu32 " slots of %" PRIu64 " bytes",
                     size, view->slot_count, view->slot_size);
}

/* One more slot: a free one, or the place of a message, if that is of use. */
static int claim(wanted_t *w, bool *may_overwrite, uint32_t *slot, uint64_t *word)
{
    sr__member_t *member = &w->ring->member;
    if (*may_overwrite)
        return sr__claim(member, slot, word);
    if (sr__claim_free(member, slot, word))
        return 0;
    *may_overwrite = sr__claim_could_give(member, w->slots - w->span->count);
    if (*may_overwrite)
        return sr__claim(member, slot, word);
    sr__gather_press(member);
    return SLOTRING_E_FULL;
}

/* What is missing. 0: the span is whole. */
static int take_rest(wanted_t *w)
{
    bool may_overwrite = w->has_token;
    while (w->span->count < w->slots) {
        uint32_t slot;
        uint64_t word;
        int failed = claim(w, &may_overwrite, &slot, &word);
        if (failed)
            return failed;
        if (!sr__span_add(&w->ring->member, w->span, slot, word)) {
            sr__span_give_up(&w->ring->member, slot, word);
            return sr__plain(SLOTRING_E_EVICTED);
        }
    }
    return 0;
}

static void give_back(wanted_t *w)
{
    if (w->span->count > 0)
        sr__span_give_up(&w->ring->member, w->span->head, w->span->word);
    w->span->count = 0;
}

static int take_all_or_none(wanted_t *w)
{
    int failed = take_rest(w);
    if (failed)
        give_back(w);
    return failed;
}

/* Each try without the token that fails wakes others when it gives back what it took: so not at each wake-up. */
static int try_without_token(wanted_t *w)
{
    uint64_t now = w->ring->member.os->system.coarse_clock_ns();
    if (now - w->tried_at < w->ring->wait_slice_ns)
        return SLOTRING_E_FULL;
    w->tried_at = now;
    return take_all_or_none(w);
}

/* Goes on with what it has. */
static int try_with_token(wanted_t *w)
{
    uint64_t now = w->ring->member.os->system.coarse_clock_ns(), before = w->span->count;
    bool slice_is_over = now - w->moved_at >= w->ring->wait_slice_ns;
    if (w->rests && !slice_is_over)
        return SLOTRING_E_FULL;
    w->rests = false;
    int failed = take_rest(w);
    if (w->span->count != before) {
        w->moved_at = now;
    } else if (failed == SLOTRING_E_FULL && slice_is_over) {
        /* [span_take.rest] Gives back what it has, and keeps the token. Who waits for one slot is woken. */
        w->moved_at = now;
        w->rests = true;
        give_back(w);
    }
    return failed;
}

static int attempt(void *context)
{
    wanted_t *w = context;
    slotring_t *ring = w->ring;
    if (!w->has_token) {
        w->has_token = sr__token_take(&ring->member);
        w->moved_at = ring->member.os->system.coarse_clock_ns();
    }
    int failed = w->has_token ? try_with_token(w) : try_without_token(w);
    if (failed == SLOTRING_E_FULL && sr__waits_for_itself(ring, w->slots - w->span->count, &w->own))
        return sr__error(SLOTRING_E_STATE,
                         "the %" PRIu64
                         " slots of the message cannot become free while this thread waits: what its "
                         "handle's own lossless reader has still to read, and what it writes itself, leave "
                         "fewer of %" PRIu32 " slots",
                         w->slots, ring->member.view.slot_count);
    return failed;
}

static void end_wait(wanted_t *w, bool whole)
{
    if (!whole)
        give_back(w);
    if (w->has_token)
        sr__token_give(&w->ring->member);
    w->has_token = false;
}

static void cancelled(void *context)
{
    end_wait(context, false);
}

static int take_waiting(wanted_t *w, int64_t timeout_ns)
{
    w->tried_at = w->ring->member.os->system.coarse_clock_ns();
    int failed = sr__wait_for_slots(w->ring, attempt, cancelled, w, timeout_ns);
    if (failed == SLOTRING_E_FULL && !w->has_token) /* a time-out shorter than the pause between two tries */
        failed = take_all_or_none(w);
    end_wait(w, failed == 0);
    return failed;
}

int sr__span_take(slotring_t *ring, uint64_t slots, int64_t timeout_ns, sr__span_t *span)
{
    wanted_t w = {.ring = ring, .span = span, .slots = slots, .own = {.of_span = true}};
    span->count = 0;
    int failed = take_all_or_none(&w);
    if (failed == SLOTRING_E_FULL && timeout_ns == 0 && sr__reap_if_due(ring))
        failed = take_all_or_none(&w);
    if (failed == SLOTRING_E_FULL && timeout_ns != 0)
        failed = take_waiting(&w, timeout_ns);
    return failed == SLOTRING_E_FULL ? sr__no_room(ring, timeout_ns) : failed;
}

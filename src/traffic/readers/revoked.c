/* SPDX-License-Identifier: Apache-2.0 */
/* A reader is told that producers do not wait for it any more: by its next call, with nothing in its hands but what it holds in a
 * window. From then on it is lossy. When it has caught up it may have producers wait for it again.
 *
 * A kill leaves the subscription with any of these flags, which repair sets FREE, and hold bits, which repair drops.
 */
#include "traffic/readers/revoked.h"

#include <inttypes.h>

#include "base/error.h"
#include "members/enter.h"
#include "protocol/event.h"
#include "protocol/gate.h"
#include "protocol/passed.h"
#include "traffic/readers/batch.h"
#include "traffic/readers/by_ticket.h"
#include "traffic/readers/cursor.h"
#include "traffic/readers/gone.h"
#include "traffic/readers/window.h"

/* On to the first message that is there. How many were missed. */
static uint64_t jump_far(slotring_reader_t *reader)
{
    const sr__word_t *missed = &reader->account->jump_missed;
    uint64_t before = sr__peek(missed);
    bool newer;
    for (uint32_t turn = 0; turn < SR__LOOP_LIMIT && sr__is_gone(reader, reader->cursor, &newer); turn++)
        sr__cursor_jump(reader, newer);
    return sr__peek(missed) - before;
}

/* [revoked.tell] Says that this reader knows: from the word that says that it does not. Only the reader takes that flag away,
 * so it is told once for each revocation. `w`: that word, then the new one. False: somebody took this participant for dead. */
static bool say_told(slotring_reader_t *reader, uint64_t *w)
{
    while (sr__subscription_same(*w, reader->subscription_word)) {
        uint64_t lossy = sr__subscription_lossy(*w);
        if (sr__cas(&reader->subscription->state, *w, lossy)) {
            *w = lossy;
            return true;
        }
        *w = sr__load(&reader->subscription->state);
    }
    return false;
}

static int refuse(const slotring_reader_t *reader, uint64_t lost)
{
    if (sr__subscription_flags(reader->subscription_word) & SR__SUBSCRIPTION_BY_HAND)
        return sr__error(SLOTRING_E_REVOKED,
                         "producers of ring \"%s\" do not wait for this reader any more: the ring's owner "
                         "has revoked it; it "
                         "missed %" PRIu64 " messages by that, and %s",
                         reader->ring->member.view.header.name, lost,
                         reader->ends_when_revoked ? "gets no more" : "goes on as a lossy reader");
    uint64_t budget = sr__peek(&reader->subscription->budget);
    return sr__error(
        SLOTRING_E_REVOKED,
        "producers of ring \"%s\" do not wait for this reader any more: it was in their way, and did not "
        "acknowledge %" PRIu32 " messages in %" PRIu32 " ms; it missed %" PRIu64 " messages by that, and %s",
        reader->ring->member.view.header.name, sr__budget_messages(budget), sr__budget_ms(budget), lost,
        reader->ends_when_revoked ? "gets no more" : "goes on as a lossy reader");
}

/* Its gate was there until now, so nothing is lost so far. */
static void make_room(sr__member_t *member)
{
    if (member->view.hot)
        sr__free_passed(member, member->me);
    sr__wake(member, SR__SPACE_EVENT);
}

static int tell(slotring_reader_t *reader, uint64_t w)
{
    if (reader->window && !reader->out_holds && sr__window_out(reader) > 0)
        return sr__error(SLOTRING_E_STATE,
                         "the ring's owner has revoked this reader: release the %" PRIu32
                         " messages that are out first",
                         sr__window_out(reader));
    if (reader->passed > 0)
        sr__cursor_leave_out(reader); /* what is lost is counted from where the reader is */
    sr__batch_drop(reader);
    bool gives_gate_up = sr__subscription_gates(w);
    if (!say_told(reader, &w))
        return sr__plain(SLOTRING_E_EVICTED);
    reader->subscription_word = w;
    reader->is_over = reader->ends_when_revoked;
    reader->quiet_word = reader->is_over ? 0 : w;
    reader->pressure.may_miss = true;
    reader->pressure.holds_messages = true;
    reader->run = 0; /* what it read in place it has to hold from here on */
    if (gives_gate_up)
        make_room(&reader->ring->member);
    uint64_t lost = gives_gate_up ? 0 : reader->by_ticket ? sr__by_ticket_lose(reader) : jump_far(reader);
    sr__poke(&reader->subscription->lost, lost);
    return refuse(reader, lost);
}

/* [revoked.durable] A durable reader is told what was lost while nobody had its subscription; all is there from the cursor on. Until
 * then a kill has the next owner look again. */
static int tell_durable(slotring_reader_t *reader, uint64_t w)
{
    uint32_t flags = sr__subscription_flags(w);
    bool by_hand = (flags & SR__SUBSCRIPTION_BY_HAND) != 0;
    uint64_t told =
        sr__subscription_with(w, flags & ~(uint32_t)(SR__SUBSCRIPTION_REVOKED | SR__SUBSCRIPTION_BY_HAND));
    if (!sr__cas(&reader->subscription->state, w, told))
        return sr__plain(SLOTRING_E_EVICTED);
    reader->subscription_word = reader->quiet_word = told;
    uint64_t lost = sr__lost_messages(sr__peek(&reader->subscription->lost));
    sr__poke(&reader->subscription->lost, lost | SR__LOST_TOLD);
    return sr__error(SLOTRING_E_REVOKED,
                     "nobody had this durable subscription of ring \"%s\" %s: it missed %" PRIu64
                     " messages by that, and misses no more",
                     reader->ring->member.view.header.name,
                     by_hand ? "when the ring's owner revoked it" : "for longer than producers wait for it",
                     lost);
}

int sr__revoked_look(slotring_reader_t *reader)
{
    /* [revoked.look] Looks at what others may have made of this subscription. */
    uint64_t w = sr__load(&reader->subscription->state);
    if (!sr__subscription_same(w, reader->subscription_word))
        return sr__plain(SLOTRING_E_EVICTED);
    if (sr__subscription_flags(w) & SR__SUBSCRIPTION_REVOKED)
        return reader->only_looks ? SLOTRING_E_REVOKED
               : reader->durable  ? tell_durable(reader, w)
                                  : tell(reader, w);
    if (reader->is_over)
        return refuse(reader, sr__peek(&reader->subscription->lost));
    if (reader->cursor < reader->armed)
        return 0; /* from before it was armed */
    if (reader->pressure.has_budget && sr__subscription_gates(w))
        reader->pressure.may_miss = false;
    reader->quiet_word = w;
    return 0;
}

static int check_rearm(slotring_reader_t *reader, uint64_t w)
{
    const sr__view_t *view = &reader->ring->member.view;
    if (!reader->pressure.has_budget)
        return sr__error(SLOTRING_E_STATE, "a %s reader cannot be armed again: it never had a budget",
                         reader->pressure.name);
    if (sr__window_out(reader) > 0)
        return sr__error(
            SLOTRING_E_STATE,
            "%u messages that the reader was given are not released yet (slotring_reader_release)",
            sr__window_out(reader));
    if (reader->is_over)
        return sr__error(SLOTRING_E_STATE, "this reader ended when it was revoked, as it asked");
    if (sr__subscription_flags(w) & SR__SUBSCRIPTION_REVOKED)
        return sr__error(SLOTRING_E_STATE, "this reader was revoked, and its next call has yet to say so");
    uint64_t end = sr__published_end(view), behind = end > reader->cursor ? end - reader->cursor : 0;
    if (behind > view->slot_count / 2)
        return sr__error(SLOTRING_E_STATE,
                         "the reader is %" PRIu64
                         " messages behind, and can be armed again when it is %" PRIu32
                         " or fewer behind, half of the ring's slots",
                         behind, view->slot_count / 2);
    return 0;
}

/* [revoked.rearm] Has producers wait for this reader again, then finds the end: what is published from there on nobody takes
 * before this reader had it. A producer whose gate was computed before it saw that takes only what is below an end that it
 * loaded earlier. So below this end a message may be gone, as for a lossy reader. */
static bool arm(slotring_reader_t *reader, uint64_t w)
{
    sr__view_t *view = &reader->ring->member.view;
    uint64_t armed = sr__subscription_armed(w);
    if (!sr__cas(&reader->subscription->state, w, armed))
        return false;
    reader->subscription_word = armed;
    reader->armed = sr__published_end(view);
    reader->quiet_word = 0;
    if (view->hot)
        sr__free_passed(&reader->ring->member, reader->ring->member.me);
    return true;
}

int slotring_reader_rearm(slotring_reader_t *reader)
{
    int failed = sr__reader_enter_any(reader);
    if (failed)
        return failed;
    if (reader->given == 0 && reader->held > 0)
        sr__batch_drop(reader);
    for (uint32_t turn = 0; turn < SR__LOOP_LIMIT; turn++) {
        uint64_t w = sr__load(&reader->subscription->state);
        if (!sr__subscription_same(w, reader->subscription_word))
            return sr__plain(SLOTRING_E_EVICTED);
        failed = check_rearm(reader, w);
        if (failed)
            return failed;
        if (sr__subscription_gates(w) || arm(reader, w))
            return 0;
    }
    return sr__error(SLOTRING_E_CORRUPT, "the state of a subscription changes all the time");
}

/* SPDX-License-Identifier: Apache-2.0 */
/* May a run begin: is there room, are the readers there, was nothing lost since the last run? */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/structs.h"
#include "inspect/readers.h"
#include "members/enter.h"
#include "protocol/gate.h"
#include "protocol/snapshot.h"
#include "protocol/span.h"
#include "protocol/there.h"

typedef struct verdict {
    char text[400]; /* what fails, one thing after the other */
    bool fails;
} verdict_t;

SR__LIKE_PRINTF(2, 3)
static void add(verdict_t *verdict, const char *format, ...)
{
    size_t length = strlen(verdict->text);
    va_list values;
    if (verdict->fails && length + 2 < sizeof verdict->text)
        length += (size_t)snprintf(verdict->text + length, sizeof verdict->text - length, "; ");
    va_start(values, format);
    vsnprintf(verdict->text + length, sizeof verdict->text - length, format, values);
    va_end(values);
    verdict->fails = true;
}

/* Slots that an allocation could have now, of what stands in this slot. */
static uint64_t slots_to_be_had(const sr__view_t *view, uint32_t slot, uint64_t gate)
{
    sr__slot_t *s = sr__slot(view, slot);
    uint64_t w = sr__load(&s->word), sequence = sr__load(&s->sequence);
    if (sr__slot_state(w) == SR__FREE)
        return 1;
    if (!sr__is_committed(w) || sequence >= gate || !sr__is_listed(view, sequence, slot))
        return 0;
    if (sr__is_retired(w) || sr__pinner(w) != SR__NOBODY || sr__is_held(view, s))
        return 0;
    return view->keep && !sr__is_withdrawn(w) ? 0 : sr__slots_of(view, s);
}

static void judge_space(slotring_t *ring, uint32_t percent, verdict_t *verdict)
{
    const sr__view_t *view = &ring->member.view;
    uint64_t gate = sr__gate(&ring->member), free = 0;
    for (uint32_t slot = 0; slot < view->slot_count; slot++)
        free += slots_to_be_had(view, slot, gate);
    if (free * 100 < (uint64_t)percent * view->slot_count)
        add(verdict, "%" PRIu64 " of %" PRIu32 " slots can be had, and %" PRIu32 " %% are wanted", free,
            view->slot_count, percent);
}

/* What the readers say that are there: a subscription that nobody has, or whose process died, is not; a group with a member that
 * lives is. */
typedef struct present {
    uint32_t lossless;
    uint64_t missed; /* since so many marks of runs */
    uint64_t marks;
} present_t;

static void add_reader(present_t *present, const sr__subscription_copy_t *subscription)
{
    uint64_t missed = subscription->account.missed + subscription->records_missed;
    present->lossless += sr__subscription_gates(subscription->word);
    uint64_t since = sr__missed_since(subscription->missed_before, missed);
    /* A mark may have come since this look began. And the note may be younger than the counts: then they count nothing since. */
    if (sr__missed_marks(subscription->missed_before) >= present->marks && since <= SR__OTHERS_MAX / 2)
        present->missed += since;
}

static int look_at_readers(slotring_t *ring, present_t *present)
{
    const sr__view_t *view = &ring->member.view;
    for (uint32_t r = 0; r < sr__subscriptions_high(view); r++) {
        sr__subscription_copy_t subscription;
        sr__participant_copy_t owner;
        uint64_t w = sr__load(&view->subscriptions[r].state);
        if (!sr__subscription_has_started(w))
            continue;
        int code = sr__reader_read(ring, r, &subscription, &owner);
        if (code < 0)
            return code;
        if (code == 0 && sr__reader_is_there(&ring->member, r, subscription.word))
            add_reader(present, &subscription);
    }
    return 0;
}

static int judge_readers(slotring_t *ring, const slotring_run_gate_t *wanted, verdict_t *verdict)
{
    present_t present = {0};
    if (wanted->readers == 0 && !wanted->nothing_dropped)
        return 0;
    present.marks = sr__marks_of(sr__load(&ring->member.view.state->marks), SR__RUN_MARKS);
    int failed = look_at_readers(ring, &present);
    if (failed)
        return failed;
    if (present.lossless < wanted->readers)
        add(verdict, "%" PRIu32 " lossless readers are there, and %" PRIu32 " are wanted", present.lossless,
            wanted->readers);
    if (wanted->nothing_dropped && present.missed > 0)
        add(verdict, "readers missed %" PRIu64 " messages since %s", present.missed,
            present.marks > 0 ? "the last begin or end of a run" : "the ring was made");
    return 0;
}

static int check_wanted(const slotring_run_gate_t *given, slotring_run_gate_t *wanted)
{
    if (!given)
        return sr__error(SLOTRING_E_INVALID, "wanted is NULL");
    int failed = sr__struct_take("the gate has", wanted, sizeof *wanted,
                                 offsetof(slotring_run_gate_t, reserved), given, NULL);
    if (failed)
        return failed;
    bool unknown = wanted->reserved32 != 0;
    for (size_t i = 0; i < sizeof wanted->reserved / sizeof wanted->reserved[0]; i++)
        unknown = unknown || wanted->reserved[i] != 0;
    if (unknown)
        return sr__error(SLOTRING_E_INVALID, "the gate has a reserved field that is not zero");
    if (wanted->free_percent > 100)
        return sr__error(SLOTRING_E_INVALID, "free_percent is %" PRIu32 "; it can be 100 at most",
                         wanted->free_percent);
    return 0;
}

static int judge(slotring_t *ring, const slotring_run_gate_t *given)
{
    slotring_run_gate_t wanted = {0};
    verdict_t verdict = {{0}, false};
    int failed = check_wanted(given, &wanted);
    if (failed)
        return failed;
    if (wanted.free_percent > 0)
        judge_space(ring, wanted.free_percent, &verdict);
    failed = judge_readers(ring, &wanted, &verdict);
    if (failed)
        return failed;
    return verdict.fails ? sr__error(SLOTRING_E_STATE, "%s", verdict.text) : 0;
}

static int run_gate(slotring_t *ring, const slotring_run_gate_t *wanted)
{
    int failed =
        sr__enter_any(ring, SR__NEED_PARTICIPANTS | SR__NEED_SUBSCRIPTIONS | SR__NEED_SLOTS | SR__NEED_ORDER);
    return failed ? failed : sr__leave_any(ring, judge(ring, wanted));
}

int slotring_run_gate(slotring_t *ring, const slotring_run_gate_t *wanted)
{
    return SR__UNCANCELLED(run_gate(ring, wanted));
}

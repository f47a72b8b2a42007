/* SPDX-License-Identifier: Apache-2.0 */
/* An observer's private copy of the control parts: each call gets anew what it looks at. */
#include "protocol/snapshot.h"
#include "base/error.h"

/* A fresh copy of these bytes of the snapshot. */
static int renew(sr__member_t *member, void *at, uint64_t size)
{
    uint64_t offset = (uint64_t)((uint8_t *)at - member->snapshot);
    int failed = size > 0 ? member->os->segments.read(member->segment, offset, at, (size_t)size) : 0;
    if (failed)
        return sr__error(failed, "the control data of ring \"%s\" cannot be read: %s",
                         member->view.header.name, slotring_strerror(failed));
    return 0;
}

/* Before a second look at these bytes: what was loaded until now was loaded before it, and an observer gets a new
 * copy of them. */
int sr__look_again(sr__member_t *member, const void *at, uint64_t size)
{
    /* Acquire, on both sides of the copy that the system makes: pairs with the release fences of who writes a record
     * (seqlock.c, reader.c). */
    atomic_thread_fence(memory_order_acquire);
    int failed = member->observer
                     ? renew(member, member->snapshot + ((const uint8_t *)at - member->snapshot), size)
                     : 0;
    atomic_thread_fence(memory_order_acquire);
    return failed;
}

static int renew_state(sr__member_t *member)
{
    return renew(member, member->view.state, sizeof *member->view.state);
}

#define ENTRIES_AT_ONCE 64u
#define LAPS_MAX 64 /* how often a whole lap may go by between two reads */

/* The entries from `tail` on, up to the first one that is not listed yet: few, since `tail` never lies far
 * behind. What the snapshot has beyond them is of some earlier moment, and nobody looks at it. */
static int renew_end(sr__member_t *member)
{
    sr__view_t *view = &member->view;
    uint64_t length = view->order_mask + 1, t = sr__load(&view->state->tail), steps = 0;
    for (int lap = 0; lap < LAPS_MAX && steps <= length;) {
        uint64_t rest = length - (t & view->order_mask);
        uint64_t count = rest < ENTRIES_AT_ONCE ? rest : ENTRIES_AT_ONCE;
        int failed = renew(member, sr__order_at(view, t), count * sizeof(sr__word_t));
        if (failed)
            return failed;
        enum sr__entry_age age = SR__CURRENT;
        for (uint64_t i = 0; i < count && age == SR__CURRENT; i++, t += age == SR__CURRENT)
            age = sr__entry_age(view, sr__load(sr__order_at(view, t)), t);
        steps += count;
        if (age == SR__OLDER)
            return 0;
        if (age == SR__NEWER) {
            if ((failed = renew_state(member)) != 0)
                return failed;
            t = sr__load(&view->state->tail);
            lap++;
        }
    }
    return 0; /* somebody wrote into the order; who goes along it notices */
}

/* A fresh copy of what is needed of the control parts. Words may be of different moments; who needs two that belong
 * together looks twice. */
int sr__snapshot_renew(sr__member_t *member, uint32_t needs)
{
    sr__view_t *view = &member->view;
    if (needs & SR__NEED_ALL)
        return renew(member, member->snapshot, member->control_size);
    int failed = needs ? renew_state(member) : 0;
    if (!failed && (needs & SR__NEED_PARTICIPANTS))
        failed = renew(member, view->participants, sr__participants_high(view) * sizeof *view->participants);
    if (!failed && (needs & SR__NEED_SUBSCRIPTIONS))
        failed =
            renew(member, view->subscriptions, sr__subscriptions_high(view) * sizeof *view->subscriptions);
    if (!failed && (needs & SR__NEED_WRITERS))
        failed = renew(member, view->writers, sr__writers_high(view) * sizeof *view->writers);
    if (!failed && (needs & SR__NEED_SLOTS))
        failed = renew(member, view->slots, view->slot_stride * view->slot_count);
    if (!failed && (needs & SR__NEED_ORDER))
        failed = renew(member, view->order, (view->order_mask + 1) * sizeof *view->order);
    else if (!failed && (needs & SR__NEED_END))
        failed = renew_end(member);
    return failed;
}

int sr__snapshot_entry(sr__member_t *member, uint64_t sequence)
{
    return renew(member, sr__order_at(&member->view, sequence), sizeof(sr__word_t));
}

int sr__snapshot_slot(sr__member_t *member, uint32_t slot)
{
    sr__slot_t *s = sr__slot(&member->view, slot);
    int failed = renew(member, s, sizeof *s);
    return failed ? failed : sr__snapshot_entry(member, sr__load(&s->sequence));
}

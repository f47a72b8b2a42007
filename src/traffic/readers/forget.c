/* SPDX-License-Identifier: Apache-2.0 */
/* Ending a durable subscription that nobody reads. The process mutex is held, so nobody makes one of this name meanwhile.
 * A kill leaves the subscription JOIN by this participant: repair sets it FREE. And the dead letters of a group, which repair clears.
 */
#include "base/error.h"
#include "members/enter.h"
#include "members/process_mutex.h"
#include "protocol/event.h"
#include "protocol/gate.h"
#include "protocol/group_members.h"
#include "protocol/letters.h"
#include "protocol/passed.h"
#include "traffic/readers/takeover.h"

/* [forget.take] Takes the subscription from nobody, so that no reader takes it over any more. False: somebody took it over
 * first. */
bool sr__named_drop(slotring_t *ring, const sr__named_t *named)
{
    sr__view_t *view = &ring->member.view;
    sr__word_t *state = &view->subscriptions[named->row].state;
    uint32_t generation = sr__subscription_generation(named->word);
    uint64_t mine =
        sr__subscription_word(SR__SUBSCRIPTION_JOIN, ring->member.me, SR__SUBSCRIPTION_GATES, generation + 1);
    bool is_group = sr__subscription_is_group(named->word);
    uint64_t group = sr__peek(&view->subscriptions[named->row].group);
    if (!sr__cas(state, named->word, mine))
        return false;
    sr__gates_remove(view, named->row);
    /* [forget.free] Makes it FREE, once it is out of the set of those that gate. */
    sr__cas(state, mine, sr__subscription_word(SR__SUBSCRIPTION_FREE, 0, 0, generation + 1));
    if (is_group && group > 0 && group <= view->group_count)
        sr__letters_clear(&ring->member, (uint32_t)group - 1, ring->member.me);
    if (view->hot)
        sr__free_passed(&ring->member, ring->member.me);
    sr__wake(&ring->member, SR__SPACE_EVENT);
    return true;
}

#define SR__LOOK_AGAIN 2

/* Who joins later changes the state that was found. SR__LOOK_AGAIN: members may be dead, and nobody has repaired after them. */
static int check_members(slotring_t *ring, const char *name, const sr__named_t *named, bool repaired)
{
    const sr__view_t *view = &ring->member.view;
    if (!sr__subscription_is_group(named->word))
        return 0;
    uint32_t members =
        sr__group_members(view, (uint32_t)sr__peek(&view->subscriptions[named->row].group) - 1, SR__NOBODY);
    if (members == 0)
        return 0;
    if (!repaired)
        return SR__LOOK_AGAIN;
    return sr__error(SLOTRING_E_SUBSCRIBED, "group \"%s\" of ring \"%s\" has %u members: end them first",
                     name, view->header.name, members);
}

static int forget_locked(slotring_t *ring, const char *name)
{
    for (bool repaired = false;;) { /* ends: who takes it over keeps it, and then it is owned */
        sr__named_t named;
        int code = sr__named_find(ring, name, true, &named);
        if (code == SR__NO_SUCH_NAME)
            return sr__error(SLOTRING_E_NOT_FOUND, "ring \"%s\" has no durable subscription \"%s\"",
                             ring->member.view.header.name, name);
        if (!code)
            code = check_members(ring, name, &named, repaired);
        if (code == SR__LOOK_AGAIN) {
            code = sr__named_repair(ring, true);
            repaired = true;
            if (!code)
                continue;
        }
        if (code || sr__named_drop(ring, &named))
            return code;
    }
}

static int forget(slotring_t *ring, const char *name)
{
    int failed = sr__enter(ring);
    if (!failed && !name)
        failed = sr__error(SLOTRING_E_INVALID, "name is NULL");
    if (failed)
        return failed;
    slotring_error_t why;
    failed = sr__mutex_lock(ring, ring->lock_timeout_ns, &why);
    if (failed)
        return failed;
    failed = forget_locked(ring, name);
    sr__mutex_unlock(ring);
    return failed;
}

int slotring_forget(slotring_t *ring, const char *name)
{
    sr__cancel_point();
    return SR__UNCANCELLED(forget(ring, name));
}

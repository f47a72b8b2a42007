/* SPDX-License-Identifier: Apache-2.0 */
/* Does a participant live? Death is proved by one thing only: the death lock that the kernel dropped. */
#include <inttypes.h>

#include "protocol/life.h"

/* Does nobody hold its lock any more? A query that fails proves nothing: then *unknown says why (it may be NULL). */
bool sr__participant_is_dead(sr__member_t *member, uint32_t p, slotring_error_t *unknown)
{
    if (p == member->me)
        return false;
    slotring_error_t why = {0};
    int held = member->os->locks.death_lock_query(member->locks, p, &why);
    if (held < 0 && unknown)
        sr__fail(unknown, held, why.os_code,
                 "whether participant %" PRIu32 " of ring \"%s\" lives is not known: %s", p,
                 member->view.header.name, why.code ? why.text : slotring_strerror(held));
    return held == 0;
}

/* The lock decides where it can be asked; the system is asked whether the living one is stopped. */
uint32_t sr__life_of(sr__member_t *member, uint32_t participant, const sr__participant_copy_t *copy)
{
    uint32_t life = member->os->system.life(copy->pid, copy->pid_namespace, copy->start_time);
    if (member->locks) {
        bool dead = sr__participant_is_dead(member, participant, NULL);
        if (dead)
            return SLOTRING_LIFE_DEAD;
        if (life == SLOTRING_LIFE_DEAD)
            return SLOTRING_LIFE_RUNNING;
    }
    return life;
}

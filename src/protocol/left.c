/* SPDX-License-Identifier: Apache-2.0 */
/* A durable subscription that its owner leaves: by a kill, or by itself. Flags and generation stay, so it goes on holding
 * producers back, and the set of subscriptions that gate keeps it. A kill leaves the subscription the owner's, and repair
 * comes here for it.
 */
#include "protocol/left.h"

/* [left.nobody] Makes nobody the owner: one CAS, last. Who left it, and when, is written before that, and for people only: a
 * repairer that was killed in between is followed by one that writes a later time. */
bool sr__subscription_leave(sr__member_t *member, sr__subscription_t *subscription, uint64_t word, uint32_t d)
{
    sr__poke(&subscription->left_at, member->os->system.clock_ns());
    sr__poke(&subscription->left_by, sr__peek(&member->view.participants[d].pid));
    for (uint32_t turn = 0; turn < SR__LOOP_LIMIT; turn++) {
        if (sr__cas(&subscription->state, word,
                    sr__subscription_word(SR__SUBSCRIPTION_ACTIVE, SR__NOBODY, sr__subscription_flags(word),
                                          sr__subscription_generation(word))))
            return true;
        uint64_t seen = sr__load(&subscription->state); /* with other flags, or another's by now */
        if (sr__subscription_owner(seen) != d ||
            sr__subscription_generation(seen) != sr__subscription_generation(word))
            return false;
        word = seen;
    }
    return false;
}

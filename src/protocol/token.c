/* SPDX-License-Identifier: Apache-2.0 */
/* Who may wait while it holds a part of a span. Two who hold half of a ring's slots each, and wait for the other half, would
 * wait for ever. So one at a time may; the others give back what they have before they wait. The word has the participant
 * and its incarnation; 0: nobody has the token.
 *
 * A kill leaves the word with the dead one's number: repair makes it 0.
 */
#include "protocol/token.h"
#include "protocol/event.h"

static uint64_t mine(const sr__member_t *member)
{
    return sr__producer(member->me, member->incarnation); /* an incarnation in use is odd: never 0 */
}

bool sr__token_take(sr__member_t *member)
{
    /* [token.take] Takes the token, if nobody has it. */
    return sr__load(&member->view.state->span_token) == 0 &&
           sr__cas(&member->view.state->span_token, 0, mine(member));
}

void sr__token_give(sr__member_t *member)
{
    /* [token.give] Gives it back. A compare-and-swap: after an eviction it may be another's. Who waits for it is woken. */
    sr__cas(&member->view.state->span_token, mine(member), 0);
    sr__wake(member, SR__SPACE_EVENT);
}

void sr__token_repair(sr__member_t *member, uint32_t dead)
{
    sr__word_t *word = &member->view.state->span_token;
    uint64_t seen = sr__load(word);
    /* [token.repair] Takes the token from the dead one. Who waits is woken at the end of the repair. */
    if (seen != 0 && sr__producer_number(seen) == dead)
        sr__cas(word, seen, 0);
}

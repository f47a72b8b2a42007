/* SPDX-License-Identifier: Apache-2.0 */
/* Which groups of 64 participant entries may hold slots, and from where on newcomers look for a free one. */
#include "protocol/holders.h"

static bool group_is_empty(const sr__view_t *view, uint32_t group)
{
    for (uint32_t p = group * 64; p < group * 64 + 64 && p < view->participant_count; p++)
        if (sr__is_attached(view, p))
            return false;
    return true;
}

/* Takes groups without participants out of `holders`. Only under the process mutex: nobody attaches meanwhile, and who
 * left, or was repaired after, had dropped its bits before. */
void sr__holders_trim(sr__view_t *view)
{
    uint64_t holders = sr__load(&view->state->holders);
    for (uint32_t group = 0; group < SR__SET_WORDS; group++)
        if (holders >> group & 1 && group_is_empty(view, group))
            atomic_fetch_and_explicit(&view->state->holders, ~(UINT64_C(1) << group), memory_order_seq_cst);
}

/* Group 0 is looked at in any case, and in most rings there is no other. */
bool sr__holders_may_shrink(const sr__member_t *member)
{
    return member->me >= 64 && group_is_empty(&member->view, member->me / 64);
}

/* The entry is free again: newcomers look from here on. A hint, so two who leave at once, and one
 * who comes, may get in each other's way. */
void sr__participant_left(sr__view_t *view, uint32_t p)
{
    if (p < sr__peek(&view->state->free_entry_hint))
        sr__poke(&view->state->free_entry_hint, p);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The audit of the groups, and of the take words of those in use. */
#include "inspect/check.h"
#include "protocol/group.h"

#define KIND(field) SR__KIND(SR__AUDIT_GROUP, sr__group_t, field)

/* What is taken somebody has who is there; what is offered or done nobody has. */
static void audit_take(sr__audit_t *a, uint32_t group, uint64_t word)
{
    uint32_t state = sr__take_state(word), owner = sr__take_owner(word);
    bool taken = state == SR__TAKE_TAKEN;
    sr__audit_field(a, state <= SR__TAKE_DONE && (state != SR__TAKE_NONE || word == 0), KIND(reserved) + 1,
                    group, "a take word", word, "0, or taken, offered or done");
    sr__audit_field(a, !taken || (owner < a->view->participant_count && sr__is_attached(a->view, owner)),
                    KIND(reserved) + 2, group, "a take word", word, "of a participant that is attached");
    sr__audit_field(a, taken || state == SR__TAKE_NONE || owner == SR__NOBODY, KIND(reserved) + 3, group,
                    "a take word", word, "nobody's once it is offered or done");
}

/* At the cursor nothing is done, since whoever was done with it moves the cursor on; but it may be on its way there. */
static void audit_group(sr__audit_t *a, uint32_t g)
{
    const sr__view_t *view = a->view;
    const sr__group_t *group = &view->groups[g];
    uint64_t row = sr__load(&group->row), next = sr__load(&group->next);
    sr__audit_field(a, row <= view->subscription_count, KIND(row), g, "row", row,
                    "the number of a subscription plus 1, or 0");
    sr__audit_field(a, next <= sr__audit_published(a), KIND(next), g, "next", next,
                    "at most what was published");
    sr__audit_zero(a, KIND(reserved), g, group->reserved, sizeof group->reserved);
    if (!sr__group_row(view, g))
        return;
    for (uint64_t t = 0; t >> view->slot_bits == 0; t++)
        audit_take(a, g, sr__load(sr__take_at(view, g, t)));
}

void sr__audit_groups(sr__audit_t *a)
{
    for (uint32_t g = 0; g < a->view->group_count; g++)
        audit_group(a, g);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The audit of the groups, and of the take words of those in use. */
#include "inspect/check.h"
#include "protocol/group_members.h"
#include "protocol/group_pass.h"
#include "protocol/letters.h"

#define KIND(field) SR__KIND(SR__AUDIT_GROUP, sr__group_t, field)

/* What is taken somebody has who is there; what is offered or done nobody has. */
static void audit_take(sr__audit_t *a, uint32_t group, uint64_t word)
{
    uint32_t state = sr__take_state(word), owner = sr__take_owner(word);
    bool taken = state == SR__TAKE_TAKEN;
    sr__audit_field(a, state <= SR__TAKE_PASSED && (state != SR__TAKE_NONE || word == 0), KIND(reserved) + 1,
                    group, "a take word", word, "0, or taken, offered, done, dead or passed over");
    sr__audit_field(a, !taken || (owner < a->view->participant_count && sr__is_attached(a->view, owner)),
                    KIND(reserved) + 2, group, "a take word", word, "of a participant that is attached");
    sr__audit_field(a, taken || state == SR__TAKE_NONE || owner == SR__NOBODY, KIND(reserved) + 3, group,
                    "a take word", word, "nobody's once it is offered or done");
}

/* Who is listed is kept, and who takes a letter away is there. */
static void audit_letter(sr__audit_t *a, uint32_t g, uint32_t at)
{
    uint64_t word, kind = KIND(letters) + 8 * (uint64_t)at;
    uint32_t slot;
    bool listed = sr__letter_is_listed(a->view, g, at, &word, &slot);
    if (word == 0)
        return;
    sr__audit_field(a, at < sr__group_letters(a->view, g) && slot < a->view->slot_count, (uint32_t)kind, g,
                    "a dead letter", word, "0, or a slot's, in a place that the group has");
    sr__audit_field(a, listed || sr__is_attached(a->view, sr__letter_owner(word)), (uint32_t)kind + 1, g,
                    "a dead letter", word, "taken away by a participant that is attached");
    if (!listed)
        return;
    const sr__slot_t *s = sr__slot(a->view, slot);
    bool kept = sr__letter_is_of(word, sr__load(&s->sequence)) && (sr__load(&s->letters) >> g & 1);
    sr__audit_field(a, kept, (uint32_t)kind + 2, g, "a dead letter", word, "one whose slot is kept for it");
}

/* A slot is kept for a group's letter that is listed, or that a member is about to list. */
static void audit_kept(sr__audit_t *a, uint32_t i, uint32_t g)
{
    const sr__slot_t *s = sr__slot(a->view, i);
    uint64_t sequence = sr__load(&s->sequence);
    bool known =
        sequence != SR__NO_SEQUENCE && !sr__take_is_over(sr__load(sr__take_at(a->view, g, sequence)));
    for (uint32_t at = 0; at < SR__LETTERS && !known; at++) {
        uint64_t word = sr__load(&a->view->groups[g].letters[at]);
        known = word != 0 && sr__letter_slot(word) == i;
    }
    sr__audit_field(a, known, SR__KIND(SR__AUDIT_SLOT, sr__slot_t, letters) + 1, i, "letters",
                    sr__load(&s->letters), "0 but for a group's dead letters");
}

/* One look at each slot, whatever the number of groups: hardly one is kept. check_slots.c looks at bits of groups that there are
 * not. */
static void audit_all_kept(sr__audit_t *a)
{
    for (uint32_t i = 0; i < a->view->slot_count; i++) {
        uint64_t bits = sr__load(&sr__slot(a->view, i)->letters);
        for (uint32_t g = 0; bits != 0 && g < a->view->group_count; g++, bits >>= 1)
            if ((bits & 1) && sr__group_row(a->view, g))
                audit_kept(a, i, g);
    }
}

/* At the cursor nothing is done, since whoever was done with it moves the cursor on; but it may be on its way there. */
static void audit_group(sr__audit_t *a, uint32_t g)
{
    const sr__view_t *view = a->view;
    const sr__group_t *group = &view->groups[g];
    uint64_t row = sr__load(&group->row), next = sr__load(&group->next), limits = sr__peek(&group->limits);
    bool sane = (limits & 0xff) != 0 ? (limits >> 8 & 0xff) <= SR__LETTERS && limits >> 16 == 0 : limits == 0;
    sr__audit_field(a, row <= view->subscription_count, KIND(row), g, "row", row,
                    "the number of a subscription plus 1, or 0");
    sr__audit_field(a, next <= sr__audit_published(a), KIND(next), g, "next", next,
                    "at most what was published");
    sr__audit_field(a, sr__passed_total(sr__load(&group->passed_over)) <= sr__audit_published(a),
                    KIND(passed_over), g, "passed_over", sr__load(&group->passed_over),
                    "a total of at most what was published");
    sr__audit_zero(a, KIND(reserved), g, group->reserved, sizeof group->reserved);
    sr__audit_field(a, sane, KIND(limits), g, "limits", limits, "tries, and at most 8 letters; or 0");
    if (!sr__group_row(view, g))
        return;
    for (uint32_t at = 0; at < SR__LETTERS; at++)
        audit_letter(a, g, at);
    for (uint64_t t = 0; t >> view->slot_bits == 0; t++)
        audit_take(a, g, sr__load(sr__take_at(view, g, t)));
}

void sr__audit_groups(sr__audit_t *a)
{
    for (uint32_t g = 0; g < a->view->group_count; g++)
        audit_group(a, g);
    if (a->view->group_count > 0)
        audit_all_kept(a);
}

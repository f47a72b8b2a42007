/* SPDX-License-Identifier: Apache-2.0 */
/* Dead letters: what was tried as often as the group allows stays in its slot, and is listed, until somebody drops it or a newer one
 * needs its place.
 *
 * The slot has a bit for each group, which keeps it as a hold bit does: whoever reclaims looks at it after the word, and who clears
 * it looks at the word afterwards. The member that takes a message which is due does not give it, but buries it, in this order: the
 * bit; a place in the group's list; the take word DEAD, behind which the cursor goes. Only who has the message TAKEN lists it, so it
 * is listed once.
 *
 * A place is emptied in three steps: it says who takes the letter away; the bit goes; the place is empty. So one participant clears the
 * bit, or who repairs after it, and nobody lists the slot there meanwhile. Only a letter whose message is dead goes: nobody can have
 * that message TAKEN any more, so nobody sets its bit or lists it again. A member that was killed after it had listed the message
 * leaves that to another one, which finds the bit and the place as they are.
 *
 * A kill leaves: a message TAKEN, perhaps with its bit and listed, which repair offers, and the next member that takes it goes on; a place
 * that says who takes its letter away, which repair ends; the bits and the list of a group that was about to be forgotten, which
 * repair clears.
 */
#include "protocol/letters.h"
#include "protocol/group_members.h"
#include "protocol/reclaim.h"

static uint64_t bit_of(uint32_t group)
{
    return UINT64_C(1) << group;
}

/* [letters.drop] Keeps the slot for this group no longer. After the bit is gone a retired slot may have lost its last reason. */
static void let_go(sr__member_t *member, uint32_t group, uint32_t slot, uint32_t as)
{
    sr__slot_t *s = sr__slot(&member->view, slot);
    atomic_fetch_and_explicit(&s->letters, ~bit_of(group), memory_order_seq_cst);
    uint64_t w = sr__load(&s->word);
    if (sr__slot_state(w) == SR__PUBLISHED && sr__is_retired(w))
        sr__reclaim_retired(member, slot, as);
}

/* [letters.lost] Counts a letter that goes for a newer one, once: the total says which one it counts last. */
static void count_lost(sr__group_t *g, uint32_t at, uint64_t sequence)
{
    uint64_t total = sr__load(&g->gone[at]);
    if ((total & SR__PLACE_MASK) != sr__total_word(0, sequence + 1))
        sr__cas(&g->gone[at], total, sr__total_word(sr__total_of(total) + 1, sequence + 1));
}

/* [letters.away] Takes a letter away whose place says that `as` does so. Who repairs may come after another repairer, when the slot is
 * another one's already, and has a bit again: the bit first, and then the sequence. If the bit is set and the sequence is still this
 * letter's, the bit is its own, and keeps the slot until it is cleared here. */
static void take_away(sr__member_t *member, uint32_t group, uint32_t at, uint64_t going, uint32_t as)
{
    sr__group_t *g = &member->view.groups[group];
    sr__slot_t *s = sr__slot(&member->view, sr__letter_slot(going));
    if (sr__load(&s->letters) & bit_of(group)) {
        uint64_t sequence = sr__load(&s->sequence);
        if (sequence != SR__NO_SEQUENCE && sr__letter_is_of(going, sequence)) {
            if (going & SR__LETTER_FOR_NEWER)
                count_lost(g, at, sequence);
            let_go(member, group, sr__letter_slot(going), as);
        }
    }
    /* [letters.gone] Makes the place empty. */
    sr__cas(&g->letters[at], going, 0);
}

/* [letters.over] Looks whether the letter's message is dead. If it is not, its member was killed after it had listed it, and another member
 * lists it again. */
bool sr__letter_is_dead(const sr__view_t *view, uint32_t group, uint64_t sequence)
{
    uint64_t word = sr__load(sr__take_at(view, group, sequence));
    return sr__laps_ahead(view, word, sequence) != 0 || sr__take_is_over(word);
}

/* [letters.take] Says in its place that this participant takes a letter away. False: the place has changed. */
static bool go_away(sr__member_t *member, uint32_t group, uint32_t at, uint64_t word, bool for_newer)
{
    uint64_t going = sr__letter_going(word, member->me, for_newer);
    if (!sr__cas(&member->view.groups[group].letters[at], word, going))
        return false;
    take_away(member, group, at, going, member->me);
    return true;
}

/* What a look at all places finds. */
typedef struct places {
    bool listed; /* the letter is there already */
    uint32_t empty, oldest;
    uint64_t word, sequence; /* of the oldest that is listed */
} places_t;

#define NO_PLACE UINT32_MAX

static places_t look(const sr__view_t *view, uint32_t group, uint64_t mine)
{
    places_t p = {.empty = NO_PLACE, .oldest = NO_PLACE};
    for (uint32_t i = 0; i < sr__group_letters(view, group); i++) {
        uint64_t word;
        uint32_t slot;
        bool listed = sr__letter_is_listed(view, group, i, &word, &slot);
        if (word == 0 && p.empty == NO_PLACE)
            p.empty = i;
        if (!listed)
            continue;
        p.listed = p.listed || word == mine;
        uint64_t sequence = sr__load(&sr__slot(view, slot)->sequence);
        if (!sr__letter_is_of(word, sequence) || (p.oldest != NO_PLACE && sequence > p.sequence))
            continue; /* gone meanwhile, or a newer one */
        if (!sr__letter_is_dead(view, group, sequence))
            continue;
        p.oldest = i;
        p.word = word;
        p.sequence = sequence;
    }
    return p;
}

/* [letters.list] Gives the letter a place; the oldest one goes for it. False: others take away all that is there, or are about to bury
 * it, and may be stopped. */
static bool list_it(sr__member_t *member, uint32_t group, uint32_t slot, uint64_t sequence)
{
    uint64_t mine = sr__letter_word(slot, sequence, SR__NOBODY);
    for (uint32_t turn = 0; turn < SR__LOOP_LIMIT; turn++) {
        places_t p = look(&member->view, group, mine);
        if (p.listed)
            return true;
        const uint32_t at = p.empty;
        if (at != NO_PLACE) {
            if (sr__cas(&member->view.groups[group].letters[at], 0, mine))
                return true;
            continue;
        }
        if (p.oldest == NO_PLACE)
            return false;
        go_away(member, group, p.oldest, p.word, true);
    }
    return false;
}

/* What somebody freed by its ticket is not kept. */
static void keep_it(sr__member_t *member, uint32_t group, uint32_t slot, uint64_t sequence)
{
    sr__slot_t *s = sr__slot(&member->view, slot);
    if (sr__group_letters(&member->view, group) == 0 || sr__is_withdrawn(sr__load(&s->word)))
        return;
    /* [letters.hold] Keeps the slot. Its message is TAKEN, so the group's gate protects it until it is dead. */
    atomic_fetch_or_explicit(&s->letters, bit_of(group), memory_order_seq_cst);
    if (!list_it(member, group, slot, sequence))
        let_go(member, group, slot, member->me);
}

bool sr__letters_bury(sr__member_t *member, uint32_t group, const sr__wanted_t *wanted,
                      const sr__take_t *take, uint64_t *from)
{
    const sr__view_t *view = &member->view;
    uint64_t entry = sr__load(sr__order_at(view, take->sequence));
    uint32_t slot = sr__entry_slot(view, entry);
    if (sr__entry_age(view, entry, take->sequence) == SR__CURRENT && slot < view->slot_count)
        keep_it(member, group, slot, take->sequence);
    /* [letters.dead] Ends the message: from here on its letter may go. */
    uint64_t dead =
        sr__take_word(sr__take_lap(take->word), sr__take_tries(take->word), SR__TAKE_DEAD, SR__NOBODY);
    sr__cas(sr__take_at(view, group, take->sequence), take->word, dead);
    return sr__group_settle(member, group, wanted, from);
}

bool sr__letters_drop(sr__member_t *member, uint32_t group, uint64_t sequence)
{
    const sr__view_t *view = &member->view;
    for (uint32_t i = 0; i < SR__LETTERS; i++) {
        uint64_t word;
        uint32_t slot;
        if (!sr__letter_is_listed(view, group, i, &word, &slot) ||
            sr__load(&sr__slot(view, slot)->sequence) != sequence || !sr__letter_is_of(word, sequence) ||
            !sr__letter_is_dead(view, group, sequence))
            continue;
        if (go_away(member, group, i, word, false))
            return true;
    }
    return false;
}

/* [letters.clear] Keeps nothing for the group. Last its row, from which who repairs knows that there is something to clear. */
void sr__letters_clear(sr__member_t *member, uint32_t group, uint32_t as)
{
    sr__view_t *view = &member->view;
    sr__group_t *g = &view->groups[group];
    for (uint32_t slot = 0; slot < view->slot_count; slot++)
        if (sr__load(&sr__slot(view, slot)->letters) & bit_of(group))
            let_go(member, group, slot, as);
    for (uint32_t i = 0; i < SR__LETTERS; i++)
        atomic_store_explicit(&g->letters[i], 0, memory_order_seq_cst);
    atomic_store_explicit(&g->row, 0, memory_order_seq_cst);
}

static void repair_group(sr__member_t *member, uint32_t group, uint32_t d)
{
    for (uint32_t i = 0; i < SR__LETTERS; i++) {
        uint64_t word = sr__load(&member->view.groups[group].letters[i]);
        if (word != 0 && sr__letter_owner(word) == d && sr__letter_slot(word) < member->view.slot_count)
            take_away(member, group, i, word, d);
    }
}

void sr__letters_repair(sr__member_t *member, uint32_t d, bool died)
{
    const sr__view_t *view = &member->view;
    for (uint32_t group = 0; group < view->group_count; group++)
        if (sr__group_row(view, group))
            repair_group(member, group, d);
        else if (died && sr__load(&view->groups[group].row) != 0)
            sr__letters_clear(member, group, d);
}

uint64_t sr__letters_lost(const sr__view_t *view, uint32_t group)
{
    uint64_t lost = 0;
    for (uint32_t i = 0; i < SR__LETTERS; i++)
        lost += sr__total_of(sr__load(&view->groups[group].gone[i]));
    return lost;
}

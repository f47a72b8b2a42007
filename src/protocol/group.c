/* SPDX-License-Identifier: Apache-2.0 */
/* The messages of a group. Its subscription gates, so what lies at or above its cursor stays, and a member reads in place. Each
 * message has a take word (layout/group.h), which says who has it. A take word only goes on: of an earlier lap, TAKEN, perhaps OFFERED and
 * TAKEN again, DONE. So each step is one CAS from a word that was seen, and a word that came back would be of a later lap, or have
 * more tries.
 *
 * A kill leaves: a message TAKEN by the dead one, which repair offers again; a message that is DONE at the cursor, which the next
 * one that acknowledges anything moves the cursor over, or repair; a `next` that lags, which costs looks.
 */
#include "protocol/group.h"
#include "base/error.h"
#include "protocol/gate.h"
#include "protocol/group_members.h"
#include "protocol/group_pass.h"

static uint64_t cursor_of(const sr__view_t *view, uint32_t group)
{
    const sr__subscription_t *subscription = sr__group_row(view, group);
    return subscription ? sr__number(sr__load(&subscription->cursor)) : UINT64_MAX;
}

/* Is message `sequence` for a member to take: nobody has had it, or it was offered again? */
static bool is_for_taking(const sr__view_t *view, uint64_t word, uint64_t sequence)
{
    int64_t ahead = sr__laps_ahead(view, word, sequence);
    uint32_t state = sr__take_state(word);
    return ahead == 0 ? state == SR__TAKE_OFFERED
                      : ahead < 0 && (sr__take_is_over(word) || state == SR__TAKE_NONE);
}

/* [group.take] Takes a message for this member: one CAS, from the word that was seen. What is TAKEN stays until it is DONE, since the
 * cursor does not pass it. */
static bool take_it(sr__member_t *member, uint32_t group, uint64_t sequence, uint64_t word, sr__take_t *take)
{
    sr__view_t *view = &member->view;
    uint32_t tries = sr__laps_ahead(view, word, sequence) == 0 ? sr__take_tries(word) : 0;
    take->sequence = sequence;
    take->word = sr__take_word(sr__lap_of(view, sequence), tries, SR__TAKE_TAKEN, member->me);
    return sr__cas(sr__take_at(view, group, sequence), word, take->word);
}

/* A message that is there, for a member that only looks. One that is due no member is given. */
static bool is_only_seen(const sr__member_t *member, uint32_t group, uint64_t sequence, uint64_t word,
                         bool only_look, sr__take_t *take)
{
    bool again = sr__laps_ahead(&member->view, word, sequence) == 0;
    if (!only_look || (again && sr__take_is_due(&member->view, group, word)))
        return false;
    take->sequence = sequence;
    take->word = 0;
    return true;
}

/* [group.next] Notes that all up to `sequence` was taken once. */
static void raise_next(sr__group_t *group, uint64_t sequence)
{
    uint64_t next = sr__load(&group->next);
    while (next <= sequence && !sr__cas(&group->next, next, sequence + 1))
        next = sr__load(&group->next);
}

/* Has nobody had message `sequence`, and does the group not want it? */
static bool is_unwanted(const sr__view_t *view, const sr__wanted_t *wanted, uint64_t sequence, uint64_t word)
{
    return wanted && sr__laps_ahead(view, word, sequence) < 0 &&
           sr__group_is_unwanted(view, wanted, sequence);
}

static bool pass_over(const sr__view_t *view, uint32_t group, uint64_t sequence, uint64_t word)
{
    if (!sr__group_pass(view, group, sequence, word))
        return false;
    raise_next(&view->groups[group], sequence);
    return true;
}

/* What became of a message that is for taking. */
enum choice {
    SEEN,   /* it is there; nothing was taken */
    TAKEN,  /* this member has it */
    PASSED, /* nobody is given it */
    ENOUGH, /* the same, and it is time to move the cursor */
    AGAIN   /* another one was faster, or it is offered again already */
};

static enum choice choose(sr__member_t *member, uint32_t group, sr__search_t *search, uint64_t sequence,
                          uint64_t word, bool only_look, sr__take_t *take)
{
    if (is_unwanted(&member->view, search->wanted, sequence, word)) {
        if (!pass_over(&member->view, group, sequence, word))
            return AGAIN;
        return ++search->passed < SR__PASSED_AT_ONCE ? PASSED : ENOUGH;
    }
    if (is_only_seen(member, group, sequence, word, only_look, take))
        return SEEN;
    return take_it(member, group, sequence, word, take) ? TAKEN : AGAIN;
}

/* [group.offered] Goes along all messages of the group, if something was offered again since this member did so last: from the
 * cursor to the end of the order, over as many calls as it takes something. The count first, and then the end: what was offered
 * before lies below that end, and what is offered later makes the member go along once more. `next` says nothing here: others may
 * raise it over what was offered again. */
static int take_offered(sr__member_t *member, uint32_t group, sr__search_t *search, bool only_look,
                        sr__take_t *take)
{
    const sr__view_t *view = &member->view;
    uint64_t offered = sr__load(&view->groups[group].offered) + 1;
    if (offered == search->seen)
        return SLOTRING_E_EMPTY;
    if (offered != search->begun) {
        search->begun = offered;
        search->at = cursor_of(view, group);
        search->end = sr__published_end(view);
        /* Others may have moved the cursor on meanwhile. So no more than there can be, whatever the words say. */
        uint64_t most = UINT64_C(1) << view->slot_bits;
        if (search->end > search->at && search->end - search->at > most)
            search->at = search->end - most;
    }
    for (uint64_t t; (t = search->at) < search->end; search->at++) {
        /* [group.look] Looks who has a message. */
        uint64_t word = sr__load(sr__take_at(view, group, t));
        if (!is_for_taking(view, word, t))
            continue;
        enum choice choice = choose(member, group, search, t, word, only_look, take);
        search->at += choice != SEEN && choice != AGAIN;
        if (choice == SEEN || choice == TAKEN)
            return 0;
        if (choice == ENOUGH)
            return SLOTRING_E_BUSY;
        search->at--; /* looks at it again, or at the next one */
    }
    search->seen = offered;
    return SLOTRING_E_EMPTY;
}

/* A message that nobody has had, or one that was offered again before `next` was raised over it. */
static int take_new(sr__member_t *member, uint32_t group, sr__search_t *search, bool only_look,
                    sr__take_t *take)
{
    sr__view_t *view = &member->view;
    uint64_t t = sr__load(&view->groups[group].next);
    for (uint32_t turn = 0; turn < SR__LOOP_LIMIT; turn++) {
        enum sr__entry_age age = sr__entry_age(view, sr__load(sr__order_at(view, t)), t);
        take->sequence = t;
        if (age == SR__OLDER)
            return SLOTRING_E_EMPTY;
        uint64_t word = sr__load(sr__take_at(view, group, t));
        if (age == SR__NEWER || sr__laps_ahead(view, word, t) > 0) {
            t = cursor_of(view, group); /* the others have gone on for a lap */
            if (t == UINT64_MAX)
                return SLOTRING_E_EMPTY;
            continue;
        }
        if (!is_for_taking(view, word, t)) {
            if (sr__laps_ahead(view, word, t) < 0)
                break; /* more messages than slots */
            t++;
            continue;
        }
        enum choice choice = choose(member, group, search, t, word, only_look, take);
        if (choice == TAKEN)
            raise_next(&view->groups[group], t);
        if (choice == SEEN || choice == TAKEN)
            return 0;
        if (choice == ENOUGH)
            return SLOTRING_E_BUSY;
        t += choice == PASSED;
    }
    return sr__error(SLOTRING_E_CORRUPT, "the take words of group %u fit no message of the order", group);
}

int sr__group_take(sr__member_t *member, uint32_t group, sr__search_t *search, bool only_look,
                   sr__take_t *take)
{
    int code = take_offered(member, group, search, only_look, take);
    return code == SLOTRING_E_EMPTY ? take_new(member, group, search, only_look, take) : code;
}

bool sr__group_done(sr__member_t *member, uint32_t group, const sr__take_t *take)
{
    /* [group.done] Acknowledges a message: nobody is given it again. */
    uint64_t done =
        sr__take_word(sr__take_lap(take->word), sr__take_tries(take->word), SR__TAKE_DONE, SR__NOBODY);
    return sr__cas(sr__take_at(&member->view, group, take->sequence), take->word, done);
}

/* [group.count] Counts something of the message at the cursor before the cursor passes it: one CAS from a total that was loaded
 * before the cursor was, and that says of which message it counts last. So nobody counts a message twice. False: the total has
 * changed. */
static bool count_once(sr__word_t *word, uint64_t total, uint64_t cursor, uint32_t more)
{
    uint64_t counted = sr__total_word(0, cursor + 1);
    if (more == 0 || (total & SR__PLACE_MASK) == counted)
        return true;
    return sr__cas(word, total, sr__total_word(sr__total_of(total) + more, cursor + 1));
}

/* How often the message with this word was given again. One that is dead was given as often as the limit says: who was about to bury
 * it, and was killed, was not given it. */
static uint32_t given_again(const sr__view_t *view, uint32_t group, uint64_t word)
{
    uint32_t limit = sr__group_tries(view, group);
    bool dead = sr__take_state(word) == SR__TAKE_DEAD && limit > 0;
    return dead ? limit - 1 : sr__take_tries(word);
}

#define PASSED_LOOK ((SR__PASSED_PLACE_MASK + 1) / 2) /* see sr__group_count_passed */

bool sr__group_settle(sr__member_t *member, uint32_t group, const sr__wanted_t *wanted, uint64_t *from)
{
    sr__view_t *view = &member->view;
    sr__group_t *g = &view->groups[group];
    uint64_t row = sr__load(&g->row);
    bool moved = false;
    if (!sr__group_row(view, group) || row == 0 || row > view->subscription_count)
        return false;
    sr__word_t *cursor = &view->subscriptions[row - 1].cursor;
    const bool selects = sr__group_selects(&view->subscriptions[row - 1]);
    uint32_t passes = 0;
    for (uint32_t turn = 0; turn < SR__LOOP_LIMIT; turn++) {
        uint64_t again = sr__load(&g->redelivered), dead = sr__load(&g->dead_lettered);
        /* [group.settle] Looks whether the message at the cursor is done. Whoever is done with a message comes here after that: of
         * two, the later one finds both. */
        uint64_t at = sr__load(cursor), t = sr__number(at), word = sr__load(sr__take_at(view, group, t));
        if (sr__laps_ahead(view, word, t) > 0 && sr__load(cursor) != at)
            continue; /* others have moved it on, and its place is used again */
        if (sr__laps_ahead(view, word, t) != 0 || !sr__take_is_over(word)) {
            if (passes++ == view->slot_count || !is_unwanted(view, wanted, t, word))
                break;
            pass_over(view, group, t, word);
            continue;
        }
        if (!count_once(&g->redelivered, again, t, given_again(view, group, word)) ||
            !count_once(&g->dead_lettered, dead, t, sr__take_state(word) == SR__TAKE_DEAD))
            continue;
        bool passed = sr__take_state(word) == SR__TAKE_PASSED;
        if ((passed || (selects && t % PASSED_LOOK == 0)) && !sr__group_count_passed(g, cursor, at, passed))
            continue;
        /* [group.cursor] Moves the cursor over it. The generation of the subscription stays in the word. */
        if (!sr__cas(cursor, at, (at & ~SR__NUMBER_MASK) | ((t + 1) & SR__NUMBER_MASK)))
            continue;
        *from = moved ? *from : t;
        moved = true;
    }
    return moved;
}

/* [group.offer] Offers what somebody had in its hands to the others, with one try more. Whoever has had it may have done anything
 * with it. */
static void offer(sr__word_t *place, uint64_t word)
{
    uint64_t offered =
        sr__take_word(sr__take_lap(word), sr__take_tries(word) + 1, SR__TAKE_OFFERED, SR__NOBODY);
    sr__cas(place, word, offered);
}

void sr__group_offer(sr__member_t *member, uint32_t group, const sr__take_t *take)
{
    offer(sr__take_at(&member->view, group, take->sequence), take->word);
}

/* After the offers: who sees the new count finds them. */
void sr__group_say_offered(sr__member_t *member, uint32_t group)
{
    atomic_fetch_add_explicit(&member->view.groups[group].offered, 1, memory_order_seq_cst);
}

void sr__groups_repair(sr__member_t *member, uint32_t d)
{
    sr__view_t *view = &member->view;
    uint64_t from;
    for (uint32_t group = 0; group < view->group_count; group++) {
        sr__word_t *takes = sr__take_at(view, group, 0);
        if (!sr__group_row(view, group))
            continue;
        if (sr__group_members(view, group, d) > 0)
            sr__group_note_left(member, group, d);
        for (uint64_t i = 0; i >> view->slot_bits == 0; i++) {
            uint64_t word = sr__load(&takes[i]);
            if (sr__take_state(word) == SR__TAKE_TAKEN && sr__take_owner(word) == d)
                offer(&takes[i], word);
        }
        /* Also if there was nothing: a repairer that was killed may have offered it. */
        sr__group_say_offered(member, group);
        sr__group_settle(member, group, NULL, &from); /* who repairs passes over nothing */
    }
}

uint64_t sr__group_redelivered(const sr__view_t *view, uint32_t group)
{
    return sr__total_of(sr__load(&view->groups[group].redelivered));
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The dead letters of a group, for whoever wants to know why nobody could take them: listed, and dropped. Who looks holds nothing. As
 * long as a letter's place has the same word the slot has its message: so a look at the place before and after belongs together. */
#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "members/enter.h"
#include "members/process_mutex.h"
#include "protocol/event.h"
#include "protocol/letters.h"
#include "protocol/snapshot.h"
#include "protocol/span.h"
#include "traffic/readers/takeover.h"
#include "traffic/ticket.h"

#define LOOKS 16u

static int find(slotring_t *ring, const char *name, uint32_t *group)
{
    const sr__view_t *view = &ring->member.view;
    sr__named_t named;
    bool there = sr__named_look(view, name, &named) && sr__subscription_is_group(named.word);
    const uint32_t row = there ? named.row : 0;
    uint64_t number = there ? sr__peek(&view->subscriptions[row].group) : 0;
    if (number == 0 || number > view->group_count)
        return sr__error(SLOTRING_E_NOT_FOUND, "ring \"%s\" has no group \"%s\"", view->header.name, name);
    *group = (uint32_t)number - 1;
    return 0;
}

static void describe(const sr__view_t *view, uint32_t group, uint32_t slot, slotring_letter_t *letter)
{
    const sr__slot_t *s = sr__slot(view, slot);
    uint64_t content = sr__peek(&s->content), producer = sr__peek(&s->producer);
    memset(letter, 0, sizeof *letter);
    letter->sequence = sr__load(&s->sequence);
    letter->length = sr__peek(&s->length);
    letter->tag = sr__peek(&s->tag);
    letter->time_ns = sr__peek(&s->time);
    letter->producer = sr__producer_number(producer);
    letter->producer_incarnation = sr__producer_incarnation(producer);
    bool by_writer = sr__content_has_writer(content);
    letter->writer = by_writer ? sr__content_writer(content) : SLOTRING_NO_WRITER;
    letter->number = by_writer ? sr__peek(&s->number) : SLOTRING_NO_NUMBER;
    letter->tries = sr__group_tries(view, group);
    letter->kind = sr__has_pieces(s) ? SLOTRING_KIND_SPAN : SLOTRING_KIND_SLOT;
    if (sr__content_kind(content) == SR__BLOCK) {
        letter->kind = SLOTRING_KIND_RECORD;
        sr__record_ticket(view, letter->writer, slot, sr__content_block(content), letter->number,
                          &letter->ticket);
    } else {
        sr__ticket_make(view, letter->sequence, slot, &letter->ticket);
    }
}

/* 1: there is none in this place. */
static int read_letter(slotring_t *ring, uint32_t group, uint32_t at, slotring_letter_t *letter)
{
    const sr__view_t *view = &ring->member.view;
    const sr__word_t *place = &view->groups[group].letters[at], *take;
    for (uint32_t look = 0; look < LOOKS; look++) {
        uint64_t word;
        uint32_t slot;
        if (!sr__letter_is_listed(view, group, at, &word, &slot))
            return 1;
        sr__slot_t *s = sr__slot(view, slot);
        int failed = sr__look_again(&ring->member, s, sizeof *s);
        if (failed)
            return failed;
        describe(view, group, slot, letter);
        take = sr__take_at(view, group, letter->sequence);
        failed = sr__look_again(&ring->member, take, sizeof *take);
        if (!failed)
            failed = sr__look_again(&ring->member, place, sizeof *place);
        if (failed)
            return failed;
        if (sr__load(place) == word && sr__letter_is_of(word, letter->sequence))
            return sr__letter_is_dead(view, group, letter->sequence) ? 0 : 1;
    }
    return 1;
}

/* The oldest first. */
static void put_in(slotring_letter_t *list, uint32_t count, const slotring_letter_t *letter)
{
    uint32_t at = count;
    for (; at > 0 && list[at - 1].sequence > letter->sequence; at--)
        list[at] = list[at - 1];
    list[at] = *letter;
}

static int list_letters(slotring_t *ring, uint32_t group, slotring_letter_t *all, uint32_t *count)
{
    const sr__view_t *view = &ring->member.view;
    int failed = sr__look_again(&ring->member, &view->groups[group], sizeof(sr__group_t));
    for (uint32_t at = 0; at < SR__LETTERS && failed >= 0; at++) {
        slotring_letter_t letter;
        failed = read_letter(ring, group, at, &letter);
        if (failed == 0)
            put_in(all, (*count)++, &letter);
        failed = failed == 1 ? 0 : failed;
    }
    return failed;
}

static int dead_letters(slotring_t *ring, const char *name, slotring_letter_t *list, uint32_t capacity,
                        uint32_t *count)
{
    slotring_letter_t all[SR__LETTERS];
    uint32_t group, found = 0;
    int failed = sr__enter_list(ring, SR__NEED_SUBSCRIPTIONS, list, capacity, count);
    if (failed)
        return failed;
    failed = name ? find(ring, name, &group) : sr__error(SLOTRING_E_INVALID, "group is NULL");
    if (!failed)
        failed = list_letters(ring, group, all, &found);
    *count = found < capacity ? found : capacity;
    for (uint32_t i = 0; i < *count; i++)
        list[i] = all[i];
    return sr__leave_any(ring, failed);
}

int slotring_dead_letters(slotring_t *ring, const char *group, slotring_letter_t *list, uint32_t capacity,
                          uint32_t *count)
{
    return SR__UNCANCELLED(dead_letters(ring, group, list, capacity, count));
}

/* Under the process mutex, so that nobody forgets the group meanwhile. */
static int drop(slotring_t *ring, const char *name, uint64_t sequence)
{
    uint32_t group;
    slotring_error_t why;
    int failed = sr__enter(ring);
    if (!failed && !name)
        failed = sr__error(SLOTRING_E_INVALID, "group is NULL");
    if (!failed)
        failed = sr__mutex_lock(ring, ring->lock_timeout_ns, &why);
    if (failed)
        return failed;
    failed = find(ring, name, &group);
    if (!failed && !sr__letters_drop(&ring->member, group, sequence))
        failed = sr__error(SLOTRING_E_NOT_FOUND,
                           "group \"%s\" of ring \"%s\" has no dead letter with sequence %" PRIu64, name,
                           ring->member.view.header.name, sequence);
    sr__mutex_unlock(ring);
    return failed;
}

int slotring_drop_letter(slotring_t *ring, const char *group, uint64_t sequence)
{
    sr__cancel_point();
    return SR__UNCANCELLED(drop(ring, group, sequence));
}

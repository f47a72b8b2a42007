/* SPDX-License-Identifier: Apache-2.0 */
/* Finding a record by its number: along the headers of its block, from the first one on, or from where this handle found
 * one before. So tickets in the order of their numbers cost a step each. The walk is also the check of a ticket: it comes
 * to what is a record, and to nothing else.
 *
 * What a handle remembers is its own, and true for ever: the headers of a block do not change, and no other block has
 * its number. A note is written by one thread at a time. Who comes meanwhile goes without it, and so does everybody if
 * that thread was stopped.
 */
#include "protocol/record_find.h"
#include "base/error.h"
#include "protocol/record.h"

static sr__place_note_t *note_of(sr__member_t *member, uint64_t content)
{
    return &member->places[(content >> 4 ^ content >> 16) % SR__PLACES];
}

/* Reads where a record at or below `number` was found before. Acquire, and the version once more: all is of one note. */
void sr__place_recall(sr__member_t *member, uint64_t content, uint64_t number, uint64_t *at, uint64_t *place)
{
    const sr__place_note_t *note = note_of(member, content);
    uint64_t version = atomic_load_explicit(&note->version, memory_order_acquire);
    uint64_t of = sr__peek(&note->content), noted = sr__peek(&note->number), there = sr__peek(&note->place);
    atomic_thread_fence(memory_order_acquire);
    if (version % 2 != 0 || sr__peek(&note->version) != version || of != content || noted > number ||
        noted < *at)
        return;
    *at = noted;
    *place = there;
}

/* Remembers where a record was found. */
void sr__place_note(sr__member_t *member, uint64_t content, uint64_t number, uint64_t place)
{
    sr__place_note_t *note = note_of(member, content);
    uint64_t version = sr__peek(&note->version);
    if (version % 2 != 0)
        return;
    if (member->one_thread)
        sr__poke(&note->version, version + 1);
    else if (!atomic_compare_exchange_strong_explicit(&note->version, &version, version + 1,
                                                      memory_order_acquire, memory_order_relaxed))
        return;
    /* Release: who sees one of the next three sees the odd version, too. */
    atomic_thread_fence(memory_order_release);
    sr__poke(&note->content, content);
    sr__poke(&note->number, number);
    sr__poke(&note->place, place);
    atomic_store_explicit(&note->version, version + 2, memory_order_release);
}

int sr__block_damaged(uint32_t slot, uint64_t place)
{
    return sr__error(SLOTRING_E_CORRUPT,
                     "the records in slot %u are damaged: what is %llu bytes from its start does not fit",
                     slot, (unsigned long long)place);
}

/* Goes along the headers to the one with this number. The caller holds the block. */
int sr__record_find(sr__member_t *member, uint32_t slot, uint64_t number, uint64_t *place, uint64_t *header)
{
    const sr__view_t *view = &member->view;
    const sr__slot_t *s = sr__slot(view, slot);
    uint8_t *bytes = sr__block_bytes(view, slot);
    uint64_t size = sr__block_size(view), content = sr__peek(&s->content), at = sr__peek(&s->number);
    *place = 0;
    if (number < at)
        return SLOTRING_E_STALE;
    sr__place_recall(member, content, number, &at, place);
    for (;; at++) {
        enum sr__record_sight sight = sr__record_look(bytes, size, *place, header);
        if (sight == SR__RECORD_DAMAGED)
            return sr__block_damaged(slot, *place);
        if (sight != SR__RECORD_THERE)
            return SLOTRING_E_STALE;
        if (at == number)
            break;
        *place += sr__record_size(*header);
    }
    sr__place_note(member, content, number, *place);
    return *header & SR__RECORD_FREED ? SLOTRING_E_STALE : 0;
}

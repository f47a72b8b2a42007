/* SPDX-License-Identifier: Apache-2.0 */
#include "followed.h"

#include "prove.h"

/* place: one above the sequence:40 | messages of it that its last reader was given:8 | readers that had it:8 | state:8 */
enum {
    HAD = 1, /* a reader has it, or had it when it was killed or left */
    ENDING,  /* a release was begun */
    ENDED    /* … and has acknowledged it */
};

static uint64_t place_word(uint64_t sequence, uint64_t given, uint64_t readers, uint64_t state)
{
    return (sequence + 1) << 24 | given << 16 | readers << 8 | state;
}

static uint64_t place_state(uint64_t word)
{
    return word & 0xff;
}

static uint64_t place_readers(uint64_t word)
{
    return word >> 8 & 0xff;
}

static uint64_t place_given(uint64_t word)
{
    return word >> 16 & 0xff;
}

static uint64_t place_next(uint64_t word) /* one above its sequence; 0: nothing was there */
{
    return word >> 24;
}

static _Atomic uint64_t *place_of(followed_t *followed, uint64_t sequence)
{
    return &followed->places[sequence % FOLLOWED_PLACES];
}

static uint64_t first_of_place(const followed_t *followed, uint64_t sequence)
{
    uint64_t start = followed->start;
    return start + (sequence - start) % FOLLOWED_PLACES;
}

bool followed_wants(const followed_t *followed, const slotring_slot_t *slot)
{
    return (followed->every == 0 || slot->sequence % followed->every == 0) &&
           (slot->tag & followed->tag_mask) == followed->tag_match;
}

void followed_witnessed(followed_t *followed, const slotring_slot_t *slot)
{
    if (!followed_wants(followed, slot))
        atomic_fetch_add(&followed->unwanted, 1);
}

/* What is over for good in a place, up to the publication before `sequence`: those that no reader wrote down, since it was killed
 * before or does not want them, and the one that stands there. */
static void close_place(followed_t *followed, uint64_t word, uint64_t sequence)
{
    uint64_t next = word == 0 ? first_of_place(followed, sequence) : place_next(word) - 1 + FOLLOWED_PLACES;
    uint64_t unseen = sequence > next ? (sequence - next) / FOLLOWED_PLACES : 0;
    atomic_fetch_add(&followed->unseen, unseen);
    atomic_fetch_add(&followed->laid_aside, place_state(word) == HAD);
    atomic_fetch_add(&followed->doubtful, place_state(word) == ENDING);
    atomic_fetch_add(&followed->given, place_given(word));
    if (word != 0)
        atomic_fetch_add(&followed->again, place_readers(word) - 1);
}

uint64_t followed_given(followed_t *followed, const slotring_slot_t *slot, uint64_t had)
{
    _Atomic uint64_t *place = place_of(followed, slot->sequence);
    uint64_t word = atomic_load(place), next;
    bool again;
    if (!followed_wants(followed, slot))
        FAIL("message %llu with tag 0x%llx was given, which the subscription does not want",
             (unsigned long long)slot->sequence, (unsigned long long)slot->tag);
    do {
        again = place_next(word) == slot->sequence + 1;
        uint64_t readers = again ? place_readers(word) : 0;
        CHECK_AT_LEAST(slot->sequence + 1, place_next(word));
        if (again && place_state(word) == ENDED)
            FAIL("message %llu was given after it was acknowledged", (unsigned long long)slot->sequence);
        CHECK_AT_LEAST(had, readers); /* more: of readers that did not come to write it down */
        next = place_word(slot->sequence, 1, readers < 255 ? readers + 1 : readers, HAD);
    } while (!atomic_compare_exchange_strong(place, &word, next));
    if (!again)
        close_place(followed, word, slot->sequence);
    return next;
}

/* As long as it is in this reader's hands nobody else has had it. */
static void changes(followed_t *followed, uint64_t sequence, uint64_t *word, uint64_t next)
{
    uint64_t seen = *word;
    if (!atomic_compare_exchange_strong(place_of(followed, sequence), &seen, next))
        FAIL("message %llu is in two readers' hands", (unsigned long long)sequence);
    *word = next;
}

void followed_more(followed_t *followed, uint64_t sequence, uint64_t *word)
{
    CHECK_AT_LEAST(254, place_given(*word));
    changes(followed, sequence, word,
            place_word(sequence, place_given(*word) + 1, place_readers(*word), HAD));
}

void followed_ending(followed_t *followed, uint64_t sequence, uint64_t *word)
{
    changes(followed, sequence, word, place_word(sequence, place_given(*word), place_readers(*word), ENDING));
}

/* Its place may have a later one by now, if this process was stopped for so long. */
void followed_ended(followed_t *followed, uint64_t sequence, uint64_t word)
{
    uint64_t seen = word, ended = place_word(sequence, place_given(word), place_readers(word), ENDED);
    if (atomic_compare_exchange_strong(place_of(followed, sequence), &seen, ended) ||
        place_next(seen) > sequence + 1)
        return;
    FAIL("message %llu was given after it was acknowledged", (unsigned long long)sequence);
}

void followed_close(followed_t *followed, uint64_t last)
{
    uint64_t first = last - followed->start > FOLLOWED_PLACES ? last - FOLLOWED_PLACES : followed->start;
    for (uint64_t sequence = first; sequence < last; sequence++)
        close_place(followed, atomic_load(place_of(followed, sequence)), sequence + FOLLOWED_PLACES);
}

uint64_t followed_not_acknowledged(const followed_t *followed)
{
    return atomic_load(&followed->unseen) + atomic_load(&followed->laid_aside);
}

bool followed_was_ended(followed_t *followed, uint64_t sequence)
{
    uint64_t word = atomic_load(place_of(followed, sequence));
    return place_next(word) == sequence + 1 && place_state(word) == ENDED;
}

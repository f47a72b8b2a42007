/* SPDX-License-Identifier: Apache-2.0 */
/* Messages that are followed through all the readers that have them, one after the other: those of a group, or of a durable
 * subscription. None is lost, none is given again after it was acknowledged, and no two readers have it at a time. What is followed
 * is a publication: a message that has a slot to itself, or a slot with the messages of a writer. */
#ifndef PROVE_FOLLOWED_H
#define PROVE_FOLLOWED_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "slotring/slotring.h"

#define FOLLOWED_PLACES 65536u /* of publications, by their sequences: many more than the ring has slots */

typedef struct followed {
    uint64_t start;
    uint64_t every, tag_mask, tag_match; /* what the subscription wants; 0: everything */
    _Atomic uint64_t unwanted;           /* messages that it does not want, by a witness who had all */
    _Atomic uint64_t places[FOLLOWED_PLACES];
    /* Of publications whose place has a later one: */
    _Atomic uint64_t unseen;     /* how many no reader wrote down */
    _Atomic uint64_t laid_aside; /* how many were given, and nobody acknowledged */
    _Atomic uint64_t doubtful;   /* … whose last reader was killed in the release: acknowledged or not */
    _Atomic uint64_t again;      /* how often they were given again, as readers wrote down */
    _Atomic uint64_t given;      /* messages in them, as the last reader of each had them */
} followed_t;

bool followed_wants(const followed_t *followed, const slotring_slot_t *slot);
/* For a witness that has every message. */
void followed_witnessed(followed_t *followed, const slotring_slot_t *slot);

/* The caller has got the publication. `had`: how often others had it, at least. Returns what its place says from now on, for the
 * next three. */
uint64_t followed_given(followed_t *followed, const slotring_slot_t *slot, uint64_t had);
/* … and one more message of it, which is not released yet. */
void followed_more(followed_t *followed, uint64_t sequence, uint64_t *word);
/* Before a release that may acknowledge it, and when it is sure that it is acknowledged. */
void followed_ending(followed_t *followed, uint64_t sequence, uint64_t *word);
void followed_ended(followed_t *followed, uint64_t sequence, uint64_t word);

/* At the end: counts what stands in all places. `last`: one above the last publication. */
void followed_close(followed_t *followed, uint64_t last);
/* unseen and laid_aside. */
uint64_t followed_not_acknowledged(const followed_t *followed);
bool followed_was_ended(followed_t *followed, uint64_t sequence);

#endif

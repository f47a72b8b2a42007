/* SPDX-License-Identifier: Apache-2.0 */
/* A participant's own counters. Only it writes them, so totals are plain sums whoever is killed when; a killed
 * process may lack the operation that it was in. Relaxed throughout: they order nothing. */
#include "protocol/counters.h"

void sr__count(sr__member_t *member, enum sr__counter counter, uint64_t amount)
{
    sr__word_t *word = &member->self->counters[counter];
    if (member->one_thread)
        sr__poke(word, sr__peek(word) + amount);
    else
        atomic_fetch_add_explicit(word, amount, memory_order_relaxed);
}

uint64_t sr__total(const sr__view_t *view, enum sr__counter counter)
{
    uint64_t sum = 0;
    for (uint32_t p = 0; p < sr__participants_high(view); p++)
        sum += sr__peek(&view->participants[p].counters[counter]);
    return sum;
}

/* [counters.note] Notes the number of a publication in the entry of its producer. first_sequence and
 * last_sequence: the lowest and highest of this incarnation. */
void sr__note_sequence(sr__member_t *member, uint64_t sequence)
{
    sr__participant_t *self = member->self;
    uint64_t first = sr__peek(&self->first_sequence);
    if (first == SR__NO_SEQUENCE)
        atomic_compare_exchange_strong_explicit(&self->first_sequence, &first, sequence, memory_order_relaxed,
                                                memory_order_relaxed);
    if (member->one_thread) {
        sr__poke(&self->last_sequence, sequence);
        return;
    }
    uint64_t last = sr__peek(&self->last_sequence);
    while ((last == SR__NO_SEQUENCE || last < sequence) &&
           !atomic_compare_exchange_weak_explicit(&self->last_sequence, &last, sequence, memory_order_relaxed,
                                                  memory_order_relaxed))
        ;
}

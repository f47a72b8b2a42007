/* SPDX-License-Identifier: Apache-2.0 */
/* Acknowledging in any order, for a durable reader with a window: by a bit in its row first, then by the cursor, once nothing older is
 * out. A kill in between leaves bits, which the next owner finds: what they say is not given again.
 *
 * No bit is wiped, before or after the cursor: each has a meaning at the old cursor and at the new one. A cursor that goes
 * farther than the bits say has `acks_until` say first that they count only below that place.
 */
#include "traffic/readers/acks.h"

#include "traffic/readers/owned_word.h"

_Static_assert(SR__ACKS_WINDOW == SLOTRING_WINDOW_ANY_ORDER, "the header says how many there are");

static uint64_t acks_of(const slotring_reader_t *reader)
{
    return sr__number(sr__load(&reader->subscription->acks));
}

static void store(slotring_reader_t *reader, uint64_t acks)
{
    sr__owned_change(reader, &reader->subscription->acks, acks);
}

/* [acks.turn] Turns the bits over of what is acknowledged. */
static void turn(slotring_reader_t *reader, uint64_t from, uint64_t to)
{
    store(reader, sr__acks_with(acks_of(reader), from, to));
}

void sr__acks_note(slotring_reader_t *reader, uint64_t sequence)
{
    turn(reader, sequence, sequence + 1);
}

void sr__acks_move(slotring_reader_t *reader, uint64_t from, uint64_t to)
{
    if (to - from > SR__ACKS_WINDOW) {
        sr__acks_leave(reader, to);
        return;
    }
    turn(reader, from, to);
    sr__owned_change(reader, &reader->subscription->cursor, to);
}

/* [acks.leave] Says that the bits count only below `to`, moves the cursor there, and begins the bits anew. */
void sr__acks_leave(slotring_reader_t *reader, uint64_t to)
{
    sr__owned_change(reader, &reader->subscription->acks_until, to);
    sr__owned_change(reader, &reader->subscription->cursor, to);
    store(reader, sr__acks_fresh(to));
    sr__owned_change(reader, &reader->subscription->acks_until, 0);
}

void sr__acks_begin(slotring_reader_t *reader)
{
    sr__subscription_t *subscription = reader->subscription;
    uint32_t generation = sr__durable_generation(reader);
    uint64_t acks = reader->wants_acks ? sr__acks_fresh(reader->cursor) : 0;
    reader->has_acks = reader->wants_acks;
    atomic_store_explicit(&subscription->acks, sr__numbered(acks, generation), memory_order_seq_cst);
    atomic_store_explicit(&subscription->acks_until, sr__numbered(0, generation), memory_order_seq_cst);
}

/* [acks.take] Finds what is acknowledged above the cursor. The last owner may have been killed when its cursor had left the bits
 * behind, or was about to. A reader that does not ask for bits keeps them as long as they say something. */
void sr__acks_take_over(slotring_reader_t *reader)
{
    uint64_t acks = sr__owned_take(reader, &reader->subscription->acks);
    uint64_t until = sr__owned_take(reader, &reader->subscription->acks_until);
    bool kept = (acks & SR__ACKS_KEPT) != 0, left = until != 0 && reader->cursor >= until;
    bool any = kept && !left && sr__acks_count(acks, reader->cursor, reader->cursor + SR__ACKS_WINDOW) > 0;
    reader->has_acks = reader->wants_acks || any;
    if (reader->has_acks && !any)
        store(reader, sr__acks_fresh(reader->cursor));
    else if (kept && !any)
        store(reader, 0);
    if (until != 0)
        sr__owned_change(reader, &reader->subscription->acks_until, 0);
    reader->looks_first = reader->looks_first || any;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The free hint: a bitmap of slots that may be FREE, in four levels. Only a hint, the slot's word decides.
 *
 * Invariant at rest: a FREE slot has its bit, and so has every word above it that is not zero.
 *   Setting:  the slot's word is FREE first, then its leaf bit, then the levels above one by one.
 *   Clearing: by who won the slot (at once after its CAS) or by who found it not FREE, each followed by a second
 *             look; an emptied word is taken out of the level above, followed by a second look at the word.
 * A setter that finds an upper bit still set may leave it: the clearer that is about to take it away looks at the
 * word below once more afterwards, and that look comes after the setter's store (all seq_cst, store-then-load on
 * both sides). A kill between clearing and second look hides slots; repair and sweep hint every FREE slot again.
 */
#include "core.h"

/* Turns of a search. Each clears a stale bit or ends, unless somebody writes bits all the time. */
#define SEARCH_LIMIT (1u << 16)

/* [hint.set] Sets bit `index` of `level`, and what is above it. Pairs with the second look in clear_up. */
static void mark(sr__view_t *view, uint32_t level, uint32_t index)
{
    for (; level < SR__HINT_LEVELS; level++, index >>= 6) {
        sr__word_t *word = &view->hints[level][index >> 6];
        uint64_t bit = UINT64_C(1) << (index & 63);
        if (!(sr__load(word) & bit))
            atomic_fetch_or_explicit(word, bit, memory_order_seq_cst);
    }
}

void sr__hint(sr__view_t *view, uint32_t slot)
{
    mark(view, 0, slot);
}

bool sr__unhint(sr__view_t *view, uint32_t slot)
{
    uint64_t bit = UINT64_C(1) << (slot & 63);
    uint64_t before = atomic_fetch_and_explicit(&view->hints[0][slot >> 6], ~bit, memory_order_seq_cst);
    return (before & ~bit) == 0;
}

/* [hint.clear] Word `index` of `level` - 1 looked empty: takes its bit out of `level`, and so on upwards. */
static void clear_up(sr__view_t *view, uint32_t level, uint32_t index)
{
    for (; level < SR__HINT_LEVELS; level++, index >>= 6) {
        uint64_t bit = UINT64_C(1) << (index & 63);
        uint64_t before =
            atomic_fetch_and_explicit(&view->hints[level][index >> 6], ~bit, memory_order_seq_cst);
        if (sr__load(&view->hints[level - 1][index]) != 0) { /* the second look */
            mark(view, level, index);
            return;
        }
        if ((before & ~bit) != 0)
            return;
    }
}

void sr__hint_clear_up(sr__view_t *view, uint32_t slot)
{
    clear_up(view, 1, slot >> 6);
}

/* Bit `index` of `level` names nothing that there is: somebody wrote there. In nobody's way, but each search would come
 * to it. */
static bool take_out(sr__view_t *view, uint32_t level, uint32_t index)
{
    atomic_fetch_and_explicit(&view->hints[level][index >> 6], ~(UINT64_C(1) << (index & 63)),
                              memory_order_seq_cst);
    return false;
}

/* [hint.find] The first hinted slot at or after `from`, without wrapping. */
static bool find_from(sr__view_t *view, uint32_t from, uint32_t *slot)
{
    uint32_t position = from;
    for (uint32_t level = 0; level < SR__HINT_LEVELS; level++) {
        if (position >> 6 >= view->hint_words[level])
            return false;
        uint64_t bits = sr__load(&view->hints[level][position >> 6]) & (UINT64_MAX << (position & 63));
        if (bits == 0) {
            position = (position >> 6) + 1;
            continue;
        }
        position = (position & ~UINT32_C(63)) | sr__lowest_bit(bits);
        while (level > 0) {
            /* a bit of an upper level leads to word `position` of the level below */
            if (position >= view->hint_words[level - 1])
                return take_out(view, level, position);
            bits = sr__load(&view->hints[level - 1][position]);
            if (bits == 0) {
                clear_up(view, level, position);
                return false; /* the caller starts over */
            }
            position = position << 6 | sr__lowest_bit(bits);
            level--;
        }
        *slot = position;
        return position < view->slot_count || take_out(view, 0, position);
    }
    return false;
}

bool sr__hint_find(sr__view_t *view, uint32_t from, uint32_t *slot)
{
    const sr__word_t *top = &view->hints[SR__HINT_LEVELS - 1][0];
    for (uint32_t turn = 0; sr__load(top) != 0 && turn < SEARCH_LIMIT; turn++) {
        if (find_from(view, from, slot))
            return true;
        /* Wrap around; or a stale upper bit is gone now; or what is left are bits above a first word that is empty, where
         * a search from 0 begins, and does not come to from above. */
        if (from == 0)
            clear_up(view, 1, 0);
        from = 0;
    }
    return false;
}

/* Hints FREE slots that are hidden, at most `most` of them looked at, going on where the last look ended. Only
 * sets bits, so anybody may run it at any time. */
void sr__hint_all_free(slotring_t *ring, uint64_t most)
{
    sr__view_t *view = &ring->view;
    uint64_t at = sr__peek(&view->state->hint_position);
    if (most > view->slot_count)
        most = view->slot_count;
    for (uint64_t n = 0; n < most; n++, at++) {
        if (at >= view->slot_count)
            at = 0;
        if (sr__slot_state(sr__load(&sr__slot(view, (uint32_t)at)->word)) == SR__FREE)
            sr__hint(view, (uint32_t)at);
    }
    sr__poke(&view->state->hint_position, at);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What was freed costs nobody anything afterwards, however much it was and wherever it lies: readers pass over it in one
 * step, whoever looks for a slot finds what was left for it at once; and nothing that is there is passed over. */
#include <stdlib.h>
#include <string.h>

#include "support/internals.h"
#include "support/ring.h"
#include "support/suite.h"

#define MESSAGE 64u

static slotring_t *ring_of(uint64_t slots, uint32_t when_full)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, slots, MESSAGE);
    options.when_full = when_full;
    return ring_open_with(ring_name(), &options);
}

static uint32_t dice_state;
static uint32_t dice(uint32_t sides)
{
    dice_state = dice_state * 1664525u + 1013904223u;
    return (dice_state >> 8) % sides;
}

/* ---- The two bitmaps, against what they stand for ----------------------------------------------------- */

enum {
    TRUTH = 1 << 16
};
static bool truth[TRUTH];

/* Sequences of several laps are marked in some pattern as the end moves on. No look passes what is not marked; in the lap
 * of the end, where no mark is lost, each look goes exactly as far as it can. */
static void a_look_passes_what_is_freed_and_nothing_else(void)
{
    static const uint64_t slots[] = {1, 3, 20, 32, 100, 500, 3000};
    for (size_t s = 0; s < sizeof slots / sizeof slots[0]; s++)
        for (uint32_t pattern = 0; pattern < 5; pattern++) {
            check_context("%llu slots, pattern %u", (unsigned long long)slots[s], pattern);
            slotring_t *ring = ring_of(slots[s], SLOTRING_OVERWRITE);
            sr__view_t *view = &ring->member.view;
            uint64_t length = view->order_mask + 1, laps = view->withdrawn_shift, end = 0;
            uint64_t most = 5 * length < TRUTH ? 5 * length : TRUTH;
            memset(truth, 0, sizeof truth);
            dice_state = (uint32_t)(s * 7 + pattern);
            while (end < most) {
                uint64_t from = end > slots[s] ? end - slots[s] : 0;
                for (uint64_t t = from; t < end; t++) {
                    bool mark = pattern == 0   ? true
                                : pattern == 1 ? t % 17 != 3
                                : pattern == 2 ? t % 300 > 1
                                : pattern == 3 ? dice(3) > 0
                                               : dice(100) == 0;
                    if (mark && !truth[t] && dice(2)) {
                        truth[t] = true;
                        sr__withdrawn_mark(view, t);
                    }
                }
                for (int n = 0; n < 20 && end > from; n++) {
                    uint64_t t = from + dice((uint32_t)(end - from)), exact = t;
                    while (exact < end && truth[exact])
                        exact++;
                    uint64_t to = sr__withdrawn_skip(view, t, end);
                    CHECK(to >= t && to <= exact);
                    if (t >> laps == end >> laps)
                        CHECK_EQUAL(to, exact);
                }
                end += 1 + dice((uint32_t)(slots[s] < 60 ? slots[s] : 60));
            }
            CHECK_EQUAL(sr__withdrawn_skip(view, 100, 100), 100);
            CHECK_EQUAL(sr__withdrawn_skip(view, 100, 7), 100);
            ring_remove(ring, ring_name());
        }
    check_context("%s", "");
}

/* However many there are: the number of words that a look loads does not grow with them. */
static void a_long_run_is_passed_in_one_look(void)
{
    slotring_t *ring = ring_of(1 << 16, SLOTRING_OVERWRITE);
    sr__view_t *view = &ring->member.view;
    for (uint64_t t = 3; t < 1 << 17; t++)
        sr__withdrawn_mark(view, t);
    for (uint32_t level = 1; level < view->withdrawn_levels;
         level++) /* all but the first one of each level are full */
        for (uint64_t i = 1; i < UINT64_C(1) << 17 >> 4 * level; i++)
            CHECK(atomic_load(&view->withdrawn[level][i / 16]) >> i % 16 & 1);
    CHECK_EQUAL(sr__withdrawn_skip(view, 3, 1 << 17), 1 << 17);
    CHECK_EQUAL(sr__withdrawn_skip(view, 2, 1 << 17), 2);
    ring_remove(ring, ring_name());
}

static void the_first_that_is_left_is_found(void)
{
    static const uint64_t slots[] = {1, 2, 31, 64, 700, 70000};
    for (size_t s = 0; s < sizeof slots / sizeof slots[0]; s++) {
        check_context("%llu slots", (unsigned long long)slots[s]);
        slotring_t *ring = ring_of(slots[s], SLOTRING_KEEP);
        sr__view_t *view = &ring->member.view;
        uint64_t length = view->order_mask + 1, found;
        dice_state = (uint32_t)s;
        CHECK(!sr__deferred_find(view, 0, &found));
        for (int n = 0; n < 300; n++) {
            uint64_t from = (uint64_t)n * 37, a = from + dice((uint32_t)length),
                     b = from + dice((uint32_t)length);
            sr__deferred_mark(view, a);
            sr__deferred_mark(view, b);
            CHECK(sr__deferred_find(view, from, &found));
            CHECK_EQUAL(found, a < b ? a : b);
            sr__deferred_clear(view, found);
            if (a != b) {
                CHECK(sr__deferred_find(view, from, &found));
                CHECK_EQUAL(found, a < b ? b : a);
                sr__deferred_clear(view, found);
            }
            CHECK(!sr__deferred_find(view, from, &found));
        }
        ring_remove(ring, ring_name());
    }
    check_context("%s", "");
}

/* ---- Readers ------------------------------------------------------------------------------------------ */

enum {
    SLOTS = 300
};

static bool stays(uint32_t pattern, uint64_t n)
{
    switch (pattern) {
    case 0:
        return false;
    case 1:
        return n == SLOTS - 1;
    case 2:
        return n == 0;
    case 3:
        return n % 2;
    case 4:
        return n % 64 == 63;
    case 5:
        return n / 50 % 2;
    default:
        return dice(10) == 0;
    }
}

/* Whatever was freed, in whatever order, a lossy reader gets the rest, each once and in order, and an account to the
 * message. */
static void a_lossy_reader_gets_the_rest(uint32_t when_full, bool gated)
{
    for (uint32_t pattern = 0; pattern < 7; pattern++) {
        check_context("pattern %u", pattern);
        dice_state = pattern;
        slotring_t *ring = ring_of(SLOTS, when_full);
        slotring_reader_t *lossy = subscribe(ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
        slotring_reader_t *lossless = gated ? subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW) : NULL;
        uint64_t delivered = 0, published = 0;
        for (uint32_t round = 0; round < 5; round++) { /* laps of the order */
            static slotring_ticket_t tickets[SLOTS];
            static bool there[SLOTS];
            for (uint32_t n = 0; n < SLOTS; n++) {
                tickets[n] = publish(ring, 1, published + n);
                there[n] = stays(pattern, n);
            }
            for (uint32_t n = 0, i = 7; n < SLOTS; n++, i = (i + 77) % SLOTS)
                if (!there[i])
                    CHECK_OK(slotring_free(ring, &tickets[i]));
            for (uint32_t n = 0; n < SLOTS; n++)
                if (there[n]) {
                    take_now(lossy, pattern_tag(1, published + n));
                    delivered++;
                }
            slotring_slot_t none;
            CHECK_CODE(slotring_next(lossy, 0, &none), SLOTRING_E_EMPTY);
            for (uint32_t n = 0; lossless && n < SLOTS; n++)
                take_now(lossless, pattern_tag(1, published + n));
            for (uint32_t n = 0; n < SLOTS; n++)
                if (there[n])
                    CHECK_OK(slotring_free(ring, &tickets[n]));
            published += SLOTS;
            slotring_reader_info_t info = reader_info(lossy);
            CHECK_EQUAL(info.delivered, delivered);
            CHECK_EQUAL(info.cursor, published);
            check_ring(ring);
        }
        CHECK_OK(slotring_unsubscribe(lossy));
        if (lossless)
            CHECK_OK(slotring_unsubscribe(lossless));
        check_ring_at_rest(ring);
        ring_remove(ring, ring_name());
    }
    check_context("%s", "");
}

static void a_lossy_reader_gets_what_nobody_freed(void)
{
    a_lossy_reader_gets_the_rest(SLOTRING_OVERWRITE, false);
    a_lossy_reader_gets_the_rest(SLOTRING_OVERWRITE, true);
    a_lossy_reader_gets_the_rest(SLOTRING_KEEP, false);
    a_lossy_reader_gets_the_rest(SLOTRING_KEEP, true);
}

/* Its way over what was freed is one jump, or a few: the last one goes nearly all the way. */
static void one_jump_over_all_that_was_freed(void)
{
    static const uint32_t ways[] = {SLOTRING_OVERWRITE, SLOTRING_KEEP};
    for (size_t w = 0; w < 2; w++)
        for (int gated = 0; gated < 2; gated++) {
            check_context("%s, %s", w ? "keeps" : "overwrites", gated ? "gated" : "not gated");
            enum {
                MANY = 20000
            };
            static slotring_ticket_t tickets[MANY];
            slotring_t *ring = ring_of(MANY, ways[w]);
            slotring_reader_t *lossy = subscribe(ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
            if (gated)
                subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
            for (uint64_t n = 0; n < MANY; n++)
                tickets[n] = publish(ring, 1, n);
            for (uint64_t n = 1; n < MANY - 1; n++) /* the first one keeps the frontier where it is */
                CHECK_OK(slotring_free(ring, &tickets[n]));
            take_now(lossy, pattern_tag(1, 0));
            take_now(lossy, pattern_tag(1, MANY - 1));
            CHECK_EQUAL(reader_info(lossy).missed, MANY - 2);
            CHECK(atomic_load(&lossy->account->missed) < 64); /* the total before the last jump */
            ring_remove(ring, ring_name());
        }
    check_context("%s", "");
}

/* ---- Producers ---------------------------------------------------------------------------------------- */

/* A ring that keeps and is full says so at once: it does not look at what it keeps. */
static void a_full_ring_that_keeps_is_left_alone(void)
{
    enum {
        MANY = 5000
    };
    slotring_t *ring = ring_of(MANY, SLOTRING_KEEP);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    static slotring_ticket_t tickets[MANY];
    static uint64_t words[MANY];
    slotring_slot_t slot;
    for (uint64_t n = 0; n < MANY; n++)
        tickets[n] = publish(ring, 1, n);
    for (uint32_t i = 0; i < MANY; i++)
        words[i] = atomic_load(&sr__slot(&ring->member.view, i)->word);
    CHECK_CODE(slotring_allocate(ring, 1, &slot), SLOTRING_E_FULL);
    CHECK_OK(slotring_free(ring, &tickets[MANY - 1])); /* the last one, which the reader still needs */
    CHECK_CODE(slotring_allocate(ring, 1, &slot), SLOTRING_E_FULL);
    for (uint64_t n = 0; n < MANY; n++)
        take_now(reader, pattern_tag(1, n));
    CHECK_OK(slotring_allocate(ring, 1, &slot));
    CHECK_EQUAL(slot.index, tickets[MANY - 1].slot);
    CHECK_CODE(slotring_allocate(ring, 1, &(slotring_slot_t){0}), SLOTRING_E_FULL);
    for (uint32_t i = 0; i < MANY; i++)
        if (i != slot.index)
            CHECK_EQUAL(atomic_load(&sr__slot(&ring->member.view, i)->word), words[i]);
    CHECK_OK(slotring_abort(ring, &slot));
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring(ring);
    ring_remove(ring, ring_name());
}

/* What was freed while a reader needed it comes back, oldest first, as soon as the reader has passed it, wherever it lies
 * between what is kept; and what is kept stays, laps of the order later. */
static void what_was_left_comes_back_in_order(void)
{
    slotring_t *ring = ring_of(64, SLOTRING_KEEP);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_ticket_t kept[3], tickets[64];
    uint64_t published = 0, read = 0;
    for (int i = 0; i < 3; i++)
        kept[i] = publish(ring, 1, published++);
    for (int round = 0; round < 40; round++) {
        static slotring_slot_t held[64];
        const uint32_t count = 61;
        for (uint32_t n = 0; n < count; n++)
            tickets[n] = publish(ring, 1, published++);
        slotring_slot_t slot;
        CHECK_CODE(slotring_allocate(ring, 1, &slot), SLOTRING_E_FULL);
        for (uint32_t n = 0; n < count; n++)
            CHECK_OK(slotring_free(ring, &tickets[n * 7 % count]));
        for (; read < published; read++) {
            take_now(reader, pattern_tag(1, read));
            if (read < 3)
                continue; /* nobody frees these */
            uint64_t n = read - (published - count);
            CHECK_OK(slotring_allocate(ring, 1, &held[n])); /* that one, and no other yet */
            CHECK_EQUAL(held[n].index, tickets[n].slot);
            CHECK_CODE(slotring_allocate(ring, 1, &slot), SLOTRING_E_FULL);
        }
        for (uint32_t n = 0; n < count; n++)
            CHECK_OK(slotring_abort(ring, &held[n]));
        check_ring(ring);
    }
    for (int i = 0; i < 3; i++)
        read_once(ring, &kept[i]);
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* Somebody was killed between the word that says freed and the bit: a repair sets it. */
static void a_repair_leaves_what_the_dead_one_freed(void)
{
    slotring_t *ring = ring_of(4, SLOTRING_KEEP), *other = ring_attach(ring_name());
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_ticket_t tickets[4];
    slotring_slot_t slot;
    uint64_t left;
    for (uint64_t n = 0; n < 4; n++)
        tickets[n] = publish(ring, 1, n);
    CHECK_OK(slotring_free(other, &tickets[2]));
    CHECK(sr__deferred_find(&ring->member.view, 0, &left));
    atomic_store(&ring->member.view.deferred[0][0], 0);
    CHECK(!sr__deferred_find(&ring->member.view, 0, &left));
    for (uint64_t n = 0; n < 4; n++)
        take_now(reader, pattern_tag(1, n));
    CHECK_CODE(slotring_allocate(ring, 1, &slot), SLOTRING_E_FULL);
    other->member.os->locks.death_lock_release(other->death_lock);
    other->death_lock = NULL;
    CHECK_OK(slotring_recover(ring, NULL));
    CHECK_OK(slotring_allocate(ring, 1, &slot));
    CHECK_EQUAL(slot.index, tickets[2].slot);
    CHECK_OK(slotring_abort(ring, &slot));
    CHECK_OK(slotring_close(other));
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring(ring);
    ring_remove(ring, ring_name());
}

/* Who stands in the way of a ring that keeps: a reader that still needs what was freed, and nobody for what nobody freed. */
static void who_keeps_what_was_freed(void)
{
    slotring_t *ring = ring_of(4, SLOTRING_KEEP), *observer = ring_observe(ring_name());
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_ticket_t tickets[4];
    slotring_blocker_t blocker;
    uint32_t count;
    for (uint64_t n = 0; n < 4; n++)
        tickets[n] = publish(ring, 1, n);
    CHECK_OK(slotring_blockers(observer, &blocker, 1, &count));
    CHECK_EQUAL(count, 0);
    CHECK_OK(slotring_free(ring, &tickets[1]));
    for (uint64_t n = 0; n < 2; n++) {
        CHECK_OK(slotring_blockers(observer, &blocker, 1, &count));
        CHECK_EQUAL(count, 1);
        CHECK_EQUAL(blocker.why, SLOTRING_BLOCKS_BY_LAG);
        CHECK_EQUAL(blocker.row, reader->subscription_number);
        take_now(reader, pattern_tag(1, n));
    }
    CHECK_OK(slotring_blockers(observer, &blocker, 1, &count));
    CHECK_EQUAL(count, 0);
    publish(ring, 1, 4);
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_OK(slotring_close(observer));
    ring_remove(ring, ring_name());
}

static const test_case_t cases[] = {
    {"a_look_passes_what_is_freed_and_nothing_else", a_look_passes_what_is_freed_and_nothing_else, 0},
    {"a_long_run_is_passed_in_one_look", a_long_run_is_passed_in_one_look, 0},
    {"the_first_that_is_left_is_found", the_first_that_is_left_is_found, 0},
    {"a_lossy_reader_gets_what_nobody_freed", a_lossy_reader_gets_what_nobody_freed, 0},
    {"one_jump_over_all_that_was_freed", one_jump_over_all_that_was_freed, 0},
    {"a_full_ring_that_keeps_is_left_alone", a_full_ring_that_keeps_is_left_alone, 0},
    {"what_was_left_comes_back_in_order", what_was_left_comes_back_in_order, 0},
    {"a_repair_leaves_what_the_dead_one_freed", a_repair_leaves_what_the_dead_one_freed, 0},
    {"who_keeps_what_was_freed", who_keeps_what_was_freed, 0},
    {NULL, NULL, 0},
};

const test_suite_t freed_suite = {"freed", cases, NULL};

/* SPDX-License-Identifier: Apache-2.0 */
/* Rings in the steady states that allocate is measured in: every slot free, every slot published, 99 percent of the
 * slots published and held by ticket; and, at random, a third of them free, a third published, a third held. What
 * allocate took is given back in the way that keeps the state, so that each step finds what the one before it found. */
#include <stdlib.h>
#include <string.h>

#include "bench.h"

#define PAYLOAD 64u

static const char *const names[PATTERNS] = {"all-free", "all-ready", "99-percent-held", "random"};

const char *pattern_name(enum pattern_kind kind)
{
    return names[kind];
}

bool pattern_find(const char *name, enum pattern_kind *kind)
{
    for (*kind = ALL_FREE; *kind < PATTERNS; (*kind)++)
        if (strcmp(name, names[*kind]) == 0)
            return true;
    return false;
}

static uint32_t random_below(pattern_t *pattern, uint32_t limit)
{
    /* xorshift32 of Marsaglia, "Xorshift RNGs", 2003: the same numbers in each run */
    pattern->random ^= pattern->random << 13;
    pattern->random ^= pattern->random >> 17;
    pattern->random ^= pattern->random << 5;
    return (uint32_t)((uint64_t)pattern->random * limit >> 32);
}

/* For the new publication another one goes, any. */
static void exchange(pattern_t *pattern, const slotring_ticket_t *fresh)
{
    slotring_ticket_t *ticket = &pattern->tickets[random_below(pattern, pattern->ready)];
    int code = slotring_free(pattern->ring, ticket);
    if (code != SLOTRING_E_STALE) /* it lost its position in the order, so its slot is free already */
        must(code, "free");
    *ticket = *fresh;
}

void pattern_give_back(pattern_t *pattern, slotring_slot_t *slot)
{
    if (pattern->kind == ALL_FREE) {
        must(slotring_abort(pattern->ring, slot), "abort");
        return;
    }
    must(slotring_mark_ready(pattern->ring, slot, PAYLOAD), "mark_ready");
    if (pattern->tickets)
        exchange(pattern, &slot->ticket);
}

void pattern_steps(pattern_t *pattern, uint64_t steps)
{
    slotring_slot_t slot;
    for (uint64_t i = 0; i < steps; i++) {
        must(slotring_allocate(pattern->ring, PAYLOAD, &slot), "allocate");
        pattern_give_back(pattern, &slot);
    }
}

/* Holds all slots but every step-th. The struct is used again and again: closing the holder drops what it holds. */
static void hold_most(const pattern_t *pattern)
{
    uint32_t step = pattern->slots / pattern->spare;
    for (uint32_t i = 0; i < pattern->slots; i++) {
        if (i % step == 0 && i / step < pattern->spare)
            continue;
        slotring_ticket_t ticket;
        slotring_slot_t slot;
        must(slotring_ticket_at(pattern->holder, i, &ticket), "ticket_at");
        must(slotring_acquire_for_read(pattern->holder, &ticket, &slot), "acquire_for_read");
    }
}

/* Decides for each slot. The struct is used again and again, as above. */
static void mix(pattern_t *pattern)
{
    pattern->random = 1;
    pattern->tickets = malloc(pattern->slots * sizeof *pattern->tickets);
    if (!pattern->tickets)
        fail("no memory for the tickets of %u slots", pattern->slots);
    for (uint32_t i = 0; i < pattern->slots; i++) {
        slotring_ticket_t *ticket = &pattern->tickets[pattern->ready];
        slotring_slot_t slot;
        must(slotring_ticket_at(pattern->ring, i, ticket), "ticket_at");
        uint32_t what = random_below(pattern, 3);
        if (what == 0)
            pattern->ready++;
        else if (what == 1)
            must(slotring_free(pattern->ring, ticket), "free");
        else
            must(slotring_acquire_for_read(pattern->holder, ticket, &slot), "acquire_for_read");
    }
}

/* Two laps more: the slots in the order in which allocations get them, which the bare walk follows, and a check that
 * they come in the same order each time. */
static void record_order(pattern_t *pattern)
{
    pattern->order = malloc(pattern->spare * sizeof *pattern->order);
    if (!pattern->order)
        fail("no memory for the order of %u slots", pattern->spare);
    for (uint32_t i = 0; i < 2 * pattern->spare; i++) {
        slotring_slot_t slot;
        must(slotring_allocate(pattern->ring, PAYLOAD, &slot), "allocate");
        uint32_t *place = &pattern->order[i % pattern->spare];
        if (i < pattern->spare)
            *place = slot.index;
        else if (*place != slot.index && pattern->kind != RANDOM)
            fail("%s: slot %u where %u was expected; the bare walk would not be comparable",
                 names[pattern->kind], slot.index, *place);
        pattern_give_back(pattern, &slot);
    }
}

void pattern_open(pattern_t *pattern, enum pattern_kind kind, uint32_t slots)
{
    static unsigned rings;
    char name[64];
    *pattern = (pattern_t){.kind = kind, .slots = slots, .spare = slots};
    ring_name(name, 100 + rings++);
    pattern->ring = ring_create(name, slots, PAYLOAD);
    pattern->holder = ring_attach(name);
    ring_forget(name);
    pattern_steps(pattern, slots);
    if (kind == MOSTLY_HELD) {
        pattern->spare = slots < 200 ? 1 : slots / 100;
        hold_most(pattern);
    } else if (kind == RANDOM) {
        mix(pattern);
    }
    pattern_steps(pattern, 2 * (uint64_t)pattern->spare);
    record_order(pattern);
}

void pattern_close(pattern_t *pattern)
{
    must(slotring_close(pattern->holder), "close");
    must(slotring_close(pattern->ring), "close");
    free(pattern->tickets);
    free(pattern->order);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Readers of a storm of choices: of each pressure, from each start, for all messages or some of them, with a window or without, at
 * random. What they are given they want, it stays whole while it is out, and their account is exact whenever nothing is out. Two more
 * live through everything: one wants messages by their tag, the other one every third; a witness, who has every message, says how
 * many these are. */
#include <string.h>

#include "prove.h"

#define A_MOMENT (20 * MILLISECOND)
#define A_BUDGET (2 * MILLISECOND)
#define WINDOW 2u /* as many messages as a reader may hold, by default, of 16 slots */
#define EVERY 3u
#define TAG_MASK 5u /* of a producer's number of the message */
#define TAG_MATCH 4u

typedef struct choosy {
    slotring_reader_t *reader;
    slotring_reader_options_t options;
    entry_t *entry;
    uint64_t expected, had, missed_at_start;
    slotring_slot_t out[WINDOW];
    uint32_t out_count;
    bool has_window;
} choosy_t;

static bool is_wanted(const slotring_reader_options_t *o, const slotring_slot_t *slot)
{
    return (o->every == 0 || slot->sequence % o->every == 0) && (slot->tag & o->tag_mask) == o->tag_match;
}

/* ---- What they choose --------------------------------------------------------------------------------- */

static void choose_pressure(slotring_reader_options_t *o, uint32_t *seed)
{
    static const uint32_t modes[] = {SLOTRING_LOSSLESS, SLOTRING_BUDGETED, SLOTRING_LOSSY};
    o->mode = modes[prove_random(seed) % 3];
    if (o->mode == SLOTRING_BUDGETED) {
        o->budget_messages = 1 + prove_random(seed) % 4;
        o->budget_ns = A_BUDGET;
    }
}

static void choose_messages(slotring_reader_options_t *o, uint32_t *seed)
{
    if (prove_random(seed) % 3 == 0)
        o->every = EVERY;
    if (prove_random(seed) % 3 == 0) {
        o->tag_mask = TAG_MASK;
        o->tag_match = TAG_MATCH;
    }
    if (o->mode == SLOTRING_LOSSY && prove_random(seed) % 3 == 0)
        o->wanted = SLOTRING_WANTS_LATEST;
    else if (o->every == 0 && o->tag_mask == 0)
        o->window = prove_random(seed) % 2 ? WINDOW : 0;
}

/* A sequence that is there, gone, or not yet there. */
static void choose_start(slotring_t *ring, slotring_reader_options_t *o, uint32_t *seed)
{
    uint64_t published = ring_stats(ring).published, back = prove_random(seed) % 64;
    if (ring_info(ring).hot_slots || o->wanted == SLOTRING_WANTS_LATEST)
        return;
    switch (prove_random(seed) % 4) {
    case 0:
        o->start = SLOTRING_FROM_OLDEST;
        break;
    case 1:
        o->start = SLOTRING_FROM_LAST;
        o->first = 1 + prove_random(seed) % WINDOW;
        break;
    case 2:
        o->start = SLOTRING_FROM_SEQUENCE;
        o->first = published > back ? published - back : 0;
        break;
    default:
        break;
    }
}

/* ---- What they get ------------------------------------------------------------------------------------ */

static void check_account(choosy_t *c)
{
    slotring_reader_info_t info;
    CHECK_OK(slotring_reader_info(c->reader, &info));
    CHECK_EQUAL(info.delivered, c->had);
    CHECK_EQUAL(info.delivered + info.missed + info.passed_over + info.pending, info.cursor - info.start);
    if (c->options.mode == SLOTRING_LOSSLESS)
        CHECK_EQUAL(info.missed, c->missed_at_start);
    if (c->options.every == 0 && c->options.tag_mask == 0 && c->options.wanted != SLOTRING_WANTS_LATEST)
        CHECK_EQUAL(info.passed_over, 0);
}

/* One of those that are out, whichever. Revoked or not, it was whole until now. */
static void let_go(choosy_t *c, uint32_t *seed)
{
    uint32_t which = prove_random(seed) % c->out_count;
    pattern_check(&c->out[which]);
    CHECK_OK(c->has_window ? slotring_reader_release_one(c->reader, &c->out[which])
                           : slotring_reader_release(c->reader));
    c->out[which] = c->out[--c->out_count];
    c->had++;
}

static bool get(choosy_t *c)
{
    slotring_slot_t *slot = &c->out[c->out_count];
    int code = slotring_next(c->reader, A_MOMENT, slot);
    if (code == SLOTRING_E_TIMEOUT || code == SLOTRING_E_END || code == SLOTRING_E_PRODUCER_DIED)
        return false;
    if (code == SLOTRING_E_STATE && c->out_count > 0)
        return false; /* the past has to be released, or the oldest message */
    if (code == SLOTRING_E_REVOKED && c->options.mode == SLOTRING_BUDGETED) {
        atomic_fetch_add(&journal->revoked, 1);
        return false;
    }
    CHECK_OK(code);
    if (!is_wanted(&c->options, slot))
        FAIL("message %llu with tag 0x%llx was given, which the reader does not want",
             (unsigned long long)slot->sequence, (unsigned long long)slot->tag);
    CHECK_AT_LEAST(slot->sequence, c->expected);
    c->expected = slot->sequence + 1;
    note_read(c->entry, slot);
    c->out_count++;
    return true;
}

static void read_for_a_while(choosy_t *c, uint32_t *seed)
{
    uint64_t wanted = prove_random(seed) % 1024;
    while (c->had < wanted && !storm_ending()) {
        bool got = get(c);
        if (c->out_count > 0 && (!got || c->out_count == WINDOW || !c->has_window))
            let_go(c, seed);
        if (c->out_count == 0 && prove_random(seed) % 16 == 0)
            check_account(c);
    }
    while (c->out_count > 0)
        let_go(c, seed);
    check_account(c);
}

void acts_choosy(const char *name, uint32_t seed)
{
    slotring_t *ring = ring_attach(name);
    choosy_t c = {.entry = journal_entry()};
    while (!storm_ending()) {
        slotring_reader_info_t info;
        c.options = reader_options(SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
        choose_pressure(&c.options, &seed);
        choose_messages(&c.options, &seed);
        choose_start(ring, &c.options, &seed);
        c.has_window = c.options.window > 0;
        c.reader = subscribe_with(ring, &c.options);
        CHECK_OK(slotring_reader_info(c.reader, &info));
        c.expected = info.start;
        c.missed_at_start = info.missed;
        c.had = 0;
        read_for_a_while(&c, &seed);
        CHECK_OK(slotring_unsubscribe(c.reader));
        atomic_fetch_add(&journal->choices, 1);
    }
    CHECK_OK(slotring_close(ring));
}

/* ---- Those that live through everything --------------------------------------------------------------- */

static slotring_reader_options_t choice_of(uint32_t number)
{
    slotring_reader_options_t options = reader_options(SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    options.every = number == 0 ? EVERY : 0;
    options.tag_mask = number == 0 ? 0 : TAG_MASK;
    options.tag_match = number == 0 ? 0 : TAG_MATCH;
    return options;
}

void note_for_choosy(const slotring_slot_t *slot)
{
    for (uint32_t i = 0; i < CHOICES; i++) {
        slotring_reader_options_t options = choice_of(i);
        if (is_wanted(&options, slot))
            atomic_fetch_add(&journal->wanted[i], 1);
    }
}

void acts_choosy_witness(const char *name, uint32_t number)
{
    slotring_t *ring = ring_attach(name);
    choosy_t c = {.entry = journal_entry(), .options = choice_of(number)};
    slotring_reader_info_t info;
    uint32_t seed = number;
    c.reader = subscribe_with(ring, &c.options);
    atomic_fetch_add(&journal->seated, 1);
    for (;;) {
        uint64_t last = atomic_load(&journal->last); /* before the look */
        bool got = get(&c);
        if (got)
            let_go(&c, &seed);
        CHECK_OK(slotring_reader_info(c.reader, &info));
        if (!got && info.cursor >= last)
            break;
    }
    check_account(&c);
    CHECK_EQUAL(info.missed, 0);
    CHECK_EQUAL(info.cursor - info.start, atomic_load(&journal->last));
    atomic_store(&journal->chosen[number], c.had);
    CHECK_OK(slotring_close(ring));
}

void account_for_choices(void)
{
    for (uint32_t i = 0; i < CHOICES; i++)
        CHECK_EQUAL(atomic_load(&journal->chosen[i]), atomic_load(&journal->wanted[i]));
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Readers of a storm of records that choose: lossless, with a budget or lossy; all messages, every third of each writer, by tag, or the
 * latest; with a window or without. What they are given they want, it comes in the order of its writer and stays whole while it is
 * out. A lossless one gets each message that it wants. */
#include <string.h>

#include "prove.h"
#include "support/records.h"

#define A_MOMENT (20 * MILLISECOND)
#define A_BUDGET (2 * MILLISECOND)
#define WINDOW 2u
#define EVERY 3u
#define TAG_MASK 5u /* of a writer's number of the message, in the journal */
#define TAG_MATCH 4u

/* What came last from one row of the ring's writers. */
typedef struct last {
    bool known;
    uint64_t number; /* as the ring counts them */
    uint64_t tag;
} last_t;

typedef struct choosy {
    slotring_t *ring;
    slotring_reader_t *reader;
    slotring_reader_options_t options;
    last_t last[ROWS_MOST];
    slotring_slot_t out[WINDOW];
    uint32_t out_count;
    uint64_t had;
    bool may_miss, has_window; /* may_miss: also a lossless reader may, at its start in the past */
} choosy_t;

static void choose(choosy_t *c, uint32_t *seed)
{
    static const uint32_t modes[] = {SLOTRING_LOSSLESS, SLOTRING_BUDGETED, SLOTRING_LOSSY};
    slotring_reader_options_t *o = &c->options;
    *o = reader_options(modes[prove_random(seed) % 3], any_start(c->ring, seed));
    if (o->mode == SLOTRING_BUDGETED) {
        o->budget_messages = 1 + prove_random(seed) % 4;
        o->budget_ns = A_BUDGET;
    }
    if (prove_random(seed) % 2 == 0)
        o->every = EVERY;
    if (prove_random(seed) % 2 == 0) {
        o->tag_mask = TAG_MASK;
        o->tag_match = TAG_MATCH;
    }
    if (o->mode == SLOTRING_LOSSY && o->start == SLOTRING_FROM_NOW && prove_random(seed) % 3 == 0)
        o->wanted = SLOTRING_WANTS_LATEST;
    else if (o->every == 0 && o->tag_mask == 0)
        o->window = prove_random(seed) % 2 ? WINDOW : 0;
    c->has_window = o->window > 0;
    c->may_miss = o->mode != SLOTRING_LOSSLESS;
}

static bool wants(const slotring_reader_options_t *o, uint64_t number, uint64_t tag)
{
    return (o->every == 0 || number % o->every == 0) && (tag & o->tag_mask) == o->tag_match;
}

/* Between two messages of one life of a writer lie those that the reader does not want, and no others. */
static void misses_nothing(const choosy_t *c, const last_t *last, const slotring_slot_t *slot)
{
    uint32_t life = pattern_producer(slot->tag);
    if (pattern_producer(last->tag) != life)
        return;
    CHECK_EQUAL(slot->number - last->number, pattern_number(slot->tag) - pattern_number(last->tag));
    for (uint64_t i = 1; i < slot->number - last->number; i++)
        if (wants(&c->options, last->number + i, pattern_tag(life, pattern_number(last->tag) + i)))
            FAIL("message %llu of writer %u was not given, and the reader wants it",
                 (unsigned long long)(last->number + i), slot->writer);
}

static void check_given(choosy_t *c, const slotring_slot_t *slot)
{
    bool of_writer = slot->writer != SLOTRING_NO_WRITER;
    uint64_t number = of_writer ? slot->number : slot->sequence;
    uint32_t life = pattern_producer(slot->tag);
    CHECK_AT_LEAST(atomic_load(&journal->entries), life + 1);
    CHECK_AT_LEAST(atomic_load(&journal->entry[life].tried), pattern_number(slot->tag) + 1);
    if (!wants(&c->options, number, slot->tag))
        FAIL("message %llu with tag 0x%llx was given, which the reader does not want",
             (unsigned long long)number, (unsigned long long)slot->tag);
    if (!of_writer)
        return;
    CHECK(slot->writer < ROWS_MOST);
    last_t *last = &c->last[slot->writer];
    if (last->known) {
        CHECK_AT_LEAST(slot->number, last->number + 1);
        if (!c->may_miss)
            misses_nothing(c, last, slot);
    }
    *last = (last_t){true, slot->number, slot->tag};
}

static void check_bytes(choosy_t *c, const slotring_slot_t *slot)
{
    if (slot->writer == SLOTRING_NO_WRITER)
        pattern_check(slot);
    else
        record_check_pieces(c->ring, slot, largest_message(c->ring));
}

static void let_go(choosy_t *c, uint32_t which)
{
    check_bytes(c, &c->out[which]);
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
        return false;
    if (code == SLOTRING_E_REVOKED && c->options.mode == SLOTRING_BUDGETED)
        return false;
    CHECK_OK(code);
    check_given(c, slot);
    check_bytes(c, slot);
    c->out_count++;
    return true;
}

void acts_records_choosy(const char *name, uint32_t seed)
{
    choosy_t c = {.ring = ring_attach(name)};
    while (!storm_ending()) {
        uint64_t wanted = prove_random(&seed) % 1024;
        choose(&c, &seed);
        c.reader = subscribe_with(c.ring, &c.options);
        memset(c.last, 0, sizeof c.last);
        c.had = 0;
        while (c.had < wanted && !storm_ending()) {
            bool got = get(&c);
            if (c.out_count > 0 && (!got || c.out_count == WINDOW || !c.has_window))
                let_go(&c, prove_random(&seed) % c.out_count);
        }
        while (c.out_count > 0)
            let_go(&c, 0);
        CHECK_OK(slotring_unsubscribe(c.reader));
    }
    CHECK_OK(slotring_close(c.ring));
}

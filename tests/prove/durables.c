/* SPDX-License-Identifier: Apache-2.0 */
/* Durable subscriptions in a storm of deliveries. One wants all messages, one is told of the marks as well, one wants some messages by
 * their tag, and the readers of one have several messages out and acknowledge them in any order. Readers of them are killed, are
 * stopped and leave. Each message that a subscription wants is given until it is acknowledged, and never again. */
#include <stdio.h>
#include <unistd.h>

#include "followed.h"
#include "prove.h"

#define WINDOW 4u
#define TAG_MASK 5u /* of a producer's number of the message */
#define TAG_MATCH 4u

enum {
    WANTS_ALL = 0,
    IS_TOLD_OF_MARKS,
    WANTS_A_TAG,
    HAS_A_WINDOW
};

/* One reader of a subscription, and what it has out. */
typedef struct holder {
    slotring_reader_t *reader;
    followed_t *followed;
    entry_t *entry;
    uint32_t number, most, out_count;
    uint64_t expected; /* the next sequence, or a later one; 0: not known yet */
    slotring_slot_t out[WINDOW];
    uint64_t words[WINDOW];
} holder_t;

static void name_of(uint32_t number, char *name, size_t size)
{
    (void)snprintf(name, size, "durable-%u", number);
}

static slotring_reader_t *go_on(slotring_t *ring, uint32_t number)
{
    char name[16];
    slotring_reader_t *reader = NULL;
    slotring_reader_options_t options = reader_options(SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    name_of(number, name, sizeof name);
    options.flags = SLOTRING_DURABLE | (number == IS_TOLD_OF_MARKS ? SLOTRING_TELL_MARKS : 0);
    options.name = name;
    options.tag_mask = journal->durable[number].tag_mask;
    options.tag_match = journal->durable[number].tag_match;
    options.window = number == HAS_A_WINDOW ? WINDOW : 0;
    int code = slotring_subscribe(ring, &options, &reader);
    CHECK(code == 0 || code == SLOTRING_E_SUBSCRIBED || code == SLOTRING_E_BUSY);
    return reader; /* NULL: another one has it, or a stopped process has the ring's lock */
}

static void begin_holder(holder_t *h, slotring_reader_t *reader, uint32_t number, entry_t *entry)
{
    h->reader = reader;
    h->followed = &journal->durable[number];
    h->entry = entry;
    h->number = number;
    h->most = number == HAS_A_WINDOW ? WINDOW : 1;
    h->out_count = 0;
    h->expected = 0;
}

/* One reader gets its messages in order; one that wants all of them gets one after the other. */
static void follows(holder_t *h, uint64_t sequence)
{
    CHECK_AT_LEAST(sequence, h->expected);
    if ((h->number == WANTS_ALL || h->number == IS_TOLD_OF_MARKS) && h->expected != 0)
        CHECK_EQUAL(sequence, h->expected);
    h->expected = sequence + 1;
}

static void let_go(holder_t *h, uint32_t which)
{
    slotring_slot_t *slot = &h->out[which];
    pattern_check(slot);
    followed_ending(h->followed, slot->sequence, &h->words[which]);
    CHECK_OK(h->number == HAS_A_WINDOW ? slotring_reader_release_one(h->reader, slot)
                                       : slotring_reader_release(h->reader));
    followed_ended(h->followed, slot->sequence, h->words[which]);
    h->out_count--;
    h->out[which] = h->out[h->out_count];
    h->words[which] = h->words[h->out_count];
}

/* False: there is no message, or not yet. */
static bool take_one(holder_t *h)
{
    slotring_slot_t *slot = &h->out[h->out_count];
    int code = slotring_next(h->reader, 2 * MILLISECOND, slot);
    if (code == SLOTRING_E_TIMEOUT || code == SLOTRING_E_END || code == SLOTRING_E_PRODUCER_DIED)
        return false;
    if (code == SLOTRING_E_MARK && h->number == IS_TOLD_OF_MARKS) {
        note_durable_mark(h->reader);
        return true;
    }
    if (code == SLOTRING_E_STATE && h->out_count > 0)
        return false; /* the oldest that is out has to be released */
    CHECK_OK(code);
    follows(h, slot->sequence);
    h->words[h->out_count] = followed_given(h->followed, slot, UINT64_MAX);
    h->out_count++;
    note_read(h->entry, slot);
    return true;
}

/* Reads from one subscription until it leaves, perhaps with messages out, is killed, or finds nothing: then producers may be waiting
 * for another subscription, which nobody has. */
static void read_for_a_while(holder_t *h, uint32_t *seed)
{
    for (uint32_t left = prove_random(seed) % 512; left > 0 && !storm_ending(); left--) {
        bool took = h->out_count < h->most && take_one(h);
        if (!took && h->out_count == 0)
            return;
        if (!took || prove_random(seed) % 2 == 0)
            while (h->out_count > 0 && (h->out_count == h->most || prove_random(seed) % 2 == 0))
                let_go(h, prove_random(seed) % h->out_count);
    }
}

void acts_durable(const char *name, uint32_t seed)
{
    slotring_t *ring = ring_attach(name);
    entry_t *entry = journal_entry();
    while (!storm_ending()) {
        uint32_t number = prove_random(&seed) % DURABLE;
        slotring_reader_t *reader = go_on(ring, number);
        holder_t h;
        if (!reader) {
            (void)usleep(1000);
            continue;
        }
        begin_holder(&h, reader, number, entry);
        read_for_a_while(&h, &seed);
        CHECK_OK(slotring_unsubscribe(reader));
    }
    CHECK_OK(slotring_close(ring));
}

/* ---- Begin and end ------------------------------------------------------------------------------------ */

/* Before anything is published, so that a subscription begins where its account does. */
void begin_durables(slotring_t *ring)
{
    journal->durable[WANTS_A_TAG].tag_mask = TAG_MASK;
    journal->durable[WANTS_A_TAG].tag_match = TAG_MATCH;
    for (uint32_t i = 0; i < DURABLE; i++) {
        slotring_reader_info_t info;
        slotring_reader_t *reader = go_on(ring, i);
        CHECK(reader != NULL);
        CHECK_OK(slotring_reader_info(reader, &info));
        journal->durable[i].start = info.start;
        CHECK_OK(slotring_unsubscribe(reader));
    }
}

/* For a witness that has every message. */
void note_for_durables(const slotring_slot_t *slot)
{
    for (uint32_t i = 0; i < DURABLE; i++)
        followed_witnessed(&journal->durable[i], slot);
}

/* The rest of it: all, and nothing twice. */
static void finish(holder_t *h, uint64_t last)
{
    slotring_reader_info_t info;
    int64_t begun = now_ns();
    do {
        CHECK(now_ns() - begun < PATIENCE);
        (void)take_one(h);
        if (h->out_count > 0)
            let_go(h, 0);
        CHECK_OK(slotring_reader_info(h->reader, &info));
    } while (info.cursor < last);
    if (h->number == IS_TOLD_OF_MARKS)
        while (take_one(h)) { /* the marks behind the last message */
        }
}

/* `last_mark`: one that was made after everything else. Its offset is what all gaps add up to. */
void account_for_durables(slotring_t *ring, const slotring_mark_t *last_mark)
{
    entry_t *entry = journal_entry();
    uint64_t last = atomic_load(&journal->last);
    for (uint32_t i = 0; i < DURABLE; i++) {
        followed_t *followed = &journal->durable[i];
        slotring_reader_info_t info;
        char name[16];
        holder_t h;
        begin_holder(&h, go_on(ring, i), i, entry);
        CHECK(h.reader != NULL);
        check_context("durable subscription %u", i);
        finish(&h, last);
        followed_close(followed, last);
        uint64_t unwanted = atomic_load(&followed->unwanted);
        CHECK_OK(slotring_reader_info(h.reader, &info));
        CHECK_EQUAL(info.missed, 0);
        CHECK_EQUAL(info.cursor, last);
        CHECK_EQUAL(info.passed_over, unwanted);
        CHECK_EQUAL(info.delivered, last - info.start - unwanted);
        CHECK_EQUAL(followed_not_acknowledged(followed), unwanted);
        if (info.gap != UINT64_MAX) /* it is known as long as marks are kept */
            CHECK_EQUAL(info.gap, last_mark->offset);
        CHECK_OK(slotring_unsubscribe(h.reader));
        name_of(i, name, sizeof name);
        CHECK_OK(slotring_forget(ring, name));
    }
    check_context("%s", "");
    CHECK_EQUAL(atomic_load(&journal->durable_told), last_mark->number + 1);
}

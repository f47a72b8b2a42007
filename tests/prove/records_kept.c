/* SPDX-License-Identifier: Apache-2.0 */
/* A durable subscription and a group in a storm of messages of any size. Their readers are killed, are stopped and leave. The durable
 * one gives each message of each writer once, in the writer's order, and goes on with the record after the last one that was
 * acknowledged. A member of the group gets a whole slot of records, and all of them come again unless it acknowledged the last one. */
#include <unistd.h>

#include "followed.h"
#include "prove.h"
#include "support/records.h"

#define A_MOMENT (2 * MILLISECOND)
#define WINDOW 4u
#define NAME "records"
#define GROUP "workers on records"

static void check_bytes(slotring_t *ring, const slotring_slot_t *slot)
{
    if (slot->writer == SLOTRING_NO_WRITER)
        pattern_check(slot);
    else
        record_check_pieces(ring, slot, largest_message(ring));
}

static bool is_nothing(int code)
{
    return code == SLOTRING_E_TIMEOUT || code == SLOTRING_E_END || code == SLOTRING_E_PRODUCER_DIED;
}

static slotring_reader_t *join(slotring_t *ring, uint32_t flags, uint32_t window)
{
    slotring_reader_t *reader = NULL;
    slotring_reader_options_t options = reader_options(SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    options.flags = flags;
    options.name = flags == SLOTRING_GROUP ? GROUP : NAME;
    options.window = window;
    int code = slotring_subscribe(ring, &options, &reader);
    CHECK(code == 0 || code == SLOTRING_E_SUBSCRIBED || code == SLOTRING_E_BUSY);
    return reader; /* NULL: another one has it, or a stopped process has the ring's lock */
}

/* ---- The durable subscription ------------------------------------------------------------------------- */

typedef struct holder {
    slotring_t *ring;
    slotring_reader_t *reader;
    slotring_slot_t out[WINDOW]; /* in the order in which they came */
    uint32_t out_count, most;
} holder_t;

static entry_t *writer_of(const slotring_slot_t *slot)
{
    uint32_t writer = pattern_producer(slot->tag);
    CHECK_AT_LEAST(atomic_load(&journal->entries), writer + 1);
    return &journal->entry[writer];
}

/* It is the next one of its writer, counted from what is acknowledged and what is out. A reader that was killed in the middle of a
 * release has acknowledged that message or not. */
static void follows(const holder_t *h, const slotring_slot_t *slot)
{
    entry_t *entry = writer_of(slot);
    uint64_t out = 0, number = pattern_number(slot->tag);
    for (uint32_t i = 0; i < h->out_count; i++)
        out += writer_of(&h->out[i]) == entry;
    uint64_t acknowledged = atomic_load(&entry->acknowledged);
    if (out == 0 && number == atomic_load(&entry->releasing) && number == acknowledged + 1)
        atomic_store(&entry->acknowledged, acknowledged = number);
    if (number != acknowledged + out)
        FAIL("message %llu of writer %u was given, after %llu were acknowledged and with %llu out",
             (unsigned long long)number, journal_number(entry), (unsigned long long)acknowledged,
             (unsigned long long)out);
    CHECK_AT_LEAST(atomic_load(&entry->tried), number + 1);
}

static void let_go(holder_t *h, uint32_t which)
{
    entry_t *entry = writer_of(&h->out[which]);
    uint64_t number = pattern_number(h->out[which].tag);
    check_bytes(h->ring, &h->out[which]);
    CHECK_EQUAL(number, atomic_load(&entry->acknowledged));
    atomic_store(&entry->releasing, number + 1);
    CHECK_OK(h->most > 1 ? slotring_reader_release_one(h->reader, &h->out[which])
                         : slotring_reader_release(h->reader));
    atomic_store(&entry->acknowledged, number + 1);
    h->out_count--;
    for (uint32_t i = which; i < h->out_count; i++)
        h->out[i] = h->out[i + 1];
}

static bool goes_first(const slotring_slot_t *older, const slotring_slot_t *slot)
{
    bool same_writer = older->writer == slot->writer && slot->writer != SLOTRING_NO_WRITER;
    return same_writer || pattern_producer(older->tag) == pattern_producer(slot->tag);
}

/* One that may be acknowledged before older ones: no older one that is out is of its writer, nor of its process. */
static uint32_t any_that_may_go(const holder_t *h, uint32_t *seed)
{
    uint32_t which = prove_random(seed) % h->out_count;
    for (uint32_t i = which; i-- > 0;)
        if (goes_first(&h->out[i], &h->out[which]))
            which = i;
    return which;
}

static bool take_one(holder_t *h)
{
    slotring_slot_t *slot = &h->out[h->out_count];
    int code = slotring_next(h->reader, A_MOMENT, slot);
    if (is_nothing(code) || (code == SLOTRING_E_STATE && h->out_count > 0))
        return false;
    CHECK_OK(code);
    follows(h, slot);
    check_bytes(h->ring, slot);
    h->out_count++;
    return true;
}

void acts_records_durable(const char *name, uint32_t seed)
{
    holder_t h = {.ring = ring_attach(name)};
    while (!storm_ending()) {
        uint32_t window = prove_random(&seed) % 2 ? WINDOW : 0;
        h.reader = join(h.ring, SLOTRING_DURABLE, window);
        h.most = window ? window : 1;
        h.out_count = 0;
        if (!h.reader)
            (void)usleep(1000); /* another one has it */
        for (uint32_t left = prove_random(&seed) % 512; h.reader && left > 0 && !storm_ending(); left--) {
            bool took = h.out_count < h.most && take_one(&h);
            while (h.out_count > 0 && (!took || h.out_count == h.most || prove_random(&seed) % 2 == 0)) {
                let_go(&h, any_that_may_go(&h, &seed));
                took = true;
            }
        }
        if (h.reader)
            CHECK_OK(slotring_unsubscribe(h.reader)); /* perhaps with messages out */
    }
    CHECK_OK(slotring_close(h.ring));
}

/* ---- The group ---------------------------------------------------------------------------------------- */

/* What a member has in its hands: the messages of one publication after the other. */
typedef struct member {
    slotring_t *ring;
    slotring_reader_t *reader;
    bool has;
    uint64_t sequence, number, word;
} member_t;

/* The publication that the member had is acknowledged: it was given another one, or there is no other. */
static void ends_unit(member_t *m)
{
    if (m->has)
        followed_ended(&journal->groups[0], m->sequence, m->word);
    m->has = false;
}

static void is_given(member_t *m, const slotring_slot_t *slot)
{
    check_bytes(m->ring, slot);
    CHECK(slot->sequence != UINT64_MAX); /* its writer has ended the slot */
    if (m->has && m->sequence == slot->sequence) {
        CHECK_EQUAL(slot->number, m->number + 1);
        followed_more(&journal->groups[0], slot->sequence, &m->word);
    } else {
        ends_unit(m);
        m->word = followed_given(&journal->groups[0], slot, slot->deliveries);
        m->sequence = slot->sequence;
        m->has = true;
    }
    m->number = slot->number;
}

/* One message. Its release acknowledges the publication if it was the last one of that. False: nothing is there. */
static bool work(member_t *m, uint32_t *seed)
{
    slotring_slot_t slot;
    int code = slotring_next(m->reader, A_MOMENT, &slot);
    if (code == SLOTRING_E_PRODUCER_DIED)
        return true;
    if (is_nothing(code)) {
        ends_unit(m);
        return false;
    }
    CHECK_OK(code);
    is_given(m, &slot);
    if (seed && prove_random(seed) % 64 == 0)
        (void)usleep(prove_random(seed) % 4000);
    followed_ending(&journal->groups[0], m->sequence, &m->word);
    CHECK_OK(slotring_reader_release(m->reader));
    return true;
}

void acts_records_worker(const char *name, uint32_t seed)
{
    member_t m = {.ring = ring_attach(name)};
    while (!storm_ending()) {
        m.reader = join(m.ring, SLOTRING_GROUP, 0);
        m.has = false;
        for (uint32_t left = prove_random(&seed) % 1024; m.reader && left > 0 && !storm_ending(); left--)
            (void)work(&m, &seed);
        if (m.reader)
            CHECK_OK(slotring_unsubscribe(m.reader)); /* perhaps in the middle of a slot */
    }
    CHECK_OK(slotring_close(m.ring));
}

/* ---- Begin and end ------------------------------------------------------------------------------------ */

void begin_records_kept(slotring_t *ring)
{
    slotring_reader_info_t info;
    slotring_reader_t *durable = join(ring, SLOTRING_DURABLE, 0), *member = join(ring, SLOTRING_GROUP, 0);
    CHECK(durable != NULL && member != NULL);
    CHECK_OK(slotring_reader_info(durable, &info));
    journal->groups[0].start = info.start; /* nothing is published yet */
    CHECK_OK(slotring_unsubscribe(durable));
    CHECK_OK(slotring_unsubscribe(member));
}

static void account_for_durable(slotring_t *ring)
{
    holder_t h = {.ring = ring, .reader = join(ring, SLOTRING_DURABLE, 0), .most = 1};
    slotring_reader_info_t info;
    CHECK(h.reader != NULL);
    while (take_one(&h))
        let_go(&h, 0);
    CHECK_OK(slotring_reader_info(h.reader, &info));
    CHECK_EQUAL(info.missed + info.records_missed, 0);
    CHECK_EQUAL(info.cursor, ring_stats(ring).published);
    for (uint32_t i = 0; i < atomic_load(&journal->entries); i++) {
        entry_t *entry = &journal->entry[i];
        uint64_t acknowledged = atomic_load(&entry->acknowledged),
                 received = atomic_load(&entry->received[0]);
        check_context("writer %u", i);
        if (acknowledged + 1 == received) /* its last reader was killed in the middle of the release */
            acknowledged = atomic_load(&entry->releasing);
        CHECK_EQUAL(acknowledged, received);
    }
    check_context("%s", "");
    CHECK_OK(slotring_unsubscribe(h.reader));
    CHECK_OK(slotring_forget(ring, NAME));
}

/* Each message was given and acknowledged. A slot that its writer gave up empty is a publication that nobody is given. */
static void account_for_group(slotring_t *ring)
{
    member_t m = {.ring = ring, .reader = join(ring, SLOTRING_GROUP, 0)};
    followed_t *group = &journal->groups[0];
    uint64_t received = 0;
    CHECK(m.reader != NULL);
    while (work(&m, NULL)) {
    }
    followed_close(group, ring_stats(ring).published);
    for (uint32_t i = 0; i < atomic_load(&journal->entries); i++)
        received += atomic_load(&journal->entry[i].received[0]);
    CHECK_EQUAL(atomic_load(&group->given), received);
    CHECK_EQUAL(atomic_load(&group->laid_aside), 0);
    CHECK_OK(slotring_unsubscribe(m.reader));
    CHECK_OK(slotring_forget(ring, GROUP));
}

void account_for_records_kept(slotring_t *ring)
{
    CHECK_OK(slotring_recover(ring, NULL));
    account_for_durable(ring);
    account_for_group(ring);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A storm of groups: workers that share the messages, and are killed, stopped and leave with messages in their hands, beside
 * producers and lossless witnesses. One group gives each message until somebody acknowledges it; the other one lays it aside after
 * TRIES members. A place in the journal follows each message of a group through all its members: none is lost, none is given again
 * after it was acknowledged, no two members have it at a time, and `deliveries` counts all that had it (followed.h).
 * With filters no member is given what its group does not want, and a witness, who has every message, says how many these are: the
 * group's count of what it passed over is the same, and no more messages than these were given to nobody. */
#include <string.h>
#include <unistd.h>

#include "followed.h"
#include "prove.h"

#define A_MOMENT (2 * MILLISECOND)
#define BATCH 4u
#define TRIES 2u
#define LETTERS 2u
#define EVERY 3u    /* the group with tries wants these, by their sequence */
#define TAG_MASK 5u /* and the other one these, by their producer's number of them */
#define TAG_MATCH 4u
#define POISON 61u /* of the group with tries: who gets such a message leaves with it in its hands */

void note_for_groups(const slotring_slot_t *slot)
{
    for (uint32_t i = 0; i < GROUPS; i++)
        followed_witnessed(&journal->groups[i], slot);
}

/* ---- Members ------------------------------------------------------------------------------------------ */

static const char *group_name(uint32_t number)
{
    return number == 0 ? "workers" : "workers-with-letters";
}

static slotring_reader_t *join(slotring_t *ring, uint32_t number)
{
    slotring_reader_t *reader = NULL;
    slotring_reader_options_t options = reader_options(SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    options.flags = SLOTRING_GROUP;
    options.name = group_name(number);
    options.tries = number == 0 ? 0 : TRIES;
    options.letters = number == 0 ? 0 : LETTERS;
    options.every = (uint32_t)journal->groups[number].every;
    options.tag_mask = journal->groups[number].tag_mask;
    options.tag_match = journal->groups[number].tag_match;
    int code = slotring_subscribe(ring, &options, &reader);
    CHECK(code == 0 || code == SLOTRING_E_BUSY); /* a stopped process has the ring's lock */
    return reader;
}

static bool is_poison(const slotring_slot_t *slots, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (pattern_number(slots[i].tag) % POISON == 0)
            return true;
    return false;
}

/* Works on them for a while, now and then: so many a member is killed or stopped with messages in its hands. */
static void dawdle(uint32_t *seed)
{
    if (prove_random(seed) % 8 == 0)
        (void)usleep(prove_random(seed) % 4000);
}

/* Some messages. False: there is none, or this member leaves with them in its hands. */
static bool work(slotring_reader_t *reader, followed_t *group, entry_t *entry, uint32_t most, uint32_t *seed,
                 bool leaves)
{
    slotring_slot_t slots[BATCH];
    uint64_t words[BATCH];
    uint32_t count;
    int code = slotring_next_batch(reader, A_MOMENT, slots, most, &count);
    if (code == SLOTRING_E_TIMEOUT || code == SLOTRING_E_END || code == SLOTRING_E_PRODUCER_DIED)
        return false;
    CHECK_OK(code);
    for (uint32_t i = 0; i < count; i++)
        words[i] = followed_given(group, &slots[i], slots[i].deliveries);
    for (uint32_t i = 0; i < count; i++)
        note_read(entry, &slots[i]);
    if (seed)
        dawdle(seed);
    if (leaves && is_poison(slots, count))
        return false;
    for (uint32_t i = 0; i < count; i++)
        followed_ending(group, slots[i].sequence, &words[i]);
    CHECK_OK(slotring_reader_release(reader));
    for (uint32_t i = 0; i < count; i++)
        followed_ended(group, slots[i].sequence, words[i]);
    return true;
}

/* A member of one group until it is killed, leaves, or finds nothing: then producers may be waiting for the other group. */
void acts_worker(const char *name, uint32_t seed)
{
    slotring_t *ring = ring_attach(name);
    entry_t *entry = journal_entry();
    while (!storm_ending()) {
        uint32_t number = prove_random(&seed) % GROUPS, most = 1 + prove_random(&seed) % BATCH;
        slotring_reader_t *reader = join(ring, number);
        uint32_t wanted = prove_random(&seed) % 512;
        while (reader && wanted > 0 && !storm_ending() &&
               work(reader, &journal->groups[number], entry, most, &seed, number != 0))
            wanted--;
        if (reader)
            CHECK_OK(slotring_unsubscribe(reader));
    }
    CHECK_OK(slotring_close(ring));
}

/* ---- Begin and end ------------------------------------------------------------------------------------ */

/* What the ring says of a group. */
static slotring_reader_info_t info_of(slotring_t *ring, uint32_t number)
{
    slotring_reader_info_t list[32];
    uint32_t count;
    CHECK_OK(slotring_readers(ring, list, 32, &count));
    for (uint32_t i = 0; i < count; i++)
        if (list[i].durable && list[i].group != 0 && strcmp(list[i].name, group_name(number)) == 0)
            return list[i];
    FAIL("the ring has no group %s", group_name(number));
}

/* Before anything is published, so that a group begins where the first of its members does. */
void begin_groups(slotring_t *ring, bool filtered)
{
    if (filtered) {
        journal->groups[0].tag_mask = TAG_MASK;
        journal->groups[0].tag_match = TAG_MATCH;
        journal->groups[1].every = EVERY;
    }
    for (uint32_t i = 0; i < GROUPS; i++) {
        slotring_reader_t *reader = join(ring, i);
        CHECK(reader != NULL);
        journal->groups[i].start = info_of(ring, i).start;
        CHECK_OK(slotring_unsubscribe(reader));
    }
}

static void finish(slotring_t *ring, uint32_t number, uint64_t last)
{
    entry_t *entry = journal_entry();
    slotring_reader_t *reader = join(ring, number);
    int64_t begun = now_ns();
    CHECK(reader != NULL);
    while (info_of(ring, number).cursor < last) {
        (void)work(reader, &journal->groups[number], entry, 1, NULL, false);
        CHECK(now_ns() - begun < PATIENCE);
    }
    CHECK_OK(slotring_unsubscribe(reader));
}

static void account_for_letters(slotring_t *ring, uint32_t number, const slotring_reader_info_t *info)
{
    slotring_letter_t letters[SLOTRING_LETTERS_MAX];
    uint32_t count;
    CHECK_OK(slotring_dead_letters(ring, group_name(number), letters, SLOTRING_LETTERS_MAX, &count));
    CHECK_AT_LEAST(number == 0 ? 0 : LETTERS, count);
    CHECK_AT_LEAST(info->dead_lettered, info->letters_lost + count);
    for (uint32_t i = 0; i < count; i++) {
        CHECK_EQUAL(letters[i].tries, TRIES);
        CHECK(!followed_was_ended(&journal->groups[number], letters[i].sequence));
        CHECK_OK(slotring_drop_letter(ring, group_name(number), letters[i].sequence));
    }
}

/* The rest of each group; then each message was acknowledged, or laid aside and counted. */
static void account_for_group(slotring_t *ring, uint32_t number, uint64_t kills)
{
    followed_t *group = &journal->groups[number];
    uint64_t last = atomic_load(&journal->last);
    check_context("group %s", group_name(number));
    finish(ring, number, last);
    followed_close(group, last);
    slotring_reader_info_t info = info_of(ring, number);
    uint64_t unwanted = atomic_load(&group->unwanted), again = atomic_load(&group->again);
    CHECK_EQUAL(info.cursor, last);
    CHECK_EQUAL(info.missed + info.pending, 0);
    CHECK_EQUAL(info.passed_over, unwanted);
    CHECK_EQUAL(info.delivered, last - info.start - unwanted);
    CHECK_AT_LEAST(followed_not_acknowledged(group), unwanted);
    uint64_t aside = followed_not_acknowledged(group) - unwanted;
    CHECK_AT_LEAST(info.dead_lettered, aside);
    CHECK_AT_LEAST(number == 0 ? aside : aside + atomic_load(&group->doubtful), info.dead_lettered);
    CHECK_AT_LEAST(info.redelivered, again);
    CHECK_AT_LEAST(again + BATCH * kills + info.dead_lettered, info.redelivered);
    account_for_letters(ring, number, &info);
    CHECK_OK(slotring_forget(ring, group_name(number)));
    atomic_fetch_add(&journal->redelivered, info.redelivered);
    atomic_fetch_add(&journal->dead_lettered, info.dead_lettered);
    check_context("%s", "");
}

void account_for_groups(slotring_t *ring, uint64_t kills)
{
    CHECK_OK(slotring_recover(ring, NULL));
    for (uint32_t i = 0; i < GROUPS; i++)
        account_for_group(ring, i, kills);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Dead letters: what as many members of a group had as it allows, and none acknowledged, is given to nobody any more. It is counted, and
 * stays until somebody drops it or newer ones need its place.
 */
#include <string.h>

#include "protocol/letters.h"
#include "support/internals.h"
#include "support/process.h"
#include "support/records.h"
#include "support/ring.h"
#include "support/suite.h"

#define NO_WAIT 0
#define NAME "workers"
#define SLOTS 16u

static slotring_t *ring_with(uint64_t slots, uint32_t flags)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, slots, 100);
    options.max_groups = 2;
    options.flags = flags;
    return ring_open_with(ring_name(), &options);
}

static slotring_reader_options_t limited(const char *name, uint32_t tries, uint32_t letters)
{
    slotring_reader_options_t options = reader_options(SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    options.flags = SLOTRING_GROUP;
    options.name = name;
    options.tries = tries;
    options.letters = letters;
    return options;
}

static slotring_reader_t *join_as(slotring_t *ring, const char *name, uint32_t tries, uint32_t letters)
{
    slotring_reader_options_t options = limited(name, tries, letters);
    return subscribe_with(ring, &options);
}

static slotring_reader_info_t info_of(slotring_t *ring, const char *name)
{
    slotring_reader_info_t info[8];
    uint32_t count;
    CHECK_OK(slotring_readers(ring, info, 8, &count));
    for (uint32_t i = 0; i < count; i++)
        if (info[i].durable && strcmp(info[i].name, name) == 0)
            return info[i];
    FAIL("the ring has no such group");
}

/* A member comes, has `count` messages, and leaves without an acknowledgement. */
static void try_and_leave(slotring_t *ring, const char *name, uint32_t count)
{
    slotring_reader_t *reader = join_as(ring, name, 0, 0);
    slotring_slot_t slots[SLOTS];
    uint32_t had;
    CHECK_OK(slotring_next_batch(reader, NO_WAIT, slots, count, &had));
    CHECK_EQUAL(had, count);
    CHECK_OK(slotring_unsubscribe(reader));
}

/* The next member that looks buries what was tried too often. */
static void finds_nothing(slotring_t *ring, const char *name)
{
    slotring_reader_t *reader = join_as(ring, name, 0, 0);
    slotring_slot_t slot;
    CHECK_CODE(slotring_next(reader, NO_WAIT, &slot), SLOTRING_E_EMPTY);
    CHECK_OK(slotring_unsubscribe(reader));
}

/* These messages are listed, in this order, and can be read. */
static void letters_are(slotring_t *ring, const char *name, const uint64_t *numbers, uint32_t wanted)
{
    slotring_letter_t letters[SLOTRING_LETTERS_MAX];
    uint32_t count;
    CHECK_OK(slotring_dead_letters(ring, name, letters, SLOTRING_LETTERS_MAX, &count));
    CHECK_EQUAL(count, wanted);
    for (uint32_t i = 0; i < count; i++) {
        slotring_slot_t slot;
        CHECK_EQUAL(pattern_number(letters[i].tag), numbers[i]);
        CHECK_OK(slotring_acquire_for_read(ring, &letters[i].ticket, &slot));
        CHECK_EQUAL(slot.sequence, letters[i].sequence);
        CHECK_EQUAL(pattern_number(slot.tag), numbers[i]);
        CHECK_EQUAL(slot.length, letters[i].length);
        CHECK_OK(slotring_release(ring, &slot));
    }
}

static uint32_t letters_of(slotring_t *ring)
{
    slotring_letter_t letters[SLOTRING_LETTERS_MAX];
    uint32_t count;
    CHECK_OK(slotring_dead_letters(ring, NAME, letters, SLOTRING_LETTERS_MAX, &count));
    return count;
}

/* ---- How often -------------------------------------------------------------------------------------- */

static void goes_after_so_many_tries(void)
{
    slotring_t *ring = ring_with(SLOTS, 0);
    slotring_reader_t *one = join_as(ring, NAME, 2, 0);
    slotring_slot_t slot;
    for (uint64_t n = 0; n < 2; n++)
        publish(ring, 1, n);
    try_and_leave(ring, NAME, 1);
    letters_are(ring, NAME, NULL, 0);
    CHECK_OK(slotring_reader_wait_readable(one, NO_WAIT));
    CHECK_OK(slotring_next(one, NO_WAIT, &slot));
    CHECK_EQUAL(slot.deliveries, 1);
    CHECK_EQUAL(pattern_number(slot.tag), 0);
    CHECK_OK(slotring_unsubscribe(one));
    one = join_as(ring, NAME, 2, 0);
    CHECK_OK(
        slotring_reader_wait_readable(one, NO_WAIT)); /* buries the first message on its way to the second */
    letters_are(ring, NAME, (const uint64_t[]){0}, 1);
    CHECK_OK(slotring_next(one, NO_WAIT, &slot));
    CHECK_EQUAL(pattern_number(slot.tag), 1);
    CHECK_EQUAL(slot.deliveries, 0);
    CHECK_OK(slotring_reader_release(one));
    slotring_reader_info_t info = info_of(ring, NAME);
    CHECK_EQUAL(info.cursor, info.start + 2);
    CHECK_EQUAL(info.delivered, 2);
    CHECK_EQUAL(info.dead_lettered, 1);
    CHECK_EQUAL(info.redelivered, 1);
    CHECK_EQUAL(info.letters_lost, 0);
    CHECK_EQUAL(info.tries, 2);
    CHECK_EQUAL(info.letters, 2); /* an eighth */
    check_ring(ring);
    ring_remove(ring, ring_name());
}

static void without_a_limit_it_goes_on(void)
{
    slotring_t *ring = ring_with(SLOTS, 0);
    slotring_reader_t *one = join_as(ring, NAME, 0, 0);
    publish(ring, 1, 0);
    for (uint32_t n = 0; n < 300; n++)
        try_and_leave(ring, NAME, 1);
    take_now(one, pattern_tag(1, 0));
    CHECK_EQUAL(info_of(ring, NAME).dead_lettered, 0);
    ring_remove(ring, ring_name());
}

/* ---- How many --------------------------------------------------------------------------------------- */

static void the_oldest_goes_for_a_newer_one(void)
{
    slotring_t *ring = ring_with(SLOTS, 0);
    slotring_reader_t *one = join_as(ring, NAME, 1, 2);
    for (uint64_t n = 0; n < 5; n++) {
        publish(ring, 1, n);
        try_and_leave(ring, NAME, 1);
        finds_nothing(ring, NAME);
    }
    letters_are(ring, NAME, (const uint64_t[]){3, 4}, 2);
    CHECK_EQUAL(info_of(ring, NAME).dead_lettered, 5);
    CHECK_EQUAL(info_of(ring, NAME).letters_lost, 3);
    CHECK_EQUAL(info_of(ring, NAME).redelivered, 0);
    check_ring(ring);
    CHECK_OK(slotring_unsubscribe(one));
    CHECK_OK(slotring_forget(ring, NAME));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void none_stays_if_none_is_to(void)
{
    slotring_t *ring = ring_with(SLOTS, 0);
    slotring_reader_t *one = join_as(ring, NAME, 1, SLOTRING_NO_LETTERS);
    publish(ring, 1, 0);
    try_and_leave(ring, NAME, 1);
    finds_nothing(ring, NAME);
    letters_are(ring, NAME, NULL, 0);
    CHECK_EQUAL(info_of(ring, NAME).dead_lettered, 1);
    CHECK_EQUAL(info_of(ring, NAME).letters, 0);
    CHECK_OK(slotring_unsubscribe(one));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* ---- What becomes of the slot ------------------------------------------------------------------------ */

/* The ring goes round many times, and the letters stay; producers have the other slots. */
static void stays_while_the_ring_goes_on(uint32_t flags)
{
    slotring_t *ring = ring_with(SLOTS, flags);
    slotring_reader_t *one = join_as(ring, NAME, 1, 2);
    for (uint64_t n = 0; n < 2; n++)
        publish(ring, 1, n);
    try_and_leave(ring, NAME, 2);
    finds_nothing(ring, NAME);
    for (uint64_t n = 2; n < 100; n++) {
        publish(ring, 1, n);
        take_now(one, pattern_tag(1, n));
    }
    letters_are(ring, NAME, (const uint64_t[]){0, 1}, 2);
    check_ring(ring);
    uint64_t first = info_of(ring, NAME).start;
    CHECK_OK(slotring_drop_letter(ring, NAME, first));
    CHECK_CODE(slotring_drop_letter(ring, NAME, first), SLOTRING_E_NOT_FOUND);
    letters_are(ring, NAME, (const uint64_t[]){1}, 1);
    CHECK_OK(slotring_drop_letter(ring, NAME, first + 1));
    letters_are(ring, NAME, NULL, 0);
    CHECK_EQUAL(info_of(ring, NAME).dead_lettered, 2);
    CHECK_EQUAL(info_of(ring, NAME).letters_lost, 0);
    for (uint64_t n = 100; n < 100 + SLOTS; n++) /* all slots are there again */
        publish(ring, 1, n);
    CHECK_OK(slotring_unsubscribe(one));
    check_ring(ring);
    ring_remove(ring, ring_name());
}

static void stays(void)
{
    stays_while_the_ring_goes_on(0);
}

static void stays_in_a_hot_ring(void)
{
    stays_while_the_ring_goes_on(SLOTRING_HOT_SLOTS);
}

/* Each group keeps it for itself. */
static void two_groups_keep_one_message(void)
{
    slotring_t *ring = ring_with(SLOTS, 0);
    slotring_reader_t *one = join_as(ring, NAME, 1, 1), *two = join_as(ring, "others", 1, 1);
    uint64_t sequence = info_of(ring, NAME).start;
    publish(ring, 1, 0);
    try_and_leave(ring, NAME, 1);
    try_and_leave(ring, "others", 1);
    finds_nothing(ring, NAME);
    finds_nothing(ring, "others");
    for (uint64_t n = 1; n < 100; n++) {
        publish(ring, 1, n);
        take_now(one, pattern_tag(1, n));
        take_now(two, pattern_tag(1, n));
    }
    CHECK_OK(slotring_drop_letter(ring, NAME, sequence));
    letters_are(ring, NAME, NULL, 0);
    letters_are(ring, "others", (const uint64_t[]){0}, 1);
    CHECK_OK(slotring_unsubscribe(two));
    CHECK_OK(slotring_forget(ring, "others"));
    CHECK_CODE(slotring_drop_letter(ring, "others", sequence), SLOTRING_E_NOT_FOUND);
    CHECK_OK(slotring_unsubscribe(one));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* What somebody freed is nobody's to look at. */
static void what_was_freed_does_not_stay(void)
{
    slotring_t *ring = ring_with(SLOTS, 0);
    slotring_reader_t *one = join_as(ring, NAME, 1, 1);
    slotring_slot_t slot;
    publish(ring, 1, 0);
    CHECK_OK(slotring_next(one, NO_WAIT, &slot));
    CHECK_OK(slotring_free(ring, &slot.ticket));
    CHECK_OK(slotring_unsubscribe(one));
    finds_nothing(ring, NAME);
    letters_are(ring, NAME, NULL, 0);
    CHECK_EQUAL(info_of(ring, NAME).dead_lettered, 1);
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* ---- Repair ------------------------------------------------------------------------------------------ */

static void attaches(peer_t *test, const char *name)
{
    ring_attach(name);
    peer_tell(test, 1);
    peer_hear(test);
}

/* A participant was killed while it took a letter away, and a repairer after it had cleared the bit. Since then the slot has another
 * message, which is a letter, too. */
static void a_second_repairer_leaves_the_next_letter(void)
{
    slotring_t *ring = ring_with(SLOTS, 0);
    slotring_reader_t *one = join_as(ring, NAME, 1, 2);
    sr__group_t *group = &ring->member.view.groups[0];
    publish(ring, 1, 0);
    try_and_leave(ring, NAME, 1);
    finds_nothing(ring, NAME);
    peer_t peer = peer_start(BY_EXEC, "letters-attaches", ring_name());
    peer_expect(&peer, 1);
    uint32_t slot = sr__letter_slot(sr__load(&group->letters[0]));
    uint64_t before = info_of(ring, NAME).start + 3 * SLOTS; /* any other number */
    sr__poke(&group->letters[1],
             sr__letter_going(sr__letter_word(slot, before, SR__NOBODY), ring->member.me + 1, true));
    peer_kill(&peer);
    CHECK_OK(slotring_recover(ring, NULL));
    CHECK_EQUAL(sr__load(&group->letters[1]), 0);
    CHECK_EQUAL(info_of(ring, NAME).letters_lost, 0);
    letters_are(ring, NAME, (const uint64_t[]){0}, 1);
    check_ring(ring);
    for (uint64_t n = 1; n < 2 * SLOTS; n++) {
        publish(ring, 1, n);
        take_now(one, pattern_tag(1, n));
    }
    letters_are(ring, NAME, (const uint64_t[]){0}, 1);
    ring_remove(ring, ring_name());
}

/* Its member was killed after it had listed the message: another one will bury it, and no letter is there before. */
static void is_none_before_it_is_dead(void)
{
    slotring_t *ring = ring_with(SLOTS, 0);
    slotring_options_t options = ring_options(SLOTRING_OBSERVE, 0, 0);
    slotring_t *observer = ring_open_with(ring_name(), &options);
    join_as(ring, NAME, 1, 2);
    uint64_t sequence = info_of(ring, NAME).start;
    publish(ring, 1, 0);
    try_and_leave(ring, NAME, 1);
    finds_nothing(ring, NAME);
    sr__word_t *take = sr__take_at(&ring->member.view, 0, sequence);
    uint64_t dead = sr__load(take);
    CHECK_EQUAL(sr__take_state(dead), SR__TAKE_DEAD);
    sr__poke(take, sr__take_word(sr__take_lap(dead), 1, SR__TAKE_OFFERED, SR__NOBODY));
    letters_are(ring, NAME, NULL, 0);
    CHECK_EQUAL(letters_of(observer), 0);
    CHECK_CODE(slotring_drop_letter(ring, NAME, sequence), SLOTRING_E_NOT_FOUND);
    sr__poke(take, dead);
    letters_are(ring, NAME, (const uint64_t[]){0}, 1);
    CHECK_EQUAL(letters_of(observer), 1);
    CHECK_OK(slotring_close(observer));
    ring_remove(ring, ring_name());
}

/* ---- Limits ------------------------------------------------------------------------------------------ */

static void refused(slotring_t *ring, slotring_reader_options_t options)
{
    slotring_reader_t *reader;
    CHECK_CODE(slotring_subscribe(ring, &options, &reader), SLOTRING_E_INVALID);
}

static void refuses_other_limits(void)
{
    slotring_t *ring = ring_with(SLOTS, 0);
    slotring_letter_t letter;
    uint32_t count;
    refused(ring, limited(NAME, SLOTRING_TRIES_MAX + 1, 0));
    refused(ring, limited(NAME, 1, SLOTRING_LETTERS_MAX + 1));
    refused(ring, limited(NAME, 0, 1));
    slotring_reader_options_t single = reader_options(SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    single.tries = 1;
    refused(ring, single);
    CHECK_CODE(slotring_dead_letters(ring, NAME, &letter, 1, &count), SLOTRING_E_NOT_FOUND);
    CHECK_CODE(slotring_dead_letters(ring, NULL, &letter, 1, &count), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_drop_letter(ring, NULL, 0), SLOTRING_E_INVALID);
    join_as(ring, NAME, 3, 1);
    refused(ring, limited(NAME, 2, 1));
    refused(ring, limited(NAME, 3, 2));
    join_as(ring, NAME, 3, 0);
    join_as(ring, NAME, 0, 0);
    CHECK_EQUAL(info_of(ring, NAME).members, 3);
    ring_remove(ring, ring_name());
}

static const test_case_t cases[] = {
    {"goes_after_so_many_tries", goes_after_so_many_tries, 0},
    {"without_a_limit_it_goes_on", without_a_limit_it_goes_on, 0},
    {"the_oldest_goes_for_a_newer_one", the_oldest_goes_for_a_newer_one, 0},
    {"none_stays_if_none_is_to", none_stays_if_none_is_to, 0},
    {"stays", stays, 0},
    {"stays_in_a_hot_ring", stays_in_a_hot_ring, 0},
    {"two_groups_keep_one_message", two_groups_keep_one_message, 0},
    {"what_was_freed_does_not_stay", what_was_freed_does_not_stay, 0},
    {"a_second_repairer_leaves_the_next_letter", a_second_repairer_leaves_the_next_letter, 0},
    {"is_none_before_it_is_dead", is_none_before_it_is_dead, 0},
    {"refuses_other_limits", refuses_other_limits, 0},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {{"letters-attaches", attaches}, {NULL, NULL}};

const test_suite_t letters_suite = {"letters", cases, roles};

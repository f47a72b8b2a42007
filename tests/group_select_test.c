/* SPDX-License-Identifier: Apache-2.0 */
/* Groups that do not want all messages. What a group does not want no member is given; it is counted, holds nobody up, and is never
 * given again. */
#include <stdio.h>
#include <string.h>

#include "support/internals.h"
#include "support/process.h"
#include "support/records.h"
#include "support/ring.h"
#include "support/suite.h"

#define NO_WAIT 0
#define NAME "workers"
#define WANTED 0u /* tags: the group wants the even ones */
#define UNWANTED 1u

static slotring_t *ring_with(uint64_t slots, uint32_t flags)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, slots, 100);
    options.max_groups = 1;
    options.flags |= flags;
    return ring_open_with(ring_name(), &options);
}

static slotring_reader_options_t member_options(void)
{
    slotring_reader_options_t options = reader_options(SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    options.flags = SLOTRING_GROUP;
    options.name = NAME;
    options.tag_mask = 1;
    options.tag_match = WANTED;
    return options;
}

static slotring_reader_t *join(slotring_t *ring)
{
    slotring_reader_options_t options = member_options();
    return subscribe_with(ring, &options);
}

static slotring_reader_t *join_for_every(slotring_t *ring, uint32_t every)
{
    slotring_reader_options_t options = member_options();
    options.tag_mask = 0;
    options.every = every;
    return subscribe_with(ring, &options);
}

static void publish_tag(slotring_t *ring, uint64_t tag)
{
    slotring_slot_t slot;
    CHECK_OK(slotring_allocate(ring, 1, &slot));
    slot.tag = tag;
    CHECK_OK(slotring_mark_ready(ring, &slot, 1));
}

static void publish_tags(slotring_t *ring, const char *tags)
{
    for (; *tags; tags++)
        publish_tag(ring, (uint64_t)(*tags - '0'));
}

/* The group, as this handle sees it. The account is exact: all below the cursor was delivered or passed over. */
static slotring_reader_info_t group_info(slotring_t *ring)
{
    slotring_reader_info_t info[8];
    uint32_t count;
    CHECK_OK(slotring_readers(ring, info, 8, &count));
    for (uint32_t i = 0; i < count && i < 8; i++)
        if (info[i].group != 0 && info[i].durable) {
            CHECK_EQUAL(info[i].delivered + info[i].passed_over, info[i].cursor - info[i].start);
            CHECK_EQUAL(info[i].missed + info[i].pending, 0);
            return info[i];
        }
    FAIL("the ring has no group");
}

static void check_account(slotring_t *ring, uint64_t delivered, uint64_t passed_over)
{
    slotring_reader_info_t info = group_info(ring);
    CHECK_EQUAL(info.delivered, delivered);
    CHECK_EQUAL(info.passed_over, passed_over);
}

static void give_now(slotring_reader_t *reader, uint64_t sequence, uint32_t deliveries)
{
    slotring_slot_t slot;
    CHECK_OK(slotring_next(reader, NO_WAIT, &slot));
    CHECK_EQUAL(slot.sequence, sequence);
    CHECK_EQUAL(slot.deliveries, deliveries);
}

static void nothing_now(slotring_reader_t *reader)
{
    slotring_slot_t slot;
    CHECK_CODE(slotring_next(reader, NO_WAIT, &slot), SLOTRING_E_EMPTY);
}

/* ---- What is wanted goes to one member, what is not to none ----------------------------------------- */

static void by_its_tag(void)
{
    slotring_t *ring = ring_with(8, 0), *observer;
    slotring_reader_t *one = join(ring), *two = join(ring);
    publish_tags(ring, "1011001");
    give_now(one, 1, 0);
    give_now(two, 4, 0);
    check_account(ring, 0, 1); /* up to the first one that somebody has */
    CHECK_OK(slotring_reader_release(two));
    check_account(ring, 0, 1);
    CHECK_OK(slotring_reader_release(one));
    check_account(ring, 2, 3);
    give_now(two, 5, 0);
    nothing_now(one);
    CHECK_OK(slotring_reader_release(two));
    check_account(ring, 3, 4);
    slotring_reader_info_t info = group_info(ring);
    CHECK_EQUAL(info.lag, 0);
    CHECK_EQUAL(info.tag_mask, 1);
    observer = ring_observe(ring_name());
    check_account(observer, 3, 4);
    CHECK_OK(slotring_close(observer));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void by_its_number(void)
{
    slotring_t *ring = ring_with(8, 0);
    slotring_reader_t *one = join_for_every(ring, 3), *two = join_for_every(ring, 3);
    publish_tags(ring, "1111111");
    give_now(two, 0, 0);
    CHECK_OK(slotring_reader_release(two));
    give_now(one, 3, 0);
    give_now(two, 6, 0);
    CHECK_OK(slotring_reader_release(two));
    CHECK_OK(slotring_reader_release(one));
    check_account(ring, 3, 4);
    ring_remove(ring, ring_name());
}

/* Producers get the slots of what is not wanted when a member looks, or is done with what lies before. */
static void holds_nobody_up(void)
{
    slotring_t *ring = ring_with(4, 0);
    slotring_reader_t *one = join(ring), *two = join(ring);
    publish_tags(ring, "1111");
    CHECK(ring_is_full(ring));
    nothing_now(one);
    CHECK(!ring_is_full(ring));
    publish_tags(ring, "0111");
    give_now(two, 4, 0);
    CHECK(ring_is_full(ring));
    CHECK_OK(slotring_reader_release(two)); /* one look for all: nobody has to call again */
    check_account(ring, 1, 7);
    CHECK(!ring_is_full(ring));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void in_a_ring_with_hot_slots(void)
{
    slotring_t *ring = ring_with(4, SLOTRING_HOT_SLOTS);
    slotring_reader_t *one = join(ring), *two = join(ring);
    publish_tags(ring, "0111");
    give_now(one, 0, 0);
    nothing_now(two);
    CHECK_EQUAL(ring_stats(ring).slots_free, 0);
    CHECK_OK(slotring_reader_release(one));
    CHECK_EQUAL(ring_stats(ring).slots_free, 4);
    publish_tags(ring, "1");
    nothing_now(two);
    CHECK_EQUAL(ring_stats(ring).slots_free, 4);
    ring_remove(ring, ring_name());
}

/* The word that counts says no more of a message than its number modulo 4096. So one message in 4096 is where a count that is
 * taken for another one's would show. */
static void counts_what_is_rare(void)
{
    slotring_t *ring = ring_with(64, 0);
    slotring_reader_t *one = join(ring), *two = join(ring);
    slotring_slot_t slots[32];
    uint32_t count;
    uint64_t unwanted = 0, wanted = 0;
    for (uint64_t n = 0; n < 3 * 4096 + 2; n += 32) {
        for (uint64_t t = n; t < n + 32; t++) {
            bool rare = t % 4096 == 1;
            publish_tag(ring, rare ? UNWANTED : WANTED);
            unwanted += rare;
            wanted += !rare;
        }
        slotring_reader_t *reader = n / 32 % 2 == 0 ? one : two;
        CHECK_OK(slotring_next_batch(reader, NO_WAIT, slots, 32, &count));
        CHECK_OK(slotring_reader_release(reader));
        check_account(ring, wanted, unwanted);
    }
    CHECK_EQUAL(unwanted, 4);
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void counts_what_is_frequent(void)
{
    slotring_t *ring = ring_with(64, 0);
    slotring_reader_t *reader = join_for_every(ring, 1000);
    for (uint64_t n = 0; n < 5000; n += 50) {
        for (uint64_t t = n; t < n + 50; t++)
            publish_tag(ring, WANTED);
        if (n % 1000 == 0)
            give_now(reader, n, 0);
        else
            nothing_now(reader);
        CHECK_OK(n % 1000 == 0 ? slotring_reader_release(reader) : 0);
        check_account(ring, n / 1000 + 1, n + 50 - n / 1000 - 1);
    }
    ring_remove(ring, ring_name());
}

/* ---- What is left behind ------------------------------------------------------------------------------ */

static void dies(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader = join(ring);
    slotring_slot_t slots[2];
    uint32_t count;
    CHECK_OK(slotring_next_batch(reader, NO_WAIT, slots, 2, &count));
    CHECK_EQUAL(count, 2);
    CHECK_EQUAL(slots[1].sequence, 3);
    peer_tell(test, 1);
    (void)peer_hear(test);
}

/* The ones that a killed member had come again, and the others do not. */
static void what_a_killed_member_had(void)
{
    slotring_t *ring = ring_with(8, 0);
    slotring_reader_t *reader = join(ring);
    publish_tags(ring, "10101");
    peer_t peer = peer_start(BY_FORK, "group-select-dies", ring_name());
    peer_expect(&peer, 1);
    peer_kill(&peer);
    CHECK_OK(slotring_recover(ring, NULL));
    give_now(reader, 1, 1);
    CHECK_OK(slotring_reader_release(reader));
    give_now(reader, 3, 1);
    CHECK_OK(slotring_reader_release(reader));
    nothing_now(reader);
    check_account(ring, 2, 3);
    CHECK_EQUAL(group_info(ring).redelivered, 2);
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* The next members go on where the group is. */
static void without_members(void)
{
    slotring_t *ring = ring_with(8, 0);
    CHECK_OK(slotring_unsubscribe(join(ring)));
    publish_tags(ring, "1101");
    check_account(ring, 0, 0);
    slotring_reader_t *reader = join(ring);
    give_now(reader, 2, 0);
    CHECK_OK(slotring_reader_release(reader));
    check_account(ring, 1, 3);
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_OK(slotring_forget(ring, NAME));
    reader = join(ring); /* a new one of the name counts anew */
    publish_tags(ring, "1");
    nothing_now(reader);
    check_account(ring, 0, 1);
    ring_remove(ring, ring_name());
}

/* A limit of tries is for what is wanted. */
static void beside_dead_letters(void)
{
    slotring_t *ring = ring_with(8, 0);
    slotring_reader_options_t options = member_options();
    options.tries = 1;
    slotring_reader_t *reader = subscribe_with(ring, &options);
    publish_tags(ring, "1011");
    give_now(reader, 1, 0);
    CHECK_OK(slotring_unsubscribe(reader));
    reader = subscribe_with(ring, &options);
    nothing_now(reader);
    check_account(ring, 1, 3);
    CHECK_EQUAL(group_info(ring).dead_lettered, 1);
    ring_remove(ring, ring_name());
}

/* ---- Waiting and the end -------------------------------------------------------------------------------- */

/* A look finds what is wanted only. */
static void a_look(void)
{
    slotring_t *ring = ring_with(8, 0);
    slotring_reader_t *one = join(ring), *two = join(ring);
    publish_tags(ring, "111");
    CHECK_CODE(slotring_reader_wait_readable(one, NO_WAIT), SLOTRING_E_EMPTY);
    check_account(ring, 0, 3);
    publish_tags(ring, "10");
    CHECK_OK(slotring_reader_wait_readable(one, NO_WAIT));
    CHECK_OK(slotring_reader_wait_readable(two, NO_WAIT));
    give_now(two, 4, 0);
    CHECK_CODE(slotring_reader_wait_readable(one, NO_WAIT), SLOTRING_E_EMPTY);
    ring_remove(ring, ring_name());
}

static void waits_for_one(peer_t *test, const char *name)
{
    slotring_t *ring = ring_open_sleepy(name, SLOTRING_ATTACH, 0);
    slotring_reader_t *reader = join(ring);
    slotring_slot_t slot;
    peer_tell(test, 1);
    CHECK_OK(slotring_next(reader, NOT_WOKEN, &slot));
    CHECK_EQUAL(slot.tag, WANTED);
    CHECK_OK(slotring_reader_release(reader));
    CHECK_CODE(slotring_next(reader, NOT_WOKEN, &slot), SLOTRING_E_END);
    CHECK_OK(slotring_close(ring));
}

/* A member that waits is not given what comes in between, and is told the end when the rest was passed over. */
static void a_wait(void)
{
    if (!ring_shares_users())
        SKIP("a ring has one user here");
    slotring_options_t options = ring_options_sleepy(SLOTRING_CREATE, 8);
    options.max_groups = 1;
    slotring_t *ring = ring_open_with(ring_name(), &options), *producer = ring_attach(ring_name());
    CHECK_OK(slotring_unsubscribe(join(ring)));
    publish_tags(producer, "1");
    peer_t peer = peer_start(BY_EXEC, "group-select-waits", ring_name());
    peer_expect(&peer, 1);
    peer_wait_asleep(&peer);
    publish_tags(producer, "1101");
    CHECK_OK(slotring_close(producer));
    peer_join(&peer);
    check_account(ring, 1, 4);
    ring_remove(ring, ring_name());
}

/* ---- Kinds of messages ------------------------------------------------------------------------------------ */

static void append(slotring_writer_t *writer, const char *tags)
{
    for (; *tags; tags++)
        CHECK_OK(slotring_writer_append(writer, tags, 1, (uint64_t)(*tags - '0'), NO_WAIT));
}

static slotring_writer_t *open_writer(slotring_t *ring)
{
    slotring_writer_t *writer;
    CHECK_OK(slotring_writer_open(ring, NULL, &writer));
    return writer;
}

static void record_now(slotring_reader_t *reader, uint64_t number, uint32_t deliveries)
{
    slotring_slot_t slot;
    CHECK_OK(slotring_next(reader, NO_WAIT, &slot));
    CHECK_EQUAL(slot.kind, SLOTRING_KIND_RECORD);
    CHECK_EQUAL(slot.number, number);
    CHECK_EQUAL(slot.deliveries, deliveries);
}

/* A slot with records goes to one member, which is given those that the group wants; the slot is acknowledged with the last of these.
 * One that has none is passed over. */
static void records(void)
{
    slotring_t *ring = ring_with(8, 0);
    slotring_reader_t *one = join(ring), *two = join(ring), *reader;
    slotring_reader_info_t own;
    slotring_writer_t *writer = open_writer(ring);
    append(writer, "10101");
    CHECK_OK(slotring_writer_close(writer));
    writer = open_writer(ring);
    append(writer, "111");
    CHECK_OK(slotring_writer_close(writer));
    record_now(one, 1, 0);
    nothing_now(two);
    CHECK_OK(slotring_reader_release(one));
    record_now(one, 3, 0);
    CHECK_OK(slotring_unsubscribe(one)); /* it comes again from its first one */
    record_now(two, 1, 1);
    CHECK_OK(slotring_reader_release(two));
    check_account(ring, 0, 0);
    record_now(two, 3, 1);
    CHECK_OK(slotring_reader_release(two));
    check_account(ring, 1, 1);
    CHECK_OK(slotring_reader_info(two, &own));
    CHECK_EQUAL(own.records, 2);
    CHECK_EQUAL(own.records_passed_over, 3);
    reader = join(ring);
    nothing_now(reader);
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* By their number at their writer. */
static void every_second_record(void)
{
    slotring_t *ring = ring_with(8, 0);
    slotring_reader_t *reader = join_for_every(ring, 2);
    slotring_writer_t *writer = open_writer(ring);
    append(writer, "00000");
    CHECK_OK(slotring_writer_close(writer));
    for (uint64_t number = 0; number < 5; number += 2) {
        record_now(reader, number, 0);
        CHECK_OK(slotring_reader_release(reader));
    }
    nothing_now(reader);
    check_account(ring, 1, 0);
    ring_remove(ring, ring_name());
}

/* A span is wanted by its tag, and passed over with all its slots. */
static void spans(void)
{
    slotring_t *ring = ring_with(8, 0);
    slotring_reader_t *reader = join(ring);
    slotring_slot_t slot;
    for (uint64_t tag = 0; tag < 2; tag++) {
        CHECK_OK(slotring_allocate_span(ring, 250, NO_WAIT, &slot));
        slot.tag = 1 - tag;
        CHECK_OK(slotring_mark_ready(ring, &slot, 250));
    }
    CHECK_OK(slotring_next(reader, NO_WAIT, &slot));
    CHECK_EQUAL(slot.pieces, 3);
    CHECK_EQUAL(slot.tag, WANTED);
    CHECK_OK(slotring_reader_release(reader));
    check_account(ring, 1, 1);
    CHECK(!ring_is_full(ring));
    ring_remove(ring, ring_name());
}

/* ---- Refused ------------------------------------------------------------------------------------------------ */

static void all_members_want_the_same(void)
{
    slotring_t *ring = ring_with(4, 0);
    slotring_reader_options_t options;
    slotring_reader_t *one = join(ring), *reader;
    slotring_error_t error;
    for (int other = 0; other < 4; other++) {
        options = member_options();
        options.tag_mask = other == 0 ? 3 : other == 1 ? 0 : 1;
        options.tag_match = other == 2;
        options.every = other == 3 ? 2 : 0;
        check_context("%d", other);
        CHECK_CODE(slotring_subscribe(ring, &options, &reader), SLOTRING_E_INVALID);
        slotring_last_error(&error);
        CHECK_CONTAINS(error.text, "group \"" NAME "\"");
        CHECK_CONTAINS(error.text, "tag_mask 0x1 and tag_match 0x0; a reader that joins it wants the same");
    }
    check_context("%s", "");
    options = member_options();
    options.every = 1; /* which says nothing */
    CHECK_OK(slotring_unsubscribe(subscribe_with(ring, &options)));
    CHECK_OK(slotring_unsubscribe(one));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static const test_case_t cases[] = {
    {"by_its_tag", by_its_tag, 0},
    {"by_its_number", by_its_number, 0},
    {"holds_nobody_up", holds_nobody_up, 0},
    {"in_a_ring_with_hot_slots", in_a_ring_with_hot_slots, 0},
    {"counts_what_is_rare", counts_what_is_rare, 0},
    {"counts_what_is_frequent", counts_what_is_frequent, 0},
    {"what_a_killed_member_had", what_a_killed_member_had, 0},
    {"without_members", without_members, 0},
    {"beside_dead_letters", beside_dead_letters, 0},
    {"a_look", a_look, 0},
    {"a_wait", a_wait, 0},
    {"records", records, 0},
    {"every_second_record", every_second_record, 0},
    {"spans", spans, 0},
    {"all_members_want_the_same", all_members_want_the_same, 0},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {
    {"group-select-dies", dies}, {"group-select-waits", waits_for_one}, {NULL, NULL}};

const test_suite_t group_select_suite = {"group_select", cases, roles};

/* SPDX-License-Identifier: Apache-2.0 */
/* Groups: several readers share a subscription. Each message goes to one of them, and to another one if that one does not acknowledge
 * it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/group.h"
#include "protocol/group_members.h"
#include "protocol/record.h"
#include "support/internals.h"
#include "support/process.h"
#include "support/records.h"
#include "support/ring.h"
#include "support/suite.h"

#define NO_WAIT 0
#define NAME "workers"

static slotring_t *ring_with_groups(uint64_t slots, uint32_t groups)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, slots, 100);
    options.max_groups = groups;
    return ring_open_with(ring_name(), &options);
}

static slotring_reader_options_t member_options(void)
{
    slotring_reader_options_t options = reader_options(SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    options.flags = SLOTRING_GROUP;
    options.name = NAME;
    return options;
}

static slotring_reader_t *join(slotring_t *ring)
{
    slotring_reader_options_t options = member_options();
    return subscribe_with(ring, &options);
}

/* The group, as others see it. */
static slotring_reader_info_t group_info(slotring_t *ring)
{
    slotring_reader_info_t info[8];
    uint32_t count;
    CHECK_OK(slotring_readers(ring, info, 8, &count));
    for (uint32_t i = 0; i < count && i < 8; i++)
        if (info[i].group != 0 && info[i].durable) {
            CHECK_EQUAL(info[i].delivered + info[i].missed + info[i].passed_over + info[i].pending,
                        info[i].cursor - info[i].start);
            return info[i];
        }
    FAIL("the ring has no group");
}

/* The message that is there for this member: its number, and how often others had it. */
static void give_now(slotring_reader_t *reader, uint64_t number, uint32_t deliveries)
{
    slotring_slot_t slot;
    CHECK_OK(slotring_next(reader, NO_WAIT, &slot));
    CHECK_EQUAL(pattern_number(slot.tag), number);
    CHECK_EQUAL(slot.deliveries, deliveries);
}

static void nothing_now(slotring_reader_t *reader)
{
    slotring_slot_t slot;
    CHECK_CODE(slotring_next(reader, NO_WAIT, &slot), SLOTRING_E_EMPTY);
}

/* ---- Each message to one --------------------------------------------------------------------------- */

static void each_message_goes_to_one(void)
{
    slotring_t *ring = ring_with_groups(8, 1);
    slotring_reader_t *one = join(ring), *two = join(ring);
    for (uint64_t n = 0; n < 4; n++)
        publish(ring, 1, n);
    give_now(one, 0, 0);
    give_now(two, 1, 0);
    CHECK_OK(slotring_reader_release(two)); /* before the first one is */
    give_now(two, 2, 0);
    CHECK_EQUAL(group_info(ring).cursor, 0);
    check_ring(ring);
    CHECK_OK(slotring_reader_release(one));
    CHECK_EQUAL(group_info(ring).cursor, 2);
    give_now(one, 3, 0);
    nothing_now(join(ring));
    CHECK_OK(slotring_reader_release(one));
    CHECK_OK(slotring_reader_release(two));
    slotring_reader_info_t info = group_info(ring), own;
    CHECK_EQUAL(info.cursor, 4);
    CHECK_EQUAL(info.members, 3);
    CHECK_EQUAL(info.redelivered, 0);
    CHECK_EQUAL(info.lag, 0);
    CHECK_STRING(info.name, NAME);
    CHECK_OK(slotring_reader_info(one, &own));
    CHECK_EQUAL(own.delivered, 2);
    CHECK_EQUAL(own.group, info.group);
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void goes_round_many_times(void)
{
    slotring_t *ring = ring_with_groups(4, 2);
    slotring_reader_t *one = join(ring), *two = join(ring);
    slotring_slot_t slots[4];
    uint32_t count;
    for (uint64_t n = 0; n < 200; n += 4) {
        for (uint64_t i = 0; i < 4; i++)
            publish(ring, 1, n + i);
        CHECK(ring_is_full(ring));
        CHECK_OK(slotring_next_batch(one, NO_WAIT, slots, 3, &count));
        CHECK_EQUAL(count, 3);
        give_now(two, n + 3, 0);
        CHECK_OK(slotring_reader_release(two));
        CHECK(ring_is_full(ring)); /* the first message is not done */
        CHECK_OK(slotring_reader_release(one));
        CHECK_EQUAL(group_info(ring).cursor, n + 4);
    }
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* ---- Given again ------------------------------------------------------------------------------------- */

static void gives_back_what_it_leaves(void)
{
    slotring_t *ring = ring_with_groups(8, 1);
    slotring_reader_t *one = join(ring), *two = join(ring);
    for (uint64_t n = 0; n < 3; n++)
        publish(ring, 1, n);
    give_now(one, 0, 0);
    give_now(two, 1, 0);
    CHECK_OK(slotring_unsubscribe(one));
    CHECK_OK(slotring_reader_release(two));
    CHECK_EQUAL(group_info(ring).cursor, 0);
    give_now(two, 0, 1); /* the older one first */
    CHECK_OK(slotring_unsubscribe(two));
    two = join(ring);
    give_now(two, 0, 2);
    CHECK_OK(slotring_reader_release(two));
    CHECK_EQUAL(group_info(ring).redelivered, 2);
    give_now(two, 2, 0);
    CHECK_OK(slotring_reader_release(two));
    nothing_now(two);
    CHECK_EQUAL(group_info(ring).redelivered, 2);
    CHECK_OK(slotring_unsubscribe(two));
    CHECK_OK(slotring_forget(ring, NAME));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* A look that takes nothing, as a program does that waits for several things. */
static void a_look_takes_nothing(void)
{
    slotring_t *ring = ring_with_groups(4, 1);
    slotring_reader_t *one = join(ring), *two = join(ring);
    CHECK_CODE(slotring_reader_wait_readable(one, NO_WAIT), SLOTRING_E_EMPTY);
    publish(ring, 1, 0);
    CHECK_OK(slotring_reader_wait_readable(one, NO_WAIT));
    CHECK_OK(slotring_reader_wait_readable(two, NO_WAIT));
    give_now(two, 0, 0);
    CHECK_CODE(slotring_reader_wait_readable(one, NO_WAIT), SLOTRING_E_EMPTY);
    nothing_now(one);
    CHECK_OK(slotring_unsubscribe(two));
    CHECK_OK(slotring_reader_wait_readable(one, NO_WAIT));
    give_now(one, 0, 1);
    CHECK_OK(slotring_reader_release(one));
    ring_remove(ring, ring_name());
}

static void waits_for_one(peer_t *test, const char *name)
{
    slotring_t *ring = ring_open_sleepy(name, SLOTRING_ATTACH, 0);
    slotring_reader_t *reader = join(ring);
    slotring_slot_t slot;
    peer_tell(test, 1);
    CHECK_OK(slotring_next(reader, NOT_WOKEN, &slot));
    peer_tell(test, slot.deliveries);
    CHECK_OK(slotring_reader_release(reader));
    CHECK_OK(slotring_close(ring));
}

/* What one gives back wakes another one that waits. */
static void wakes_who_waits(void)
{
    slotring_options_t options = ring_options_sleepy(SLOTRING_CREATE, 4);
    options.max_groups = 1;
    slotring_t *ring = ring_open_with(ring_name(), &options);
    slotring_reader_t *reader = join(ring);
    publish(ring, 1, 0);
    give_now(reader, 0, 0);
    peer_t peer = peer_start(BY_EXEC, "waits_for_one", ring_name());
    peer_expect(&peer, 1);
    peer_wait_asleep(&peer);
    CHECK_OK(slotring_unsubscribe(reader));
    peer_expect(&peer, 1);
    peer_join(&peer);
    ring_remove(ring, ring_name());
}

/* ---- The end ---------------------------------------------------------------------------------------- */

/* Not before all is acknowledged: what one has in its hands may come to another. */
static void ends_when_all_is_done(void)
{
    if (!ring_shares_users())
        SKIP("a ring has one user here");
    slotring_t *ring = ring_with_groups(8, 1), *producer = ring_attach(ring_name());
    slotring_reader_t *one = join(ring), *two = join(ring);
    slotring_slot_t slot;
    publish(producer, 1, 0);
    give_now(one, 0, 0);
    CHECK_OK(slotring_close(producer));
    nothing_now(two);
    CHECK_OK(slotring_reader_release(one));
    CHECK_CODE(slotring_next(two, NO_WAIT, &slot), SLOTRING_E_END);
    CHECK_CODE(slotring_next(one, NO_WAIT, &slot), SLOTRING_E_END);
    ring_remove(ring, ring_name());
}

/* ---- Nobody is there ----------------------------------------------------------------------------------- */

static void stays_without_members(void)
{
    slotring_t *ring = ring_with_groups(4, 1);
    CHECK_OK(slotring_unsubscribe(join(ring)));
    for (uint64_t n = 0; n < 4; n++)
        publish(ring, 1, n);
    CHECK(ring_is_full(ring));
    slotring_reader_info_t info = group_info(ring);
    CHECK_EQUAL(info.members, 0);
    CHECK_AT_LEAST(info.left_ns, 1);
    slotring_reader_t *reader = join(ring);
    CHECK_EQUAL(group_info(ring).left_ns, 0);
    CHECK_CODE(slotring_forget(ring, NAME), SLOTRING_E_SUBSCRIBED);
    for (uint64_t n = 0; n < 4; n++)
        take_now(reader, pattern_tag(1, n));
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_OK(slotring_forget(ring, NAME));
    CHECK_CODE(slotring_forget(ring, NAME), SLOTRING_E_NOT_FOUND);
    ring_remove(ring, ring_name());
}

static slotring_t *ring_with_absence(uint64_t absence_ns)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 4, 100);
    options.max_groups = 1;
    options.absence_ns = absence_ns;
    return ring_open_with(ring_name(), &options);
}

/* Without a member for too long it is closed, and its name is free again when it is forgotten. */
static void is_closed_when_nobody_comes(void)
{
    slotring_t *ring = ring_with_absence(20 * MILLISECOND);
    CHECK_OK(slotring_unsubscribe(join(ring)));
    for (uint64_t n = 0; n < 6; n++)
        publish(ring, 1, n); /* waits, and does not wait for ever */
    CHECK_EQUAL(group_info(ring).revoked, SLOTRING_REVOKED_BY_BUDGET);
    slotring_reader_options_t options = member_options();
    slotring_reader_t *reader;
    CHECK_CODE(slotring_subscribe(ring, &options, &reader), SLOTRING_E_REVOKED);
    CHECK(reader == NULL);
    check_ring(ring);
    CHECK_OK(slotring_forget(ring, NAME));
    reader = join(ring);
    publish(ring, 1, 6);
    take_now(reader, pattern_tag(1, 6));
    check_ring(ring);
    ring_remove(ring, ring_name());
}

static void is_not_closed_while_somebody_is_there(void)
{
    slotring_t *ring = ring_with_absence(10 * MILLISECOND);
    slotring_reader_t *one = join(ring), *two = join(ring);
    for (uint64_t n = 0; n < 4; n++)
        publish(ring, 1, n);
    give_now(one, 0, 0);
    slotring_slot_t slot;
    CHECK_CODE(slotring_allocate_wait(ring, 1, 50 * MILLISECOND, &slot), SLOTRING_E_TIMEOUT);
    CHECK_OK(slotring_unsubscribe(one));
    CHECK_CODE(slotring_allocate_wait(ring, 1, 50 * MILLISECOND, &slot), SLOTRING_E_TIMEOUT);
    give_now(two, 0, 1);
    CHECK_OK(slotring_reader_release(two));
    CHECK(!ring_is_full(ring));
    ring_remove(ring, ring_name());
}

/* ---- Kinds of messages -------------------------------------------------------------------------------- */

/* A block goes to one member, whole, and again from its beginning. */
static void records_come_by_the_block(void)
{
    slotring_t *ring = ring_with_groups(8, 1);
    slotring_reader_t *one = join(ring), *two = join(ring);
    slotring_writer_t *writer;
    slotring_slot_t slot;
    char bytes[8] = "";
    CHECK_OK(slotring_writer_open(ring, NULL, &writer));
    for (uint64_t n = 0; n < 3; n++)
        CHECK_OK(slotring_writer_append(writer, bytes, sizeof bytes, n, NO_WAIT));
    nothing_now(one); /* until the block is closed */
    CHECK_OK(slotring_writer_close(writer));
    for (uint64_t n = 0; n < 2; n++) {
        CHECK_OK(slotring_next(one, NO_WAIT, &slot));
        CHECK_EQUAL(slot.kind, SLOTRING_KIND_RECORD);
        CHECK_EQUAL(slot.number, n);
        CHECK_EQUAL(slot.tag, n);
        CHECK_EQUAL(slot.length, sizeof bytes);
        CHECK_EQUAL(slot.deliveries, 0);
        CHECK_OK(slotring_reader_release(one));
    }
    nothing_now(two);
    CHECK_EQUAL(group_info(ring).cursor, 0);
    CHECK_OK(slotring_unsubscribe(one));
    for (uint64_t n = 0; n < 3; n++) {
        CHECK_OK(slotring_next(two, NO_WAIT, &slot));
        CHECK_EQUAL(slot.number, n);
        CHECK_EQUAL(slot.deliveries, 1);
        if (n == 0) { /* its ticket is that of the record */
            slotring_slot_t held;
            CHECK_OK(slotring_acquire_for_read(ring, &slot.ticket, &held));
            CHECK_EQUAL(held.number, 0);
            CHECK_OK(slotring_release(ring, &held));
        }
        CHECK_OK(slotring_reader_release(two));
    }
    CHECK_EQUAL(group_info(ring).cursor, 1);
    CHECK_EQUAL(group_info(ring).redelivered, 1);
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void takes_messages_of_any_size(void)
{
    slotring_t *ring = ring_with_groups(8, 1);
    slotring_reader_t *reader = join(ring);
    slotring_slot_t slot;
    uint8_t bytes[250], read[250];
    uint64_t count;
    memset(bytes, 7, sizeof bytes);
    CHECK_OK(slotring_allocate_span(ring, sizeof bytes, NO_WAIT, &slot));
    CHECK_OK(slotring_scatter(ring, &slot, 0, bytes, sizeof bytes));
    CHECK_OK(slotring_mark_ready(ring, &slot, 250));
    publish(ring, 1, 1);
    CHECK_OK(slotring_next(reader, NO_WAIT, &slot));
    CHECK_EQUAL(slot.length, 250);
    CHECK_EQUAL(slot.pieces, 3);
    CHECK_OK(slotring_unsubscribe(reader));
    reader = join(ring);
    CHECK_OK(slotring_next(reader, NO_WAIT, &slot));
    CHECK_EQUAL(slot.length, 250);
    CHECK_EQUAL(slot.deliveries, 1);
    CHECK_OK(slotring_gather(ring, &slot, 0, read, sizeof read, &count));
    CHECK_EQUAL(count, sizeof read);
    CHECK(memcmp(bytes, read, sizeof read) == 0);
    CHECK_OK(slotring_reader_release(reader));
    take_now(reader, pattern_tag(1, 1));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void frees_hot_slots(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 4, 100);
    options.max_groups = 1;
    options.flags |= SLOTRING_HOT_SLOTS;
    slotring_t *ring = ring_open_with(ring_name(), &options);
    slotring_reader_t *one = join(ring), *two = join(ring);
    publish(ring, 1, 0);
    publish(ring, 1, 1);
    give_now(one, 0, 0);
    give_now(two, 1, 0);
    CHECK_OK(slotring_reader_release(two));
    CHECK_EQUAL(ring_stats(ring).slots_free, 2);
    CHECK_OK(slotring_reader_release(one));
    CHECK_EQUAL(ring_stats(ring).slots_free, 4);
    ring_remove(ring, ring_name());
}

/* ---- Refused ------------------------------------------------------------------------------------------ */

static void refuses(void)
{
    slotring_reader_options_t options = member_options();
    slotring_reader_t *reader;
    slotring_t *without = ring_create(ring_name(), 4, 100);
    CHECK_CODE(slotring_subscribe(without, &options, &reader), SLOTRING_E_UNSUPPORTED);
    ring_remove(without, ring_name());

    slotring_t *ring = ring_with_groups(4, 1);
    publish(ring, 1, 0);
#define REFUSED(field, value, code)                                    \
    do {                                                               \
        options = member_options();                                    \
        options.field = value;                                         \
        check_context("%s", #field);                                   \
        CHECK_CODE(slotring_subscribe(ring, &options, &reader), code); \
    } while (0)
    REFUSED(mode, SLOTRING_LOSSY, SLOTRING_E_INVALID);
    REFUSED(mode, SLOTRING_BUDGETED, SLOTRING_E_INVALID);
    REFUSED(wanted, SLOTRING_WANTS_LATEST, SLOTRING_E_INVALID);
    REFUSED(start, SLOTRING_FROM_OLDEST, SLOTRING_E_INVALID);
    REFUSED(start, SLOTRING_FROM_SEQUENCE, SLOTRING_E_INVALID);
    REFUSED(name, NULL, SLOTRING_E_INVALID);
    REFUSED(flags, SLOTRING_GROUP | SLOTRING_DURABLE, SLOTRING_E_INVALID);
    REFUSED(flags, SLOTRING_GROUP | SLOTRING_TELL_MARKS, SLOTRING_E_INVALID);
    check_context("%s", "");
    options = member_options();
    options.wake_messages = options.wake_ns = 10;
    CHECK_CODE(slotring_subscribe(ring, &options, &reader), SLOTRING_E_INVALID);
    join(ring);
    REFUSED(flags, SLOTRING_DURABLE, SLOTRING_E_INVALID); /* the name is that of a group */
    REFUSED(name, "others", SLOTRING_E_READERS);          /* the ring has one group */
    options = member_options();
    options.flags = SLOTRING_DURABLE;
    options.name = "single";
    slotring_reader_t *single = subscribe_with(ring, &options);
    CHECK_OK(slotring_unsubscribe(single));
    REFUSED(name, "single", SLOTRING_E_INVALID);
    check_context("%s", "");
    check_ring(ring);
    ring_remove(ring, ring_name());
}

/* ---- Under kills ------------------------------------------------------------------------------------- */

#define WORKERS 4
#define RESULT "%s-results"

/* Says of each message that it had it, before it acknowledges it. */
static void works(peer_t *test, const char *name)
{
    char results_name[SLOTRING_NAME_MAX + 16];
    (void)snprintf(results_name, sizeof results_name, RESULT, name);
    slotring_t *ring = ring_attach(name), *results = ring_attach(results_name);
    slotring_reader_t *reader = join(ring);
    slotring_slot_t slot, result;
    peer_tell(test, 1);
    while (slotring_next(reader, PATIENCE, &slot) == 0) {
        CHECK_OK(slotring_allocate_wait(results, 16, PATIENCE, &result));
        memcpy(result.data, &slot.deliveries, sizeof slot.deliveries);
        result.tag = slot.tag;
        CHECK_OK(slotring_mark_ready(results, &result, 16));
        CHECK_OK(slotring_reader_release(reader));
    }
}

#define MESSAGES_MAX 100000u

typedef struct storm {
    slotring_t *ring, *results;
    slotring_reader_t *reader; /* of the results */
    peer_t workers[WORKERS];
    uint32_t *had; /* of each message: a bit for each delivery count with which somebody had it */
    uint64_t messages, published, heard, again;
    uint32_t random;
} storm_t;

/* Each message with each count once. */
static void hear(storm_t *storm)
{
    slotring_slot_t slot;
    while (slotring_next(storm->reader, NO_WAIT, &slot) == 0) {
        uint32_t deliveries;
        memcpy(&deliveries, slot.data, sizeof deliveries);
        uint64_t number = pattern_number(slot.tag);
        CHECK(number < storm->published);
        CHECK(deliveries < 32);
        CHECK((storm->had[number] >> deliveries & 1) == 0);
        storm->had[number] |= 1u << deliveries;
        storm->heard++;
        storm->again += deliveries > 0;
        CHECK_OK(slotring_reader_release(storm->reader));
    }
}

static void kill_one(storm_t *storm)
{
    storm->random = storm->random * 1664525u + 1013904223u;
    peer_t *worker = &storm->workers[storm->random >> 16 & (WORKERS - 1)];
    peer_kill(worker);
    *worker = peer_start(BY_EXEC, "works", ring_name());
    peer_expect(worker, 1);
}

static void publish_more(storm_t *storm)
{
    slotring_slot_t slot;
    uint64_t length;
    if (storm->published == storm->messages ||
        slotring_allocate_wait(storm->ring, 1, MILLISECOND, &slot) != 0)
        return;
    CHECK_OK(slotring_abort(storm->ring, &slot));
    prepare(storm->ring, 1, storm->published++, &slot, &length);
    CHECK_OK(slotring_mark_ready(storm->ring, &slot, length));
}

/* A group of four workers under kills loses nothing, and doubles nothing beyond what the delivery count says. */
static void four_workers_under_kills(void)
{
    storm_t storm = {.messages = scaled(600), .random = 7};
    char results_name[SLOTRING_NAME_MAX + 16];
    CHECK(storm.messages <= MESSAGES_MAX);
    (void)snprintf(results_name, sizeof results_name, RESULT, ring_name());
    storm.had = calloc((size_t)storm.messages, sizeof *storm.had);
    CHECK(storm.had != NULL);
    storm.ring = ring_with_groups(16, 1);
    storm.results = ring_create(results_name, 16, 64);
    storm.reader = subscribe(storm.results, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    for (int i = 0; i < WORKERS; i++) {
        storm.workers[i] = peer_start(BY_EXEC, "works", ring_name());
        peer_expect(&storm.workers[i], 1);
    }
    uint64_t kill_at = 25;
    int64_t end = now_ns() + PATIENCE;
    while (group_info(storm.ring).cursor < storm.messages) {
        CHECK(now_ns() < end);
        publish_more(&storm);
        hear(&storm);
        if (storm.heard >= kill_at && storm.published < storm.messages) {
            kill_one(&storm);
            kill_at = storm.heard + 25;
        }
    }
    hear(&storm);
    for (uint64_t n = 0; n < storm.messages; n++)
        CHECK(storm.had[n] != 0);
    slotring_reader_info_t info = group_info(storm.ring);
    CHECK_EQUAL(info.delivered, storm.messages);
    CHECK_EQUAL(info.missed, 0);
    CHECK_AT_LEAST(info.redelivered, storm.again); /* one may have been killed before it could say it */
    for (int i = 0; i < WORKERS; i++)
        peer_kill(&storm.workers[i]);
    CHECK_OK(slotring_recover(storm.ring, NULL));
    CHECK_OK(slotring_recover(storm.results, NULL));
    check_ring(storm.ring);
    free(storm.had);
    CHECK_OK(slotring_close(storm.results));
    CHECK_OK(slotring_unlink(results_name, SLOTRING_UNLINK_IF_UNUSED, NULL, NULL));
    ring_remove(storm.ring, ring_name());
}

static void takes_and_waits(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader = join(ring);
    give_now(reader, 0, 0);
    peer_tell(test, 1);
    peer_hear(test);
}

/* A message stays with a member that is stopped, however long. */
static void stopped_is_not_dead(void)
{
    if (!process_shows_stops())
        SKIP("the system does not say that a process is stopped");
    slotring_t *ring = ring_with_absence(10 * MILLISECOND);
    slotring_reader_t *reader = join(ring);
    publish(ring, 1, 0);
    peer_t peer = peer_start(BY_EXEC, "takes_and_waits", ring_name());
    peer_expect(&peer, 1);
    peer_stop(&peer);
    CHECK_OK(slotring_recover(ring, NULL));
    nothing_now(reader);
    publish(ring, 1, 1);
    take_now(reader, pattern_tag(1, 1));
    CHECK_EQUAL(group_info(ring).cursor, 0);
    peer_kill(&peer);
    CHECK_OK(slotring_recover(ring, NULL));
    give_now(reader, 0, 1);
    CHECK_OK(slotring_reader_release(reader));
    CHECK_EQUAL(group_info(ring).cursor, 2);
    check_ring(ring);
    ring_remove(ring, ring_name());
}

/* ---- Damage ---------------------------------------------------------------------------------------------- */

static sr__slot_t *slot_of(slotring_t *ring, uint64_t sequence)
{
    sr__view_t *view = &ring->member.view;
    return sr__slot(view, sr__entry_slot(view, sr__load(sr__order_at(view, sequence))));
}

/* The batch ends before it, it is told once, and the group goes on behind it. */
static void a_damaged_message_in_a_batch_is_told(void)
{
    slotring_t *ring = ring_with_groups(8, 1);
    slotring_reader_t *reader = join(ring);
    for (uint64_t n = 0; n < 4; n++)
        publish(ring, 1, n);
    sr__word_t *length = &slot_of(ring, 1)->length;
    uint64_t right = sr__load(length);
    sr__poke(length, 101);
    slotring_slot_t slots[4];
    uint32_t count;
    CHECK_OK(slotring_next_batch(reader, NO_WAIT, slots, 4, &count));
    CHECK_EQUAL(count, 1);
    CHECK_EQUAL(slots[0].sequence, 0);
    CHECK_OK(slotring_reader_release(reader));
    CHECK_CODE(slotring_next_batch(reader, NO_WAIT, slots, 4, &count), SLOTRING_E_CORRUPT);
    CHECK_EQUAL(count, 0);
    CHECK_OK(slotring_next_batch(reader, NO_WAIT, slots, 4, &count));
    CHECK_EQUAL(count, 2);
    CHECK_EQUAL(slots[0].sequence, 2);
    CHECK_OK(slotring_reader_release(reader));
    CHECK_EQUAL(group_info(ring).cursor, 4);
    sr__poke(length, right);
    check_ring(ring);
    ring_remove(ring, ring_name());
}

/* The records before it are given; then it is told once, in calls for one and for several. */
static void a_block_damaged_in_the_middle_is_told(void)
{
    for (uint32_t most = 1; most <= 4; most += 3) {
        slotring_t *ring = ring_with_groups(8, 1);
        slotring_reader_t *reader = join(ring);
        slotring_writer_t *writer = writer_open(ring);
        for (uint64_t n = 0; n < 3; n++)
            CHECK_OK(slotring_writer_append(writer, "1234", 4, n, NO_WAIT));
        CHECK_OK(slotring_writer_close(writer));
        uint32_t slot =
            (uint32_t)(sr__entry_slot(&ring->member.view, sr__load(sr__order_at(&ring->member.view, 0))));
        sr__word_t *header = sr__record_word(sr__block_bytes(&ring->member.view, slot), 16);
        uint64_t right = sr__load(header);
        sr__poke(header, UINT64_C(0x8000000000000001));
        publish(ring, 1, 7);
        slotring_slot_t slots[4];
        uint32_t count;
        CHECK_OK(slotring_next_batch(reader, NO_WAIT, slots, most, &count));
        CHECK_EQUAL(count, 1);
        CHECK_EQUAL(slots[0].tag, 0);
        CHECK_OK(slotring_reader_release(reader));
        CHECK_CODE(slotring_next_batch(reader, NO_WAIT, slots, most, &count), SLOTRING_E_CORRUPT);
        take_now(reader, pattern_tag(1, 7));
        CHECK_EQUAL(group_info(ring).cursor, 2);
        sr__poke(header, right);
        check_ring(ring);
        ring_remove(ring, ring_name());
    }
}

/* Wherever in the count of laps a group begins, each message from there on is one that nobody has had. */
static void begins_at_any_lap(void)
{
    static const uint64_t laps[] = {0,           1, SR__TAKE_LAP / 2, SR__TAKE_LAP / 2 + 2, SR__TAKE_LAP - 1,
                                    SR__TAKE_LAP};
    slotring_t *ring = ring_with_groups(4, 1);
    sr__view_t *view = &ring->member.view;
    slotring_reader_t *reader = join(ring);
    uint64_t row = sr__load(&view->groups[0].row) - 1, cursor = sr__load(&view->subscriptions[row].cursor);
    for (size_t i = 0; i < sizeof laps / sizeof laps[0]; i++)
        for (uint64_t in_lap = 0; in_lap < 4; in_lap++) {
            uint64_t start = (laps[i] * 4 + in_lap) & SR__NUMBER_MASK;
            sr__poke(&view->subscriptions[row].cursor, (cursor & ~SR__NUMBER_MASK) | start);
            sr__group_begin(view, 0, (uint32_t)row, 0);
            for (uint64_t t = start; t < start + 4; t++) {
                uint64_t behind =
                    (sr__lap_of(view, t) - sr__take_lap(sr__load(sr__take_at(view, 0, t)))) & SR__TAKE_LAP;
                CHECK(behind > 0 && behind <= SR__TAKE_LAP / 2);
            }
        }
    sr__poke(&view->subscriptions[row].cursor, cursor);
    sr__group_begin(view, 0, (uint32_t)row, 0);
    publish(ring, 1, 0);
    take_now(reader, pattern_tag(1, 0));
    check_ring(ring);
    ring_remove(ring, ring_name());
}

/* Nobody takes the gate from members that read in place; and a group whose members were killed can be forgotten at once. */
static void is_ended_by_hand_without_members_only(void)
{
    slotring_t *ring = ring_with_groups(4, 1);
    publish(ring, 1, 9);
    peer_t peer = peer_start(BY_EXEC, "takes_what_comes", ring_name());
    peer_expect(&peer, 1);
    publish(ring, 1, 0);
    peer_expect(&peer, 2);
    CHECK_CODE(slotring_revoke(ring, group_info(ring).row), SLOTRING_E_STATE);
    CHECK_CODE(slotring_forget(ring, NAME), SLOTRING_E_SUBSCRIBED);
    CHECK_EQUAL(group_info(ring).members, 1);
    peer_kill(&peer);
    CHECK_OK(slotring_forget(ring, NAME));
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

static void takes_what_comes(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader = join(ring);
    slotring_slot_t slot;
    peer_tell(test, 1);
    CHECK_OK(slotring_next(reader, PATIENCE, &slot));
    peer_tell(test, 2);
    peer_hear(test);
}

/* A member that finds no place leaves no group behind, for which producers would wait. */
static void a_join_that_fails_leaves_nothing(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 4, 100);
    options.max_groups = 1;
    options.max_readers = 1;
    slotring_t *ring = ring_open_with(ring_name(), &options);
    slotring_reader_options_t wanted = member_options();
    slotring_reader_t *reader;
    CHECK_CODE(slotring_subscribe(ring, &wanted, &reader), SLOTRING_E_READERS);
    for (uint64_t n = 0; n < 9; n++)
        publish(ring, 1, n);
    CHECK_CODE(slotring_forget(ring, NAME), SLOTRING_E_NOT_FOUND);
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* As one lossless reader, as long as a member is there that lives. */
static void check_counts(slotring_t *ring, uint32_t wanted)
{
    slotring_run_gate_t gate = {.struct_size = sizeof gate, .readers = 1};
    uint32_t there;
    CHECK_CODE(slotring_wait_readers(ring, 1, NO_WAIT, &there), wanted ? 0 : SLOTRING_E_TIMEOUT);
    CHECK_EQUAL(there, wanted);
    CHECK_CODE(slotring_wait_readers(ring, 2, NO_WAIT, &there), SLOTRING_E_TIMEOUT);
    CHECK_EQUAL(there, wanted);
    CHECK_CODE(slotring_run_gate(ring, &gate), wanted ? 0 : SLOTRING_E_STATE);
}

static void counts_as_one_reader(void)
{
    slotring_t *ring = ring_with_groups(8, 1);
    check_counts(ring, 0);
    slotring_reader_t *one = join(ring), *two = join(ring);
    check_counts(ring, 1);
    CHECK_OK(slotring_unsubscribe(one));
    check_counts(ring, 1);
    CHECK_OK(slotring_unsubscribe(two));
    check_counts(ring, 0);
    publish(ring, 1, 0);
    peer_t peer = peer_start(BY_EXEC, "takes_and_waits", ring_name());
    peer_expect(&peer, 1);
    check_counts(ring, 1);
    peer_kill(&peer);
    check_counts(ring, 0); /* before anybody repairs */
    CHECK_OK(slotring_recover(ring, NULL));
    check_counts(ring, 0);
    CHECK_OK(slotring_forget(ring, NAME));
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

static const test_case_t cases[] = {
    {"each_message_goes_to_one", each_message_goes_to_one, 0},
    {"goes_round_many_times", goes_round_many_times, 0},
    {"gives_back_what_it_leaves", gives_back_what_it_leaves, 0},
    {"a_look_takes_nothing", a_look_takes_nothing, 0},
    {"wakes_who_waits", wakes_who_waits, 0},
    {"ends_when_all_is_done", ends_when_all_is_done, 0},
    {"stays_without_members", stays_without_members, 0},
    {"is_closed_when_nobody_comes", is_closed_when_nobody_comes, 0},
    {"is_not_closed_while_somebody_is_there", is_not_closed_while_somebody_is_there, 0},
    {"records_come_by_the_block", records_come_by_the_block, 0},
    {"takes_messages_of_any_size", takes_messages_of_any_size, 0},
    {"frees_hot_slots", frees_hot_slots, 0},
    {"counts_as_one_reader", counts_as_one_reader, 0},
    {"is_ended_by_hand_without_members_only", is_ended_by_hand_without_members_only, 0},
    {"a_join_that_fails_leaves_nothing", a_join_that_fails_leaves_nothing, 0},
    {"a_damaged_message_in_a_batch_is_told", a_damaged_message_in_a_batch_is_told, 0},
    {"a_block_damaged_in_the_middle_is_told", a_block_damaged_in_the_middle_is_told, 0},
    {"begins_at_any_lap", begins_at_any_lap, 0},
    {"refuses", refuses, 0},
    {"four_workers_under_kills", four_workers_under_kills, 0},
    {"stopped_is_not_dead", stopped_is_not_dead, 0},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {
    {"waits_for_one", waits_for_one},     {"works", works}, {"takes_what_comes", takes_what_comes},
    {"takes_and_waits", takes_and_waits}, {NULL, NULL},
};

const test_suite_t group_suite = {"group", cases, roles};

/* SPDX-License-Identifier: Apache-2.0 */
/* Durable subscriptions: they outlive their readers, are gone on with by name, and end when they are forgotten. */
#include <stdio.h>
#include <string.h>

#include "support/internals.h"
#include "support/process.h"
#include "support/records.h"
#include "support/ring.h"
#include "support/suite.h"

#define NO_WAIT 0
#define NAME "recorder"

static slotring_reader_options_t durable(const char *name, uint32_t start)
{
    slotring_reader_options_t options = reader_options(SLOTRING_LOSSLESS, start);
    options.flags = SLOTRING_DURABLE;
    options.name = name;
    return options;
}

static slotring_reader_t *go_on(slotring_t *ring)
{
    slotring_reader_options_t options = durable(NAME, SLOTRING_FROM_NOW);
    return subscribe_with(ring, &options);
}

/* The one reader that the ring has, with an owner or without. */
static slotring_reader_info_t only_reader(slotring_t *ring)
{
    slotring_reader_info_t info[4];
    uint32_t count;
    CHECK_OK(slotring_readers(ring, info, 4, &count));
    CHECK_EQUAL(count, 1);
    CHECK_EQUAL(info[0].delivered + info[0].missed + info[0].passed_over + info[0].pending,
                info[0].cursor - info[0].start);
    return info[0];
}

/* ---- Going on --------------------------------------------------------------------------------------- */

static void goes_on_after_unsubscribing(void)
{
    slotring_t *ring = ring_create(ring_name(), 8, 100);
    slotring_reader_t *reader = go_on(ring);
    slotring_slot_t slot;
    for (uint64_t n = 0; n < 5; n++)
        publish(ring, 1, n);
    take_now(reader, pattern_tag(1, 0));
    take_now(reader, pattern_tag(1, 1));
    CHECK_OK(slotring_next(reader, NO_WAIT, &slot)); /* given, not acknowledged */
    CHECK_OK(slotring_unsubscribe(reader));

    slotring_reader_info_t left = only_reader(ring);
    CHECK_EQUAL(left.durable, 1);
    CHECK_AT_LEAST(left.left_ns, 1);
    CHECK_EQUAL(left.participant, UINT32_MAX);
    CHECK_EQUAL(left.cursor, 2);
    CHECK_STRING(left.name, NAME);
    check_ring(ring);

    reader = go_on(ring);
    for (uint64_t n = 2; n < 5; n++)
        take_now(reader, pattern_tag(1, n));
    slotring_reader_info_t info = reader_info(reader);
    CHECK_EQUAL(info.delivered, 5);
    CHECK_EQUAL(info.start, 0);
    CHECK_EQUAL(info.left_ns, 0);
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_OK(slotring_forget(ring, NAME));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* The list of rings says which of its durable subscriptions no process has. */
static void check_listed(uint32_t durable, uint32_t left)
{
    slotring_list_entry_t entry;
    uint32_t count;
    CHECK_OK(slotring_list(NULL, &entry, 1, &count, NULL));
    CHECK_EQUAL(count, 1);
    CHECK_EQUAL(entry.durable, durable);
    CHECK_EQUAL(entry.durable_left, left);
}

static void the_list_of_rings_has_them(void)
{
    slotring_t *ring = ring_create(ring_name(), 8, 100);
    slotring_reader_t *other = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    check_listed(0, 0);
    slotring_reader_t *reader = go_on(ring);
    check_listed(1, 0);
    CHECK_OK(slotring_unsubscribe(reader));
    check_listed(1, 1);
    peer_t peer = peer_start(BY_EXEC, "reads_some", ring_name());
    peer_expect(&peer, 1);
    check_listed(1, 0);
    peer_kill(&peer);
    CHECK_OK(slotring_recover(ring, NULL));
    check_listed(1, 1);
    CHECK_OK(slotring_forget(ring, NAME));
    check_listed(0, 0);
    CHECK_OK(slotring_unsubscribe(other));
    ring_remove(ring, ring_name());
}

/* A handle that is closed leaves the subscription, as a process that ends does; the ring must stay for that. */
static void goes_on_after_closing(void)
{
    if (!ring_shares_users())
        SKIP("a ring has one user here");
    slotring_t *ring = ring_create(ring_name(), 8, 100), *other = ring_attach(ring_name());
    go_on(other);
    publish(ring, 1, 0);
    CHECK_OK(slotring_close(other));
    publish(ring, 1, 1);
    slotring_reader_t *reader = go_on(ring);
    take_now(reader, pattern_tag(1, 0));
    take_now(reader, pattern_tag(1, 1));
    CHECK_EQUAL(reader_info(reader).missed, 0);
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());
}

static void reads_some(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader = go_on(ring);
    peer_tell(test, 1);
    for (uint64_t count = peer_hear(test); count > 0; count--)
        take(reader);
    slotring_slot_t slot;
    CHECK_OK(slotring_next(reader, PATIENCE, &slot));
    peer_tell(test, 2);
    peer_hear(test);
}

/* Round and round, with producers that wait for it: each message once. */
static void goes_on_after_kills(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    uint64_t published = 0, acknowledged = 0;
    for (unsigned round = 0; round < scaled(12); round++) {
        peer_t peer = peer_start(BY_EXEC, "reads_some", ring_name());
        peer_expect(&peer, 1);
        while (!ring_is_full(ring))
            publish(ring, 1, published++);
        peer_tell(&peer, 2);
        peer_expect(&peer, 2);
        peer_kill(&peer);
        acknowledged += 2;
        CHECK_OK(slotring_recover(ring, NULL));
        slotring_reader_info_t info = only_reader(ring);
        CHECK_EQUAL(info.delivered, acknowledged);
        CHECK_EQUAL(info.missed, 0);
        CHECK_EQUAL(info.cursor, acknowledged);
        CHECK_EQUAL(info.pid, (uint64_t)peer.pid);
        check_ring(ring);
    }
    slotring_reader_t *reader = go_on(ring);
    for (uint64_t n = acknowledged; n < published; n++)
        take_now(reader, pattern_tag(1, n));
    CHECK_EQUAL(reader_info(reader).delivered, published);
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());
}

/* Its next owner need not wait until somebody repairs. */
static void takes_over_from_the_dead(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    peer_t peer = peer_start(BY_EXEC, "reads_some", ring_name());
    peer_expect(&peer, 1);
    publish(ring, 1, 0);
    slotring_reader_t *reader = NULL;
    slotring_reader_options_t options = durable(NAME, SLOTRING_FROM_NOW);
    CHECK_CODE(slotring_subscribe(ring, &options, &reader), SLOTRING_E_SUBSCRIBED);
    CHECK(reader == NULL);
    slotring_error_t error;
    char pid[32];
    slotring_last_error(&error);
    snprintf(pid, sizeof pid, "process %lld", (long long)peer.pid);
    CHECK_CONTAINS(error.text, pid);
    CHECK_CONTAINS(error.text, NAME);
    CHECK_CODE(slotring_forget(ring, NAME), SLOTRING_E_SUBSCRIBED);
    peer_kill(&peer);
    reader = go_on(ring);
    take_now(reader, pattern_tag(1, 0));
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());
}

/* ---- What it holds back ------------------------------------------------------------------------------ */

static void holds_producers_back(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    CHECK_OK(slotring_unsubscribe(go_on(ring)));
    for (uint64_t n = 0; n < 4; n++)
        publish(ring, 1, n);
    CHECK(ring_is_full(ring));

    slotring_blocker_t blocker;
    uint32_t count;
    char text[SLOTRING_BLOCKER_TEXT_SIZE];
    CHECK_OK(slotring_blockers(ring, &blocker, 1, &count));
    CHECK_EQUAL(count, 1);
    CHECK_AT_LEAST(blocker.left_ns, 1);
    CHECK_OK(slotring_in_the_way(ring, text, sizeof text));
    CHECK_CONTAINS(text, NAME);
    CHECK_CONTAINS(text, "slotring forget");

    CHECK_OK(slotring_forget(ring, NAME));
    CHECK(!ring_is_full(ring));
    CHECK_CODE(slotring_forget(ring, NAME), SLOTRING_E_NOT_FOUND);
    slotring_reader_t *reader = go_on(ring); /* a new one */
    CHECK_EQUAL(reader_info(reader).start, 4);
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());
}

static void check_names_it(int code)
{
    slotring_error_t error;
    CHECK_EQUAL(code, SLOTRING_E_TIMEOUT);
    slotring_last_error(&error);
    CHECK_EQUAL(error.code, SLOTRING_E_TIMEOUT);
    CHECK_CONTAINS(error.text, "\"" NAME "\"");
    CHECK_CONTAINS(error.text, ring_name());
    CHECK_CONTAINS(error.text, "slotring forget");
}

/* Each call that waited for a slot in vain says whom it waited for, and how that ends. */
static void is_named_by_who_waited(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    slotring_slot_t slot;
    slotring_writer_t *writer;
    slotring_t *other = ring_attach(ring_name());
    slotring_reader_t *reader = go_on(other);
    CHECK_OK(slotring_writer_open(ring, NULL, &writer));
    for (uint64_t n = 0; n < 4; n++)
        publish(ring, 1, n);

    CHECK_CODE(slotring_allocate_wait(ring, 1, MILLISECOND, &slot), SLOTRING_E_TIMEOUT);
    slotring_error_t error;
    slotring_last_error(&error);
    CHECK(!strstr(error.text, NAME)); /* somebody has it: slotring_in_the_way tells about the living */

    CHECK_OK(slotring_unsubscribe(reader));
    check_names_it(slotring_allocate_wait(ring, 1, MILLISECOND, &slot));
    check_names_it(slotring_allocate_span(ring, 150, MILLISECOND, &slot));
    check_names_it(slotring_writer_append(writer, "x", 1, 0, MILLISECOND));
    CHECK_CODE(slotring_allocate(ring, 1, &slot), SLOTRING_E_FULL);
    CHECK_OK(slotring_forget(ring, NAME));
    CHECK_OK(slotring_writer_append(writer, "x", 1, 0, MILLISECOND));
    CHECK_OK(slotring_writer_close(writer));
    slotring_close(other);
    ring_remove(ring, ring_name());
}

/* What it held of the past is gone with its reader, and told. */
static void tells_what_was_lost(void)
{
    slotring_t *ring = ring_create(ring_name(), 8, 100);
    for (uint64_t n = 0; n < 6; n++)
        publish(ring, 1, n);
    slotring_reader_options_t options = durable(NAME, SLOTRING_FROM_OLDEST);
    slotring_reader_t *reader = subscribe_with(ring, &options);
    CHECK_EQUAL(reader_info(reader).pending, 6);
    take_now(reader, pattern_tag(1, 0));
    take_now(reader, pattern_tag(1, 1));
    CHECK_OK(slotring_unsubscribe(reader));
    slotring_reader_info_t left = only_reader(ring);
    CHECK_EQUAL(left.delivered, 2);
    CHECK_EQUAL(left.missed, 4);
    CHECK_EQUAL(left.pending, 0);
    publish(ring, 1, 6);
    reader = subscribe_with(ring, &options);
    take_now(reader, pattern_tag(1, 6));
    slotring_reader_info_t info = reader_info(reader);
    CHECK_EQUAL(info.delivered, 3);
    CHECK_EQUAL(info.missed, 4);
    CHECK_EQUAL(info.start, 0);
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());
}

static void keeps_what_it_wants(void)
{
    slotring_t *ring = ring_create(ring_name(), 8, 100);
    slotring_reader_options_t options = durable(NAME, SLOTRING_FROM_NOW);
    options.every = 3;
    slotring_reader_t *reader = subscribe_with(ring, &options);
    for (uint64_t n = 0; n < 8; n++)
        publish(ring, 1, n);
    take_now(reader, pattern_tag(1, 0));
    CHECK_OK(slotring_unsubscribe(reader));
    slotring_reader_options_t others = durable(NAME, SLOTRING_FROM_NOW);
    CHECK_CODE(slotring_subscribe(ring, &others, &reader), SLOTRING_E_INVALID);
    reader = subscribe_with(ring, &options);
    take_now(reader, pattern_tag(1, 3));
    take_now(reader, pattern_tag(1, 6));
    slotring_slot_t slot;
    CHECK_CODE(slotring_next(reader, NO_WAIT, &slot), SLOTRING_E_EMPTY);
    slotring_reader_info_t info = reader_info(reader);
    CHECK_EQUAL(info.delivered, 3);
    CHECK_EQUAL(info.passed_over, 5);
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());
}

/* ---- Longer than producers wait ------------------------------------------------------------------------ */

static slotring_t *ring_with_absence(uint64_t absence_ns)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 4, 100);
    options.absence_ns = absence_ns;
    slotring_t *ring = ring_open_with(ring_name(), &options);
    CHECK_EQUAL(ring_info(ring).absence_ns, absence_ns);
    return ring;
}

/* Two of six messages make room for others; the next reader has the four that are there, and all that come. */
static void is_revoked_when_nobody_has_it(void)
{
    slotring_t *ring = ring_with_absence(20 * MILLISECOND);
    CHECK_OK(slotring_unsubscribe(go_on(ring)));
    for (uint64_t n = 0; n < 6; n++)
        publish(ring, 1, n); /* waits, and does not wait for ever */
    slotring_reader_info_t left = only_reader(ring);
    CHECK_EQUAL(left.revoked, 1);
    CHECK_EQUAL(left.cursor, 0);
    check_ring(ring);

    slotring_reader_t *reader = go_on(ring);
    slotring_slot_t slot;
    CHECK_CODE(slotring_next(reader, NO_WAIT, &slot), SLOTRING_E_REVOKED);
    slotring_reader_info_t info = reader_info(reader);
    CHECK_EQUAL(info.lost, 2);
    CHECK_EQUAL(info.missed, 2);
    CHECK_EQUAL(info.pending, 4);
    CHECK_EQUAL(info.revoked, 0);
    check_ring(ring);
    for (uint64_t n = 2; n < 6; n++)
        take_now(reader, pattern_tag(1, n));
    for (uint64_t n = 6; n < 10; n++)
        publish(ring, 1, n);
    CHECK(ring_is_full(ring));
    for (uint64_t n = 6; n < 10; n++)
        take_now(reader, pattern_tag(1, n));
    info = reader_info(reader);
    CHECK_EQUAL(info.delivered, 8);
    CHECK_EQUAL(info.missed, 2);
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_OK(slotring_forget(ring, NAME));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void publishes_one(peer_t *test, const char *name)
{
    slotring_t *its = ring_attach(name);
    peer_tell(test, 1);
    publish(its, 2, 0);
    peer_tell(test, 2);
    (void)peer_hear(test);
    CHECK_OK(slotring_close(its));
}

/* Producers go on at once, not when its time is over; it keeps its name, and its next reader is told what it missed. */
static void is_revoked_by_hand_when_nobody_has_it(void)
{
    slotring_t *ring = ring_with_absence(3600 * (uint64_t)SECOND);
    slotring_reader_t *reader = go_on(ring);
    slotring_slot_t slot;
    CHECK_CODE(slotring_revoke(ring, reader_info(reader).row), SLOTRING_E_STATE); /* somebody has it */
    CHECK_OK(slotring_unsubscribe(reader));
    for (uint64_t n = 0; n < 4; n++)
        publish(ring, 1, n);
    CHECK(ring_is_full(ring));
    peer_t peer = peer_start(BY_EXEC, "publishes_one", ring_name());
    peer_expect(&peer, 1);
    peer_wait_asleep(&peer);
    for (int again = 0; again < 2; again++)
        CHECK_OK(slotring_revoke(ring, only_reader(ring).row));
    peer_expect(&peer, 2);
    slotring_reader_info_t left = only_reader(ring);
    CHECK_EQUAL(left.revoked, SLOTRING_REVOKED_BY_HAND);
    CHECK_EQUAL(left.cursor, 0);
    CHECK_STRING(left.name, NAME);
    check_ring(ring);

    reader = go_on(ring);
    CHECK_CODE(slotring_revoke(ring, reader_info(reader).row), SLOTRING_E_STATE);
    CHECK_CODE(slotring_next(reader, NO_WAIT, &slot), SLOTRING_E_REVOKED);
    slotring_error_t error;
    slotring_last_error(&error);
    CHECK_CONTAINS(error.text, "when the ring's owner revoked it: it missed 1 messages by that");
    CHECK_EQUAL(reader_info(reader).missed, 1);
    CHECK_EQUAL(reader_info(reader).lost, 1);
    CHECK_EQUAL(reader_info(reader).revoked, SLOTRING_NOT_REVOKED);
    for (uint64_t n = 1; n < 4; n++)
        take_now(reader, pattern_tag(1, n));
    take_now(reader, pattern_tag(2, 0));
    peer_tell(&peer, 3);
    peer_join(&peer);
    for (uint64_t n = 5; n < 9; n++)
        publish(ring, 1, n);
    CHECK(ring_is_full(ring)); /* it is lossless again */
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_OK(slotring_forget(ring, NAME));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* Whose next reader was not told: it is left once more, holds producers back, and is revoked once more. */
static void is_revoked_by_hand_once_more(void)
{
    slotring_t *ring = ring_with_absence(3600 * (uint64_t)SECOND);
    slotring_slot_t slot;
    CHECK_OK(slotring_unsubscribe(go_on(ring)));
    CHECK_OK(slotring_revoke(ring, only_reader(ring).row)); /* it is in nobody's way */
    CHECK_OK(slotring_unsubscribe(go_on(ring)));
    for (uint64_t n = 0; n < 4; n++)
        publish(ring, 1, n);
    CHECK(ring_is_full(ring));
    CHECK_OK(slotring_revoke(ring, only_reader(ring).row));
    publish(ring, 1, 4);
    slotring_reader_t *reader = go_on(ring);
    CHECK_CODE(slotring_next(reader, NO_WAIT, &slot), SLOTRING_E_REVOKED);
    CHECK_EQUAL(reader_info(reader).missed, 1);
    for (uint64_t n = 1; n < 5; n++)
        take_now(reader, pattern_tag(1, n));
    CHECK_EQUAL(reader_info(reader).delivered, 4);
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_OK(slotring_forget(ring, NAME));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* Who was not told yet leaves that to the next one; and what it held it leaves as missed. */
static void tells_the_one_after(void)
{
    slotring_t *ring = ring_with_absence(20 * MILLISECOND);
    CHECK_OK(slotring_unsubscribe(go_on(ring)));
    for (uint64_t n = 0; n < 6; n++)
        publish(ring, 1, n);
    CHECK_OK(slotring_unsubscribe(go_on(ring)));
    CHECK_EQUAL(only_reader(ring).missed, 6);
    publish(ring, 1, 6);
    slotring_reader_t *reader = go_on(ring);
    slotring_slot_t slot;
    CHECK_EQUAL(reader_info(reader).lost, 2); /* by the revocation; the others, by the end of who held them */
    CHECK_CODE(slotring_next(reader, NO_WAIT, &slot), SLOTRING_E_REVOKED);
    slotring_error_t error;
    slotring_last_error(&error);
    CHECK(strstr(error.text, "it missed 2 messages") != NULL);
    CHECK_EQUAL(reader_info(reader).lost, 2);
    take_now(reader, pattern_tag(1, 6));
    CHECK_EQUAL(reader_info(reader).missed, 6);
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());
}

static void is_waited_for_as_granted(void)
{
    slotring_t *ring = ring_with_absence(SLOTRING_FOR_EVER);
    CHECK_OK(slotring_unsubscribe(go_on(ring)));
    for (uint64_t n = 0; n < 4; n++)
        publish(ring, 1, n);
    slotring_slot_t slot;
    CHECK_CODE(slotring_allocate_wait(ring, 1, 50 * MILLISECOND, &slot), SLOTRING_E_TIMEOUT);
    CHECK_EQUAL(only_reader(ring).revoked, 0);
    slotring_reader_t *reader = go_on(ring);
    take_now(reader, pattern_tag(1, 0));
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());

    slotring_options_t options = ring_options(SLOTRING_CREATE, 4, 100);
    options.absence_ns = SLOTRING_FOR_EVER - 1;
    CHECK_CODE(slotring_open(&ring, ring_name(), &options, NULL), SLOTRING_E_INVALID);
}

/* The time does not run while somebody has it. */
static void is_not_revoked_while_somebody_has_it(void)
{
    slotring_t *ring = ring_with_absence(MILLISECOND);
    slotring_reader_t *reader = go_on(ring);
    for (uint64_t n = 0; n < 4; n++)
        publish(ring, 1, n);
    slotring_t *other = ring_attach(ring_name());
    slotring_slot_t slot;
    CHECK_CODE(slotring_allocate_wait(other, 1, 50 * MILLISECOND, &slot), SLOTRING_E_TIMEOUT);
    CHECK_OK(slotring_close(other));
    for (uint64_t n = 0; n < 4; n++)
        take_now(reader, pattern_tag(1, n));
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());
}

/* ---- Records ----------------------------------------------------------------------------------------- */

static uint64_t take_record(slotring_reader_t *reader)
{
    slotring_slot_t slot;
    CHECK_OK(slotring_next(reader, NO_WAIT, &slot));
    uint64_t number = slot.number;
    CHECK_OK(slotring_reader_release(reader));
    return number;
}

/* A slot has many of them, and is read while it is open: none comes twice, none is lost. */
static void goes_on_between_records(void)
{
    slotring_t *ring = ring_create(ring_name(), 8, 400);
    slotring_writer_t *writer;
    CHECK_OK(slotring_writer_open(ring, NULL, &writer));
    uint64_t next = 0;
    slotring_reader_t *reader = go_on(ring);
    char bytes[40] = "";
    for (uint64_t n = 0; n < 30; n++) {
        CHECK_OK(slotring_writer_append(writer, bytes, sizeof bytes, n, NO_WAIT));
        if (n % 3 == 0)
            continue;
        CHECK_EQUAL(take_record(reader), next++);
        CHECK_OK(slotring_unsubscribe(reader));
        reader = go_on(ring);
    }
    while (next < 30) {
        CHECK_EQUAL(take_record(reader), next++);
        CHECK_OK(slotring_unsubscribe(reader));
        reader = go_on(ring);
    }
    slotring_slot_t slot;
    CHECK_CODE(slotring_next(reader, NO_WAIT, &slot), SLOTRING_E_EMPTY);
    CHECK_EQUAL(reader_info(reader).records_missed, 0);
    check_ring(ring);
    CHECK_OK(slotring_writer_close(writer));
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_OK(slotring_forget(ring, NAME));
    ring_remove(ring, ring_name());
}

/* ---- Refused ----------------------------------------------------------------------------------------- */

static void refuses(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    slotring_reader_t *reader;
    char name[SLOTRING_CLIENT_NAME_MAX + 2];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    slotring_reader_options_t options = durable(NULL, SLOTRING_FROM_NOW);
    CHECK_CODE(slotring_subscribe(ring, &options, &reader), SLOTRING_E_INVALID);
    options.name = "";
    CHECK_CODE(slotring_subscribe(ring, &options, &reader), SLOTRING_E_INVALID);
    options.name = name;
    CHECK_CODE(slotring_subscribe(ring, &options, &reader), SLOTRING_E_INVALID);
    options = durable(NAME, SLOTRING_FROM_NOW);
    options.mode = SLOTRING_LOSSY;
    CHECK_CODE(slotring_subscribe(ring, &options, &reader), SLOTRING_E_INVALID);
    options = durable(NAME, SLOTRING_FROM_NOW);
    options.wanted = SLOTRING_WANTS_LATEST;
    CHECK_CODE(slotring_subscribe(ring, &options, &reader), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_forget(ring, NULL), SLOTRING_E_INVALID);
    name[SLOTRING_CLIENT_NAME_MAX] = '\0'; /* the longest */
    options = durable(name, SLOTRING_FROM_NOW);
    reader = subscribe_with(ring, &options);
    CHECK_CODE(slotring_subscribe(ring, &options, &(slotring_reader_t *){NULL}), SLOTRING_E_SUBSCRIBED);
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_OK(slotring_forget(ring, name));
    ring_remove(ring, ring_name());
}

/* An ordinary reader may have any name. */
static void leaves_other_names_alone(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    slotring_reader_options_t options = reader_options(SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    options.name = NAME;
    slotring_reader_t *ordinary = subscribe_with(ring, &options), *reader = go_on(ring);
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_OK(slotring_unsubscribe(ordinary));
    CHECK_OK(slotring_forget(ring, NAME));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static const test_case_t cases[] = {
    {"goes_on_after_unsubscribing", goes_on_after_unsubscribing, 0},
    {"the_list_of_rings_has_them", the_list_of_rings_has_them, 0},
    {"goes_on_after_closing", goes_on_after_closing, 0},
    {"goes_on_after_kills", goes_on_after_kills, 0},
    {"takes_over_from_the_dead", takes_over_from_the_dead, 0},
    {"holds_producers_back", holds_producers_back, 0},
    {"is_named_by_who_waited", is_named_by_who_waited, 0},
    {"tells_what_was_lost", tells_what_was_lost, 0},
    {"keeps_what_it_wants", keeps_what_it_wants, 0},
    {"is_revoked_when_nobody_has_it", is_revoked_when_nobody_has_it, 0},
    {"is_revoked_by_hand_when_nobody_has_it", is_revoked_by_hand_when_nobody_has_it, 0},
    {"is_revoked_by_hand_once_more", is_revoked_by_hand_once_more, 0},
    {"tells_the_one_after", tells_the_one_after, 0},
    {"is_waited_for_as_granted", is_waited_for_as_granted, 0},
    {"is_not_revoked_while_somebody_has_it", is_not_revoked_while_somebody_has_it, 0},
    {"goes_on_between_records", goes_on_between_records, 0},
    {"refuses", refuses, 0},
    {"leaves_other_names_alone", leaves_other_names_alone, 0},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {
    {"reads_some", reads_some},
    {"publishes_one", publishes_one},
    {NULL, NULL},
};

const test_suite_t durable_suite = {"durable", cases, roles};
